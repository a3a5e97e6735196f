"""Log densities and statistics of a block of standardised points, for all components: in two ways.

`Features` takes two matrix products and no loop; `Whitening` one component after the other, and loses no
digits to narrow ones. `gmmlib.blocked` says when which is right.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from gmmlib._checks import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Components:
    """Components as standardised points see them.

    Parameters
    ----------
    means : (K, d)
    inverses : (K, d, d) L⁻¹
    constants : (K,) log w_k N(μ_k | k)
    deviations : (K, d) of each feature
    """

    means: FloatArray
    inverses: FloatArray
    constants: FloatArray
    deviations: FloatArray

    @cached_property
    def precisions(self) -> FloatArray:
        """L⁻ᵀ L⁻¹ of each component, (K, d, d)."""
        precisions: FloatArray = self.inverses.transpose(0, 2, 1) @ self.inverses
        return precisions

    def size_of_terms(self, centres: FloatArray) -> FloatArray:
        """Return Σ_ij |P_ij| |y_i| |y_j| at the edge of each component, seen from each centre, (G, K).

        A log density of about 1 is what is left of terms that large, so that is by how much the rounding of
        the last digit grows (Higham 2002, section 3.1).
        """
        edges = self.deviations + np.abs(self.means - centres[:, None])              # (G, K, d)
        terms: FloatArray = ((edges[:, :, None] @ np.abs(self.precisions))[:, :, 0] * edges).sum(axis=2)
        return terms


@dataclass(frozen=True, eq=False)
class Products:
    """Which products y_i y_j stand behind 1 and the d features: all with i <= j, or the squares only.

    Parameters
    ----------
    first, second : (F - 1 - d,) i and j
    place : (F - 1 - d,) where they stand in a (d, d) matrix, row after row
    halves : (F - 1 - d,) -1/2 for a square, -1 for a product, which stands for two
    """

    first: IntArray
    second: IntArray
    place: IntArray
    halves: FloatArray

    @classmethod
    def of(cls, d: int, diagonal: bool) -> Products:
        """Return those of d features; `diagonal` for the squares only."""
        first, second = (np.arange(d), np.arange(d)) if diagonal else np.triu_indices(d)
        return cls(first, second, first * d + second, np.where(first == second, -0.5, -1.0))


class Features:
    """Log densities and statistics of blocks, each by one product with the features.

    Parameters
    ----------
    components : in standardised features
    centres : (G, d) that each group's features are measured from
    terms : (G, K) how large the terms of a log density are
    products : which of them the features hold
    """

    def __init__(
        self,
        components: Components,
        centres: FloatArray,
        terms: FloatArray,
        products: Products,
    ) -> None:
        means, precisions = components.means, components.precisions
        (K, d), G = means.shape, len(centres)
        self.products, self.d, self.terms, self.means = products, d, terms, means
        self.shifts = means - centres[:, None]                                       # (G, K, d)
        self.W = np.empty((G, K, 1 + d + len(products.place)))                       # log density W φ
        linear = (precisions @ self.shifts[..., None])[..., 0]
        self.W[:, :, 0] = components.constants - 0.5 * (linear * self.shifts).sum(axis=2)
        self.W[:, :, 1 : 1 + d] = linear
        self.W[:, :, 1 + d :] = products.halves * precisions.reshape(K, -1).take(products.place, axis=1)
        self.sums = np.zeros_like(self.W)                                            # Σ_i r_ik φ(y_i)
        self.joint = self.product = np.empty((0, 0, 0))

    def log_joint(self, phi: FloatArray, group: int) -> FloatArray:
        """Return log w_k N(y_i | k) of a block, (K, S B), good until the next call."""
        S, _, B = phi.shape
        K = self.W.shape[1]
        if self.joint.shape[1:] != (S, B):
            self.joint = np.empty((K, S, B))
        np.matmul(self.W[group], phi, out=self.joint.swapaxes(0, 1))
        return self.joint.reshape(K, -1)

    def count(self, R: FloatArray, group: int) -> None:
        """Count only what each component owns of a group, by weighted responsibilities R (K, S B)."""
        self.sums[group, :, 0] += R.sum(axis=1)

    def add(self, R: FloatArray, phi: FloatArray, group: int) -> None:
        """Add a block to the statistics, owned as the weighted responsibilities R (K, S B) say."""
        S, F, B = phi.shape
        if S == 1:
            self.sums[group] += R @ phi[0].T
            return
        if len(self.product) != S:
            self.product = np.empty((S, F, len(R)))
        np.matmul(phi, np.ascontiguousarray(R.T).reshape(S, B, -1), out=self.product)
        self.sums[group] += self.product.sum(axis=0).T

    def size_of_terms(self) -> float:
        """Return how large the terms were, averaged over what a component owns; that of the worst one."""
        counts = self.sums[:, :, 0]                                                  # (G, K)
        return float(((counts * self.terms).sum(axis=0) / counts.sum(axis=0)).max())

    def moments(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return counts (K,), means (K, d), scatters (K, d, d); squares only if products are."""
        d, first, second, e = self.d, self.products.first, self.products.second, self.shifts
        N, sums, products = self.sums[:, :, :1], self.sums[:, :, 1 : 1 + d], self.sums[:, :, 1 + d :]
        counts = N.sum(axis=(0, 2))                                                  # (K,)
        moved = (sums - N * e).sum(axis=0) / counts[:, None]                         # (K, d)  from old means
        left, right = e.take(first, axis=2), e.take(second, axis=2)
        squares = products - sums.take(first, axis=2) * right - sums.take(second, axis=2) * left
        squares += N * (left * right)                                                # Σ r (y - μ)(y - μ)ᵀ
        scatters = np.zeros((len(counts), d, d))
        between = counts[:, None] * moved.take(first, axis=1) * moved.take(second, axis=1)
        scatters[:, first, second] = scatters[:, second, first] = squares.sum(axis=0) - between
        return counts, self.means + moved, scatters


