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


wrong = Catalogue(see="labels-matching", steps=_term_by_term)


@wrong()
def means_only(mean, covariance, other_mean, other_covariance):
    """This is the distance of the means; shapes count too, and units must not."""
    return float(np.linalg.norm(mean - other_mean))


@wrong(step="shape")
def no_shape_term(middle, covariance, other):
    """The term with the determinants is missing."""
    return 0.0


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


@wrong(step="shape")
def determinants_underflow(middle, covariance, other):
    """The determinants are taken before the logarithm and underflow to 0; use slogdet."""
    product = np.linalg.det(covariance) * np.linalg.det(other)
    return float(0.5 * np.log(np.linalg.det(middle) / np.sqrt(product)))
