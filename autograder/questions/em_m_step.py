"""em.m_step: inputs, checks and the catalogue of wrong M-steps."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from autograder.questions import drawing
from autograder.questions.comparing import Seen, holds, shapes, together, values
from autograder.values import Case, FloatArray, Misconception, Question
from gmmlib.em import m_step as gmmlib_m_step

RANDOM = ("random memberships 1", "random memberships 2", "random memberships 3")
RETURNS = ("weights", "means", "covariances")


def reference(X: FloatArray, responsibilities: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The M-step of gmmlib with the values of the contract."""
    mixture = gmmlib_m_step(X, responsibilities)
    return mixture.weights, mixture.means, mixture.covariances


# --------------------------------------------------------------------------- inputs


def draw(rng: np.random.Generator) -> tuple[Case, ...]:
    """The calls: small and random ones first, then the numerically hard ones."""
    sizes = ((40, 2, 2), (50, 3, 3), (45, 2, 4))
    randoms = [_random(rng, *size) for size in sizes]
    X, R = randoms[0]
    cases = [Case("small example", _small(rng))]
    cases += [Case(name, arguments) for name, arguments in zip(RANDOM, randoms, strict=True)]
    cases += [
        Case("shifted", (X + rng.uniform(3.0, 5.0, size=2), R)),
        Case("other order", (X[::-1].copy(), R[::-1, ::-1].copy())),
        Case("one component", _random(rng, 25, 3, 1)),
        Case("one feature", _random(rng, 25, 1, 2)),
        Case("little weight", _little_weight(rng)),
        Case("small units", (1e-4 * X, R)),
        Case("far from the origin", (X + 1e7, R)),
        Case("fifty features", _random(rng, 70, 50, 2)),
    ]
    return tuple(cases)


def _random(rng: np.random.Generator, n: int, d: int, n_components: int) -> tuple[FloatArray, FloatArray]:
    """Points of a mixture away from the origin, and memberships that have nothing to do with it."""
    X = drawing.points(rng, n, drawing.mixture(rng, n_components, d)) + rng.uniform(1.0, 3.0, size=d)
    return X, drawing.responsibilities(rng, n, n_components)


def _small(rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Five points with whole coordinates, owned in quarters by two components."""
    corners = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 2.0], [2.0, 2.0], [1.0, 4.0]])
    first = rng.permutation([1.0, 0.75, 0.5, 0.25, 0.25])
    X = corners * float(rng.integers(1, 3)) + rng.integers(0, 4, size=2).astype(float)
    return X, np.column_stack([first, 1.0 - first])


def _little_weight(rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """The first component owns about a thousandth of each point."""
    X, R = _random(rng, 60, 2, 3)
    R[:, 0] *= 1e-3
    return X, R / R.sum(axis=1, keepdims=True)


# --------------------------------------------------------------------------- checks


def _proper(seen: Seen) -> str:
    weights, covariances = seen.returned["weights"], seen.returned["covariances"]
    if not (np.all(weights >= 0) and abs(weights.sum() - 1.0) < 1e-5):
        return "the weights do not sum to 1"
    scale = np.abs(covariances).max()
    if not np.all(np.abs(covariances - np.swapaxes(covariances, 1, 2)) <= 1e-6 * scale):
        return "some covariance is not symmetric"
    return "" if np.all(np.linalg.eigvalsh(covariances) > 0) else "some covariance is not positive definite"


def _moves_along(one: Seen, other: Seen) -> str:
    shift = other.argument(0)[0] - one.argument(0)[0]
    if not np.allclose(other.returned["means"], one.returned["means"] + shift, atol=1e-4):
        return "the means do not move with the points"
    same = np.allclose(other.returned["covariances"], one.returned["covariances"], atol=1e-4)
    return "" if same else "the covariances change when all points move together"


def _same_in_other_order(one: Seen, other: Seen) -> str:
    for name in RETURNS:
        if not np.allclose(one.returned[name], other.returned[name][::-1], atol=1e-4):
            return f"the {name} do not follow the components"
    return ""


CHECKS = (
    shapes(
        "Weights, means and covariances come back in this order, with shapes (K,), (K, d) and (K, d, d).",
        RETURNS, ("small example", *RANDOM), weight=1, see="em-m-step",
    ),
    values(
        "Five points and two components, small enough to work out by hand, come out right.",
        RETURNS, ("small example",), weight=2, see="em-m-step",
    ),
    values("The weights of random memberships are right.", "weights", RANDOM, weight=1.5, see="em-weights"),
    values("The means of random memberships are right.", "means", RANDOM, weight=2, see="em-means"),
    values("The covariances of random memberships are right.", "covariances", RANDOM, weight=3,
           see="em-covariances"),
    values(
        "One component alone has the mean and the covariance of all points.",
        RETURNS, ("one component",), weight=0.5, see="em-m-step",
    ),
    values(
        "Data with a single feature come out right.",
        RETURNS, ("one feature",), weight=0.5, see="em-m-step",
    ),
    values(
        "A component that owns next to nothing still gets its own weight, mean and covariance.",
        RETURNS, ("little weight",), weight=1, see="em-m-step",
    ),
    values(
        "Data in small units come out right: nothing is added to the covariances.",
        RETURNS, ("small units",), weight=1, see="em-covariances",
    ),
    values(
        "Data ten million away from the origin come out right (this needs float64 throughout).",
        RETURNS, ("far from the origin",), weight=1, see="em-covariances",
    ),
    values("Fifty features come out right.", RETURNS, ("fifty features",), weight=1, see="em-m-step"),
    holds(
        "The weights sum to 1 and every covariance is symmetric and positive definite.",
        _proper, ("weights", "covariances"), RANDOM, weight=0.5, see="em-m-step",
    ),
    together(
        "Moving all points moves the means along and leaves the covariances alone.",
        _moves_along, ("means", "covariances"), (RANDOM[0], "shifted"), weight=0.5, see="em-covariances",
    ),
    together(
        "Listing points and components in another order only reorders the answer.",
        _same_in_other_order, RETURNS, (RANDOM[0], "other order"), weight=0.5, see="em-m-step",
    ),
)


# --------------------------------------------------------------------------- wrong M-steps
#
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
)

M_STEP = Question(
    id="em.m_step",
    signature="m_step(X, responsibilities)",
    returns=RETURNS,
    draw=draw,
    reference=reference,
    checks=CHECKS,
    misconceptions=MISCONCEPTIONS,
)
