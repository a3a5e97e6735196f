"""The owner of a collected file or folder, by the names that learning management systems give them."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from unicodedata import normalize

from autograder.course.files import replace_private
from autograder.course.names import MONTHS, NOT_IN_PAGES, comparable, printable

if TYPE_CHECKING:  # without NumPy, for the process that unpacks archives
    from autograder.course.directory import Course

# Canvas: lib/content_zipper.rb; Moodle: mod/assign/classes/downloader.php.
SYSTEMS = (
    # A folder: nothing stands behind, so the last number is Moodle's, whatever somebody calls oneself.
    ("moodle", re.compile(r"(?P<name>.+?)(?:_(?P<number>\d+))?_assignsubmission_[a-z]+_?(?P<file>)")),
    ("moodle", re.compile(r"(?P<name>.+?)(?:_(?P<number>\d+))?_assignsubmission_[a-z]+_?(?P<file>.*)")),
    ("canvas", re.compile(r"(?P<name>anon_[A-Za-z0-9]+)_(?P<late>LATE_)?(?P<tag>\d+)_(?P<file>.+)")),
    ("canvas", re.compile(r"(?P<name>.+?)_(?P<late>LATE_)?(?P<number>\d+)_(?P<tag>\d+)_(?P<file>.+)")),
    # A text or a link typed into Canvas is no attachment, and so has no number of one.
    ("canvas", re.compile(r"(?P<name>anon_[A-Za-z0-9]+)_(?P<late>LATE_)?(?P<file>(?:text|link)\.html)")),
    ("canvas", re.compile(r"(?P<name>.+?)_(?P<late>LATE_)?(?P<number>\d+)_(?P<file>(?:text|link)\.html)")),
    (
        "blackboard",
        re.compile(r".+?_(?P<name>[^_]+)_attempt_(?P<tag>\d{4}(?:-\d\d){5})(?:_(?P<file>.+)|\.txt)?"),
    ),
    (
        "brightspace",
        re.compile(
            r"(?P<number>\d+-\d+) ?- (?P<name>.+?) - (?P<tag>[^-]*\b\d{4}\b[^-]*?\d(?: [AP]M)?)"
            r"(?: - (?P<file>.+))?"
        ),
    ),
    ("gradescope", re.compile(r"(?P<name>submission_\d+)(?P<file>)")),
    # Of nbgrader's exchange, also where : may not be in a file's name.
    (
        "nbgrader",
        re.compile(
            r"(?P<name>.+?)\+(?P<column>[^+]+)\+"
            r"(?P<tag>\d{4}-\d\d-\d\d \d\d[:_-]\d\d[:_-]\d\d(?:\.\d+)? [^+]+)(?:\+[^+]*)?(?P<file>)"
        ),
    ),
)
BRIGHTSPACE = re.compile(  # the time of an attempt, in the order and the language of the one who downloads
    r"(?:(?P<before>\d{1,2})\W+)?(?P<month>[^\W\d]+)\W+(?:(?P<day>\d{1,2})\W+)?(?P<year>\d{4})\W+"
    r"(?P<clock>\d\d? ?\d\d)(?: (?P<half>[AP]M))?"
)
BEFORE_ATTEMPT = re.compile(r"(.+?)_attempt_\d{4}(?:-\d\d){5}")  # in Blackboard's names
TWICE = re.compile(r"(?:.+_assignsubmission_[a-z]+_?){2}.+")  # a name, or a file, that holds another one's
# What Moodle calls everybody in an anonymous assignment (get_string('participant', 'assign')), without a /.
NAMELESS = re.compile(
    r"(?i)(?:.*-)?(?:participante?|teilnehmer(?:\*?in)?|partecipante|deelnemer|deltagare|deltager|deltaker|"
    r"uczestnik|účastník|osallistuja|участник|katılımcı|参加者|参与者)"
)
GROUP = re.compile(r"(?i)\b(?:\w*gruppe|groups?|groupe|grupo|gruppo|groep|teams?|équipe|equipo)\b")
MANY_ATTEMPTS = ("blackboard", "brightspace", "nbgrader")  # whose archives hold all attempts


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


@dataclass(frozen=True)
class Label:
    """What the name of a file or folder in an archive says."""

    owner: Owner
    tag: str = ""  # of the attempt, or of the file, in an order that is that of time
    late: bool = False  # whether the system says so
    file: str = ""  # the name that the student gave
    column: str = ""  # nbgrader's assignment


def system_of(names: Iterable[str]) -> str:
    """Return the system that most names of an archive are of; "" if they are of none.

    The end of a name is the student's, who may write another system's pattern into it.
    """
    names = [normalize("NFC", name) for name in names]
    counts: Counter[str] = Counter()
    for system in dict.fromkeys(system for system, _ in SYSTEMS):
        patterns = [pattern for known, pattern in SYSTEMS if known == system]
        counts[system] = sum(any(pattern.fullmatch(name) for pattern in patterns) for name in names)
    system, most = counts.most_common(1)[0]
    return system if most else ""


def title_of(names: Iterable[str], known: Collection[str] = ()) -> str:
    """Return what stands before the user's name in all of Blackboard's: the column's title, and a _.

    Both may hold a _ themselves, so that one name alone does not say where the other begins.

    Parameters
    ----------
    known : the ids of students
    """
    matched = (BEFORE_ATTEMPT.match(normalize("NFC", name)) for name in names)
    stems = sorted({found[1] for found in matched if found})
    first = stems[0] if stems else ""
    starts = (first[: place + 1] for place, letter in enumerate(first) if letter == "_")
    titles = [start for start in starts if all(stem.startswith(start) for stem in stems)]
    for title in titles:
        if any(stem.removeprefix(title) in known for stem in stems):
            return title
    return titles[-1] if titles else ""


def label_of(name: str, system: str = "", title: str = "") -> Label:
    """Return what a name says; what a student wrote into it becomes harmless text.

    Parameters
    ----------
    system : that the archive is of; it goes before all others
    title : of Blackboard's column, which stands before the user's name
    """
    name = normalize("NFC", name)
    for found, pattern in sorted(SYSTEMS, key=lambda pair: pair[0] != system):
        if matched := pattern.fullmatch(name):
            told = {key: value or "" for key, value in matched.groupdict().items()}
            before = BEFORE_ATTEMPT.match(name)
            if found == "blackboard" and title and before and before[1].startswith(title):
                told["name"] = before[1].removeprefix(title)
            owner = Owner(_harmless(told["name"]), told.get("number", ""), found)
            tag, column = _in_order(told.get("tag", "")), told.get("column", "")
            return Label(owner, tag, bool(told.get("late")), told["file"], column)
    return Label(Owner(_harmless(name)))


def owner_of(name: str, system: str = "") -> Owner:
    """Return whose a file or folder of this name is, in an archive of this system."""
    return label_of(name, system).owner


def original_name(name: str) -> str:
    """Return the name that the student gave to a file of a flat archive."""
    return label_of(name).file or name


def nameless(owners: Collection[Owner]) -> set[Owner]:
    """Return those of Moodle's whose names it hides, so that a number is all that is known of them."""
    of_moodle = [owner for owner in owners if owner.system == "moodle"]
    one_name = len(of_moodle) > 2 and len({owner.name for owner in of_moodle}) == 1
    return {owner for owner in of_moodle if owner.number and (one_name or NAMELESS.fullmatch(owner.name))}


