"""What students get wrong in starts.kmeans_plus_plus."""

# mypy: allow-untyped-defs
from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.questions import Catalogue, FloatArray


def _any_point(X: FloatArray, rng: np.random.Generator) -> FloatArray:
    return np.asarray(X[rng.integers(len(X))])


def _squared_distances(X: FloatArray, chosen: list[FloatArray]) -> FloatArray:
    """Return the squared distance of each point to the nearest centroid so far, (n,)."""
    return np.min([np.square(X - centroid).sum(axis=1) for centroid in chosen], axis=0)


def _in_proportion(chances: FloatArray, rng: np.random.Generator) -> int:
    return int(rng.choice(len(chances), p=chances / chances.sum()))


def _centroid_by_centroid(
    X: FloatArray,
    n_centroids: int,
    rng: int,
    *,
    generator: Callable[[int], np.random.Generator] = np.random.default_rng,
    first: Callable[[FloatArray, np.random.Generator], FloatArray] = _any_point,
    chances: Callable[[FloatArray, list[FloatArray]], FloatArray] = _squared_distances,
    pick: Callable[[FloatArray, np.random.Generator], int] = _in_proportion,
) -> FloatArray:
    source = generator(rng)
    chosen = [first(X, source)]
    while len(chosen) < n_centroids:
        chosen.append(X[pick(chances(X, chosen), source)])
    return np.stack(chosen)


wrong = Catalogue(see="starts-kmeans-plus-plus", steps=_centroid_by_centroid)


@wrong()
def all_drawn_alike(X, n_centroids, rng):
    """All centroids are drawn with equal chances; after the first, the distance must count."""
    source = np.random.default_rng(rng)
    return X[source.choice(len(X), size=n_centroids, replace=False)]


@wrong()
def not_data_points(X, n_centroids, rng):
    """The centroids are drawn from the box round the data; they must be points."""
    source = np.random.default_rng(rng)
    return source.uniform(X.min(axis=0), X.max(axis=0), size=(n_centroids, X.shape[1]))


@wrong(step="chances")
def distance_not_squared(X, chosen):
    """The chance is proportional to the distance; it must be to its square."""
    return np.sqrt(_squared_distances(X, chosen))


@wrong(step="pick")
def always_the_farthest(chances, rng):
    """The farthest point is always taken; it is only the most probable one."""
    return int(chances.argmax())


@wrong(step="chances")
def distance_to_the_last_only(X, chosen):
    """What counts is the distance to the nearest centroid so far, not to the latest, the farthest or all of
    them.
    """
    return np.square(X - chosen[-1]).sum(axis=1)


@wrong(step="first")
def first_point_first(X, rng):
    """The first centroid is always the first point; it must be drawn."""
    return X[0]


@wrong(step="first")
def mean_first(X, rng):
    """The first centroid is the mean of the data; it must be one of the points."""
    return X.mean(axis=0)


@wrong(step="generator")
def seed_ignored(rng):
    """The argument rng is not used: every call gives the same draw."""
    return np.random.default_rng(0)


@wrong(step="generator")
def not_repeatable(rng):
    """The argument rng is not used: the same seed gives something else each time."""
    return np.random.default_rng()
