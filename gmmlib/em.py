"""EM for Gaussian mixtures: the E-step, the M-step and their repetition, line by line as in the book."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gmmlib._checks import FloatArray, as_count, as_number, as_points, as_sample_weight
from gmmlib.errors import CollapsedComponentError, InvalidInputError
from gmmlib.gaussian import cholesky
from gmmlib.mixture import Mixture, log_sum_exp
from gmmlib.statistics import as_responsibilities


def e_step(
    X: FloatArray, mixture: Mixture, sample_weight: FloatArray | None = None
) -> tuple[FloatArray, float]:
    """How much each component owns of each point, and how well the mixture explains the points.

    Parameters
    ----------
    X : (n, d) points
    mixture : K components in d dimensions
    sample_weight : (n,) >= 0, how often each point counts; None for once

    Returns
    -------
    responsibilities : (n, K) in [0, 1], rows sum to 1
    log_likelihood : Σ_i log p(x_i) in nats, each point counted by its weight

    Raises
    ------
    InvalidInputError
        If shapes do not fit or a value is not finite.
    CollapsedComponentError
        If a covariance is not numerically positive definite.

    Source: book/em.md, equation em-e-step; Bishop (2006), eq. 9.23.
    """
    X = as_points(X, mixture.n_features)
    weight = as_sample_weight(sample_weight, len(X))
    log_joint = mixture.log_joint(X)                                         # (n, K)  log w_k N(x_i | k)
    log_density = log_sum_exp(log_joint)                                     # (n,)    log p(x_i)
    responsibilities = np.exp(log_joint - log_density[:, None])              # (n, K)  r_ik
    return responsibilities, float(log_density.sum() if weight is None else weight @ log_density)


def m_step(X: FloatArray, responsibilities: FloatArray, sample_weight: FloatArray | None = None) -> Mixture:
    """Maximum-likelihood parameters, given how much each component owns of each point.

    Parameters
    ----------
    X : (n, d) points
    responsibilities : (n, K) in [0, 1], rows sum to 1
    sample_weight : (n,) >= 0, how often each point counts; None for once

    Returns
    -------
    Mixture of K components

    Raises
    ------
    InvalidInputError
        If shapes do not fit or a value is not finite.
    CollapsedComponentError
        If a component owns nothing, or its covariance is not numerically positive definite;
        it names the component and the cure.

    Source: book/em.md, equation em-m-step (em-weights, em-means, em-covariances);
    Bishop (2006), eqs. 9.24-9.26.
    """
    X = as_points(X)
    R = as_responsibilities(responsibilities, len(X))
    weight = as_sample_weight(sample_weight, len(X))
    if weight is not None:
        R = R * weight[:, None]                                    # a point of weight 2 is two points
    counts = R.sum(axis=0)                                         # (K,)    N_k = Σ_i r_ik
    for k in np.flatnonzero(counts <= 0):
        raise CollapsedComponentError(int(k), 0.0, reason="owns no point")
    origin = X.mean(axis=0)                                        # (d,)    sums of large numbers lose digits
    means = origin + R.T @ (X - origin) / counts[:, None]          # (K, d)  μ_k = Σ_i r_ik x_i / N_k
    covariances = np.stack([
        _scatter(X - mean, r) / count                              # (d, d)  Σ_k, centred first: no cancellation
        for mean, r, count in zip(means, R.T, counts, strict=True)
    ])
    require_positive_definite(covariances, counts)
    return Mixture(counts / counts.sum(), means, covariances)


def _scatter(centred: FloatArray, r: FloatArray) -> FloatArray:
    """Σ_i r_i z_i z_iᵀ, (d, d)."""
    scatter = (r[:, None] * centred).T @ centred
    return (scatter + scatter.T) / 2.0


def require_positive_definite(covariances: FloatArray, counts: FloatArray) -> None:
    """Raise CollapsedComponentError, with count and conditioning, for the first singular covariance."""
    for k, covariance in enumerate(covariances):
        try:
            cholesky(covariance, k)
        except CollapsedComponentError as error:
            raise CollapsedComponentError(k, float(counts[k]), condition_number(covariance), error.reason) from None


def condition_number(covariance: FloatArray) -> float:
    """Ratio of the extreme eigenvalues in units of each feature's own deviation; infinity if singular."""
    variances = np.diagonal(covariance)
    if np.any(variances <= 0):
        return float(np.inf)
    eigenvalues = np.linalg.eigvalsh(covariance / np.sqrt(np.outer(variances, variances)))
    return float(eigenvalues[-1] / eigenvalues[0]) if eigenvalues[0] > 0 else float(np.inf)


@dataclass(frozen=True, eq=False)
class Fit:
    """The outcome of EM.

    Parameters
    ----------
    mixture : the parameters that were found
    history : log-likelihood of the parameters before each M-step; the last one is that of `mixture`
    n_iter : number of E-steps, which is len(history)
    converged : whether the stopping rule was met
    stop_reason : why it stopped, in a sentence
    """

    mixture: Mixture
    history: tuple[float, ...]
    n_iter: int
    converged: bool
    stop_reason: str

    @property
    def log_likelihood(self) -> float:
        """Log-likelihood of `mixture`, in nats."""
        return self.history[-1]


def fit(
    X: FloatArray,
    start: Mixture | int,
    *,
    tol: float = 1e-6,
    max_iter: int = 1000,
    sample_weight: FloatArray | None = None,
    rng: np.random.Generator | int | None = 0,
) -> Fit:
    """Repeat E-step and M-step until the log-likelihood rises by less than tol.

    Parameters
    ----------
    X : (n, d) points
    start : the mixture to start from, or the number of components
    tol : nats; it stops when one iteration gains less
    max_iter : largest number of E-steps
    sample_weight : (n,) >= 0, how often each point counts; None for once
    rng : generator or seed, for the start

    Source: book/em.md, equations em-e-step and em-m-step; Dempster, Laird & Rubin (1977).
    """
    X = as_points(X)
    tol = as_number(tol, "tol", at_least=0.0)
    as_count(max_iter, "max_iter")
    if not isinstance(start, Mixture):
        start = _kmeans_start(X, start, rng, sample_weight)
    elif start.n_features != X.shape[1]:
        raise InvalidInputError(f"X has {X.shape[1]} features, but the start has {start.n_features}.")
    return _repeat(
        start,
        lambda mixture: e_step(X, mixture, sample_weight),
        lambda responsibilities: m_step(X, responsibilities, sample_weight),
        tol,
        max_iter,
    )


def _repeat(
    mixture: Mixture,
    expect: Callable[[Mixture], tuple[FloatArray, float]],
    maximise: Callable[[FloatArray], Mixture],
    tol: float,
    max_iter: int,
) -> Fit:
    history: list[float] = []
    while True:
        responsibilities, log_likelihood = expect(mixture)
        history.append(log_likelihood)
        if len(history) > 1 and history[-1] - history[-2] < tol:
            return Fit(mixture, tuple(history), len(history), True, f"The last iteration gained less than {tol:g}.")
        if len(history) == max_iter:
            return Fit(mixture, tuple(history), len(history), False, f"max_iter = {max_iter} was reached.")
        mixture = maximise(responsibilities)


def _kmeans_start(
    X: FloatArray, n_components: int, rng: np.random.Generator | int | None, sample_weight: FloatArray | None
) -> Mixture:
    from gmmlib.kmeans import kmeans

    labels = kmeans(X / X.std(axis=0), n_components, rng).labels
    return m_step(X, np.eye(n_components)[labels], sample_weight)
