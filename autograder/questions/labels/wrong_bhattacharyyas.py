"""What students get wrong in labels.bhattacharyya."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.questions import Catalogue, FloatArray
from autograder.questions.labels.bhattacharyya import bhattacharyya  # ?? shared


def _logdet(C: FloatArray) -> float:
    return float(np.linalg.slogdet(C)[1])


def _term_by_term(
    mean: FloatArray,
    covariance: FloatArray,
    other_mean: FloatArray,
    other_covariance: FloatArray,
    *,
    middle: Callable[[FloatArray, FloatArray], FloatArray] = lambda C, D: (C + D) / 2,
    factor: float = 1 / 8,
    shape: Callable[[FloatArray, FloatArray, FloatArray], float] = (
        lambda M, C, D: 0.5 * (_logdet(M) - 0.5 * (_logdet(C) + _logdet(D)))
    ),
) -> float:
    z = mean - other_mean
    M = middle(covariance, other_covariance)
    return float(factor * z @ np.linalg.solve(M, z)) + shape(M, covariance, other_covariance)


wrong = Catalogue(see="labels-matching", steps=_term_by_term)


@wrong()
def means_only(mean, C, other, D):
    """This is the distance of the means; shapes count too, and units must not."""
    return float(np.linalg.norm(mean - other))


@wrong(step="shape")
def no_shape_term(M, C, D):
    """The term with the determinants is missing."""
    return 0.0


@wrong(step="middle")
def sum_of_covariances(C, D):
    """The covariances are added; it is their mean that is needed."""
    return C + D


@wrong(step="middle")
def first_covariance_only(C, D):
    """Only the first covariance is used; the mean of both is needed."""
    return C


@wrong(step="factor")
def half_for_an_eighth(Z):
    """The distance of the means enters with 1/2; it must be 1/8."""
    return 1 / 2(Z)  # ??


@wrong(step="factor")
def quarter_for_an_eighth(Z):
    """The distance of the means enters with 1/4; it must be 1/8."""
    return 1 / 4(Z)  # ??


@wrong(step="shape")
def shape_term_not_halved(M, C, D):
    """The logarithm of the determinants enters with 1; it must be 1/2."""
    return _logdet(M) - 0.5 * (_logdet(C) + _logdet(D))


@wrong(step="shape")
def shape_term_with_wrong_sign(M, C, D):
    """The term with the determinants is subtracted."""
    return -0.5 * (_logdet(M) - 0.5 * (_logdet(C) + _logdet(D)))


@wrong(step="middle")
def second_covariance_halved_only(C, D):
    """S + T/2 is not (S + T)/2: brackets are missing."""
    return C + D / 2


@wrong()
def coefficient_returned(*pair):
    """The coefficient exp(-D) is returned instead of the distance D."""
    return float(np.exp(-bhattacharyya(*pair)))


@wrong(step="shape")
def root_forgotten(M, C, D):
    """The product of the determinants needs a square root."""
    return 0.5 * (_logdet(M) - _logdet(C) - _logdet(D))


@wrong(step="shape")
def determinants_underflow(M, C, D):
    """The determinants are taken before the logarithm and underflow to 0; use slogdet."""
    ratio = np.linalg.det(M) / np.sqrt(np.linalg.det(C) * np.linalg.det(D))
    return float(0.5 * np.log(ratio))
