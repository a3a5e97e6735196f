"""kmeans.assign: inputs and checks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from autograder.questions import (
    Array,
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
from autograder.questions.kmeans.wrong_assigns import (
    centroids_moved_meanwhile,
    city_block_distance,
    cubes_for_squares,
    distances_rounded,
    first_feature_only,
    fourth_powers,
    largest_difference,
    last_point_left_out,
    nearer_than_the_one_before,
    smallest_never_updated,
    sorted_first,
    squared_distances_in_whole_numbers,
    standardised,
    step_by_step,
    two_features_only,
    wrong,
)
from autograder.questions.parts import LABELS
from gmmlib.kmeans import assign as reference

RANDOM = ("random points 1", "random points 2", "random points 3")
RETURNS = (LABELS,)
MOST_DRAWS = 1000  # of ties among many, until no sort is right by accident
TIES = (2.0, 6.0, 3.0, 8.0, 9.0, 14.0)
Call = tuple[FloatArray, FloatArray]
LAST_LEFT_OUT = partial(step_by_step, pick=last_point_left_out)
NEARER_THAN_BEFORE = partial(step_by_step, pick=nearer_than_the_one_before)
NEVER_UPDATED = partial(step_by_step, pick=smallest_never_updated)


# --------------------------------------------------------------------------- inputs


def draw(rng: np.random.Generator) -> tuple[Case, ...]:
    """Draw the calls: small and random ones first, then the numerically hard ones."""
    randoms = [_decisive(rng, *size) for size in ((30, 2, 3), (40, 3, 4), (35, 2, 5))]
    X, centroids = randoms[0]
    cases = [Case("small example", _small(rng))]
    cases += [Case(name, arguments) for name, arguments in zip(RANDOM, randoms, strict=True)]
    cases += [
        Case("shifted", (X + 3.0, centroids + 3.0)),
        Case("other order", (X, centroids[::-1].copy())),
        Case("one centroid", _random(rng, 12, 2, 1)),
        Case("ties", _ties(rng)),
        Case("ties among many", _ties_among_many(rng)),
        Case("unequal units", _unequal_units(rng)),
        Case("fifty features", _decisive(rng, 40, 50, 6)),
        Case("far from the origin", _offset(rng), noisy=True),
    ]
    cases.insert(len(RANDOM) + 1, Case("nearly as near", _nearly_as_near(rng)))
    return tuple(cases)


def _random(rng: np.random.Generator, n: int, d: int, n_centroids: int, spread: float = 1.5) -> Call:
    centroids = rng.normal(scale=spread, size=(n_centroids, d))
    return centroids[rng.integers(n_centroids, size=n)] + rng.normal(size=(n, d)), centroids


def _decisive(rng: np.random.Generator, n: int, d: int, n_centroids: int) -> Call:
    """Draw points on which each other notion of "near" shows, and the last does not belong to centroid 0."""
    measures: list[Callable[..., FloatArray]]
    measures = [city_block_distance, largest_difference, standardised, first_feature_only, cubes_for_squares]
    measures += [fourth_powers, squared_distances_in_whole_numbers]
    measures += [partial(distances_rounded, digits=digits) for digits in (1, 2)]
    measures += [two_features_only] if d > 2 else []
    wrongs: list[Callable[..., object]] = [*map(_by, measures), LAST_LEFT_OUT, NEVER_UPDATED]
    spread = min(1.5, 0.15 + 3.0 / d)  # in fifty dimensions all notions agree on centroids far apart
    return drawing.decisive(lambda: _random(rng, n, d, n_centroids, spread), reference, wrongs)


def _by(distances: Callable[[FloatArray, FloatArray], FloatArray]) -> Callable[..., Array]:
    """Return an assignment by another notion of "near"."""
    return partial(step_by_step, distances=distances)


def _small(rng: np.random.Generator) -> Call:
    """Draw nine whole numbers on a line and three centroids, listed in no order; no tie."""
    left = int(rng.integers(0, 4))

    def call() -> Call:
        centroids = left + rng.permutation([0.0, 5.0, 12.0])[:, None]
        return left + rng.permutation([-1.0, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 9.0, 14.0])[:, None], centroids

    return drawing.decisive(
        call,
        reference,
        (LAST_LEFT_OUT, NEARER_THAN_BEFORE, _in_turn, centroids_moved_meanwhile, NEVER_UPDATED),
    )


def _in_turn(X: FloatArray, centroids: FloatArray) -> Array:
    """Give the points to the centroids in turn, wherever they lie."""
    return np.arange(len(X)) % len(centroids)


def _sorted(X: FloatArray, centroids: FloatArray) -> Array:
    """Return the right labels in the order of their size."""
    return np.sort(reference(X, centroids))


def _ties(rng: np.random.Generator) -> Call:
    """Draw whole numbers halfway between centroids, not the first alone; their deviation is a power of 2."""
    left = int(rng.integers(0, 5))
    centroids = left + np.array([[20.0], [0.0], [4.0], [8.0]])
    return drawing.decisive(
        lambda: (left + rng.permutation(TIES)[:, None], centroids),
        reference,
        (LAST_LEFT_OUT, _in_turn, NEVER_UPDATED, _sorted),
    )


def _ties_among_many(rng: np.random.Generator) -> Call:
    """Draw points halfway between two of many centroids, none of which a sort gives to the first: which of a
    few equals it puts in front depends on the machine. Their deviation is a power of 2.
    """
    for _ in range(MOST_DRAWS):
        left = int(rng.integers(0, 5))
        centroids = left + rng.permutation(4.0 * np.arange(24))[:, None]
        X = left + 46.0 + rng.permutation(np.repeat([-8.0, 8.0], 6))[:, None]
        right, by_sort = reference(X, centroids), step_by_step(X, centroids, pick=sorted_first)
        if not (right == by_sort).any() and right.all():
            break
    return X, centroids


def _unequal_units(rng: np.random.Generator) -> Call:
    """Draw one feature a hundred times larger than the other: it decides, as nobody asked to standardise."""

    def call() -> Call:
        X, centroids = _random(rng, 30, 2, 3)
        return X * np.array([1.0, 100.0]), centroids * np.array([1.0, 100.0])

    return drawing.decisive(call, reference, (_by(standardised), _by(first_feature_only)))


def _nearly_as_near(rng: np.random.Generator) -> Call:
    """Draw two centroids, and points that are nearer to the second by a hundred-thousandth; more decide than
    one, as rounding may help any of them.
    """
    first, second = centroids = rng.normal(scale=1.5, size=(2, 2))
    across = (first - second) / np.linalg.norm(first - second)
    along = across[::-1] * [-1.0, 1.0]
    places = rng.permutation(np.append(rng.uniform(-5.0, 5.0, 24), [-8.0, 8.0]))
    X = (first + second) / 2 + places[:, None] * along
    nearer = np.where(rng.random(26) < 0.7, 1e-5, -0.5)  # to the second, or clearly to the first
    return X - nearer[:, None] * across, centroids


def _offset(rng: np.random.Generator) -> Call:
    """Draw close centroids ten million away: |x|² - 2 x·m + |m|² has no digits left there."""
    X, centroids = _decisive(rng, 40, 2, 4)
    return 0.05 * X + 1e7, 0.05 * centroids + 1e7


# --------------------------------------------------------------------------- checks


def _valid_labels(seen: Seen) -> str:
    labels, K = seen.returned[LABELS], len(seen.argument(1))
    valid = (labels == np.floor(labels)) & (labels >= 0) & (labels < K)
    return "" if valid.all() else "labels are not whole numbers from 0 to K - 1"


def _same_when_shifted(original: Seen, shifted: Seen) -> str:
    same = np.array_equal(original.returned[LABELS], shifted.returned[LABELS])
    return "" if same else "the labels change when points and centroids move together"


def _follow_order(original: Seen, reordered: Seen) -> str:
    K = len(original.argument(1))
    if invalid := _valid_labels(original) or _valid_labels(reordered):
        return invalid  # labels that count from 1 follow the order, too
    same = np.array_equal(original.returned[LABELS], K - 1 - reordered.returned[LABELS])
    return "" if same else "the labels do not follow the order of the centroids"


CHECKS = (
    shapes(
        "One label comes back for each point.", ("small example", *RANDOM), weight=0.5, see="kmeans-assign"
    ),
    holds(
        "Labels are whole numbers from 0 to K - 1, also with one centroid.",
        _valid_labels,
        RETURNS,
        (*RANDOM, "one centroid"),
        weight=0.5,
        see="kmeans-assign",
    ),
    values(
        "Nine whole numbers and three centroids, small enough to do by hand, come out right.",
        RETURNS,
        ("small example",),
        weight=2,
        see="kmeans-assign",
    ),
    values(
        "Random points go to their nearest centroid, also if another is nearly as near.",
        RETURNS,
        (*RANDOM, "nearly as near"),
        weight=3,
        see="kmeans-assign",
    ),
    values(
        "A point halfway between two centroids goes to the one listed first.",
        RETURNS,
        ("ties", "ties among many"),
        weight=1,
        see="kmeans-assign",
    ),
    values(
        "Features of very unequal units, and fifty features, come out right.",
        RETURNS,
        ("unequal units", "fifty features"),
        weight=1,
        see="kmeans-assign",
    ),
    values(
        "Points ten million away from the origin come out right (this needs float64 throughout).",
        RETURNS,
        ("far from the origin",),
        weight=1,
        see="kmeans-assign",
    ),
    together(
        "Moving points and centroids together changes no label.",
        _same_when_shifted,
        RETURNS,
        (RANDOM[0], "shifted"),
        weight=0.5,
        see="kmeans-assign",
    ),
    together(
        "Listing the centroids in another order only renames the labels.",
        _follow_order,
        RETURNS,
        (RANDOM[0], "other order"),
        weight=0.5,
        see="kmeans-assign",
    ),
)


QUESTION = Question(
    id="kmeans.assign",
    signature="assign(X, centroids)",
    returns=RETURNS,
    draw=draw,
    reference=reference,
    checks=CHECKS,
    misconceptions=tuple(wrong),
)
