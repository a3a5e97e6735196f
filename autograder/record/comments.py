"""Comments that a person writes for many students at once, kept where nbgrader keeps those of formgrader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nbgrader.api import Assignment, BaseCell, Comment, Notebook, SubmittedAssignment, SubmittedNotebook
from sqlalchemy import select

from autograder.course.directory import Course
from autograder.course.errors import CourseError
from autograder.record.gradebook import explained, open_gradebook


@dataclass(frozen=True)
class Commented:
    """Who has the comment now, and whose earlier one, written by a person, was left as it was."""

    written: tuple[str, ...]
    kept: tuple[str, ...]


def write_comment(
    course: Course, assignment: str, cell: str, students: Sequence[str], text: str, replace: bool = False
) -> Commented:
    """Write one comment beside a cell of several students, all in one transaction.

    Parameters
    ----------
    cell : grade_id of an answer's cell
    replace : True writes over other comments that a person gave there

    Raises
    ------
    CourseError
        If no student has such a cell, or the gradebook cannot be written.
    """
    query = (
        select(SubmittedAssignment.student_id, Comment)
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Comment, Comment.notebook_id == SubmittedNotebook.id)
        .join(BaseCell, BaseCell.id == Comment.cell_id)
        .join(Notebook, Notebook.id == BaseCell.notebook_id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .where(Assignment.name == assignment, Notebook.name == assignment, BaseCell.name == cell)
    )
    gradebook = open_gradebook(course)
    try:
        with explained(course):
            present = {student: comment for student, comment in gradebook.db.execute(query)}  # noqa: C416
            concerned = [student for student in students if student in present]
            if not concerned:
                raise CourseError(f"No answer {cell!r} of {assignment} by {', '.join(students)} was graded.")
            others = [name for name in concerned if present[name].manual_comment not in (None, "", text)]
            kept = () if replace else tuple(others)
            written = tuple(name for name in concerned if name not in kept)
            for name in written:
                present[name].manual_comment = text
            gradebook.db.commit()
            return Commented(written, kept)
    finally:
        gradebook.close()
