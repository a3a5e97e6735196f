"""What students get wrong in labels.bhattacharyya."""

# mypy: allow-untyped-defs
from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.questions import Catalogue, FloatArray


def _mean_of_both(covariance: FloatArray, other: FloatArray) -> FloatArray:
    return (covariance + other) / 2


def _squared_distance(z: FloatArray, middle: FloatArray) -> float:
    return float(z @ np.linalg.solve(middle, z))


def _eighth_of_squared_distance(z: FloatArray, middle: FloatArray) -> float:
    return _squared_distance(z, middle) / 8


def _log_determinant(covariance: FloatArray) -> float:
    return float(np.linalg.slogdet(covariance)[1])


def _half_of_log_ratio(middle: FloatArray, covariance: FloatArray, other: FloatArray) -> float:
    return 0.5 * (_log_determinant(middle) - 0.5 * (_log_determinant(covariance) + _log_determinant(other)))


def _term_by_term(
    mean: FloatArray,
    covariance: FloatArray,
    other_mean: FloatArray,
    other_covariance: FloatArray,
    *,
    middle: Callable[[FloatArray, FloatArray], FloatArray] = _mean_of_both,
    location: Callable[[FloatArray, FloatArray], float] = _eighth_of_squared_distance,
    shape: Callable[[FloatArray, FloatArray, FloatArray], float] = _half_of_log_ratio,
) -> float:
    """Sum the term of the means and that of the shapes."""
    M = middle(covariance, other_covariance)
    return location(mean - other_mean, M) + shape(M, covariance, other_covariance)


wrong = Catalogue(see="labels-bhattacharyya", steps=_term_by_term)


@wrong()
def means_only(mean, covariance, other_mean, other_covariance):
    """This is the distance of the means; shapes count too, and units must not."""
    return float(np.linalg.norm(mean - other_mean))


@wrong(step="shape")
def no_shape_term(middle, covariance, other):
    """The term with the determinants is missing, or 0: slogdet returns the sign first, then the logarithm."""
    return 0.0


@wrong(step="location")
def sixteenth_for_an_eighth(z, middle):
    """The distance of the means is half of what it should be: is its factor 1/16, or is S + T inverted and
    not the mean?
    """
    return _squared_distance(z, middle) / 16


@wrong(step="middle")
def sum_of_covariances(covariance, other):
    """The covariances are added; it is their mean that is needed."""
    return covariance + other


@wrong(step="middle")
def first_covariance_only(covariance, other):
    """Only the first covariance is used; the mean of both is needed."""
    return covariance


@wrong(step="location")
def half_for_an_eighth(z, middle):
    """The distance of the means enters with 1/2; it must be 1/8."""
    return _squared_distance(z, middle) / 2


@wrong(step="location")
def quarter_for_an_eighth(z, middle):
    """The distance of the means enters with 1/4; it must be 1/8."""
    return _squared_distance(z, middle) / 4


@wrong(step="shape")
def shape_term_not_halved(middle, covariance, other):
    """The logarithm of the determinants enters with 1; it must be 1/2."""
    return 2 * _half_of_log_ratio(middle, covariance, other)


@wrong(step="shape")
def shape_term_with_wrong_sign(middle, covariance, other):
    """The term with the determinants is subtracted."""
    return -_half_of_log_ratio(middle, covariance, other)


@wrong(step="middle")
def second_covariance_halved_only(covariance, other):
    """S + T/2 is not (S + T)/2: brackets are missing."""
    return covariance + other / 2


@wrong()
def coefficient_returned(*gaussians):
    """The coefficient exp(-D) is returned instead of the distance D."""
    return float(np.exp(-_term_by_term(*gaussians)))


@wrong(step="shape")
def root_forgotten(middle, covariance, other):
    """The product of the determinants needs a square root."""
    return 0.5 * (_log_determinant(middle) - _log_determinant(covariance) - _log_determinant(other))


@wrong(step="shape", alone=True)
def logarithms_added(middle, covariance, other):
    """The logarithms of the two determinants are added; they stand below the line, so they are subtracted."""
    return 0.5 * (_log_determinant(middle) + 0.5 * (_log_determinant(covariance) + _log_determinant(other)))


@wrong(step="shape")
def determinants_underflow(middle, covariance, other):
    """The determinants are taken before the logarithm and underflow to 0; use slogdet."""
    product = np.linalg.det(covariance) * np.linalg.det(other)
    return float(0.5 * np.log(np.linalg.det(middle) / np.sqrt(product)))


