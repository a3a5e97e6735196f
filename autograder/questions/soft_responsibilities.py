"""soft.responsibilities: inputs, checks and the catalogue of wrong ways to share points."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from autograder.questions.comparing import Seen, holds, shapes, together, values
from autograder.values import Case, FloatArray, Misconception, Question
from gmmlib.mixture import responsibilities as reference

RANDOM = ("random densities 1", "random densities 2", "random densities 3")
RETURNS = ("responsibilities",)
Call = tuple[FloatArray, FloatArray]


# --------------------------------------------------------------------------- inputs


def draw(rng: np.random.Generator) -> tuple[Case, ...]:
    """The calls: small and random ones first, then the numerically hard ones."""
    randoms = [_random(rng, n, K) for n, K in ((20, 2), (25, 3), (15, 5))]
    log_densities, weights = randoms[0]
    far, far_weights = _random(rng, 20, 3)
    cases = [Case("small example", _small(rng))]
    cases += [Case(name, arguments) for name, arguments in zip(RANDOM, randoms, strict=True)]
    cases += [
        Case("all densities doubled", (log_densities + np.log(2.0), weights)),
        Case("other order", (log_densities[:, ::-1].copy(), weights[::-1].copy())),
        Case("one component", (rng.normal(size=(10, 1)), np.ones(1))),
        Case("little weight", _little_weight(rng)),
        Case("far points", (far - rng.uniform(1000.0, 3000.0, size=(20, 1)), far_weights)),
        Case("narrow components", (far + rng.uniform(800.0, 3000.0, size=(20, 1)), far_weights)),
    ]
    return tuple(cases)


def _random(rng: np.random.Generator, n: int, n_components: int) -> Call:
    weights = rng.permutation(np.arange(1.0, n_components + 1.0)) + rng.uniform(0.0, 0.5, n_components)
    return rng.normal(-3.0, 1.5, size=(n, n_components)), weights / weights.sum()


def _small(rng: np.random.Generator) -> Call:
    """Multiples of 0.05, and weights in quarters; no column's highest is three times the other's."""
    densities = 0.05 * (rng.integers(1, 7, size=(3, 2)) + np.array([[2], [0], [0]]))
    return np.log(densities), np.array([0.25, 0.75]) if rng.random() < 0.5 else np.array([0.75, 0.25])


def _little_weight(rng: np.random.Generator) -> Call:
    log_densities, _ = _random(rng, 15, 3)
    log_densities[:7, 0] += 20.0                    # only the component of weight 1e-8 explains these points
    return log_densities, np.array([1e-8, 0.4, 0.6 - 1e-8])


# --------------------------------------------------------------------------- checks


def _rows_sum_to_one(seen: Seen) -> str:
    R = seen.returned["responsibilities"]
    if not np.all((R >= -1e-9) & (R <= 1 + 1e-9)):
        return "some responsibilities are not between 0 and 1"
    return "" if np.allclose(R.sum(axis=1), 1.0, atol=1e-6) else "some rows do not sum to 1"


def _equal(one: Seen, other: Seen) -> str:
    same = np.allclose(one.returned["responsibilities"], other.returned["responsibilities"], atol=2e-6)
    return "" if same else "the responsibilities change when all densities double"


def _same_in_other_order(one: Seen, other: Seen) -> str:
    same = np.allclose(one.returned["responsibilities"], other.returned["responsibilities"][:, ::-1],
                       atol=2e-6)
    return "" if same else "the responsibilities do not follow the order of the components"


CHECKS = (
    shapes("An array of n rows and K columns comes back.", RETURNS, ("small example", *RANDOM), weight=0.5,
           see="soft-responsibilities"),
    holds("Each point is owned completely: its responsibilities lie between 0 and 1 and sum to 1.",
          _rows_sum_to_one, RETURNS, (*RANDOM, "one component"), weight=1, see="soft-responsibilities"),
    values("Three points and two components, small enough to do by hand, come out right.", RETURNS,
           ("small example",), weight=2, see="soft-responsibilities"),
    values("The responsibilities from random densities and unequal weights are right.", RETURNS, RANDOM,
           weight=3, see="soft-responsibilities"),
    values("A component of very little weight still owns the points that only it can explain.", RETURNS,
           ("little weight",), weight=1, see="soft-responsibilities"),
    values("Points whose every log density is below -1000 are shared out correctly.", RETURNS,
           ("far points",),
           weight=2, see="numerics-log-sum-exp"),
    values("Very narrow components, whose densities overflow, are handled too.", RETURNS,
           ("narrow components",), weight=1, see="numerics-log-sum-exp"),
    together("Doubling every density changes nothing: only ratios count.", _equal, RETURNS,
             (RANDOM[0], "all densities doubled"), weight=0.5, see="soft-responsibilities"),
    together("Listing the components in another order only reorders the columns.", _same_in_other_order,
             RETURNS,
             (RANDOM[0], "other order"), weight=0.5, see="soft-responsibilities"),
)


# --------------------------------------------------------------------------- wrong ways to share
#
# First the joint log w_k N(x_i | k), then its normalisation; a misconception replaces one of them.


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
    return normalise(joint(log_densities, weights))


def _over_points(log_joint: FloatArray) -> FloatArray:
    return _softmax(log_joint.T).T


def _hard(log_joint: FloatArray) -> FloatArray:
    return np.eye(log_joint.shape[1])[log_joint.argmax(axis=1)]


def _plain_exp(log_joint: FloatArray) -> FloatArray:
    joint = np.exp(log_joint)
    return np.asarray(joint / joint.sum(axis=1, keepdims=True))


def _guarded(log_joint: FloatArray) -> FloatArray:
    joint = np.exp(log_joint)
    return np.asarray(joint / (joint.sum(axis=1, keepdims=True) + 1e-300))


def _logs_normalised(log_joint: FloatArray) -> FloatArray:
    return np.asarray(log_joint / log_joint.sum(axis=1, keepdims=True))


def _log_softmax(log_joint: FloatArray) -> FloatArray:
    return np.log(_softmax(log_joint))


def _wrong(name: str, sentence: str, see: str = "soft-responsibilities",
           **step: Any) -> Misconception:
    return Misconception(name, sentence, see, partial(_step_by_step, **step))


MISCONCEPTIONS = (
    _wrong("weights-forgotten",
           "The mixing weights are missing: each density must be multiplied by its weight.",
           joint=lambda log_densities, weights: log_densities),
    _wrong("weights-not-logged",
           "The weights are added to the log densities; in the log domain it is their logarithm that is "
           "added.",
           joint=lambda log_densities, weights: log_densities + weights),
    _wrong("weights-times-logs",
           "The log densities are multiplied by the weights; it is the densities that are.",
           joint=lambda log_densities, weights: log_densities * weights),
    _wrong("divided-by-weights", "The densities are divided by the weights; they must be multiplied.",
           joint=lambda log_densities, weights: log_densities - np.log(weights)),
    _wrong("normalised-over-points",
           "The responsibilities sum to 1 over the points; they must sum to 1 over the components.",
           normalise=_over_points),
    _wrong("normalised-over-everything",
           "There is one sum over all points and components; each row needs its own.",
           normalise=lambda log_joint: np.exp(log_joint - np.logaddexp.reduce(log_joint, axis=None))),
    _wrong("divided-by-the-largest",
           "Each row is divided by its largest entry; it must be divided by its sum.",
           normalise=lambda log_joint: np.exp(log_joint - log_joint.max(axis=1, keepdims=True))),
    Misconception("weights-in-the-numerator-only",
                  "The weights are missing in the denominator: multiply before you divide by the sum.",
                  "soft-responsibilities", lambda D, weights: weights * _softmax(D)),
    Misconception("weights-in-the-denominator-only", "The weights are missing in the numerator.",
                  "soft-responsibilities", lambda D, weights: _softmax(D + np.log(weights)) / weights),
    Misconception("labels-returned",
                  "The most probable component is returned; K probabilities are asked for.",
                  "soft-responsibilities", lambda D, weights: (D + np.log(weights)).argmax(axis=1)),
    _wrong("other-base-of-logarithm", "np.log10 takes the place of np.log: exp undoes the natural one only.",
           joint=lambda log_densities, weights: log_densities + np.log10(weights)),
    _wrong("weights-multiplied-with-logs",
           "log densities and log weights are multiplied; the logarithm of a product is a sum.",
           joint=lambda log_densities, weights: log_densities * np.log(weights)),
    _wrong("hard-assignment",
           "Each point is given wholly to its most probable component; a mixture shares points.",
           normalise=_hard),
    _wrong("not-normalised",
           "Weight times density is returned as it is; it must be divided by its sum over the components.",
           normalise=np.exp),
    _wrong("logs-normalised", "The logarithms are divided by their sum; exp comes first, then the division.",
           normalise=_logs_normalised),
    _wrong("log-responsibilities",
           "The logarithms of the responsibilities are returned; take exp at the end.",
           normalise=_log_softmax),
    _wrong("columns-and-rows-swapped",
           "The answer has components in rows and points in columns; it should be the other way round.",
           normalise=lambda log_joint: _softmax(log_joint).T),
    _wrong("exp-underflows",
           "exp of very negative numbers is 0, and 0/0 is nan: subtract each row's largest value before exp.",
           "numerics-log-sum-exp", normalise=_plain_exp),
    _wrong("underflow-papered-over",
           "Where every density underflows, nan is replaced by 0: such points then belong to nobody.",
           "numerics-log-sum-exp", normalise=lambda log_joint: np.nan_to_num(_plain_exp(log_joint))),
    _wrong("underflow-guarded-by-epsilon",
           "A small number in the denominator hides the underflow: far points then belong to nobody.",
           "numerics-log-sum-exp", normalise=_guarded),
    Misconception("clipped",
                  "The log densities are clipped so that exp survives: far points lose who is near.",
                  "numerics-log-sum-exp",
                  lambda D, weights: _softmax(np.clip(D, -700.0, 700.0) + np.log(weights))),
    _wrong("shift-of-each-column", "The largest value of each column is subtracted; each row needs its own.",
           "numerics-log-sum-exp", normalise=lambda log_joint: _plain_exp(log_joint - log_joint.max(axis=0))),
    _wrong("one-shift-for-all-points",
           "The largest value of the whole array is subtracted; each row needs its own.",
           "numerics-log-sum-exp", normalise=lambda log_joint: _plain_exp(log_joint - log_joint.max())),
)

RESPONSIBILITIES = Question(
    id="soft.responsibilities",
    signature="responsibilities(log_densities, weights)",
    returns=RETURNS,
    draw=draw,
    reference=reference,
    checks=CHECKS,
    misconceptions=MISCONCEPTIONS,
)
