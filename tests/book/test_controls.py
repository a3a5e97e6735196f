"""What the pages name as a cause, put to the test: the cause taken away, or another one in its place."""

from __future__ import annotations

import sys
from itertools import permutations

import numpy as np
import pytest

from book import build
from gmmlib import Mixture, datasets, fit
from gmmlib import missing as gaps
from gmmlib.kmeans import kmeans
from gmmlib.online import OnlineEM

sys.path.insert(0, str(build.ROOT / "book"))

from figures import scale, speed

# --------------------------------------------------------------------------- starts


def agreement(labels: np.ndarray, truth: np.ndarray, K: int) -> float:
    return max(float(np.mean(np.array(names)[labels] == truth)) for names in permutations(range(K)))


@pytest.mark.parametrize("d", [2, 5])
def test_whitening_hides_three_groups_in_a_row_from_k_means(d: int) -> None:
    right = []
    for seed in range(5):
        truth = np.repeat(range(3), 100)
        points = np.random.default_rng(seed).standard_normal((300, d))
        points[:, 0] += 4 * truth
        white = np.linalg.solve(np.linalg.cholesky(np.cov(points.T)), (points - points.mean(axis=0)).T).T
        views = (points, points / points.std(axis=0), white)
        right.append([agreement(kmeans(view, 3, rng=0, n_starts=10).labels, truth, 3) for view in views])
    plain, scaled, whitened = np.mean(right, axis=0)
    assert plain > 0.95
    assert whitened < 0.75
    assert scaled < 0.75  # where features are not correlated, scaled is whitened


def errors_by_information(X: np.ndarray, mixture: Mixture) -> np.ndarray:
    at, step = speed.as_vector(mixture), 1e-3 * np.eye(5)

    def height(shift: np.ndarray) -> float:
        return speed.as_mixture(at + shift).log_likelihood(X)

    def bend(a: np.ndarray, b: np.ndarray) -> float:
        return height(a + b) - height(a - b) - height(b - a) + height(-a - b)

    information = -np.array([[bend(a, b) for a in step] for b in step]) / 4e-6
    return np.sqrt(np.diag(np.linalg.inv(information)))


def test_where_groups_overlap_standard_errors_are_too_small_the_bootstrap_s_less_so() -> None:
    truth = Mixture(np.array([0.5, 0.5]), np.array([[-1.5], [1.5]]), np.ones((2, 1, 1)))
    covered, larger = [], []
    for seed in range(100):
        X = truth.sample(100, np.random.default_rng(seed))[0]
        found = fit(X, truth, tol=1e-6, max_iter=3000).mixture
        errors = errors_by_information(X, found)
        covered.append(np.abs(speed.as_vector(found) - speed.as_vector(truth)) < 1.96 * errors)
        if seed < 12:
            draws = [np.random.default_rng([seed, r]).choice(X, 100) for r in range(60)]
            again = [speed.as_vector(fit(drawn, found, tol=1e-3, max_iter=3000).mixture) for drawn in draws]
            larger.append(np.std(again, axis=0) / errors)
    assert 0.8 < np.mean(covered) < 0.93  # and not 0.95
    assert 1.02 < np.median(larger) < 1.3


# --------------------------------------------------------------------------- missing


def last_rate(run: gaps.Fit) -> float:
    """What a round keeps of the error, from the last gains above rounding."""
    gains = np.diff(run.history)
    gains = gains[gains > 1e-9]
    return float((gains[-1] / gains[-4]) ** (1 / 6))  # gains shrink by the square of the rate


@pytest.mark.parametrize("share", [0.4, 0.6, 0.8])
@pytest.mark.parametrize("seed", [1, 2])
def test_with_gaps_of_chance_in_one_feature_a_round_keeps_the_share_that_is_lost(
    share: float, seed: int
) -> None:
    X = datasets.old_faithful().copy()
    start = Mixture(np.ones(1), X.mean(axis=0)[None] + [[0.3, 3.0]], 1.3 * np.cov(X.T)[None])
    X[np.random.default_rng(seed).permutation(272)[: round(share * 272)], 1] = np.nan
    assert last_rate(gaps.fit(X, start, tol=1e-10, max_iter=5000)) == pytest.approx(share, abs=0.03)


def test_what_no_row_has_seen_together_depends_on_the_start() -> None:
    cov = np.array([[1, 0.5, 0.5], [0.5, 1, 0.6], [0.5, 0.6, 1]])
    X = np.random.default_rng(0).multivariate_normal(np.zeros(3), cov, size=400)
    X[:200, 1], X[200:, 2] = np.nan, np.nan
    heights, ends = [], []
    for rho in (-0.3, 0.25, 0.8):
        begun = np.array([[1, 0.5, 0.5], [0.5, 1, rho], [0.5, rho, 1]])
        run = gaps.fit(X, Mixture(np.ones(1), np.zeros((1, 3)), begun[None]), tol=1e-10, max_iter=5000)
        heights.append(run.log_likelihood)
        ends.append(run.mixture.covariances[0, 1, 2])
    assert np.ptp(heights) < 1e-6
    assert np.all(np.diff(ends) > 0.5)


# --------------------------------------------------------------------------- scale


def average(mixtures: list[Mixture]) -> Mixture:
    """Parameters averaged after matching the means to those of the first."""
    named = []
    for one in mixtures:
        orders = [list(order) for order in permutations(range(len(one.weights)))]
        order = min(orders, key=lambda order: np.sum((mixtures[0].means - one.means[order]) ** 2))
        named.append((one.weights[order], one.means[order], one.covariances[order]))
    return Mixture(*(np.mean(parts, axis=0) for parts in zip(*named, strict=True)))


@pytest.mark.parametrize("seed", [900, 901])
def test_matched_fits_on_one_hill_average_to_nearly_the_fit_of_all_points(seed: int) -> None:
    X = scale.world().sample(30_000, np.random.default_rng(seed))[0]
    workers = [fit(part, scale.world(), tol=1e-3).mixture for part in np.split(X, 10)]
    whole = fit(X, scale.world(), tol=1e-3).mixture
    assert scale.behind(average(workers)) < 1.5 * scale.behind(whole)
    assert np.mean([scale.behind(one) for one in workers]) > 5 * scale.behind(whole)


def test_an_average_of_fits_on_different_hills_is_mostly_worse_than_each() -> None:
    worse = []
    for seed in range(12):
        parts = np.split(scale.world().sample(3000, np.random.default_rng(700 + seed))[0], 2)
        starts = {"init": "random", "n_starts": 1, "tol": 1e-4, "max_iter": 5000}
        both = [fit(part, 5, rng=10 * seed + i, **starts).mixture for i, part in enumerate(parts)]
        worse.append(scale.behind(average(both)) > max(scale.behind(one) for one in both))
    assert np.mean(worse) > 0.5


@pytest.mark.parametrize("seed", [0, 1])
def test_the_order_of_the_blocks_harms_who_forgets_and_hardly_who_does_not(seed: int) -> None:
    X = scale.world().sample(30_000, np.random.default_rng(seed))[0]
    blocks = np.split(X[X[:, 0].argsort()], 150)
    forgets, keeps = (
        scale.behind(OnlineEM(scale.beginner(), exponent=alpha).learn(blocks).mixture) for alpha in (0.6, 1.0)
    )
    assert forgets > 3
    assert keeps < 0.25
