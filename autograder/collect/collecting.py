"""Takes submissions in: from nbgrader's exchange, an archive of a learning management system, or a folder.

Archives and folders come from students, so paths are never followed out, links and devices are left out, and
an archive is read in a process with limits. A student's own timestamp.txt is not believed. Every attempt is
kept (`attempts`); the one that counts goes to submitted/ (`placing`).
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.collect import attempts, placing, who
from autograder.collect.attempts import Handed
from autograder.collect.found import Found, doubts, submissions
from autograder.collect.owners import (
    Owner,
    are_of_groups,
    ids_of,
    label_of,
    may_be_group,
    nameless,
    read_ids,
    write_ids,
)
from autograder.collect.persons import Persons
from autograder.collect.placing import Due
from autograder.collect.roster import identified, persons_of
from autograder.collect.unzip import NO_ZIP
from autograder.course.directory import FOLDERS, Course
from autograder.course.errors import CourseError
from autograder.course.files import NO_ROOM, one_at_a_time
from autograder.course.names import (
    LEFT_OUT,
    check_student,
    is_notebook,
    printable,
    without_ending,
)
from autograder.course.people import MOVED, WITHDRAWN, Key, read_keys, read_roster, write_keys
from autograder.intake import folder
from autograder.intake.decoding import other_archive
from autograder.intake.reader import Reader

MEMBERS = "; several ids with a ; between them"
HIDDEN = (
    "submissions are anonymous: Moodle's archive has numbers in the place of names. They are taken in under "
    "these, and grades and pages go back by them. When Moodle shows the names, download the grading "
    "worksheet, and type: autograder people import worksheet.csv --assignment {}; then collect again"
)
STRANGE = (
    "is nothing in here. If a spreadsheet has changed a name, answer in the row that has the name as it is"
)
NO_KEY = Key("", "", "")
SECONDS = 120.0  # for one archive
PROGRAM = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from autograder.collect.unzip import main; main(*sys.argv[2:])"
)


@dataclass(frozen=True)
class Collected:
    """Who handed in, and what is worth knowing about it: first what a person must decide."""

    students: tuple[str, ...]
    notes: tuple[str, ...] = ()
    questions: int = 0  # so many of the notes, the first ones, ask for an answer
    renamed: tuple[str, ...] = ()  # whose one notebook has another name, and which: that does no harm
    nameless: int = 0  # so many submissions are somebody's of whom the system tells a number alone

    def noting(self, more: Iterable[str]) -> Collected:
        """Return the same with more to know, behind what a person must decide."""
        asked, told = self.notes[: self.questions], self.notes[self.questions :]
        return replace(self, notes=(*asked, *more, *told))

    @property
    def on_names(self) -> str:
        """How many notebooks have other names, in one line; "" if none has."""
        count = len(self.renamed)
        said = "1 notebook has" if count == 1 else f"{count} notebooks have"
        return f"{said} another name, which does no harm" if count else ""


def no_deadline(student: str) -> None:
    """Return the deadline of an assignment that has none."""


def from_zip(
    course: Course,
    assignment: str,
    archive: Path,
    due: Due = no_deadline,
    encoding: str = "",
    name: str = "",
) -> Collected:
    """Take in the submissions of an archive, one folder or one notebook for each student.

    Parameters
    ----------
    due : gives a student's deadline (UTC)
    encoding : of names that are not marked as UTF-8; empty to guess
    name : by which attempts remember where they come from; the archive's own unless given

    Raises
    ------
    CourseError
        If the archive cannot be read at all.
    """
    if not archive.is_file():
        if archive.is_dir():
            raise CourseError(f"{archive} is a folder and no archive. Say --directory in the place of --zip.")
        raise CourseError(f"There is no file {archive}.")
    attempts.tidy(course.private, "unpacked-*")
    with tempfile.TemporaryDirectory(dir=course.private, prefix="unpacked-") as staging:
        told = _unpacked(archive, staging, encoding, persons_of(read_roster(course)))
        try:
            collected = from_directory(course, assignment, Path(staging), due, name or archive.name)
        except CourseError as error:
            said = str(error).replace(staging, "it")
            raise CourseError(f"{archive}: {said}{_also(told[:3])}") from error
    return collected.noting(told)


def _unpacked(archive: Path, staging: str, encoding: str, persons: Persons) -> list[str]:
    """Unpack an archive in a process with limits; return what that told.

    Raises
    ------
    CourseError
        If it cannot be read at all.
    """
    program = [sys.executable, "-I", "-S", "-B", "-X", "utf8", "-c", PROGRAM, str(Path(__file__).parents[2])]
    try:
        run = subprocess.run(
            [*program, str(archive.resolve()), staging, encoding],
            input=persons.to_json(),
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise CourseError(
            f"{archive} takes longer than {SECONDS:g} s to unpack; nothing was taken in."
        ) from None
    if run.returncode != 0:
        reason, remedy = run.stderr.strip().rpartition("\n")[2], "get the archive anew"
        if reason == NO_ZIP:
            with archive.open("rb") as file:
                reason, remedy = other_archive(file.read(1024))
        reason = reason or "it takes too much memory"
        raise CourseError(f"{archive} cannot be unpacked: {reason}. Nothing was taken in; {remedy}.")
    return run.stdout.splitlines()


def _also(notes: Sequence[str]) -> str:
    """Return what else to say of an archive in which nobody's notebook was found."""
    left = "; ".join(notes)
    archives = re.findall(r"\.(?:zip|7z|rar|tar|gz): it is no notebook", left)
    remedy = " Unpack it: it holds an archive itself, and that is the one to take." if archives else ""
    if len(archives) > 1:
        remedy = " Unpack it, and each archive in it into a folder of its own; then collect with --directory."
    return f" Also: {left}.{remedy}" if left else ""


