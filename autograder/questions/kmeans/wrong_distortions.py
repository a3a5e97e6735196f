"""What students get wrong in kmeans.distortion."""

# mypy: allow-untyped-defs
from __future__ import annotations

import numpy as np

from autograder.questions import Array, Catalogue, FloatArray


def _squared_distances(X: FloatArray, centroids: FloatArray, labels: Array) -> FloatArray:
    return np.asarray(np.square(X - centroids[labels]).sum(axis=1))  # (n,)    to the assigned centroids


def _table(X: FloatArray, centroids: FloatArray) -> FloatArray:
    return np.square(X[:, None, :] - centroids[None, :, :]).sum(axis=2)  # (n, K)    to all centroids


wrong = Catalogue(see="kmeans-distortion")


@wrong()
def not_squared(X, centroids, labels):
    """Distances are summed; the distortion sums their squares."""
    return np.sqrt(_squared_distances(X, centroids, labels)).sum()


@wrong()
def mean_instead_of_sum(X, centroids, labels):
    """The mean over the points is returned; the distortion is the sum."""
    return _squared_distances(X, centroids, labels).mean()


@wrong()
def mean_over_everything(X, centroids, labels):
    """The mean over points and features is returned; the distortion is the sum."""
    return np.square(X - centroids[labels]).mean()


@wrong()
def root_of_the_sum(X, centroids, labels):
    """The square root of the sum was taken."""
    return np.sqrt(_squared_distances(X, centroids, labels).sum())


@wrong()
def halved(X, centroids, labels):
    """The sum was halved."""
    return _squared_distances(X, centroids, labels).sum() / 2


@wrong()
def city_block_distance(X, centroids, labels):
    """Absolute differences are summed; the distortion sums squares."""
    return np.abs(X - centroids[labels]).sum()


@wrong()
def sum_then_square(X, centroids, labels):
    """The differences are summed over the features before they are squared."""
    return np.square((X - centroids[labels]).sum(axis=1)).sum()


@wrong()
def nearest_instead_of_assigned(X, centroids, labels):
    """The distance to the nearest centroid is used; the labels say which centroid counts."""
    return _table(X, centroids).min(axis=1).sum()


@wrong()
def all_centroids(X, centroids, labels):
    """The distances to all centroids are summed; only the assigned one counts."""
    return _table(X, centroids).sum()


@wrong()
def about_cluster_means(X, centroids, labels):
    """The centroids that were passed are not used: the means of the clusters took their place."""
    means = np.stack(
        [X[labels == k].mean(axis=0) if (labels == k).any() else m for k, m in enumerate(centroids)]
    )
    return _squared_distances(X, means, labels).sum()


@wrong()
def mean_of_each_cluster(X, centroids, labels):
    """The mean of each cluster is summed; every point counts once."""
    squared = _squared_distances(X, centroids, labels)
    return sum(squared[labels == k].mean() for k in np.unique(labels))


@wrong()
def one_value_per_point(X, centroids, labels):
    """One squared distance for each point is returned; they must be summed."""
    return _squared_distances(X, centroids, labels)


@wrong()
def one_value_per_feature(X, centroids, labels):
    """One sum for each feature is returned; they must be added up."""
    return np.square(X - centroids[labels]).sum(axis=0)


@wrong()
def one_value_per_cluster(X, centroids, labels):
    """One sum for each cluster is returned; they must be added up."""
    squared = _squared_distances(X, centroids, labels)
    return np.array([squared[labels == k].sum() for k in range(len(centroids))])


@wrong()
def nothing_squared(X, centroids, labels):
    """The differences are summed with their signs: square them first."""
    return (X - centroids[labels]).sum()


@wrong()
def all_summed_then_squared(X, centroids, labels):
    """The differences are all summed before the square; square each first."""
    return (X - centroids[labels]).sum() ** 2


@wrong()
def squared_twice(X, centroids, labels):
    """The squared distances are squared once more."""
    return np.square(_squared_distances(X, centroids, labels)).sum()


@wrong()
def divided_by_components(X, centroids, labels):
    """The sum is divided by the number of centroids."""
    return _squared_distances(X, centroids, labels).sum() / len(centroids)


@wrong()
def first_point_only(X, centroids, labels):
    """Only the first point is counted: is the return inside the loop?"""
    return _squared_distances(X, centroids, labels)[0]


