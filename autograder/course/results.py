"""What the last grading of each student left, in the course directory beside the gradebook."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from autograder.course.directory import Course
from autograder.course.errors import CourseError
from autograder.course.files import replace_private
from autograder.course.seed import digest_and_draws
from autograder.values import Recorded, from_json, to_json


def read_recorded(course: Course, assignment: str, student: str) -> Recorded | None:
    """Return what the last grading left, or None; a file that is not whole counts as none.

    Raises
    ------
    CourseError
        If it may not be read: that is not the same as none.
    """
    path = course.results(assignment) / f"{student}.json"
    try:
        return from_json(path.read_text(encoding="utf-8"))
    except PermissionError as error:
        raise CourseError(
            f"{path} belongs to somebody else and may not be read. If several people grade this course, "
            f"its owner types: chgrp -R GROUP {course.root} && chmod -R g+rwX {course.root}"
        ) from error
    except (OSError, ValueError):
        return None


def statuses_recorded(course: Course, assignment: str) -> dict[str, str | None]:
    """Return how everybody's last grading ended, by student: "" if it is to be done again, None if nothing
    whole is left of it.

    For tables of thousands, again and again: a file that was read before is not read again.
    """
    found: dict[str, str | None] = {}
    with suppress(FileNotFoundError), os.scandir(course.results(assignment)) as entries:
        for entry in entries:
            student, end = os.path.splitext(entry.name)  # noqa: PTH122   as often as there are students
            with suppress(FileNotFoundError):
                if end == ".json":
                    state = entry.stat()
                    known = (state.st_ino, state.st_mtime_ns, state.st_size)
                    found[student] = _status(course, assignment, student, known)
    return found


@lru_cache(maxsize=50_000)
def _status(course: Course, assignment: str, student: str, state: tuple[int, int, int]) -> str | None:
    """Return the same of a file in this state."""
    recorded = read_recorded(course, assignment, student)
    if recorded is None:
        return None
    return recorded.result.status if recorded.basis else ""


def write_recorded(course: Course, recorded: Recorded) -> None:
    """Write what a grading left: the last step of recording."""
    path = course.results(recorded.result.assignment) / f"{recorded.result.student}.json"
    replace_private(path, to_json(recorded) + "\n", course.private)


# --------------------------------------------------------------------------- before a grading anew


@dataclass(frozen=True)
class Before:
    """What a student had before a grading anew: kept until somebody has been told what that changed."""

    recorded: Recorded
    final: float  # points that counted
    penalty: float
    cells: Mapping[str, float]  # points by grade_id


def keep_before(course: Course, assignment: str, student: str, before: Before) -> None:
    """Keep what a student has, which is about to be written over."""
    values = {**vars(before), "recorded": to_json(before.recorded)}
    replace_private(_before(course, assignment, student), json.dumps(values) + "\n", course.private)


def kept_before(course: Course, recorded: Recorded) -> Before | None:
    """Return what was kept of a grading anew that was broken off; None once something else was handed in.

    Parameters
    ----------
    recorded : what the last grading left of the student
    """
    path = _before(course, recorded.result.assignment, recorded.result.student)
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        before = Before(**{**values, "recorded": from_json(values["recorded"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None
    (earlier, _), (now, _) = (digest_and_draws(one.attempt) for one in (before.recorded, recorded))
    return before if earlier == now else None


def forget_before(course: Course, assignment: str, students: Iterable[str]) -> None:
    """Delete what was kept of students whose changes have been told."""
    for student in students:
        _before(course, assignment, student).unlink(missing_ok=True)
    with suppress(OSError):  # others are kept there
        _before(course, assignment, "").parent.rmdir()


def _before(course: Course, assignment: str, student: str) -> Path:
    return course.private / "before" / assignment / f"{student}.json"
