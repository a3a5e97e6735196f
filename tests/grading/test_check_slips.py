"""Slips that are not about the mathematics: a student prints, swaps, rounds or returns too early."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.check import check
from autograder.questions import find
from tests.support.functions import graded, named

e_step = find("em.e_step").reference
distortion = find("kmeans.distortion").reference
assign = find("kmeans.assign").reference


def test_print_instead_of_return_is_told() -> None:
    def aic(log_likelihood, n_parameters):
        print(-2 * log_likelihood + 2 * n_parameters)

    text = repr(check("selection.aic", aic))
    assert "return statement missing" in text
    assert "print shows a value, only return hands it back" in text


def test_arguments_in_another_order_are_told() -> None:
    def wrong(X, labels, centroids):
        return distortion(X, centroids, labels)

    assert "The arguments come in the order X, centroids, labels." in repr(check("kmeans.distortion", wrong))


def test_values_in_another_order_cost_one_check() -> None:
    def swapped(*inputs):
        return e_step(*inputs)[::-1]

    report = check("em.e_step", swapped)
    assert report.result is not None
    assert sum(not verdict.passed for verdict in report.result.checks) == 1
    assert "The values came in another order than responsibilities, log_likelihood." in repr(report)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda labels: labels[0], "Only the first point's labels came back"),
        (lambda labels: labels[:1], "does a loop end after the first?"),
        (lambda labels: labels[:-1], "does the loop end one round too early?"),
        (lambda labels: np.eye(7)[labels, :6], "a table came back"),
    ],
)
def test_a_wrong_shape_says_once_what_came_instead(change, words: str) -> None:
    text = repr(check("kmeans.assign", lambda X, centroids: change(assign(X, centroids))))
    assert text.count(words) == 1
    assert "expected:" in text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda R: np.round(R, 3), "responsibilities are rounded"),
        (lambda R: 0 * R, "responsibilities are 0"),
        (lambda R: 2 * R, "responsibilities are twice as large as right"),
    ],
)
def test_a_common_way_of_being_wrong_is_put_into_words(change, words: str) -> None:
    def wrong(*inputs):
        R, log_likelihood = e_step(*inputs)
        return change(R), log_likelihood

    assert words in repr(check("em.e_step", wrong))


def test_whole_points_for_the_nearest_are_not_called_rounded() -> None:
    def one_hot(log_densities, weights):
        return np.eye(len(weights))[np.argmax(log_densities + np.log(weights), axis=1)]

    text = repr(check("soft.responsibilities", one_hot))
    assert "k-means' way" in text
    assert "rounded" not in text


def test_a_matrix_of_the_wrong_size_is_not_taken_for_an_early_return() -> None:
    right = find("missing.condition").reference

    def of_the_known(mean, covariance, known, values):
        unknown = np.setdiff1d(np.arange(len(mean)), known)
        return right(mean, covariance, known, values)[0], right(mean, covariance, unknown, mean[unknown])[1]

    text = repr(check("missing.condition", of_the_known))
    assert "that of the known features given the unknown ones" in text
    assert "inside the loop" not in text


def test_none_for_no_healthy_run_is_not_called_an_error_alone() -> None:
    def best(log_likelihoods, smallest_shares, floor):
        healthy = (smallest_shares >= floor) & np.isfinite(log_likelihoods)
        return np.argmax(np.where(healthy, log_likelihoods, -np.inf)) if healthy.any() else None

    assert "no number comes back, but None or an error" in repr(check("starts.best_of_restarts", best))


def test_a_loop_that_stops_by_the_means_is_not_told_that_it_has_a_tol_of_its_own() -> None:
    m_step = find("em.m_step").reference

    def fit(X, weights, means, covariances, tol=1e-6, max_iter=200):
        log_likelihoods = []
        for step in range(max_iter):
            R, log_likelihood = e_step(X, weights, means, covariances)
            log_likelihoods.append(log_likelihood)
            if step == max_iter - 1:
                break
            old, (weights, means, covariances) = means, m_step(X, R)
            if np.abs(means - old).max() < tol:
                break
        return weights, means, covariances, log_likelihoods

    assert "is it the gain of the log-likelihood that is compared with tol?" in repr(check("em.fit", fit))


def test_the_first_of_two_blocks_may_be_empty_as_well() -> None:
    right = find("scale.merge_statistics").reference

    def merge(*blocks):
        old, new = blocks[:3], right(*blocks)
        kept = old[0] > 0
        return [np.where(kept.reshape(-1, *[1] * (b.ndim - 1)), b, a) for a, b in zip(old, new, strict=True)]

    assert named(graded(find("scale.merge_statistics"), merge)) == {"empty-first-block-kept"}


def test_several_values_where_one_should_be_and_none_among_several_are_told() -> None:
    text = repr(check("kmeans.assign", lambda X, centroids: (assign(X, centroids), centroids)))
    assert "2 values came back where one value should" in text
    assert "Value 2 of the 2 returned is None" in repr(check("em.e_step", lambda *a: (e_step(*a)[0], None)))


def test_the_e_step_by_densities_is_named_although_it_gives_nan() -> None:
    def by_densities(X, weights, means, covariances):
        P = np.empty((len(X), len(weights)))
        for k, (w, m, C) in enumerate(zip(weights, means, covariances, strict=True)):
            Z = X - m
            constant = np.sqrt((2 * np.pi) ** X.shape[1] * np.linalg.det(C))
            P[:, k] = w * np.exp(-0.5 * (Z @ np.linalg.inv(C) * Z).sum(axis=1)) / constant
        return P / P.sum(axis=1, keepdims=True), np.log(P.sum(axis=1)).sum()

    assert named(graded(find("em.e_step"), by_densities)) == {"exp-underflows"}


@pytest.mark.parametrize(
    ("line", "slip", "name"),
    [
        ("K ** (2 / d)", "K ** 2 / d", "power-without-brackets"),
        ("np.outer(z, z)", "z @ z.T", "inner-product"),
        ("(X - mu).T @ (X - mu) / n", "np.atleast_2d(np.cov(X.T))", "prior-with-n-minus-one"),
        ("X.mean(axis=0)", "X.mean()", "one-mean-for-all-features"),
        (
            "Z, z = X - own, own - mu",
            "Z, z = X - (N * own + k * mu) / (N + k), own - mu",
            "scatter-about-the-pulled-mean",
        ),
    ],
)
def test_one_slip_in_a_line_of_numpy_is_named(line: str, slip: str, name: str) -> None:
    assert line in M_STEP_MAP
    space: dict[str, object] = {"np": np}
    exec(M_STEP_MAP.replace(line, slip), space)
    assert named(graded(find("collapse.m_step_map"), space["m_step_map"])) == {name}  # type: ignore[arg-type]


M_STEP_MAP = """
def m_step_map(X, R):
    (n, d), K, k = X.shape, R.shape[1], 0.01
    mu = X.mean(axis=0)
    prior = (X - mu).T @ (X - mu) / n / K ** (2 / d)
    means, covariances = [], []
    for r in R.T:
        N = r.sum()
        own = r @ X / N
        Z, z = X - own, own - mu
        means.append((N * own + k * mu) / (N + k))
        total = prior + (r[:, None] * Z).T @ Z + k * N / (k + N) * np.outer(z, z)
        covariances.append(total / (N + 2 * d + 4))
    return R.mean(axis=0), means, covariances
"""
