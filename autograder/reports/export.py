"""Grades as a table that a learning management system takes in, with its own key of each student."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from autograder.course.names import safe
from autograder.course.people import Key, Known, Roster

if TYPE_CHECKING:  # with nbgrader, which a list of the formats does not need
    from autograder.record.rows import CellScore, Row

NO_GRADE = "-"  # Moodle's
Table = list[Sequence[str | float]]


@dataclass(frozen=True)
class Grades:
    """The gradebook's rows of one assignment, and what roster and archives say of the students."""

    assignment: str
    rows: Sequence[Row]
    roster: Roster = field(default_factory=Roster)
    keys: Mapping[str, Key] = field(default_factory=dict)  # by student

    def known(self, row: Row) -> Known:
        """Return what the roster says of a student, or else the gradebook."""
        who = row.person
        return self.roster.people.get(who.id) or Known(
            who.id, who.name, who.first_name, who.last_name, who.email, who.lms_id
        )

    def key(self, row: Row, system: str) -> Key:
        """Return what an archive of this system said of a student; an empty key if none did."""
        key = self.keys.get(row.person.id)
        return key if key is not None and key.system == system else Key(system, "", "")


def as_csv(grades: Grades, format_name: str) -> str:
    """Return the grades in one of `FORMATS`, as text; no cell of it is a formula in a spreadsheet."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for line in FORMATS[format_name](grades):
        writer.writerow([safe(value) if isinstance(value, str) else f"{value:.10g}" for value in line])
    return text.getvalue()


def as_spreadsheet(grades: Grades) -> bytes:
    """Return everything as an Excel workbook, which no country's comma spoils; numbers are numbers in it."""
    import xlsxwriter

    content = io.BytesIO()
    never = {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(content, {"in_memory": True, **never}) as book:
        sheet, bold = book.add_worksheet("Grades"), book.add_format({"bold": True})
        header, *lines = _plain(grades)
        sheet.write_row(0, 0, header, bold)
        for number, line in enumerate(lines, start=1):
            sheet.write_row(number, 0, line)
        sheet.freeze_panes(1, 2)
        sheet.autofilter(0, 0, len(lines), len(header) - 1)
        sheet.autofit()
    return content.getvalue()


def waiting(rows: Sequence[Row]) -> tuple[str, ...]:
    """Return who has a written answer that nobody has graded."""
    return tuple(row.person.id for row in rows if any(map(_ungraded, row.cells.values())))


def _ungraded(cell: CellScore) -> bool:
    """Return whether nobody gave points; points by hand that wait for a second look are points."""
    return cell.waiting and not cell.manual


def _score(row: Row) -> str | float:
    """Return the score that counts; blank, never 0, for who did not hand in or is not graded."""
    return row.final if row.submitted else ""


def _plain(grades: Grades) -> Table:
    """Return everything, for a spreadsheet: each question has a column."""
    questions = sorted({name for row in grades.rows for name in row.cells})
    table: Table = [
        (
            "assignment",
            "student_id",
            "last_name",
            "first_name",
            "email",
            "timestamp",
            "submitted",
            "raw_score",
            "late_submission_penalty",
            "score",
            "max_score",
            *questions,
        )
    ]
    for row in grades.rows:
        who = (row.person.id, row.person.last_name, row.person.first_name, row.person.email)
        when = (str(row.timestamp or ""), "yes" if row.submitted else "no")
        scores = (row.score, row.penalty, row.final) if row.submitted else ("", "", "")
        cells = (
            "" if name not in row.cells or _ungraded(row.cells[name]) else row.cells[name].score
            for name in questions
        )
        table.append((grades.assignment, *who, *when, *scores, row.max_score, *cells))
    return table


def _canvas(grades: Grades) -> Table:
    """Return Canvas' gradebook upload: found by ID, then SIS ids, then name; a line of points comes first."""
    top = grades.rows[0].max_score if grades.rows else 0.0
    title = grades.roster.column(grades.assignment)
    table: Table = [("Student", "ID", "SIS User ID", "SIS Login ID", "Section", title)]
    table.append(("    Points Possible", "", "", "", "", top))
    for row in grades.rows:
        who = grades.known(row)
        names = ", ".join(filter(None, (who.last_name, who.first_name)))
        number = who.canvas_id or grades.key(row, "canvas").number
        student = who.canvas_name or names or who.name or who.id
        table.append((student, number, who.sis_user_id, who.sis_login_id, who.section, _score(row)))
    return table


def _has_worksheet(grades: Grades) -> bool:
    return any(grades.key(row, "moodle").number for row in grades.rows)


def _in_moodle(grades: Grades, row: Row) -> bool:
    """Return whether Moodle knows the student, as far as the roster can tell."""
    known = grades.roster.people
    return row.person.id in known or not any(person.username for person in known.values())


def _moodle_import(grades: Grades) -> Table:
    """Return the table for Moodle's grade import, in which "-" is no grade.

    Its importer (grade/import/csv/classes/load_data.php) stops at a user whom it does not know, gives the
    grade of a line whose key is blank to the line before, and may take a blank grade for 0. So who is not in
    Moodle's roster has no line, and a key that somebody lacks has no column.
    """
    people = [(grades.known(row), row) for row in grades.rows if _in_moodle(grades, row)]
    keys = {
        "Username": [who.username or who.id for who, _ in people],
        "ID number": [who.id_number for who, _ in people],
        "Email address": [who.email for who, _ in people],
    }
    whole = {title: column for title, column in keys.items() if all(column)}
    table: Table = [(*whole, "First name", "Last name", grades.assignment)]
    for number, (who, row) in enumerate(people):
        found = (column[number] for column in whole.values())
        score = row.final if row.submitted else NO_GRADE
        table.append((*found, who.first_name, who.last_name, score))
    return table


def _moodle(grades: Grades) -> Table:
    """Return Moodle's grading worksheet if the archive gave its participants' numbers, else its grade import.

    The worksheet's importer skips a line whose number it does not know; the grade import stops there.
    """
    if not _has_worksheet(grades):
        return _moodle_import(grades)
    table: Table = [
        (
            "Identifier",
            "Full name",
            "Email address",
            "Status",
            "Grade",
            "Maximum Grade",
            "Grade can be changed",
            "Last modified (grade)",
            "Feedback comments",
        )
    ]
    taken = {grades.key(row, "moodle").number for row in grades.rows if row.submitted}
    for row in grades.rows:
        key, who = grades.key(row, "moodle"), grades.known(row)
        # Who was anonymous may have a second row, of the roster, until the archive is collected again.
        if key.number and (row.submitted or key.number not in taken):
            identifier = f"Participant {key.number}"
            name = who.name if who.name != who.id else key.name
            table.append((identifier, name, who.email, "", _score(row), row.max_score, "Yes", "-", ""))
    return table


def left_out(grades: Grades, format_name: str) -> list[str]:
    """Return who has a blank and whom the system will not find by a key, in sentences with a remedy."""
    handed_in = [row for row in grades.rows if row.submitted]
    absent = [row.person.id for row in grades.rows if not row.submitted]
    notes = [f"blank, as nothing of theirs is graded: {', '.join(absent)}"] if absent else []
    keyless = [row.person.id for row in handed_in if not _has_key(grades, row, format_name)]
    return notes + ([f"{KEYLESS[format_name]}: {', '.join(keyless)}"] if keyless else [])


KEYLESS = {
    "moodle": (
        "left out, or not to be found, without a key of Moodle's. Collect them from Moodle's archive, or "
        "take in its grading worksheet with 'autograder people import FILE --assignment NAME'"
    ),
    "canvas": (
        "to be found by name only, without a number of Canvas. Take in its gradebook with "
        "'autograder people import'"
    ),
}


def _has_key(grades: Grades, row: Row, format_name: str) -> bool:
    """Return whether a system finds a student by more than the name."""
    who = grades.known(row)
    if format_name == "canvas":
        return bool(who.canvas_id or who.sis_user_id or who.sis_login_id or grades.key(row, "canvas").number)
    if format_name == "moodle":
        if _has_worksheet(grades):
            return bool(grades.key(row, "moodle").number)
        return _in_moodle(grades, row) and bool(who.username or who.email or who.id_number)
    return True


SPREADSHEET = "xlsx"
FORMATS: dict[str, Callable[[Grades], Table]] = {"csv": _plain, "canvas": _canvas, "moodle": _moodle}
