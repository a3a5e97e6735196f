"""A mistake is named for numbers that it explains: not for nan, errors, or one value among wrong ones."""

# mypy: allow-untyped-defs
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograder.questions import find
from tests.support.functions import MAX, graded, named

Function = Callable[..., Any]


def right(question_id: str) -> Function:
    return find(question_id).reference


# --------------------------------------------------------------------------- most of it is nan, or an error


def last_means_alone(X, responsibilities):
    """The loop writes all means into one row of an array of nan."""
    weights, means, covariances = right("collapse.m_step_map")(X, responsibilities)
    return weights, np.where(np.arange(len(means))[:, None] == 0, means[-1], np.nan), covariances


def last_covariances_alone(X, responsibilities):
    weights, means, covariances = right("collapse.m_step_map")(X, responsibilities)
    kept = (np.arange(len(means)) == 0)[:, None, None]
    return weights, means, np.where(kept, covariances[-1], np.nan)


def a_return_inside_the_loop(X, responsibilities):
    weights, means, covariances = right("collapse.m_step_map")(X, responsibilities)
    means[1:], covariances[1:] = np.nan, np.nan
    return weights, means, covariances


def one_column_of_densities(X, weights, means, covariances):
    alone = right("capstone.log_density")(X, weights[-1:], means[-1:], covariances[-1:])
    return alone if len(weights) == 1 else np.full(len(X), np.nan)


def roots_of_negative_variances(X, responsibilities, covariances):
    counts, conditions, shares = right("collapse.diagnose")(X, responsibilities, covariances)
    return counts, np.full_like(conditions, np.nan), shares


def an_error_where_a_variance_is_small(X, responsibilities, covariances):
    """1 is taken off the variances before the root: nan, and an error of eigvalsh from three features on."""
    if X.shape[1] > 2:
        raise np.linalg.LinAlgError
    counts, conditions, shares = right("collapse.diagnose")(X, responsibilities, covariances)
    small = np.diagonal(covariances, axis1=1, axis2=2).min(axis=1) < 1
    return counts, np.where(small, np.nan, 1.7 * conditions), shares


def known_and_missing_swapped(X, responsibilities, means, covariances):
    weights, new_means, new_covariances = right("missing.m_step_missing")(
        X, responsibilities, means, covariances
    )
    lost = np.nan if np.isnan(X).any() else 0.0
    return weights, new_means + lost, new_covariances + lost


def first_row_not_filled(X, responsibilities, means, covariances):
    """A loop that begins at 1 leaves the gaps of the first row."""
    values = right("missing.m_step_missing")(X, responsibilities, means, covariances)
    gaps = np.where(np.isnan(X[0]), np.nan, 0.0)
    return values[0], values[1] + gaps, values[2] + gaps[:, None] + gaps


def known_features_turned_round(X, weights, means, covariances):
    """The features that are known are looked up in the reversed row."""
    R, log_likelihood = right("missing.e_step_missing")(X, weights, means, covariances)
    lost = (np.isnan(X) != np.isnan(X[:, ::-1])).any(axis=1)
    R[lost] = np.nan
    return R, np.nan if lost.any() else log_likelihood


# --------------------------------------------------------------------------- one value among wrong ones


def conditions_for_counts(X, responsibilities, covariances):
    _, conditions, shares = right("collapse.diagnose")(X, responsibilities, covariances)
    return conditions, conditions, shares


def weights_for_covariances(weights, means, covariances):
    weights, means, _ = right("capstone.standard_order")(weights, means, covariances)
    return weights, means, weights


def ends(change: Function) -> Function:
    return lambda replicates, level: change(*right("capstone.percentile_interval")(replicates, level))


def interval(*shares: Function) -> Function:
    return lambda replicates, level: tuple(np.quantile(replicates, share(level)) for share in shares)


def whole_covariance(mean, covariance, known, values):
    return right("missing.condition")(mean, covariance, known, values)[0], covariance


