"""The commands `autograder people`, `people import` and `people extend`; everybody's due date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from autograder.collect.placing import settle
from autograder.collect.roster import known_as, merged, participants, read_table
from autograder.commands.terminal import plain, table
from autograder.course.directory import Course
from autograder.course.errors import CourseError
from autograder.course.files import one_at_a_time
from autograder.course.names import parse_time
from autograder.course.people import Key, read_keys, read_roster, write_keys, write_roster
from autograder.course.results import read_recorded, statuses_recorded, write_recorded


def import_people(course: Course, path: Path, assignment: str = "") -> int:
    """Take a roster in, together with what is known already, and print what came of it."""
    for line in imported(course, path, assignment):
        print(line)
    return 0


def imported(course: Course, path: Path, assignment: str = "", name: str = "") -> list[str]:
    """Take a roster in, together with what is known already; return what there is to say.

    Parameters
    ----------
    assignment : whose grading worksheet of Moodle the table is, so that its participants' numbers are kept
    name : of the file, as its owner calls it

    Raises
    ------
    CourseError
        If it cannot be read, or two people would be one; then nothing was taken in.
    """
    from autograder.record.students import enrol, student_ids

    if assignment:
        course.released(assignment)
    told = read_table(path)
    people = told.people
    with one_at_a_time(course.private):
        known = student_ids(course) | _collected(course)
        try:
            roster = merged(read_roster(course), people, told.columns, known)
        except CourseError as error:
            raise CourseError(f"{name or path}: {error} Nothing was taken in.") from error
        enrol(course, roster.people.values())
        write_roster(course, roster)
        new = _keep_participants(course, assignment, participants(told, roster))
    said = [f"{len(people)} people read; {len(roster.people)} in the roster."]
    said += [f"note: {told.note}"] if told.note else []
    for person in people:
        if person.id and person.id not in roster.people:
            kept = known_as(roster, person)
            said.append(f"note: {plain(person.id)} stays {plain(kept)}, as known before.")
    return [*said, new] if new else said


def _keep_participants(course: Course, assignment: str, keys: Mapping[str, Key]) -> str:
    """Keep the numbers of a grading worksheet, which are another assignment's in each; say so."""
    if not keys:
        return ""
    if not assignment:
        return "note: the participants' numbers belong to one assignment. To keep them: --assignment NAME"
    known = read_keys(course, assignment)
    new = {name: key for name, key in keys.items() if name not in known or known[name].number != key.number}
    write_keys(course, assignment, new)
    return f"{len(keys)} participants of {assignment}: export and return to Moodle find them by number."


def _collected(course: Course) -> set[str]:
    """Return whoever has a folder under submitted/."""
    return {path.name for path in course.folder("submitted").iterdir() if not path.name.startswith(".")}


def list_people(course: Course) -> int:
    """Print the roster."""
    people = read_roster(course).people
    if not people:
        print("There is no roster. Type: autograder people import FILE")
        return 0
    lines = [
        [plain(person.id), plain(person.name), plain(person.email)]
        for person in sorted(people.values(), key=lambda person: person.id)
    ]
    print(table(["student", "name", "e-mail"], lines))
    return 0


def extend_deadline(course: Course, student: str, assignment: str, until: str | None, days: float) -> int:
    """Give one student more time for an assignment, and say until when."""
    now_due = extended(course, student, assignment, until, days)
    print(f"{plain(student)} may hand {assignment} in until {now_due:%Y-%m-%d %H:%M} UTC.")
    if read_recorded(course, assignment, student) is not None:
        print(f"Now type: autograder grade {assignment}")
    return 0


def extended(course: Course, student: str, assignment: str, until: str | None, days: float) -> datetime:
    """Give one student more time, so that another attempt may count; return the time that holds now.

    Raises
    ------
    CourseError
        If the student or the due date is unknown, or the time cannot be read.
    """
    from autograder.record.students import extend

    course.released(assignment)
    time = _time(until) if until is not None else None
    now_due = extend(course, student, assignment, time, days)
    with one_at_a_time(course.private):
        settle(course, assignment, student, lambda _: now_due)
    _outdate(course, assignment, student)
    return now_due


def due_for_all(course: Course, assignment: str, until: str) -> datetime | None:
    """Change when an assignment is due, so that other attempts may count; return the time that holds now.

    Without a time, `until` empty, it is never due.

    Raises
    ------
    CourseError
        If the assignment was not released, or the time cannot be read.
    """
    from autograder.record.students import deadlines, set_due

    course.released(assignment)
    time = _time(until) if until else None
    if deadlines(course, assignment).due != time:
        for student in statuses_recorded(course, assignment):
            _outdate(course, assignment, student)
        set_due(course, assignment, time)
    due = deadlines(course, assignment).of
    with one_at_a_time(course.private):  # also when asked again: the first time may have been killed
        for student in course.students(assignment):
            settle(course, assignment, student, due)
    return time


def _time(until: str) -> datetime:
    """Return a time in UTC; a year of another century is a slip of the keys."""
    time = parse_time(until)
    if time is None or not 2000 <= time.year < 2100:
        raise CourseError(f'{until!r} is no time. Write it as "2026-12-02 18:00 UTC".')
    return time


def _outdate(course: Course, assignment: str, student: str) -> None:
    """Let what was graded on another due date count as no longer up to date."""
    recorded = read_recorded(course, assignment, student)
    if recorded is not None:
        write_recorded(course, replace(recorded, basis=""))
