"""soft.log_gaussian: inputs and checks."""

from __future__ import annotations

import numpy as np

from autograder.questions import Case, FloatArray, Question, Seen, drawing, relative, shapes, together, values
from autograder.questions.parts import LOG_DENSITIES
from autograder.questions.soft.wrong_log_gaussians import wrong
from gmmlib.gaussian import log_gaussian as reference

RANDOM = ("random Gaussian 1", "random Gaussian 2", "random Gaussian 3")
RETURNS = (LOG_DENSITIES,)
Call = tuple[FloatArray, FloatArray, FloatArray]


# --------------------------------------------------------------------------- inputs


def draw(rng: np.random.Generator) -> tuple[Case, ...]:
    """Draw the calls: small and random ones first, then the numerically hard ones."""
    randoms = [_random(rng, n, d) for n, d in ((20, 2), (25, 3), (15, 4))]
    X, mean, covariance = randoms[0]
    tiny = _random(rng, 12, 50)
    cases = [Case("small example", _small(rng))]
    cases += [Case(name, arguments) for name, arguments in zip(RANDOM, randoms, strict=True)]
    cases += [
        Case("shifted", (X + 3.0, mean + 3.0, covariance)),
        Case("one feature", _one_feature(rng)),
        Case("one point", _random(rng, 1, 3)),
        Case("far points", (mean + 100.0 * (X - mean), mean, covariance)),
        Case("far from the origin", (X + 1e7, mean + 1e7, covariance), noisy=True),
        Case("fifty features", (1e-5 * tiny[0], 1e-5 * tiny[1], 1e-10 * tiny[2])),
        Case("nearly flat", drawing.nearly_flat(rng, 10, 2)),
    ]
    return tuple(cases)


def _random(rng: np.random.Generator, n: int, d: int) -> Call:
    mean, covariance = rng.normal(scale=2.0, size=d), rng.uniform(0.5, 3.0) * drawing.covariance(rng, d)
    return drawing.points(rng, n, (np.ones(1), mean[None], covariance[None])), mean, covariance


def _one_feature(rng: np.random.Generator) -> Call:
    """Draw points on a line, in half units, on which a ridge of 1e-6 shows."""
    while True:
        X, mean, covariance = (
            0.5**power * part for power, part in zip((1, 1, 2), _random(rng, 15, 1), strict=True)
        )
        right = reference(X, mean, covariance)
        off = np.abs(reference(X, mean, covariance + 1e-6) - right)
        if (off > 1.2 * relative(Case("", ()), right)).any():
            return X, mean, covariance


def _small(rng: np.random.Generator) -> Call:
    """Draw three points on a line, whole numbers, the variance a square; odd distances never sum to zero.

    The last is not as far from the mean as the first: their order counts.
    """
    mean, deviation = float(rng.choice([2, 3, 5])), float(rng.integers(2, 5))
    odd = np.zeros((3, 1))
    while abs(odd[0]) == abs(odd[2]):
        odd = rng.choice(np.arange(-7.0, 8.0, 2.0), size=(3, 1), replace=False)
    return mean + odd, np.array([mean]), np.array([[deviation**2]])


# --------------------------------------------------------------------------- checks


def _same_when_shifted(original: Seen, shifted: Seen) -> str:
    expected = original.returned[LOG_DENSITIES]
    same = np.allclose(shifted.returned[LOG_DENSITIES], expected, rtol=1e-5, atol=1e-5)
    return "" if same else "the log densities change when points and mean move together"


CHECKS = (
    shapes(
        "One number comes back for each point.",
        ("small example", "one point", *RANDOM),
        weight=0.5,
        see="soft-gaussian",
    ),
    values(
        "Three points on a line, small enough to do by hand, come out right.",
        RETURNS,
        ("small example",),
        weight=2,
        see="soft-gaussian",
    ),
    values(
        "The log densities under random Gaussians with tilted covariances are right.",
        RETURNS,
        RANDOM,
        weight=3,
        see="soft-gaussian",
    ),
    values(
        "A single feature and a single point come out right.",
        RETURNS,
        ("one feature", "one point"),
        weight=1,
        see="soft-gaussian",
    ),
    values(
        "Points so far away that the density underflows to 0 still have the right logarithm.",
        RETURNS,
        ("far points",),
        weight=1.5,
        see="numerics-log-sum-exp",
    ),
    values(
        "Data ten million from the origin, and nearly flat ones, come out right (this needs float64).",
        RETURNS,
        ("far from the origin", "nearly flat"),
        weight=1,
        see="soft-gaussian",
    ),
    values(
        "Fifty features in small units come out right, although the determinant underflows.",
        RETURNS,
        ("fifty features",),
        weight=1,
        see="soft-gaussian",
    ),
    together(
        "Moving points and mean together changes nothing.",
        _same_when_shifted,
        RETURNS,
        (RANDOM[0], "shifted"),
        weight=0.5,
        see="soft-gaussian",
    ),
)


QUESTION = Question(
    id="soft.log_gaussian",
    signature="log_gaussian(X, mean, covariance)",
    returns=RETURNS,
    draw=draw,
    reference=reference,
    checks=CHECKS,
    misconceptions=tuple(wrong),
)
