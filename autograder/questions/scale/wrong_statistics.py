"""What students get wrong in scale.statistics."""

# mypy: allow-untyped-defs
from __future__ import annotations

import numpy as np

from autograder.questions import Catalogue, FloatArray
from gmmlib.statistics import Statistics


def _right(X: FloatArray, responsibilities: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    statistics = Statistics.of(X, responsibilities)
    return statistics.counts, statistics.means, statistics.scatters


def _scatters(X: FloatArray, R: FloatArray, centres: FloatArray) -> FloatArray:
    """Return Σ_i r_ik (x_i - c_k)(x_i - c_k)ᵀ of each component, (K, d, d)."""
    return np.stack([((X - c) * r[:, None]).T @ (X - c) for c, r in zip(centres, R.T, strict=True)])


wrong = Catalogue(see="numerics-statistics")


@wrong()
def weights_instead_of_counts(X, R):
    """The counts are divided by n; they must be sums, which add."""
    counts, means, scatters = _right(X, R)
    return counts / len(X), means, scatters


@wrong()
def counts_of_hard_labels(X, R):
    """The counts add up whole points; a component owns shares."""
    counts, means, scatters = _right(X, R)
    return np.bincount(R.argmax(axis=1), minlength=len(counts)), means, scatters


@wrong()
def sums_instead_of_means(X, R):
    """The weighted sums are returned; they must be divided by N_k."""
    counts, means, scatters = _right(X, R)
    return counts, counts[:, None] * means, scatters


@wrong()
def means_divided_by_n(X, R):
    """The weighted sums are divided by n; they must be divided by N_k."""
    counts, means, _ = _right(X, R)
    too_small = counts[:, None] * means / len(X)
    return counts, too_small, _scatters(X, R, too_small)


@wrong()
def means_of_all_points(X, R):
    """The means do not use the responsibilities."""
    counts, _, scatters = _right(X, R)
    return counts, np.tile(X.mean(axis=0), (len(counts), 1)), scatters


@wrong()
def covariances_instead_of_scatters(X, R):
    """The scatters are divided by N_k; only sums can be added to those of another block."""
    counts, means, scatters = _right(X, R)
    return counts, means, scatters / counts[:, None, None]


@wrong()
def divided_by_count_minus_one(X, R):
    """The scatters are divided by N_k - 1; only sums can be added to those of another block."""
    counts, means, scatters = _right(X, R)
    return counts, means, scatters / (counts - 1)[:, None, None]


@wrong()
def scatters_divided_by_n(X, R):
    """The scatters are divided by n; only sums can be added to those of another block."""
    counts, means, scatters = _right(X, R)
    return counts, means, scatters / len(X)


@wrong()
def scatters_not_centred(X, R):
    """The means are not taken off: these are sums of x xᵀ."""
    counts, means, _ = _right(X, R)
    return counts, means, _scatters(X, R, np.zeros_like(means))


@wrong()
def scatters_about_the_overall_mean(X, R):
    """The scatters are taken about the mean of all points, not of each component."""
    counts, means, _ = _right(X, R)
    return counts, means, _scatters(X, R, np.tile(X.mean(axis=0), (len(counts), 1)))


@wrong()
def scatters_unweighted(X, R):
    """Every point counts fully in every scatter."""
    counts, means, _ = _right(X, R)
    return counts, means, _scatters(X, np.ones_like(R), means)


@wrong()
def responsibilities_squared(X, R):
    """The responsibilities enter twice: weight one of the factors only."""
    counts, means, _ = _right(X, R)
    return counts, means, _scatters(X, R**2, means)


@wrong()
def diagonal_only(X, R):
    """Only the diagonals are filled in; the features vary together as well."""
    counts, means, scatters = _right(X, R)
    return counts, means, scatters * np.eye(X.shape[1])


@wrong()
def points_shifted_in_place(X, R):
    """Each round takes a mean off X itself (Z = X is no copy): write Z = X - mean."""
    counts, means, _ = _right(X, R)
    return counts, means, _scatters(X, R, np.cumsum(means, axis=0))


@wrong()
def first_component_only(X, R):
    """Only the first component is filled in: is the return inside the loop?"""
    counts, means, scatters = _right(X, R)
    scatters[1:] = 0.0
    return counts, means, scatters


@wrong()
def scatters_cancel(X, R):
    """Σ r x xᵀ - N μ μᵀ loses all digits far from the origin: centre the points first."""
    counts, means, _ = _right(X, R)
    about_the_origin = _scatters(X, R, np.zeros_like(means))
    return counts, means, about_the_origin - counts[:, None, None] * means[:, :, None] * means[:, None, :]
