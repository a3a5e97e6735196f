"""What students get wrong in soft.log_gaussian."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.questions import Catalogue, FloatArray


def _log_det(covariance: FloatArray) -> float:
    return float(np.linalg.slogdet(covariance)[1])


def _mahalanobis(Z: FloatArray, covariance: FloatArray) -> FloatArray:
    return np.asarray(np.einsum("ij,jk,ik->i", Z, np.linalg.inv(covariance), Z))


def _term_by_term(
    X: FloatArray,
    mean: FloatArray,
    covariance: FloatArray,
    *,
    constant: Callable[[int], float] = lambda d: 0.5 * d * float(np.log(2 * np.pi)),
    determinant: Callable[[FloatArray], float] = lambda C: 0.5 * _log_det(C),
    distance: Callable[[FloatArray, FloatArray], FloatArray] = lambda Z, C: 0.5 * _mahalanobis(Z, C),
    result: Callable[[FloatArray], object] = lambda log_density: log_density,
) -> object:
    return result(-constant(X.shape[1]) - determinant(covariance) - distance(X - mean, covariance))


def _diagonal(covariance: FloatArray) -> FloatArray:
    return np.diag(np.diag(covariance))


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
def no_determinant(C):
    """The term ½ log |Σ| is missing."""
    return 0.0


@wrong(step="determinant")
def determinant_not_halved(covariance):
    """The log-determinant enters with factor 1 instead of ½."""
    return _log_det(covariance)


@wrong(step="determinant")
def determinant_with_wrong_sign(C):
    """The log-determinant is added where it must be subtracted."""
    return -0.5 * _log_det(C)


@wrong(step="determinant")
def determinant_not_logged(C):
    """The determinant itself is subtracted, not half its logarithm."""
    return 0.5 * np.linalg.det(C)


@wrong(step="result", see="numerics-log-sum-exp")
def log_of_underflow(log_density):
    """The density is computed first and its logarithm last: far away that is the log of 0."""
    return np.log(np.exp(log_density))


@wrong(step="determinant")
def determinant_underflows(C):
    """The determinant is taken before the logarithm and underflows to 0; use slogdet or a Cholesky factor."""
    return 0.5 * np.log(np.linalg.det(C))


@wrong(step="determinant")
def sign_of_the_determinant(C):
    """The sign of the determinant is used: slogdet returns the sign first and then the logarithm."""
    return 0.5


@wrong(step="determinant")
def log_diagonal_not_doubled(C):
    """log |Σ| is twice the sum of the logs of the Cholesky factor's diagonal; the 2 is missing."""
    return 0.25 * _log_det(C)


@wrong()
def points_counted_for_features(X, mean, C):
    """The constant counts the points n; it must count the features d."""
    return _term_by_term(X, mean, C, constant=lambda d: 0.5 * len(X) * np.log(2 * np.pi))


@wrong(step="constant")
def constant_of_two_dimensions(d):
    """The constant is that of two features; with d it is (d/2) log 2π."""
    return np.log(2 * np.pi)


@wrong(step="determinant", also={"distance": lambda Z, C: -_mahalanobis(Z, C)})
def half_of_the_first_term_only(C):
    """The -½ reaches the first term only: all three belong into its brackets."""
    return -_log_det(C)


@wrong(step="result")
def not_halved(log_density):
    """All three terms are there, but the factor ½ is missing."""
    return 2 * log_density


@wrong(step="result")
def sign_turned(log_density):
    """The minus in front of the ½ is missing."""
    return -log_density


@wrong(step="distance")
def not_multiplied_by_the_difference(Z, C):
    """Σ⁻¹z is summed as it is; the distance is z·Σ⁻¹z, so multiply by z first."""
    return 0.5 * np.linalg.solve(C, Z.T).sum(axis=0)


@wrong(step="distance")
def entries_inverted(Z, C):
    """1 / covariance inverts each entry; the inverse of the matrix is asked for."""
    return 0.5 * np.einsum("ij,jk,ik->i", Z, 1 / C, Z)


@wrong(step="distance")
def all_pairs_of_points(Z, C):
    """Z Σ⁻¹ Zᵀ is a table over all pairs of points; only its diagonal is asked for."""
    return 0.5 * Z @ np.linalg.inv(C) @ Z.T


@wrong()
def mean_of_the_points(X, mean, C):
    """The mean of the points takes the place of the mean that was passed."""
    return _term_by_term(X, X.mean(axis=0), C)


@wrong(step="result")
def first_point_only(log_density):
    """One number came back: is the return inside the loop over the points?"""
    return log_density[0]


@wrong(step="distance")
def distance_not_halved(Z, covariance):
    """The squared distance enters with factor 1 instead of ½."""
    return _mahalanobis(Z, covariance)


@wrong(step="distance")
def covariance_not_inverted(Z, C):
    """The distance uses the covariance itself where its inverse belongs."""
    return 0.5 * np.einsum("ij,jk,ik->i", Z, C, Z)


@wrong(step="distance")
def distance_not_squared(Z, C):
    """The distance is not squared."""
    return 0.5 * np.sqrt(_mahalanobis(Z, C))


@wrong(step="distance")
def distance_with_wrong_sign(Z, C):
    """The squared distance is added where it must be subtracted."""
    return -0.5 * _mahalanobis(Z, C)


@wrong(step="distance")
def covariance_ignored(Z, C):
    """The distance is the plain Euclidean one; the covariance must stretch it."""
    return 0.5 * np.square(Z).sum(axis=1)


@wrong(step="distance")
def correlations_ignored_in_distance(Z, C):
    """The distance uses only the variances; the covariances beside the diagonal are ignored."""
    return 0.5 * _mahalanobis(Z, _diagonal(C))


@wrong()
def correlations_ignored(X, mean, C):
    """Only the variances are used; the covariances beside the diagonal are ignored."""
    return _term_by_term(X, mean, _diagonal(C))


@wrong()
def deviation_for_variance(X, mean, C):
    """The covariance is treated as if it held standard deviations and is squared once more."""
    return _term_by_term(X, mean, C @ C)


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
