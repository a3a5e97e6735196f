"""Conditioning and missing values against integrals and SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import multivariate_normal

from gmmlib import CollapsedComponentError, InvalidInputError, Mixture, fit, labels, missing
from gmmlib.em import Plain
from tests.unit.gmmlib.examples import FAITHFUL

A = np.random.default_rng(5).standard_normal((2, 3, 3))
MIXTURE = Mixture(
    np.array([0.4, 0.6]),
    np.array([[0.0, 1.0, 2.0], [1.0, -1.0, 0.5]]),
    A @ A.transpose(0, 2, 1) + 0.3 * np.eye(3),
)


def test_joint_is_marginal_times_conditional():
    X = np.random.default_rng(0).standard_normal((5, 3))
    for x in X:
        conditional = missing.condition(MIXTURE, [1], x[[1]])
        split = missing.marginal(MIXTURE, [1]).log_density(x[None, [1]]) + conditional.log_density(
            x[None, [0, 2]]
        )
        np.testing.assert_allclose(split, MIXTURE.log_density(x[None]), rtol=1e-10)


def test_the_conditional_of_a_gaussian_is_the_textbook_formula():
    mean, covariance = np.array([1.0, 2.0]), np.array([[2.0, 0.6], [0.6, 0.5]])
    means, rest = missing.condition_gaussian(mean, covariance, [1], np.array([[3.0], [2.0]]))
    np.testing.assert_allclose(means[:, 0], [1 + 0.6 / 0.5, 1.0])
    assert rest[0, 0] == pytest.approx(2.0 - 0.36 / 0.5)


def test_regression_is_the_mean_and_variance_of_the_conditional_by_integration():
    mixture = missing.marginal(MIXTURE, [0, 1])
    expectations, covariances = missing.regress(mixture, [0], np.array([[0.7]]))
    density = lambda y: float(np.exp(mixture.log_density([[0.7, y]])[0]))  # noqa: E731
    mass = quad(density, -30, 30)[0]
    mean = quad(lambda y: y * density(y), -30, 30)[0] / mass
    variance = quad(lambda y: (y - mean) ** 2 * density(y), -30, 30)[0] / mass
    assert expectations[0, 0] == pytest.approx(mean, rel=1e-7)
    assert covariances[0, 0, 0] == pytest.approx(variance, rel=1e-6)


def with_gaps(seed: int = 0, share: float = 0.25) -> np.ndarray:
    rng = np.random.default_rng(seed)
    X = MIXTURE.sample(60, rng)[0]
    X[rng.random(X.shape) < share] = np.nan
    return X


def test_what_is_known_has_the_marginal_density_of_scipy():
    X = with_gaps()
    found = missing.log_densities(X, MIXTURE)
    for x, row in zip(X, found, strict=True):
        seen = ~np.isnan(x)
        for k in range(2):
            mean, covariance = MIXTURE.means[k][seen], MIXTURE.covariances[k][np.ix_(seen, seen)]
            expected = multivariate_normal.logpdf(x[seen], mean, covariance) if seen.any() else 0.0
            assert row[k] == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_expected_statistics_are_those_of_brute_force_integration():
    mixture = missing.marginal(MIXTURE, [0, 1])
    found = missing.expect(np.array([[0.7, np.nan]]), mixture)
    for k in range(2):
        own = lambda y, k=k: float(np.exp(mixture.log_joint([[0.7, y]])[0, k]))  # noqa: E731
        everyone = quad(lambda y: sum(np.exp(mixture.log_joint([[0.7, y]])[0])), -30, 30)[0]
        mass, first, second = (
            quad(lambda y, p=p, own=own: y**p * own(y), -30, 30)[0] / everyone for p in (0, 1, 2)
        )
        assert found.counts[k] == pytest.approx(mass, rel=1e-6)
        assert found.means[k, 1] == pytest.approx(first / mass, rel=1e-6)
        assert found.scatters[k, 1, 1] == pytest.approx(second - first**2 / mass, rel=1e-6)
        assert found.scatters[k, 0, 1] == pytest.approx(0.0, abs=1e-12)


def test_without_gaps_it_is_ordinary_em():
    start = fit(FAITHFUL, 2).mixture
    whole, plain = missing.expect(FAITHFUL, start), Plain(FAITHFUL).expect(start)
    np.testing.assert_allclose(whole.scatters, plain.scatters, rtol=1e-9)
    assert missing.fit(FAITHFUL, start).log_likelihood == pytest.approx(fit(FAITHFUL, start).log_likelihood)
    coarse = fit(FAITHFUL, start, tol=0.1)
    assert missing.fit(FAITHFUL, start, tol=0.1).history == pytest.approx(coarse.history)


def test_em_with_gaps_never_falls_and_beats_dropping_rows():
    rng = np.random.default_rng(1)
    X = FAITHFUL.copy()
    X[rng.random(X.shape) < 0.3] = np.nan
    found = missing.fit(X, 2)
    assert np.all(np.diff(found.history) >= -1e-9)
    complete = X[~np.isnan(X).any(axis=1)]
    dropped, truth = fit(complete, 2).mixture, fit(FAITHFUL, 2).mixture
    assert labels.distance(found.mixture, truth) < labels.distance(dropped, truth)


def test_imputation_keeps_what_is_known_and_falls_back_to_the_mean():
    X = np.array([[1.0, 2.0, 3.0], [np.nan, np.nan, np.nan]])
    filled = missing.impute(X, MIXTURE)
    np.testing.assert_array_equal(filled[0], X[0])
    np.testing.assert_allclose(filled[1], MIXTURE.weights @ MIXTURE.means)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: missing.marginal(MIXTURE, []), "at least one"),
        (lambda: missing.marginal(MIXTURE, [3]), "different indices in 0 … 2"),
        (lambda: missing.marginal(MIXTURE, [0, 0]), "different indices"),
        (lambda: missing.condition(MIXTURE, [0, 1, 2], np.zeros(3)), "nothing is left"),
        (lambda: missing.condition(MIXTURE, [0], np.zeros(2)), "values must have shape"),
        (lambda: missing.regress(MIXTURE, [0, 1, 2], np.zeros((1, 3))), "nothing is left"),
        (lambda: missing.fit([[np.nan, 1.0], [np.nan, 2.0]], 1), "Feature 0 of X is missing"),
        (lambda: missing.fit([[1.0, 1.0], [1.0, 2.0]], 1), "Feature 0 of X has the same value"),
        (lambda: missing.impute([[np.inf, 0.0, 0.0]], MIXTURE), "X holds inf"),
    ],
)
def test_missing_says_what_is_wrong(call, says):
    with pytest.raises(InvalidInputError, match=says):
        call()


def test_a_singular_known_block_is_a_collapse():
    with pytest.raises(CollapsedComponentError):
        missing.condition_gaussian(np.zeros(2), np.zeros((2, 2)), [0], np.zeros((1, 1)))
