"""One submission from folder to result: intake → execute → judge."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from autograder.course import Course, questions_for
from autograder.pipeline import inputs
from autograder.pipeline.execute import Asked, Pool, execute, to_keep
from autograder.pipeline.intake import Intake, take_in
from autograder.pipeline.reader import Reader
from autograder.pipeline.release import Release
from autograder.pipeline.verdicts import Judged, result_of
from autograder.values import CellOutput, QuestionAnswers, Result


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


class Grader:
    """Grades submissions of one release, one after the other, on one sandbox."""

    def __init__(self, course: Course, release: Release, pool: Pool) -> None:
        self.release = release
        self._course, self._pool = course, pool
        self._questions = questions_for(course, release)
        self._seed = inputs.read_seed(course.seed)
        self._reader = Reader(release)

    def close(self) -> None:
        """Ends the reading process."""
        self._reader.close()

    def grade(self, student: str) -> Graded:
        """The student's submission."""
        start = time.monotonic()
        intake = take_in(self._reader, self.release, self._course.folder("submitted"), student)
        assert intake is not None
        return self._run(intake, start)

    def again(self, graded: Graded) -> Graded:
        """The submission once more, for the questions that ran out of time or memory; now it counts."""
        after = self._run(graded.intake, time.monotonic() - graded.result.seconds, graded.keep)
        incidents = tuple(dict.fromkeys((*graded.result.incidents, *after.result.incidents)))
        return replace(after, result=replace(after.result, incidents=incidents), keep=None)

    def _run(self, intake: Intake, start: float, keep: Mapping[str, QuestionAnswers] | None = None) -> Graded:
        submission = intake.submission
        if submission.status != "graded":
            return Graded(
                intake, result_of(submission, None, Judged(submission, {}), "", time.monotonic() - start)
            )
        asked = self._asked(intake)
        judged = Judged(submission, asked)
        execution, repeat = execute(submission, asked, self._pool, judged, keep)
        result = result_of(submission, execution, judged, self._pool.walls, 0.0)
        result = replace(result, seconds=time.monotonic() - start)
        return Graded(intake, result, execution.outputs, to_keep(execution) if repeat else None)

    def _asked(self, intake: Intake) -> dict[str, Asked]:
        """Every question with this attempt's own inputs."""
        submission = intake.submission
        return {
            name: Asked(
                question,
                question.draw(
                    inputs.generator(
                        self._seed, submission.assignment, name, submission.student, submission.attempt
                    )
                ),
            )
            for name, question in self._questions.items()
        }


def basis_of(course: Course, release: Release, version: str, due: object) -> str:
    """A digest of all that a grade rests on besides the submission."""
    parts = (release.digest, version, str(due), hashlib.sha256(inputs.read_seed(course.seed)).hexdigest())
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
