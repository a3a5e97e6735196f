"""From a student's folder to a `Submission`: which cells run, in which order, where questions are asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course.release import Release
from autograder.intake.matching import MatchedCell, MatchedNotebook, skeleton
from autograder.intake.reader import Reader, notebook_from
from autograder.values import Cell, Submission


@dataclass(frozen=True)
class Intake:
    """A submission as the grader understood it, and in `notebook` all its cells in order, for showing."""

    submission: Submission
    notebook: tuple[MatchedCell, ...]
    timestamp: str = ""


def take_in(
    reader: Reader, release: Release, submitted: Path, student: str, known: str = ""
) -> Intake | None:
    """Return the student's submission; None if it is the one that `known` is the digest of."""
    reply = reader.read(submitted, student, known)
    return None if reply["status"] == "unchanged" else understood(reply, release, student)


def understood(reply: Mapping[str, Any], release: Release, student: str) -> Intake:
    """Return the submission that a reader's reply describes."""
    notebook = notebook_from(reply) if reply["status"] == "graded" else skeleton(release)
    submission = Submission(
        student=student,
        assignment=release.assignment,
        status=reply["status"],
        cells=running_cells(notebook, release),
        points={release.question_of(cell): cell.points for cell in release.graded},
        repairs=notebook.repairs,
        message=reply.get("problem", ""),
        attempt=reply.get("digest", ""),
    )
    return Intake(submission, notebook.cells, reply.get("timestamp", ""))


def running_cells(notebook: MatchedNotebook, release: Release) -> tuple[Cell, ...]:
    """Return the code cells that run, numbered as in the notebook."""
    cells = []
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type == "code" and cell.runs:
            origin = release.cells[cell.origin] if cell.origin is not None else None
            graded = origin is not None and origin.kind in ("check", "assert")
            cells.append(
                Cell(
                    index,
                    cell.source,
                    grade_id=origin.grade_id if origin is not None else "",
                    question=release.question_of(origin) if graded and origin is not None else "",
                )
            )
    return tuple(cells)
