"""Answers at the edge of what numbers can be are judged and shown without a warning, as they are."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.judge.behaviour import behaviour_of
from autograder.judge.example import Example, first_wrong_call
from autograder.judge.points import compare, judge
from autograder.judge.seen import expected
from autograder.questions import find
from autograder.reports.figure import compared
from autograder.values import Answer, Drawn, Picture, Question, QuestionAnswers

LEAST = float(np.iinfo(np.int64).min)
LARGEST = float(np.finfo(np.float64).max)


def all_equal(question: Question, value: float) -> QuestionAnswers:
    """Answers in the right shapes, every entry the same."""
    answers = {
        case.name: Answer(
            "returned", tuple(np.full(part.shape, value) for part in expected(case, question).values())
        )
        for case in question.public_cases
    }
    return QuestionAnswers("graded", answers)


@pytest.mark.parametrize("value", [LARGEST, -LARGEST, np.inf, LEAST])
@pytest.mark.parametrize("name", ["kmeans.assign", "em.m_step"])
def test_they_earn_nothing_that_is_numeric_and_are_shown_as_they_are(name: str, value: float) -> None:
    question = find(name)
    answers = all_equal(question, value)
    result = judge(question, question.public_cases, answers, 4.0)
    assert result.score <= 0.8  # form alone
    behaviour_of(question, answers)
    example = first_wrong_call(question, compare(question, question.public_cases, answers), answers)
    assert example is not None
    assert "-9223372036854775808" not in example.returned  # what infinity became
    if example.picture is not None:
        assert "nan" not in compared(example.picture)


def test_the_largest_variances_are_drawn_and_named_as_they_came() -> None:
    question = find("em.m_step")
    answers = {}
    for case in question.public_cases:
        weights, means, right = expected(case, question).values()
        covariances = right.copy()
        covariances[:, -1, -1] = LARGEST
        answers[case.name] = Answer("returned", (weights, means, covariances))
    seen = compare(question, question.public_cases, QuestionAnswers("graded", answers))
    pictures = [Example(question, one, answers[name]).picture for name, one in seen.items()]
    drawn = [compared(picture) for picture in pictures if picture is not None]
    assert drawn
    assert not any("nan" in text or "inf" in text for text in drawn)


def test_a_covariance_without_width_but_for_rounding_is_drawn() -> None:
    """Else one student's answer would end the writing of everybody's pages."""
    tenths = np.arange(1, 100) / 10
    flat = [(a, float(f"{a * r:.5g}"), float(f"{a * r * r:.5g}")) for a in tenths for r in range(1, 10)]
    assert any(xx * yy - xy * xy > 0 > yy - (xy / np.sqrt(xx)) ** 2 for xx, xy, yy in flat)
    points = ((0.0, 0.0), (1.0, 1.0))
    round_one = Drawn((), points[:1], ((1.0, 0.0, 1.0),))
    for covariance in flat:
        drawn = Drawn((), points[:1], (covariance,))
        for picture in (Picture(points, drawn, round_one), Picture(points, round_one, drawn)):
            assert "nan" not in compared(picture)
