"""What students get wrong in missing.e_step_missing."""

# mypy: allow-untyped-defs
from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.questions import Array, Catalogue, FloatArray
from gmmlib.em import e_step
from gmmlib.gaussian import log_gaussian
from gmmlib.mixture import Mixture


def _block(covariance: FloatArray, known: Array) -> FloatArray:
    return covariance[np.ix_(known, known)]


def _number_known(x: FloatArray, known: Array) -> int:
    return len(known)


def _log_determinant_of_block(covariance: FloatArray, block: FloatArray) -> float:
    return float(np.linalg.slogdet(block)[1])


def _shared_out(log_joint: FloatArray) -> tuple[FloatArray, float]:
    largest = log_joint.max(axis=1, keepdims=True)
    log_densities = largest[:, 0] + np.log(np.exp(log_joint - largest).sum(axis=1))
    return np.exp(log_joint - log_densities[:, None]), float(log_densities.sum())


def _step_by_step(
    X: FloatArray,
    weights: FloatArray,
    means: FloatArray,
    covariances: FloatArray,
    *,
    block: Callable[[FloatArray, Array], FloatArray] = _block,
    dimensions: Callable[[FloatArray, Array], int] = _number_known,
    log_determinant: Callable[[FloatArray, FloatArray], float] = _log_determinant_of_block,
    weighted: Callable[[FloatArray], FloatArray] = np.log,
    share: Callable[[FloatArray], tuple[FloatArray, float]] = _shared_out,
) -> tuple[FloatArray, float]:
    """Share out each point by the densities of what is known of it, the marginals of the components."""
    log_marginals = np.zeros((len(X), len(means)))  # (n, K)  0 where nothing is known
    for i, x in enumerate(X):
        known = np.flatnonzero(~np.isnan(x))
        if len(known) == 0:
            continue
        for k, (mean, covariance) in enumerate(zip(means, covariances, strict=True)):
            A, z = block(covariance, known), x[known] - mean[known]
            constant = dimensions(x, known) * np.log(2 * np.pi) + log_determinant(covariance, A)
            log_marginals[i, k] = -0.5 * (constant + z @ np.linalg.solve(A, z))
    return share(log_marginals + weighted(weights))


def _filled(X: FloatArray, values: FloatArray, *parameters: FloatArray) -> tuple[FloatArray, float]:
    """Run the E-step of complete data after filling each gap with the value of its feature, (d,)."""
    return e_step(np.where(np.isnan(X), values, X), Mixture(*parameters))


def _incomplete_by_weight(
    X: FloatArray, weights: FloatArray, means: FloatArray, covariances: FloatArray
) -> tuple[FloatArray, float]:
    R = np.tile(weights, (len(X), 1))
    complete = ~np.isnan(X).any(axis=1)
    log_likelihood = 0.0
    if complete.any():
        R[complete], log_likelihood = e_step(X[complete], Mixture(weights, means, covariances))
    return R, log_likelihood


wrong = Catalogue(see="missing-e-step", steps=_step_by_step)


@wrong()
def missing_for_known(X, weights, means, covariances):
    """np.isnan marks what is missing; the known values are where ~np.isnan(x)."""
    # A complete row counts as unknown, and any other is looked up where it is nan.
    incomplete = np.isnan(X).any(axis=1)
    R = np.tile(weights, (len(X), 1))
    R[incomplete] = np.nan
    return R, np.nan if incomplete.any() else 0.0


@wrong()
def gaps_become_nan(X, *parameters):
    """A gap turns the whole row into nan: use only the features that are known."""
    R, log_likelihood = _incomplete_by_weight(X, *parameters)
    incomplete = np.isnan(X).any(axis=1)
    R[incomplete] = np.nan
    return R, np.nan if incomplete.any() else log_likelihood


@wrong()
def incomplete_rows_dropped(X, *parameters):
    """Rows with gaps are left out; what is known of them counts."""
    return e_step(X[~np.isnan(X).any(axis=1)], Mixture(*parameters))


