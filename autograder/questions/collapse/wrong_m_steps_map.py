"""What students get wrong in collapse.m_step_map."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.questions import Catalogue, FloatArray
from autograder.questions.collapse.m_step_map import Parameters, reference  # ?? shared

KAPPA = 0.01


def _share_of_volume(S: FloatArray, K: int, d: int) -> FloatArray:
    return np.asarray(S / K ** (2.0 / d))


def _formula(
    X: FloatArray,
    responsibilities: FloatArray,
    *,
    kappa: float = KAPPA,
    centre: Callable[[FloatArray], FloatArray] = lambda X: X[0] + (X - X[0]).mean(axis=0),
    mean: Callable[[FloatArray, FloatArray], FloatArray] = lambda Z, r: r @ Z / r.sum(),
    ddof: int = 0,
    prior: Callable[[FloatArray, int, int], FloatArray] = _share_of_volume,
    pull: Callable[[float, float], float] = lambda N, kappa: kappa * N / (kappa + N),
    product: Callable[[FloatArray, FloatArray], FloatArray] = np.outer,
    scatter: Callable[..., FloatArray] = lambda Z, r, shift: (Z * r[:, None]).T @ Z,
    divided: Callable[[FloatArray, float, int], FloatArray] = lambda total, N, d: total / (N + 2 * d + 4),
    means_pulled: bool = True,
    weights: Callable[[FloatArray, int], FloatArray] = lambda counts, n: counts / n,
) -> Parameters:
    K, d = responsibilities.shape[1], X.shape[1]
    mu = centre(X)
    Z = X - X.mean(axis=0)
    scale = prior(Z.T @ Z / (len(X) - ddof), K, d)
    counts = responsibilities.sum(axis=0)
    means, covariances = [], []
    for N, r in zip(counts, responsibilities.T, strict=True):
        own = X[0] + mean(X - X[0], r)
        z = own - mu
        W = scatter(X - own, r, kappa / (N + kappa) * z)
        covariances.append(divided(scale + W + pull(N, kappa) * product(z, z), N, d))
        means.append(mu + N / (N + kappa) * z if means_pulled else own)
    return weights(counts, len(X)), np.array(means), np.array(covariances)


def _no_prior(X: FloatArray, responsibilities: FloatArray) -> Parameters:
    return _formula(
        X,
        responsibilities,
        kappa=0.0,
        prior=lambda S, K, d: 0 * S,
        pull=lambda N, kappa: 0.0,
        divided=lambda total, N, d: total / N,
    )


wrong = Catalogue(see="collapse-map", steps=_formula)


@wrong()
def no_prior(X, responsibilities):
    """This is the M-step without the prior: a component on one point still collapses."""
    return _no_prior(X, responsibilities)


@wrong()
def ridge_instead_of_prior(X, responsibilities):
    """A fixed number is added to the variances; it depends on the units, and is no prior."""
    weights, means, covariances = _no_prior(X, responsibilities)
    return weights, means, covariances + 1e-6 * np.eye(X.shape[1])


@wrong(step="means_pulled")
def means_not_pulled(Z):
    """The means are plain weighted means; the prior pulls them towards the data's mean."""
    return False(Z)  # ??


@wrong(step="centre")
def pulled_to_the_origin(X):
    """The means are pulled towards 0; the prior's mean is that of the data."""
    return np.zeros(X.shape[1])


@wrong(step="pull")
def no_pull_in_covariance(N, kappa):
    """The term with κ N / (κ + N) is missing in the covariance."""
    return 0.0


@wrong(step="kappa")
def prior_too_strong(Z):
    """κ is 1; here the prior's mean counts for a hundredth of a point, κ = 0.01."""
    return 1.0(Z)  # ??


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
    """The divisor lacks the degrees of freedom ν = d + 2."""
    return total / (N + d + 2)


@wrong(step="divided")
def mean_of_the_posterior(total, N, d):
    """The divisor is that of the posterior's mean; its maximum has N_k + ν + d + 2."""
    return total / (N + 1)


@wrong(step="divided", alone=True)
def divisor_without_brackets(total, N, d):
    """Only ν is under the fraction line: put brackets round the whole divisor, ν + N_k + d + 2."""
    return total / (d + 2) + N + d + 2


@wrong(step="prior", alone=True)
def prior_forgotten(S, K, d):
    """Λ is missing in the sum."""
    return 0 * S


@wrong(step="ddof", alone=True)
def prior_with_n_minus_one(Z):
    """S is np.cov as it is, with the divisor n - 1; here it is n: np.cov(X.T, ddof=0)."""
    return 1(Z)  # ??


@wrong()
def prior_not_divided_by_n(X, responsibilities):
    """S is the scatter of all data; divide it by n to make it their covariance."""
    return _formula(X, responsibilities, prior=lambda S, K, d: len(X) * _share_of_volume(S, K, d))


@wrong(step="prior", alone=True)
def power_without_brackets(S, K, d):
    """S / K ** 2 / d divides by K² and then by d; the exponent is 2 / d: write K ** (2 / d)."""
    return S / K**2 / d


@wrong(step="product", alone=True)
def inner_product(z, _):
    """z @ z, and z @ z.T as well, is one number; z zᵀ is a (d, d) matrix: np.outer(z, z)."""
    return z @ z


@wrong(step="pull", alone=True)
def pull_not_divided(N, kappa):
    """The factor of z zᵀ lacks its divisor κ + N_k."""
    return kappa * N


@wrong(step="scatter", alone=True)
def covariance_instead_of_scatter(Z, r, shift):
    """W_k is divided by N_k before it is added; it is the sum, and only the total is divided."""
    return (Z * r[:, None]).T @ Z / r.sum()


@wrong(step="scatter", alone=True)
def scatter_unweighted(Z, r, shift):
    """Every point counts fully in W_k; it must count by its responsibility."""
    return Z.T @ Z


@wrong(step="scatter", alone=True)
def scatter_about_the_pulled_mean(Z, r, shift):
    """W_k is taken about μ_k instead of x̄_k, or the factor of z zᵀ is κ without N_k / (κ + N_k)."""
    return ((Z + shift) * r[:, None]).T @ (Z + shift)


@wrong(step="centre", alone=True)
def one_mean_for_all_features(X):
    """X.mean() is the mean of all numbers together; each feature has its own: axis=0."""
    return np.full(X.shape[1], X.mean())


@wrong(step="weights", alone=True)
def counts_instead_of_weights(counts, n):
    """The counts are returned; divided by n they are the weights."""
    return counts


@wrong(step="mean", alone=True)
def means_of_all_points(Z, r):
    """The weighted means do not use the responsibilities: all are the mean of the data."""
    return Z.mean(axis=0)


@wrong()
def first_component_only(X, responsibilities):
    """Only the first component is filled in: is the return inside the loop?"""
    weights, means, covariances = reference(X, responsibilities)
    means[1:], covariances[1:] = 0.0, 0.0
    return weights, means, covariances
