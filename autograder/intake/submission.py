"""From a student's folder to a `Submission`: which cells run, in which order, where questions are asked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from autograder.course.names import printable
from autograder.course.release import Release
from autograder.intake.matching import MatchedCell, MatchedNotebook, skeleton
from autograder.intake.pictures import ASK_FOR_IT, SafePicture, safe
from autograder.intake.reader import Reader, notebook_from
from autograder.values import Cell, Submission

MAX_DRAWN = 20  # pictures of one notebook
NOT_UNDERSTOOD = (
    "The notebook made the grader fail while it was read ({}): this is no fault of yours. "
    "Your instructor can open it, and report it."
)


@dataclass(frozen=True)
class Intake:
    """A submission as the grader understood it, and in `notebook` all its cells in order, for showing."""

    submission: Submission
    notebook: tuple[MatchedCell, ...]
    timestamp: str = ""
    pictures: Mapping[int, tuple[SafePicture, ...]] = field(default_factory=dict)  # by the cell's index


def take_in(
    reader: Reader, release: Release, submitted: Path, student: str, known: str = ""
) -> Intake | None:
    """Return the student's submission; None if it is the one that `known` is the digest of."""
    reply = reader.read(submitted, student, known)
    if reply["status"] == "unchanged":
        return None
    try:
        return understood(reply, release, student)
    except Exception as error:  # one student's file is never the end of a class's grading
        problem = f"{release.assignment}.ipynb: {NOT_UNDERSTOOD.format(type(error).__name__)}"
        failed = {**reply, "status": "unreadable", "problem": problem, "cells": ()}
        return understood(failed, release, student)


def understood(reply: Mapping[str, Any], release: Release, student: str) -> Intake:
    """Return the submission that a reader's reply describes."""
    notebook = notebook_from(reply) if reply.get("cells") else skeleton(release)
    pictures = _pictures(notebook.cells)
    lost = [
        f"{_named(one.name)} cannot be shown: {one.problem}; {ASK_FOR_IT}"
        for several in pictures.values()
        for one in several
        if one.problem
    ]
    submission = Submission(
        student=student,
        assignment=release.assignment,
        status=reply["status"],
        cells=running_cells(notebook, release),
        points={release.question_of(cell): cell.points for cell in release.graded},
        repairs=(*notebook.repairs, *lost),
        message=reply.get("problem", ""),
        attempt=reply.get("digest", ""),
        to_look=notebook.to_look,
    )
    cells = tuple(replace(cell, pictures=()) for cell in notebook.cells)  # drawn anew, or not at all
    return Intake(submission, cells, reply.get("timestamp", ""), pictures)


def _pictures(cells: Sequence[MatchedCell]) -> Mapping[int, tuple[SafePicture, ...]]:
    """Return the pictures of a notebook drawn anew, by the cell's index."""
    places = [(index, picture) for index, cell in enumerate(cells) for picture in cell.pictures]
    places = places[:MAX_DRAWN]
    drawn: dict[int, tuple[SafePicture, ...]] = {}
    for (index, _), picture in zip(places, safe([picture for _, picture in places]), strict=True):
        drawn[index] = (*drawn.get(index, ()), picture)
    return drawn


def _named(name: str) -> str:
    """Return how a sentence begins that is about a picture."""
    return name if re.fullmatch(r"picture \d+", name) else f"the picture {printable(name)}"


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
