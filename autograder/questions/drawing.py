"""Random inputs for the questions: covariances, mixtures, points and responsibilities of graded sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from autograder.values import FloatArray
from gmmlib.gaussian import LOG_2PI

Call = TypeVar("Call", bound=tuple[Any, ...])
Parameters = tuple[FloatArray, FloatArray, FloatArray]  # weights (K,), means (K, d), covariances (K, d, d)
Gaussian = tuple[FloatArray, FloatArray, FloatArray]  # points (n, d), mean (d,), covariance (d, d)


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


def rounding_shows(value: float, digits: int) -> bool:
    """Whether a value that is rounded to so many digits is off by more than a millionth, as is allowed."""
    return abs(round(value, digits) - value) > 1.5e-6 * max(1.0, abs(value))


@cache
def evenly(start: float, stop: float, number: int) -> FloatArray:
    """`np.linspace`, which takes longer than most that is done with its few numbers."""
    numbers = np.linspace(start, stop, number)
    numbers.setflags(write=False)
    return numbers


def covariance(rng: np.random.Generator, d: int, condition: float = 20.0) -> FloatArray:
    """A symmetric positive definite (d, d) matrix: random axes, eigenvalues from 1/condition to 1."""
    return covariances(rng, np.ones(1), d, condition)[0]


def covariances(rng: np.random.Generator, sizes: FloatArray, d: int, condition: float = 20.0) -> FloatArray:
    """One for each size, (K, d, d): random axes, eigenvalues from size/condition to size."""
    return covariances_later(rng, sizes, d, condition)()


def nearly_flat(rng: np.random.Generator, n: int, d: int) -> Gaussian:
    """n points, mean and covariance of a Gaussian in small units, whose variances lie millions apart.

    A ridge, or a pseudo-inverse that takes small variances for zero, shows. So does single precision: each
    point lies two or three deviations from the mean along each axis.
    """
    unit = 2.0**-3  # a power of 2: no digit changes
    axes = tilted(rng, d)
    factor = unit * axes * 3e6 ** (0.5 * evenly(-1.0, 0.0, d))  # Σ = F Fᵀ
    mean = unit * rng.normal(scale=2.0, size=d)
    away = rng.choice([-1.0, 1.0], size=(n, d)) * rng.uniform(2.0, 3.0, size=(n, d))
    return mean + away @ factor.T, mean, factor @ factor.T


def tilted(rng: np.random.Generator, d: int) -> FloatArray:
    """Random axes, columns of a (d, d) matrix, none of them nearly a feature's own."""
    while True:
        axes, _ = np.linalg.qr(rng.normal(size=(d, d)))
        if d == 1 or np.abs(axes).max() < 0.95:
            return np.asarray(axes)


def gaussian(rng: np.random.Generator, radii: FloatArray, d: int, size: float, condition: float) -> Gaussian:
    """Points of a Gaussian, its mean and its covariance, of which only the directions are drawn.

    The eigenvalues run from size/condition to size, and the points lie so many deviations from the mean, in
    another order: so the log densities are the same whatever was drawn. The farthest lies where the variance
    is smallest, and a ridge shows most.
    """
    axes = tilted(rng, d)
    deviations = np.sqrt(size * condition ** evenly(-1.0, 0.0, d))
    directions = rng.normal(size=(len(radii), d))
    directions /= np.sqrt(np.square(directions).sum(axis=1, keepdims=True))
    directions[radii.argmax()] = np.eye(d)[0]
    mean, order = rng.normal(scale=2.0, size=d), rng.permutation(len(radii))
    factor = axes * deviations  # Σ = F Fᵀ
    return mean + (radii[:, None] * directions)[order] @ factor.T, mean, factor @ factor.T


def mixture(
    rng: np.random.Generator, n_components: int, d: int, separation: float = 1.5, condition: float = 20.0
) -> Parameters:
    """A random mixture: unequal weights, overlapping components, tilted covariances of unlike sizes."""
    return mixture_later(rng, n_components, d, separation, condition)()


