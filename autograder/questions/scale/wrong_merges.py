"""What students get wrong in scale.merge_statistics."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.questions import Catalogue, FloatArray
from autograder.questions.scale.merge_statistics import reference  # ?? shared
from autograder.questions.scale_statistics import RETURNS, Numbers


def _between(N: FloatArray, m: FloatArray, M: FloatArray, o: FloatArray) -> FloatArray:
    """N M / (N + M) (m - o)(m - o)ᵀ of each component."""
    z = m - o
    share = np.divide(N * M, N + M, out=np.zeros_like(N), where=N + M > 0)
    return np.asarray(share[:, None, None] * z[:, :, None] * z[:, None, :])


def _average(N: FloatArray, S: FloatArray, M: FloatArray, T: FloatArray) -> FloatArray:
    return np.asarray((N[:, None, None] * S + M[:, None, None] * T) / (N + M)[:, None, None])


def _joint_means(N: FloatArray, m: FloatArray, M: FloatArray, o: FloatArray) -> FloatArray:
    return m + (M / (N + M))[:, None] * (o - m)


def _through_moments(
    N: FloatArray, m: FloatArray, S: FloatArray, M: FloatArray, o: FloatArray, T: FloatArray
) -> FloatArray:
    def outer(count: FloatArray, mean: FloatArray) -> FloatArray:
        return np.asarray(count[:, None, None] * mean[:, :, None] * mean[:, None, :])

    return S + outer(N, m) + T + outer(M, o) - outer(N + M, _joint_means(N, m, M, o))


def _right_but(**parts: Callable[..., FloatArray]) -> Callable[..., Numbers]:
    """The right sum, but for the parts given: each is made from the six arguments."""

    def wrong(*arguments: FloatArray) -> Numbers:
        right = dict(zip(RETURNS, reference(*arguments), strict=True))
        changed = {name: part(*arguments) for name, part in parts.items()}
        return tuple((right | changed)[name] for name in RETURNS)  # type: ignore[return-value]

    return wrong


def _with_between(between: Callable[..., FloatArray]) -> Callable[..., Numbers]:
    """The right sum with another term between the means, made from the counts and the difference z."""
    return _right_but(scatters=lambda N, m, S, M, o, T: S + T + between(N, M, m - o))


def _outer(z: FloatArray) -> FloatArray:
    return z[:, :, None] * z[:, None, :]


def _factor(N: FloatArray, M: FloatArray) -> FloatArray:
    return (N * M / (N + M))[:, None, None]


wrong = Catalogue(see="scale-merge")


@wrong()
def scatters_only_added(counts, means, scatters, other_counts, other_means, other_scatters):
    """The scatters are simply added; they are about different means, so a term is missing."""
    return _right_but(scatters=lambda N, m, S, M, o, T: S + T)(
        counts, means, scatters, other_counts, other_means, other_scatters
    )  # ??


@wrong()
def scatters_averaged(counts, means, scatters, other_counts, other_means, other_scatters):
    """The scatters are averaged by the counts, as covariances would be; they are sums, which add."""
    return _right_but(scatters=lambda N, m, S, M, o, T: _average(N, S, M, T) + _between(N, m, M, o))(
        counts, means, scatters, other_counts, other_means, other_scatters
    )  # ??


@wrong()
def scatters_divided(counts, means, scatters, other_counts, other_means, other_scatters):
    """The scatters are divided by the count; only sums can be added to those of a further block."""
    return _right_but(
        scatters=lambda N, m, S, M, o, T: (S + T + _between(N, m, M, o)) / (N + M)[:, None, None]
    )(counts, means, scatters, other_counts, other_means, other_scatters)  # ??


@wrong()
def means_averaged(counts, means, scatters, other_counts, other_means, other_scatters):
    """The means are averaged with equal weight; the larger block counts more."""
    return _right_but(means=lambda N, m, S, M, o, T: (m + o) / 2)(
        counts, means, scatters, other_counts, other_means, other_scatters
    )  # ??


@wrong()
def means_added(counts, means, scatters, other_counts, other_means, other_scatters):
    """The means are added; they must be averaged by the counts."""
    return _right_but(means=lambda N, m, S, M, o, T: m + o)(
        counts, means, scatters, other_counts, other_means, other_scatters
    )  # ??


@wrong()
def means_not_divided(counts, means, scatters, other_counts, other_means, other_scatters):
    """The sum N_1 x̄ + N_2 ȳ must be divided by N_1 + N_2."""
    return _right_but(means=lambda N, m, S, M, o, T: N[:, None] * m + M[:, None] * o)(
        counts, means, scatters, other_counts, other_means, other_scatters
    )  # ??


@wrong()
def weights_of_means_swapped(counts, means, scatters, other_counts, other_means, other_scatters):
    """Each mean is weighted by the count of the other block."""
    return _right_but(means=lambda N, m, S, M, o, T: _joint_means(M, m, N, o))(
        counts, means, scatters, other_counts, other_means, other_scatters
    )  # ??


@wrong()
def difference_turned(counts, means, scatters, other_counts, other_means, other_scatters):
    """The mean moves away from the other block: z is ȳ - x̄, not x̄ - ȳ."""
    return _right_but(means=lambda N, m, S, M, o, T: 2 * m - _joint_means(N, m, M, o))(
        counts, means, scatters, other_counts, other_means, other_scatters
    )  # ??


@wrong()
def between_term_unweighted(counts, means, scatters, other_counts, other_means, other_scatters):
    """The term between the means lacks its factor N M / (N + M)."""
    return _with_between(lambda N, M, z: _outer(z))(
        counts, means, scatters, other_counts, other_means, other_scatters
    )  # ??


@wrong()
def between_term_not_divided(counts, means, scatters, other_counts, other_means, other_scatters):
    """The factor of the term between the means is N M / (N + M), not N M."""
    return _with_between(lambda N, M, z: (N * M)[:, None, None] * _outer(z))(
        counts, means, scatters, other_counts, other_means, other_scatters
    )  # ??


@wrong()
def between_term_with_sum(counts, means, scatters, other_counts, other_means, other_scatters):
    """The term between the means has the factor N + M; it is N M / (N + M)."""
    return _with_between(lambda N, M, z: (N + M)[:, None, None] * _outer(z))(
        counts, means, scatters, other_counts, other_means, other_scatters
    )  # ??


@wrong()
def between_term_subtracted(counts, means, scatters, other_counts, other_means, other_scatters):
    """The term between the means is subtracted; it must be added."""
    return _with_between(lambda N, M, z: -_factor(N, M) * _outer(z))(
        counts, means, scatters, other_counts, other_means, other_scatters
    )  # ??


@wrong()
def inner_product(counts, means, scatters, other_counts, other_means, other_scatters):
    """The squares of z are summed to one number; z zᵀ is a (d, d) matrix for each component."""
    return _with_between(lambda N, M, z: _factor(N, M) * (z**2).sum(axis=1)[:, None, None])(
        counts, means, scatters, other_counts, other_means, other_scatters
    )  # ??


@wrong()
def diagonal_of_the_between_term(counts, means, scatters, other_counts, other_means, other_scatters):
    """Only the squares of z enter, on the diagonal; z zᵀ has the products of all pairs."""
    return _with_between(lambda N, M, z: _factor(N, M) * _outer(z) * np.eye(z.shape[1]))(
        counts, means, scatters, other_counts, other_means, other_scatters
    )  # ??


@wrong()
def products_over_components(counts, means, scatters, other_counts, other_means, other_scatters):
    """z.T @ z adds up all components; each needs a matrix of its own, from its own row of z."""
    return _with_between(lambda N, M, z: _factor(N, M) * (z.T @ z))(
        counts, means, scatters, other_counts, other_means, other_scatters
    )  # ??


@wrong()
def new_count_in_the_factor(counts, means, scatters, other_counts, other_means, other_scatters):
    """The factor holds the new count: `counts += ...` has changed N_1 before it was used."""
    return _with_between(lambda N, M, z: M[:, None, None] * _outer(z))(
        counts, means, scatters, other_counts, other_means, other_scatters
    )  # ??


@wrong()
def difference_from_the_new_mean(counts, means, scatters, other_counts, other_means, other_scatters):
    """z is taken from the joint mean; it is the difference of the two old ones."""
    return _with_between(lambda N, M, z: _factor(N, M) * _outer(z * (N / (N + M))[:, None]))(
        counts, means, scatters, other_counts, other_means, other_scatters
    )  # ??


@wrong()
def second_moments_cancel(counts, means, scatters, other_counts, other_means, other_scatters):
    """Going through Σ x xᵀ loses all digits far from the origin: use the difference of the means."""
    return _right_but(scatters=_through_moments)(
        counts, means, scatters, other_counts, other_means, other_scatters
    )  # ??


@wrong()
def empty_block_divides_by_zero(counts, means, scatters, other_counts, other_means, other_scatters):
    """An empty block gives 0/0, which is nan: leave it out."""
    return _with_between(lambda N, M, z: (N * M / (N + M) * M / M)[:, None, None] * _outer(z))(
        counts, means, scatters, other_counts, other_means, other_scatters
    )  # ??
