"""What students get wrong in capstone.log_density."""

# mypy: allow-untyped-defs
from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.questions import Catalogue, FloatArray
from autograder.questions.mistakes.densities import FLOORED
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
wrong.include(weighing, step="joint", together=FREQUENT)


@wrong()
def mean_of_logs(X, weights, means, covariances):
    """The logarithms are averaged with the weights; it is the log of the sum."""
    return _step_by_step(X, weights, means, covariances, joint=lambda logs, w: logs * w, mix=_sum)


def _sum(log_joint: FloatArray) -> FloatArray:
    return np.asarray(log_joint.sum(axis=1))


wrong.include(mixing, step="mix", but=("one-shift-in-the-log",), together=FREQUENT)
wrong.include(densities, step="density", but=(*BUT, *FLOORED), together=FREQUENT)


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
