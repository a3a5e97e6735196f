"""What a wrong answer loses does not depend on the inputs that were drawn: the same on any seed.

Small numbers that people add to a density, a weight, a variance or a chance; single precision; and slips
that a lucky draw would hide.
"""

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
from autograder.questions.em import known_mixtures
from autograder.values import Case, QuestionAnswers
from tests.support.functions import graded, named
from tests.support.nearly_right import _kmeans_plus_plus

SEEDS = range(40, 46)
SIZES = (1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12)
Function = Callable[..., Any]


@lru_cache(maxsize=100)
def drawn(question_id: str, seed: int) -> tuple[Case, ...]:
    return find(question_id).draw(np.random.default_rng(seed))


def passed(question_id: str, function: Function, seed: int) -> tuple[bool, ...]:
    """Which checks an answer passes; nothing is diagnosed."""
    question, cases = find(question_id), drawn(question_id, seed)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        answers = {case.name: answer(function, case, len(question.returns))[0] for case in cases}
        seen = compare(question, cases, QuestionAnswers("graded", answers))
        return tuple(finding.passed for finding in findings_of(question, seen))


def verdicts(question_id: str, function: Function) -> set[tuple[bool, ...]]:
    return {passed(question_id, function, seed) for seed in SEEDS}


# --------------------------------------------------------------------------- small numbers


def _joint(X: Any, weights: Any, means: Any, covariances: Any) -> Any:
    """w_k N(x_i | k) by plain exp, (n, K), of what is known of each point."""
    joint = np.tile(weights, (len(X), 1))
    for i, x in enumerate(X):
        known = np.flatnonzero(~np.isnan(x))
        for k in range(len(weights) if len(known) else 0):
            C, z = covariances[k][np.ix_(known, known)], x[known] - means[k][known]
            norm = np.sqrt((2 * np.pi) ** len(known) * np.linalg.det(C))
            joint[i, k] *= np.exp(-0.5 * z @ np.linalg.inv(C) @ z) / norm
    return joint


def _e_step(in_shares: float, in_logarithm: float) -> Function:
    """An E-step by plain exp, with a number added to what it divides by, or takes the logarithm of."""

    def e_step(*mixture):
        joint = _joint(*mixture)
        density = joint.sum(axis=1)
        return joint / (density + in_shares)[:, None], np.log(density + in_logarithm).sum()

    return e_step


def _log_gaussian(size: float) -> Function:
    return lambda X, mean, C: np.log(_joint(X, np.ones(1), mean[None], C[None])[:, 0] + size)


def _log_density(size: float) -> Function:
    return lambda *mixture: np.log(_joint(*mixture).sum(axis=1) + size)


def _responsibilities(size: float) -> Function:
    def responsibilities(log_densities, weights):
        joint = weights * np.exp(log_densities)
        return joint / (joint.sum(axis=1, keepdims=True) + size)

    return responsibilities


GUARDED: dict[str, dict[str, Callable[[float], Function]]] = {
    "soft.log_gaussian": {"in the logarithm": _log_gaussian},
    "soft.responsibilities": {"in the denominator": _responsibilities},
    "em.e_step": {
        "in the denominator": lambda size: _e_step(size, 0.0),
        "in the logarithm": lambda size: _e_step(0.0, size),
    },
    "missing.e_step_missing": {"in both": lambda size: _e_step(size, size)},
    "capstone.log_density": {"in the logarithm": _log_density},
}
GUARDS = [(question, where) for question, guards in GUARDED.items() for where in guards]


@pytest.mark.parametrize(("question_id", "where"), GUARDS)
def test_a_number_added_to_a_density_costs_the_same_on_any_inputs(question_id: str, where: str) -> None:
    sizes = SIZES if question_id != "missing.e_step_missing" else (1e-6, 1e-8, 1e-10)
    answers = {size: GUARDED[question_id][where](size) for size in sizes}
    uneven = [size for size, function in answers.items() if len(verdicts(question_id, function)) > 1]
    assert not uneven


