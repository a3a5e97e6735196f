"""What students get wrong when the joint, (n, K), is summed up to the log-likelihood, one number."""

# mypy: allow-untyped-defs
from __future__ import annotations

from functools import partial

import numpy as np

from autograder.questions import Catalogue, FloatArray
from autograder.questions.mistakes.mixtures import log_sum_exp

totalling = Catalogue(see="soft-mixture")


def _total(log_joint: FloatArray, R: FloatArray) -> FloatArray:
    return np.asarray(log_sum_exp(log_joint).sum())


@totalling(see="numerics-log-sum-exp")
def shift_not_added_back(log_joint, R):
    """The largest value that was subtracted before exp is not added again after the logarithm."""
    return np.asarray((log_sum_exp(log_joint) - log_joint.max(axis=1)).sum())


@totalling(see="numerics-log-sum-exp")
def shift_subtracted_again(log_joint, R):
    """The largest value is subtracted once more after the logarithm; it must be added again."""
    return np.asarray((log_sum_exp(log_joint) - 2 * log_joint.max(axis=1)).sum())


@totalling(see="numerics-log-sum-exp")
def shift_added_back_once(log_joint, R):
    """The largest value of all is added back once; it was subtracted for each point, so add it for each."""
    return np.asarray(log_sum_exp(log_joint).sum() - (len(log_joint) - 1) * log_joint.max())


@totalling(see="numerics-log-sum-exp")
def likelihood_underflows(log_joint, R):
    """The log-likelihood takes exp of very negative numbers, then the log of 0: use log-sum-exp."""
    return np.asarray(np.log(np.exp(log_joint).sum(axis=1)).sum())


@totalling(see="soft-mixture")
def mean_log_likelihood(a, R):
    """The log-likelihood is the mean over the points; the course uses the sum."""
    return _total(a, R) / len(a)


@totalling(see="soft-mixture")
def likelihood_zero(a, R):
    """The log-likelihood is 0: take the log of Σ w N before dividing by it, not of rows that sum to 1."""
    return np.zeros(())


@totalling(see="soft-mixture")
def log_of_the_total(a, R):
    """The densities of all points are added before the logarithm; add the logarithms of the points."""
    return np.logaddexp.reduce(a, axis=None)


@totalling(see="soft-mixture")
def likelihood_not_logged(a, R):
    """The densities are summed without a logarithm."""
    return np.exp(log_sum_exp(a)).sum()


@totalling(see="soft-mixture")
def sum_of_logs(a, R):
    """The logarithm stands inside the sum over components; it is the log of the sum, not the sum of the
    logs.
    """
    return a.sum()


@totalling(see="soft-mixture")
def expected_complete_log_likelihood(log_joint, R):
    """This is Σ r log(w N), the function the M-step lifts; the log-likelihood is Σ log Σ w N."""
    return np.asarray(np.where(R > 0, R * log_joint, 0.0).sum())


@totalling(see="soft-mixture")
def negative_log_likelihood(a, R):
    """The log-likelihood has the wrong sign."""
    return -_total(a, R)


@totalling(see="soft-mixture")
def base_ten_of_likelihood(a, R):
    """The log-likelihood uses logarithms to base 10; the course uses natural ones."""
    return _total(a, R) / np.log(10)


@totalling(see="soft-mixture")
def likelihood_per_point(a, R):
    """One log density for each point is returned; they must be summed to one number."""
    return log_sum_exp(a)


@totalling(see="soft-mixture")
def log_likelihood_doubled(a, R):
    """Your log-likelihood is twice the right one, as in BIC; here it is Σ log Σ w N itself."""
    return 2 * _total(a, R)


@totalling(see="soft-mixture")
def deviance_returned(a, R):
    """Your log-likelihood is -2 times the right one, as in BIC; here it is Σ log Σ w N itself."""
    return -2 * _total(a, R)


@totalling(see="soft-mixture")
def base_two_of_likelihood(a, R):
    """The log-likelihood uses logarithms to base 2; the course uses natural ones."""
    return _total(a, R) / np.log(2)


@totalling(see="soft-mixture")
def largest_terms_only(a, R):
    """Only the most probable component of each point enters the log-likelihood; all must be summed."""
    return np.asarray(a.max(axis=1).sum())


@totalling(see="soft-mixture")
def last_term_only(a, R):
    """Only the last component enters the log-likelihood: does each round of a loop replace the sum?"""
    return np.asarray(a[:, -1].sum())


@totalling(see="soft-mixture")
def logs_of_shares_summed(a, R):
    """Your log-likelihood is the sum of the logarithms of the responsibilities; it is Σ log Σ w N."""
    return np.log(R).sum()


@totalling(see="soft-mixture")
def log_of_the_mean(a, R):
    """The mean over the components is logged; w N must be summed, the weights are in it already."""
    return _total(a, R) - len(a) * np.log(a.shape[1])


@totalling(see="soft-mixture")
def logs_averaged(a, R):
    """The logarithms log w + log N are averaged over the components; it is the log of their sum."""
    return np.asarray(a.mean(axis=1).sum())


@totalling(see="soft-mixture")
def last_point_only(a, R):
    """The log-likelihood is that of the last point: add up all of them."""
    return np.asarray(log_sum_exp(a)[-1])


@totalling(see="soft-mixture")
def entropy_in_the_likelihood(a, R):
    """Your number is Σ log Σ w N minus Σ r log r; the entropy has no place in it."""
    return _total(a, R) - np.where(R > 0, R * np.log(np.where(R > 0, R, 1.0)), 0.0).sum()


@totalling(see="numerics-log-sum-exp")
def one_shift_in_the_likelihood(a, R):
    """The largest value of the whole array is subtracted before exp; each row needs its own."""
    top = a.max()
    return np.asarray((top + np.log(np.exp(a - top).sum(axis=1))).sum())


@totalling(see="numerics-log-sum-exp")
def likelihood_guarded_by_epsilon(a, R, epsilon=1e-300):
    """A small number, added before the logarithm or a floor, gives all far points the same log density."""
    return np.asarray(np.log(np.exp(a).sum(axis=1) + epsilon).sum())


for _epsilon in (1e-16, 1e-12, 1e-10, 1e-8):
    totalling(
        see="numerics-log-sum-exp",
        alone=True,
        name=f"likelihood-guarded-by-{_epsilon:.0e}",
    )(partial(likelihood_guarded_by_epsilon, epsilon=_epsilon))
