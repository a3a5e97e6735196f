"""The E-step for speed: two matrix products for each block of points, no loop over components.

A log density is linear in the features φ(y) = (1, y, products y_i y_j), and so are the statistics. They are
built once, in blocks that fit the cache, each a stack of small matrices (S, F, B) where there are many
features: small ones are read as they lie and never packed. Then E is W Φ and M is R Φᵀ. Points are centred
and scaled first. Where that still loses digits (a component much narrower than its distance from the centre),
or where d is large, each block is whitened for one component after the other instead.

`gmmlib.em.Plain` is the same, to be read; a test holds the two equal to 1e-10.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from functools import cache

import numpy as np

from gmmlib._checks import FloatArray, IntArray
from gmmlib.gaussian import LOG_2PI, choleskies
from gmmlib.mixture import Mixture
from gmmlib.statistics import Statistics, weighted_moments

SMALL_BLOCK = 768 * 1024          # bytes of one block of few features: it stays in the cache with its results
LARGE_BLOCK = 2048 * 1024         # of many features, or of the points to whiten
FEATURES_TO_STACK = 50            # with fewer the products are cheap, and long rows suit the rest better
STACKED_POINTS = 48               # in each matrix of a stack
LARGEST_D_FOR_FEATURES = 25       # beyond it whitening costs less
LARGEST_SQUARED_NORM = 1e4        # of L⁻¹μ: beyond it features lose more than a few digits
LOG_FLOOR = -250.0                # exp(-250) is as good as nothing, and no denormal number: those are slow
NOTHING = 1e-40  # a point of which a component owns less adds nothing to it, in double precision
MEMORY_BUDGET = 256 * 2**20


class Blocks:
    """Points in memory, kept as features in blocks, and their expectations: see gmmlib.loop.Data.

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
        stacked = self.with_products and self.n_rows >= FEATURES_TO_STACK
        size = LARGE_BLOCK if stacked or not self.with_products else SMALL_BLOCK
        points = max(64, size // (8 * self.n_rows) // 8 * 8)
        self.width = STACKED_POINTS if stacked else points                           # B
        self.block = points // self.width * self.width                               # S B
        self.kept: list[FloatArray] | None = None
        if 8 * n * self.n_rows <= memory_budget:
            room = np.empty(n * self.n_rows)       # all in one piece: the system hands out large pages for it
            self.kept = [self.features(rows, self._buffer(rows, room)) for rows in self._slices()]

    def expect(self, mixture: Mixture) -> Statistics:
        """See gmmlib.loop.Data."""
        way, log_likelihood = self._way(mixture), 0.0
        for phi, weight in self._blocks():
            R = way.log_joint(phi)                                                   # (K, S B)
            log_likelihood += normalise(R, weight)
            way.add(R, phi)
        counts, centres, scatters = way.moments()
        return Statistics(
            counts,
            self.centre + self.scale * centres,
            scatters * np.outer(self.scale, self.scale),
            log_likelihood - self._log_unit(),
        )

    def log_likelihood(self, mixture: Mixture) -> float:
        """Return Σ_i log p(x_i) in nats, each point counted by its weight: an E-step without statistics."""
        way = self._way(mixture)
        return sum(normalise(way.log_joint(phi), weight) for phi, weight in self._blocks()) - self._log_unit()

    def _log_unit(self) -> float:
        """Return what the log-likelihood of standardised points is too large by."""
        return self.total.n * float(np.log(self.scale).sum())

    def _way(self, mixture: Mixture) -> Features | Whitening:
        """Choose how to go through the blocks with this mixture, brought to standardised points first."""
        means = (mixture.means - self.centre) / self.scale                           # (K, d)
        factors = choleskies(mixture.covariances) / self.scale[:, None]              # (K, d, d)  L L' = Σ
        inverses = np.asarray(np.linalg.inv(factors), np.float64)                    # (K, d, d)  L⁻¹
        with np.errstate(divide="ignore"):
            log_weights = np.log(mixture.weights)
        log_roots = np.log(np.diagonal(factors, axis1=1, axis2=2)).sum(axis=1)
        constants = log_weights - log_roots - 0.5 * means.shape[1] * LOG_2PI         # (K,)
        if self.with_products:
            norms = np.square(inverses @ means[:, :, None]).sum(axis=(1, 2))         # (K,)  |L⁻¹μ|²
            if norms.max() <= LARGEST_SQUARED_NORM:
                return Features(means, inverses, constants - 0.5 * norms, self.products)
        return Whitening(means, inverses, constants, NOTHING * self.total.n / len(self.points))

    # ----------------------------------------------------------------------- blocks of features

    def _slices(self) -> list[slice]:
        """Return blocks of points: whole stacks, then matrices, then points that are left."""
        n = len(self.points)
        ends = sorted({*range(0, n, self.block), n // self.width * self.width, n})
        return [slice(first, last) for first, last in itertools.pairwise(ends)]

    def _buffer(self, rows: slice, room: FloatArray | None = None) -> FloatArray:
        """Return room for the features (S, F, B) of these points: new, or in `room`, which is for all."""
        points = rows.stop - rows.start
        F, own = self.n_rows, slice(self.n_rows * rows.start, self.n_rows * rows.stop)
        place = np.empty(F * points) if room is None else room[own]
        return place.reshape(-1, F, min(self.width, points))

    def features(self, rows: slice, out: FloatArray) -> FloatArray:
        """Fill `out` (S, F, B) with 1, the standardised features and their products, for these points."""
        (S, F, B), d = out.shape, self.points.shape[1]
        phi = out[0] if S == 1 else np.empty((F, S * B))        # long rows first: NumPy is slow on short ones
        phi[0] = 1.0
        y = phi[1 : 1 + d]                                                           # (d, S B)
        np.subtract(self.points[rows].T, self.centre[:, None], out=y)
        y /= self.scale[:, None]
        if self.with_products and self.diagonal:
            np.multiply(y, y, out=phi[1 + d :])
        elif self.with_products:
            first = 1 + d
            for j in range(d):                                                       # y_j y_j, y_j y_j+1, …
                np.multiply(y[j], y[j:], out=phi[first : first + d - j])
                first += d - j
        if S > 1:
            out[...] = phi.reshape(F, S, B).swapaxes(0, 1)
        return out

    def _blocks(self) -> Iterator[tuple[FloatArray, FloatArray | None]]:
        """Yield each block's features (S, F, B) and weights (S B,): as they were kept, or built anew."""
        slices = self._slices()
        buffer = self._buffer(slices[0]) if self.kept is None else np.empty(0)
        for i, rows in enumerate(slices):
            if self.kept is not None:
                phi = self.kept[i]
            else:
                fits = rows.stop - rows.start == slices[0].stop
                phi = self.features(rows, buffer if fits else self._buffer(rows))
            yield phi, None if self.weight is None else self.weight[rows]


class Features:
    """Log densities and statistics of blocks, each by one product with the features.

    Parameters
    ----------
    means : (K, d)
    inverses : (K, d, d) L⁻¹ of each component
    constants : (K,) log w_k N(0 | k)
    products : rows and columns of the products that stand behind 1 and the d features
    """

    def __init__(
        self,
        means: FloatArray,
        inverses: FloatArray,
        constants: FloatArray,
        products: tuple[IntArray, IntArray],
    ) -> None:
        K, d = means.shape
        self.products, self.d = products, d
        first, second = products
        precisions = inverses.transpose(0, 2, 1) @ inverses                          # (K, d, d)
        self.W = np.empty((K, 1 + d + len(first)))                                   # (K, F)  log density W φ
        self.W[:, 0] = constants
        self.W[:, 1 : 1 + d] = (precisions @ means[:, :, None])[:, :, 0]
        self.W[:, 1 + d :] = np.where(first == second, -0.5, -1.0) * precisions[:, first, second]
        self.sums = np.zeros_like(self.W)                                            # (K, F)  Σ_i r_ik φ(y_i)
        self.joint = self.product = np.empty((0, 0, 0))

    def log_joint(self, phi: FloatArray) -> FloatArray:
        """Return log w_k N(y_i | k) of a block, (K, S B), good until the next call."""
        S, _, B = phi.shape
        if self.joint.shape[1:] != (S, B):
            self.joint = np.empty((len(self.W), S, B))
        np.matmul(self.W, phi, out=self.joint.swapaxes(0, 1))
        return self.joint.reshape(len(self.W), -1)

    def add(self, R: FloatArray, phi: FloatArray) -> None:
        """Add a block to the statistics, owned as the weighted responsibilities R (K, S B) say."""
        S, F, B = phi.shape
        if S == 1:
            self.sums += R @ phi[0].T
            return
        if len(self.product) != S:
            self.product = np.empty((S, F, len(R)))
        np.matmul(phi, np.ascontiguousarray(R.T).reshape(S, B, -1), out=self.product)
        self.sums += self.product.sum(axis=0).T

    def moments(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return counts (K,), means (K, d), scatters (K, d, d); squares only if products are."""
        d, (first, second) = self.d, self.products
        counts = self.sums[:, 0]
        centres = self.sums[:, 1 : 1 + d] / counts[:, None]
        scatters = np.zeros((len(counts), d, d))
        products = self.sums[:, 1 + d :] - counts[:, None] * centres[:, first] * centres[:, second]
        scatters[:, first, second] = scatters[:, second, first] = products
        return counts, centres, scatters


class Whitening:
    """The same, centred on each component in turn: z = L⁻¹ (y - μ) for densities, y - μ for statistics."""

    def __init__(
        self, means: FloatArray, inverses: FloatArray, constants: FloatArray, nothing: float
    ) -> None:
        K, d = means.shape
        self.means, self.inverses, self.constants, self.nothing = means, inverses, constants, nothing
        self.counts, self.shifts, self.squares = np.zeros(K), np.zeros((K, d)), np.zeros((K, d, d))
        self.joint, self.z = np.empty((K, 0)), np.empty((d, 0))

    def log_joint(self, phi: FloatArray) -> FloatArray:
        """See Features."""
        y = self._in_a_row(phi)
        if self.z.shape != y.shape:
            self.joint, self.z = np.empty((len(self.means), y.shape[1])), np.empty_like(y)
        R, z = self.joint, self.z
        for k in range(len(R)):
            np.subtract(y, self.means[k][:, None], out=z)
            multiply_by_triangle(self.inverses[k], z)                                # z = L⁻¹ (y - μ)
            np.einsum("ib,ib->b", z, z, out=R[k])
        R *= -0.5
        R += self.constants[:, None]
        return R

    def _in_a_row(self, phi: FloatArray) -> FloatArray:
        """Return the standardised points (d, S B) of a block of features (S, F, B)."""
        d = self.means.shape[1]
        return phi[:, 1 : 1 + d].swapaxes(0, 1).reshape(d, -1)

    def add(self, R: FloatArray, phi: FloatArray) -> None:
        """See Features."""
        y = self._in_a_row(phi)
        self.counts += R.sum(axis=1)
        for k, mean in enumerate(self.means):
            own = np.flatnonzero(R[k] > self.nothing)                                # the others add nothing
            mine, r = (y, R[k]) if 2 * len(own) > len(R[k]) else (y.take(own, axis=1), R[k].take(own))
            root = np.sqrt(r)
            centred = mine - mean[:, None]
            centred *= root
            self.shifts[k] += centred @ root                                         # Σ r (y - μ)
            self.squares[k] += centred @ centred.T                                   # Σ r (y - μ)(y - μ)ᵀ

    def moments(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """See Features."""
        moved = self.shifts / self.counts[:, None]                                   # (K, d)
        between = self.counts[:, None, None] * moved[:, :, None] * moved[:, None, :]
        return self.counts, self.means + moved, self.squares - between


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
    """Return statistics of all points as one component, part by part, so that no copy of the data is made."""
    total: Statistics | None = None
    for first in range(0, len(X), rows):
        part = slice(first, first + rows)
        count, mean, scatter = weighted_moments(X[part], None if weight is None else weight[part])
        own = Statistics(np.array([count]), mean[None], scatter[None])
        total = own if total is None else total + own
    assert total is not None
    return total
