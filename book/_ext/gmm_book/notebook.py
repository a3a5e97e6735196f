"""A page as a notebook that runs anywhere: plain Markdown for MyST, figures from the installed package."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
from pybtex.database import parse_file
from pybtex.richtext import Text
from sphinx.application import Sphinx

FENCE = re.compile(r"^(`{3,}|:{3,})\{([\w-]+)\} ?(.*)$")
OPTION = re.compile(r"^:([\w-]+):(.*)$")
LABEL = re.compile(r"^ *\([\w-]+\)=\n", re.MULTILINE)
ROLE = re.compile(r"\{([\w:]+)\}`([^`]+)`")
TITLED = re.compile(r"^(.*?)\s*<([^<>]+)>$", re.DOTALL)
#: In a downloaded notebook the glued numbers already stand in the text.
NO_GLUE = "def glue(name, value, display=False): pass"
#: What needs the page's script.
LEFT_OUT = ("quiz", "progress", "interview")
STATEMENTS = ("theorem", "lemma", "proposition", "corollary", "definition", "example", "remark")


@dataclass(frozen=True)
class Sources:
    """What references resolve to: TeX macros, titles of labels, citations, glued values."""

    macros: Mapping[str, str]
    titles: Mapping[str, str]
    citations: Mapping[str, tuple[str, str]]
    glued: Mapping[str, str]


def plain(text: str, sources: Sources) -> str:
    """MyST as Markdown that every notebook program shows."""
    return _inline(_blocks(text, sources), sources)


def _blocks(text: str, sources: Sources) -> str:
    lines, done = LABEL.sub("", text).split("\n"), []
    while lines:
        line = lines.pop(0)
        found = FENCE.match(line)
        if found is None or found[1] not in lines:
            done.append(line)
            continue
        end = lines.index(found[1])
        body, lines = lines[:end], lines[end + 1 :]
        options: dict[str, str] = {}
        while body and (option := OPTION.match(body[0])):
            options[option[1]] = option[2].strip()
            body.pop(0)
        done.append(_directive(found[2], found[3].strip(), options, "\n".join(body).strip("\n"), sources))
    return "\n".join(done)


def _directive(name: str, title: str, options: Mapping[str, str], body: str, sources: Sources) -> str:
    if name in LEFT_OUT:
        return ""
    if name == "math":
        tag = f"\n\\tag{{{options['label']}}}" if "label" in options else ""
        return f"$$\n{body}{tag}\n$$"
    inner = _blocks(body, sources)
    if name in STATEMENTS:
        return f"**{name.capitalize()} ({title}).** {inner}"
    if name == "fold":
        return f"<details><summary>{title}</summary>\n\n{inner}\n\n</details>"
    if name == "lesson":
        return f"**What you will learn**\n\n{inner}\n\n**Know before:** {options['before']}"
    heads = {
        "proof": "*Proof.*",
        "second-reading": f"*Second reading: {title}.*",
        "try-it": f"**Try it.** {title}\n\n",
        "exercise-link": f"The notebook `{title}.ipynb`.",
    }
    return f"{heads.get(name, f'**{name.capitalize()}.**')} {inner}".strip()


def _inline(text: str, sources: Sources) -> str:
    text = ROLE.sub(lambda found: _role(found[1], found[2], sources), text)
    for macro, meaning in sorted(sources.macros.items(), key=lambda pair: -len(pair[0])):
        text = re.sub(re.escape(macro) + r"(?![A-Za-z])", meaning.replace("\\", r"\\"), text)
    return text


def _role(name: str, content: str, sources: Sources) -> str:
    titled = TITLED.match(content)
    text, target = (titled[1], titled[2]) if titled else (content, content)
    if name == "eq":
        return f"({target})"
    if name == "numref":
        return "the figure"
    if name == "glue:text":
        return sources.glued.get(target, target)
    if name.startswith("cite"):
        cited = [sources.citations[key.strip()] for key in target.split(",")]
        if name == "cite:t":
            return ", ".join(f"{who} ({year})" for who, year in cited)
        return "(" + "; ".join(f"{who}, {year}" for who, year in cited) + ")"
    if name in ("ref", "doc") and not titled:
        return f"*{sources.titles.get(target, target)}*"
    return text


@cache  # each page asks
def citations(bibliography: Path) -> dict[str, tuple[str, str]]:
    """Authors and year of each entry, as short as in the text."""
    found = {}
    for key, entry in parse_file(str(bibliography)).entries.items():
        last = [" ".join([*person.prelast_names, *person.last_names]) for person in entry.persons["author"]]
        names = [str(Text.from_latex(name)) for name in last]
        who = f"{names[0]} et al." if len(names) > 2 else " and ".join(names)
        found[key] = who, entry.fields["year"]
    return found


def sources(app: Sphinx, executed: Path) -> Sources:
    """What the references of a page resolve to; `executed` is its notebook as myst-nb has left it."""
    labels = app.env.domaindata["std"]["labels"]
    titles = {label: entry[2] for label, entry in labels.items()}
    titles |= {name.rpartition("/")[2]: title.astext() for name, title in app.env.titles.items()}
    known = citations(Path(app.srcdir) / "book" / "references.bib")
    return Sources(app.config.book_tex_macros, titles, known, _glued(executed.with_suffix(".glue.json")))


def _glued(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    records = json.loads(path.read_text("utf-8"))
    return {name: output["data"]["text/plain"].strip("'\"") for name, output in records.items()}


def portable(notebook: Any, make_plain: Callable[[str], str]) -> Any:
    """The executed page as it is downloaded."""
    cells = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = make_plain(cell.source).strip()
        else:
            cell.source = re.sub(r"^from figures\b", "from gmmlib.figures", cell.source, flags=re.MULTILINE)
            cell.source = cell.source.replace("from myst_nb import glue", NO_GLUE)
        for output in cell.get("outputs", ()):
            if "image/png" in output.get("data", {}):
                output.data.pop("text/html", None)  # the page's SVG needs the page's style sheet
        cells += [cell] if cell.source else []
        if caption := cell.metadata.get("mystnb", {}).get("figure", {}).get("caption"):
            cells.append(nbformat.v4.new_markdown_cell(f"*Figure.* {make_plain(caption)}"))
    notebook.cells = cells
    notebook.metadata.pop("source_map", None)
    notebook.metadata["kernelspec"]["display_name"] = "Python 3"  # without the mark of execution.py
    return notebook
