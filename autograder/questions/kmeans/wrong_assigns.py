"""What students get wrong in kmeans.assign."""

# mypy: allow-untyped-defs
from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.questions import Array, Catalogue, FloatArray


def _differences(X: FloatArray, centroids: FloatArray) -> FloatArray:
    return X[:, None, :] - centroids[None, :, :]  # (n, K, d)


def _squared_distances(X: FloatArray, centroids: FloatArray) -> FloatArray:
    return np.square(_differences(X, centroids)).sum(axis=2)  # (n, K)


def _smallest(table: FloatArray) -> Array:
    return np.asarray(table.argmin(axis=1))


def _from_zero(labels: Array) -> Array:
    return labels


def step_by_step(
    X: FloatArray,
    centroids: FloatArray,
    *,
    distances: Callable[[FloatArray, FloatArray], FloatArray] = _squared_distances,
    pick: Callable[[FloatArray], Array] = _smallest,
    count: Callable[[Array], Array] = _from_zero,
) -> Array:
    """Assign by a table of distances, (n, K): what is picked from it, and where its number begins."""
    return count(pick(distances(X, centroids)))


wrong = Catalogue(see="kmeans-assign", steps=step_by_step)


@wrong(step="pick")
def farthest_centroid(table):
    """Each point is given to the farthest centroid, not to the nearest."""
    return table.argmax(axis=1)


@wrong(step="pick", alone=True)
def one_label_per_centroid(table):
    """The minimum is taken over the points: one nearest point for each centroid came out."""
    return table.argmin(axis=0)


@wrong(step="count")
def labels_start_at_one(labels):
    """The labels count from 1; they must count from 0."""
    return labels + 1


@wrong(step="pick")
def tie_to_the_last(table):
    """At a tie the later centroid wins; it must be the one listed first."""
    return table.shape[1] - 1 - table[:, ::-1].argmin(axis=1)


@wrong(step="distances")
def city_block_distance(X, centroids):
    """Absolute differences are summed; the Euclidean distance sums their squares."""
    return np.abs(_differences(X, centroids)).sum(axis=2)


@wrong(step="distances")
def largest_difference(X, centroids):
    """Only the largest difference counts; the Euclidean distance uses all features."""
    return np.abs(_differences(X, centroids)).max(axis=2)


@wrong(step="distances")
def first_feature_only(X, centroids):
    """Only the first feature is compared."""
    return _squared_distances(X[:, :1], centroids[:, :1])


@wrong(step="distances")
def signed_differences(X, centroids):
    """The differences keep their signs when they are summed, so that they cancel: square them."""
    return _differences(X, centroids).sum(axis=2)


@wrong(step="distances", alone=True)
def inner_product(X, centroids):
    """The largest inner product is not the smallest distance: |m|² is missing."""
    return -(X @ centroids.T)


@wrong(step="distances", alone=True)
def single_precision(X, centroids):
    """Digits are lost far from the origin, as in float32: compute in float64, and subtract first."""
    return _squared_distances(X.astype(np.float32), centroids.astype(np.float32))


@wrong(step="distances", alone=True)
def expanded_square(X, centroids):
    """|x|² - 2 x·m + |m|² loses its digits far from the origin: subtract first, then square."""
    return np.square(X).sum(axis=1)[:, None] - 2 * X @ centroids.T + np.square(centroids).sum(axis=1)


@wrong(step="distances")
def standardised(X, centroids):
    """The features are divided by their spread first; nobody asked for that."""
    deviations = X.std(axis=0)
    return _squared_distances(X / deviations, centroids / deviations)


@wrong(step="pick", alone=True)
def distance_returned(table):
    """The distance to the nearest centroid is returned instead of its index."""
    return np.sqrt(table.min(axis=1))


@wrong(step="pick", alone=True)
def squared_distance_returned(table):
    """The squared distance to the nearest centroid is returned instead of its index."""
    return table.min(axis=1)


@wrong(step="pick", alone=True)
def minimum_over_everything(table):
    """The minimum is taken over the whole table: argmin needs the axis of the centroids."""
    return table.argmin()


@wrong(step="distances", alone=True)
def summed_over_centroids(X, centroids):
    """The squares are summed over the centroids; they must be summed over the features."""
    return np.square(_differences(X, centroids)).sum(axis=1)


@wrong(step="distances")
def sum_then_square(X, centroids):
    """The differences are summed over the features before they are squared; square first."""
    return np.square(_differences(X, centroids).sum(axis=2))


@wrong(step="distances", alone=True)
def two_features_only(X, centroids):
    """Only the first two features are used; there may be one or many: use all d."""
    x, y = _differences(X, centroids)[:, :, 0], _differences(X, centroids)[:, :, 1]
    return x**2 + y**2


@wrong(step="pick", alone=True)
def first_centroid_left_out(table):
    """The first centroid never gets a point; Python counts from 0."""
    return table[:, 1:].argmin(axis=1) + 1 if table.shape[1] > 1 else np.zeros(len(table))


