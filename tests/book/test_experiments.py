"""What the pages conclude from experiments, asked again with other seeds: intro to collapse."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from scipy.linalg import hilbert
from scipy.stats import norm

from book import build
from book.figures import collapse, intro, numerics, speed, starts
from book.figures import em as em_figures
from book.figures import kmeans as kmeans_figures
from gmmlib import CollapsedComponentError, Fit, Mixture, datasets, em, fit
from gmmlib.blocked import Blocks
from gmmlib.collapse import diagnose
from gmmlib.cures import Cure, EigenvalueRatio, Floor, InverseWishart
from gmmlib.gaussian import cholesky, log_gaussian
from gmmlib.kmeans import assign, distortion, kmeans, update
from gmmlib.scenes import one_start
from gmmlib.starts import STARTS
from gmmlib.stopping import Absolute, Aitken, aitken_limit

FAITHFUL = datasets.old_faithful()
BEST_OF_FOUR = -197.46  # just below the best healthy end known for four components on the galaxies


def disagree(first: np.ndarray, second: np.ndarray) -> int:
    different = int(np.sum(first != second))
    return min(different, len(first) - different)


# --------------------------------------------------------------------------- intro, kmeans


def test_the_circled_eruption_changes_sides_by_weights_and_shape() -> None:
    (moved,) = np.flatnonzero(
        intro.hard_labels() != (intro.soft_mixture().responsibilities(FAITHFUL)[:, 1] > 0.5)
    )
    share = intro.share_of_long(FAITHFUL[moved])
    assert share["round"] < 0.5 < share["weights"] < 0.6
    assert 0.9 < share["spreads"] < 0.93 < share["one shape"] < 0.99 < share["two shapes"]
    kept = shares_without_em(int(moved))
    assert all(kept[name] < share[name] for name in kept)
    assert share["weights"] < kept["spreads"] < kept["one shape"] < kept["two shapes"]


def shares_without_em(i: int) -> dict[str, float]:
    """How long eruption i is for Gaussians with the weights, centres and spreads of k-means' two clusters."""
    labels, scaled = intro.hard_labels(), FAITHFUL / FAITHFUL.std(axis=0)
    own = [scaled[labels == k] for k in (0, 1)]
    weights, means = np.bincount(labels) / len(labels), np.stack([part.mean(axis=0) for part in own])
    two = np.stack([np.cov(part.T, bias=True) for part in own])
    one = np.stack([weights @ two.reshape(2, 4)] * 2).reshape(2, 2, 2)
    kinds = {"spreads": one * np.eye(2), "one shape": one, "two shapes": two}
    point = scaled[i][None]
    return {
        name: float(Mixture(weights, means, covariances).responsibilities(point)[0, 1])
        for name, covariances in kinds.items()
    }


def resting_centroids(weight: float, deviation: float, place: float = 3.0) -> np.ndarray:
    """Where k-means rests on N(0, 1) and, with this weight, N(place, deviation²): quantiles, no chance."""
    grid = np.linspace(-8, 20, 28_001)
    density = (1 - weight) * norm.pdf(grid) + weight * norm.pdf(grid, place, deviation)
    centroids = np.array([0.0, place])
    for _ in range(300):
        right = grid > centroids.mean()
        centroids = np.array([np.average(grid[side], weights=density[side]) for side in (~right, right)])
    return centroids


def test_hard_labels_push_equal_groups_apart_and_pull_the_smaller_or_narrower_one_in() -> None:
    equal, wide, large = resting_centroids(0.5, 1.0), resting_centroids(0.5, 3.0), resting_centroids(0.9, 1.0)
    assert equal[0] < -0.02
    assert equal[1] > 3.02
    assert wide[0] > 0.1
    assert large[0] > 0.1


@pytest.mark.parametrize(("weight", "deviation"), [(0.8, 1.0), (0.5, 3.0)])
def test_hard_labels_push_the_smaller_or_narrower_group_away_if_the_other_is_near(
    weight: float, deviation: float
) -> None:
    assert resting_centroids(weight, deviation, 1.0)[0] < -0.05


def test_a_mistyped_wait_hides_behind_the_deviation_that_it_makes() -> None:
    mistyped = FAITHFUL.copy()
    mistyped[0, 1] *= 10
    larger = mistyped.std(axis=0) / FAITHFUL.std(axis=0)
    assert larger[1] ** 2 == pytest.approx(11.3, abs=0.1)
    by_right_scale, by_its_own = (
        np.bincount(kmeans(mistyped / scale, 2, rng=5, n_starts=20).labels)
        for scale in (FAITHFUL.std(axis=0), mistyped.std(axis=0))
    )
    assert by_right_scale.min() == 1
    assert by_its_own.min() > 90


def sizes_by_two_medoids(points: np.ndarray) -> list[int]:
    """Sizes of the two groups of the best pair of medoids: all pairs are tried."""
    distances = np.linalg.norm(points[:, None] - points, axis=2)
    costs = [np.minimum(distances[i], distances[i + 1 :]).sum(axis=1) for i in range(len(points) - 1)]
    first = int(np.argmin([cost.min() for cost in costs]))
    second = first + 1 + int(costs[first].argmin())
    return sorted(np.bincount(distances[[first, second]].argmin(axis=0)).tolist())


def test_medoids_hold_out_against_a_far_longer_mistyped_wait_than_means() -> None:
    scale = FAITHFUL.std(axis=0)
    for factor, by_means, by_medoids in ((5, 1, 98), (20, 1, 98), (100, 1, 1)):
        mistyped = FAITHFUL.copy()
        mistyped[0, 1] *= factor
        assert np.bincount(kmeans(mistyped / scale, 2, rng=5, n_starts=20).labels).min() == by_means
        assert sizes_by_two_medoids(mistyped / scale)[0] == by_medoids


def test_a_dead_centroid_of_nan_takes_all_points() -> None:
    distances = np.random.default_rng(9).random((20, 3))
    distances[:, 1] = np.nan
    assert (distances.argmin(axis=1) == 1).all()


@pytest.mark.parametrize("seed", [100, 101, 102, 103])
def test_two_gaussians_leave_the_true_rings_and_eight_take_arcs_of_them(seed: int) -> None:
    points, truth = kmeans_figures.rings(np.random.default_rng(seed))
    two = em.fit(points, em.m_step(points, np.eye(2)[truth]))
    assert disagree(two.mixture.predict(points), truth) > 30
    eight = em.fit(points, 8)
    owner = eight.mixture.predict(points)
    assert sum(len(set(truth[owner == k])) == 1 for k in range(8)) >= 7
    assert eight.log_likelihood > two.log_likelihood + 80


def wrong_sides(draw: object, seed: int) -> tuple[int, int]:
    points, truth = draw(np.random.default_rng(seed))  # type: ignore[operator]
    hard = kmeans(points, 2, rng=seed, n_starts=20).labels
    return disagree(hard, truth), disagree(em.fit(points, 2).mixture.predict(points), truth)


@pytest.mark.parametrize(
    ("draw", "by_kmeans", "by_mixture"),
    [
        (kmeans_figures.unequal, (10, 30), (0, 4)),
        (kmeans_figures.stretched, (30, 60), (0, 4)),
        (kmeans_figures.rings, (40, 70), (35, 70)),
        (kmeans_figures.crescents, (15, 50), (12, 50)),
    ],
)
def test_the_mixture_helps_where_shapes_are_ellipses_only(
    draw: object, by_kmeans: tuple[int, int], by_mixture: tuple[int, int]
) -> None:
    hard, soft = np.mean([wrong_sides(draw, seed) for seed in range(500, 512)], axis=0)
    assert by_kmeans[0] <= hard <= by_kmeans[1]
    assert by_mixture[0] <= soft <= by_mixture[1]


