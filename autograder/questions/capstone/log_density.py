"""capstone.log_density: inputs and checks."""

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
    relative,
    shapes,
    together,
    values,
)
from autograder.questions.capstone.wrong_log_densities import wrong
from gmmlib.mixture import Mixture

LOG_DENSITY = Part("log_density", "(n,)", relative)
MIXTURES = ("random mixture 1", "random mixture 2", "random mixture 3")
Call = tuple[FloatArray, FloatArray, FloatArray, FloatArray]


def reference(X: FloatArray, weights: FloatArray, means: FloatArray, covariances: FloatArray) -> FloatArray:
    """Return log p(x_i) of each point under the mixture, by gmmlib."""
    return Mixture(weights, means, covariances).log_density(X)


# --------------------------------------------------------------------------- inputs


def draw(rng: np.random.Generator) -> tuple[Case, ...]:
    """Draw small and random mixtures first; the second overlaps, so that no single term is all of the sum."""
    mixtures = [_random(rng, *size) for size in ((25, 1, 3), (30, 2, 2, 0.2), (30, 3, 4))]
    X, w, m, C = mixtures[1]
    outliers = X.copy()
    outliers[:10] = m[0] + 200.0 * (X[:10] - m[0])
    small, alone = _small(rng), _random(rng, 15, 2, 1)
    flat = drawing.nearly_flat(rng, 15, 2)
    little_weight = _little_weight(rng)
    return (
        Case("small example", small),
        *(Case(name, mixture) for name, mixture in zip(MIXTURES, mixtures, strict=True)),
        Case("little weight", little_weight),
        Case("other order", (X, w[::-1].copy(), m[::-1].copy(), C[::-1].copy())),
        Case("one component", alone),
        Case("outliers", (outliers, w, m, C)),
        Case("far from the origin", (X + 1e7, w, m + 1e7, C), noisy=True),
        Case("nearly flat", (flat[0], np.ones(1), flat[1][None], flat[2][None])),
    )


def _random(rng: np.random.Generator, n: int, d: int, n_components: int, separation: float = 1.5) -> Call:
    """Draw n points and their mixture.

    Nothing underflows, whichever entry of a row is subtracted; little separation leaves a point undecided. In
    space 1e-8 added to a density shows, and 1e-10 nowhere.
    """
    while True:
        drawn, means, covariances = drawing.mixture(rng, n_components, d, separation)
        parameters = drawing.in_no_order(drawn), means, covariances
        X = drawing.points(rng, n, parameters)
        joint = Mixture(*parameters).log_joint(X)
        log_density = np.logaddexp.reduce(joint, axis=1)
        undecided = (log_density - joint.max(axis=1)).max() > 0.6
        if not -11.0 < log_density.min() < (-7.5 if d > 2 else 0.0):
            continue
        if joint.min() > -600.0 / n_components and (undecided or separation >= 1.0):
            return X, *parameters


def _small(rng: np.random.Generator) -> Call:
    """Draw three points on a line, the likeliest in the middle, and two components in whole numbers.

    The first point drawn is so far out that 1e-5 shows which is added to the variances.
    """
    parameters = np.array([0.25, 0.75]), np.array([[0.0], [2.0]]), np.array([[[1.0]], [[4.0]]])
    X = np.array([[-2.0], *rng.choice(np.arange(-1.5, 6.0, 0.5), size=(2, 1), replace=False)])
    return X[drawing.mixed_up(reference(X, *parameters))], *parameters


def _little_weight(rng: np.random.Generator) -> Call:
    """Draw points near the second of two means on a line, where the first component is two to nine millionths
    of the density; that is about 1, so that a millionth shows.
    """
    weight = rng.uniform(4e-6, 6e-6)
    means, X = rng.uniform(-2.0, 2.0) + np.array([[0.05], [0.0]]), rng.uniform(-0.1, 0.1, size=(10, 1))
    return X + means[1], np.array([weight, 1.0 - weight]), means, np.full((2, 1, 1), 0.09)


# --------------------------------------------------------------------------- checks


def _unchanged(seen: Seen, reordered: Seen) -> str:
    same = np.allclose(seen.returned[LOG_DENSITY], reordered.returned[LOG_DENSITY], rtol=1e-5, atol=1e-5)
    return "" if same else "the order of the components changes the density"


def _near_largest_term(seen: Seen) -> str:
    X, w, m, C = (seen.argument(position) for position in range(4))
    joint = Mixture(w, m, C).log_joint(X)  # (n, K)
    returned, largest = seen.returned[LOG_DENSITY], joint.max(axis=1)
    inside = np.all(returned >= largest - 1e-4) and np.all(returned <= largest + np.log(len(w)) + 1e-4)
    return "" if inside else "a density is below its largest term or above K times that"


CHECKS = (
    shapes(
        "One number comes back for each point.", ("small example", *MIXTURES), weight=0.5, see="soft-mixture"
    ),
    values(
        "Three points and two components, small enough to do by hand, come out right.",
        LOG_DENSITY,
        ("small example",),
        weight=2,
        see="soft-mixture",
    ),
    values(
        "The log densities under random mixtures are right, also if a component has next to no weight.",
        LOG_DENSITY,
        (*MIXTURES, "little weight"),
        weight=3,
        see="soft-mixture",
    ),
    values(
        "One component alone comes out right.",
        LOG_DENSITY,
        ("one component",),
        weight=0.5,
        see="soft-gaussian",
    ),
    values(
        "Outliers, whose density underflows to 0, have the right logarithm.",
        LOG_DENSITY,
        ("outliers",),
        weight=2,
        see="numerics-log-sum-exp",
    ),
    values(
        "Data ten million from the origin, and nearly flat ones, come out right (this needs float64).",
        LOG_DENSITY,
        ("far from the origin", "nearly flat"),
        weight=0.5,
        see="soft-gaussian",
    ),
    holds(
        "A sum of K terms lies between its largest term and K times that.",
        _near_largest_term,
        (LOG_DENSITY,),
        MIXTURES,
        weight=0.5,
        see="soft-mixture",
    ),
    together(
        "The order of the components plays no part.",
        _unchanged,
        (LOG_DENSITY,),
        (MIXTURES[1], "other order"),
        weight=0.5,
        see="soft-mixture",
    ),
)


QUESTION = Question(
    id="capstone.log_density",
    signature="log_density(X, weights, means, covariances)",
    returns=(LOG_DENSITY,),
    draw=draw,
    reference=reference,
    checks=CHECKS,
    misconceptions=tuple(wrong),
)