@wrong()
def incomplete_rows_by_weight(X, *parameters):
    """Rows with gaps are shared out by the weights; their known values count."""
    return _incomplete_by_weight(X, *parameters)


@wrong()
def filled_with_zero(X, *parameters):
    """Gaps are filled with 0 before the E-step; nothing should be filled in."""
    return _filled(X, np.zeros(X.shape[1]), *parameters)


@wrong()
def filled_with_overall_mean(X, weights, means, covariances):
    """Gaps are filled with the mixture's mean; nothing should be filled in."""
    return _filled(X, weights @ means, weights, means, covariances)


@wrong()
def filled_with_column_mean(X, *parameters):
    """Gaps are filled with the mean of the column; nothing should be filled in."""
    return _filled(X, np.nanmean(X, axis=0), *parameters)


@wrong()
def filled_with_component_mean(X, weights, means, covariances):
    """Gaps are filled with each component's mean: the density then still has factors of features nobody
    saw.
    """
    log_densities = [
        log_gaussian(np.where(np.isnan(X), mean, X), mean, covariance)
        for mean, covariance in zip(means, covariances, strict=True)
    ]
    return _shared_out(np.stack(log_densities, axis=1) + np.log(weights))


@wrong(step="block")
def block_of_the_precision(covariance, known):
    """The block is cut out of the inverse; cut it out of the covariance first, and then invert."""
    return np.linalg.inv(_block(np.linalg.inv(covariance), known))


@wrong(step="dimensions")
def constant_of_all_features(x, known):
    """The constant counts all d features; a point with gaps has only as many as are known."""
    return len(x)


@wrong(step="weighted")
def weights_forgotten(weights):
    """The mixing weights are missing."""
    return np.zeros_like(weights)


@wrong()
def hard_assignment(X, *parameters):
    """Each point is given wholly to one component; EM shares points."""
    R, log_likelihood = _step_by_step(X, *parameters)
    return np.eye(R.shape[1])[R.argmax(axis=1)], log_likelihood


@wrong()
def mean_log_likelihood(X, *parameters):
    """The log-likelihood is the mean over the points; the course uses the sum."""
    R, log_likelihood = _step_by_step(X, *parameters)
    return R, log_likelihood / len(X)


@wrong()
def empty_row_becomes_nan(X, *parameters):
    """A row without any value becomes nan; give it the log density 0 and skip the matrices."""
    R, log_likelihood = _step_by_step(X, *parameters)
    empty = np.isnan(X).all(axis=1)
    R[empty] = np.nan
    return R, np.nan if empty.any() else log_likelihood


@wrong()
def empty_row_shared_equally(X, *parameters):
    """A row without any value is shared equally; it is by the weights."""
    R, log_likelihood = _step_by_step(X, *parameters)
    R[np.isnan(X).all(axis=1)] = 1 / R.shape[1]
    return R, log_likelihood


@wrong(step="log_determinant")
def determinant_of_all_features(covariance, block):
    """The determinant is that of the whole covariance; it must be that of the block."""
    return np.linalg.slogdet(covariance)[1]


@wrong(step="block")
def correlations_ignored(covariance, known):
    """covariance[a, a] picks the variances alone; np.ix_(a, a) picks the block with its correlations."""
    return np.diag(np.diag(covariance)[known])


@wrong(step="weighted")
def weights_not_logged(weights):
    """The weights are added to log densities; their logarithms must be."""
    return weights


@wrong()
def likelihood_zero(X, *parameters):
    """The log-likelihood is taken of the responsibilities, whose rows sum to 1, so it is 0."""
    R, _ = _step_by_step(X, *parameters)
    return R, 0.0


@wrong(step="share", see="numerics-log-sum-exp")
def exp_underflows(log_joint):
    """The densities of far points underflow to 0: use log-sum-exp."""
    joint = np.exp(log_joint)
    densities = joint.sum(axis=1)
    return joint / densities[:, None], np.log(densities).sum()
