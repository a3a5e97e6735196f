"""missing.e_step_missing: inputs and checks."""

from __future__ import annotations

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
UNIT = 2.0**-5
Call = tuple[FloatArray, FloatArray, FloatArray, FloatArray]


def reference(
    X: FloatArray, weights: FloatArray, means: FloatArray, covariances: FloatArray
) -> tuple[FloatArray, float]:
    """Run the E-step of gmmlib on what is known of each point."""
    return gmmlib_e_step(X, Mixture(weights, means, covariances))


# --------------------------------------------------------------------------- inputs


def draw(rng: np.random.Generator) -> tuple[Case, ...]:
    """Draw gaps at random, none, empty rows, one component or feature alone, an offset, far points."""
    randoms = [_random(rng, 30, 2, 2), _with_a_faint_point(rng, 35, 3, 3), _light(_random(rng, 30, 4, 2))]
    X, weights, means, covariances = randoms[1]
    complete = _light(_complete(rng, 25, 2, 3, separation=0.5))  # they overlap: nobody owns all points
    empty = X.copy()
    empty[3:6] = np.nan  # neither at the beginning nor at the end: what leaves out a row shows
    far = X.copy()
    far[:10] = means[0] + 100.0 * (far[:10] - means[0])
    return (
        Case("small example", _small(rng)),
        *(Case(name, arguments) for name, arguments in zip(RANDOM, randoms, strict=True)),
        Case("other order", tuple(array[::-1].copy() for array in randoms[1])),
        Case("no gaps", complete),
        Case("rows without any value", (empty, weights, means, covariances)),
        Case("one component", _light(_alone(rng))),
        Case("one feature", _light((X[:, :1], weights, means[:, :1], covariances[:, :1, :1]))),
        Case("far points", (far, weights, means, covariances)),
        Case("far from the origin", (X + 1e7, weights, means + 1e7, covariances), noisy=True),
        Case("nearly flat", _nearly_flat(rng)),
    )


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


def _light(call: Call) -> Call:
    """Return points and components in units in which 1e-6 beside a variance shows; no digit changes."""
    X, weights, means, covariances = call
    return UNIT * X, weights, UNIT * means, UNIT**2 * covariances


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
