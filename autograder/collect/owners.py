"""The owner of a collected file or folder, by the names that learning management systems give them."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from unicodedata import normalize

from autograder.course.files import replace_file
from autograder.course.names import NOT_IN_PAGES, printable

if TYPE_CHECKING:  # without NumPy, for the process that unpacks archives
    from autograder.course.directory import Course

MOODLE = re.compile(r"^(?P<name>.+)_(?P<number>\d+)_assignsubmission_.+$")
CANVAS = re.compile(r"^(?P<name>[^_]+)_(?:LATE_)?(?P<number>\d+)_\d+_.+$")


@dataclass(frozen=True, order=True)
class Owner:
    """A name, and the number by which the system tells two people of that name apart, if there is one."""

    name: str
    number: str = ""
    system: str = field(default="", compare=False)  # whose number it is

    @property
    def key(self) -> str:
        """Name and number."""
        return f"{self.name} {self.number}".strip()


def owner_of(name: str) -> Owner:
    """Return whose a file or folder of this name is; what a student wrote into it becomes harmless text."""
    name = normalize("NFC", name)
    moodle = MOODLE.match(name)
    matched = moodle or CANVAS.match(name)
    person, number = (matched["name"], matched["number"]) if matched else (name, "")
    system = "moodle" if moodle else "canvas" if matched else ""
    return Owner(printable(NOT_IN_PAGES.sub("_", person)).replace("\\", "_").strip(), number, system)


def original_name(name: str) -> str:
    """Return the name that the student gave to a file of a flat archive."""
    matched = re.match(r"^.+?_(?:\d+_assignsubmission_file_|(?:LATE_)?\d+_\d+_)(?P<file>.+)$", name)
    return matched["file"] if matched else name


def ids_of(owners: Collection[Owner], earlier: Mapping[str, str]) -> tuple[dict[Owner, str], list[str]]:
    """Return an id for each owner, and notes: the name, or name and number where several have that name.

    Who was collected `earlier` (key -> id) keeps the id, so that nobody gets into another one's folder.
    """
    of_name = defaultdict(set)
    for owner in owners:
        of_name[owner.name].add(owner)
    taken = set(earlier.values())
    ids = {
        owner: earlier.get(owner.key)
        or (owner.key if len(of_name[owner.name]) > 1 or owner.name in taken else owner.name)
        for owner in owners
    }
    _make_unique(ids, {owner for owner in owners if owner.key in earlier})
    notes = []
    for name, namesakes in sorted(of_name.items()):
        if any(ids[owner] != name for owner in namesakes):
            given = " and ".join(sorted({*(ids[owner] for owner in namesakes), *({name} & taken)}))
            notes.append(
                f"several students are called {name}; the numbers of their files tell them apart: {given}. "
                "Moodle gives other numbers in each assignment: to keep one id for each person, unpack the "
                "archive, give the folders names of your own, and collect them with --directory."
            )
    return ids, notes


def _make_unique(ids: dict[Owner, str], fixed: Collection[Owner]) -> None:
    """Give another id to who would get one that somebody else has: the key, or the key once more numbered.

    Who is called like another one's key ("Ada Long 123" beside Ada Long, 123) may have chosen the name. Then
    first come those `fixed` earlier, then those whose number makes the id.
    """
    used: set[str] = set()
    for owner in sorted(ids, key=lambda owner: (owner not in fixed, ids[owner] == owner.name, owner)):
        further = (f"{owner.key} ({number})" for number in range(2, len(ids) + 2))
        candidates = [ids[owner], owner.key, *further]
        ids[owner] = next(name for name in candidates if name not in used)
        used.add(ids[owner])


def read_ids(course: Course, assignment: str) -> dict[str, str]:
    """Return the ids that were given when this assignment was collected before, by key."""
    try:
        values = json.loads((course.private / "collected" / f"{assignment}.json").read_text("utf-8"))
    except FileNotFoundError:
        return {}
    return dict(values)


def write_ids(course: Course, assignment: str, ids: Mapping[Owner, str]) -> None:
    """Keep the ids of owners with a number, together with the earlier ones."""
    kept = {owner.key: student for owner, student in sorted(ids.items()) if owner.number}
    if kept:
        path = course.private / "collected" / f"{assignment}.json"
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        values = read_ids(course, assignment) | kept
        replace_file(path, json.dumps(values, indent=1) + "\n", 0o666)
