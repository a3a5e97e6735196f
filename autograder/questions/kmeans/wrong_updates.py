"""What students get wrong in kmeans.update."""

# mypy: allow-untyped-defs
from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.questions import Array, Catalogue, FloatArray
from gmmlib.kmeans import assign, update

Step = Callable[[FloatArray, FloatArray], FloatArray]


def _mean(members: FloatArray, old: FloatArray, X: FloatArray, n_centroids: int) -> FloatArray:
    return np.asarray(members[0] + (members - members[0]).mean(axis=0))


def _stays(old: FloatArray, X: FloatArray) -> FloatArray:
    return old


def cluster_by_cluster(
    X: FloatArray,
    labels: Array,
    centroids: FloatArray,
    *,
    centre: Callable[[FloatArray, FloatArray, FloatArray, int], FloatArray] = _mean,
    empty: Callable[[FloatArray, FloatArray], FloatArray] = _stays,
) -> FloatArray:
    """Move each centroid: to the centre of its members if it has any, else as an empty cluster moves."""
    moved = []
    for k, old in enumerate(centroids):
        members = X[labels == k]
        moved.append(centre(members, old, X, len(centroids)) if len(members) else empty(old, X))
    return np.stack(moved)


def _origin(old: FloatArray, X: FloatArray) -> FloatArray:
    return np.zeros_like(old)


wrong = Catalogue(see="kmeans-update", steps=cluster_by_cluster)


@wrong(step="centre")
def sum_not_divided(members, old, X, n_centroids):
    """The points of a cluster are summed but not divided by their number."""
    return members.sum(axis=0)


@wrong(step="centre")
def divided_by_n(members, old, X, n_centroids):
    """The sum of a cluster is divided by the number of all points, not of its own."""
    return members.sum(axis=0) / len(X)


@wrong(step="centre")
def divided_by_components(members, old, X, n_centroids):
    """The sum of a cluster is divided by the number of centroids."""
    return members.sum(axis=0) / n_centroids


@wrong(step="centre")
def median(members, old, X, n_centroids):
    """The median of each cluster is taken; k-means takes the mean."""
    return np.median(members, axis=0)


@wrong(step="centre")
def mean_of_all_points(members, old, X, n_centroids):
    """Every centroid becomes the mean of all points; each needs only its own."""
    return X.mean(axis=0)


@wrong(alone=True)
def labels_select_nothing(X, labels, centroids):
    """Every centroid becomes the mean of all points, also one without points; each needs only its own."""
    return np.tile(X.mean(axis=0), (len(centroids), 1))


@wrong(step="centre")
def mean_over_features(members, old, X, n_centroids):
    """The mean is taken over points and features together."""
    return np.full(members.shape[1], members.mean())


@wrong(step="centre")
def old_centroid_counted(members, old, X, n_centroids):
    """The old centroid is counted as one more point of its cluster."""
    return (members.sum(axis=0) + old) / (len(members) + 1)


@wrong(step="centre")
def halfway_only(members, old, X, n_centroids):
    """The centroid moves only halfway to the mean."""
    return (old + members.mean(axis=0)) / 2


@wrong(step="centre")
def centroids_unchanged(members, old, X, n_centroids):
    """The old centroids are returned."""
    return old


@wrong(step="empty")
def empty_becomes_nan(old, X):
    """A centroid without points becomes nan: the mean of nothing. It must stay where it was."""
    return np.full(old.shape, np.nan)


@wrong(step="empty")
def empty_becomes_zero(old, X):
    """A centroid without points jumps to the origin; it must stay where it was."""
    return _origin(old, X)


@wrong(step="empty")
def empty_becomes_overall_mean(old, X):
    """A centroid without points jumps to the mean of all points; it must stay where it was."""
    return X.mean(axis=0)


@wrong(step="empty")
def empty_becomes_first_point(old, X):
    """A centroid without points jumps to the first point; it must stay where it was."""
    return X[0]


@wrong(step="centre", also={"empty": _origin})
def counting_begins_at_one(members, old, X, n_centroids):
    """The sum is divided by one more than the number of points: a count begins at 0, and + 1 against an empty
    cluster changes the others.
    """
    return members.sum(axis=0) / (len(members) + 1)


