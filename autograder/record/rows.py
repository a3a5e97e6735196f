"""What the gradebook says now: automatic and manual points, comments, late penalties. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    GradeCell,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
)
from sqlalchemy import select

from autograder.course.directory import Course
from autograder.course.errors import CourseError
from autograder.course.people import handed_on, moved
from autograder.record.gradebook import open_gradebook

NO_RESPONSE = "No response."  # nbgrader's comment where nothing was written


@dataclass(frozen=True)
class Person:
    """A student as the gradebook knows them."""

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_id: str = ""

    @property
    def name(self) -> str:
        """First and last name where known, else the id."""
        return _name(self.id, self.first_name, self.last_name)


@dataclass(frozen=True)
class CellScore:
    """The points of one graded cell, after manual grading."""

    score: float
    max_score: float
    waiting: bool = False  # for somebody to grade it by hand
    manual: bool = False  # whether somebody changed it by hand


@dataclass(frozen=True)
class Row:
    """One student's line of the gradebook for one assignment."""

    person: Person
    submitted: bool
    score: float  # before the late penalty
    penalty: float
    max_score: float
    timestamp: datetime | None = None
    cells: Mapping[str, CellScore] = field(default_factory=dict)  # by grade_id
    comments: Mapping[str, str] = field(default_factory=dict)  # by grade_id

    @property
    def final(self) -> float:
        """The score that counts."""
        return max(0.0, self.score - self.penalty)


def rows(course: Course, assignment: str) -> tuple[Row, ...]:
    """Return every student of the gradebook, sorted by id, with or without a submission.

    Who turned out to be somebody else is not among them; whose work turned out to be somebody else's has
    handed in nothing.

    Raises
    ------
    CourseError
        If the gradebook does not know the assignment, or cannot be opened.
    """
    gradebook = open_gradebook(course)
    try:
        others, without = moved(course, assignment), handed_on(course, assignment)
        found = (row for row in rows_of(gradebook.db, assignment) if row.person.id not in others)
        return tuple(
            Row(row.person, False, 0.0, 0.0, row.max_score) if row.person.id in without else row
            for row in found
        )
    finally:
        gradebook.close()


def rows_of(db: Any, assignment: str) -> tuple[Row, ...]:
    """Return the same of an open session, with what is not committed yet."""
    key = key_of(db, assignment)
    points = _points(db, key)
    handed_in, cells, comments = handed_in_of(db, key), _cells(db, key, points), _comments(db, key)
    top = float(sum(points.values()))
    return tuple(
        _row(person, handed_in.get(person.id), cells[person.id], comments[person.id], top)
        for person in people_of(db)
    )


def key_of(db: Any, assignment: str) -> str:
    """Return the id of an assignment's row; CourseError if the gradebook does not know it."""
    key = db.execute(select(Assignment.id).where(Assignment.name == assignment)).scalar()
    if key is None:
        raise CourseError(
            f"The gradebook has no assignment {assignment!r}. Type: autograder release {assignment}"
        )
    return str(key)


@dataclass(frozen=True)
class HandedIn:
    """A submission, apart from its cells."""

    timestamp: datetime | None
    penalty: float
    notebooks: tuple[str, ...]  # ids of their rows


def _row(
    person: Person,
    handed_in: HandedIn | None,
    cells: Mapping[str, CellScore],
    comments: Mapping[str, str],
    top: float,
) -> Row:
    return Row(
        person=person,
        submitted=handed_in is not None and bool(cells),  # an extension alone is a row without grades
        score=float(sum(cell.score for cell in cells.values())),
        penalty=handed_in.penalty if handed_in is not None else 0.0,
        max_score=top,
        timestamp=handed_in.timestamp if handed_in is not None else None,
        cells=cells,
        comments=comments,
    )


# --------------------------------------------------------------------------- one query each


def people_of(db: Any) -> Iterator[Person]:
    """Yield every student of the gradebook, sorted by id."""
    columns = (Student.id, Student.first_name, Student.last_name, Student.email, Student.lms_user_id)
    for student, *known in sorted(db.execute(select(*columns)), key=lambda row: str(row[0])):
        yield Person(student, *(text or "" for text in known))


def names_of(db: Any) -> dict[str, str]:
    """Return the name of every student of the gradebook, by id."""
    return {
        row[0]: _name(*row) for row in db.execute(select(Student.id, Student.first_name, Student.last_name))
    }


def _name(student: str, *names: str | None) -> str:
    return " ".join(filter(None, names)) or student


def _points(db: Any, assignment: str) -> dict[str, float]:
    """Return the points to be had in each graded cell, by grade_id."""
    points: dict[str, float] = {}
    for model in (GradeCell, TaskCell):
        query = select(model.name, model.max_score).join(Notebook, Notebook.id == model.notebook_id)
        points |= {
            name: float(top) for name, top in db.execute(query.where(Notebook.assignment_id == assignment))
        }
    return points


def handed_in_of(db: Any, assignment: str) -> dict[str, HandedIn]:
    """Return who handed in, by student: the penalty is that of all notebooks together."""
    query = (
        select(
            SubmittedAssignment.student_id,
            SubmittedAssignment.timestamp,
            SubmittedNotebook.late_submission_penalty,
            SubmittedNotebook.id,
        )
        .join(SubmittedNotebook)
        .where(SubmittedNotebook.notebook_id.in_(_notebooks(assignment)))
    )
    found: dict[str, HandedIn] = {}
    for student, timestamp, penalty, notebook in db.execute(query):
        before = found.get(student)
        others, taken = (before.notebooks, before.penalty) if before is not None else ((), 0.0)
        found[student] = HandedIn(timestamp, taken + (penalty or 0.0), (*others, notebook))
    return found


def _cells(db: Any, assignment: str, points: Mapping[str, float]) -> dict[str, dict[str, CellScore]]:
    """Return the graded cells by student and grade_id."""
    query = of_cells(assignment, Grade, Grade.score, Grade.manual_score, Grade.needs_manual_grade)
    found: dict[str, dict[str, CellScore]] = defaultdict(dict)
    for student, name, score, manual, waiting in db.execute(query):
        top = points.get(name, 0.0)
        found[student][name] = CellScore(float(score or 0.0), top, bool(waiting), manual is not None)
    return found


def _comments(db: Any, assignment: str) -> dict[str, dict[str, str]]:
    """Return the comments that are not empty, by student and grade_id."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for student, name, comment in db.execute(of_cells(assignment, Comment, Comment.comment)):
        if comment:
            found[student][name] = comment
    return found


def of_cells(assignment: str, model: Any, *columns: Any, name: str = "") -> Any:
    """Return a query for student, grade_id and some columns of each grade or comment of an assignment.

    Parameters
    ----------
    assignment : id of its row
    name : a grade_id, to ask for no other cells
    """
    query = (
        select(SubmittedAssignment.student_id, BaseCell.name, *columns)
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(model, model.notebook_id == SubmittedNotebook.id)
        .join(BaseCell, BaseCell.id == model.cell_id)
        .where(SubmittedAssignment.assignment_id == assignment, model.cell_id.in_(cells_of(assignment)))
    )
    return query.where(BaseCell.name == name) if name else query


def cells_of(assignment: str) -> Any:
    """Return a query for the ids of an assignment's cells.

    By them the database finds grades and comments in its index: else it looks at those of the whole term.
    """
    return select(BaseCell.id).where(BaseCell.notebook_id.in_(_notebooks(assignment)))


def _notebooks(assignment: str) -> Any:
    return select(Notebook.id).where(Notebook.assignment_id == assignment)
