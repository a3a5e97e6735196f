"""Points and comments that a person gives, where nbgrader keeps them: formgrader shows the same.

A manual score, a manual comment, and whether a cell still waits, as nbgrader's own page sets them
(nbgrader/server_extensions/formgrader/apihandlers.py); the late penalty is taken anew from the new sum.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nbgrader.api import BaseCell, Comment, Grade, SubmittedAssignment, SubmittedNotebook
from sqlalchemy import select

from autograder.course.directory import Course
from autograder.record.gradebook import explained, open_gradebook
from autograder.record.rebuild import sources_of
from autograder.record.recorder import Recorder
from autograder.record.rows import rows


@dataclass(frozen=True)
class Written:
    """One student's answer to a question that a person grades, and what it got."""

    student: str
    name: str
    text: str
    score: float | None  # given by a person; None while nobody did
    comment: str  # of a person
    waiting: bool
    changed: bool  # it has points by hand, and waits for a second look


def written_answers(course: Course, assignment: str, grade_id: str) -> tuple[Written, ...]:
    """Return who wrote something for a question, by student; who wrote nothing has 0 and is left out.

    Raises
    ------
    CourseError
        If the gradebook cannot be read.
    """
    manual, comments = _by_hand(course, assignment, grade_id)
    found = []
    for row in rows(course, assignment):
        cell = row.cells.get(grade_id)
        student = row.person.id
        if cell is None or (not cell.waiting and student not in manual):
            continue  # nothing handed in, or nothing written: 0 by the machine
        found.append(
            Written(
                student,
                row.person.name,
                sources_of(course, assignment, student).get(grade_id, ""),
                manual.get(student),
                comments.get(student, ""),
                cell.waiting,
                cell.waiting and student in manual,
            )
        )
    return tuple(found)


def give(
    course: Course, assignment: str, grade_id: str, students: Mapping[str, float | None], comment: str
) -> None:
    """Write points and one comment for a question, in one transaction.

    Parameters
    ----------
    students : points by student, within [0, the question's points]; None takes points given by hand back
    comment : for each of them; "" takes a comment by hand back

    Raises
    ------
    CourseError
        If somebody has no such answer, or points lie outside; then nothing was written.
    """
    with Recorder(course, assignment) as recorder:
        recorder.give(grade_id, students, comment)


def _by_hand(course: Course, assignment: str, grade_id: str) -> tuple[dict[str, float], dict[str, str]]:
    """Return points and comments given by hand, by student."""
    gradebook = open_gradebook(course)
    try:
        with explained(course):
            key = gradebook.find_assignment(assignment).id
            points = _column(gradebook.db, key, grade_id, Grade, Grade.manual_score)
            comments = _column(gradebook.db, key, grade_id, Comment, Comment.manual_comment)
    finally:
        gradebook.close()
    return points, comments


def _column(db: Any, assignment: str, grade_id: str, model: Any, column: Any) -> dict[str, Any]:
    query = (
        select(SubmittedAssignment.student_id, column)
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(model, model.notebook_id == SubmittedNotebook.id)
        .join(BaseCell, BaseCell.id == model.cell_id)
        .where(SubmittedAssignment.assignment_id == assignment, BaseCell.name == grade_id)
    )
    return {student: value for student, value in db.execute(query) if value is not None}
