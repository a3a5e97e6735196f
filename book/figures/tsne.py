"""t-SNE of van der Maaten and Hinton (2008), for a few hundred points: near neighbours stay near."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def tsne(X: FloatArray, perplexity: float, rounds: int = 600, seed: int = 0) -> FloatArray:
    """Places (n, 2) whose neighbourhoods resemble those of the points (n, d), about `perplexity` each."""
    affinity = _affinities(X, perplexity)
    Y = 1e-2 * np.random.default_rng(seed).standard_normal((len(X), 2))
    step = np.zeros_like(Y)
    for t in range(rounds):
        P = (4.0 if t < 100 else 1.0) * affinity  # (n, n) at first exaggerated
        near = 1 / (1 + _squared_distances(Y))  # Student's t, one degree of freedom
        np.fill_diagonal(near, 0.0)
        pull = (P - near / near.sum()) * near  # KL(P || Q) falls along Σ_j pull_ij (y_j - y_i)
        gradient = 4 * (pull.sum(axis=1)[:, None] * Y - pull @ Y)
        step = (0.5 if t < 100 else 0.8) * step - 20.0 * gradient
        Y = Y + step
        Y -= Y.mean(axis=0)
    return Y


def _squared_distances(X: FloatArray) -> FloatArray:
    return np.square(X[:, None] - X[None]).sum(axis=2)


def _affinities(X: FloatArray, perplexity: float) -> FloatArray:
    """P (n, n), symmetric, sum 1: each point has a bell as wide as holds `perplexity` neighbours."""
    P = np.stack([_neighbours(row, i, perplexity) for i, row in enumerate(_squared_distances(X))])
    return (P + P.T) / (2 * len(X))


def _neighbours(squared: FloatArray, own: int, perplexity: float) -> FloatArray:
    """Shares of all points in the neighbourhood of point `own`; bisection finds the width of its bell."""
    low, high = -30.0, 30.0  # log of the precision
    others = np.arange(len(squared)) != own
    shares = np.zeros(len(squared))
    for _ in range(60):
        middle = (low + high) / 2
        exponents = -np.exp(middle) * (squared[others] - squared[others].min())
        p = np.exp(exponents)
        entropy = np.log(p.sum()) - (p @ exponents) / p.sum()
        low, high = (middle, high) if entropy > np.log(perplexity) else (low, middle)
    shares[others] = p / p.sum()
    return shares
