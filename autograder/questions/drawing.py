"""Random inputs for the questions: covariances, mixtures, points and responsibilities of graded sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import numpy as np

from autograder.values import FloatArray

Call = TypeVar("Call", bound=tuple[Any, ...])
Parameters = tuple[FloatArray, FloatArray, FloatArray]  # weights (K,), means (K, d), covariances (K, d, d)


def decisive(
    call: Callable[[], Call], right: Callable[..., object], wrongs: Iterable[Callable[..., object]]
) -> Call:
    """The first call drawn on which each of the wrong functions shows: its answer is not the right one."""
    while True:
        arguments = call()
        answer = right(*arguments)
        if not any(np.array_equal(np.asarray(wrong(*arguments)), np.asarray(answer)) for wrong in wrongs):
            return arguments


def far(value: float) -> float:
    """An offset of ten million at which rounding the value to float32 and cutting its fraction differ."""
    return 1e7 + 0.75 - float(value) % 1.0


def covariance(rng: np.random.Generator, d: int, condition: float = 20.0) -> FloatArray:
    """A symmetric positive definite (d, d) matrix: random axes, eigenvalues from 1/condition to 1."""
    return covariances(rng, np.ones(1), d, condition)[0]


def covariances(rng: np.random.Generator, sizes: FloatArray, d: int, condition: float = 20.0) -> FloatArray:
    """One for each size, (K, d, d): random axes, eigenvalues from size/condition to size."""
    K = len(sizes)
    axes, _ = np.linalg.qr(rng.normal(size=(K, d, d)))
    eigenvalues = condition ** np.linspace(-1.0, 0.0, d) if d > 1 else rng.uniform(0.2, 1.5, (K, 1))
    matrices = (axes * (sizes[:, None] * eigenvalues)[:, None, :]) @ axes.swapaxes(1, 2)
    return np.asarray((matrices + matrices.swapaxes(1, 2)) / 2.0)


def mixture(rng: np.random.Generator, n_components: int, d: int, separation: float = 1.5) -> Parameters:
    """A random mixture: unequal weights, overlapping components, tilted covariances of unlike sizes."""
    weights = rng.permutation(np.arange(1.0, n_components + 1.0)) + rng.uniform(0.0, 0.5, n_components)
    means = rng.normal(scale=separation, size=(n_components, d))
    sizes = rng.uniform(0.5, 2.0, n_components)
    return weights / weights.sum(), means, covariances(rng, sizes, d)


def points(rng: np.random.Generator, n: int, parameters: Parameters) -> FloatArray:
    """n points of the mixture, (n, d)."""
    weights, means, spreads = parameters
    labels = np.searchsorted(weights.cumsum()[:-1], rng.random(n), side="right")
    factors = np.linalg.cholesky(spreads)  # (K, d, d)
    noise = rng.normal(size=(n, means.shape[1], 1))
    return np.asarray(means[labels] + (factors[labels] @ noise)[:, :, 0])


def responsibilities(rng: np.random.Generator, n: int, n_components: int) -> FloatArray:
    """Soft memberships, (n, K): rows sum to 1, no two columns alike, no row certain."""
    concentration = rng.permutation(np.linspace(0.6, 2.0, n_components))
    R = rng.dirichlet(concentration, size=n) + 1e-3
    return np.asarray(R / R.sum(axis=1, keepdims=True))
