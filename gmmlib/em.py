"""EM for Gaussian mixtures: the E-step, the M-step and their repetition, line by line as in the book."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from gmmlib import loop, squarem
from gmmlib._checks import (
    FloatArray,
    as_count,
    as_generator,
    as_points,
    as_sample_weight,
    present,
    require_spread,
)
from gmmlib.blocked import MEMORY_BUDGET, Blocks
from gmmlib.covariance import family
from gmmlib.cures import EMPTY_SHARE, Cure, MaximumLikelihood, require_positive_definite
from gmmlib.errors import CollapsedComponentError, ConvergenceWarning
from gmmlib.loop import Data, Fit, Maximiser, together
from gmmlib.mixture import Mixture, log_sum_exp, require_density
from gmmlib.starts import best_of, starting_mixtures
from gmmlib.statistics import Statistics, weighted_responsibilities
from gmmlib.stopping import Absolute, Stopping


def e_step(
    X: FloatArray, mixture: Mixture, sample_weight: FloatArray | None = None
) -> tuple[FloatArray, float]:
    """Return how much each component owns of each point, and how well the mixture explains the points.

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
        If shapes do not fit, a value is not finite or a point has density zero under every component.
    CollapsedComponentError
        If a covariance is not numerically positive definite.

    Source: book/em.md, equation em-e-step; Bishop (2006), eq. 9.23.
    """
    X = as_points(X, mixture.n_features)
    weight = as_sample_weight(sample_weight, len(X))
    log_joint = mixture.log_joint(X)                                         # (n, K)  log w_k N(x_i | k)
    log_density = log_sum_exp(log_joint)                                     # (n,)    log p(x_i)
    require_density(log_density)
    responsibilities = np.exp(log_joint - log_density[:, None])              # (n, K)  r_ik
    return responsibilities, float(log_density.sum() if weight is None else weight @ log_density)


def m_step(X: FloatArray, responsibilities: FloatArray, sample_weight: FloatArray | None = None) -> Mixture:
    """Return maximum-likelihood parameters, given how much each component owns of each point.

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
    R = weighted_responsibilities(responsibilities, sample_weight, len(X))
    counts = R.sum(axis=0)                                         # (K,)    N_k = Σ_i r_ik
    for k in np.flatnonzero(counts <= EMPTY_SHARE * counts.sum()):
        raise CollapsedComponentError(int(k), float(counts[k]), reason="owns no point")
    origin = X.mean(axis=0)                                        # (d,)    sums of large numbers lose digits
    means = origin + R.T @ (X - origin) / counts[:, None]          # (K, d)  μ_k = Σ_i r_ik x_i / N_k
    covariances = np.stack([
        _scatter(X - mean, r) / count                              # (d, d)  Σ_k, centred: nothing cancels
        for mean, r, count in zip(means, R.T, counts, strict=True)
    ])
    factors = require_positive_definite(covariances, counts)
    return Mixture.of_factors(counts / counts.sum(), means, covariances, factors)


def _scatter(centred: FloatArray, r: FloatArray) -> FloatArray:
    """Return Σ_i r_i z_i z_iᵀ, (d, d)."""
    scatter = (r[:, None] * centred).T @ centred
    return (scatter + scatter.T) / 2.0


# --------------------------------------------------------------------------- the two steps, repeated


def fit(
    X: FloatArray,
    start: Any,
    *,
    covariance_type: str = "full",
    cure: Cure | None = None,
    sample_weight: FloatArray | None = None,
    tol: float = 1e-6,
    stopping: Stopping | None = None,
    max_iter: int = 1000,
    init: str = "kmeans",
    n_starts: int = 10,
    rng: np.random.Generator | int | None = 0,
    accelerate: bool = False,
    memory_budget: float = MEMORY_BUDGET,
) -> Fit:
    """Fit a mixture by EM.

    Parameters
    ----------
    X : (n, d) points
    start : number of components K; or a Mixture; or responsibilities (n, K); or a callable (X, rng)
        that returns one of these
    covariance_type : full, tied, diag or spherical
    cure : against collapse: Floor, InverseWishart or EigenvalueRatio of gmmlib.cures; None for plain maximum
        likelihood, where a collapse is an error
    sample_weight : (n,) >= 0, how often each point counts; None for once
    tol : nats; it stops when one iteration gains less
    stopping : another rule of gmmlib.stopping, in place of tol
    max_iter : largest number of E-steps
    init : how K components start: "kmeans", "k-means++" (without Lloyd steps), "points" or "random"
    n_starts : how many such starts run short; the best of them is finished, and the first
    rng : generator or seed, for the starts
    accelerate : whether SQUAREM lengthens the steps: worth it where EM creeps
    memory_budget : bytes that the fast E-step may use to keep features of the points, see gmmlib.blocked

    Raises
    ------
    InvalidInputError
        If shapes do not fit, a value is not finite, a feature is constant, n < K, or a setting is
        out of range.
    CollapsedComponentError
        If a component collapses (in every start); it names the component and the cure.

    Warns
    -----
    ConvergenceWarning
        If max_iter was reached first.

    Source: book/em.md, equations em-e-step and em-m-step; Dempster, Laird & Rubin (1977).
    """
    X = as_points(X)
    weight = as_sample_weight(sample_weight, len(X))
    start = present(start, weight)[0] if np.ndim(start) == 2 else start      # responsibilities (n, K)
    X, weight = present(X, weight)
    require_spread(X)
    return fit_data(
        Blocks(X, weight, diagonal=family(covariance_type).diagonal, memory_budget=memory_budget),
        start,
        covariance_type=covariance_type,
        cure=cure,
        tol=tol,
        stopping=stopping,
        max_iter=max_iter,
        init=init,
        n_starts=n_starts,
        rng=rng,
        accelerate=accelerate,
    )


