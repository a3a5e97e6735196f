"""What the exercise notebooks say, or let their readers find, holds with other random numbers, too."""

from __future__ import annotations

from itertools import pairwise, permutations

import numpy as np
import pytest
from numpy.linalg import LinAlgError

from autograder.questions import find, of_assignment
from gmmlib import CollapsedComponentError, Fit, Mixture
from gmmlib.datasets import galaxies, old_faithful
from gmmlib.em import fit_each
from tests.support.model_answers import functions, text

Parameters = tuple[np.ndarray, np.ndarray, np.ndarray]  # weights, means, covariances

X, VELOCITIES = old_faithful(), galaxies()
STANDARD = (X - X.mean(axis=0)) / X.std(axis=0)
em, scale = functions("em"), functions("scale")
WIDE = np.diag([1.0, 150.0])
START: Parameters = (np.array([0.5, 0.5]), np.array([[3.0, 60.0], [4.0, 70.0]]), np.stack([WIDE, WIDE]))
TWO: Parameters = em["fit"](X, *START)[:3]


def at_points(points: np.ndarray, K: int, covariance: np.ndarray, rng: np.random.Generator) -> Parameters:
    """Different points as means, equal weights, one covariance."""
    return np.full(K, 1 / K), points[rng.choice(len(points), K, replace=False)], np.stack([covariance] * K)


def thinnest(points: np.ndarray, covariances: np.ndarray) -> float:
    """The smallest variance of any component, as a share of the data's."""
    unit = np.outer(points.std(axis=0), points.std(axis=0))
    return float(min(np.linalg.eigvalsh(covariance / unit)[0] for covariance in covariances))


# --------------------------------------------------------------------------- what the checks ask


@pytest.mark.parametrize("assignment", ["kmeans", "scale", "collapse"])
def test_one_check_per_function_needs_float64_where_the_notebook_says_so(assignment: str) -> None:
    assert "One check per function moves the data ten million away" in text(assignment)
    for question in of_assignment(assignment):
        assert sum("ten million" in check.title for check in question.checks) == 1, question.id


@pytest.mark.parametrize("seed", range(400, 406))
def test_a_matching_has_five_components_at_most_and_a_clear_best(seed: int) -> None:
    distance = functions("labels")["bhattacharyya"]
    for case in find("labels.match_components").draw(np.random.default_rng(seed)):
        means, covariances, *other = map(np.asarray, case.arguments)
        others = list(zip(*other, strict=True))
        table = np.array([[distance(*a, *b) for b in others] for a in zip(means, covariances, strict=True)])
        K = len(table)
        totals = sorted(table[range(K), order].sum() for order in permutations(range(K)))
        assert K <= 5
        assert all(second - first >= 2e-5 for first, second in pairwise(totals[:2])), case.name


# --------------------------------------------------------------------------- kmeans, soft, em


def test_k_means_with_three_centroids_has_several_ends_and_in_minutes_the_wait_decides() -> None:
    kmeans = functions("kmeans")

    def distortions(points: np.ndarray, seed: int) -> list[float]:
        rng, found = np.random.default_rng(seed), []
        for _ in range(20):
            centroids = points[rng.choice(272, 3, replace=False)]
            for _ in range(60):
                labels = kmeans["assign"](points, centroids)
                centroids = kmeans["update"](points, labels, centroids)
            found.append(kmeans["distortion"](points, centroids, labels))
        return found

    for seed in (31, 32):
        assert len(set(np.round(distortions(STANDARD, seed), 1))) > 1
    both, wait = min(distortions(X, 33)), min(distortions(X[:, 1:], 33))
    assert wait < both < 1.05 * wait  # what the durations add is next to nothing


