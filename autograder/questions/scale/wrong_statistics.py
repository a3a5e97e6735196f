"""What students get wrong in scale.statistics."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.questions import Catalogue, FloatArray
from autograder.questions.scale.statistics import Numbers, reference  # ?? shared

Change = Callable[[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray], Numbers]


def _changed(change: Change) -> Callable[[FloatArray, FloatArray], Numbers]:
    """A wrong version of the statistics, made from points, memberships and the right numbers."""

    def wrong(X: FloatArray, responsibilities: FloatArray) -> Numbers:
        return change(X, responsibilities, *reference(X, responsibilities))

    return wrong


def _about(X: FloatArray, R: FloatArray, centres: FloatArray) -> FloatArray:
    return np.stack([((X - m) * r[:, None]).T @ (X - m) for m, r in zip(centres, R.T, strict=True)])


wrong = Catalogue(see="numerics-statistics", steps=_changed)


@wrong(step="change")
def weights_instead_of_counts(X, R, N, m, S):
    """The counts are divided by n; they must be sums, which add."""
    return (N / len(X), m, S)


@wrong(step="change")
def counts_of_hard_labels(X, R, N, m, S):
    """The counts add up whole points; a component owns shares."""
    return (np.eye(len(N))[R.argmax(axis=1)].sum(axis=0), m, S)


@wrong(step="change")
def sums_instead_of_means(X, R, N, m, S):
    """The weighted sums are returned; they must be divided by N_k."""
    return (N, N[:, None] * m, S)


@wrong(step="change")
def means_divided_by_n(X, R, N, m, S):
    """The weighted sums are divided by n; they must be divided by N_k."""
    return (N, N[:, None] * m / len(X), _about(X, R, N[:, None] * m / len(X)))


@wrong(step="change")
def means_of_all_points(X, R, N, m, S):
    """The means do not use the responsibilities."""
    return (N, np.tile(X.mean(axis=0), (len(N), 1)), S)


@wrong(step="change")
def covariances_instead_of_scatters(X, R, N, m, S):
    """The scatters are divided by N_k; only sums can be added to those of another block."""
    return (N, m, S / N[:, None, None])


@wrong(step="change")
def divided_by_count_minus_one(X, R, N, m, S):
    """The scatters are divided by N_k - 1; only sums can be added to those of another block."""
    return (N, m, S / (N - 1)[:, None, None])


@wrong(step="change")
def scatters_divided_by_n(X, R, N, m, S):
    """The scatters are divided by n; only sums can be added to those of another block."""
    return (N, m, S / len(X))


@wrong(step="change")
def scatters_not_centred(X, R, N, m, S):
    """The means are not taken off: these are sums of x xᵀ."""
    return (N, m, _about(X, R, np.zeros_like(m)))


@wrong(step="change")
def scatters_about_the_overall_mean(X, R, N, m, S):
    """The scatters are taken about the mean of all points, not of each component."""
    return (N, m, _about(X, R, np.tile(X.mean(axis=0), (len(N), 1))))


@wrong(step="change")
def scatters_unweighted(X, R, N, m, S):
    """Every point counts fully in every scatter."""
    return (N, m, _about(X, np.ones_like(R), m))


@wrong(step="change")
def responsibilities_squared(X, R, N, m, S):
    """The responsibilities enter twice: weight one of the factors only."""
    return (N, m, _about(X, R**2, m))


@wrong(step="change")
def diagonal_only(X, R, N, m, S):
    """Only the diagonals are filled in; the features vary together as well."""
    return (N, m, S * np.eye(X.shape[1]))


@wrong(step="change")
def points_shifted_in_place(X, R, N, m, S):
    """Each round takes a mean off X itself (Z = X is no copy): write Z = X - mean."""
    return (N, m, _about(X, R, np.cumsum(m, axis=0)))


@wrong(step="change")
def first_component_only(X, R, N, m, S):
    """Only the first component is filled in: is the return inside the loop?"""
    return (N, m, S * (np.arange(len(N)) == 0)[:, None, None])


@wrong(step="change")
def scatters_cancel(X, R, N, m, S):
    """Σ r x xᵀ - N μ μᵀ loses all digits far from the origin: centre the points first."""
    return (N, m, _about(X, R, np.zeros_like(m)) - N[:, None, None] * m[:, :, None] * m[:, None, :])
