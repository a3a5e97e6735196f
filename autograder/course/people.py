"""Who is in the course, and the key by which each learning management system knows them.

Names and e-mail stand in nbgrader's student table as well; the systems' keys have no place there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property

from autograder.course.directory import Course
from autograder.course.errors import CourseError
from autograder.course.files import replace_private

MOVED = "moved"  # the system of a key that tells whose somebody's work turned out to be
WITHDRAWN = "withdrawn"  # the same of a person of the roster, who has handed in nothing then


@dataclass(frozen=True)
class Known:
    """A person of the roster; what a system did not tell is empty."""

    id: str
    name: str = ""  # first name first
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    canvas_id: str = ""
    canvas_name: str = ""  # as Canvas writes it: last name first
    sis_user_id: str = ""
    sis_login_id: str = ""
    section: str = ""
    username: str = ""  # Moodle's
    id_number: str = ""  # Moodle's
    github: str = ""  # the login there


@dataclass(frozen=True)
class Roster:
    """The people of a course by id, and Canvas' titles of its assignments' columns, such as "em (4711)"."""

    people: Mapping[str, Known] = field(default_factory=dict)
    columns: tuple[str, ...] = ()

    @cached_property
    def by_canvas_id(self) -> Mapping[str, tuple[str, ...]]:
        """The ids of those with each number of Canvas."""
        return _grouped((person.canvas_id, person.id) for person in self.people.values())

    def column(self, assignment: str) -> str:
        """Return Canvas' title of the column of an assignment; its name where Canvas told no other."""
        found = [title for title in self.columns if title.rpartition(" (")[0] == assignment]
        return found[0] if len(found) == 1 else assignment


@dataclass(frozen=True)
class Key:
    """What an archive said of a student: the system, its number, the name, the files or folders."""

    system: str  # "moodle", "canvas", "", MOVED or WITHDRAWN
    number: str
    name: str  # after these two the id of the student whose work it is
    files: tuple[str, ...] = ()


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """Return the second ones by the first."""
    found: dict[str, tuple[str, ...]] = {}
    for first, second in pairs:
        found[first] = (*found.get(first, ()), second)
    return found


def read_roster(course: Course) -> Roster:
    """Return the roster that was imported; an empty one without.

    Raises
    ------
    CourseError
        If its file cannot be read.
    """
    path = course.private / "people.json"
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return Roster(
            {person["id"]: Known(**person) for person in values["people"]}, tuple(values["columns"])
        )
    except FileNotFoundError:
        return Roster()
    except (ValueError, KeyError, TypeError) as error:
        raise CourseError(f"{path} is damaged: remove it, and import the roster again.") from error


def write_roster(course: Course, roster: Roster) -> None:
    """Keep the roster beside the gradebook."""
    values = {"people": [asdict(person) for person in roster.people.values()], "columns": roster.columns}
    text = json.dumps(values, indent=1, ensure_ascii=False) + "\n"
    replace_private(course.private / "people.json", text, course.private)


def read_keys(course: Course, assignment: str) -> dict[str, Key]:
    """Return what the archives of an assignment said of each student, by id."""
    try:
        values = json.loads((course.private / "keys" / f"{assignment}.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return {name: Key(**{**key, "files": tuple(key["files"])}) for name, key in values.items()}


def moved(course: Course, assignment: str) -> frozenset[str]:
    """Return the ids under which nothing counts: all that came under them is somebody else's."""
    return frozenset(name for name, key in read_keys(course, assignment).items() if key.system == MOVED)


def handed_on(course: Course, assignment: str) -> dict[str, Key]:
    """Return the ids whose work is somebody else's, and who have handed in nothing since."""
    present = set(course.students(assignment))
    return {
        name: key
        for name, key in read_keys(course, assignment).items()
        if key.system in (MOVED, WITHDRAWN) and name not in present
    }


def write_keys(course: Course, assignment: str, keys: Mapping[str, Key]) -> None:
    """Keep what an archive said, together with what earlier ones did."""
    path = course.private / "keys" / f"{assignment}.json"
    values = {name: asdict(key) for name, key in {**read_keys(course, assignment), **keys}.items()}
    replace_private(path, json.dumps(values, indent=1, ensure_ascii=False) + "\n", course.private)
