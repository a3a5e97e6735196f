"""How close is close enough: an answer rounded to float32 passes, a slip of a ten-thousandth does not."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.judge.tolerance import (
    agree,
    exact,
    location,
    log_likelihood,
    relative,
    scatter,
    spread_of_points,
    spread_of_statistics,
    sum_of_log_likelihood,
    within,
)
from autograder.values import Case, Part
from gmmlib.mixture import Mixture
from gmmlib.statistics import Statistics

RNG = np.random.default_rng(5)
X = RNG.normal([10.0, -3.0], [2.0, 0.1], size=(60, 2))
CASE = Case("points", (X,))
MEANS = Part("means", "(K, d)", location())
COVARIANCES = Part("covariances", "(K, d, d)", scatter())


@pytest.mark.parametrize("offset", [0.0, 1e7])
def test_the_expected_value_rounded_to_float32_is_right_wherever_it_lies(offset: float) -> None:
    mean = X.mean(axis=0)[None] + offset
    case = Case("points", (X + offset,))
    assert agree(MEANS, case, mean.astype(np.float32).astype(float), mean)
    assert not agree(MEANS, case, mean + 1e-4 * X.std(axis=0), mean)


def test_means_are_measured_by_the_spread_of_each_feature() -> None:
    mean, spread = X.mean(axis=0)[None], X.std(axis=0)
    assert agree(MEANS, CASE, mean + 0.9e-6 * spread, mean)
    for feature in (0, 1):
        slip = np.zeros(2)
        slip[feature] = 1.1e-6 * spread[feature]
        assert not agree(MEANS, CASE, mean + slip, mean)


def test_covariances_are_measured_by_the_products_of_spreads() -> None:
    covariance, spread = np.cov(X.T)[None], X.std(axis=0)
    assert agree(COVARIANCES, CASE, covariance + 0.9e-5 * np.outer(spread, spread), covariance)
    assert not agree(COVARIANCES, CASE, covariance + 1.1e-5 * np.outer(spread, spread), covariance)


def test_an_offset_does_not_change_the_spread() -> None:
    far = Case("points far from the origin", (X + 1e7,))
    np.testing.assert_allclose(spread_of_points(far), X.std(axis=0), rtol=1e-6)


def test_statistics_have_the_spread_of_the_points_they_stand_for() -> None:
    blocks = X[:20], X[20:]
    arrays = [
        array
        for block in blocks
        for array in (
            np.array([float(len(block))]),
            block.mean(axis=0)[None],
            len(block) * np.cov(block.T, bias=True)[None],
        )
    ]
    assert isinstance(Statistics(*arrays[:3]), Statistics)
    np.testing.assert_allclose(spread_of_statistics(Case("two blocks", tuple(arrays))), X.std(axis=0))


def test_a_log_likelihood_is_measured_by_the_sum_of_absolute_log_densities() -> None:
    parameters = (np.array([0.4, 0.6]), np.array([[9.0, -3.0], [11.0, -3.0]]), np.stack([np.cov(X.T)] * 2))
    part = Part("log_likelihood", "one number", log_likelihood)
    case = Case("at a mixture", (X, *parameters))
    log_densities = Mixture(*parameters).log_density(X)
    value, size = np.array(log_densities.sum()), np.abs(log_densities).sum()
    assert sum_of_log_likelihood(case, value) <= log_likelihood(case, value)
    assert agree(part, case, value + 0.9e-6 * size, value)
    assert not agree(part, case, value + 1.1e-6 * size, value)
    assert not agree(part, case, value + 1.1e-6 * size, value, sum_of_log_likelihood)


def test_nan_equals_nan_and_nothing_else() -> None:
    part = Part("shares", "(K,)", within(1e-6))
    expected = np.array([np.nan, 0.5])
    assert agree(part, CASE, np.array([np.nan, 0.5]), expected)
    assert not agree(part, CASE, np.array([0.0, 0.5]), expected)
    assert not agree(part, CASE, np.array([np.nan, np.nan]), expected)


def test_another_shape_is_never_equal() -> None:
    part = Part("bic", "one number", relative)
    assert not agree(part, CASE, np.array([3.0]), np.array(3.0))


def test_whole_numbers_are_exact() -> None:
    part = Part("labels", "(n,)", exact, index_of="centroids")
    assert agree(part, CASE, np.array([0.0, 1.0]), np.array([0.0, 1.0]))
    assert not agree(part, CASE, np.array([0.0, 1.0 + 1e-12]), np.array([0.0, 1.0]))


def test_a_part_says_its_shape_in_words() -> None:
    assert MEANS.shape_in_words == "of shape (K, d)"
    assert Part("bic", "one number", relative).shape_in_words == "one number"


def test_a_part_without_a_tolerance_is_an_error() -> None:
    with pytest.raises(TypeError, match="tolerance"):
        Part("doubt", "(n,)")  # type: ignore[call-arg]
