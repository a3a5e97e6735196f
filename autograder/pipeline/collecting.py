"""Takes submissions in: from nbgrader's exchange, an archive of a learning management system, or a folder.

Archives and folders come from students, so paths are never followed out, links and devices are left out, and
an archive is read in a process with limits. A student's own timestamp.txt is not believed.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.course import NOT_IN_PAGES, Course, CourseError, check_student
from autograder.pipeline import folder
from autograder.pipeline.releasing import with_programs_on_path

SECONDS = 120.0  # for one archive
PROGRAM = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from autograder.pipeline.unzip import main; main(*sys.argv[2:])"
)
MOODLE = re.compile(r"^(?P<student>.+)_\d+_assignsubmission_\w+$")
CANVAS = re.compile(r"^(?P<student>[^_]+)_(?:LATE_)?\d+_\d+_.+$")


@dataclass(frozen=True)
class Collected:
    """Who handed in, and what is worth knowing about it."""

    students: tuple[str, ...]
    notes: tuple[str, ...] = ()


def from_exchange(course: Course, assignment: str) -> Collected:
    """nbgrader's own collector.

    Raises
    ------
    CourseError
        If the exchange cannot be read, in nbgrader's words.
    """
    before = set(course.students(assignment))
    with_programs_on_path()
    run = subprocess.run(
        [sys.executable, "-m", "nbgrader", "collect", assignment, "--update"],
        cwd=course.root,
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode != 0:
        lines = [line for line in run.stderr.splitlines() if "ERROR" in line] or run.stderr.splitlines()[-1:]
        raise CourseError("nbgrader could not collect: " + " ".join(line.split("] ")[-1] for line in lines))
    return Collected(tuple(sorted(set(course.students(assignment)) | before)))


def from_zip(course: Course, assignment: str, archive: Path) -> Collected:
    """Submissions of an archive, one folder or one notebook for each student.

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
            "-c",
            PROGRAM,
            package_root,
            str(archive.resolve()),
            staging,
        ]
        try:
            run = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
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
    """Submissions of a folder: STUDENT/…/em.ipynb, STUDENT.ipynb, or as Moodle and Canvas name them.

    Raises
    ------
    CourseError
        If the folder does not exist or holds no notebook.
    """
    if not source.is_dir():
        raise CourseError(f"There is no folder {source}.")
    found, notes = _submissions(source, assignment)
    if not found:
        raise CourseError(
            f"No notebooks were found: expected STUDENT/{assignment}.ipynb or STUDENT.ipynb for each."
        )
    for student, files in sorted(found.items()):
        _put(course, assignment, check_student(student), files)
    return Collected(tuple(sorted(found)), tuple(notes))


def _submissions(source: Path, assignment: str) -> tuple[dict[str, dict[str, Path]], list[str]]:
    """Student -> file name -> path. A single folder that holds all others is stepped into."""
    inner = [
        path for path in source.iterdir() if path.name not in folder.IGNORED and not path.name.startswith(".")
    ]
    if len(inner) == 1 and inner[0].is_dir() and any(path.is_dir() for path in inner[0].iterdir()):
        return _submissions(inner[0], assignment)
    found: dict[str, dict[str, Path]] = {}
    notes = []
    for path in sorted(inner):
        if path.is_symlink():
            notes.append(f"left out {path.name}: it is a link")
        elif path.is_dir():
            found.setdefault(_student(path.name), {}).update(_notebooks(path))
        elif path.suffix.lower() == ".ipynb":
            student = _student(path.stem).removesuffix(f"_{assignment}")
            if student == assignment:
                notes.append(f"left out {path.name}: nothing says whose it is")
                continue
            found.setdefault(student, {})[f"{assignment}.ipynb"] = path
    return found, notes


def _notebooks(place: Path) -> dict[str, Path]:
    """The notebooks of one student's folder, nested ones too; the names are kept, intake tells them apart."""
    found: dict[str, Path] = {}
    for path in sorted(place.rglob("*")):
        ignored = any(
            part in folder.IGNORED or part.startswith("._") for part in path.relative_to(place).parts
        )
        if path.suffix.lower() == ".ipynb" and not ignored and not path.is_symlink() and path.is_file():
            found.setdefault(path.name, path)
    return found


def _student(name: str) -> str:
    """Whose a file or folder is; a name at the student's own choice becomes harmless text."""
    for pattern in (MOODLE, CANVAS):
        matched = pattern.match(name)
        if matched:
            name = matched["student"]
            break
    return NOT_IN_PAGES.sub("_", name).strip()


def _put(course: Course, assignment: str, student: str, files: Mapping[str, Path]) -> None:
    """Replaces a submission as a whole; what was there before is kept under .autograder/replaced."""
    target = course.folder("submitted") / student / assignment
    new = target.with_name(f".{assignment}.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    for name, path in files.items():
        data = folder.read_files(path.parent, [])
        content = next((file.data for file in data if file.name == path.name), b"")
        (new / name).write_bytes(content)
    if target.exists():
        kept = course.private / "replaced" / assignment / student
        shutil.rmtree(kept, ignore_errors=True)
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(target, kept)
    new.rename(target)
