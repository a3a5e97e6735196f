"""What students get wrong in em.e_step."""

# mypy: allow-untyped-defs
from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.questions import Catalogue, FloatArray
from autograder.questions.mistakes.densities import OF_ONE_DENSITY
from autograder.questions.mistakes.densities import wrong as densities
from autograder.questions.mistakes.likelihoods import totalling
from autograder.questions.mistakes.mixtures import ADDED_TO_THE_WEIGHTS, normalising, weighing
from autograder.questions.mistakes.parameters import confusing


def _log_gaussian(X: FloatArray, mean: FloatArray, covariance: FloatArray) -> FloatArray:
    return _gaussian(X, mean, covariance)


def _gaussian(
    X: FloatArray,
    mean: FloatArray,
    covariance: FloatArray,
    *,
    precision: Callable[..., FloatArray] = np.linalg.inv,
    quadratic: float = 0.5,
    log_determinant: float = 0.5,
    log_2pi: Callable[[int], float] = lambda d: 0.5 * d,
) -> FloatArray:
    """log N(x_i | mean, covariance), (n,), with room for mistakes."""
    Z = X - mean
    squared = np.einsum("ij,jk,ik->i", Z, precision(covariance), Z)
    constant = log_2pi(X.shape[1]) * np.log(2 * np.pi)
    return -constant - log_determinant * np.linalg.slogdet(covariance)[1] - quadratic * squared


def _add_log_weights(log_densities: FloatArray, weights: FloatArray) -> FloatArray:
    return log_densities + np.log(weights)


def _log_sum_exp(values: FloatArray) -> FloatArray:
    top = values.max(axis=1)
    return np.asarray(top + np.log(np.exp(values - top[:, None]).sum(axis=1)))


def _softmax(log_joint: FloatArray) -> FloatArray:
    return np.exp(log_joint - _log_sum_exp(log_joint)[:, None])


def _total(log_joint: FloatArray, R: FloatArray) -> FloatArray:
    return np.asarray(_log_sum_exp(log_joint).sum())


def _step_by_step(
    X: FloatArray,
    weights: FloatArray,
    means: FloatArray,
    covariances: FloatArray,
    *,
    density: Callable[..., FloatArray] = _log_gaussian,
    joint: Callable[[FloatArray, FloatArray], FloatArray] = _add_log_weights,
    normalise: Callable[[FloatArray], FloatArray] = _softmax,
    likelihood: Callable[[FloatArray, FloatArray], FloatArray] = _total,
) -> tuple[FloatArray, FloatArray]:
    log_densities = np.stack([density(X, m, C) for m, C in zip(means, covariances, strict=True)], axis=1)
    log_joint = joint(log_densities, weights)
    R = normalise(log_joint)
    return R, likelihood(log_joint, R)


def _plain_exp(log_joint: FloatArray) -> FloatArray:
    joint = np.exp(log_joint)
    return np.asarray(joint / joint.sum(axis=1, keepdims=True))


def _plain_log_of_sum(log_joint: FloatArray, R: FloatArray) -> FloatArray:
    return np.asarray(np.log(np.exp(log_joint).sum(axis=1)).sum())


def _diagonal(covariance: FloatArray) -> FloatArray:
    return np.diag(np.diag(covariance))


wrong = Catalogue(see="soft-gaussian", steps=_step_by_step)


@wrong(step="density")
def covariance_not_inverted(X, mean, covariance):
    """The distance uses the covariance itself where its inverse belongs."""
    return _gaussian(X, mean, covariance, precision=lambda C: C)


@wrong(step="density")
def no_determinant(X, mean, covariance):
    """The term with the log-determinant is missing, so wide and narrow components count alike."""
    return _gaussian(X, mean, covariance, log_determinant=0.0)


@wrong(step="density")
def determinant_not_halved(X, mean, covariance):
    """The log-determinant enters with factor 1 instead of 1/2."""
    return _gaussian(X, mean, covariance, log_determinant=1.0)


@wrong(step="density")
def determinant_with_wrong_sign(X, mean, covariance):
    """The log-determinant is added where it must be subtracted."""
    return _gaussian(X, mean, covariance, log_determinant=-0.5)


@wrong(step="density")
def distance_not_halved(X, mean, covariance):
    """The squared distance enters with factor 1 instead of 1/2."""
    return _gaussian(X, mean, covariance, quadratic=1.0)


@wrong(step="density")
def correlations_ignored(X, mean, covariance):
    """Only the variances are used; the covariances beside the diagonal are ignored."""
    return _gaussian(X, mean, _diagonal(covariance))


@wrong(step="density")
def deviation_for_variance(X, mean, covariance):
    """The covariance is treated as if it held standard deviations and is squared once more."""
    return _gaussian(X, mean, covariance @ covariance)


@wrong(step="density")
def no_normalising_constant(X, mean, covariance):
    """The constant (2π)^(-d/2) is missing: the responsibilities survive it, the log-likelihood does not."""
    return _gaussian(X, mean, covariance, log_2pi=lambda d: 0.0)


