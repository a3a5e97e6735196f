"""kmeans.update: inputs, checks and the catalogue of wrong updates."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from autograder.questions.comparing import Seen, shapes, together, values
from autograder.values import Array, Case, FloatArray, Misconception, Question
from gmmlib.kmeans import assign
from gmmlib.kmeans import update as reference

RANDOM = ("random labels 1", "random labels 2", "random labels 3")
RETURNS = ("centroids",)
Call = tuple[FloatArray, Array, FloatArray]


# --------------------------------------------------------------------------- inputs


def draw(rng: np.random.Generator) -> tuple[Case, ...]:
    """The calls: small and random ones first, then empty clusters and the numerically hard ones."""
    randoms = [_random(rng, *size) for size in ((30, 2, 3), (40, 3, 4), (35, 2, 5))]
    X, labels, centroids = randoms[0]
    cases = [Case("small example", _small(rng))]
    cases += [Case(name, arguments) for name, arguments in zip(RANDOM, randoms, strict=True)]
    cases += [
        Case("shifted", (X + 3.0, labels, centroids + 3.0)),
        Case("one centroid", _random(rng, 12, 2, 1)),
        Case("an empty cluster", _empty(rng, 1)),
        Case("the last cluster empty", _empty(rng, 3)),
        Case("fifty features", _random(rng, 30, 50, 3)),
        Case("far from the origin", (X + 1e7, labels, centroids + 1e7)),
    ]
    return tuple(cases)


def _random(rng: np.random.Generator, n: int, d: int, n_centroids: int) -> Call:
    """Each cluster has points; the centroids passed in are not the means."""
    labels = rng.permutation(np.arange(n) % n_centroids)
    labels[: n // 4] = 0                                            # clusters of unequal size
    labels[n // 4 : n // 4 + n_centroids] = np.arange(n_centroids)
    X = rng.normal(scale=2.0, size=(n, d)) + labels[:, None] + rng.uniform(1.0, 2.0, size=d)
    return X, labels.astype(np.int64), rng.normal(scale=2.0, size=(n_centroids, d))


def _small(rng: np.random.Generator) -> Call:
    """Five points in two clusters, whole numbers, two of them nearer to the other centroid; mean ≠ median."""
    X = np.array([[0.0, 0.0], [2.0, 4.0], [14.0, 2.0], [10.0, 7.0], [12.0, 9.0]])
    X += rng.integers(0, 5, size=(5, 2))
    labels = np.array([0, 0, 0, 1, 1]) if rng.random() < 0.5 else np.array([1, 1, 1, 0, 0])
    return X, labels, np.array([[1.0, 1.0], [4.0, 6.0]])


def _empty(rng: np.random.Generator, cluster: int) -> Call:
    X, labels, centroids = _random(rng, 30, 2, 4)
    labels[labels == cluster] = 0
    return X, labels, centroids


# --------------------------------------------------------------------------- checks


def _moves_along(one: Seen, other: Seen) -> str:
    same = np.allclose(one.returned["centroids"] + 3.0, other.returned["centroids"], atol=1e-4)
    return "" if same else "the centroids do not move with the points"


CHECKS = (
    shapes("One row of d numbers comes back for each centroid.", RETURNS, ("small example", *RANDOM),
           weight=0.5,
           see="kmeans-update"),
    values("Five points in two clusters, small enough to do by hand, come out right.", RETURNS,
           ("small example",), weight=2, see="kmeans-update"),
    values("Each centroid becomes the mean of its points.", RETURNS, RANDOM, weight=3, see="kmeans-update"),
    values("A centroid without points stays where it was.", RETURNS,
           ("an empty cluster", "the last cluster empty"), weight=2, see="kmeans-update"),
    values("One centroid alone becomes the mean of all points; fifty features come out right.", RETURNS,
           ("one centroid", "fifty features"), weight=1, see="kmeans-update"),
    values("Points ten million away from the origin come out right (this needs float64 throughout).", RETURNS,
           ("far from the origin",), weight=1, see="kmeans-update"),
    together("Moving points and centroids together moves the new centroids along.", _moves_along, RETURNS,
             (RANDOM[0], "shifted"), weight=0.5, see="kmeans-update"),
)


# --------------------------------------------------------------------------- wrong updates
#
# Two steps: the centre of a cluster that has points, and what becomes of one that has none.


def _mean(mine: FloatArray, old: FloatArray, X: FloatArray, K: int) -> FloatArray:
    return np.asarray(mine[0] + (mine - mine[0]).mean(axis=0))


def _stays(old: FloatArray, X: FloatArray) -> FloatArray:
    return old


def _step_by_step(
    X: FloatArray,
    labels: Array,
    centroids: FloatArray,
    *,
    centre: Callable[..., FloatArray] = _mean,
    empty: Callable[[FloatArray, FloatArray], FloatArray] = _stays,
) -> FloatArray:
    groups = [X[labels == k] for k in range(len(centroids))]
    return np.stack([
        centre(mine, old, X, len(centroids)) if len(mine) else empty(old, X)
        for mine, old in zip(groups, centroids, strict=True)
    ])


def _dropping_empty(X: FloatArray, labels: Array, centroids: FloatArray) -> FloatArray:
    return np.stack([X[labels == k].mean(axis=0) for k in np.unique(labels)])


def _counting_to_the_largest_label(X: FloatArray, labels: Array, centroids: FloatArray) -> FloatArray:
    return _step_by_step(X, labels, centroids[: int(labels.max()) + 1])


def _last_left_out(X: FloatArray, labels: Array, centroids: FloatArray) -> FloatArray:
    return np.concatenate([_step_by_step(X, labels, centroids)[:-1], centroids[-1:]])


def _last_dropped(X: FloatArray, labels: Array, centroids: FloatArray) -> FloatArray:
    return np.stack([X[labels == k].mean(axis=0) for k in range(int(labels.max()))])


def _first_only(X: FloatArray, labels: Array, centroids: FloatArray) -> FloatArray:
    return np.concatenate([_step_by_step(X, labels, centroids)[:1], centroids[1:]])


def _own_labels(X: FloatArray, labels: Array, centroids: FloatArray) -> FloatArray:
    return reference(X, assign(X, centroids), centroids)


def _wrong(name: str, sentence: str, **step: Any) -> Misconception:
    return Misconception(name, sentence, "kmeans-update", partial(_step_by_step, **step))


MISCONCEPTIONS = (
    _wrong("sum-not-divided", "The points of a cluster are summed but not divided by their number.",
           centre=lambda mine, old, X, K: mine.sum(axis=0)),
    _wrong("divided-by-n", "The sum of a cluster is divided by the number of all points, not of its own.",
           centre=lambda mine, old, X, K: mine.sum(axis=0) / len(X)),
    _wrong("divided-by-components", "The sum of a cluster is divided by the number of centroids.",
           centre=lambda mine, old, X, K: mine.sum(axis=0) / K),
    _wrong("median", "The median of each cluster is taken; k-means takes the mean.",
           centre=lambda mine, old, X, K: np.median(mine, axis=0)),
    _wrong("mean-of-all-points", "Every centroid becomes the mean of all points; each needs only its own.",
           centre=lambda mine, old, X, K: X.mean(axis=0)),
    _wrong("mean-over-features", "The mean is taken over points and features together.",
           centre=lambda mine, old, X, K: np.full(mine.shape[1], mine.mean())),
    _wrong("old-centroid-counted", "The old centroid is counted as one more point of its cluster.",
           centre=lambda mine, old, X, K: (mine.sum(axis=0) + old) / (len(mine) + 1)),
    _wrong("halfway-only", "The centroid moves only halfway to the mean.",
           centre=lambda mine, old, X, K: (old + mine.mean(axis=0)) / 2),
    _wrong("centroids-unchanged", "The old centroids are returned.", centre=lambda mine, old, X, K: old),
    _wrong("empty-becomes-nan",
           "A centroid without points becomes nan: the mean of nothing. It must stay where it was.",
           empty=lambda old, X: np.full(old.shape, np.nan)),
    _wrong("empty-becomes-zero", "A centroid without points jumps to the origin; it must stay where it was.",
           empty=lambda old, X: np.zeros_like(old)),
    _wrong("empty-becomes-overall-mean",
           "A centroid without points jumps to the mean of all points; it must stay where it was.",
           empty=lambda old, X: X.mean(axis=0)),
    _wrong("empty-becomes-first-point",
           "A centroid without points jumps to the first point; it must stay where it was.",
           empty=lambda old, X: X[0]),
    _wrong("counting-begins-at-one",
           "The sum is divided by one more than the number of points: count from 0.",
           centre=lambda mine, old, X, K: mine.sum(axis=0) / (len(mine) + 1),
           empty=lambda old, X: np.zeros_like(old)),
    _wrong("summed-onto-the-old-centroid",
           "The points are added to the old centroid and divided by their number: begin the sum at 0.",
           centre=lambda mine, old, X, K: (mine.sum(axis=0) + old) / len(mine)),
    Misconception("last-centroid-left-out", "The last centroid never moves: range(K) ends at K - 1 already.",
                  "kmeans-update", _last_left_out),
    Misconception("last-centroid-dropped",
                  "The last centroid is missing: range(max(labels)) ends before the largest label.",
                  "kmeans-update", _last_dropped),
    Misconception("first-centroid-only", "Only the first centroid moves: is the return inside the loop?",
                  "kmeans-update", _first_only),
    Misconception("labels-not-used",
                  "The points are assigned anew; the labels that were passed say who belongs to whom.",
                  "kmeans-update", _own_labels),
    Misconception("labels-counted-from-one", "The labels are taken to count from 1; they count from 0.",
                  "kmeans-update", lambda X, labels, centroids: _step_by_step(X, labels - 1, centroids)),
    Misconception("empty-is-dropped", "A centroid without points disappears; it must stay where it was.",
                  "kmeans-update", _dropping_empty),
    Misconception("counts-to-the-largest-label",
                  "The number of clusters is read off the labels; if the last cluster is empty, it gets "
                  "lost.",
                  "kmeans-update", _counting_to_the_largest_label),
)

UPDATE = Question(
    id="kmeans.update",
    signature="update(X, labels, centroids)",
    returns=RETURNS,
    draw=draw,
    reference=reference,
    checks=CHECKS,
    misconceptions=MISCONCEPTIONS,
)
