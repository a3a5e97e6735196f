"""A Gaussian mixture as a value: densities, responsibilities, samples."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from gmmlib._checks import (
    FloatArray,
    IntArray,
    as_count,
    as_floats,
    as_generator,
    as_points,
    as_shape,
    require_finite,
)
from gmmlib.errors import InvalidInputError
from gmmlib.gaussian import choleskies, is_symmetric, log_gaussian_from_cholesky


def log_sum_exp(log_values: FloatArray) -> FloatArray:
    """Return log Σ_k exp(a_ik) of each row, without overflow or underflow.

    Parameters
    ----------
    log_values : (n, K), finite or -inf

    Returns
    -------
    (n,); -inf for a row that is -inf throughout

    Source: book/numerics.md, equation numerics-log-sum-exp.
    """
    largest = log_values.max(axis=1)                                         # (n,)
    shift = np.where(np.isfinite(largest), largest, 0.0)
    with np.errstate(divide="ignore"):
        sums: FloatArray = np.exp(log_values - shift[:, None]).sum(axis=1)
        return shift + np.log(sums)


def responsibilities(log_densities: FloatArray, weights: FloatArray) -> FloatArray:
    """Return the probability that each component made each point: Bayes' rule in the log domain.

    Parameters
    ----------
    log_densities : (n, K) log N(x_i | k), without the mixing weights
    weights : (K,) mixing weights, >= 0, sum 1

    Returns
    -------
    (n, K) in [0, 1], rows sum to 1, also where every log density is far below -1000

    Raises
    ------
    InvalidInputError
        If shapes do not fit, a value is NaN or +inf, or a point has density zero under every component.

    Source: book/soft.md, equation soft-responsibilities; Bishop (2006), eq. 9.13.
    """
    log_densities = as_floats(log_densities, "log_densities")
    if log_densities.ndim != 2:
        raise InvalidInputError(f"log_densities must have shape (n, K), not {log_densities.shape}.")
    weights = _as_mixing_weights(weights, log_densities.shape[1])
    if np.isnan(log_densities).any() or np.isposinf(log_densities).any():
        raise InvalidInputError("log_densities holds NaN or +infinity.")
    with np.errstate(divide="ignore"):
        log_joint = np.log(weights) + log_densities                          # (n, K)  log w_k N(x_i | k)
    log_density = log_sum_exp(log_joint)                                     # (n,)    log p(x_i)
    require_density(log_density)
    return np.exp(log_joint - log_density[:, None])


def require_density(log_density: FloatArray) -> None:
    """Raise InvalidInputError for the first point whose log density (n,) is -inf: no component can own it."""
    for lost in np.flatnonzero(np.isneginf(log_density)):
        raise InvalidInputError(f"Point {lost} has density zero under every component: none can own it.")


def _as_mixing_weights(weights: Any, K: int) -> FloatArray:
    """Return mixing weights (K,) >= 0 that sum to 1."""
    shares = as_shape(weights, (K,), "weights", "(one weight for each component)")
    if shares.min(initial=0.0) < 0 or abs(shares.sum() - 1.0) > 1e-6:
        raise InvalidInputError(f"weights must be >= 0 and sum to 1, not to {shares.sum():.8g}: {shares}.")
    return shares


@dataclass(frozen=True, eq=False)
class Mixture:
    """A mixture of K Gaussians in d dimensions.

    Parameters
    ----------
    weights : (K,) >= 0, sum 1
    means : (K, d)
    covariances : (K, d, d) symmetric; positive definite as soon as a density is asked for

    Raises
    ------
    InvalidInputError
        If shapes do not fit, a value is not finite, weights do not sum to 1 or a covariance is not symmetric.

    Source: book/soft.md, equation soft-mixture; Bishop (2006), eq. 9.7.
    """

    weights: FloatArray
    means: FloatArray
    covariances: FloatArray

    def __post_init__(self) -> None:
        means = as_floats(self.means, "means")
        if means.ndim != 2 or 0 in means.shape:
            raise InvalidInputError(f"means must have shape (K components, d features), not {means.shape}.")
        K, d = means.shape
        require_finite(means, "means")
        weights = _as_mixing_weights(self.weights, K)
        covariances = as_shape(self.covariances, (K, d, d), "covariances", "(one matrix for each component)")
        if not is_symmetric(covariances):
            raise InvalidInputError("covariances are not symmetric; (C + C.T) / 2 mends rounding.")
        self._keep(weights=weights, means=means, covariances=covariances)

    @classmethod
    def of_factors(
        cls, weights: FloatArray, means: FloatArray, covariances: FloatArray, factors: FloatArray
    ) -> Mixture:
        """Return the mixture that an M-step made, with its factors L_k (K, d, d).

        By its making all is in order, but for numbers that became too large: that alone is checked.
        """
        require_finite(means, "means")
        require_finite(covariances, "covariances")
        mixture = object.__new__(cls)
        mixture._keep(weights=weights, means=means, covariances=covariances, factors=factors)
        return mixture

    def _keep(self, **parts: FloatArray) -> None:
        """Keep copies that nobody can change, where attributes and cached properties are looked for."""
        for name, array in parts.items():
            kept = self.__dict__[name] = array.copy()
            kept.setflags(write=False)

    @cached_property
    def factors(self) -> FloatArray:
        """Lower triangles L_k with L_k L_kᵀ = Σ_k, (K, d, d); CollapsedComponentError where there is none."""
        factors = choleskies(self.covariances)
        factors.setflags(write=False)
        return factors

    def factorised(self) -> Mixture:
        """Return the mixture itself, or raise CollapsedComponentError where a covariance has no factor."""
        _ = self.factors
        return self

    @property
    def n_components(self) -> int:
        """K."""
        return int(self.means.shape[0])

    @property
    def n_features(self) -> int:
        """d."""
        return int(self.means.shape[1])

    def log_densities(self, X: FloatArray) -> FloatArray:
        """Return log N(x_i | k) for each point and component, (n, K), without the mixing weights."""
        X = as_points(X, self.n_features)
        of_each = zip(self.means, self.factors, strict=True)
        columns = [log_gaussian_from_cholesky(X, mean, factor) for mean, factor in of_each]
        return np.stack(columns, axis=1)

    def log_joint(self, X: FloatArray) -> FloatArray:
        """Return log w_k N(x_i | k), (n, K); -inf for a component of weight zero."""
        with np.errstate(divide="ignore"):
            return np.log(self.weights) + self.log_densities(X)

    def log_density(self, X: FloatArray) -> FloatArray:
        """Return log p(x_i), (n,)."""
        return log_sum_exp(self.log_joint(X))

    def log_likelihood(self, X: FloatArray) -> float:
        """Return Σ_i log p(x_i), in nats."""
        return float(self.log_density(X).sum())

    def responsibilities(self, X: FloatArray) -> FloatArray:
        """Return the probability of each component given each point, (n, K); rows sum to 1."""
        log_joint = self.log_joint(X)
        log_density = log_sum_exp(log_joint)
        require_density(log_density)
        return np.exp(log_joint - log_density[:, None])

    def predict(self, X: FloatArray) -> IntArray:
        """Return the index of the most probable component of each point, (n,)."""
        labels: IntArray = self.log_joint(X).argmax(axis=1)
        return labels

    def sample(self, n: int, rng: np.random.Generator | int | None = None) -> tuple[FloatArray, IntArray]:
        """Draw n points: first a component for each, then a point from it.

        Returns
        -------
        X : (n, d)
        labels : (n,) the component that made each point

        Source: book/soft.md, equation soft-mixture.
        """
        n = as_count(n, "n")
        rng = as_generator(rng)
        labels = rng.choice(self.n_components, size=n, p=self.weights / self.weights.sum())
        noise = rng.standard_normal((n, self.n_features))
        X = self.means[labels] + np.einsum("nij,nj->ni", self.factors[labels], noise)
        return X, labels.astype(np.intp)

    def sorted(self) -> Mixture:
        """Return the same mixture with its components in order of their means, first feature first."""
        order = np.lexsort(self.means.T[::-1])
        mixture = object.__new__(Mixture)
        mixture._keep(**{name: part[order] for name, part in self.__dict__.items()})    # factors, where known
        return mixture