def test_a_line_cuts_points_of_the_plane_in_no_more_ways_than_the_page_says() -> None:
    points = np.random.default_rng(3).standard_normal((7, 2))
    cuts = set()
    for i, j in combinations(range(7), 2):
        normal = np.array([-(points[j] - points[i])[1], (points[j] - points[i])[0]])
        side = (points - points[i]) @ normal
        for a, b in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
            left = side > 0
            left[[i, j]] = a > 0, b > 0
            cuts.add(frozenset({frozenset(np.flatnonzero(left)), frozenset(np.flatnonzero(~left))}))
    assert len(cuts) == 7 * 6 // 2 + 1


@pytest.mark.parametrize(("first", "second"), [(10.0, 20.0), (2.0, 10.0), (-5.0, 5.0)])
def test_dividing_by_all_points_halves_the_centroids_in_the_first_update(first: float, second: float) -> None:
    rng = np.random.default_rng(11)
    x = np.concatenate([first + 0.3 * rng.standard_normal(50), second + 0.3 * rng.standard_normal(50)])
    labels = assign(x[:, None], np.array([[first], [second]]))
    sums = np.array([x[labels == k].sum() for k in (0, 1)])
    assert sums / 100 == pytest.approx([first / 2, second / 2], abs=0.1)


def test_an_assignment_at_equal_distortion_does_not_end_k_means_if_a_point_changes_sides_at_a_tie() -> None:
    x, centroids = np.array([[9.0], [3.0], [5.0], [6.0], [10.0], [7.0]]), np.array([[5.0], [6.0]])
    printed = []
    for _ in range(2):
        labels = assign(x, centroids)
        printed.append(distortion(x, centroids, labels))
        centroids = update(x, labels, centroids)
        printed.append(distortion(x, centroids, labels))
    assert printed == pytest.approx([30, 12, 12, 28 / 3])


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_units_decide_more_where_groups_overlap(seed: int) -> None:
    changed = []
    for apart in (2.5, 6.0):
        points = np.random.default_rng(seed).standard_normal((300, 2))
        points[150:, 0] += apart
        labels = [kmeans(points * [1, u], 2, rng=0, n_starts=10).labels for u in (1, 3)]
        changed.append(disagree(*labels))
    assert changed[0] > 60 > 5 > changed[1]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_units_change_few_eruptions_because_each_feature_alone_shows_both_kinds(seed: int) -> None:
    mixed = FAITHFUL.copy()
    mixed[:, 0] = np.random.default_rng(seed).permutation(mixed[:, 0])
    for points, few in ((FAITHFUL, True), (mixed, False)):
        by_waits, by_lengths = (
            kmeans(points / u, 2, rng=seed, n_starts=5).labels for u in ((60, 1), (1, 60))
        )
        changed = disagree(by_waits, by_lengths)
        assert changed < 8 if few else changed > 90


def test_long_groups_are_cut_across_though_the_border_between_their_means_is_right() -> None:
    wrong, rests, cheaper = [], 0, 0
    for seed in range(500, 512):
        points, truth = kmeans_figures.stretched(np.random.default_rng(seed))
        means = np.stack([points[truth == k].mean(axis=0) for k in (0, 1)])
        wrong.append(disagree(assign(points, means), truth))
        end = kmeans(points, 2, start=means)
        rests += disagree(end.labels, truth) < 12
        cheaper += kmeans(points, 2, rng=0, n_starts=20).distortion < distortion(points, means, truth) - 1e-6
    assert np.mean(wrong) < 1.5
    assert rests >= 9
    assert cheaper >= 9


def test_where_two_centroids_sit_on_equal_points_rounding_keeps_k_means_from_stopping() -> None:
    tenths = np.array([[5, 1], [4, 2], [5, 1], [6, 1], [5, 1], [5, 1], [6, 0], [5, 1], [4, 1]])
    start = np.array([[5, 1], [5, 1]])
    assert kmeans(tenths, 2, start=start).converged
    rounded = kmeans(tenths / 10, 2, start=start / 10)
    assert not rounded.converged
    assert rounded.n_iter == 300


def test_a_wait_typed_far_too_long_costs_least_alone_even_with_medians() -> None:
    scale = FAITHFUL.std(axis=0)

    def cost(points: np.ndarray) -> float:
        return float(np.abs(points - np.median(points, axis=0)).sum())

    for factor, alone_is_cheaper in ((20, False), (100, True)):
        mistyped = FAITHFUL / scale
        mistyped[0, 1] *= factor
        long = FAITHFUL[:, 0] > 3.2
        assert (cost(mistyped[1:]) < cost(mistyped[long]) + cost(mistyped[~long])) == alone_is_cheaper


# --------------------------------------------------------------------------- soft


def test_responsibilities_of_the_true_mixture_are_calibrated() -> None:
    covariances = np.array([np.diag([1.0, 2.0]), np.eye(2)])
    mixture = Mixture(np.array([0.4, 0.6]), np.array([[-0.8, 0.0], [0.8, 0.4]]), covariances)
    drawn, secret = mixture.sample(100_000, np.random.default_rng(77))
    claim = mixture.responsibilities(drawn)[:, 0]
    group = np.minimum((10 * claim).astype(int), 9)
    gap = [abs(claim[group == g].mean() - np.mean(secret[group == g] == 0)) for g in range(10)]
    assert max(gap) < 0.03
    errors = np.mean((claim > 0.5) != (secret == 0))
    assert errors == pytest.approx(np.mean(np.minimum(claim, 1 - claim)), abs=0.005)


def test_shrinking_different_covariances_does_not_lead_to_k_means() -> None:
    means = np.array([[2.04, 54.5], [4.29, 80.0]])
    covariances = np.array([[[0.069, 0.435], [0.435, 33.7]], [[0.170, 0.941], [0.941, 36.0]]])
    x, y = np.meshgrid(np.linspace(1.2, 5.5, 60), np.linspace(40, 100, 60))
    places = np.column_stack([x.ravel(), y.ravel()])
    narrow = Mixture(np.array([0.36, 0.64]), means, covariances / 4096)
    own_distance = [-log_gaussian(places, m, c) - 0.5 * np.linalg.slogdet(c)[1]
                    for m, c in zip(means, covariances, strict=True)]  # fmt: skip
    limit = np.argmin(own_distance, axis=0)
    spread = FAITHFUL.std(axis=0)
    assert np.mean(narrow.predict(places) != limit) < 0.01
    assert np.mean(assign(places / spread, means / spread) != limit) > 0.1


@pytest.mark.parametrize("seed", [5, 60, 61])
def test_uneven_weights_slow_the_limit_but_put_about_as_few_points_in_doubt(seed: int) -> None:
    rng = np.random.default_rng(seed)
    clouds = [[x, y] + [1.0, 0.8] * rng.standard_normal((50, 2)) for x, y in ((-1.3, 0.0), (1.3, 0.3))]
    cloud, means, sigma = np.concatenate(clouds), np.array([[-1.0, 0.5], [1.5, 0.0]]), 0.5
    labels = assign(cloud, means)
    moved, J = update(cloud, labels, means), distortion(cloud, means, labels)
    off, excess, doubt = [], [], []
    for weight in (0.3, 0.01):
        narrow = Mixture(np.array([weight, 1 - weight]), means, np.array([sigma**2 * np.eye(2)] * 2))
        R, height = em.e_step(cloud, narrow)
        doubt.append(np.sum((R[:, 0] > 0.1) & (R[:, 0] < 0.9)))
        off.append(np.abs(em.m_step(cloud, R).means - moved).max())
        excess.append(-2 * sigma**2 * (height + len(cloud) * np.log(2 * np.pi * sigma**2)) - J)
    assert off[1] > 2 * off[0]
    assert excess[1] > 2 * excess[0]
    assert abs(int(doubt[1]) - int(doubt[0])) <= 8