@wrong(step="centre")
def summed_onto_the_old_centroid(members, old, X, n_centroids):
    """The points are added to the old centroid and divided by their number: begin the sum at 0."""
    return (members.sum(axis=0) + old) / len(members)


@wrong()
def last_centroid_left_out(X, labels, centroids):
    """The last centroid never moves; range(K) ends at K - 1 already."""
    return np.concatenate([cluster_by_cluster(X, labels, centroids)[:-1], centroids[-1:]])


@wrong()
def last_centroid_dropped(X, labels, centroids):
    """The last centroid is missing; range(max(labels)) ends before the largest label."""
    return np.stack([X[labels == k].mean(axis=0) for k in range(int(labels.max()))])


@wrong()
def first_centroid_only(X, labels, centroids):
    """Only the first centroid moves: is the return inside the loop?"""
    return np.concatenate([cluster_by_cluster(X, labels, centroids)[:1], centroids[1:]])


@wrong()
def labels_not_used(X, labels, centroids):
    """The points are assigned anew; the labels that were passed say who belongs to whom."""
    return update(X, assign(X, centroids), centroids)


@wrong()
def labels_counted_from_one(X, labels, centroids):
    """The labels are taken to count from 1; they count from 0."""
    return cluster_by_cluster(X, labels - 1, centroids)


@wrong()
def empty_is_dropped(X, labels, centroids):
    """A centroid without points disappears; it must stay where it was."""
    return np.stack([X[labels == k].mean(axis=0) for k in np.unique(labels)])


@wrong()
def counts_to_the_largest_label(X, labels, centroids):
    """The number of clusters is read off the labels; if the last cluster is empty, it gets lost."""
    return cluster_by_cluster(X, labels, centroids[: int(labels.max()) + 1])


@wrong(step="centre")
def divided_by_count_minus_one(members, old, X, n_centroids):
    """The sum is divided by one less than the number of points."""
    return members.sum(axis=0) / max(len(members) - 1, 1)


@wrong(step="centre")
def nearest_member(members, old, X, n_centroids):
    """Your centroid is the member nearest to the mean (a medoid); k-means takes the mean itself."""
    mean = members.mean(axis=0)
    return members[np.square(members - mean).sum(axis=1).argmin()]


@wrong(step="centre")
def middle_of_the_box(members, old, X, n_centroids):
    """Your centroid lies halfway between the smallest and the largest value; k-means takes the mean."""
    return (members.min(axis=0) + members.max(axis=0)) / 2


@wrong(step="centre")
def first_member(members, old, X, n_centroids):
    """Your centroid is the first point of its cluster; it must be the mean of all."""
    return members[0]


@wrong(step="centre")
def last_member(members, old, X, n_centroids):
    """Your centroid is the last point of its cluster; does each round of a loop replace the sum?"""
    return members[-1]


@wrong(step="centre")
def sum_of_deviations(members, old, X, n_centroids):
    """Your centroid is the mean of the differences from the old one; add the old one to it."""
    return (members - old).mean(axis=0)


@wrong(step="centre")
def mean_taken_off(members, old, X, n_centroids):
    """Your centroid moves away from the mean: the difference is turned."""
    return 2 * old - members.mean(axis=0)


@wrong(step="centre")
def root_mean_square(members, old, X, n_centroids):
    """Your centroid is the root of the mean square of its points; k-means takes the mean."""
    return np.sqrt(np.square(members).mean(axis=0))


@wrong(step="centre")
def halfway_to_each_point(members, old, X, n_centroids):
    """Your centroid moves halfway to each of its points in turn, so that the last ones count for most; each
    counts alike in the mean.
    """
    for member in members:
        old = (old + member) / 2
    return old


@wrong(step="empty")
def empty_becomes_a_far_point(old, X):
    """A centroid without points jumps to a point far away; it must stay where it was."""
    return X[np.square(X - old).sum(axis=1).argmax()]


