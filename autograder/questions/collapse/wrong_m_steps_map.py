"""What students get wrong in collapse.m_step_map."""

# mypy: allow-untyped-defs
from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.questions import Catalogue, FloatArray
from autograder.questions.mistakes.scatters import adding_up


def _hundredth_of_a_point() -> float:
    return 0.01


def _mean_of_data(X: FloatArray) -> FloatArray:
    return np.asarray(X[0] + (X - X[0]).mean(axis=0))


def _scatter_of_data(X: FloatArray) -> FloatArray:
    Z = X - X.mean(axis=0)
    return Z.T @ Z


def _covariance_of_data(X: FloatArray) -> FloatArray:
    return _scatter_of_data(X) / len(X)


def _share_of_volume(S: FloatArray, K: int, d: int) -> FloatArray:
    return np.asarray(S / K ** (2.0 / d))


def _weighted_mean(X: FloatArray, r: FloatArray) -> FloatArray:
    return np.asarray(X[0] + r @ (X - X[0]) / r.sum())


def _between(mean: FloatArray, centre: FloatArray, N: float, kappa: float) -> FloatArray:
    return centre + N / (N + kappa) * (mean - centre)


def _scatter(X: FloatArray, r: FloatArray, mean: FloatArray, pulled: FloatArray) -> FloatArray:
    return ((X - mean) * r[:, None]).T @ (X - mean)


