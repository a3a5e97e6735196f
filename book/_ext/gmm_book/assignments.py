"""The way from a page to its graded notebook: a card, and the notebook to download, without solutions."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from traitlets.config import Config

from autograder.links import WHEEL

from .exercise import card_address
from .lesson import box

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Assignment:
    """What the card tells: the functions to write, prose questions, and their points."""

    name: str
    functions: tuple[str, ...]
    prose: int
    points: float


def read_assignment(root: Path, name: str) -> Assignment | None:
    """Read solutions/<name>/<name>.py; None while there is no such assignment."""
    source = root / "solutions" / name / f"{name}.py"
    if not source.exists():
        return None
    functions, prose, points = [], 0, 0.0
    for cell in jupytext.read(source).cells:
        marks = cell.metadata.get("nbgrader", {})
        points += float(marks.get("points", 0)) if marks.get("grade") else 0.0
        if marks.get("solution") and marks.get("grade"):
            prose += 1
        elif marks.get("grade"):
            functions.append(marks["grade_id"].removesuffix("-check"))
    return Assignment(name, tuple(functions), prose, points)


class ExerciseLink(SphinxDirective):
    """`{exercise-link} em`: the card of the graded notebook."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Functions, points, a download link; the body is the page's own sentence."""
        name = self.arguments[0]
        assignment = read_assignment(Path(self.env.srcdir), name)
        card = box(classes=["exercise-card"], attributes={"data-exercise": name})
        card += nodes.paragraph("", f"Exercise: the notebook {name}.ipynb", classes=["exercise-title"])
        self.state.nested_parse(self.content, self.content_offset, card)
        if assignment is None:
            card += nodes.paragraph("", "The notebook comes with the assignments of the course.")
            return [card]
        self.env.note_dependency(str(Path(self.env.srcdir) / "solutions" / name / f"{name}.py"))
        facts = nodes.paragraph("", "You write ", classes=["exercise-facts"])
        for position, function in enumerate(assignment.functions):
            facts += nodes.Text(", " if position else "")
            facts += nodes.literal(text=function)
        prose = f" and {assignment.prose} in prose" if assignment.prose else ""
        facts += nodes.Text(f"{prose}, for {assignment.points:g} points.")
        card += facts
        depth = self.env.docname.count("/")
        folder = "../" * depth + f"assignments/{name}"
        files = [f"{name}.ipynb", *sorted(path.name for path in _data_files(Path(self.env.srcdir), name))]
        links = " ".join(f'<a href="{folder}/{file}" download>{file}</a>' for file in files)
        card += nodes.raw("", f'<p class="exercise-files">Download {links}</p>', format="html")
        wheel = f"{'../' * depth}_static/runtime/{WHEEL}"
        install = f'pip install <a data-wheel href="{wheel}">{WHEEL}</a>'
        text = f"In a notebook anywhere, its check is installed by <code>{install}</code>"
        card += nodes.raw("", f'<p class="exercise-wheel">{text}</p>', format="html")
        if address := card_address(self.env.app):
            card["attributes"]["data-runtime"] = "../" * depth + address
            parts = "".join(f'<div data-question="{name}.{each}"></div>' for each in assignment.functions)
            card += nodes.raw("", parts, format="html")
        return [card]


def _data_files(root: Path, name: str) -> list[Path]:
    return sorted((root / "solutions" / name).glob("*.csv"))


def student_version(source: Path) -> Any:
    """The notebook without solutions, locked as nbgrader releases it."""
    from nbgrader.preprocessors import (
        ClearHiddenTests,
        ClearMarkScheme,
        ClearOutput,
        ClearSolutions,
        ComputeChecksums,
        LockCells,
    )

    notebook = jupytext.read(source)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    steps = (LockCells, ClearSolutions, ClearOutput, ComputeChecksums, ClearHiddenTests, ClearMarkScheme)
    for step in steps:
        notebook, _ = step(config=Config(), parent=None).preprocess(notebook, {})
    return notebook


def _publish(app: Sphinx, exception: Exception | None) -> None:
    """Put the notebooks that pages link to, and their data, beside the pages."""
    if exception is not None or app.builder.name != "html":
        return
    root, target = Path(app.srcdir), Path(app.outdir) / "assignments"
    pages = (page.read_text("utf-8") for page in Path(app.outdir).rglob("*.html"))
    link = re.compile(r'href="[./]*assignments/(\w+)/\w+\.ipynb"')
    linked = {name for page in pages for name in link.findall(page)}
    for name in sorted(linked):
        folder = target / name
        folder.mkdir(parents=True, exist_ok=True)
        notebook = student_version(root / "solutions" / name / f"{name}.py")
        nbformat.write(notebook, folder / f"{name}.ipynb")
        for data in _data_files(root, name):
            shutil.copy(data, folder)


def setup(app: Sphinx) -> None:
    """Register the card; publish the notebooks at the end."""
    app.add_directive("exercise-link", ExerciseLink)
    app.connect("build-finished", _publish)
