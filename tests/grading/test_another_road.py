"""Slips that reach the numbers of an entry by another road, or nearly: what is said is true of them, too."""

# mypy: allow-untyped-defs
from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from autograder.questions import find
from autograder.questions.labels.wrong_matches import distances
from gmmlib.missing import condition_gaussian
from tests.support.functions import MAX, graded, named

e_step, m_step = find("em.e_step").reference, find("em.m_step").reference
with_prior, diagnose = find("collapse.m_step_map").reference, find("collapse.diagnose").reference
TRIES: list[tuple[str, str, Callable[..., object]]] = []


def reach(question_id: str, name: str) -> Callable[[Callable[..., object]], Callable[..., object]]:
    """Take in an answer with the name that fits it."""

    def take(function: Callable[..., object]) -> Callable[..., object]:
        TRIES.append((question_id, name, function))
        return function

    return take


# --------------------------------------------------------------------------- EM


def loop(stops: Callable[[list[float], float], bool]) -> Callable[..., object]:
    def fit(X, weights, means, covariances, tol=1e-6, max_iter=200):
        history: list[float] = []
        for step in range(max_iter):
            R, log_likelihood = e_step(X, weights, means, covariances)
            history.append(float(log_likelihood))
            if step > 0 and stops(history, tol):
                break
            if step < max_iter - 1:
                weights, means, covariances = m_step(X, R)
        return weights, means, covariances, np.array(history)

    return fit


reach("em.fit", "stops-in-the-second-round")(loop(lambda h, tol: h[-2] - h[-1] < tol))
reach("em.fit", "gain-over-two-rounds")(
    loop(lambda h, tol: len(h) > 2 and h[-1] - h[-2] < tol and h[-2] - h[-3] < tol)
)


@reach("em.fit", "parameters-of-the-round-before-the-stop")
def the_last_that_gained(X, weights, means, covariances, tol=1e-6, max_iter=200):
    history: list[float] = []
    latest = best = (weights, means, covariances)
    for step in range(max_iter):
        R, log_likelihood = e_step(X, *latest)
        history.append(float(log_likelihood))
        if step > 0 and history[-1] - history[-2] < tol:
            return (*best, np.array(history))
        best = latest
        latest = m_step(X, R) if step < max_iter - 1 else latest
    return (*latest, np.array(history))


@reach("em.e_step", "base-ten-of-likelihood")
def log10_at_the_end(*inputs):
    R, log_likelihood = e_step(*inputs)
    return R, log_likelihood / np.log(10)


# --------------------------------------------------------------------------- collapse


def divided(change: Callable[[int], int]) -> Callable[..., object]:
    """The step with the prior, whose divisor is another by this much."""

    def step(X, responsibilities):
        weights, means, covariances = with_prior(X, responsibilities)
        d = X.shape[1]
        right = (responsibilities.sum(axis=0) + 2 * d + 4)[:, None, None]
        return weights, means, covariances * right / (right + change(d))

    return step


reach("collapse.m_step_map", "divisor-with-d")(divided(lambda d: -2))  # ν = d
reach("collapse.m_step_map", "divisor-with-d-plus-one")(divided(lambda d: -1))  # ν = d + 1
reach("collapse.m_step_map", "divisor-with-d-once")(divided(lambda d: -d))  # ν = 2


@reach("collapse.m_step_map", "scatter-about-the-mean-of-all-alone")
def about_the_mean_of_all(X, responsibilities):
    weights, means, _ = with_prior(X, responsibilities)
    (n, d), K = X.shape, responsibilities.shape[1]
    Z = X - X.mean(axis=0)
    scatters = np.einsum("nk,ni,nj->kij", responsibilities, Z, Z)
    return (
        weights,
        means,
        (Z.T @ Z / n / K ** (2 / d) + scatters) / (responsibilities.sum(axis=0) + 2 * d + 4)[:, None, None],
    )


@reach("collapse.diagnose", "largest-condition-of-all")
def one_condition(*inputs):
    counts, conditions, shares = diagnose(*inputs)
    return counts, conditions.max(), shares


@reach("collapse.diagnose", "smallest-share-of-all")
def one_share(*inputs):
    counts, conditions, shares = diagnose(*inputs)
    return counts, conditions, shares.min()


# --------------------------------------------------------------------------- gaps


