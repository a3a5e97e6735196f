"""Reads a roster: Moodle's participants or worksheet, Canvas' gradebook, nbgrader's or a plain CSV."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from autograder.collect.owners import Owner, nameless
from autograder.collect.persons import Persons
from autograder.course.errors import CourseError
from autograder.course.names import UNSEEN, as_in_moodle, check_student, comparable
from autograder.course.people import Key, Known, Roster
from autograder.intake.sheets import Sheet, read_sheet, shown

TITLES = {  # field of Known -> a table's titles, as systems and universities write them
    "id": "id; student_id; student id; student",
    "name": "name; full name; vollständiger name; nom complet; nombre completo",
    "last_first": "name, vorname; nachname, vorname; last name, first name",
    "canvas_name": "student",
    "first_name": "first_name; first name; firstname; vorname; prénom; nombre",
    "last_name": "last_name; last name; surname; lastname; nachname; familienname; nom; nom de famille; "
    "apellidos; apellido(s)",
    "email": "email; email address; e-mail; e-mail address; mail; e-mail-adresse; email-adresse; "
    "adresse de courriel; courriel; dirección de correo; dirección email",
    "username": "username; user name; anmeldename; benutzername; nutzername; kennung; nom d'utilisateur; "
    "nombre de usuario",
    "id_number": "id number; orgdefinedid; id-nummer; matrikelnummer; matrikelnr; matrikelnr.; matrikel; "
    "matr.-nr.; numéro d'identification; número de id",
    "sis_user_id": "sis user id",
    "sis_login_id": "sis login id",
    "section": "section",
    "participant": "identifier; identifiant; identificador",
}
COLUMNS = {title: name for name, titles in TITLES.items() for title in titles.split("; ")}
GITHUB = {"identifier": "id", "github_username": "github", "github_id": ""}  # the roster of GitHub Classroom
GERMAN = {"name": "last_name"}  # where the first name has a column of its own
NAMING = {"id", "name", "last_first", "canvas_name", "email", "username", "id_number", "last_name"}
KEYS = ("canvas_id", "username", "id_number", "sis_user_id", "email")  # each is one person's
PARTICIPANT = re.compile(r"(\D*[^\d\s])\s+(\d+)")  # as Moodle calls people in a grading worksheet
NAMELESS = (
    "has numbers of Moodle's participants and nobody's name: submissions are anonymous there. Nothing is "
    "needed now: collect the archive, and grades go back by these numbers. When Moodle shows the names, "
    "download the worksheet anew, and import that."
)


@dataclass(frozen=True)
class Table:
    """What a CSV file says: people, and what a system calls them in an assignment."""

    people: tuple[Known, ...]
    columns: tuple[str, ...] = ()  # Canvas' titles of its assignments
    participants: tuple[str, ...] = ()  # Moodle's numbers of the people in one assignment; "" for none
    note: str = ""  # on how it was read


def read_table(path: Path) -> Table:
    """Return what a CSV file says of people.

    Raises
    ------
    CourseError
        If there is no such file, or its columns name nobody.
    """
    sheet = read_sheet(path, {*COLUMNS, *GITHUB})
    fields = _fields(sheet)
    if not NAMING & set(fields):
        if "participant" in fields:
            raise CourseError(f"{path} {NAMELESS}")
        raise CourseError(
            f"{path} names nobody: its first row must have titles, and one of them must be id, Full name, "
            f"Email address, Username or Student. There is: {shown(sheet.header)}. Write a title above the "
            "column that says who it is."
        )
    values = _values(path, sheet, fields)
    numbers = [line.pop("participant", "").rpartition(" ")[2] for line in values]
    people = [
        (person, number) for line, number in zip(values, numbers, strict=True) if (person := _person(line))
    ]
    if values and not people:
        raise CourseError(
            f"{path} names nobody: no row has a number in the column ID. Take the gradebook as Canvas "
            "exports it, and import that."
        )
    canvas = "canvas_name" in fields
    return Table(
        tuple(person for person, _ in people),
        tuple(title for title in sheet.header if canvas and re.search(r" \(\d+\)$", title)),
        tuple(number if number.isdigit() else "" for _, number in people),
        "; ".join(filter(None, (_keyless(values), sheet.note))),
    )


def _keyless(values: Sequence[Mapping[str, str]]) -> str:
    """Return who of Canvas' gradebook has no number, in a sentence.

    Above the people stand two lines: of when grades are posted, and of points.
    """
    names = [line.get("canvas_name", "") for line in values[2:] if not line.get("canvas_id")]
    named = ", ".join(filter(None, names))
    return f"left out, as ID is empty there: {named}" if named else ""


def _values(path: Path, sheet: Sheet, fields: Sequence[str]) -> list[dict[str, str]]:
    """Return what each row says; CourseError if one names nobody."""
    before = "#" if "orgdefinedid" in sheet.titles else ""  # Brightspace's, for Excel
    values = []
    for number, cells in sheet.rows:
        told = {
            name: UNSEEN.sub("", cell).strip().removeprefix(before)
            for name, cell in reversed(list(zip(fields, cells, strict=False)))
            if name
        }
        if not any(told.values()):
            raise CourseError(f"{path}: row {number} names nobody: fill in who it is, or remove it.")
        values.append(told)
    return values


def _fields(sheet: Sheet) -> list[str]:
    """Return what each column holds, by its title; "" for what is not needed."""
    titles = sheet.titles
    known = COLUMNS | (GITHUB if "github_username" in titles else {})
    known |= GERMAN if {"vorname", "prénom"} & {*titles} else {}
    known |= {"student": "canvas_name", "id": "canvas_id"} if {"student", "id"} <= {*titles} else {}
    fields = [known.get(title, "") for title in titles]
    first = [cells[0] for _, cells in sheet.rows if cells[0]]
    matched = [PARTICIPANT.fullmatch(cell) for cell in first]
    words = {found[1] if found else "" for found in matched}
    if fields[:1] == ["id"] and len(titles) > 1 and len(words) == 1 and "" not in words:
        fields[0] = "participant"  # German Moodle's title of that column is ID
    return fields


def _person(values: Mapping[str, str]) -> Known | None:
    """Return the person of a line; None for Canvas' lines of points and its test student."""
    canvas_name = values.get("canvas_name", "")
    if canvas_name in ("Points Possible", "Student, Test") or (canvas_name and not values.get("canvas_id")):
        return None
    turned = values.get("last_first", "")
    person = Known(**{"id": "", **{name: value for name, value in values.items() if name != "last_first"}})
    last, comma, first = (turned or canvas_name).partition(",")
    if comma:
        person = replace(person, first_name=first.strip(), last_name=last.strip())
    names = " ".join(filter(None, (person.first_name, person.last_name)))
    return replace(person, name=person.name or names or turned or canvas_name)


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
        same = _same({**roster.people} if person.id else found, person)
        name = _known_by_name(found, person, ids) or same or _id(person, ids)
        if check_student(name) in given:
            raise CourseError(f"Two people of the table are {name!r}: give them different ids.")
        given.add(name)
        named = bool(person.github and found.get(name, Known(name)).name)  # GitHub's name is anybody's choice
        before = asdict(found.get(name, Known(name)))
        told = {
            key: value
            for key, value in asdict(person).items()
            if value and not (named and key == "name") and not _is_shorter(value, before[key])
        }
        found[name] = Known(**{**before, **told, "id": name})
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
    if person.id in found:
        return person.id
    if person.id:
        holders = [known.id for known in found.values() if _is_known_as(known, person)]
        return holders[0] if len(holders) == 1 else person.id
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