def are_of_groups(
    owners: Collection[Owner], answered: Collection[Owner], known: Collection[str], is_roster: bool
) -> bool:
    """Return whether Moodle's numbers in an archive are groups', so that they are no participant's.

    Parameters
    ----------
    answered : of whom several students were told
    known : keys of those who are people of the roster by their names
    is_roster : whether there is a roster at all
    """
    of_moodle = [owner for owner in owners if owner.system == "moodle" and owner.number]
    if any(owner in answered or may_be_group(owner) for owner in of_moodle):
        return True
    strangers = is_roster and len(of_moodle) > 1 and not any(one.key in known for one in of_moodle)
    return strangers and not nameless(of_moodle)


def may_be_group(owner: Owner) -> bool:
    """Return whether a name of Moodle's speaks of a group."""
    return owner.system == "moodle" and bool(GROUP.search(owner.name))


def _harmless(person: str) -> str:
    text = printable(NOT_IN_PAGES.sub("_", person)).replace("\\", "_").strip()
    return re.sub(r"^\.+", "_", text)  # a folder whose name begins with a dot is not seen


def _in_order(tag: str) -> str:
    """Return a number or a time as text whose alphabetical order is that of numbers or times."""
    if told := BRIGHTSPACE.fullmatch(tag):
        month = MONTHS.get(told["month"].lower(), 0)
        day, clock = int(told["before"] or told["day"] or 0), int(re.sub(r"\D", "", told["clock"]))
        clock = clock % 1200 + (1200 if told["half"] == "PM" else 0) if told["half"] else clock
        return f"{told['year']}-{month:02d}-{day:02d}T{clock:04d}"
    return tag.zfill(20) if tag.isdigit() else tag


