"""starts.kmeans_plus_plus: judged by what every draw must have, and by how often things happen in 120 draws.

The bounds on the counts are crossed by a right answer with a probability below 1e-7 each.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.questions import (
    Case,
    Check,
    Finding,
    FloatArray,
    Part,
    Question,
    Seen,
    holds,
    relative,
    shapes,
    together,
)
from autograder.questions.starts.wrong_kmeans_plus_plus import wrong
from gmmlib.kmeans import kmeans_plus_plus as reference

CHOSEN = Part("chosen", "(K, d)", relative, random=True)
RETURNS = (CHOSEN,)
DRAWS = tuple(f"draw {number}" for number in range(1, 121))
CLUSTERS = tuple(f"four clusters {number}" for number in range(1, 13))
RANDOM = tuple(f"random points {number}" for number in range(1, 5))
OTHERS = tuple(f"another seed {number}" for number in range(1, 7))
SEE = "starts-kmeans-plus-plus"


# --------------------------------------------------------------------------- inputs


def draw(rng: np.random.Generator) -> tuple[Case, ...]:
    """Draw random points; four far clusters; and 120 times two centroids of points 0, 1 and 10 away."""

    def seed() -> int:
        return int(rng.integers(1, 2**31))

    cases = [Case(name, (_points(rng), int(rng.integers(2, 6)), seed())) for name in RANDOM]
    X, K = _points(rng), 4
    first = seed()
    cases += [Case("once", (X, K, first)), Case("again", (X, K, first))]
    cases += [Case(name, (X, K, seed())) for name in OTHERS]
    cases += [Case("as many as points", (X[:12], 12, seed())), Case("one centroid", (X, 1, seed()))]
    cases += [Case(name, (_clusters(rng), 4, seed())) for name in CLUSTERS]
    # 100 points at (0, 0), 50 at distance 1, one at distance 10: P(first at 0) = 100/151, and P(second is the
    # far one) = 100/150 or 101/201 from there or the fifty, 61 % together; 14 % without the square.
    spots = np.array([[0.0, 0.0]] * 100 + [[1.0, 0.0]] * 50 + [[0.0, 10.0]])
    spots = spots[rng.permutation(len(spots))] + rng.integers(-50, 50, size=2)
    cases += [Case(name, (spots, 2, seed())) for name in DRAWS]
    return tuple(cases)


def _points(rng: np.random.Generator) -> FloatArray:
    return rng.normal(size=(30, 2)) * 2.0 + rng.normal(size=2)


def _clusters(rng: np.random.Generator) -> FloatArray:
    """Draw four clusters of width 0.001, 100 apart: k-means++ misses one with a probability near 1e-9."""
    centres = 100.0 * np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]) + rng.normal(size=(4, 2))
    centres += 1000.0 * rng.normal(size=2)
    X = np.repeat(centres, 6, axis=0) + 1e-3 * rng.uniform(-1, 1, size=(24, 2))
    return X[rng.permutation(24)]


# --------------------------------------------------------------------------- checks


def _are_points(seen: Seen) -> str:
    X, chosen = seen.argument(0), seen.returned[CHOSEN]
    distances = np.array([np.abs(X - centroid).sum(axis=1).min() for centroid in chosen])
    return "" if np.all(distances <= 1e-5) else "some centroid is not one of the points"


def _all_different(seen: Seen) -> str:
    chosen = np.round(seen.returned[CHOSEN], 6)
    return "" if len(np.unique(chosen, axis=0)) == len(chosen) else "a point was chosen twice"


def _one_in_each(seen: Seen) -> str:
    X, chosen = seen.argument(0), seen.returned[CHOSEN]
    near = np.linalg.norm(chosen[:, None] - X, axis=2).min(axis=1) < 1.0
    corners = {tuple((centroid > X.mean(axis=0)).tolist()) for centroid in chosen[near]}
    return "" if len(corners) == 4 else "a far cluster got no centroid"


def _repeatable(once: Seen, again: Seen, *others: Seen) -> str:
    if not np.array_equal(once.returned[CHOSEN], again.returned[CHOSEN]):
        return "the same seed gives different centroids"
    same = all(np.array_equal(once.returned[CHOSEN], other.returned[CHOSEN]) for other in others)
    return "another seed gives the same centroids" if same else ""


def _distances(seen: tuple[Seen, ...]) -> FloatArray:
    """Measure how far each chosen point lies from the place of the hundred, (draws, 2): 0, 1 or 10."""
    places, counts = np.unique(seen[0].argument(0), axis=0, return_counts=True)
    origin = places[counts.argmax()]
    return np.stack([np.linalg.norm(case.returned[CHOSEN] - origin, axis=1).round(3) for case in seen])


def _counted(
    title: str,
    complaint: str,
    count: Callable[[FloatArray], int],
    *,
    low: int,
    high: int,
    weight: float,
    numeric: bool = True,
) -> Check:
    """Make a check that a count over the 120 draws lies between `low` and `high`."""

    def judge(*seen: Seen) -> Finding:
        if any(CHOSEN not in case.returned for case in seen):
            return Finding(0.0, "some draws gave no centroids")
        inside = low <= count(_distances(seen)) <= high
        return Finding(1.0 if inside else 0.0, "" if inside else complaint)

    return Check(title, weight, SEE, DRAWS, judge, numeric)


def _first_at_zero(distances: FloatArray) -> int:
    return int((distances[:, 0] == 0).sum())


def _second_is_far(distances: FloatArray) -> int:
    """Return how often the far point came second, in per cent of the draws that did not begin with it."""
    near_first = distances[distances[:, 0] < 10]
    return round(100 * float((near_first[:, 1] == 10).mean())) if len(near_first) else 0


CHECKS = (
    shapes("K rows of d numbers come back.", RANDOM, weight=0.5, see=SEE),
    holds(
        "Every centroid is one of the points.",
        _are_points,
        RETURNS,
        (*RANDOM, "one centroid", "as many as points"),
        weight=1,
        see=SEE,
    ),
    holds(
        "No point is chosen twice while others are left.",
        _all_different,
        RETURNS,
        (*RANDOM, "as many as points"),
        weight=1,
        see=SEE,
    ),
    holds(
        "Of four far clusters each gets a centroid: distances count from all centroids so far.",
        _one_in_each,
        RETURNS,
        CLUSTERS,
        weight=2,
        see=SEE,
        numeric=True,
    ),
    _counted(
        "The first centroid is drawn from all points alike.",
        "in 120 draws the first centroid is not spread evenly over the points",
        _first_at_zero,
        low=49,
        high=107,
        weight=1.5,
    ),
    _counted(
        "A far point is chosen often: the chance grows with the squared distance.",
        "in 120 draws the far point comes second too rarely",
        _second_is_far,
        low=36,
        high=100,
        weight=1.5,
    ),
    _counted(
        "A far point is not chosen always: it is a draw, not a rule.",
        "in 120 draws the far point comes second too often",
        _second_is_far,
        low=0,
        high=90,
        weight=1.5,
        numeric=False,
    ),
    together(
        "The same seed gives the same centroids, another seed others.",
        _repeatable,
        RETURNS,
        ("once", "again", *OTHERS),
        weight=1,
        see=SEE,
    ),
)


QUESTION = Question(
    id="starts.kmeans_plus_plus",
    signature="kmeans_plus_plus(X, n_centroids, rng)",
    returns=RETURNS,
    draw=draw,
    reference=reference,
    checks=CHECKS,
    misconceptions=tuple(wrong),
)
