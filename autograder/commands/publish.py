"""The commands after grading: `autograder feedback`, `report` and `export`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from autograder.course.directory import Course
from autograder.course.errors import CourseError
from autograder.course.files import replace_file
from autograder.course.people import read_keys, read_roster
from autograder.record.rows import rows
from autograder.reports import class_page, feedback
from autograder.reports.export import Grades, as_csv, waiting


def write_feedback(course: Course, names: Sequence[str]) -> int:
    """Write the page of each student of the named assignments, or of all."""
    for assignment in _assignments(course, names):
        pages = feedback.write(course, assignment)
        print(f"{assignment}: {len(pages)} pages in {course.folder('feedback')}")
    return 0


def write_report(course: Course, names: Sequence[str]) -> int:
    """Write the class page of the named assignments, or of all, and the page that leads to them."""
    for assignment in _assignments(course, names):
        print(f"{assignment}: {class_page.write(course, assignment)}")
    print(class_page.write_index(course))
    return 0


def export_grades(
    course: Course, names: Sequence[str], format_name: str, folder: Path | None, incomplete: bool = False
) -> int:
    """Write the grades of the named assignments, or of all graded ones, as tables for a system.

    Raises
    ------
    CourseError
        If written answers wait and `incomplete` was not said: then nothing is written.
    """
    folder = folder or course.root
    if not folder.is_dir():
        raise CourseError(f"There is no folder {folder} to write to.")
    roster, chosen = read_roster(course), _assignments(course, names)
    every = [Grades(name, rows(course, name), roster, read_keys(course, name)) for name in chosen]
    if not names:
        every = [grades for grades in every if any(row.submitted for row in grades.rows)]
    if not every:
        raise CourseError("Nothing has been graded yet. Type: autograder grade ASSIGNMENT")
    left = [f"{grades.assignment} {name}" for grades in every for name in waiting(grades.rows)]
    if left and not incomplete:
        raise CourseError(
            f"Written answers wait to be graded by hand: {', '.join(left)}. Grade them in formgrader, or say "
            "--incomplete to export the points so far. Nothing was written."
        )
    for grades in every:
        path = folder / f"{grades.assignment}-{format_name}.csv"
        replace_file(path, as_csv(grades, format_name), 0o600)
        print(path)
    return 0


def _assignments(course: Course, names: Sequence[str]) -> Sequence[str]:
    """Return the named assignments, or all that are released; an unknown one is an error."""
    for name in names:
        course.released(name)
    return names or course.assignments
