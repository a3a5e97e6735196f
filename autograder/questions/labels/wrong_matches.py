"""What students get wrong in labels.match_components."""

# mypy: allow-untyped-defs
from __future__ import annotations

from collections.abc import Callable
from itertools import combinations, permutations

import numpy as np

from autograder.questions import Array, Catalogue, FloatArray
from gmmlib import labels  # not its function by name: while a check runs, a student's stands in for that
from gmmlib.mixture import Mixture


def distances(
    means: FloatArray, covariances: FloatArray, other_means: FloatArray, other_covariances: FloatArray
) -> FloatArray:
    """Return the distance of each component of one fit to each of the other, (K, K)."""
    share = np.full(len(means), 1.0 / len(means))
    return labels.bhattacharyya(
        Mixture(share, means, covariances), Mixture(share, other_means, other_covariances)
    )


def all_matchings(cost: FloatArray) -> tuple[Array, FloatArray]:
    """Return all permutations, (K!, K), and the summed cost of each; K <= 5."""
    orders = np.array(list(permutations(range(len(cost)))))
    return orders, cost[np.arange(len(cost)), orders].sum(axis=1)


def cheapest(cost: FloatArray) -> Array:
    """Return the permutation of the smallest summed cost, (K,)."""
    orders, totals = all_matchings(cost)
    return np.asarray(orders[totals.argmin()])


def _who_is_who(cost: FloatArray, matching: Array) -> Array:
    return matching


def step_by_step(
    means: FloatArray,
    covariances: FloatArray,
    other_means: FloatArray,
    other_covariances: FloatArray,
    *,
    cost: Callable[..., FloatArray] = distances,
    matching: Callable[[FloatArray], Array] = cheapest,
    answer: Callable[[FloatArray, Array], Array] = _who_is_who,
) -> Array:
    """Match by a table of costs, (K, K): which matching it gives, and what of it is returned."""
    table = cost(means, covariances, other_means, other_covariances)
    return answer(table, matching(table))


wrong = Catalogue(see="labels-matching", steps=step_by_step)


@wrong(step="cost")
def means_only(means, covariances, other_means, other_covariances):
    """Only the means are compared; shapes count too, and units must not."""
    return np.square(means[:, None] - other_means[None]).sum(axis=2)


@wrong(step="cost")
def distances_of_the_means_only(means, covariances, other_means, other_covariances):
    """Only the means are compared, by their distances; shapes count too, and units must not."""
    return np.linalg.norm(means[:, None] - other_means[None], axis=2)


@wrong(step="cost")
def places_only(means, covariances, other_means, other_covariances):
    """Your matching is that of the means alone, in units of the mean covariance: the term of the shapes is
    missing, or the factor 1/8 of the other one.
    """
    middles = (covariances[:, None] + other_covariances) / 2
    z = means[:, None] - other_means
    return np.einsum("kji,kji->kj", z, np.linalg.solve(middles, z[..., None])[..., 0])


@wrong(step="cost", alone=True)
def kullback_leibler(means, covariances, other_means, other_covariances):
    """The Kullback-Leibler divergences are summed; the Bhattacharyya distance treats both fits alike."""
    z = means[:, None] - other_means
    traces = np.einsum("jab,kba->kj", np.linalg.inv(other_covariances), covariances)
    squared = np.einsum("kja,jab,kjb->kj", z, np.linalg.inv(other_covariances), z)
    volumes = np.linalg.slogdet(other_covariances)[1] - np.linalg.slogdet(covariances)[1][:, None]
    return (traces + squared + volumes) / 2


@wrong(step="answer", alone=True)
def rows_and_columns_returned(cost, matching):
    """Two lists of positions came back, as from linear_sum_assignment; return the second alone."""
    return np.stack([np.arange(len(matching)), matching])


@wrong(step="answer", alone=True)
def one_hot_returned(cost, matching):
    """A table with a 1 for each pair came back; the positions of the partners are asked for."""
    return np.eye(len(matching))[matching]


@wrong(step="answer", alone=True)
def pairs_returned(cost, matching):
    """Pairs of positions came back; only the second of each pair is asked for, in the order of the first."""
    return np.column_stack([np.arange(len(matching)), matching])