class Whitening:
    """The same, centred on each component in turn: z = L⁻¹ (y - μ) for densities, y - μ for statistics.

    Parameters
    ----------
    components : in standardised features
    centres : (G, d) that each group's features are measured from
    nothing : a point of which a component owns less adds nothing to it
    """

    def __init__(self, components: Components, centres: FloatArray, nothing: float) -> None:
        K, d = components.means.shape
        self.components, self.nothing = components, nothing
        self.shifts = components.means - centres[:, None]                            # (G, K, d)
        self.counts, self.moved, self.squares = np.zeros(K), np.zeros((K, d)), np.zeros((K, d, d))
        self.joint, self.z = np.empty((K, 0)), np.empty((d, 0))

    def log_joint(self, phi: FloatArray, group: int) -> FloatArray:
        """See Features."""
        y = self._in_a_row(phi)
        if self.z.shape != y.shape:
            self.joint, self.z = np.empty((len(self.counts), y.shape[1])), np.empty_like(y)
        R, z = self.joint, self.z
        for k, shift in enumerate(self.shifts[group]):
            np.subtract(y, shift[:, None], out=z)
            multiply_by_triangle(self.components.inverses[k], z)                     # z = L⁻¹ (y - μ)
            np.einsum("ib,ib->b", z, z, out=R[k])
        R *= -0.5
        R += self.components.constants[:, None]
        return R

    def _in_a_row(self, phi: FloatArray) -> FloatArray:
        """Return the standardised points (d, S B) of a block of features (S, F, B)."""
        d = self.components.means.shape[1]
        return phi[:, 1 : 1 + d].swapaxes(0, 1).reshape(d, -1)

    def count(self, R: FloatArray, group: int) -> None:
        """See Features."""
        self.counts += R.sum(axis=1)

    def add(self, R: FloatArray, phi: FloatArray, group: int) -> None:
        """See Features."""
        y = self._in_a_row(phi)
        self.count(R, group)
        for k, shift in enumerate(self.shifts[group]):
            own = np.flatnonzero(R[k] > self.nothing)                                # the others add nothing
            mine, r = (y, R[k]) if 2 * len(own) > len(R[k]) else (y.take(own, axis=1), R[k].take(own))
            root = np.sqrt(r)
            centred = mine - shift[:, None]
            centred *= root
            self.moved[k] += centred @ root                                          # Σ r (y - μ)
            self.squares[k] += centred @ centred.T                                   # Σ r (y - μ)(y - μ)ᵀ

    def moments(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """See Features."""
        moved = self.moved / self.counts[:, None]                                    # (K, d)
        between = self.counts[:, None, None] * moved[:, :, None] * moved[:, None, :]
        return self.counts, self.components.means + moved, self.squares - between


def multiply_by_triangle(L: FloatArray, z: FloatArray) -> None:
    """Multiply z (d, B) by a lower triangle L (d, d) in place: half the work of a full product."""
    multiply = _triangular_product()
    if multiply is None:                                    # slower, same numbers
        z[:] = L @ z
    else:
        multiply(1.0, L.T, z.T, side=1, overwrite_b=1)


@cache      # an import that fails takes longer than a small product
def _triangular_product() -> Callable[..., FloatArray] | None:
    """Return the dtrmm of BLAS; None without SciPy, as in a browser."""
    try:
        from scipy.linalg.blas import dtrmm
    except ImportError:
        return None
    product: Callable[..., FloatArray] = dtrmm
    return product
