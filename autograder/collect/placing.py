"""From the attempts that are kept to submitted/STUDENT/ASSIGNMENT, where the one that counts lies.

What another collector or an instructor put there becomes an attempt first, so that nothing is written over.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from autograder.collect import receipts
from autograder.collect.attempts import (
    SECRET,
    TIME_FORMAT,
    Attempt,
    Handed,
    attempts_of,
    folder_of,
    keep,
    preparing,
    rewrite,
)
from autograder.collect.counting import counting, refusal
from autograder.course.directory import Course
from autograder.course.errors import CourseError
from autograder.course.files import one_at_a_time, replace_folder, replace_private
from autograder.course.names import check_student, parse_time
from autograder.intake.folder import read_files, read_line
from autograder.intake.reader import Reader

Due = Callable[[str], datetime | None]


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


def adopt(
    course: Course,
    assignment: str,
    student: str,
    source: str,
    reader: Reader | None,
    until: datetime | None = None,
) -> None:
    """Keep what lies in submitted/ and is no attempt yet, and a time that the instructor wrote there.

    Another collector put it there, or an instructor by hand.

    Parameters
    ----------
    until : when the next attempt came (UTC), if there is one: what lay there is no later
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
        timed = bool(stamp) and parse_time(stamp) is not None
        handed = Handed(source, stamp) if timed else Handed(source, time=until)
        attempt, _ = keep(course, assignment, student, folder, handed, reader)
    text = json.dumps(asdict(Placed(attempt.number))) + "\n"
    replace_private(folder_of(course, assignment, student) / "counts.json", text, course.private)


def _learn_time(course: Course, assignment: str, student: str, attempt: Attempt, stamp: str) -> None:
    """Keep the time that an instructor wrote beside an attempt whose time nobody knew."""
    time = parse_time(stamp) if stamp and stamp != attempt.stamp else None
    if time is not None:
        told = replace(attempt, stamp=stamp, received=time.strftime(TIME_FORMAT))
        rewrite(course, assignment, student, told)


def receive(
    course: Course, assignment: str, student: str, name: str, data: bytes, due: Due, came: datetime
) -> Attempt:
    """Take in one notebook that a student hands in; return the attempt, whose receipt `receipt_of` has.

    Parameters
    ----------
    name : that the student gave to the file
    due : gives a student's own deadline (UTC)
    came : when all of the file was here (UTC): whoever is taken in before may take long

    Raises
    ------
    CourseError
        If the student may not hand in another attempt now.
    """
    with one_at_a_time(course.private), Reader(course.release(assignment)) as reader:
        if problem := refusal(course, assignment, check_student(student), course.settings, came):
            raise CourseError(problem)
        adopt(course, assignment, student, "submitted", reader, came)
        with preparing(course, assignment, student) as folder:
            stored = f"{assignment}.ipynb"
            (folder / stored).write_bytes(data)
            handed = Handed("desk", came.strftime(TIME_FORMAT), originals={stored: name})
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
