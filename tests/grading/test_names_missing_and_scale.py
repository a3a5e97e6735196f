"""With gaps, and in blocks: what is said of an answer is so on any inputs, and costs the same there."""

# mypy: allow-untyped-defs
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograder.questions import find
from autograder.values import QuestionResult
from tests.support.functions import MAX, graded, named

Function = Callable[..., Any]


def _right(question_id: str) -> Function:
    return find(question_id).reference


SEEDS = range(2)
CONDITION, E_STEP, M_STEP = (
    _right(f"missing.{name}") for name in ("condition", "e_step_missing", "m_step_missing")
)
STATISTICS, MERGE = _right("scale.statistics"), _right("scale.merge_statistics")


def results(question_id: str, function: Function) -> list[QuestionResult]:
    return [graded(find(question_id), function, seed) for seed in SEEDS]


def words(result: QuestionResult) -> str:
    return " ".join(verdict.message for verdict in result.checks)


# --------------------------------------------------------------------------- conditioning


def with_covariance(change: Callable[[np.ndarray], np.ndarray]) -> Function:
    def condition(*given):
        mean, covariance = CONDITION(*given)
        return mean, change(covariance)

    return condition


@pytest.mark.parametrize(
    "change",
    [
        lambda C: np.diag(np.diag(C)),
        lambda C: 2 * np.diag(np.diag(C)) - C,
        lambda C: (C + np.diag(np.diag(C))) / 2,
        lambda C: np.sqrt(np.outer(np.diag(C), np.diag(C))),
    ],
    ids=["diagonal", "turned", "halved", "rank-one"],
)
def test_of_right_variances_nobody_is_told_that_they_are_too_large(change: Function) -> None:
    for result in results("missing.condition", with_covariance(change)):
        assert result.score < MAX
        assert "a variance is larger" not in words(result)
        assert "a weighted sum of features varies more than before anything was known" in words(result)


def test_a_variance_that_is_too_large_is_told() -> None:
    for result in results("missing.condition", with_covariance(lambda C: C + 3 * np.eye(len(C)))):
        assert "a variance is larger than before anything was known" in words(result)


def test_an_order_of_the_covariance_alone_is_not_said_of_the_mean() -> None:
    for result in results("missing.condition", with_covariance(lambda C: C[::-1, ::-1])):
        assert named(result) == {"covariance-in-reverse"}


def by_gain(gain: Function, *, order: Function = lambda values: values, ridge: float = 0.0) -> Function:
    def condition(mean, covariance, known, values):
        b = np.setdiff1d(np.arange(len(mean)), known)
        aa, ba = covariance[np.ix_(known, known)], covariance[np.ix_(b, known)]
        G = ba @ gain(aa)
        rest = covariance[np.ix_(b, b)] - G @ ba.T + ridge * np.eye(len(b))
        return mean[b] + G @ (order(values) - mean[known]), rest

    return condition


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (by_gain(lambda aa: np.linalg.inv(aa @ aa)), "inverse-taken-twice"),
        (by_gain(lambda aa: np.linalg.inv(np.linalg.cholesky(aa))), "one-triangle-of-cholesky"),
        (by_gain(lambda aa: np.linalg.inv(aa + 1e-6 * np.eye(len(aa)))), "ridge-of-1e-06-in-the-known"),
        (by_gain(np.linalg.inv, ridge=1e-6), "ridge-of-1e-06-added"),
        (by_gain(np.linalg.inv, order=np.sort), "values-sorted"),
    ],
    ids=["twice", "cholesky", "ridge-within", "ridge-behind", "sorted"],
)
def test_a_slip_in_conditioning_has_its_name_and_its_price_on_any_inputs(
    function: Function, name: str
) -> None:
    graded_ones = results("missing.condition", function)
    assert [named(result) for result in graded_ones] == [{name}] * len(SEEDS)
    assert len({result.score for result in graded_ones}) == 1


@pytest.mark.parametrize("order", [lambda v: v[::-1], lambda v: -np.sort(-v)], ids=["reversed", "downwards"])
def test_values_in_another_order_cost_the_same_and_are_not_taken_for_sorted_ones(order: Function) -> None:
    graded_ones = results("missing.condition", by_gain(np.linalg.inv, order=order))
    assert all(not named(result) for result in graded_ones)
    assert len({result.score for result in graded_ones}) == 1


