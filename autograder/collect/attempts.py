"""Every attempt of every student, kept as it came: files, time, SHA-256; and which of them counts.

An attempt is a folder, .autograder/attempts/ASSIGNMENT/STUDENT/NUMBER, that appears as a whole and never
changes: the notebooks in a folder with the assignment's name, and beside it what is known of them and the
receipt. What counts is copied to submitted/STUDENT/ASSIGNMENT, where everything else looks for it.
"""

from __future__ import annotations

import json
import secrets
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from autograder.collect import receipts
from autograder.course.directory import Course
from autograder.course.errors import CourseError
from autograder.course.files import one_at_a_time, replace_folder, replace_private
from autograder.course.names import check_student, is_notebook, parse_time
from autograder.intake.folder import read_files, read_line
from autograder.intake.reader import Reader
from autograder.settings import Settings

TIME_FORMAT = "%Y-%m-%d %H:%M:%S.%f UTC"  # nbgrader's own; as text in the order of time
STALE = 3600.0  # seconds after which what a killed program had begun is thrown away
SECRET = "submission_secret.txt"  # nbgrader's key to the feedback of one submission

Due = Callable[[str], datetime | None]


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


# --------------------------------------------------------------------------- which one counts


def counting(
    attempts: Sequence[Attempt], which: str, due: datetime | None, rules: Settings
) -> Attempt | None:
    """Return the attempt that counts, or None if there is none; one without a notebook only if all are.

    Parameters
    ----------
    which : "last-in-time", "last", "first", or a number
    due : the student's own deadline (UTC)
    """
    if which.isdigit():
        return next((attempt for attempt in attempts if attempt.number == int(which)), None)
    with_notebook = [one for one in attempts if any(is_notebook(file.name) for file in one.files)]
    attempts = with_notebook or attempts
    ordered = _allowed(sorted(attempts, key=lambda attempt: (attempt.received, attempt.number)), rules)
    if not ordered:
        return None
    if which == "first":
        return ordered[0]
    in_time = [attempt for attempt in ordered if attempt.in_time(due)]
    return in_time[-1] if which == "last-in-time" and in_time else ordered[-1]


def _allowed(ordered: Sequence[Attempt], rules: Settings) -> list[Attempt]:
    """Return those that neither came too soon after the one before nor are too many."""
    found: list[Attempt] = []
    for attempt in ordered:
        if attempt.stamp and found and too_soon(found, attempt.time, rules):
            continue
        if not rules.max_attempts or len(found) < rules.max_attempts:
            found.append(attempt)
    return found


def too_soon(attempts: Sequence[Attempt], time: datetime, rules: Settings) -> timedelta | None:
    """Return how long a student must still wait for the next attempt; None if it may come now."""
    if not attempts or not rules.cooldown_hours:
        return None
    left = attempts[-1].time + timedelta(hours=rules.cooldown_hours) - time
    return left if left > timedelta(0) else None


