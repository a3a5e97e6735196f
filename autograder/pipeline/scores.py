"""What the gradebook says now: automatic and manual points, comments, late penalties. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
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

from autograder.course import Course, CourseError
from autograder.pipeline.record import open_gradebook


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
        return " ".join(filter(None, (self.first_name, self.last_name))) or self.id


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
    """Every student of the gradebook, sorted by id, with or without a submission."""
    gradebook = open_gradebook(course)
    try:
        db = gradebook.db
        found = db.execute(select(Assignment.id).where(Assignment.name == assignment)).first()
        if found is None:
            raise CourseError(
                f"The gradebook has no assignment {assignment!r}. Type: autograder release {assignment}"
            )
        people = {
            student.id: Person(
                student.id,
                student.first_name or "",
                student.last_name or "",
                student.email or "",
                student.lms_user_id or "",
            )
            for student in db.execute(select(Student).order_by(Student.id)).scalars()
        }
        return _rows(db, found[0], people)
    finally:
        gradebook.close()


def _rows(db: Any, assignment: str, people: Mapping[str, Person]) -> tuple[Row, ...]:
    points = {name: top for _, name, top in _graded_cells(db, assignment)}
    cells: dict[str, dict[str, CellScore]] = {name: {} for name in people}
    comments: dict[str, dict[str, str]] = {name: {} for name in people}
    submitted: dict[str, datetime | None] = {}
    penalties: dict[str, float] = {}
    for student, stamp, penalty in db.execute(
        select(
            SubmittedAssignment.student_id,
            SubmittedAssignment.timestamp,
            SubmittedNotebook.late_submission_penalty,
        )
        .join(SubmittedNotebook)
        .where(SubmittedAssignment.assignment_id == assignment)
    ):
        submitted[student] = stamp
        penalties[student] = penalties.get(student, 0.0) + (penalty or 0.0)
    for student, name, score, manual, waiting in db.execute(
        select(
            SubmittedAssignment.student_id,
            BaseCell.name,
            Grade.score,
            Grade.manual_score,
            Grade.needs_manual_grade,
        )
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
        .join(BaseCell, BaseCell.id == Grade.cell_id)
        .where(SubmittedAssignment.assignment_id == assignment)
    ):
        cells[student][name] = CellScore(
            float(score or 0.0), points.get(name, 0.0), bool(waiting), manual is not None
        )
    for student, name, comment in db.execute(
        select(SubmittedAssignment.student_id, BaseCell.name, Comment.comment)
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Comment, Comment.notebook_id == SubmittedNotebook.id)
        .join(BaseCell, BaseCell.id == Comment.cell_id)
        .where(SubmittedAssignment.assignment_id == assignment)
    ):
        if comment:
            comments[student][name] = comment
    top = float(sum(points.values()))
    return tuple(
        Row(
            person,
            name in submitted,
            float(sum(cell.score for cell in cells[name].values())),
            penalties.get(name, 0.0),
            top,
            submitted.get(name),
            cells[name],
            comments[name],
        )
        for name, person in sorted(people.items())
    )


def _graded_cells(db: Any, assignment: str) -> list[tuple[str, str, float]]:
    found: list[tuple[str, str, float]] = []
    for model in (GradeCell, TaskCell):
        found += [
            (cell, name, float(top))
            for cell, name, top in db.execute(
                select(model.id, model.name, model.max_score)
                .join(Notebook, Notebook.id == model.notebook_id)
                .where(Notebook.assignment_id == assignment)
            )
        ]
    return found
