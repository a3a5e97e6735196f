"""A sentence says of which values it speaks, and a check what it sees, where no mistake is recognised."""

# mypy: allow-untyped-defs
from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest

from autograder.questions import FloatArray, find
from autograder.questions.mistakes.mixtures import log_sum_exp, softmax
from autograder.values import QuestionResult
from gmmlib.gaussian import log_gaussian
from tests.support.functions import MAX, graded, named

Function = Callable[..., object]
Joint = Callable[[FloatArray, FloatArray], FloatArray]
SEEDS = (0, 2)
E_STEP, M_STEP = find("em.e_step").reference, find("em.m_step").reference


def said(result: QuestionResult) -> str:
    return " ".join(check.message for check in result.checks)


# --------------------------------------------------------------------------- one of two values


def tables(X: FloatArray, means: FloatArray, covariances: FloatArray, whole: bool = False) -> FloatArray:
    """Return the log densities of what is known, (n, K); with `whole` the determinants are those of Σ."""
    logs = np.zeros((len(X), len(means)))
    for i, x in enumerate(X):
        o = np.flatnonzero(~np.isnan(x))
        for k, (mean, C) in enumerate(zip(means, covariances, strict=True)):
            block = C[np.ix_(o, o)]
            if len(o):
                logs[i, k] = log_gaussian(x[o][None], mean[o], block)[0]
            if whole:
                logs[i, k] -= 0.5 * (np.linalg.slogdet(C)[1] - np.linalg.slogdet(block)[1])
    return logs


def right(logs: FloatArray, weights: FloatArray) -> FloatArray:
    return logs + np.log(weights)


def e_step(of_shares: Joint = right, of_likelihood: Joint = right, total=np.sum, whole=False) -> Function:
    def step(X, weights, means, covariances):
        logs = tables(X, means, covariances, whole)
        return softmax(of_shares(logs, weights)), total(log_sum_exp(of_likelihood(logs, weights)))

    return step


WRONG: dict[str, Joint] = {
    "weights-forgotten": lambda logs, w: logs,
    "weights-not-logged": lambda logs, w: logs + w,
    "weights-twice": lambda logs, w: logs + 2 * np.log(w),
}


@pytest.mark.parametrize("question", ["em.e_step", "missing.e_step_missing"])
@pytest.mark.parametrize("name", WRONG)
def test_a_sentence_about_one_of_two_values_says_so(question: str, name: str) -> None:
    for seed in SEEDS:
        one, other, both = (
            graded(find(question), e_step(**dict.fromkeys(places, WRONG[name])), seed)
            for places in (("of_shares",), ("of_likelihood",), ("of_shares", "of_likelihood"))
        )
        assert named(one) == named(other) == named(both) == {name}
        assert "This is about your responsibilities. " in said(one)
        assert "This is about your log-likelihood. " in said(other)
        assert "This is about" not in said(both)


def test_so_it_does_where_the_other_value_is_wrong_in_another_way() -> None:
    function = e_step(WRONG["weights-forgotten"], WRONG["weights-twice"])
    assert "This is about your responsibilities. The mixing weights" in said(
        graded(find("em.e_step"), function)
    )


def test_of_a_list_of_more_rounds_nothing_is_said_about_the_other_values() -> None:
    for seed in SEEDS:
        assert "This is about" not in said(graded(find("em.fit"), fit(lambda rounds, gain, tol: False), seed))


def test_shares_alone_do_not_tell_which_constant_there_is() -> None:
    for total, seed in ((np.sum, 0), (np.mean, 1), (np.sum, 2)):
        result = graded(find("missing.e_step_missing"), e_step(total=total, whole=True), seed)
        assert named(result) == {"determinant-of-all-features-in-every-row"}
        assert "onstant" not in said(result)


# --------------------------------------------------------------------------- em.fit


def fit(stops: Callable[[int, float, float], bool]) -> Function:
    def loop(X, weights, means, covariances, tol=1e-6, max_iter=200):
        history: list[float] = []
        for number in range(max_iter):
            R, total = E_STEP(X, weights, means, covariances)
            history.append(total)
            if number and stops(number, history[-1] - history[-2], tol):
                break
            if number < max_iter - 1:
                weights, means, covariances = M_STEP(X, R)
        return weights, means, covariances, history

    return loop


@pytest.mark.parametrize("rounds", [3, 5, 20])
def test_a_loop_that_looks_at_tol_late_is_told_that_it_goes_on(rounds: int) -> None:
    for seed in SEEDS:
        result = graded(find("em.fit"), fit(lambda i, gain, tol: i > rounds and gain < tol), seed)
        assert result.score < MAX
        assert "go on behind the first gain below tol" in said(result) or "goes on where" in said(result)


def test_a_loop_that_stops_early_is_told_so() -> None:
    for seed in SEEDS:
        result = graded(find("em.fit"), fit(lambda i, gain, tol: gain < 4.3 * tol), seed)
        words = "end before a gain is below tol", "stops too early", "stops as if the square"
        assert any(some in said(result) for some in words)


def test_one_number_for_the_log_likelihoods_is_no_list_of_them() -> None:
    def last(*arguments, **keywords):
        *parameters, history = fit(lambda i, gain, tol: gain < tol)(*arguments, **keywords)
        return (*parameters, history[-1])

    assert named(graded(find("em.fit"), last)) == {"only-last-log-likelihood"}