def test_narrow_gaussians_become_hard_and_agree_with_k_means_only_where_they_share_one_round_shape() -> None:
    soft, assign = functions("soft"), functions("kmeans")["assign"]
    weights, means = np.array([0.36, 0.64]), np.array([[2.04, 54.5], [4.29, 80.0]])

    def labels(points: np.ndarray, centres: np.ndarray, covariances: np.ndarray) -> np.ndarray:
        each = zip(centres, covariances, strict=True)
        columns = [soft["log_gaussian"](points, mean, covariance) for mean, covariance in each]
        shares = soft["responsibilities"](np.column_stack(columns), weights)
        assert np.all(shares.max(axis=1) > 0.99)
        return shares.argmax(axis=1)

    own = np.array([[[0.069, 0.435], [0.435, 33.7]], [[0.170, 0.941], [0.941, 36.0]]])
    assert np.sum(labels(X, means, own / 64) != assign(X, means)) == 5
    centres = (means - X.mean(axis=0)) / X.std(axis=0)
    assert np.array_equal(
        labels(STANDARD, centres, np.stack([1e-4 * np.eye(2)] * 2)), assign(STANDARD, centres)
    )


def test_one_eruption_is_in_doubt_by_both_features_and_thirteen_by_the_wait_alone() -> None:
    for features, doubtful in (([0, 1], 1), ([1], 13)):
        means = np.array([[2.04, 54.5], [4.29, 80.0]])[:, features]
        own = np.array([[[0.069, 0.435], [0.435, 33.7]], [[0.170, 0.941], [0.941, 36.0]]])
        covariances = own[:, features][:, :, features]
        shares, _ = em["e_step"](X[:, features], np.array([0.36, 0.64]), means, covariances)
        assert np.sum(shares.max(axis=1) < 0.9) == doubtful


def test_from_the_bad_start_of_em_the_kinds_stand_out_after_a_few_rounds() -> None:
    clear = [
        np.mean(em["e_step"](X, *em["fit"](X, *START, max_iter=rounds)[:3])[0].max(axis=1) > 0.95)
        for rounds in (1, 4, 6)
    ]
    assert clear[0] < 0.05
    assert clear[1] > 0.9
    assert clear[2] > 0.99


@pytest.mark.parametrize("seed", [51, 52])
def test_from_two_eruptions_em_ends_at_one_height_and_from_three_at_several(seed: int) -> None:
    rng, heights = np.random.default_rng(seed), {}
    for K in (2, 3):
        starts = [Mixture(*at_points(X, K, WIDE, rng)) for _ in range(40)]
        runs = fit_each(X, starts, tol=1e-6, max_iter=3000)
        assert all(isinstance(run, Fit) and run.converged for run in runs)
        heights[K] = {round(run.log_likelihood, 1) for run in runs if isinstance(run, Fit)}
    assert len(heights[2]) == 1 < len(heights[3])


def test_one_round_variance_tells_the_standardised_kinds_apart_and_describes_them_worse_by_40_nats() -> None:
    assert "each of the 272 as two full covariances do, but describes them worse (by 40 nats)" in text("em")
    for seed in (61, 62, 63):
        weights, means, _ = at_points(STANDARD, 2, np.eye(2), np.random.default_rng(seed))
        variance = 1.0
        for _ in range(200):
            shares, height = em["e_step"](STANDARD, weights, means, np.stack([variance * np.eye(2)] * 2))
            weights, means, _ = em["m_step"](STANDARD, shares)
            squares = np.square(STANDARD[:, None] - means).sum(axis=2)
            variance = np.sum(shares * squares) / STANDARD.size
        full, best = em["e_step"](X, *TWO)
        kinds = full.argmax(axis=1), shares.argmax(axis=1)
        assert abs(np.mean(kinds[0] == kinds[1]) - 0.5) == 0.5  # all alike, or all exchanged
        assert best - (height - 272 * np.log(X.std(axis=0)).sum()) == pytest.approx(40, abs=0.5)