@pytest.mark.parametrize("question_id", ["soft.log_gaussian", "em.e_step", "capstone.log_density"])
def test_a_number_added_to_the_variances_costs_the_same_on_any_inputs(question_id: str) -> None:
    def wider(size: float) -> Function:
        def answered(X, *mixture):
            *rest, C = mixture
            return find(question_id).reference(X, *rest, C + size * np.eye(X.shape[1]))

        return answered

    assert not [size for size in SIZES if len(verdicts(question_id, wider(size))) > 1]


def test_a_number_added_to_both_variances_of_a_distance_costs_the_same_on_any_inputs() -> None:
    def wider(size: float) -> Function:
        def distance(mean, C, other_mean, D):
            ridge = size * np.eye(len(mean))
            return find("labels.bhattacharyya").reference(mean, C + ridge, other_mean, D + ridge)

        return distance

    sizes = (1e-3, 1e-4, 1e-5, 1e-8, 1e-9, 1e-10)
    assert not [size for size in sizes if len(verdicts("labels.bhattacharyya", wider(size))) > 1]


@pytest.mark.parametrize("size", [1e-12, 1e-10, 1e-8])
def test_a_number_added_to_the_weights_costs_the_same_on_any_inputs(size: float) -> None:
    def e_step(X, weights, means, covariances):
        return find("em.e_step").reference(X, weights + size, means, covariances)

    assert len(verdicts("em.e_step", e_step)) == 1


@pytest.mark.parametrize("size", [1e-3, 1e-4])
def test_a_number_added_to_the_chances_of_far_points_is_always_seen(size: float) -> None:
    function = _kmeans_plus_plus(chances=lambda nearest: nearest + size)
    assert all(passed("starts.kmeans_plus_plus", function, seed)[-1] is False for seed in (40, 41))


@pytest.mark.parametrize("size", [1e-6, 1e-8])
def test_a_number_so_small_that_it_changes_no_chance_costs_nothing(size: float) -> None:
    function = _kmeans_plus_plus(chances=lambda nearest: nearest + size)
    assert all(all(passed("starts.kmeans_plus_plus", function, seed)) for seed in (40, 41))


# --------------------------------------------------------------------------- precision


def _in_float32(question_id: str) -> Function:
    def answered(*inputs):
        single = (a.astype(np.float32) if np.asarray(a).dtype.kind == "f" else a for a in inputs)
        return find(question_id).reference(*single)

    return answered


@pytest.mark.parametrize(
    "question_id", ["soft.log_gaussian", "soft.responsibilities", "em.e_step", "scale.statistics"]
)
def test_single_precision_costs_the_same_on_any_inputs(question_id: str) -> None:
    assert len(verdicts(question_id, _in_float32(question_id))) == 1


def test_statistics_in_single_precision_are_near_enough_except_far_from_the_origin() -> None:
    def statistics(X, R):
        X, R = X.astype(np.float32), R.astype(np.float32)
        counts = R.sum(axis=0)
        means = R.T @ X / counts[:, None]
        Z = X[None] - means[:, None]
        return counts, means, np.einsum("nk,kni,knj->kij", R, Z, Z)

    (only,) = verdicts("scale.statistics", statistics)
    titles = [check.title for check in find("scale.statistics").checks]
    assert [title for title, right in zip(titles, only, strict=True) if not right] == [
        "A block ten million away from the origin comes out right (this needs float64 throughout)."
    ]


# --------------------------------------------------------------------------- slips that luck would hide


@pytest.mark.parametrize(
    "change",
    [
        lambda places, of_shapes: np.sqrt(places) + of_shapes,
        lambda places, of_shapes: places**2 + of_shapes,
        lambda places, of_shapes: places + np.sqrt(of_shapes),
        lambda places, of_shapes: 1.0 / places + of_shapes,
    ],
    ids=["first rooted", "first squared", "second rooted", "first inverted"],
)
def test_a_slip_in_one_term_of_a_distance_costs_the_same_on_any_inputs(change: Function) -> None:
    def distance(mean, C, other_mean, D):
        middle, z = (C + D) / 2, mean - other_mean
        half, first, second = (np.linalg.slogdet(matrix)[1] for matrix in (middle, C, D))
        return change(z @ np.linalg.solve(middle, z) / 8, half / 2 - (first + second) / 4)

    assert len(verdicts("labels.bhattacharyya", distance)) == 1


