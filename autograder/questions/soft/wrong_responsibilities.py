"""What students get wrong in soft.responsibilities."""

# mypy: allow-untyped-defs
from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.questions import Catalogue, FloatArray


def _add_log_weights(log_densities: FloatArray, weights: FloatArray) -> FloatArray:
    return log_densities + np.log(weights)


def _softmax(log_joint: FloatArray) -> FloatArray:
    joint = np.exp(log_joint - log_joint.max(axis=1, keepdims=True))
    return np.asarray(joint / joint.sum(axis=1, keepdims=True))


def _step_by_step(
    log_densities: FloatArray,
    weights: FloatArray,
    *,
    joint: Callable[[FloatArray, FloatArray], FloatArray] = _add_log_weights,
    normalise: Callable[[FloatArray], FloatArray] = _softmax,
) -> FloatArray:
    """Return the responsibilities: the joint log w_k N(x_i | k) first, then its normalisation."""
    return normalise(joint(log_densities, weights))


def _plain_exp(log_joint: FloatArray) -> FloatArray:
    joint = np.exp(log_joint)
    return np.asarray(joint / joint.sum(axis=1, keepdims=True))


wrong = Catalogue(see="soft-responsibilities", steps=_step_by_step)


@wrong(step="joint")
def weights_forgotten(log_densities, weights):
    """The mixing weights are missing: each density must be multiplied by its weight."""
    return log_densities


@wrong(step="joint")
def weights_not_logged(log_densities, weights):
    """The weights are added to the log densities; in the log domain it is their logarithm that is added."""
    return log_densities + weights


@wrong(step="joint")
def weights_times_logs(log_densities, weights):
    """The log densities are multiplied by the weights; it is the densities that are."""
    return log_densities * weights


@wrong(step="joint")
def divided_by_weights(log_densities, weights):
    """The densities are divided by the weights; they must be multiplied."""
    return log_densities - np.log(weights)


@wrong(step="normalise")
def normalised_over_points(log_joint):
    """The responsibilities sum to 1 over the points; they must sum to 1 over the components."""
    return _softmax(log_joint.T).T


@wrong(step="normalise")
def normalised_over_everything(log_joint):
    """There is one sum over all points and components; each row needs its own."""
    return np.exp(log_joint - np.logaddexp.reduce(log_joint, axis=None))


@wrong(step="normalise")
def divided_by_the_largest(log_joint):
    """Each row is divided by its largest entry; it must be divided by its sum."""
    return np.exp(log_joint - log_joint.max(axis=1, keepdims=True))


@wrong(step="normalise", see="numerics-log-sum-exp")
def smallest_subtracted(log_joint):
    """The smallest entry of each row is subtracted before exp; the others then overflow: subtract the
    largest.
    """
    return _plain_exp(log_joint - log_joint.min(axis=1, keepdims=True))


@wrong(step="normalise", see="numerics-log-sum-exp")
def middle_subtracted(log_joint):
    """The mean or the median of each row is subtracted before exp; the largest entry may still overflow:
    subtract that one.
    """
    return _plain_exp(log_joint - log_joint.mean(axis=1, keepdims=True))


@wrong(step="normalise", see="numerics-log-sum-exp")
def first_entry_subtracted(log_joint):
    """The first entry of each row is subtracted before exp; a larger one may still overflow: subtract the
    largest.
    """
    return _plain_exp(log_joint - log_joint[:, :1])


@wrong()
def weights_in_the_numerator_only(log_densities, weights):
    """The weights are missing in the denominator: multiply before you divide by the sum."""
    return weights * _softmax(log_densities)


@wrong()
def weights_in_the_denominator_only(log_densities, weights):
    """The weights are missing in the numerator."""
    return _softmax(log_densities + np.log(weights)) / weights


@wrong()
def labels_returned(log_densities, weights):
    """The most probable component is returned; K probabilities are asked for."""
    return (log_densities + np.log(weights)).argmax(axis=1)


@wrong(step="joint")
def other_base_of_logarithm(log_densities, weights):
    """np.log10 takes the place of np.log: exp undoes the natural one only."""
    return log_densities + np.log10(weights)


@wrong(step="joint")
def weights_multiplied_with_logs(log_densities, weights):
    """log densities and log weights are multiplied; the logarithm of a product is a sum."""
    return log_densities * np.log(weights)


@wrong(step="normalise")
def hard_assignment(log_joint):
    """Each point is given wholly to its most probable component; a mixture shares points."""
    return np.eye(log_joint.shape[1])[log_joint.argmax(axis=1)]


@wrong(step="normalise")
def not_normalised(log_joint):
    """Weight times density is returned as it is; it must be divided by its sum over the components."""
    return np.exp(log_joint)


@wrong(step="normalise")
def logs_normalised(log_joint):
    """The logarithms are divided by their sum; exp comes first, then the division."""
    return log_joint / log_joint.sum(axis=1, keepdims=True)


@wrong(step="normalise")
def log_responsibilities(log_joint):
    """The logarithms of the responsibilities are returned; take exp at the end."""
    return np.log(_softmax(log_joint))


@wrong(step="normalise")
def columns_and_rows_swapped(log_joint):
    """The answer has components in rows and points in columns; it should be the other way round."""
    return _softmax(log_joint).T


@wrong(step="normalise", see="numerics-log-sum-exp")
def exp_underflows(log_joint):
    """exp of very negative numbers is 0, and 0/0 is nan: subtract each row's largest value before exp."""
    return _plain_exp(log_joint)


@wrong(step="normalise", see="numerics-log-sum-exp")
def underflow_papered_over(log_joint):
    """Where every density underflows, nan is replaced by 0: such points then belong to nobody."""
    return np.nan_to_num(_plain_exp(log_joint))


@wrong(step="normalise", see="numerics-log-sum-exp")
def underflow_guarded_by_epsilon(log_joint):
    """A small number in the denominator hides the underflow: far points then belong to nobody."""
    joint = np.exp(log_joint)
    return joint / (joint.sum(axis=1, keepdims=True) + 1e-300)


@wrong(see="numerics-log-sum-exp")
def clipped(log_densities, weights):
    """The log densities are clipped so that exp survives: far points lose who is near."""
    return _softmax(np.clip(log_densities, -700.0, 700.0) + np.log(weights))


@wrong(step="normalise", see="numerics-log-sum-exp")
def shift_of_each_column(log_joint):
    """The largest value of each column is subtracted; each row needs its own."""
    return _plain_exp(log_joint - log_joint.max(axis=0))


@wrong(step="normalise", see="numerics-log-sum-exp")
def one_shift_for_all_points(log_joint):
    """The largest value of the whole array is subtracted; each row needs its own."""
    return _plain_exp(log_joint - log_joint.max())
