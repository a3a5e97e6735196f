"""One submission from folder to result: intake → execute → judge."""

from __future__ import annotations

import time
from collections.abc import Container, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

import numpy as np

from autograder.course.batch import Batch
from autograder.course.release import Release
from autograder.course.results import read_recorded
from autograder.course.seed import attempt_of, digest_and_draws, entropy
from autograder.execute.causes import causes_of
from autograder.execute.examples import public_answers, with_example
from autograder.execute.run import Endless, Pool, execute, final
from autograder.intake.reader import Reader
from autograder.intake.submission import Intake, take_in
from autograder.judge.result import Judged, grader_failed, result_of
from autograder.sandbox.errors import SandboxUnavailable
from autograder.values import (
    Asked,
    CellOutput,
    Execution,
    Question,
    QuestionAnswers,
    QuestionResult,
    Result,
    Submission,
)


@dataclass(frozen=True)
class Graded:
    """All that came of one submission.

    `answers_kept` is set if the clock ran out before the processor time did: the answers that stand when the
    submission is run once more, alone, because a busy neighbour may have been the reason.
    """

    intake: Intake
    result: Result
    outputs: tuple[CellOutput, ...] = ()
    answers_kept: Mapping[str, QuestionAnswers] | None = None
    endless: Mapping[str, str] = field(default_factory=dict)

    @property
    def student(self) -> str:
        """Whose submission it is."""
        return self.intake.submission.student


class Runner:
    """Runs and judges submissions that were taken in, one after the other, on one sandbox.

    `entropy` gives the beginning of each question's random numbers for a submission: with these a runner can
    draw this attempt's inputs, and no other's.
    """

    def __init__(self, release: Release, questions: Mapping[str, Question], pool: Pool) -> None:
        self.release = release
        self._questions, self._pool = questions, pool

    def run(
        self,
        intake: Intake,
        entropy: Mapping[str, int],
        start: float,
        answers_kept: Mapping[str, QuestionAnswers] | None = None,
        endless: Mapping[str, str] | None = None,
    ) -> Graded:
        """Run a submission whose grading began at `start`, in seconds of the monotonic clock.

        With `answers_kept` it is run once more, and what is asked again has new inputs: the old ones were
        seen by a process that may have left them somewhere. What `endless` knows is not waited for.
        """
        try:
            return self._run(intake, entropy, start, answers_kept, endless or {})
        except SandboxUnavailable:
            raise
        except Exception as error:  # one student's submission is never the end of a class's grading
            result = grader_failed(intake.submission, error, self._pool.walls)
            return Graded(intake, replace(result, seconds=time.monotonic() - start))

    def _run(
        self,
        intake: Intake,
        entropy: Mapping[str, int],
        start: float,
        answers_kept: Mapping[str, QuestionAnswers] | None,
        endless: Mapping[str, str],
    ) -> Graded:
        submission = intake.submission
        if submission.status != "graded":
            return Graded(
                intake, result_of(submission, None, Judged(submission, {}), "", time.monotonic() - start)
            )
        asked = self._drawn(entropy, self._questions if answers_kept is None else answers_kept)
        judged = Judged(submission, asked)
        known = Endless(self.release.digest, endless)
        execution = execute(submission, asked, self._pool, judged.share, answers_kept, known)
        result = result_of(submission, execution, judged, self._pool.walls, 0.0)
        if execution.starved and answers_kept is None:  # it will be run once more
            result = replace(result, seconds=time.monotonic() - start)
            return Graded(intake, result, execution.outputs, final(execution), execution.endless)
        result = replace(result, questions=self._told(submission, execution, result.questions))
        result = replace(result, seconds=time.monotonic() - start)
        return Graded(intake, result, execution.outputs, None, execution.endless)

    def _told(
        self, submission: Submission, execution: Execution, results: Sequence[QuestionResult]
    ) -> tuple[QuestionResult, ...]:
        """Return the results with what kept a function from running, and with the first wrong call."""
        by_name = {result.id: result for result in results}
        public: Mapping[str, QuestionAnswers] = {}
        with suppress(Exception):  # no example is no reason to lose a grade
            public = public_answers(submission, execution, by_name, self._questions, self._pool)
        causes = causes_of(submission, execution.outputs)
        signatures = {name: question.signature for name, question in self._questions.items()}
        told = [
            causes.told(result, public.get(result.id), signatures.get(result.id, "")) for result in results
        ]
        return tuple(
            with_example(result, self._questions[result.id], public.get(result.id), execution)
            if result.id in self._questions
            else result
            for result in told
        )

    def _drawn(self, entropy: Mapping[str, int], first: Container[str]) -> dict[str, Asked]:
        """Return every question with its inputs: those of the first run, or of the second for the others."""
        asked = {}
        for name, question in self._questions.items():
            start = [entropy[name]] if name in first else [entropy[name], 1]
            asked[name] = Asked(question, question.draw(np.random.default_rng(start)))
        return asked

    def again(self, graded: Graded, entropy: Mapping[str, int]) -> Graded:
        """Run a submission once more, for the questions that the clock ended; now it counts."""
        start = time.monotonic() - graded.result.seconds
        after = self.run(graded.intake, entropy, start, graded.answers_kept)
        incidents = tuple(dict.fromkeys((*graded.result.incidents, *after.result.incidents)))
        return replace(after, result=replace(after.result, incidents=incidents), answers_kept=None)


