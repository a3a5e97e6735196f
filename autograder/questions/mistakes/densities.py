"""What students get wrong in the log density of a Gaussian, whichever question asks for it."""

# mypy: allow-untyped-defs
from __future__ import annotations

from collections.abc import Callable
from functools import partial

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


@wrong(step="constant", alone=True)
def power_before_division(d):
    """The constant is that of (2π)^d, divided by 2; the exponent is d/2. In Python ** comes before /."""
    return d * np.log(2 * np.pi) - np.log(2)


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


@wrong(step="result", see="numerics-log-sum-exp", alone=True)
def log_of_underflow(log_density):
    """The density is computed first and its logarithm last: far away that is the log of 0."""
    return np.log(np.exp(log_density))


@wrong(step="determinant", alone=True)
def determinant_underflows(covariance):
    """The determinant is taken before the logarithm and underflows to 0; use slogdet or a Cholesky factor."""
    return 0.5 * np.log(np.linalg.det(covariance))


@wrong(step="determinant", alone=True)
def sign_of_the_determinant(covariance):
    """The sign of the determinant is used: slogdet returns the sign first and then the logarithm."""
    return 0.5


@wrong(step="determinant")
def log_diagonal_not_doubled(covariance):
    """Half of log |Σ| enters, not all of it; the log determinant of a Cholesky factor is that half."""
    return 0.25 * _log_determinant(covariance)


@wrong()
def points_counted_for_features(X, mean, covariance):
    """The constant counts the points n; it must count the features d."""
    return _term_by_term(X, mean, covariance, constant=lambda d: _half_of_log_2pi(len(X)))


@wrong(step="constant", alone=True)
def constant_of_two_dimensions(d):
    """The constant is that of two features; with d it is (d/2) log 2π."""
    return np.log(2 * np.pi)


@wrong(step="determinant", also={"distance": _added_whole})
def half_of_the_first_term_only(covariance):
    """The -½ reaches the first term only: all three belong into its brackets."""
    return -_log_determinant(covariance)


@wrong(step="result")
def not_halved(log_density):
    """The factor ½ before the bracket is missing: each term enters as a whole."""
    return 2 * log_density


@wrong(step="result")
def sign_turned(log_density):
    """The minus before the bracket is missing."""
    return -log_density


@wrong(step="distance", alone=True)
def not_multiplied_by_the_difference(differences, covariance):
    """Σ⁻¹z is summed as it is; the distance is z·Σ⁻¹z, so multiply by z first."""
    return 0.5 * np.linalg.solve(covariance, differences.T).sum(axis=0)


@wrong(step="distance", alone=True)
def entries_inverted(differences, covariance):
    """Your numbers are those of 1 / covariance, entry by entry; the inverse of the matrix is asked for."""
    return 0.5 * np.einsum("ij,jk,ik->i", differences, 1 / covariance, differences)


@wrong(step="distance", alone=True)
def all_pairs_of_points(differences, covariance):
    """Z Σ⁻¹ Zᵀ is a table over all pairs of points; only its diagonal is asked for."""
    return 0.5 * differences @ np.linalg.inv(covariance) @ differences.T


@wrong(step="distance", alone=True)
def pairs_of_points_added(differences, covariance):
    """The rows of Z Σ⁻¹ Zᵀ are summed, which are all pairs of points; only its diagonal is asked for."""
    return 0.5 * differences @ np.linalg.inv(covariance) @ differences.sum(axis=0)


@wrong()
def mean_of_the_points(X, mean, covariance):
    """The mean of the points takes the place of the mean that was passed."""
    return _term_by_term(X, X.mean(axis=0), covariance)


@wrong(step="result", alone=True)
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


def _otherwise(change: Callable[[FloatArray], FloatArray]) -> dict[str, Callable[..., FloatArray]]:
    """Return the step of the distance with another covariance, beside a determinant that has it, too."""
    return {"distance": lambda differences, covariance: _half_of_mahalanobis(differences, change(covariance))}