@wrong()
def larger_term_alone(mean, covariance, other_mean, other_covariance):
    """Your distance is the larger one of the two terms; they are added."""
    middle = _mean_of_both(covariance, other_covariance)
    shape = _half_of_log_ratio(middle, covariance, other_covariance)
    return max(_eighth_of_squared_distance(mean - other_mean, middle), shape)


@wrong()
def smaller_term_alone(mean, covariance, other_mean, other_covariance):
    """Your distance is the smaller one of the two terms; they are added."""
    middle = _mean_of_both(covariance, other_covariance)
    shape = _half_of_log_ratio(middle, covariance, other_covariance)
    return min(_eighth_of_squared_distance(mean - other_mean, middle), shape)


@wrong(step="location")
def no_location_term(z, middle):
    """The term with the means is missing."""
    return 0.0


@wrong(step="location")
def eighth_forgotten(z, middle):
    """The distance of the means enters with 1; it must be 1/8."""
    return _squared_distance(z, middle)


@wrong(step="location")
def middle_not_inverted(z, middle):
    """The distance of the means is multiplied by the covariance; its inverse belongs there."""
    return float(z @ middle @ z) / 8


@wrong(step="location")
def entries_inverted(z, middle):
    """Your numbers are those of 1 / covariance, entry by entry; the inverse of the matrix is asked for."""
    return float(z @ (1 / middle) @ z) / 8


@wrong(step="location")
def correlations_ignored_in_location(z, middle):
    """The distance of the means uses only the variances; the covariances beside the diagonal count."""
    return float((z**2 / np.diag(middle)).sum()) / 8


@wrong(step="location")
def plain_distance(z, middle):
    """The distance of the means is the plain one; the covariance must stretch it."""
    return float(z @ z) / 8


@wrong(step="location")
def distance_not_squared(z, middle):
    """The distance of the means is not squared."""
    return float(np.sqrt(_squared_distance(z, middle))) / 8


@wrong(step="location")
def location_with_wrong_sign(z, middle):
    """The term with the means is subtracted."""
    return -_squared_distance(z, middle) / 8


@wrong(step="location")
def not_multiplied_by_the_difference(z, middle):
    """Σ⁻¹z is summed as it is; the distance is z·Σ⁻¹z, so multiply by z first."""
    return float(np.linalg.solve(middle, z).sum()) / 8


@wrong(step="shape")
def shape_term_quartered(middle, covariance, other):
    """The logarithm of the determinants enters with 1/4; it must be 1/2."""
    return _half_of_log_ratio(middle, covariance, other) / 2


@wrong(step="shape")
def determinants_not_logged(middle, covariance, other):
    """The ratio of the determinants enters without its logarithm."""
    return 0.5 * float(np.exp(2 * _half_of_log_ratio(middle, covariance, other)))


@wrong(step="shape")
def other_base_of_logarithm(middle, covariance, other):
    """The determinants have a logarithm to base 10; the course uses the natural one."""
    return _half_of_log_ratio(middle, covariance, other) / np.log(10)


@wrong(step="shape")
def sum_of_determinants(middle, covariance, other):
    """The two determinants are added under the root; they must be multiplied."""
    total = np.linalg.det(covariance) + np.linalg.det(other)
    return float(0.5 * np.log(np.linalg.det(middle) / np.sqrt(total)))


@wrong(step="shape", alone=True)
def root_of_the_first_determinant_only(middle, covariance, other):
    """The root is taken of the first determinant alone; it is of the product of both."""
    return 0.5 * (_log_determinant(middle) - 0.5 * _log_determinant(covariance) - _log_determinant(other))


@wrong(step="shape", alone=True)
def root_of_the_second_determinant_only(middle, covariance, other):
    """The root is taken of the second determinant alone; it is of the product of both."""
    return 0.5 * (_log_determinant(middle) - _log_determinant(covariance) - 0.5 * _log_determinant(other))


@wrong(step="shape")
def first_determinant_only(middle, covariance, other):
    """Only one of the two determinants stands under the root; it is the product of both."""
    return 0.5 * (_log_determinant(middle) - 0.5 * _log_determinant(covariance))


@wrong(step="shape")
def first_determinant_twice(middle, covariance, other):
    """The first determinant takes the place of both."""
    return 0.5 * (_log_determinant(middle) - _log_determinant(covariance))


@wrong(step="shape")
def middle_determinant_only(middle, covariance, other):
    """The determinants of the two covariances are missing; only that of their mean is there."""
    return 0.5 * _log_determinant(middle)


