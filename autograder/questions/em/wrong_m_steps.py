"""What students get wrong in em.m_step."""

# mypy: allow-untyped-defs
from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from autograder.questions import Catalogue, FloatArray
from autograder.questions.mistakes.scatters import adding_up


def _as_given(R: FloatArray) -> FloatArray:
    return R


def _shares(R: FloatArray) -> FloatArray:
    return np.asarray(R.mean(axis=0))


def _weighted_means(X: FloatArray, R: FloatArray) -> FloatArray:
    origin = X[0]
    return np.asarray(origin + R.T @ (X - origin) / R.sum(axis=0)[:, None])


def _scatter(X: FloatArray, R: FloatArray, means: FloatArray) -> FloatArray:
    """Σ_i r_ik (x_i - μ_k)(x_i - μ_k)ᵀ of each component, (K, d, d)."""
    return np.stack([(X - m).T @ ((X - m) * r[:, None]) for m, r in zip(means, R.T, strict=True)])


def _per_count(X: FloatArray, R: FloatArray, means: FloatArray) -> FloatArray:
    return np.asarray(_scatter(X, R, means) / R.sum(axis=0)[:, None, None])


def _step_by_step(
    X: FloatArray,
    responsibilities: FloatArray,
    *,
    ownership: Callable[[FloatArray], FloatArray] = _as_given,
    weights: Callable[[FloatArray], FloatArray] = _shares,
    means: Callable[[FloatArray, FloatArray], FloatArray] = _weighted_means,
    covariances: Callable[[FloatArray, FloatArray, FloatArray], FloatArray] = _per_count,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    R = ownership(responsibilities)
    centres = means(X, R)
    return weights(R), centres, covariances(X, R, centres)


def _hard(R: FloatArray) -> FloatArray:
    return np.eye(R.shape[1])[R.argmax(axis=1)]


def _not_centred(X: FloatArray, R: FloatArray, means: FloatArray) -> FloatArray:
    return _per_count(X, R, np.zeros_like(means))


wrong = Catalogue(see="em-covariances", steps=_step_by_step)
ALL = ("weights", "means", "covariances")


@wrong(step="ownership", see="em-m-step", about=ALL)
def hard_assignment(R):
    """Each point is given wholly to its largest responsibility; EM lets every component use its share."""
    return _hard(R)


@wrong(step="ownership", see="em-m-step", about=ALL)
def normalised_over_points(R):
    """Your numbers are those of rescaled responsibilities, of which each component owns one point in all."""
    return R / R.sum(axis=0)


@wrong(step="ownership", see="em-m-step")
def responsibilities_squared(R):
    """The responsibilities enter squared; each point counts with r, not with r²."""
    return np.square(R)


@wrong(step="weights", see="em-weights")
def weights_are_counts(R):
    """The weights are the counts N_k; they must be divided by the number of points n."""
    return R.sum(axis=0)


@wrong(step="weights", see="em-weights")
def equal_weights(R):
    """All weights are 1/K whatever the responsibilities say; the weight is N_k / n."""
    return np.full(R.shape[1], 1.0 / R.shape[1])


@wrong(step="weights", see="em-weights", alone=True)
def weights_all_one(R):
    """Every weight is 1, as if the counts were divided by themselves; the weight is N_k / n."""
    return np.ones(R.shape[1])


@wrong(step="weights", see="em-weights")
def weights_divided_by_components(R):
    """The counts are divided by the number of components; they must be divided by the number of points."""
    return R.sum(axis=0) / R.shape[1]


@wrong(step="weights", see="em-weights")
def weights_from_hard_labels(R):
    """The weights count the points whose largest responsibility is k; they must add up shares."""
    return _hard(R).mean(axis=0)


@wrong(step="weights", see="em-weights")
def weights_averaged_over_components(R):
    """The mean is taken along each row; a weight is the mean of a column of the responsibilities."""
    return R.mean(axis=1)


@wrong(step="means", see="em-means", about=("means",))
def means_divided_by_n(X, R):
    """Your means are the weighted sums divided by n; a component's mean divides by what it owns, N_k."""
    return R.T @ X / len(X)


@wrong(step="means", see="em-means", about=("means",))
def means_divided_by_components(X, R):
    """The weighted sum is divided by the number of components; divide by what each owns, N_k."""
    return R.T @ X / R.shape[1]


@wrong(step="means", see="em-means", about=("means",))
def counts_along_the_wrong_axis(X, R):
    """The means are divided feature by feature: N_k belongs to the rows, so write counts[:, None]."""
    return R.T @ X / R.sum(axis=0)


@wrong(step="means", see="em-means", about=("means",))
def means_not_divided(X, R):
    """The weighted sum of the points is not divided by N_k."""
    return R.T @ X


@wrong(step="means", see="em-means", about=("means",))
def means_of_all_points(X, R):
    """Every component gets the plain mean of all points; the responsibilities are not used."""
    return np.tile(X.mean(axis=0), (R.shape[1], 1))


@wrong(step="means", see="em-means", about=("means",))
def means_of_hard_clusters(X, R):
    """The means are those of the points with the largest responsibility, as in k-means."""
    return _weighted_means(X, _hard(R))


@wrong(step="covariances")
def covariances_divided_by_n(X, R, means):
    """The scatter is divided by n; a component's covariance divides by what it owns, N_k."""
    return _scatter(X, R, means) / len(X)


@wrong(step="covariances")
def covariances_divided_by_count_minus_one(X, R, means):
    """The scatter is divided by N_k - 1; maximum likelihood divides by N_k."""
    return np.asarray(_scatter(X, R, means) / (R.sum(axis=0) - 1.0)[:, None, None])


@wrong(step="covariances")
def diagonal_only(X, R, means):
    """Only the variances are kept; the covariances beside the diagonal are zero."""
    return np.stack([np.diag(np.diag(C)) for C in _per_count(X, R, means)])


@wrong(step="covariances")
def numpy_cov_default(X, R, means):
    """Your numbers are those of np.cov as it is, which corrects for small samples: use ddof=0."""
    return np.stack([np.atleast_2d(np.cov(X, rowvar=False, aweights=r)) for r in R.T])


@wrong(step="covariances")
def scatter_not_divided(X, R, means):
    """The weighted scatter is not divided by N_k."""
    return _scatter(X, R, means)


@wrong(step="covariances")
def covariances_about_the_overall_mean(X, R, means):
    """The points are centred by the mean of all points; each component centres by its own mean."""
    return _per_count(X, R, np.broadcast_to(X.mean(axis=0), means.shape))


@wrong(step="covariances")
def covariances_not_centred(X, R, means):
    """The mean is not taken off: this is the second moment about the origin."""
    return _not_centred(X, R, means)


@wrong(step="covariances", see="numerics-statistics")
def covariances_cancel(X, R, means):
    """Far from the origin digits are lost: take off the means first, before any product (μμᵀ comes too late),
    and compute in float64.
    """
    outer = means[:, :, None] * means[:, None, :]
    return _not_centred(X, R, means) - outer


@wrong(step="covariances")
def covariances_unweighted(X, R, means):
    """Every point counts fully in every covariance; it must count with its responsibility."""
    return _per_count(X, np.ones_like(R), means)


@wrong(step="covariances")
def covariances_unweighted_per_count(X, R, means):
    """Every point counts fully in every covariance, and the sum is divided by N_k: weigh it with r."""
    return np.asarray(_scatter(X, np.ones_like(R), means) / R.sum(axis=0)[:, None, None])


@wrong(step="covariances")
def weighted_before_centring(X, R, means):
    """The points are multiplied by r before the mean is taken off: centre first, then weigh."""
    Z = [r[:, None] * X - m for m, r in zip(means, R.T, strict=True)]
    return np.stack([z.T @ z / r.sum() for z, r in zip(Z, R.T, strict=True)])


@wrong(step="covariances")
def numpy_cov_of_all_points(X, R, means):
    """np.cov of all points is returned for every component; the responsibilities are not used."""
    return np.stack([np.atleast_2d(np.cov(X, rowvar=False))] * R.shape[1])


@wrong(step="covariances")
def inner_instead_of_outer_product(X, R, means):
    """z·z is a number; the covariance sums the matrices z zᵀ, np.outer(z, z)."""
    traces = np.trace(_per_count(X, R, means), axis1=1, axis2=2)
    return np.ones((1, X.shape[1], X.shape[1])) * traces[:, None, None]


@wrong(step="covariances")
def variances_only(X, R, means):
    """Only the d variances of each component are returned; it is a (d, d) matrix."""
    return np.diagonal(_per_count(X, R, means), axis1=1, axis2=2)


@wrong(step="covariances")
def last_covariance_only(X, R, means):
    """One covariance is returned, that of the last component: keep all K of them."""
    return np.asarray(_per_count(X, R, means)[-1])


@wrong(step="covariances")
def covariances_weighted_twice(X, R, means):
    """Each point counts with r² in the covariance; was the responsibility multiplied in twice?"""
    return np.asarray(_scatter(X, R**2, means) / R.sum(axis=0)[:, None, None])


@wrong(step="covariances")
def covariances_of_hard_clusters(X, R, means):
    """The covariances use only the points with the largest responsibility, as after k-means."""
    return _per_count(X, _hard(R), means)


@wrong(step="covariances")
def spherical_only(X, R, means):
    """Each covariance is one variance times the identity; the course asks for full matrices."""
    d = X.shape[1]
    return np.stack([np.eye(d) * np.trace(C) / d for C in _per_count(X, R, means)])


@wrong(step="covariances")
def one_covariance_for_all(X, R, means):
    """All components share one pooled covariance; each has its own."""
    return np.broadcast_to(_scatter(X, R, means).sum(axis=0) / len(X), (R.shape[1], X.shape[1], X.shape[1]))


@wrong(step="covariances")
def covariances_about_the_last_mean(X, R, means):
    """Every covariance is taken about the mean of the last component; each has its own, means[k]."""
    return _per_count(X, R, np.broadcast_to(means[-1], means.shape))


@wrong(step="covariances")
def deviation_for_variance(X, R, means):
    """The square root was taken: covariances are in squared units of the data."""
    return np.sqrt(np.abs(_per_count(X, R, means)))


@wrong(step="covariances")
def inverse_returned(X, R, means):
    """The inverse of the covariance (the precision) is returned."""
    return np.linalg.inv(_per_count(X, R, means))


@wrong(step="covariances")
def ridge_added(X, R, means, size=1e-6):
    """A fixed number is added to the variances: that is no longer maximum likelihood and depends on units."""
    return _per_count(X, R, means) + size * np.eye(X.shape[1])


for _size in (1e-2, 1e-3, 1e-8, 1e-9):
    wrong(step="covariances", name=f"ridge-of-{_size:.0e}-added")(partial(ridge_added, size=_size))


@wrong(see="em-m-step", about=ALL, alone=True)
def hard_assignment_guarded(X, responsibilities):
    """Each point is given wholly to its largest responsibility; EM lets every component use its share."""
    H = _hard(responsibilities)
    counts = np.maximum(H.sum(axis=0), 1.0)
    means = H.T @ X / counts[:, None]
    return H.mean(axis=0), means, _scatter(X, H, means) / counts[:, None, None]


@wrong(step="means", see="em-means", about=("means",), alone=True)
def means_of_hard_clusters_guarded(X, R):
    """The means are those of the points with the largest responsibility, as in k-means."""
    H = _hard(R)
    return H.T @ X / np.maximum(H.sum(axis=0), 1.0)[:, None]


@wrong(see="em-m-step")
def epsilon_added_to_counts(X, responsibilities):
    """Far from the origin your means are off, as with a small number added to N_k, which no component needs
    here, or in float32: leave it out, and compute in float64.
    """
    counts = responsibilities.sum(axis=0) + 1e-10
    means = responsibilities.T @ X / counts[:, None]
    return counts / len(X), means, _scatter(X, responsibilities, means) / counts[:, None, None]


@wrong(step="covariances", alone=True)
def covariances_about_the_first_mean(X, R, means):
    """Every covariance is taken about the mean of the first component; each has its own, means[k]."""
    return _per_count(X, R, np.broadcast_to(means[0], means.shape))


@wrong(step="weights", alone=True)
def weights_divided_by_n_minus_one(R):
    """The counts are divided by n - 1; they must be divided by n."""
    return R.sum(axis=0) / (len(R) - 1)


def _adapted(adding: Callable[[FloatArray, FloatArray], FloatArray]) -> Callable[..., FloatArray]:
    """Return covariances whose scatters are added up so."""

    def covariances(X: FloatArray, R: FloatArray, means: FloatArray) -> FloatArray:
        return np.stack([adding(X - m, r) / r.sum() for m, r in zip(means, R.T, strict=True)])

    return covariances


wrong.include(adding_up, step="covariances", adapted=_adapted)


@wrong(step="covariances", alone=True)
def scatters_run_on(X, R, means):
    """The scatter of each component holds those of the components before it: set it back to 0 for each."""
    return _scatter(X, R, means).cumsum(axis=0) / R.sum(axis=0)[:, None, None]


@wrong(step="means", alone=True)
def sums_run_on(X, R):
    """The sum for each mean holds those of the components before it, too: set it back to 0 for each."""
    return (R.T @ X).cumsum(axis=0) / R.sum(axis=0)[:, None]


@wrong(step="covariances", alone=True)
def points_shifted_in_place(X, R, means):
    """The means add up from component to component; does each round change X itself? Write Z = X - mean."""
    return _per_count(X, R, means.cumsum(axis=0))


@wrong(step="covariances", alone=True)
def covariances_divided_by_weights(X, R, means):
    """The scatter is divided by the weight N_k / n; it is the count N_k that divides."""
    return _scatter(X, R, means) / R.mean(axis=0)[:, None, None]


@wrong(step="covariances", alone=True)
def number_added_to_every_entry(X, R, means):
    """A fixed number is added to every entry, as C + 1e-6 does: maximum likelihood adds nothing."""
    return _per_count(X, R, means) + 1e-6


@wrong(step="covariances", alone=True)
def covariances_divided_twice(X, R, means):
    """The scatter is divided by N_k twice; once makes it a covariance."""
    return _per_count(X, R, means) / R.sum(axis=0)[:, None, None]


@wrong(step="covariances", alone=True)
def covariances_weighted_by_the_first(X, R, means):
    """Every scatter is weighted by the first column of the responsibilities; each has its own, [:, k]."""
    return _scatter(X, np.repeat(R[:, :1], R.shape[1], axis=1), means) / R.sum(axis=0)[:, None, None]


#: What else the scatter is divided by, given N_k, n, d and K.
DIVISORS: dict[str, tuple[str, Callable[[FloatArray, int, int, int], FloatArray]]] = {
    "count-plus-one": ("N_k + 1", lambda N, n, d, K: N + 1.0),
    "count-minus-d": ("N_k - d", lambda N, n, d, K: N - d),
    "count-times-d": ("N_k d", lambda N, n, d, K: N * d),
    "n-minus-one": ("n - 1", lambda N, n, d, K: np.full(K, n - 1.0)),
    "n-over-components": ("n / K", lambda N, n, d, K: np.full(K, n / K)),
    "count-of-the-first": ("what the first component owns", lambda N, n, d, K: np.full(K, N[0])),
    "largest-count": ("the largest of all N_k", lambda N, n, d, K: np.full(K, N.max())),
    "next-count": ("what another component owns", lambda N, n, d, K: np.roll(N, -1)),
    "count-before": ("what another component owns", lambda N, n, d, K: np.roll(N, 1)),
}
#: Those that stand for N_k in the means as well.
FOR_THE_COUNTS = ("n-over-components", "count-of-the-first", "largest-count", "next-count", "count-before")
for _name, (_words, _divisor) in DIVISORS.items():

    def _otherwise_divided(X, R, means, divisor=_divisor):
        N = divisor(R.sum(axis=0), *X.shape, R.shape[1])
        return _scatter(X, R, means) / N[:, None, None]

    _otherwise_divided.__doc__ = f"Your covariances are the scatters divided by {_words}; divide by N_k."
    wrong(step="covariances", name=f"covariances-divided-by-{_name}", alone=True)(_otherwise_divided)

for _name in FOR_THE_COUNTS:
    _words, _divisor = DIVISORS[_name]

    def _means_otherwise_divided(X, R, divisor=_divisor):
        return R.T @ X / divisor(R.sum(axis=0), *X.shape, R.shape[1])[:, None]

    def _both_otherwise_divided(X, responsibilities, divisor=_divisor):
        N = divisor(responsibilities.sum(axis=0), *X.shape, responsibilities.shape[1])
        means = responsibilities.T @ X / N[:, None]
        return _shares(responsibilities), means, _scatter(X, responsibilities, means) / N[:, None, None]

    _ending = f"divided by {_words}; divide by what each component owns, N_k."
    _means_otherwise_divided.__doc__ = f"Your means are the weighted sums {_ending}"
    _both_otherwise_divided.__doc__ = f"Your means and covariances are the sums {_ending}"
    wrong(step="means", name=f"means-divided-by-{_name}", see="em-means", about=("means",), alone=True)(
        _means_otherwise_divided
    )
    wrong(name=f"divided-by-{_name}", see="em-m-step", about=("means", "covariances"), alone=True)(
        _both_otherwise_divided
    )


@wrong(step="covariances", alone=True)
def covariances_about_the_next_mean(X, R, means):
    """Each covariance is taken about the mean of another component: is an index off by one?"""
    return _per_count(X, R, np.roll(means, -1, axis=0))


@wrong(step="covariances", alone=True)
def covariances_about_the_mean_before(X, R, means):
    """Each covariance is taken about the mean of another component: is an index off by one?"""
    return _per_count(X, R, np.roll(means, 1, axis=0))


@wrong(step="covariances", alone=True)
def covariances_about_means_in_reverse(X, R, means):
    """Each covariance is taken about the mean of another component: do both run in the same order?"""
    return _per_count(X, R, means[::-1])


def _weighted_by(other: Callable[[FloatArray], FloatArray], *arguments: FloatArray) -> FloatArray:
    X, R, means = arguments
    return _scatter(X, other(R), means) / R.sum(axis=0)[:, None, None]


@wrong(step="covariances", alone=True)
def covariances_weighted_by_the_next(X, R, means):
    """Each scatter is weighted by another column of the responsibilities: is an index off by one?"""
    return _weighted_by(lambda R: np.roll(R, -1, axis=1), X, R, means)


@wrong(step="covariances", alone=True)
def covariances_weighted_by_the_one_before(X, R, means):
    """Each scatter is weighted by another column of the responsibilities: is an index off by one?"""
    return _weighted_by(lambda R: np.roll(R, 1, axis=1), X, R, means)


@wrong(step="covariances", alone=True)
def covariances_weighted_in_reverse(X, R, means):
    """Each scatter is weighted by another column of the responsibilities: do both run in the same order?"""
    return _weighted_by(lambda R: R[:, ::-1], X, R, means)


@wrong(step="covariances", alone=True)
def covariance_of_all_points(X, R, means):
    """The covariance of all points is returned for every component; the responsibilities are not used."""
    return np.stack([np.atleast_2d(np.cov(X, rowvar=False, bias=True))] * R.shape[1])


@wrong(step="covariances", alone=True)
def sample_covariance_about_each_mean(X, R, means):
    """Every point counts fully in every covariance, and the sum is divided by n - 1: weigh it with r."""
    return _scatter(X, np.ones_like(R), means) / (len(X) - 1)


@wrong(step="covariances", alone=True)
def trace_times_identity(X, R, means):
    """Each covariance is Σ r |z|² / N_k, one number, times the identity; it sums the matrices z zᵀ."""
    d = X.shape[1]
    return np.stack([np.eye(d) * np.trace(C) for C in _per_count(X, R, means)])


@wrong(step="covariances", alone=True)
def variances_in_every_row(X, R, means):
    """The d variances stand in every row of a covariance; it sums the matrices z zᵀ, which have products."""
    variances = np.diagonal(_per_count(X, R, means), axis1=1, axis2=2)
    return np.repeat(variances[:, None], X.shape[1], axis=1)


@wrong(step="covariances", alone=True)
def mean_added_to_the_second_moment(X, R, means):
    """Your numbers are those of Σ r x xᵀ / N_k plus μμᵀ; the mean is taken off, best before any product."""
    return _not_centred(X, R, means) + means[:, :, None] * means[:, None, :]


@wrong(step="covariances", alone=True)
def second_moment_divided_by_n(X, R, means):
    """Your numbers are those of Σ r x xᵀ / n minus μμᵀ: divide by N_k, and take the mean off first."""
    shares = R.mean(axis=0)[:, None, None]
    return _not_centred(X, R, means) * shares - means[:, :, None] * means[:, None, :]


@wrong(step="covariances", alone=True)
def thousandth_added_to_every_entry(X, R, means):
    """A fixed number is added to every entry, as C + 0.001 does: maximum likelihood adds nothing."""
    return _per_count(X, R, means) + 1e-3


@wrong(step="weights", see="em-weights", alone=True)
def one_added_to_the_counts(R):
    """Your weights are (N_k + 1) / (n + K), smoothed; maximum likelihood has N_k / n."""
    return (R.sum(axis=0) + 1.0) / (len(R) + R.shape[1])


@wrong(step="weights", see="em-weights", alone=True)
def weights_divided_by_the_largest(R):
    """The counts are divided by the largest of them; they must be divided by n."""
    return R.sum(axis=0) / R.sum(axis=0).max()


@wrong(step="weights", see="em-weights", alone=True)
def weights_from_squares(R):
    """The weights are in proportion to the sums of r²; they must add up r."""
    return np.square(R).sum(axis=0) / np.square(R).sum()
