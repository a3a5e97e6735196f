"""What a folder holds: attempts, and whose their names say they are."""

from __future__ import annotations

import os
import pwd
import re
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from unicodedata import normalize

from autograder.collect.owners import MANY_ATTEMPTS, TWICE, Label, Owner, label_of, system_of, title_of
from autograder.collect.persons import Persons, are_groups
from autograder.course.names import (
    MAX_OTHERS,
    is_notebook,
    is_paper,
    is_written,
    parse_time,
    printable,
    without_ending,
)
from autograder.intake import folder

NOBODY = Persons()
NOBODY_KNOWN: Mapping[str, str] = MappingProxyType({})
EXCHANGE = (
    "these are folders of nbgrader's exchange: whose they are and when they came is read from their "
    "names, which students give them. Where the exchange itself is, say --exchange instead of "
    "--directory: there the file system tells, too"
)
SLACK = timedelta(minutes=1)  # between the time in a folder's name and the file system's


@dataclass(frozen=True)
class Found:
    """One attempt in an archive or folder: its files and folders, and what their names say."""

    places: tuple[Path, ...] = ()
    tag: str = ""
    late: bool = False
    system: str = ""
    stamp: str = ""  # when it was handed in, if a name says so


def submissions(
    source: Path, assignment: str, known: Collection[str] = (), persons: Persons = NOBODY
) -> tuple[dict[Owner, list[Found]], list[str]]:
    """Return attempts by owner, in the order of time; one folder that holds all others is stepped into.

    Parameters
    ----------
    known : the ids of students
    persons : of the roster
    """
    inner = _in_groups([path for path in source.iterdir() if not _is_hidden(path)], persons)
    if len(inner) == 1 and _is_around(inner[0], assignment, persons):
        found, notes = submissions(inner[0], assignment, known, persons)
        if not any(owner.system or path.is_dir() for owner in found for path in found[owner][0].places):
            taken_for = f"the notebooks in {printable(inner[0].name)} are taken for {len(found)} students'"
            notes.append(
                f"{taken_for}; if they are one student's, call the one that counts {assignment}.ipynb"
            )
        return found, notes
    said: dict[Owner, dict[str, list[tuple[Path, Label, bool]]]] = {}
    plain = [path for path in sorted(inner) if not path.is_symlink()]
    notes, several = _apart(plain, assignment, system_of(path.name for path in inner), known, persons)
    for path in sorted(inner):
        if path.is_symlink():
            notes.append(f"left out {printable(path.name)}: it is a link")
            continue
        label, taken = several[path], path.is_dir() or is_notebook(path.name)
        if label.column and (problem := _not_this(path, label, assignment)):
            notes.append(f"left out {printable(path.name)}: {problem}")
            continue
        named = label.owner.system or label.file  # by a system, or after a person of the roster
        if not taken and not named:
            notes.append(f"left out {printable(path.name)}: it is no notebook (.ipynb)")
        elif label.owner.name == assignment and not path.is_dir():
            notes.append(f"left out {printable(path.name)}: nothing says whose it is")
            continue
        if taken or named:  # who handed in something else has a row, too
            group = label.tag if label.owner.system in MANY_ATTEMPTS else ""
            said.setdefault(label.owner, {}).setdefault(group, []).append((path, label, taken))
    found = {owner: [_found(groups[group]) for group in sorted(groups)] for owner, groups in said.items()}
    kept = {path for groups in found.values() for one in groups for path in one.places}
    for path in sorted(path for path in inner if path in several and several[path].owner in found):
        if path not in kept and several[path].owner.system and not path.is_symlink():
            notes.append(f"left out {printable(path.name)}: it is no notebook (.ipynb)")
    if any(owner.system == "nbgrader" for owner in found):
        notes.append(EXCHANGE)
    return found, notes


def doubts(
    found: Mapping[Owner, Sequence[Found]], assignment: str, known: Mapping[str, str] = NOBODY_KNOWN
) -> list[str]:
    """Return what only a person can answer: folders that may be several people's, names that are nobody's.

    Parameters
    ----------
    known : whose it is for certain, by the owner's key
    """
    asked = []
    for owner, several in sorted(found.items()):
        places = [path for one in several for path in one.places]
        asked += [
            f"{printable(path.name)} was taken for {owner.key}'s, and names somebody else, too. Whose is it?"
            for path in places
            if owner.system == "moodle" and not path.is_dir() and TWICE.fullmatch(path.name)
        ]
        unnamed = re.fullmatch(rf"(?i){re.escape(assignment)}\W*(?:copy)?\W*\d+\W*", owner.name)
        for path in places if not owner.system else ():
            if not known.get(owner.key) and len(inner := _who_may_be_in(path, assignment)) > 1:
                asked.append(
                    f"{printable(path.name)} has notebooks of {', '.join(inner[:5])}, and was taken for one "
                    "student's. Are these several students? Then collect that folder by itself, with "
                    "--directory."
                )
            if unnamed and not known.get(owner.key):
                asked.append(
                    f"nothing says whose {printable(path.name)} is; it was taken in as {owner.name}'s. Whose "
                    "is it? Name the file or its folder after the student, and collect again."
                )
    return asked


