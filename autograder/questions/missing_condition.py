"""missing.condition: inputs, checks and the catalogue of wrong conditionals."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from autograder.questions import drawing
from autograder.questions.comparing import Seen, holds, shapes, together, values
from autograder.values import Array, Case, FloatArray, Misconception, Question
from gmmlib.missing import condition_gaussian

RETURNS = ("mean", "covariance")
RANDOM = ("random Gaussian 1", "random Gaussian 2", "random Gaussian 3")
SEE = "missing-conditional"
Call = tuple[FloatArray, FloatArray, Array, FloatArray]


def reference(
    mean: FloatArray, covariance: FloatArray, known: Array, values: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Mean and covariance of the unknown features, given the values of the known ones."""
    means, rest = condition_gaussian(mean, covariance, [int(k) for k in known], values[None])
    return means[0], rest


# --------------------------------------------------------------------------- inputs


def draw(rng: np.random.Generator) -> tuple[Case, ...]:
    """Random Gaussians first; known features out of order; independent ones; twenty features; an offset."""
    randoms = [_random(rng, d, p) for d, p in ((3, 1), (4, 2), (5, 3))]
    m, C, known, x = randoms[1]
    lonely = C.copy()
    unknown = np.ones(4, dtype=bool)
    unknown[known] = False
    lonely[unknown[:, None] != unknown] = 0.0
    return (
        Case("small example", _small(rng)),
        *(Case(name, arguments) for name, arguments in zip(RANDOM, randoms, strict=True)),
        Case("other values", (m, C, known, x + 1.0)),
        Case("known features out of order", (m, C, known[::-1].copy(), x[::-1].copy())),
        Case("independent features", (m, lonely, known, x)),
        Case("one feature unknown", _random(rng, 4, 3)),
        Case("twenty features", _random(rng, 20, 12)),
        Case("far from the origin", (m + 1e7, C, known, x + 1e7)),
    )


def _random(rng: np.random.Generator, d: int, p: int) -> Call:
    C = rng.uniform(0.5, 3.0) * drawing.covariance(rng, d)
    known = np.sort(rng.choice(d, size=p, replace=False))
    while np.array_equal(known, np.arange(p)):
        known = np.sort(rng.choice(d, size=p, replace=False))
    return rng.normal(scale=2.0, size=d), C, known.astype(np.int64), rng.normal(scale=2.0, size=p)


def _small(rng: np.random.Generator) -> Call:
    """Two features, whole numbers, no mean 0; the second is known, the first keeps the larger variance."""
    mean = rng.choice(np.arange(1.0, 7.0), size=2, replace=False)
    C = np.array([[float(rng.integers(6, 11)), 2.0], [2.0, 4.0]])
    return mean, C, np.array([1]), mean[1:] + float(rng.choice([1.0, 3.0, 5.0]))   # half of it: no whole mean


# --------------------------------------------------------------------------- checks


def _smaller(seen: Seen) -> str:
    covariance, whole = seen.returned["covariance"], seen.argument(1)
    unknown = np.setdiff1d(np.arange(len(whole)), np.asarray(seen.case.arguments[2]))
    if not np.allclose(covariance, covariance.T, atol=1e-6):
        return "the covariance is not symmetric"
    lost = np.linalg.eigvalsh(whole[np.ix_(unknown, unknown)] - covariance)
    return "" if lost.min() >= -1e-5 else "knowing more makes the variance larger"


def _same_covariance(one: Seen, other: Seen) -> str:
    same = np.allclose(one.returned["covariance"], other.returned["covariance"], atol=1e-5)
    return "" if same else "the covariance depends on the values"


CHECKS = (
    shapes("A mean and a covariance of the unknown features come back.", RETURNS, ("small example", *RANDOM),
           weight=0.5, see=SEE),
    values("Two features, small enough to do by hand, come out right.", RETURNS, ("small example",), weight=2,
           see=SEE),
    values("The means of the unknown features are right.", "mean", RANDOM, weight=2, see=SEE),
    values("The covariances of the unknown features are right.", "covariance", RANDOM, weight=2, see=SEE),
    values("Known features in another order come out right.", RETURNS, ("known features out of order",),
           weight=1, see=SEE),
    values("A single unknown feature, and twenty features, come out right.", RETURNS,
           ("one feature unknown", "twenty features"), weight=1, see=SEE),
    values("An offset of ten million does no harm (this needs float64 throughout).", RETURNS,
           ("far from the origin",), weight=0.5, see=SEE),
    values("Knowing an independent feature tells nothing.", RETURNS, ("independent features",), weight=0.5,
           see=SEE),
    holds("Knowing more never makes a variance larger.", _smaller, ("covariance",), RANDOM, weight=0.5,
          see=SEE),
    together("The covariance does not depend on the values.", _same_covariance, ("covariance",),
             (RANDOM[1], "other values"), weight=0.5, see=SEE),
)


# --------------------------------------------------------------------------- wrong conditionals


def _gain(aa: FloatArray, ba: FloatArray) -> FloatArray:
    return np.asarray(ba @ np.linalg.inv(aa))


def _blocks(
    mean: FloatArray,
    covariance: FloatArray,
    known: Array,
    values: FloatArray,
    *,
    gain: Callable[[FloatArray, FloatArray], FloatArray] = _gain,
    shift: Callable[..., FloatArray] = lambda m_b, m_a, x, gain: m_b + gain @ (x - m_a),
    rest: Callable[..., FloatArray] = lambda bb, ba, gain: bb - gain @ ba.T,
) -> tuple[FloatArray, FloatArray]:
    a = np.asarray(known)
    b = np.setdiff1d(np.arange(len(mean)), a)
    aa, ba, bb = covariance[np.ix_(a, a)], covariance[np.ix_(b, a)], covariance[np.ix_(b, b)]
    G = gain(aa, ba)
    return shift(mean[b], mean[a], values, G), rest(bb, ba, G)


