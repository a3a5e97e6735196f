"""missing.e_step_missing: inputs and checks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import numpy as np

from autograder.judge.tolerance import log_likelihood
from autograder.questions import (
    Case,
    FloatArray,
    Part,
    Question,
    Seen,
    drawing,
    holds,
    relative,
    shapes,
    together,
    values,
)
from autograder.questions.missing.wrong_e_steps_missing import wrong
from autograder.questions.parts import RESPONSIBILITIES
from gmmlib.missing import e_step as gmmlib_e_step
from gmmlib.mixture import Mixture


def _of_log_likelihood(case: Case, expected: FloatArray) -> FloatArray:
    """Allow a millionth of Σ |log p(x_i)| where all values are known, of the log-likelihood where not."""
    gaps = np.isnan(np.asarray(case.arguments[0])).any()
    return relative(case, expected) if gaps else log_likelihood(case, expected)


LOG_LIKELIHOOD = Part("log_likelihood", "one number", _of_log_likelihood)
RETURNS = (RESPONSIBILITIES, LOG_LIKELIHOOD)
RANDOM = ("random gaps 1", "random gaps 2", "random gaps 3")
SEE = "missing-e-step"
FAINT = 6e-6  # a density beside which 1e-10 shows
Call = tuple[FloatArray, FloatArray, FloatArray, FloatArray]


def reference(
    X: FloatArray, weights: FloatArray, means: FloatArray, covariances: FloatArray
) -> tuple[FloatArray, float]:
    """Run the E-step of gmmlib on what is known of each point."""
    return gmmlib_e_step(X, Mixture(weights, means, covariances))


# --------------------------------------------------------------------------- inputs


def draw(rng: np.random.Generator) -> tuple[Case, ...]:
    """Draw gaps at random, none, empty rows, one component or feature alone, an offset, far points."""
    randoms = [_mirrored(rng, name) for name in RANDOM]
    X, weights, means, covariances = randoms[1]
    empty = X.copy()
    empty[3:6] = np.nan  # neither at the beginning nor at the end: what leaves out a row shows
    far, order = X.copy(), np.trace(covariances, axis1=1, axis2=2).argsort()[[0, 2, 1]]  # neither end is wide
    far[:10] = means[0] + 100.0 * (far[:10] - means[0])
    return (
        Case("small example", _known(rng, "small example")),
        *(Case(name, arguments) for name, arguments in zip(RANDOM, randoms, strict=True)),
        Case("other order", tuple(array[::-1].copy() for array in randoms[1])),
        Case("no gaps", _mirrored(rng, "no gaps")),
        Case("rows without any value", (empty, weights, means, covariances)),
        Case("one component", _mirrored(rng, "one component")),
        Case("one feature", (X[:, :1], weights, means[:, :1], covariances[:, :1, :1])),
        Case("far points", (far, weights[order], means[order], covariances[order])),
        Case("far from the origin", (X + 1e7, weights, means + 1e7, covariances), noisy=True),
        Case("nearly flat", _nearly_flat(rng)),
    )


def _mirrored(rng: np.random.Generator, name: str) -> Call:
    """Draw one of the known mixtures, its features mirrored and shifted, its components in another order.

    The first feature is not shifted: its 0 is a value like any other.
    """
    X, weights, means, covariances = _known(rng, name)
    (_, d), order = X.shape, rng.permutation(len(weights))
    signs, shift = rng.choice([-1.0, 1.0], size=d), rng.uniform(-2.0, 2.0, size=d) * (np.arange(d) > 0)
    means, covariances = (signs * means + shift)[order], (np.outer(signs, signs) * covariances)[order]
    return signs * X + shift, weights[order], means, covariances


def _known(rng: np.random.Generator, name: str) -> Call:
    seeds = SEEDS[name]
    return of_seed(name, seeds[int(rng.integers(len(seeds)))])


@cache
def of_seed(name: str, seed: int) -> Call:
    """Return the mixture of this name and seed."""
    return KINDS[name](np.random.default_rng(seed))


def _complete(rng: np.random.Generator, n: int, d: int, n_components: int, separation: float = 1.5) -> Call:
    """Draw points of a mixture without gaps, none so far from a component that its share underflows.

    The origin is where the second point begins with a 0, which is a value like any other.
    """
    while True:
        weights, means, covariances = drawing.mixture(rng, n_components, d, separation)
        X = drawing.points(rng, n, (weights, means, covariances))
        X[:, 0], means[:, 0] = X[:, 0] - X[1, 0], means[:, 0] - X[1, 0]
        if Mixture(weights, means, covariances).log_joint(X).min() > -600.0 / n_components:
            return X, weights, means, covariances


def _random(rng: np.random.Generator, n: int, d: int, n_components: int) -> Call:
    """Draw points, a third of the values missing; one value is known in each row, one alone last."""
    X, weights, means, covariances = _complete(rng, n, d, n_components)
    gaps = rng.random(X.shape) < 0.35
    gaps[-1], gaps[1, 0] = True, False
    gaps[np.arange(n), rng.integers(d, size=n)] = False
    return np.where(gaps, np.nan, X), weights, means, covariances


def _with_a_faint_point(rng: np.random.Generator, n: int, d: int, n_components: int) -> Call:
    """Draw points, the last but one so far off that 1e-10 beside its density shows in its shares."""
    X, *parameters = _random(rng, n, d, n_components)
    weights, means, covariances = parameters
    middle, away = means.mean(axis=0), X[-2] - means.mean(axis=0)
    while _densities(X[-2:-1], weights, means, covariances) > FAINT:
        away *= 1.02
        X[-2] = middle + away
    return X, weights, means, covariances


def _densities(X: FloatArray, weights: FloatArray, means: FloatArray, covariances: FloatArray) -> FloatArray:
    """Return the density of what is known of each point, (n,)."""
    call = weights, means, covariances
    return np.exp([reference(x[None], *call)[1] for x in X])


def _alone(rng: np.random.Generator) -> Call:
    """Draw points of one component, none of them faint; they do not know two features on average, the number
    in the plane.
    """
    while True:
        call = _random(rng, 20, 3, 1)
        if np.isfinite(call[0]).sum() != 2 * len(call[0]) and _densities(*call).min() > 100 * FAINT:
            return call


def _nearly_flat(rng: np.random.Generator) -> Call:
    """Draw points of one component in small units, nearly in a plane, half of them with a gap."""
    X, mean, covariance = drawing.nearly_flat(rng, 12, 3)
    X[::2, 1] = np.nan
    return X, np.ones(1), mean[None], covariance[None]


def _small(rng: np.random.Generator) -> Call:
    """Draw three points in the plane, one without its first and one without its second coordinate.

    The first lies as far from no mean in one coordinate as in the other, so that their order counts; of the
    others what is known is not the second mean's, so that its variance counts. So does the fifth digit of the
    log-likelihood.
    """
    weights, covariances = np.array([0.25, 0.75]), np.stack([np.eye(2), [[2.0, 1.0], [1.0, 2.0]]])
    while True:
        means = np.array([[0.0, 1.0], [rng.choice([2.0, 4.0]), 3.0]])
        X = rng.integers(1, 6, size=(3, 2)).astype(float)
        while np.any(X[0, 0] - means[:, 0] == X[0, 1] - means[:, 1]):
            X[0] = rng.integers(1, 6, size=2)
        while X[1, 1] == means[1, 1] or X[2, 0] == means[1, 0]:
            X[1:] = rng.integers(1, 6, size=(2, 2))
        X[1, 0] = X[2, 1] = np.nan
        if drawing.rounding_shows(reference(X, weights, means, covariances)[1], 4):
            return X, weights, means, covariances


KINDS: Mapping[str, Callable[[np.random.Generator], Call]] = {
    "small example": _small,
    "random gaps 1": lambda rng: _random(rng, 30, 2, 2),
    "random gaps 2": lambda rng: _with_a_faint_point(rng, 35, 3, 3),
    "random gaps 3": lambda rng: _random(rng, 30, 4, 2),
    "no gaps": lambda rng: _complete(rng, 25, 2, 3, separation=0.5),  # they overlap: nobody owns all points
    "one component": _alone,
}
#: On these a number that is added to a density or to the variances makes the answer wrong by 1.5 to 6 times
#: what is allowed if it is of one size: a tenth of it never shows, ten times as much does, as in em.e_step.
#: Nothing underflows if the sum of a row's logarithms is subtracted. For the first point of the small example
#: the diagonal of the second Cholesky factor is not enough.
# fmt: off
SEEDS: Mapping[str, tuple[int, ...]] = {
    "small example": (
        31, 34, 103, 142, 238, 277, 456, 500, 603, 681, 714, 732, 921,
    ),
    "random gaps 1": (
        0, 2, 4, 5, 7, 9, 12, 16, 18, 19, 20, 24, 28, 34, 35, 38, 39, 43, 44, 45, 49, 51, 53, 60,
    ),
    "random gaps 2": (
        38, 42, 140, 155, 308, 327, 377, 586, 639, 690, 1041, 1157, 1197, 1206, 1347, 1359,
        1371, 1428, 1432, 1502, 1542, 1663, 1712,
    ),
    "random gaps 3": (
        0, 1, 2, 3, 6, 8, 10, 13, 15, 16, 18, 19, 20, 21, 22, 25, 27, 28, 29, 30, 31, 32, 34, 35,
    ),
    "no gaps": (
        7, 32, 34, 45, 60, 91, 130, 203, 207, 212, 228, 231, 254, 262, 279, 324, 335, 336, 359,
        365, 366, 411, 419, 420,
    ),
    "one component": (
        6, 15, 45, 65, 66, 78, 82, 88, 93, 110, 117, 140, 143, 148, 164, 186, 187, 190, 252, 272,
        296, 348, 380, 397,
    ),
}
# fmt: on


# --------------------------------------------------------------------------- checks


def _rows_sum_to_one(seen: Seen) -> str:
    R = seen.returned[RESPONSIBILITIES]
    return "" if np.allclose(R.sum(axis=1), 1.0, atol=1e-6) else "some rows do not sum to 1"


def _same_in_other_order(seen: Seen, reordered: Seen) -> str:
    R, reversed_R = seen.returned[RESPONSIBILITIES], reordered.returned[RESPONSIBILITIES]
    same = np.allclose(R, reversed_R[::-1, ::-1], atol=2e-6)
    return "" if same else "the responsibilities do not follow the points and components"


CHECKS = (
    shapes(
        "Responsibilities (n, K) and one log-likelihood come back.",
        ("small example", *RANDOM),
        weight=0.5,
        see=SEE,
    ),
    values(
        "Three points with gaps, small enough to do by hand, come out right.",
        RETURNS,
        ("small example",),
        weight=2,
        see=SEE,
    ),
    values("Random gaps: the responsibilities are right.", RESPONSIBILITIES, RANDOM, weight=3, see=SEE),
    values(
        "Random gaps: the log-likelihood of what is known is right.",
        LOG_LIKELIHOOD,
        RANDOM,
        weight=2,
        see=SEE,
    ),
    values("Without gaps it is the ordinary E-step.", RETURNS, ("no gaps",), weight=1, see="em-e-step"),
    values(
        "A row without any value is shared out by the weights and adds nothing, also of one feature alone.",
        RETURNS,
        ("rows without any value", "one feature"),
        weight=1,
        see=SEE,
    ),
    values("One component alone comes out right.", RETURNS, ("one component",), weight=0.5, see=SEE),
    values(
        "Far points, nearly flat ones, and an offset of ten million come out right (this needs float64).",
        RETURNS,
        ("far points", "nearly flat", "far from the origin"),
        weight=1,
        see="numerics-log-sum-exp",
    ),
    holds(
        "Each point is owned completely: rows sum to 1.",
        _rows_sum_to_one,
        (RESPONSIBILITIES,),
        RANDOM,
        weight=0.5,
        see=SEE,
    ),
    together(
        "Listing points and components in another order only reorders the answer.",
        _same_in_other_order,
        (RESPONSIBILITIES,),
        (RANDOM[1], "other order"),
        weight=0.5,
        see=SEE,
    ),
)


QUESTION = Question(
    id="missing.e_step_missing",
    signature="e_step_missing(X, weights, means, covariances)",
    returns=RETURNS,
    draw=draw,
    reference=reference,
    checks=CHECKS,
    misconceptions=tuple(wrong),
    uses=("missing.condition",),
    calls=2,
)