def _who_may_be_in(folder: Path, assignment: str) -> list[str]:
    """Return the names of inner folders and notebooks that may be students', none like the assignment's."""
    if not folder.is_dir():
        return []
    inner = sorted(path for path in folder.iterdir() if not _is_hidden(path) and not path.is_symlink())
    notebooks = [path.name for path in inner if is_notebook(path.name) and not path.is_dir()]
    if any(assignment.lower() in name.lower() for name in notebooks):
        return []
    folders = [path for path in inner if path.is_dir() and any(path.rglob("*.[iI][pP][yY][nN][bB]"))]
    versions = [path for path in folders if re.fullmatch(r"Version \d+", path.name)]
    return [printable(without_ending(name)) for name in notebooks] + [
        printable(path.name) for path in folders if path not in versions
    ]


def _in_groups(inner: list[Path], persons: Persons) -> list[Path]:
    """Return what lies in the folders of groups in their place.

    Groups are they where a system's names are on all that is in them, or most of it is named after people of
    the roster.
    """
    groups = [path for path in inner if path.is_dir() and not path.is_symlink()]
    others = [path for path in inner if path not in groups]
    if any(map(_says_whose, groups)) or any(_says_whose(path) or is_notebook(path.name) for path in others):
        return inner
    held = {group: [path for path in group.iterdir() if not _is_hidden(path)] for group in groups}
    within = [path for paths in held.values() for path in paths]
    named = [(group.name, [without_ending(path.name) for path in paths]) for group, paths in held.items()]
    told = bool(within) and all(map(_says_whose, within))
    return [*others, *within] if told or are_groups(named, persons) else inner


def _says_whose(path: Path) -> bool:
    return bool(label_of(path.name).owner.system)


def _is_hidden(path: Path) -> bool:
    """Return whether a program keeps something there; a person's name may begin with a dot, too."""
    if path.name in folder.IGNORED:
        return True
    return path.name.startswith(".") and not (path.is_dir() and label_of(path.name).owner.system)


def _apart(
    paths: Sequence[Path], assignment: str, system: str, known: Collection[str], persons: Persons
) -> tuple[list[str], dict[Path, Label]]:
    """Return what each name says, and notes; names that were cleaned do not become another one's.

    `a"b` and `a_b` are two people, as are "ada " and "ada": nothing but the name tells them apart.
    """
    labels, taken, notes = dict[Path, Label](), dict[str, str](), list[str]()
    title = title_of((path.name for path in paths), known)
    said = {path: _label(path, assignment, system, title, persons) for path in paths}
    for path in sorted(paths, key=lambda path: _raw(path, assignment) != said[path].owner.name):
        label, raw = said[path], _raw(path, assignment)
        name, number = label.owner.name, 2
        while not label.owner.system and taken.setdefault(name, raw) != raw:
            name, number = f"{label.owner.name} ({number})", number + 1
        if name != label.owner.name:
            notes.append(f"{printable(path.name)} is {name} here: {label.owner.name} is somebody else's name")
        labels[path] = replace(label, owner=replace(label.owner, name=name))
    return list(dict.fromkeys(notes)), labels


def _raw(path: Path, assignment: str) -> str:
    """Return the name of a person as it stands there."""
    stem = without_ending(path.name) if is_notebook(path.name) else path.stem
    name = normalize("NFC", path.name if path.is_dir() else stem)
    return name if path.is_dir() else _without_assignment(name, assignment)


def _without_assignment(name: str, assignment: str) -> str:
    """Return STUDENT of STUDENT_em, and of "STUDENT - em" as Google Classroom calls a copy for each."""
    return re.sub(rf"(?<=.)(?:_| - (?:Copy of )?){re.escape(assignment)}$", "", name)


