"""Mixtures and responsibilities against SciPy and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import trapezoid
from scipy.special import logsumexp

from gmmlib import CollapsedComponentError, InvalidInputError, Mixture, e_step, m_step
from gmmlib.mixture import log_sum_exp, responsibilities

RNG = np.random.default_rng(0)
X = RNG.standard_normal((40, 3))
A = RNG.standard_normal((3, 3))
COVARIANCE = A @ A.T + 0.1 * np.eye(3)
MIXTURE = Mixture(np.array([0.3, 0.7]), RNG.standard_normal((2, 3)), np.stack([COVARIANCE, np.eye(3)]))


def test_log_sum_exp_survives_values_that_exp_does_not():
    values = np.array([[-2000.0, -2001.0], [1000.0, 0.0], [-np.inf, 3.0], [-np.inf, -np.inf]])
    with np.errstate(divide="ignore"):
        np.testing.assert_allclose(log_sum_exp(values), logsumexp(values, axis=1))


def test_responsibilities_sum_to_one_far_below_underflow():
    R = responsibilities(np.array([[-5000.0, -5001.0], [-1e8, -1e8]]), np.array([0.5, 0.5]))
    np.testing.assert_allclose(R[0], [1 / (1 + np.exp(-1)), 1 / (1 + np.exp(1))], rtol=1e-12)
    np.testing.assert_allclose(R.sum(axis=1), 1.0)


def test_a_component_of_weight_zero_owns_nothing():
    mixture = Mixture(np.array([0.0, 1.0]), MIXTURE.means, MIXTURE.covariances)
    np.testing.assert_array_equal(mixture.responsibilities(X), np.repeat([[0.0, 1.0]], len(X), axis=0))


def test_the_mixture_density_integrates_to_one():
    mixture = Mixture(np.array([0.4, 0.6]), np.array([[-1.0], [2.0]]), np.array([[[0.5]], [[1.5]]]))
    line = np.linspace(-15, 15, 20_001)
    assert trapezoid(np.exp(mixture.log_density(line[:, None])), line) == pytest.approx(1.0, abs=1e-9)


def test_samples_have_the_moments_of_the_mixture():
    S, labels = MIXTURE.sample(200_000, np.random.default_rng(1))
    mean = MIXTURE.weights @ MIXTURE.means
    spread = MIXTURE.means - mean
    between = np.einsum("k,ki,kj->ij", MIXTURE.weights, spread, spread)
    covariance = np.einsum("k,kij->ij", MIXTURE.weights, MIXTURE.covariances) + between
    np.testing.assert_allclose(S.mean(axis=0), mean, atol=0.03)
    np.testing.assert_allclose(np.cov(S.T), covariance, atol=0.1)
    assert np.mean(labels == 1) == pytest.approx(0.7, abs=0.01)


@pytest.mark.parametrize("mixture", [MIXTURE, m_step(X, MIXTURE.responsibilities(X))], ids=["made", "found"])
@pytest.mark.parametrize("part", ["weights", "means", "covariances", "factors"])
def test_a_mixture_cannot_be_changed(mixture, part):
    with pytest.raises(ValueError, match="read-only"):
        getattr(mixture, part)[0] = 1.0


def test_what_an_m_step_found_is_not_what_it_was_made_of():
    counts, means, covariances = np.ones(2), np.zeros((2, 1)), np.ones((2, 1, 1))
    mixture = Mixture.of_factors(counts / 2, means, covariances, covariances)
    means += 1.0
    np.testing.assert_array_equal(mixture.means, np.zeros((2, 1)))


@pytest.mark.parametrize("wrong", ["means", "covariances"])
def test_an_m_step_whose_numbers_became_too_large_is_an_error(wrong):
    parts = {"means": np.zeros((1, 1)), "covariances": np.ones((1, 1, 1))}
    parts[wrong] = parts[wrong] + np.inf
    with pytest.raises(InvalidInputError, match=f"{wrong} holds inf"):
        Mixture.of_factors(np.ones(1), parts["means"], parts["covariances"], np.ones((1, 1, 1)))


@pytest.mark.parametrize(
    ("weights", "means", "covariances", "says"),
    [
        ([0.5, 0.6], np.zeros((2, 1)), np.ones((2, 1, 1)), "sum to 1"),
        ([-0.5, 1.5], np.zeros((2, 1)), np.ones((2, 1, 1)), ">= 0"),
        ([1.0], np.zeros((2, 1)), np.ones((2, 1, 1)), r"weights must have shape \(2,\)"),
        ([0.5, 0.5], np.zeros(2), np.ones((2, 1, 1)), "means must have shape"),
        ([0.5, 0.5], np.zeros((2, 1)), np.ones((2, 1)), "covariances must have shape"),
        ([0.5, 0.5], [[np.nan], [0.0]], np.ones((2, 1, 1)), "means holds nan"),
        ([1.0], [[0.0, 0.0]], [[[1.0, 0.5], [0.2, 1.0]]], "not symmetric"),
        (["a"], [[0.0]], [[[1.0]]], "cannot be read"),
        ([1.0], [[1j]], [[[1.0]]], "complex"),
        ([], np.zeros((0, 1)), np.zeros((0, 1, 1)), "means must have shape"),
    ],
)
def test_a_mixture_that_cannot_be_says_what_is_wrong(weights, means, covariances, says):
    with pytest.raises(InvalidInputError, match=says):
        Mixture(weights, means, covariances)


@pytest.mark.parametrize(
    ("log_densities", "weights", "says"),
    [
        (np.zeros(3), [1.0], r"shape \(n, K\)"),
        (np.zeros((3, 2)), [1.0], "weights must have shape"),
        ([[np.nan, 0.0]], [0.5, 0.5], "NaN"),
        ([[-np.inf, -np.inf]], [0.5, 0.5], "Point 0 has density zero"),
    ],
)
def test_responsibilities_say_what_is_wrong(log_densities, weights, says):
    with pytest.raises(InvalidInputError, match=says):
        responsibilities(log_densities, weights)


@pytest.mark.parametrize("ask", [Mixture.responsibilities, lambda mixture, X: e_step(X, mixture)])
def test_a_point_too_far_for_any_logarithm_is_named(ask):
    with pytest.raises(InvalidInputError, match="Point 1 has density zero"):
        ask(MIXTURE, np.array([[0.0, 0.0, 0.0], [1e200, 0.0, 0.0]]))


def test_a_mixture_says_which_component_collapsed():
    mixture = Mixture(np.array([0.5, 0.5]), np.zeros((2, 2)), np.stack([np.eye(2), np.zeros((2, 2))]))
    with pytest.raises(CollapsedComponentError, match="Component 1") as caught:
        mixture.log_density([[0.0, 0.0]])
    assert caught.value.component == 1
    with pytest.raises(InvalidInputError, match="X has 2 features, but the parameters have 3"):
        MIXTURE.log_density([[0.0, 0.0]])
    with pytest.raises(InvalidInputError, match="n must be at least 1"):
        MIXTURE.sample(0)
