"""EM on Dask: each worker makes the statistics of its blocks, and statistics add. Needs dask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gmmlib._checks import FloatArray, as_points, as_sample_weight, require_spread
from gmmlib.blocked import Blocks, total_of
from gmmlib.em import fit_data
from gmmlib.errors import InvalidInputError
from gmmlib.loop import Fit
from gmmlib.mixture import Mixture
from gmmlib.statistics import Statistics

SAMPLE = 20_000           # rows that are fetched for the starts


class DaskBlocks:
    """The blocks of a Dask array, wherever they are: see gmmlib.loop.Data.

    Parameters
    ----------
    X : Dask array (n, d); its chunks must hold whole rows
    sample_weight : (n,) > 0, how often each point counts; None for once
    """

    def __init__(self, X: Any, sample_weight: FloatArray | None = None) -> None:
        n, d = _shape(X)
        self.rows = [row[0] for row in X.rechunk({1: d}).to_delayed()]
        ends = np.cumsum(X.chunks[0])
        weight = as_sample_weight(sample_weight, n)
        self.weights = [None] * len(ends) if weight is None else np.split(weight, ends[:-1])
        self.total = self._sum(_total)
        step = -(-n // SAMPLE)
        self.points = as_points(X[::step].compute())
        require_spread(self.points)
        self.weight = None if weight is None else weight[::step]

    def expect(self, mixture: Mixture) -> Statistics:
        """See gmmlib.loop.Data."""
        return self._sum(_expect, mixture)

    def _sum(self, function: Any, *arguments: Any) -> Statistics:
        """Apply a function to each block where it is, and add the statistics pairwise."""
        from dask import delayed

        make, add = delayed(function, pure=False), delayed(_add, pure=False)
        parts = [make(rows, w, *arguments) for rows, w in zip(self.rows, self.weights, strict=True)]
        while len(parts) > 1:
            parts = [add(parts[i : i + 2]) for i in range(0, len(parts), 2)]
        total: Statistics = parts[0].compute()
        return total


def fit(
    X: Any,
    start: Any,
    *,
    sample_weight: FloatArray | None = None,
    scheduler: str | None = None,
    **settings: Any,
) -> Fit:
    """Fit a mixture by EM to a Dask array that may be larger than memory; the rounds are those of gmmlib.fit.

    Parameters
    ----------
    X : Dask array (n, d)
    start : number of components, placed on a sample of the points; a Mixture; or a callable (sample, rng)
    sample_weight : (n,) > 0, how often each point counts; None for once
    scheduler : address of a Dask scheduler, such as tcp://host:8786; None for the current client
    settings : further settings of gmmlib.em.fit_data

    Source: book/scale.md, equation scale-merge.
    """
    if scheduler is None:
        return fit_data(DaskBlocks(X, sample_weight), start, **settings)
    from distributed import Client

    with Client(scheduler):  # type: ignore[no-untyped-call]
        return fit_data(DaskBlocks(X, sample_weight), start, **settings)


def _total(rows: Any, weight: FloatArray | None) -> Statistics:
    """Return statistics of one block (n, d) as one component; runs on a worker."""
    return total_of(as_points(rows), weight)


def _expect(rows: Any, weight: FloatArray | None, mixture: Mixture) -> Statistics:
    """Return the E-step's statistics of one block (n, d); runs on a worker."""
    return Blocks(as_points(rows), weight, memory_budget=0).expect(mixture)


def _add(parts: Sequence[Statistics]) -> Statistics:
    """Return the sum of one or two statistics; runs on a worker."""
    return parts[0] if len(parts) == 1 else parts[0] + parts[1]


def _shape(X: Any) -> tuple[int, int]:
    """Return n and d of a Dask array; raise where X is none, or where they are unknown."""
    if not hasattr(X, "to_delayed") or getattr(X, "ndim", 0) != 2:
        raise InvalidInputError(f"X must be a Dask array of shape (n, d), not {type(X).__name__}.")
    n, d = X.shape
    if not (np.isfinite(n) and n > 0 and d > 0):
        raise InvalidInputError(f"X has shape {X.shape}: call compute_chunk_sizes() first if n is unknown.")
    if 0 in X.chunks[0]:
        raise InvalidInputError("X has empty chunks: rechunk it first.")
    return int(n), int(d)
