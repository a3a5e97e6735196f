"""What students get wrong in capstone.log_density."""

# mypy: allow-untyped-defs
from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.questions import Catalogue, FloatArray
from autograder.questions.mistakes.densities import OF_ONE_DENSITY
from autograder.questions.mistakes.densities import wrong as densities
from autograder.questions.mistakes.mixtures import log_sum_exp, mixing, weighing
from autograder.questions.mistakes.parameters import confusing
from gmmlib.gaussian import log_gaussian


def _add_log_weights(log_densities: FloatArray, weights: FloatArray) -> FloatArray:
    return log_densities + np.log(weights)


def _step_by_step(
    X: FloatArray,
    weights: FloatArray,
    means: FloatArray,
    covariances: FloatArray,
    *,
    density: Callable[[FloatArray, FloatArray, FloatArray], FloatArray] = log_gaussian,
    joint: Callable[[FloatArray, FloatArray], FloatArray] = _add_log_weights,
    mix: Callable[[FloatArray], FloatArray] = log_sum_exp,
) -> FloatArray:
    """Return the log density of each point, (n,), from those of the components, (n, K)."""
    log_densities = [density(X, m, C) for m, C in zip(means, covariances, strict=True)]
    return mix(joint(np.stack(log_densities, axis=1), weights))


wrong = Catalogue(see="soft-mixture", steps=_step_by_step)
FREQUENT = (
    "weights-forgotten",
    "weights-not-logged",
    "equal-weights",
    "shift-not-added-back",
    "density-not-log",
    "not-halved",
    "largest-term-only",
    "weights-twice",
    "correlations-ignored",
    "constant-of-one-dimension",
    "no-normalising-constant",
    "no-determinant",
    "determinant-not-halved",
    "distance-not-halved",
    "covariance-not-inverted",
)
BUT = (
    "all-pairs-of-points",
    "first-point-only",
    "summed-over-points",
    "points-counted-for-features",
    "distances-added-over-points",
    "covariance-of-the-points",
    "determinant-underflows",
)
wrong.include(weighing, step="joint", but=("first-component-only",), together=FREQUENT)


@wrong()
def mean_of_logs(X, weights, means, covariances):
    """The logarithms are averaged with the weights; it is the log of the sum."""
    return _step_by_step(X, weights, means, covariances, joint=lambda logs, w: logs * w, mix=_sum)


def _sum(log_joint: FloatArray) -> FloatArray:
    return np.asarray(log_joint.sum(axis=1))


wrong.include(mixing, step="mix", but=("one-shift-in-the-log",), together=FREQUENT)
wrong.include(densities, step="density", but=(*BUT, *OF_ONE_DENSITY), together=FREQUENT)


@wrong()
def densities_returned(X, weights, means, covariances):
    """One number for each point and component came back; sum over the components: one for each point."""
    return _step_by_step(X, weights, means, covariances, mix=lambda log_joint: log_joint)


@wrong()
def summed_over_points(X, weights, means, covariances):
    """The log densities are summed over the points; one for each is needed."""
    return _step_by_step(X, weights, means, covariances).sum()


@wrong()
def total_for_every_point(X, weights, means, covariances):
    """Every point gets the sum over all points; each has a log density of its own."""
    log_densities = _step_by_step(X, weights, means, covariances)
    return np.full(len(X), log_densities.sum())


@wrong()
def first_component_only(X, weights, means, covariances):
    """Only the first component counts: is the return inside the loop?"""
    return log_gaussian(X, means[0], covariances[0]) + np.log(weights[0])


@wrong()
def last_component_only(X, weights, means, covariances):
    """Only the last component counts; does each round of a loop replace the sum?"""
    return log_gaussian(X, means[-1], covariances[-1]) + np.log(weights[-1])


@wrong()
def one_gaussian_for_all(X, weights, means, covariances):
    """These are numbers of one Gaussian with averaged parameters; the densities must be averaged."""
    return log_gaussian(X, weights @ means, np.tensordot(weights, covariances, axes=1))


def _confused(change: Callable[..., tuple[FloatArray, FloatArray]]) -> Callable[..., object]:
    return lambda X, weights, means, covariances: _step_by_step(X, weights, *change(means, covariances))


wrong.include(confusing, adapted=_confused)


@wrong(step="mix", alone=True)
def shift_added_twice(log_joint):
    """The largest value that was subtracted before exp is added twice after the logarithm; once undoes it."""
    return log_sum_exp(log_joint) + log_joint.max(axis=1)


@wrong(step="mix", alone=True)
def one_added_in_the_logarithm(log_joint):
    """1 is added to the sum before its logarithm, as np.log1p does: it is np.log."""
    top = log_joint.max(axis=1)
    return top + np.log1p(np.exp(log_joint - top[:, None]).sum(axis=1))


@wrong(step="mix", alone=True)
def sum_begins_at_one(log_joint):
    """A density of 1 is in the sum beside the components: logaddexp begins at -inf, the logarithm of 0."""
    return np.logaddexp(log_sum_exp(log_joint), 0.0)


@wrong(step="mix", alone=True)
def logs_averaged_by_shares(log_joint):
    """Your numbers are Σ r log(w N), with the responsibilities r; the log density is log Σ w N."""
    shares = np.exp(log_joint - log_sum_exp(log_joint)[:, None])
    return (shares * log_joint).sum(axis=1)


@wrong(alone=True)
def densities_averaged_by_shares(X, weights, means, covariances):
    """Your numbers are Σ r log N, with the responsibilities r; the log density is log Σ w N."""
    joint = _step_by_step(X, weights, means, covariances, mix=lambda log_joint: log_joint)
    shares = np.exp(joint - log_sum_exp(joint)[:, None])
    return (shares * (joint - np.log(weights))).sum(axis=1)


@wrong(alone=True)
def density_of_the_likeliest(X, weights, means, covariances):
    """Only the density of the most probable component counts, without its weight; sum w N over all."""
    joint = _step_by_step(X, weights, means, covariances, mix=lambda log_joint: log_joint)
    return (joint - np.log(weights))[np.arange(len(X)), joint.argmax(axis=1)]


@wrong(alone=True)
def gaussian_of_the_same_moments(X, weights, means, covariances):
    """These are numbers of one Gaussian with the mixture's mean and covariance; the densities must be
    averaged.
    """
    centre = weights @ means
    Z = means - centre
    return log_gaussian(X, centre, np.tensordot(weights, covariances, axes=1) + (weights * Z.T) @ Z)


@wrong(alone=True)
def normalised_over_points(X, weights, means, covariances):
    """The densities are divided by their sum over the points; each is one whatever the others are."""
    log_densities = _step_by_step(X, weights, means, covariances)
    return log_densities - np.logaddexp.reduce(log_densities)


@wrong(step="joint", alone=True)
def weights_by_the_largest(log_densities, weights):
    """The weights are divided by the largest of them first; they sum to 1 as they are."""
    return log_densities + np.log(weights / weights.max())


@wrong(step="mix", alone=True, see="numerics-log-sum-exp")
def density_kept_above_the_smallest_float(log_joint):
    """Far points all get the logarithm of the smallest float, about -708: log-sum-exp keeps them apart."""
    return np.maximum(log_sum_exp(log_joint), np.log(np.finfo(float).tiny))