def _sorted_known(
    mean: FloatArray, covariance: FloatArray, known: Array, values: FloatArray
) -> tuple[FloatArray, FloatArray]:
    return reference(mean, covariance, np.sort(known), values)


def _swapped(
    mean: FloatArray, covariance: FloatArray, known: Array, values: FloatArray
) -> tuple[FloatArray, FloatArray]:
    a = np.asarray(known)
    return mean[a], covariance[np.ix_(a, a)]


def _wrong(name: str, sentence: str, **step: Any) -> Misconception:
    return Misconception(name, sentence, SEE, partial(_blocks, **step))


def _alone(name: str, sentence: str, **step: Any) -> Misconception:
    """A mistake that is not tried together with another one, as partials are: that takes time."""
    return Misconception(name, sentence, SEE, lambda *inputs: _blocks(*inputs, **step))


def _block_of_the_precision(
    mean: FloatArray, covariance: FloatArray, known: Array, values: FloatArray
) -> tuple[FloatArray, FloatArray]:
    block = np.linalg.inv(covariance)[np.ix_(known, known)]
    return _blocks(mean, covariance, known, values, gain=lambda aa, ba: ba @ block)


def _known_first(
    mean: FloatArray, covariance: FloatArray, known: Array, values: FloatArray
) -> tuple[FloatArray, FloatArray]:
    return reference(mean, covariance, np.arange(len(known)), values)


def _filled_in(
    mean: FloatArray, covariance: FloatArray, known: Array, values: FloatArray
) -> tuple[FloatArray, FloatArray]:
    shifted, rest = reference(mean, covariance, known, values)
    full = mean.copy()
    full[np.setdiff1d(np.arange(len(mean)), known)] = shifted
    full[known] = values
    return full, rest


MISCONCEPTIONS = (
    _wrong("marginal-instead-of-conditional",
           "What is known is not used: this is the marginal of the unknown features.",
           shift=lambda m_b, m_a, x, G: m_b, rest=lambda bb, ba, G: bb),
    Misconception("known-and-unknown-swapped", "The known features are described; it is the unknown ones.",
                  SEE,
                  _swapped),
    _wrong("inverse-missing", "The covariance of the known features must be inverted.",
           gain=lambda aa, ba: ba @ aa),
    _wrong("only-variances-of-the-known",
           "The known features are treated as independent: their whole covariance must be inverted.",
           gain=lambda aa, ba: ba @ np.diag(1 / np.diag(aa))),
    _wrong("known-not-centred", "The mean of the known features is not taken off their values.",
           shift=lambda m_b, m_a, x, G: m_b + G @ x),
    _wrong("own-mean-forgotten", "The mean of the unknown features is missing.",
           shift=lambda m_b, m_a, x, G: G @ (x - m_a)),
    _wrong("shift-with-wrong-sign", "The shift has the wrong sign: what is above its mean pulls upwards.",
           shift=lambda m_b, m_a, x, G: m_b - G @ (x - m_a)),
    _wrong("mean-not-shifted", "The mean stays that of the marginal; what is known must move it.",
           shift=lambda m_b, m_a, x, G: m_b),
    _wrong("covariance-not-reduced",
           "The covariance stays that of the marginal; knowing more must shrink it.",
           rest=lambda bb, ba, G: bb),
    _wrong("covariance-raised", "The covariance is raised; knowing more must shrink it.",
           rest=lambda bb, ba, G: bb + G @ ba.T),
    _wrong("precision-returned", "The inverse of the covariance (the precision) is returned.",
           rest=lambda bb, ba, G: np.linalg.inv(bb - G @ ba.T)),
    Misconception("order-of-known-ignored",
                  "The known features are sorted, but not their values: keep the order in which they come.",
                  SEE,
                  _sorted_known),
    Misconception("first-features-taken-for-known",
                  "The first features are taken for the known ones; `known` tells which they are.", SEE,
                  _known_first),
    Misconception("known-features-returned-too",
                  "The mean holds the known features too; return the unknown ones alone.", SEE, _filled_in),
    Misconception("block-of-the-precision",
                  "The block is cut out of the inverse; cut Σ_aa out of the covariance first, and then "
                  "invert.",
                  SEE, _block_of_the_precision),
    _alone("entries-inverted",
           "1 / Σ_aa inverts entry by entry; the inverse of a matrix is np.linalg.inv, or better solve.",
           gain=lambda aa, ba: ba @ (1 / aa)),
    _alone("inverse-missing-in-covariance", "The covariance lacks Σ_aa⁻¹ between Σ_ba and Σ_ab.",
           rest=lambda bb, ba, G: bb - ba @ ba.T),
    _alone("gain-twice-in-covariance", "Σ_ba Σ_aa⁻¹ is multiplied by itself; multiply it by Σ_ab.",
           rest=lambda bb, ba, G: bb - G @ G.T),
    _alone("diagonal-instead-of-block",
           "covariance[b, b] picks the variances alone; np.ix_(b, b) picks the block.",
           rest=lambda bb, ba, G: np.diag(bb) - G @ ba.T),
    _alone("variances-only", "Only the variances are returned; the covariance is a matrix.",
           rest=lambda bb, ba, G: np.diag(bb - G @ ba.T)),
)

CONDITION = Question(
    id="missing.condition",
    signature="condition(mean, covariance, known, values)",
    returns=RETURNS,
    draw=draw,
    reference=reference,
    checks=CHECKS,
    misconceptions=MISCONCEPTIONS,
)
