"""What students get wrong in capstone.log_density."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.questions import Catalogue, FloatArray
from gmmlib.mixture import Mixture

FromTerms = Callable[[FloatArray, FloatArray, int], FloatArray]


def _from_terms(combine: FromTerms) -> Callable[..., FloatArray]:
    """A wrong density, made from the log densities (n, K) of the components and the weights."""

    def wrong(X: FloatArray, w: FloatArray, m: FloatArray, C: FloatArray) -> FloatArray:
        return combine(Mixture(w, m, C).log_densities(X), w, X.shape[1])

    return wrong


def _log_sum_exp(a: FloatArray) -> FloatArray:
    return np.logaddexp.reduce(a, axis=1)


wrong = Catalogue(see="??see", steps=_from_terms)


@wrong(step="combine")
def weights_forgotten(D, w, d):
    """The mixing weights are missing."""
    return _log_sum_exp(D)


@wrong(step="combine")
def equal_weights(D, w, d):
    """All components get the weight 1/K."""
    return _log_sum_exp(D) - np.log(len(w))


@wrong(step="combine")
def weights_not_logged(D, w, d):
    """The weights are added to log densities; their logarithms must be."""
    return _log_sum_exp(D + w)


@wrong(step="combine")
def mean_of_logs(D, w, d):
    """The logarithms are averaged; it is the log of the sum."""
    return D @ w


@wrong(step="combine")
def sum_of_logs(D, w, d):
    """The logarithms are summed; it is the log of the sum."""
    return (D + np.log(w)).sum(axis=1)


@wrong(step="combine", see="numerics-log-sum-exp")
def shift_not_added_back(D, w, d):
    """The largest value that was subtracted before exp is not added again after the logarithm."""
    return _log_sum_exp(D + np.log(w)) - (D + np.log(w)).max(axis=1)


@wrong(step="combine")
def largest_term_only(D, w, d):
    """Only the most probable component counts; all must be summed."""
    return (D + np.log(w)).max(axis=1)


@wrong(step="combine")
def density_not_log(D, w, d):
    """The density is returned, not its logarithm."""
    return np.exp(_log_sum_exp(D + np.log(w)))


@wrong(step="combine", see="numerics-log-sum-exp")
def log_of_underflow(D, w, d):
    """The densities underflow to 0 before the logarithm: use log-sum-exp."""
    return np.log(np.exp(D) @ w)


@wrong(step="combine", see="soft-gaussian")
def no_normalising_constant(D, w, d):
    """The constant (2π)^(-d/2) is missing."""
    return _log_sum_exp(D + np.log(w)) + 0.5 * d * np.log(2 * np.pi)


@wrong(step="combine")
def summed_over_points(D, w, d):
    """The log densities are summed over the points; one for each is needed."""
    return _log_sum_exp(D + np.log(w)).sum()
