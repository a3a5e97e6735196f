"""Where EM starts, and how several starts become one fit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gmmlib._checks import FloatArray, as_components, as_count
from gmmlib.errors import CollapsedComponentError, InvalidInputError
from gmmlib.gaussian import cholesky, whiten
from gmmlib.kmeans import kmeans_plus_plus
from gmmlib.mixture import Mixture
from gmmlib.statistics import Statistics, as_responsibilities

if TYPE_CHECKING:
    from gmmlib.em import Fit, Maximiser

LLOYD_STEPS = 10
SUBSAMPLE = 5_000           # k-means looks at no more points than this, or 100 for each component


def starting_mixtures(
    X: FloatArray,
    start: Any,
    maximise: Maximiser,
    rng: np.random.Generator,
    *,
    init: str = "kmeans",
    n_starts: int = 1,
    weight: FloatArray | None = None,
) -> list[Mixture]:
    """The mixtures to start from: one if `start` gives it, else n_starts of kind `init`.

    Parameters
    ----------
    X : (n, d) points
    start : number of components; or a Mixture; or responsibilities (n, K); or a callable (X, rng)
        that returns one of these
    maximise : the M-step that makes a mixture of responsibilities
    init : "kmeans", "k-means++" (without Lloyd steps), "points" or "random"
    weight : (n,) > 0, how often each point counts; None for once

    Raises
    ------
    InvalidInputError
        If the start does not fit the points, K > n, or a setting is unknown.

    Source: book/starts.md, equation starts-kmeans-plus-plus.
    """
    if not isinstance(start, int | np.integer):
        return [as_mixture(X, start, maximise, rng, weight)]
    K = as_components(start, len(X))
    if init not in STARTS:
        raise InvalidInputError(f"init must be one of {', '.join(STARTS)}, not {init!r}.")
    return [STARTS[init](X, K, maximise, rng, weight) for _ in range(as_count(n_starts, "n_starts"))]


def as_mixture(
    X: FloatArray, start: Any, maximise: Maximiser, rng: np.random.Generator, weight: FloatArray | None
) -> Mixture:
    """The mixture that `start` means: itself, or an M-step from responsibilities."""
    if callable(start):
        return as_mixture(X, start(X, rng), maximise, rng, weight)
    if isinstance(start, Mixture):
        if start.n_features != X.shape[1]:
            raise InvalidInputError(f"X has {X.shape[1]} features, but the start has {start.n_features}.")
        return start
    R = as_responsibilities(start, len(X))
    if R.shape[1] > 1 and np.all(R[0] == R):
        raise InvalidInputError(
            "The starting responsibilities are the same for every point: EM could never move."
        )
    return maximise(Statistics.of(X, R, weight))


def from_kmeans(
    X: FloatArray,
    K: int,
    maximise: Maximiser,
    rng: np.random.Generator,
    weight: FloatArray | None,
    steps: int = LLOYD_STEPS,
) -> Mixture:
    """Clusters of k-means++ and a few Lloyd steps on whitened data: no unit counts more than another."""
    size = max(SUBSAMPLE, 100 * K)
    if len(X) > size:
        rows = rng.choice(len(X), size=size, replace=False)
        X, weight = X[rows], None if weight is None else weight[rows]
    Z = whitened(X, maximise.total)
    centroids = kmeans_plus_plus(Z, K, rng, weight, n_candidates=2 + int(np.log(K)))
    R = _nearest(Z, centroids)
    for _ in range(steps):
        counts, before = R.sum(axis=0)[:, None], R
        centroids = np.where(counts > 0, R.T @ Z / np.maximum(counts, 1.0), centroids)
        R = _nearest(Z, centroids)
        if np.array_equal(R, before):
            break
    found = maximise(_softened(Statistics.of(X, R, weight), maximise.total))
    return found.sorted()                                          # the same names, whatever the seed


def _nearest(Z: FloatArray, centroids: FloatArray) -> FloatArray:
    """One-hot assignment (n, K) to the nearest centroid; Z is centred, so this fast form loses no digits."""
    half_distances = 0.5 * np.square(centroids).sum(axis=1) - Z @ centroids.T
    return np.eye(len(centroids))[half_distances.argmin(axis=1)]


def from_seeds(
    X: FloatArray, K: int, maximise: Maximiser, rng: np.random.Generator, weight: FloatArray | None
) -> Mixture:
    """The same without Lloyd steps: clusters round the points that k-means++ chose."""
    return from_kmeans(X, K, maximise, rng, weight, steps=0)


def from_points(
    X: FloatArray, K: int, maximise: Maximiser, rng: np.random.Generator, weight: FloatArray | None
) -> Mixture:
    """Different random points as means, each with K^(-2/d) times the data's covariance; equal weights."""
    chance = None if weight is None else weight / weight.sum()
    means = X[rng.choice(len(X), size=K, replace=False, p=chance)]
    nothing = Statistics(np.zeros(K), means, np.zeros((K, X.shape[1], X.shape[1])))
    return maximise(_softened(nothing, maximise.total))


