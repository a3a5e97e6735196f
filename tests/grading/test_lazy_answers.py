"""Whoever has not tried earns a fifth at most, on any inputs."""

from __future__ import annotations

import pytest

from autograder.questions import ASSIGNMENTS, of_assignment
from autograder.values import Question
from tests.support.lazy import earned

QUESTIONS = [question for name in ASSIGNMENTS for question in of_assignment(name)]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.id)
def test_an_answer_that_looks_at_the_shapes_only_earns_a_fifth_at_most(question: Question) -> None:
    for seed in range(3):
        shares = earned(question, seed)
        assert max(shares.values()) <= 0.2, shares