def test_single_precision_far_away_is_not_taken_for_an_array_of_integers() -> None:
    def condition(mean, covariance, known, values):
        m, C, x = (np.asarray(array, np.float32) for array in (mean, covariance, values))
        return by_gain(np.linalg.inv)(m, C, known, x)

    for seed in range(12):
        result = graded(find("missing.condition"), condition, seed)
        assert result.score < MAX
        assert "whole numbers" not in words(result)


# --------------------------------------------------------------------------- E- and M-step with gaps


def test_a_small_ridge_in_the_e_step_costs_the_same_on_any_inputs() -> None:
    def e_step(X, weights, means, covariances):
        return E_STEP(X, weights, means, covariances + 1e-6 * np.eye(X.shape[1]))

    graded_ones = results("missing.e_step_missing", e_step)
    assert [named(result) for result in graded_ones] == [{"ridge-added"}] * len(SEEDS)
    assert len({result.score for result in graded_ones}) == 1


@pytest.mark.parametrize("place", [0, 1, 2])
def test_an_empty_row_of_one_component_is_not_said_to_go_to_another(place: int) -> None:
    def e_step(X, weights, means, covariances):
        R, log_likelihood = E_STEP(X, weights, means, covariances)
        R[np.isnan(X).all(axis=1)] = np.eye(len(weights))[place]
        return R, log_likelihood

    for result in results("missing.e_step_missing", e_step):
        assert "A row without any value goes wholly to one component" in words(result)


def test_the_determinant_of_all_features_is_not_told_with_their_constant() -> None:
    def e_step(X, weights, means, covariances):
        """The constant counts the missing features, the determinant is that of all."""
        R, log_likelihood = of_all(X, weights, means, covariances)
        gaps = np.isnan(X)
        known = (~gaps).sum(axis=1)
        shorter = np.where(known > 0, gaps.sum(axis=1) - X.shape[1], 0).sum()
        return R, log_likelihood - 0.5 * np.log(2 * np.pi) * shorter

    question = find("missing.e_step_missing")
    of_all = next(m for m in question.misconceptions if m.name == "density-of-all-features").implementation
    for result in results(question.id, e_step):
        assert result.score < MAX
        assert "Constant and determinant" not in words(result)


def m_step_with(weigh: Function = lambda r: r, centred: bool = True) -> Function:
    """The M-step whose scatter is weighted otherwise, or about the origin."""

    def m_step(X, responsibilities, means, covariances):
        weights, new_means, new_covariances = M_STEP(X, responsibilities, means, covariances)
        changed = []
        for k, r in enumerate(responsibilities.T):
            filled = X.copy()
            for row in filled:
                gaps = np.isnan(row)
                row[gaps] = CONDITION(means[k], covariances[k], np.flatnonzero(~gaps), row[~gaps])[0]
            Z = filled - new_means[k]
            own = (r[:, None] * Z).T @ Z
            Y = Z if centred else filled
            other = (weigh(r)[:, None] * Y).T @ Y
            changed.append(new_covariances[k] + (other - own) / r.sum())
        return weights, new_means, np.stack(changed)

    return m_step


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (m_step_with(weigh=np.ones_like), "scatter-unweighted"),
        (m_step_with(centred=False), "second-moments"),
    ],
    ids=["unweighted", "uncentred"],
)
def test_a_slip_in_the_m_step_with_gaps_has_its_name_on_any_inputs(function: Function, name: str) -> None:
    graded_ones = results("missing.m_step_missing", function)
    assert [named(result) for result in graded_ones] == [{name}] * len(SEEDS)
    assert len({result.score for result in graded_ones}) == 1