@wrong(step="determinant", also=_otherwise(_diagonal))
def correlations_ignored(covariance):
    """Only the variances are used; the covariances beside the diagonal are ignored."""
    return _half_of_log_determinant(_diagonal(covariance))


@wrong(step="determinant", also=_otherwise(lambda covariance: covariance @ covariance))
def deviation_for_variance(covariance):
    """The covariance is treated as if it held standard deviations and is squared once more."""
    return _log_determinant(covariance)


@wrong()
def variances_for_deviations(X, mean, covariance):
    """Feature by feature, the variance stands where the deviation belongs (the scale of scipy.stats.norm);
    and the covariances beside the diagonal are ignored.
    """
    return _term_by_term(X, mean, _diagonal(covariance) ** 2)


@wrong(step="distance", alone=True)
def covariance_inverted_twice(differences, covariance):
    """Your distance has Σ⁻¹ twice, as if Σ⁻¹z were multiplied by itself; it is z·Σ⁻¹z."""
    return 0.5 * _mahalanobis(differences, covariance @ covariance)


@wrong(step="distance", alone=True)
def whitened_not_squared(differences, covariance):
    """The differences, divided by the Cholesky factor, are summed as they are; square them first."""
    return 0.5 * np.linalg.solve(np.linalg.cholesky(covariance), differences.T).sum(axis=0)


@wrong()
def points_not_centred(X, mean, covariance):
    """The mean is not taken off the points."""
    return _term_by_term(X, np.zeros_like(mean), covariance)


@wrong(step="distance", alone=True)
def factor_not_inverted(differences, covariance):
    """The differences are multiplied by the Cholesky factor; solve with it instead."""
    return 0.5 * np.square(differences @ np.linalg.cholesky(covariance).T).sum(axis=1)


@wrong(step="distance", alone=True)
def factor_transposed(differences, covariance):
    """The Cholesky factor is transposed before solving: with Σ = L Lᵀ it is L that is solved with."""
    return 0.5 * np.square(np.linalg.solve(np.linalg.cholesky(covariance).T, differences.T)).sum(axis=0)


@wrong(step="distance", alone=True)
def distance_squared_twice(differences, covariance):
    """The squared distance is squared once more."""
    return 0.5 * np.square(_mahalanobis(differences, covariance))


@wrong(step="distance")
def half_lost_in_the_square(differences, covariance):
    """Your squared distance enters with ¼; it must be ½: was z halved before it was squared?"""
    return 0.25 * _mahalanobis(differences, covariance)


@wrong(step="distance")
def distance_divided_by_dimension(differences, covariance):
    """The squares are averaged over the features; they must be summed."""
    return 0.5 * _mahalanobis(differences, covariance) / differences.shape[1]


@wrong(step="distance")
def distance_missing(differences, covariance):
    """The squared distance is missing: every point gets the same number."""
    return np.zeros(len(differences))


@wrong(step="distance", alone=True)
def single_determinant_in_distance(differences, covariance):
    """The distance is the plain one divided by the determinant; the inverse of the matrix is asked for."""
    return 0.5 * np.square(differences).sum(axis=1) / np.linalg.det(covariance)


@wrong(step="constant")
def constant_with_wrong_sign(d):
    """The constant (d/2) log 2π is added; it must be subtracted."""
    return -0.5 * d * np.log(2 * np.pi)


@wrong(step="constant")
def two_missing_in_the_constant(d):
    """The constant has log π; it is log 2π."""
    return 0.5 * d * np.log(np.pi)


@wrong(step="constant", alone=True)
def constant_halved_twice(d):
    """The constant is (d/4) log 2π; it is (d/2) log 2π: was the root taken of the root?"""
    return 0.25 * d * np.log(2 * np.pi)


@wrong(step="constant", alone=True)
def constant_not_logged(d):
    """The constant is taken without its logarithm: (d/2) log 2π, not (d/2) 2π."""
    return 0.5 * d * 2 * np.pi


@wrong(step="constant", alone=True)
def constant_itself_subtracted(d):
    """(2π)^(d/2) itself is subtracted; its logarithm, (d/2) log 2π, must be."""
    return (2 * np.pi) ** (d / 2)


