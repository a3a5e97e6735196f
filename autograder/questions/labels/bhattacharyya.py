"""labels.bhattacharyya: inputs and checks."""

from __future__ import annotations

from functools import cache
from itertools import permutations, product

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
from autograder.questions.labels.wrong_bhattacharyyas import single_precision, wrong
from gmmlib.labels import bhattacharyya
from gmmlib.mixture import Mixture

DISTANCE = Part("distance", "one number", relative)
PAIRS = ("random pair 1", "random pair 2", "random pair 3", "random pair 4")
SEE = "labels-bhattacharyya"
SHOWN = 3.0 * 1.8  # times a millionth of a distance, which is about 1.8
Gaussians = tuple[FloatArray, FloatArray, FloatArray, FloatArray]


def reference(
    mean: FloatArray, covariance: FloatArray, other_mean: FloatArray, other_covariance: FloatArray
) -> float:
    """Return the Bhattacharyya distance of two Gaussians, by gmmlib."""
    first, second = _alone(mean, covariance), _alone(other_mean, other_covariance)
    return float(bhattacharyya(first, second)[0, 0])


def _alone(mean: FloatArray, covariance: FloatArray) -> Mixture:
    """Make a mixture of this single Gaussian."""
    return Mixture(np.ones(1), mean[None], covariance[None])


# --------------------------------------------------------------------------- inputs


def draw(rng: np.random.Generator) -> tuple[Case, ...]:
    """Draw random pairs first; then other units, equal means, equal shapes, fifty features, an offset."""
    m, C, o, D = _random(rng, 2)
    while not (
        drawing.rounding_shows(reference(m, C, m, D), 5)
        and _first_feature_counts(m, C, o, D)
        and _signs_count(m, C, o, D)
    ):
        m, C, o, D = _random(rng, 2)
    units = np.array([4.0, 2.0**14])  # powers of 2: no digit changes
    squares = np.outer(units, units)
    small = _small(rng)
    pairs = [_flat(rng), *(_random(rng, d) for d in (2, 3, 4))]
    return (
        Case("small example", small),
        *(Case(name, pair) for name, pair in zip(PAIRS, pairs, strict=True)),
        Case("a pair", (m, C, o, D)),
        Case("the pair swapped", (o, D, m, C)),
        Case("the pair in other units", (m * units, C * squares, o * units, D * squares)),
        Case("equal means", (m, C, m.copy(), D)),
        Case("equal shapes", (m, C, o, C.copy())),
        Case("fifty features", _wide(rng)),
        Case("far from the origin", (m + 1e7, C, o + 1e7, D), noisy=True),
    )


def _random(rng: np.random.Generator, d: int) -> Gaussians:
    """Draw two Gaussians that overlap: the first term of their distance is between 1.2 and 1.6.

    The unit is such that a ridge of a millionth makes the distance wrong by some three times what is allowed,
    and its effects on the two terms do not cancel. Fifty features get small units elsewhere.
    """
    while True:
        _, (m, o), (C, D) = drawing.mixture(rng, 2, d)
        precisions, z = np.linalg.inv([(C + D) / 2, C, D]), o - m
        inverse, traces = precisions[0], np.trace(precisions, axis1=1, axis2=2)
        z *= np.sqrt(8.0 * rng.uniform(1.2, 1.6) / (z @ inverse @ z))
        slopes = -float(np.square(inverse @ z).sum()) / 8, float(traces @ (0.5, -0.25, -0.25))
        if d > 4 or 2.0 * abs(sum(slopes)) > max(map(abs, slopes)):
            unit = float(np.sqrt(abs(sum(slopes)) / SHOWN)) if d <= 4 else 1.0
            return unit * m, unit**2 * C, unit * (m + z), unit**2 * D


def _wide(rng: np.random.Generator) -> Gaussians:
    """Draw two Gaussians of fifty features in small units, where single precision is not enough."""
    while True:
        m, C, o, D = _random(rng, 50)
        wide = (1e-5 * m, 1e-10 * C, 1e-5 * o, 1e-10 * D)
        distance = reference(*wide)
        if not abs(float(single_precision(*wide)) - distance) < 2e-6 * max(1.0, distance):
            return wide


def _flat(rng: np.random.Generator) -> Gaussians:
    """Draw two Gaussians in the plane whose mean covariance is flat; its smaller axis counts."""
    while True:
        m, C, o, D = _random(rng, 2)
        (smaller, larger), axes = np.linalg.eigh((C + D) / 2)
        of_both = np.square((m - o) @ axes) / np.array([smaller, larger])
        if larger > 12 * smaller and of_both[0] > 0.1 * of_both[1] and _signs_count(m, C, o, D):
            return m, C, o, D


def _first_feature_counts(m: FloatArray, C: FloatArray, o: FloatArray, D: FloatArray) -> bool:
    """Whether the places of the two in the plane are farther apart than those in the second feature alone."""
    middle, z = (C + D) / 2, m - o
    return bool(z @ np.linalg.solve(middle, z) > 1.1 * z[1] ** 2 / middle[1, 1])


def _signs_count(m: FloatArray, C: FloatArray, o: FloatArray, D: FloatArray) -> bool:
    """Whether the signs of the two differences count, as they are unlike and the features correlated."""
    z, middle = m - o, (C + D) / 2
    return bool(z[0] * z[1] < 0 and abs(middle[0, 1]) > 0.05 * np.sqrt(middle[0, 0] * middle[1, 1]))


def _small(rng: np.random.Generator) -> Gaussians:
    """Draw two Gaussians on a line: odd means, unlike variances whose mean is even; no two numbers agree.

    Neither term is near 0 or 1: a root or a square of it shows. Of a ridge 1e-4 shows, 1e-5 does not. The
    term of the means alone is not the distance without its last digits.
    """
    mean, other_mean, C, D = rng.choice(_small_examples())
    return np.array([mean]), np.array([[C]]), np.array([other_mean]), np.array([[D]])


@cache
def _small_examples() -> FloatArray:
    """All small examples that tell, (m, 4): two means and their variances."""
    numbers = product((3.0, 5.0), np.arange(9.0, 32.0, 2.0), permutations(np.arange(4.0, 29.0, 4.0), 2))
    return np.array([[m, o, C, D] for m, o, (C, D) in numbers if _tells(m - o, C, D)])


def _tells(z: float, C: float, D: float) -> bool:
    middle = (C + D) / 2
    places, of_shapes = z**2 / middle / 8, np.log(middle) / 2 - np.log(C * D) / 4
    slope = (1 / C + 1 / D) / 4 - 1 / middle / 2 + z**2 / middle**2 / 8  # of the sum, but for the sign
    distance = places + of_shapes
    if places in {np.trunc(distance), *(round(distance, digits) for digits in range(7))}:
        return False
    return bool(abs(places - 1.0) > 0.05 and 0.017 < slope / max(1.0, distance) < 0.058)


# --------------------------------------------------------------------------- checks


def _not_negative(seen: Seen) -> str:
    return "" if seen.returned[DISTANCE] >= -1e-9 else "the distance is negative"


def _unchanged(pair: Seen, swapped: Seen, in_other_units: Seen) -> str:
    distance = pair.returned[DISTANCE]
    if not np.isclose(distance, swapped.returned[DISTANCE], rtol=1e-5):
        return "swapping the two changes the distance"
    same = np.isclose(distance, in_other_units.returned[DISTANCE], rtol=1e-4)
    return "" if same else "other units change the distance"


CHECKS = (
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
    draw=draw,
    reference=reference,
    checks=CHECKS,
    misconceptions=tuple(wrong),
)
