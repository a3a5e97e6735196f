"""kmeans.distortion: inputs and checks."""

from __future__ import annotations

from functools import partial

import numpy as np

from autograder.judge.tolerance import spread_of_points
from autograder.questions import (
    Array,
    Case,
    FloatArray,
    Part,
    Question,
    Seen,
    drawing,
    holds,
    shapes,
    together,
    values,
)
from autograder.questions.kmeans.wrong_distortions import (
    all_summed_then_squared,
    last_cluster_left_out,
    last_cluster_only,
    step_by_step,
    sum_then_square,
    wrong,
)
from gmmlib.kmeans import assign
from gmmlib.kmeans import distortion as reference

RANDOM = ("random labels 1", "random labels 2", "random labels 3")
Call = tuple[FloatArray, FloatArray, Array]


def _of_distortion(case: Case, expected: FloatArray) -> FloatArray:
    """Allow a millionth of Σ ‖x_i - mean‖², or of the distortion if that is more."""
    total = len(np.asarray(case.arguments[0])) * (spread_of_points(case) ** 2).sum()
    return 1e-6 * np.maximum(total, np.abs(expected))


DISTORTION = Part("distortion", "one number", _of_distortion)
RETURNS = (DISTORTION,)


# --------------------------------------------------------------------------- inputs


def draw(rng: np.random.Generator) -> tuple[Case, ...]:
    """Draw the calls: small and random ones first, then the numerically hard ones."""
    randoms = [_random(rng, *size) for size in ((30, 2, 3), (40, 3, 4), (35, 2, 5))]
    while not _rounding_shows(step_by_step(*randoms[0])):
        randoms[0] = _random(rng, 30, 2, 3)
    X, _, labels = randoms[1]
    X[1], labels[1] = X[0], labels[0]  # a point that occurs twice
    X, centroids, labels = randoms[0]
    small_units = 2.0**-10  # a power of 2: no digit changes
    cases = [Case("small example", _small(rng))]
    one = _random(rng, 12, 1, 1)
    cases += [Case(name, arguments) for name, arguments in zip(RANDOM, randoms, strict=True)]
    cases += [
        Case("shifted", (X + 3.0, centroids + 3.0, labels)),
        Case("other order", (X[::-1].copy(), centroids, labels[::-1].copy())),
        Case("one centroid", (small_units * one[0], small_units * one[1], one[2])),
        Case("fifty features", _random(rng, 20, 50, 4)),
        Case("points on their centroids", _exact(rng)),
        Case("far from the origin", (0.01 * X + 1e7, 0.01 * centroids + 1e7, labels), noisy=True),
    ]
    return tuple(cases)


def _random(rng: np.random.Generator, n: int, d: int, n_centroids: int) -> Call:
    """Draw labels at random: mostly not those of the nearest centroid; the centroids are not the means."""
    labels = rng.integers(n_centroids, size=n)
    X = rng.normal(scale=1.5, size=(n, d)) + rng.uniform(1.0, 2.0, size=d)
    return X, rng.normal(scale=1.5, size=(n_centroids, d)), labels.astype(np.int64)


def _rounding_shows(distortion: float) -> bool:
    """Whether it is wrong to three digits, and what is rounded to whole numbers is not what is cut."""
    return distortion % 1.0 >= 0.5 and 0.4 < 1000.0 * distortion % 1.0 < 0.6


def _small(rng: np.random.Generator) -> Call:
    """Draw four points with whole coordinates; the last one is not with its nearest centroid."""

    def call() -> Call:
        X = rng.integers(0, 5, size=(4, 2)).astype(float) + np.array([[0, 0], [6, 6], [6, 0], [0, 0]])
        return X, np.array([[1.0, 2.0], [8.0, 5.0]]), np.array([0, 1, 1, 1])

    wrongs = (
        partial(step_by_step, squares=sum_then_square),
        all_summed_then_squared,
        partial(step_by_step, total=last_cluster_only),
        partial(step_by_step, total=last_cluster_left_out),
    )
    return drawing.decisive(call, reference, wrongs)


def _exact(rng: np.random.Generator) -> Call:
    """Draw points on their centroids but one, which is nearest to its own all the same; none is empty."""
    labels = np.arange(12) % 3
    while True:
        _, centroids, _ = _random(rng, 12, 2, 3)
        X = centroids[labels]
        X[0] += rng.uniform(0.2, 0.5, size=2)
        if np.array_equal(assign(X, centroids), labels):
            return X, centroids, labels


# --------------------------------------------------------------------------- checks


def _not_negative(seen: Seen) -> str:
    return "" if seen.returned[DISTORTION] >= 0 else "the distortion is negative"


def _unchanged(original: Seen, shifted: Seen, reordered: Seen) -> str:
    distortions = [case.returned[DISTORTION] for case in (shifted, reordered)]
    same = np.allclose(original.returned[DISTORTION], distortions, rtol=1e-5)
    return "" if same else "the distortion changes although no distance changes"


CHECKS = (
    shapes("One number comes back.", ("small example", *RANDOM), weight=0.5, see="kmeans-distortion"),
    values(
        "Four points and two centroids, small enough to do by hand, come out right.",
        RETURNS,
        ("small example",),
        weight=2,
        see="kmeans-distortion",
    ),
    values(
        "The distortion of random points and labels is right, also where a label is not the nearest.",
        RETURNS,
        RANDOM,
        weight=3,
        see="kmeans-distortion",
    ),
    values(
        "One centroid alone, one feature in small units and fifty features come out right.",
        RETURNS,
        ("one centroid", "fifty features"),
        weight=1,
        see="kmeans-distortion",
    ),
    values(
        "Points that sit on their centroids add nothing.",
        RETURNS,
        ("points on their centroids",),
        weight=1,
        see="kmeans-distortion",
    ),
    values(
        "Points ten million away from the origin come out right (this needs float64 throughout).",
        RETURNS,
        ("far from the origin",),
        weight=1,
        see="kmeans-distortion",
    ),
    holds(
        "The distortion is never negative.",
        _not_negative,
        RETURNS,
        RANDOM,
        weight=0.5,
        see="kmeans-distortion",
    ),
    together(
        "Moving everything together, or listing the points in another order, changes nothing.",
        _unchanged,
        RETURNS,
        (RANDOM[0], "shifted", "other order"),
        weight=0.5,
        see="kmeans-distortion",
    ),
)


QUESTION = Question(
    id="kmeans.distortion",
    signature="distortion(X, centroids, labels)",
    returns=RETURNS,
    draw=draw,
    reference=reference,
    checks=CHECKS,
    misconceptions=tuple(wrong),
)