@wrong(step="matching")
def greedy(cost):
    """Each component takes the nearest that is left; the *sum* must be smallest."""
    taken: list[int] = []
    for row in cost:
        free = [j for j in range(len(cost)) if j not in taken]
        taken.append(min(free, key=lambda j: row[j]))
    return np.array(taken)


@wrong(step="matching")
def nearest_twice(cost):
    """Each component takes the nearest one, so that some are taken twice."""
    return cost.argmin(axis=1)


@wrong(step="cost", alone=True)
def squares_summed(means, covariances, other_means, other_covariances):
    """Your matching has the smallest sum of squares, or of other powers; that of the distances counts."""
    return np.square(distances(means, covariances, other_means, other_covariances))


@wrong(step="cost", alone=True)
def roots_summed(means, covariances, other_means, other_covariances):
    """Your matching has the smallest sum of roots; it is the sum of the distances themselves that counts."""
    return np.sqrt(np.maximum(distances(means, covariances, other_means, other_covariances), 0.0))


@wrong(step="cost", alone=True)
def coefficients_summed(means, covariances, other_means, other_covariances):
    """Your matching is that of the largest coefficients exp(-D), or of squared Hellinger distances; the sum
    of the distances D themselves must be smallest.
    """
    return -np.exp(-distances(means, covariances, other_means, other_covariances))


def _places(means: FloatArray, covariances: FloatArray, other_means: FloatArray, D: FloatArray) -> FloatArray:
    """Return the term of the means in each distance, (K, K)."""
    return places_only(means, covariances, other_means, D) / 8


@wrong(step="cost", alone=True)
def smallest_coefficients_summed(means, covariances, other_means, other_covariances):
    """Your matching has the smallest sum of coefficients exp(-D); those are largest for near components."""
    return np.exp(-distances(means, covariances, other_means, other_covariances))


@wrong(step="cost", alone=True)
def places_doubled(means, covariances, other_means, other_covariances):
    """Your matching is that of a distance whose term of the means is twice as large: its factor is 1/8."""
    given = means, covariances, other_means, other_covariances
    return distances(*given) + _places(*given)


@wrong(step="cost", alone=True)
def shapes_doubled(means, covariances, other_means, other_covariances):
    """Your matching is that of a distance whose term of the shapes is twice as large: its factor is 1/2."""
    given = means, covariances, other_means, other_covariances
    return 2 * distances(*given) - _places(*given)


@wrong(step="matching", alone=True)
def exchanged_in_pairs(cost):
    """Two are exchanged as long as the sum falls, which may end too early: try all permutations."""
    best = np.arange(len(cost))
    pairs = np.array(list(combinations(best, 2)))
    while True:
        tried = np.repeat(best[None], len(pairs), axis=0)
        tried[np.arange(len(pairs))[:, None], pairs] = best[pairs[:, ::-1]]
        sums = cost[np.arange(len(cost)), np.vstack([best, tried])].sum(axis=1)
        if sums.argmin() == 0:
            return best
        best = tried[sums.argmin() - 1]


@wrong(step="matching", alone=True)
def worst_pair_minimised(cost):
    """The largest of the distances is made as small as possible; it is their sum that counts."""
    orders, _ = all_matchings(cost)
    return orders[cost[np.arange(len(cost)), orders].max(axis=1).argmin()]


@wrong(step="answer")
def inverse_permutation(cost, matching):
    """The answer is the other way round: entry k must say which of the others component k is."""
    return np.argsort(matching)


@wrong()
def sorted_by_first_feature(means, covariances, other_means, other_covariances):
    """Both fits are sorted by their first feature; close or crossing components get mixed up."""
    ranks = np.argsort(np.argsort(means[:, 0]))
    return np.argsort(other_means[:, 0])[ranks]


@wrong()
def order_kept(means, covariances, other_means, other_covariances):
    """Your answer is 0, 1, … whatever the fits are: does the sum depend on who is matched with whom? Of the
    two arrays that linear_sum_assignment returns, the second tells the partners.
    """
    return np.arange(len(means))


