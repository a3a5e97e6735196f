"""labels.bhattacharyya: inputs and checks."""

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
from gmmlib.labels import bhattacharyya
from gmmlib.mixture import Mixture

DISTANCE = Part("distance", "one number", relative)
PAIRS = ("random pair 1", "random pair 2", "random pair 3", "random pair 4")
SEE = "labels-bhattacharyya"
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
    wide = _random(rng, 50)
    pairs = [_flat(rng), *(_random(rng, d) for d in (2, 3, 4))]
    return (
        Case("small example", small),
        *(Case(name, pair) for name, pair in zip(PAIRS, pairs, strict=True)),
        Case("a pair", (m, C, o, D)),
        Case("the pair swapped", (o, D, m, C)),
        Case("the pair in other units", (m * units, C * squares, o * units, D * squares)),
        Case("equal means", (m, C, m.copy(), D)),
        Case("equal shapes", (m, C, o, C.copy())),
        Case("fifty features", (1e-5 * wide[0], 1e-10 * wide[1], 1e-5 * wide[2], 1e-10 * wide[3])),
        Case("far from the origin", (m + 1e7, C, o + 1e7, D), noisy=True),
    )


def _random(rng: np.random.Generator, d: int) -> Gaussians:
    """Draw two Gaussians that overlap."""
    _, means, covariances = drawing.mixture(rng, 2, d)
    return means[0], covariances[0], means[1], covariances[1]


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
    """Draw two Gaussians on a line: odd means, unlike variances whose mean is even; no two numbers agree, and
    the term of the means alone is not the distance without its last digits.
    """
    while True:
        variances = rng.choice([4.0, 8.0, 12.0, 16.0], size=2, replace=False)
        mean, other_mean = float(rng.choice([3, 5])), float(rng.choice(np.arange(9, 20, 2)))
        small = np.array([mean]), variances[:1, None], np.array([other_mean]), variances[1:, None]
        distance, of_means = reference(*small), (mean - other_mean) ** 2 / (8 * variances.mean())
        if of_means not in {np.trunc(distance), *(round(distance, digits) for digits in range(7))}:
            return small


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