def turned(
    rng: np.random.Generator, X: FloatArray, weights: FloatArray, means: FloatArray, covariances: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """The same points and mixture, turned and shifted: no density changes."""
    d = X.shape[1]
    axes, shift = np.linalg.qr(rng.normal(size=(d, d)))[0], rng.uniform(-2.0, 2.0, size=d)
    C = axes.T @ covariances @ axes
    return X @ axes + shift, weights, means @ axes + shift, (C + C.swapaxes(1, 2)) / 2.0


def points(rng: np.random.Generator, n: int, parameters: Parameters) -> FloatArray:
    """n points of the mixture, (n, d)."""
    return points_later(rng, n, parameters[1].shape[1])(parameters, factors_of(parameters[2]))


def factors_of(covariances: FloatArray) -> FloatArray:
    """Lower triangles L_k with L_k L_kᵀ = Σ_k, (K, d, d)."""
    return np.asarray(np.linalg.cholesky(covariances), dtype=np.float64)


def log_joint(X: FloatArray, weights: FloatArray, means: FloatArray, factors: FloatArray) -> FloatArray:
    """log w_k N(x_i | k), (n, K), as gmmlib's mixture has it, from factors (K, d, d) that are known."""
    Z = (X - means[:, None]) @ np.linalg.inv(factors).swapaxes(1, 2)  # (K, n, d)    all components at once
    squared = np.square(Z).sum(axis=2)  # (K, n)
    log_determinants = 2.0 * np.log(np.diagonal(factors, axis1=1, axis2=2)).sum(axis=1)  # (K,)
    constants = X.shape[1] * LOG_2PI + log_determinants
    return np.asarray((np.log(weights) - 0.5 * constants) - 0.5 * squared.T)


# ----------------------------------------------------- drawn now, computed later: what is rejected never is


def covariances_later(
    rng: np.random.Generator, sizes: FloatArray, d: int, condition: float = 20.0
) -> Callable[[], FloatArray]:
    """Draw what `covariances` are made of; the function returned makes them."""
    K = len(sizes)
    directions = rng.normal(size=(K, d, d))
    single = rng.uniform(0.2, 1.5, (K, 1)) if d == 1 else None

    def made() -> FloatArray:
        axes, _ = np.linalg.qr(directions)
        eigenvalues = condition ** evenly(-1.0, 0.0, d) if single is None else single
        matrices = (axes * (sizes[:, None] * eigenvalues)[:, None, :]) @ axes.swapaxes(1, 2)
        return np.asarray((matrices + matrices.swapaxes(1, 2)) / 2.0)

    return made


def mixture_later(
    rng: np.random.Generator, n_components: int, d: int, separation: float = 1.5, condition: float = 20.0
) -> Callable[[], Parameters]:
    """Draw what a `mixture` is made of; the function returned makes it."""
    weights = rng.permutation(np.arange(1.0, n_components + 1.0)) + rng.uniform(0.0, 0.5, n_components)
    means = rng.normal(scale=separation, size=(n_components, d))
    spreads = covariances_later(rng, rng.uniform(0.5, 2.0, n_components), d, condition)
    return lambda: (weights / weights.sum(), means, spreads())


def points_later(rng: np.random.Generator, n: int, d: int) -> Callable[[Parameters, FloatArray], FloatArray]:
    """Draw what n `points` are made of; the function returned makes them, from mixture and factors."""
    which, noise = rng.random(n), rng.normal(size=(n, d, 1))

    def made(parameters: Parameters, factors: FloatArray) -> FloatArray:
        weights, means, _ = parameters
        labels = np.searchsorted(weights.cumsum()[:-1], which, side="right")
        return np.asarray(means[labels] + (factors[labels] @ noise)[:, :, 0])

    return made


def responsibilities(rng: np.random.Generator, n: int, n_components: int) -> FloatArray:
    """Soft memberships, (n, K): rows sum to 1, no two columns alike, no row certain; three are tiny."""
    concentration = rng.permutation(evenly(0.6, 2.0, n_components))
    R = rng.dirichlet(concentration, size=n) + 1e-3
    if n_components > 1 and n > 3:
        R[np.arange(1, 4), R[1:4].argmin(axis=1)] = 5e-4, 5e-5, 5e-5
    return np.asarray(R / R.sum(axis=1, keepdims=True))


#: A place among the sorted for each of two, three or four: neither up nor down, or down if there are two.
_PLACES = {2: (1, 0), 3: (1, 2, 0), 4: (1, 3, 0, 2), 5: (1, 3, 0, 4, 2)}


def mixed_up(numbers: FloatArray) -> NDArray[np.intp]:
    """Return the positions of some numbers in an order that is always the same, and not sorted.

    So whoever sorts them gets as much wrong on any inputs.
    """
    order = np.argsort(numbers)
    return order[list(_PLACES.get(len(order), range(len(order))))]


def in_no_order(numbers: FloatArray) -> FloatArray:
    """Return the same numbers in that order."""
    return numbers[mixed_up(numbers)]