def refusal(course: Course, assignment: str, student: str, rules: Settings) -> str:
    """Return why this student may not hand in another attempt now, in a sentence, or nothing."""
    attempts = _allowed(attempts_of(course, assignment, student), rules)
    if rules.max_attempts and len(attempts) >= rules.max_attempts:
        return f"All {rules.max_attempts} attempts of {assignment} have been made."
    left = too_soon(attempts, datetime.now(UTC).replace(tzinfo=None), rules)
    if left is not None:
        minutes = int(left.total_seconds() // 60) + 1
        return f"The next attempt of {assignment} can be handed in {minutes} minutes from now."
    return ""


# --------------------------------------------------------------------------- into submitted/


@dataclass(frozen=True)
class Placed:
    """Which attempt lies in submitted/, and whether a person chose it."""

    number: int
    chosen: bool = False


def placed(course: Course, assignment: str, student: str) -> Placed | None:
    """Return which attempt lies in submitted/; None if none of ours does."""
    try:
        path = folder_of(course, assignment, student) / "counts.json"
        return Placed(**json.loads(path.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def place(course: Course, assignment: str, student: str, attempt: Attempt, chosen: bool = False) -> bool:
    """Let an attempt count: copy it to submitted/; return whether something changed there.

    What lies there already stays as it is, with a timestamp.txt that the instructor wrote.
    """
    target = course.folder("submitted") / student / assignment
    before = placed(course, assignment, student)
    same = before is not None and before.number == attempt.number and target.is_dir()
    if not same:
        _copy(course, assignment, student, attempt, target)
    if before != (now_placed := Placed(attempt.number, chosen)):
        text = json.dumps(asdict(now_placed)) + "\n"
        replace_private(folder_of(course, assignment, student) / "counts.json", text, course.private)
    return not same


def _copy(course: Course, assignment: str, student: str, attempt: Attempt, target: Path) -> None:
    source = folder_of(course, assignment, student) / str(attempt.number) / assignment
    new = target.with_name(f".{assignment}.new")
    shutil.rmtree(new, ignore_errors=True)
    try:
        new.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, new)
        if attempt.stamp:
            (new / "timestamp.txt").write_text(attempt.stamp, encoding="utf-8")
    except OSError:
        shutil.rmtree(new, ignore_errors=True)
        raise
    replace_folder(new, target)


def adopt(course: Course, assignment: str, student: str, source: str, reader: Reader | None) -> None:
    """Keep what lies in submitted/ and is no attempt yet, and a time that the instructor wrote there.

    Another collector put it there, or an instructor by hand.
    """
    target = course.folder("submitted") / student / assignment
    if not target.is_dir() or target.is_symlink():
        return
    read = read_files(course.folder("submitted"), [student, assignment])
    stamp = read_line(course.folder("submitted"), [student, assignment], "timestamp.txt")
    before = placed(course, assignment, student)
    known = {attempt.number: attempt for attempt in attempts_of(course, assignment, student)}
    current = known.get(before.number) if before is not None else None
    digests = sorted(receipts.sha256_of(file.data) for file in read)
    if current is not None and digests == sorted(file.sha256 for file in current.files):
        _learn_time(course, assignment, student, current, stamp)
        return
    if not read:
        return
    with preparing(course, assignment, student) as folder:
        for file in read:
            (folder / file.name.rpartition("/")[2]).write_bytes(file.data)
        secret = read_line(course.folder("submitted"), [student, assignment], SECRET)
        if secret:
            (folder / SECRET).write_text(secret, encoding="utf-8")
        attempt, _ = keep(course, assignment, student, folder, Handed(source, stamp), reader)
    text = json.dumps(asdict(Placed(attempt.number))) + "\n"
    replace_private(folder_of(course, assignment, student) / "counts.json", text, course.private)


def _learn_time(course: Course, assignment: str, student: str, attempt: Attempt, stamp: str) -> None:
    """Keep the time that an instructor wrote beside an attempt whose time nobody knew."""
    time = parse_time(stamp) if stamp and stamp != attempt.stamp else None
    if time is not None:
        told = replace(attempt, stamp=stamp, received=time.strftime(TIME_FORMAT))
        path = folder_of(course, assignment, student) / str(attempt.number) / "attempt.json"
        replace_private(path, _written(told), course.private)


def receive(course: Course, assignment: str, student: str, name: str, data: bytes, due: Due) -> Attempt:
    """Take in one notebook that a student hands in now; return the attempt, whose receipt `receipt_of` has.

    Parameters
    ----------
    name : that the student gave to the file
    due : gives a student's own deadline (UTC)

    Raises
    ------
    CourseError
        If the student may not hand in another attempt now.
    """
    with one_at_a_time(course.private), Reader(course.release(assignment)) as reader:
        if problem := refusal(course, assignment, check_student(student), course.settings):
            raise CourseError(problem)
        adopt(course, assignment, student, "submitted", reader)
        with preparing(course, assignment, student) as folder:
            stored = f"{assignment}.ipynb"
            (folder / stored).write_bytes(data)
            handed = Handed("desk", now(), originals={stored: name})
            attempt, _ = keep(course, assignment, student, folder, handed, reader)
        settle(course, assignment, student, due)
    return attempt


def settle(course: Course, assignment: str, student: str, due: Due, which: str = "") -> Attempt | None:
    """Put the attempt that counts into submitted/ and return it.

    Parameters
    ----------
    due : gives a student's own deadline (UTC)
    which : as for `counting`; empty for the course's rule, which leaves alone what a person chose before
    """
    before = placed(course, assignment, student)
    if before is not None and before.chosen and not which:
        which = str(before.number)
    attempts = attempts_of(course, assignment, student)
    several = len(attempts) > 1 and any(attempt.stamp for attempt in attempts)
    until = due(student) if several else None  # asked for only where it can matter: it takes a second
    found = counting(attempts, which or course.settings.attempt, until, course.settings)
    if found is not None:
        place(course, assignment, student, found, chosen=which.isdigit())
    return found
