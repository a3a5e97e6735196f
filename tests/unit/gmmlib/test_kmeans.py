"""Hard assignment against brute force."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from gmmlib import InvalidInputError
from gmmlib.kmeans import assign, distortion, kmeans, kmeans_plus_plus, update

X = np.array([[0.0], [1.0], [9.0], [10.0]])


def test_a_tie_goes_to_the_lowest_index():
    np.testing.assert_array_equal(assign([[1.0]], [[0.0], [2.0], [1.0 + 1.0]]), [0])


def test_a_centroid_without_points_stays():
    np.testing.assert_allclose(update(X, [0, 0, 0, 0], [[7.0], [42.0]]), [[5.0], [42.0]])


def test_the_distortion_is_the_sum_of_squares():
    assert distortion(X, [[0.5], [9.5]], [0, 0, 1, 1]) == pytest.approx(4 * 0.25)


def test_with_enough_starts_it_finds_the_best_of_all_partitions():
    points = np.random.default_rng(0).standard_normal((8, 2))
    best = min(
        sum(
            np.square(points[labels == k] - points[labels == k].mean(axis=0)).sum()
            for k in set(labels.tolist())
        )
        for labels in map(np.array, itertools.product(range(2), repeat=8))
        if len(set(labels.tolist())) == 2
    )
    found = kmeans(points, 2, 0, n_starts=20)
    assert found.distortion == pytest.approx(best)
    assert found.converged


def test_kmeans_plus_plus_draws_in_proportion_to_the_squared_distance():
    rng = np.random.default_rng(0)
    draws = [sorted(kmeans_plus_plus([[0.0], [1.0], [3.0]], 2, rng)[:, 0].tolist()) for _ in range(6000)]
    share = draws.count([1.0, 3.0]) / len(draws)
    assert share == pytest.approx((4 / 5 + 4 / 13) / 3, abs=0.03)  # five deviations


def test_a_point_of_weight_zero_is_never_a_centroid():
    for seed in range(50):
        assert 9.0 not in kmeans_plus_plus(X, 3, seed, sample_weight=[1.0, 1.0, 0.0, 1.0])


def test_as_many_clusters_as_points_leave_no_distortion():
    assert kmeans(X, 4, 0).distortion == 0.0
    assert kmeans(np.zeros((3, 1)), 2, 0).distortion == 0.0


@pytest.mark.parametrize(
    "call",
    [
        lambda: assign(X, [[0.0, 1.0]]),
        lambda: assign(X[:, 0], [[0.0]]),
        lambda: update(X, [0, 0, 0], [[0.0]]),
        lambda: update(X, [0, 0, 0, 5], [[0.0]]),
        lambda: distortion(X, [[0.0]], [0.0, 0.0, 0.0, 0.0]),
        lambda: kmeans(X, 5, 0),
        lambda: kmeans(X, 0, 0),
        lambda: kmeans(X, 2, 0, start="luck"),
        lambda: kmeans(X, 2, 0, start=[[0.0]]),
        lambda: kmeans(X, 2, 0, max_iter=0),
        lambda: kmeans_plus_plus([[np.nan]], 1, 0),
        lambda: kmeans_plus_plus(X, 2, 0, sample_weight=[1.0]),
    ],
)
def test_kmeans_refuses_what_makes_no_sense(call):
    with pytest.raises(InvalidInputError):
        call()