@pytest.mark.parametrize("seed", [5, 60, 61])
def test_two_means_part_where_sigma_falls_below_the_largest_deviation(seed: int) -> None:
    rng = np.random.default_rng(seed)
    clouds = [[x, y] + [1.0, 0.8] * rng.standard_normal((50, 2)) for x, y in ((-1.3, 0.0), (1.3, 0.3))]
    cloud = np.concatenate(clouds)
    threshold = np.sqrt(np.linalg.eigvalsh(np.cov(cloud.T, bias=True))[-1])
    apart = []
    for sigma in (0.96 * threshold, 1.04 * threshold):
        means = cloud.mean(axis=0) + np.array([[0.1, 0.0], [-0.1, 0.0]])
        for _ in range(600):
            mixture = Mixture(np.array([0.5, 0.5]), means, np.stack([sigma**2 * np.eye(2)] * 2))
            means = em.m_step(cloud, mixture.responsibilities(cloud)).means
        apart.append(np.linalg.norm(means[1] - means[0]))
    assert apart[0] > 0.5
    assert apart[1] < 1e-6


# --------------------------------------------------------------------------- em


@pytest.mark.parametrize("seed", [2, 3, 4])
def test_a_bernoulli_mixture_comes_back_and_never_falls(seed: int) -> None:
    rng = np.random.default_rng(seed)
    kind = (rng.random(400) < 0.3).astype(int)
    right = np.array([[0.8] * 5 + [0.3] * 5, [0.4] * 5 + [0.9] * 5])
    answers = (rng.random((400, 10)) < right[kind]).astype(float)
    w, b, heights = np.array([0.5, 0.5]), rng.uniform(0.3, 0.7, (2, 10)), []
    for _ in range(200):
        joint = np.log(w) + answers @ np.log(b).T + (1 - answers) @ np.log(1 - b).T
        density = np.logaddexp(joint[:, 0], joint[:, 1])
        shares = np.exp(joint - density[:, None])
        heights.append(density.sum())
        w, b = shares.mean(axis=0), shares.T @ answers / shares.sum(axis=0)[:, None]
    assert np.diff(heights).min() > -1e-9
    assert w.min() == pytest.approx(0.3, abs=0.1)
    assert b[w.argsort()] == pytest.approx(right[::-1], abs=0.17)


@pytest.mark.parametrize("seed", [101, 102, 103])
def test_the_slips_of_the_em_page_show_as_it_says(seed: int) -> None:
    X = em_figures.overlapping(seed)
    start = Mixture(np.array([0.5, 0.5]), np.array([[-1.0, 0.0], [2.0, 1.0]]), np.stack([np.cov(X.T)] * 2))
    traces = em_figures.traces(X, start, rounds=400)
    best = em.fit(X, start, tol=1e-11, max_iter=5000).log_likelihood
    falls = {name: int(np.sum(np.diff(heights) < -1e-9)) for name, heights in traces.items()}
    below = {name: best - heights[-1] for name, heights in traces.items()}
    assert falls["right"] == falls["old mean in the covariance"] == 0
    assert below["old mean in the covariance"] < 0.05
    assert below["weights forgotten in the E-step"] > 0.3
    assert falls["covariance divided by n"] > 0
    assert len(traces["covariance divided by n"]) < 400  # a component has collapsed


def test_the_fall_of_the_quick_check_is_that_of_a_covariance_divided_by_n() -> None:
    heights = em_figures.traces(FAITHFUL, em_figures.poor_start())["covariance divided by n"]
    fall = int(np.argmax(np.diff(heights) < 0))
    page = (build.ROOT / "book" / "em.md").read_text("utf-8")
    assert f"goes from {heights[fall]:.2f} to {heights[fall + 1]:.2f}." in page
    assert heights.max() < -1200  # far below the maximum, -1130.26


def ends_of_em_on_galaxies(start: Mixture, *, old_mean: bool) -> tuple[float, float]:
    """Return where EM ends on a line, with the new or the old mean in the variance, and its deepest fall."""
    x, w, m, v = datasets.galaxies()[:, 0], start.weights, start.means[:, 0], start.covariances[:, 0, 0]
    heights: list[float] = []
    while len(heights) < 2 or heights[-1] - heights[-2] > 1e-8:
        joint = np.log(w) - 0.5 * np.log(2 * np.pi * v) - 0.5 * (x[:, None] - m) ** 2 / v
        density = np.logaddexp.reduce(joint, axis=1)
        heights.append(float(density.sum()))
        shares = np.exp(joint - density[:, None])
        counts = shares.sum(axis=0)
        means = shares.T @ x / counts
        v = np.sum(shares * (x[:, None] - (m if old_mean else means)) ** 2, axis=0) / counts
        w, m = counts / len(x), means
    return heights[-1], float(np.diff(heights).min())


@pytest.mark.parametrize("first_seed", [0, 2000])
def test_the_old_mean_never_makes_em_fall_but_leads_to_another_hill_at_times(first_seed: int) -> None:
    moved = []
    for seed in range(first_seed, first_seed + 80):
        start = starts.at_random_galaxies(1 / 4, seed)
        right, slip = (ends_of_em_on_galaxies(start, old_mean=old) for old in (False, True))
        assert slip[1] > -1e-9
        moved.append(abs(slip[0] - right[0]) > 0.01)
    assert 4 <= sum(moved) < 30


def lost_without_weights(weight: float, apart: float, seed: int) -> float:
    """How many nats below the maximum a fit rests whose E-step takes two components for equally common."""
    centres, round_ones = np.array([[0.0, 0.0], [apart, 0.0]]), np.stack([np.eye(2)] * 2)
    truth = Mixture(np.array([weight, 1 - weight]), centres, round_ones)
    X = truth.sample(600, np.random.default_rng(seed))[0]
    top = mixture = em.fit(X, truth, tol=1e-9, max_iter=5000).mixture
    for _ in range(300):
        alike = Mixture(np.array([0.5, 0.5]), mixture.means, mixture.covariances)
        mixture = em.m_step(X, alike.responsibilities(X))
    return top.log_likelihood(X) - mixture.log_likelihood(X)


@pytest.mark.parametrize(
    ("weight", "apart", "least", "most"),
    [(0.75, 4.0, 10.0, 60.0), (0.5, 4.0, -0.01, 1.0), (0.75, 10.0, -0.01, 0.1), (0.9, 10.0, -0.01, 0.1)],
)
def test_weights_forgotten_cost_little_where_components_are_equally_common_or_far_apart(
    weight: float, apart: float, least: float, most: float
) -> None:
    for seed in (31, 32, 33):
        assert least < lost_without_weights(weight, apart, seed) < most


def test_under_the_bad_start_of_the_notebook_em_few_eruptions_have_a_clear_owner() -> None:
    wide = np.array([np.diag([1.0, 150.0])] * 2)
    start = Mixture(np.array([0.5, 0.5]), np.array([[3.0, 60.0], [4.0, 70.0]]), wide)
    assert np.sum(start.responsibilities(FAITHFUL).max(axis=1) > 0.95) == 13