def _label(path: Path, assignment: str, system: str, title: str, persons: Persons) -> Label:
    """Return what a name says; STUDENT_em.ipynb and "STUDENT - em.ipynb" are STUDENT's.

    So is STUDENT.pdf, where the roster has a STUDENT.
    """
    label = label_of(path.name, system, title)
    if path.is_dir() or label.owner.system:
        return label
    if not is_notebook(path.name):
        stem = _raw(path, assignment)
        return Label(Owner(stem), file=path.name) if persons.find(stem) else label
    owner = label_of(without_ending(path.name), system).owner
    return Label(replace(owner, name=_without_assignment(owner.name, assignment)))


def _found(said: Sequence[tuple[Path, Label, bool]]) -> Found:
    """Return one attempt: its notebooks, folders and a few papers; else a few of the files that there are."""
    taken = tuple(path for path, _, taken in said if taken)
    papers = tuple(path for path, label, taken in said if not taken and is_paper(label.file))[:MAX_OTHERS]
    others = tuple(path for path, label, _ in said if not is_written(label.file))[:MAX_OTHERS]
    return Found(
        (*taken, *papers) if taken else others,
        "+".join(sorted({label.tag for _, label, _ in said if label.tag})),
        any(label.late for _, label, _ in said),
        next((label.owner.system for _, label, _ in said), ""),
        next((_time_of(label.tag) for _, label, _ in said if label.column), ""),
    )


def _time_of(tag: str) -> str:
    """Return nbgrader's time in a folder's name, in which some systems allow no colon."""
    day, _, clock = tag.partition(" ")
    return f"{day} {re.sub('[_-]', ':', clock, count=2)}"


def _is_around(place: Path, assignment: str, persons: Persons) -> bool:
    """Return whether a folder holds the folders or notebooks of students, and is not one student's."""
    if place.is_symlink() or not place.is_dir() or label_of(place.name).owner.system:
        return False
    inner = [path for path in place.iterdir() if path.name not in folder.IGNORED]
    notebooks = [path for path in inner if is_notebook(path.name) and not path.is_dir()]
    files = [path for path in inner if not path.is_dir()]
    if len({person for path in files if (person := persons.find(_raw(path, assignment)))}) > 1:
        return not persons.find(place.name)
    own = [path for path in notebooks if not label_of(path.name).owner.system]
    if len(own) + 1 < len(notebooks):  # a flat archive of some system
        return True
    if any(path.is_dir() for path in inner):
        return not own
    return len(own) > 1 and not any(path.name.lower().startswith(assignment.lower()) for path in own)


# --------------------------------------------------------------------------- nbgrader's exchange


def _not_this(path: Path, label: Label, assignment: str) -> str:
    """Return why a folder of nbgrader's exchange is not taken, or nothing."""
    if label.column != assignment:
        return f"it is of {label.column}, and this is {assignment}"
    time = parse_time(_time_of(label.tag))
    if time is None or not path.is_dir():
        return "the exchange has no such folder"
    ours = (account_of(os.getuid()), account_of(0))
    problem = doubt(label.owner.name, time, account_of(path.lstat().st_uid), last_changed(path), ours)
    return (
        f"{problem}. If it is to count all the same, copy the folder, and collect the copy" if problem else ""
    )


def doubt(student: str, named: datetime, owner: str, changed: datetime, ours: tuple[str, ...]) -> str:
    """Return what the file system says against a folder's name, or nothing.

    Parameters
    ----------
    student, named : whose it is and when it was handed in (UTC), by the folder's name
    owner : the account that the folder belongs to
    changed : when it or a file in it was last changed (UTC), which no student can set: st_ctime
    ours : accounts that may put a folder there for somebody: who collects, and root
    """
    if owner in ours:
        return ""
    if owner != student:
        return f"it belongs to the account {owner}"
    if abs(changed - named) > SLACK:
        return f"it was last changed at {changed:%Y-%m-%d %H:%M:%S} UTC, which is not the time in its name"
    return ""


def last_changed(place: Path) -> datetime:
    """Return when a folder or anything in it was last changed (UTC): a file can be, its folder not.

    All of it is looked at: what is passed over could hide a file that was written anew.
    """
    latest = place.lstat().st_ctime
    for outer, folders, names in os.walk(place):
        for name in (*folders, *names):
            with suppress(OSError):  # gone meanwhile
                latest = max(latest, Path(outer, name).lstat().st_ctime)
    return datetime.fromtimestamp(latest, UTC).replace(tzinfo=None)


def account_of(uid: int) -> str:
    """Return the name of an account, or its number."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
