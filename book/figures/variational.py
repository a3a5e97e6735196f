"""Variational mixture of Gaussians (Bishop 2006, section 10.2): EM for distributions of parameters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma

from gmmlib import Mixture
from gmmlib.mixture import log_sum_exp

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Posterior:
    """Approximate posterior: Dirichlet of the weights, Gaussian and Wishart of each mean and precision.

    Parameters
    ----------
    concentrations : (K,) of the Dirichlet distribution
    counts : (K,) β_k, how many points each mean is worth
    means : (K, d)
    degrees : (K,) ν_k of the Wishart distributions
    scatters : (K, d, d) inverses of their scale matrices
    """

    concentrations: FloatArray
    counts: FloatArray
    means: FloatArray
    degrees: FloatArray
    scatters: FloatArray

    def mixture(self) -> Mixture:
        """Expected weights, means, and the scatters over their degrees of freedom."""
        weights = self.concentrations / self.concentrations.sum()
        return Mixture(weights, self.means, self.scatters / self.degrees[:, None, None])


def responsibilities(X: FloatArray, q: Posterior) -> FloatArray:
    """Shares (n, K) by expected logarithms: Bishop, equations 10.46 and 10.64 to 10.66."""
    d = X.shape[1]
    log_weights = digamma(q.concentrations) - digamma(q.concentrations.sum())
    halves = (q.degrees[:, None] - np.arange(d)) / 2  # (K, d)
    log_precisions = digamma(halves).sum(axis=1) + d * np.log(2) - np.linalg.slogdet(q.scatters)[1]
    Z = X - q.means[:, None]  # (K, n, d)
    squares = np.einsum("kni,kij,knj->nk", Z, np.linalg.inv(q.scatters), Z)
    log_joint = log_weights + log_precisions / 2 - (q.degrees * squares + d / q.counts) / 2
    return np.asarray(np.exp(log_joint - log_sum_exp(log_joint)[:, None]))


def update(X: FloatArray, R: FloatArray, concentration: float) -> Posterior:
    """Posterior given the shares (n, K): Bishop, equations 10.58 to 10.63; the prior has the scale of X."""
    d, K = X.shape[1], R.shape[1]
    centre, scale = X.mean(axis=0), np.cov(X.T, bias=True) / K ** (2 / d)
    N = R.sum(axis=0) + 1e-10
    means = R.T @ X / N[:, None]
    scatters = []
    for r, mean, count in zip(R.T, means, N, strict=True):
        Z, shift = X - mean, mean - centre
        scatters.append(d * scale + (r[:, None] * Z).T @ Z + count / (count + 1) * np.outer(shift, shift))
    return Posterior(
        concentration + N, 1 + N, (centre + N[:, None] * means) / (1 + N)[:, None], d + N, np.array(scatters)
    )


def fit(X: FloatArray, R: FloatArray, concentration: float, rounds: int = 2000) -> Posterior:
    """From shares (n, K): update and share out in turn until no count changes by a thousandth of a point."""
    before = R.sum(axis=0)
    for _ in range(rounds):
        q = update(X, R, concentration)
        R = responsibilities(X, q)
        counts = R.sum(axis=0)
        if np.abs(counts - before).max() < 1e-3:
            break
        before = counts
    return q
