"""Takes submissions in: from nbgrader's exchange, an archive of a learning management system, or a folder.

Archives and folders come from students, so paths are never followed out, links and devices are left out, and
an archive is read in a process with limits. A student's own timestamp.txt is not believed.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.collect.owners import Owner, ids_of, original_name, owner_of, read_ids, write_ids
from autograder.collect.roster import find
from autograder.course.directory import Course
from autograder.course.errors import CourseError
from autograder.course.names import check_student, printable
from autograder.course.people import Key, read_roster, write_keys
from autograder.course.programs import with_programs_on_path
from autograder.intake import folder

SECONDS = 120.0  # for one archive
NBGRADER = (  # without a grammar that takes two seconds at import and that nothing here needs
    "import sys; sys.modules['rfc3987_syntax'] = None; "
    "from nbgrader.apps.nbgraderapp import main; sys.exit(main())"
)
COLLECTOR = "--ExchangeFactory.collect=autograder.for_nbgrader.exchange.Collect"
LEFT_OUT = "left out of the exchange: "  # begins a line of the collector
PROGRAM = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from autograder.collect.unzip import main; main(*sys.argv[2:])"
)


@dataclass(frozen=True)
class Collected:
    """Who handed in, and what is worth knowing about it."""

    students: tuple[str, ...]
    notes: tuple[str, ...] = ()


def from_exchange(course: Course, assignment: str) -> Collected:
    """Take in nbgrader's own choice of submissions, copied by `autograder.for_nbgrader.exchange.Collect`.

    Raises
    ------
    CourseError
        If the exchange cannot be read, in nbgrader's words.
    """
    before = set(course.students(assignment))
    with_programs_on_path()
    run = subprocess.run(
        [sys.executable, "-c", NBGRADER, "collect", assignment, "--update", COLLECTOR],
        cwd=course.root,
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode != 0:
        lines = [line for line in run.stderr.splitlines() if "ERROR" in line] or run.stderr.splitlines()[-1:]
        raise CourseError("nbgrader could not collect: " + " ".join(line.split("] ")[-1] for line in lines))
    notes = [line[line.index(LEFT_OUT) :] for line in run.stderr.splitlines() if LEFT_OUT in line]
    return Collected(tuple(sorted(set(course.students(assignment)) | before)), tuple(notes))


def from_zip(course: Course, assignment: str, archive: Path) -> Collected:
    """Take in the submissions of an archive, one folder or one notebook for each student.

    Raises
    ------
    CourseError
        If the archive cannot be read at all.
    """
    if not archive.is_file():
        raise CourseError(f"There is no file {archive}.")
    with tempfile.TemporaryDirectory(dir=course.private) as staging:
        package_root = str(Path(__file__).parents[2])
        command = [
            sys.executable,
            "-I",
            "-S",
            "-B",
            "-X",
            "utf8",
            "-c",
            PROGRAM,
            package_root,
            str(archive.resolve()),
            staging,
        ]
        try:
            run = subprocess.run(
                command,
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
            reason = run.stderr.strip().rpartition("\n")[2] or "it takes too much memory"
            raise CourseError(f"{archive} cannot be unpacked: {reason}. Nothing was taken in.")
        collected = from_directory(course, assignment, Path(staging))
    return Collected(collected.students, (*run.stdout.splitlines(), *collected.notes))


def from_directory(course: Course, assignment: str, source: Path) -> Collected:
    """Take in a folder's submissions: STUDENT/…/em.ipynb, STUDENT.ipynb, or as Moodle and Canvas name them.

    Raises
    ------
    CourseError
        If the folder does not exist or holds no notebook that can be taken in.
    """
    if not source.is_dir():
        raise CourseError(f"There is no folder {source}.")
    found, notes = _submissions(source, assignment)
    if not found:
        raise CourseError(
            f"No notebooks were found: expected STUDENT/{assignment}.ipynb or STUDENT.ipynb for each."
        )
    earlier, roster = read_ids(course, assignment), read_roster(course)
    known = {owner.key: find(roster, owner.system, owner.number, owner.name) for owner in found}
    # One person of the roster for two owners is nobody's: their numbers tell them apart.
    once = {key: name for key, name in known.items() if name and list(known.values()).count(name) == 1}
    ids, namesakes = ids_of(found.keys(), once | earlier)
    notes += namesakes
    write_ids(course, assignment, ids)
    write_keys(
        course,
        assignment,
        {
            ids[owner]: Key(owner.system, owner.number, owner.name, tuple(path.name for path in places))
            for owner, places in found.items()
        },
    )
    absent = sorted(set(roster.people) - set(ids.values()))
    absent = [name for name in absent if name not in course.students(assignment)]
    notes += [f"nothing of {len(absent)} of the roster: {', '.join(absent)}"] if absent else []
    taken = []
    for owner, places in sorted(found.items()):
        student = ids[owner]
        try:
            notes += _put(course, assignment, check_student(student), places)
            taken.append(student)
        except (CourseError, OSError) as error:
            if isinstance(error, OSError) and error.errno in folder.NO_ROOM:
                raise
            notes.append(f"left out {student}: {error}")
    if not taken:
        raise CourseError("Nothing was taken in. " + "; ".join(notes[:5]))
    return Collected(tuple(taken), tuple(notes))


def _submissions(source: Path, assignment: str) -> tuple[dict[Owner, list[Path]], list[str]]:
    """Return folders and notebooks by owner; a single folder that holds all others is stepped into."""
    inner = [
        path for path in source.iterdir() if path.name not in folder.IGNORED and not path.name.startswith(".")
    ]
    if len(inner) == 1 and _is_around(inner[0]):
        return _submissions(inner[0], assignment)
    found: dict[Owner, list[Path]] = {}
    notes = []
    for path in sorted(inner):
        if path.is_symlink():
            notes.append(f"left out {printable(path.name)}: it is a link")
        elif path.is_dir():
            found.setdefault(owner_of(path.name), []).append(path)
        elif path.suffix.lower() == ".ipynb":
            owner = owner_of(path.stem)
            owner = replace(owner, name=owner.name.removesuffix(f"_{assignment}"))
            if owner.name == assignment:
                notes.append(f"left out {printable(path.name)}: nothing says whose it is")
                continue
            found.setdefault(owner, []).append(path)
        else:
            notes.append(f"left out {printable(path.name)}: it is no notebook (.ipynb)")
            owner = owner_of(path.name)
            if owner.number:
                found.setdefault(owner, [])
    return found, notes


def _is_around(place: Path) -> bool:
    """Return whether a folder holds the folders of students, and is not one student's with subfolders."""
    if place.is_symlink() or not place.is_dir() or owner_of(place.name).number:
        return False
    inner = [path for path in place.iterdir() if path.name not in folder.IGNORED]
    own = [path for path in inner if path.suffix == ".ipynb" and not owner_of(path.stem).number]
    return any(path.is_dir() for path in inner) and not own