def from_noise(
    X: FloatArray, K: int, maximise: Maximiser, rng: np.random.Generator, weight: FloatArray | None
) -> Mixture:
    """Random responsibilities, most of each point to one component: all begin mid-data."""
    R = rng.dirichlet(np.full(K, 0.2), size=len(X))
    return maximise(_softened(Statistics.of(X, R, weight), maximise.total))


Start = Callable[
    [FloatArray, int, "Maximiser", np.random.Generator, FloatArray | None], Mixture
]
STARTS: dict[str, Start] = {
    "kmeans": from_kmeans,
    "k-means++": from_seeds,
    "points": from_points,
    "random": from_noise,
}


def _softened(statistics: Statistics, total: Statistics) -> Statistics:
    """Statistics in which small clusters get d + 1 more points, spread like the data: no start is singular."""
    K, d = statistics.means.shape
    more = np.where(statistics.counts < 10 * (d + 1), d + 1.0, 0.0)              # (K,)
    spread = total.scatters / total.n * K ** (-2.0 / d)                          # (1, d, d)
    scatters = statistics.scatters + more[:, None, None] * spread
    return Statistics(statistics.counts + more, statistics.means, scatters)


def whitened(X: FloatArray, total: Statistics) -> FloatArray:
    """Points with mean 0 and covariance I, (n, d); only scaled where the covariance is singular."""
    covariance = total.scatters[0] / total.n
    try:
        L = cholesky(covariance)
    except CollapsedComponentError:
        L = np.diag(np.sqrt(np.diagonal(covariance)))
    return whiten(X, total.means[0], L)


# --------------------------------------------------------------------------- restarts


Run = Callable[["Mixture | Fit", int], "Fit"]  # EM from a mixture, or further from a fit, for so many rounds


def best_of(run: Run, starts: Sequence[Mixture], max_iter: int, short: int = 20) -> Fit:
    """Run each start for `short` rounds, then finish the best of them; the first one is finished too.

    Starts whose components collapse are left out; if none is left, the first one's error is raised.
    """
    if len(starts) == 1:
        return run(starts[0], max_iter)
    begun = [_attempt(run, start, min(short, max_iter)) for start in starts]
    sound = [fit for fit in begun if not isinstance(fit, CollapsedComponentError)]
    if not sound:
        raise next(error for error in begun if isinstance(error, CollapsedComponentError))
    chosen = {id(fit): fit for fit in (sound[0], max(sound, key=_reached))}
    ends = [fit if fit.converged else _attempt(run, fit, max_iter) for fit in chosen.values()]
    best = max(ends, key=_reached)
    if isinstance(best, CollapsedComponentError):
        raise best
    return replace(best, starts=tuple(_reached(fit) for fit in begun))


def _reached(fit: Fit | CollapsedComponentError) -> float:
    return -np.inf if isinstance(fit, CollapsedComponentError) else fit.objective[-1]


def _attempt(run: Run, start: Mixture | Fit, max_iter: int) -> Fit | CollapsedComponentError:
    try:
        return run(start, max_iter)
    except CollapsedComponentError as error:
        return error
