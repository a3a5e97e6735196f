"""The reference of gmmlib, written from its docstrings: every public module, class and function.

There are no source views: gmmlib computes what exercises ask for, so the page tells names, shapes and errors
only. Labels of equations in a docstring become links to the book.
"""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from sphinx.application import Sphinx

PAGE = "book/api"
PLACE = "<!-- the modules of gmmlib -->"
#: Order of the page; modules that are not named here follow in the order of the alphabet.
FIRST = ("gaussian", "mixture", "em", "kmeans", "statistics", "starts", "cures", "covariance", "selection")
SECTION = re.compile(r"^(\w[\w ]*)\n-{3,}\n", re.MULTILINE)
ITEM = re.compile(r"^(\*{0,2}[\w, ]+?) : (.*)$")


def modules(root: Path) -> list[ModuleType]:
    """Public modules of gmmlib in the page's order."""
    names = [path.stem for path in (root / "gmmlib").glob("*.py") if not path.stem.startswith("_")]
    order = {name: position for position, name in enumerate(FIRST)}
    names.sort(key=lambda name: (order.get(name, len(FIRST)), name))
    return [importlib.import_module(f"gmmlib.{name}") for name in names]


def module_text(module: ModuleType, labels: frozenset[str]) -> str:
    """One module as Markdown."""
    parts = [f"## {module.__name__}", body(inspect.getdoc(module) or "", labels)]
    for name, value in vars(module).items():
        if name.startswith("_") or getattr(value, "__module__", None) != module.__name__ or not value.__doc__:
            continue
        full_name = f"{module.__name__}.{name}"
        if inspect.isclass(value):
            parts.append(_class_text(full_name, value, labels))
        elif inspect.isfunction(value):
            text = body(inspect.getdoc(value) or "", labels)
            parts.append(_entry("function", full_name, signature(value), text))
    return "\n\n".join(parts)


def _class_text(name: str, cls: type, labels: frozenset[str]) -> str:
    parts = [body(inspect.getdoc(cls) or "", labels)]
    for member, value in vars(cls).items():
        function = getattr(value, "fget", None) or getattr(value, "__func__", value)
        if member.startswith("_") or not inspect.isfunction(function) or not function.__doc__:
            continue
        text = body(inspect.getdoc(function) or "", labels)
        if isinstance(value, property):
            parts.append(_entry("property", member, "", text, fence="::::"))
        else:
            parts.append(_entry("method", member, signature(function, method=True), text, fence="::::"))
    shown = "" if issubclass(cls, Exception) or inspect.isabstract(cls) else signature(cls)
    return _entry("exception" if issubclass(cls, Exception) else "class", name, shown, "\n\n".join(parts))


def _entry(kind: str, name: str, arguments: str, text: str, fence: str = ":::::") -> str:
    return f"{fence}{{py:{kind}}} {name}{arguments}\n\n{text}\n{fence}"


def signature(function: Any, method: bool = False) -> str:
    """The arguments with short defaults, without types: the text below tells shapes."""
    shown = []
    parameters = list(inspect.signature(function).parameters.values())
    for parameter in parameters[1 if method else 0 :]:
        default = parameter.default
        if default is not parameter.empty and len(repr(default)) > 24:
            parameter = parameter.replace(default=inspect.Parameter.empty, name=parameter.name)
        shown.append(parameter.replace(annotation=inspect.Parameter.empty))
    try:
        return str(inspect.Signature(shown))
    except ValueError:  # a default that was left out stands before one that was kept
        return "(" + ", ".join(parameter.name for parameter in shown) + ")"


def body(docstring: str, labels: frozenset[str]) -> str:
    """A docstring with sections as Markdown."""
    pieces = SECTION.split(docstring)
    parts = [_prose(pieces[0], labels)]
    for title, text in zip(pieces[1::2], pieces[2::2], strict=True):
        section, _, rest = text.partition("\n\n")
        parts += [f"**{title}**", "\n".join(_items(section, labels)), _prose(rest, labels)]
    return "\n\n".join(part for part in parts if part.strip())


def _items(section: str, labels: frozenset[str]) -> Iterator[str]:
    """Lines of a section as a list: `name : what it is`, or a name with its text indented below."""
    entries: list[str] = []
    for line in section.splitlines():
        if line.startswith(" ") and entries:
            bare = entries[-1].isidentifier()
            entries[-1] += f"{' :' if bare else ''} {line.strip()}"
        elif line.strip():
            entries.append(line.strip())
    for entry in entries:
        if item := ITEM.match(entry):
            yield f"- `{item[1]}`: {_escaped(item[2], labels)}"
        else:
            yield f"- {_escaped(entry, labels)}"


def _prose(text: str, labels: frozenset[str]) -> str:
    paragraphs = []
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        if paragraph.lstrip().startswith(">>>") or paragraph.startswith("    "):
            paragraphs.append(f"```python\n{inspect.cleandoc(paragraph)}\n```")
        else:
            paragraphs.append(_escaped(paragraph, labels))
    return "\n\n".join(paragraphs)


def _escaped(text: str, labels: frozenset[str]) -> str:
    """Text outside backticks without Markdown's signs; labels of equations as links."""
    parts = re.split(r"(`+[^`]+`+)", text)
    for position in range(0, len(parts), 2):
        part = re.sub(r"([\\*_$<>\[\]{}#|~])", r"\\\1", parts[position])
        parts[position] = re.sub(
            r"\b[a-z]+(?:-[a-z0-9]+)+\b",
            lambda match: f"{{eq}}`{match[0]}`" if match[0] in labels else match[0],
            part,
        )
    return "".join(parts)


def equation_labels(root: Path) -> frozenset[str]:
    """Labels of the displayed equations in the book's pages."""
    label = re.compile(r"^:label: ([a-z][a-z0-9-]*)$", re.MULTILINE)
    found: set[str] = set()
    displayed = re.compile(r"^(`{3,}|:{3,})\{math\}.*?^\1\s*$", re.MULTILINE | re.DOTALL)
    for page in sorted((root / "book").glob("*.md")):
        text = page.read_text("utf-8")
        for block in displayed.finditer(text):
            found.update(label.findall(block[0]))
        found.update(re.findall(r"^\$\$ \(([a-z][a-z0-9-]*)\)$", text, re.MULTILINE))
    return frozenset(found)


def _write_reference(app: Sphinx, docname: str, source: list[str]) -> None:
    if docname == PAGE:
        root = Path(app.srcdir)
        labels = equation_labels(root)
        reference = "\n\n".join(module_text(module, labels) for module in modules(root))
        source[0] = source[0].replace(PLACE, reference)


def setup(app: Sphinx) -> None:
    """Fill the page when it is read."""
    app.connect("source-read", _write_reference)
