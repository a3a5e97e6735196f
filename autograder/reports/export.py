"""Grades as a table that a learning management system takes in."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # with nbgrader, which a list of the formats does not need
    from autograder.record.rows import Row

Table = list[Sequence[str | float]]


def as_csv(assignment: str, rows: Sequence[Row], format_name: str) -> str:
    """Return the grades in one of `FORMATS`, as text; no cell of it is a formula in a spreadsheet."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for line in FORMATS[format_name](assignment, rows):
        writer.writerow([safe(value) if isinstance(value, str) else f"{value:.10g}" for value in line])
    return text.getvalue()


def safe(value: str) -> str:
    """Return a text that no spreadsheet runs: a leading = + - @, tab or line end gets an apostrophe."""
    return (
        "'" + value
        if value.lstrip(" ")[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") and value.strip()
        else value
    )


def _plain(assignment: str, rows: Sequence[Row]) -> Table:
    """Return everything, for a spreadsheet."""
    header = (
        "assignment", "student_id", "last_name", "first_name", "email", "timestamp", "submitted", "raw_score",
        "late_submission_penalty", "score", "max_score",
    )
    table: Table = [header]
    for row in rows:
        who = (row.person.id, row.person.last_name, row.person.first_name, row.person.email)
        when = (str(row.timestamp or ""), "yes" if row.submitted else "no")
        table.append((assignment, *who, *when, row.score, row.penalty, row.final, row.max_score))
    return table


def _canvas(assignment: str, rows: Sequence[Row]) -> Table:
    """Return Canvas' gradebook upload: a line of the points possible follows the header."""
    top = rows[0].max_score if rows else 0.0
    table: Table = [("Student", "ID", "SIS User ID", "SIS Login ID", "Section", assignment)]
    table.append(("Points Possible", "", "", "", "", top))
    for row in rows:
        table.append((_last_first(row), row.person.lms_id, row.person.id, row.person.id, "", row.final))
    return table


def _moodle(assignment: str, rows: Sequence[Row]) -> Table:
    """Return Moodle's grade import, mapped by user name."""
    table: Table = [("Username", "First name", "Last name", "Email address", assignment)]
    for row in rows:
        who = row.person
        table.append((who.id, who.first_name, who.last_name, who.email, row.final))
    return table


def _gradescope(assignment: str, rows: Sequence[Row]) -> Table:
    """Return Gradescope's own export of grades."""
    table: Table = [("First Name", "Last Name", "SID", "Email", assignment, f"{assignment} - Max Points")]
    for row in rows:
        who = row.person
        table.append((who.first_name, who.last_name, who.id, who.email, row.final, row.max_score))
    return table


def _last_first(row: Row) -> str:
    names = [name for name in (row.person.last_name, row.person.first_name) if name]
    return ", ".join(names) or row.person.id


FORMATS: dict[str, Callable[[str, Sequence[Row]], Table]] = {
    "csv": _plain,
    "canvas": _canvas,
    "moodle": _moodle,
    "gradescope": _gradescope,
}