# --------------------------------------------------------------------------- one for all


@pytest.mark.parametrize("floor", [-1e2, -7e2, -1e3])
def test_log_densities_with_a_floor_are_seen_to_be_the_same_far_away(floor: float) -> None:
    for seed in SEEDS:
        result = graded(find("soft.log_gaussian"), lambda *a: np.maximum(log_gaussian(*a), floor), seed)
        assert "far points: log-densities are the same for all points" in said(result)


def test_shares_that_fall_back_on_one_row_are_seen_to_be_the_same() -> None:
    def guarded(log_densities, weights):
        joint = weights * np.exp(log_densities)
        R = joint / joint.sum(axis=1, keepdims=True)
        return np.where(np.isnan(R).any(axis=1, keepdims=True), weights, R)

    for seed in SEEDS:
        assert "are the same for all points" in said(graded(find("soft.responsibilities"), guarded, seed))


# --------------------------------------------------------------------------- em.m_step


def m_step(
    centres=lambda means: means,
    columns=lambda R: R,
    of_means=lambda N, n: N,
    of_scatters=lambda N, n: N,
    returned=lambda means: means,
) -> Function:
    def step(X, responsibilities):
        N, Q = responsibilities.sum(axis=0), columns(responsibilities)
        means = responsibilities.T @ X / of_means(N, len(X))[:, None]
        scatters = [((X - m).T * r) @ (X - m) for m, r in zip(centres(means), Q.T, strict=True)]
        covariances = np.stack(scatters) / of_scatters(N, len(X))[:, None, None]
        return N / len(X), returned(means), covariances

    return step


def instead_of_the_counts(divisor) -> dict[str, Function]:
    return {
        "means-divided-by-": m_step(of_means=divisor),
        "covariances-divided-by-": m_step(of_scatters=divisor),
        "divided-by-": m_step(of_means=divisor, of_scatters=divisor),
    }


DIVISORS = {
    "n-over-components": lambda N, n: np.full(len(N), n / len(N)),
    "count-of-the-first": lambda N, n: np.full(len(N), N[0]),
    "largest-count": lambda N, n: np.full(len(N), N.max()),
    "next-count": lambda N, n: np.roll(N, -1),
    "count-before": lambda N, n: np.roll(N, 1),
}
OF_M_STEP = {
    "covariances-about-the-next-mean": m_step(centres=lambda m: np.roll(m, -1, axis=0)),
    "covariances-about-the-mean-before": m_step(centres=lambda m: np.roll(m, 1, axis=0)),
    "covariances-about-means-in-reverse": m_step(centres=lambda m: m[::-1]),
    "covariances-weighted-by-the-next": m_step(columns=partial(np.roll, shift=-1, axis=1)),
    "covariances-weighted-by-the-one-before": m_step(columns=partial(np.roll, shift=1, axis=1)),
    "covariances-weighted-in-reverse": m_step(columns=lambda R: R[:, ::-1]),
    **{
        start + name: function
        for name, divisor in DIVISORS.items()
        for start, function in instead_of_the_counts(divisor).items()
    },
}


@pytest.mark.parametrize("name", OF_M_STEP)
def test_what_belongs_to_another_component_is_named(name: str) -> None:
    for seed in SEEDS[:2]:
        assert named(graded(find("em.m_step"), OF_M_STEP[name], seed)) == {name}


def test_means_sorted_feature_by_feature_cost_the_same_on_all_inputs() -> None:
    step = m_step(returned=partial(np.sort, axis=0))
    assert len({graded(find("em.m_step"), step, seed).score for seed in range(8)}) == 1


# --------------------------------------------------------------------------- a loop that ends after one round


@pytest.mark.parametrize(
    ("name", "others"),
    [
        ("density-of-the-first-component-alone", lambda w: 0.0),
        ("density-beside-weights-alone", np.log),
        ("first-component-only", lambda w: -np.inf),
    ],
)
def test_a_density_of_the_first_component_alone_is_seen(name: str, others: Function) -> None:
    def joint(X, weights, means, covariances):
        table = right(tables(X, means, covariances), weights)
        table[:, 1:] = np.broadcast_to(others(weights), weights.shape)[1:]
        return table

    def step(*arguments):
        table = joint(*arguments)
        return softmax(table), log_sum_exp(table).sum()

    for seed in SEEDS:
        assert named(graded(find("em.e_step"), step, seed)) == {name}
        density = graded(find("capstone.log_density"), lambda *a: log_sum_exp(joint(*a)), seed)
        assert named(density) == {name}


# --------------------------------------------------------------------------- scale.merge_statistics


def test_nan_of_an_empty_block_is_told_without_its_reason() -> None:
    def merged(*blocks):
        counts, means, scatters = find("scale.merge_statistics").reference(*blocks)
        one_is_empty = (blocks[0] == 0) | (blocks[3] == 0)
        return counts, means, np.where(one_is_empty[:, None, None], np.nan, scatters)

    for seed in SEEDS:
        result = graded(find("scale.merge_statistics"), merged, seed)
        assert "leaves nan in the scatters" in said(result)
        assert "gives 0/0" not in said(result)
