"""What students get wrong in scale.merge_statistics."""

# mypy: allow-untyped-defs
from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from autograder.questions import Catalogue, FloatArray


def _average(N: FloatArray, means: FloatArray, M: FloatArray, other_means: FloatArray) -> FloatArray:
    return means + (M / (N + M))[:, None] * (other_means - means)


def _sum(N: FloatArray, scatters: FloatArray, M: FloatArray, other_scatters: FloatArray) -> FloatArray:
    return scatters + other_scatters


def _outer(z: FloatArray) -> FloatArray:
    """Return z zᵀ of each component, (K, d, d)."""
    return z[:, :, None] * z[:, None, :]


def _factor(N: FloatArray, M: FloatArray) -> FloatArray:
    """Return N M / (N + M) of each component, (K, 1, 1)."""
    return (N * M / (N + M))[:, None, None]


def _weighted_outer(N: FloatArray, M: FloatArray, z: FloatArray) -> FloatArray:
    return _factor(N, M) * _outer(z)


def _step_by_step(
    counts: FloatArray,
    means: FloatArray,
    scatters: FloatArray,
    other_counts: FloatArray,
    other_means: FloatArray,
    other_scatters: FloatArray,
    *,
    joint_means: Callable[..., FloatArray] = _average,
    within: Callable[..., FloatArray] = _sum,
    between: Callable[[FloatArray, FloatArray, FloatArray], FloatArray] = _weighted_outer,
    finish: Callable[[FloatArray, FloatArray], FloatArray] = lambda scatters, counts: scatters,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Merge two blocks; the scatter is that within the blocks and that between their means."""
    within_blocks = within(counts, scatters, other_counts, other_scatters)
    between_means = between(counts, other_counts, means - other_means)
    return (
        counts + other_counts,
        joint_means(counts, means, other_counts, other_means),
        finish(within_blocks + between_means, counts + other_counts),
    )


wrong = Catalogue(see="scale-merge", steps=_step_by_step)


@wrong(step="between")
def scatters_only_added(N, M, z):
    """The scatters are simply added; they are about different means, so a term is missing."""
    return np.zeros((1, 1, 1))


@wrong(step="within")
def scatters_averaged(N, scatters, M, other_scatters):
    """The scatters are averaged by the counts, as covariances would be; they are sums, which add."""
    return (N[:, None, None] * scatters + M[:, None, None] * other_scatters) / (N + M)[:, None, None]


@wrong(step="finish")
def scatters_divided(scatters, counts):
    """The scatters are divided by the count; only sums can be added to those of a further block."""
    return scatters / counts[:, None, None]


@wrong(step="joint_means")
def means_averaged(N, means, M, other_means):
    """The means are averaged with equal weight; the larger block counts more."""
    return (means + other_means) / 2


@wrong(step="joint_means", alone=True)
def means_added(N, means, M, other_means):
    """The means are added; they must be averaged by the counts."""
    return means + other_means


@wrong(step="joint_means")
def means_not_divided(N, means, M, other_means):
    """The sum N m + N' m' must be divided by N + N'."""
    return N[:, None] * means + M[:, None] * other_means


@wrong(step="joint_means", alone=True)
def weights_of_means_swapped(N, means, M, other_means):
    """Each mean is weighted by the count of the other block."""
    return _average(M, means, N, other_means)


@wrong(step="joint_means", alone=True)
def difference_turned(N, means, M, other_means):
    """The mean moves away from the other block: δ is m' - m, not m - m'."""
    return 2 * means - _average(N, means, M, other_means)


@wrong(step="between")
def between_term_unweighted(N, M, z):
    """The term between the means lacks its factor N N' / (N + N')."""
    return _outer(z)


@wrong(step="between")
def between_term_not_divided(N, M, z):
    """The factor of the term between the means is N N' / (N + N'), not N N'."""
    return (N * M)[:, None, None] * _outer(z)


@wrong(step="between")
def between_term_with_sum(N, M, z):
    """The term between the means has the factor N + N'; it is N N' / (N + N')."""
    return (N + M)[:, None, None] * _outer(z)


@wrong(step="between")
def between_term_subtracted(N, M, z):
    """The term between the means is subtracted; it must be added."""
    return -_weighted_outer(N, M, z)


@wrong(step="between", alone=True)
def inner_product(N, M, z):
    """The squares of δ are summed to one number; δ δᵀ is a (d, d) matrix for each component."""
    return _factor(N, M) * np.square(z).sum(axis=1)[:, None, None]


@wrong(step="between", alone=True)
def diagonal_of_the_between_term(N, M, z):
    """Only the squares of δ enter, on the diagonal; δ δᵀ has the products of all pairs."""
    return _weighted_outer(N, M, z) * np.eye(z.shape[1])


@wrong(step="between", alone=True)
def products_over_components(N, M, z):
    """delta.T @ delta adds up all components; each needs a matrix of its own, from its own row of delta."""
    return _factor(N, M) * (z.T @ z)


@wrong(step="between", alone=True)
def new_count_in_the_factor(N, M, z):
    """The term between the means has the factor N'; it is N N' / (N + N'). Has `counts += ...` changed N?"""
    return M[:, None, None] * _outer(z)


@wrong(step="between", alone=True)
def share_of_the_other_in_the_factor(N, M, z):
    """The factor of the term between the means is N' / (N + N'); it is N N' / (N + N')."""
    return (M / (N + M))[:, None, None] * _outer(z)


@wrong(step="between", alone=True)
def share_of_the_first_in_the_factor(N, M, z):
    """The factor of the term between the means is N / (N + N'); it is N N' / (N + N')."""
    return (N / (N + M))[:, None, None] * _outer(z)


@wrong(step="between", alone=True)
def difference_from_the_new_mean(N, M, z):
    """δ is taken from the joint mean; it is the difference of the two old ones."""
    return _weighted_outer(N, M, z * (N / (N + M))[:, None])


@wrong()
def second_moments_cancel(counts, means, scatters, other_counts, other_means, other_scatters):
    """Far from the origin digits are lost: use the difference of the means, no Σ x xᵀ, and float64."""
    joint_counts, joint_means, _ = _step_by_step(
        counts, means, scatters, other_counts, other_means, other_scatters
    )
    moments = scatters + counts[:, None, None] * _outer(means)
    other_moments = other_scatters + other_counts[:, None, None] * _outer(other_means)
    joint_scatters = moments + other_moments - joint_counts[:, None, None] * _outer(joint_means)
    return joint_counts, joint_means, joint_scatters


@wrong(step="between", alone=True)
def empty_block_divides_by_zero(N, M, z):
    """An empty block leaves nan in the scatters, as 0/0 does: it changes nothing, so leave it out."""
    return _weighted_outer(N, M, z) * (M / M)[:, None, None]


@wrong(step="between", alone=True)
def first_count_in_the_factor(N, M, z):
    """The factor is N; it must be N N' / (N + N')."""
    return N[:, None, None] * _outer(z)


@wrong(step="between", alone=True)
def factor_halved(N, M, z):
    """The factor is half of N N' / (N + N')."""
    return _weighted_outer(N, M, z) / 2


@wrong(step="between", alone=True)
def factor_doubled(N, M, z):
    """The factor is twice N N' / (N + N')."""
    return 2 * _weighted_outer(N, M, z)


@wrong(step="between", alone=True)
def factor_squared(N, M, z):
    """The factor is divided by (N + N')² instead of N + N'."""
    return (N * M / (N + M) ** 2)[:, None, None] * _outer(z)


@wrong(step="between", alone=True)
def factor_upside_down(N, M, z):
    """The factor is upside down: it is N N' / (N + N')."""
    upside_down = np.divide(N + M, N * M, out=np.zeros_like(N), where=N * M > 0)  # nothing, or inf, if empty
    return upside_down[:, None, None] * _outer(z)


@wrong(step="between", alone=True)
def about_the_joint_mean_of_one(N, M, z):
    """Only the first block's scatter is moved to the joint mean; the second block's must be, too."""
    return N[:, None, None] * _outer(z * (M / (N + M))[:, None])


@wrong(step="between", alone=True)
def about_the_joint_mean_of_the_other(N, M, z):
    """Only the second block's mean is moved to the joint one; the first block's is, too."""
    return M[:, None, None] * _outer(z * (N / (N + M))[:, None])


@wrong(step="between", alone=True)
def unweighted_about_the_joint_mean(N, M, z):
    """The squares of the ways to the joint mean are added without N and N'."""
    return _outer(z * (M / (N + M))[:, None]) + _outer(z * (N / (N + M))[:, None])


@wrong(step="between", alone=True)
def same_factor_for_all(N, M, z):
    """One factor, of the sums of all counts, is used for every component; each has its own."""
    return N.sum() * M.sum() / (N.sum() + M.sum()) * _outer(z)


@wrong(step="within", alone=True)
def first_scatter_only(N, scatters, M, other_scatters):
    """The scatter of the second block is missing."""
    return scatters


@wrong(step="within", alone=True)
def second_scatter_only(N, scatters, M, other_scatters):
    """The scatter of the first block is missing."""
    return other_scatters


@wrong(step="within", alone=True)
def scatters_halved(N, scatters, M, other_scatters):
    """The scatters within the blocks are averaged with equal weight; they are sums, which add."""
    return (scatters + other_scatters) / 2


@wrong(step="within", alone=True)
def taken_for_covariances(N, scatters, M, other_scatters):
    """The scatters are multiplied by their counts, as covariances would be; they are sums already."""
    return N[:, None, None] * scatters + M[:, None, None] * other_scatters


@wrong(step="joint_means", alone=True)
def one_weight_for_all_means(N, means, M, other_means):
    """The means are weighted by the sums of all counts; each component has its own counts."""
    return (N.sum() * means + M.sum() * other_means) / (N.sum() + M.sum())


@wrong(step="joint_means", alone=True)
def first_means_kept(N, means, M, other_means):
    """The means stay those of the first block."""
    return means


@wrong(step="joint_means", alone=True)
def second_means_kept(N, means, M, other_means):
    """The means become those of the second block."""
    return other_means


@wrong()
def counts_averaged(*blocks):
    """The counts are averaged; they must be added."""
    counts, means, scatters = _step_by_step(*blocks)
    return counts / 2, means, scatters


@wrong()
def counts_of_the_first(*blocks):
    """The counts stay those of the first block; they must be added."""
    _, means, scatters = _step_by_step(*blocks)
    return blocks[0], means, scatters


@wrong()
def counts_normalised(*blocks):
    """The counts are divided by their sum; they must be added as they are."""
    counts, means, scatters = _step_by_step(*blocks)
    return counts / counts.sum(), means, scatters


@wrong()
def empty_first_block_kept(counts, means, scatters, other_counts, other_means, other_scatters):
    """A component of which the first block owns nothing stays empty: take over what the other block has."""
    before = (counts, means, scatters)
    merged = _step_by_step(*before, other_counts, other_means, other_scatters)
    return tuple(
        np.where((counts > 0).reshape(-1, *[1] * (new.ndim - 1)), new, old)
        for old, new in zip(before, merged, strict=True)
    )


@wrong(step="between")
def first_count_updated_before_the_factor(N, M, z):
    """The factor is that of N + N' and N'; it is N N' / (N + N'). Has `counts += ...` changed N before?"""
    return _weighted_outer(N + M, M, z)


@wrong(step="between", alone=True)
def square_of_the_first_in_the_factor(N, M, z):
    """The factor is N² / (N + N'); it is N N' / (N + N')."""
    return (N**2 / (N + M))[:, None, None] * _outer(z)


@wrong(alone=True)
def product_of_the_two_means(counts, means, scatters, other_counts, other_means, other_scatters):
    """The term between the means has m m'ᵀ; it is δ δᵀ, of their difference."""
    between = _factor(counts, other_counts) * means[:, :, None] * other_means[:, None, :]
    return _step_by_step(
        counts, means, scatters, other_counts, other_means, other_scatters, between=lambda N, M, z: between
    )


@wrong(step="between", alone=True)
def square_of_the_other_in_the_factor(N, M, z):
    """The factor is N'² / (N + N'); it is N N' / (N + N')."""
    return (M**2 / (N + M))[:, None, None] * _outer(z)


@wrong(step="between", alone=True)
def inner_product_on_the_diagonal(N, M, z):
    """The sum of the squares of δ stands on the diagonal; δ δᵀ has the product of each pair in its place."""
    return _factor(N, M) * np.square(z).sum(axis=1)[:, None, None] * np.eye(z.shape[1])


@wrong(step="joint_means", alone=True)
def added_to_the_other_mean(N, means, M, other_means):
    """N' / (N + N') δ is added to m'; it is added to m."""
    return other_means + (M / (N + M))[:, None] * (other_means - means)


@wrong(alone=True)
def sum_of_the_means_for_the_difference(counts, means, scatters, *other):
    """δ is the sum of the two means; it is their difference, m' - m."""
    total, weight = counts + other[0], other[0] / (counts + other[0])
    delta = means + other[1]
    within = _sum(counts, scatters, other[0], other[2])
    return total, means + weight[:, None] * delta, within + _weighted_outer(counts, other[0], delta)


@wrong(alone=True)
def empty_first_block_becomes_nan(*blocks):
    """An empty first block leaves nan in the means: its count, 0, divides; N + N' should."""
    counts, means, scatters = _step_by_step(*blocks)
    return counts, np.where((blocks[0] == 0)[:, None], np.nan, means), scatters


@wrong(step="between", alone=True)
def root_of_the_counts_in_the_factor(N, M, z):
    """The factor is √(N N'); it is N N' / (N + N')."""
    return np.sqrt(N * M)[:, None, None] * _outer(z)


@wrong(step="between", alone=True)
def difference_in_every_column(N, M, z):
    """δ stands once in every column of the term between the means; δ δᵀ multiplies it with itself."""
    return -_factor(N, M) * np.repeat(z[:, :, None], z.shape[1], axis=2)


@wrong(step="joint_means", alone=True)
def share_of_the_other_not_divided(N, means, M, other_means):
    """N' δ is added to the mean; it is N' / (N + N') δ."""
    return means + M[:, None] * (other_means - means)


@wrong(step="joint_means", alone=True)
def divided_by_the_first_count(N, means, M, other_means):
    """N' / N δ is added to the mean; it is N' / (N + N') δ."""
    return means + (M / np.where(N > 0, N, 1.0))[:, None] * (other_means - means)


@wrong(step="between", alone=True)
def squares_in_every_row(N, M, z):
    """The squares of δ stand in every row of the term between the means; δ δᵀ multiplies each pair."""
    return _factor(N, M) * np.repeat(np.square(z)[:, None, :], z.shape[1], axis=1)


@wrong(alone=True)
def first_component_merged_only(*blocks):
    """Only the first component is merged: is the return inside the loop?"""
    merged = _step_by_step(*blocks)
    return tuple(np.concatenate([new[:1], old[1:]]) for new, old in zip(merged, blocks[:3], strict=True))


@wrong(alone=True)
def last_component_not_merged(*blocks):
    """The last component stays that of the first block: does the loop end one round too early?"""
    merged = _step_by_step(*blocks)
    return tuple(np.concatenate([new[:-1], old[-1:]]) for new, old in zip(merged, blocks[:3], strict=True))


def _with_total(total, counts, means, scatters, *other):
    """Return the statistics if this were the count of both blocks."""
    delta = other[1] - means
    between = (counts * other[0] / total)[:, None, None] * _outer(delta)
    return total, means + (other[0] / total)[:, None] * delta, scatters + other[2] + between


@wrong(alone=True, about=("counts",))
def counts_multiplied(*blocks):
    """The counts are multiplied; they must be added."""
    return _with_total(blocks[0] * blocks[3], *blocks)


@wrong(alone=True, about=("counts",))
def total_of_the_first(*blocks):
    """The total is the count of the first block alone; it is N + N'."""
    return _with_total(blocks[0], *blocks)


@wrong(alone=True, about=("counts",))
def total_of_the_other(*blocks):
    """The total is the count of the second block alone; it is N + N'."""
    return _with_total(blocks[3], *blocks)


@wrong(alone=True, about=("counts",))
def other_count_twice(*blocks):
    """The total is twice the count of the second block; it is N + N'."""
    return _with_total(2 * blocks[3], *blocks)


def _with_delta(delta, counts, means, scatters, *other):
    """Return the statistics if this were δ."""
    share, between = other[0] / (counts + other[0]), _weighted_outer(counts, other[0], delta)
    return counts + other[0], means + share[:, None] * delta, scatters + other[2] + between


@wrong(alone=True, about=("means", "scatters"))
def other_means_for_the_difference(*blocks):
    """δ is m' alone; it is the difference m' - m."""
    return _with_delta(blocks[4], *blocks)


@wrong(alone=True, about=("means", "scatters"))
def means_for_the_difference(*blocks):
    """δ is m alone; it is the difference m' - m."""
    return _with_delta(blocks[1], *blocks)


@wrong(alone=True, about=("counts", "means", "scatters"))
def all_left_as_it_was_where_one_is_empty(*blocks):
    """Where the other block owns nothing of one component, no component is merged; merge the rest."""
    return blocks[:3] if (blocks[3] == 0).any() else _step_by_step(*blocks)


@wrong(alone=True, about=("counts", "means", "scatters"))
def other_taken_over_where_one_is_empty(*blocks):
    """Where the first block owns nothing of one component, the whole block is left out; merge the rest."""
    return blocks[3:] if (blocks[0] == 0).any() else _step_by_step(*blocks)


def number_added_to_the_denominators(counts, means, scatters, *other, size):
    """A small number is added to N + N' where it divides; it is never 0 here: leave the number out."""
    _, joint_means, joint_scatters = _with_total(counts + other[0] + size, counts, means, scatters, *other)
    return counts + other[0], joint_means, joint_scatters


def number_added_to_the_total(counts, means, scatters, *other, size):
    """A small number is added to N + N'; it is never 0 here: leave the number out."""
    return _with_total(counts + other[0] + size, counts, means, scatters, *other)


for _size in (1.0, 1e-1, 1e-2, 1e-3, 1e-4):
    wrong(alone=True, name=f"{_size:.0e}-added-to-the-denominators", about=("means", "scatters"))(
        partial(number_added_to_the_denominators, size=_size)
    )
    wrong(alone=True, name=f"{_size:.0e}-added-to-the-total", about=("counts",))(
        partial(number_added_to_the_total, size=_size)
    )


@wrong(step="between", alone=True)
def difference_of_the_new_and_the_old_mean(N, M, z):
    """δ is the way from m to the joint mean; it is the difference of the two old means."""
    return _weighted_outer(N, M, z * (M / (N + M))[:, None])


@wrong(alone=True, about=("means",))
def total_of_all_components(*blocks):
    """The sum of all counts divides in each component; it is N + N' of its own."""
    total = (blocks[0] + blocks[3]).sum()
    return blocks[0] + blocks[3], *_with_total(np.full_like(blocks[0], total), *blocks)[1:]


@wrong(step="between", alone=True)
def same_total_for_all(N, M, z):
    """In the factor the sum of all counts divides in each component; it is N + N' of its own."""
    return (N * M / (N + M).sum())[:, None, None] * _outer(z)


@wrong(step="between", alone=True)
def factor_of_the_first_for_all(N, M, z):
    """The factor is that of the first component for all: is an index 0 where it should run?"""
    return _factor(N, M)[:1] * _outer(z)


@wrong(step="between", alone=True)
def factor_of_the_last_for_all(N, M, z):
    """The factor is that of the last component for all: is a name used after its loop?"""
    return _factor(N, M)[-1:] * _outer(z)


@wrong(alone=True)
def second_moments_returned(*blocks):
    """The scatters are the sums of r x xᵀ, about the origin; the joint N m mᵀ must be taken off."""
    counts, means, scatters = _step_by_step(*blocks)
    return counts, means, scatters + counts[:, None, None] * _outer(means)


@wrong(alone=True)
def larger_counts_kept(*blocks):
    """Your counts are the larger one of the two blocks; they must be added."""
    _, means, scatters = _step_by_step(*blocks)
    return np.maximum(blocks[0], blocks[3]), means, scatters


@wrong(step="between", alone=True)
def roots_of_the_products(N, M, z):
    """The products of δ stand in the term between the means as roots, without their signs; it is δ δᵀ."""
    return _factor(N, M) * np.sqrt(np.abs(_outer(z)))
