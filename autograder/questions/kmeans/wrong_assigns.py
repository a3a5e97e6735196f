"""What students get wrong in kmeans.assign."""

# mypy: allow-untyped-defs
from __future__ import annotations

import numpy as np

from autograder.questions import Catalogue, FloatArray
from gmmlib.kmeans import assign


def _differences(X: FloatArray, centroids: FloatArray) -> FloatArray:
    return X[:, None, :] - centroids[None, :, :]  # (n, K, d)


def _squared_distances(X: FloatArray, centroids: FloatArray) -> FloatArray:
    return np.square(_differences(X, centroids)).sum(axis=2)  # (n, K)


wrong = Catalogue(see="kmeans-assign")


@wrong()
def farthest_centroid(X, centroids):
    """Each point is given to the farthest centroid, not to the nearest."""
    return _squared_distances(X, centroids).argmax(axis=1)


@wrong()
def one_label_per_centroid(X, centroids):
    """The minimum is taken over the points: one nearest point for each centroid came out."""
    return _squared_distances(X, centroids).argmin(axis=0)


@wrong()
def labels_start_at_one(X, centroids):
    """The labels count from 1; they must count from 0."""
    return _squared_distances(X, centroids).argmin(axis=1) + 1


@wrong()
def tie_to_the_last(X, centroids):
    """At a tie the later centroid wins; it must be the one listed first."""
    return len(centroids) - 1 - _squared_distances(X, centroids)[:, ::-1].argmin(axis=1)


@wrong()
def city_block_distance(X, centroids):
    """Absolute differences are summed; the Euclidean distance sums their squares."""
    return np.abs(_differences(X, centroids)).sum(axis=2).argmin(axis=1)


@wrong()
def largest_difference(X, centroids):
    """Only the largest difference counts; the Euclidean distance uses all features."""
    return np.abs(_differences(X, centroids)).max(axis=2).argmin(axis=1)


@wrong()
def first_feature_only(X, centroids):
    """Only the first feature is compared."""
    return _squared_distances(X[:, :1], centroids[:, :1]).argmin(axis=1)


@wrong()
def signed_differences(X, centroids):
    """The differences are summed with their signs, so that they cancel: square them."""
    return _differences(X, centroids).sum(axis=2).argmin(axis=1)


@wrong()
def inner_product(X, centroids):
    """The largest inner product is not the smallest distance: |m|² is missing."""
    return (X @ centroids.T).argmax(axis=1)


@wrong()
def expanded_square(X, centroids):
    """|x|² - 2 x·m + |m|² loses its digits far from the origin: subtract first, then square."""
    squares = np.square(X).sum(axis=1)[:, None] - 2 * X @ centroids.T + np.square(centroids).sum(axis=1)
    return squares.argmin(axis=1)


@wrong()
def standardised(X, centroids):
    """The features are divided by their spread first; nobody asked for that."""
    deviations = X.std(axis=0)
    return _squared_distances(X / deviations, centroids / deviations).argmin(axis=1)


@wrong()
def distance_returned(X, centroids):
    """The distance to the nearest centroid is returned instead of its index."""
    return np.sqrt(_squared_distances(X, centroids).min(axis=1))


@wrong()
def minimum_over_everything(X, centroids):
    """The minimum is taken over the whole table: argmin needs the axis of the centroids."""
    return _squared_distances(X, centroids).argmin()


@wrong()
def summed_over_centroids(X, centroids):
    """The squares are summed over the centroids; they must be summed over the features."""
    return np.square(_differences(X, centroids)).sum(axis=1).argmin(axis=1)


@wrong()
def sum_then_square(X, centroids):
    """The differences are summed over the features before they are squared; square first."""
    return np.square(_differences(X, centroids).sum(axis=2)).argmin(axis=1)


@wrong()
def two_features_only(X, centroids):
    """Only the first two features are used; there may be one or many: use all d."""
    x, y = _differences(X, centroids)[:, :, 0], _differences(X, centroids)[:, :, 1]
    return (x**2 + y**2).argmin(axis=1)


