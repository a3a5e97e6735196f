"""What students get wrong in capstone.standard_order."""

# mypy: allow-untyped-defs
from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.questions import Array, Catalogue, FloatArray

Sorting = Callable[[FloatArray, Array], FloatArray]


def _by_first_coordinate(weights: FloatArray, means: FloatArray, covariances: FloatArray) -> Array:
    return np.argsort(means[:, 0])


def _following(values: FloatArray, k: Array) -> FloatArray:
    return values[k]


def _step_by_step(
    weights: FloatArray,
    means: FloatArray,
    covariances: FloatArray,
    *,
    order: Callable[..., Array] = _by_first_coordinate,
    of_weights: Sorting = _following,
    of_means: Sorting = _following,
    of_covariances: Sorting = _following,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    k = order(weights, means, covariances)
    return of_weights(weights, k), of_means(means, k), of_covariances(covariances, k)


def _left(values: FloatArray, k: Array) -> FloatArray:
    return values


ALL = ("weights", "means", "covariances")

wrong = Catalogue(see="labels-sorting", steps=_step_by_step)


@wrong(step="of_means", also={"of_covariances": _left}, about=ALL)
def weights_only(means, k):
    """Only the weights are put in order; means and covariances stay as they were."""
    return means


@wrong(step="of_weights", also={"of_means": _left}, about=ALL)
def covariances_only(weights, k):
    """Only the covariances are put in order; weights and means stay as they were."""
    return weights


@wrong(about=ALL)
def weights_sorted_alone(weights, means, covariances):
    """The weights are sorted by themselves; means and covariances stay as they were."""
    return np.sort(weights), means, covariances


@wrong(step="of_weights", also={"of_covariances": _left}, about=ALL)
def means_only(weights, k):
    """Weights and covariances stay as they were; they must follow their means."""
    return weights


@wrong(step="of_weights")
def each_sorted_by_itself(weights, k):
    """Your weights stand in ascending order; they must follow their means, whatever their size."""
    return np.sort(weights)


@wrong(step="of_covariances", about=("covariances",))
def covariances_left_behind(covariances, k):
    """The covariances stay as they were; they must follow their means."""
    return covariances


@wrong(step="of_weights", about=("weights",))
def weights_left_behind(weights, k):
    """The weights stay as they were; they must follow their means."""
    return weights


@wrong(step="of_means", about=("means",))
def means_left_behind(means, k):
    """The means stay as they were; it is by them that the components are sorted."""
    return means


@wrong(step="order", about=ALL)
def sorted_by_weight(weights, means, covariances):
    """The components are sorted by weight; it must be by the first mean."""
    return np.argsort(weights)


@wrong(step="order", about=ALL)
def sorted_by_weight_heaviest_first(weights, means, covariances):
    """The components are sorted by weight, the heaviest first; it must be by the first mean."""
    return np.argsort(-weights)


@wrong(step="order", about=ALL)
def descending(weights, means, covariances):
    """The order is descending; it must be ascending."""
    return np.argsort(-means[:, 0])


@wrong(step="order", about=ALL)
def inverse_permutation(weights, means, covariances):
    """The ranks are used as an order: take argsort once, not twice."""
    return np.argsort(np.argsort(means[:, 0]))


@wrong(step="order", about=ALL)
def unsorted(weights, means, covariances):
    """The components come back as they were."""
    return np.arange(len(weights))


@wrong(step="order", about=ALL)
def turned_round(weights, means, covariances):
    """The components come back in reverse; they must be sorted by the first mean."""
    return np.arange(len(weights))[::-1]


@wrong(step="order", about=ALL)
def sorted_by_size(weights, means, covariances):
    """The components are sorted by the first mean without its sign; below 0 the order turns round."""
    return np.argsort(np.abs(means[:, 0]))


@wrong(step="order", about=ALL)
def sorted_by_second_coordinate(weights, means, covariances):
    """The components are sorted by the second coordinate of their means; it must be by the first."""
    return np.argsort(means[:, min(1, means.shape[1] - 1)])


@wrong(step="order", about=ALL)
def sorted_by_last_coordinate(weights, means, covariances):
    """The components are sorted by the last coordinate (np.lexsort's first key is the last that counts)."""
    return np.argsort(means[:, -1])


@wrong(step="order", about=ALL)
def sorted_by_length(weights, means, covariances):
    """The components are sorted by the length of their means; it must be by the first coordinate."""
    return np.argsort(np.linalg.norm(means, axis=1))


@wrong(step="order", about=ALL)
def sorted_by_sum(weights, means, covariances):
    """The components are sorted by the sum, mean or median of their coordinates; it must be by the first."""
    return np.argsort(means.sum(axis=1))


@wrong(step="order", about=ALL)
def sorted_by_variance(weights, means, covariances):
    """The components are sorted by their first variance; it must be by the first coordinate of the mean."""
    return np.argsort(covariances[:, 0, 0])


@wrong(step="order", about=ALL)
def sorted_by_volume(weights, means, covariances):
    """The components are sorted by the size of their covariances, such as determinant or trace; it must be by
    the first coordinate of the mean.
    """
    return np.argsort(np.linalg.det(covariances))


@wrong(step="order", about=ALL)
def sorted_by_weighted_mean(weights, means, covariances):
    """The components are sorted by weight times mean; it must be by the first mean alone."""
    return np.argsort(weights * means[:, 0])


@wrong(step="order", about=ALL)
def smallest_to_the_front(weights, means, covariances):
    """Only the first component is the right one: sorting does not end after the first exchange."""
    k = np.arange(len(weights))
    smallest = int(means[:, 0].argmin())
    k[[0, smallest]] = k[[smallest, 0]]
    return k


def _after_rounds(rounds: int, means: FloatArray) -> Array:
    """Return the order after so many rounds, in each of which neighbours are exchanged."""
    k = np.arange(len(means))
    for _ in range(rounds):
        for i in range(len(k) - 1):
            if means[k[i], 0] > means[k[i + 1], 0]:
                k[[i, i + 1]] = k[[i + 1, i]]
    return k


@wrong(step="order", about=ALL)
def one_round_of_exchanges(weights, means, covariances):
    """Neighbours are exchanged in one round only, which sorts the largest to the end; go on."""
    return _after_rounds(1, means)


@wrong(step="order", alone=True, about=ALL)
def one_round_of_exchanges_too_few(weights, means, covariances):
    """Neighbours are exchanged in one round too few: if the smallest stands last, K - 1 rounds are needed."""
    return _after_rounds(len(means) - 2, means)


@wrong(step="order", about=ALL)
def smallest_alone(weights, means, covariances):
    """Every component is the one with the smallest mean: argsort gives them all in order."""
    return np.full(len(weights), means[:, 0].argmin())


@wrong(step="of_means", alone=True)
def coordinates_sorted_separately(means, k):
    """Each coordinate of the means is sorted by itself as np.sort does with axis=0; rows must stay
    together.
    """
    return np.sort(means, axis=0)


@wrong(step="of_means", alone=True)
def rows_sorted_inside(means, k):
    """The coordinates within each mean are sorted; it is the means that are."""
    return np.sort(means, axis=1)


@wrong(step="of_covariances", alone=True)
def covariances_sorted_by_ranks(covariances, k):
    """The covariances are put in order by ranks, the inverse order; use the same order as for the means."""
    return covariances[np.argsort(k)]


@wrong(step="of_weights", alone=True)
def weights_sorted_by_ranks(weights, k):
    """The weights are put in order by ranks, the inverse order; use the same order as for the means."""
    return weights[np.argsort(k)]


@wrong(step="of_weights", alone=True)
def weights_made_equal(weights, k):
    """The weights come back as 1/K; they must follow their means."""
    return np.full(len(weights), 1 / len(weights))


@wrong(step="of_weights", alone=True)
def weights_sorted_descending(weights, k):
    """The weights are sorted by themselves, the heaviest first; they must follow their means."""
    return np.sort(weights)[::-1]


@wrong()
def order_returned(weights, means, covariances):
    """The order itself came back; the weights, means and covariances in that order are asked for."""
    order = np.argsort(means[:, 0], kind="stable")
    return tuple(order) if len(order) == 3 else order  # three numbers are taken for the three values


def _exchanged(values: FloatArray, by: FloatArray, both: bool) -> FloatArray:
    """Return rows after a bubble sort by the first column of `by`; a row of an array is a view of it."""
    values, by = values.copy(), by.copy()
    for last in range(len(by) - 1, 0, -1):
        for j in range(last):
            if by[j, 0] > by[j + 1, 0]:
                if both:
                    values[[j, j + 1]] = values[[j + 1, j]]
                else:
                    values[j], values[j + 1] = values[j + 1], values[j]
                by[j], by[j + 1] = by[j + 1], by[j]
    return values


@wrong()
def rows_exchanged_as_views(weights, means, covariances):
    """Some rows are there twice: rows of an array are views, so a, b = b, a writes one over the other."""
    views = [_exchanged(values, means, both=False) for values in (means, covariances)]
    return _exchanged(weights, means, both=True), *views


@wrong(about=ALL)
def features_sorted(weights, means, covariances):
    """The features are sorted, by the first component's mean; it is the components, by means[:, 0]."""
    order = np.argsort(means[0])
    return weights, means[:, order], covariances[:, order][:, :, order]


@wrong(step="of_means", alone=True)
def rows_sorted_inside_as_well(means, k):
    """The coordinates within each mean are sorted, too, as np.sort does by default; rows must stay as they
    are.
    """
    return np.sort(means[k], axis=1)


@wrong(about=ALL)
def rows_sorted_inside_first(weights, means, covariances):
    """The coordinates within each mean are sorted first, as np.sort does by default: the smallest then stands
    where the first should.
    """
    means = np.sort(means, axis=1)
    order = np.argsort(means[:, 0])
    return weights[order], means[order], covariances[order]


@wrong(step="order", alone=True, about=ALL)
def order_applied_twice(weights, means, covariances):
    """The order is applied twice; what it has sorted already is mixed up again."""
    order = np.argsort(means[:, 0])
    return order[order]


@wrong(step="order", alone=True, about=ALL)
def rolled_to_the_smallest(weights, means, covariances):
    """The components are moved round until the smallest mean stands first; the others must be sorted, too."""
    return np.roll(np.arange(len(weights)), -int(means[:, 0].argmin()))


@wrong(step="order", alone=True, about=ALL)
def second_coordinate_descending(weights, means, covariances):
    """The components are sorted by the second coordinate, descending; it must be by the first, ascending."""
    return np.argsort(-means[:, min(1, means.shape[1] - 1)])


@wrong(step="order", alone=True, about=ALL)
def last_coordinate_descending(weights, means, covariances):
    """The components are sorted by the last coordinate, descending; it must be by the first, ascending."""
    return np.argsort(-means[:, -1])


@wrong(step="order", alone=True, about=ALL)
def sorted_by_whole_numbers(weights, means, covariances):
    """The first coordinates are cut to whole numbers before they are compared; their digits count."""
    return np.argsort(np.trunc(means[:, 0]), kind="stable")


@wrong(step="order", alone=True, about=ALL)
def sorted_by_rounded_numbers(weights, means, covariances):
    """The first coordinates are rounded before they are compared; their digits count."""
    return np.argsort(np.round(means[:, 0]), kind="stable")


@wrong(step="order", alone=True, about=ALL)
def sorted_as_text(weights, means, covariances):
    """The first coordinates are compared as text, in which 10 stands before 9 and -2 behind -1."""
    return np.array(sorted(range(len(means)), key=lambda k: str(float(means[k, 0]))))


@wrong(step="order", alone=True, about=ALL)
def sorted_by_mean_over_deviation(weights, means, covariances):
    """The components are sorted by mean over deviation; it must be by the first mean alone."""
    return np.argsort(means[:, 0] / np.sqrt(covariances[:, 0, 0]))


@wrong(step="order", alone=True, about=ALL)
def sorted_by_largest_coordinate(weights, means, covariances):
    """The components are sorted by the largest coordinate of each mean; it must be by the first."""
    return np.argsort(means.max(axis=1))


@wrong(step="order", alone=True, about=ALL)
def sorted_by_smallest_coordinate(weights, means, covariances):
    """The components are sorted by the smallest coordinate of each mean; it must be by the first."""
    return np.argsort(means.min(axis=1))


@wrong(step="of_weights", alone=True)
def weights_divided_by_the_largest(weights, k):
    """The weights are divided by the largest of them; they must stay as they are and follow their means."""
    return weights[k] / weights.max()


@wrong(step="of_covariances", alone=True)
def features_of_covariances_reversed(covariances, k):
    """The features of the covariances are in reverse order; it is the components that are sorted."""
    return covariances[k][:, ::-1, ::-1]


@wrong(step="of_covariances", alone=True)
def covariances_sorted_by_variance(covariances, k):
    """The covariances are sorted by themselves, by their first variance; they must follow their means."""
    return covariances[np.argsort(covariances[:, 0, 0])]