def from_directory(
    course: Course, assignment: str, source: Path, due: Due = no_deadline, name: str = ""
) -> Collected:
    """Take in a folder's submissions: STUDENT/…/em.ipynb, STUDENT.ipynb, or as Moodle and Canvas name them.

    Parameters
    ----------
    due : gives a student's deadline (UTC)
    name : by which attempts remember where they come from; the folder's own unless given

    Raises
    ------
    CourseError
        If the folder does not exist or nothing in it says whose it is.
    """
    if not source.is_dir():
        if source.is_file():
            raise CourseError(f"{source} is a file and no folder. Say --zip in the place of --directory.")
        raise CourseError(f"There is no folder {source}.")
    _not_the_courses_own(course, assignment, source)
    roster = read_roster(course)
    known = {*roster.people, *course.students(assignment)}
    found, notes = submissions(source, assignment, known, persons_of(roster))
    if not found:
        said = f" But: {'; '.join(notes[:3])}." if notes else ""
        raise CourseError(
            f"No notebooks were found in {source}: expected STUDENT/{assignment}.ipynb or STUDENT.ipynb for "
            f"each.{said}"
        )
    with one_at_a_time(course.private):
        return _taken_in(course, assignment, found, due, name or source.name, notes)


def _not_the_courses_own(course: Course, assignment: str, source: Path) -> None:
    """Raise CourseError if a folder is the course itself or one of its own: nobody has handed in there."""
    place, root = source.resolve(), course.root.resolve()
    own = [course.folder(name).resolve() for name in FOLDERS if name != "exchange"]
    if place != root and not any(place == one or one in place.parents for one in own):
        return
    if place == root / "submitted":
        raise CourseError(
            f"{source} is where the course keeps what was collected: it is there already. Type: autograder "
            f"grade {assignment}"
        )
    raise CourseError(f"{source} is the course's own. Name the folder that holds what students handed in.")


