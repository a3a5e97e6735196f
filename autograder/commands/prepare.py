"""The commands before grading: `autograder init`, `release` and `collect`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.collect import collecting
from autograder.collect.attempts import attempts_of
from autograder.collect.from_exchange import from_exchange
from autograder.collect.placing import Due, placed, settle
from autograder.commands.terminal import plain
from autograder.course.directory import Course, init
from autograder.course.errors import CourseError
from autograder.course.files import one_at_a_time
from autograder.course.names import check_student
from autograder.course.people import moved, read_roster
from autograder.course.releasing import release
from autograder.settings import ATTEMPTS

if TYPE_CHECKING:
    from autograder.record.students import Deadlines


def init_course(folder: Path, solutions: Path | None, book: str | None = None) -> int:
    """Make a course directory, and say what comes next."""
    course = init(folder, solutions, book)
    print(f"Made {course.root}. Its secret seed is {course.seed}: keep the folder to yourself.")
    if course.root.stat().st_mode & 0o007:
        print(f"note: other accounts of this machine can look into it. To stop that: chmod o= {course.root}")
    print(f"Next: autograder release --course {course.root}")
    return 0


def release_assignments(course: Course, names: Sequence[str], force: bool) -> int:
    """Make the notebooks for students, and print what became of each."""

    def due(assignment: str) -> datetime | None:
        return _deadlines(course, assignment).due if course.settings.due_in_notebook else None

    for released in release(course, names, force, due):
        print(f"{released.assignment:12} {released.outcome:10} {released.path}")
    return 0


@dataclass(frozen=True)
class Way:
    """Where submissions come from, and which attempt counts: what the command line says about collecting."""

    archive: Path | None = None
    folder: Path | None = None
    exchange: bool = False
    encoding: str = ""  # of the names in an archive
    accept: Sequence[str] = ()  # students of the exchange whose folders are believed
    attempt: str = ""  # which one counts, instead of the course's rule
    students: Sequence[str] = ()  # for whom `attempt` holds; empty for all


def collect_submissions(course: Course, assignment: str, way: Way) -> int:
    """Take submissions in from an archive, a folder, or nbgrader's exchange; print what is to know."""
    course.released(assignment)

    @cache
    def known() -> Deadlines:
        return _deadlines(course, assignment)

    def due(student: str) -> datetime | None:
        return known().of(student)

    if way.archive is not None:
        collected = collecting.from_zip(course, assignment, way.archive, due, way.encoding)
    elif way.folder is not None:
        collected = collecting.from_directory(course, assignment, way.folder, due)
    elif way.exchange:
        collected = from_exchange(course, assignment, due, way.accept)
    else:
        collected = None
    if collected is not None:
        for note in filter(None, (*collected.notes, collected.on_names)):
            print(f"note: {note}")
    if way.attempt:
        with one_at_a_time(course.private):
            _choose(course, assignment, way, due)
    if collected is not None:
        count = len(collected.students)
        print(f"{count} {'submission' if count == 1 else 'submissions'} of {assignment} taken in.")
    absent = sorted(_everybody(course) - set(course.students(assignment)) - moved(course, assignment))
    if absent and collected is not None and collected.nameless:
        print(f"note: who of the class is missing cannot be told: {len(absent)} may be among the anonymous.")
    elif absent:
        print(f"note: nothing of {len(absent)} of the class: {', '.join(map(plain, absent))}")
    return 0


def _choose(course: Course, assignment: str, way: Way, due: Due) -> None:
    """Let another attempt count than the course's rule says; print whose that changes."""
    if way.attempt not in ATTEMPTS and not way.attempt.isdigit():
        raise CourseError(f"--attempt {way.attempt!r} is neither a number nor one of {', '.join(ATTEMPTS)}.")
    if way.attempt.isdigit() and not way.students:
        raise CourseError(f"Whose attempt {way.attempt} is it that counts? Say --student ID, too.")
    present = course.students(assignment)
    for student in way.students:
        if not attempts_of(course, assignment, check_student(student)):
            raise CourseError(f"There is no attempt of {assignment} by {student!r}.")
    changed = 0
    for student in way.students or present:
        before = placed(course, assignment, student)
        found = settle(course, assignment, student, due, way.attempt)
        if found is None and way.attempt.isdigit():
            numbers = ", ".join(str(one.number) for one in attempts_of(course, assignment, student))
            raise CourseError(f"{student} has no attempt {way.attempt} of {assignment}, but {numbers}.")
        if found is not None and (before is None or before.number != found.number):
            print(f"{plain(student)}: attempt {found.number} counts now, received {found.received}.")
            changed += 1
    print(f"Now type: autograder grade {assignment}" if changed else "The same attempts count as before.")


def _deadlines(course: Course, assignment: str) -> Deadlines:
    from autograder.record.students import deadlines

    return deadlines(course, assignment)


def _everybody(course: Course) -> set[str]:
    """Return the ids of roster and gradebook."""
    from autograder.record.students import student_ids

    return set(read_roster(course).people) | student_ids(course)
