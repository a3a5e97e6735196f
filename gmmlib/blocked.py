"""The E-step for speed: two matrix products for each block of points, no loop over components.

A log density is linear in the features φ(y) = (1, y, products y_i y_j), and so are the statistics. They are
built once, in blocks that fit the cache, each a stack of small matrices (S, F, B) where there are many
features: small ones are read as they lie and never packed. Then E is W Φ and M is R Φᵀ. Points are centred
and scaled first. Where that still loses digits (a component much narrower than its distance from the centre),
points are put into groups by who owns them, and each group's features are taken from a centre of its own.
Until then, or where d is large, each block is whitened for one component after the other instead.

`gmmlib.em.Plain` is the same, to be read; a test holds the two equal to 1e-10.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from gmmlib._checks import FloatArray, IntArray
from gmmlib.features import Components, Features, Products, Whitening
from gmmlib.gaussian import LOG_2PI
from gmmlib.mixture import Mixture
from gmmlib.statistics import Statistics, weighted_moments

SMALL_BLOCK = 768 * 1024          # bytes of one block of few features: it stays in the cache with its results
LARGE_BLOCK = 2048 * 1024         # of many features, or of the points to whiten
FEATURES_TO_STACK = 50            # with fewer the products are cheap, and long rows suit the rest better
STACKED_POINTS = 48               # in each matrix of a stack
LARGEST_D_FOR_FEATURES = 25       # beyond it whitening costs less
LARGEST_TERMS = 1e7               # beyond it the sum W φ of a log density loses too many digits
SMALLEST_GROUP = 200              # points on average: with fewer, grouping costs more than it saves
LOG_FLOOR = -250.0                # exp(-250) is as good as nothing, and no denormal number: those are slow
NOTHING = 1e-40  # a point of which a component owns less adds nothing to it, in double precision
MEMORY_BUDGET = 256 * 2**20
TOGETHER = 1024 * 1024            # bytes of responsibilities of all mixtures that share a pass


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
        self.unit = self.scale[:, None] * self.scale                                 # (d, d)
        self.log_unit = self.total.n * float(np.log(self.scale).sum())
        self.products = Products.of(d, diagonal)
        self.n_rows = 1 + d + len(self.products.first) if self.with_products else 1 + d  # F
        stacked = self.with_products and self.n_rows >= FEATURES_TO_STACK
        size = LARGE_BLOCK if stacked or not self.with_products else SMALL_BLOCK
        points = max(64, size // (8 * self.n_rows) // 8 * 8)
        self.width = STACKED_POINTS if stacked else points                           # B
        self.block = points // self.width * self.width                               # S B
        # all in one piece: the system hands out large pages for it
        self._room = np.empty(n * self.n_rows) if 8 * n * self.n_rows <= memory_budget else None
        self._rest = self._rounds = 0          # rounds to whiten before points are grouped again
        self._take(Groups(None, np.array([0, n]), np.zeros((1, d))))

    def expect(self, mixture: Mixture) -> Statistics:
        """See gmmlib.loop.Data."""
        way, log_likelihood = self._through(mixture, with_statistics=True)
        return self._statistics(*way.moments(), log_likelihood)

    def expect_all(self, mixtures: Sequence[Mixture]) -> list[Statistics]:
        """Return the statistics under each of several mixtures of K components: one pass over the points."""
        many = max(1, TOGETHER // (8 * len(self.points) * mixtures[0].n_components))
        if len(mixtures) > many:
            return [s for i in range(0, len(mixtures), many) for s in self.expect_all(mixtures[i : i + many])]
        components, centres = self._standardised(*mixtures), self.groups.centres
        terms = components.size_of_terms(centres)                                    # (G, S K)
        apart = not self.with_products or terms.max() > LARGEST_TERMS or np.isinf(components.constants).any()
        if len(mixtures) == 1 or apart:                    # infinite where a weight is zero
            return [self.expect(mixture) for mixture in mixtures]
        features = Features(components, centres, terms, self.products)
        log_likelihoods = self._sum(features, with_statistics=True, n_mixtures=len(mixtures)) - self.log_unit
        counts, centres, scatters = features.moments()
        every = self._statistics(counts, centres, scatters, 0.0)
        parts = [part.reshape(len(mixtures), -1, *part.shape[1:])
                 for part in (every.counts, every.means, every.scatters)]
        return [Statistics(*of_one) for of_one in zip(*parts, log_likelihoods.tolist(), strict=True)]

    def _statistics(
        self, counts: FloatArray, centres: FloatArray, scatters: FloatArray, log_likelihood: float
    ) -> Statistics:
        """Return the statistics of the points themselves from those of standardised ones."""
        means = self.centre + self.scale * centres
        return Statistics(counts, means, scatters * self.unit, float(log_likelihood))

    def log_likelihood(self, mixture: Mixture) -> float:
        """Return Σ_i log p(x_i) in nats, each point counted by its weight: an E-step without statistics."""
        return self._through(mixture, with_statistics=False)[1]

    def _through(self, mixture: Mixture, with_statistics: bool) -> tuple[Features | Whitening, float]:
        """Go through the blocks by features if they keep their digits, else by whitening."""
        components = self._standardised(mixture)
        centres = self.groups.centres
        terms = components.size_of_terms(centres)                                    # (G, K)
        if self.with_products and terms.min(axis=0).max() <= LARGEST_TERMS:
            features = Features(components, centres, terms, self.products)
            log_likelihood = float(self._sum(features, with_statistics)[0])
            if terms.max() <= LARGEST_TERMS or features.size_of_terms() <= LARGEST_TERMS:
                return features, log_likelihood - self.log_unit
        way = Whitening(components, centres, NOTHING * self.total.n / len(self.points))
        owners = np.empty(len(self.points), np.intp) if self._is_time_to_group(components) else None
        log_likelihood = float(self._sum(way, with_statistics, owners)[0])
        if owners is not None:
            self._take(Groups.of(owners, components.means))
        return way, log_likelihood - self.log_unit

    def _sum(
        self,
        way: Features | Whitening,
        with_statistics: bool,
        owners: IntArray | None = None,
        n_mixtures: int = 1,
    ) -> FloatArray:
        """Go through all blocks; return log-likelihoods (S,), and who owns most of a point in `owners`."""
        log_likelihood = np.zeros(n_mixtures)
        for phi, weight, rows, group in self._blocks():
            R = way.log_joint(phi, group)                                            # (K, S B)
            if owners is not None:
                owners[self.groups.indices(rows)] = R.argmax(axis=0)
            log_likelihood += normalise(R.reshape(n_mixtures, -1, R.shape[1]), weight)
            if with_statistics:
                way.add(R, phi, group)
            else:
                way.count(R, group)
        return log_likelihood

    def _standardised(self, *mixtures: Mixture) -> Components:
        """Return the components of the mixtures as standardised points see them."""
        parts = [(m.weights, m.means, m.covariances, m.factors) for m in mixtures]
        weights, means, covariances, factors = (
            parts[0] if len(parts) == 1 else [np.concatenate(of_all) for of_all in zip(*parts, strict=True)]
        )
        means = (means - self.centre) / self.scale                                   # (K, d)
        factors = factors / self.scale[:, None]                                      # (K, d, d)  L L' = Σ
        with np.errstate(divide="ignore"):
            log_weights = np.log(weights)
        log_roots = np.log(factors.diagonal(axis1=1, axis2=2)).sum(axis=1)
        constants = log_weights - log_roots - 0.5 * means.shape[1] * LOG_2PI         # (K,)
        deviations = np.sqrt(covariances.diagonal(axis1=1, axis2=2)) / self.scale    # (K, d)
        return Components(means, np.asarray(np.linalg.inv(factors), np.float64), constants, deviations)

    # ----------------------------------------------------------------------- groups, and blocks of features

    def _is_time_to_group(self, components: Components) -> bool:
        """Tell whether points are grouped now; each time that did not last, twice as many rounds later."""
        large = len(self.points) >= SMALLEST_GROUP * len(components.means)
        if not (self.with_products and large):
            return False
        self._rounds += 1
        if self._rounds <= self._rest:
            return False
        self._rounds, self._rest = 0, 2 * self._rest + 1
        return True

    def _take(self, groups: Groups) -> None:
        """Take points by these groups from now on."""
        self.groups = groups
        self._weights = None if self.weight is None else self.weight[groups.indices(slice(None))]
        self._places = list(self._slices())
        self.kept: list[FloatArray] | None = None
        if self._room is not None:
            self.kept = [
                self.features(rows, group, self._buffer(rows, self._room)) for rows, group in self._places
            ]

    def _slices(self) -> Iterator[tuple[slice, int]]:
        """Yield blocks of points, each with its group: whole stacks, then matrices, then what is left."""
        for group, (begin, end) in enumerate(itertools.pairwise(self.groups.ends)):
            whole = begin + (end - begin) // self.width * self.width
            for first, last in itertools.pairwise(sorted({*range(begin, end, self.block), whole, end})):
                yield slice(first, last), group

    def _buffer(self, rows: slice, room: FloatArray | None = None) -> FloatArray:
        """Return room for the features (S, F, B) of these points: new, or in `room`, which is for all."""
        points = rows.stop - rows.start
        F, own = self.n_rows, slice(self.n_rows * rows.start, self.n_rows * rows.stop)
        place = np.empty(F * points) if room is None else room[own]
        return place.reshape(-1, F, min(self.width, points))

    def features(self, rows: slice, group: int, out: FloatArray) -> FloatArray:
        """Fill `out` (S, F, B) with 1, the standardised features and their products, for these points."""
        (S, F, B), d = out.shape, self.points.shape[1]
        phi = out[0] if S == 1 else np.empty((F, S * B))        # long rows first: NumPy is slow on short ones
        phi[0] = 1.0
        y = phi[1 : 1 + d]                                                           # (d, S B)
        np.subtract(self.points[self.groups.indices(rows)].T, self.centre[:, None], out=y)
        y /= self.scale[:, None]
        y -= self.groups.centres[group][:, None]
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

    def _blocks(self) -> Iterator[tuple[FloatArray, FloatArray | None, slice, int]]:
        """Yield each block's features (S, F, B), weights (S B,), place and group; built anew if not kept."""
        buffer: FloatArray | None = None
        for i, (rows, group) in enumerate(self._places):
            if self.kept is not None:
                phi = self.kept[i]
            else:
                points = rows.stop - rows.start
                if buffer is None or buffer.size != points * self.n_rows:
                    buffer = self._buffer(rows)
                phi = self.features(rows, group, buffer)
            yield phi, None if self._weights is None else self._weights[rows], rows, group