#: Question, answer, and the names that fit what it does.
ANSWERS: list[tuple[str, Function, set[str]]] = [
    ("collapse.m_step_map", last_means_alone, set()),
    ("collapse.m_step_map", last_covariances_alone, set()),
    ("collapse.m_step_map", a_return_inside_the_loop, set()),
    ("capstone.log_density", one_column_of_densities, set()),
    ("collapse.diagnose", roots_of_negative_variances, set()),
    ("collapse.diagnose", an_error_where_a_variance_is_small, set()),
    ("missing.m_step_missing", known_and_missing_swapped, {"gaps-become-nan"}),
    ("missing.m_step_missing", first_row_not_filled, {"gaps-become-nan"}),
    ("missing.e_step_missing", known_features_turned_round, {"gaps-become-nan", "features-of-the-first-row"}),
    ("selection.bic", lambda n, p, ell: -2 * ell + p * np.log(n), {"likelihood-and-points-swapped"}),
    ("selection.bic", lambda ell, p, n: -2 * ell + p * np.log(ell), set()),
    ("collapse.diagnose", conditions_for_counts, set()),
    ("capstone.standard_order", weights_for_covariances, set()),
    ("capstone.percentile_interval", ends(lambda lower, upper: (upper, -lower)), set()),
    ("capstone.percentile_interval", ends(lambda lower, upper: (lower + 1, lower)), set()),
    (
        "capstone.percentile_interval",
        interval(lambda level: level, lambda level: (1 + level) / 2),
        set(),
    ),
    ("missing.condition", whole_covariance, {"covariance-of-all-features"}),
]


@pytest.mark.parametrize(
    ("question_id", "function", "names"), ANSWERS, ids=[f"{q}-{f.__name__}" for q, f, _ in ANSWERS]
)
def test_little_in_common_with_a_mistake_does_not_name_it(
    question_id: str, function: Function, names: set[str]
) -> None:
    for seed in range(3):
        with np.errstate(all="ignore"):
            result = graded(find(question_id), function, seed)
        assert result.score < MAX
        assert named(result) <= names


# --------------------------------------------------------------------------- what looks like something else


def chosen(criterion: Function) -> Function:
    return lambda log_likelihoods, n_parameters, n: int(
        np.argmin(criterion(log_likelihoods, n_parameters, n))
    )


@pytest.mark.parametrize("seed", range(12))
def test_a_penalty_that_is_too_large_is_not_told_as_a_choice_without_the_fit(seed: int) -> None:
    choose = find("selection.choose")
    doubled = graded(choose, chosen(lambda ell, p, n: -ell + p * np.log(n)), seed)
    assert named(doubled) == {"penalty-doubled"}
    rewarded = graded(choose, chosen(lambda ell, p, n: -2 * ell - p * np.log(n)), seed)
    assert named(rewarded) == {"complexity-rewarded"}
    assert named(graded(choose, chosen(lambda ell, p, n: -p), seed)) == {"most-parameters"}


@pytest.mark.parametrize(
    ("question_id", "function", "name"),
    [
        ("selection.aic", lambda ell, p: 2 * p - 2 * p, "aic-zero"),
        ("selection.aic", lambda ell, p: -2 + 2 * p, "minus-two-for-the-likelihood"),
        ("selection.aic", lambda ell, p: -2 + ell + 2 * p, "minus-two-added-to-the-likelihood"),
        ("selection.aic", lambda ell, p: ell + p, "both-added-once"),
        ("selection.bic", lambda ell, p, n: ell + p * np.log(n) / 2, "likelihood-added-to-half-the-penalty"),
    ],
)
def test_a_criterion_is_not_told_as_two_mistakes_that_contradict_each_other(
    question_id: str, function: Function, name: str
) -> None:
    for seed in range(3):
        result = graded(find(question_id), function, seed)
        assert named(result) == {name}
        assert not any("And besides" in verdict.message for verdict in result.checks)


def with_eigenvalues(condition: Function, share: Function) -> Function:
    def diagnose(X, responsibilities, covariances):
        unit, found = np.outer(X.std(axis=0), X.std(axis=0)), ([], [])
        for covariance in covariances:
            own = np.sqrt(np.diag(covariance))
            found[0].append(condition(np.linalg.eigvalsh(covariance / np.outer(own, own))))
            found[1].append(share(np.linalg.eigvalsh(covariance / unit)))
        return responsibilities.sum(axis=0), np.array(found[0]), np.array(found[1])

    return diagnose


@pytest.mark.parametrize(
    ("condition", "share", "name"),
    [
        (lambda e: e[1] / e[0], lambda e: e[0], "second-smallest-over-smallest"),
        (lambda e: e[-2] / e[0], lambda e: e[0], "second-largest-over-smallest"),
        (lambda e: e[-1] / e[1], lambda e: e[0], "largest-over-second-smallest"),
        (lambda e: e[-1] / e[-1], lambda e: e[0], "eigenvalue-over-itself"),
        (lambda e: e[-1] / e[0], lambda e: e[1], "second-smallest-share"),
    ],
)
def test_another_eigenvalue_is_not_told_as_a_feature_left_out(
    condition: Function, share: Function, name: str
) -> None:
    for seed in range(3):
        assert named(graded(find("collapse.diagnose"), with_eigenvalues(condition, share), seed)) == {name}
