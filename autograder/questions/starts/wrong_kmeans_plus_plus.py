"""What students get wrong in starts.kmeans_plus_plus."""

# mypy: allow-untyped-defs
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograder.questions import Catalogue, FloatArray


def _any_point(X: FloatArray, rng: Any) -> FloatArray:
    return np.asarray(X[rng.integers(len(X))])


def _sum_of_squares(differences: FloatArray) -> FloatArray:
    return np.asarray(np.square(differences).sum(axis=1))


def _nearest(distances: Sequence[FloatArray]) -> FloatArray:
    """Return the squared distance of each point to the nearest centroid so far, (n,)."""
    return np.asarray(np.min(distances, axis=0))


def _in_proportion(chances: FloatArray, rng: Any, distances: Sequence[FloatArray], X: FloatArray) -> int:
    if not chances.any():
        return int(rng.integers(len(chances)))
    cumulative = chances.cumsum()
    return int(np.searchsorted(cumulative, rng.random() * cumulative[-1], side="right"))


def _no_fallback(chances: FloatArray, rng: Any, distances: Sequence[FloatArray], X: FloatArray) -> int:
    return int(rng.choice(len(chances), p=chances / chances.sum()))


def _centroid_by_centroid(
    X: FloatArray,
    n_centroids: int,
    rng: int,
    *,
    generator: Callable[[int], Any] = np.random.default_rng,
    first: Callable[[FloatArray, Any], FloatArray] = _any_point,
    measure: Callable[[FloatArray], FloatArray] = _sum_of_squares,
    chances: Callable[[Sequence[FloatArray]], FloatArray] = _nearest,
    pick: Callable[..., int] = _in_proportion,
) -> FloatArray:
    source = generator(rng)
    chosen = [first(X, source)]
    distances: list[FloatArray] = []  # (n,) each, squared, to each centroid so far
    while len(chosen) < n_centroids:
        distances.append(measure(X - chosen[-1]))
        chosen.append(X[pick(chances(distances), source, distances, X)])
    return np.stack(chosen)


wrong = Catalogue(see="starts-kmeans-plus-plus", steps=_centroid_by_centroid)


@wrong()
def all_drawn_alike(X, n_centroids, rng):
    """Your draws fit equal chances for all points; after the first centroid, the distance must count."""
    source = np.random.default_rng(rng)
    return X[source.choice(len(X), size=n_centroids, replace=False)]


@wrong()
def all_drawn_alike_with_replacement(X, n_centroids, rng):
    """Your draws do not depend on the centroids before, as with equal chances for all points: after the
    first, the distance to the nearest centroid must count.
    """
    source = np.random.default_rng(rng)
    return X[source.integers(len(X), size=n_centroids)]


@wrong()
def not_data_points(X, n_centroids, rng):
    """The centroids are not among the points: draw positions, and return the points that stand there."""
    source = np.random.default_rng(rng)
    return source.uniform(X.min(axis=0), X.max(axis=0), size=(n_centroids, X.shape[1]))


@wrong()
def positions_returned(X, n_centroids, rng):
    """K whole numbers came back where K points should: return X[positions]."""
    return np.arange(n_centroids)


@wrong()
def one_centroid_too_many(X, n_centroids, rng):
    """There are too many centroids: the first one counts, too, and each only once."""
    return _centroid_by_centroid(X, n_centroids + 1, rng)


@wrong(step="chances")
def distance_not_squared(distances):
    """Your draws fit chances that grow more slowly than they must, as those in proportion to the distance do;
    they must be in proportion to its square.
    """
    return np.sqrt(_nearest(distances))


@wrong(step="pick")
def always_the_farthest(chances, rng, distances, X):
    """Your draws fit the farthest point, always taken; it is only the most probable one."""
    return int(chances.argmax())


@wrong(step="pick", alone=True)
def the_farthest_while_there_is_one(chances, rng, distances, X):
    """Your draws fit the farthest point, always taken; it is only the most probable one."""
    return int(chances.argmax()) if chances.any() else int(rng.integers(len(chances)))


@wrong(step="chances")
def distance_squared_twice(distances):
    """Your draws fit chances that grow faster than with the squared distance: was it squared twice?"""
    return np.square(_nearest(distances))


@wrong(step="pick")
def best_of_several_draws(chances, rng, distances, X):
    """Your draws fit the best of several candidates for each centroid; k-means++ draws one, and keeps it."""
    candidates = [_in_proportion(chances, rng, distances, X) for _ in range(4)]
    nearest = _nearest(distances)
    left = [np.minimum(nearest, np.square(X - X[i]).sum(axis=1)).sum() for i in candidates]
    return candidates[int(np.argmin(left))]


