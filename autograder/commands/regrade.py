"""The command `autograder regrade`: what has a grade is graded again, and whose score changed is said."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from autograder.commands.grade import Options, grade_batch, preview_batch
from autograder.commands.terminal import Progress, Watching, plain, table
from autograder.course.directory import Course
from autograder.course.errors import CourseError
from autograder.course.names import check_student
from autograder.course.release import Release
from autograder.course.results import Before, forget_before, keep_before, kept_before, read_recorded
from autograder.record.rows import Row, rows
from autograder.values import QuestionResult, Recorded, Result

SMALLEST = 1e-9  # points; less is rounding


@dataclass(frozen=True)
class Change:
    """A student whose score is another one: from what to what, where, and why."""

    student: str
    before: float
    after: float
    parts: tuple[tuple[str, float, float], ...]  # questions, and the late penalty: from what to what
    reasons: tuple[str, ...]  # what came out otherwise, in a sentence each


@dataclass(frozen=True)
class Regraded:
    """What came of grading again, or would come of it."""

    results: tuple[Result, ...] = ()
    changes: tuple[Change, ...] = ()  # by student


def regrade(course: Course, assignment: str, options: Options, preview: bool = False) -> int:
    """Grade again what has a grade; return 0 if all have a regular one now, else 1."""
    found = regrade_batch(course, assignment, options, Progress(), preview)
    names = ", ".join(plain(result.student) for result in found.results)
    print(f"{'Tried' if preview else 'Graded again'}: {names}.")
    if found.changes:
        _print(found.changes)
    else:
        print("No score changed." if not preview else "No score would change.")
    if preview:
        print("Nothing was written. The same command without --preview does it.")
    elif found.changes:
        print(f"Now write the pages anew: autograder feedback {assignment} && autograder report {assignment}")
    irregular = [
        f"{plain(result.student)} ({result.status})" for result in found.results if result.status != "graded"
    ]
    if irregular:
        print(f"Without a regular grade: {', '.join(irregular)}.")
    if not preview:
        report_done(course, found)
    return 1 if irregular else 0


def report_done(course: Course, found: Regraded) -> None:
    """Forget what scores were before: somebody has been told now what changed."""
    sys.stdout.flush()
    for result in found.results[:1]:
        forget_before(course, result.assignment, (each.student for each in found.results))


def regrade_batch(
    course: Course, assignment: str, options: Options, progress: Watching, preview: bool = False
) -> Regraded:
    """Grade again what has a grade, all or the students of the options; a preview records nothing.

    What changed is measured from before a grading anew that was broken off, if one was. Whoever has told it
    calls `report_done`.

    Raises
    ------
    CourseError
        If a student, or everybody, has no grade yet, or something is missing that grading needs.
    """
    students = _with_grade(course, assignment, options.students)
    before = _before(course, assignment, students)
    options = replace(options, students=students, force=True)
    if preview:
        release, results, after = preview_batch(course, assignment, options, progress)
    else:

        def keep(student: str) -> None:
            if student in before:
                keep_before(course, assignment, student, before[student])

        release, results = grade_batch(course, assignment, options, progress, keep)
        after = rows(course, assignment)
    now = {row.person.id: row for row in after}
    changes = (
        _change(release, before[result.student], now[result.student], result)
        for result in results
        if result.student in before and result.student in now
    )
    return Regraded(tuple(results), tuple(change for change in changes if change.parts))


def _with_grade(course: Course, assignment: str, wanted: Sequence[str]) -> tuple[str, ...]:
    course.released(assignment)
    present = course.students(assignment)
    students = [name for name in present if read_recorded(course, assignment, name) is not None]
    for name in wanted:
        if check_student(name) not in students:
            raise CourseError(f"There is no graded submission of {assignment} by {name!r}.")
    if not students:
        raise CourseError(f"Nothing of {assignment} has been graded yet. Type: autograder grade {assignment}")
    return tuple(dict.fromkeys(wanted)) or tuple(students)


def _before(course: Course, assignment: str, students: Sequence[str]) -> Mapping[str, Before]:
    """Return what the students have, or had before a grading anew that was broken off."""
    now, found = {row.person.id: row for row in rows(course, assignment)}, {}
    for student in students:
        recorded = read_recorded(course, assignment, student)
        if recorded is not None and student in now:
            found[student] = kept_before(course, recorded) or _had(now[student], recorded)
    return found


def _had(row: Row, recorded: Recorded) -> Before:
    """Return what counts: points given by hand included."""
    return Before(recorded, row.final, row.penalty, {name: cell.score for name, cell in row.cells.items()})


# --------------------------------------------------------------------------- what changed, and why


def _change(release: Release, before: Before, after: Row, result: Result) -> Change:
    """Return which questions have other points now, whether the late penalty is another one, and why."""
    parts = {
        release.question_of(cell).partition(".")[2]: (
            before.cells.get(cell.grade_id, 0.0),
            after.cells[cell.grade_id].score,
        )
        for cell in release.cells
        if cell.grade_id in after.cells
    }
    parts["late penalty"] = (before.penalty, after.penalty)
    changed = tuple((name, old, new) for name, (old, new) in parts.items() if abs(old - new) > SMALLEST)
    names = [name for name, _, _ in changed]
    reasons = _reasons(before.recorded.result, result)
    told = tuple(reason for reason in reasons if reason.partition(":")[0] in names)
    return Change(result.student, before.final, after.final, changed, told)


def _reasons(earlier: Result, result: Result) -> Iterator[str]:
    """Yield what came out otherwise, each beginning with the function's name."""
    if earlier.status != result.status:
        yield from (f"{question.name}: the file is {result.status} now" for question in result.questions)
        return
    known = {question.id: question for question in earlier.questions}
    for question in result.questions:
        if question.id in known:
            yield from (f"{question.name}: {why}" for why in _differences(known[question.id], question))


def _differences(old: QuestionResult, new: QuestionResult) -> Iterator[str]:
    if old.status != new.status:
        yield f"{old.status} before, {new.status} now"
    if old.max_score != new.max_score:
        yield f"{old.max_score:.4g} points to have before, {new.max_score:.4g} now"
    before, after = ({check.title: check for check in result.checks} for result in (old, new))
    for title, check in after.items():
        if title not in before:
            yield f'"{title}" is asked now'
        elif before[title].passed != check.passed:
            yield f'"{title}" {"passes now" if check.passed else "fails now"}'
        elif abs(before[title].max_points - check.max_points) > SMALLEST:
            yield f'"{title}" counts {before[title].max_points:.3g} → {check.max_points:.3g}'
        elif abs(before[title].points - check.points) > SMALLEST:
            yield f'"{title}" earns {before[title].points:.3g} → {check.points:.3g}'
    yield from (f'"{title}" is not asked any more' for title in before if title not in after)


def _print(changes: Sequence[Change]) -> None:
    lines = [
        [
            plain(change.student),
            f"{change.before:.4g}",
            f"{change.after:.4g}",
            ", ".join(f"{name} {old:.4g} → {new:.4g}" for name, old, new in change.parts),
        ]
        for change in changes
    ]
    print(table(["student", "from", "to", "what changed"], lines))
    reasons: dict[str, list[str]] = {}
    for change in changes:
        for reason in change.reasons:
            reasons.setdefault(reason, []).append(plain(change.student))
    if reasons:
        print("Why:")
    for reason, students in reasons.items():
        print(f"  {reason}: {', '.join(students)}")
