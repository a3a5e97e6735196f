"""What a wrong function does on public inputs: the first wrong call, to be shown, and its behaviour.

Nothing that came of secret inputs enters here: a fresh process runs the cells and answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from autograder.execute.run import Pool, ask_publicly
from autograder.judge.behaviour import behaviour_of
from autograder.judge.example import first_wrong_call
from autograder.judge.points import compare
from autograder.judge.result import Judged
from autograder.values import Asked, Execution, Question, QuestionAnswers, QuestionResult, Submission

PATIENCE = 5.0  # seconds of processor time that a notebook may have taken to be run once more

ENDED: Mapping[str, str] = {
    "timed-out": "A call that does not end has no result to show. Try the function on a few points in the "
    "notebook, and let its loop print what it counts.",
    "out-of-memory": "A call that takes too much memory has no result to show. Try the function on a few "
    "points, and look at the shapes of what it makes.",
    "died": "The call ended the whole Python process, so there is no result to show.",
}
RANDOM = (
    "The function draws at random, so there is no one right result to show beside its own: its draws are "
    "judged by what they have in common."
)
RIGHT = "On the numbers of the notebook's own check this function comes out right; on others it does not."
LONG = "The notebook takes too long to be run once more for an example: its own check shows one."
SILENT = "On the numbers of the notebook's own check this function did not come to an end."


def public_answers(
    submission: Submission,
    execution: Execution,
    results: Mapping[str, QuestionResult],
    questions: Mapping[str, Question],
    pool: Pool,
) -> Mapping[str, QuestionAnswers]:
    """Ask what was answered wrongly on public inputs; nothing if that would take long."""
    wrong = [name for name, result in results.items() if name in questions and _can_be_shown(result)]
    if not wrong or execution.cpu_seconds > PATIENCE:
        return {}
    asked = {name: Asked(questions[name], questions[name].public_cases) for name in wrong}
    return ask_publicly(submission, asked, pool, Judged(submission, asked).share)


def with_example(
    result: QuestionResult, question: Question, answers: QuestionAnswers | None, execution: Execution
) -> QuestionResult:
    """Return the result with its example, or a sentence on why there is none, and its behaviour."""
    if result.score >= result.max_score or result.status in ("not-written", "not-defined"):
        return result
    if result.status in ENDED:
        return replace(result, tried=ENDED[result.status])
    if answers is None or answers.status in ENDED:
        long = answers is None and execution.cpu_seconds > PATIENCE
        return replace(result, tried=LONG if long else SILENT)
    if not question.random and answers.status == result.status == "graded":
        result = replace(result, behaviour=behaviour_of(question, answers))
    example = first_wrong_call(question, compare(question, question.public_cases, answers), answers)
    if example is None:
        return replace(result, tried=RANDOM if question.random else RIGHT)
    return replace(result, example=example.content)


def _can_be_shown(result: QuestionResult) -> bool:
    return result.score < result.max_score and result.status in ("graded", "raised")