@wrong(step="chances")
def distance_to_the_last_only(distances):
    """Your draws fit distances to the latest centroid alone; what counts is the nearest of all so far."""
    return distances[-1]


@wrong(step="chances")
def distance_to_the_first_only(distances):
    """Your draws fit distances to the first centroid alone: after each draw, take the smaller of these and of
    the squared distances to the new one.
    """
    return distances[0]


@wrong(step="chances")
def distances_to_all_added(distances):
    """Your draws fit the sum, mean or median of the distances to all centroids, or that to their mean; only
    the nearest one counts.
    """
    return np.sum(distances, axis=0)


@wrong(step="chances")
def distance_to_the_farthest_centroid(distances):
    """Your draws fit the distance to the farthest of the centroids; the nearest one counts: minimum, not
    maximum.
    """
    return np.max(distances, axis=0)


@wrong(step="chances")
def near_points_preferred(distances):
    """Your draws fit chances that fall with the distance; they must grow with its square."""
    nearest = _nearest(distances)
    return np.divide(1.0, nearest, where=nearest > 0, out=np.zeros_like(nearest))


@wrong()
def all_drawn_by_the_first_distances(X, n_centroids, rng):
    """Your draws fit the distances to the first centroid, no point twice; after each draw, take the smaller
    distance.
    """
    source = np.random.default_rng(rng)
    chosen = [int(source.integers(len(X)))]
    chances = _sum_of_squares(X - X[chosen[0]])
    while len(chosen) < n_centroids:
        chances[chosen] = 0.0
        chosen.append(_in_proportion(chances, source, [], X))
    return X[chosen]


@wrong(step="measure")
def city_block_distance(differences):
    """Your draws fit sums of absolute differences; the distance sums their squares."""
    return np.square(np.abs(differences).sum(axis=1))


@wrong(step="measure")
def largest_difference(differences):
    """Your draws fit one feature alone, that of the largest difference; the distance uses all features."""
    return np.square(differences).max(axis=1)


@wrong(step="first")
def first_point_first(X, rng):
    """The first centroid is always the first point; it must be drawn."""
    return X[0]


@wrong(step="first")
def last_point_first(X, rng):
    """The first centroid is always the last point; it must be drawn."""
    return X[-1]


@wrong(step="first")
def mean_first(X, rng):
    """The first centroid is none of the points, such as the mean of the data; it must be a point, drawn."""
    return X.mean(axis=0)


@wrong(step="first")
def middle_point_first(X, rng):
    """The first centroid is always the point nearest to the mean; it must be drawn."""
    return X[np.square(X - X.mean(axis=0)).sum(axis=1).argmin()]


@wrong(step="first")
def first_by_distance(X, rng):
    """The first of your centroids is mostly a point far from the mean: it must be drawn with equal chances
    for all, and come back first.
    """
    return X[_in_proportion(np.square(X - X.mean(axis=0)).sum(axis=1), rng, [], X)]


@wrong(step="generator")
def seed_ignored(rng):
    """The argument rng is not used: every call gives the same draw."""
    return np.random.default_rng(0)


@wrong(step="generator")
def not_repeatable(rng):
    """The same seed gives something else each time: draw everything from np.random.default_rng(rng)."""
    return np.random.default_rng()


@wrong(step="generator")
def seed_must_be_short(rng):
    """A long seed stops the function: np.random.seed and RandomState take numbers below 2³² only, default_rng
    takes any.
    """
    if rng >= 2**32:
        raise ValueError("Seed must be between 0 and 2**32 - 1")
    return np.random.default_rng(rng)


@wrong(step="pick")
def all_distances_zero(chances, rng, distances, X):
    """Where all points are centroids already, every chance is 0/0: give all points the same chance then."""
    return _no_fallback(chances, rng, distances, X)


@wrong(step="pick")
def one_point_for_all_distances_zero(chances, rng, distances, X):
    """Where all points are centroids already, it is always the same one that is drawn, such as the first,
    which np.searchsorted finds among zeros: give all points the same chance then.
    """
    return _in_proportion(chances, rng, distances, X) if chances.any() else 0


@wrong(step="measure")
def first_two_features(differences):
    """Your draws fit distances in the first two features alone: sum over all of them."""
    return np.square(differences[:, :2]).sum(axis=1)


@wrong()
def order_of_drawing_lost(X, n_centroids, rng):
    """The centroids come back sorted; return them in the order of drawing."""
    chosen = _centroid_by_centroid(X, n_centroids, rng)
    return chosen[np.lexsort(chosen.T[::-1])]