@wrong(step="shape")
def middle_determinant_missing(middle, covariance, other):
    """The determinant of the mean covariance is missing."""
    return -0.25 * (_log_determinant(covariance) + _log_determinant(other))


@wrong(step="shape")
def variances_for_determinants(middle, covariance, other):
    """Your determinants are products of the variances; the covariances beside the diagonal count, too."""
    return _half_of_log_ratio(*(np.diag(np.diag(C)) for C in (middle, covariance, other)))


@wrong(step="shape")
def traces_for_determinants(middle, covariance, other):
    """The logarithms are taken of traces (sums of the variances); the determinants are asked for."""
    return 0.5 * float(np.log(np.trace(middle) / np.sqrt(np.trace(covariance) * np.trace(other))))


@wrong(step="shape")
def determinant_of_the_sum(middle, covariance, other):
    """The determinant is that of the sum of the covariances; it is that of their mean."""
    return _half_of_log_ratio(2 * middle, covariance, other)


@wrong(step="middle")
def second_covariance_only(covariance, other):
    """Only the second covariance is used; the mean of both is needed."""
    return other


@wrong(step="middle")
def first_covariance_halved_only(covariance, other):
    """S/2 + T is not (S + T)/2: brackets are missing."""
    return covariance / 2 + other


@wrong(step="middle")
def product_of_covariances(covariance, other):
    """The covariances are multiplied; it is their mean that is needed."""
    return covariance @ other


@wrong(step="middle")
def root_of_the_product(covariance, other):
    """The geometric mean of the entries is taken; it is the ordinary mean, (S + T)/2."""
    return np.sqrt(np.abs(covariance * other))


@wrong(step="middle")
def mean_of_the_inverses(covariance, other):
    """The inverses are averaged; average the covariances, then invert."""
    return np.linalg.inv((np.linalg.inv(covariance) + np.linalg.inv(other)) / 2)


@wrong(step="middle")
def correlations_ignored(covariance, other):
    """Only the variances are averaged; the covariances beside the diagonal count, too."""
    return np.diag(np.diag(covariance + other) / 2)


@wrong()
def first_covariance_in_the_distance(mean, covariance, other_mean, other_covariance):
    """The distance of the means is measured by the first covariance; it is by the mean of both."""
    shape = _half_of_log_ratio(_mean_of_both(covariance, other_covariance), covariance, other_covariance)
    return _eighth_of_squared_distance(mean - other_mean, covariance) + shape


@wrong()
def second_covariance_in_the_distance(mean, covariance, other_mean, other_covariance):
    """The distance of the means is measured by the second covariance; it is by the mean of both."""
    shape = _half_of_log_ratio(_mean_of_both(covariance, other_covariance), covariance, other_covariance)
    return _eighth_of_squared_distance(mean - other_mean, other_covariance) + shape


@wrong()
def inverses_averaged_in_the_distance(mean, covariance, other_mean, other_covariance):
    """The distance of the means has the mean of the two inverses; average the covariances, then invert."""
    middle = mean_of_the_inverses(covariance, other_covariance)
    shape = _half_of_log_ratio(_mean_of_both(covariance, other_covariance), covariance, other_covariance)
    return _eighth_of_squared_distance(mean - other_mean, middle) + shape


@wrong()
def kullback_leibler(mean, covariance, other_mean, other_covariance):
    """This is the Kullback-Leibler divergence; the Bhattacharyya distance treats both alike."""
    z, precision = other_mean - mean, np.linalg.inv(other_covariance)
    ratio = _log_determinant(other_covariance) - _log_determinant(covariance)
    return 0.5 * float(np.trace(precision @ covariance) + z @ precision @ z - len(z) + ratio)


@wrong()
def mahalanobis(mean, covariance, other_mean, other_covariance):
    """This is the Mahalanobis distance of the means; the shapes count, too."""
    middle = _mean_of_both(covariance, other_covariance)
    return float(np.sqrt(_squared_distance(mean - other_mean, middle)))


@wrong()
def hellinger(*gaussians):
    """This is the Hellinger distance, √(1 - exp(-D)); D itself is asked for."""
    return float(np.sqrt(1 - np.exp(-_term_by_term(*gaussians))))


@wrong()
def sign_turned(*gaussians):
    """The sign is turned: D = -log of the coefficient."""
    return -_term_by_term(*gaussians)


@wrong()
def root_of_the_distance(mean, covariance, other_mean, other_covariance):
    """The square root of the distance is returned; D itself is asked for."""
    return np.sqrt(_term_by_term(mean, covariance, other_mean, other_covariance))