def _is_known_as(known: Known, person: Known) -> bool:
    """Return whether somebody of the roster has the id of this person as another key.

    Or the same name, and a key of both, or an id with zeros before it, which spreadsheets take away.
    """
    if person.id in (getattr(known, key) for key in KEYS):
        return True
    shared = any(getattr(person, key) and getattr(person, key) == getattr(known, key) for key in KEYS)
    return (shared or _is_shorter(person.id, known.id)) and comparable(person.name) == comparable(known.name)


def _is_shorter(number: str, whole: str) -> bool:
    """Return whether a number is another one that has lost the zeros before it."""
    return whole.isdigit() and whole.startswith("0") and number == whole.lstrip("0")


def known_as(roster: Roster, person: Known) -> str:
    """Return the id that somebody of a table has in the roster, where it is another one."""
    same = _same(roster.people, person)
    named = (one.id for one in roster.people.values() if comparable(one.name) == comparable(person.name))
    return same if same in roster.people else next(named, "another id")


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


def persons_of(roster: Roster) -> Persons:
    """Return the people of a roster, to be found by what archives call them."""
    return Persons(
        (one.id, one.name, one.email, one.username, one.id_number, one.github)
        for one in roster.people.values()
    )


def identified(roster: Roster, owners: Collection[Owner], keys: Mapping[str, Key]) -> dict[str, str]:
    """Return the id of the one person of the roster that each owner is, by the owner's key; "" for nobody.

    Parameters
    ----------
    keys : Moodle's numbers in this assignment, as a grading worksheet or an earlier archive told them
    """
    persons, hidden = persons_of(roster), nameless(owners)
    numbers = {
        key.number: (student, as_in_moodle(key.name))
        for student, key in keys.items()
        if key.system == "moodle" and key.number and student in roster.people
    }
    logins = {person.github.casefold(): person.id for person in roster.people.values() if person.github}
    repositories = _behind_a_title(owners, logins)
    members = _behind_groups(owners, persons)
    found = {}
    for owner in owners:
        student, name = numbers.get(owner.number, ("", "")) if owner.system == "moodle" else ("", "")
        if owner not in hidden and comparable(name) != comparable(as_in_moodle(owner.name)):
            student = ""  # a group's number is no participant's
        if not student and owner not in hidden:
            student = find(roster, persons, owner.system, owner.number, owner.name)
        further = (
            repositories,
            members,
            {} if owner.system else {owner.name: _at_the_end(owner.name, persons)},
        )
        found[owner.key] = student or next(filter(None, (names.get(owner.name) for names in further)), "")
    return found


