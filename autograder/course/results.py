"""What the last grading of each student left, in the course directory beside the gradebook."""

from __future__ import annotations

from autograder.course.directory import Course
from autograder.course.files import replace_file
from autograder.values import Recorded, from_json, to_json


def read_recorded(course: Course, assignment: str, student: str) -> Recorded | None:
    """Return what the last grading left, or None; a file that is not whole counts as none."""
    try:
        return from_json((course.results(assignment) / f"{student}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def write_recorded(course: Course, recorded: Recorded) -> None:
    """Write what a grading left: the last step of recording."""
    folder = course.results(recorded.result.assignment)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    replace_file(folder / f"{recorded.result.student}.json", to_json(recorded) + "\n", 0o600)
