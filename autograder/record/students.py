"""nbgrader's student table and extensions, as the roster and the instructor set them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from nbgrader.api import Assignment, Student, SubmittedAssignment, SubmittedNotebook
from sqlalchemy import select, update

from autograder.course.directory import Course
from autograder.course.errors import CourseError
from autograder.course.people import MOVED, Known, handed_on
from autograder.record.gradebook import explained, open_gradebook
from autograder.record.late import Penalties


def student_ids(course: Course) -> set[str]:
    """Return the ids of all students of the gradebook."""
    gradebook = open_gradebook(course)
    try:
        return set(gradebook.db.execute(select(Student.id)).scalars())
    finally:
        gradebook.close()


def enrol(course: Course, people: Iterable[Known]) -> None:
    """Write names, e-mail and Canvas' number into nbgrader's student table; remove nobody."""
    gradebook = open_gradebook(course)
    try:
        with explained(course):
            for person in people:
                values = {
                    "first_name": person.first_name or (person.name if not person.last_name else ""),
                    "last_name": person.last_name,
                    "email": person.email,
                    "lms_user_id": person.canvas_id,
                }
                told = {name: value for name, value in values.items() if value}
                gradebook.update_or_create_student(person.id, **told)
    finally:
        gradebook.close()


def hand_on(course: Course, assignment: str) -> None:
    """Let points given by hand follow the work that turned out to be somebody else's.

    Where that one has points already, those before are taken out; so is a name that was nobody's.
    """
    others = handed_on(course, assignment)
    if not others:
        return
    gradebook = open_gradebook(course)
    try:
        with explained(course):
            db = gradebook.db
            key = db.execute(select(Assignment.id).where(Assignment.name == assignment)).scalar()
            for old, told in others.items():
                _move_row(gradebook, assignment, key, old, told.name)
                left = select(SubmittedAssignment.id).where(SubmittedAssignment.student_id == old)
                known = told.system == MOVED and db.get(Student, old) is not None
                if known and db.execute(left).first() is None:
                    gradebook.remove_student(old)
    finally:
        gradebook.close()


def _move_row(gradebook: Any, assignment: str, key: str, old: str, new: str) -> None:
    """Let a submission's row, with all its points, be another student's, who has none but an extension."""
    db = gradebook.db
    before, after = (
        db.execute(
            select(SubmittedAssignment).filter_by(assignment_id=key, student_id=name)
        ).scalar_one_or_none()
        for name in (old, new)
    )
    if before is None:
        return
    if after is not None and any(part.grades for part in after.notebooks):
        gradebook.remove_submission(assignment, old)
        return
    longer, row = (after.extension if after is not None else None), before.id
    if after is not None:
        gradebook.remove_submission(assignment, new)
    gradebook.update_or_create_student(new)
    table: Any = SubmittedAssignment.__table__
    db.execute(update(table).where(table.c.id == row).values(student_id=new, extension=longer))
    db.commit()
    db.expire_all()


def extend(course: Course, student: str, assignment: str, until: datetime | None, days: float) -> datetime:
    """Grant nbgrader's extension, before or after handing in; return the time that holds now (UTC).

    What lateness costs is taken anew.

    Parameters
    ----------
    until : the new time in UTC; None for `days` after the assignment's

    Raises
    ------
    CourseError
        If the student or the due date is unknown, or the new time lies before the due date.
    """
    gradebook = open_gradebook(course)
    try:
        with explained(course):
            if gradebook.db.get(Student, student) is None:
                raise CourseError(f"There is no student {student!r}. See: autograder people list")
            found = gradebook.find_assignment(assignment)
            due = found.duedate
            if due is None:
                raise CourseError(
                    f"{assignment} has no due date. Type: nbgrader db assignment add {assignment} "
                    '--duedate="2026-11-30 18:00 UTC"'
                )
            longer = until - due if until is not None else timedelta(days=days)
            if longer < timedelta(0):
                raise CourseError(f"{due + longer} UTC lies before the due date, {due} UTC.")
            submission = _submission(gradebook.db, found, student)
            submission.extension = longer
            gradebook.db.flush()
            Penalties(course, gradebook).assess(submission)
            gradebook.db.commit()
            return due + longer
    finally:
        gradebook.close()


def set_due(course: Course, assignment: str, due: datetime | None) -> None:
    """Let everybody's time end at `due` (UTC), as `nbgrader db assignment add` does; extensions move with it.

    None takes the due date back.

    What lateness costs is taken anew.
    """
    gradebook = open_gradebook(course)
    try:
        with explained(course):
            duedate = f"{due:%Y-%m-%d %H:%M:%S} UTC" if due is not None else None
            gradebook.update_or_create_assignment(assignment, duedate=duedate)
            penalties = Penalties(course, gradebook)
            for submission in gradebook.find_assignment(assignment).submissions:
                penalties.assess(submission)
            gradebook.db.commit()
    finally:
        gradebook.close()


def _submission(db: Any, assignment: Assignment, student: str) -> SubmittedAssignment:
    """Return a student's row; a new one has no grades, so that nobody takes it for something handed in."""
    query = select(SubmittedAssignment).filter_by(assignment_id=assignment.id, student_id=student)
    submission: SubmittedAssignment | None = db.execute(query).scalar_one_or_none()
    if submission is None:
        submission = SubmittedAssignment(assignment_id=assignment.id, student_id=student)
        for notebook in assignment.notebooks:
            SubmittedNotebook(notebook_id=notebook.id, assignment=submission)
        db.add(submission)
    return submission


@dataclass(frozen=True)
class Deadlines:
    """When an assignment is due (UTC), and for whom it is later."""

    due: datetime | None = None
    extended: Mapping[str, datetime] = field(default_factory=dict)

    def of(self, student: str) -> datetime | None:
        """Return one student's own deadline."""
        return self.extended.get(student, self.due)


def deadlines(course: Course, assignment: str) -> Deadlines:
    """Return everybody's deadline; none if the gradebook does not know the assignment."""
    gradebook = open_gradebook(course)
    try:
        with explained(course):
            return deadlines_of(gradebook.db, assignment)
    finally:
        gradebook.close()


def deadlines_of(db: Any, assignment: str) -> Deadlines:
    """Return the same of an open session."""
    found = db.execute(select(Assignment.id, Assignment.duedate).where(Assignment.name == assignment)).first()
    if found is None or found[1] is None:
        return Deadlines()
    query = select(SubmittedAssignment.student_id, SubmittedAssignment.extension).where(
        SubmittedAssignment.assignment_id == found[0], SubmittedAssignment.extension.is_not(None)
    )
    return Deadlines(found[1], {student: found[1] + longer for student, longer in db.execute(query)})
