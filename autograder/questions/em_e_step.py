"""em.e_step: inputs, checks and the catalogue of wrong E-steps."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from autograder.questions import drawing
from autograder.questions.comparing import Seen, holds, shapes, together, values
from autograder.values import Case, FloatArray, Misconception, Question
from gmmlib.em import e_step as gmmlib_e_step
from gmmlib.mixture import Mixture

RANDOM = ("random mixture 1", "random mixture 2", "random mixture 3")
RETURNS = ("responsibilities", "log_likelihood")


def reference(
    X: FloatArray, weights: FloatArray, means: FloatArray, covariances: FloatArray
) -> tuple[FloatArray, float]:
    """The E-step of gmmlib with the arguments of the contract."""
    return gmmlib_e_step(X, Mixture(weights, means, covariances))


# --------------------------------------------------------------------------- inputs


def draw(rng: np.random.Generator) -> tuple[Case, ...]:
    """The calls: small and random ones first, then the numerically hard ones."""
    sizes = ((30, 2, 2), (40, 3, 3), (35, 2, 4))
    randoms = [_random(rng, *size) for size in sizes]
    X, weights, means, covariances = randoms[0]
    cases = [Case("small example", _small(rng))]
    cases += [Case(name, arguments) for name, arguments in zip(RANDOM, randoms, strict=True)]
    cases += [
        Case("other order",
             (X[::-1].copy(), weights[::-1].copy(), means[::-1].copy(), covariances[::-1].copy())),
        Case("one component", _random(rng, 20, 2, 1)),
        Case("one feature", _random(rng, 25, 1, 3)),
        Case("little weight", _little_weight(rng)),
        Case("far points", _far(rng)),
        Case("all points far", _all_far(rng)),
        Case("far from the origin", (X + 1e7, weights, means + 1e7, covariances)),
        Case("fifty features", _fifty(rng)),
    ]
    return tuple(cases)


Call = tuple[FloatArray, FloatArray, FloatArray, FloatArray]


def _random(rng: np.random.Generator, n: int, d: int, n_components: int) -> Call:
    """Points of a mixture whose components overlap, so that no mistake is hidden by a lucky draw."""
    weights, means, covariances = drawing.mixture(rng, n_components, d)
    for _ in range(20):
        X = drawing.points(rng, n, (weights, means, covariances))
        R, _ = reference(X, weights, means, covariances)
        if n_components == 1 or (1.0 - R.max(axis=1)).mean() > 0.05:
            break
        means = means.mean(axis=0) + 0.8 * (means - means.mean(axis=0))
    return X, weights, means, covariances


def _small(rng: np.random.Generator) -> Call:
    share = float(rng.choice([0.2, 0.25, 0.3]))
    means = np.array([[0.0], [float(rng.integers(2, 4))]])
    X = rng.choice(np.arange(-1.0, 5.5, 0.5), size=(3, 1), replace=False)
    return X, np.array([share, 1.0 - share]), means, np.array([[[1.0]], [[float(rng.integers(2, 5))]]])


def _little_weight(rng: np.random.Generator) -> Call:
    """A component of weight 1e-8 that owns its points all the same."""
    X, weights, means, covariances = _random(rng, 30, 2, 3)
    weights[0] = 1e-8
    means[0] = means[1] + 7.0
    X[:6] = means[0] + 0.8 * (X[:6] - X[:6].mean(axis=0))
    return X, weights / weights.sum(), means, covariances


def _far(rng: np.random.Generator) -> Call:
    """Points so far away that every density underflows: log densities below -1000."""
    X, weights, means, covariances = _random(rng, 24, 2, 3)
    directions = rng.normal(size=(12, 2))
    X[:12] = 250.0 * directions / np.linalg.norm(directions, axis=1, keepdims=True)
    return X, weights, means, covariances


def _all_far(rng: np.random.Generator) -> Call:
    """All points in one far corner: every density underflows, but none is far below the others."""
    X, weights, means, covariances = _random(rng, 10, 2, 2)
    return 0.2 * X + 90.0, weights, means, covariances


def _fifty(rng: np.random.Generator) -> Call:
    """Fifty features in small units: the determinant is below the smallest float."""
    weights, means, covariances = drawing.mixture(rng, 2, 50)
    means = means[0] + 0.05 * (means - means[0])
    X = drawing.points(rng, 12, (weights, means, covariances))
    return 1e-5 * X, weights, 1e-5 * means, 1e-10 * covariances


# --------------------------------------------------------------------------- checks


def _rows_sum_to_one(seen: Seen) -> str:
    R = seen.returned["responsibilities"]
    if not np.all((R >= -1e-9) & (R <= 1 + 1e-9)):
        return "some responsibilities are not between 0 and 1"
    return "" if np.allclose(R.sum(axis=1), 1.0, atol=1e-6) else "some rows do not sum to 1"


def _same_in_other_order(one: Seen, other: Seen) -> str:
    R, reversed_R = one.returned["responsibilities"], other.returned["responsibilities"]
    same = np.allclose(R, reversed_R[::-1, ::-1], atol=2e-6)
    return "" if same else "the responsibilities do not follow the points and components"


CHECKS = (
    shapes(
        "Responsibilities come as an array of n rows and K columns, the log-likelihood as one number.",
        RETURNS, ("small example", *RANDOM), weight=1, see="em-e-step",
    ),
    holds(
        "Each point is owned completely: its responsibilities lie between 0 and 1 and sum to 1.",
        _rows_sum_to_one, ("responsibilities",), RANDOM, weight=1, see="soft-responsibilities",
    ),
    values(
        "Three points and two components, small enough to work out by hand, come out right.",
        RETURNS, ("small example",), weight=2, see="em-e-step",
    ),
    values(
        "The responsibilities of random mixtures are right.",
        "responsibilities", RANDOM, weight=3, see="em-e-step",
    ),
    values(
        "The log-likelihood of random mixtures is right.",
        "log_likelihood", RANDOM, weight=2, see="soft-mixture",
    ),
    values(
        "One component alone owns everything, and the log-likelihood is that of a Gaussian.",
        RETURNS, ("one component",), weight=0.5, see="em-e-step",
    ),
    values(
        "Data with a single feature come out right.",
        RETURNS, ("one feature",), weight=0.5, see="em-e-step",
    ),
    values(
        "A component of very little weight still owns the points that only it can explain.",
        RETURNS, ("little weight",), weight=1, see="soft-responsibilities",
    ),
    values(
        "Points far from every component are shared out correctly, although every density underflows to 0.",
        RETURNS, ("far points", "all points far"), weight=2, see="numerics-log-sum-exp",
    ),
    values(
        "Data ten million away from the origin come out right (this needs float64 throughout).",
        RETURNS, ("far from the origin",), weight=1, see="em-e-step",
    ),
    values(
        "Fifty features in small units come out right, although the determinant underflows.",
        RETURNS, ("fifty features",), weight=1, see="soft-gaussian",
    ),
    together(
        "Listing points and components in another order only reorders the answer.",
        _same_in_other_order, ("responsibilities",), (RANDOM[0], "other order"), weight=1, see="em-e-step",
    ),
)


# --------------------------------------------------------------------------- wrong E-steps
#
# An E-step has four steps; a misconception replaces one of them.


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


def _wrong(name: str, sentence: str, see: str, **step: Any) -> Misconception:
    return Misconception(name, sentence, see, partial(_step_by_step, **step))


def _no_weights(log_densities: FloatArray, weights: FloatArray) -> FloatArray:
    return log_densities


def _added_weights(log_densities: FloatArray, weights: FloatArray) -> FloatArray:
    return log_densities + weights


def _equal_weights(log_densities: FloatArray, weights: FloatArray) -> FloatArray:
    return log_densities - np.log(len(weights))


def _over_points(log_joint: FloatArray) -> FloatArray:
    joint = np.exp(log_joint - log_joint.max(axis=0))
    return np.asarray(joint / joint.sum(axis=0))


def _hard(log_joint: FloatArray) -> FloatArray:
    return np.eye(log_joint.shape[1])[log_joint.argmax(axis=1)]


def _plain_exp(log_joint: FloatArray) -> FloatArray:
    joint = np.exp(log_joint)
    return np.asarray(joint / joint.sum(axis=1, keepdims=True))


def _papered_over(log_joint: FloatArray) -> FloatArray:
    return np.nan_to_num(_plain_exp(log_joint))


def _one_shift_for_all(log_joint: FloatArray) -> FloatArray:
    return _plain_exp(log_joint - log_joint.max())


def _logs_normalised(log_joint: FloatArray) -> FloatArray:
    return np.asarray(log_joint / log_joint.sum(axis=1, keepdims=True))


def _plain_log_of_sum(log_joint: FloatArray, R: FloatArray) -> FloatArray:
    return np.asarray(np.log(np.exp(log_joint).sum(axis=1)).sum())


def _expected_complete(log_joint: FloatArray, R: FloatArray) -> FloatArray:
    return np.asarray(np.where(R > 0, R * log_joint, 0.0).sum())


def _diagonal(covariance: FloatArray) -> FloatArray:
    return np.diag(np.diag(covariance))


def _log_of_det(X: FloatArray, mean: FloatArray, covariance: FloatArray) -> FloatArray:
    return _gaussian(X, mean, covariance, log_determinant=0.0) - 0.5 * np.log(np.linalg.det(covariance))


MISCONCEPTIONS = (
    _wrong("covariance-not-inverted",
           "The distance uses the covariance itself where its inverse belongs.", "soft-gaussian",
           density=partial(_gaussian, precision=lambda C: C)),
    _wrong("no-determinant",
           "The term with the log-determinant is missing, so wide and narrow components count alike.",
           "soft-gaussian", density=partial(_gaussian, log_determinant=0.0)),
    _wrong("determinant-not-halved",
           "The log-determinant enters with factor 1 instead of 1/2.", "soft-gaussian",
           density=partial(_gaussian, log_determinant=1.0)),
    _wrong("determinant-with-wrong-sign",
           "The log-determinant is added where it must be subtracted.", "soft-gaussian",
           density=partial(_gaussian, log_determinant=-0.5)),
    _wrong("distance-not-halved",
           "The squared distance enters with factor 1 instead of 1/2.", "soft-gaussian",
           density=partial(_gaussian, quadratic=1.0)),
    _wrong("correlations-ignored",
           "Only the variances are used; the covariances beside the diagonal are ignored.", "soft-gaussian",
           density=lambda X, m, C: _gaussian(X, m, _diagonal(C))),
    _wrong("deviation-for-variance",
           "The covariance is treated as if it held standard deviations and is squared once more.",
           "soft-gaussian", density=lambda X, m, C: _gaussian(X, m, C @ C)),
    _wrong("no-normalising-constant",
           "The constant (2π)^(-d/2) is missing: the responsibilities survive it, the log-likelihood does "
           "not.",
           "soft-gaussian", density=partial(_gaussian, log_2pi=lambda d: 0.0)),
    _wrong("constant-of-one-dimension",
           "The constant is (2π)^(-1/2) whatever the number of features; it should be (2π)^(-d/2).",
           "soft-gaussian", density=partial(_gaussian, log_2pi=lambda d: 0.5)),
    _wrong("determinant-underflows",
           "The determinant is taken before the logarithm and underflows to 0; use slogdet or a Cholesky "
           "factor.",
           "soft-gaussian", density=_log_of_det),
    _wrong("weights-forgotten",
           "The mixing weights are missing: each density must be multiplied by its weight.",
           "soft-responsibilities", joint=_no_weights),
    _wrong("weights-not-logged",
           "The weights are added to the log densities; in the log domain it is their logarithm that is "
           "added.",
           "soft-responsibilities", joint=_added_weights),
    _wrong("equal-weights",
           "All components get the weight 1/K instead of the weights that were passed.",
           "soft-responsibilities", joint=_equal_weights),
    _wrong("normalised-over-points",
           "The responsibilities sum to 1 over the points; they must sum to 1 over the components.",
           "soft-responsibilities", normalise=_over_points),
    _wrong("hard-assignment",
           "Each point is given wholly to its most probable component; that is k-means' way, EM shares "
           "points.",
           "soft-responsibilities", normalise=_hard),
    _wrong("not-normalised",
           "Weight times density is returned as it is; it must be divided by its sum over the components.",
           "soft-responsibilities", normalise=np.exp),
    _wrong("log-responsibilities",
           "The logarithms of the responsibilities are returned; take exp at the end.",
           "soft-responsibilities", normalise=lambda a: a - _log_sum_exp(a)[:, None]),
    _wrong("logs-normalised",
           "The logarithms are divided by their sum; exp comes first, then the division.",
           "soft-responsibilities", normalise=_logs_normalised),
    _wrong("columns-and-rows-swapped",
           "The responsibilities have components in rows and points in columns; it should be the other way "
           "round.",
           "em-e-step", normalise=lambda a: _softmax(a).T),
    _wrong("exp-underflows",
           "exp of very negative numbers is 0, and 0/0 is nan: subtract each row's largest value before exp.",
           "numerics-log-sum-exp", normalise=_plain_exp, likelihood=_plain_log_of_sum),
    _wrong("exp-underflows-in-responsibilities",
           "exp of very negative numbers is 0, and 0/0 is nan: subtract each row's largest value before exp.",
           "numerics-log-sum-exp", normalise=_plain_exp),
    _wrong("underflow-papered-over",
           "Where every density underflows, 0/0 was papered over: such points then belong to nobody.",
           "numerics-log-sum-exp", normalise=_papered_over),
    _wrong("one-shift-for-all-points",
           "The largest value of the whole array is subtracted; each row needs its own.",
           "numerics-log-sum-exp", normalise=_one_shift_for_all),
    _wrong("likelihood-underflows",
           "The log-likelihood takes exp of very negative numbers, then the log of 0: use log-sum-exp.",
           "numerics-log-sum-exp", likelihood=_plain_log_of_sum),
    _wrong("mean-log-likelihood",
           "The log-likelihood is the mean over the points; the course uses the sum.", "soft-mixture",
           likelihood=lambda a, R: _total(a, R) / len(a)),
    _wrong("sum-of-logs",
           "The logarithm stands inside the sum over components; it is the log of the sum, not the sum of "
           "the logs.",
           "soft-mixture", likelihood=lambda a, R: a.sum()),
    _wrong("expected-complete-log-likelihood",
           "This is Σ r log(w N), the function the M-step lifts; the log-likelihood is Σ log Σ w N.",
           "soft-mixture", likelihood=_expected_complete),
    _wrong("negative-log-likelihood",
           "The log-likelihood has the wrong sign.", "soft-mixture",
           likelihood=lambda a, R: -_total(a, R)),
    _wrong("other-base-of-logarithm",
           "The log-likelihood uses logarithms to another base; the course uses natural ones.",
           "soft-mixture",
           likelihood=lambda a, R: _total(a, R) / np.log(10)),
    _wrong("likelihood-per-point",
           "One log density for each point is returned; they must be summed to one number.", "soft-mixture",
           likelihood=lambda a, R: _log_sum_exp(a)),
)

E_STEP = Question(
    id="em.e_step",
    signature="e_step(X, weights, means, covariances)",
    returns=RETURNS,
    draw=draw,
    reference=reference,
    checks=CHECKS,
    misconceptions=MISCONCEPTIONS,
)