@dataclass(frozen=True, eq=False)
class Groups:
    """Points that are taken together, each group's features measured from a centre of its own.

    Parameters
    ----------
    order : (n,) the points' indices, group by group; None for points as they come
    ends : (G + 1,) where each group begins in that order, and where the last one ends
    centres : (G, d) in standardised features
    """

    order: IntArray | None
    ends: IntArray
    centres: FloatArray

    @classmethod
    def of(cls, owners: IntArray, means: FloatArray) -> Groups:
        """Return the groups of points that the same component owns, `owners` (n,), around its mean (K, d)."""
        sizes = np.bincount(owners, minlength=len(means))
        present = sizes > 0
        ends = np.concatenate([[0], np.cumsum(sizes[present])])
        return cls(np.argsort(owners, kind="stable"), ends, means[present])

    def indices(self, rows: slice) -> slice | IntArray:
        """Return which points stand at these places of the order."""
        return rows if self.order is None else self.order[rows]


def normalise(R: FloatArray, weight: FloatArray | None) -> FloatArray:
    """Turn log w_k N(x_i | k) of S mixtures, (S, K, B), into weighted responsibilities in place.

    Returns Σ_i log p(x_i) under each, (S,).
    """
    top = R.max(axis=1)                                                              # (S, B)
    R -= top[:, None]
    np.maximum(R, np.full_like(top, LOG_FLOOR)[:, None], out=R)   # rows: NumPy is slow with one number here
    np.exp(R, out=R)
    sums = R.sum(axis=1)                                                             # (S, B)
    R *= ((1.0 if weight is None else weight) / sums)[:, None]
    if weight is not None:
        return np.asarray((top + np.log(sums)) @ weight)
    return np.asarray(top.sum(axis=1) + sum_of_logs(sums))


def sum_of_logs(values: FloatArray) -> FloatArray:
    """Return Σ log v of each row, of numbers from 1 to K: one logarithm for 32, since K³² is no overflow."""
    whole = values.shape[1] // 32 * 32
    products = np.multiply.reduce(values[:, :whole].reshape(len(values), 32, -1), axis=1)
    return np.asarray(np.log(products).sum(axis=1) + np.log(values[:, whole:]).sum(axis=1))


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