def _with_prior(
    X: FloatArray,
    responsibilities: FloatArray,
    *,
    kappa: Callable[[], float] = _hundredth_of_a_point,
    centre: Callable[[FloatArray], FloatArray] = _mean_of_data,
    data_covariance: Callable[[FloatArray], FloatArray] = _covariance_of_data,
    prior: Callable[[FloatArray, int, int], FloatArray] = _share_of_volume,
    mean: Callable[[FloatArray, FloatArray], FloatArray] = _weighted_mean,
    pulled_mean: Callable[[FloatArray, FloatArray, float, float], FloatArray] = _between,
    scatter: Callable[[FloatArray, FloatArray, FloatArray, FloatArray], FloatArray] = _scatter,
    pull: Callable[[float, float], float] = lambda N, kappa: kappa * N / (kappa + N),
    product: Callable[[FloatArray, FloatArray], FloatArray] = np.outer,
    divided: Callable[[FloatArray, float, int], FloatArray] = lambda total, N, d: total / (N + 2 * d + 4),
    weights: Callable[[FloatArray, int], FloatArray] = lambda counts, n: counts / n,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return weights, means and covariances with the prior of Fraley and Raftery (2007), step by step."""
    K, d = responsibilities.shape[1], X.shape[1]
    mu = centre(X)  # (d,)
    scale = prior(data_covariance(X), K, d)  # (d, d)    Λ
    counts = responsibilities.sum(axis=0)  # (K,)    N_k
    means, covariances = [], []
    for N, r in zip(counts, responsibilities.T, strict=True):
        x_bar = mean(X, r)
        means.append(pulled_mean(x_bar, mu, N, kappa()))
        W = scatter(X, r, x_bar, means[-1])
        z = x_bar - mu
        covariances.append(divided(scale + W + pull(N, kappa()) * product(z, z), N, d))
    return weights(counts, len(X)), np.array(means), np.array(covariances)


wrong = Catalogue(see="collapse-map", steps=_with_prior)


@wrong()
def no_prior(X, responsibilities):
    """This is the M-step without the prior: a component on one point still collapses."""
    return _with_prior(
        X, responsibilities, kappa=lambda: 0.0, prior=prior_forgotten, divided=divided_by_count
    )


@wrong()
def prior_added_to_the_covariances(X, responsibilities):
    """Λ is added to the covariances of plain maximum likelihood; it is added to the scatter, before the
    division, and the means are pulled, too.
    """
    K, d = responsibilities.shape[1], X.shape[1]
    weights, means, covariances = no_prior(X, responsibilities)
    return weights, means, covariances + _share_of_volume(_covariance_of_data(X), K, d)


@wrong()
def ridge_instead_of_prior(X, responsibilities):
    """A fixed number is added to the variances; it depends on the units, and is no prior."""
    weights, means, covariances = no_prior(X, responsibilities)
    return weights, means, covariances + 1e-6 * np.eye(X.shape[1])


@wrong(step="pulled_mean")
def means_not_pulled(mean, centre, N, kappa):
    """The means are plain weighted means; the prior pulls them towards the data's mean."""
    return mean


@wrong(step="centre", about=("means",))
def pulled_to_the_origin(X):
    """The means are pulled towards 0; the prior's mean is that of the data."""
    return np.zeros(X.shape[1])


@wrong(step="pull")
def no_pull_in_covariance(N, kappa):
    """The term with κ N / (κ + N) is missing in the covariance."""
    return 0.0


@wrong(step="kappa")
def prior_too_strong():
    """κ is 1; here the prior's mean counts for a hundredth of a point, κ = 0.01."""
    return 1.0


@wrong(step="prior")
def prior_not_shared_out(S, K, d):
    """Λ is the data's covariance; it must be divided by K^(2/d)."""
    return S


@wrong(step="prior")
def prior_divided_by_components(S, K, d):
    """Λ is divided by K; it must be divided by K^(2/d)."""
    return S / K


@wrong(step="prior")
def prior_with_diagonal_only(S, K, d):
    """Only the variances enter Λ; it is the whole covariance of the data."""
    return _share_of_volume(np.diag(np.diag(S)), K, d)


@wrong(step="divided")
def divided_by_count(total, N, d):
    """The sum is divided by N_k; with the prior it is N_k + ν + d + 2."""
    return total / N


@wrong(step="divided")
def degrees_forgotten(total, N, d):
    """The divisor lacks d + 2: it is ν + N_k + d + 2, and ν is d + 2, too."""
    return total / (N + d + 2)


@wrong(step="divided")
def mean_of_the_posterior(total, N, d):
    """Your divisor is N_k + 1, as for the posterior's mean; its maximum has N_k + ν + d + 2."""
    return total / (N + 1)


@wrong(step="divided", alone=True)
def divisor_without_brackets(total, N, d):
    """Your numbers are those of a divisor without brackets: they belong round ν + N_k + d + 2."""
    return total / (d + 2) + N + d + 2


@wrong(step="prior", alone=True)
def prior_forgotten(S, K, d):
    """Λ is missing in the sum."""
    return 0 * S


@wrong(step="prior", alone=True)
def power_without_brackets_below(S, K, d):
    """Your numbers are those of K ** 2 / d below the line; the exponent is 2 / d: write K ** (2 / d)."""
    return S / (K**2 / d)


@wrong(step="data_covariance")
def prior_with_n_minus_one(X):
    """S has the divisor n - 1, as np.cov gives it; here it is n: np.cov(X.T, ddof=0)."""
    return _scatter_of_data(X) / (len(X) - 1)


@wrong(step="data_covariance", alone=True)
def prior_not_divided_by_n(X):
    """S is the scatter of all data; divide it by n to make it their covariance."""
    return _scatter_of_data(X)


@wrong(step="prior", alone=True)
def power_without_brackets(S, K, d):
    """Your numbers are those of S / K ** 2 / d; the exponent is 2 / d: write K ** (2 / d)."""
    return S / K**2 / d


@wrong(step="product", alone=True)
def inner_product(z, same):
    """Your numbers are those of z @ z, one number; z zᵀ is a (d, d) matrix: np.outer(z, z)."""
    return z @ z


@wrong(step="pull", alone=True)
def pull_not_divided(N, kappa):
    """The factor of z zᵀ lacks its divisor κ + N_k."""
    return kappa * N


@wrong(step="scatter", alone=True)
def covariance_instead_of_scatter(X, r, mean, pulled):
    """W_k is divided by N_k before it is added; it is the sum, and only the total is divided."""
    return _scatter(X, r, mean, pulled) / r.sum()


@wrong(step="scatter", alone=True)
def scatter_unweighted(X, r, mean, pulled):
    """Every point counts fully in W_k; it must count by its responsibility."""
    return (X - mean).T @ (X - mean)


@wrong(step="scatter", alone=True)
def scatter_about_the_pulled_mean(X, r, mean, pulled):
    """W_k is taken about μ_k instead of x̄_k, or the factor of z zᵀ is κ without N_k / (κ + N_k)."""
    return _scatter(X, r, pulled, pulled)


@wrong(step="centre", alone=True)
def one_mean_for_all_features(X):
    """One mean, of all numbers together, is used; each feature has its own: axis=0."""
    return np.full(X.shape[1], X.mean())


@wrong(step="weights", alone=True)
def counts_instead_of_weights(counts, n):
    """The counts are returned; divided by n they are the weights."""
    return counts


@wrong(step="mean", alone=True)
def means_of_all_points(X, r):
    """All your means are the mean of the data: does x̄_k use the responsibilities, and z hold x̄_k - μ_0?"""
    return X.mean(axis=0)


@wrong()
def first_component_only(X, responsibilities):
    """Only the first component is filled in: is the return inside the loop?"""
    weights, means, covariances = _with_prior(X, responsibilities)
    means[1:], covariances[1:] = 0.0, 0.0
    return weights, means, covariances


def _numpy_cov(X: FloatArray, r: FloatArray, ddof: int) -> FloatArray:
    return np.atleast_2d(np.cov(X, rowvar=False, aweights=r, ddof=ddof))


@wrong(step="scatter")
def numpy_cov_for_scatter(X, r, mean, pulled):
    """Your W_k is np.cov with aweights, which divides by nearly N_k; W_k is the sum itself."""
    return _numpy_cov(X, r, 1)


@wrong(step="scatter", alone=True)
def numpy_cov_times_count(X, r, mean, pulled):
    """Your W_k is N_k times np.cov with aweights, which corrects for small samples: use ddof=0."""
    return r.sum() * _numpy_cov(X, r, 1)


@wrong(step="scatter", alone=True)
def weighted_twice(X, r, mean, pulled):
    """Each point counts with r² in W_k; was the responsibility multiplied in twice?"""
    return _scatter(X, r**2, mean, pulled)


@wrong(step="scatter", alone=True)
def scatter_about_the_mean_of_all(X, r, mean, pulled):
    """W_k is taken about the mean of all points instead of x̄_k, or N_k too much stands before z zᵀ, which is
    the same.
    """
    return _scatter(X, r, X.mean(axis=0), pulled)


@wrong(step="scatter", also={"pull": no_pull_in_covariance}, alone=True)
def scatter_about_the_mean_of_all_alone(X, r, mean, pulled):
    """W_k is taken about the mean of all points, without the term with z zᵀ; or N_k stands before z zᵀ, which
    is the same: W_k is about x̄_k, and the factor is κ N_k / (κ + N_k).
    """
    return _scatter(X, r, X.mean(axis=0), pulled)


@wrong(step="scatter", alone=True)
def scatter_not_centred(X, r, mean, pulled):
    """The mean is not taken off the points in W_k."""
    return _scatter(X, r, np.zeros_like(mean), pulled)


@wrong(step="scatter", alone=True)
def scatter_with_diagonal_only(X, r, mean, pulled):
    """Only the diagonal of W_k is there; features vary together."""
    return np.diag(np.diag(_scatter(X, r, mean, pulled)))


@wrong(step="divided")
def one_degree_too_many(total, N, d):
    """The divisor is N_k + 2 d + 5; it is N_k + ν + d + 2 with ν = d + 2."""
    return total / (N + 2 * d + 5)


@wrong(step="divided")
def divisor_with_d_plus_one(total, N, d):
    """Your divisor is N_k + 2 d + 3, one too small: it is N_k + ν + d + 2 with ν = d + 2."""
    return total / (N + d + 2 + d + 1)


@wrong(step="divided", alone=True)
def divisor_with_d(total, N, d):
    """Your divisor is N_k + 2 d + 2, two too small: it is N_k + ν + d + 2 with ν = d + 2."""
    return total / (N + 2 * d + 2)


@wrong(step="divided", alone=True)
def degrees_of_d(total, N, d):
    """The divisor is N_k + d; it is N_k + ν + d + 2 with ν = d + 2."""
    return total / (N + d)


@wrong(step="divided", alone=True)
def divisor_with_d_once(total, N, d):
    """Your divisor is N_k + d + 4; it is N_k + ν + d + 2 with ν = d + 2."""
    return total / (N + d + 4)


@wrong(step="divided", alone=True)
def count_missing_in_divisor(total, N, d):
    """The divisor lacks N_k: it is N_k + ν + d + 2."""
    return total / (2 * d + 4)


@wrong(step="divided", alone=True)
def not_divided(total, N, d):
    """The sum is not divided; divide by N_k + ν + d + 2."""
    return total


@wrong(step="prior")
def power_of_one_over_d(S, K, d):
    """Λ is divided by K^(1/d); it must be divided by K^(2/d)."""
    return S / K ** (1.0 / d)


@wrong(step="prior")
def power_of_two(S, K, d):
    """Λ is divided by K²; it must be divided by K^(2/d)."""
    return S / K**2


@wrong(step="prior", alone=True)
def power_upside_down(S, K, d):
    """Λ is divided by K^(d/2); it must be divided by K^(2/d)."""
    return S / K ** (d / 2)


@wrong(step="prior", alone=True)
def prior_multiplied(S, K, d):
    """Λ is multiplied by K^(2/d); it must be divided by it."""
    return S * K ** (2.0 / d)


@wrong(step="prior", alone=True)
def prior_spherical(S, K, d):
    """Λ is one mean variance times the identity; it is the whole covariance of the data."""
    return _share_of_volume(np.eye(d) * np.trace(S) / d, K, d)


@wrong(step="kappa")
def prior_ten_times_too_strong():
    """κ is 0.1; here the prior's mean counts for a hundredth of a point, κ = 0.01."""
    return 0.1


@wrong(step="kappa", alone=True)
def prior_too_weak():
    """κ is 0.001; here the prior's mean counts for a hundredth of a point, κ = 0.01."""
    return 0.001


@wrong(step="pull", alone=True)
def pull_of_the_mean(N, kappa):
    """The factor of z zᵀ is κ / (κ + N_k), that of the mean; it is κ N_k / (κ + N_k)."""
    return kappa / (kappa + N)


@wrong(step="pull", alone=True)
def pull_of_the_count(N, kappa):
    """The factor of z zᵀ is N_k / (κ + N_k), that of the mean; it is κ N_k / (κ + N_k)."""
    return N / (kappa + N)


@wrong(step="pull", alone=True)
def pull_subtracted(N, kappa):
    """The term with z zᵀ is subtracted; it must be added."""
    return -kappa * N / (kappa + N)


@wrong(step="pulled_mean")
def pull_not_normalised(mean, centre, N, kappa):
    """The mean is N_k x̄ + κ μ divided by N_k; divide by N_k + κ."""
    return mean + kappa * centre / N


@wrong(step="pulled_mean", alone=True)
def pull_the_other_way(mean, centre, N, kappa):
    """The roles of N_k and κ are swapped in the mean: the data weigh N_k, the prior κ."""
    return mean + N / (N + kappa) * (centre - mean)


@wrong(step="pulled_mean", alone=True)
def pulled_halfway(mean, centre, N, kappa):
    """The mean is the plain average of x̄ and the prior's mean; they weigh N_k and κ."""
    return (mean + centre) / 2


@wrong(step="weights", alone=True)
def weights_with_prior_too(counts, n):
    """The weights are smoothed as well; here they are N_k / n."""
    return (counts + 1) / (n + len(counts))


@wrong(step="weights", alone=True)
def equal_weights(counts, n):
    """All weights are 1/K; the weight is N_k / n."""
    return np.full(len(counts), 1 / len(counts))


@wrong(step="pull", alone=True)
def distance_of_the_pulled_mean(N, kappa):
    """z is taken from μ_k, which is pulled already; it is x̄_k - μ_0, with the weighted mean."""
    return kappa * N / (kappa + N) * (N / (N + kappa)) ** 2


@wrong(step="prior", alone=True)
def exponent_without_remainder(S, K, d):
    """Λ is divided by K^(2 // d), which is 1 from three features on; `/` keeps what `//` drops."""
    return S / K ** (2 // d)


@wrong(step="pull", alone=True)
def pull_without_factor(N, kappa):
    """z zᵀ is added as it is; its factor is κ N_k / (κ + N_k)."""
    return 1.0


@wrong(step="weights", alone=True)
def weights_with_kappa_too(counts, n):
    """κ is added to the counts in the weights as well; here they are N_k / n."""
    return (counts + 0.01) / (n + 0.01 * len(counts))


def _adapted(adding: Callable[[FloatArray, FloatArray], FloatArray]) -> Callable[..., FloatArray]:
    """Return the step that adds up a scatter so."""
    return lambda X, r, mean, pulled: adding(X - mean, r)


wrong.include(adding_up, step="scatter", adapted=_adapted)


@wrong(alone=True)
def prior_added_after_dividing(X, responsibilities):
    """Λ is added after the division; it belongs into the sum that is divided."""
    weights, means, covariances = _with_prior(X, responsibilities)
    K, d = means.shape
    divisor = (responsibilities.sum(axis=0) + 2 * d + 4)[:, None, None]
    scale = _share_of_volume(_covariance_of_data(X), K, d)
    return weights, means, covariances - scale / divisor + scale


@wrong(alone=True)
def centre_missing_in_the_covariances(X, responsibilities):
    """z in the covariances is x̄_k itself; it is x̄_k - μ_0, with the mean of all data taken off."""
    weights, means, _ = _with_prior(X, responsibilities)
    middle = _mean_of_data(X)
    about_zero = _with_prior(
        X, responsibilities, centre=lambda X: np.zeros(len(middle)), data_covariance=_covariance_of_data
    )
    return weights, means, about_zero[2]


@wrong(step="data_covariance", alone=True)
def prior_not_centred(X):
    """S is X.T @ X / n; take the mean of the data off the points first."""
    return X.T @ X / len(X)


@wrong(step="product", alone=True)
def squares_of_the_entries(z, same):
    """Your numbers are those of z * z, entry by entry; z zᵀ is a (d, d) matrix: np.outer(z, z)."""
    return z * z


@wrong(alone=True)
def divided_by_all_points(X, responsibilities):
    """The divisor has n; it has N_k, what the component owns: N_k + ν + d + 2."""
    weights, means, covariances = _with_prior(X, responsibilities)
    (n, d), counts = X.shape, responsibilities.sum(axis=0)
    return weights, means, covariances * ((counts + 2 * d + 4) / (n + 2 * d + 4))[:, None, None]


@wrong(alone=True)
def last_term_divided_only(X, responsibilities):
    """Only the term with z zᵀ is divided: brackets are missing round the sum of the three."""
    weights, means, covariances = _with_prior(X, responsibilities)
    divisor = (responsibilities.sum(axis=0) + 2 * X.shape[1] + 4)[:, None, None]
    last = covariances - _with_prior(X, responsibilities, pull=no_pull_in_covariance)[2]
    return weights, means, divisor * (covariances - last) + last


@wrong(step="scatter", alone=True)
def scatter_forgotten(X, r, mean, pulled):
    """W_k is missing in the sum, or Σ r (x - x̄_k), which is 0, stands in its place."""
    return 0.0 * _scatter(X, r, mean, pulled)


@wrong(step="scatter", alone=True, see="numerics-statistics")
def digits_lost_far_away(X, r, mean, pulled):
    """Far from the origin digits are lost: take off the mean first, before squares (and in float64)."""
    return (X * r[:, None]).T @ X - r.sum() * np.outer(mean, mean)


@wrong(step="pulled_mean", alone=True)
def mean_of_the_data_not_added(mean, centre, N, kappa):
    """The means lack μ_0: z times N_k / (N_k + κ) is added to the mean of the data."""
    return N / (N + kappa) * (mean - centre)


@wrong(step="divided", alone=True)
def kappa_in_the_divisor(total, N, d):
    """Your divisor holds κ as well: it is N_k + ν + d + 2."""
    return total / (N + 2 * d + 4.01)


@wrong(step="divided", alone=True)
def divisor_with_d_and_one(total, N, d):
    """Your divisor is N_k + 2 d + 1; it is N_k + ν + d + 2 with ν = d + 2."""
    return total / (N + 2 * d + 1)


@wrong(step="prior", alone=True)
def prior_of_the_identity(S, K, d):
    """Λ is the identity by K^(2/d); it is the covariance of the data that is divided."""
    return _share_of_volume(np.eye(d), K, d)


@wrong(step="product", alone=True)
def squares_on_the_diagonal(z, same):
    """Only the diagonal of z zᵀ is there; it is the whole matrix: np.outer(z, z)."""
    return np.diag(z * z)


@wrong(alone=True)
def mean_of_the_means(X, responsibilities):
    """μ_0 is the plain mean of the x̄_k; it is the mean of all data."""
    middle = np.mean([_weighted_mean(X, r) for r in responsibilities.T], axis=0)
    return _with_prior(X, responsibilities, centre=lambda X: middle)


@wrong(alone=True)
def scatters_about_the_first_mean(X, responsibilities):
    """Every W_k is taken about the first component's x̄; each has its own."""
    first = _weighted_mean(X, responsibilities[:, 0])
    return _with_prior(X, responsibilities, scatter=lambda X, r, mean, pulled: _scatter(X, r, first, pulled))


def _pulled_by(X: FloatArray, R: FloatArray, strength: Callable[[FloatArray], FloatArray]) -> FloatArray:
    """Return the means if another number stands in the place of N_k."""
    middle, N = _mean_of_data(X), strength(R)
    means = np.stack([_weighted_mean(X, r) for r in R.T])
    return np.asarray(middle + (N / (N + 0.01))[:, None] * (means - middle))


@wrong(alone=True, about=("means",))
def pulled_by_all_points(X, responsibilities):
    """The means are pulled as if each component owned all n points; x̄_k weighs N_k."""
    weights, _, covariances = _with_prior(X, responsibilities)
    pulled = _pulled_by(X, responsibilities, lambda R: np.full(R.shape[1], float(len(R))))
    return weights, pulled, covariances


@wrong(alone=True, about=("means",))
def pulled_by_weights(X, responsibilities):
    """The means are pulled with the weight N_k / n in the place of N_k; x̄_k weighs N_k."""
    weights, _, covariances = _with_prior(X, responsibilities)
    return weights, _pulled_by(X, responsibilities, lambda R: R.mean(axis=0)), covariances


@wrong(alone=True)
def scatter_divided_only(X, responsibilities):
    """Only W_k is divided, by N_k; the sum of all three terms is divided, by ν + N_k + d + 2."""
    weights, means, covariances = _with_prior(X, responsibilities)
    N, d = responsibilities.sum(axis=0)[:, None, None], X.shape[1]
    within = np.stack([_scatter(X, r, _weighted_mean(X, r), r) for r in responsibilities.T])
    return weights, means, covariances * (N + 2 * d + 4) - within + within / N
