"""What students get wrong in em.e_step."""

# mypy: allow-untyped-defs
from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.questions import Catalogue, FloatArray


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


@wrong(step="joint", see="soft-responsibilities")
def weights_forgotten(log_densities, weights):
    """The mixing weights are missing: each density must be multiplied by its weight."""
    return log_densities


@wrong(step="joint", see="soft-responsibilities")
def weights_not_logged(log_densities, weights):
    """The weights are added to the log densities; in the log domain it is their logarithm that is added."""
    return log_densities + weights


@wrong(step="joint", see="soft-responsibilities")
def equal_weights(log_densities, weights):
    """All components get the weight 1/K instead of the weights that were passed."""
    return log_densities - np.log(len(weights))


@wrong(step="joint", see="soft-responsibilities")
def weights_twice(log_densities, weights):
    """The weights are multiplied in twice."""
    return log_densities + 2 * np.log(weights)


@wrong(step="normalise", see="soft-responsibilities")
def normalised_over_everything(a):
    """The responsibilities are divided by one sum over all points; each row needs its own."""
    return np.exp(a - np.logaddexp.reduce(a, axis=None))


@wrong(step="normalise", see="soft-responsibilities")
def normalised_over_points(log_joint):
    """The responsibilities sum to 1 over the points; they must sum to 1 over the components."""
    joint = np.exp(log_joint - log_joint.max(axis=0))
    return np.asarray(joint / joint.sum(axis=0))


@wrong(step="normalise", see="soft-responsibilities")
def hard_assignment(log_joint):
    """Each point is given wholly to its most probable component; that is k-means' way, EM shares points."""
    return np.eye(log_joint.shape[1])[log_joint.argmax(axis=1)]


@wrong(step="normalise", see="soft-responsibilities")
def not_normalised(log_joint):
    """Weight times density is returned as it is; it must be divided by its sum over the components."""
    return np.exp(log_joint)


@wrong(step="normalise", see="soft-responsibilities")
def log_responsibilities(a):
    """The logarithms of the responsibilities are returned; take exp at the end."""
    return a - _log_sum_exp(a)[:, None]


@wrong(step="normalise", see="soft-responsibilities")
def logs_normalised(log_joint):
    """The logarithms are divided by their sum; exp comes first, then the division."""
    return np.asarray(log_joint / log_joint.sum(axis=1, keepdims=True))


@wrong(step="normalise", see="em-e-step")
def columns_and_rows_swapped(a):
    """The responsibilities have components in rows and points in columns; it should be the other way
    round.
    """
    return _softmax(a).T


@wrong(step="normalise", also={"likelihood": _plain_log_of_sum}, see="numerics-log-sum-exp")
def exp_underflows(log_joint):
    """exp of very negative numbers is 0, and 0/0 is nan: subtract each row's largest value before exp."""
    return _plain_exp(log_joint)


@wrong(step="normalise", see="numerics-log-sum-exp")
def exp_underflows_in_responsibilities(log_joint):
    """exp of very negative numbers is 0, and 0/0 is nan: subtract each row's largest value before exp."""
    return _plain_exp(log_joint)


@wrong(step="normalise", see="numerics-log-sum-exp")
def underflow_papered_over(log_joint):
    """Where every density underflows, 0/0 was papered over: such points then belong to nobody."""
    return np.nan_to_num(_plain_exp(log_joint))


@wrong(step="normalise", see="numerics-log-sum-exp")
def one_shift_for_all_points(log_joint):
    """The largest value of the whole array is subtracted; each row needs its own."""
    return _plain_exp(log_joint - log_joint.max())


@wrong(step="normalise", see="numerics-log-sum-exp")
def shift_of_each_column(log_joint):
    """The largest value of each column is subtracted; each row needs its own."""
    return _plain_exp(log_joint - log_joint.max(axis=0))


@wrong(step="likelihood", see="numerics-log-sum-exp")
def shift_not_added_back(log_joint, R):
    """The largest value that was subtracted before exp is not added again after the logarithm."""
    return np.asarray((_log_sum_exp(log_joint) - log_joint.max(axis=1)).sum())


@wrong(step="likelihood", see="numerics-log-sum-exp")
def likelihood_underflows(log_joint, R):
    """The log-likelihood takes exp of very negative numbers, then the log of 0: use log-sum-exp."""
    return _plain_log_of_sum(log_joint, R)


@wrong(step="likelihood", see="soft-mixture")
def mean_log_likelihood(a, R):
    """The log-likelihood is the mean over the points; the course uses the sum."""
    return _total(a, R) / len(a)


@wrong(step="likelihood", see="soft-mixture")
def likelihood_zero(a, R):
    """The log-likelihood is 0: take the log of Σ w N before dividing by it, not of rows that sum to 1."""
    return np.zeros(())


@wrong(step="likelihood", see="soft-mixture")
def log_of_the_total(a, R):
    """The densities of all points are added before the logarithm; add the logarithms of the points."""
    return np.logaddexp.reduce(a, axis=None)


@wrong(step="likelihood", see="soft-mixture")
def likelihood_not_logged(a, R):
    """The densities are summed without a logarithm."""
    return np.exp(_log_sum_exp(a)).sum()


@wrong(step="likelihood", see="soft-mixture")
def sum_of_logs(a, R):
    """The logarithm stands inside the sum over components; it is the log of the sum, not the sum of the
    logs.
    """
    return a.sum()


@wrong(step="likelihood", see="soft-mixture")
def expected_complete_log_likelihood(log_joint, R):
    """This is Σ r log(w N), the function the M-step lifts; the log-likelihood is Σ log Σ w N."""
    return np.asarray(np.where(R > 0, R * log_joint, 0.0).sum())


@wrong(step="likelihood", see="soft-mixture")
def negative_log_likelihood(a, R):
    """The log-likelihood has the wrong sign."""
    return -_total(a, R)


@wrong(step="likelihood", see="soft-mixture")
def other_base_of_logarithm(a, R):
    """The log-likelihood uses logarithms to another base; the course uses natural ones."""
    return _total(a, R) / np.log(10)


@wrong(step="likelihood", see="soft-mixture")
def likelihood_per_point(a, R):
    """One log density for each point is returned; they must be summed to one number."""
    return _log_sum_exp(a)
