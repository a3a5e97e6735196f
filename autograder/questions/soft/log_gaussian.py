"""soft.log_gaussian: inputs and checks."""

from __future__ import annotations

import numpy as np

from autograder.questions import Case, FloatArray, Question, Seen, drawing, shapes, together, values
from autograder.questions.parts import LOG_DENSITIES
from autograder.questions.soft.wrong_log_gaussians import wrong
from gmmlib.gaussian import log_gaussian as reference

RANDOM = ("random Gaussian 1", "random Gaussian 2", "random Gaussian 3")
RETURNS = (LOG_DENSITIES,)
Call = tuple[FloatArray, FloatArray, FloatArray]


# --------------------------------------------------------------------------- inputs


def draw(rng: np.random.Generator) -> tuple[Case, ...]:
    """Draw the calls: small and random ones first, then the numerically hard ones.

    Their sizes are fixed and only directions drawn: what is added to a density, a determinant or a variance
    shows on all inputs or on none. Of a ridge 1e-6 shows, 1e-7 does not; of the points one is so far off that
    1e-16 beside its density shows.
    """
    near, faint = np.append(np.linspace(0.5, 3.0, 24), 3.5), np.append(np.linspace(0.5, 3.0, 14), 7.9)
    randoms = [drawing.gaussian(rng, near[5:], 2, 2.0, 8.0), drawing.gaussian(rng, near, 3, 2.0, 8.0)]
    randoms.append(drawing.gaussian(rng, faint, 4, 2.0, 8.0))
    X, mean, covariance = randoms[0]
    tiny = drawing.gaussian(rng, np.linspace(5.0, 9.0, 12), 50, 1.0, 20.0)
    cases = [Case("small example", _small(rng))]
    cases += [Case(name, arguments) for name, arguments in zip(RANDOM, randoms, strict=True)]
    cases += [
        Case("shifted", (X + 3.0, mean + 3.0, covariance)),
        Case("one feature", drawing.gaussian(rng, near[10:], 1, 0.27, 1.0)),
        Case("one point", drawing.gaussian(rng, np.array([2.0]), 3, 30.0, 4.0)),
        Case("far points", drawing.gaussian(rng, np.linspace(117.0, 300.0, 20), 2, 2.0, 8.0)),
        Case("far from the origin", (X + 1e7, mean + 1e7, covariance), noisy=True),
        Case("fifty features", (1e-5 * tiny[0], 1e-5 * tiny[1], 1e-10 * tiny[2])),
        Case("nearly flat", drawing.nearly_flat(rng, 10, 2)),
    ]
    return tuple(cases)


def _small(rng: np.random.Generator) -> Call:
    """Draw three points on a line, whole numbers; the farthest lies 7 from the mean, the deviation is 3.

    Odd distances never sum to zero, and their order counts. Neither the variance of the points nor their mean
    may take the place of what was passed.
    """
    while True:
        distances = rng.permutation([7.0, *rng.choice([1.0, 3.0, 5.0], 2, replace=False)])
        mean, odd = float(rng.choice([2, 4, 5, 8])), distances * rng.choice([-1, 1], 3)
        if (mean + odd).sum() and not np.isin(9.0, odd.var() * np.array([1.0, 1.5])):
            return mean + odd[:, None], np.array([mean]), np.array([[9.0]])


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