@wrong(step="matching")
def largest_distance(cost):
    """The summed distance is made as large as possible."""
    return cheapest(-cost)


@wrong(step="matching", alone=True)
def nearest_pair_first(cost):
    """Your matching takes the nearest pair first, then the next that is left; the *sum* must be smallest."""
    cost = cost.copy()
    matching = np.zeros(len(cost), dtype=int)
    for _ in range(len(cost)):
        i, j = np.unravel_index(np.argmin(cost), cost.shape)
        matching[i] = j
        cost[i, :] = cost[:, j] = np.inf
    return matching


@wrong(step="matching", alone=True)
def greedy_from_the_other_side(cost):
    """Each component of the other fit takes the nearest that is left; the *sum* must be smallest."""
    taken: list[int] = []
    for column in cost.T:
        free = [i for i in range(len(cost)) if i not in taken]
        taken.append(min(free, key=lambda i: column[i]))
    return np.argsort(taken)


@wrong(step="matching", alone=True)
def nearest_from_the_other_side(cost):
    """For each component of the other fit the nearest is given, so that some occur twice."""
    return cost.argmin(axis=0)


@wrong(step="cost")
def shapes_only(means, covariances, other_means, other_covariances):
    """Only the covariances are compared; the means count, too."""
    return distances(0 * means, covariances, 0 * other_means, other_covariances)


@wrong()
def sorted_by_last_feature(means, covariances, other_means, other_covariances):
    """Both fits are sorted by their last feature; close or crossing components get mixed up."""
    return np.argsort(other_means[:, -1])[np.argsort(np.argsort(means[:, -1]))]


@wrong(step="matching", alone=True)
def farthest(cost):
    """Each component takes the farthest one; the summed distance must be smallest."""
    return cost.argmax(axis=1)


@wrong(step="answer")
def counting_from_one(cost, matching):
    """The positions count from 1; Python counts from 0."""
    return matching + 1


@wrong(step="answer", alone=True)
def table_of_distances(cost, matching):
    """The table of distances is returned; the matching with the smallest sum is asked for."""
    return cost


@wrong(step="answer", alone=True)
def smallest_sum_returned(cost, matching):
    """The smallest sum itself is returned; the matching that has it is asked for."""
    return all_matchings(cost)[1].min()


@wrong(step="answer", alone=True)
def distances_of_the_pairs(cost, matching):
    """The distances of the matched pairs are returned; their positions are asked for."""
    return cost[np.arange(len(cost)), matching]


@wrong()
def order_turned_round(means, covariances, other_means, other_covariances):
    """The components are taken in reverse."""
    return np.arange(len(means))[::-1]


@wrong(step="cost", alone=True)
def covariances_of_the_first_fit_for_both(means, covariances, other_means, other_covariances):
    """The means of the other fit are taken with the covariances of the first; each mean has its own."""
    return distances(means, covariances, other_means, covariances)


@wrong(step="matching", alone=True)
def product_minimised(cost):
    """The product of the distances is made as small as possible; it is their sum that counts."""
    orders, _ = all_matchings(cost)
    return orders[cost[np.arange(len(cost)), orders].prod(axis=1).argmin()]


@wrong(step="cost", alone=True)
def squared_distances_by_the_first(means, covariances, other_means, other_covariances):
    """Only the means are compared, in units of the first fit's covariance: these are squared Mahalanobis
    distances.
    """
    z = means[:, None] - other_means
    return np.einsum("kji,kji->kj", z, np.linalg.solve(covariances[:, None], z[..., None])[..., 0])


@wrong(step="cost", alone=True)
def hellinger_distances_summed(means, covariances, other_means, other_covariances):
    """Your matching is that of the Hellinger distances, √(1 - exp(-D)); the sum of the distances D themselves
    must be smallest.
    """
    given = means, covariances, other_means, other_covariances
    return np.sqrt(np.maximum(-np.expm1(-distances(*given)), 0.0))


@wrong(step="cost", alone=True)
def kullback_leibler_both_ways(means, covariances, other_means, other_covariances):
    """The Kullback-Leibler divergences of both directions are summed; the Bhattacharyya distance measures by
    the mean covariance.
    """
    one, other = (means, covariances), (other_means, other_covariances)
    return kullback_leibler(*one, *other) + kullback_leibler(*other, *one).T


