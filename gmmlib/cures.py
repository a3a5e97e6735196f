"""Cures for covariance collapse: a relative floor, an inverse-Wishart prior, a bound on eigenvalues.

Each cure is an M-step of its own and an exact maximum, of the likelihood under a constraint or of the
posterior, so the objective never falls. All are stated in units of the data: units do not matter.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import final

import numpy as np

from gmmlib._checks import FloatArray, as_number
from gmmlib.covariance import Family
from gmmlib.errors import CollapsedComponentError
from gmmlib.gaussian import choleskies
from gmmlib.mixture import Mixture
from gmmlib.statistics import Statistics

EMPTY_SHARE = float(np.finfo(np.float64).eps)    # a component with no larger share of the data owns no point


class Cure(ABC):
    """How means and covariances follow from statistics; `total` describes all the data as one component."""

    @abstractmethod
    def maximise(
        self, statistics: Statistics, family: Family, total: Statistics
    ) -> tuple[FloatArray, FloatArray]:
        """Return means (K, d) and covariances (K, d, d); whether one is singular is seen later."""

    def constrain(
        self, covariances: FloatArray, counts: FloatArray, family: Family, total: Statistics
    ) -> FloatArray:
        """Return covariances (K, d, d) that obey the cure's constraint; the same ones where there is none."""
        return covariances

    def log_prior(self, mixture: Mixture, family: Family, total: Statistics) -> float:
        """Return the log prior density up to a constant; log-likelihood plus this is maximised."""
        return 0.0


@final
@dataclass(frozen=True)
class MaximumLikelihood(Cure):
    """No cure: a collapsed component is an error that names it.

    Source: book/em.md, equation em-m-step.
    """

    def maximise(
        self, statistics: Statistics, family: Family, total: Statistics
    ) -> tuple[FloatArray, FloatArray]:
        """See Cure."""
        require_owners(statistics)
        return statistics.means, family.estimate(statistics.scatters, statistics.counts)


@final
@dataclass(frozen=True)
class Floor(Cure):
    """No variance, in any direction, below `share` of the data's; a component without points stays wide.

    Eigenvalues are clipped in units of the data's standard deviations: the maximum under that constraint.

    Source: book/collapse.md, equation collapse-floor.
    """

    share: float = 1e-8

    def __post_init__(self) -> None:
        object.__setattr__(self, "share", as_number(self.share, "share", at_least=0.0))

    def maximise(
        self, statistics: Statistics, family: Family, total: Statistics
    ) -> tuple[FloatArray, FloatArray]:
        """See Cure."""
        scatters, counts = statistics.scatters, statistics.counts
        empty = counts <= EMPTY_SHARE * statistics.n
        if empty.any():
            scatters = np.where(empty[:, None, None], total.scatters, scatters)
            counts = np.where(empty, total.counts, counts)
        covariances = self.constrain(family.estimate(scatters, counts), counts, family, total)
        return statistics.means, covariances

    def constrain(
        self, covariances: FloatArray, counts: FloatArray, family: Family, total: Statistics
    ) -> FloatArray:
        """See Cure."""
        return clip_eigenvalues(covariances, family, data_variances(total), self.share, np.inf)


