"""What was released: the skeleton that every submission of an assignment is compared with.

Standard library only, because the process that reads students' bytes loads it too.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

Kind = Literal["plain", "locked", "answer", "check", "assert", "manual", "task"]

ADDRESS = re.compile(r"https?://[^\s\"'()<>]+")
ASKED = re.compile(r"""^[ \t]*check\(\s*["']([\w.-]+)["']""", re.MULTILINE)


@dataclass(frozen=True)
class ReleaseCell:
    """A cell of the released notebook and its part in grading.

    `answer` is written by the student, `check` asks a question, `assert` is an ordinary nbgrader test cell of
    the instructor's, `manual` and `task` are graded by hand, `locked` is only shown, `plain` is free.
    """

    kind: Kind
    cell_type: str
    source: str
    grade_id: str = ""
    points: float = 0.0
    question: str = ""  # of check cells: the id of the question
    metadata: Mapping[str, Any] = field(default_factory=dict)  # nbgrader's

    @property
    def restored(self) -> bool:
        """Whether the release's own source takes the place of whatever was handed in."""
        return self.kind in ("check", "assert", "locked", "task")


@dataclass(frozen=True)
class Release:
    """The released notebook of one assignment, cell by cell."""

    assignment: str
    cells: tuple[ReleaseCell, ...]
    digest: str

    @property
    def named(self) -> dict[str, ReleaseCell]:
        """The cells that nbgrader knows, by grade_id."""
        return {cell.grade_id: cell for cell in self.cells if cell.grade_id}

    @property
    def graded(self) -> tuple[ReleaseCell, ...]:
        """The cells whose points are given by the grader."""
        return tuple(cell for cell in self.cells if cell.kind in ("check", "assert"))

    @property
    def max_score(self) -> float:
        """The points that the grader gives, manual cells not counted."""
        return sum(cell.points for cell in self.graded)

    def question_of(self, cell: ReleaseCell) -> str:
        """Return the id under which a graded cell appears in results."""
        return cell.question or f"{self.assignment}.{cell.grade_id}"

    def to_json(self) -> str:
        """Return the release as text, for the process that reads submissions."""
        return json.dumps(asdict(self))


def from_json(text: str) -> Release:
    """Return the release as `Release.to_json` wrote it."""
    values = json.loads(text)
    return Release(
        values["assignment"], tuple(ReleaseCell(**cell) for cell in values["cells"]), values["digest"]
    )


def load(path: Path, hidden: Mapping[str, str] | None = None) -> Release:
    """Return the release as nbgrader wrote it.

    `hidden` gives the sources with hidden tests, by grade_id, as nbgrader keeps them in its gradebook.
    """
    data = path.read_bytes()
    cells = tuple(_cell(cell) for cell in json.loads(data)["cells"])
    hidden = hidden or {}
    cells = tuple(
        replace(cell, source=hidden[cell.grade_id]) if cell.restored and cell.grade_id in hidden else cell
        for cell in cells
    )
    digest = hashlib.sha256(data + json.dumps([cell.source for cell in cells]).encode()).hexdigest()
    return Release(path.stem, cells, digest)


def text_of(source: object) -> str:
    """Return a cell's source, which notebooks keep as a string or as a list of lines."""
    return "".join(source) if isinstance(source, list) else str(source)


def without_addresses(text: str) -> str:
    """Return a text without web addresses: the same notebook leads elsewhere in another copy of the book."""
    return ADDRESS.sub("", text)


def _cell(cell: dict[str, Any]) -> ReleaseCell:
    metadata = cell.get("metadata", {}).get("nbgrader", {})
    source = text_of(cell.get("source", ""))
    kind = _kind(cell["cell_type"], metadata, source)
    if kind == "plain":
        return ReleaseCell(kind, cell["cell_type"], source)
    asked = ASKED.search(source) if kind == "check" else None
    return ReleaseCell(
        kind,
        cell["cell_type"],
        source,
        metadata["grade_id"],
        float(metadata.get("points") or 0.0),
        asked.group(1) if asked else "",
        metadata,
    )


def _kind(cell_type: str, metadata: Mapping[str, Any], source: str) -> Kind:
    grade, solution = bool(metadata.get("grade")), bool(metadata.get("solution"))
    if metadata.get("task"):
        return "task"
    if grade and solution:
        return "manual"
    if grade:
        return "check" if cell_type == "code" and ASKED.search(source) else "assert"
    if solution:
        return "answer"
    return "locked" if metadata.get("locked") else "plain"
