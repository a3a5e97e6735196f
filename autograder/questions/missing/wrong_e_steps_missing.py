"""What students get wrong in missing.e_step_missing."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from autograder.questions import Catalogue, FloatArray
from autograder.questions.missing.e_step_missing import Owned, reference  # ?? shared
from gmmlib.em import e_step as e_step_of_complete_data
from gmmlib.mixture import Mixture


def _log_marginals(
    X: FloatArray,
    means: FloatArray,
    covariances: FloatArray,
    block: Callable[..., FloatArray],
    dimensions: str = "known",
    determinant: str = "known",
) -> FloatArray:
    log_marginals = np.zeros((len(X), len(means)))  # (n, K)  0 where nothing is known
    for i, x in enumerate(X):
        known = np.flatnonzero(~np.isnan(x))
        if len(known) == 0:
            continue
        d = len(known) if dimensions == "known" else len(x)
        for k, (m, C) in enumerate(zip(means, covariances, strict=True)):
            A, z = block(C, known), x[known] - m[known]
            log_determinant = np.linalg.slogdet(A if determinant == "known" else C)[1]
            quadratic = z @ np.linalg.solve(A, z)
            log_marginals[i, k] = -0.5 * (d * np.log(2 * np.pi) + log_determinant + quadratic)
    return log_marginals


def _block(C: FloatArray, known: FloatArray) -> FloatArray:
    return C[np.ix_(known, known)]


def _block_of_precision(C: FloatArray, known: FloatArray) -> FloatArray:
    return np.asarray(np.linalg.inv(np.linalg.inv(C)[np.ix_(known, known)]))


def _diagonal_block(C: FloatArray, known: FloatArray) -> FloatArray:
    return np.diag(np.diag(C)[known])


def _shared_out(log_joint: FloatArray) -> Owned:
    top = log_joint.max(axis=1, keepdims=True)
    total = top[:, 0] + np.log(np.exp(log_joint - top).sum(axis=1))
    return np.exp(log_joint - total[:, None]), float(total.sum())


def _plain_exp(log_joint: FloatArray) -> Owned:
    joint = np.exp(log_joint)
    return joint / joint.sum(axis=1, keepdims=True), float(np.log(joint.sum(axis=1)).sum())


def _log_weights(weights: FloatArray) -> FloatArray:
    return np.asarray(np.log(weights))


def _step_by_step(
    X: FloatArray,
    weights: FloatArray,
    means: FloatArray,
    covariances: FloatArray,
    *,
    block: Callable[..., FloatArray] = _block,
    dimensions: str = "known",
    determinant: str = "known",
    weighted: Callable[[FloatArray], FloatArray] = _log_weights,
    share: Callable[[FloatArray], Owned] = _shared_out,
) -> Owned:
    log_marginals = _log_marginals(X, means, covariances, block, dimensions, determinant)
    return share(log_marginals + weighted(weights))


def _with(**step: Any) -> Callable[..., Owned]:
    return partial(_step_by_step, **step)


def _changed(change: Callable[..., Owned]) -> Callable[..., Owned]:
    """The right answer, changed afterwards: `change` gets X, responsibilities and log-likelihood."""

    def e_step(X: FloatArray, *mixture: FloatArray) -> Owned:
        return change(X, *reference(X, *mixture))

    return e_step


def _in_empty_rows(value: Callable[[int], float]) -> Callable[..., Owned]:
    def change(X: FloatArray, R: FloatArray, total: float) -> Owned:
        empty = np.isnan(X).all(axis=1)
        share = value(R.shape[1])
        R[empty] = share
        return R, share if np.isnan(share) and empty.any() else total

    return _changed(change)


def _filled(fill: Callable[..., FloatArray]) -> Callable[..., Owned]:
    def e_step(X: FloatArray, weights: FloatArray, means: FloatArray, covariances: FloatArray) -> Owned:
        filled = np.where(np.isnan(X), fill(X, weights, means), X)
        return e_step_of_complete_data(filled, Mixture(weights, means, covariances))

    return e_step


def _incomplete_by_weight(
    X: FloatArray, weights: FloatArray, means: FloatArray, covariances: FloatArray
) -> Owned:
    R = np.tile(weights, (len(X), 1))
    whole = ~np.isnan(X).any(axis=1)
    total = 0.0
    if whole.any():
        R[whole], total = e_step_of_complete_data(X[whole], Mixture(weights, means, covariances))
    return R, total


wrong = Catalogue(see="missing-e-step")


@wrong()
def missing_for_known(X, weights, *others):
    """np.isnan marks what is missing; the known values are where ~np.isnan(x)."""
    # A complete row counts as unknown, and any other is looked up where it is nan.
    gaps = np.isnan(X).any(axis=1)
    R = np.tile(weights, (len(X), 1))
    R[gaps] = np.nan
    return R, np.nan if gaps.any() else 0.0


@wrong()
def gaps_become_nan(X, weights, means, covariances):
    """A gap turns the whole row into nan: use only the features that are known."""
    R, _ = _incomplete_by_weight(X, weights, means, covariances)
    gaps = np.isnan(X).any(axis=1)
    R[gaps] = np.nan
    total = e_step_of_complete_data(X, Mixture(weights, means, covariances))[1] if not gaps.any() else np.nan
    return R, float(total)


@wrong()
def incomplete_rows_dropped(X, weights, means, covariances):
    """Rows with gaps are left out; what is known of them counts."""
    kept = X[~np.isnan(X).any(axis=1)]
    return e_step_of_complete_data(kept, Mixture(weights, means, covariances))


@wrong()
def incomplete_rows_by_weight(X, weights, means, covariances):
    """Rows with gaps are shared out by the weights; their known values count."""
    return _incomplete_by_weight(X, weights, means, covariances)


@wrong()
def filled_with_zero(X, weights, means, covariances):
    """Gaps are filled with 0 before the E-step; nothing should be filled in."""
    return _filled(lambda X, w, m: np.zeros(X.shape[1]))(X, weights, means, covariances)  # ??


@wrong()
def filled_with_overall_mean(X, weights, means, covariances):
    """Gaps are filled with the mixture's mean; nothing should be filled in."""
    return _filled(lambda X, w, m: w @ m)(X, weights, means, covariances)  # ??