def test_about_one_run_in_four_of_the_notebook_with_three_components_has_not_ended_at_round_200() -> None:
    rng, wide, even = np.random.default_rng(0), np.stack([np.diag([1.0, 150.0])] * 3), np.full(3, 1 / 3)
    begun = [Mixture(even, FAITHFUL[rng.choice(272, 3, replace=False)], wide) for _ in range(300)]
    short = em.fit_each(FAITHFUL, begun, tol=1e-6, max_iter=200)
    ended = [isinstance(run, Fit) and run.converged for run in short]
    assert 0.2 < 1 - np.mean(ended) < 0.28
    slow = [start for start, done in zip(begun, ended, strict=True) if not done][:15]
    long = em.fit_each(FAITHFUL, slow, tol=1e-6, max_iter=3000)
    assert all(not isinstance(run, Fit) or run.converged for run in long)


@pytest.mark.parametrize("seed", range(101, 107))
def test_the_sum_of_logs_falls_while_the_log_of_sums_rises(seed: int) -> None:
    X = em_figures.overlapping(seed)
    mixture = em.m_step(X, np.eye(2)[(X[:, 0] > 0).astype(int)])
    heights, sums_of_logs = [], []
    for _ in range(6):
        shares, height = em.e_step(X, mixture)
        heights.append(height)
        sums_of_logs.append(float(np.sum(shares * mixture.log_joint(X))))
        mixture = em.m_step(X, shares)
    assert np.diff(heights).min() > 0
    assert sums_of_logs[-1] < sums_of_logs[0] - 1


def test_the_default_divisor_of_np_cov_is_not_the_effective_count() -> None:
    rng = np.random.default_rng(8)
    X, r = rng.standard_normal((50, 2)), rng.random(50)
    right = em.m_step(X, np.column_stack([r, 1 - r])).covariances[0]
    assert np.cov(X.T, aweights=r, ddof=0) == pytest.approx(right)
    assert np.cov(X.T, aweights=r) == pytest.approx(right / (1 - (r**2).sum() / r.sum() ** 2))


# --------------------------------------------------------------------------- numerics


def test_a_singular_covariance_may_pass_cholesky_with_a_pivot_of_rounding() -> None:
    rng, pivots, failed = np.random.default_rng(21), [], 0
    for _ in range(500):
        pair = rng.standard_normal((2, 2))
        covariance = np.cov(pair.T, bias=True)
        try:
            L = np.linalg.cholesky(covariance)
        except np.linalg.LinAlgError:
            failed += 1
            continue
        pivots.append((np.diag(L) / np.sqrt(np.diag(covariance))).min())
    assert failed > 50
    assert len(pivots) > 50
    assert max(pivots) < 1e-6


@pytest.mark.parametrize("seed", [22, 33, 44])
def test_in_many_features_some_singular_covariances_pass_with_larger_pivots_but_no_larger_eigenvalue(
    seed: int,
) -> None:
    rng, pivots, eigenvalues = np.random.default_rng(seed), [], []
    for _ in range(800):
        covariance = np.cov(rng.standard_normal((20, 20)), bias=True)
        deviations = np.sqrt(np.diag(covariance))
        try:
            pivots.append((np.diag(np.linalg.cholesky(covariance)) / deviations).min())
        except np.linalg.LinAlgError:
            continue
        eigenvalues.append(np.linalg.eigvalsh(covariance / np.outer(deviations, deviations))[0])
    assert 0.003 < np.mean(np.array(pivots) > 1e-6) < 0.08
    assert np.abs(eigenvalues).max() < 1e-13


@pytest.mark.parametrize(("d", "smallest"), [(12, 1e-4), (20, 1e-8)])
def test_pivots_of_good_size_do_not_rule_out_a_flat_direction(d: int, smallest: float) -> None:
    chain = np.eye(d) - np.eye(d, k=-1) - np.eye(d, k=-2)
    chain /= np.linalg.norm(chain, axis=1)[:, None]
    covariance = chain @ chain.T
    flat = np.linalg.solve(chain.T, np.eye(d)[-1])  # Lᵀ v = e_d, so vᵀ Σ v = 1, and v is long
    assert np.diag(covariance) == pytest.approx(1.0)
    assert np.diag(np.linalg.cholesky(covariance)).min() > 0.5
    assert flat @ covariance @ flat / (flat @ flat) < smallest


def test_gmmlib_finds_singular_covariances_that_numpy_accepts_but_not_a_flat_chain() -> None:
    rng, accepted = np.random.default_rng(23), 0
    for _ in range(300):
        covariance = np.cov(rng.standard_normal((20, 20)), bias=True)
        try:
            np.linalg.cholesky(covariance)
        except np.linalg.LinAlgError:
            continue
        accepted += 1
        with pytest.raises(CollapsedComponentError):
            cholesky(covariance)
    assert accepted > 30
    chain = np.eye(40) - np.eye(40, k=-1) - np.eye(40, k=-2)
    chain /= np.linalg.norm(chain, axis=1)[:, None]
    assert np.linalg.svd(chain, compute_uv=False)[-1] < 1e-8
    assert np.diag(cholesky(chain @ chain.T)).min() > 0.5