@wrong(step="shape", alone=True)
def eighth_of_both_terms(middle, covariance, other):
    """The term of the shapes is an eighth of what it should be: does / 8 stand behind a bracket with both?"""
    return _half_of_log_ratio(middle, covariance, other) / 8


@wrong(step="shape", alone=True)
def logarithms_multiplied(middle, covariance, other):
    """The logarithms of the two determinants are multiplied; the logarithm of a product is their sum."""
    return 0.5 * (_log_determinant(middle) - 0.5 * _log_determinant(covariance) * _log_determinant(other))


@wrong(step="shape", alone=True)
def determinants_averaged(middle, covariance, other):
    """Two determinants are averaged; it is the determinant of the averaged covariance."""
    determinants = np.linalg.det(covariance), np.linalg.det(other)
    return 0.5 * (np.log(np.mean(determinants)) - 0.5 * np.log(determinants).sum())


@wrong(step="shape", alone=True)
def second_determinant_twice(middle, covariance, other):
    """The second determinant takes the place of both."""
    return 0.5 * (_log_determinant(middle) - _log_determinant(other))


@wrong(alone=True)
def kullback_leibler_both_ways(mean, covariance, other_mean, other_covariance):
    """This is the mean of the two Kullback-Leibler divergences; the Bhattacharyya distance measures by the
    mean covariance.
    """
    one, other = (mean, covariance), (other_mean, other_covariance)
    return (kullback_leibler(*one, *other) + kullback_leibler(*other, *one)) / 2


@wrong(alone=True)
def kullback_leibler_added(*gaussians):
    """This is the sum of the two Kullback-Leibler divergences; the Bhattacharyya distance measures by the
    mean covariance.
    """
    return 2 * kullback_leibler_both_ways(*gaussians)


@wrong(alone=True)
def squared_hellinger(*gaussians):
    """This is the squared Hellinger distance, 1 - exp(-D); D itself is asked for."""
    return float(1 - np.exp(-_term_by_term(*gaussians)))


@wrong(alone=True)
def kullback_leibler_the_other_way(mean, covariance, other_mean, other_covariance):
    """This is the Kullback-Leibler divergence, from the second to the first; the Bhattacharyya distance
    treats both alike.
    """
    return kullback_leibler(other_mean, other_covariance, mean, covariance)


@wrong(alone=True)
def squared_distance_of_the_means(mean, covariance, other_mean, other_covariance):
    """This is the squared distance of the means; shapes count too, and units must not."""
    return float(np.square(mean - other_mean).sum())


@wrong(alone=True)
def squared_mahalanobis(mean, covariance, other_mean, other_covariance):
    """This is the squared Mahalanobis distance of the means; the shapes count, too."""
    return _squared_distance(mean - other_mean, _mean_of_both(covariance, other_covariance))


@wrong(alone=True)
def wasserstein(mean, covariance, other_mean, other_covariance):
    """This is the squared Wasserstein distance; the Bhattacharyya distance does not depend on the units."""
    values = np.linalg.eigvals(covariance @ other_covariance).real  # those of the product under the root
    of_shapes = np.trace(covariance) + np.trace(other_covariance) - 2 * np.sqrt(values.clip(0)).sum()
    return float(np.square(mean - other_mean).sum() + of_shapes)


@wrong(alone=True)
def divided_by_the_features(*gaussians):
    """Your distance is divided by the number of features; it must be as it is."""
    return _term_by_term(*gaussians) / len(gaussians[0])


@wrong(step="shape", alone=True)
def base_two(middle, covariance, other):
    """The determinants have a logarithm to base 2; the course uses the natural one."""
    return _half_of_log_ratio(middle, covariance, other) / np.log(2)


@wrong(step="shape", alone=True)
def second_logarithm_added(middle, covariance, other):
    """The logarithm of the second determinant is added; both are subtracted, ½ log|S| and ½ log|T|."""
    logs = _log_determinant(middle), _log_determinant(covariance), _log_determinant(other)
    return 0.5 * (logs[0] - 0.5 * logs[1] + 0.5 * logs[2])


@wrong(step="shape", alone=True)
def first_logarithm_added(middle, covariance, other):
    """The logarithm of the first determinant is added; both are subtracted, ½ log|S| and ½ log|T|."""
    logs = _log_determinant(middle), _log_determinant(covariance), _log_determinant(other)
    return 0.5 * (logs[0] + 0.5 * logs[1] - 0.5 * logs[2])


