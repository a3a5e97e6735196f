"""Exercises that run in the page: what the cards say, their scripts, and Python for them.

A page before the first click holds the address of all this and nothing else. Stubs come from the published
notebook, so that there is one source of what is written, checked and downloaded.
"""

from __future__ import annotations

import json
import re
import shutil
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import jupytext
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from sphinx.application import Sphinx

from . import browser_python, mathml
from .marked_cells import marked_cells

#: Scripts that are loaded when a reader begins; book/_static/js/exercise.js is loaded with the page.
SCRIPTS = Path("book/_static/js/exercise")
#: Links to the local server, as the notebooks have them, lead to the pages beside.
LOCAL = re.compile(r'href="http://localhost:8000/book/book/(\w+\.html)')
COMMENTS = re.compile(r"^\s*(#.*)?$", re.MULTILINE)


@dataclass(frozen=True)
class Part:
    """A cell that a reader fills: a function, which has a question, or an answer in prose."""

    name: str
    question: str | None
    points: float
    prose: str  # HTML: what to write, the formula, folded hints


@dataclass(frozen=True)
class Exercise:
    """What an assignment's card shows beyond its notebook's own cells."""

    name: str
    title: str
    introduction: str  # HTML
    parts: tuple[Part, ...]
    after: str  # HTML


def read_exercise(root: Path, name: str, markdown: MarkdownIt) -> Exercise:
    """Read solutions/<name>/<name>.py; the texts before a cell that is filled are that cell's."""
    title = introduction = waiting = ""
    parts, points = [], _points(root, name)
    for cell in jupytext.read(root / "solutions" / name / f"{name}.py").cells:
        marks = cell.metadata.get("nbgrader", {})
        key = marks.get("grade_id", "")
        if marks.get("solution"):
            question = None if marks["grade"] else f"{name}.{key}"
            parts.append(Part(key, question, points[key], _html(markdown, waiting)))
            waiting = ""
        elif cell.cell_type == "markdown" and not title:
            heading, _, introduction = cell.source.partition("\n")
            title = heading.lstrip("# ")
        elif cell.cell_type == "markdown":
            waiting += f"\n\n{cell.source}"
        elif not marks and COMMENTS.sub("", cell.source).strip():
            waiting = ""  # what was said of a cell that only the notebook has
    html = _html(markdown, introduction)
    return Exercise(name, title, html, tuple(parts), _html(markdown, waiting))


def _points(root: Path, name: str) -> dict[str, float]:
    cells = jupytext.read(root / "solutions" / name / f"{name}.py").cells
    graded = [marks for cell in cells if (marks := cell.metadata.get("nbgrader", {})).get("grade")]
    return {marks["grade_id"].removesuffix("-check"): float(marks["points"]) for marks in graded}


def _html(markdown: MarkdownIt, text: str) -> str:
    html = markdown.render(re.sub(r"^#", "###", text, flags=re.MULTILINE)) if text.strip() else ""
    html = html.replace("<details>", '<details class="fold">').replace("<table>", '<table class="table">')
    return LOCAL.sub(r'href="\1', html)


def _markdown(renderer: mathml.Renderer) -> MarkdownIt:
    def formula(tex: str, options: dict[str, bool]) -> str:
        rendered = renderer.render(tex.strip(), options["display_mode"])
        if options["display_mode"]:
            return f'<div class="math equation"><div class="formula">{rendered}</div></div>'
        return rendered

    markdown = MarkdownIt("commonmark", {"html": True}).enable("table")
    return markdown.use(dollarmath_plugin, renderer=formula, double_inline=True)


def page_files(root: Path, python: Path, core: str, markdown: MarkdownIt) -> dict[str, bytes]:
    """Return what is ours of what a reader loads who begins: scripts, texts, the course's package.

    Parameters
    ----------
    root : folder of the project's sources
    python : what browser_python.build has made
    core : address of Python and the editor, relative to these files
    markdown : renders the notebooks' texts
    """
    files = {path.name: path.read_bytes() for path in sorted((root / SCRIPTS).glob("*.*"))}
    files["addresses.js"] = f'export const CORE = "{core}";\n'.encode()
    files["gmm_course.zip"] = (python / "gmm_course.zip").read_bytes()
    for folder in sorted(
        path for path in (root / "solutions").iterdir() if (path / f"{path.name}.py").exists()
    ):
        exercise = read_exercise(root, folder.name, markdown)
        files[f"{folder.name}.json"] = json.dumps(asdict(exercise), ensure_ascii=False).encode()
    tried = {name: asdict(cell) for name, cell in marked_cells(root).items()}
    files["tryit.json"] = json.dumps(tried, ensure_ascii=False).encode()
    return files


# --------------------------------------------------------------------------- in the build


@dataclass(frozen=True)
class Published:
    """Folders of `_static/runtime/` by their name, and which of them a card names."""

    folders: dict[str, dict[str, bytes]]
    page: str


@cache
def _making(app: Sphinx) -> Future[Path]:
    """Make Python for the page while the pages' own code runs."""
    root = Path(app.srcdir)
    return ThreadPoolExecutor(1).submit(browser_python.build, root, root / "_build" / "pyodide")


@cache
def published(app: Sphinx) -> Published:
    """Return everything that is published for the exercises."""
    made = _making(app).result()
    core = {path.name: path.read_bytes() for path in (made / "core").iterdir()}
    core_name = f"core-{browser_python.digest(core)}"
    page = page_files(Path(app.srcdir), made, f"../{core_name}/", _markdown(mathml.renderer(app)))
    page_name = f"page-{browser_python.digest(page)}"
    return Published({core_name: core, page_name: page}, page_name)


def card_address(app: Sphinx) -> str:
    """Return the folder of what a card loads, relative to the site's; empty where nothing runs."""
    return f"_static/runtime/{published(app).page}/" if app.builder.name == "html" else ""


def _begin(app: Sphinx) -> None:
    if app.builder.name == "html":
        _making(app)


def _publish(app: Sphinx, exception: Exception | None) -> None:
    if exception is not None or app.builder.name != "html":
        return
    runtime = Path(app.outdir) / "_static" / "runtime"
    for old in (*runtime.glob("core-*"), *runtime.glob("page-*")):
        shutil.rmtree(old)
    for folder, files in published(app).folders.items():
        (runtime / folder).mkdir(parents=True)
        for name, content in files.items():
            (runtime / folder / name).write_bytes(content)


def setup(app: Sphinx) -> None:
    """Make Python for the page at the beginning; publish it at the end."""
    app.connect("builder-inited", _begin)
    app.connect("build-finished", _publish)
