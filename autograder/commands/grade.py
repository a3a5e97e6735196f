"""The command `autograder grade`: a batch from submitted/ to gradebook, pages' data and results file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from autograder import __version__
from autograder.commands.terminal import Progress, Watching, plain, table
from autograder.course.batch import Batch, open_batch
from autograder.course.directory import Course
from autograder.course.errors import CourseError
from autograder.course.files import only_here, replace_file
from autograder.course.names import check_student, parse_time, printable
from autograder.course.release import Release
from autograder.course.seed import digest_and_draws
from autograder.execute.cluster import Cluster
from autograder.execute.grader import Graded
from autograder.execute.here import limits_of
from autograder.execute.workers import Workers
from autograder.intake.folder import read_line
from autograder.intake.reader import Reader
from autograder.intake.submission import Intake, take_in
from autograder.judge.result import Judged, result_of
from autograder.sandbox.errors import SandboxUnavailable
from autograder.values import Recorded, Result, Submission, entry_of

if TYPE_CHECKING:
    from autograder.record.recorder import Recorder
    from autograder.record.rows import Row


QUESTION = "When was this handed in?"


@dataclass(frozen=True)
class Options:
    """What the command line says about grading."""

    students: Sequence[str] = ()  # these instead of all
    workers: int = 1  # submissions at a time
    scheduler: str | None = None  # of a Dask cluster, which grades instead of local workers
    results: Path | None = None  # a file for everything as JSON
    force: bool = False  # unchanged submissions too
    isolation: bool = True  # False runs students' code without walls


def grade(course: Course, assignment: str, options: Options) -> int:
    """Grade the submissions of an assignment; return 0 if all have a regular grade, else 1."""
    release, results = grade_batch(course, assignment, options, Progress())
    _print(release, results, _penalties(course, assignment))
    return 0 if all(result.status == "graded" for result in results) else 1


def grade_batch(
    course: Course,
    assignment: str,
    options: Options,
    progress: Watching,
    before: Callable[[str], None] = lambda student: None,
) -> tuple[Release, list[Result]]:
    """Grade and record; return the release and everybody's result, unchanged ones too.

    Parameters
    ----------
    before : called with each student's id before anything of hers is written over

    Raises
    ------
    CourseError
        If something is missing that grading needs; then nothing was written, or what was recorded is kept.
    """
    students, misnamed = _chosen(course, assignment, options.students)
    if options.results is not None and not options.results.absolute().parent.is_dir():
        folder = options.results.absolute().parent
        raise CourseError(f"There is no folder {folder} for the results file: make it, or name another file.")
    if options.results is not None and options.results.is_dir():
        raise CourseError(
            f"{options.results} is a folder. Name a file for the results, such as results.json."
        )

    def record(recorder: Recorder, batch: Batch, graded: Graded) -> None:
        recorder.enrol(students)  # not before the first result shows that students' code can be run
        before(graded.student)
        recorder.record(batch, graded.intake, graded.result, graded.outputs, graded.endless)

    unknown = _without_time(course, assignment, students)
    students = [name for name in students if name not in unknown]
    with _alone(course):
        _hand_on(course, assignment)
        release, results = _grade_all(course, assignment, students, options, progress, record)
        _refresh_penalties(course, assignment)
    left = {**unknown, **misnamed}
    results += [_without_grade(release, printable(name), problem) for name, problem in left.items()]
    if options.results is not None:
        _write_results(options.results, release, results)
    return release, results


def preview_batch(
    course: Course, assignment: str, options: Options, progress: Watching
) -> tuple[Release, list[Result], tuple[Row, ...]]:
    """Grade and record nothing; return release, results, and the rows that the gradebook would have.

    Raises
    ------
    CourseError
        If something is missing that grading needs.
    """
    students, _ = _chosen(course, assignment, options.students)
    unknown = _without_time(course, assignment, students)
    students = [name for name in students if name not in unknown]
    graded: list[tuple[Intake, Result]] = []

    def keep(recorder: Recorder, batch: Batch, one: Graded) -> None:
        graded.append((one.intake, one.result))

    with _alone(course):
        release, results = _grade_all(course, assignment, students, options, progress, keep)
        with _recorder(course, assignment) as recorder:
            rows = recorder.preview(release, graded)
    results += [_without_grade(release, printable(name), problem) for name, problem in unknown.items()]
    return release, results, rows


@contextmanager
def _alone(course: Course) -> Iterator[None]:
    """Let no other grading run meanwhile; without a sandbox there is an error with the remedy."""
    try:
        with only_here(course.private):
            yield
    except SandboxUnavailable as error:
        raise CourseError(str(error)) from error


def _refresh_penalties(course: Course, assignment: str) -> None:
    """Take what lateness costs anew, for unchanged submissions too: the rules may have changed."""
    from autograder.record.late import refresh

    refresh(course, assignment)


def _hand_on(course: Course, assignment: str) -> None:
    """Let points by hand follow the work that turned out to be somebody else's."""
    from autograder.record.students import hand_on

    hand_on(course, assignment)


def _penalties(course: Course, assignment: str) -> Mapping[str, float]:
    """Return the points that lateness costs, by student; who is in time is not among them."""
    from autograder.record.rows import rows

    return {row.person.id: row.penalty for row in rows(course, assignment) if row.penalty}