@wrong()
def other_fit_sorted_by_first_feature(means, covariances, other_means, other_covariances):
    """Your answer is the other fit sorted by its first feature, whatever the first fit is."""
    return np.argsort(other_means[:, 0])


@wrong(step="matching", alone=True)
def greedy_from_the_last(cost):
    """From the last component on, each takes the nearest that is left; the *sum* must be smallest."""
    return (len(cost) - 1 - greedy(cost[::-1, ::-1]))[::-1]


@wrong(step="matching", alone=True)
def last_component_without_a_say(cost):
    """The last component has no say in the sum: range(K) ends at K - 1 already."""
    orders, _ = all_matchings(cost)
    rows = np.arange(len(cost) - 1)
    return orders[cost[rows, orders[:, :-1]].sum(axis=1).argmin()]


@wrong(step="matching", alone=True)
def first_component_without_a_say(cost):
    """The first component has no say in the sum: does it begin at 1?"""
    orders, _ = all_matchings(cost)
    return orders[cost[np.arange(1, len(cost)), orders[:, 1:]].sum(axis=1).argmin()]


@wrong(step="cost", alone=True)
def kullback_leibler_from_the_other(means, covariances, other_means, other_covariances):
    """The Kullback-Leibler divergences are summed; the Bhattacharyya distance treats both fits alike."""
    return kullback_leibler(other_means, other_covariances, means, covariances).T


@wrong(step="cost", alone=True)
def squared_distances_by_the_other(means, covariances, other_means, other_covariances):
    """Only the means are compared, in units of the other fit's covariance: these are squared Mahalanobis
    distances.
    """
    return squared_distances_by_the_first(other_means, other_covariances, means, covariances).T


@wrong(step="cost", alone=True)
def variances_alone(means, covariances, other_means, other_covariances):
    """Only the variances count, the diagonals of the covariances; all of a covariance does."""
    diagonal = np.eye(means.shape[1])
    return distances(means, covariances * diagonal, other_means, other_covariances * diagonal)


@wrong()
def sorted_by_length(means, covariances, other_means, other_covariances):
    """Both fits are sorted by the length of their means; close or crossing components get mixed up."""
    ranks = np.argsort(np.argsort(np.linalg.norm(means, axis=1)))
    return np.argsort(np.linalg.norm(other_means, axis=1))[ranks]


@wrong(alone=True)
def means_of_the_partners(means, covariances, other_means, other_covariances):
    """The means of the partners came back; their positions are asked for."""
    return other_means[step_by_step(means, covariances, other_means, other_covariances)]


@wrong(step="answer", alone=True)
def inverse_counting_from_one(cost, matching):
    """The answer is the other way round, and counts from 1: entry k must say which of the others component k
    is, and Python counts from 0.
    """
    return np.argsort(matching) + 1


@wrong(step="matching", alone=True)
def best_of_the_cyclic_orders(cost):
    """Only the orders that begin somewhere and go round are tried, as np.roll gives them; try all."""
    orders = np.array([np.roll(np.arange(len(cost)), shift) for shift in range(len(cost))])
    return orders[cost[np.arange(len(cost)), orders].sum(axis=1).argmin()]


@wrong(step="matching", alone=True)
def one_each_of_the_neighbours_exchanged(cost):
    """Neighbours are exchanged where that lowers the sum, once; try all permutations."""
    matching = list(range(len(cost)))
    for k in range(len(cost) - 1):
        i, j = matching[k], matching[k + 1]
        if cost[k, j] + cost[k + 1, i] < cost[k, i] + cost[k + 1, j]:
            matching[k], matching[k + 1] = j, i
    return np.array(matching)


@wrong(alone=True)
def digits_lost_far_away(means, covariances, other_means, other_covariances):
    """Ten million away from the origin your matching is wrong, as in float32: compute in float64, and
    subtract the means first.
    """
    single = (values.astype(np.float32) for values in (means, covariances, other_means, other_covariances))
    return step_by_step(*(values.astype(np.float64) for values in single))
