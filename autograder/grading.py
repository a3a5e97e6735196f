"""The command `autograder grade`: a batch from submitted/ to gradebook, pages' data and results file."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder import __version__
from autograder.course import (
    Course,
    CourseError,
    check_student,
    grading_version,
    questions_for,
    read_recorded,
)
from autograder.pipeline import inputs
from autograder.pipeline.folder import printable
from autograder.pipeline.grader import basis_of
from autograder.pipeline.intake import take_in
from autograder.pipeline.reader import Reader
from autograder.pipeline.release import Release
from autograder.pipeline.verdicts import Judged, result_of
from autograder.terminal import Progress, plain, table
from autograder.values import Recorded, Result, Submission, entry_of


@dataclass(frozen=True)
class Wishes:
    """How a batch is to be graded."""

    only: Sequence[str] | None = None       # these students instead of all
    workers: int = 1                        # submissions at a time
    scheduler: str | None = None            # of a Dask cluster, which grades instead of local workers
    results: Path | None = None             # a file for everything as JSON
    force: bool = False                     # unchanged submissions too
    isolation: bool = True                  # False runs students' code without walls


def grade(course: Course, assignment: str, wishes: Wishes) -> int:
    """Grades the submissions of an assignment; 0 if all have a regular grade, else 1."""
    release, found = batch(course, assignment, wishes)
    _print(release, found)
    return 0 if all(result.status == "graded" for result in found) else 1


def batch(course: Course, assignment: str, wishes: Wishes) -> tuple[Release, list[Result]]:
    """Grades and records as wished; the release, and everybody's result."""
    course.release(assignment)  # an unknown assignment is told before anything starts
    students, unfit = _chosen(course, assignment, wishes.only)
    results = wishes.results
    if results is not None and not results.absolute().parent.is_dir():
        raise CourseError(f"There is no folder {results.absolute().parent} for the results file.")
    importing = threading.Thread(target=_import_recorder)
    importing.start()  # nbgrader's import and the sandbox's start overlap
    try:
        found = _grade_all(course, assignment, students, wishes) if students else []
    finally:
        importing.join()
    release = course.release(assignment)
    found += [_without_grade(release, printable(name), problem) for name, problem in unfit.items()]
    if results is not None:
        _write_results(results, release, found)
    return release, found


def _import_recorder() -> None:
    import autograder.pipeline.record  # noqa: F401


def _chosen(
    course: Course, assignment: str, only: Sequence[str] | None
) -> tuple[Sequence[str], dict[str, str]]:
    """Who is to be graded; and, if it is everybody, the folders with a name that is nobody's, and why."""
    present = course.students(assignment)
    for name in only or ():
        if check_student(name) not in present:
            raise CourseError(
                f"There is no submission of {assignment} by {name!r} in {course.folder('submitted')}."
            )
    if not present:
        raise CourseError(
            f"There are no submissions of {assignment} in {course.folder('submitted')}. "
            f"Type: autograder collect {assignment} --zip FILE"
        )
    if only:
        return tuple(dict.fromkeys(only)), {}
    unfit = {name: problem for name in present if (problem := _problem_with(name))}
    return [name for name in present if name not in unfit], unfit


def _problem_with(name: str) -> str:
    try:
        check_student(name)
    except CourseError as error:
        return str(error)
    return ""


def _grade_all(
    course: Course, assignment: str, students: Sequence[str], wishes: Wishes
) -> list[Result]:
    """Grades and records; the results of all students of the batch, in order, also of unchanged ones."""
    from autograder.sandbox import SandboxUnavailable

    new = [student for student in students if not (course.results(assignment) / f"{student}.json").exists()]
    workers = _workers(course, assignment, len(students), wishes)
    try:
        with ExitStack() as stack:
            if new or wishes.force:
                stack.enter_context(workers)  # they start while nbgrader is imported
            from autograder.pipeline.record import Recorder

            recorder = stack.enter_context(Recorder(course, assignment))
            recorder.check_writable()
            release = course.release(assignment, recorder.hidden())
            questions_for(course, release)
            basis = basis_of(course, release, grading_version(course), recorder.due)
            changed = students
            if not wishes.force:
                changed = _changed(course, release, students, recorder.earlier(), basis)
            if changed and not (new or wishes.force):
                stack.enter_context(workers)
            progress = Progress(len(changed))
            for number, (student, graded) in enumerate(workers.grade(release, changed)) if changed else ():
                if number == 0:
                    recorder.enrol(students)
                recorder.record(release, graded.intake, graded.result, graded.outputs, basis)
                progress.step(student)
            progress.close()
    except SandboxUnavailable as error:
        raise CourseError(str(error)) from error
    lost = "Its result is not there. Type the same command with --force."
    return [
        _without_grade(release, student, lost) if recorded is None else recorded.result
        for student, recorded in ((name, read_recorded(course, assignment, name)) for name in students)
    ]


def _workers(course: Course, assignment: str, students: int, wishes: Wishes) -> Any:
    """Who runs the submissions: processes of this machine, or those of a cluster."""
    if wishes.scheduler is not None:
        from autograder.pipeline.cluster import Cluster

        return Cluster(course, assignment, wishes.scheduler)
    from autograder.pipeline.workers import Workers

    return Workers(course, assignment, min(wishes.workers, students), wishes.isolation)


def _changed(
    course: Course, release: Release, students: Sequence[str], earlier: Mapping[str, Recorded], basis: str
) -> list[str]:
    """The students whose submission is not the one that was graded, on the same basis, before."""
    digests = {student: inputs.digest_and_draws(known.attempt)[0] for student, known in earlier.items()}
    with Reader(release) as reader:
        return [
            student
            for student in students
            if student not in earlier
            or earlier[student].basis != basis
            or take_in(reader, release, course.folder("submitted"), student, digests[student]) is not None
        ]


def _without_grade(release: Release, student: str, problem: str) -> Result:
    """Return the result of a submission that nothing could be recorded for."""
    points = {release.question_of(cell): cell.points for cell in release.graded}
    submission = Submission(student, release.assignment, "unreadable", points=points, message=problem)
    return result_of(submission, None, Judged(submission, {}), "", 0.0)


def _write_results(path: Path, release: Release, found: Sequence[Result]) -> None:
    content = {
        "assignment": release.assignment,
        "max_score": release.max_score,
        "version": __version__,
        "results": [entry_of(result) for result in found],
    }
    beside = path.with_name(path.name + ".new")
    beside.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    beside.replace(path)


def _print(release: Release, found: Sequence[Result]) -> None:
    lines = [
        [plain(result.student), result.status, f"{result.score:.4g}", plain(_note(result))]
        for result in found
    ]
    print(table(["student", "status", f"of {release.max_score:g}", "note"], lines))


def _note(result: Result) -> str:
    """Return what there is to know about a submission."""
    if result.message:
        return result.message
    ended = [
        f"{question.id} {question.status}"
        for question in result.questions
        if question.status not in ("graded", "not-written")
    ]
    return "; ".join([*result.incidents, *ended, *result.repairs])
