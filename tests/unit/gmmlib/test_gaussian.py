"""The Gaussian density against SciPy."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from gmmlib import CollapsedComponentError, InvalidInputError
from gmmlib.gaussian import choleskies, cholesky, log_gaussian

RNG = np.random.default_rng(0)
X = RNG.standard_normal((40, 3))
A = RNG.standard_normal((3, 3))
COVARIANCE = A @ A.T + 0.1 * np.eye(3)


def test_the_log_density_is_that_of_scipy():
    expected = multivariate_normal.logpdf(X, [1.0, 2.0, 3.0], COVARIANCE)
    np.testing.assert_allclose(log_gaussian(X, [1.0, 2.0, 3.0], COVARIANCE), expected, rtol=1e-12)


def test_a_point_far_away_has_a_finite_log_density():
    assert log_gaussian([[1e6, 0.0]], [0.0, 0.0], np.eye(2))[0] == pytest.approx(-5e11, rel=1e-6)


@pytest.mark.parametrize(
    ("points", "mean", "covariance", "says"),
    [
        ([1.0, 2.0], [0.0], [[1.0]], r"X\[:, None\] for one feature"),
        ([[1.0, np.inf]], [0.0, 0.0], np.eye(2), r"X holds inf at \[0, 1\]"),
        ([[1.0]], [0.0, 0.0], np.eye(2), "mean must have shape"),
        ([[1.0]], [0.0], np.eye(2), "covariance must have shape"),
        (np.zeros((0, 2)), [0.0, 0.0], np.eye(2), "at least one point"),
        ([[1.0, 2.0]], [0.0, 0.0], [[1.0, 1.0], [0.0, 1.0]], "not symmetric"),
    ],
)
def test_log_gaussian_says_what_is_wrong(points, mean, covariance, says):
    with pytest.raises(InvalidInputError, match=says):
        log_gaussian(points, mean, covariance)


@pytest.mark.parametrize(
    "covariance", [[[1.0, 1.0], [1.0, 1.0]], [[0.0, 0.0], [0.0, 1.0]], [[-1.0, 0.0], [0.0, 1.0]]]
)
def test_a_singular_covariance_is_a_collapse_with_a_cure(covariance):
    with pytest.raises(CollapsedComponentError, match="Cures"):
        log_gaussian([[0.0, 0.0]], [0.0, 0.0], covariance)


@pytest.mark.parametrize("d", [2, 3, 5, 10, 20])
def test_a_covariance_of_dependent_features_is_singular_although_rounding_hides_it(d):
    rng = np.random.default_rng(d)
    for _ in range(200):
        X = rng.normal(size=(200, d))
        X[:, -1] = X[:, :-1] @ rng.normal(size=d - 1)  # exactly dependent, but for rounding
        with pytest.raises(CollapsedComponentError):
            cholesky(np.cov(X.T, bias=True))


@pytest.mark.parametrize("d", [2, 3, 5, 10, 20, 50])
def test_the_covariance_of_as_many_points_as_features_is_singular_although_rounding_hides_it(d):
    rng, accepted_by_lapack = np.random.default_rng(d), 0
    for _ in range(200):
        covariance = np.cov(rng.normal(size=(d, d)), bias=True)
        with contextlib.suppress(np.linalg.LinAlgError):
            np.linalg.cholesky(covariance)
            accepted_by_lapack += 1
        with pytest.raises(CollapsedComponentError):
            cholesky(covariance)
        with pytest.raises(CollapsedComponentError, match="Component 1"):
            choleskies(np.stack([np.eye(d), covariance]))
    assert accepted_by_lapack > 20


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("covariance", [np.full((2, 2), np.nan), np.diag([np.inf, 1.0])])
def test_what_is_not_finite_ends_in_no_error_of_lapack(covariance):
    with contextlib.suppress(CollapsedComponentError):  # LAPACKs differ in what they factorise
        assert not np.isfinite(cholesky(covariance)).all()
    with contextlib.suppress(CollapsedComponentError):
        assert not np.isfinite(choleskies(np.stack([np.eye(2), covariance]))).all()


def test_features_of_very_unequal_units_are_not_taken_for_dependent():
    X = np.random.default_rng(0).normal(size=(60, 5)) * [1e-9, 1e-3, 1.0, 1e3, 1e9]
    X[:, 4] += 1e22 * X[:, 0]  # all but a ten-thousandth of it is the first feature
    covariance = np.cov(X.T, bias=True)
    assert cholesky(covariance) == pytest.approx(np.linalg.cholesky(covariance))


def test_a_covariance_of_condition_1e12_is_not_taken_for_singular():
    axes = np.linalg.qr(np.random.default_rng(0).normal(size=(4, 4)))[0]
    covariance = (axes * [1.0, 1e-4, 1e-8, 1e-12]) @ axes.T
    L = cholesky((covariance + covariance.T) / 2)
    assert 2 * np.log(np.diag(L)).sum() == pytest.approx(np.log(1e-24), abs=1e-2)
