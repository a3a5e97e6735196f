"""Reads a roster: Moodle's participants or worksheet, Canvas' gradebook, nbgrader's or a plain CSV."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from autograder.course.errors import CourseError
from autograder.course.names import UNSEEN, check_student
from autograder.course.people import Key, Known, Roster, comparable

COLUMNS = {  # a table's title in small letters -> field of Known
    "id": "id",
    "student_id": "id",
    "student id": "id",
    "name": "name",
    "full name": "name",
    "student": "canvas_name",
    "first_name": "first_name",
    "first name": "first_name",
    "firstname": "first_name",
    "last_name": "last_name",
    "last name": "last_name",
    "surname": "last_name",
    "lastname": "last_name",
    "email": "email",
    "email address": "email",
    "e-mail": "email",
    "username": "username",
    "id number": "id_number",
    "sis user id": "sis_user_id",
    "sis login id": "sis_login_id",
    "section": "section",
    "identifier": "participant",
}
KEYS = ("canvas_id", "username", "id_number", "sis_user_id", "email")  # each is one person's


@dataclass(frozen=True)
class Table:
    """What a CSV file says: people, and what a system calls them in an assignment."""

    people: tuple[Known, ...]
    columns: tuple[str, ...] = ()  # Canvas' titles of its assignments
    participants: tuple[str, ...] = ()  # Moodle's numbers of the people in one assignment; "" for none


def read_table(path: Path) -> Table:
    """Return what a CSV file says of people.

    Raises
    ------
    CourseError
        If there is no such file, or its columns name nobody.
    """
    if not path.is_file():
        raise CourseError(f"{path} is a folder." if path.is_dir() else f"There is no file {path}.")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CourseError(f"{path} is not UTF-8. Save it as CSV UTF-8, and import it again.") from None
    lines = text.splitlines()
    delimiter = max(",;\t", key=lines[0].count) if lines else ","
    header, *body = list(csv.reader(lines, delimiter=delimiter)) or [[]]
    titles = [title.strip().lower() for title in header]
    canvas = "student" in titles and "id" in titles
    fields = ["canvas_id" if canvas and title == "id" else COLUMNS.get(title, "") for title in titles]
    if not {"id", "name", "canvas_name", "email", "username", "last_name"} & set(fields):
        raise CourseError(f"{path} names nobody: a column id, Full name, Email address or Student is needed.")
    values = [
        {field: UNSEEN.sub("", value).strip() for field, value in zip(fields, line, strict=False) if field}
        for line in body
        if any(value.strip() for value in line)
    ]
    numbers = [line.pop("participant", "").rpartition(" ")[2] for line in values]
    people = [
        (person, number) for line, number in zip(values, numbers, strict=True) if (person := _person(line))
    ]
    columns = tuple(title for title in header if canvas and re.search(r" \(\d+\)$", title))
    return Table(
        tuple(person for person, _ in people),
        columns,
        tuple(number if number.isdigit() else "" for _, number in people),
    )


def _person(values: Mapping[str, str]) -> Known | None:
    """Return the person of a line; None for Canvas' lines of points and its test student."""
    canvas_name = values.get("canvas_name", "")
    if canvas_name in ("Points Possible", "Student, Test") or (canvas_name and not values.get("canvas_id")):
        return None
    person = Known(**{"id": "", **values})
    last, comma, first = canvas_name.partition(", ")
    if comma:
        person = replace(person, first_name=first, last_name=last)
    names = " ".join(filter(None, (person.first_name, person.last_name)))
    return replace(person, name=person.name or names or canvas_name)


def merged(roster: Roster, people: tuple[Known, ...], columns: tuple[str, ...], ids: set[str]) -> Roster:
    """Return a roster with the people of another table; who is in it already keeps the id.

    Parameters
    ----------
    ids : of the students that the gradebook knows: an archive's names, for example

    Raises
    ------
    CourseError
        If somebody has no name that can be an id, or two people would have one.
    """
    found, given = dict(roster.people), set()
    for person in people:
        name = _known_by_name(found, person, ids) or _same(found, person) or _id(person, ids)
        if check_student(name) in given:
            raise CourseError(f"Two people of the table are {name!r}: give them different ids.")
        given.add(name)
        told = {key: value for key, value in asdict(person).items() if value}
        found[name] = Known(**{**asdict(found.get(name, Known(name))), **told, "id": name})
    return Roster(found, columns or roster.columns)


def participants(table: Table, roster: Roster) -> dict[str, Key]:
    """Return Moodle's numbers of the people of a grading worksheet, by their ids in the roster."""
    numbered = zip(table.people, table.participants, strict=True)
    found = (
        (_same(roster.people, person), Key("moodle", number, person.name)) for person, number in numbered
    )
    return {name: key for name, key in found if name and key.number}


def _known_by_name(found: Mapping[str, Known], person: Known, ids: set[str]) -> str:
    """Return the id under which somebody was collected before: the full name, as a rule."""
    if not person.id or person.id in ids or person.id in found:
        return ""
    known = [name for name in ids if comparable(name) == comparable(person.name)]
    return known[0] if len(known) == 1 else ""


def _same(found: Mapping[str, Known], person: Known) -> str:
    """Return the id of the person of the roster with the same id or key, or with the same name alone."""
    if person.id:
        return person.id
    for key in KEYS:
        value = getattr(person, key)
        same = [known.id for known in found.values() if value and getattr(known, key) == value]
        if len(same) == 1:
            return same[0]
    same = [
        known.id
        for known in found.values()
        if comparable(known.name) == comparable(person.name)
        and not any(getattr(known, key) and getattr(person, key) for key in KEYS)
    ]
    return same[0] if len(same) == 1 else ""


def _id(person: Known, ids: set[str]) -> str:
    known = [name for name in ids if comparable(name) == comparable(person.name)]
    if len(known) == 1:
        return known[0]
    return (
        person.username
        or person.sis_login_id
        or person.id_number
        or person.email
        or person.canvas_id
        or person.name
    )


def find(roster: Roster, system: str, number: str, name: str) -> str:
    """Return the id of the one person that an archive's name or Canvas' number means, else ""."""
    if system == "canvas" and number and len(same := roster.by_canvas_id.get(number, ())) == 1:
        return same[0]
    if name in roster.people:
        return name
    names = roster.by_moodle_name if system == "moodle" else roster.by_name
    same = names.get(comparable(name), ())
    return same[0] if len(same) == 1 else ""
