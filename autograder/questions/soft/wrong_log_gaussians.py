"""What students get wrong in soft.log_gaussian."""

# mypy: allow-untyped-defs
from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.questions import Catalogue, FloatArray


def _log_determinant(covariance: FloatArray) -> float:
    return float(np.linalg.slogdet(covariance)[1])


def _mahalanobis(differences: FloatArray, covariance: FloatArray) -> FloatArray:
    return np.asarray(np.einsum("ij,jk,ik->i", differences, np.linalg.inv(covariance), differences))


def _half_of_log_2pi(d: int) -> float:
    return 0.5 * d * float(np.log(2 * np.pi))


def _half_of_log_determinant(covariance: FloatArray) -> float:
    return 0.5 * _log_determinant(covariance)


def _half_of_mahalanobis(differences: FloatArray, covariance: FloatArray) -> FloatArray:
    return 0.5 * _mahalanobis(differences, covariance)


def _as_it_is(log_density: FloatArray) -> FloatArray:
    return log_density


def _term_by_term(
    X: FloatArray,
    mean: FloatArray,
    covariance: FloatArray,
    *,
    constant: Callable[[int], float] = _half_of_log_2pi,
    determinant: Callable[[FloatArray], float] = _half_of_log_determinant,
    distance: Callable[[FloatArray, FloatArray], FloatArray] = _half_of_mahalanobis,
    result: Callable[[FloatArray], FloatArray] = _as_it_is,
) -> FloatArray:
    """Return -½ (d log 2π + log |Σ| + (x - μ)ᵀ Σ⁻¹ (x - μ)), each term halved by itself, (n,)."""
    return result(-constant(X.shape[1]) - determinant(covariance) - distance(X - mean, covariance))


def _diagonal(covariance: FloatArray) -> FloatArray:
    return np.diag(np.diag(covariance))


def _added_whole(differences: FloatArray, covariance: FloatArray) -> FloatArray:
    return -_mahalanobis(differences, covariance)


wrong = Catalogue(see="soft-gaussian", steps=_term_by_term)


@wrong(step="constant")
def no_normalising_constant(d):
    """The constant (d/2) log 2π is missing."""
    return 0.0


@wrong(step="constant")
def constant_of_one_dimension(d):
    """The constant is that of one feature; with d features it is (d/2) log 2π."""
    return 0.5 * np.log(2 * np.pi)


@wrong(step="constant")
def constant_not_halved(d):
    """The constant is d log 2π; it must be halved."""
    return d * np.log(2 * np.pi)


@wrong(step="determinant")
def no_determinant(covariance):
    """The term ½ log |Σ| is missing."""
    return 0.0


@wrong(step="determinant")
def determinant_not_halved(covariance):
    """The log-determinant enters with factor 1 instead of ½."""
    return _log_determinant(covariance)


@wrong(step="determinant")
def determinant_with_wrong_sign(covariance):
    """The log-determinant is added where it must be subtracted."""
    return -0.5 * _log_determinant(covariance)


@wrong(step="determinant")
def determinant_not_logged(covariance):
    """The determinant itself is subtracted, not half its logarithm."""
    return 0.5 * np.linalg.det(covariance)


@wrong(step="result", see="numerics-log-sum-exp")
def log_of_underflow(log_density):
    """The density is computed first and its logarithm last: far away that is the log of 0."""
    return np.log(np.exp(log_density))


@wrong(step="determinant")
def determinant_underflows(covariance):
    """The determinant is taken before the logarithm and underflows to 0; use slogdet or a Cholesky factor."""
    return 0.5 * np.log(np.linalg.det(covariance))


@wrong(step="determinant")
def sign_of_the_determinant(covariance):
    """The sign of the determinant is used: slogdet returns the sign first and then the logarithm."""
    return 0.5


@wrong(step="determinant")
def log_diagonal_not_doubled(covariance):
    """log |Σ| is twice the sum of the logs of the Cholesky factor's diagonal; the 2 is missing."""
    return 0.25 * _log_determinant(covariance)


