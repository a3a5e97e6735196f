"""Where EM starts, and how several starts become one fit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gmmlib._checks import FloatArray, IntArray, as_components, as_count
from gmmlib.blocked import Blocks
from gmmlib.errors import CollapsedComponentError, InvalidInputError
from gmmlib.gaussian import cholesky
from gmmlib.loop import Fit, Maximiser, expected_log_likelihood, repeat
from gmmlib.mixture import Mixture
from gmmlib.statistics import Statistics, as_responsibilities, weighted_moments
from gmmlib.stopping import Absolute

BoolArray = NDArray[np.bool_]
LLOYD_STEPS = 10
SAMPLE = 2_000              # k-means looks at no more points than this, or 50 for each component
FEW = 50_000                # numbers times components: with fewer, tries of k-means run side by side
PART = 1 << 12              # points that join their clusters at once
SAMPLE_ROUNDS = 25          # of EM on that sample


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
    """Return the mixtures to start from: one if `start` gives it, else n_starts of kind `init`.

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
    """Return the mixture that `start` stands for: itself, or an M-step from responsibilities."""
    if callable(start):
        return as_mixture(X, start(X, rng), maximise, rng, weight)
    if isinstance(start, Mixture):
        if start.n_features != X.shape[1]:
            raise InvalidInputError(f"X has {X.shape[1]} features, but the start has {start.n_features}.")
        return maximise.admit(start)
    R = as_responsibilities(start, len(X))
    if R.shape[1] > 1 and np.all(R[0] == R):
        raise InvalidInputError(
            "The starting responsibilities are the same for every point: EM could never move."
        )
    return maximise(Statistics.of(X, R, weight))


@dataclass(frozen=True, eq=False)
class Clustering:
    """Clusters of k-means, and the mixture that they make.

    Parameters
    ----------
    transform : (d, d), from centred points, as rows, to those that k-means saw
    centroids : (K, d) of the transformed points
    clusters : statistics of the points themselves
    mixture : what the M-step makes of the clusters
    """

    transform: FloatArray
    centroids: FloatArray
    clusters: Statistics
    mixture: Mixture

    @property
    def log_likelihood(self) -> float:
        """Log-likelihood of the mixture up to a constant, when the label of each point is known."""
        return expected_log_likelihood(self.mixture, self.clusters)


def from_kmeans(
    X: FloatArray, K: int, maximise: Maximiser, rng: np.random.Generator, weight: FloatArray | None
) -> Mixture:
    """Start from clusters of k-means on scaled and on whitened data: no unit counts more than another.

    Of a few tries that one is kept which is most likely as a mixture with known labels. Large data are
    represented by a sample; EM improves the start on it, or, where a cluster has few points there, all
    points join their clusters.
    """
    size = max(SAMPLE, 50 * K)
    rows = rng.choice(len(X), size=size, replace=False) if len(X) > size else slice(None)
    sample, sample_weight = X[rows], None if weight is None else weight[rows]
    scaling, whitening = scaling_matrix(maximise.total), whitening_matrix(maximise.total)
    transforms, tries = np.stack([scaling, scaling, whitening]), list[Clustering]()
    together = len(transforms) if sample.size * K <= FEW else 1
    for first in range(0, len(transforms), together):
        tries += _cluster(sample, K, maximise, rng, sample_weight, transforms[first : first + together])
    best = max(tries, key=lambda clustering: clustering.log_likelihood)
    mixture = best.mixture
    if len(sample) < len(X):
        if _has_few_points(best.clusters).any():
            everything = _join_all(X, weight, best, maximise.total)
            mixture = maximise(_widen_small_clusters(everything, maximise.total))
        else:
            mixture = _improve_by_em(sample, sample_weight, mixture, maximise)
    return mixture.sorted()                                        # the same names, whatever the seed


def _cluster(
    X: FloatArray,
    K: int,
    maximise: Maximiser,
    rng: np.random.Generator,
    weight: FloatArray | None,
    transforms: FloatArray,
) -> list[Clustering]:
    """Run a short k-means on points (n, d), centred, for each of T matrices (T, d, d) that transform them."""
    Z = (X - maximise.total.means) @ transforms                    # (T, n, d)
    w = _ones(X, weight)
    centroids = _lloyd(Z, _seeds(Z, K, rng, w), w)                 # (T, K, d)
    clusterings = []
    for transform, own, labels in zip(transforms, centroids, _nearest(Z, centroids), strict=True):
        clusters = _clusters(X, labels, K, weight)
        mixture = maximise(_widen_small_clusters(clusters, maximise.total))
        clusterings.append(Clustering(transform, own, clusters, mixture))
    return clusterings


def from_seeds(
    X: FloatArray, K: int, maximise: Maximiser, rng: np.random.Generator, weight: FloatArray | None
) -> Mixture:
    """Start from clusters round the points that k-means++ chooses on scaled data, without a Lloyd step."""
    Z = (X - maximise.total.means) @ scaling_matrix(maximise.total)
    seeds = _seeds(Z[None], K, rng, _ones(X, weight))[0]
    clusters = _clusters(X, _nearest(Z, seeds), K, weight)
    return maximise(_widen_small_clusters(clusters, maximise.total)).sorted()


