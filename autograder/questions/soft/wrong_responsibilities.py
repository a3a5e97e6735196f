"""What students get wrong in soft.responsibilities."""

# mypy: allow-untyped-defs
from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.questions import Catalogue, FloatArray
from autograder.questions.mistakes.mixtures import (
    ADDED_TO_THE_WEIGHTS,
    OF_THE_LOOP,
    normalising,
    softmax,
    weighing,
)


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
wrong.include(weighing, step="joint", but=(*SAME_SHARES, *OF_THE_LOOP), together=FREQUENT)
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


@wrong(step="normalise", alone=True)
def divided_by_the_others(log_joint):
    """Each entry is divided by the sum of the others, which gives odds: its own belongs to the sum, too."""
    joint = np.exp(log_joint - log_joint.max(axis=1, keepdims=True))
    return joint / (joint.sum(axis=1, keepdims=True) - joint)


@wrong(step="normalise", alone=True)
def one_added_to_the_sum(log_joint):
    """1 is added to the sum of each row before it divides: leave it out."""
    joint = np.exp(log_joint - log_joint.max(axis=1, keepdims=True))
    return joint / (1.0 + joint.sum(axis=1, keepdims=True))


@wrong(step="normalise", alone=True)
def sum_of_logs_subtracted(log_joint):
    """The sum of the logarithms is subtracted; it is the logarithm of the sum of w N."""
    return np.exp(log_joint - log_joint.sum(axis=1, keepdims=True))


@wrong(step="normalise", alone=True, see="numerics-log-sum-exp")
def largest_size_subtracted(log_joint):
    """Before exp the largest size is subtracted, as np.abs gives it: subtract the largest value."""
    joint = np.exp(log_joint - np.abs(log_joint).max(axis=1, keepdims=True))
    return joint / joint.sum(axis=1, keepdims=True)


@wrong(step="normalise", alone=True, see="numerics-log-sum-exp")
def clipped_from_below(log_joint):
    """Far points get shares as if no logarithm were below -700: were they clipped? Subtract each row's
    largest value before exp.
    """
    return softmax(np.maximum(log_joint, -700.0))


@wrong(alone=True, see="numerics-log-sum-exp")
def densities_clipped_from_below(log_densities, weights):
    """Far points get the weights for their shares, as if none were nearer: were the logarithms clipped?
    Subtract each row's largest value before exp.
    """
    return softmax(np.maximum(log_densities, -700.0) + np.log(weights))


@wrong(step="normalise", alone=True, see="numerics-log-sum-exp")
def nothing_shared_equally(log_joint):
    """Where every density underflows, each component gets the same; subtract each row's largest value before
    exp.
    """
    joint = np.exp(log_joint)
    total = joint.sum(axis=1, keepdims=True)
    return np.where(total > 0, joint / total, 1.0 / joint.shape[1])


@wrong(step="normalise", alone=True, see="numerics-log-sum-exp")
def number_added_to_each(log_joint):
    """A small number is added to each w N, or is its floor, so that far points are shared equally: subtract
    each row's largest value before exp.
    """
    joint = np.exp(log_joint) + 1e-12
    return joint / joint.sum(axis=1, keepdims=True)