@wrong(step="constant", alone=True)
def one_dimension_too_many(d):
    """The constant counts d + 1 features."""
    return 0.5 * (d + 1) * np.log(2 * np.pi)


@wrong(step="constant")
def other_base_in_the_constant(d):
    """The constant has a logarithm to base 10; the natural one belongs there."""
    return 0.5 * d * np.log10(2 * np.pi)


@wrong(step="determinant", alone=True)
def other_base_in_the_determinant(covariance):
    """The determinant has a logarithm to base 10; the natural one belongs there."""
    return 0.5 * _log_determinant(covariance) / np.log(10)


@wrong(step="determinant")
def correlations_ignored_in_determinant(covariance):
    """Your determinant is the product of the variances; the covariances beside the diagonal count, too."""
    return 0.5 * np.log(np.diag(covariance)).sum()


@wrong(step="determinant", alone=True)
def trace_for_determinant(covariance):
    """The logarithm is taken of the trace (the sum of the variances); the determinant is asked for."""
    return 0.5 * np.log(np.trace(covariance))


@wrong(step="determinant", alone=True)
def root_of_the_determinant_not_logged(covariance):
    """The root of the determinant is subtracted as it is; its logarithm must be."""
    return np.sqrt(np.linalg.det(covariance))


@wrong(step="determinant", alone=True)
def determinant_once_per_feature(covariance):
    """The log-determinant is multiplied by the number of features; only the constant is."""
    return 0.5 * len(covariance) * _log_determinant(covariance)


@wrong()
def covariance_never_used(X, mean, covariance):
    """These are the numbers of a covariance of 1 in all directions: the one that was passed is not used."""
    return _term_by_term(X, mean, np.eye(len(mean)))


@wrong()
def mean_variance_for_all_directions(X, mean, covariance):
    """One variance, the mean of the diagonal, is used for all directions; the matrix is asked for."""
    return _term_by_term(X, mean, np.eye(len(mean)) * np.trace(covariance) / len(mean))


@wrong()
def entries_rooted(X, mean, covariance):
    """The square root of the covariance is used in its place: its diagonal holds variances already."""
    return _term_by_term(X, mean, np.sqrt(np.abs(covariance)))


@wrong()
def deviations_for_variances(X, mean, covariance):
    """Feature by feature, the deviation stands where the variance belongs (scipy's multivariate_normal);
    and the covariances beside the diagonal are ignored.
    """
    return _term_by_term(X, mean, np.sqrt(_diagonal(covariance)))


@wrong()
def logarithms_to_base_ten(X, mean, covariance):
    """Constant and determinant have logarithms to base 10; those of a Gaussian are natural, np.log."""
    constant, determinant = len(mean) * np.log10(2 * np.pi), np.log10(np.linalg.det(covariance))
    return -0.5 * (constant + determinant) - _half_of_mahalanobis(X - mean, covariance)


@wrong()
def ridge_added(X, mean, covariance, size=1e-6):
    """A fixed number is added to the variances; the density is that of the covariance as it was passed."""
    return _term_by_term(X, mean, covariance + size * np.eye(len(mean)))


for _size in (1e-2, 1e-3, 1e-4, 1e-5):
    wrong(name=f"ridge-of-{_size:.0e}-added")(partial(ridge_added, size=_size))


@wrong(step="result")
def density_not_log(log_density):
    """The density is returned, not its logarithm."""
    return np.exp(log_density)


def number_added_to_the_density(log_density, size):
    """A small number is added to the density before the logarithm, or is its floor, which hides that it
    underflows: far away only that number is left. Compute the logarithm without the density.
    """
    return np.log(np.exp(log_density) + size)


_FLOORED = {f"{size:.0e}-added-to-the-density": size for size in (1e-300, 1e-16, 1e-12, 1e-10)}
for _name, _size in _FLOORED.items():
    wrong(step="result", name=_name, alone=True, see="numerics-log-sum-exp")(
        partial(number_added_to_the_density, size=_size)
    )