def _without_time(course: Course, assignment: str, students: Sequence[str]) -> dict[str, str]:
    """Return whose time of handing in cannot be read, with the question: it must not count as in time."""
    submitted, found = course.folder("submitted"), {}
    for student in students:
        stamp = read_line(submitted, [student, assignment], "timestamp.txt")
        if stamp and parse_time(stamp) is None:
            found[student] = (
                f'{QUESTION} Not graded: "{stamp}" leaves the day, the month or the time zone in doubt. In '
                f'submitted/{student}/{assignment}/timestamp.txt write it as "2026-12-01 09:30 UTC".'
            )
    return found


# --------------------------------------------------------------------------- who is graded


def _chosen(
    course: Course, assignment: str, wanted: Sequence[str]
) -> tuple[Sequence[str], Mapping[str, str]]:
    """Return the students to grade; and, if all are, why folders with other names belong to no student."""
    course.released(assignment)
    present = course.students(assignment)
    for name in wanted:
        if check_student(name) not in present:
            raise CourseError(
                f"There is no submission of {assignment} by {name!r}: the names to give are those of the "
                f"folders in {course.folder('submitted')}."
            )
    if not present:
        raise CourseError(
            f"There are no submissions of {assignment} in {course.folder('submitted')}. "
            f"Type: autograder collect {assignment} --zip FILE"
        )
    misnamed = {} if wanted else {name: problem for name in present if (problem := _problem_with(name))}
    students = tuple(name for name in dict.fromkeys(wanted or present) if name not in misnamed)
    return students, misnamed


def _problem_with(name: str) -> str:
    try:
        check_student(name)
    except CourseError as error:
        return str(error)
    return ""


def _somebody_is_new(course: Course, assignment: str, students: Sequence[str]) -> bool:
    return any(not (course.results(assignment) / f"{student}.json").exists() for student in students)


def _changed(batch: Batch, students: Sequence[str], earlier: Mapping[str, Recorded]) -> list[str]:
    """Return those whose submission is not the one that was graded earlier on the same basis."""
    submitted, found = batch.course.folder("submitted"), []
    with Reader(batch.release) as reader:
        for student in students:
            recorded = earlier.get(student)
            if recorded is not None and recorded.basis == batch.basis:
                digest, _ = digest_and_draws(recorded.attempt)
                if take_in(reader, batch.release, submitted, student, digest) is None:
                    continue
            found.append(student)
    return found


# --------------------------------------------------------------------------- grading and recording


def _grade_all(
    course: Course,
    assignment: str,
    students: Sequence[str],
    options: Options,
    progress: Watching,
    keep: Callable[[Recorder, Batch, Graded], None],
) -> tuple[Release, list[Result]]:
    """Grade what is new or changed, and keep it; return the release and everybody's result."""
    data_files = course.data_files(assignment)
    with _workers(course, options, data_files, len(students)) as workers:
        if options.force or _somebody_is_new(course, assignment, students):
            workers.start()  # while nbgrader is imported, which takes a second
        with _recorder(course, assignment) as recorder:
            recorder.check_writable()
            batch = open_batch(course, assignment, data_files, recorder.hidden(), recorder.due)
            earlier = {} if options.force else recorder.earlier()
            changed = students if options.force else _changed(batch, students, earlier)
            results = {student: recorded.result for student, recorded in earlier.items()}
            progress.begin(len(changed), lambda: workers.under_way)
            for graded in workers.grade(batch, changed):
                keep(recorder, batch, graded)
                results[graded.student] = graded.result
                progress.step(graded.student)
            progress.close()
    return batch.release, [results[student] for student in students]


def _workers(
    course: Course, options: Options, data_files: Mapping[str, bytes], students: int
) -> Workers | Cluster:
    """Return who runs the submissions: processes of this machine, or those of a cluster."""
    if options.scheduler is not None:
        return Cluster(options.scheduler)
    count = max(1, min(options.workers, students))
    return Workers(count, data_files, options.isolation, limits_of(course.settings))


def _recorder(course: Course, assignment: str) -> Recorder:
    from autograder.record.recorder import Recorder

    return Recorder(course, assignment)


# --------------------------------------------------------------------------- what is said


def _without_grade(release: Release, student: str, problem: str) -> Result:
    """Return the result of a submission that nothing could be recorded for."""
    points = {release.question_of(cell): cell.points for cell in release.graded}
    submission = Submission(student, release.assignment, "unreadable", points=points, message=problem)
    return result_of(submission, None, Judged(submission, {}), "", 0.0)


def _write_results(path: Path, release: Release, results: Sequence[Result]) -> None:
    content = {
        "assignment": release.assignment,
        "max_score": release.max_score,
        "version": __version__,
        "results": [entry_of(result) for result in results],
    }
    replace_file(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n", 0o600)


def _print(release: Release, results: Sequence[Result], penalties: Mapping[str, float]) -> None:
    lines = [
        [plain(result.student), result.status, f"{result.score:.4g}", plain(_note(result, penalties))]
        for result in results
    ]
    print(table(["student", "status", f"of {release.max_score:g}", "note"], lines))
    for result in results:
        if result.message.startswith(QUESTION):  # the table cuts it off
            print(f"{plain(result.student)}: {plain(result.message)}")


def _note(result: Result, penalties: Mapping[str, float]) -> str:
    """Return what there is to know about a submission; the points beside it are those before lateness."""
    if result.message:
        return result.message
    late = penalties.get(result.student)
    ended = [
        f"{question.id} {question.status}"
        for question in result.questions
        if question.status not in ("graded", "not-written")
    ]
    told = [f"late, which costs {late:.4g}"] if late else []
    return "; ".join([*told, *result.incidents, *ended, *result.repairs])
