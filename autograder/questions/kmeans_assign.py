"""kmeans.assign: inputs, checks and the catalogue of wrong assignments."""

from __future__ import annotations

import numpy as np

from autograder.questions import drawing
from autograder.questions.comparing import Seen, holds, shapes, together, values
from autograder.values import Case, FloatArray, Misconception, Question
from gmmlib.kmeans import assign as reference

RANDOM = ("random points 1", "random points 2", "random points 3")
RETURNS = ("labels",)
TIES = (2.0, 6.0, 3.0, 8.0, 9.0, 14.0)
Call = tuple[FloatArray, FloatArray]


# --------------------------------------------------------------------------- inputs


def draw(rng: np.random.Generator) -> tuple[Case, ...]:
    """The calls: small and random ones first, then the numerically hard ones."""
    randoms = [_decisive(rng, *size) for size in ((30, 2, 3), (40, 3, 4), (35, 2, 5))]
    X, centroids = randoms[0]
    cases = [Case("small example", _small(rng))]
    cases += [Case(name, arguments) for name, arguments in zip(RANDOM, randoms, strict=True)]
    cases += [
        Case("shifted", (X + 3.0, centroids + 3.0)),
        Case("other order", (X, centroids[::-1].copy())),
        Case("one centroid", _random(rng, 12, 2, 1)),
        Case("ties", _ties(rng)),
        Case("unequal units", _unequal_units(rng)),
        Case("fifty features", _decisive(rng, 40, 50, 6)),
        Case("far from the origin", _offset(rng)),
    ]
    return tuple(cases)


def _random(rng: np.random.Generator, n: int, d: int, n_centroids: int, spread: float = 1.5) -> Call:
    centroids = rng.normal(scale=spread, size=(n_centroids, d))
    return centroids[rng.integers(n_centroids, size=n)] + rng.normal(size=(n, d)), centroids


def _decisive(rng: np.random.Generator, n: int, d: int, n_centroids: int) -> Call:
    """Points on which each other notion of "near" shows, and the last does not belong to centroid 0."""
    wrongs = [_city_block, _largest_difference, _standardised, _first_feature, _last_point_left_out]
    wrongs += [_first_two_features] if d > 2 else []
    spread = min(1.5, 0.15 + 3.0 / d)           # in fifty dimensions all notions agree on centroids far apart
    return drawing.decisive(lambda: _random(rng, n, d, n_centroids, spread), reference, wrongs)


def _small(rng: np.random.Generator) -> Call:
    """Six whole numbers on a line and three centroids, listed in no order; no tie."""
    left = int(rng.integers(0, 4))

    def call() -> Call:
        centroids = left + rng.permutation([0.0, 5.0, 12.0])[:, None]
        return left + rng.permutation([-1.0, 2.0, 3.0, 6.0, 9.0, 14.0])[:, None], centroids

    return drawing.decisive(call, reference, (_last_point_left_out,))


def _ties(rng: np.random.Generator) -> Call:
    """Whole numbers halfway between centroids, never the first alone; their deviation is a power of 2."""
    left = int(rng.integers(0, 5))
    centroids = left + np.array([[20.0], [0.0], [4.0], [8.0]])
    return drawing.decisive(
        lambda: (left + rng.permutation(TIES)[:, None], centroids), reference, (_last_point_left_out,)
    )


def _unequal_units(rng: np.random.Generator) -> Call:
    """One feature a hundred times larger than the other: it decides, since nobody asked to standardise."""
    def call() -> Call:
        X, centroids = _random(rng, 30, 2, 3)
        return X * np.array([1.0, 100.0]), centroids * np.array([1.0, 100.0])

    return drawing.decisive(call, reference, (_standardised, _first_feature))


def _offset(rng: np.random.Generator) -> Call:
    """Close centroids ten million away: |x|² - 2 x·m + |m|² has no digits left there."""
    X, centroids = _decisive(rng, 40, 2, 4)
    return 0.05 * X + 1e7, 0.05 * centroids + 1e7


# --------------------------------------------------------------------------- checks


def _valid_labels(seen: Seen) -> str:
    labels, K = seen.returned["labels"], len(seen.argument(1))
    valid = (labels == np.floor(labels)) & (labels >= 0) & (labels < K)
    return "" if valid.all() else "labels are not whole numbers from 0 to K - 1"


