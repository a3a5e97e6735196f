"""The E-step for speed: two matrix products for each block of points, no loop over components.

A log density is linear in the features φ(y) = (1, y, products y_i y_j), and so are the statistics. They are
built once, in contiguous blocks (F, B) that fit the cache; then E is W Φ and M is R Φᵀ. Points are centred
and scaled first. Where that still loses digits (a component much narrower than its distance from the centre),
or where d is large, each block is whitened for one component after the other instead.

`gmmlib.em.Plain` is the same, to be read; a test holds the two equal to 1e-10.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gmmlib._checks import FloatArray
from gmmlib.gaussian import LOG_2PI, choleskies
from gmmlib.mixture import Mixture
from gmmlib.statistics import Statistics

BLOCK_BYTES = 512 * 1024          # of the features of one block, which then stays in the cache
LARGEST_D_FOR_FEATURES = 25       # beyond it whitening costs less
LARGEST_SQUARED_NORM = 1e4        # of L⁻¹μ: beyond it features lose more than a few digits
LOG_FLOOR = -250.0                # exp(-250) is as good as nothing, and no denormal number: those are slow
NOTHING = 1e-40  # a point of which a component owns less adds nothing to it, in double precision
MEMORY_BUDGET = 256 * 2**20


class Blocks:
    """Points in memory, kept as features in blocks, and their expectations: see gmmlib.em.Data.

    Parameters
    ----------
    X : (n, d) points
    weight : (n,) > 0, how often each point counts; None for once
    diagonal : keep squares only, no products: enough for the families diag and spherical
    memory_budget : bytes; features that need more are built anew in each round
    """

    def __init__(
        self,
        X: FloatArray,
        weight: FloatArray | None = None,
        *,
        diagonal: bool = False,
        memory_budget: float = MEMORY_BUDGET,
    ) -> None:
        self.points, self.weight, self.diagonal = X, weight, diagonal
        self.total = total_of(X, weight)
        self.centre = self.total.means[0]                                            # (d,)
        variances = np.diagonal(self.total.scatters[0]) / self.total.n
        self.scale = np.sqrt(np.where(variances > 0, variances, 1.0))                # (d,)
        n, d = X.shape
        self.with_products = diagonal or d <= LARGEST_D_FOR_FEATURES
        self.products = (np.arange(d), np.arange(d)) if diagonal else np.triu_indices(d)
        self.n_rows = 1 + d + len(self.products[0]) if self.with_products else 1 + d  # F
        self.block = min(n, max(64, BLOCK_BYTES // (8 * self.n_rows) // 8 * 8))                 # B
        self.kept: list[FloatArray] | None = None
        if 8 * n * self.n_rows <= memory_budget:
            room = np.empty(n * self.n_rows)       # all in one piece: the system hands out large pages for it
            self.kept = [self.features(rows, self._buffer(rows, room)) for rows in self._slices()]

    def expect(self, mixture: Mixture) -> Statistics:
        """See gmmlib.em.Data."""
        means = (mixture.means - self.centre) / self.scale                           # (K, d)
        factors = choleskies(mixture.covariances) / self.scale[:, None]              # (K, d, d)  L L' = Σ
        inverses = np.asarray(np.linalg.inv(factors), np.float64)                    # (K, d, d)  L⁻¹
        norms = np.square(inverses @ means[:, :, None]).sum(axis=(1, 2))             # (K,)  |L⁻¹μ|²
        with np.errstate(divide="ignore"):
            log_weights = np.log(mixture.weights)
        log_roots = np.log(np.diagonal(factors, axis1=1, axis2=2)).sum(axis=1)
        constants = log_weights - log_roots - 0.5 * means.shape[1] * LOG_2PI
        if self.with_products and norms.max() <= LARGEST_SQUARED_NORM:
            counts, centres, scatters, log_likelihood = self._by_features(means, inverses, norms, constants)
        else:
            counts, centres, scatters, log_likelihood = self._by_whitening(
                means, factors, inverses, constants
            )
        return Statistics(
            counts,
            self.centre + self.scale * centres,
            scatters * np.outer(self.scale, self.scale),
            log_likelihood - self.total.n * float(np.log(self.scale).sum()),
        )

    # ----------------------------------------------------------------------- blocks of features

    def _slices(self) -> list[slice]:
        n = len(self.points)
        return [slice(i, min(i + self.block, n)) for i in range(0, n, self.block)]

    def _buffer(self, rows: slice, room: FloatArray | None = None) -> FloatArray:
        """Place for the features (F, B) of these points: in `room`, where those of all points go, or new."""
        if room is None:
            return np.empty((self.n_rows, rows.stop - rows.start))
        return room[self.n_rows * rows.start : self.n_rows * rows.stop].reshape(self.n_rows, -1)

    def features(self, rows: slice, out: FloatArray) -> FloatArray:
        """Fill `out` (F, B) with 1, the standardised features and their products, for these points."""
        d = self.points.shape[1]
        out[0] = 1.0
        y = out[1 : 1 + d]                                                           # (d, B)
        np.subtract(self.points[rows].T, self.centre[:, None], out=y)
        y /= self.scale[:, None]
        if self.with_products and self.diagonal:
            np.multiply(y, y, out=out[1 + d :])
        elif self.with_products:
            first = 1 + d
            for j in range(d):                                                       # y_j y_j, y_j y_j+1, …
                np.multiply(y[j], y[j:], out=out[first : first + d - j])
                first += d - j
        return out

    def _blocks(self) -> Iterator[tuple[FloatArray, FloatArray | None]]:
        """Each block's features (F, B) and weights (B,): as they were kept, or built anew."""
        slices = self._slices()
        buffer = self._buffer(slices[0]) if self.kept is None else None
        for i, rows in enumerate(slices):
            weight = None if self.weight is None else self.weight[rows]
            if self.kept is not None:
                yield self.kept[i], weight
            elif buffer is not None:
                fits = rows.stop - rows.start == buffer.shape[1]
                yield self.features(rows, buffer if fits else self._buffer(rows)), weight

    # ----------------------------------------------------------------------- two ways through a block

    def _by_features(
        self, means: FloatArray, inverses: FloatArray, norms: FloatArray, constants: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray, float]:
        """Counts (K,), means (K, d), scatters (K, d, d), log-likelihood, by two products for each block."""
        K, d = means.shape
        first, second = self.products
        precisions = inverses.transpose(0, 2, 1) @ inverses  # (K, d, d)
        W = np.empty((K, self.n_rows))  # (K, F)  log density = W φ
        W[:, 0] = constants - 0.5 * norms
        W[:, 1 : 1 + d] = (precisions @ means[:, :, None])[:, :, 0]
        W[:, 1 + d :] = np.where(first == second, -0.5, -1.0) * precisions[:, first, second]
        sums, log_likelihood = np.zeros((K, self.n_rows)), 0.0                       # (K, F)  Σ_i r_ik φ(y_i)
        joint, product = np.empty((K, self.block)), np.empty_like(sums)
        for phi, weight in self._blocks():
            R = np.matmul(W, phi, out=joint if phi.shape[1] == self.block else None)  # (K, B)
            log_likelihood += normalise(R, weight)
            sums += np.matmul(R, phi.T, out=product)
        counts = sums[:, 0]
        centres = sums[:, 1 : 1 + d] / counts[:, None]
        moments = np.zeros((K, d, d))
        moments[:, first, second] = moments[:, second, first] = sums[:, 1 + d :]
        between = counts[:, None, None] * centres[:, :, None] * centres[:, None, :]
        scatters = moments - (between * np.eye(d) if self.diagonal else between)
        return counts, centres, scatters, log_likelihood

    def _by_whitening(
        self, means: FloatArray, factors: FloatArray, inverses: FloatArray, constants: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray, float]:
        """The same, centred on each component: z = L⁻¹ (y - μ), and its moments."""
        K, d = means.shape
        counts, log_likelihood = np.zeros(K), 0.0
        nothing = np.sqrt(NOTHING * self.total.n / len(self.points))
        shifts, squares = np.zeros((K, d)), np.zeros((K, d, d))                      # Σ r z,  Σ r z zᵀ
        Z, joint = np.empty((K, d, self.block)), np.empty((K, self.block))
        for phi, weight in self._blocks():
            y, B = phi[1 : 1 + d], phi.shape[1]
            z, R = (Z, joint) if self.block == B else (np.empty((K, d, B)), np.empty((K, B)))
            for k in range(K):
                np.subtract(y, means[k][:, None], out=z[k])
                multiply_by_triangle(inverses[k], z[k])  # z = L⁻¹ (y - μ)
                np.einsum("ib,ib->b", z[k], z[k], out=R[k])
            R *= -0.5
            R += constants[:, None]
            log_likelihood += normalise(R, weight)
            counts += R.sum(axis=1)
            np.sqrt(R, out=R)
            for k in range(K):
                own = np.flatnonzero(R[k] > nothing)                                 # the others add nothing
                mine, root = (z[k], R[k]) if 2 * len(own) > B else (z[k][:, own], R[k][own])
                mine *= root
                shifts[k] += mine @ root
                squares[k] += mine @ mine.T
        moved = shifts / counts[:, None]                                             # (K, d)
        squares -= counts[:, None, None] * moved[:, :, None] * moved[:, None, :]
        centres = means + (factors @ moved[:, :, None])[:, :, 0]
        scatters = factors @ squares @ factors.transpose(0, 2, 1)
        return counts, centres, (scatters + scatters.transpose(0, 2, 1)) / 2.0, log_likelihood