@final
@dataclass(frozen=True)
class InverseWishart(Cure):
    """Maximum a posteriori under the normal-inverse-Wishart prior of Fraley & Raftery (2007).

    Parameters
    ----------
    shrinkage : κ >= 0, how many points the prior's mean (the data's) counts for
    degrees : ν > 0, degrees of freedom; None for d + 2
    share : the prior's scale is this share of the data's covariance; None for K^(-2/d)

    Source: book/collapse.md, equation collapse-map; Fraley & Raftery (2007), section 3.
    """

    shrinkage: float = 0.01
    degrees: float | None = None
    share: float | None = None

    def __post_init__(self) -> None:
        as_number(self.shrinkage, "shrinkage", at_least=0.0)
        for name in ("degrees", "share"):
            if getattr(self, name) is not None:
                as_number(getattr(self, name), name, above=0.0)

    def maximise(
        self, statistics: Statistics, family: Family, total: Statistics
    ) -> tuple[FloatArray, FloatArray]:
        """See Cure."""
        counts, kappa = statistics.counts, self.shrinkage
        K, d = statistics.means.shape
        difference = statistics.means - total.means                                 # (K, d)
        weight = np.divide(kappa * counts, kappa + counts, out=np.zeros(K), where=kappa + counts > 0)
        pulled = statistics.scatters + weight[:, None, None] * _outer(difference)   # (K, d, d)
        scale, prior_count = self._scale(family, total, K), family.prior_count(self._degrees(d), K, d)
        once = family.n_covariances(K) / K                    # a shared covariance gets one prior, not K
        covariances = family.estimate(once * scale + pulled, counts + once * prior_count)
        share = np.divide(counts, counts + kappa, out=np.ones(K), where=counts + kappa > 0)
        return total.means + share[:, None] * difference, covariances

    def log_prior(self, mixture: Mixture, family: Family, total: Statistics) -> float:
        """See Cure."""
        K, d = mixture.means.shape
        scale, prior_count = self._scale(family, total, K), family.prior_count(self._degrees(d), K, d)
        precisions = np.linalg.inv(mixture.covariances)                             # (K, d, d)
        log_determinants = np.linalg.slogdet(mixture.covariances)[1]                # (K,)
        difference = mixture.means - total.means
        pull = self.shrinkage * np.einsum("ki,kij,kj->k", difference, precisions, difference)
        traces = np.einsum("ij,kji->k", scale, precisions)
        once = family.n_covariances(K) / K                    # see maximise
        return float(-0.5 * (once * (prior_count * log_determinants + traces) + pull).sum())

    def _degrees(self, d: int) -> float:
        """Return ν."""
        return d + 2.0 if self.degrees is None else self.degrees

    def _scale(self, family: Family, total: Statistics, K: int) -> FloatArray:
        """Return Λ, (d, d)."""
        d = total.means.shape[1]
        share = K ** (-2.0 / d) if self.share is None else self.share
        return family.prior_scale(share * total.scatters[0] / total.n)


@final
@dataclass(frozen=True)
class EigenvalueRatio(Cure):
    """No eigenvalue of any component more than `ratio` times another one, in units of the data's deviations.

    Source: book/collapse.md, equation collapse-eigenvalue-ratio; Fritz, García-Escudero & Mayo-Iscar (2013).
    """

    ratio: float = 100.0

    def __post_init__(self) -> None:
        as_number(self.ratio, "ratio", at_least=1.0)

    def maximise(
        self, statistics: Statistics, family: Family, total: Statistics
    ) -> tuple[FloatArray, FloatArray]:
        """See Cure."""
        require_owners(statistics)
        counts = statistics.counts
        covariances = self.constrain(family.estimate(statistics.scatters, counts), counts, family, total)
        return statistics.means, covariances

    def constrain(
        self, covariances: FloatArray, counts: FloatArray, family: Family, total: Statistics
    ) -> FloatArray:
        """See Cure."""
        variances = data_variances(total)
        scaled = covariances / family.unit(variances)
        eigenvalues = np.asarray(np.linalg.eigvalsh(scaled), np.float64)            # (K, d)
        smallest = best_lower_bound(eigenvalues, counts, self.ratio)
        return clip_eigenvalues(covariances, family, variances, smallest, self.ratio * smallest)