@wrong()
def filled_with_column_mean(X, weights, means, covariances):
    """Gaps are filled with the mean of the column; nothing should be filled in."""
    return _filled(lambda X, w, m: np.nanmean(X, axis=0))(X, weights, means, covariances)  # ??


@wrong()
def filled_with_component_mean(X, weights, means, covariances):
    """Gaps are filled with each component's mean: the density then still has factors of features nobody saw."""
    columns = []
    for m, C in zip(means, covariances, strict=True):
        columns.append(_log_marginals(np.where(np.isnan(X), m, X), m[None], C[None], _block)[:, 0])
    return _shared_out(np.stack(columns, axis=1) + np.log(weights))


@wrong()
def block_of_the_precision(X, weights, means, covariances):
    """The block is cut out of the inverse; cut it out of the covariance first, and then invert."""
    return _with(block=_block_of_precision)(X, weights, means, covariances)  # ??


@wrong()
def constant_of_all_features(X, weights, means, covariances):
    """The constant counts all d features; a point with gaps has only as many as are known."""
    return _with(dimensions="all")(X, weights, means, covariances)  # ??


@wrong()
def weights_forgotten(X, weights, means, covariances):
    """The mixing weights are missing."""
    return _with(weighted=np.zeros_like)(X, weights, means, covariances)  # ??


@wrong()
def hard_assignment(X, weights, means, covariances):
    """Each point is given wholly to one component; EM shares points."""
    return _changed(lambda X, R, total: (np.eye(R.shape[1])[R.argmax(axis=1)], total))(
        X, weights, means, covariances
    )  # ??


@wrong()
def mean_log_likelihood(X, weights, means, covariances):
    """The log-likelihood is the mean over the points; the course uses the sum."""
    return _changed(lambda X, R, total: (R, total / len(X)))(X, weights, means, covariances)  # ??


@wrong()
def empty_row_becomes_nan(X, weights, means, covariances):
    """A row without any value becomes nan; give it the log density 0 and skip the matrices."""
    return _in_empty_rows(lambda K: np.nan)(X, weights, means, covariances)  # ??


@wrong()
def empty_row_shared_equally(X, weights, means, covariances):
    """A row without any value is shared equally; it is by the weights."""
    return _in_empty_rows(lambda K: 1 / K)(X, weights, means, covariances)  # ??


@wrong()
def determinant_of_all_features(X, weights, means, covariances):
    """The determinant is that of the whole covariance; it must be that of the block."""
    return _with(determinant="all")(X, weights, means, covariances)  # ??


@wrong()
def correlations_ignored(X, weights, means, covariances):
    """covariance[a, a] picks the variances alone; np.ix_(a, a) picks the block with its correlations."""
    return _with(block=_diagonal_block)(X, weights, means, covariances)  # ??


@wrong()
def weights_not_logged(X, weights, means, covariances):
    """The weights are added to log densities; their logarithms must be."""
    return _with(weighted=np.asarray)(X, weights, means, covariances)  # ??


@wrong()
def likelihood_zero(X, weights, means, covariances):
    """The log-likelihood is taken of the responsibilities, whose rows sum to 1, so it is 0."""
    return _changed(lambda X, R, total: (R, 0.0))(X, weights, means, covariances)  # ??


@wrong(see="numerics-log-sum-exp")
def exp_underflows(X, weights, means, covariances):
    """The densities of far points underflow to 0: use log-sum-exp."""
    return _with(share=_plain_exp)(X, weights, means, covariances)  # ??