def _same_when_shifted(one: Seen, other: Seen) -> str:
    same = np.array_equal(one.returned["labels"], other.returned["labels"])
    return "" if same else "the labels change when points and centroids move together"


def _follow_order(one: Seen, other: Seen) -> str:
    K = len(one.argument(1))
    same = np.array_equal(one.returned["labels"], K - 1 - other.returned["labels"])
    return "" if same else "the labels do not follow the order of the centroids"


CHECKS = (
    shapes("One label comes back for each point.", RETURNS, ("small example", *RANDOM), weight=0.5,
           see="kmeans-assign"),
    holds("Labels are whole numbers from 0 to K - 1, also with one centroid.", _valid_labels, RETURNS,
          (*RANDOM, "one centroid"), weight=0.5, see="kmeans-assign"),
    values("Six whole numbers and three centroids, small enough to do by hand, come out right.", RETURNS,
           ("small example",), weight=2, see="kmeans-assign"),
    values("Random points go to their nearest centroid.", RETURNS, RANDOM, weight=3, see="kmeans-assign"),
    values("A point halfway between two centroids goes to the one listed first.", RETURNS, ("ties",),
           weight=1,
           see="kmeans-assign"),
    values("Features of very unequal units, and fifty features, come out right.", RETURNS,
           ("unequal units", "fifty features"), weight=1, see="kmeans-assign"),
    values("Points ten million away from the origin come out right (this needs float64 throughout).", RETURNS,
           ("far from the origin",), weight=1, see="kmeans-assign"),
    together("Moving points and centroids together changes no label.", _same_when_shifted, RETURNS,
             (RANDOM[0], "shifted"), weight=0.5, see="kmeans-assign"),
    together("Listing the centroids in another order only renames the labels.", _follow_order, RETURNS,
             (RANDOM[0], "other order"), weight=0.5, see="kmeans-assign"),
)


# --------------------------------------------------------------------------- wrong assignments


def _differences(X: FloatArray, centroids: FloatArray) -> FloatArray:
    return X[:, None, :] - centroids[None, :, :]                    # (n, K, d)


def _squared(X: FloatArray, centroids: FloatArray) -> FloatArray:
    return np.square(_differences(X, centroids)).sum(axis=2)


def _farthest(X: FloatArray, centroids: FloatArray) -> object:
    return _squared(X, centroids).argmax(axis=1)


def _last_of_ties(X: FloatArray, centroids: FloatArray) -> object:
    return len(centroids) - 1 - _squared(X, centroids)[:, ::-1].argmin(axis=1)


def _over_points(X: FloatArray, centroids: FloatArray) -> object:
    return _squared(X, centroids).argmin(axis=0)


def _from_one(X: FloatArray, centroids: FloatArray) -> object:
    return _squared(X, centroids).argmin(axis=1) + 1


def _city_block(X: FloatArray, centroids: FloatArray) -> object:
    return np.abs(_differences(X, centroids)).sum(axis=2).argmin(axis=1)


def _largest_difference(X: FloatArray, centroids: FloatArray) -> object:
    return np.abs(_differences(X, centroids)).max(axis=2).argmin(axis=1)


def _first_feature(X: FloatArray, centroids: FloatArray) -> object:
    return _squared(X[:, :1], centroids[:, :1]).argmin(axis=1)


def _signed(X: FloatArray, centroids: FloatArray) -> object:
    return _differences(X, centroids).sum(axis=2).argmin(axis=1)


def _inner_product(X: FloatArray, centroids: FloatArray) -> object:
    return (X @ centroids.T).argmax(axis=1)


def _expanded(X: FloatArray, centroids: FloatArray) -> object:
    squares = np.square(X).sum(axis=1)[:, None] - 2 * X @ centroids.T + np.square(centroids).sum(axis=1)
    return squares.argmin(axis=1)


def _last_point_left_out(X: FloatArray, centroids: FloatArray) -> object:
    labels = np.zeros(len(X))
    labels[:-1] = reference(X[:-1], centroids)
    return labels


def _over_everything(X: FloatArray, centroids: FloatArray) -> object:
    return _squared(X, centroids).argmin()


def _over_centroids(X: FloatArray, centroids: FloatArray) -> object:
    return np.square(_differences(X, centroids)).sum(axis=1).argmin(axis=1)


def _first_two_features(X: FloatArray, centroids: FloatArray) -> object:
    x, y = _differences(X, centroids)[:, :, 0], _differences(X, centroids)[:, :, 1]
    return (x**2 + y**2).argmin(axis=1)