@wrong(step="shape", alone=True)
def second_determinant_only(middle, covariance, other):
    """Only one of the two determinants stands under the root; it is the product of both."""
    return 0.5 * (_log_determinant(middle) - 0.5 * _log_determinant(other))


@wrong(step="shape", alone=True)
def determinant_of_the_sum_halved(middle, covariance, other):
    """The determinant of the sum is halved; the sum itself is, which halves the determinant d times."""
    return 0.5 * np.log(2) * (len(middle) - 1) + _half_of_log_ratio(middle, covariance, other)


@wrong(step="shape", alone=True)
def determinants_kept_from_zero(middle, covariance, other):
    """With fifty features your determinants count as equal, as when a small number keeps them from 0 before
    the logarithm; use slogdet.
    """
    logs = [np.log(np.linalg.det(C) + 1e-12) for C in (middle, covariance, other)]
    return float(0.5 * (logs[0] - 0.5 * (logs[1] + logs[2])))


for _ridge in (1e-10, 1e-9, 1e-8, 1e-6, 1e-4, 1e-3):

    def _with_a_ridge(mean, covariance, other_mean, other_covariance, ridge=_ridge):
        """Your distance is that of larger covariances, as when a small number is added to their diagonals; in
        small units it is as large as they are.
        """
        diagonal = ridge * np.eye(len(mean))
        return _term_by_term(mean, covariance + diagonal, other_mean, other_covariance + diagonal)

    wrong(alone=True, name=f"ridge-{_ridge:.0e}-added")(_with_a_ridge)


@wrong(step="location", alone=True)
def root_not_squared(z, middle):
    """z·L⁻¹z with the Cholesky factor L; it is |L⁻¹z|², or z·Σ⁻¹z with the covariance."""
    return float(z @ np.linalg.solve(np.linalg.cholesky(middle), z)) / 8


@wrong(step="location", alone=True)
def inverse_squared(z, middle):
    """|Σ⁻¹z|² has the inverse twice; the distance is z·Σ⁻¹z."""
    return float(np.square(np.linalg.solve(middle, z)).sum()) / 8


@wrong(step="location", alone=True)
def difference_without_sign(z, middle):
    """The differences of the means lose their signs; with covariances beside the diagonal these count."""
    return _squared_distance(np.abs(z), middle) / 8


@wrong(step="location", alone=True)
def divided_by_determinant(z, middle):
    """The distance of the means is divided by the determinant; the inverse covariance belongs there."""
    return float(z @ z) / np.linalg.det(middle) / 8


@wrong(alone=True)
def covariances_squared(mean, covariance, other_mean, other_covariance):
    """The covariances are squared, as deviations would be; they hold variances already."""
    return _term_by_term(mean, covariance @ covariance, other_mean, other_covariance @ other_covariance)


@wrong(alone=True)
def variances_alone(mean, covariance, other_mean, other_covariance):
    """Only the variances count in your distance; the covariances beside the diagonal count, too."""
    first, second = (np.diag(np.diag(C)) for C in (covariance, other_covariance))
    return _term_by_term(mean, first, other_mean, second)


@wrong(alone=True)
def nothing_below_zero_of_a_wrong_sign(mean, covariance, other_mean, other_covariance):
    """The term with the determinants is subtracted, and what is below 0 set to 0."""
    middle = _mean_of_both(covariance, other_covariance)
    shape = _half_of_log_ratio(middle, covariance, other_covariance)
    return max(_eighth_of_squared_distance(mean - other_mean, middle) - shape, 0.0)


@wrong(see="numerics-statistics", alone=True)
def single_precision(mean, covariance, other_mean, other_covariance):
    """Far from the origin your digits are lost: float32 loses them, and so does a square that is multiplied
    out.
    """
    arguments = (mean, covariance, other_mean, other_covariance)
    return _term_by_term(*(np.asarray(argument, np.float32) for argument in arguments))


@wrong(see="numerics-statistics", alone=True)
def square_expanded(mean, covariance, other_mean, other_covariance):
    """Far from the origin your digits are lost: float32 loses them, and so does a square that is multiplied
    out.
    """
    middle = _mean_of_both(covariance, other_covariance)
    inverse = np.linalg.inv(middle)
    squared = mean @ inverse @ mean - 2 * mean @ inverse @ other_mean + other_mean @ inverse @ other_mean
    return float(squared) / 8 + _half_of_log_ratio(middle, covariance, other_covariance)
