"""Which of several names is given; naming costs a bounded number of calls, whatever a function returns."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from autograder.judge import diagnosis
from autograder.questions import ASSIGNMENTS, find, of_assignment
from autograder.values import FloatArray, Question
from tests.support.functions import graded, named

QUESTIONS = [question for assignment in ASSIGNMENTS for question in of_assignment(assignment)]
SPOILT: dict[str, Callable[[FloatArray], FloatArray]] = {
    "not a number": lambda value: np.full(value.shape, np.nan),
    "as large as can be": lambda value: np.full(value.shape, 1e308),
    "zero": np.zeros_like,
    "of another shape": lambda value: np.zeros((7, 7, 7)),
}


def spoilt(
    question: Question, position: int, spoil: Callable[[FloatArray], FloatArray]
) -> Callable[..., object]:
    """The reference, one of whose results is spoilt in every call."""

    def function(*arguments: object, **keywords: object) -> object:
        answer = question.reference(*arguments, **keywords)
        values = list(answer) if isinstance(answer, tuple) else [answer]
        values[position] = spoil(np.asarray(values[position], dtype=np.float64))
        return tuple(values) if len(values) > 1 else values[0]

    return function


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.id)
def test_a_spoilt_result_is_compared_with_a_bounded_number_of_mistakes(
    question: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fit that is asked of every pair of mistakes, in every case, would take minutes."""
    calls = 0

    def counted(*arguments: object) -> object:
        nonlocal calls
        calls += 1
        return original(*arguments)  # type: ignore[arg-type]

    original = diagnosis.call
    monkeypatch.setattr(diagnosis, "call", counted)
    for position in range(len(question.returns)):
        for seed, spoil in enumerate(SPOILT.values()):
            calls = 0
            graded(question, spoilt(question, position, spoil), seed)
            assert calls <= 2_500, (position, seed)


def test_a_name_that_is_at_odds_with_another_part_comes_after_one_that_is_not() -> None:
    """Plain means come of no prior at all, too; but then the covariances would be other ones."""
    question = find("collapse.m_step_map")

    def plain_means(X: FloatArray, responsibilities: FloatArray) -> object:
        weights, _, covariances = question.reference(X, responsibilities)  # type: ignore[misc]
        return weights, responsibilities.T @ X / responsibilities.sum(axis=0)[:, None], covariances * 1.7

    assert named(graded(question, plain_means)) == {"means-not-pulled"}


def test_distances_in_place_of_labels_are_known_whatever_their_last_bit() -> None:
    def nearest(X: FloatArray, centroids: FloatArray) -> object:
        return [min(float(np.linalg.norm(x - centroid)) * (1 + 1e-14) for centroid in centroids) for x in X]

    assert named(graded(find("kmeans.assign"), nearest)) == {"distance-returned"}


def log_density(constant: Callable[[int], float]) -> Callable[..., object]:
    """A log density whose constant is another one, and whose determinant underflows."""

    def function(X: FloatArray, mean: FloatArray, covariance: FloatArray) -> object:
        z, d = X - mean, len(mean)
        distances = np.einsum("ij,jk,ik->i", z, np.linalg.inv(covariance), z)
        return constant(d) - 0.5 * np.log(np.linalg.det(covariance)) - 0.5 * distances

    return function


def test_what_is_equally_infinite_somewhere_explains_no_wrong_numbers_elsewhere() -> None:
    """Of an unknown mistake nothing is said: the determinant is there, and not missing."""
    for constant in (lambda d: -1.234, lambda d: -0.37 * d):
        assert named(graded(find("soft.log_gaussian"), log_density(constant))) == set()


def test_of_nothing_but_nan_no_two_mistakes_are_read() -> None:
    def spoilt_somewhere(*arguments: object) -> object:
        values = find("em.e_step").reference(*arguments)
        return tuple(np.where(np.abs(value) < 0.3, np.nan, value) * np.nan for value in values)  # type: ignore[union-attr]

    told = graded(find("em.e_step"), spoilt_somewhere).checks
    assert not any("And besides" in check.message for check in told)


def test_a_power_that_is_taken_before_its_exponent_is_halved_is_named() -> None:
    function = log_density(lambda d: -float(np.log((2 * np.pi) ** d / 2)))
    assert named(graded(find("soft.log_gaussian"), function)) == {"power-before-division"}
