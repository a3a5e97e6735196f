"""capstone.log_density: inputs and checks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

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
    mixtures = [_turned(rng, name) for name in MIXTURES]
    X, w, m, C = mixtures[1]
    outliers = X.copy()
    outliers[:10] = m[0] + 200.0 * (X[:10] - m[0])
    small, alone = _small(rng), _turned(rng, "one component")
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

    Nothing underflows, whichever entry of a row is subtracted; little separation leaves a point undecided.
    """
    while True:
        parameters = drawing.mixture(rng, n_components, d, separation, condition=8.0)
        X = drawing.points(rng, n, parameters)
        joint = Mixture(*parameters).log_joint(X)
        undecided = (np.logaddexp.reduce(joint, axis=1) - joint.max(axis=1)).max() > 0.6
        if joint.min() > -600.0 / n_components and (undecided or separation >= 1.0):
            return X, *parameters


def _turned(rng: np.random.Generator, name: str) -> Call:
    """Draw one of the known mixtures, turned and shifted, points and weights in no order."""
    X, *parameters = of_seed(name, SEEDS[name][int(rng.integers(len(SEEDS[name])))])
    order = drawing.mixed_up(parameters[0])
    weights, means, covariances = (parameter[order] for parameter in parameters)
    return drawing.turned(rng, rng.permutation(X), weights, means, covariances)


@cache
def of_seed(name: str, seed: int) -> Call:
    """Return the mixture of this name and seed."""
    return KINDS[name](np.random.default_rng(seed))


def _small(rng: np.random.Generator) -> Call:
    """Draw three points on a line, one of them near the narrow one of two components in whole numbers.

    Not all are whole, and they are not about 0. Of a ridge 1e-4 shows, 1e-5 does not.
    """
    near, others = rng.choice([-1.0, 1.0]), rng.choice([1.5, 2.5, 3.0, 3.5, 4.5, 5.0], size=2, replace=False)
    while not (others % 1).any() or near + others.sum() == 0.0:
        others = rng.choice([1.5, 2.5, 3.0, 3.5, 4.5, 5.0], size=2, replace=False)
    X = rng.permutation([near, *others])[:, None]
    return X, np.array([0.25, 0.75]), np.array([[0.0], [2.0]]), np.array([[[1.0]], [[4.0]]])


def _little_weight(rng: np.random.Generator) -> Call:
    """Draw points near the second of two means on a line, where the first component is two to nine millionths
    of the density; that is about 1, so that a millionth shows.
    """
    weight = rng.uniform(4e-6, 6e-6)
    means, X = rng.uniform(-2.0, 2.0) + np.array([[0.05], [0.0]]), rng.uniform(-0.1, 0.1, size=(10, 1))
    return X + means[1], np.array([weight, 1.0 - weight]), means, np.full((2, 1, 1), 0.09)


KINDS: Mapping[str, Callable[[np.random.Generator], Call]] = {
    "random mixture 1": lambda rng: _random(rng, 25, 1, 3),
    "random mixture 2": lambda rng: _random(rng, 30, 2, 2, 0.2),
    "random mixture 3": lambda rng: _random(rng, 30, 3, 4),
    "one component": lambda rng: _random(rng, 15, 2, 1),
}
#: On these a number that is added to a density or to the variances makes the answer wrong by 1.5 to 6 times
#: what is allowed if it is of one size: a tenth of it never shows, ten times as much does, as in em.e_step.
# fmt: off
SEEDS: Mapping[str, tuple[int, ...]] = {
    "random mixture 1": (
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23,
    ),
    "random mixture 2": (
        64, 77, 105, 106, 118, 128, 141, 142, 143, 155, 162, 163, 174, 178, 198, 227, 234, 254,
        256, 307, 310, 346, 353, 374,
    ),
    "random mixture 3": (
        0, 1, 2, 4, 5, 6, 7, 8, 9, 11, 12, 14, 15, 16, 17, 19, 20, 21, 23, 25, 26, 27, 28, 30,
    ),
    "one component": (
        1, 3, 8, 16, 17, 20, 22, 24, 25, 31, 35, 43, 48, 49, 51, 56, 59, 61, 69, 73, 74, 80, 83,
        86,
    ),
}
# fmt: on


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
