"""The command `autograder regrade`: what has a grade is graded again, and whose score changed is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from autograder.commands.grade import Options, grade_batch
from autograder.commands.terminal import Progress, plain, table
from autograder.course.directory import Course
from autograder.course.errors import CourseError
from autograder.course.names import check_student
from autograder.course.release import Release
from autograder.course.results import read_recorded
from autograder.record.rows import Row, rows

SMALLEST = 1e-9  # points; less is rounding


def regrade(course: Course, assignment: str, options: Options) -> int:
    """Grade again what has a grade; return 0 if all have a regular one now, else 1."""
    course.released(assignment)
    students = [
        name for name in course.students(assignment) if read_recorded(course, assignment, name) is not None
    ]
    for name in options.students:
        if check_student(name) not in students:
            raise CourseError(f"There is no graded submission of {assignment} by {name!r}.")
    if not students:
        raise CourseError(f"Nothing of {assignment} has been graded yet. Type: autograder grade {assignment}")
    before = _rows(course, assignment)
    options = replace(options, students=options.students or students)
    release, results = grade_batch(course, assignment, options, Progress())
    after = _rows(course, assignment)
    print(f"Graded again: {', '.join(plain(result.student) for result in results)}.")
    lines = [
        [plain(name), f"{before[name].final:.4g}", f"{after[name].final:.4g}", changes]
        for name in sorted(after)
        if name in before and (changes := _changes(release, before[name], after[name]))
    ]
    if lines:
        print(table(["student", "from", "to", "what changed"], lines))
        print(f"Now write the pages anew: autograder feedback {assignment} && autograder report {assignment}")
    else:
        print("No score changed.")
    irregular = [
        f"{plain(result.student)} ({result.status})" for result in results if result.status != "graded"
    ]
    if irregular:
        print(f"Without a regular grade: {', '.join(irregular)}.")
    return 1 if irregular else 0


def _rows(course: Course, assignment: str) -> Mapping[str, Row]:
    """Return the gradebook's line of each student: what counts, points given by hand included."""
    return {row.person.id: row for row in rows(course, assignment)}


def _changes(release: Release, before: Row, after: Row) -> str:
    """Return which questions have other points now, and whether the late penalty is another one."""
    points = {
        release.question_of(cell).partition(".")[2]: tuple(
            row.cells[cell.grade_id].score if cell.grade_id in row.cells else 0.0 for row in (before, after)
        )
        for cell in release.cells
        if cell.grade_id in after.cells
    }
    points["late penalty"] = (before.penalty, after.penalty)
    return ", ".join(
        f"{name} {old:.4g} → {new:.4g}" for name, (old, new) in points.items() if abs(old - new) > SMALLEST
    )