class Grader:
    """Grades a batch's submissions: takes them in, draws from the secret seed, and has them run."""

    def __init__(self, batch: Batch, pool: Pool) -> None:
        self._batch = batch
        self._reader = Reader(batch.release)
        self._reader.start()  # while the questions are loaded
        self._runner = Runner(batch.release, batch.questions, pool)

    def close(self) -> None:
        """End the reading process."""
        self._reader.close()

    def grade(self, student: str) -> Graded:
        """Grade a student's submission."""
        start = time.monotonic()
        intake = attempt(self._batch, self._reader, student)
        known = endless_of(self._batch, intake)
        return self._runner.run(intake, entropy_of(self._batch, intake), start, endless=known)

    def again(self, graded: Graded) -> Graded:
        """Grade a submission once more, for the questions that the clock ended; now it counts."""
        return self._runner.again(graded, entropy_of(self._batch, graded.intake))


class WorkerLostError(Exception):
    """The process that graded a submission was ended, again and again."""


def lost(intake: Intake) -> Graded:
    """Return the outcome of a submission that ends whatever process grades it."""
    return Graded(intake, grader_failed(intake.submission, WorkerLostError(), ""))


def attempt(batch: Batch, reader: Reader, student: str) -> Intake:
    """Return the submission as the attempt that was graded before, or as the next one for new inputs."""
    course, release = batch.course, batch.release
    intake = take_in(reader, release, course.folder("submitted"), student)
    assert intake is not None
    earlier = read_recorded(course, release.assignment, student)
    draws = digest_and_draws(earlier.attempt)[1] if earlier is not None else 0
    name = attempt_of(intake.submission.attempt, draws + course.new_inputs)
    return replace(intake, submission=replace(intake.submission, attempt=name))


def entropy_of(batch: Batch, intake: Intake) -> dict[str, int]:
    """Return where each question's random numbers start for this attempt."""
    of = intake.submission
    return {
        name: entropy(batch.seed, of.assignment, name, of.student, of.attempt) for name in batch.questions
    }


def endless_of(batch: Batch, intake: Intake) -> Mapping[str, str]:
    """Return what never ended when this attempt was graded before."""
    earlier = read_recorded(batch.course, batch.release.assignment, intake.submission.student)
    return earlier.endless if earlier is not None and earlier.attempt == intake.submission.attempt else {}