def fit_data(
    data: Data,
    start: Any,
    *,
    covariance_type: str = "full",
    cure: Cure | None = None,
    tol: float = 1e-6,
    stopping: Stopping | None = None,
    max_iter: int = 1000,
    init: str = "kmeans",
    n_starts: int = 10,
    rng: np.random.Generator | int | None = 0,
    accelerate: bool = False,
) -> Fit:
    """Fit a mixture by EM to any kind of data; settings as for `fit`."""
    as_count(max_iter, "max_iter")
    rule = Absolute(tol) if stopping is None else stopping
    maximise = Maximiser(family(covariance_type), cure or MaximumLikelihood(), data.total)
    starts = starting_mixtures(
        data.points, start, maximise, as_generator(rng), init=init, n_starts=n_starts, weight=data.weight
    )
    steps = squarem.steps if accelerate else loop.steps
    best = best_of(
        lambda starts, rounds: together(data, [steps(maximise, start, rule, rounds) for start in starts]),
        starts,
        max_iter,
    )
    if not best.converged:
        warn_not_converged(best)
    return best


def fit_each(
    X: FloatArray,
    starts: Sequence[Mixture],
    *,
    covariance_type: str = "full",
    cure: Cure | None = None,
    sample_weight: FloatArray | None = None,
    tol: float = 1e-6,
    stopping: Stopping | None = None,
    max_iter: int = 1000,
    accelerate: bool = False,
) -> tuple[Fit | CollapsedComponentError, ...]:
    """Run EM from each of several starts to its end: to see where starts lead, not to find the best.

    Few points take little longer than from one start. None of it warns: see `converged` of each fit.

    Parameters
    ----------
    X : (n, d) points
    starts : mixtures, all of K components; the other settings as for `fit`

    Returns
    -------
    the fit of each, or the error where a component collapsed

    Raises
    ------
    InvalidInputError
        As `fit` does.

    Source: book/starts.md, section starts-restarts.
    """
    as_count(max_iter, "max_iter")
    X, weight = present(as_points(X), as_sample_weight(sample_weight, len(X)))
    require_spread(X)
    data = Blocks(X, weight, diagonal=family(covariance_type).diagonal)
    maximise = Maximiser(family(covariance_type), cure or MaximumLikelihood(), data.total)
    rule, steps = stopping or Absolute(tol), squarem.steps if accelerate else loop.steps
    from_starts = [starting_mixtures(X, start, maximise, as_generator(0))[0] for start in starts]
    return tuple(together(data, [steps(maximise, start, rule, max_iter) for start in from_starts]))


class Plain:
    """Points in memory, and their expectations as in the book: what gmmlib.blocked does, to be read."""

    def __init__(self, X: FloatArray, sample_weight: FloatArray | None = None) -> None:
        self.points, self.weight = X, sample_weight
        self.total = Statistics.of(X, np.ones((len(X), 1)), sample_weight)

    def expect(self, mixture: Mixture) -> Statistics:
        """See Data."""
        responsibilities, log_likelihood = e_step(self.points, mixture, self.weight)
        return Statistics.of(self.points, responsibilities, self.weight, log_likelihood)


def warn_not_converged(fit: Fit) -> None:
    """Warn that EM was stopped by max_iter, with the remedy."""
    warnings.warn(
        f"EM did not converge: {fit.stop_reason} Raise max_iter or tol, or try other starts; "
        f"slow progress can mean too many components.",
        ConvergenceWarning,
        stacklevel=4,
    )