@wrong(step="pick", alone=True)
def last_centroid_left_out(table):
    """The last centroid never gets a point; range(K) ends at K - 1 already."""
    return table[:, :-1].argmin(axis=1)


@wrong(step="pick", alone=True)
def last_point_left_out(table):
    """The last point gets no label; range(n) ends at n - 1 already."""
    labels = np.zeros(len(table))
    labels[:-1] = table[:-1].argmin(axis=1)
    return labels


@wrong()
def centroid_returned(X, centroids):
    """The nearest centroid itself is returned instead of its index."""
    return centroids[_smallest(_squared_distances(X, centroids))]


@wrong(step="pick", alone=True)
def table_returned(table):
    """The table of distances is returned; the index of each row's smallest entry is asked for."""
    return table


@wrong(step="pick", alone=True)
def one_hot_returned(table):
    """A table with a 1 for each point is returned instead of the index."""
    return np.eye(table.shape[1])[table.argmin(axis=1)]


@wrong(step="pick", alone=True)
def nearer_than_the_one_before(table):
    """Your labels are those of a loop that keeps every centroid that is nearer than the one before it."""
    labels = np.zeros(len(table))
    for k in range(1, table.shape[1]):
        labels[table[:, k] < table[:, k - 1]] = k
    return labels


@wrong(step="distances", alone=True)
def nearest_to_the_origin(X, centroids):
    """The centroid of the smallest norm is taken for every point: the points are not used."""
    return np.tile(np.square(centroids).sum(axis=1), (len(X), 1))


@wrong(step="distances", alone=True)
def farthest_from_the_origin(X, centroids):
    """The centroid of the largest norm is taken for every point: x² - m² is not (x - m)²."""
    return -nearest_to_the_origin(X, centroids)


@wrong(step="distances", alone=True)
def smallest_inner_product(X, centroids):
    """The smallest inner product is taken: it is no distance, and grows as points come closer."""
    return X @ centroids.T


@wrong(step="distances", alone=True)
def cosine_similarity(X, centroids):
    """The angle decides (cosine similarity); it must be the distance."""
    return -(X @ (centroids / np.linalg.norm(centroids, axis=1, keepdims=True)).T)


@wrong(step="distances", alone=True)
def half_of_the_square(X, centroids):
    """|m|² - x·m decides; the cross term is 2 x·m."""
    return np.square(centroids).sum(axis=1) - X @ centroids.T


@wrong(step="distances", alone=True)
def square_with_wrong_sign(X, centroids):
    """|x + m|² decides, or |m|² + 2 x·m, which is the same: it is the difference, whose cross term is
    subtracted.
    """
    return np.square(centroids).sum(axis=1) + 2 * X @ centroids.T


@wrong(step="distances", alone=True)
def lengths_compared(X, centroids):
    """The length of the point is compared with that of the centroid; their difference has the length."""
    return np.abs(np.linalg.norm(X, axis=1)[:, None] - np.linalg.norm(centroids, axis=1))


@wrong(step="distances", alone=True)
def cubes_for_squares(X, centroids):
    """The differences are taken to the third power; the Euclidean distance squares them."""
    return (np.abs(_differences(X, centroids)) ** 3).sum(axis=2)


@wrong(step="distances", alone=True)
def cubes_with_signs(X, centroids):
    """The differences are taken to an odd power, such as the third, so that they cancel: square them."""
    return (_differences(X, centroids) ** 3).sum(axis=2)


@wrong(step="distances", alone=True)
def fourth_powers(X, centroids):
    """The differences are taken to the fourth power; the Euclidean distance squares them, once."""
    return (_differences(X, centroids) ** 4).sum(axis=2)


@wrong(step="distances", alone=True)
def squared_distances_in_whole_numbers(X, centroids):
    """Your labels are those of squared distances cut to whole numbers: nearly equal ones become equal."""
    return np.trunc(_squared_distances(X, centroids))


for _digits in (0, 1, 2):

    def distances_rounded(X, centroids, digits=_digits):
        """Your labels are those of squared distances that are rounded: nearly equal ones become equal."""
        return np.round(_squared_distances(X, centroids), digits)

    wrong(step="distances", alone=True, name=f"squared-distances-rounded-to-{_digits}-digits")(
        distances_rounded
    )


@wrong(step="distances", alone=True)
def everything_in_whole_numbers(X, centroids):
    """Your labels are those of points and centroids cut to whole numbers: is there an array of integers?"""
    return _squared_distances(np.trunc(X), np.trunc(centroids))


@wrong(step="distances", alone=True)
def product_of_the_differences(X, centroids):
    """The differences are multiplied over the features; the Euclidean distance sums their squares."""
    return np.abs(_differences(X, centroids)).prod(axis=2)


