"""What the desk's pages show of a course, read anew for each page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from autograder.course.directory import Course
from autograder.course.people import comparable, read_roster
from autograder.course.results import statuses_recorded
from autograder.record.gradebook import explained, open_gradebook
from autograder.record.rows import Row, rows_of
from autograder.record.students import deadlines_of

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
    known, due = _recorded(course, assignment)
    present, roster = set(course.students(assignment)), read_roster(course).people
    names = {student: student for student in present}
    names |= {student: row.person.name for student, row in known.items()}
    names |= {student: person.name for student, person in roster.items() if person.name}
    everybody = sorted(names, key=lambda student: (comparable(names[student]), student))
    statuses = statuses_recorded(course, assignment)
    lines = tuple(
        _line(student, names[student], known.get(student), student in present, statuses.get(student))
        for student in everybody
    )
    manual = [cell for cell in release.cells if cell.kind in ("manual", "task")]
    written = tuple(
        Written(cell.grade_id, cell.points, *_waiting(list(known.values()), cell.grade_id)) for cell in manual
    )
    top = sum(cell.points for cell in release.cells)
    pages = (course.folder("report") / f"{name}.html" for name in (assignment, f"{assignment}-similar"))
    return Overview(assignment, lines, written, top, due, *(page.exists() for page in pages))


def _recorded(course: Course, assignment: str) -> tuple[dict[str, Row], datetime | None]:
    """Return everybody's row by id, and when the assignment is due."""
    gradebook = open_gradebook(course)
    try:
        with explained(course):
            known = {row.person.id: row for row in rows_of(gradebook.db, assignment)}
            return known, deadlines_of(gradebook.db, assignment).due
    finally:
        gradebook.close()


def _waiting(known: list[Row], grade_id: str) -> tuple[int, int]:
    cells = [row.cells[grade_id] for row in known if grade_id in row.cells]
    return sum(cell.waiting for cell in cells), len(cells)


def _line(student: str, name: str, row: Row | None, present: bool, status: str | None) -> Line:
    if row is None or not row.submitted:
        state, kind = ("to grade", "note") if present else ("not handed in", "quiet")
        return Line(student, name, state, kind, None, None, 0)
    if status == "":
        state, kind = "to grade", "note"
    else:
        status = status or "graded"
        state, kind = STATES.get(status, status), "good" if status == "graded" else "bad"
    waiting = sum(cell.waiting for cell in row.cells.values())
    return Line(student, name, state, kind, row.final, row.timestamp, waiting)