def _taken_in(
    course: Course,
    assignment: str,
    found: Mapping[Owner, Sequence[Found]],
    due: Due,
    name: str,
    notes: list[str],
) -> Collected:
    """Keep what was found, each as its owner's, and say who that is."""
    known = identified(read_roster(course), [*found], read_keys(course, assignment))
    ids, unclear, told = _ids(course, assignment, found, known)
    unclear += doubts(found, assignment, known)
    notes = [*unclear, *told, *notes]
    taken: dict[str, None] = {}
    renamed: list[str] = []
    doubtful: list[str] = []
    pairs = [(name, several) for owner, several in sorted(found.items()) for name in ids[owner]]
    with reading(course, assignment) as reader:
        for student, several in pairs:
            try:
                check_student(student)
                placing.adopt(course, assignment, student, "submitted", reader)
                for one in several:
                    handed = Handed(name, one.stamp, tag=one.tag, late=one.late)
                    notes += _keep(course, assignment, student, one, handed, reader, renamed, doubtful)
                placing.settle(course, assignment, student, due)
                taken[student] = None
            except (CourseError, OSError, ValueError) as error:  # one student's is never the end of all
                if isinstance(error, OSError) and error.errno in NO_ROOM:
                    raise
                notes.append(f"left out {printable(student)}: {error}")
    if not taken:
        raise CourseError("Nothing was taken in. " + "; ".join(notes[:5]))
    late = sorted({student for student, several in pairs if several[-1].late})
    notes += [f"marked as late by the system, which does not say when: {', '.join(late)}"] if late else []
    if doubtful:
        notes.append(
            f"taken as {assignment}.ipynb in spite of other names: {', '.join(doubtful)}. Look at them"
        )
    hidden = sum(ids[owner] == (owner.key,) for owner in nameless([*found]))
    return Collected(tuple(taken), tuple(notes), len(unclear), tuple(renamed), hidden)


@contextmanager
def reading(course: Course, assignment: str) -> Iterator[Reader | None]:
    """Yield who reads notebooks of a released assignment; None if it was not released."""
    if assignment not in course.assignments:
        yield None
        return
    with Reader(course.release(assignment)) as reader:
        yield reader


# --------------------------------------------------------------------------- whose it is


def _ids(
    course: Course, assignment: str, found: Mapping[Owner, Sequence[Found]], known: Mapping[str, str]
) -> tuple[dict[Owner, tuple[str, ...]], list[str], list[str]]:
    """Return whose everything is, kept for next time; what is unclear; and what is to know.

    What is unclear stands in a table to fill in.

    Parameters
    ----------
    known : who is a person of the roster, by the owner's key; "" for nobody
    """
    earlier, roster = read_ids(course, assignment), read_roster(course)
    # One person of the roster for two owners is nobody's: their numbers tell them apart.
    counts = Counter(known.values())
    once = {key: name for key, name in known.items() if name and counts[name] == 1}
    told = who.answers(course, assignment, known, persons_of(roster), _ids_before(course, earlier))
    hidden = nameless([*found])
    shown = {owner.key: (once[owner.key],) for owner in hidden if owner.key in once}
    answered = {**shown, **told.students}
    open_ones = [owner for owner in found if owner.key not in answered]
    numbers = {owner.key: owner.key for owner in hidden if owner.key not in answered}
    firsts = {key: students[0] for key, students in earlier.items()}
    ids, same = ids_of(open_ones, once | numbers | firsts, {*once, *numbers})
    asked = [owner for owner in open_ones if owner.key not in numbers]
    unclear = [*_unclear(course, assignment, asked, ids, same, once, firsts), *told.notes]
    strange = [found for found in told.others if found not in earlier] if unclear else []
    unclear += [f"{who.table_of(course, assignment).name}: {_some(strange)} {STRANGE}"] if strange else []
    shared = {owner: answered.get(owner.key) or (ids[owner],) for owner in found}
    again = [owner for owner in open_ones if firsts.get(owner.key, owner.key + " ") == ids[owner]]
    shared |= {owner: earlier[owner.key] for owner in again}
    left = _handed_on(course, assignment, found, shared, earlier, answered)
    _write_keys(course, assignment, found, shared, once)
    lasting = [owner for owner in found if owner.number or owner.key in answered]
    write_ids(course, assignment, {owner.key: shared[owner] for owner in lasting})
    hiding = [f"{len(numbers)} {HIDDEN.format(assignment)}"] if numbers else []
    return shared, unclear, [*left, *hiding, *told.guessed]


