"""ASSIGNMENT-who.csv: whose is what an archive leaves open; a small table that the instructor fills in."""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from autograder.collect.attempts import folder_of
from autograder.collect.persons import Persons
from autograder.course.directory import Course
from autograder.course.errors import CourseError
from autograder.course.files import replace_file
from autograder.course.names import as_written, check_student, comparable, safe
from autograder.intake.sheets import read_sheet

COLUMNS = ["found", "taken for", "student"]  # the last one is the instructor's
UNKNOWN = (
    "{} is nobody's name in the course. See 'autograder people', and write one of its ids there; who is "
    "not in it yet, first comes in by 'autograder people import'"
)
WORKBOOKS = (".xlsx", ".ods", ".xls")


@dataclass(frozen=True)
class Told:
    """What the instructor wrote: whose each name of an archive is, and what of it means nobody."""

    students: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by what was found
    notes: tuple[str, ...] = ()
    guessed: tuple[str, ...] = ()  # rows that a spreadsheet had changed, and what they are taken for
    others: tuple[str, ...] = ()  # answers on what is not there


def table_of(course: Course, assignment: str) -> Path:
    """Return where the table is."""
    return course.root / f"{assignment}-who.csv"


def read_table(course: Course, assignment: str) -> dict[str, list[str]]:
    """Return what the instructor wrote for each name of an archive; none without a table.

    A name may stand in several rows. Several names may be one student's: these are then attempts of one.

    Raises
    ------
    CourseError
        If the table cannot be read, or has other columns.
    """
    path = table_of(course, assignment)
    beside = [path.with_suffix(ending) for ending in WORKBOOKS if path.with_suffix(ending).is_file()]
    if beside:
        raise CourseError(
            f"{beside[0]} is a workbook, and is not read. Save it as CSV under the name {path.name}, and "
            f"remove {beside[0].name}."
        )
    if not path.is_file():
        return {}
    sheet = read_sheet(path, COLUMNS)
    if not {"found", "student"} <= set(sheet.titles):
        raise CourseError(
            f"{path} needs the columns found and student in its first row. Write them there, or remove the "
            "file; then collect again."
        )
    written: dict[str, list[str]] = {}
    for _, cells in sheet.lines():
        found, answer = (as_written(cells.get(title, "")).strip("; ") for title in ("found", "student"))
        if found:
            written.setdefault(found, []).extend([answer] if answer else [])
    return written


def answers(
    course: Course, assignment: str, keys: Iterable[str], persons: Persons, known: Collection[str]
) -> Told:
    """Return whose each of these names is, as the instructor wrote it.

    Spreadsheets take zeros from the beginning of numbers and letters that their country has not; a row that
    can only mean one of the names is that one's, and a number one person's id.

    Parameters
    ----------
    keys : what was found
    known : ids that an answer may name beside people of the roster
    """
    table, keys = table_of(course, assignment).name, list(keys)
    students: dict[str, tuple[str, ...]] = {}
    unknown: list[str] = []
    guessed: list[str] = []
    others: list[str] = []
    for found, cells in read_table(course, assignment).items():
        key = _meant(found, keys)
        if key is None:
            others += [found] if cells else []
            continue
        try:
            read = [_ids_in(cell, persons, known) for cell in cells]
        except CourseError as error:
            raise CourseError(f"{table}: {error}") from None
        here = [name for ids, _ in read for name in ids]
        unknown += [f"{table}, {key}: {UNKNOWN.format(name)}" for _, others in read for name in others]
        if here:
            students[key] = (*students.get(key, ()), *here)
            numbers = {name.lstrip("0"): name for name in here if name.startswith("0")}
            short = {name for cell in cells for name in re.findall(r"[^;,\s]+", cell)} & {*numbers}
            guessed += [f"{table}: {found} is taken for {key}"] if found != key else []
            guessed += [f"{table}: {name} is taken for {numbers[name]}" for name in sorted(short)]
    students = {key: tuple(dict.fromkeys(several)) for key, several in students.items()}
    return Told(students, tuple(unknown), tuple(guessed), tuple(others))


