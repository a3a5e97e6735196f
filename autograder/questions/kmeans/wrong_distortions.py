"""What students get wrong in kmeans.distortion."""

# mypy: allow-untyped-defs
from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.questions import Array, Catalogue, FloatArray


def _squared_distances(X: FloatArray, centroids: FloatArray, labels: Array) -> FloatArray:
    return np.asarray(np.square(X - centroids[labels]).sum(axis=1))  # (n,)    to the assigned centroids


def _table(X: FloatArray, centroids: FloatArray) -> FloatArray:
    return np.square(X[:, None, :] - centroids[None, :, :]).sum(axis=2)  # (n, K)    to all centroids


def _sum(squares: FloatArray, X: FloatArray, centroids: FloatArray, labels: Array) -> float:
    return float(squares.sum())


def step_by_step(
    X: FloatArray,
    centroids: FloatArray,
    labels: Array,
    *,
    squares: Callable[[FloatArray, FloatArray, Array], FloatArray] = _squared_distances,
    total: Callable[[FloatArray, FloatArray, FloatArray, Array], float] = _sum,
) -> float:
    """Return one number made of what each point contributes, (n,)."""
    return total(squares(X, centroids, labels), X, centroids, labels)


wrong = Catalogue(see="kmeans-distortion", steps=step_by_step)


@wrong(step="squares")
def not_squared(X, centroids, labels):
    """Distances are summed; the distortion sums their squares."""
    return np.sqrt(_squared_distances(X, centroids, labels))


@wrong(step="total")
def mean_instead_of_sum(squares, X, centroids, labels):
    """The mean over the points is returned; the distortion is the sum."""
    return squares.mean()


@wrong(step="total")
def mean_over_everything(squares, X, centroids, labels):
    """The mean over points and features is returned; the distortion is the sum."""
    return squares.mean() / X.shape[1]


@wrong(step="total")
def root_of_the_sum(squares, X, centroids, labels):
    """The square root of the sum was taken."""
    return np.sqrt(squares.sum())


@wrong(step="total")
def halved(squares, X, centroids, labels):
    """The sum was halved."""
    return squares.sum() / 2


@wrong(step="squares")
def city_block_distance(X, centroids, labels):
    """Absolute differences are summed; the distortion sums squares."""
    return np.abs(X - centroids[labels]).sum(axis=1)


@wrong(step="squares")
def sum_then_square(X, centroids, labels):
    """The differences are summed over the features before they are squared."""
    return np.square((X - centroids[labels]).sum(axis=1))


@wrong(step="squares")
def nearest_instead_of_assigned(X, centroids, labels):
    """The distance to the nearest centroid is used; the labels say which centroid counts."""
    return _table(X, centroids).min(axis=1)


@wrong(step="squares")
def all_centroids(X, centroids, labels):
    """The distances to all centroids are summed; only the assigned one counts."""
    return _table(X, centroids).sum(axis=1)


@wrong(step="squares")
def about_cluster_means(X, centroids, labels):
    """The centroids that were passed are not used: the means of the clusters took their place."""
    means = np.stack(
        [X[labels == k].mean(axis=0) if (labels == k).any() else m for k, m in enumerate(centroids)]
    )
    return _squared_distances(X, means, labels)


@wrong(step="total")
def mean_of_each_cluster(squares, X, centroids, labels):
    """The mean of each cluster is summed; every point counts once."""
    return sum(squares[labels == k].mean() for k in np.unique(labels))


@wrong(step="total", alone=True)
def one_value_per_point(squares, X, centroids, labels):
    """One squared distance for each point is returned; they must be summed."""
    return squares


@wrong()
def one_value_per_feature(X, centroids, labels):
    """One sum for each feature is returned; they must be added up."""
    return np.square(X - centroids[labels]).sum(axis=0)


@wrong(step="total", alone=True)
def one_value_per_cluster(squares, X, centroids, labels):
    """One sum for each cluster is returned; they must be added up."""
    return np.array([squares[labels == k].sum() for k in range(len(centroids))])


@wrong(step="squares", alone=True)
def nothing_squared(X, centroids, labels):
    """The differences are summed with their signs: square them first."""
    return (X - centroids[labels]).sum(axis=1)


@wrong()
def all_summed_then_squared(X, centroids, labels):
    """The differences are all summed before the square; square each first."""
    return (X - centroids[labels]).sum() ** 2


@wrong(step="squares", alone=True)
def squared_twice(X, centroids, labels):
    """The squared distances are squared once more."""
    return np.square(_squared_distances(X, centroids, labels))


