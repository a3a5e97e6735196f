"""Grades a batch: intake → execute → judge for each submission, and the recorder at the end of each."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

from autograder.course import Course, grading_version, questions_for
from autograder.judging import judge
from autograder.pipeline import inputs
from autograder.pipeline.execute import Asked, execute, to_repeat
from autograder.pipeline.intake import Intake, take_in
from autograder.pipeline.reader import Reader
from autograder.pipeline.release import Release
from autograder.pipeline.verdicts import result_of
from autograder.values import CellOutput, Execution, Question, QuestionAnswers, QuestionResult, Result


@dataclass(frozen=True)
class Graded:
    """All that came of one submission; `repeat` has the answers to keep if it must be run once more, alone."""

    intake: Intake
    result: Result
    outputs: tuple[CellOutput, ...] = ()
    repeat: Mapping[str, QuestionAnswers] | None = None


class Grader:
    """Grades submissions of one assignment; one per thread, all on one pool of processes."""

    def __init__(self, course: Course, release: Release, questions: Mapping[str, Question], pool: Any) -> None:
        self._course, self._release, self._questions, self._pool = course, release, questions, pool
        self._seed = inputs.read_seed(course.seed)
        self._reader = Reader(release)

    def close(self) -> None:
        """Ends the reading process."""
        self._reader.close()

    def grade(self, student: str, known: str = "") -> Graded | None:
        """One submission; None if it is the one that `known` is the digest of."""
        start = time.monotonic()
        intake = take_in(self._reader, self._release, self._course.folder("submitted"), student, known)
        return None if intake is None else self._run(intake, start)

    def again(self, graded: Graded) -> Graded:
        """The submission once more, for the questions that ran out of time or memory."""
        return self._run(graded.intake, time.monotonic(), graded)

    def _run(self, intake: Intake, start: float, before: Graded | None = None) -> Graded:
        submission = intake.submission
        if submission.status != "graded":
            return Graded(intake, result_of(submission, {}, None, "", time.monotonic() - start))
        asked = self._asked(intake)
        execution = execute(submission, asked, self._pool, judged, before.repeat if before is not None else None)
        if before is not None:
            execution = _with_incidents(execution, before.result.incidents)
        seconds = time.monotonic() - start + (before.result.seconds if before is not None else 0.0)
        result = result_of(submission, asked, execution, self._pool.walls, seconds)
        return Graded(intake, result, execution.outputs, to_repeat(execution))

    def _asked(self, intake: Intake) -> dict[str, Asked]:
        """Every question with this attempt's own inputs."""
        submission = intake.submission
        return {
            name: Asked(question, question.draw(inputs.generator(
                self._seed, submission.assignment, name, submission.student, submission.attempt
            )))
            for name, question in self._questions.items()
        }


def judged(asked: Asked, answers: QuestionAnswers) -> QuestionResult:
    """What the judge says of one question, on a scale of 1."""
    return judge(asked.question, asked.cases, answers, 1.0)


def _with_incidents(execution: Execution, earlier: Sequence[str]) -> Execution:
    return replace(execution, incidents=tuple(dict.fromkeys((*earlier, *execution.incidents))))


def basis_of(course: Course, release: Release, version: str, due: object) -> str:
    """A digest of all that a grade rests on besides the submission."""
    parts = (release.digest, version, str(due), hashlib.sha256(inputs.read_seed(course.seed)).hexdigest())
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def grade_batch(
    course: Course, release: Release, pool: Any, known: Mapping[str, str], students: Sequence[str], workers: int
) -> Iterator[tuple[str, Graded | None]]:
    """Every student once, as they are done; None for a submission that is the known one.

    Those that ran out of time or memory come last: each is run once more with nothing beside it, because a busy
    neighbour may have been the reason.
    """
    questions = questions_for(course, release)
    with ExitStack() as stack:
        graders = [Grader(course, release, questions, pool) for _ in range(workers)]
        for grader in graders:
            stack.callback(grader.close)
        again = []
        for student, graded in _in_parallel(graders, known, students):
            if graded is not None and graded.repeat is not None:
                again.append((student, graded))
            else:
                yield student, graded
        for student, graded in again:
            yield student, graders[0].again(graded)


def _in_parallel(
    graders: Sequence[Grader], known: Mapping[str, str], students: Sequence[str]
) -> Iterator[tuple[str, Graded | None]]:
    free = list(graders)

    def one(student: str) -> Graded | None:
        grader = free.pop()
        try:
            return grader.grade(student, known.get(student, ""))
        finally:
            free.append(grader)

    with ThreadPoolExecutor(max_workers=len(graders)) as executor:
        yield from _completed(executor, one, students, ahead=2 * len(graders))


def _completed(
    executor: ThreadPoolExecutor, one: Callable[[str], Graded | None], students: Sequence[str], ahead: int
) -> Iterator[tuple[str, Graded | None]]:
    """Results in the order they are done, with few in memory at a time."""
    waiting = iter(students)
    running = {executor.submit(one, student): student for student in _take(waiting, ahead)}
    while running:
        done = next(as_completed(running))
        student = running.pop(done)
        for following in _take(waiting, 1):
            running[executor.submit(one, following)] = following
        yield student, done.result()


def _take(items: Iterator[str], count: int) -> list[str]:
    return [item for _, item in zip(range(count), items, strict=False)]