def _ones(X: FloatArray, weight: FloatArray | None) -> FloatArray:
    """Return the weights (n,) of the points: ones where none are given."""
    return np.ones(len(X)) if weight is None else weight


def _lloyd(Z: FloatArray, centroids: FloatArray, w: FloatArray) -> FloatArray:
    """Move centroids (T, K, d) by a few Lloyd steps, each set on its points Z (T, n, d) of weights w (n,)."""
    before, clusters = None, np.arange(centroids.shape[1])[:, None]
    for _ in range(LLOYD_STEPS):
        labels = _nearest(Z, centroids)                            # (T, n)
        if before is not None and (before == labels).all():
            break
        R = (labels[:, None] == clusters) * w                      # (T, K, n)
        counts = R.sum(axis=2)[:, :, None]
        centroids = np.where(counts > 0, R @ Z / np.where(counts > 0, counts, 1.0), centroids)
        before = labels
    return centroids


def _clusters(X: FloatArray, labels: IntArray, K: int, weight: FloatArray | None) -> Statistics:
    """Return statistics of points with labels (n,); an empty cluster sits at a point, with count 0."""
    d = X.shape[1]
    empty = (0.0, X[0], np.zeros((d, d)))
    members = [np.flatnonzero(labels == k) for k in range(K)]
    parts = [
        weighted_moments(X[rows], None if weight is None else weight[rows]) if len(rows) else empty
        for rows in members
    ]
    counts, means, scatters = (np.array(part) for part in zip(*parts, strict=True))
    return Statistics(counts, means, scatters)


def _join_all(
    X: FloatArray, weight: FloatArray | None, sampled: Clustering, total: Statistics
) -> Statistics:
    """Return statistics of all points in the clusters of a sample, part by part: X (n, d) is not copied."""
    K = len(sampled.centroids)
    joined: Statistics | None = None
    for first in range(0, len(X), PART):
        part = slice(first, first + PART)
        labels = _nearest(X[part] - total.means, sampled.centroids, sampled.transform)
        clusters = _clusters(X[part], labels, K, None if weight is None else weight[part])
        joined = clusters if joined is None else joined + clusters
    assert joined is not None
    return joined


def _seeds(Z: FloatArray, K: int, rng: np.random.Generator, w: FloatArray) -> FloatArray:
    """Choose K rows of each Z (T, n, d) as k-means++ does, each the best of a few candidates.

    Parameters
    ----------
    w : (n,) weights of the points

    Returns
    -------
    (T, K, d)
    """
    tries, n_candidates = np.arange(len(Z)), 2 + int(np.log(K))
    shares = rng.random((len(Z), 1 + (K - 1) * n_candidates))
    squares = np.einsum("tij,tij->ti", Z, Z)                       # (T, n)

    def distances(rows: IntArray) -> FloatArray:                   # (T, candidates, n)  |a - b|²
        of_both: FloatArray = squares[tries[:, None], rows][:, :, None] + squares[:, None]
        of_both -= (2.0 * Z[tries[:, None], rows]) @ Z.swapaxes(1, 2)
        return np.maximum(of_both, 0.0)

    def draw(chance: FloatArray, shares: FloatArray) -> IntArray:  # (T, candidates)
        cumulative = np.cumsum(np.where(chance.any(axis=1, keepdims=True), chance, w), axis=1)
        found = [np.searchsorted(c, (1.0 - u) * c[-1]) for c, u in zip(cumulative, shares, strict=True)]
        indices: IntArray = np.minimum(np.array(found), Z.shape[1] - 1)
        return indices

    first = draw(np.zeros_like(squares), shares[:, :1])
    chosen, nearest = [first[:, 0]], distances(first)[:, 0]        # (T,) and (T, n)
    for i in range(1, shares.shape[1], n_candidates):
        candidates = draw(nearest * w, shares[:, i : i + n_candidates])
        tried = np.minimum(nearest[:, None], distances(candidates))
        best = (tried @ w).argmin(axis=1)
        chosen.append(candidates[tries, best])
        nearest = tried[tries, best]
    return np.asarray(Z[tries[:, None], np.stack(chosen, axis=1)])


def _nearest(Z: FloatArray, centroids: FloatArray, transform: FloatArray | None = None) -> IntArray:
    """Return the index of the nearest centroid, (…, n), for centred points: Z (…, n, d), or Z @ transform."""
    columns = centroids.swapaxes(-1, -2)                                                     # (…, d, K)
    closeness = Z @ (columns if transform is None else transform @ columns)                  # (…, n, K)
    closeness -= 0.5 * np.square(columns).sum(axis=-2, keepdims=True)
    labels: IntArray = closeness.argmax(axis=-1)
    return labels