@wrong(step="total", alone=True)
def divided_by_components(squares, X, centroids, labels):
    """The sum is divided by the number of centroids."""
    return squares.sum() / len(centroids)


@wrong(step="total", alone=True)
def first_point_only(squares, X, centroids, labels):
    """Only the first point is counted: is the return inside the loop?"""
    return squares[0]


@wrong(step="total", alone=True)
def last_cluster_only(squares, X, centroids, labels):
    """Only the last cluster is counted; does each round of a loop replace the sum?"""
    return squares[labels == len(centroids) - 1].sum()


@wrong(step="total", alone=True)
def last_cluster_left_out(squares, X, centroids, labels):
    """The last cluster is not counted; range(K) ends at K - 1 already."""
    return squares[labels < labels.max()].sum()


@wrong(step="squares", alone=True)
def first_feature_only(X, centroids, labels):
    """Only the first feature is compared."""
    return _squared_distances(X[:, :1], centroids[:, :1], labels)


@wrong(step="squares", alone=True)
def two_features_only(X, centroids, labels):
    """Only the first two features are used; there may be one or many: use all d."""
    Z = X - centroids[labels]
    return Z[:, 0] ** 2 + Z[:, 1] ** 2


@wrong()
def single_precision(X, centroids, labels):
    """Digits are lost far from the origin, as in float32: compute in float64, and subtract first."""
    return np.square(X.astype(np.float32) - centroids.astype(np.float32)[labels]).sum()


@wrong()
def expanded_square(X, centroids, labels):
    """|x|² - 2 x·m + |m|² loses its digits far from the origin: subtract first, then square."""
    assigned = centroids[labels]
    crossed = (X * assigned).sum(axis=1)
    return (np.square(X).sum(axis=1) - 2 * crossed + np.square(assigned).sum(axis=1)).sum()


@wrong(step="total", alone=True)
def doubled(squares, X, centroids, labels):
    """The sum was doubled."""
    return 2 * squares.sum()


@wrong(step="total", alone=True)
def negative(squares, X, centroids, labels):
    """The sign is turned: the distortion is a sum of squares."""
    return -squares.sum()


@wrong(step="total", alone=True)
def divided_by_n_minus_one(squares, X, centroids, labels):
    """The sum is divided by n - 1, as a sample variance is; the distortion is the sum."""
    return squares.sum() / max(len(X) - 1, 1)


@wrong(step="total", alone=True)
def divided_by_features(squares, X, centroids, labels):
    """The sum is divided by the number of features."""
    return squares.sum() / X.shape[1]


@wrong()
def mean_distance(X, centroids, labels):
    """The mean of the distances is returned; the distortion is the sum of their squares."""
    return np.sqrt(_squared_distances(X, centroids, labels)).mean()


@wrong(step="total", alone=True)
def root_of_the_mean(squares, X, centroids, labels):
    """The root of the mean of the squares is returned; the distortion is their sum."""
    return np.sqrt(squares.mean())


@wrong(step="total", alone=True)
def largest_squared_distance(squares, X, centroids, labels):
    """Only the largest squared distance is returned; all must be summed."""
    return squares.max()


@wrong()
def square_of_the_sum_of_distances(X, centroids, labels):
    """The distances are summed before they are squared; square each first."""
    return np.sqrt(_squared_distances(X, centroids, labels)).sum() ** 2


@wrong()
def about_the_overall_mean(X, centroids, labels):
    """The distances to the mean of all points are summed; each point has its centroid."""
    return np.square(X - X.mean(axis=0)).sum()


@wrong(step="squares", alone=True)
def about_the_origin(X, centroids, labels):
    """No centroid is taken off the points: these are the squares of the points themselves."""
    return np.square(X).sum(axis=1)


@wrong(step="squares", alone=True)
def first_centroid_for_all(X, centroids, labels):
    """The first centroid is taken for every point; the labels say which one counts."""
    return np.square(X - centroids[0]).sum(axis=1)


@wrong()
def distances_between_centroids(X, centroids, labels):
    """The distances to the centroids that a point does not belong to are summed."""
    return _table(X, centroids).sum() - _squared_distances(X, centroids, labels).sum()


@wrong(step="total", alone=True)
def last_point_left_out(squares, X, centroids, labels):
    """The last point is not counted; range(n) ends at n - 1 already."""
    return squares[:-1].sum()