@wrong(step="result")
def other_base_of_logarithm(log_density):
    """The logarithm is to another base; the course uses the natural one."""
    return log_density / np.log(10)


@wrong(step="result")
def summed_over_points(log_density):
    """The log densities are summed over the points; one for each is asked for."""
    return log_density.sum()


@wrong()
def covariance_of_the_points(X, mean, covariance):
    """The covariance of the points takes the place of the covariance that was passed."""
    own = np.cov(X.T).reshape(covariance.shape)
    return _term_by_term(X, mean, own)


@wrong()
def distances_added_over_points(X, mean, covariance):
    """The distances are added up over the points, one for each feature; add over the features, axis=1."""
    Z = X - mean
    squared = (Z * np.linalg.solve(covariance, Z.T).T).sum(axis=0)
    return -0.5 * (X.shape[1] * np.log(2 * np.pi) + _log_determinant(covariance) + squared)


@wrong(step="distance", alone=True)
def diagonal_of_the_factor_alone(differences, covariance):
    """Your distances use the diagonal of the Cholesky factor alone: does solve_triangular lack lower=True?"""
    return 0.5 * np.square(differences / np.diag(np.linalg.cholesky(covariance))).sum(axis=1)


@wrong(step="distance", alone=True)
def distances_of_all_points_added(differences, covariance):
    """Every point gets the sum of the distances of all points: add over the features only, axis=1."""
    return np.full(len(differences), _half_of_mahalanobis(differences, covariance).sum())


@wrong(alone=True)
def distances_of_all_points_in_one_number(X, mean, covariance):
    """One number came back, with the distances of all points added up: add over the features only, axis=1."""
    return _term_by_term(X, mean, covariance, distance=distances_of_all_points_added)[0]


@wrong(step="constant", alone=True)
def base_two_in_the_constant(d):
    """The constant has a logarithm to base 2; the natural one belongs there."""
    return 0.5 * d * np.log2(2 * np.pi)


@wrong(step="distance", alone=True)
def whitened_without_the_square(differences, covariance):
    """The differences, divided by the Cholesky factor, enter with their sizes; square them instead."""
    factor = np.linalg.cholesky(covariance)
    return 0.5 * np.abs(np.linalg.solve(factor, differences.T)).sum(axis=0)


def _number_added_to_the_determinant(covariance, size):
    """A small number, added to the determinant or a floor to it, hides its underflow: slogdet needs none."""
    return 0.5 * np.log(np.linalg.det(covariance) + size)


@wrong(alone=True, see="numerics-log-sum-exp")
def density_and_determinant_first(X, mean, covariance):
    """The density is computed first, with the determinant as it is, and its logarithm last: far away, and in
    small units, that leaves 0 or infinity.
    """
    d, log_density = len(mean), -_half_of_mahalanobis(X - mean, covariance)
    return np.log(np.exp(log_density) / np.sqrt((2 * np.pi) ** d * np.linalg.det(covariance)))


@wrong(alone=True, see="numerics-statistics")
def distance_expanded(X, mean, covariance):
    """Far from the origin digits are lost: take the mean off first, before any product, and compute in
    float64.
    """
    P = np.linalg.inv(covariance)
    squared = np.einsum("ij,jk,ik->i", X, P, X) - 2 * X @ P @ mean + mean @ P @ mean
    return -_half_of_log_2pi(len(mean)) - _half_of_log_determinant(covariance) - 0.5 * squared


_WITH_DETERMINANT = {f"{size:.0e}-added-to-the-determinant": size for size in (1e-300, 1e-16, 1e-12, 1e-10)}
for _name, _size in _WITH_DETERMINANT.items():
    wrong(step="determinant", name=_name, alone=True)(partial(_number_added_to_the_determinant, size=_size))

#: For single densities only: in a mixture others return the same, or nothing.
OF_ONE_DENSITY = (
    *_FLOORED,
    *_WITH_DETERMINANT,
    "distances-of-all-points-in-one-number",
    "density-and-determinant-first",
    "distance-expanded",
)