def _meant(found: str, keys: Sequence[str]) -> str | None:
    """Return the name of an archive that a row is about, as a spreadsheet may have left it."""
    if found in keys:
        return found
    letters = re.escape(comparable(found)).replace(r"\?", ".")  # what Windows' letters have not is a ? there
    pattern = re.compile(f"0*{letters}")
    same = [key for key in keys if pattern.fullmatch(comparable(key))]
    return same[0] if len(same) == 1 else None


def _ids_in(cell: str, persons: Persons, known: Collection[str]) -> tuple[list[str], list[str]]:
    """Return the ids that an answer names, and what of it is nobody's.

    Between several stands a ; or a comma or a space. Without a roster anything is an id, and ; divides.
    """
    if whole := _id_of(cell, persons, known):
        return [whole], []
    parts = [part.strip() for part in cell.split(";") if part.strip()]
    for ways in (parts, re.split(r"\s*[;,]\s*", cell), re.split(r"[;,\s]+", cell)):
        ids = [_id_of(part, persons, known) for part in ways if part]
        if all(ids):
            return ids, []
    if persons:
        return [], [part for part in parts if not _id_of(part, persons, known)]
    return [check_student(part) for part in parts], []


def _id_of(name: str, persons: Persons, known: Collection[str]) -> str:
    """Return the id that a name in the table means; "" if there is none, or more than one."""
    every = dict.fromkeys((*(person[0] for person in persons.people), *known))
    if name in every:
        return name
    same = [one for one in every if one.isdigit() and one.lstrip("0") == name.lstrip("0")]
    return persons.find(name) or (same[0] if len(same) == 1 else "")


def write_table(course: Course, assignment: str, unclear: Mapping[str, str]) -> None:
    """Write whose the unclear names are taken for now; what the instructor has filled in stays."""
    told = read_table(course, assignment)
    rows = [
        (name, unclear.get(name, ""), "; ".join(told.get(name, ()))) for name in sorted({*unclear, *told})
    ]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([COLUMNS, *(map(safe, row) for row in rows)])
    # With the mark of UTF-8: else Excel takes it for the letters of its country.
    replace_file(table_of(course, assignment), "\ufeff" + text.getvalue(), 0o660)


def rename(course: Course, assignment: str, before: str, after: Sequence[str]) -> bool:
    """Let what was taken for one student's be others'; return whether it has a grade, which is theirs now.

    Where another one has a submission already, both are one student: this one's attempts stay kept, and
    those that are being collected are added to the other's.
    """
    old, here = folder_of(course, assignment, before), course.folder("submitted") / before / assignment
    if not old.is_dir():
        return False
    copied = False
    for student in after:
        new, there = folder_of(course, assignment, student), here.parents[1] / student / assignment
        if not new.exists() and not there.exists():
            copied = True
            for source, target in ((old, new), (here, there)):
                if source.is_dir():
                    shutil.copytree(source, target)
    if before in after:
        return False
    for folder in (here, old) if copied else (here,):
        shutil.rmtree(folder, ignore_errors=True)
    with suppress(OSError):  # of another assignment something may lie there
        here.parent.rmdir()
    recorded = course.results(assignment) / f"{before}.json"
    if not recorded.exists():
        return False
    _forget(course, assignment, before, after[0])
    recorded.unlink()
    return True


def _forget(course: Course, assignment: str, before: str, after: str) -> None:
    """Take back what grading wrote for one student.

    The graded notebook goes with the work: the points that a person gave belong to its answers.
    """
    graded, theirs = (course.folder("autograded") / name / assignment for name in (before, after))
    if graded.is_dir() and not theirs.exists():
        theirs.parent.mkdir(parents=True, exist_ok=True)
        graded.rename(theirs)
    for folder in (graded, course.folder("feedback") / before / assignment):
        shutil.rmtree(folder, ignore_errors=True)
    (course.private / "returned" / assignment / f"{before}.html").unlink(missing_ok=True)