def best_lower_bound(eigenvalues: FloatArray, counts: FloatArray, ratio: float) -> float:
    """Return the m for which clipping eigenvalues (K, d) to [m, ratio m] costs the least likelihood.

    The cost is piecewise smooth between the points λ and λ / ratio, with one stationary point in each piece.

    Source: book/collapse.md, equation collapse-eigenvalue-ratio; Fritz et al. (2013), proposition 3.2.
    """
    values = np.maximum(eigenvalues, 0.0).ravel()                                   # (K d,)
    weight = np.repeat(counts, eigenvalues.shape[1])
    edges = np.sort(np.concatenate([values, values / ratio]))
    inner = np.concatenate([edges[:1] / 2, (edges[1:] + edges[:-1]) / 2, edges[-1:] * 2])[:, None]
    below, above = values < inner, values > ratio * inner                           # (pieces, K d)
    owners = (weight * (below | above)).sum(axis=1)
    sums = (weight * values * (below + above / ratio)).sum(axis=1)
    candidates = np.divide(sums, owners, out=inner[:, 0].copy(), where=owners > 0)
    candidates = candidates[candidates > 0][:, None]
    if not len(candidates):
        raise CollapsedComponentError(0, float(counts[0]), np.inf, "has no extent, like all others")
    clipped = np.clip(values, candidates, ratio * candidates)
    cost = (weight * (np.log(clipped) + values / clipped)).sum(axis=1)
    return float(candidates[cost.argmin(), 0])


def data_variances(total: Statistics) -> FloatArray:
    """Return the variance of each feature over all the data, (d,)."""
    return np.asarray(total.scatters[0].diagonal() / total.n)


def clip_eigenvalues(
    covariances: FloatArray, family: Family, variances: FloatArray, smallest: float, largest: float
) -> FloatArray:
    """Clip eigenvalues of covariances (K, d, d) to [smallest, largest], in units of the variances (d,)."""
    unit, (K, d) = family.unit(variances), covariances.shape[:2]
    if d == 1:                                            # numbers
        return np.minimum(np.maximum(covariances, smallest * unit), largest * unit)
    if family.diagonal:                                   # eigenvalues are the diagonal
        scaled = (covariances / unit).diagonal(axis1=1, axis2=2)                    # (K, d)
        return np.minimum(np.maximum(scaled, smallest), largest)[:, :, None] * np.eye(d) * unit
    if np.isinf(largest) and _all_above(covariances / unit, smallest):
        return covariances
    clipped = covariances[: family.n_covariances(K)].copy()
    for k, covariance in enumerate(clipped):
        eigenvalues, vectors = np.linalg.eigh(covariance / unit)
        if eigenvalues[0] < smallest or eigenvalues[-1] > largest:
            matrix = (vectors * np.clip(eigenvalues, smallest, largest)) @ vectors.T
            clipped[k] = (matrix + matrix.T) / 2.0 * unit
    return np.repeat(clipped, K // len(clipped), axis=0)


def _all_above(matrices: FloatArray, bound: float) -> bool:
    """Tell whether all eigenvalues of matrices (K, d, d) exceed the bound: Cholesky is quicker than eigh."""
    try:
        np.linalg.cholesky(matrices - bound * np.eye(matrices.shape[1]))
    except np.linalg.LinAlgError:
        return False
    return True


def require_owners(statistics: Statistics) -> None:
    """Raise CollapsedComponentError for the first component that owns no point."""
    if statistics.counts.min() <= EMPTY_SHARE * statistics.n:
        k = int(np.flatnonzero(statistics.counts <= EMPTY_SHARE * statistics.n)[0])
        raise CollapsedComponentError(k, float(statistics.counts[k]), reason="owns no point")


def require_positive_definite(covariances: FloatArray, counts: FloatArray) -> FloatArray:
    """Return Cholesky factors (K, d, d); CollapsedComponentError, with count and conditioning, without."""
    try:
        return choleskies(covariances)
    except CollapsedComponentError as error:
        k = error.component or 0
        condition = condition_number(covariances[k])
        raise CollapsedComponentError(k, float(counts[k]), condition, error.reason) from None


def condition_number(covariance: FloatArray) -> float:
    """Return the ratio of the extreme eigenvalues, each feature in its unit; infinity if singular."""
    variances = np.diagonal(covariance)
    if np.any(variances <= 0):
        return float(np.inf)
    eigenvalues = np.linalg.eigvalsh(covariance / np.sqrt(np.outer(variances, variances)))
    return float(eigenvalues[-1] / eigenvalues[0]) if eigenvalues[0] > 0 else float(np.inf)


def _outer(rows: FloatArray) -> FloatArray:
    """Return z zᵀ of each row z: (K, d) to (K, d, d)."""
    return rows[:, :, None] * rows[:, None, :]
