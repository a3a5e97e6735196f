"""Grades as a table that a learning management system takes in."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence

from autograder.pipeline.scores import Row

Table = list[Sequence[str | float]]


def as_csv(assignment: str, rows: Sequence[Row], format_name: str) -> str:
    """The grades in one of `FORMATS`, as text; no cell of it is a formula in a spreadsheet."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for line in FORMATS[format_name](assignment, rows):
        writer.writerow([safe(value) if isinstance(value, str) else f"{value:.10g}" for value in line])
    return text.getvalue()


def safe(value: str) -> str:
    """A text that no spreadsheet runs: a leading = + - @, tab or line end gets an apostrophe before it."""
    return (
        "'" + value
        if value.lstrip(" ")[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") and value.strip()
        else value
    )


def _plain(assignment: str, rows: Sequence[Row]) -> Table:
    header = [
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
    ]
    return [
        header,
        *(
            [
                assignment,
                row.person.id,
                row.person.last_name,
                row.person.first_name,
                row.person.email,
                str(row.timestamp or ""),
                "yes" if row.submitted else "no",
                row.score,
                row.penalty,
                row.final,
                row.max_score,
            ]
            for row in rows
        ),
    ]


def _canvas(assignment: str, rows: Sequence[Row]) -> Table:
    """Canvas' gradebook upload: a line of the points possible follows the header."""
    top = rows[0].max_score if rows else 0.0
    return [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", assignment],
        ["Points Possible", "", "", "", "", top],
        *([_last_first(row), row.person.lms_id, row.person.id, row.person.id, "", row.final] for row in rows),
    ]


def _moodle(assignment: str, rows: Sequence[Row]) -> Table:
    """Moodle's grade import, mapped by user name."""
    return [
        ["Username", "First name", "Last name", "Email address", assignment],
        *(
            [row.person.id, row.person.first_name, row.person.last_name, row.person.email, row.final]
            for row in rows
        ),
    ]


def _gradescope(assignment: str, rows: Sequence[Row]) -> Table:
    """Gradescope's own export of grades."""
    return [
        ["First Name", "Last Name", "SID", "Email", assignment, f"{assignment} - Max Points"],
        *(
            [
                row.person.first_name,
                row.person.last_name,
                row.person.id,
                row.person.email,
                row.final,
                row.max_score,
            ]
            for row in rows
        ),
    ]


def _last_first(row: Row) -> str:
    names = [name for name in (row.person.last_name, row.person.first_name) if name]
    return ", ".join(names) or row.person.id


FORMATS: dict[str, Callable[[str, Sequence[Row]], Table]] = {
    "csv": _plain,
    "canvas": _canvas,
    "moodle": _moodle,
    "gradescope": _gradescope,
}