def _sum_then_square(X: FloatArray, centroids: FloatArray) -> object:
    return np.square(_differences(X, centroids).sum(axis=2)).argmin(axis=1)


def _from_the_second(X: FloatArray, centroids: FloatArray) -> object:
    return _squared(X, centroids[1:]).argmin(axis=1) + 1 if len(centroids) > 1 else np.zeros(len(X))


def _single_precision(X: FloatArray, centroids: FloatArray) -> object:
    return _squared(X.astype(np.float32), centroids.astype(np.float32)).argmin(axis=1)


def _standardised(X: FloatArray, centroids: FloatArray) -> object:
    scale = X.std(axis=0)
    return _squared(X / scale, centroids / scale).argmin(axis=1)


def _distances(X: FloatArray, centroids: FloatArray) -> object:
    return np.sqrt(_squared(X, centroids).min(axis=1))


def _one_hot(X: FloatArray, centroids: FloatArray) -> object:
    return np.eye(len(centroids))[_squared(X, centroids).argmin(axis=1)]


def _wrong(name: str, sentence: str, implementation: object) -> Misconception:
    return Misconception(name, sentence, "kmeans-assign", implementation)   # type: ignore[arg-type]


MISCONCEPTIONS = (
    _wrong("farthest-centroid", "Each point is given to the farthest centroid, not to the nearest.",
           _farthest),
    _wrong("one-label-per-centroid",
           "The minimum is taken over the points: one nearest point for each centroid came out.",
           _over_points),
    _wrong("labels-start-at-one", "The labels count from 1; they must count from 0.", _from_one),
    _wrong("tie-to-the-last", "At a tie the later centroid wins; it must be the one listed first.",
           _last_of_ties),
    _wrong("city-block-distance",
           "Absolute differences are summed; the Euclidean distance sums their squares.",
           _city_block),
    _wrong("largest-difference",
           "Only the largest difference counts; the Euclidean distance uses all features.",
           _largest_difference),
    _wrong("first-feature-only", "Only the first feature is compared.", _first_feature),
    _wrong("signed-differences",
           "The differences are summed with their signs, so that they cancel: square them.",
           _signed),
    _wrong("inner-product", "The largest inner product is not the smallest distance: |m|² is missing.",
           _inner_product),
    _wrong("expanded-square",
           "|x|² - 2 x·m + |m|² loses all digits far from the origin: subtract first, then square.",
           _expanded),
    _wrong("standardised", "The features are divided by their spread first; nobody asked for that.",
           _standardised),
    _wrong("distance-returned", "The distance to the nearest centroid is returned instead of its index.",
           _distances),
    _wrong("minimum-over-everything",
           "The minimum is taken over the whole table: argmin needs the axis of the centroids.",
           _over_everything),
    _wrong("summed-over-centroids",
           "The squares are summed over the centroids; they must be summed over the features.",
           _over_centroids),
    _wrong("sum-then-square",
           "The differences are summed over the features before they are squared; square first.",
           _sum_then_square),
    _wrong("two-features-only", "Only the first two features are used; there may be one or many: use all d.",
           _first_two_features),
    _wrong("first-centroid-left-out", "The first centroid never gets a point: Python counts from 0.",
           _from_the_second),
    _wrong("last-centroid-left-out",
           "The last centroid never gets a point: range(K) ends at K - 1 already.",
           lambda X, centroids: _squared(X, centroids[:-1]).argmin(axis=1)),
    _wrong("last-point-left-out", "The last point gets no label: range(n) ends at n - 1 already.",
           _last_point_left_out),
    _wrong("centroid-returned", "The nearest centroid itself is returned instead of its index.",
           lambda X, centroids: centroids[reference(X, centroids)]),
    _wrong("table-returned",
           "The table of distances is returned; the index of each row's smallest entry is asked for.",
           _squared),
    _wrong("single-precision", "The numbers were rounded to float32, which has too few digits here.",
           _single_precision),
    _wrong("one-hot-returned", "A table with a 1 for each point is returned instead of the index.", _one_hot),
)

ASSIGN = Question(
    id="kmeans.assign",
    signature="assign(X, centroids)",
    returns=RETURNS,
    draw=draw,
    reference=reference,
    checks=CHECKS,
    misconceptions=MISCONCEPTIONS,
)
