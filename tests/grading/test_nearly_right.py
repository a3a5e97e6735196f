"""What is wrong by a digit or a small number loses points on any inputs; what is right never does."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import pytest

from autograder.check.asking import answer
from autograder.judge.points import compare, findings_of
from autograder.questions import find
from autograder.values import Case, QuestionAnswers
from tests.support.nearly_right import GUARDED, INVERSES, NEARLY, WITH_INVERSE

SEEDS = range(5)
WRONG = [(question, name) for question, answers in NEARLY.items() for name in answers]
GUARDS = [(question, name) for question, answers in GUARDED.items() for name in answers]


@lru_cache(maxsize=100)
def drawn(question_id: str, seed: int) -> tuple[Case, ...]:
    return find(question_id).draw(np.random.default_rng(seed))


def earns_everything(question_id: str, function: Callable[..., Any], seed: int) -> bool:
    """Whether every check passes; nothing is diagnosed."""
    question, cases = find(question_id), drawn(question_id, seed)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        answers = {case.name: answer(function, case, len(question.returns))[0] for case in cases}
        seen = compare(question, cases, QuestionAnswers("graded", answers))
        return all(finding.passed for finding in findings_of(question, seen))


@pytest.mark.parametrize(("question_id", "name"), WRONG, ids=[f"{q}-{name}" for q, name in WRONG])
def test_an_answer_that_is_nearly_right_loses_points_on_any_inputs(question_id: str, name: str) -> None:
    function = NEARLY[question_id][name]
    assert not [seed for seed in SEEDS if earns_everything(question_id, function, seed)]


@pytest.mark.parametrize("name", INVERSES)
@pytest.mark.parametrize("question_id", WITH_INVERSE)
def test_each_way_to_an_inverse_earns_everything(question_id: str, name: str) -> None:
    function = WITH_INVERSE[question_id](INVERSES[name])
    assert all(earns_everything(question_id, function, seed) for seed in SEEDS)


@pytest.mark.parametrize(("question_id", "name"), GUARDS, ids=[f"{q}-{name}" for q, name in GUARDS])
def test_a_guard_costs_nothing(question_id: str, name: str) -> None:
    assert all(earns_everything(question_id, GUARDED[question_id][name], seed) for seed in SEEDS)
