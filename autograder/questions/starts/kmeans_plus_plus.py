"""starts.kmeans_plus_plus: judged by what every draw must have, and by the rule that eighty calls fit.

A right answer is taken for a wrong one with a probability below 1e-6.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import NormalDist

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
from autograder.questions.starts import draws
from autograder.questions.starts.wrong_kmeans_plus_plus import wrong
from gmmlib.kmeans import kmeans_plus_plus as reference

CHOSEN = Part("chosen", "(K, d)", relative, random=True)
RETURNS = (CHOSEN,)
DRAWS = tuple(f"draw {number}" for number in range(1, 81))
EITHER = tuple(f"either of two points {number}" for number in range(1, 25))
COPIES = tuple(f"a point and many copies of another {number}" for number in range(1, 41))
CLUSTERS = tuple(f"four clusters {number}" for number in range(1, 13))
RANDOM = tuple(f"random points {number}" for number in range(1, 5))
REPEATED = tuple(f"repeated points {number}" for number in range(1, 5))
OTHERS = tuple(f"another seed {number}" for number in range(1, 7))
SEE = "starts-kmeans-plus-plus"


# --------------------------------------------------------------------------- inputs


def draw(rng: np.random.Generator) -> tuple[Case, ...]:
    """Draw random points; repeated ones; four far clusters; eighty times nine centroids of one cloud; and
    often one of two points, which are one place each or one and ninety-nine.
    """

    def seed() -> int:
        return int(rng.integers(1, 2**31))

    cases = [Case(name, (_points(rng), int(rng.integers(2, 6)), seed())) for name in RANDOM]
    X, K = _points(rng), 4
    first = seed()
    cases += [Case("once", (X, K, first)), Case("again", (X, K, first))]
    cases += [Case(name, (X, K, seed())) for name in OTHERS]
    cases += [Case("as many as points", (X[:12], 12, seed())), Case("one centroid", (X, 1, seed()))]
    cases += [Case(name, (np.repeat(X[:6], 5, axis=0), 6, seed())) for name in REPEATED]
    cases += [Case("fewer places than centroids", (np.repeat(X[:2], 15, axis=0), 28, seed()))]
    cases += [Case("a long seed", (X, K, int(rng.integers(2**52, 2**53))))]
    cases += [Case(name, (_clusters(rng), 4, seed())) for name in CLUSTERS]
    cloud = _cloud(rng)
    cases += [Case(name, (cloud, 9, seed())) for name in DRAWS]
    cases += [Case(name, (X[:2], 1, seed())) for name in EITHER]
    copies = np.vstack([X[:1], np.repeat(X[1:2], 99, axis=0)])
    cases += [Case(name, (copies, 1, seed())) for name in COPIES]
    return tuple(cases)


def _points(rng: np.random.Generator) -> FloatArray:
    return rng.normal(size=(30, 2)) * 2.0 + rng.normal(size=2)


def _clusters(rng: np.random.Generator) -> FloatArray:
    """Draw four clusters of width 0.001, 100 apart: k-means++ misses one with a probability near 1e-9.

    They are the corners of a rectangle: who leaves out a feature sees two. Two of them lie in one direction
    from the origin: who compares directions sees three.
    """
    corners = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    centres = (100.0 + rng.normal(size=2)) * (corners + rng.choice([-1.0, 1.0]) * rng.uniform(5.0, 20.0))
    X = np.repeat(centres, 6, axis=0) + 1e-3 * rng.uniform(-1, 1, size=(24, 2))
    return X[rng.permutation(24)]


def _cloud(rng: np.random.Generator, n: int = 60, d: int = 20) -> FloatArray:
    """Draw points around a middle, their logarithmic distances from it spread like a normal law.

    Of two at nearly the same distance one lies along an axis and one along a diagonal: so a sum of squares is
    unlike other measures. There are two such axes, whose features vary more: who standardises draws fewer
    along them. The first and the last point are far away, though not the farthest: that they never come up
    would show. The unit is so small that a thousandth added to all squared distances is most of them, and so
    large that a millionth is next to nothing.
    """
    radii = np.exp([NormalDist().inv_cdf((i + 0.5) / n) for i in range(n)])
    radii = radii[[n - 4, *rng.permutation([*range(n - 4), n - 2, n - 1]), n - 3]]
    signs = rng.choice([-1.0, 1.0], size=(n, d))
    ranks = radii.argsort().argsort()
    axes = np.eye(d)[rng.choice(np.arange(1, d - 1), size=2, replace=False)]
    along_an_axis = rng.permuted(np.tile([True, False], (n // 2, 1)), axis=1).ravel()[ranks]
    directions = np.where(along_an_axis[:, None], axes[ranks // 2 % 2] * signs, signs / np.sqrt(d))
    return 2.0**-6 * (radii[:, None] * directions + rng.uniform(2.0, 4.0, size=d))


# --------------------------------------------------------------------------- checks


def _are_points(seen: Seen) -> str:
    X, chosen = seen.argument(0), seen.returned[CHOSEN]
    distances = np.array([np.abs(X - centroid).sum(axis=1).min() for centroid in chosen])
    return "" if np.all(distances <= 1e-5) else "some centroid is not one of the points"


def _all_different(seen: Seen) -> str:
    chosen = np.round(seen.returned[CHOSEN], 6)
    return "" if len(np.unique(chosen, axis=0)) == len(chosen) else "a point was chosen twice"


def _both_places(seen: Seen) -> str:
    chosen = np.round(seen.returned[CHOSEN], 6)
    if wrong := _are_points(seen):
        return wrong
    if len(np.unique(chosen, axis=0)) < 2:
        return "a place was left out"
    alike = len(np.unique(chosen[2:], axis=0)) == 2  # by chance not: 2⁻²⁵
    return "" if alike else "once all distances are 0, one of two places never comes up"


def _one_in_each(seen: Seen) -> str:
    X, chosen = seen.argument(0), seen.returned[CHOSEN]
    near = np.linalg.norm(chosen[:, None] - X, axis=2).min(axis=1) < 0.01
    corners = {tuple((centroid > X.mean(axis=0)).tolist()) for centroid in chosen[near]}
    return "" if len(corners) == 4 else "a far cluster got no centroid"


def _repeatable(once: Seen, again: Seen, *others: Seen) -> str:
    if not np.array_equal(once.returned[CHOSEN], again.returned[CHOSEN]):
        return "the same seed gives different centroids"
    same = all(np.array_equal(once.returned[CHOSEN], other.returned[CHOSEN]) for other in others)
    return "another seed gives the same centroids" if same else ""


def _over_the_draws(
    title: str,
    rule: Callable[[Sequence[Seen]], str],
    *,
    weight: float,
    numeric: bool,
    also: tuple[str, ...] = (),
) -> Check:
    """Make a check of all draws at once; `rule` says what speaks against them."""

    def judge(*seen: Seen) -> Finding:
        if any(CHOSEN not in case.returned for case in seen):
            return Finding(0.0, "some draws gave no centroids")
        complaint = rule(seen)
        return Finding(0.0 if complaint else 1.0, complaint)

    return Check(title, weight, SEE, (*DRAWS, *also), judge, numeric)


def _sequences(seen: Sequence[Seen]) -> tuple[FloatArray, FloatArray]:
    """Return the points, (n, d), and what each of several calls gave of them, (calls, K, d)."""
    return seen[0].argument(0), np.stack([case.returned[CHOSEN] for case in seen])


def _are_all_points(X: FloatArray, chosen: FloatArray) -> bool:
    return bool(np.abs(X[draws.positions(X, chosen)] - chosen).max() <= 1e-5)


def _none_of_the_points(X: FloatArray, first: FloatArray) -> FloatArray:
    """Return the different first centroids that are no points, (m, d)."""
    nearest = X[draws.positions(X, first[:, None])[:, 0]]
    return np.unique(first[np.abs(nearest - first).max(axis=1) > 1e-5].round(9), axis=0)


def _first_alike(seen: Sequence[Seen]) -> str:
    X, chosen = _sequences(seen[: len(DRAWS)])
    if not _are_all_points(X, chosen[:, :1]):
        return "the first centroid is not one of the points"
    at = draws.positions(X, chosen)
    ordered = not draws.order_of_the_draws(X, at)  # if not, nobody knows which one was the first
    if (chosen == chosen[0]).all():  # which point that is, is the seed's doing
        return f"in {len(DRAWS)} calls the first centroid looks as if it was always at one and the same place"
    if ordered and (rule := draws.rule_of_the_first(X, at[:, 0])):
        return f"in {len(DRAWS)} calls the first centroid looks as if {rule}"
    drawn = draws.positions(*_sequences(seen[len(DRAWS) : len(DRAWS) + len(EITHER)]))
    if (drawn == drawn[0]).all():  # by chance: 10⁻⁷
        missed = "first" if drawn[0, 0] else "second"
        return f"in {len(drawn)} calls for one centroid of two points the {missed} never came up"
    drawn = draws.positions(*_sequences(seen[len(DRAWS) + len(EITHER) :]))
    often = (drawn == 0).sum() >= len(COPIES) / 5  # by chance: 10⁻⁸
    return "a point came up far too often of which there is one, beside 99 copies of another" if often else ""


def _by_squared_distance(seen: Sequence[Seen]) -> str:
    X, chosen = _sequences(seen)
    if (chosen == chosen[0]).all():
        return f"{len(DRAWS)} seeds give one and the same centroids"
    if not _are_all_points(X, chosen[:, 1:]):
        return "some centroid is not one of the points"
    known = np.vstack([X, _none_of_the_points(X, chosen[:, 0])])  # a wrong first one shall not cost once more
    rule = draws.rule_of_the_draws(known, draws.positions(known, chosen), len(X))
    return f"in {len(DRAWS)} calls the centroids look as if {rule}" if rule else ""


CHECKS = (
    shapes("K rows of d numbers come back.", RANDOM, weight=0.5, see=SEE),
    holds(
        "Every centroid is one of the points.",
        _are_points,
        RETURNS,
        (*RANDOM, "one centroid", "as many as points"),
        weight=0.5,
        see=SEE,
    ),
    together(
        "The same seed gives the same centroids, another seed others.",
        _repeatable,
        RETURNS,
        ("once", "again", *OTHERS),
        weight=1.5,
        see=SEE,
    ),
    holds(
        "Any whole number is a seed, also one of sixteen digits.",
        _are_points,
        RETURNS,
        ("a long seed",),
        weight=1,
        see=SEE,
    ),
    holds(
        "No place is chosen twice while others are left, also if several points lie there.",
        _all_different,
        RETURNS,
        (*RANDOM, "as many as points", *REPEATED),
        weight=0.5,
        see=SEE,
    ),
    holds(
        "With more centroids than places all distances become 0; then all points have the same chance.",
        _both_places,
        RETURNS,
        ("fewer places than centroids",),
        weight=0.5,
        see=SEE,
    ),
    _over_the_draws(
        "The first centroid is drawn from all points alike.",
        _first_alike,
        weight=3,
        numeric=False,
        also=(*EITHER, *COPIES),
    ),
    holds(
        "Of four far clusters each gets a centroid: distances count from all centroids so far.",
        _one_in_each,
        RETURNS,
        CLUSTERS,
        weight=1,
        see=SEE,
        numeric=True,
    ),
    _over_the_draws(
        "The others are drawn with chances in proportion to the squared distance to the nearest centroid.",
        _by_squared_distance,
        weight=13,
        numeric=True,
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
