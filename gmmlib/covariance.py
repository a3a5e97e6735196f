"""Covariance families: what the components' covariances have in common, as four small classes.

A family turns scatters and divisors into covariances, counts its parameters, and packs covariances
in the shape in which it stores them. `family(name)` finds it by name.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, final

import numpy as np

from gmmlib._checks import FloatArray
from gmmlib.errors import InvalidInputError


class Family(ABC):
    """What a covariance family must be able to do."""

    name: ClassVar[str]
    diagonal: ClassVar[bool]           # whether all covariances are zero off the diagonal

    @abstractmethod
    def n_covariance_parameters(self, K: int, d: int) -> int:
        """Count the free numbers in K covariances of dimension d."""

    @abstractmethod
    def n_covariances(self, K: int) -> int:
        """Count the covariances that K components differ in: K, or 1 where they share one."""

    @abstractmethod
    def estimate(self, scatters: FloatArray, counts: FloatArray) -> FloatArray:
        """Return maximum-likelihood covariances (K, d, d) from scatters (K, d, d) and counts (K,)."""

    @abstractmethod
    def pack(self, covariances: FloatArray) -> FloatArray:
        """Return covariances (K, d, d) of this family in the shape that stores no number twice."""

    @abstractmethod
    def unpack(self, packed: FloatArray, K: int, d: int) -> FloatArray:
        """Return covariances (K, d, d) from what `pack` gives."""

    @abstractmethod
    def unit(self, variances: FloatArray) -> FloatArray:
        """Return the matrix (d, d) that takes away the data's units: variances (d,) are the data's."""

    @abstractmethod
    def prior_scale(self, covariance: FloatArray) -> FloatArray:
        """Return the scale (d, d) of an inverse-Wishart prior as wide as this covariance (d, d)."""

    @abstractmethod
    def prior_count(self, degrees: float, K: int, d: int) -> float:
        """Return how many points that prior, with ν degrees of freedom, adds to the divisor of a scatter."""


@final
class Full(Family):
    """Each component has a covariance of its own."""

    name = "full"
    diagonal = False

    def n_covariance_parameters(self, K: int, d: int) -> int:
        """Count K d (d + 1) / 2."""
        return K * d * (d + 1) // 2

    def n_covariances(self, K: int) -> int:
        """Count one each: K."""
        return K

    def estimate(self, scatters: FloatArray, counts: FloatArray) -> FloatArray:
        """Return Σ_k = S_k / N_k."""
        return scatters / counts[:, None, None]

    def pack(self, covariances: FloatArray) -> FloatArray:
        """Return them as they are, (K, d, d)."""
        return covariances

    def unpack(self, packed: FloatArray, K: int, d: int) -> FloatArray:
        """Return them as they are, (K, d, d)."""
        return packed

    def unit(self, variances: FloatArray) -> FloatArray:
        """Return √v_i √v_j."""
        return _outer_root(variances)

    def prior_scale(self, covariance: FloatArray) -> FloatArray:
        """Return Λ itself."""
        return covariance

    def prior_count(self, degrees: float, K: int, d: int) -> float:
        """Return ν + d + 2."""
        return degrees + d + 2


@final
class Tied(Family):
    """All components share one covariance."""

    name = "tied"
    diagonal = False

    def n_covariance_parameters(self, K: int, d: int) -> int:
        """Count d (d + 1) / 2."""
        return d * (d + 1) // 2

    def n_covariances(self, K: int) -> int:
        """Count one for all: 1."""
        return 1

    def estimate(self, scatters: FloatArray, counts: FloatArray) -> FloatArray:
        """Return Σ = Σ_k S_k / Σ_k N_k."""
        return np.repeat(scatters.sum(axis=0)[None] / counts.sum(), len(counts), axis=0)

    def pack(self, covariances: FloatArray) -> FloatArray:
        """Return the shared one, (d, d)."""
        shared: FloatArray = covariances[0]
        return shared

    def unpack(self, packed: FloatArray, K: int, d: int) -> FloatArray:
        """Return (K, d, d), the same one K times."""
        return np.repeat(packed[None], K, axis=0)

    def unit(self, variances: FloatArray) -> FloatArray:
        """Return √v_i √v_j."""
        return _outer_root(variances)

    def prior_scale(self, covariance: FloatArray) -> FloatArray:
        """Return Λ itself."""
        return covariance

    def prior_count(self, degrees: float, K: int, d: int) -> float:
        """Return ν + d + 1 + K, once for the covariance that all share."""
        return degrees + d + 1 + K


@final
class Diag(Family):
    """Each component has a variance of its own for each feature, and no correlation."""

    name = "diag"
    diagonal = True

    def n_covariance_parameters(self, K: int, d: int) -> int:
        """Count d variances each: K d."""
        return K * d

    def n_covariances(self, K: int) -> int:
        """Count one each: K."""
        return K

    def estimate(self, scatters: FloatArray, counts: FloatArray) -> FloatArray:
        """Return Σ_k = diag(S_k) / N_k."""
        return self.unpack(self.pack(scatters) / counts[:, None], *scatters.shape[:2])

    def pack(self, covariances: FloatArray) -> FloatArray:
        """Return the variances, (K, d)."""
        return np.diagonal(covariances, axis1=1, axis2=2)

    def unpack(self, packed: FloatArray, K: int, d: int) -> FloatArray:
        """Return (K, d, d) with zeros off the diagonal."""
        return packed[:, :, None] * np.eye(d)

    def unit(self, variances: FloatArray) -> FloatArray:
        """Return √v_i √v_j."""
        return _outer_root(variances)

    def prior_scale(self, covariance: FloatArray) -> FloatArray:
        """Return diag(Λ)."""
        return np.diag(np.diagonal(covariance))

    def prior_count(self, degrees: float, K: int, d: int) -> float:
        """Return ν + 3."""
        return degrees + 3


@final
class Spherical(Family):
    """Each component has one variance, the same in every direction."""

    name = "spherical"
    diagonal = True

    def n_covariance_parameters(self, K: int, d: int) -> int:
        """Count one variance each: K."""
        return K

    def n_covariances(self, K: int) -> int:
        """Count one each: K."""
        return K

    def estimate(self, scatters: FloatArray, counts: FloatArray) -> FloatArray:
        """Return Σ_k = trace(S_k) / (d N_k) I."""
        return self.unpack(self.pack(scatters) / counts, *scatters.shape[:2])

    def pack(self, covariances: FloatArray) -> FloatArray:
        """Return the variances, (K,)."""
        variances: FloatArray = np.diagonal(covariances, axis1=1, axis2=2).mean(axis=1)
        return variances

    def unpack(self, packed: FloatArray, K: int, d: int) -> FloatArray:
        """Return (K, d, d), each a multiple of the identity."""
        return packed[:, None, None] * np.eye(d)

    def unit(self, variances: FloatArray) -> FloatArray:
        """Return the mean variance throughout: all features have one unit here."""
        return np.full((len(variances), len(variances)), variances.mean())

    def prior_scale(self, covariance: FloatArray) -> FloatArray:
        """Return trace(Λ) / d² I: its trace is one feature's variance, as in mclust."""
        d = len(covariance)
        return np.eye(d) * float(np.trace(covariance)) / d**2

    def prior_count(self, degrees: float, K: int, d: int) -> float:
        """Return (ν + 2 + d) / d."""
        return (degrees + 2 + d) / d


FAMILIES: dict[str, Family] = {family.name: family for family in (Full(), Tied(), Diag(), Spherical())}


def _outer_root(variances: FloatArray) -> FloatArray:
    """Return products of the deviations, (d, d), from variances (d,)."""
    deviations = np.sqrt(variances)
    return deviations[:, None] * deviations


def family(covariance_type: str) -> Family:
    """Return the family of this name: full, tied, diag or spherical.

    Raises
    ------
    InvalidInputError
        For any other name; it lists the four.
    """
    try:
        return FAMILIES[covariance_type]
    except (KeyError, TypeError):
        raise InvalidInputError(
            f"covariance_type must be one of {', '.join(FAMILIES)}, not {covariance_type!r}."
        ) from None
