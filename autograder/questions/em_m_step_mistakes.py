"""The catalogue of wrong M-steps."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from autograder.values import FloatArray, Misconception

# An M-step has four steps; a misconception replaces one of them.


def _as_given(R: FloatArray) -> FloatArray:
    return R


def _shares(R: FloatArray) -> FloatArray:
    return np.asarray(R.mean(axis=0))


def _weighted_means(X: FloatArray, R: FloatArray) -> FloatArray:
    origin = X[0]
    return np.asarray(origin + R.T @ (X - origin) / R.sum(axis=0)[:, None])


def _scatter(X: FloatArray, R: FloatArray, means: FloatArray) -> FloatArray:
    """Σ_i r_ik (x_i - μ_k)(x_i - μ_k)ᵀ of each component, (K, d, d)."""
    return np.stack([(X - m).T @ ((X - m) * r[:, None]) for m, r in zip(means, R.T, strict=True)])


def _per_count(X: FloatArray, R: FloatArray, means: FloatArray) -> FloatArray:
    return np.asarray(_scatter(X, R, means) / R.sum(axis=0)[:, None, None])


def _step_by_step(
    X: FloatArray,
    responsibilities: FloatArray,
    *,
    ownership: Callable[[FloatArray], FloatArray] = _as_given,
    weights: Callable[[FloatArray], FloatArray] = _shares,
    means: Callable[[FloatArray, FloatArray], FloatArray] = _weighted_means,
    covariances: Callable[[FloatArray, FloatArray, FloatArray], FloatArray] = _per_count,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    R = ownership(responsibilities)
    centres = means(X, R)
    return weights(R), centres, covariances(X, R, centres)


def _wrong(name: str, sentence: str, see: str, **step: Any) -> Misconception:
    return Misconception(name, sentence, see, partial(_step_by_step, **step))


def _hard(R: FloatArray) -> FloatArray:
    return np.eye(R.shape[1])[R.argmax(axis=1)]


def _hard_means(X: FloatArray, R: FloatArray) -> FloatArray:
    return _weighted_means(X, _hard(R))


def _every_mean(X: FloatArray, R: FloatArray) -> FloatArray:
    return np.tile(X.mean(axis=0), (R.shape[1], 1))


def _tied(X: FloatArray, R: FloatArray, means: FloatArray) -> FloatArray:
    return np.broadcast_to(_scatter(X, R, means).sum(axis=0) / len(X), (R.shape[1], X.shape[1], X.shape[1]))


def _about_overall_mean(X: FloatArray, R: FloatArray, means: FloatArray) -> FloatArray:
    return _per_count(X, R, np.broadcast_to(X.mean(axis=0), means.shape))


def _not_centred(X: FloatArray, R: FloatArray, means: FloatArray) -> FloatArray:
    return _per_count(X, R, np.zeros_like(means))


def _cancelling(X: FloatArray, R: FloatArray, means: FloatArray) -> FloatArray:
    outer: FloatArray = means[:, :, None] * means[:, None, :]
    return _not_centred(X, R, means) - outer


def _minus_one(X: FloatArray, R: FloatArray, means: FloatArray) -> FloatArray:
    return np.asarray(_scatter(X, R, means) / (R.sum(axis=0) - 1.0)[:, None, None])


def _as_np_cov(X: FloatArray, R: FloatArray, means: FloatArray) -> FloatArray:
    return np.stack([np.atleast_2d(np.cov(X, rowvar=False, aweights=r)) for r in R.T])


def _unweighted(X: FloatArray, R: FloatArray, means: FloatArray) -> FloatArray:
    return _per_count(X, np.ones_like(R), means)


def _diagonal(X: FloatArray, R: FloatArray, means: FloatArray) -> FloatArray:
    return np.stack([np.diag(np.diag(C)) for C in _per_count(X, R, means)])


def _spherical(X: FloatArray, R: FloatArray, means: FloatArray) -> FloatArray:
    d = X.shape[1]
    return np.stack([np.eye(d) * np.trace(C) / d for C in _per_count(X, R, means)])


def _ridge(size: float) -> Callable[[FloatArray, FloatArray, FloatArray], FloatArray]:
    return lambda X, R, means: _per_count(X, R, means) + size * np.eye(X.shape[1])


def _unweighted_per_count(X: FloatArray, R: FloatArray, means: FloatArray) -> FloatArray:
    return np.asarray(_scatter(X, np.ones_like(R), means) / R.sum(axis=0)[:, None, None])


def _weighted_before_centring(X: FloatArray, R: FloatArray, means: FloatArray) -> FloatArray:
    Z = [r[:, None] * X - m for m, r in zip(means, R.T, strict=True)]
    return np.stack([z.T @ z / r.sum() for z, r in zip(Z, R.T, strict=True)])


def _plain_np_cov(X: FloatArray, R: FloatArray, means: FloatArray) -> FloatArray:
    return np.stack([np.atleast_2d(np.cov(X, rowvar=False))] * R.shape[1])


def _inner_products(X: FloatArray, R: FloatArray, means: FloatArray) -> FloatArray:
    traces = np.trace(_per_count(X, R, means), axis1=1, axis2=2)
    return np.ones((1, X.shape[1], X.shape[1])) * traces[:, None, None]


def _variances(X: FloatArray, R: FloatArray, means: FloatArray) -> FloatArray:
    return np.diagonal(_per_count(X, R, means), axis1=1, axis2=2)


def _last_component(X: FloatArray, R: FloatArray, means: FloatArray) -> FloatArray:
    return np.asarray(_per_count(X, R, means)[-1])


def _with_epsilon(X: FloatArray, responsibilities: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    counts = responsibilities.sum(axis=0) + 1e-10
    means = responsibilities.T @ X / counts[:, None]
    return counts / len(X), means, _scatter(X, responsibilities, means) / counts[:, None, None]


def _squared_ownership(X: FloatArray, R: FloatArray, means: FloatArray) -> FloatArray:
    return np.asarray(_scatter(X, R**2, means) / R.sum(axis=0)[:, None, None])


MISCONCEPTIONS = (
    _wrong("hard-assignment",
           "Each point is given wholly to its largest responsibility; EM lets every component use its share.",
           "em-m-step", ownership=_hard),
    _wrong("normalised-over-points",
           "The responsibilities are rescaled first, so that each component owns one point in all.",
           "em-m-step", ownership=lambda R: R / R.sum(axis=0)),
    _wrong("responsibilities-squared",
           "The responsibilities enter squared; each point counts with r, not with r².",
           "em-m-step", ownership=np.square),
    _wrong("weights-are-counts",
           "The weights are the counts N_k; they must be divided by the number of points n.", "em-weights",
           weights=lambda R: R.sum(axis=0)),
    _wrong("equal-weights",
           "All weights are 1/K whatever the responsibilities say; the weight is N_k / n.", "em-weights",
           weights=lambda R: np.full(R.shape[1], 1.0 / R.shape[1])),
    _wrong("weights-divided-by-components",
           "The counts are divided by the number of components; they must be divided by the number of "
           "points.",
           "em-weights", weights=lambda R: R.sum(axis=0) / R.shape[1]),
    _wrong("weights-from-hard-labels",
           "The weights count the points whose largest responsibility is k; they must add up shares.",
           "em-weights", weights=lambda R: _hard(R).mean(axis=0)),
    _wrong("weights-averaged-over-components",
           "The mean is taken along each row; a weight is the mean of a column of the responsibilities.",
           "em-weights", weights=lambda R: R.mean(axis=1)),
    _wrong("means-divided-by-n",
           "The weighted sum is divided by n; a component's mean divides by what it owns, N_k.", "em-means",
           means=lambda X, R: R.T @ X / len(X)),
    _wrong("means-divided-by-components",
           "The weighted sum is divided by the number of components; divide by what each owns, N_k.",
           "em-means", means=lambda X, R: R.T @ X / R.shape[1]),
    _wrong("counts-along-the-wrong-axis",
           "The means are divided feature by feature: N_k belongs to the rows, so write counts[:, None].",
           "em-means", means=lambda X, R: R.T @ X / R.sum(axis=0)),
    _wrong("means-not-divided",
           "The weighted sum of the points is not divided by N_k.", "em-means", means=lambda X, R: R.T @ X),
    _wrong("means-of-all-points",
           "Every component gets the plain mean of all points; the responsibilities are not used.",
           "em-means",
           means=_every_mean),
    _wrong("means-of-hard-clusters",
           "The means are those of the points with the largest responsibility, as in k-means.", "em-means",
           means=_hard_means),
    _wrong("covariances-divided-by-n",
           "The scatter is divided by n; a component's covariance divides by what it owns, N_k.",
           "em-covariances", covariances=lambda X, R, m: _scatter(X, R, m) / len(X)),
    _wrong("covariances-divided-by-count-minus-one",
           "The scatter is divided by N_k - 1; maximum likelihood divides by N_k.", "em-covariances",
           covariances=_minus_one),
    _wrong("numpy-cov-default",
           "np.cov corrects for small samples unless told not to; maximum likelihood needs ddof=0.",
           "em-covariances", covariances=_as_np_cov),
    _wrong("scatter-not-divided",
           "The weighted scatter is not divided by N_k.", "em-covariances", covariances=_scatter),
    _wrong("covariances-about-the-overall-mean",
           "The points are centred by the mean of all points; each component centres by its own mean.",
           "em-covariances", covariances=_about_overall_mean),
    _wrong("covariances-not-centred",
           "The mean is not taken off: this is the second moment about the origin.", "em-covariances",
           covariances=_not_centred),
    _wrong("covariances-cancel",
           "Subtracting μμᵀ from the second moment loses all digits far from the origin: centre the points "
           "first.",
           "numerics-statistics", covariances=_cancelling),
    _wrong("covariances-unweighted",
           "Every point counts fully in every covariance; it must count with its responsibility.",
           "em-covariances", covariances=_unweighted),
    _wrong("covariances-unweighted-per-count",
           "Every point counts fully in every covariance, and the sum is divided by N_k: weigh it with r.",
           "em-covariances", covariances=_unweighted_per_count),
    _wrong("weighted-before-centring",
           "The points are multiplied by r before the mean is taken off: centre first, then weigh.",
           "em-covariances", covariances=_weighted_before_centring),
    _wrong("numpy-cov-of-all-points",
           "np.cov of all points is returned for every component; the responsibilities are not used.",
           "em-covariances", covariances=_plain_np_cov),
    _wrong("inner-instead-of-outer-product",
           "z·z is a number; the covariance sums the matrices z zᵀ, np.outer(z, z).", "em-covariances",
           covariances=_inner_products),
    _wrong("variances-only", "Only the d variances of each component are returned; it is a (d, d) matrix.",
           "em-covariances", covariances=_variances),
    _wrong("last-covariance-only",
           "One covariance is returned, that of the last component: keep all K of them.", "em-covariances",
           covariances=_last_component),
    _wrong("covariances-weighted-twice",
           "Each point counts with r² in the covariance: the responsibility was multiplied in twice.",
           "em-covariances", covariances=_squared_ownership),
    _wrong("covariances-of-hard-clusters",
           "The covariances use only the points with the largest responsibility, as after k-means.",
           "em-covariances", covariances=lambda X, R, m: _per_count(X, _hard(R), m)),
    _wrong("diagonal-only",
           "Only the variances are kept; the covariances beside the diagonal are zero.", "em-covariances",
           covariances=_diagonal),
    _wrong("spherical-only",
           "Each covariance is one variance times the identity; the course asks for full matrices.",
           "em-covariances", covariances=_spherical),
    _wrong("one-covariance-for-all",
           "All components share one pooled covariance; each has its own.", "em-covariances",
           covariances=_tied),
    _wrong("deviation-for-variance",
           "The square root was taken: covariances are in squared units of the data.", "em-covariances",
           covariances=lambda X, R, m: np.sqrt(np.abs(_per_count(X, R, m)))),
    _wrong("inverse-returned",
           "The inverse of the covariance (the precision) is returned.", "em-covariances",
           covariances=lambda X, R, m: np.linalg.inv(_per_count(X, R, m))),
    _wrong("ridge-added",
           "A fixed number is added to the variances: that is no longer maximum likelihood and depends on "
           "units.",
           "em-covariances", covariances=_ridge(1e-6)),
    *(_wrong(f"ridge-of-{size:.0e}-added",
             "A fixed number is added to the variances: that is no longer maximum likelihood and depends on "
             "units.", "em-covariances", covariances=_ridge(size))
      for size in (1e-2, 1e-3, 1e-8, 1e-9)),
    Misconception("epsilon-added-to-counts",
                  "A small number is added to N_k before dividing; far from the origin it moves the means. "
                  "Every component owns something here: leave it out.",
                  "em-m-step", _with_epsilon),
)
