"""The catalogue of wrong E-steps."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from autograder.values import FloatArray, Misconception

# An E-step has four steps; a misconception replaces one of them.


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


def _wrong(name: str, sentence: str, see: str, **step: Any) -> Misconception:
    return Misconception(name, sentence, see, partial(_step_by_step, **step))


def _no_weights(log_densities: FloatArray, weights: FloatArray) -> FloatArray:
    return log_densities


def _added_weights(log_densities: FloatArray, weights: FloatArray) -> FloatArray:
    return log_densities + weights


def _equal_weights(log_densities: FloatArray, weights: FloatArray) -> FloatArray:
    return log_densities - np.log(len(weights))


def _over_points(log_joint: FloatArray) -> FloatArray:
    joint = np.exp(log_joint - log_joint.max(axis=0))
    return np.asarray(joint / joint.sum(axis=0))


def _hard(log_joint: FloatArray) -> FloatArray:
    return np.eye(log_joint.shape[1])[log_joint.argmax(axis=1)]


def _plain_exp(log_joint: FloatArray) -> FloatArray:
    joint = np.exp(log_joint)
    return np.asarray(joint / joint.sum(axis=1, keepdims=True))


def _papered_over(log_joint: FloatArray) -> FloatArray:
    return np.nan_to_num(_plain_exp(log_joint))


def _one_shift_for_all(log_joint: FloatArray) -> FloatArray:
    return _plain_exp(log_joint - log_joint.max())


def _logs_normalised(log_joint: FloatArray) -> FloatArray:
    return np.asarray(log_joint / log_joint.sum(axis=1, keepdims=True))


def _plain_log_of_sum(log_joint: FloatArray, R: FloatArray) -> FloatArray:
    return np.asarray(np.log(np.exp(log_joint).sum(axis=1)).sum())


def _expected_complete(log_joint: FloatArray, R: FloatArray) -> FloatArray:
    return np.asarray(np.where(R > 0, R * log_joint, 0.0).sum())


def _column_shift(log_joint: FloatArray) -> FloatArray:
    return _plain_exp(log_joint - log_joint.max(axis=0))


def _without_the_shift(log_joint: FloatArray, R: FloatArray) -> FloatArray:
    return np.asarray((_log_sum_exp(log_joint) - log_joint.max(axis=1)).sum())


def _diagonal(covariance: FloatArray) -> FloatArray:
    return np.diag(np.diag(covariance))


def _log_of_det(X: FloatArray, mean: FloatArray, covariance: FloatArray) -> FloatArray:
    return _gaussian(X, mean, covariance, log_determinant=0.0) - 0.5 * np.log(np.linalg.det(covariance))


MISCONCEPTIONS = (
    _wrong("covariance-not-inverted",
           "The distance uses the covariance itself where its inverse belongs.", "soft-gaussian",
           density=partial(_gaussian, precision=lambda C: C)),
    _wrong("no-determinant",
           "The term with the log-determinant is missing, so wide and narrow components count alike.",
           "soft-gaussian", density=partial(_gaussian, log_determinant=0.0)),
    _wrong("determinant-not-halved",
           "The log-determinant enters with factor 1 instead of 1/2.", "soft-gaussian",
           density=partial(_gaussian, log_determinant=1.0)),
    _wrong("determinant-with-wrong-sign",
           "The log-determinant is added where it must be subtracted.", "soft-gaussian",
           density=partial(_gaussian, log_determinant=-0.5)),
    _wrong("distance-not-halved",
           "The squared distance enters with factor 1 instead of 1/2.", "soft-gaussian",
           density=partial(_gaussian, quadratic=1.0)),
    _wrong("correlations-ignored",
           "Only the variances are used; the covariances beside the diagonal are ignored.", "soft-gaussian",
           density=lambda X, m, C: _gaussian(X, m, _diagonal(C))),
    _wrong("deviation-for-variance",
           "The covariance is treated as if it held standard deviations and is squared once more.",
           "soft-gaussian", density=lambda X, m, C: _gaussian(X, m, C @ C)),
    _wrong("no-normalising-constant",
           "The constant (2π)^(-d/2) is missing: the responsibilities survive it, the log-likelihood does "
           "not.",
           "soft-gaussian", density=partial(_gaussian, log_2pi=lambda d: 0.0)),
    _wrong("constant-of-one-dimension",
           "The constant is (2π)^(-1/2) whatever the number of features; it should be (2π)^(-d/2).",
           "soft-gaussian", density=partial(_gaussian, log_2pi=lambda d: 0.5)),
    _wrong("determinant-underflows",
           "The determinant is taken before the logarithm and underflows to 0; use slogdet or a Cholesky "
           "factor.",
           "soft-gaussian", density=_log_of_det),
    _wrong("weights-forgotten",
           "The mixing weights are missing: each density must be multiplied by its weight.",
           "soft-responsibilities", joint=_no_weights),
    _wrong("weights-not-logged",
           "The weights are added to the log densities; in the log domain it is their logarithm that is "
           "added.",
           "soft-responsibilities", joint=_added_weights),
    _wrong("equal-weights",
           "All components get the weight 1/K instead of the weights that were passed.",
           "soft-responsibilities", joint=_equal_weights),
    _wrong("weights-twice", "The weights are multiplied in twice.", "soft-responsibilities",
           joint=lambda log_densities, weights: log_densities + 2 * np.log(weights)),
    _wrong("normalised-over-everything",
           "The responsibilities are divided by one sum over all points; each row needs its own.",
           "soft-responsibilities", normalise=lambda a: np.exp(a - np.logaddexp.reduce(a, axis=None))),
    _wrong("normalised-over-points",
           "The responsibilities sum to 1 over the points; they must sum to 1 over the components.",
           "soft-responsibilities", normalise=_over_points),
    _wrong("hard-assignment",
           "Each point is given wholly to its most probable component; that is k-means' way, EM shares "
           "points.",
           "soft-responsibilities", normalise=_hard),
    _wrong("not-normalised",
           "Weight times density is returned as it is; it must be divided by its sum over the components.",
           "soft-responsibilities", normalise=np.exp),
    _wrong("log-responsibilities",
           "The logarithms of the responsibilities are returned; take exp at the end.",
           "soft-responsibilities", normalise=lambda a: a - _log_sum_exp(a)[:, None]),
    _wrong("logs-normalised",
           "The logarithms are divided by their sum; exp comes first, then the division.",
           "soft-responsibilities", normalise=_logs_normalised),
    _wrong("columns-and-rows-swapped",
           "The responsibilities have components in rows and points in columns; it should be the other way "
           "round.",
           "em-e-step", normalise=lambda a: _softmax(a).T),
    _wrong("exp-underflows",
           "exp of very negative numbers is 0, and 0/0 is nan: subtract each row's largest value before exp.",
           "numerics-log-sum-exp", normalise=_plain_exp, likelihood=_plain_log_of_sum),
    _wrong("exp-underflows-in-responsibilities",
           "exp of very negative numbers is 0, and 0/0 is nan: subtract each row's largest value before exp.",
           "numerics-log-sum-exp", normalise=_plain_exp),
    _wrong("underflow-papered-over",
           "Where every density underflows, 0/0 was papered over: such points then belong to nobody.",
           "numerics-log-sum-exp", normalise=_papered_over),
    _wrong("one-shift-for-all-points",
           "The largest value of the whole array is subtracted; each row needs its own.",
           "numerics-log-sum-exp", normalise=_one_shift_for_all),
    _wrong("shift-of-each-column",
           "The largest value of each column is subtracted; each row needs its own.",
           "numerics-log-sum-exp", normalise=_column_shift),
    _wrong("shift-not-added-back",
           "The largest value that was subtracted before exp is not added again after the logarithm.",
           "numerics-log-sum-exp", likelihood=_without_the_shift),
    _wrong("likelihood-underflows",
           "The log-likelihood takes exp of very negative numbers, then the log of 0: use log-sum-exp.",
           "numerics-log-sum-exp", likelihood=_plain_log_of_sum),
    _wrong("mean-log-likelihood",
           "The log-likelihood is the mean over the points; the course uses the sum.", "soft-mixture",
           likelihood=lambda a, R: _total(a, R) / len(a)),
    _wrong("likelihood-zero",
           "The log-likelihood is 0: take the log of Σ w N before dividing by it, not of rows that sum to 1.",
           "soft-mixture", likelihood=lambda a, R: np.zeros(())),
    _wrong("log-of-the-total",
           "The densities of all points are added before the logarithm; add the logarithms of the points.",
           "soft-mixture", likelihood=lambda a, R: np.logaddexp.reduce(a, axis=None)),
    _wrong("likelihood-not-logged", "The densities are summed without a logarithm.", "soft-mixture",
           likelihood=lambda a, R: np.exp(_log_sum_exp(a)).sum()),
    _wrong("sum-of-logs",
           "The logarithm stands inside the sum over components; it is the log of the sum, not the sum of "
           "the logs.",
           "soft-mixture", likelihood=lambda a, R: a.sum()),
    _wrong("expected-complete-log-likelihood",
           "This is Σ r log(w N), the function the M-step lifts; the log-likelihood is Σ log Σ w N.",
           "soft-mixture", likelihood=_expected_complete),
    _wrong("negative-log-likelihood",
           "The log-likelihood has the wrong sign.", "soft-mixture",
           likelihood=lambda a, R: -_total(a, R)),
    _wrong("other-base-of-logarithm",
           "The log-likelihood uses logarithms to another base; the course uses natural ones.",
           "soft-mixture",
           likelihood=lambda a, R: _total(a, R) / np.log(10)),
    _wrong("likelihood-per-point",
           "One log density for each point is returned; they must be summed to one number.", "soft-mixture",
           likelihood=lambda a, R: _log_sum_exp(a)),
)