@wrong(step="empty")
def empty_becomes_infinite(old, X):
    """A centroid without points becomes infinite: a number divided by 0. It must stay where it was."""
    return np.full(old.shape, np.inf)


@wrong()
def centroid_of_the_next(X, labels, centroids):
    """The means come back in another order than the centroids."""
    return cluster_by_cluster(X, labels, centroids)[::-1]


@wrong(step="centre", alone=True)
def first_feature_only(members, old, X, n_centroids):
    """Only the first feature moves; all of them must."""
    return np.append(members[:, 0].mean(), old[1:])


@wrong(step="centre")
def last_feature_left_out(members, old, X, n_centroids):
    """The last feature does not move; range(d) ends at d - 1 already."""
    moved = members.mean(axis=0)
    moved[-1] = old[-1]
    return moved


@wrong(step="centre")
def central_member(members, old, X, n_centroids):
    """Your centroid is the member nearest to all others (a medoid); k-means takes the mean."""
    to_each = np.sqrt(np.square(members[:, None] - members).sum(axis=2))
    return members[to_each.sum(axis=0).argmin()]


@wrong()
def empty_becomes_mean_of_centroids(X, labels, centroids):
    """A centroid without points jumps to the mean of the centroids; it must stay where it was."""
    return cluster_by_cluster(X, labels, centroids, empty=lambda old, X: centroids.mean(axis=0))


@wrong(alone=True)
def rows_up_to_the_largest_label(X, labels, centroids):
    """There are only as many centroids as the largest label says, and those without points are 0; they stay
    where they were.
    """
    return cluster_by_cluster(X, labels, centroids[: int(labels.max()) + 1], empty=_origin)


def _first_ones(X: FloatArray, labels: Array, centroids: FloatArray, empty: Step = _stays) -> FloatArray:
    """Move as many centroids as labels occur, the first ones."""
    return cluster_by_cluster(X, labels, centroids[: len(np.unique(labels))], empty=empty)


def _followed(moved: FloatArray, rest: FloatArray) -> FloatArray:
    return np.concatenate([moved, rest[len(moved) :]])


@wrong(alone=True)
def as_many_move_as_labels_occur(X, labels, centroids):
    """Only as many centroids move as labels occur, the first ones: the number of centroids is
    len(centroids), also where one is empty.
    """
    return _followed(_first_ones(X, labels, centroids), centroids)


@wrong(alone=True)
def as_many_move_as_labels_occur_but_to_nan(X, labels, centroids):
    """Only as many centroids move as labels occur, the first ones, and one without points becomes nan: the
    number of centroids is len(centroids), and an empty one stays.
    """
    return _followed(_first_ones(X, labels, centroids, empty_becomes_nan), centroids)


@wrong(alone=True)
def as_many_as_labels_occur(X, labels, centroids):
    """Only as many centroids come back as labels occur: there are len(centroids), also where one is empty."""
    return _first_ones(X, labels, centroids)


@wrong(alone=True)
def zero_where_no_label_is_left(X, labels, centroids):
    """Only as many centroids move as labels occur, the first ones, and those without points are 0; they stay
    where they were.
    """
    return _followed(_first_ones(X, labels, centroids, _origin), np.zeros_like(centroids))


@wrong(step="centre", alone=True)
def single_point_counts_as_empty(members, old, X, n_centroids):
    """A centroid with one point stays where it was; it must move onto that point, for one is not none."""
    return members.mean(axis=0) if len(members) > 1 else old


@wrong(step="centre", alone=True)
def mean_of_the_first_feature(members, old, X, n_centroids):
    """Every coordinate is the mean of the first feature: is an index 0 where it should run?"""
    return np.full(members.shape[1], members[:, 0].mean())


@wrong(alone=True)
def sums_and_counts_run_on(X, labels, centroids):
    """Each centroid is the mean of all clusters so far: set sum and count back to 0 for each."""
    moved = centroids.copy()
    for k in range(labels.min(), len(centroids)):
        moved[k] = X[labels <= k].mean(axis=0)
    return moved


