"""kmeans.update: inputs and checks."""

from __future__ import annotations

from functools import partial

import numpy as np

from autograder.questions import Array, Case, FloatArray, Question, Seen, drawing, shapes, together, values
from autograder.questions.kmeans.wrong_updates import (
    centroids_sorted,
    cluster_by_cluster,
    empty_becomes_a_far_point,
    empty_becomes_the_worst_point,
    wrong,
)
from autograder.questions.parts import CENTROIDS
from gmmlib.kmeans import update as reference

RANDOM = ("random labels 1", "random labels 2", "random labels 3")
RETURNS = (CENTROIDS,)
Call = tuple[FloatArray, Array, FloatArray]


# --------------------------------------------------------------------------- inputs


def draw(rng: np.random.Generator) -> tuple[Case, ...]:
    """Draw the calls: small and random ones first, then empty clusters and the numerically hard ones."""
    randoms = [_random(rng, *size) for size in ((30, 2, 3), (40, 3, 4), (35, 2, 5))]
    labels = randoms[2][1]
    labels[np.flatnonzero(labels == 2)[1:]] = 0  # a cluster of one point, whose mean it is
    randoms[1][0][1] = randoms[1][0][0]  # a point that occurs twice, in the first cluster
    X, labels, centroids = randoms[0]
    far = drawing.far(reference(X, labels.astype(np.int64), centroids)[0, 0])
    cases = [Case("small example", _small(rng))]
    cases += [Case(name, arguments) for name, arguments in zip(RANDOM, randoms, strict=True)]
    cases += [
        Case("shifted", (X + 3.0, labels, centroids + 3.0)),
        Case("one centroid", _random(rng, 12, 2, 1)),
        Case("an empty cluster", _empty(rng, 1)),
        Case("the last cluster empty", _empty(rng, 3)),
        Case("fifty features", _random(rng, 30, 50, 3)),
        Case("far from the origin", (X + far, labels, centroids + far), noisy=True),
    ]
    return tuple(cases)


def _random(rng: np.random.Generator, n: int, d: int, n_centroids: int) -> Call:
    """Draw labels that leave no cluster empty; the centroids passed in are not the means, nor are these in
    order.
    """
    unsorted = (centroids_sorted,) if n_centroids > 1 else ()
    return drawing.decisive(lambda: _labelled(rng, n, d, n_centroids), reference, unsorted)


def _labelled(rng: np.random.Generator, n: int, d: int, n_centroids: int) -> Call:
    labels = rng.permutation(np.arange(n) % n_centroids)
    labels[: n // 4] = 0  # clusters of unequal size
    labels[n // 4 : n // 4 + n_centroids] = np.arange(n_centroids)
    X = (
        rng.normal(scale=2.0, size=(n, d))
        + rng.permutation(n_centroids)[labels, None]
        + rng.uniform(1.0, 2.0, size=d)
    )
    return X, labels.astype(np.int64), rng.normal(scale=2.0, size=(n_centroids, d))


def _small(rng: np.random.Generator) -> Call:
    """Draw five whole points in two clusters, two of them nearer to the other centroid; mean ≠ median."""

    def call() -> Call:
        X = np.array([[0.0, 0.0], [2.0, 4.0], [14.0, 2.0], [10.0, 7.0], [12.0, 9.0]])
        X += rng.integers(0, 5, size=(5, 2))
        return X, np.array([1, 1, 1, 0, 0]), np.array([[1.0, 1.0], [4.0, 6.0]])  # the means are in no order

    return drawing.decisive(call, reference, (_to_two_digits,))


def _to_two_digits(X: FloatArray, labels: Array, centroids: FloatArray) -> FloatArray:
    return np.round(cluster_by_cluster(X, labels, centroids), 2)


def _empty(rng: np.random.Generator, cluster: int) -> Call:
    def call() -> Call:
        X, labels, centroids = _labelled(rng, 30, 2, 4)
        labels[labels == cluster] = 0
        centroids[cluster] = np.sort(centroids[cluster])[::-1]  # stays, and in this order
        return X, labels, centroids

    def unsorted() -> Call:
        return drawing.decisive(call, reference, (centroids_sorted,))

    far = partial(cluster_by_cluster, empty=empty_becomes_a_far_point)
    return drawing.decisive(unsorted, empty_becomes_the_worst_point, (far,))  # far from which centroid?


# --------------------------------------------------------------------------- checks


def _moves_along(original: Seen, shifted: Seen) -> str:
    same = np.allclose(original.returned[CENTROIDS] + 3.0, shifted.returned[CENTROIDS], atol=1e-4)
    return "" if same else "the centroids do not move with the points"


CHECKS = (
    shapes(
        "One row of d numbers comes back for each centroid.",
        ("small example", *RANDOM),
        weight=0.5,
        see="kmeans-update",
    ),
    values(
        "Five points in two clusters, small enough to do by hand, come out right.",
        RETURNS,
        ("small example",),
        weight=2,
        see="kmeans-update",
    ),
    values("Each centroid becomes the mean of its points.", RETURNS, RANDOM, weight=3, see="kmeans-update"),
    values(
        "A centroid without points stays where it was.",
        RETURNS,
        ("an empty cluster", "the last cluster empty"),
        weight=2,
        see="kmeans-update",
    ),
    values(
        "One centroid alone becomes the mean of all points; fifty features come out right.",
        RETURNS,
        ("one centroid", "fifty features"),
        weight=1,
        see="kmeans-update",
    ),
    values(
        "Points ten million away from the origin come out right (this needs float64 throughout).",
        RETURNS,
        ("far from the origin",),
        weight=1,
        see="kmeans-update",
    ),
    together(
        "Moving points and centroids together moves the new centroids along.",
        _moves_along,
        RETURNS,
        (RANDOM[0], "shifted"),
        weight=0.5,
        see="kmeans-update",
    ),
)


QUESTION = Question(
    id="kmeans.update",
    signature="update(X, labels, centroids)",
    returns=RETURNS,
    draw=draw,
    reference=reference,
    checks=CHECKS,
    misconceptions=tuple(wrong),
)
