"""From what came back to a result: the judge on every question, and a defined score for every submission."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from autograder.judge.points import DIGITS, compare, judge_seen, share_of
from autograder.judge.seen import Seen
from autograder.values import Asked, Execution, QuestionAnswers, QuestionResult, Result, Submission, Verdict

FAILED = "The grader itself failed here, so there are no points yet: your instructor has to look at it."
UNPROTECTED = "unprotected: this test runs beside the student's code"


class Judged:
    """The judge's results on a submission, each made once: execution asks for some, the result for all."""

    def __init__(self, submission: Submission, asked: Mapping[str, Asked]) -> None:
        self._points, self._asked = submission.points, asked
        self._made: dict[str, tuple[QuestionAnswers, QuestionResult]] = {}
        self._compared: dict[str, tuple[QuestionAnswers, dict[str, Seen]]] = {}

    def __call__(self, name: str, answers: QuestionAnswers) -> QuestionResult:
        """Return the outcome of one question."""
        if name not in self._made or self._made[name][0] is not answers:
            self._made[name] = (answers, self._judge(name, answers))
        return self._made[name][1]

    def _judge(self, name: str, answers: QuestionAnswers) -> QuestionResult:
        if name not in self._asked:
            return _tested(name, self._points[name], answers)
        return judge_seen(self._asked[name].question, self._seen(name, answers), answers, self._points[name])

    def share(self, name: str, answers: QuestionAnswers) -> float:
        """Return the share of a question's points that answers earn, from 0 to 1."""
        if name in self._asked:
            return share_of(self._asked[name].question, self._seen(name, answers))
        result = self(name, answers)
        return result.score / result.max_score if result.max_score else 1.0

    def _seen(self, name: str, answers: QuestionAnswers) -> dict[str, Seen]:
        """Return the answers compared with the reference, which is done once for the latest ones."""
        if name not in self._compared or self._compared[name][0] is not answers:
            asked = self._asked[name]
            self._compared[name] = (answers, compare(asked.question, asked.cases, answers))
        return self._compared[name][1]


def result_of(
    submission: Submission, execution: Execution | None, judged: Judged, walls: str, seconds: float
) -> Result:
    """Return the outcome of a submission; without an execution every question has score 0."""
    if execution is None:
        questions = tuple(_nothing(name, points, submission) for name, points in submission.points.items())
    else:
        questions = tuple(judged(name, execution.answers[name]) for name in submission.points)
    return Result(
        student=submission.student,
        assignment=submission.assignment,
        status=submission.status,
        score=round(float(sum(question.score for question in questions)), DIGITS),
        max_score=float(sum(submission.points.values())),
        questions=questions,
        repairs=submission.repairs,
        incidents=execution.incidents if execution is not None else (),
        message=submission.message,
        seconds=seconds,
        walls=walls,
    )


def grader_failed(submission: Submission, error: Exception, walls: str) -> Result:
    """Return the outcome of a submission that made the grader itself fail: score 0 until a person looked.

    The error's type goes to the instructor; its text may hold anything and stays here. Written answers can be
    graded by hand as always.
    """
    questions = tuple(
        QuestionResult(name, 0.0, points, "died", (), FAILED) for name, points in submission.points.items()
    )
    incidents = (f"made the grader fail ({type(error).__name__})",)
    nothing = result_of(submission, None, Judged(submission, {}), walls, 0.0)
    return replace(nothing, questions=questions, incidents=incidents, message=FAILED)


def _tested(name: str, points: float, answers: QuestionAnswers) -> QuestionResult:
    """Return the outcome of an instructor's own test cell: all or nothing."""
    passed = answers.status == "graded"
    message = "" if passed else f"The test stopped with {answers.exception or answers.status}."
    title = f"The test {name.partition('.')[2]} passes ({UNPROTECTED})."
    verdict = Verdict(title, passed, points if passed else 0.0, points, message)
    return QuestionResult(name, verdict.points, points, answers.status, (verdict,), message)


def _nothing(name: str, points: float, submission: Submission) -> QuestionResult:
    return QuestionResult(name, 0.0, points, "not-defined", (), submission.message)
