"""missing.m_step_missing: inputs and checks."""

from __future__ import annotations

import numpy as np

from autograder.questions import (
    Case,
    FloatArray,
    Part,
    Question,
    Seen,
    drawing,
    holds,
    location,
    scatter,
    shapes,
    together,
    values,
)
from autograder.questions.missing.condition import nearly_flat
from autograder.questions.missing.wrong_m_steps_missing import wrong
from autograder.questions.parts import WEIGHTS
from gmmlib.missing import fill, patterns
from gmmlib.statistics import weighted_moments

SEE = "missing-m-step"
RANDOM = ("random gaps 1", "random gaps 2", "random gaps 3")
UNIT = 2.0**-5
Call = tuple[FloatArray, FloatArray, FloatArray, FloatArray]


def _spread_of_known(case: Case) -> FloatArray:
    """Standard deviation of the known values of each feature, (d,)."""
    X = np.asarray(case.arguments[0])
    origin = np.asarray(case.arguments[2])[0]  # a mean: there may be gaps in every row
    return np.asarray(np.nanstd(X - origin, axis=0))


MEANS = Part("means", "(K, d)", location(_spread_of_known))
COVARIANCES = Part("covariances", "(K, d, d)", scatter(_spread_of_known))
RETURNS = (WEIGHTS, MEANS, COVARIANCES)


