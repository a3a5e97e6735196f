"""What the desk's pages show of a course, read anew for each page."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nbgrader.api import BaseCell, Grade
from sqlalchemy import case, func, select

from autograder.course.directory import Course
from autograder.course.names import comparable
from autograder.course.people import read_roster
from autograder.course.results import statuses_recorded
from autograder.record.gradebook import explained, open_gradebook
from autograder.record.rows import HandedIn, cells_of, handed_in_of, key_of, names_of
from autograder.record.students import Deadlines, deadlines_of

STATES = {"missing": "no notebook"}  # handed in was something else


@dataclass(frozen=True)
class Line:
    """One student of an assignment's table."""

    student: str
    name: str
    state: str  # "graded", "to grade", "not handed in", "unreadable", "no notebook"
    kind: str  # of the tag that shows it: good, note, bad
    score: float | None
    timestamp: datetime | None
    waiting: int  # written answers
    until: datetime | None = None  # who has more time than the others


@dataclass(frozen=True)
class Written:
    """A cell that a person grades."""

    grade_id: str
    points: float
    waiting: int
    answered: int


@dataclass(frozen=True)
class Overview:
    """An assignment at a glance."""

    assignment: str
    lines: tuple[Line, ...]
    written: tuple[Written, ...]
    max_score: float
    due: datetime | None
    has_report: bool
    has_similar: bool

    def count(self, *states: str) -> int:
        """Return how many students are in one of the states."""
        return sum(line.state in states for line in self.lines)

    @property
    def handed_in(self) -> int:
        """How many students handed in."""
        return len(self.lines) - self.count("not handed in")

    @property
    def to_grade(self) -> int:
        """How many submissions wait for the machine."""
        return self.count("to grade")

    @property
    def graded(self) -> int:
        """How many have been graded."""
        return self.handed_in - self.to_grade

    @property
    def waiting(self) -> int:
        """How many written answers wait for a person."""
        return sum(part.waiting for part in self.written)

    @property
    def absent(self) -> int:
        """How many of the course handed in nothing."""
        return self.count("not handed in")


def overview(course: Course, assignment: str) -> Overview:
    """Return an assignment at a glance."""
    release = course.release(assignment)
    manual = [cell for cell in release.cells if cell.kind in ("manual", "task")]
    known = _recorded(course, assignment, {cell.grade_id for cell in manual})
    present, roster = set(course.students(assignment)), read_roster(course).people
    names = {student: student for student in present} | dict(known.names)
    names |= {student: person.name for student, person in roster.items() if person.name}
    everybody = sorted(names, key=lambda student: (comparable(names[student]), student))
    statuses = statuses_recorded(course, assignment)
    lines = tuple(
        _line(known, student, names[student], student in present, statuses.get(student))
        for student in everybody
    )
    written = tuple(
        Written(cell.grade_id, cell.points, *known.written.get(cell.grade_id, (0, 0))) for cell in manual
    )
    top = sum(cell.points for cell in release.cells)
    pages = (course.folder("report") / f"{name}.html" for name in (assignment, f"{assignment}-similar"))
    return Overview(assignment, lines, written, top, known.deadlines.due, *(page.exists() for page in pages))


@dataclass(frozen=True)
class _Recorded:
    """What the gradebook says of an assignment, summed up by itself."""

    names: Mapping[str, str]  # of everybody, by id
    handed_in: Mapping[str, HandedIn]  # by student
    points: Mapping[str, tuple[float, int]]  # by notebook: the sum, and how many cells wait for a person
    written: Mapping[str, tuple[int, int]]  # by grade_id: how many wait, and of how many
    deadlines: Deadlines


def _recorded(course: Course, assignment: str, manual: Collection[str]) -> _Recorded:
    gradebook = open_gradebook(course)
    try:
        with explained(course):
            db = gradebook.db
            key = key_of(db, assignment)
            query = select(BaseCell.id, BaseCell.name).where(BaseCell.id.in_(cells_of(key)))
            cells = {cell: name for cell, name in db.execute(query)}  # noqa: C416
            waiting = func.sum(case((Grade.needs_manual_grade, 1), else_=0))
            notebooks = _graded_by(Grade.notebook_id, cells, func.sum(Grade.score), waiting)
            by_hand = [cell for cell, name in cells.items() if name in manual]
            by_cell = _graded_by(Grade.cell_id, by_hand, waiting, func.count())
            # Points first: who is recorded meanwhile has none here, and is shown as not graded yet.
            points = {notebook: (float(score or 0.0), int(n)) for notebook, score, n in db.execute(notebooks)}
            return _Recorded(
                names=names_of(db),
                handed_in=handed_in_of(db, key),
                points=points,
                written={cells[cell]: (int(waits), int(n)) for cell, waits, n in db.execute(by_cell)},
                deadlines=deadlines_of(db, assignment),
            )
    finally:
        gradebook.close()


def _graded_by(group: Any, cells: Iterable[str], *columns: Any) -> Any:
    """Return a query for something of the grades in some cells, by notebook or by cell."""
    return select(group, *columns).where(Grade.cell_id.in_(list(cells))).group_by(group)


def _line(known: _Recorded, student: str, name: str, present: bool, status: str | None) -> Line:
    handed_in, until = known.handed_in.get(student), known.deadlines.extended.get(student)
    points = [*filter(None, map(known.points.get, handed_in.notebooks))] if handed_in is not None else []
    if handed_in is None or not points:  # an extension is a row without grades
        state, kind = ("to grade", "note") if present else ("not handed in", "quiet")
        return Line(student, name, state, kind, None, None, 0, until)
    if status == "":
        state, kind = "to grade", "note"
    else:
        status = status or "graded"
        state, kind = STATES.get(status, status), "good" if status == "graded" else "bad"
    final = max(0.0, sum(score for score, _ in points) - handed_in.penalty)
    waiting = sum(waits for _, waits in points)
    return Line(student, name, state, kind, final, handed_in.timestamp, waiting, until)