def exact_squared_distances(covariance: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return xᵀ Σ⁻¹ x of each column x in exact fractions, by elimination without square roots."""
    rows = [[Fraction(float(value)) for value in row] for row in np.hstack([covariance, points])]
    d, squared = len(covariance), [Fraction(0)] * points.shape[1]
    for j in range(d):
        squared = [total + x * x / rows[j][j] for total, x in zip(squared, rows[j][d:], strict=True)]
        for i in range(j + 1, d):
            factor = rows[i][j] / rows[j][j]
            rows[i] = [a - factor * b for a, b in zip(rows[i], rows[j], strict=True)]
    return np.array([float(total) for total in squared])


def both_distances(covariance: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Squared distances of the columns by the inverse, and by solving with Cholesky's factor."""
    white = np.linalg.solve(np.linalg.cholesky(covariance), points)
    return np.sum(points * (np.linalg.inv(covariance) @ points), axis=0), np.sum(white**2, axis=0)


@pytest.mark.parametrize("seed", [41, 42, 43])
def test_solving_keeps_the_distances_of_wide_directions_and_the_inverse_does_not(seed: int) -> None:
    Q, _ = np.linalg.qr(np.random.default_rng(seed).standard_normal((8, 8)))
    covariance = (Q * np.geomspace(1, 1e-13, 8)) @ Q.T
    covariance = (covariance + covariance.T) / 2
    widest = np.linalg.eigh(covariance)[1][:, -1:] * np.linspace(1, 6, 40)
    truth = exact_squared_distances(covariance, widest)
    assert truth == pytest.approx(np.linspace(1, 6, 40) ** 2, rel=1e-9)
    by_inverse, by_solving = both_distances(covariance, widest)
    assert np.abs(by_solving - truth).max() < 1e-11
    assert np.abs(by_inverse - truth).max() > 1e-5


def test_the_density_of_a_wide_component_counts_at_the_points_of_a_narrow_one_inside_it() -> None:
    variances = np.array([50.0, 0.001])[:, None, None] ** 2
    mixture = Mixture(np.array([0.5, 0.5]), np.array([[0.0], [50.0]]), variances)
    assert mixture.responsibilities(np.array([[50.004]]))[0, 0] == pytest.approx(0.0349, rel=0.01)


def test_points_drawn_from_a_nearly_singular_covariance_are_off_either_way() -> None:
    """By how much the order of additions decides: 0.0005 to 0.04 on five kinds of processor."""
    covariance = hilbert(12)
    noise = np.random.default_rng(44).standard_normal((12, 40))
    points = np.linalg.cholesky(covariance) @ noise
    truth = exact_squared_distances(covariance, points)
    for squared in both_distances(covariance, points):
        assert 1e-5 < np.abs(squared / truth - 1).max() < 0.3


def test_exponentials_end_where_the_page_says() -> None:
    with np.errstate(over="ignore", under="ignore"):
        assert np.exp(-746.0) == 0.0
        assert np.isinf(np.exp(710.0))
        assert 0.0 < np.exp(-744.0) < np.finfo(float).tiny < np.exp(-708.0)
        assert np.exp(-0.5 * 39.0**2) == 0.0 < np.exp(-0.5 * 38.0**2)
        typical = -0.5 * (np.log(2 * np.pi) + 1)
        assert np.exp(526 * typical) == 0.0 < np.exp(525 * typical)


def test_the_means_of_shifted_data_are_off_by_how_they_are_stored_and_the_covariances_by_the_data() -> None:
    shift = np.array([1e6, 1e7])
    means, wide = np.array([[2.0, 55.0], [4.3, 80.0]]), np.stack([np.cov(FAITHFUL.T)] * 2)

    def fitted(X: np.ndarray, by: np.ndarray) -> Mixture:
        mixture = Mixture(np.array([0.4, 0.6]), means + by, wide)
        for _ in range(50):
            mixture = em.m_step(X, em.e_step(X, mixture)[0])
        return mixture

    here, there = fitted(FAITHFUL, np.zeros(2)), fitted(FAITHFUL + shift, shift)
    rounded = fitted(FAITHFUL + shift - shift, np.zeros(2))
    assert 1e-10 < np.abs(there.means - shift - here.means).max() < np.spacing(1e7)
    assert np.abs(rounded.means - here.means).max() < 5e-11
    assert np.abs(rounded.covariances / there.covariances - 1).max() < 3e-11


def test_with_data_that_a_shift_does_not_round_covariances_differ_by_the_stored_means_alone() -> None:
    X, shift = np.round(FAITHFUL * 1024) / 1024, np.array([1e6, 1e7])
    means, wide = np.array([[2.0, 55.0], [4.3, 80.0]]), np.stack([np.cov(X.T)] * 2)
    assert np.array_equal(X + shift - shift, X)

    def fitted(X: np.ndarray, by: np.ndarray, stored_at: np.ndarray) -> np.ndarray:
        mixture = Mixture(np.array([0.4, 0.6]), means + by, wide)
        for _ in range(50):
            new = em.m_step(X, em.e_step(X, mixture)[0])
            mixture = Mixture(new.weights, new.means + stored_at - stored_at, new.covariances)
        return mixture.covariances

    nowhere = np.zeros(2)
    here, there, stored = (
        fitted(X, nowhere, nowhere),
        fitted(X + shift, shift, nowhere),
        fitted(X, nowhere, shift),
    )
    assert 1e-13 < np.abs(there / here - 1).max() < 5e-11
    assert np.abs(stored / there - 1).max() < 0.1 * np.abs(there / here - 1).max()


@pytest.mark.parametrize("seed", [81, 82, 83])
def test_a_narrow_slanted_component_loses_digits_in_feature_form_even_at_its_own_mean(seed: int) -> None:
    covariance = np.array([[1.0, 1 - 1e-10], [1 - 1e-10, 1.0]])
    points = np.linalg.cholesky(covariance) @ np.random.default_rng(seed).standard_normal((2, 60))
    truth = exact_squared_distances(covariance, points)
    precision = np.array([[1.0, -covariance[0, 1]], [-covariance[0, 1], 1.0]])
    precision /= float(1 - Fraction(float(covariance[0, 1])) ** 2)
    (x, y), ((a, b), (_, c)) = points, precision
    by_features = a * x * x + 2 * b * x * y + c * y * y
    by_whitening = both_distances(covariance, points)[1]
    assert np.abs(by_features - truth).max() > 100 * np.abs(by_whitening - truth).max()
    assert np.abs(by_whitening - truth).max() < 1e-7


def test_blocks_whiten_for_a_narrow_slanted_component_and_keep_its_digits() -> None:
    covariances = np.array([[[1.0, 1 - 1e-9], [1 - 1e-9, 1.0]], np.eye(2)])
    mixture = Mixture(np.array([0.5, 0.5]), np.zeros((2, 2)), covariances)
    X = mixture.sample(2000, np.random.default_rng(84))[0]
    fast, plain = Blocks(X), em.Plain(X).expect(mixture)
    for _ in range(3):  # the second time points are in groups
        assert fast.expect(mixture).scatters == pytest.approx(plain.scatters, rel=1e-7)


@pytest.mark.parametrize("offset", [1, 100, 10**4, 10**6, 10**8, 3 * 10**8])
def test_the_naive_variance_is_off_by_no_more_than_the_page_predicts(offset: int) -> None:
    waits = FAITHFUL[:, 1]
    predicted = 2.0**-52 * ((offset + waits.mean()) / waits.std()) ** 2
    assert numerics.relative_errors(offset)[0] < 1.5 * predicted


def test_the_centred_variance_begins_to_lose_digits_where_the_naive_one_has_none_left_or_later() -> None:
    waits, eps = FAITHFUL[:, 1], 2.0**-52
    for offset in (10**9, 10**10, 10**11, 10**12, 10**14):
        naive, centred, _ = numerics.relative_errors(offset)
        assert naive >= 1
        assert centred < 2 * eps + (eps * (offset + waits.mean()) / waits.std()) ** 2
    assert numerics.relative_errors(10**9)[1] < 1e-15 < 1e-14 < numerics.relative_errors(10**11)[1]


def responsibilities_with(slip: str, X: np.ndarray, means: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """Responsibilities of two equal components of one covariance, computed with one of the page's slips."""
    distance = np.stack(
        [np.einsum("ij,ij->i", X - m, np.linalg.solve(covariance, (X - m).T).T) for m in means], 1
    )
    if slip == "inverse":
        distance = np.stack(
            [np.einsum("ij,jk,ik->i", X - m, np.linalg.inv(covariance), X - m) for m in means], 1
        )
    determinant = np.log(np.linalg.det(covariance)) if slip == "det" else np.linalg.slogdet(covariance)[1]
    log_joint = -0.5 * (distance + determinant + X.shape[1] * np.log(2 * np.pi))
    if slip in ("exp", "tiny"):
        joint = np.exp(log_joint)
        return joint / (joint.sum(axis=1, keepdims=True) + (1e-10 if slip == "tiny" else 0.0))
    joint = np.exp(log_joint - log_joint.max(axis=1, keepdims=True))
    return joint / joint.sum(axis=1, keepdims=True)


def slips_not_found(d: int, seed: int, deviation: float = 1.0) -> tuple[np.ndarray, set[str]]:
    """Points of two groups that overlap, and the slips that shift and scale of the page do not show."""
    rng, means = np.random.default_rng(seed), deviation * np.array([np.zeros(d), np.ones(d)])
    X = np.concatenate([m + deviation * rng.standard_normal((100, d)) for m in means])
    covariance = deviation**2 * np.eye(d)

    def changes(slip: str) -> bool:
        here = responsibilities_with(slip, X, means, covariance)
        there = responsibilities_with(slip, 1e6 * (X + 1e7), 1e6 * (means + 1e7), 1e12 * covariance)
        return not (np.allclose(here, there, atol=1e-6) and np.allclose(there.sum(axis=1), 1))

    with np.errstate(all="ignore"):
        return X, {slip for slip in ("", "exp", "tiny", "det", "inverse") if not changes(slip)}


@pytest.mark.parametrize("seed", [71, 72, 73])
@pytest.mark.parametrize(("d", "passing"), [(2, {"", "exp", "det", "inverse"}), (50, {"", "inverse"})])
def test_far_points_in_other_units_find_the_slips_that_the_page_says(
    d: int, passing: set[str], seed: int
) -> None:
    X, not_found = slips_not_found(d, seed)
    assert not_found == passing
    far = 1e6 * (X + 1e7)
    naive = far.T @ far / len(far) - np.outer(far.mean(axis=0), far.mean(axis=0))
    assert not np.allclose(naive, np.cov(far.T, bias=True), rtol=1e-3)


@pytest.mark.parametrize("seed", [74, 75, 76])
def test_in_features_of_small_deviation_far_points_in_other_units_do_not_find_exponentials(seed: int) -> None:
    assert slips_not_found(50, seed, deviation=0.2)[1] == {"", "exp", "inverse"}


# --------------------------------------------------------------------------- starts


def hits(width: float, first_seed: int) -> int:
    return sum(run.log_likelihood > BEST_OF_FOUR for run in starts.fifty(width, first_seed))


def test_wider_starts_reach_the_best_end_more_often_with_other_seeds_too() -> None:
    narrow, wide = hits(1 / 16, 1000), hits(1 / 4, 1000)
    error = np.sqrt((narrow * (50 - narrow) + wide * (50 - wide)) / 50)
    assert wide - narrow > 2 * error


def test_starts_wider_than_the_data_reach_the_best_end_rarely_again() -> None:
    wide, wider = hits(1 / 4, 1000), hits(4, 1000)
    error = np.sqrt((wide * (50 - wide) + wider * (50 - wider)) / 50)
    assert wide - wider > 2 * error


def test_clusters_by_merging_and_the_default_start_lead_to_the_hill_of_k_means() -> None:
    from scipy.cluster.hierarchy import fcluster, linkage

    X = datasets.galaxies()
    merged = np.eye(4)[fcluster(linkage(X, "ward"), 4, "maxclust") - 1]
    for start in (merged, 4):
        assert fit(X, start, tol=1e-6).log_likelihood == pytest.approx(-202.16, abs=0.01)


def test_no_start_from_k_means_reaches_the_best_end() -> None:
    X, found = datasets.galaxies(), Counter()
    for seed in range(300, 340):
        labels = kmeans(X, 4, rng=seed, start="k-means++").labels
        found[round(fit(X, np.eye(4)[labels], tol=1e-5).log_likelihood, 2)] += 1
    assert max(found) < BEST_OF_FOUR
    assert found.most_common(1)[0][0] == -202.16
    assert found[-202.16] >= 32


def test_clusters_side_by_side_lead_to_the_best_end_where_they_do_not_halve_the_crowd() -> None:
    X = np.sort(datasets.galaxies(), axis=0)
    sizes = np.bincount(kmeans(X, 4, rng=0, start="k-means++").labels)
    assert sorted(sizes) == [3, 7, 33, 39]
    starts = [np.repeat(np.eye(4), (7, cut, 72 - cut, 3), axis=0) for cut in range(2, 71)]
    ends = [fit(X, start, tol=1e-6, max_iter=5000).log_likelihood for start in starts]
    best = [
        cut for cut, end in zip(range(2, 71), ends, strict=True) if end == pytest.approx(-197.45, abs=0.01)
    ]
    assert best == list(range(4, 29))


def test_not_every_kind_of_start_in_the_explorer_finds_the_best_end_within_thirty() -> None:
    assert "values.length < 30" in (build.ROOT / "book/_static/js/exercise/explorers.js").read_text("utf-8")
    X, seeds = datasets.galaxies(), range(1, 31)
    found = {kind: max(one_start(X, 4, kind, seed).value for seed in seeds) > BEST_OF_FOUR for kind in STARTS}
    assert len(found) == 4
    assert any(found.values())
    assert not found["kmeans"]
    assert not found["points"]


def test_random_points_find_the_best_end_though_not_in_the_thirty_starts_of_the_explorer() -> None:
    X = datasets.galaxies()
    found = sum(one_start(X, 4, "points", seed).value > BEST_OF_FOUR for seed in range(31, 431))
    assert 0.05 < found / 400 < 0.12


def test_the_accident_rests_on_two_galaxies_and_is_below_the_floor() -> None:
    accident = starts.accident()
    shares = accident.mixture.covariances[:, 0, 0] / datasets.galaxies().var()
    assert accident.log_likelihood == pytest.approx(-199.06, abs=0.01)
    assert 82 * accident.mixture.weights[shares.argmin()] < 2.5
    assert shares.min() < 1e-3
    best = max((run for run in starts.fifty()), key=lambda run: run.log_likelihood).mixture
    assert best.covariances.min() / datasets.galaxies().var() > 1e-3


def test_short_runs_do_not_always_finish_the_winner() -> None:
    X = datasets.galaxies()
    found = [fit(X, 4, init="points", n_starts=50, rng=seed, tol=1e-5) for seed in range(50, 55)]
    assert sum(run.log_likelihood > BEST_OF_FOUR for run in found) < 5


def test_of_other_narrow_starts_one_in_twelve_reaches_the_best_end() -> None:
    begun = [starts.at_random_galaxies(1 / 16, seed) for seed in range(5000, 8000)]
    runs = em.fit_each(datasets.galaxies(), begun, tol=1e-5, max_iter=3000)
    hits = sum(isinstance(run, Fit) and run.log_likelihood > BEST_OF_FOUR for run in runs)
    assert hits / 3000 == pytest.approx(1 / 12, abs=0.01)  # two standard errors


def test_the_gain_near_the_saddle_is_quadratic_and_soon_below_rounding() -> None:
    gains = {e: np.diff(starts.traces_near_saddle()[e])[9] for e in (3, 5)}
    assert gains[3] / gains[5] == pytest.approx(1e4, rel=0.01)
    assert 1e-4 * gains[5] < 2 * np.spacing(1095.0)  # so that of g = 1e-7 cannot be read off


def test_on_the_plateau_the_gradient_says_as_little_as_the_gain() -> None:
    waits = FAITHFUL[:, 1:]
    means = waits.mean() + 1e-5 * waits.std() * np.array([[-1.0], [1.0]])
    at = speed.as_vector(Mixture(np.array([0.5, 0.5]), means, np.full((2, 1, 1), waits.var())))
    for _ in range(10):
        at = speed.one_round(waits, at)

    def height(at: np.ndarray) -> float:
        return speed.as_mixture(at).log_likelihood(waits)

    gradient = [(height(at + step) - height(at - step)) / 2e-4 for step in 1e-4 * np.eye(5)]
    assert np.abs(gradient).max() < 1e-3
    assert fit(waits, 2).log_likelihood - height(at) > 60


def test_aitkens_rule_stops_near_the_saddle_because_the_first_gains_shrink() -> None:
    heights = starts.traces_near_saddle()[3]
    gains = np.diff(heights)
    assert gains[1] < gains[0] < 1e-3
    assert np.all(np.diff(gains[1:20]) > 0)
    assert not Aitken(1e-3).reason(tuple(heights[:2]))
    assert Aitken(1e-3).reason(tuple(heights[:3]))
    assert heights[-1] - heights[2] == pytest.approx(61.3, abs=0.1)


@pytest.mark.parametrize("exponent", [3, 5])
def test_near_the_saddle_the_absolute_rule_is_fooled_too_and_the_relative_one_goes_on(exponent: int) -> None:
    heights = starts.traces_near_saddle()[exponent]
    left = {name: heights[-1] - heights[at - 1] for name, at in speed.stops(heights).items()}
    assert left["gain < 1e-3"] > 61
    assert left["Aitken: left < 1e-3"] > 61
    assert left["gain < 1e-3 of all gained"] < 0.1


@pytest.mark.parametrize("first_seed", [0, 1000])
def test_at_a_thousandth_each_rule_stops_some_runs_early_and_a_hundredth_of_it_none_of_these(
    first_seed: int,
) -> None:
    by_gain, by_share, by_aitken = (
        starts.left_at_stop(rule, first_seed=first_seed) for rule in speed.RULES.values()
    )
    assert 3 <= np.sum(by_gain > 0.1) <= np.sum(by_gain > 0.01) < 10
    assert 3 <= np.sum(by_aitken > 0.1) < 12 < np.sum(by_aitken > 0.01) < 30
    assert np.sum(by_share > 0.1) > 35
    assert starts.left_at_stop(Absolute(1e-5), first_seed=first_seed).max() < 1e-3


def test_even_a_gain_of_a_hundred_thousandth_stops_one_of_two_hundred_other_starts_nine_nats_early() -> None:
    left = np.concatenate([starts.left_at_stop(Absolute(1e-5), first_seed=s) for s in range(50, 250, 50)])
    assert np.sum(left > 0.01) == 1
    assert left.max() == pytest.approx(9.48, abs=0.02)


def test_after_a_gain_far_below_the_tolerance_aitkens_estimate_says_what_is_left() -> None:
    run = speed.slow_run()
    for tol in (1e-4, 1e-5, 1e-6):
        t = next(t for t in range(2, run.n_iter) if Absolute(tol).reason(run.history[:t]))
        left = aitken_limit(run.history[:t]) - run.history[t - 1]
        assert left == pytest.approx(run.log_likelihood - run.history[t - 1], rel=1e-2)


@pytest.mark.parametrize("seed", [51, 52, 53, 54])
def test_labels_drawn_by_lot_start_near_the_saddle(seed: int) -> None:
    by_lot = np.eye(2)[np.random.default_rng(seed).integers(0, 2, len(FAITHFUL))]
    heights = np.array(fit(FAITHFUL[:, 1:], by_lot, tol=1e-8).history)
    assert heights[0] < -1094
    assert np.argmax(heights > -1060) > 10


def rounds_on_the_plateau(width: float) -> list[int]:
    """E-steps until EM leaves the fit of one Gaussian, from two random waits as means."""
    waits, rounds = FAITHFUL[:, 1:], []
    for seed in range(40):
        means = waits[np.random.default_rng(seed).choice(272, 2, replace=False)]
        if means[0] == means[1]:
            continue
        start = Mixture(np.array([0.5, 0.5]), means, np.full((2, 1, 1), width * waits.var()))
        rounds.append(int(np.argmax(np.array(fit(waits, start, tol=1e-12).history) > -1060)))
    return rounds


def test_different_points_are_far_from_the_saddle_unless_the_components_start_much_wider() -> None:
    assert np.median(rounds_on_the_plateau(1 / 16)) <= 3
    assert np.median(rounds_on_the_plateau(1.0)) < 8
    assert np.median(rounds_on_the_plateau(16.0)) > 15


def test_points_close_together_start_near_the_saddle() -> None:
    waits, rounds = FAITHFUL[:, 1:], []
    for apart in (1.0, 25.0):
        means = np.array([[70.0], [70.0 + apart]])
        start = Mixture(np.array([0.5, 0.5]), means, np.full((2, 1, 1), waits.var()))
        rounds.append(int(np.argmax(np.array(fit(waits, start, tol=1e-12).history) > -1060)))
    assert rounds[0] > 15 > 6 > rounds[1]


@pytest.mark.parametrize(("width", "first_seed"), [(1 / 16, 0), (1 / 16, 1000), (1 / 4, 1000)])
def test_squarem_goes_faster_and_from_some_starts_to_another_end(width: float, first_seed: int) -> None:
    X, moved, saved = datasets.galaxies(), [], []
    begun = [starts.at_random_galaxies(width, seed) for seed in range(first_seed, first_seed + 50)]
    plain, leaping = (em.fit_each(X, begun, tol=1e-7, max_iter=3000, accelerate=a) for a in (False, True))
    for one, two in zip(plain, leaping, strict=True):
        if isinstance(one, Fit) and isinstance(two, Fit):
            moved.append(two.log_likelihood - one.log_likelihood)
            saved.append(one.n_iter / two.n_iter)
    assert np.median(saved) > 2
    assert np.sum(np.array(moved) > 0.01) >= 1
    assert np.sum(np.array(moved) < -0.01) >= 1
    assert np.sum(np.abs(moved) > 0.01) < len(moved) / 2


def test_runs_of_one_seed_come_from_one_start_though_others_collapse() -> None:
    leaping = starts.by_seed(1.0, 0, accelerate=True)
    assert len(leaping) < 50
    for seed in (min(leaping), max(leaping)):
        begun = starts.at_random_galaxies(1.0, seed)
        alone = fit(datasets.galaxies(), begun, tol=1e-5, max_iter=3000, accelerate=True)
        assert leaping[seed].log_likelihood == pytest.approx(alone.log_likelihood, abs=1e-6)
        assert leaping[seed].history[0] == pytest.approx(begun.log_likelihood(datasets.galaxies()))


@pytest.mark.parametrize("first_seed", [0, 1000])
def test_from_wide_starts_squarem_collapses_more_often(first_seed: int) -> None:
    plain, leaping = (starts.fifty(1.0, first_seed, accelerate) for accelerate in (False, True))
    assert len(leaping) + 3 <= len(plain)  # collapsed runs are left out


@pytest.mark.parametrize("m", [20, 50, 1000])
def test_the_rule_of_three_bounds_what_was_not_seen(m: int) -> None:
    assert (1 - 3 / m) ** m <= 0.05
    assert (1 - 2.6 / m) ** m > 0.05


@pytest.mark.parametrize("seed", [31, 32, 33])
def test_whitening_lets_k_means_see_long_groups(seed: int) -> None:
    _, made_by = starts.sausages(seed)
    wrong = {
        name: disagree(kmeans(view, 2, rng=0, n_starts=10).labels, made_by)
        for name, view in starts.three_views(seed).items()
    }
    assert wrong["whitened"] <= 15 < 90 <= min(wrong["as they are"], wrong["scaled"])


def lost_by_starts(seed: int) -> dict[str, float]:
    """How many nats below the best of the three EM ends from k-means on each view of the long groups."""
    points, _ = starts.sausages(seed)
    heights = {
        name: fit(
            points, np.eye(2)[kmeans(view, 2, rng=0, n_starts=5).labels], tol=1e-5, max_iter=3000
        ).log_likelihood
        for name, view in starts.three_views(seed).items()
    }
    return {name: max(heights.values()) - height for name, height in heights.items()}


def test_em_leaves_most_poor_starts_on_long_groups_but_not_all() -> None:
    lost = [lost_by_starts(seed) for seed in range(1, 11)]
    assert max(one["whitened"] for one in lost) < 0.01
    for name in ("as they are", "scaled"):
        stuck = sum(one[name] > 50 for one in lost)
        assert 1 <= stuck <= 4


def test_for_two_clear_groups_information_and_bootstrap_mostly_agree_to_a_fifth() -> None:
    waits = FAITHFUL[:, 1:]
    top = fit(waits, 2, tol=1e-10).mixture.sorted()
    at, step = speed.as_vector(top), 1e-3 * np.eye(5)

    def height(shift: np.ndarray) -> float:
        return speed.as_mixture(at + shift).log_likelihood(waits)

    information = -np.array(
        [
            [(height(a + b) - height(a - b) - height(b - a) + height(-a - b)) / 4e-6 for a in step]
            for b in step
        ]
    )
    errors = np.sqrt(np.diag(np.linalg.inv(information)))
    off = []
    for seed in range(1, 6):
        rng = np.random.default_rng(seed)
        again = [speed.as_vector(fit(rng.choice(waits, 272), top, tol=1e-6).mixture) for _ in range(200)]
        off.append(np.abs(np.std(again, axis=0) / errors - 1).max())
    assert max(off) < 0.3
    assert np.sum(np.array(off) < 0.2) >= 3


# --------------------------------------------------------------------------- collapse


def test_spurious_maxima_of_four_components_beat_the_sound_one_of_the_galaxies() -> None:
    X, tops = datasets.galaxies(), {}
    for deviation in (0.015, 0.02, 0.03):
        for galaxy in range(len(X)):
            try:
                run = fit(X, collapse.with_spike(deviation, galaxy), tol=1e-9)
            except CollapsedComponentError:
                continue
            tops[round(run.log_likelihood, 2)] = fit(X, run.mixture, tol=1e-12)
    higher = [run.mixture for value, run in sorted(tops.items()) if value > BEST_OF_FOUR + 0.02]
    assert [round(82 * float(one.weights[3]), 1) for one in higher] == [5.1, 2.0]
    assert all(one.covariances.min() / X.var() < 1e-4 for one in higher)
    owned = [X[one.responsibilities(X)[:, 3] > 0.5, 0] for one in higher]
    assert [len(group) for group in owned] == [6, 2]
    assert np.ptp(owned[1]) == pytest.approx(0.001)


@pytest.mark.parametrize("seed", [5, 6])
def test_fit_b_predicts_better_by_about_one_standard_error(seed: int) -> None:
    scores = collapse.held_out(repeats=1, seed=seed)
    for other in ("A", "two"):
        gain = scores["B"] - scores[other]
        assert -0.5 < gain.sum() / (gain.std() * np.sqrt(len(gain))) < 2.5
    level = scores["A"] - scores["two"]
    assert abs(level.sum()) < 2 * level.std() * np.sqrt(len(level))


def test_three_components_searched_for_anew_lead_by_less_than_a_standard_error() -> None:
    gain = np.zeros(272)
    for seed in (21, 22):
        fold = np.random.default_rng(seed).permutation(272) % 10
        for f in range(10):
            seen, left_out = FAITHFUL[fold != f], FAITHFUL[fold == f]
            runs = [fit(seen, 3, init="random", n_starts=1, rng=s, tol=1e-4, max_iter=3000) for s in range(6)]
            three = max(runs, key=lambda run: run.log_likelihood).mixture
            gain[fold == f] += (three.log_density(left_out) - fit(seen, 2).mixture.log_density(left_out)) / 2
    assert abs(gain.sum()) < gain.std() * np.sqrt(len(gain))


def test_random_starts_commonly_find_a_sometimes_b_and_never_c() -> None:
    ends: Counter[float] = Counter()
    for seed in range(600, 624):
        run = fit(FAITHFUL, 3, init="random", n_starts=1, rng=seed, tol=1e-5, max_iter=3000)
        ends[round(run.log_likelihood, 1)] += 1
    assert ends.most_common(1)[0][0] == -1119.2
    assert max(ends) <= -1114.4
    assert 0 < ends[-1114.4] < 12


def test_adding_a_number_to_the_variances_makes_the_likelihood_fall_in_large_units() -> None:
    top = collapse.two_components().mixture
    changes = []
    for factor in (1, 60, 1440):
        scale = np.array([1 / factor, 1.0])
        points = FAITHFUL * scale
        here = Mixture(top.weights, top.means * scale, top.covariances * np.outer(scale, scale))
        shares, height = em.e_step(points, here)
        new = em.m_step(points, shares)
        wider = Mixture(new.weights, new.means, new.covariances + 1e-6 * np.eye(2))
        changes.append(wider.log_likelihood(points) - height)
    assert abs(changes[0]) < 1e-6
    assert changes[2] < -100 < changes[1] < -0.05


@pytest.mark.parametrize("cure", [Floor(1e-3), EigenvalueRatio(100)])
def test_a_tight_bound_rarely_drives_em_off_a_line_but_what_stays_is_less_likely_than_b(cure: Cure) -> None:
    runs = [
        fit(FAITHFUL, start, tol=1e-5, max_iter=5000, cure=cure) for start in collapse.collapsing_starts(1)
    ]
    held = [
        run.log_likelihood for run in runs if min(one.count for one in diagnose(FAITHFUL, run.mixture)) < 15
    ]
    assert len(held) > 0.6 * len(runs) > 6
    assert max(held) < collapse.three_fits()["B"].log_likelihood - 1


def test_with_a_shared_covariance_a_third_component_gains_in_the_end_after_a_long_rest() -> None:
    two = fit(FAITHFUL, 2, covariance_type="tied", tol=1e-10).log_likelihood
    rest = fit(FAITHFUL, collapse.third_on_neighbours(168, 5), covariance_type="tied", tol=1e-7)
    end = fit(FAITHFUL, rest.mixture, covariance_type="tied", tol=1e-9, max_iter=100_000)
    assert rest.log_likelihood == pytest.approx(two, abs=0.01)
    assert end.n_iter > 10_000
    searched = fit(
        FAITHFUL, 3, covariance_type="tied", init="random", n_starts=20, rng=1, tol=1e-8, max_iter=5000
    )
    others = [
        fit(FAITHFUL, collapse.third_on_neighbours(point, 5), covariance_type="tied", tol=1e-7)
        for point in (0, 30, 100, 200)
    ]
    for run in (end, searched, *others):
        assert run.log_likelihood == pytest.approx(two + 13.87, abs=0.01)


def test_with_the_prior_the_collapsing_start_ends_lower_than_a_by_both_measures() -> None:
    starts_of_both = collapse.third_on_neighbours(168, 5), collapse.three_fits()["A"].mixture
    here, from_a = (fit(FAITHFUL, s, tol=1e-6, max_iter=5000, cure=InverseWishart()) for s in starts_of_both)
    assert from_a.objective[-1] > here.objective[-1] + 3
    assert from_a.log_likelihood > here.log_likelihood + 3


@pytest.mark.parametrize("point", [0, 100, 271])
def test_copies_collapse_as_the_notebook_says_and_with_a_prior_the_likelihood_falls(point: int) -> None:
    X = np.concatenate([FAITHFUL, np.repeat(FAITHFUL[[point]], 10, axis=0)])
    two = collapse.two_components().mixture
    narrow = np.cov(X.T)[None] / 100
    start = Mixture(
        np.array([0.35, 0.6, 0.05]),
        np.append(two.means, X[[point]], axis=0),
        np.append(two.covariances, narrow, axis=0),
    )
    with pytest.raises(CollapsedComponentError):
        fit(X, start)
    run = fit(X, start, cure=InverseWishart())
    assert np.diff(run.history).min() < -1
    assert np.diff(run.objective).min() > -1e-9
    assert min(one.share for one in diagnose(X, run.mixture)) > 1e-3


def test_half_of_the_priors_widening_is_the_pull_of_the_mean() -> None:
    X = datasets.galaxies()
    slow = np.sort(X.ravel())[:7]
    scatter, prior = 7 * slow.var(), X.var() / 9
    pull = 0.01 * 7 / 7.01 * (slow.mean() - X.mean()) ** 2
    plain, without, full = slow.std(), ((scatter + prior) / 13) ** 0.5, ((scatter + prior + pull) / 13) ** 0.5
    assert (full - without) / (full - plain) == pytest.approx(0.45, abs=0.05)
    assert full / plain == pytest.approx(1.43, abs=0.02)
