"""Moodle's import of grades from a CSV file, written after its published rules: one wrong line cancels all.

The rules are those of grade/import/csv/classes/load_data.php of Moodle 4, in words of our own.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection
from dataclasses import dataclass


class CancelledError(Exception):
    """The whole import is cancelled; no grade is taken in."""


@dataclass(frozen=True)
class User:
    """Somebody in Moodle's database."""

    id: int
    username: str
    email: str
    idnumber: str = ""


FIELDS = {"Username": "username", "Email address": "email", "ID number": "idnumber"}


def import_grades(
    text: str, users: list[User], mapped: str, column: str, new_item: bool = False
) -> dict[int, float | None]:
    """The grades by user's id, None for no grade.

    `mapped` is the column by which users are found, `column` that of the grades; they go to an item of the
    gradebook that is there, or to a new one.
    """
    header, *lines = [[value.strip() for value in line] for line in csv.reader(io.StringIO(text))]
    key, grade = header.index(mapped), header.index(column)
    taken: dict[int, float | None] = {}
    user: User | None = None  # of the line before, if a line has no key
    for line in lines:
        if len(line) <= 1:
            continue
        if line[key]:
            found = [one for one in users if getattr(one, FIELDS[mapped]) == line[key]]
            if len(found) != 1:
                raise CancelledError(f"{mapped} {line[key]!r} is nobody's")
            user = found[0]
        if user is None:
            raise CancelledError("no user")
        taken[user.id] = _new(line[grade]) if new_item else _existing(line[grade])
    return taken


def _existing(value: str) -> float | None:
    """An item that is there: a blank or a dash is no grade; what is no number cancels."""
    if value in ("", "-"):
        return None
    return _number(value)


def _new(value: str) -> float | None:
    """A new item: a dash is no grade; a blank goes to the database, which writes 0 in a column of numbers."""
    return None if value == "-" else 0.0 if value == "" else _number(value)


def _number(value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        raise CancelledError(f"{value!r} is no grade") from None
    if number > 100:
        raise CancelledError("the grade is too big")
    return number


# --------------------------------------------------------------------------- the offline grading worksheet


def import_worksheet(text: str, participants: Collection[str]) -> dict[str, float]:
    """The grades that a grading worksheet changes, by the participant's number.

    The rules are those of mod/assign/feedback/offline: a line whose number is nobody's is passed over, and a
    blank grade changes nothing.
    """
    lines = list(csv.DictReader(io.StringIO(text)))
    if not lines or not {"Identifier", "Grade", "Last modified (grade)"} <= set(lines[0]):
        raise CancelledError("a column is missing")
    found = {line["Identifier"].removeprefix("Participant "): line["Grade"].strip() for line in lines}
    return {number: _number(grade) for number, grade in found.items() if number in participants and grade}