def with_a_third(point: int, j: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The fit of two and a third component on an eruption, with 10^-j times the covariance of the data."""
    weights, means, covariances = TWO
    third = np.cov(X.T)[None] * 10.0**-j
    return (
        np.append(0.99 * weights, 0.01),
        np.vstack([means, X[point]]),
        np.append(covariances, third, 0),
    )


@pytest.mark.parametrize("point", range(2, 272, 30))
def test_a_shrinking_third_component_brings_log_10_for_each_factor_of_ten(point: int) -> None:
    copies = np.sum(np.all(X[point] == X, axis=1))
    heights = [em["e_step"](X, *with_a_third(point, j))[1] for j in range(13)]
    assert np.diff(heights)[-3:] == pytest.approx(copies * np.log(10), rel=1e-3)
    assert max(heights) == heights[-1]


def test_a_narrow_third_component_is_likely_to_stop_fit_from_j_3_and_from_j_7_after_one_m_step() -> None:
    points = range(2, 272, 9)

    def stopped(j: int, max_iter: int) -> float:
        """Share of the eruptions at which fit ends with LinAlgError."""
        errors = 0
        for point in points:
            try:
                em["fit"](X, *with_a_third(point, j), max_iter=max_iter)
            except LinAlgError:
                errors += 1
        return errors / len(points)

    assert stopped(1, 200) < 0.2
    assert 0.6 < stopped(3, 200) < stopped(6, 200) == 1
    assert stopped(3, 2) < 0.2 < stopped(7, 2) == stopped(12, 2) == 1


# --------------------------------------------------------------------------- collapse


def test_rounding_copies_and_too_many_components_each_let_some_narrow_starts_collapse_and_most_not() -> None:
    rounded = np.column_stack([X[:, 0], 5 * np.round(X[:, 1] / 5)])
    copied = np.concatenate([X, np.repeat(X[[100]], 7, axis=0)])
    for K, points in ((4, rounded), (4, copied), (5, X)):
        rng = np.random.default_rng(71)
        starts = [Mixture(*at_points(points, K, np.cov(points.T) / 64, rng)) for _ in range(40)]
        runs = fit_each(points, starts, tol=1e-5, max_iter=400)
        fallen = [
            not isinstance(run, Fit) or thinnest(points, run.mixture.covariances) < 1e-4 for run in runs
        ]
        assert all(isinstance(run, Fit | CollapsedComponentError) for run in runs)
        assert 0 < np.mean(fallen) < 0.5


def test_copies_stop_fit_with_an_error_at_most_but_not_all_eruptions() -> None:
    stopped, points = 0, range(1, 272, 4)
    for point in points:
        more = np.concatenate([X, np.repeat(X[[point]], 10, axis=0)])
        weights, means, covariances = TWO
        third = np.cov(more.T)[None] / 100
        begun = (
            np.append(0.95 * weights, 0.05),
            np.vstack([means, X[point]]),
            np.append(covariances, third, 0),
        )
        try:
            with np.errstate(all="ignore"):
                em["fit"](more, *begun)
        except LinAlgError:
            stopped += 1
    assert 0.5 < stopped / len(points) <= 1


def test_with_the_prior_no_component_falls_below_its_share_of_the_prior() -> None:
    m_step_map, rng = functions("collapse")["m_step_map"], np.random.default_rng(72)
    for K in (2, 3, 5):
        shares = rng.dirichlet(np.full(K, 0.02), size=272)
        least = np.linalg.eigvalsh(np.corrcoef(X.T))[0] / K / (272 + 8)  # n + 2 d + 4
        assert thinnest(X, m_step_map(X, shares)[2]) > least


# --------------------------------------------------------------------------- labels


def resampled(seed: int, n_starts: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean duration of component 0 over sixty samples as the fits come, and after matching."""
    match = functions("labels")["match_components"]
    rng, fits = np.random.default_rng(seed), []
    for _ in range(60):
        sample = X[rng.integers(272, size=272)]
        starts = [Mixture(*at_points(sample, 2, np.cov(sample.T), rng)) for _ in range(n_starts)]
        runs = fit_each(sample, starts, tol=1e-4, max_iter=200)
        best = max((run for run in runs if isinstance(run, Fit)), key=lambda run: run.log_likelihood)
        fits.append((best.mixture.means, best.mixture.covariances))
    names = [match(*fits[0], *one) for one in fits]
    return np.array([one[0][:, 0] for one in fits]), np.array(
        [one[0][name, 0] for one, name in zip(fits, names, strict=True)]
    )


@pytest.mark.parametrize("seed", [81, 82])
def test_matching_gives_a_standard_error_for_the_best_of_five_starts_and_not_for_one(seed: int) -> None:
    raw, matched = resampled(seed, n_starts=5)
    assert np.all(raw.std(axis=0) > 1)  # the names change
    assert matched.std(axis=0) == pytest.approx([0.03, 0.03], abs=0.013)
    _, matched = resampled(seed, n_starts=1)
    assert np.any(matched.std(axis=0) > 0.07)  # a few samples end on another hill


# --------------------------------------------------------------------------- missing


def hidden(share: float, seed: int) -> np.ndarray:
    gaps = X.copy()
    gaps[np.random.default_rng(seed).random(272) < share, 1] = np.nan
    return gaps


@pytest.mark.parametrize("seed", [91, 92, 93])
def test_guesses_without_their_covariance_shrink_the_spread_within_a_kind(seed: int) -> None:
    missing, gaps, deviations = functions("missing"), hidden(0.4, seed), {}
    for add in (True, False):
        weights, means, covariances = TWO
        for _ in range(3):
            shares, _ = missing["e_step_missing"](gaps, weights, means, covariances)
            table = gaps.copy()
            for i in [] if add else np.flatnonzero(np.isnan(gaps[:, 1])):
                k = shares[i].argmax()
                table[i, 1] = missing["condition"](means[k], covariances[k], np.array([0]), gaps[i, :1])[0][0]
            weights, means, covariances = missing["m_step_missing"](table, shares, means, covariances)
        deviations[add] = np.sqrt(covariances[:, 1, 1])
    assert np.all(deviations[False] < deviations[True] - 0.4)
    seen = X[~np.isnan(gaps[:, 1])]
    complete = em["m_step"](seen, em["e_step"](seen, *TWO)[0])[2][:, 1, 1]
    assert deviations[True] == pytest.approx(np.sqrt(complete), abs=0.2)


def test_both_fillings_make_the_deviation_of_the_waits_too_small() -> None:
    weights, means, covariances = TWO
    lines = means[:, 1] + covariances[:, 1, 0] / covariances[:, 0, 0] * (X[:, :1] - means[:, 0])  # (272, K)
    of_durations = em["e_step"](X[:, :1], weights, means[:, :1], covariances[:, :1, :1])[0]
    expected = np.sum(of_durations * lines, axis=1)
    for seed in (0, *range(94, 114)):  # 0: the notebook's own
        gaps = hidden(0.4, seed)[:, 1]
        for filling in (np.nanmean(gaps), expected):
            assert np.where(np.isnan(gaps), filling, gaps).std() < X[:, 1].std()


def test_em_with_gaps_never_falls_and_takes_more_rounds_the_more_is_missing() -> None:
    missing, rounds = functions("missing"), []
    for share in (0.2, 0.4, 0.6):
        gaps, parameters, heights = hidden(share, 115), TWO, [-np.inf, -1e9]
        while heights[-1] - heights[-2] >= 1e-3:
            shares, height = missing["e_step_missing"](gaps, *parameters)
            heights.append(height)
            parameters = missing["m_step_missing"](gaps, shares, *parameters[1:])
        assert np.diff(heights[1:]).min() > -1e-9
        rounds.append(len(heights))
    assert rounds[0] < rounds[1] < rounds[2]


# --------------------------------------------------------------------------- scale


def in_blocks(points: np.ndarray, shares: np.ndarray, size: int = 50) -> list[tuple[np.ndarray, ...]]:
    places = range(0, len(points), size)
    return [scale["statistics"](points[i : i + size], shares[i : i + size]) for i in places]


def one_after_another(blocks: list[tuple[np.ndarray, ...]]) -> tuple[np.ndarray, ...]:
    merged = blocks[0]
    for block in blocks[1:]:
        merged = scale["merge_statistics"](*merged, *block)
    return merged


SHARES = 1 / (1 + np.exp(8 * (X[:, :1] - 3.0) * np.array([[1.0, -1.0]])))


def test_far_away_merged_scatters_lose_digits_by_their_means_and_not_by_how_points_are_stored() -> None:
    for points in (X, np.round(256 * X) / 256):  # the latter are stored exactly at either offset
        exact = scale["statistics"](points, SHARES)[2]
        error = {}
        for offset in (1e4, 1e8):
            far = points + offset
            merged = one_after_another(in_blocks(far, SHARES))[2]
            at_once = scale["statistics"](far, SHARES)[2]
            error[offset] = np.abs([merged - exact, at_once - exact]).max(axis=(1, 2, 3)) / exact.max()
        assert 1e-10 < error[1e8][0] < 5e-9  # nine digits are left
        assert error[1e4][0] < 1e-11
        assert error[1e8][1] < error[1e8][0] / 5
    assert np.array_equal(far - 1e8, points)


def test_merging_in_pairs_loses_fewer_digits_than_merging_one_after_another() -> None:
    points, shares = np.tile(X, (100, 1)), np.tile(SHARES, (100, 1))
    exact = scale["statistics"](X.astype(np.longdouble), SHARES.astype(np.longdouble))[2] * 100
    lost = []
    for seed in range(121, 125):
        order = np.random.default_rng(seed).permutation(len(points))
        blocks = in_blocks(points[order], shares[order], 27)
        row = one_after_another(blocks)[2]
        while len(blocks) > 1:
            pairs = [blocks[i : i + 2] for i in range(0, len(blocks), 2)]
            blocks = [one_after_another(pair) for pair in pairs]
        lost.append([float(np.abs(one - exact).max() / exact.max()) for one in (row, blocks[0][2])])
    assert np.mean(lost, axis=0)[0] > 2 * np.mean(lost, axis=0)[1]


def test_em_by_blocks_of_50_ends_where_fit_ends() -> None:
    parameters = START
    for _ in range(30):
        shares, height = em["e_step"](X, *parameters)
        counts, means, scatters = one_after_another(in_blocks(X, shares))
        parameters = counts / 272, means, scatters / counts[:, None, None]
    assert height == pytest.approx(em["fit"](X, *START)[3][-1], abs=1e-5)


# --------------------------------------------------------------------------- starts, capstone


def on_galaxies(K: int, spread: bool, seeds: range, max_iter: int) -> list[Fit | CollapsedComponentError]:
    """EM from galaxies drawn as means, evenly or by k-means++; equal weights and variances of 1."""
    far, starts = functions("starts")["kmeans_plus_plus"], []
    for seed in seeds:
        means = (
            far(VELOCITIES, K, seed)
            if spread
            else at_points(VELOCITIES, K, np.eye(1), np.random.default_rng(seed))[1]
        )
        starts.append(Mixture(np.full(K, 1 / K), means, np.ones((K, 1, 1))))
    return list(fit_each(VELOCITIES, starts, tol=1e-6, max_iter=max_iter))


@pytest.mark.parametrize(("spread", "share"), [(False, 1 / 15), (True, 1 / 9)])
def test_how_many_starts_reach_the_best_four_groups(spread: bool, share: float) -> None:
    assert "one such start in fifteen arrives, or one in nine from `kmeans_plus_plus`" in text("capstone")
    runs = on_galaxies(4, spread, range(70_000, 70_400), 5000)
    reached = [isinstance(run, Fit) and abs(run.log_likelihood + 197.454) < 0.1 for run in runs]
    assert np.mean(reached) == pytest.approx(share, abs=3.5 * (share * (1 - share) / 400) ** 0.5)


@pytest.mark.parametrize(
    ("K", "spread", "cut"), [(5, False, 0.5), (5, True, 0.07), (6, False, 0.82), (6, True, 0.32)]
)
def test_how_many_runs_are_cut_at_round_200_and_how_many_end_on_a_pair(
    K: int, spread: bool, cut: float
) -> None:
    runs = on_galaxies(K, spread, range(80_000, 80_150), 200)
    fits = [run for run in runs if isinstance(run, Fit)]
    assert 1 - np.mean([run.converged for run in fits]) == pytest.approx(cut, abs=0.1)
    assert len(runs) - len(fits) <= 0.15 * len(runs)
    on_pair = np.mean([thinnest(VELOCITIES, run.mixture.covariances) < 1e-3 for run in fits])
    assert on_pair > (0.9 if (K, spread) == (6, True) else 0.05)
