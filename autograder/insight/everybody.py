"""The class of one assignment: who was graded, who waits for it, and who is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from autograder.course.directory import Course
from autograder.course.results import read_recorded
from autograder.record.rows import Person, Row, rows
from autograder.values import QuestionResult, Result


@dataclass(frozen=True)
class Entry:
    """A graded student: the gradebook's row and what the last grading left."""

    row: Row
    result: Result

    @property
    def person(self) -> Person:
        """Whose it is."""
        return self.row.person

    @cached_property
    def questions(self) -> Mapping[str, QuestionResult]:
        """The result of each question, by id."""
        return {question.id: question for question in self.result.questions}


@dataclass(frozen=True)
class Everybody:
    """All students that the gradebook knows, each in one of three lists, sorted by id."""

    assignment: str
    graded: tuple[Entry, ...] = ()
    waiting: tuple[str, ...] = ()  # ids of who handed in and was not graded yet
    missing: tuple[Person, ...] = ()  # who handed in nothing

    @property
    def readable(self) -> tuple[Entry, ...]:
        """Those whose notebook could be run: statistics are about them."""
        return tuple(entry for entry in self.graded if entry.result.status == "graded")


def everybody_of(course: Course, assignment: str) -> Everybody:
    """Return the class of an assignment.

    Raises
    ------
    CourseError
        If the gradebook does not know the assignment, or cannot be opened.
    """
    present = set(course.students(assignment))
    graded, missing = [], []
    for row in rows(course, assignment):
        recorded = read_recorded(course, assignment, row.person.id)
        if recorded is not None:
            graded.append(Entry(row, recorded.result))
        elif row.person.id not in present:
            missing.append(row.person)
    waiting = sorted(present - {entry.person.id for entry in graded})
    return Everybody(assignment, tuple(graded), tuple(waiting), tuple(missing))