def _put(course: Course, assignment: str, student: str, places: Sequence[Path]) -> list[str]:
    """Replace a submission as a whole; what was there before is kept under .autograder/replaced."""
    target = course.folder("submitted") / student / assignment
    new = target.with_name(f".{assignment}.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    try:
        notes = _copied(places, new, assignment)
        if notes and target.exists() and not any(new.iterdir()):
            raise CourseError(f"what was handed in before stays: {'; '.join(notes)}")
    except (OSError, CourseError):
        shutil.rmtree(new, ignore_errors=True)
        raise
    if target.exists():
        kept = course.private / "replaced" / assignment / student
        shutil.rmtree(kept, ignore_errors=True)
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(target, kept)
    new.rename(target)
    return [f"left out of {student}: {note}" for note in notes]


def _copied(places: Sequence[Path], target: Path, assignment: str) -> list[str]:
    """Copy one student's notebooks into a folder; return what was left out and why."""
    notes: list[str] = []
    files = [place for place in places if not place.is_dir()]
    names = {place: original_name(place.name) for place in files}
    main = [place for place in files if names[place] == f"{assignment}.ipynb"] or files[:1]
    for place in places:
        if place.is_dir():
            notes += folder.copy_notebooks(place.parent, [place.name], target)
        else:
            alone = len(files) == 1 or place == main[-1]
            problem = folder.copy_notebook(place, target / (f"{assignment}.ipynb" if alone else names[place]))
            notes += [f"{printable(place.name)}: {problem}"] if problem else []
    return notes