@wrong(step="density")
def constant_of_one_dimension(X, mean, covariance):
    """The constant is (2π)^(-1/2) whatever the number of features; it should be (2π)^(-d/2)."""
    return _gaussian(X, mean, covariance, log_2pi=lambda d: 0.5)


@wrong(step="density")
def determinant_underflows(X, mean, covariance):
    """The determinant is taken before the logarithm and underflows to 0; use slogdet or a Cholesky factor."""
    return _gaussian(X, mean, covariance, log_determinant=0.0) - 0.5 * np.log(np.linalg.det(covariance))


FREQUENT = (
    "weights-forgotten",
    "weights-not-logged",
    "equal-weights",
    "normalised-over-points",
    "columns-divided-after-the-shift",
    "hard-assignment",
    "not-normalised",
    "one-shift-for-all-points",
)
OF_ONE_NUMBER = (
    "all-pairs-of-points",
    "first-point-only",
    "summed-over-points",
    "distances-added-over-points",
    "covariance-of-the-points",
    "density-not-log",
    "log-of-underflow",
)
wrong.include(weighing, step="joint", together=FREQUENT)
wrong.include(densities, step="density", but=(*OF_ONE_NUMBER, *OF_ONE_DENSITY), together=("not-halved",))


@wrong(step="normalise", also={"likelihood": _plain_log_of_sum}, see="numerics-log-sum-exp")
def exp_underflows(log_joint):
    """exp of very negative numbers is 0 (of very large ones infinite), which leaves nan: subtract each row's
    largest value before exp.
    """
    return _plain_exp(log_joint)


@wrong(step="normalise", see="numerics-log-sum-exp")
def exp_underflows_in_responsibilities(log_joint):
    """exp of very negative numbers is 0 (of very large ones infinite), which leaves nan: subtract each row's
    largest value before exp.
    """
    return _plain_exp(log_joint)


SAME_NUMBERS = ("clipped", "underflow-guarded-by-epsilon")  # as others of these points
wrong.include(normalising, step="normalise", but=SAME_NUMBERS, together=FREQUENT)


TOGETHER = ("mean-log-likelihood", "negative-log-likelihood", "likelihood-zero", "sum-of-logs")
wrong.include(totalling, step="likelihood", together=TOGETHER)


def _confused(change: Callable[..., tuple[FloatArray, FloatArray]]) -> Callable[..., object]:
    return lambda X, weights, means, covariances: _step_by_step(X, weights, *change(means, covariances))


wrong.include(confusing, adapted=_confused)


def _one_determinant(k: int, *arguments: FloatArray) -> tuple[FloatArray, FloatArray]:
    constant = 0.5 * np.linalg.slogdet(arguments[3][k])[1]
    return _step_by_step(*arguments, density=lambda *one: _gaussian(*one, log_determinant=0.0) - constant)


@wrong(alone=True)
def determinant_of_the_first(*arguments):
    """The log-determinant is that of the first covariance for all components; each has its own."""
    return _one_determinant(0, *arguments)


@wrong(alone=True)
def determinant_of_the_last(*arguments):
    """The log-determinant is that of the last covariance for all components; each has its own."""
    return _one_determinant(-1, *arguments)


@wrong(step="density", alone=True)
def density_missing(X, mean, covariance):
    """Your responsibilities are the weights, whatever the point: the density of each component is missing."""
    return np.zeros(len(X))


for _name, _added in ADDED_TO_THE_WEIGHTS.items():
    wrong(step="joint", name=_name, alone=True, see="soft-responsibilities")(_added)


def _with_constant(constant: Callable[[int, int], float], *arguments: FloatArray) -> object:
    """The E-step with another constant, by the number of features and that of components."""
    X, weights = arguments[:2]
    off = constant(X.shape[1], len(weights)) - 0.5 * X.shape[1] * np.log(2 * np.pi)
    return _step_by_step(*arguments, density=lambda *one: _gaussian(*one) - off)


@wrong(alone=True)
def components_counted_for_features(*arguments):
    """The constant counts the components K; it must count the features d."""
    return _with_constant(lambda d, K: 0.5 * K * np.log(2 * np.pi), *arguments)


@wrong(alone=True)
def power_of_pi_alone(*arguments):
    """Your constant is that of 2 π^d; it is that of (2π)^d. In Python ** comes before *."""
    return _with_constant(lambda d, K: 0.5 * np.log(2 * np.pi**d), *arguments)


@wrong(step="joint", alone=True, see="soft-responsibilities")
def divided_by_the_root_of_the_weights(log_densities, weights):
    """The densities are divided by the square root of the weights: is log w within the brackets of -½?"""
    return log_densities - 0.5 * np.log(weights)


@wrong(step="likelihood", alone=True, see="soft-mixture")
def entropy_of_the_other_sign(log_joint, R):
    """Your number is Σ r log(w N) plus Σ r log r; with minus it would be the log-likelihood, Σ log Σ w N."""
    return _total(log_joint, R) + 2 * np.where(R > 0, R * np.log(np.where(R > 0, R, 1.0)), 0.0).sum()
