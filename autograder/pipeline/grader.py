"""One submission from folder to result: intake → execute → judge."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from autograder.course import Course, questions_for, read_recorded
from autograder.pipeline import inputs
from autograder.pipeline.execute import Asked, Pool, execute, to_keep
from autograder.pipeline.intake import Intake, take_in
from autograder.pipeline.reader import Reader
from autograder.pipeline.release import Release
from autograder.pipeline.verdicts import Judged, grader_failed, result_of
from autograder.sandbox import SandboxUnavailable
from autograder.values import CellOutput, Question, QuestionAnswers, Result


@dataclass(frozen=True)
class Graded:
    """All that came of one submission.

    `keep` is set if time or memory ran out: the answers that stand when the submission is run once more,
    alone, because a busy neighbour may have been the reason.
    """

    intake: Intake
    result: Result
    outputs: tuple[CellOutput, ...] = ()
    keep: Mapping[str, QuestionAnswers] | None = None


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
        keep: Mapping[str, QuestionAnswers] | None = None,
    ) -> Graded:
        """A submission whose grading began at `start`, in seconds of the monotonic clock.

        With answers to `keep` it is run once more, and what is asked again has new inputs: the old ones were
        seen by a process that may have left them somewhere.
        """
        try:
            return self._run(intake, entropy, start, keep)
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
        keep: Mapping[str, QuestionAnswers] | None,
    ) -> Graded:
        submission = intake.submission
        if submission.status != "graded":
            return Graded(
                intake, result_of(submission, None, Judged(submission, {}), "", time.monotonic() - start)
            )
        old = self._questions if keep is None else keep
        asked = {
            name: Asked(
                question, question.draw(np.random.default_rng([entropy[name], *([] if name in old else [1])]))
            )
            for name, question in self._questions.items()
        }
        judged = Judged(submission, asked)
        execution, repeat = execute(submission, asked, self._pool, judged, keep)
        result = result_of(submission, execution, judged, self._pool.walls, 0.0)
        result = replace(result, seconds=time.monotonic() - start)
        return Graded(intake, result, execution.outputs, to_keep(execution) if repeat else None)

    def again(self, graded: Graded, entropy: Mapping[str, int]) -> Graded:
        """The submission once more, for the questions that ran out of time or memory; now it counts."""
        start = time.monotonic() - graded.result.seconds
        after = self.run(graded.intake, entropy, start, graded.keep)
        incidents = tuple(dict.fromkeys((*graded.result.incidents, *after.result.incidents)))
        return replace(after, result=replace(after.result, incidents=incidents), keep=None)


class Grader:
    """Grades submissions of a course: takes them in, draws from the secret seed, and has them run."""

    def __init__(self, course: Course, release: Release, pool: Pool) -> None:
        self.release = release
        self._course = course
        self._questions = questions_for(course, release)
        self._seed = inputs.read_seed(course.seed)
        self._reader = Reader(release)
        self._runner = Runner(release, self._questions, pool)

    def close(self) -> None:
        """Ends the reading process."""
        self._reader.close()

    def grade(self, student: str) -> Graded:
        """The student's submission."""
        start = time.monotonic()
        intake = attempt(self._course, self._reader, self.release, student)
        return self._runner.run(intake, entropy_of(self._seed, self._questions, intake), start)

    def again(self, graded: Graded) -> Graded:
        """The submission once more, for the questions that ran out of time or memory; now it counts."""
        return self._runner.again(graded, entropy_of(self._seed, self._questions, graded.intake))


def attempt(course: Course, reader: Reader, release: Release, student: str) -> Intake:
    """The student's submission, as the attempt that was graded before; as the next one for new inputs."""
    intake = take_in(reader, release, course.folder("submitted"), student)
    assert intake is not None
    earlier = read_recorded(course, release.assignment, student)
    drawn = inputs.digest_and_draws(earlier.attempt)[1] if earlier is not None else 0
    name = inputs.attempt_of(intake.submission.attempt, drawn + course.new_inputs)
    return replace(intake, submission=replace(intake.submission, attempt=name))


def entropy_of(seed: bytes, questions: Iterable[str], intake: Intake) -> dict[str, int]:
    """Where each question's random numbers start for this attempt."""
    submission = intake.submission
    return {
        name: inputs.entropy(seed, submission.assignment, name, submission.student, submission.attempt)
        for name in questions
    }


def basis_of(course: Course, release: Release, version: str, due: object) -> str:
    """A digest of all that a grade rests on besides the submission."""
    parts = (release.digest, version, str(due), hashlib.sha256(inputs.read_seed(course.seed)).hexdigest())
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