def reference(
    X: FloatArray, responsibilities: FloatArray, means: FloatArray, covariances: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the M-step of gmmlib for points with gaps, from the given responsibilities."""
    groups = patterns(X)
    new_means, new_covariances = [], []
    for r, mean, covariance in zip(responsibilities.T, means, covariances, strict=True):
        filled, extra = fill(X, mean, covariance, groups, r)
        count, new_mean, spread = weighted_moments(filled, r)
        new_means.append(new_mean)
        new_covariances.append((spread + extra) / count)
    return responsibilities.mean(axis=0), np.stack(new_means), np.stack(new_covariances)


# --------------------------------------------------------------------------- inputs


def draw(rng: np.random.Generator) -> tuple[Case, ...]:
    """Draw random gaps first; no gaps, empty rows, one component, one feature, and an offset after them."""
    randoms = [_random(rng, n, d, K) for n, d, K in ((30, 3, 2), (40, 4, 3), (30, 3, 3))]
    X, R, means, covariances = randoms[0]
    complete = drawing.points(rng, 25, (np.full(3, 1 / 3), randoms[1][2][:, :2], randoms[1][3][:, :2, :2]))
    far = drawing.far(reference(X, R, means, covariances)[1][0, 0])
    empty = X.copy()
    empty[:3] = np.nan
    return (
        Case("small example", _small(rng)),
        *(Case(name, arguments) for name, arguments in zip(RANDOM, randoms, strict=True)),
        Case(
            "other order",
            (X[::-1].copy(), R[::-1, ::-1].copy(), means[::-1].copy(), covariances[::-1].copy()),
        ),
        Case("shifted", (X + 4.5, R, means + 4.5, covariances)),
        Case(
            "no gaps",
            (complete, drawing.responsibilities(rng, 25, 3), randoms[1][2][:, :2], randoms[1][3][:, :2, :2]),
        ),
        Case("rows without any value", (empty, R, means, covariances)),
        Case("one component", _light(_random(rng, 25, 3, 1))),
        Case("one feature", (X[:, :1], R, means[:, :1], covariances[:, :1, :1])),
        Case("far from the origin", (X + far, R, means + far, covariances), noisy=True),
        Case("nearly flat", _nearly_flat(rng)),
    )


def _random(rng: np.random.Generator, n: int, d: int, n_components: int) -> Call:
    """Draw points of which a third of the values is missing, and memberships that have nothing to do with
    them.

    Each row knows a value, each component's guesses differ, and pairs of features are missing together.
    """
    weights, means, covariances = drawing.mixture(rng, n_components, d)
    X = drawing.points(rng, n, (weights, means, covariances)) + 3.0
    X[:, 0], means[:, 0] = X[:, 0] - X[3, 0], means[:, 0] - X[3, 0]  # one value is 0: no gap
    gaps = rng.random(X.shape) < 0.35
    gaps[np.arange(n), rng.integers(d, size=n)] = False
    gaps[:3, :2], gaps[:3, 2] = True, False
    gaps[3:6] = False  # rows with everything known
    gaps[-2], gaps[-2, 1] = True, False  # one with a single value
    gaps[-1], gaps[-1, 0] = False, True  # and the last one with a gap
    return np.where(gaps, np.nan, X), drawing.responsibilities(rng, n, n_components), means + 3.0, covariances


def _light(call: Call) -> Call:
    """Return points and components in units in which 1e-6 beside a variance shows; no digit changes."""
    X, R, means, covariances = call
    return UNIT * X, R, UNIT * means, UNIT**2 * covariances


def _nearly_flat(rng: np.random.Generator) -> Call:
    """Draw points of one component in small units, half of them with a gap; the rest is nearly on a plane."""
    X, mean, covariance = nearly_flat(rng, 12)
    X[::2, 2] = np.nan
    return X, np.ones((12, 1)), mean[None], covariance[None]


def _small(rng: np.random.Generator) -> Call:
    """Draw four points in the plane with whole coordinates, two of them with a gap, owned in quarters."""
    covariances = np.array([[[2.0, 1.0], [1.0, 2.0]], [[4.0, -1.0], [-1.0, 2.0]]])
    while True:
        means = np.array([[1.0, 2.0], [float(rng.integers(3, 5)), 4.0]])
        X = rng.integers(1, 7, size=(4, 2)).astype(float)
        X[1, 0] = X[2, 1] = np.nan
        first = rng.permutation([1.0, 0.75, 0.5, 0.25])
        call = X, np.column_stack([first, 1.0 - first]), means, covariances
        if _telling(*call):
            return call


def _telling(X: FloatArray, R: FloatArray, means: FloatArray, covariances: FloatArray) -> bool:
    """Whether features spread, and vary together in each component; and each guess tells whose it is.

    No value beside a gap is a component's mean, nor one of which both components guess the same.
    """
    if np.nanstd(X, axis=0).min() == 0.0 or X[2, 0] in means[:, 0]:
        return False
    if X[1, 1] in (*means[:, 1], means[1, 0] + 2.0):
        return False
    return bool((np.abs(reference(X, R, means, covariances)[2]) > 0.05).all())


# --------------------------------------------------------------------------- checks


def _proper(seen: Seen) -> str:
    weights, covariances = seen.returned[WEIGHTS], seen.returned[COVARIANCES]
    if abs(weights.sum() - 1.0) > 1e-5:
        return "the weights do not sum to 1"
    if not np.allclose(
        covariances, covariances.swapaxes(1, 2), rtol=0.0, atol=1e-6 * np.abs(covariances).max()
    ):
        return "some covariance is not symmetric"
    return "" if np.all(np.linalg.eigvalsh(covariances) > 0) else "some covariance is not positive definite"


def _moves_along(seen: Seen, shifted: Seen) -> str:
    if not np.allclose(shifted.returned[MEANS], seen.returned[MEANS] + 4.5, atol=1e-4):
        return "the means do not move with the points"
    same = np.allclose(shifted.returned[COVARIANCES], seen.returned[COVARIANCES], atol=1e-4)
    return "" if same else "the covariances change when all points move together"


def _same_in_other_order(seen: Seen, reordered: Seen) -> str:
    for part in RETURNS:
        if not np.allclose(seen.returned[part], reordered.returned[part][::-1], atol=1e-4):
            return f"the {part.name} do not follow the components"
    return ""


CHECKS = (
    shapes(
        "Weights, means and covariances come back in this order, with shapes (K,), (K, d) and (K, d, d).",
        ("small example", *RANDOM),
        weight=0.5,
        see=SEE,
    ),
    values(
        "Four points with two gaps, small enough to do by hand, come out right.",
        RETURNS,
        ("small example",),
        weight=2,
        see=SEE,
    ),
    values("Random gaps: the weights are right.", WEIGHTS, RANDOM, weight=1, see="em-weights"),
    values("Random gaps: the means are right.", MEANS, RANDOM, weight=2, see=SEE),
    values("Random gaps: the covariances are right.", COVARIANCES, RANDOM, weight=4, see=SEE),
    values("Without gaps it is the ordinary M-step.", RETURNS, ("no gaps",), weight=1, see="em-m-step"),
    values(
        "A row without any value counts with mean and covariance from before the step, also of one feature.",
        RETURNS,
        ("rows without any value", "one feature"),
        weight=1,
        see=SEE,
    ),
    values("One component alone comes out right.", RETURNS, ("one component",), weight=0.5, see=SEE),
    values(
        "Data ten million from the origin, and nearly flat ones, come out right (this needs float64).",
        RETURNS,
        ("far from the origin", "nearly flat"),
        weight=0.5,
        see=SEE,
    ),
    holds(
        "The weights sum to 1 and every covariance is symmetric and positive definite.",
        _proper,
        (WEIGHTS, COVARIANCES),
        RANDOM,
        weight=0.5,
        see=SEE,
    ),
    together(
        "Moving all points moves the means along and leaves the covariances alone.",
        _moves_along,
        (MEANS, COVARIANCES),
        (RANDOM[0], "shifted"),
        weight=0.5,
        see=SEE,
    ),
    together(
        "Listing points and components in another order only reorders the answer.",
        _same_in_other_order,
        RETURNS,
        (RANDOM[0], "other order"),
        weight=0.5,
        see=SEE,
    ),
)


QUESTION = Question(
    id="missing.m_step_missing",
    signature="m_step_missing(X, responsibilities, means, covariances)",
    returns=RETURNS,
    draw=draw,
    reference=reference,
    checks=CHECKS,
    misconceptions=tuple(wrong),
    uses=("missing.condition",),
)
