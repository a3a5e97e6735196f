"""What students get wrong in labels.match_components."""

# mypy: allow-untyped-defs
from __future__ import annotations

from itertools import permutations

import numpy as np

from autograder.questions import Array, Catalogue, FloatArray
from gmmlib.labels import bhattacharyya
from gmmlib.mixture import Mixture


def distances(
    means: FloatArray, covariances: FloatArray, other_means: FloatArray, other_covariances: FloatArray
) -> FloatArray:
    """Return the distance of each component of one fit to each of the other, (K, K)."""
    share = np.full(len(means), 1.0 / len(means))
    return bhattacharyya(Mixture(share, means, covariances), Mixture(share, other_means, other_covariances))


def all_matchings(cost: FloatArray) -> tuple[Array, FloatArray]:
    """Return all permutations, (K!, K), and the summed cost of each; K <= 5."""
    orders = np.array(list(permutations(range(len(cost)))))
    return orders, cost[np.arange(len(cost)), orders].sum(axis=1)


def cheapest(cost: FloatArray) -> Array:
    """Return the permutation of the smallest summed cost, (K,)."""
    orders, totals = all_matchings(cost)
    return np.asarray(orders[totals.argmin()])


wrong = Catalogue(see="labels-matching")


@wrong()
def means_only(means, covariances, other_means, other_covariances):
    """Only the means are compared; shapes count too, and units must not."""
    return cheapest(np.square(means[:, None] - other_means[None]).sum(axis=2))


@wrong()
def greedy(*fits):
    """Each component takes the nearest that is left; the *sum* must be smallest."""
    cost = distances(*fits)
    taken = []
    for row in cost:
        free = [j for j in range(len(cost)) if j not in taken]
        taken.append(min(free, key=lambda j: row[j]))
    return np.array(taken)


@wrong()
def nearest_twice(*fits):
    """Each component takes the nearest one, so that some are taken twice."""
    return distances(*fits).argmin(axis=1)


@wrong()
def squares_summed(*fits):
    """The squares of the distances are summed; it is the distances themselves whose sum is smallest."""
    return cheapest(np.square(distances(*fits)))


@wrong()
def worst_pair_minimised(*fits):
    """The largest of the distances is made as small as possible; it is their sum that counts."""
    cost = distances(*fits)
    orders, _ = all_matchings(cost)
    return orders[cost[np.arange(len(cost)), orders].max(axis=1).argmin()]


@wrong()
def inverse_permutation(*fits):
    """The answer is the other way round: entry k must say which of the others component k is."""
    return np.argsort(cheapest(distances(*fits)))


@wrong()
def sorted_by_first_feature(means, covariances, other_means, other_covariances):
    """Both fits are sorted by their first feature; close or crossing components get mixed up."""
    ranks = np.argsort(np.argsort(means[:, 0]))
    return np.argsort(other_means[:, 0])[ranks]


@wrong()
def order_kept(means, covariances, other_means, other_covariances):
    """The components are taken in the order in which they come."""
    return np.arange(len(means))


@wrong()
def largest_distance(*fits):
    """The summed distance is made as large as possible."""
    return cheapest(-distances(*fits))


@wrong()
def nearest_pair_first(*fits):
    """Your matching takes the nearest pair first, then the next that is left; the *sum* must be smallest."""
    cost = distances(*fits)
    matching = np.zeros(len(cost))
    for _ in range(len(cost)):
        i, j = np.unravel_index(np.argmin(cost), cost.shape)
        matching[i] = j
        cost[i, :] = cost[:, j] = np.inf
    return matching


@wrong()
def greedy_from_the_other_side(*fits):
    """Each component of the other fit takes the nearest that is left; the *sum* must be smallest."""
    cost = distances(*fits)
    taken: list[int] = []
    for column in cost.T:
        free = [i for i in range(len(cost)) if i not in taken]
        taken.append(min(free, key=lambda i: column[i]))
    return np.argsort(taken)


@wrong()
def nearest_from_the_other_side(*fits):
    """For each component of the other fit the nearest is given, so that some occur twice."""
    return distances(*fits).argmin(axis=0)


@wrong()
def shapes_only(means, covariances, other_means, other_covariances):
    """Only the covariances are compared; the means count, too."""
    return cheapest(distances(0 * means, covariances, 0 * other_means, other_covariances))


@wrong()
def sorted_by_last_feature(means, covariances, other_means, other_covariances):
    """Both fits are sorted by their last feature; close or crossing components get mixed up."""
    return np.argsort(other_means[:, -1])[np.argsort(np.argsort(means[:, -1]))]


@wrong()
def farthest(*fits):
    """Each component takes the farthest one; the summed distance must be smallest."""
    return distances(*fits).argmax(axis=1)


@wrong()
def counting_from_one(*fits):
    """The positions count from 1; Python counts from 0."""
    return cheapest(distances(*fits)) + 1


@wrong()
def table_of_distances(*fits):
    """The table of distances is returned; the matching with the smallest sum is asked for."""
    return distances(*fits)


@wrong()
def smallest_sum_returned(*fits):
    """The smallest sum itself is returned; the matching that has it is asked for."""
    return all_matchings(distances(*fits))[1].min()


@wrong()
def distances_of_the_pairs(*fits):
    """The distances of the matched pairs are returned; their positions are asked for."""
    cost = distances(*fits)
    return cost[np.arange(len(cost)), cheapest(cost)]


@wrong()
def order_turned_round(means, covariances, other_means, other_covariances):
    """The components are taken in reverse."""
    return np.arange(len(means))[::-1]
