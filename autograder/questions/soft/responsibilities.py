"""soft.responsibilities: inputs and checks."""

from __future__ import annotations

from functools import cache
from statistics import NormalDist

import numpy as np

from autograder.questions import (
    Case,
    FloatArray,
    Question,
    Seen,
    drawing,
    holds,
    shapes,
    together,
    values,
)
from autograder.questions.parts import RESPONSIBILITIES
from autograder.questions.soft.wrong_responsibilities import wrong
from gmmlib.mixture import responsibilities as reference

RANDOM = ("random densities 1", "random densities 2", "random densities 3")
RETURNS = (RESPONSIBILITIES,)
Call = tuple[FloatArray, FloatArray]


# --------------------------------------------------------------------------- inputs


def draw(rng: np.random.Generator) -> tuple[Case, ...]:
    """Draw the calls: small and random ones first, then the numerically hard ones."""
    randoms = [_random(rng, n, K) for n, K in ((20, 2), (25, 3), (15, 5))]
    log_densities, weights = randoms[0]
    far, far_weights = _random(rng, 20, 3)
    apart = rng.permuted(
        np.tile([-1500.0, 0.0, 1500.0], (20, 1)), axis=1
    )  # only the largest is safe to subtract
    apart[::2] = 0.0  # rows that are shared out
    randoms[0][0][-1] = rng.uniform(-7.1, -6.9, size=2)  # thin: 1e-7 beside the density of this point shows,
    randoms[1][0][-1] = rng.uniform(-8.5, -8.3, size=3)  # and 1e-9 beside that of this one
    cases = [Case("small example", _small(rng))]
    cases += [Case(name, arguments) for name, arguments in zip(RANDOM, randoms, strict=True)]
    cases += [
        Case("all densities doubled", (log_densities + np.log(2.0), weights)),
        Case("other order", (log_densities[:, ::-1].copy(), weights[::-1].copy())),
        Case("one component", (rng.permutation(np.linspace(-1.2, 1.5, 10))[:, None], np.ones(1))),
        Case("little weight", _little_weight(rng)),
        Case("far points", (far + apart - rng.uniform(1000.0, 3000.0, size=(20, 1)), far_weights)),
        Case("narrow components", (far + apart + rng.uniform(800.0, 3000.0, size=(20, 1)), far_weights)),
    ]
    return tuple(cases)


def _random(rng: np.random.Generator, n: int, n_components: int) -> Call:
    weights = drawing.in_no_order(rng.permutation(np.arange(1.0, n_components + 1.0)))
    weights = weights + rng.uniform(0.0, 0.5, n_components)
    return rng.permutation(_like_a_normal(n * n_components)).reshape(n, n_components), weights / weights.sum()


@cache
def _like_a_normal(number: int) -> FloatArray:
    """Numbers as a normal law spreads them: no draw has a lower one than another."""
    return np.array([NormalDist(-3.0, 1.5).inv_cdf((i + 0.5) / number) for i in range(number)])


def _small(rng: np.random.Generator) -> Call:
    """Draw multiples of 0.05, and weights in quarters; no column's highest is three times the other's.

    In no row are both densities the same: it would be shared out by the weights, and teach nothing. Nor are
    two rows shared out alike. The first component has the larger weight, lest the order of the weights counts
    on some inputs only.
    """
    densities = np.ones((3, 2))
    while len({1.0, *(densities[:, 0] / densities[:, 1]).round(9)}) < 4:
        densities = 0.05 * (rng.integers(1, 7, size=(3, 2)) + np.array([[2], [0], [0]]))
    return np.log(densities), np.array([0.75, 0.25])


def _little_weight(rng: np.random.Generator) -> Call:
    log_densities = rng.uniform(-4.0, -2.0, size=(15, 3))
    log_densities[:7, 0] += 20.0  # only the component of weight 1e-8 explains these points
    return log_densities, np.array([1e-8, 0.4, 0.6 - 1e-8])


# --------------------------------------------------------------------------- checks


def _rows_sum_to_one(seen: Seen) -> str:
    R = seen.returned[RESPONSIBILITIES]
    if not np.all((R >= -1e-9) & (R <= 1 + 1e-9)):
        return "some responsibilities are not between 0 and 1"
    return "" if np.allclose(R.sum(axis=1), 1.0, atol=1e-6) else "some rows do not sum to 1"


def _same_when_doubled(original: Seen, doubled: Seen) -> str:
    same = np.allclose(original.returned[RESPONSIBILITIES], doubled.returned[RESPONSIBILITIES], atol=2e-6)
    return "" if same else "the responsibilities change when all densities double"


def _same_in_other_order(original: Seen, reordered: Seen) -> str:
    R, reversed_R = original.returned[RESPONSIBILITIES], reordered.returned[RESPONSIBILITIES]
    same = np.allclose(R, reversed_R[:, ::-1], atol=2e-6)
    return "" if same else "the responsibilities do not follow the order of the components"


CHECKS = (
    shapes(
        "An array of n rows and K columns comes back.",
        ("small example", *RANDOM),
        weight=0.5,
        see="soft-responsibilities",
    ),
    holds(
        "Each point is owned completely: its responsibilities lie between 0 and 1 and sum to 1.",
        _rows_sum_to_one,
        RETURNS,
        (*RANDOM, "one component"),
        weight=1,
        see="soft-responsibilities",
    ),
    values(
        "Three points and two components, small enough to do by hand, come out right.",
        RETURNS,
        ("small example",),
        weight=2,
        see="soft-responsibilities",
    ),
    values(
        "The responsibilities from random densities and unequal weights are right.",
        RETURNS,
        RANDOM,
        weight=3,
        see="soft-responsibilities",
    ),
    values(
        "A component of very little weight still owns the points that only it can explain.",
        RETURNS,
        ("little weight",),
        weight=1,
        see="soft-responsibilities",
    ),
    values(
        "Points whose every log density is below -1000 are shared out correctly.",
        RETURNS,
        ("far points",),
        weight=2,
        see="numerics-log-sum-exp",
    ),
    values(
        "Very narrow components, whose densities overflow, are handled too.",
        RETURNS,
        ("narrow components",),
        weight=1,
        see="numerics-log-sum-exp",
    ),
    together(
        "Doubling every density changes nothing: only ratios count.",
        _same_when_doubled,
        RETURNS,
        (RANDOM[0], "all densities doubled"),
        weight=0.5,
        see="soft-responsibilities",
    ),
    together(
        "Listing the components in another order only reorders the columns.",
        _same_in_other_order,
        RETURNS,
        (RANDOM[0], "other order"),
        weight=0.5,
        see="soft-responsibilities",
    ),
)


QUESTION = Question(
    id="soft.responsibilities",
    signature="responsibilities(log_densities, weights)",
    returns=RETURNS,
    draw=draw,
    reference=reference,
    checks=CHECKS,
    misconceptions=tuple(wrong),
)