def _ids_before(course: Course, earlier: Mapping[str, Sequence[str]]) -> set[str]:
    """Return the ids under which something was collected before."""
    submitted = {path.name for path in course.folder("submitted").iterdir() if path.name[:1] != "."}
    return submitted.union(*earlier.values())


def _unclear(
    course: Course,
    assignment: str,
    owners: Sequence[Owner],
    ids: Mapping[Owner, str],
    same: Sequence[str],
    once: Mapping[str, str],
    earlier: Mapping[str, str],
) -> list[str]:
    """Return what is asked of these owners, and write the table that waits for the answers.

    Parameters
    ----------
    same : sentences on people of one name
    once : who is a person of the roster for certain, by key
    """
    table, roster = who.table_of(course, assignment).name, read_roster(course)
    notes = [f"{note} Are they? Say so in {table}" for note in same]
    numbered = [owner for owner in owners if ids[owner] != owner.name and owner.key not in once]
    unclear = {owner.key: ids[owner] for owner in numbered}
    strangers = {owner.key: ids[owner] for owner in owners if ids[owner] not in roster.people}
    if roster.people and strangers:
        unclear |= strangers
        asked = "Who is there under another name, or who are the members of a group?"
        notes.append(f"not in the roster: {_some(strangers)}. {asked} Say so in {table}")
    groups = {owner.key: ids[owner] for owner in owners if may_be_group(owner)}
    if groups and not roster.people:
        unclear |= groups
        notes.append(f"not one student's, it seems: {_some(groups)}. Who are the members? Say so in {table}")
    numbers = _of_one_number(owners, earlier, ids)
    unclear |= {owner.key: ids[owner] for owner in numbers}
    notes += [f"{note} Are they one? Say so in {table}" for note in numbers.values()]
    if notes:
        notes[-1] += f" (column student{MEMBERS}), and type the same command again."
        who.write_table(course, assignment, unclear)
    return notes


def _handed_on(
    course: Course,
    assignment: str,
    found: Mapping[Owner, Sequence[Found]],
    ids: Mapping[Owner, tuple[str, ...]],
    earlier: Mapping[str, Sequence[str]],
    answered: Collection[str],
) -> list[str]:
    """Let what was taken for somebody else's before be whose it is now; return what is left to do."""
    roster, gone = read_roster(course), dict[str, Key]()
    graded: dict[str, str] = {}
    for owner in (one for one in found if one.key in answered):
        for old in (name for name in earlier.get(owner.key, (owner.key,)) if name not in ids[owner]):
            if who.rename(course, assignment, old, ids[owner]):
                graded[old] = f"{old} is {' and '.join(ids[owner])}"
            # Under the name before nothing counts any more; a person of the roster has handed in nothing yet.
            gone[old] = Key(WITHDRAWN if old in roster.people else MOVED, "", ids[owner][0])
    kept = {name for several in ids.values() for name in several}
    write_keys(course, assignment, {old: key for old, key in gone.items() if old not in kept})
    if not graded:
        return []
    return [
        f"graded before under another name: {_some(graded.values())}. Nothing counts under the names before, "
        f"and points by hand go with the work. Now type: autograder grade {assignment}"
    ]


def _write_keys(
    course: Course,
    assignment: str,
    found: Mapping[Owner, Sequence[Found]],
    ids: Mapping[Owner, tuple[str, ...]],
    known: Collection[str],
) -> None:
    """Keep what the archive said of each student.

    The number of a group in Moodle is no participant's: by it a grade would go to a stranger. What a grading
    worksheet said of somebody stays.
    """
    before, several = read_keys(course, assignment), [owner for owner in found if len(ids[owner]) > 1]
    of_groups = are_of_groups([*found], several, known, bool(read_roster(course).people))
    keys: dict[str, Key] = {}
    for owner, attempts_found in found.items():
        key = Key(owner.system, owner.number, owner.name, _names(attempts_found))
        if owner.system == "moodle" and of_groups:
            key = replace(key, system="", number="")
        for student in ids[owner]:
            old = before.get(student, NO_KEY)
            of_worksheet = old.system == "moodle" and not old.files and old.number != key.number
            if old.system in (MOVED, WITHDRAWN) or not (of_worksheet or (old.number and not owner.number)):
                keys[student] = key
    write_keys(course, assignment, keys)