def ids_of(
    owners: Collection[Owner], earlier: Mapping[str, str], known: Collection[str] = ()
) -> tuple[dict[Owner, str], list[str]]:
    """Return an id for each owner, and notes: the name, or name and number where several have that name.

    Who was collected `earlier` (key -> id) keeps the id, so that nobody gets into another one's folder. The
    keys that are `known` are somebody's for certain.
    """
    of_name = defaultdict(set)
    for owner in owners:
        of_name[_in_small_letters(owner)].add(owner)
    taken = {*earlier.values(), *map(comparable, earlier.values())}
    ids = {
        owner: earlier.get(owner.key)
        or (owner.key if len(of_name[name := _in_small_letters(owner)]) > 1 or name in taken else owner.name)
        for owner in owners
    }
    _make_unique(ids, {owner for owner in owners if owner.key in earlier})
    notes = []
    for namesakes in sorted(map(sorted, of_name.values())):
        if all(owner.key in known for owner in namesakes):
            continue
        name = namesakes[0].name
        if any(ids[owner] != owner.name for owner in namesakes):
            given = {*(ids[owner] for owner in namesakes), *({name} & set(earlier.values()))}
            notes.append(
                f"several students are called {name}, or one handed in several times; the numbers of their "
                f"files tell them apart: {' and '.join(sorted(given))}."
            )
    return ids, notes


def _make_unique(ids: dict[Owner, str], fixed: Collection[Owner]) -> None:
    """Give another id to who would get one that somebody else has: the key, or the key once more numbered.

    Who is called like another one's key ("Ada Long 123" beside Ada Long, 123) may have chosen the name. Then
    first come those `fixed` earlier, then those whose number makes the id. Capital letters make no other id:
    to some disks Ada's folder and ada's are one.
    """
    used, alike = set[str](), set[str]()
    for owner in sorted(ids, key=lambda owner: (owner not in fixed, ids[owner] == owner.name, owner)):
        further = (f"{owner.key} ({number})" for number in range(2, len(ids) + 2))
        candidates = [ids[owner], owner.key, *further]
        chosen = bool(owner.number) and owner not in fixed  # the name, by a person who may be anybody
        ids[owner] = next(
            name for name in candidates if not (comparable(name) in alike if chosen else name in used)
        )
        used.add(ids[owner])
        alike.add(comparable(ids[owner]))


def _in_small_letters(owner: Owner) -> str:
    """Return a name without its capital letters where people choose it, and a number tells them apart."""
    return comparable(owner.name) if owner.number else owner.name


def read_ids(course: Course, assignment: str) -> dict[str, tuple[str, ...]]:
    """Return whose everything was when this assignment was collected before, by key: of a group all ids."""
    try:
        values = json.loads((course.private / "collected" / f"{assignment}.json").read_text("utf-8"))
    except FileNotFoundError:
        return {}
    return {key: (told,) if isinstance(told, str) else tuple(told) for key, told in values.items()}


def write_ids(course: Course, assignment: str, ids: Mapping[str, Sequence[str]]) -> None:
    """Keep whose everything is, by key, together with what was kept earlier."""
    kept = {key: students[0] if len(students) == 1 else students for key, students in sorted(ids.items())}
    if kept:
        path = course.private / "collected" / f"{assignment}.json"
        before = {
            key: students[0] if len(students) == 1 else students
            for key, students in read_ids(course, assignment).items()
        }
        replace_private(path, json.dumps(before | kept, indent=1) + "\n", course.private)
