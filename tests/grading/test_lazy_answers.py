"""Whoever has not tried earns a fifth at most, on any inputs; whoever remembers others, what luck gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pytest

from autograder.judge.seen import Values, expected, see
from autograder.questions import ASSIGNMENTS, find, of_assignment
from autograder.values import Answer, Case, FloatArray, Question
from tests.support.functions import MAX, graded
from tests.support.lazy import earned

QUESTIONS = [question for name in ASSIGNMENTS for question in of_assignment(name)]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.id)
def test_an_answer_that_looks_at_the_shapes_only_earns_a_fifth_at_most(question: Question) -> None:
    for seed in range(3):
        shares = earned(question, seed)
        assert max(shares.values()) <= 0.2, shares


def percentiles(level: float) -> Callable[..., object]:
    return lambda replicates, _: tuple(np.quantile(replicates, [(1 - level) / 2, (1 + level) / 2]))


def bic_alone(log_likelihood: float, n_parameters: int, responsibilities: FloatArray) -> float:
    return -2 * log_likelihood + n_parameters * float(np.log(len(responsibilities)))


def sums_alone(*blocks: FloatArray) -> tuple[FloatArray, ...]:
    return tuple(one + other for one, other in zip(blocks[:3], blocks[3:], strict=True))


@pytest.mark.parametrize(
    ("question", "function"), [("selection.icl", bic_alone), ("scale.merge_statistics", sums_alone)]
)
@pytest.mark.parametrize("seed", range(3))
def test_what_is_there_already_earns_a_fifth_at_most(
    question: str, function: Callable[..., object], seed: int
) -> None:
    assert graded(find(question), function, seed).score <= 0.2 * MAX


@pytest.mark.parametrize("level", [0.5, 0.8, 0.9, 0.95, 1.0])
def test_an_interval_of_one_level_whatever_was_asked_for_does_not_widen(level: float) -> None:
    for seed in range(5):
        result = graded(find("capstone.percentile_interval"), percentiles(level), seed)
        moves = next(check for check in result.checks if "widens" in check.title)
        assert moves.points == 0.0


ATTEMPTS = 14
LUCK = 0.1  # of the pairs of attempts


def remembered(question: Question, cases: Sequence[Case], others: Sequence[Values]) -> Mapping[str, bool]:
    """Return which checks of values pass where each call is answered as in another attempt."""
    seen = {
        case.name: see(
            case, Answer("returned", tuple(other.values())), question.returns, expected(case, question)
        )
        for case, other in zip(cases, others, strict=False)
    }
    checks = [check for check in question.checks if check.numeric and set(check.cases) <= set(seen)]
    return {check.title: check.judge(*(seen[name] for name in check.cases)).passed for check in checks}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("question", [q for q in QUESTIONS if not q.random], ids=lambda question: question.id)
def test_an_answer_remembered_from_another_attempt_is_hardly_ever_right(question: Question) -> None:
    attempts = [question.draw(np.random.default_rng([seed, 5])) for seed in range(ATTEMPTS)]
    answers = [[expected(case, question) for case in cases] for cases in attempts]
    pairs = [
        remembered(question, cases, answers[other])
        for attempt, cases in enumerate(attempts)
        for other in range(ATTEMPTS)
        if other != attempt
    ]
    for title in pairs[0]:
        assert sum(passed[title] for passed in pairs) <= LUCK * len(pairs), title