def _of_one_number(
    owners: Sequence[Owner], earlier: Mapping[str, str], ids: Mapping[Owner, str]
) -> dict[Owner, str]:
    """Return a sentence on whoever has the number of somebody collected earlier under another name."""
    of_number = {key.rpartition(" ")[2]: student for key, student in earlier.items()}
    notes = {}
    for owner in owners:
        before = of_number.get(owner.number, "")
        if before and owner.key not in earlier and before not in ids.values():
            names = printable(ids[owner]), printable(before)
            notes[owner] = "{} has the number of {}, who was collected before.".format(*names)
    return notes


def _some(names: Iterable[str], most: int = 10) -> str:
    """Return names in the order of the alphabet, and how many more there are."""
    named = sorted(map(printable, names))
    left = len(named) - most
    return ", ".join(named[:most]) + (f" and {left} more" if left > 0 else "")


def _names(several: Sequence[Found]) -> tuple[str, ...]:
    return tuple(path.name for one in several for path in one.places)


# --------------------------------------------------------------------------- what is kept


def _keep(
    course: Course,
    assignment: str,
    student: str,
    found: Found,
    handed: Handed,
    reader: Reader | None,
    renamed: list[str],
    doubtful: list[str],
) -> list[str]:
    """Keep an attempt; return what was left out and why, and add other names of files to one of two lists.

    In doubt is a name where there are several notebooks to choose from, or that is another assignment's.

    Raises
    ------
    CourseError
        If nothing of it can be read, and there is an earlier attempt: that one stays.
    """
    with attempts.preparing(course, assignment, student) as prepared:
        notes, originals = _copied(found.places, prepared, assignment, found.system)
        if notes and _holds_nothing(prepared) and placing.placed(course, assignment, student) is not None:
            raise CourseError(f"what was handed in before stays: {'; '.join(notes)}")
        handed = replace(handed, originals=originals)
        attempt, _ = attempts.keep(course, assignment, student, prepared, handed, reader)
    for file in attempt.files:
        if file.name != file.original:
            doubt = sum(map(is_notebook, originals)) > 1 or _of_another(course, assignment, file.original)
            (doubtful if doubt else renamed).append(f"{student} ({file.original})")
    return [f"left out of {student}: {note}" for note in notes]


def _holds_nothing(prepared: Path) -> bool:
    return not any(path.name != LEFT_OUT for path in prepared.iterdir())


def _of_another(course: Course, assignment: str, name: str) -> bool:
    """Return whether a file's name speaks of another assignment, and not of this one."""
    words = set(re.split(r"[\W_]+", without_ending(name).casefold()))
    others = {other.casefold() for other in course.assignments} - {assignment.casefold()}
    return assignment.casefold() not in words and not words.isdisjoint(others)


def _copied(
    places: Sequence[Path], target: Path, assignment: str, system: str
) -> tuple[list[str], dict[str, str]]:
    """Copy one attempt's notebooks and papers; return what was left out and why, and the original names."""
    notes: list[str] = []
    files = [place for place in places if not place.is_dir()]
    names = {place: label_of(place.name, system).file or place.name for place in files}
    notebooks = [place for place in files if is_notebook(names[place])]
    main = [place for place in notebooks if names[place] == f"{assignment}.ipynb"] or notebooks[:1]
    originals: dict[str, str] = {}
    for place in places:
        if place.is_dir():
            notes += folder.copy_notebooks(place.parent, [place.name], target)
        else:
            alone = place in notebooks and (len(notebooks) == 1 or place == main[-1])
            stored = f"{assignment}.ipynb" if alone else names[place]
            problem = folder.copy_notebook(place, target / stored)
            notes += [f"{printable(place.name)}: {problem}"] if problem else []
            originals[stored] = printable(names[place])
    return notes, originals