def _improve_by_em(
    X: FloatArray, weight: FloatArray | None, start: Mixture, maximise: Maximiser
) -> Mixture:
    """Run a few rounds of EM on a sample (n, d); return the start itself where that collapses."""
    try:
        data = Blocks(X, weight, diagonal=maximise.family.diagonal)
        return repeat(data.expect, maximise, start, Absolute(1e-4 * data.total.n), SAMPLE_ROUNDS).mixture
    except CollapsedComponentError:
        return start


def from_points(
    X: FloatArray, K: int, maximise: Maximiser, rng: np.random.Generator, weight: FloatArray | None
) -> Mixture:
    """Start from random points as means, each with K^(-2/d) times the data's covariance; equal weights."""
    chance = None if weight is None else weight / weight.sum()
    means = X[rng.choice(len(X), size=K, replace=False, p=chance)]
    nothing = Statistics(np.zeros(K), means, np.zeros((K, X.shape[1], X.shape[1])))
    return maximise(_widen_small_clusters(nothing, maximise.total))


def from_noise(
    X: FloatArray, K: int, maximise: Maximiser, rng: np.random.Generator, weight: FloatArray | None
) -> Mixture:
    """Start from random responsibilities, most of each point to one component: all begin mid-data."""
    R = rng.dirichlet(np.full(K, 0.2), size=len(X))
    return maximise(_widen_small_clusters(Statistics.of(X, R, weight), maximise.total))


# In quotes: NumPy imports its random module, a tenth of gmmlib's import, only when somebody draws.
Start = Callable[[FloatArray, int, Maximiser, "np.random.Generator", FloatArray | None], Mixture]
STARTS: dict[str, Start] = {
    "kmeans": from_kmeans,
    "k-means++": from_seeds,
    "points": from_points,
    "random": from_noise,
}


def _widen_small_clusters(statistics: Statistics, total: Statistics) -> Statistics:
    """Give small clusters d + 1 more points, spread like all clusters on average: no start is singular.

    That average is softened in turn, by d + 1 points that are spread like the data, K^(-2/d) times as wide.
    With the data's spread itself, small clusters would look wide where groups are apart, and a k-means that
    merged two groups would be preferred to one that found all.
    """
    K, d = statistics.means.shape
    more = np.where(_has_few_points(statistics), d + 1.0, 0.0)                   # (K,)
    wide = (d + 1.0) * K ** (-2.0 / d) * total.scatters / total.n                # (1, d, d)
    spread = (statistics.scatters.sum(axis=0) + wide) / (statistics.n + d + 1.0) # (1, d, d)
    scatters = statistics.scatters + more[:, None, None] * spread
    return Statistics(statistics.counts + more, statistics.means, scatters)


def _has_few_points(statistics: Statistics) -> BoolArray:
    """Tell which clusters have too few points for a covariance to be trusted, (K,)."""
    return np.asarray(statistics.counts < 10 * (statistics.means.shape[1] + 1))


def scaling_matrix(total: Statistics) -> FloatArray:
    """Return the matrix (d, d) that takes centred points, as rows, to variances 1."""
    return np.diag(1.0 / np.sqrt(np.diagonal(total.scatters[0]) / total.n))


def whitening_matrix(total: Statistics) -> FloatArray:
    """Return the matrix (d, d) that takes centred points to covariance I, or variances 1 if singular."""
    try:
        return np.asarray(np.linalg.inv(cholesky(total.scatters[0] / total.n)), np.float64).T
    except CollapsedComponentError:
        return scaling_matrix(total)


# --------------------------------------------------------------------------- restarts


#: EM from mixtures, or further from fits, for so many rounds: how each ends
Run = Callable[[Sequence[Mixture | Fit], int], list[Fit | CollapsedComponentError]]


def best_of(run: Run, starts: Sequence[Mixture | Fit], max_iter: int, short: int = 20) -> Fit:
    """Run each start for `short` rounds, then finish the best of them; the first one is finished too.

    Starts whose components collapse are left out; if none is left, the first one's error is raised.
    """
    attempts = run(starts, min(short, max_iter) if len(starts) > 1 else max_iter)
    sound = [fit for fit in attempts if not isinstance(fit, CollapsedComponentError)]
    if not sound:
        raise next(error for error in attempts if isinstance(error, CollapsedComponentError))
    if len(starts) == 1:
        return sound[0]
    chosen = [*{id(fit): fit for fit in (sound[0], max(sound, key=_objective_of))}.values()]
    finished = iter(run([fit for fit in chosen if not fit.converged], max_iter))
    best = max((fit if fit.converged else next(finished) for fit in chosen), key=_objective_of)
    if isinstance(best, CollapsedComponentError):
        raise best
    return replace(best, starts=tuple(_objective_of(fit) for fit in attempts))


def _objective_of(fit: Fit | CollapsedComponentError) -> float:
    """Return the last value of the objective, in nats; -inf for a fit that collapsed."""
    return -np.inf if isinstance(fit, CollapsedComponentError) else fit.objective[-1]