@reach("missing.e_step_missing", "filled-with-conditional-means")
def filled_by_regression(X, weights, means, covariances):
    log_joint = np.empty((len(X), len(weights)))
    for k, (mean, covariance) in enumerate(zip(means, covariances, strict=True)):
        Z = np.zeros_like(X)
        for z, x in zip(Z, X, strict=True):
            known = np.flatnonzero(np.isfinite(x)).tolist()
            z[:] = np.where(np.isnan(x), 0.0, x - mean)
            if 0 < len(known) < len(x):
                guess, _ = condition_gaussian(mean, covariance, known, x[None, known])
                z[np.isnan(x)] = np.ravel(guess) - mean[np.isnan(x)]
        squared = np.einsum("ni,ij,nj->n", Z, np.linalg.inv(covariance), Z)
        constant = X.shape[1] * np.log(2 * np.pi) + np.linalg.slogdet(covariance)[1]
        log_joint[:, k] = np.log(weights[k]) - 0.5 * (constant + squared)
    total = np.logaddexp.reduce(log_joint, axis=1)
    return np.exp(log_joint - total[:, None]), total.sum()


# --------------------------------------------------------------------------- labels and choices


@reach("labels.bhattacharyya", "sixteenth-for-an-eighth")
def sum_in_the_first_term(mean, covariance, other_mean, other_covariance):
    z, both = mean - other_mean, covariance + other_covariance
    logs = [np.linalg.slogdet(C)[1] for C in (both / 2, covariance, other_covariance)]
    return z @ np.linalg.solve(both, z) / 8 + (logs[0] - (logs[1] + logs[2]) / 2) / 2


@reach("labels.match_components", "order-kept")
def rows_for_columns(*fits):
    return linear_sum_assignment(distances(*fits))[0]


@reach("labels.match_components", "smallest-coefficients-summed")
def smallest_overlap(*fits):
    table = np.exp(-distances(*fits))
    orders = permutations(range(len(table)))
    return np.array(min(orders, key=lambda order: sum(table[k, j] for k, j in enumerate(order))))


@reach("selection.choose", "penalty-is-p")
def half_of_aic(log_likelihoods, n_parameters, n_samples):
    return int(np.argmin(n_parameters - 2 * log_likelihoods))


@reach("starts.best_of_restarts", "floor-itself-counts-as-collapsed")
def strict_and_never_minus_one(log_likelihoods, smallest_shares, floor):
    healthy = (smallest_shares > floor) & np.isfinite(log_likelihoods)
    return int(np.argmax(np.where(healthy, log_likelihoods, -np.inf)))


@pytest.mark.parametrize(
    ("question_id", "name", "function"), TRIES, ids=[f"{question}-{name}" for question, name, _ in TRIES]
)
def test_what_the_numbers_show_is_named(question_id: str, name: str, function: Callable[..., object]) -> None:
    for seed in (0, 3):
        result = graded(find(question_id), function, seed)
        assert result.score < MAX
        assert named(result) == {name}


# --------------------------------------------------------------------------- words


#: What was said once and need not be true: the same numbers come from other code.
NOT_IN_THE_NUMBERS = (
    ("em.fit", "whatever tol was passed"),
    ("collapse.m_step_map", "The divisor has ν"),
    ("labels.bhattacharyya", "The distance of the means enters with 1/16"),
    ("labels.match_components", "are taken in the order in which they come"),
    ("missing.e_step_missing", "The block is cut out of the inverse;"),
    ("missing.m_step_missing", "the covariance is too small"),
    ("kmeans.update", "points: count from 0"),
    ("capstone.percentile_interval", "int(share · n)"),
    ("capstone.percentile_interval", "the level is not used"),
    ("selection.choose", "The highest log-likelihood is chosen"),
    ("selection.n_parameters", "K weights are counted"),
)


@pytest.mark.parametrize(("question_id", "words"), NOT_IN_THE_NUMBERS)
def test_no_sentence_says_of_the_code_what_the_numbers_cannot_tell(question_id: str, words: str) -> None:
    assert not [m.name for m in find(question_id).misconceptions if words in m.sentence]


def test_two_arrays_of_positions_are_told_as_such() -> None:
    result = graded(find("labels.match_components"), lambda *fits: linear_sum_assignment(distances(*fits)))
    assert named(result) == {"rows-and-columns-returned"}


def test_a_number_added_to_all_entries_is_not_told_as_a_ridge() -> None:
    def step(X, responsibilities):
        weights, means, covariances = m_step(X, responsibilities)
        return weights, means, covariances + 1e-6

    assert named(graded(find("em.m_step"), step)) == {"number-added-to-every-entry"}
