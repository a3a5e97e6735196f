"""The commands after grading: `autograder feedback`, `report` and `export`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from autograder.course.directory import Course
from autograder.course.errors import CourseError
from autograder.course.files import replace_file
from autograder.record.rows import rows
from autograder.reports import class_page, feedback
from autograder.reports.export import as_csv


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


def export_grades(course: Course, names: Sequence[str], format_name: str, folder: Path | None) -> int:
    """Write the grades of the named assignments, or of all, as tables for a learning management system."""
    folder = folder or course.root
    if not folder.is_dir():
        raise CourseError(f"There is no folder {folder} to write to.")
    for assignment in _assignments(course, names):
        path = folder / f"{assignment}-{format_name}.csv"
        replace_file(path, as_csv(assignment, rows(course, assignment), format_name), 0o600)
        print(path)
    return 0


def _assignments(course: Course, names: Sequence[str]) -> Sequence[str]:
    """Return the named assignments, or all that are released; an unknown one is an error."""
    for name in names:
        course.released(name)
    return names or course.assignments
