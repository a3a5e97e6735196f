"""What students get wrong in kmeans.assign."""

from __future__ import annotations

import numpy as np

from autograder.questions import Catalogue
from autograder.questions.kmeans.assign import (  # ?? shared
    _city_block,
    _differences,
    _first_feature,
    _first_two_features,
    _largest_difference,
    _last_point_left_out,
    _squared,
    _standardised,
)
from gmmlib.kmeans import assign as reference

wrong = Catalogue(see="kmeans-assign")


@wrong()
def farthest_centroid(X, centroids):
    """Each point is given to the farthest centroid, not to the nearest."""
    return _squared(X, centroids).argmax(axis=1)


@wrong()
def one_label_per_centroid(X, centroids):
    """The minimum is taken over the points: one nearest point for each centroid came out."""
    return _squared(X, centroids).argmin(axis=0)


@wrong()
def labels_start_at_one(X, centroids):
    """The labels count from 1; they must count from 0."""
    return _squared(X, centroids).argmin(axis=1) + 1


@wrong()
def tie_to_the_last(X, centroids):
    """At a tie the later centroid wins; it must be the one listed first."""
    return len(centroids) - 1 - _squared(X, centroids)[:, ::-1].argmin(axis=1)


@wrong()
def city_block_distance(X, centroids):
    """Absolute differences are summed; the Euclidean distance sums their squares."""
    return _city_block(X, centroids)


@wrong()
def largest_difference(X, centroids):
    """Only the largest difference counts; the Euclidean distance uses all features."""
    return _largest_difference(X, centroids)


@wrong()
def first_feature_only(X, centroids):
    """Only the first feature is compared."""
    return _first_feature(X, centroids)


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
    """|x|² - 2 x·m + |m|² loses all digits far from the origin: subtract first, then square."""
    squares = np.square(X).sum(axis=1)[:, None] - 2 * X @ centroids.T + np.square(centroids).sum(axis=1)
    return squares.argmin(axis=1)


@wrong()
def standardised(X, centroids):
    """The features are divided by their spread first; nobody asked for that."""
    return _standardised(X, centroids)


@wrong()
def distance_returned(X, centroids):
    """The distance to the nearest centroid is returned instead of its index."""
    return np.sqrt(_squared(X, centroids).min(axis=1))


@wrong()
def minimum_over_everything(X, centroids):
    """The minimum is taken over the whole table: argmin needs the axis of the centroids."""
    return _squared(X, centroids).argmin()


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
    return _first_two_features(X, centroids)


@wrong()
def first_centroid_left_out(X, centroids):
    """The first centroid never gets a point: Python counts from 0."""
    return _squared(X, centroids[1:]).argmin(axis=1) + 1 if len(centroids) > 1 else np.zeros(len(X))


@wrong()
def last_centroid_left_out(X, centroids):
    """The last centroid never gets a point: range(K) ends at K - 1 already."""
    return _squared(X, centroids[:-1]).argmin(axis=1)


@wrong()
def last_point_left_out(X, centroids):
    """The last point gets no label: range(n) ends at n - 1 already."""
    return _last_point_left_out(X, centroids)


@wrong()
def centroid_returned(X, centroids):
    """The nearest centroid itself is returned instead of its index."""
    return centroids[reference(X, centroids)]


@wrong()
def table_returned(X, centroids):
    """The table of distances is returned; the index of each row's smallest entry is asked for."""
    return _squared(X, centroids)


@wrong()
def single_precision(X, centroids):
    """The numbers were rounded to float32, which has too few digits here."""
    return _squared(X.astype(np.float32), centroids.astype(np.float32)).argmin(axis=1)


@wrong()
def one_hot_returned(X, centroids):
    """A table with a 1 for each point is returned instead of the index."""
    return np.eye(len(centroids))[_squared(X, centroids).argmin(axis=1)]
