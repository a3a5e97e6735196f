"""What students get wrong in scale.statistics."""

# mypy: allow-untyped-defs
from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from autograder.questions import Catalogue, FloatArray
from autograder.questions.mistakes.scatters import adding_up
from gmmlib.statistics import Statistics


def _right(X: FloatArray, responsibilities: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    statistics = Statistics.of(X, responsibilities)
    return statistics.counts, statistics.means, statistics.scatters


def _scatters(X: FloatArray, R: FloatArray, centres: FloatArray) -> FloatArray:
    """Return Σ_i r_ik (x_i - c_k)(x_i - c_k)ᵀ of each component, (K, d, d)."""
    return np.stack([((X - c) * r[:, None]).T @ (X - c) for c, r in zip(centres, R.T, strict=True)])


def _owned(X: FloatArray, R: FloatArray) -> FloatArray:
    return np.asarray(R.sum(axis=0))


def _weighted_means(X: FloatArray, R: FloatArray) -> FloatArray:
    return Statistics.of(X, R).means


def _once(R: FloatArray) -> FloatArray:
    return R


def _as_they_are(scatters: FloatArray, X: FloatArray, R: FloatArray) -> FloatArray:
    return scatters


def _step_by_step(
    X: FloatArray,
    R: FloatArray,
    *,
    counts: Callable[[FloatArray, FloatArray], FloatArray] = _owned,
    means: Callable[[FloatArray, FloatArray], FloatArray] = _weighted_means,
    centres: Callable[[FloatArray, FloatArray], FloatArray] = _weighted_means,
    weigh: Callable[[FloatArray], FloatArray] = _once,
    finish: Callable[[FloatArray, FloatArray, FloatArray], FloatArray] = _as_they_are,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the statistics; `centres` and `weigh` are those of the scatters, `finish` is their last step."""
    return counts(X, R), means(X, R), finish(_scatters(X, weigh(R), centres(X, R)), X, R)


wrong = Catalogue(see="numerics-statistics", steps=_step_by_step)


@wrong(step="counts")
def weights_instead_of_counts(X, R):
    """The counts are divided by n; they must be sums, which add."""
    return R.mean(axis=0)


@wrong(step="counts")
def counts_of_hard_labels(X, R):
    """The counts add up whole points; a component owns shares."""
    return np.bincount(R.argmax(axis=1), minlength=R.shape[1])


@wrong(step="means")
def sums_instead_of_means(X, R):
    """The weighted sums are returned; they must be divided by N_k."""
    return R.T @ X


@wrong()
def means_divided_by_n(X, R):
    """The weighted sums are divided by n; they must be divided by N_k."""
    counts, means, _ = _right(X, R)
    too_small = counts[:, None] * means / len(X)
    return counts, too_small, _scatters(X, R, too_small)


@wrong(step="means", alone=True)
def means_of_all_points(X, R):
    """The means do not use the responsibilities."""
    return np.tile(X.mean(axis=0), (R.shape[1], 1))


@wrong(step="finish")
def covariances_instead_of_scatters(scatters, X, R):
    """The scatters are divided by N_k; only sums can be added to those of another block."""
    return scatters / R.sum(axis=0)[:, None, None]


@wrong(step="finish")
def divided_by_count_minus_one(scatters, X, R):
    """The scatters are divided by N_k - 1; only sums can be added to those of another block."""
    return scatters / (R.sum(axis=0) - 1)[:, None, None]


@wrong(step="finish")
def scatters_divided_by_n(scatters, X, R):
    """The scatters are divided by n; only sums can be added to those of another block."""
    return scatters / len(X)


@wrong(step="centres")
def scatters_not_centred(X, R):
    """The means are not taken off: these are sums of x xᵀ."""
    return np.zeros((R.shape[1], X.shape[1]))


@wrong(step="centres")
def scatters_about_the_overall_mean(X, R):
    """The scatters are taken about the mean of all points, not of each component."""
    return np.tile(X.mean(axis=0), (R.shape[1], 1))


@wrong(step="weigh")
def scatters_unweighted(R):
    """Every point counts fully in every scatter."""
    return np.ones_like(R)


@wrong(step="weigh")
def responsibilities_squared(R):
    """The responsibilities enter twice: weight one of the factors only."""
    return R**2


@wrong(step="finish")
def diagonal_only(scatters, X, R):
    """Only the diagonals are filled in; the features vary together as well."""
    return scatters * np.eye(X.shape[1])


@wrong(step="centres", alone=True)
def points_shifted_in_place(X, R):
    """The means add up from component to component; does each round change X itself? Write Z = X - mean."""
    return np.cumsum(_weighted_means(X, R), axis=0)


@wrong()
def first_component_only(X, R):
    """Only the first component is filled in: is the return inside the loop?"""
    counts, means, scatters = _right(X, R)
    scatters[1:] = 0.0
    return counts, means, scatters


@wrong()
def scatters_cancel(X, R):
    """Far from the origin digits are lost: take off the mean first, before squares (and in float64)."""
    counts, means, _ = _right(X, R)
    about_the_origin = _scatters(X, R, np.zeros_like(means))
    return counts, means, about_the_origin - counts[:, None, None] * means[:, :, None] * means[:, None, :]


@wrong(step="means", alone=True)
def means_divided_by_components(X, R):
    """The weighted sums are divided by the number of components; they must be divided by N_k."""
    return R.T @ X / R.shape[1]


@wrong(step="means", alone=True)
def unweighted_cluster_means(X, R):
    """The means are those of the points with the largest responsibility, as in k-means."""
    hard = np.eye(R.shape[1])[R.argmax(axis=1)]
    return hard.T @ X / np.maximum(hard.sum(axis=0), 1)[:, None]


@wrong(step="finish", alone=True)
def scatters_doubled(scatters, X, R):
    """The scatters are twice as large as they should be."""
    return 2 * scatters


@wrong(step="finish", alone=True)
def scatters_halved(scatters, X, R):
    """The scatters are half as large as they should be."""
    return scatters / 2


@wrong(step="finish", alone=True)
def square_roots_of_scatters(scatters, X, R):
    """The square root of the scatters is returned; they are sums of squares."""
    return np.sqrt(np.abs(scatters))


@wrong(step="finish", alone=True)
def inner_product(scatters, X, R):
    """The squares are summed to one number for each component; the scatter is a (d, d) matrix."""
    return np.broadcast_to(np.trace(scatters, axis1=1, axis2=2)[:, None, None], scatters.shape)


@wrong(step="finish", alone=True)
def variances_only(scatters, X, R):
    """Only the diagonals of the scatters are returned; each is a (d, d) matrix."""
    return np.diagonal(scatters, axis1=1, axis2=2)


@wrong(step="finish", alone=True)
def one_scatter_for_all(scatters, X, R):
    """All components share one pooled scatter; each has its own."""
    return np.broadcast_to(scatters.sum(axis=0), scatters.shape)


@wrong(step="finish", alone=True)
def last_scatter_only(scatters, X, R):
    """One scatter is returned, that of the last component: keep all K of them."""
    return scatters[-1]


@wrong()
def scatters_between_the_means(X, R):
    """Your scatters are those of the means about the mean of all points; they are of the points."""
    counts, means, _ = _right(X, R)
    z = means - X.mean(axis=0)
    return counts, means, counts[:, None, None] * z[:, :, None] * z[:, None, :]


@wrong()
def weighted_before_centring(X, R):
    """The points are multiplied by r before the mean is taken off: centre first, then weigh."""
    counts, means, _ = _right(X, R)
    Z = [r[:, None] * X - m for m, r in zip(means, R.T, strict=True)]
    return counts, means, np.stack([z.T @ z for z in Z])


@wrong(step="weigh", alone=True)
def root_of_responsibilities(R):
    """Your scatters are weighted with the root of r; each point counts with r."""
    return np.sqrt(R)


@wrong()
def normalised_over_points(X, R):
    """The responsibilities are rescaled first, so that each component owns one point in all."""
    return _right(X, R / R.sum(axis=0))


@wrong(about=("means",))
def counts_along_the_wrong_axis(X, R):
    """The means are divided feature by feature: N_k belongs to the rows, so write counts[:, None]."""
    counts, _, scatters = _right(X, R)
    return counts, R.T @ X / counts, scatters


@wrong(step="counts", alone=True)
def sums_of_the_rows(X, R):
    """The sums run along the rows of the responsibilities, which give 1; a count is the sum of a column."""
    return R.sum(axis=1)


@wrong(about=("counts", "means", "scatters"))
def responsibilities_ignored(X, R):
    """The responsibilities are not used: every component has the statistics of all points."""
    return _right(X, np.ones_like(R))


@wrong()
def single_precision(X, R):
    """Far from the origin your means are off, as in float32 or with a small number added to N_k: compute in
    float64, and leave such a number out.
    """
    return _right(X.astype(np.float32).astype(float), R)


@wrong(step="finish", alone=True)
def count_minus_one_times_count(scatters, X, R):
    """The scatters are divided by N_k - 1 and multiplied by N_k; the sum is neither."""
    counts = R.sum(axis=0)
    return scatters * (counts / (counts - 1))[:, None, None]


@wrong(step="finish", alone=True)
def numpy_cov_times_count(scatters, X, R):
    """Your scatters are N_k times those of np.cov as it is, which corrects for small samples: use ddof=0."""
    counts = R.sum(axis=0)
    return scatters * (counts / (counts - np.square(R).sum(axis=0) / counts))[:, None, None]


@wrong(step="counts", alone=True)
def points_for_counts(X, R):
    """Every count is the number of all points; a component owns the sum of its responsibilities."""
    return np.full(R.shape[1], float(len(X)))


def _adapted(adding: Callable[[FloatArray, FloatArray], FloatArray]) -> Callable[..., FloatArray]:
    """Return the last step in which scatters are added up so."""

    def scatters(right: FloatArray, X: FloatArray, R: FloatArray) -> FloatArray:
        means = _weighted_means(X, R)
        return np.stack([adding(X - m, r) for m, r in zip(means, R.T, strict=True)])

    return scatters


wrong.include(adding_up, step="finish", adapted=_adapted, but=("roots-of-the-weights",))


@wrong(step="finish", alone=True)
def numpy_cov_times_count_minus_one(scatters, X, R):
    """Your numbers are those of np.cov times N_k - 1, but with weights np.cov divides by something else."""
    covariances = [np.atleast_2d(np.cov(X, rowvar=False, aweights=r)) for r in R.T]
    return np.stack(covariances) * (R.sum(axis=0) - 1)[:, None, None]


def _running_sums(X, R):
    return (R.T @ X).cumsum(axis=0) / R.sum(axis=0)[:, None]


@wrong(step="means", also={"centres": _running_sums}, alone=True)
def sums_run_on(X, R):
    """The sum for each mean holds those of the components before it, too: set it back to 0 for each."""
    return _running_sums(X, R)


@wrong(step="centres", alone=True)
def about_the_mean_of_the_first(X, R):
    """Every scatter is taken about the mean of the first component; each has its own, means[k]."""
    return np.repeat(_weighted_means(X, R)[:1], R.shape[1], axis=0)


@wrong(step="centres", alone=True)
def about_the_mean_of_the_last(X, R):
    """Every scatter is taken about the mean of the last component; each has its own, means[k]."""
    return np.repeat(_weighted_means(X, R)[-1:], R.shape[1], axis=0)


@wrong(step="finish", alone=True)
def scatters_multiplied_by_counts(scatters, X, R):
    """The scatters are multiplied by N_k: they are sums already."""
    return scatters * R.sum(axis=0)[:, None, None]


@wrong(alone=True)
def product_of_the_mean_taken_off_once(X, R):
    """m mᵀ is taken off Σ r x xᵀ once; it must be N_k times. Better take m off the points first."""
    counts, means, _ = _right(X, R)
    return counts, means, _scatters(X, R, np.zeros_like(means)) - means[:, :, None] * means[:, None, :]


def ridge_added(scatters, X, R, size):
    """A small number stands on the diagonals of the scatters besides what is right; nobody asked for it."""
    return scatters + size * np.eye(X.shape[1])


for _size in (1e-1, 1e-2, 1e-3, 1e-6):
    wrong(step="finish", alone=True, name=f"ridge-of-{_size:.0e}-added")(partial(ridge_added, size=_size))


def number_added_to_the_counts(X, R, size):
    """A small number is added to the counts; every component owns something here: leave it out."""
    counts, means = R.sum(axis=0) + size, R.T @ X / (R.sum(axis=0) + size)[:, None]
    return counts, means, _scatters(X, R, means)


for _size in (1e-1, 1e-2, 1e-3, 1e-4):
    wrong(alone=True, name=f"{_size:.0e}-added-to-the-counts", about=("counts", "means"))(
        partial(number_added_to_the_counts, size=_size)
    )


def number_added_to_the_denominators(X, R, size):
    """The means are divided by N_k and a small number; every component owns something here: leave it out."""
    means = R.T @ X / (R.sum(axis=0) + size)[:, None]
    return R.sum(axis=0), means, _scatters(X, R, means)


for _size in (1e-2, 1e-3, 1e-4, 1e-5, 1e-6):
    wrong(alone=True, name=f"{_size:.0e}-added-to-the-denominators", about=("means",))(
        partial(number_added_to_the_denominators, size=_size)
    )


@wrong(step="weigh", alone=True)
def weighed_with_the_first(R):
    """Every scatter is weighted with the responsibilities of the first component: is an index 0 that should
    run?
    """
    return np.repeat(R[:, :1], R.shape[1], axis=1)


@wrong(step="weigh", alone=True)
def weighed_with_the_last(R):
    """Every scatter is weighted with the responsibilities of the last component: is a name used after its
    loop?
    """
    return np.repeat(R[:, -1:], R.shape[1], axis=1)


@wrong(step="finish", alone=True)
def trace_on_the_diagonal(scatters, X, R):
    """The squares of all features are summed to one number, which stands on the diagonal; each pair of
    features has an entry of its own.
    """
    return np.trace(scatters, axis1=1, axis2=2)[:, None, None] * np.eye(X.shape[1])


@wrong(step="finish", alone=True)
def mean_of_the_diagonal(scatters, X, R):
    """The mean over the features stands on the diagonal, as for round components; each pair of features has
    an entry of its own.
    """
    return np.trace(scatters, axis1=1, axis2=2)[:, None, None] / X.shape[1] * np.eye(X.shape[1])


@wrong(step="finish", alone=True)
def numpy_cov(scatters, X, R):
    """Your scatters are np.cov as it is: divided, and corrected for small samples; a scatter is a sum."""
    return np.stack([np.cov(X, rowvar=False, aweights=r).reshape(X.shape[1], -1) for r in R.T])


@wrong(step="finish", alone=True)
def absolute_deviations(scatters, X, R):
    """The products are those of deviations without their signs; signs tell which features rise together."""
    Z = [np.abs(X - mean) for mean in _weighted_means(X, R)]
    return np.stack([(r[:, None] * z).T @ z for z, r in zip(Z, R.T, strict=True)])


@wrong(step="centres", alone=True)
def about_the_medians(X, R):
    """The scatters are taken about the medians of all points, not about each component's mean."""
    return np.tile(np.median(X, axis=0), (R.shape[1], 1))


@wrong(step="counts", alone=True)
def counts_of_larger_halves(X, R):
    """The counts are those of the points with a share above a half; a component owns shares: add them up."""
    return (R > 0.5).sum(axis=0)


@wrong(alone=True)
def running_mean_from_zero(X, R):
    """Your scatter is about the mean of the points before each, which begins as 0: a running sum needs one
    factor about the new mean.
    """
    counts, means, _ = _right(X, R)
    before = np.maximum(np.vstack([0 * R[:1], R[:-1]]).cumsum(axis=0), 1e-300)[:, :, None]
    sums = np.vstack([0 * R[:1, :, None] * X[:1, None], (R[:, :, None] * X[:, None])[:-1]]).cumsum(axis=0)
    Z = X[:, None] - sums / before
    return counts, means, np.einsum("ik,ikd,ike->kde", R, Z, Z)