def _at_the_end(name: str, persons: Persons) -> str:
    """Return whose full name a file's ends with, as forms write it: "FILE - Ada Eins", "FILE_Ada Eins".

    What stands before is nobody's, and the name has several words: one may be a word of the file's.
    """
    for between in (" - ", "_"):
        file, _, full = name.rpartition(between)
        if file and len(full.split()) > 1 and (student := persons.find(full)) and not persons.find(file):
            return student
    return ""


def _behind_a_title(owners: Collection[Owner], logins: Mapping[str, str]) -> dict[str, str]:
    """Return whose GitHub Classroom's folders are, by name: TITLE-LOGIN, with one title before all of them.

    Both may hold a - themselves: the title is the one behind which most logins are somebody's.
    """
    names = [owner.name for owner in owners if not owner.system]
    first = names[0] if names and logins else ""
    starts = [first[: place + 1] for place, letter in enumerate(first) if letter == "-"]
    titles = [start for start in starts if all(name.startswith(start) for name in names)]
    found = [
        {name: logins[login] for name in names if (login := name.removeprefix(title).casefold()) in logins}
        for title in titles
    ]
    most = max(map(len, found), default=0)
    best = [one for one in found if len(one) == most]
    return best[0] if len(best) == 1 else {}


def _behind_groups(owners: Collection[Owner], persons: Persons) -> dict[str, str]:
    """Return who the members of groups are, by name: "GROUP-FULL NAME", as Moodle wrote them before 4.1.

    All names have a group before them, and one group several members: Anna-Lena Meier is not Lena Meier.
    """
    names = [owner.name for owner in owners if owner.system == "moodle"]
    splits = {
        name: [(name[:place], name[place + 1 :]) for place, letter in enumerate(name) if letter == "-"]
        for name in names
    }
    found = {
        name: [(group, student) for group, member in parts if (student := persons.find(member))]
        for name, parts in splits.items()
    }
    sizes = Counter(group for parts in found.values() for group, _ in parts)
    if not all(splits.values()) or max(sizes.values(), default=0) < 2:
        return {}
    return {name: parts[0][1] for name, parts in found.items() if len({who for _, who in parts}) == 1}


def find(roster: Roster, persons: Persons, system: str, number: str, name: str) -> str:
    """Return the id of the one person that an archive's name or Canvas' number means, else ""."""
    if system == "canvas" and number and len(same := roster.by_canvas_id.get(number, ())) == 1:
        return same[0]
    if name in roster.people:
        return name
    return persons.find(name)
