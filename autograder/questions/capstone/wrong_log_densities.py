"""What students get wrong in capstone.log_density."""

# mypy: allow-untyped-defs
from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.questions import Catalogue, FloatArray
from gmmlib.mixture import Mixture


def _log_sum_exp(log_joint: FloatArray) -> FloatArray:
    return np.logaddexp.reduce(log_joint, axis=1)


def _mixed(log_densities: FloatArray, weights: FloatArray, d: int) -> FloatArray:
    return _log_sum_exp(log_densities + np.log(weights))


def _step_by_step(
    X: FloatArray,
    weights: FloatArray,
    means: FloatArray,
    covariances: FloatArray,
    *,
    mix: Callable[[FloatArray, FloatArray, int], FloatArray] = _mixed,
) -> FloatArray:
    """Mix the log densities of the components, (n, K)."""
    return mix(Mixture(weights, means, covariances).log_densities(X), weights, X.shape[1])


wrong = Catalogue(see="soft-mixture", steps=_step_by_step)


@wrong(step="mix")
def weights_forgotten(log_densities, weights, d):
    """The mixing weights are missing."""
    return _log_sum_exp(log_densities)


@wrong(step="mix")
def equal_weights(log_densities, weights, d):
    """All components get the weight 1/K."""
    return _log_sum_exp(log_densities) - np.log(len(weights))


@wrong(step="mix")
def weights_not_logged(log_densities, weights, d):
    """The weights are added to log densities; their logarithms must be."""
    return _log_sum_exp(log_densities + weights)


@wrong(step="mix")
def mean_of_logs(log_densities, weights, d):
    """The logarithms are averaged; it is the log of the sum."""
    return log_densities @ weights


@wrong(step="mix")
def sum_of_logs(log_densities, weights, d):
    """The logarithms are summed; it is the log of the sum."""
    return (log_densities + np.log(weights)).sum(axis=1)


@wrong(step="mix", see="numerics-log-sum-exp")
def shift_not_added_back(log_densities, weights, d):
    """The largest value that was subtracted before exp is not added again after the logarithm."""
    return _mixed(log_densities, weights, d) - (log_densities + np.log(weights)).max(axis=1)


@wrong(step="mix")
def largest_term_only(log_densities, weights, d):
    """Only the most probable component counts; all must be summed."""
    return (log_densities + np.log(weights)).max(axis=1)


@wrong(step="mix")
def density_not_log(log_densities, weights, d):
    """The density is returned, not its logarithm."""
    return np.exp(_mixed(log_densities, weights, d))


@wrong(step="mix", see="numerics-log-sum-exp")
def log_of_underflow(log_densities, weights, d):
    """The densities underflow to 0 before the logarithm: use log-sum-exp."""
    return np.log(np.exp(log_densities) @ weights)


@wrong(step="mix", see="soft-gaussian")
def no_normalising_constant(log_densities, weights, d):
    """The constant (2π)^(-d/2) is missing."""
    return _mixed(log_densities, weights, d) + 0.5 * d * np.log(2 * np.pi)


@wrong(step="mix")
def summed_over_points(log_densities, weights, d):
    """The log densities are summed over the points; one for each is needed."""
    return _mixed(log_densities, weights, d).sum()