@wrong()
def last_cluster_only(X, centroids, labels):
    """Only the last cluster is counted; does each round of a loop replace the sum?"""
    return _squared_distances(X, centroids, labels)[labels == len(centroids) - 1].sum()


@wrong()
def last_cluster_left_out(X, centroids, labels):
    """The last cluster is not counted; range(K) ends at K - 1 already."""
    return _squared_distances(X, centroids, labels)[labels < labels.max()].sum()


@wrong()
def first_feature_only(X, centroids, labels):
    """Only the first feature is compared."""
    return _squared_distances(X[:, :1], centroids[:, :1], labels).sum()


@wrong()
def two_features_only(X, centroids, labels):
    """Only the first two features are used; there may be one or many: use all d."""
    Z = X - centroids[labels]
    return (Z[:, 0] ** 2 + Z[:, 1] ** 2).sum()


@wrong()
def expanded_square(X, centroids, labels):
    """|x|² - 2 x·m + |m|² loses its digits far from the origin: subtract first, then square."""
    assigned = centroids[labels]
    crossed = (X * assigned).sum(axis=1)
    return (np.square(X).sum(axis=1) - 2 * crossed + np.square(assigned).sum(axis=1)).sum()


@wrong()
def single_precision(X, centroids, labels):
    """Digits are lost far from the origin, as in float32: compute in float64, and subtract first."""
    return np.square(X.astype(np.float32) - centroids.astype(np.float32)[labels]).sum()


@wrong()
def doubled(X, centroids, labels):
    """The sum was doubled."""
    return 2 * _squared_distances(X, centroids, labels).sum()


@wrong()
def negative(X, centroids, labels):
    """The sign is turned: the distortion is a sum of squares."""
    return -_squared_distances(X, centroids, labels).sum()


@wrong()
def divided_by_n_minus_one(X, centroids, labels):
    """The sum is divided by n - 1, as a sample variance is; the distortion is the sum."""
    return _squared_distances(X, centroids, labels).sum() / max(len(X) - 1, 1)


@wrong()
def divided_by_features(X, centroids, labels):
    """The sum is divided by the number of features."""
    return _squared_distances(X, centroids, labels).sum() / X.shape[1]


@wrong()
def mean_distance(X, centroids, labels):
    """The mean of the distances is returned; the distortion is the sum of their squares."""
    return np.sqrt(_squared_distances(X, centroids, labels)).mean()


@wrong()
def root_of_the_mean(X, centroids, labels):
    """The root of the mean of the squares is returned; the distortion is their sum."""
    return np.sqrt(_squared_distances(X, centroids, labels).mean())


@wrong()
def largest_squared_distance(X, centroids, labels):
    """Only the largest squared distance is returned; all must be summed."""
    return _squared_distances(X, centroids, labels).max()


@wrong()
def square_of_the_sum_of_distances(X, centroids, labels):
    """The distances are summed before they are squared; square each first."""
    return np.sqrt(_squared_distances(X, centroids, labels)).sum() ** 2


@wrong()
def about_the_overall_mean(X, centroids, labels):
    """The distances to the mean of all points are summed; each point has its centroid."""
    return np.square(X - X.mean(axis=0)).sum()


@wrong()
def about_the_origin(X, centroids, labels):
    """No centroid is taken off the points: these are the squares of the points themselves."""
    return np.square(X).sum()


@wrong()
def first_centroid_for_all(X, centroids, labels):
    """The first centroid is taken for every point; the labels say which one counts."""
    return np.square(X - centroids[0]).sum()


@wrong()
def distances_between_centroids(X, centroids, labels):
    """The distances to the centroids that a point does not belong to are summed."""
    return _table(X, centroids).sum() - _squared_distances(X, centroids, labels).sum()


@wrong()
def last_point_left_out(X, centroids, labels):
    """The last point is not counted; range(n) ends at n - 1 already."""
    return _squared_distances(X, centroids, labels)[:-1].sum()


@wrong()
def labels_counted_from_one(X, centroids, labels):
    """The labels are taken to count from 1; they count from 0."""
    return _squared_distances(X, centroids, labels - 1).sum()


@wrong()
def largest_difference_squared(X, centroids, labels):
    """Only the largest difference of each point is squared; all features count."""
    return np.square(np.abs(X - centroids[labels]).max(axis=1)).sum()