@wrong()
def first_centroid_left_out(X, centroids):
    """The first centroid never gets a point; Python counts from 0."""
    if len(centroids) == 1:
        return np.zeros(len(X))
    return _squared_distances(X, centroids[1:]).argmin(axis=1) + 1


@wrong()
def last_centroid_left_out(X, centroids):
    """The last centroid never gets a point; range(K) ends at K - 1 already."""
    return _squared_distances(X, centroids[:-1]).argmin(axis=1)


@wrong()
def last_point_left_out(X, centroids):
    """The last point gets no label; range(n) ends at n - 1 already."""
    labels = np.zeros(len(X))
    labels[:-1] = assign(X[:-1], centroids)
    return labels


@wrong()
def centroid_returned(X, centroids):
    """The nearest centroid itself is returned instead of its index."""
    return centroids[assign(X, centroids)]


@wrong()
def table_returned(X, centroids):
    """The table of distances is returned; the index of each row's smallest entry is asked for."""
    return _squared_distances(X, centroids)


@wrong()
def single_precision(X, centroids):
    """Your numbers are those of float32, which has too few digits here."""
    return _squared_distances(X.astype(np.float32), centroids.astype(np.float32)).argmin(axis=1)


@wrong()
def one_hot_returned(X, centroids):
    """A table with a 1 for each point is returned instead of the index."""
    return np.eye(len(centroids))[_squared_distances(X, centroids).argmin(axis=1)]


@wrong()
def nearer_than_the_one_before(X, centroids):
    """Your labels are those of a loop that keeps every centroid that is nearer than the one before it."""
    squared = _squared_distances(X, centroids)
    labels = np.zeros(len(X))
    for k in range(1, len(centroids)):
        labels[squared[:, k] < squared[:, k - 1]] = k
    return labels


@wrong()
def nearest_to_the_origin(X, centroids):
    """The centroid of the smallest norm is taken for every point: the points are not used."""
    return np.full(len(X), np.square(centroids).sum(axis=1).argmin())


@wrong()
def cosine_similarity(X, centroids):
    """The angle decides (cosine similarity); it must be the distance."""
    directions = centroids / np.linalg.norm(centroids, axis=1, keepdims=True)
    return (X @ directions.T).argmax(axis=1)


@wrong()
def half_of_the_square(X, centroids):
    """|m|² - x·m decides; the cross term is 2 x·m."""
    return (np.square(centroids).sum(axis=1) - X @ centroids.T).argmin(axis=1)


@wrong()
def square_with_wrong_sign(X, centroids):
    """|m|² + 2 x·m decides; the cross term is subtracted."""
    return (np.square(centroids).sum(axis=1) + 2 * X @ centroids.T).argmin(axis=1)


@wrong()
def ranks_returned(X, centroids):
    """The ranks of the centroids, or their order, are returned; only the nearest one is asked for."""
    return np.argsort(_squared_distances(X, centroids), axis=1)


@wrong()
def second_nearest(X, centroids):
    """The second nearest centroid is returned."""
    order = np.argsort(_squared_distances(X, centroids), axis=1)
    return order[:, min(1, order.shape[1] - 1)]


@wrong()
def last_feature_only(X, centroids):
    """Only the last feature is compared; does each round of a loop replace the sum?"""
    return _squared_distances(X[:, -1:], centroids[:, -1:]).argmin(axis=1)


@wrong()
def last_feature_left_out(X, centroids):
    """The last feature is not compared; range(d) ends at d - 1 already."""
    if X.shape[1] == 1:
        return np.zeros(len(X))
    return _squared_distances(X[:, :-1], centroids[:, :-1]).argmin(axis=1)


@wrong()
def first_point_for_all(X, centroids):
    """All points get the label of the first one: is its distance computed once only?"""
    return np.full(len(X), assign(X[:1], centroids)[0])


@wrong()
def smallest_index_for_all(X, centroids):
    """Every label is 0."""
    return np.zeros(len(X))