@wrong(step="pick", alone=True)
def ranks_returned(table):
    """The ranks of the centroids, or their order, are returned; only the nearest one is asked for."""
    return np.argsort(table, axis=1)


@wrong(step="pick", alone=True)
def second_nearest(table):
    """The second nearest centroid is returned."""
    return np.argsort(table, axis=1)[:, min(1, table.shape[1] - 1)]


@wrong(step="distances", alone=True)
def last_feature_only(X, centroids):
    """Only the last feature is compared; does each round of a loop replace the sum?"""
    return _squared_distances(X[:, -1:], centroids[:, -1:])


@wrong(step="distances", alone=True)
def last_feature_left_out(X, centroids):
    """The last feature is not compared; range(d) ends at d - 1 already."""
    return _squared_distances(X[:, :-1], centroids[:, :-1])


@wrong(step="pick", alone=True)
def first_point_for_all(table):
    """All points get the label of the first one: is its distance computed once only?"""
    return np.full(len(table), table[0].argmin())


@wrong(step="pick", alone=True)
def smallest_index_for_all(table):
    """Every label is 0."""
    return np.zeros(len(table))


@wrong(step="pick", alone=True)
def largest_index_for_all(table):
    """Every label is K - 1, that of the last centroid: keep the smallest distance so far, and its index."""
    return np.full(len(table), table.shape[1] - 1)


@wrong(step="pick", alone=True)
def one_distance_for_all_points(table):
    """All points get the label of the centroid that is nearest to all of them together: each point has a
    distance of its own, axis=1.
    """
    return np.full(len(table), table.sum(axis=0).argmin())


@wrong(step="pick", alone=True)
def labels_sorted(table):
    """Your labels are right but sorted; label i belongs to point i."""
    return np.sort(table.argmin(axis=1))


@wrong(step="pick", alone=True)
def counted_from_the_last(table):
    """Your labels count the centroids from the last one backwards; the first one listed has number 0."""
    return table[:, ::-1].argmin(axis=1)


@wrong(step="pick", alone=True)
def counted_backwards(table):
    """Your labels count the centroids from the last one backwards; the first one listed has number 0."""
    return table.shape[1] - 1 - table.argmin(axis=1)


def _best_so_far(table, keeps_label):
    labels, best, label = np.zeros(len(table)), np.inf, 0
    for i, row in enumerate(table):
        label = label if keeps_label else 0
        for k, distance in enumerate(row):
            if distance < best:
                best, label = distance, k
        labels[i] = label
    return labels


@wrong(step="pick", alone=True)
def best_of_the_points_before(table):
    """Your labels are those of a loop that carries the smallest distance over from one point to the next."""
    return _best_so_far(table, keeps_label=True)


@wrong(step="pick", alone=True)
def only_better_than_the_points_before(table):
    """Your labels are those of a loop that carries the smallest distance over from one point to the next, and
    begins with 0.
    """
    return _best_so_far(table, keeps_label=False)


@wrong(step="distances", alone=True)
def correlation_distance(X, centroids):
    """The correlation decides; it must be the distance: take no mean off the features of a point."""
    x, m = (points - points.mean(axis=1, keepdims=True) for points in (X, centroids))
    lengths = np.sqrt(np.square(x).sum(axis=1))[:, None] * np.sqrt(np.square(m).sum(axis=1))
    products = (x[:, None] * m).sum(axis=2)
    return 1 - np.divide(products, lengths, where=lengths > 0, out=np.zeros_like(lengths)).clip(-1, 1)


@wrong()
def two_centroids_only(X, centroids):
    """Only the first two centroids are compared; each point goes to the nearest of all K."""
    return step_by_step(X, centroids[:2])


@wrong()
def first_or_last_centroid(X, centroids):
    """Only the first and the last centroid are compared, as 0 and 1; the nearest of all K counts."""
    return step_by_step(X, centroids[[0, -1]])


@wrong(alone=True)
def centroids_moved_meanwhile(X, centroids):
    """Your labels are those of centroids that move with each point they get; they stay put until all points
    are assigned.
    """
    moving, counts, labels = centroids.astype(float), np.ones(len(centroids)), []
    for x in X:
        k = int(np.square(moving - x).sum(axis=1).argmin())
        counts[k] += 1
        moving[k] += (x - moving[k]) / counts[k]
        labels.append(k)
    return np.array(labels)


@wrong(step="pick", alone=True)
def smallest_never_updated(table):
    """Your label is the last centroid that is nearer than the first: keep the smallest distance so far."""
    nearer = table < table[:, :1]
    return np.where(nearer.any(axis=1), table.shape[1] - 1 - nearer[:, ::-1].argmax(axis=1), 0)


@wrong(step="pick", alone=True)
def sorted_first(table):
    """At a tie not the centroid listed first wins: np.argsort may put either in front; np.argmin takes the
    first.
    """
    return np.argsort(table, axis=1)[:, 0]
