"""ASSIGNMENT-who.csv: whose is what an archive leaves open; a small table that the instructor fills in."""

from __future__ import annotations

import csv
import io
import shlex
import shutil
from collections.abc import Mapping
from pathlib import Path

from autograder.collect.attempts import folder_of
from autograder.course.directory import Course
from autograder.course.errors import CourseError
from autograder.course.files import replace_file
from autograder.course.names import as_written, check_student, safe

COLUMNS = ["found", "taken for", "student"]  # the last one is the instructor's


def table_of(course: Course, assignment: str) -> Path:
    """Return where the table is."""
    return course.root / f"{assignment}-who.csv"


def read_table(course: Course, assignment: str) -> dict[str, str]:
    """Return whose each name of an archive is, as the instructor wrote it; none without a table.

    Several names may be one student's: these are then attempts of one.

    Raises
    ------
    CourseError
        If the table has other columns, or a name in it cannot be a student's id.
    """
    path = table_of(course, assignment)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError:
        raise CourseError(f"{path} is not UTF-8. Save it as CSV UTF-8.") from None
    delimiter = max(",;\t", key=(text.splitlines() or [""])[0].count)
    lines = csv.DictReader(io.StringIO(text), delimiter=delimiter)
    if not {"found", "student"} <= set(lines.fieldnames or ()):
        raise CourseError(f"{path} needs the columns found and student. Remove it, and collect again.")
    told = {as_written(line["found"].strip()): (line["student"] or "").strip() for line in lines}
    try:
        return {found: check_student(as_written(student)) for found, student in told.items() if student}
    except CourseError as error:
        raise CourseError(f"{path}: {error}") from None


def write_table(course: Course, assignment: str, unclear: Mapping[str, str]) -> None:
    """Write whose the unclear names are taken for now; what the instructor has filled in stays."""
    told = read_table(course, assignment)
    rows = [(name, unclear.get(name, ""), told.get(name, "")) for name in sorted({*unclear, *told})]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([COLUMNS, *(map(safe, row) for row in rows)])
    replace_file(table_of(course, assignment), text.getvalue(), 0o660)


def rename(course: Course, assignment: str, before: str, after: str) -> str:
    """Let what was taken for one student's be another's; return what is left to do, in a sentence.

    Where the other one has a submission already, both are one student: this one's attempts stay kept, and
    those that are being collected are added to the other's.
    """
    old, new = folder_of(course, assignment, before), folder_of(course, assignment, after)
    here, there = (course.folder("submitted") / name / assignment for name in (before, after))
    if not old.is_dir():
        return ""
    if new.exists() or there.exists():
        shutil.rmtree(here, ignore_errors=True)
    else:
        for source, target in ((old, new), (here, there)):
            if source.is_dir():
                target.parent.mkdir(parents=True, exist_ok=True)
                source.rename(target)
    if (course.results(assignment) / f"{before}.json").exists():
        return (
            f"{before} is {after} now. A row of {before} is still in the gradebook, and counts nowhere here. "
            f"To remove it with its points: nbgrader db student remove {shlex.quote(before)} --force"
        )
    return ""