@wrong()
def order_of_the_data(X, n_centroids, rng):
    """The centroids come back in the order of the data, as a mask picks them; return them in the order of
    drawing.
    """
    chosen = _centroid_by_centroid(X, n_centroids, rng)
    at = np.square(X - chosen[:, None]).sum(axis=2).argmin(axis=1)
    return X[np.sort(at)]


@wrong()
def last_drawn_first(X, n_centroids, rng):
    """The centroids come back in reverse; return them in the order of drawing."""
    return _centroid_by_centroid(X, n_centroids, rng)[::-1]


@wrong(step="generator")
def new_generator_for_each_draw(rng):
    """Every draw begins anew with the same seed, so they depend on each other: make one generator, once."""
    return _Anew(rng)


class _Anew:
    """A source whose every draw comes from a generator that has just been seeded."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def integers(self, n: int) -> int:
        return int(np.random.default_rng(self._seed).integers(n))

    def random(self) -> float:
        return float(np.random.default_rng(self._seed).random())


@wrong(step="measure")
def first_feature_alone(differences):
    """Your draws fit distances in the first feature alone; the distance uses all features."""
    return np.square(differences[:, 0])


@wrong(step="first")
def last_point_never_first(X, rng):
    """The last point never comes up as the first centroid: rng.integers(n) ends before n already."""
    return X[rng.integers(max(len(X) - 1, 1))]


@wrong()
def one_centroid_too_few(X, n_centroids, rng):
    """There are too few centroids: does the loop end too early, or is the return inside it?"""
    return _centroid_by_centroid(X, max(n_centroids - 1, 1), rng)


@wrong(step="first")
def first_point_never_first(X, rng):
    """The first point never comes up as the first centroid: Python counts from 0."""
    return X[rng.integers(min(1, len(X) - 1), len(X))]


@wrong()
def first_of_the_first_points(X, n_centroids, rng):
    """The first centroid always comes from the beginning of the list, such as the first K points; it must be
    drawn from all.
    """
    return _centroid_by_centroid(X, n_centroids, rng, first=lambda X, source: X[source.integers(n_centroids)])


@wrong()
def stops_where_all_distances_are_zero(X, n_centroids, rng):
    """Where all points are centroids already, too few centroids come back: give all points the same chance
    then.
    """
    places = len(np.unique(X, axis=0))
    return _centroid_by_centroid(X, min(n_centroids, places), rng)


@wrong(step="chances")
def latest_centroid_does_not_count(distances):
    """Your draws fit distances to all centroids but the latest: take it in before the next draw."""
    return _nearest(distances[:-1] or distances)


@wrong(step="pick")
def point_before_the_one_drawn(chances, rng, distances, X):
    """Your draws give each point the chance of the next one in the list: np.searchsorted needs no - 1."""
    return _in_proportion(chances, rng, distances, X) - 1


@wrong(step="pick")
def point_behind_the_one_drawn(chances, rng, distances, X):
    """Your draws give each point the chance of the one before it in the list: no + 1 for np.searchsorted."""
    return (_in_proportion(chances, rng, distances, X) + 1) % len(X)


@wrong()
def the_same_for_every_seed(X, n_centroids, rng):
    """Every seed gives the same points, and not those that the distances ask for: draw them, from one
    generator made by np.random.default_rng(rng).
    """
    return X[:n_centroids]


@wrong()
def distance_to_the_mean_of_the_centroids(X, n_centroids, rng):
    """Your draws fit the distance to the mean of the centroids so far; only the nearest of them counts."""
    source = np.random.default_rng(rng)
    chosen = [_any_point(X, source)]
    while len(chosen) < n_centroids:
        squares = _sum_of_squares(X - np.mean(chosen, axis=0))
        chosen.append(X[_in_proportion(squares, source, [], X)])
    return np.stack(chosen)


@wrong(step="chances")
def other_places_alike(distances):
    """Your draws fit equal chances for all points that are no centroid; the distance must count."""
    return (_nearest(distances) > 0).astype(float)


@wrong()
def moved_after_the_draw(X, n_centroids, rng):
    """The centroids are not points, but near those drawn, as after a step of k-means: return the points
    themselves.
    """
    chosen = _centroid_by_centroid(X, n_centroids, rng)
    labels = np.square(X[:, None] - chosen).sum(axis=2).argmin(axis=1)
    mine = [X[labels == k] for k in range(len(chosen))]
    return np.stack([p.mean(axis=0) if len(p) else old for p, old in zip(mine, chosen, strict=True)])
