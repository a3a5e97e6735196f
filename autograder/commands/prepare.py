"""The commands before grading: `autograder init`, `release` and `collect`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from autograder.collect import collecting
from autograder.course.directory import Course, init
from autograder.course.releasing import release


def init_course(folder: Path, solutions: Path | None, book: str | None = None) -> int:
    """Make a course directory, and say what comes next."""
    course = init(folder, solutions, book)
    print(f"Made {course.root}. Its secret seed is {course.seed}: keep the folder to yourself.")
    print(f"Next: autograder release --course {course.root}")
    return 0


def release_assignments(course: Course, names: Sequence[str], force: bool) -> int:
    """Make the notebooks for students, and print what became of each."""
    for released in release(course, names, force):
        print(f"{released.assignment:12} {released.outcome:10} {released.path}")
    return 0


def collect_submissions(course: Course, assignment: str, archive: Path | None, folder: Path | None) -> int:
    """Take submissions in from an archive, a folder, or else nbgrader's exchange; print what is to know."""
    course.released(assignment)
    if archive is not None:
        collected = collecting.from_zip(course, assignment, archive)
    elif folder is not None:
        collected = collecting.from_directory(course, assignment, folder)
    else:
        collected = collecting.from_exchange(course, assignment)
    for note in collected.notes:
        print(f"note: {note}")
    print(f"{len(collected.students)} submissions of {assignment} taken in.")
    return 0