def multiply_by_triangle(L: FloatArray, z: FloatArray) -> None:
    """z ← L z in place, for a lower triangle L (d, d) and z (d, B): half the work of a full product."""
    try:
        from scipy.linalg.blas import dtrmm
    except ImportError:                                     # in a browser without SciPy: slower, same numbers
        z[:] = L @ z
    else:
        dtrmm(1.0, L.T, z.T, side=1, overwrite_b=1)


def normalise(R: FloatArray, weight: FloatArray | None) -> float:
    """Turn log w_k N(x_i | k), (K, B), into weighted responsibilities in place; return Σ_i log p(x_i)."""
    top = R.max(axis=0)                                                              # (B,)
    R -= top
    np.maximum(R, LOG_FLOOR, out=R)
    np.exp(R, out=R)
    sums = R.sum(axis=0)                                                             # (B,)
    R *= (1.0 if weight is None else weight) / sums
    top += np.log(sums, out=sums)
    return float(top.sum() if weight is None else weight @ top)


def total_of(X: FloatArray, weight: FloatArray | None, rows: int = 1 << 14) -> Statistics:
    """All points as one component, part by part, so that no copy of the data is made."""
    total: Statistics | None = None
    for first in range(0, len(X), rows):
        part = slice(first, first + rows)
        ones = np.ones((len(X[part]), 1))
        own = Statistics.of(X[part], ones, None if weight is None else weight[part])
        total = own if total is None else total + own
    assert total is not None
    return total
