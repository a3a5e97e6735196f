"""kmeans.distortion: inputs, checks and the catalogue of wrong sums."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.questions import drawing
from autograder.questions.comparing import Seen, holds, shapes, together, values
from autograder.values import Array, Case, FloatArray, Misconception, Question
from gmmlib.kmeans import distortion as reference

RANDOM = ("random labels 1", "random labels 2", "random labels 3")
RETURNS = ("distortion",)
Call = tuple[FloatArray, FloatArray, Array]


# --------------------------------------------------------------------------- inputs


def draw(rng: np.random.Generator) -> tuple[Case, ...]:
    """The calls: small and random ones first, then the numerically hard ones."""
    randoms = [_random(rng, *size) for size in ((30, 2, 3), (40, 3, 4), (35, 2, 5))]
    X, centroids, labels = randoms[0]
    cases = [Case("small example", _small(rng))]
    cases += [Case(name, arguments) for name, arguments in zip(RANDOM, randoms, strict=True)]
    cases += [
        Case("shifted", (X + 3.0, centroids + 3.0, labels)),
        Case("other order", (X[::-1].copy(), centroids, labels[::-1].copy())),
        Case("one centroid", _random(rng, 12, 1, 1)),
        Case("fifty features", _random(rng, 20, 50, 4)),
        Case("points on their centroids", _exact(rng)),
        Case("far from the origin", (0.01 * X + 1e7, 0.01 * centroids + 1e7, labels)),
    ]
    return tuple(cases)


def _random(rng: np.random.Generator, n: int, d: int, n_centroids: int) -> Call:
    """Labels drawn at random: mostly not those of the nearest centroid; the centroids are not the means."""
    labels = rng.integers(n_centroids, size=n)
    X = rng.normal(scale=1.5, size=(n, d)) + rng.uniform(1.0, 2.0, size=d)
    return X, rng.normal(scale=1.5, size=(n_centroids, d)), labels.astype(np.int64)


def _small(rng: np.random.Generator) -> Call:
    """Four points with whole coordinates; the last one is not with its nearest centroid."""
    def call() -> Call:
        X = rng.integers(0, 5, size=(4, 2)).astype(float) + np.array([[0, 0], [6, 6], [6, 0], [0, 0]])
        return X, np.array([[1.0, 2.0], [8.0, 5.0]]), np.array([0, 1, 1, 1])

    wrongs = (_sum_then_square, _all_summed_then_squared, _last_cluster, _last_cluster_left_out)
    return drawing.decisive(call, reference, wrongs)


def _exact(rng: np.random.Generator) -> Call:
    """All points on their centroids but one, which is near its own all the same; no cluster is empty."""
    def call() -> Call:
        X, centroids, _ = _random(rng, 12, 2, 3)
        labels = np.arange(12) % 3
        X = centroids[labels]
        X[0] += rng.uniform(0.2, 0.5, size=2)
        return X, centroids, labels

    while True:
        X, centroids, labels = call()
        if np.array_equal(_table(X, centroids).argmin(axis=1), labels):
            return X, centroids, labels


# --------------------------------------------------------------------------- checks


def _not_negative(seen: Seen) -> str:
    return "" if seen.returned["distortion"] >= 0 else "the distortion is negative"


def _equal(one: Seen, other: Seen) -> str:
    a, b = one.returned["distortion"], other.returned["distortion"]
    return "" if np.isclose(a, b, rtol=1e-5) else "the distortion changes although no distance changes"


CHECKS = (
    shapes("One number comes back.", RETURNS, ("small example", *RANDOM), weight=0.5,
           see="kmeans-distortion"),
    values("Four points and two centroids, small enough to do by hand, come out right.", RETURNS,
           ("small example",), weight=2, see="kmeans-distortion"),
    values("The distortion of random points and labels is right, also where a label is not the nearest.",
           RETURNS, RANDOM, weight=3, see="kmeans-distortion"),
    values("One centroid alone, one feature and fifty features come out right.", RETURNS,
           ("one centroid", "fifty features"), weight=1, see="kmeans-distortion"),
    values("Points that sit on their centroids add nothing.", RETURNS, ("points on their centroids",),
           weight=1,
           see="kmeans-distortion"),
    values("Points ten million away from the origin come out right (this needs float64 throughout).", RETURNS,
           ("far from the origin",), weight=1, see="kmeans-distortion"),
    holds("The distortion is never negative.", _not_negative, RETURNS, RANDOM, weight=0.5,
          see="kmeans-distortion"),
    together("Moving everything together, or listing the points in another order, changes nothing.",
             lambda a, b, c: _equal(a, b) or _equal(a, c), RETURNS, (RANDOM[0], "shifted", "other order"),
             weight=0.5, see="kmeans-distortion"),
)


# --------------------------------------------------------------------------- wrong sums

Wrong = Callable[[FloatArray, FloatArray, Array], object]


def _squared(X: FloatArray, centroids: FloatArray, labels: Array) -> FloatArray:
    return np.asarray(np.square(X - centroids[labels]).sum(axis=1))


def _not_squared(X: FloatArray, centroids: FloatArray, labels: Array) -> object:
    return np.sqrt(_squared(X, centroids, labels)).sum()


def _mean(X: FloatArray, centroids: FloatArray, labels: Array) -> object:
    return _squared(X, centroids, labels).mean()


def _mean_over_everything(X: FloatArray, centroids: FloatArray, labels: Array) -> object:
    return np.square(X - centroids[labels]).mean()


def _root(X: FloatArray, centroids: FloatArray, labels: Array) -> object:
    return np.sqrt(_squared(X, centroids, labels).sum())


def _half(X: FloatArray, centroids: FloatArray, labels: Array) -> object:
    return _squared(X, centroids, labels).sum() / 2


def _city_block(X: FloatArray, centroids: FloatArray, labels: Array) -> object:
    return np.abs(X - centroids[labels]).sum()


def _table(X: FloatArray, centroids: FloatArray) -> FloatArray:
    return np.square(X[:, None, :] - centroids[None, :, :]).sum(axis=2)


def _nearest(X: FloatArray, centroids: FloatArray, labels: Array) -> object:
    return _table(X, centroids).min(axis=1).sum()


def _all_centroids(X: FloatArray, centroids: FloatArray, labels: Array) -> object:
    return _table(X, centroids).sum()


def _about_means(X: FloatArray, centroids: FloatArray, labels: Array) -> object:
    means = np.stack([X[labels == k].mean(axis=0) if (labels == k).any() else m for k,
                      m in enumerate(centroids)])
    return _squared(X, means, labels).sum()


def _per_point(X: FloatArray, centroids: FloatArray, labels: Array) -> object:
    return _squared(X, centroids, labels)


def _sum_then_square(X: FloatArray, centroids: FloatArray, labels: Array) -> object:
    return np.square((X - centroids[labels]).sum(axis=1)).sum()


def _mean_per_cluster(X: FloatArray, centroids: FloatArray, labels: Array) -> object:
    squared = _squared(X, centroids, labels)
    return sum(squared[labels == k].mean() for k in np.unique(labels))


def _per_feature(X: FloatArray, centroids: FloatArray, labels: Array) -> object:
    return np.square(X - centroids[labels]).sum(axis=0)


def _all_summed_then_squared(X: FloatArray, centroids: FloatArray, labels: Array) -> object:
    return (X - centroids[labels]).sum() ** 2


def _last_cluster(X: FloatArray, centroids: FloatArray, labels: Array) -> object:
    return _squared(X, centroids, labels)[labels == len(centroids) - 1].sum()


def _last_cluster_left_out(X: FloatArray, centroids: FloatArray, labels: Array) -> object:
    return _squared(X, centroids, labels)[labels < labels.max()].sum()


def _first_two_features(X: FloatArray, centroids: FloatArray, labels: Array) -> object:
    Z = X - centroids[labels]
    return (Z[:, 0] ** 2 + Z[:, 1] ** 2).sum()


def _single_precision(X: FloatArray, centroids: FloatArray, labels: Array) -> object:
    return np.square(X.astype(np.float32) - centroids.astype(np.float32)[labels]).sum()


def _expanded(X: FloatArray, centroids: FloatArray, labels: Array) -> object:
    M = centroids[labels]
    return (np.square(X).sum(axis=1) - 2 * (X * M).sum(axis=1) + np.square(M).sum(axis=1)).sum()


def _wrong(name: str, sentence: str, implementation: Wrong) -> Misconception:
    return Misconception(name, sentence, "kmeans-distortion", implementation)


MISCONCEPTIONS = (
    _wrong("not-squared", "Distances are summed; the distortion sums their squares.", _not_squared),
    _wrong("mean-instead-of-sum", "The mean over the points is returned; the distortion is the sum.", _mean),
    _wrong("mean-over-everything",
           "The mean over points and features is returned; the distortion is the sum.",
           _mean_over_everything),
    _wrong("root-of-the-sum", "The square root of the sum was taken.", _root),
    _wrong("halved", "The sum was halved.", _half),
    _wrong("city-block-distance", "Absolute differences are summed; the distortion sums squares.",
           _city_block),
    _wrong("sum-then-square", "The differences are summed over the features before they are squared.",
           _sum_then_square),
    _wrong("nearest-instead-of-assigned",
           "The distance to the nearest centroid is used; the labels say which centroid counts.", _nearest),
    _wrong("all-centroids", "The distances to all centroids are summed; only the assigned one counts.",
           _all_centroids),
    _wrong("about-cluster-means",
           "The centroids that were passed are not used: the means of the clusters took their place.",
           _about_means),
    _wrong("mean-of-each-cluster", "The mean of each cluster is summed; every point counts once.",
           _mean_per_cluster),
    _wrong("one-value-per-point", "One squared distance for each point is returned; they must be summed.",
           _per_point),
    _wrong("one-value-per-feature", "One sum for each feature is returned; they must be added up.",
           _per_feature),
    _wrong("one-value-per-cluster", "One sum for each cluster is returned; they must be added up.",
           lambda X, centroids, labels: np.array([
               _squared(X, centroids, labels)[labels == k].sum() for k in range(len(centroids))
           ])),
    _wrong("nothing-squared", "The differences are summed with their signs: square them first.",
           lambda X, centroids, labels: (X - centroids[labels]).sum()),
    _wrong("all-summed-then-squared", "The differences are all summed before the square; square each first.",
           _all_summed_then_squared),
    _wrong("squared-twice", "The squared distances are squared once more.",
           lambda X, centroids, labels: np.square(_squared(X, centroids, labels)).sum()),
    _wrong("divided-by-components", "The sum is divided by the number of centroids.",
           lambda X, centroids, labels: _squared(X, centroids, labels).sum() / len(centroids)),
    _wrong("first-point-only", "Only the first point is counted: is the return inside the loop?",
           lambda X, centroids, labels: _squared(X, centroids, labels)[0]),
    _wrong("last-cluster-only", "Only the last cluster is counted: each round of the loop replaces the sum.",
           _last_cluster),
    _wrong("last-cluster-left-out", "The last cluster is not counted: range(K) ends at K - 1 already.",
           _last_cluster_left_out),
    _wrong("first-feature-only", "Only the first feature is compared.",
           lambda X, centroids, labels: _squared(X[:, :1], centroids[:, :1], labels).sum()),
    _wrong("two-features-only", "Only the first two features are used; there may be one or many: use all d.",
           _first_two_features),
    _wrong("single-precision", "The numbers were rounded to float32, which has too few digits here.",
           _single_precision),
    _wrong("expanded-square",
           "|x|² - 2 x·m + |m|² loses all digits far from the origin: subtract first, then square.",
           _expanded),
)

DISTORTION = Question(
    id="kmeans.distortion",
    signature="distortion(X, centroids, labels)",
    returns=RETURNS,
    draw=draw,
    reference=reference,
    checks=CHECKS,
    misconceptions=MISCONCEPTIONS,
)
