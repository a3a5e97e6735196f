"""The analysis of the galaxies, step by step, and its figures."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from gmmlib import Fit, Mixture, fit
from gmmlib.cures import Floor
from gmmlib.datasets import galaxies
from gmmlib.em import fit_each
from gmmlib.labels import match, relabel

from . import palette
from .frame import Picture, canvas
from .selection import different

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

#: No variance below a thousandth of the data's.
FLOOR = Floor(1e-3)
GRID = np.linspace(6.0, 37.0, 311)


def one_run(X: FloatArray, K: int, seed: int, covariance_type: str = "full") -> Fit:
    """EM from K random galaxies as means."""
    return fit(
        X,
        K,
        init="points",
        n_starts=1,
        rng=seed,
        covariance_type=covariance_type,
        cure=FLOOR,
        tol=1e-5,
        accelerate=True,
        max_iter=5000,
    )


def many_runs(X: FloatArray, K: int, n_starts: int, covariance_type: str = "full") -> tuple[Fit, ...]:
    """The same from each seed below n_starts, all at once."""
    return _ends(X, galaxies_as_means(X, K, n_starts), covariance_type)


def galaxies_as_means(X: FloatArray, K: int, n_starts: int, first_seed: int = 0) -> list[Mixture]:
    """Starts from K random galaxies as means, one for each seed."""
    starts = []
    for seed in range(first_seed, first_seed + n_starts):
        chosen = np.random.default_rng(seed).choice(len(X), size=K, replace=False)
        starts.append(Mixture(np.full(K, 1 / K), X[chosen], np.full((K, 1, 1), X.var() / K**2)))
    return starts


def _ends(
    X: FloatArray, starts: list[Mixture], covariance_type: str = "full", tol: float = 1e-5
) -> tuple[Fit, ...]:
    settings: dict[str, Any] = {"covariance_type": covariance_type, "cure": FLOOR, "tol": tol}
    ends = fit_each(X, starts, accelerate=True, max_iter=5000, **settings)
    return tuple(end for end in ends if isinstance(end, Fit))


@cache
def runs(K: int, covariance_type: str = "full", n_starts: int = 40) -> tuple[Fit, ...]:
    """Fits of the galaxies from many random starts, the best one first."""
    found = many_runs(galaxies(), K, n_starts if K > 1 else 1, covariance_type)
    return tuple(sorted(found, key=lambda one: -one.log_likelihood))


def ordered(mixture: Mixture) -> list[tuple[float, float, float]]:
    """Galaxies, mean and deviation of each component, from slow to fast."""
    counts, deviations = 82 * mixture.weights, np.sqrt(mixture.covariances[:, 0, 0])
    return sorted(zip(counts, mixture.means[:, 0], deviations, strict=True), key=lambda row: float(row[1]))


def at_the_top(K: int) -> int:
    """How many of the starts reached the best log-likelihood, to a tenth of a nat."""
    return sum(runs(K)[0].log_likelihood - one.log_likelihood < 0.1 for one in runs(K))


def corrected() -> FloatArray:
    """The velocities with 26,960 km/s in row 78, where the file has 26,690, (82, 1)."""
    X = galaxies().copy()
    X[77] = 26.960
    return X


@cache
def corrected_runs(K: int, n_starts: int = 40) -> tuple[Fit, ...]:
    """As `runs`, of the corrected velocities."""
    found = many_runs(corrected(), K, n_starts)
    return tuple(sorted(found, key=lambda one: -one.log_likelihood))


@cache
def held_out(K: int, split: int, n_starts: int | None = None) -> FloatArray:
    """Log density of each galaxy under the fit in which it took no part, (82,); n_starts cuts the search short."""
    fold_of, scores = folds(split), np.empty(82)
    for fold in range(5):
        out = fold_of == fold
        scores[out] = best_without(fold, split, K, n_starts).mixture.log_density(galaxies()[out])
    return scores


def folds(split: int) -> IntArray:
    """Which of five folds each galaxy falls in, (82,)."""
    return np.random.default_rng(split).permutation(82) % 5


@cache
def best_without(fold: int, split: int, K: int, n_starts: int | None = None) -> Fit:
    """The best fit of the other folds: searched for to the end, or from n_starts sets of galaxies as means only."""
    if n_starts is None:
        return _searched_without(fold, split, K)[0]
    return max(many_runs(_others(fold, split), K, n_starts), key=lambda one: one.log_likelihood)


def _others(fold: int, split: int) -> FloatArray:
    return galaxies()[folds(split) != fold]


@cache
def _searched_without(fold: int, split: int, K: int) -> tuple[Fit, ...]:
    """Different ends, the best one first: from galaxies as means, and grown from the best three with K - 1."""
    X = _others(fold, split)
    if K == 1:
        return many_runs(X, 1, 1)
    before = _searched_without(fold, split, K - 1)[:3]
    new = [start for one in before for start in grown(X, one.mixture)]
    short = _ends(X, galaxies_as_means(X, K, 12), tol=0.01) + _ends(X, new, tol=0.1)
    return tuple(different(_ends(X, [one.mixture for one in different(short)[:8]])))  # these go on to the end


def grown(X: FloatArray, mixture: Mixture) -> list[Mixture]:
    """The mixture and a narrow component more, on every second point in turn, from slow to fast."""
    share, variance = 0.05, np.full((1, 1, 1), X.var() / 200)
    return [
        Mixture(
            np.append((1 - share) * mixture.weights, share),
            np.append(mixture.means, [point], axis=0),
            np.append(mixture.covariances, variance, axis=0),
        )
        for point in np.sort(X, axis=0)[::2]
    ]


@cache
def bootstrap(K: int = 3, n_replicates: int = 100, seed: int = 1) -> tuple[Mixture, ...]:
    """Fits of galaxies drawn with replacement, from the fit of all as start and matched to it; one floor for all."""
    X, whole = galaxies(), runs(K)[0].mixture
    rng = np.random.default_rng(seed)
    replicates = []
    for _ in range(n_replicates):
        drawn = X[rng.integers(0, len(X), len(X))]
        floor = Floor(FLOOR.share * float(X.var() / drawn.var()))  # a share of the whole data's variance
        found = fit(drawn, whole, cure=floor, tol=1e-4, accelerate=True).mixture
        replicates.append(relabel(found, match(whole, found)))
    return tuple(replicates)


# --------------------------------------------------------------------------- figures


def _rug(ax: Axes, low: float) -> None:
    X = galaxies()[:, 0]
    ax.plot(X, np.full(len(X), low), "|", color=palette.MUTED, markersize=9, markeredgewidth=1)


def three_histograms() -> Picture:
    """The same galaxies in bins of three widths."""
    figure, axes = canvas(7.6, 3.0, columns=3)
    for ax, width in zip(axes, (4.0, 2.0, 0.75), strict=True):
        ax.hist(
            galaxies()[:, 0],
            bins=np.arange(8.0, 36.0 + width, width),
            density=True,
            color=palette.BLUE,
            edgecolor=palette.PAPER,
            linewidth=0.6,
        )
        _rug(ax, -0.012)
        ax.set(title=f"bins of {width * 1000:.0f} km/s", xlabel="velocity [1000 km/s]", ylim=(-0.025, 0.30))
    axes[0].set_ylabel("density")
    return Picture(
        figure,
        "Three histograms of the 82 velocities. With bins of 4,000 km/s: one hill near 20, and a low bar apart on each side. "
        "With 2,000 km/s: a small hill at 10, the large one, and a few near 33. With 750 km/s: the large "
        "hill has two tops, near 19.5 and 23, and a few galaxies stand apart near 10, 16 and 33.",
    )


def where_starts_end() -> Picture:
    """Log-likelihood at which each start ended, by number of components."""
    figure, ax = canvas(6.4, 3.8)
    for K in range(2, 7):
        halves = np.round([2 * one.log_likelihood for one in runs(K)])
        ends, counts = np.unique(halves / 2, return_counts=True)
        ax.scatter(np.full(len(ends), K), ends, s=14 * counts, color=palette.BLUE, alpha=0.55, linewidths=0)
        top = runs(K)[0].log_likelihood
        ax.plot([K - 0.25, K + 0.25], [top, top], color=palette.ORANGE)
        ax.text(K + 0.29, top, f"{at_the_top(K)}", color=palette.ORANGE, va="center")
    ax.set(xlabel="components", ylabel="log-likelihood [nats]", xticks=range(2, 7), xlim=(1.5, 6.7))
    best = ", ".join(f"{runs(K)[0].log_likelihood:.1f}" for K in range(2, 7))
    return Picture(
        figure,
        "For two to six components discs show where forty starts ended, larger where more did; a bar marks "
        f"the highest: {best}. With three components most starts reach it, with four a single one; with five "
        "and six the starts reach many different ends.",
    )


def fits_over_galaxies() -> Picture:
    """Densities with three and with four components, and the bootstrap's band round the first."""
    figure, axes = canvas(7.6, 3.4, columns=2, sharey=True)
    band = np.quantile([np.exp(m.log_density(GRID[:, None])) for m in bootstrap()], (0.05, 0.95), axis=0)
    for ax, K in zip(axes, (3, 4), strict=True):
        mixture = runs(K)[0].mixture
        parts = np.exp(mixture.log_joint(GRID[:, None]))
        for k in range(K):
            ax.plot(GRID, parts[:, k], color=palette.MUTED, linewidth=1.0, linestyle="--")
        ax.plot(GRID, parts.sum(axis=1), color=palette.BLUE)
        _rug(ax, -0.012)
        ax.set(xlabel="velocity [1000 km/s]", title=f"{K} components", ylim=(-0.025, 0.30))
    axes[0].fill_between(GRID, *band, color=palette.BLUE, alpha=0.2, linewidth=0)
    axes[0].set_ylabel("density")
    return Picture(
        figure,
        "Left, three components: narrow at 9.7, broad at 21.4, low at 33; a band shows where nine tenths of "
        "the bootstrap densities lie, wide at the two small groups. Right, four components: on the broad "
        "hill now stands a sharp crest near 19.75.",
    )