@wrong()
def points_counted_for_features(X, mean, covariance):
    """The constant counts the points n; it must count the features d."""
    return _term_by_term(X, mean, covariance, constant=lambda d: _half_of_log_2pi(len(X)))


@wrong(step="constant")
def constant_of_two_dimensions(d):
    """The constant is that of two features; with d it is (d/2) log 2π."""
    return np.log(2 * np.pi)


@wrong(step="determinant", also={"distance": _added_whole})
def half_of_the_first_term_only(covariance):
    """The -½ reaches the first term only: all three belong into its brackets."""
    return -_log_determinant(covariance)


@wrong(step="result")
def not_halved(log_density):
    """All three terms are there, but the factor ½ is missing."""
    return 2 * log_density


@wrong(step="result")
def sign_turned(log_density):
    """The minus in front of the ½ is missing."""
    return -log_density


@wrong(step="distance")
def not_multiplied_by_the_difference(differences, covariance):
    """Σ⁻¹z is summed as it is; the distance is z·Σ⁻¹z, so multiply by z first."""
    return 0.5 * np.linalg.solve(covariance, differences.T).sum(axis=0)


@wrong(step="distance")
def entries_inverted(differences, covariance):
    """1 / covariance inverts each entry; the inverse of the matrix is asked for."""
    return 0.5 * np.einsum("ij,jk,ik->i", differences, 1 / covariance, differences)


@wrong(step="distance")
def all_pairs_of_points(differences, covariance):
    """Z Σ⁻¹ Zᵀ is a table over all pairs of points; only its diagonal is asked for."""
    return 0.5 * differences @ np.linalg.inv(covariance) @ differences.T


@wrong()
def mean_of_the_points(X, mean, covariance):
    """The mean of the points takes the place of the mean that was passed."""
    return _term_by_term(X, X.mean(axis=0), covariance)


@wrong(step="result")
def first_point_only(log_density):
    """One number came back: is the return inside the loop over the points?"""
    return log_density[0]


@wrong(step="distance")
def distance_not_halved(differences, covariance):
    """The squared distance enters with factor 1 instead of ½."""
    return _mahalanobis(differences, covariance)


@wrong(step="distance")
def covariance_not_inverted(differences, covariance):
    """The distance uses the covariance itself where its inverse belongs."""
    return 0.5 * np.einsum("ij,jk,ik->i", differences, covariance, differences)


@wrong(step="distance")
def distance_not_squared(differences, covariance):
    """The distance is not squared."""
    return 0.5 * np.sqrt(_mahalanobis(differences, covariance))


@wrong(step="distance")
def distance_with_wrong_sign(differences, covariance):
    """The squared distance is added where it must be subtracted."""
    return -0.5 * _mahalanobis(differences, covariance)


@wrong(step="distance")
def covariance_ignored(differences, covariance):
    """The distance is the plain Euclidean one; the covariance must stretch it."""
    return 0.5 * np.square(differences).sum(axis=1)


@wrong(step="distance")
def correlations_ignored_in_distance(differences, covariance):
    """The distance uses only the variances; the covariances beside the diagonal are ignored."""
    return 0.5 * _mahalanobis(differences, _diagonal(covariance))


@wrong()
def correlations_ignored(X, mean, covariance):
    """Only the variances are used; the covariances beside the diagonal are ignored."""
    return _term_by_term(X, mean, _diagonal(covariance))


@wrong()
def deviation_for_variance(X, mean, covariance):
    """The covariance is treated as if it held standard deviations and is squared once more."""
    return _term_by_term(X, mean, covariance @ covariance)


@wrong(step="result")
def density_not_log(log_density):
    """The density is returned, not its logarithm."""
    return np.exp(log_density)


@wrong(step="result")
def other_base_of_logarithm(log_density):
    """The logarithm is to another base; the course uses the natural one."""
    return log_density / np.log(10)


@wrong(step="result")
def summed_over_points(log_density):
    """The log densities are summed over the points; one for each is asked for."""
    return log_density.sum()
