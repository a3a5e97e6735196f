"""k-means: hard assignment, the two steps and the distortion that they lower."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gmmlib._checks import (
    FloatArray,
    IntArray,
    as_components,
    as_count,
    as_generator,
    as_points,
    as_sample_weight,
)
from gmmlib.errors import InvalidInputError


@dataclass(frozen=True, eq=False)
class KMeans:
    """The outcome of k-means.

    Parameters
    ----------
    centroids : (K, d)
    labels : (n,) index of the nearest centroid
    distortion : sum of squared distances to the assigned centroids
    history : distortion after each assignment; but for rounding it never rises
    n_iter : number of assignments
    converged : whether no label changed any more; between equal points rounding may go on for ever
    """

    centroids: FloatArray
    labels: IntArray
    distortion: float
    history: tuple[float, ...]
    n_iter: int
    converged: bool


def squared_distances(X: FloatArray, centroids: FloatArray) -> FloatArray:
    """Return |x_i - m_k|², (n, K): differences first, so that an offset does no harm."""
    return np.stack([np.square(X - m).sum(axis=1) for m in centroids], axis=1)


def assign(X: FloatArray, centroids: FloatArray) -> IntArray:
    """Return the index of the nearest centroid of each point; a tie goes to the lowest index.

    Parameters
    ----------
    X : (n, d) points
    centroids : (K, d)

    Returns
    -------
    (n,) integers in 0 … K - 1

    Raises
    ------
    InvalidInputError
        If shapes do not fit or a value is not finite.

    Source: book/kmeans.md, equation kmeans-assign; Bishop (2006), eq. 9.2.
    """
    X = as_points(X)
    distances = squared_distances(X, as_points(centroids, X.shape[1], name="centroids"))           # (n, K)
    labels: IntArray = distances.argmin(axis=1)
    return labels


def update(X: FloatArray, labels: IntArray, centroids: FloatArray) -> FloatArray:
    """Return the mean of the points of each cluster; a centroid without points stays where it was.

    Parameters
    ----------
    X : (n, d) points
    labels : (n,) integers in 0 … K - 1
    centroids : (K, d) before the step

    Returns
    -------
    (K, d)

    Raises
    ------
    InvalidInputError
        If shapes do not fit, a value is not finite or a label is no centroid's index.

    Source: book/kmeans.md, equation kmeans-update; Bishop (2006), eq. 9.4.
    """
    X = as_points(X)
    centroids = as_points(centroids, X.shape[1], name="centroids")
    labels = _as_labels(labels, len(X), len(centroids))
    moved = centroids.copy()                                       # (K, d)
    for k in np.unique(labels):
        moved[k] = X[labels == k].mean(axis=0)
    return moved


def distortion(X: FloatArray, centroids: FloatArray, labels: IntArray) -> float:
    """Return the sum of squared Euclidean distances of the points to their assigned centroids.

    Parameters
    ----------
    X : (n, d) points
    centroids : (K, d)
    labels : (n,) integers in 0 … K - 1

    Raises
    ------
    InvalidInputError
        If shapes do not fit, a value is not finite or a label is no centroid's index.

    Source: book/kmeans.md, equation kmeans-distortion; Bishop (2006), eq. 9.1.
    """
    X = as_points(X)
    centroids = as_points(centroids, X.shape[1], name="centroids")
    labels = _as_labels(labels, len(X), len(centroids))
    return float(np.square(X - centroids[labels]).sum())


def kmeans_plus_plus(
    X: FloatArray,
    n_clusters: int,
    rng: np.random.Generator | int | None = None,
    sample_weight: FloatArray | None = None,
) -> FloatArray:
    """Choose K starting centroids among the points, each far from those before it.

    Parameters
    ----------
    X : (n, d) points
    n_clusters : K <= n
    rng : generator or seed
    sample_weight : (n,) >= 0, how often each point counts

    Returns
    -------
    (K, d) points of X; all different as long as there are K different points

    Source: book/starts.md, equation starts-kmeans-plus-plus; Arthur & Vassilvitskii (2007).
    """
    X = as_points(X)
    K = as_components(n_clusters, len(X))
    rng = as_generator(rng)
    given = as_sample_weight(sample_weight, len(X))
    weight = np.ones(len(X)) if given is None else given
    chosen = [_draw(weight, rng)]
    nearest = np.square(X - X[chosen[0]]).sum(axis=1)              # (n,) squared distance to a centroid
    while len(chosen) < K:
        chance = nearest * weight if nearest.any() else weight
        chosen.append(_draw(chance, rng))
        nearest = np.minimum(nearest, np.square(X - X[chosen[-1]]).sum(axis=1))
    return X[chosen]


def _draw(chance: FloatArray, rng: np.random.Generator) -> int:
    """Draw an index with a probability in proportion to `chance`, never one of chance zero."""
    cumulative = np.cumsum(chance)
    draw = (1.0 - rng.random()) * cumulative[-1]                   # in (0, total]
    return min(int(np.searchsorted(cumulative, draw, side="left")), int(np.flatnonzero(chance)[-1]))


def kmeans(
    X: FloatArray,
    n_clusters: int,
    rng: np.random.Generator | int | None = None,
    *,
    start: FloatArray | str = "k-means++",
    n_starts: int = 1,
    max_iter: int = 300,
) -> KMeans:
    """Run Lloyd's algorithm: assign and update until no label changes; the best of several starts.

    Parameters
    ----------
    X : (n, d) points
    n_clusters : K <= n
    rng : generator or seed
    start : "k-means++", "random" (K different points) or centroids (K, d)
    n_starts : how many starts are tried; the smallest distortion wins
    max_iter : largest number of assignments of one start

    Raises
    ------
    InvalidInputError
        If shapes do not fit, a value is not finite, K > n or a setting is out of its range.

    Source: book/kmeans.md, equations kmeans-assign and kmeans-update; Lloyd (1982).
    """
    X = as_points(X)
    K = as_components(n_clusters, len(X))
    rng = as_generator(rng)
    as_count(max_iter, "max_iter")
    as_count(n_starts, "n_starts")
    runs = (_lloyd(X, _starting_centroids(X, K, rng, start), max_iter) for _ in range(n_starts))
    return min(runs, key=lambda run: run.distortion)


def _starting_centroids(
    X: FloatArray, K: int, rng: np.random.Generator, start: FloatArray | str
) -> FloatArray:
    """Return the centroids (K, d) to start from: chosen among X (n, d), or given."""
    if isinstance(start, str):
        if start == "k-means++":
            return kmeans_plus_plus(X, K, rng)
        if start == "random":
            return X[rng.choice(len(X), size=K, replace=False)]
        raise InvalidInputError(f'start must be "k-means++", "random" or centroids (K, d), not {start!r}.')
    centroids = as_points(start, X.shape[1], name="start")
    if len(centroids) != K:
        raise InvalidInputError(f"start holds {len(centroids)} centroids, but n_clusters is {K}.")
    return centroids


def _lloyd(X: FloatArray, centroids: FloatArray, max_iter: int) -> KMeans:
    """Assign points X (n, d) and update centroids (K, d) in turn, until no label changes."""
    labels = assign(X, centroids)
    history = [distortion(X, centroids, labels)]
    converged = False
    while not converged and len(history) < max_iter:
        centroids = update(X, labels, centroids)
        previous, labels = labels, assign(X, centroids)
        history.append(distortion(X, centroids, labels))
        converged = bool(np.array_equal(previous, labels))
    return KMeans(centroids, labels, history[-1], tuple(history), len(history), converged)


def _as_labels(labels: IntArray, n: int, K: int) -> IntArray:
    """Return labels as (n,) integers in 0 … K - 1."""
    array = np.asarray(labels)
    if array.shape != (n,) or not np.issubdtype(array.dtype, np.integer):
        raise InvalidInputError(f"labels must be ({n},) integers, not {array.dtype} of {array.shape}.")
    if array.min() < 0 or array.max() >= K:
        raise InvalidInputError(f"labels must lie in 0 … {K - 1}, not in {array.min()} … {array.max()}.")
    return array.astype(np.intp)