@wrong(alone=True)
def sums_run_on(X, labels, centroids):
    """The sum of each cluster holds the points of the clusters before it, too: set it back to 0 for each."""
    moved = centroids.copy()
    for k in np.unique(labels):
        moved[k] = X[labels <= k].sum(axis=0) / np.count_nonzero(labels == k)
    return moved


@wrong()
def stops_at_the_first_empty(X, labels, centroids):
    """Behind the first centroid without points none moves: it is continue that goes on, not break."""
    empty = np.flatnonzero(np.bincount(labels, minlength=len(centroids)) == 0)
    end = empty[0] if len(empty) else len(centroids)
    return np.vstack([cluster_by_cluster(X, labels, centroids)[:end], centroids[end:]])


@wrong(alone=True)
def empty_becomes_the_worst_point(X, labels, centroids):
    """A centroid without points jumps to the point farthest from its own centroid; it must stay."""
    worst = X[np.square(X - centroids[labels]).sum(axis=1).argmax()]
    return cluster_by_cluster(X, labels, centroids, empty=lambda old, X: worst)


@wrong(step="centre", alone=True)
def one_point_in_the_sum(members, old, X, n_centroids):
    """Only the last point of each cluster is in the sum: sums[labels] += X adds one point for each label,
    where np.add.at adds all.
    """
    return members[-1] / len(members)


@wrong(alone=True)
def moved_up_for_an_empty_one(X, labels, centroids):
    """After an empty cluster the means stand at other centroids: keep the mean of label k at place k."""
    means = np.stack([X[labels == k].mean(axis=0) for k in np.unique(labels)])
    return np.concatenate([means, centroids[len(means) :]])


@wrong()
def first_centroid_left_out(X, labels, centroids):
    """The first centroid never moves; Python counts from 0."""
    return np.concatenate([centroids[:1], cluster_by_cluster(X, labels, centroids)[1:]])


@wrong(alone=True)
def centroids_sorted(X, labels, centroids):
    """The means come back sorted, as by their first feature: keep the mean of label k at place k."""
    moved = update(X, labels, centroids)
    return moved[np.argsort(moved[:, 0], kind="stable")]


@wrong(alone=True)
def mean_of_the_others(X, labels, centroids):
    """Each centroid is the mean of the points of all other clusters: == for !=."""
    others = [X[labels != k] for k in range(len(centroids))]
    return np.stack([p.mean(axis=0) if len(p) else old for p, old in zip(others, centroids, strict=True)])


@wrong(alone=True)
def empty_becomes_the_mean_before(X, labels, centroids):
    """A centroid without points jumps to the mean of the cluster before it, as a name does that keeps its
    value from the last round; it must stay where it was.
    """
    moved = centroids.copy()
    for k in range(len(centroids)):
        mine = X[labels == k]
        moved[k] = mine.mean(axis=0) if len(mine) else moved[k - 1] if k else centroids[k]
    return moved


@wrong(step="centre", alone=True)
def halfway_from_point_to_point(members, old, X, n_centroids):
    """Your centroid goes halfway from point to point, so that the last ones count for most; each counts alike
    in the mean.
    """
    middle = members[0]
    for member in members[1:]:
        middle = (middle + member) / 2
    return middle


@wrong(alone=True)
def digits_lost_far_away(X, labels, centroids):
    """Ten million away from the origin your centroids are off, as in float32: compute in float64, and add
    nothing to sums or counts.
    """
    single = X.astype(np.float32)
    means = [single[labels == k].mean(axis=0) for k in np.unique(labels)]
    moved = centroids.copy()
    moved[np.unique(labels)] = means
    return moved


for _epsilon in (1e-3, 1e-6):
    for _also, _empty in ((None, "kept"), ({"empty": _origin}, "zero")):

        def _small_number_in_the_count(members, old, X, n_centroids, epsilon=_epsilon):
            """Your centroids are those of counts with a small number added, which pulls them to the origin:
            ask whether a cluster is empty, and add nothing.
            """
            return members.sum(axis=0) / (len(members) + epsilon)

        wrong(step="centre", also=_also, alone=True, name=f"count-with-{_epsilon:.0e}-added-empty-{_empty}")(
            _small_number_in_the_count
        )