@wrong(step="squares", alone=True)
def labels_counted_from_one(X, centroids, labels):
    """The labels are taken to count from 1; they count from 0."""
    return _squared_distances(X, centroids, labels - 1)


@wrong(step="squares", alone=True)
def largest_difference_squared(X, centroids, labels):
    """Only the largest difference of each point is squared; all features count."""
    return np.square(np.abs(X - centroids[labels]).max(axis=1))


@wrong(step="squares", alone=True)
def sum_of_differences_without_sign(X, centroids, labels):
    """The differences of a point are summed and lose their sign afterwards; square each first."""
    return np.abs((X - centroids[labels]).sum(axis=1))


@wrong()
def root_for_each_feature(X, centroids, labels):
    """A square root is taken of each feature's sum; the distortion is the sum of the squares themselves."""
    return np.sqrt(np.square(X - centroids[labels]).sum(axis=0)).sum()


@wrong(step="total")
def first_point_left_out(squares, X, centroids, labels):
    """The first point is left out: range(n) begins at 0."""
    return squares[1:].sum()


@wrong(step="total", alone=True)
def first_cluster_only(squares, X, centroids, labels):
    """Only the first cluster is counted: is the return inside the loop?"""
    return squares[labels == 0].sum()


@wrong(step="total", alone=True)
def first_cluster_left_out(squares, X, centroids, labels):
    """The first cluster is not counted: does the loop begin at 1?"""
    return squares[labels > 0].sum()


@wrong()
def root_for_each_cluster(X, centroids, labels):
    """A square root is taken of each cluster's sum, as np.linalg.norm does; sum the squares themselves."""
    return sum(np.linalg.norm(X[labels == k] - centroids[k]) for k in range(len(centroids)))


@wrong(step="squares")
def distances_to_the_nearest(X, centroids, labels):
    """The distances to the nearest centroid are summed; it is the squares, and the centroid that the label
    says.
    """
    return np.sqrt(_table(X, centroids)).min(axis=1)


@wrong(step="total", alone=True)
def last_point_only(squares, X, centroids, labels):
    """Only the last point is counted: does each round of a loop replace the sum, = for +=?"""
    return squares[-1]


@wrong()
def summed_over_points_then_squared(X, centroids, labels):
    """The differences are summed over the points before they are squared; square each first."""
    return np.square((X - centroids[labels]).sum(axis=0)).sum()


@wrong(step="total", alone=True)
def mean_of_the_cluster_means(squares, X, centroids, labels):
    """The mean of each cluster is taken, and the mean of these; the distortion is the sum over all points."""
    return np.mean([squares[labels == k].mean() for k in np.unique(labels)])


@wrong(alone=True)
def between_the_clusters(X, centroids, labels):
    """The distances of the centroids to the mean of all points are summed: that is what lies between the
    clusters, and the distortion is within them.
    """
    return np.square(centroids[labels] - X.mean(axis=0)).sum()


@wrong(step="squares", alone=True)
def city_block_distance_squared(X, centroids, labels):
    """Absolute differences are summed before the square; square each first."""
    return np.square(np.abs(X - centroids[labels]).sum(axis=1))


@wrong(alone=True)
def as_if_centroids_were_means(X, centroids, labels):
    """Your number is Σ |x|² - Σ n_k |m_k|², which is the distortion where the centroids are the means of
    their points alone, and loses its digits far from the origin.
    """
    return np.square(X).sum() - np.square(centroids[labels]).sum()


@wrong(step="total", alone=True)
def divided_by_n_minus_components(squares, X, centroids, labels):
    """The sum is divided by n - K, as an estimate of a variance is; the distortion is the sum."""
    return squares.sum() / max(len(X) - len(centroids), 1)


def _of_clusters(X, labels):
    return [X[labels == k] for k in np.unique(labels)]


@wrong(alone=True)
def distances_between_the_points(X, centroids, labels):
    """The squared distances between the points of each cluster are summed; it is those to the centroid."""
    return sum(np.square(mine[:, None] - mine).sum() for mine in _of_clusters(X, labels))


@wrong(alone=True)
def variances_summed(X, centroids, labels):
    """The variances of the clusters are summed: they are means, about the means; sum the squared distances to
    the centroids.
    """
    return sum(mine.var(axis=0).sum() for mine in _of_clusters(X, labels))


@wrong(alone=True)
def centroids_in_turn(X, centroids, labels):
    """The centroids are taken in turn, whatever the labels say."""
    return _squared_distances(X, centroids, np.arange(len(X)) % len(centroids)).sum()
