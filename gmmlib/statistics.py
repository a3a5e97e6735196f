"""All that the M-step needs to know about the data, as one value that adds up.

Counts, means and scatters are kept centred on their own means, so that nothing cancels, however far from the
origin the data lie. Blocks, files and workers are `+`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gmmlib._checks import FloatArray, as_points, as_sample_weight, as_shape
from gmmlib.errors import InvalidInputError


@dataclass(frozen=True, eq=False)
class Statistics:
    """Sufficient statistics of soft-assigned points.

    Parameters
    ----------
    counts : (K,) N_k = Σ_i r_ik
    means : (K, d) Σ_i r_ik x_i / N_k; anything finite where N_k = 0
    scatters : (K, d, d) Σ_i r_ik (x_i - mean_k)(x_i - mean_k)ᵀ
    log_likelihood : Σ_i log p(x_i) of the same points, in nats

    Source: book/numerics.md, equation numerics-statistics.
    """

    counts: FloatArray
    means: FloatArray
    scatters: FloatArray
    log_likelihood: float = 0.0

    @classmethod
    def of(
        cls,
        X: FloatArray,
        responsibilities: FloatArray,
        sample_weight: FloatArray | None = None,
        log_likelihood: float = 0.0,
    ) -> Statistics:
        """Return statistics of points in memory, one component at a time.

        Parameters
        ----------
        X : (n, d) points
        responsibilities : (n, K) >= 0
        sample_weight : (n,) >= 0, how often each point counts; None for once
        log_likelihood : of these points, if it is known
        """
        X = as_points(X)
        R = weighted_responsibilities(responsibilities, sample_weight, len(X))
        parts = [weighted_moments(X, r) for r in R.T]
        counts, means, scatters = (np.array(part) for part in zip(*parts, strict=True))
        return cls(counts, means, scatters, log_likelihood)

    @cached_property
    def n(self) -> float:
        """How many points these are, sample weights included."""
        return float(self.counts.sum())

    def __add__(self, other: Statistics) -> Statistics:
        """Return statistics of the union of two disjoint sets of points.

        Source: book/scale.md, equation scale-merge; Chan, Golub & LeVeque (1983).
        """
        if not isinstance(other, Statistics):
            return NotImplemented
        if self.means.shape != other.means.shape:
            raise InvalidInputError(
                f"Statistics of shape (K, d) = {self.means.shape} and {other.means.shape} cannot be added."
            )
        counts = self.counts + other.counts                                              # (K,)
        share = np.divide(other.counts, counts, out=np.zeros_like(counts), where=counts > 0)
        difference = other.means - self.means                                            # (K, d)
        between = difference[:, :, None] * difference[:, None, :]                        # (K, d, d)
        return Statistics(
            counts,
            self.means + share[:, None] * difference,
            self.scatters + other.scatters + (self.counts * share)[:, None, None] * between,
            self.log_likelihood + other.log_likelihood,
        )

    def total(self) -> Statistics:
        """Return statistics of all the points together, as one component (K = 1)."""
        n = self.counts.sum()
        mean = self.counts @ (self.means - self.means[0]) / n + self.means[0]             # (d,)
        difference = self.means - mean                                                   # (K, d)
        scatter = self.scatters.sum(axis=0) + (self.counts[:, None] * difference).T @ difference
        return Statistics(np.array([n]), mean[None], scatter[None], self.log_likelihood)

    def __radd__(self, other: object) -> Statistics:
        """Let `sum(blocks)` start from 0."""
        return self if isinstance(other, int) and other == 0 else NotImplemented

    def __mul__(self, factor: float) -> Statistics:
        """Return statistics of the same points, each counted `factor` times."""
        return Statistics(
            self.counts * factor, self.means, self.scatters * factor, self.log_likelihood * factor
        )

    __rmul__ = __mul__


def weighted_moments(X: FloatArray, weight: FloatArray | None) -> tuple[float, FloatArray, FloatArray]:
    """Return count, mean (d,) and scatter (d, d) of weighted points; centred first: nothing cancels."""
    count = float(len(X) if weight is None else weight.sum())
    if count == 0.0:
        return 0.0, X.mean(axis=0), np.zeros((X.shape[1], X.shape[1]))
    origin = X[0 if weight is None else weight.argmax()]           # near the mean: an offset is gone at once
    centred = X - origin                                           # (n, d)
    shift = (centred.sum(axis=0) if weight is None else weight @ centred) / count    # (d,)  mean, from there
    centred -= shift
    if weight is not None:
        centred *= np.sqrt(weight)[:, None]
    return count, origin + shift, centred.T @ centred              # both factors the same: half the work


def weighted_responsibilities(
    responsibilities: FloatArray, sample_weight: FloatArray | None, n: int
) -> FloatArray:
    """Return r_ik times the weight of point i, (n, K): weight 2 means two points, weight 0 none."""
    R = as_responsibilities(responsibilities, n)
    weight = as_sample_weight(sample_weight, n)
    return R if weight is None else R * weight[:, None]


def as_responsibilities(responsibilities: FloatArray, n: int) -> FloatArray:
    """Return responsibilities as (n, K) float64 >= 0; rows need not sum to 1 where points count partly."""
    shape = np.shape(responsibilities)
    if len(shape) != 2 or shape[1] == 0:
        raise InvalidInputError(f"responsibilities must have shape (n, K), not {shape}.")
    R = as_shape(responsibilities, (n, shape[1]), "responsibilities", "(points by components)")
    if R.min(initial=0.0) < 0:
        raise InvalidInputError(f"responsibilities holds {R.min()}; each must be in [0, 1].")
    return R
