"""The assignment `labels`: bhattacharyya and match_components."""

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
from autograder.questions.labels.wrong_bhattacharyyas import wrong
from gmmlib.labels import bhattacharyya as gmmlib_bhattacharyya
from gmmlib.mixture import Mixture

DISTANCE = Part("distance", "one number", relative)
SEE = "labels-matching"
Gaussians = tuple[FloatArray, FloatArray, FloatArray, FloatArray]


def _table(
    means: FloatArray, covariances: FloatArray, others: FloatArray, other_covariances: FloatArray
) -> FloatArray:
    """Distance of each component of one fit to each of the other, (K, K), by gmmlib."""
    share = np.full(len(means), 1.0 / len(means))
    return gmmlib_bhattacharyya(Mixture(share, means, covariances), Mixture(share, others, other_covariances))


# --------------------------------------------------------------------------- bhattacharyya


def bhattacharyya(
    mean: FloatArray, covariance: FloatArray, other_mean: FloatArray, other_covariance: FloatArray
) -> float:
    """Bhattacharyya distance of two Gaussians."""
    return float(_table(mean[None], covariance[None], other_mean[None], other_covariance[None])[0, 0])


PAIRS = ("random pair 1", "random pair 2", "random pair 3", "random pair 4")


def _draw_pairs(rng: np.random.Generator) -> tuple[Case, ...]:
    """Random pairs first; then equal means, equal shapes, one and fifty features, other units, an offset."""

    def pair(d: int) -> Gaussians:
        _, means, covariances = drawing.mixture(rng, 2, d)
        return means[0], covariances[0], means[1], covariances[1]

    m, C, o, D = pair(2)
    units = np.array([1.0, 1000.0])
    one, other = rng.choice(np.arange(2.0, 9.0), size=2, replace=False)  # unlike, so that shapes count
    small = (
        np.array([float(rng.integers(0, 5))]),
        np.array([[one]]),
        np.array([float(rng.integers(6, 20))]),
        np.array([[other]]),
    )
    wide = pair(50)
    return (
        Case("small example", small),
        *(Case(name, pair(d)) for name, d in zip(PAIRS, (2, 2, 3, 4), strict=True)),
        Case("a pair", (m, C, o, D)),
        Case("the pair swapped", (o, D, m, C)),
        Case(
            "the pair in other units",
            (m * units, C * np.outer(units, units), o * units, D * np.outer(units, units)),
        ),
        Case("equal means", (m, C, m.copy(), D)),
        Case("equal shapes", (m, C, o, C.copy())),
        Case("fifty features", (1e-5 * wide[0], 1e-10 * wide[1], 1e-5 * wide[2], 1e-10 * wide[3])),
        Case("far from the origin", (m + 1e7, C, o + 1e7, D), noisy=True),
    )


def _not_negative(seen: Seen) -> str:
    return "" if seen.returned[DISTANCE] >= -1e-9 else "the distance is negative"


def _unchanged(pair: Seen, swapped: Seen, units: Seen) -> str:
    first, second, third = (float(one.returned[DISTANCE]) for one in (pair, swapped, units))
    if not np.isclose(first, second, rtol=1e-5):
        return "swapping the two changes the distance"
    return "" if np.isclose(first, third, rtol=1e-4) else "other units change the distance"


DISTANCE_CHECKS = (
    shapes("One number comes back.", ("small example", *PAIRS), weight=0.5, see=SEE),
    values(
        "Two Gaussians on a line, small enough to do by hand, come out right.",
        DISTANCE,
        ("small example",),
        weight=2,
        see=SEE,
    ),
    values("The distances of random Gaussians are right.", DISTANCE, PAIRS, weight=3, see=SEE),
    values(
        "Gaussians with the same mean, or the same shape, come out right.",
        DISTANCE,
        ("equal means", "equal shapes"),
        weight=1,
        see=SEE,
    ),
    values(
        "Fifty features in small units come out right, although the determinants underflow.",
        DISTANCE,
        ("fifty features",),
        weight=1,
        see=SEE,
    ),
    values(
        "An offset of ten million does no harm (this needs float64 throughout).",
        DISTANCE,
        ("far from the origin",),
        weight=0.5,
        see=SEE,
    ),
    holds("The distance is never negative.", _not_negative, (DISTANCE,), PAIRS, weight=0.5, see=SEE),
    together(
        "Swapping the two, or measuring in other units, changes nothing.",
        _unchanged,
        (DISTANCE,),
        ("a pair", "the pair swapped", "the pair in other units"),
        weight=0.5,
        see=SEE,
    ),
)


QUESTION = Question(
    id="labels.bhattacharyya",
    signature="bhattacharyya(mean, covariance, other_mean, other_covariance)",
    returns=(DISTANCE,),
    draw=_draw_pairs,
    reference=bhattacharyya,
    checks=DISTANCE_CHECKS,
    misconceptions=tuple(wrong),
)