@pytest.mark.parametrize("seed", range(30))
def test_in_the_small_example_with_gaps_whose_covariance_fills_them_shows(seed: int) -> None:
    question = find("missing.m_step_missing")
    small = question.draw(np.random.default_rng(seed))[0]
    X, R, means, covariances = map(np.asarray, small.arguments)
    right = M_STEP(X, R, means, covariances)[1]
    assert np.abs(M_STEP(X, R, means, covariances[[0, 0]])[1] - right).max() > 1e-3
    assert np.abs(M_STEP(X, R, means, covariances[[1, 1]])[1] - right).max() > 1e-3


# --------------------------------------------------------------------------- statistics


def with_counts(counts: Function) -> Function:
    return lambda X, R: (counts(R), *STATISTICS(X, R)[1:])


@pytest.mark.parametrize(
    "counts",
    [
        lambda R: np.bincount(R.argmax(axis=1), minlength=R.shape[1]),
        lambda R: (R > 0.5).sum(axis=0),
        lambda R: np.round(R).sum(axis=0),
        lambda R: (R * R.shape[1] > 1).sum(axis=0),
        lambda R: np.full(R.shape[1], len(R) // R.shape[1]),
        lambda R: np.ceil(R.sum(axis=0)),
    ],
    ids=["argmax", "half", "rounded shares", "share", "equal", "ceiling"],
)
def test_whole_counts_of_another_kind_are_not_called_rounded_or_cut(counts: Function) -> None:
    for seed in range(5):
        result = graded(find("scale.statistics"), with_counts(counts), seed)
        assert result.score < MAX
        assert "rounded" not in words(result)
        assert "cut to whole numbers" not in words(result)


def test_rounded_counts_are_called_rounded() -> None:
    for result in results("scale.statistics", with_counts(lambda R: np.round(R.sum(axis=0)))):
        assert "rounded: return all digits" in words(result)


def test_who_uses_responsibilities_in_counts_and_means_is_not_told_otherwise() -> None:
    def scatters_of_all(X, R):
        counts, means, _ = STATISTICS(X, R)
        Z = X - X.mean(axis=0)
        return counts, means, np.tile(Z.T @ Z, (R.shape[1], 1, 1))

    for result in results("scale.statistics", scatters_of_all):
        assert "Every point counts fully in every scatter." in words(result)
        assert "The responsibilities are not used" not in words(result)


@pytest.mark.parametrize("size", [1e-1, 1e-2, 1e-3, 1e-6])
def test_a_ridge_in_the_scatters_costs_the_same_on_any_inputs(size: float) -> None:
    def ridged(X, R):
        counts, means, scatters = STATISTICS(X, R)
        return counts, means, scatters + size * np.eye(X.shape[1])

    graded_ones = results("scale.statistics", ridged)
    assert [named(result) for result in graded_ones] == [{f"ridge-of-{size:.0e}-added"}] * len(SEEDS)
    assert len({result.score for result in graded_ones}) == 1


# --------------------------------------------------------------------------- merging


@pytest.mark.parametrize(
    "leaves",
    [
        lambda N, P: (P == 0).any() and 1,
        lambda N, P: P[0] == 0 and 1,
        lambda N, P: P[-1] == 0 and 1,
        lambda N, P: (N == 0).any() and 2,
        lambda N, P: N[0] == 0 and 2,
        lambda N, P: N[-1] == 0 and 2,
    ],
    ids=["any", "first", "last", "any first", "first first", "last first"],
)
def test_who_leaves_out_a_block_for_one_empty_component_loses_points(leaves: Function) -> None:
    def merge(*blocks):
        if left := leaves(blocks[0], blocks[3]):
            return blocks[:3] if left == 1 else blocks[3:]
        return MERGE(*blocks)

    for result in results("scale.merge_statistics", merge):
        assert 0.8 * MAX < result.score < MAX


@pytest.mark.parametrize(
    "leaves",
    [lambda N, P: P.sum() == 0 and 1, lambda N, P: (P == 0).all() and 1, lambda N, P: not N.any() and 2],
)
def test_who_leaves_out_a_block_that_is_empty_altogether_is_right(leaves: Function) -> None:
    def merge(*blocks):
        if left := leaves(blocks[0], blocks[3]):
            return blocks[:3] if left == 1 else blocks[3:]
        return MERGE(*blocks)

    for result in results("scale.merge_statistics", merge):
        assert result.score == MAX
