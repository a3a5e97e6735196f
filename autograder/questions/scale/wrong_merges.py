"""What students get wrong in scale.merge_statistics."""

# mypy: allow-untyped-defs
from __future__ import annotations

from collections.abc import Callable

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
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Merge two blocks; the scatter is that within the blocks and that between their means."""
    return (
        counts + other_counts,
        joint_means(counts, means, other_counts, other_means),
        within(counts, scatters, other_counts, other_scatters)
        + between(counts, other_counts, means - other_means),
    )


wrong = Catalogue(see="scale-merge", steps=_step_by_step)


@wrong(step="between", alone=True)
def scatters_only_added(N, M, z):
    """The scatters are simply added; they are about different means, so a term is missing."""
    return np.zeros((1, 1, 1))


@wrong(step="within", alone=True)
def scatters_averaged(N, scatters, M, other_scatters):
    """The scatters are averaged by the counts, as covariances would be; they are sums, which add."""
    return (N[:, None, None] * scatters + M[:, None, None] * other_scatters) / (N + M)[:, None, None]


@wrong()
def scatters_divided(*blocks):
    """The scatters are divided by the count; only sums can be added to those of a further block."""
    counts, means, scatters = _step_by_step(*blocks)
    return counts, means, scatters / counts[:, None, None]


@wrong(step="joint_means", alone=True)
def means_averaged(N, means, M, other_means):
    """The means are averaged with equal weight; the larger block counts more."""
    return (means + other_means) / 2


@wrong(step="joint_means", alone=True)
def means_added(N, means, M, other_means):
    """The means are added; they must be averaged by the counts."""
    return means + other_means


@wrong(step="joint_means", alone=True)
def means_not_divided(N, means, M, other_means):
    """The sum N_1 x̄ + N_2 ȳ must be divided by N_1 + N_2."""
    return N[:, None] * means + M[:, None] * other_means


@wrong(step="joint_means", alone=True)
def weights_of_means_swapped(N, means, M, other_means):
    """Each mean is weighted by the count of the other block."""
    return _average(M, means, N, other_means)


@wrong(step="joint_means", alone=True)
def difference_turned(N, means, M, other_means):
    """The mean moves away from the other block: z is ȳ - x̄, not x̄ - ȳ."""
    return 2 * means - _average(N, means, M, other_means)


@wrong(step="between", alone=True)
def between_term_unweighted(N, M, z):
    """The term between the means lacks its factor N M / (N + M)."""
    return _outer(z)


@wrong(step="between", alone=True)
def between_term_not_divided(N, M, z):
    """The factor of the term between the means is N M / (N + M), not N M."""
    return (N * M)[:, None, None] * _outer(z)


@wrong(step="between", alone=True)
def between_term_with_sum(N, M, z):
    """The term between the means has the factor N + M; it is N M / (N + M)."""
    return (N + M)[:, None, None] * _outer(z)


@wrong(step="between", alone=True)
def between_term_subtracted(N, M, z):
    """The term between the means is subtracted; it must be added."""
    return -_weighted_outer(N, M, z)


@wrong(step="between", alone=True)
def inner_product(N, M, z):
    """The squares of z are summed to one number; z zᵀ is a (d, d) matrix for each component."""
    return _factor(N, M) * np.square(z).sum(axis=1)[:, None, None]


@wrong(step="between", alone=True)
def diagonal_of_the_between_term(N, M, z):
    """Only the squares of z enter, on the diagonal; z zᵀ has the products of all pairs."""
    return _weighted_outer(N, M, z) * np.eye(z.shape[1])


@wrong(step="between", alone=True)
def products_over_components(N, M, z):
    """z.T @ z adds up all components; each needs a matrix of its own, from its own row of z."""
    return _factor(N, M) * (z.T @ z)


@wrong(step="between", alone=True)
def new_count_in_the_factor(N, M, z):
    """The factor holds the new count: `counts += ...` has changed N_1 before it was used."""
    return M[:, None, None] * _outer(z)


@wrong(step="between", alone=True)
def difference_from_the_new_mean(N, M, z):
    """z is taken from the joint mean; it is the difference of the two old ones."""
    return _weighted_outer(N, M, z * (N / (N + M))[:, None])


@wrong()
def second_moments_cancel(counts, means, scatters, other_counts, other_means, other_scatters):
    """Going through Σ x xᵀ loses all digits far from the origin: use the difference of the means."""
    joint_counts, joint_means, _ = _step_by_step(
        counts, means, scatters, other_counts, other_means, other_scatters
    )
    moments = scatters + counts[:, None, None] * _outer(means)
    other_moments = other_scatters + other_counts[:, None, None] * _outer(other_means)
    joint_scatters = moments + other_moments - joint_counts[:, None, None] * _outer(joint_means)
    return joint_counts, joint_means, joint_scatters


@wrong(step="between", alone=True)
def empty_block_divides_by_zero(N, M, z):
    """An empty block gives 0/0, which is nan: leave it out."""
    return _weighted_outer(N, M, z) * (M / M)[:, None, None]
