"""What students get wrong in soft.responsibilities."""

# mypy: allow-untyped-defs
from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.questions import Catalogue, FloatArray
from autograder.questions.mistakes.mixtures import ADDED_TO_THE_WEIGHTS, normalising, softmax, weighing


def _add_log_weights(log_densities: FloatArray, weights: FloatArray) -> FloatArray:
    return log_densities + np.log(weights)


def _step_by_step(
    log_densities: FloatArray,
    weights: FloatArray,
    *,
    joint: Callable[[FloatArray, FloatArray], FloatArray] = _add_log_weights,
    normalise: Callable[[FloatArray], FloatArray] = softmax,
) -> FloatArray:
    """Return the responsibilities: the joint log w_k N(x_i | k) first, then its normalisation."""
    return normalise(joint(log_densities, weights))


wrong = Catalogue(see="soft-responsibilities", steps=_step_by_step)
FREQUENT = ("weights-forgotten", "weights-not-logged", "normalised-over-points", "not-normalised")


@wrong(step="joint")
def weights_forgotten(log_densities, weights):
    """The mixing weights are missing, or one serves for all: each density must be multiplied by its own."""
    return log_densities


SAME_SHARES = ("equal-weights", "weight-of-the-first", "weight-of-the-last")  # as without weights
wrong.include(weighing, step="joint", but=SAME_SHARES, together=FREQUENT)
wrong.include(normalising, step="normalise", together=FREQUENT)


@wrong()
def weights_in_the_numerator_only(log_densities, weights):
    """The weights are missing in the denominator: multiply before you divide by the sum."""
    return weights * softmax(log_densities)


@wrong()
def weights_in_the_denominator_only(log_densities, weights):
    """The weights are missing in the numerator."""
    return softmax(log_densities + np.log(weights)) / weights


@wrong()
def labels_returned(log_densities, weights):
    """The most probable component is returned; K probabilities are asked for."""
    return (log_densities + np.log(weights)).argmax(axis=1)


@wrong()
def log_density_returned(log_densities, weights):
    """One number for each point came back, its log density; K shares are asked for."""
    return np.logaddexp.reduce(log_densities + np.log(weights), axis=1)


@wrong()
def joint_in_logs_returned(log_densities, weights):
    """log w + log N is returned as it is; exp and the division by the sum of each row are missing."""
    return log_densities + np.log(weights)


@wrong(see="numerics-log-sum-exp")
def densities_clipped(log_densities, weights):
    """Far points get the weights for their shares, as if none were nearer: were the logarithms clipped, or
    nan replaced? Subtract each row's largest value before exp.
    """
    return softmax(np.clip(log_densities, -700.0, 700.0) + np.log(weights))


@wrong()
def weights_averaged_in(log_densities, weights):
    """Your numbers are the mean of the weights and the shares without them; weights multiply densities."""
    return (softmax(log_densities) + weights) / 2


@wrong()
def exp_left_out(log_densities, weights):
    """The logarithms are divided by their sum; take exp before you divide."""
    log_joint = log_densities + np.log(weights)
    shifted = log_joint - log_joint.max(axis=1, keepdims=True)
    return shifted / shifted.sum(axis=1, keepdims=True)


for _name, _added in ADDED_TO_THE_WEIGHTS.items():
    wrong(step="joint", name=_name, alone=True)(_added)