def test_sums_of_differences_squared_are_told_as_that() -> None:
    def centroids(X, n_centroids, rng):
        generator = np.random.default_rng(rng)
        chosen = [int(generator.integers(len(X)))]
        nearest = (X - X[chosen[0]]).sum(axis=1) ** 2
        while len(chosen) < n_centroids:
            p = nearest / nearest.sum() if nearest.any() else None
            chosen.append(int(generator.choice(len(X), p=p)))
            nearest = np.minimum(nearest, (X - X[chosen[-1]]).sum(axis=1) ** 2)
        return X[chosen]

    for seed in (40, 41):
        result = graded(find("starts.kmeans_plus_plus"), centroids, seed)
        assert any("added up before squaring" in check.message for check in result.checks)


#: Entries of the catalogues that a lucky draw used to spare a check.
ONCE_UNEVEN = {
    "soft.log_gaussian": (
        "covariance-of-the-points",
        "with-points-centred",
        "correlations-ignored-in-determinant",
    ),
    "soft.responsibilities": ("responsibilities-reversed",),
    "em.e_step": ("shares-rounded", "logs-normalised", "log-likelihood-rounded"),
    "em.fit": ("means-never-updated",),
    "starts.best_of_restarts": ("last-of-equals",),
    "selection.icl": ("shares-clipped-at-1e-03", "entropy-of-one-point"),
    "missing.condition": ("both-means-forgotten",),
    "missing.e_step_missing": ("ridge-added", "ridge-of-1e-05-added", "first-entry-subtracted"),
    "scale.statistics": ("single-precision", "means-rounded", "means-cut-to-whole-numbers"),
    "capstone.log_density": ("log-guarded-by-1e-08", "with-points-centred", "with-points-in-whole-numbers"),
    "capstone.standard_order": ("means-first-without-the-rest", "means-last-without-the-rest"),
    "capstone.percentile_interval": ("shortest-interval", "lower-squared", "upper-inverted"),
}


@pytest.mark.parametrize("question_id", ONCE_UNEVEN)
def test_what_luck_used_to_hide_shows_on_any_inputs(question_id: str) -> None:
    entries = {entry.name: entry.implementation for entry in find(question_id).misconceptions}
    for name in ONCE_UNEVEN[question_id]:
        assert len(verdicts(question_id, entries[name])) == 1, name


def test_a_loop_that_keeps_its_means_is_named() -> None:
    entries = {entry.name: entry.implementation for entry in find("em.fit").misconceptions}
    for seed in SEEDS:
        assert "means-never-updated" in named(graded(find("em.fit"), entries["means-never-updated"], seed))


# --------------------------------------------------------------------------- the known mixtures


@pytest.mark.parametrize("kind", known_mixtures.SEEDS)
def test_a_ridge_is_off_by_a_few_times_what_is_allowed_on_each_known_mixture(kind: str) -> None:
    for seed in known_mixtures.SEEDS[kind]:
        assert 1.5 < max(known_mixtures.off_by_a_ridge(known_mixtures.known(kind, seed))) < 6.5


@pytest.mark.parametrize("kind", known_mixtures.SEEDS)
def test_turning_a_known_mixture_changes_no_answer(kind: str) -> None:
    for seed in range(3):
        call, R, log_density = known_mixtures.turned(np.random.default_rng(seed), kind)
        shares, log_likelihood = find("em.e_step").reference(*call)
        assert shares == pytest.approx(R, abs=1e-8)
        assert log_likelihood == pytest.approx(log_density.sum(), rel=1e-10)
