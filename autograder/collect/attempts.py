"""Every attempt of every student, kept as it came: files, time, SHA-256.

An attempt is a folder, .autograder/attempts/ASSIGNMENT/STUDENT/NUMBER, that appears as a whole and never
changes: the notebooks in a folder with the assignment's name, and beside it what is known of them and the
receipt.
"""

from __future__ import annotations

import json
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from autograder.collect import receipts
from autograder.course.directory import Course
from autograder.course.files import replace_private
from autograder.course.names import check_student, parse_time
from autograder.intake.folder import read_files
from autograder.intake.reader import Reader

TIME_FORMAT = "%Y-%m-%d %H:%M:%S.%f UTC"  # nbgrader's own; as text in the order of time
STALE = 3600.0  # seconds after which what a killed program had begun is thrown away
SECRET = "submission_secret.txt"  # nbgrader's key to the feedback of one submission


@dataclass(frozen=True)
class File:
    """A notebook of an attempt."""

    name: str  # in the folder
    sha256: str
    original: str  # the name that the student gave it


@dataclass(frozen=True)
class Handed:
    """What is known of an attempt before it is kept."""

    source: str  # "exchange", "desk", or the name of an archive or a folder
    stamp: str = ""  # when it was handed in, as timestamp.txt has it; empty if nobody knows
    time: datetime | None = None  # the same, if it is known better than by reading `stamp`
    tag: str = ""  # by which its system tells it from other attempts
    late: bool = False  # whether the system says so
    originals: Mapping[str, str] | None = None  # names that the student gave, by the name in the folder


@dataclass(frozen=True)
class Attempt:
    """One attempt of one student."""

    number: int
    received: str  # TIME_FORMAT: when it was handed in if `stamp` says so, else when it was taken in
    source: str
    stamp: str
    tag: str
    late: bool
    files: tuple[File, ...]
    graded: str  # the notebook that will be graded, or why there is none

    @property
    def time(self) -> datetime:
        """When it was received (UTC, without a zone, as nbgrader has it)."""
        return datetime.strptime(self.received, TIME_FORMAT)

    def in_time(self, due: datetime | None) -> bool:
        """Return whether it counts as in time: what nobody knows the time of does."""
        return not self.late and (due is None or not self.stamp or self.time <= due)


def now() -> str:
    """Return this moment as text."""
    return datetime.now(UTC).strftime(TIME_FORMAT)


# --------------------------------------------------------------------------- where they are kept


def folder_of(course: Course, assignment: str, student: str) -> Path:
    """Return where a student's attempts lie."""
    return course.private / "attempts" / assignment / student


def attempts_of(course: Course, assignment: str, student: str) -> tuple[Attempt, ...]:
    """Return a student's attempts by number; none if nothing was collected."""
    folder = folder_of(course, assignment, student)
    paths = [path / "attempt.json" for path in folder.glob("[0-9]*")] if folder.is_dir() else []
    return tuple(sorted(map(_read, paths), key=lambda attempt: attempt.number))


def _read(path: Path) -> Attempt:
    values = json.loads(path.read_text(encoding="utf-8"))
    return Attempt(**{**values, "files": tuple(File(**file) for file in values["files"])})


def _written(attempt: Attempt) -> str:
    return json.dumps(asdict(attempt), indent=1, ensure_ascii=False) + "\n"


def rewrite(course: Course, assignment: str, student: str, attempt: Attempt) -> None:
    """Keep what is known now of an attempt that is kept already."""
    path = folder_of(course, assignment, student) / str(attempt.number) / "attempt.json"
    replace_private(path, _written(attempt), course.private)


def receipt_of(course: Course, assignment: str, student: str, number: int) -> str:
    """Return the text of an attempt's receipt."""
    path = folder_of(course, assignment, student) / str(number) / "receipt.txt"
    return path.read_text(encoding="utf-8")


def tidy(place: Path, pattern: str) -> None:
    """Throw away what a killed program left half-done."""
    for left in place.glob(pattern) if place.is_dir() else ():
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > STALE:
                shutil.rmtree(left, ignore_errors=True)


@contextmanager
def preparing(course: Course, assignment: str, student: str) -> Iterator[Path]:
    """Yield an empty folder to put an attempt's notebooks into; it is gone afterwards."""
    place = folder_of(course, assignment, check_student(student))
    tidy(place, ".new-*")
    beside = place / f".new-{secrets.token_hex(8)}"
    folder = beside / assignment
    try:
        folder.mkdir(parents=True)
        yield folder
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def keep(
    course: Course, assignment: str, student: str, prepared: Path, handed: Handed, reader: Reader | None
) -> tuple[Attempt, bool]:
    """Keep what lies in a prepared folder as the student's next attempt, with its receipt.

    What was kept before is not kept twice: collecting an archive again makes no attempts.

    Parameters
    ----------
    reader : says what will be graded; None for an assignment that was not released

    Returns
    -------
    the attempt, and whether it is new
    """
    read = read_files(prepared.parent, [prepared.name])
    originals = handed.originals or {}
    files = tuple(
        File(file.name, receipts.sha256_of(file.data), originals.get(file.name, file.name)) for file in read
    )
    earlier = attempts_of(course, assignment, student)
    parsed = handed.time or (parse_time(handed.stamp) if handed.stamp else None)
    received = parsed.strftime(TIME_FORMAT) if parsed is not None else now()
    number = earlier[-1].number + 1 if earlier else 1
    stamp = handed.stamp if parsed is not None else ""
    graded = _will_be_graded(prepared, reader, files[0].name if files else "")
    attempt = Attempt(number, received, handed.source, stamp, handed.tag, handed.late, files, graded)
    for known in reversed(earlier):
        if _same(known, attempt, known is earlier[-1]):
            return known, False
    while True:
        try:
            return _store(course, assignment, student, prepared, attempt), True
        except FileExistsError:  # somebody else's was quicker
            attempt = replace(attempt, number=attempt.number + 1)


def _same(known: Attempt, new: Attempt, is_last: bool) -> bool:
    """Return whether two are one attempt: its time or tag decides, or else whether nothing came between."""
    if sorted(file.sha256 for file in known.files) != sorted(file.sha256 for file in new.files):
        return False
    if new.stamp:
        return known.received == new.received
    return known.tag == new.tag if new.tag else is_last


def _store(course: Course, assignment: str, student: str, prepared: Path, attempt: Attempt) -> Attempt:
    receipt = receipts.Receipt(
        course.course_id,
        assignment,
        student,
        attempt.number,
        attempt.received,
        tuple((file.original, file.sha256) for file in attempt.files),
        attempt.graded,
    )
    beside = prepared.parent
    (beside / "attempt.json").write_text(_written(attempt), encoding="utf-8")
    (beside / "receipt.txt").write_text(receipts.signed(course, receipt), encoding="utf-8")
    target = beside.with_name(str(attempt.number))
    try:
        beside.rename(target)
    except OSError as error:
        if target.exists():
            raise FileExistsError(str(target)) from error
        raise
    return attempt


def _will_be_graded(prepared: Path, reader: Reader | None, name: str) -> str:
    """Return the name of the notebook that grading will choose, or why there is none.

    Parameters
    ----------
    name : of the only one, if there are not several
    """
    if reader is None:
        return "not known yet"
    reply = reader.read(prepared.parent.parent, prepared.parent.name)
    if reply["status"] != "graded":
        return f"nothing: {reply['problem']}"
    said = [note for note in reply["repairs"] if note.startswith("graded ")]
    return said[0].removeprefix("graded ").partition("; not graded: ")[0] if said else name
