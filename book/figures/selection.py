"""Figures of the page on choosing the number of components and their shape."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from gmmlib import Fit, Mixture, fit
from gmmlib.covariance import FAMILIES, Full
from gmmlib.cures import Cure, Floor
from gmmlib.datasets import galaxies, old_faithful
from gmmlib.em import fit_each
from gmmlib.kmeans import kmeans, squared_distances
from gmmlib.loop import Maximiser
from gmmlib.selection import Candidate, Selection, aic, bic, icl, n_parameters
from gmmlib.starts import starting_mixtures
from gmmlib.statistics import Statistics
from gmmlib.stopping import Absolute, Stopping

from . import palette
from .frame import Picture, Stepper, canvas, dots, ellipse

FloatArray = NDArray[np.float64]

#: No variance below a thousandth of the data's: the accidents of the collapse page stay out.
FLOOR = Floor(1e-3)

#: Aitken's rule would leave whole nats to gain where a run rests on its way.
TO_THE_END = Absolute(1e-6)


def families() -> Picture:
    """Two components on Old Faithful in each family, and which numbers of the covariances are free."""
    figure, axes = canvas(7.6, 4.0, columns=4, rows=2, height_ratios=[2, 1])
    for (upper, lower), name in zip(axes.T, FAMILIES, strict=True):
        mixture = fit(old_faithful(), 2, covariance_type=name, tol=1e-4).mixture
        _draw_two(upper, mixture)
        upper.set(title=name, xlabel="duration [min]")
        _draw_matrices(lower, name)
        lower.set_title(f"p = {n_parameters(2, 2, name)}", fontsize=11)
    axes[0, 0].set_ylabel("waiting [min]")
    return Picture(
        figure,
        "Two components on Old Faithful in four families. Full: two slanted ellipses of different "
        "shape. Tied: "
        "twice the same slanted ellipse. Diagonal: two upright ellipses of different shape. Spherical: two "
        "circles with a radius of many minutes, of which only two broad bands fit into the frame. Below, the "
        "free entries of the two covariance matrices are marked: 3 and 3, 3 shared, 2 and 2, 1 and 1; with "
        "weights and means 11, 8, 9 and 7 parameters.",
    )


def _draw_two(ax: Axes, mixture: Mixture) -> None:
    dots(ax, old_faithful()[::2], size=1.6, colour=palette.MUTED)
    for k, colour in zip(mixture.means[:, 0].argsort(), palette.COMPONENTS, strict=False):
        ellipse(ax, mixture.means[k], mixture.covariances[k], edgecolor=colour)
    ax.set(xlim=(0.4, 6.1), ylim=(35, 105), xticks=(2, 4), yticks=(40, 60, 80, 100))


def _draw_matrices(ax: Axes, name: str) -> None:
    """Two 2 x 2 matrices: filled cells are free numbers, a letter repeats where a number does."""
    letters = {
        "full": ("ab", "bc", "de", "ef"),
        "tied": ("ab", "bc", "ab", "bc"),
        "diag": ("a0", "0b", "c0", "0d"),
        "spherical": ("a0", "0a", "b0", "0b"),
    }[name]
    seen: set[str] = set()
    for matrix in range(2):
        for row in range(2):
            for column in range(2):
                letter = letters[2 * matrix + row][column]
                x, y = 2.6 * matrix + column, 1 - row
                new = letter != "0" and letter not in seen
                colour = palette.COMPONENTS[matrix] if new else palette.GRID
                ax.add_patch(Rectangle((x, y), 1, 1, facecolor=colour, edgecolor=palette.PAPER, linewidth=2))
                ax.text(
                    x + 0.5,
                    y + 0.5,
                    letter,
                    ha="center",
                    va="center",
                    color=palette.PAPER if new else palette.INK,
                )
                seen.add(letter)
    ax.set(xlim=(-0.1, 4.7), ylim=(-0.1, 2.1), aspect="equal")
    ax.axis("off")


def halved(mixture: Mixture, k: int) -> Mixture:
    """The same mixture with component k in two halves, moved apart along its longest axis."""
    values, vectors = np.linalg.eigh(mixture.covariances[k])
    step = 0.5 * np.sqrt(values[-1]) * vectors[:, -1]  # (d,)
    parts = [np.delete(part, k, axis=0) for part in (mixture.weights, mixture.means, mixture.covariances)]
    half, mean, covariance = mixture.weights[k] / 2, mixture.means[k], mixture.covariances[k]
    return Mixture(
        np.append(parts[0], [half, half]),
        np.vstack([parts[1], mean - step, mean + step]),
        np.concatenate([parts[2], [covariance, covariance]]),
    )


def searched(
    X: FloatArray,
    components: range,
    family: str,
    *,
    n_starts: int = 16,
    n_parents: int = 3,
    seed: int = 0,
    cure: Cure = FLOOR,
    stopping: Stopping = TO_THE_END,
) -> list[Candidate]:
    """The best fit for each K: from starts of two kinds, and from the best fits with K - 1, each component halved.

    The random starts, n_starts of a kind, run short; the best eight that differ run on beside the halved ones,
    from n_parents fits; and of these the best eight that differ run to their end.
    """
    rng, found, before = np.random.default_rng(seed), list[Fit](), list[Fit]()
    settings: dict[str, Any] = {"covariance_type": family, "cure": cure, "max_iter": 5000, "accelerate": True}
    maximise = Maximiser(FAMILIES[family], cure, Statistics.of(X, np.ones((len(X), 1))))
    for K in components:
        starts = list[Mixture]()
        for kind in ("points", "k-means++"):
            starts += starting_mixtures(X, K, maximise, rng, init=kind, n_starts=n_starts if K > 1 else 1)
        chosen = [one.mixture for one in different(ends(X, starts, settings | {"tol": 0.02}))[:8]]
        chosen += [halved(one.mixture, k) for one in before[:n_parents] for k in range(K - 1)]
        chosen = [one.mixture for one in different(ends(X, chosen, settings | {"tol": 3e-4}))[:8]]
        before = different(ends(X, chosen, settings | {"stopping": stopping}))
        found.append(before[0])
    return [_candidate(X, one, family) for one in found]


def ends(X: FloatArray, starts: Sequence[Mixture], settings: dict[str, Any]) -> list[Fit]:
    """Where EM ends from each of these mixtures."""
    return [end for end in fit_each(X, starts, **settings) if isinstance(end, Fit)]


def different(fits: Iterable[Fit]) -> list[Fit]:
    """The best first, and each that lies at least a twentieth of a nat below the one before it."""
    kept: list[Fit] = []
    for one in sorted(fits, key=lambda one: -one.log_likelihood):
        if not kept or kept[-1].log_likelihood - one.log_likelihood > 0.05:
            kept.append(one)
    return kept


def _candidate(X: FloatArray, found: Fit, family: str) -> Candidate:
    K, ll = found.mixture.n_components, found.log_likelihood
    p = n_parameters(K, X.shape[1], family)
    price = icl(ll, p, found.mixture.responsibilities(X))
    return Candidate(K, family, p, ll, aic(ll, p), bic(ll, p, len(X)), price, found)


@cache
def faithful_table(seed: int = 0) -> Selection:
    """All families and one to six components on Old Faithful, searched with both kinds of starts."""
    X = old_faithful()
    return Selection(tuple(one for family in FAMILIES for one in searched(X, range(1, 7), family, seed=seed)))


def probabilities(values: FloatArray) -> FloatArray:
    """Probability of each model from the BIC values, all models equally probable beforehand, (M,)."""
    odds = np.exp(-0.5 * (values - values.min()))
    return np.asarray(odds / odds.sum())


def bic_by_family() -> Picture:
    """BIC against the number of components on Old Faithful, a curve for each family."""
    table = faithful_table()
    figure, ax = canvas(6.2, 4.2)
    colours = dict(zip(FAMILIES, palette.COMPONENTS, strict=False))
    for (name, curve), marker, line in zip(
        table.curves().items(), "os^D", ("-", "--", "-.", ":"), strict=True
    ):
        numbers, values = list(curve), list(curve.values())
        ax.plot(numbers, values, line, marker=marker, color=colours[name], markersize=6)
        if name != "spherical":
            ax.text(6.12, values[-1], name, color=colours[name], va="center")
    ax.text(6.3, 2482, "spherical is above 3000 throughout", color=colours["spherical"], ha="right", va="top")
    best = table.best
    ax.annotate(
        f"smallest: tied, K = {best.n_components}, {best.bic:.1f}",
        (best.n_components, best.bic),
        (best.n_components, 2297),
        ha="center",
        va="top",
        arrowprops={"arrowstyle": "-", "color": palette.INK},
    )
    ax.set(
        ylim=(2280, 2490), xlim=(0.8, 6.7), xlabel="number of components K", ylabel="BIC (lower is better)"
    )
    ax.plot(best.n_components, best.bic, "o", markersize=14, markerfacecolor="none", color=palette.INK)
    return Picture(
        figure,
        "BIC of Old Faithful against the number of components. The curves of the tied, the full and "
        "the diagonal "
        f"family all drop steeply to two components. From there the full one rises, the diagonal one falls a "
        f"little up to four, and the tied one has the lowest point of all at three, "
        f"{best.bic:.1f}; next come tied with four and full with two. The spherical family lies above 3000 "
        "throughout.",
    )


def banana(n: int, seed: int = 0) -> FloatArray:
    """One crescent of n points, (n, 2): a single group that no ellipse fits."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    return np.column_stack([1.5 * x, 0.9 * x**2 - 1 + 0.35 * rng.normal(size=n)])


@cache
def banana_table(n: int, seed: int = 0) -> Selection:
    """One to eight full components on a banana of n points."""
    X, stopping = banana(n, seed), Absolute(1e-4)
    found = searched(X, range(1, 9), "full", n_starts=4, n_parents=1, seed=seed, stopping=stopping)
    return Selection(tuple(found))


def bought(n: int, criterion: str, bananas: range) -> list[int]:
    """How many components this criterion takes for each of several bananas of n points."""
    tables = [banana_table(n, seed).curves(criterion)["full"] for seed in bananas]
    return [min(curve, key=lambda K: curve[K]) for curve in tables]


def buying_components(n: int = 300) -> Stepper:
    """BIC buys one component after the other to draw a banana."""
    table = banana_table(n)
    frames = [_banana_frame(table, K, banana(n)) for K in range(1, 9)]
    captions = [
        f"K = {c.n_components}: {c.n_parameters} parameters, log-likelihood {c.log_likelihood:.1f}, "
        f"BIC {c.bic:.1f}, ICL {c.icl:.1f}."
        for c in table.candidates
    ]
    return Stepper("More and more components on one banana", frames, captions)


def _banana_frame(table: Selection, K: int, X: FloatArray) -> Picture:
    figure, (left, right) = canvas(7.6, 3.7, columns=2, width_ratios=[1.2, 1])
    chosen = table.candidates[K - 1]
    assert chosen.fit is not None
    left.plot(*X.T, "o", color=palette.MUTED, markersize=2, alpha=0.6)
    mixture = chosen.fit.mixture
    for k in range(8):  # the same number of outlines in each frame; spare ones repeat the last
        ellipse(
            left, mixture.means[min(k, K - 1)], mixture.covariances[min(k, K - 1)], edgecolor=palette.BLUE
        )
    left.set(xlim=(-5.5, 5.5), ylim=(-4, 9), title=f"K = {K}", xticks=(), yticks=())
    lowest: dict[str, int] = {}
    for name, colour, marker, line in (("bic", palette.ORANGE, "s", "-"), ("icl", palette.PURPLE, "D", "--")):
        curve = table.curves(name)["full"]
        right.plot(list(curve), list(curve.values()), line, marker=marker, color=colour, markersize=4)
        right.plot(K, curve[K], marker, color=colour, markersize=11)
        best = lowest[name] = min(curve, key=lambda k: curve[k])
        right.text(8, curve[8] + 32, name.upper(), color=colour, ha="center", va="bottom")
        right.plot(best, curve[best], "o", markersize=17, markerfacecolor="none", color=palette.INK)
    right.set(xlim=(0.6, 8.6), xticks=range(1, 9), xlabel="K", ylabel="lower is better")
    return Picture(
        figure,
        f"Left: a crescent of {len(X)} points covered by {K} ellipse{'s' if K > 1 else ''}. Right: "
        f"BIC falls to its minimum at {lowest['bic']} components, ICL at {lowest['icl']}. "
        f"At K = {K} BIC is {chosen.bic:.0f} and ICL {chosen.icl:.0f}.",
    )


@cache
def held_out(covariance_type: str, K: int, split: int, folds: int = 5) -> FloatArray:
    """Log density of each eruption of Old Faithful under the fit in which it took no part, (272,)."""
    X, scores = old_faithful(), np.empty(len(old_faithful()))
    fold = fold_numbers(split, folds)
    for f in range(folds):
        found = fit_without(covariance_type, K, split, f, folds)
        scores[fold == f] = found.mixture.log_density(X[fold == f])
    return scores


@cache
def fit_without(covariance_type: str, K: int, split: int, f: int, folds: int = 5) -> Fit:
    """The best fit of the other folds: from forty sets of points as means and the best with K - 1, halved."""
    X, rng = old_faithful(), np.random.default_rng([split, f, K])
    X = X[fold_numbers(split, folds) != f]
    settings: dict[str, Any] = {"covariance_type": covariance_type, "cure": FLOOR, "accelerate": True}
    starts = [start_from_points(X, K, rng) for _ in range(40 if K > 1 else 1)]
    if K > 1:
        before = fit_without(covariance_type, K - 1, split, f, folds).mixture
        starts += [halved(before, k) for k in range(K - 1)]
    short = sorted(ends(X, starts, settings | {"tol": 0.1}), key=lambda one: -one.log_likelihood)
    last = ends(X, [one.mixture for one in short[:12]], settings | {"tol": 1e-4, "max_iter": 5000})
    return max(last, key=lambda one: one.log_likelihood)


def fold_numbers(split: int, folds: int = 5) -> NDArray[np.intp]:
    """Which fold each eruption falls in, (272,)."""
    return np.random.default_rng(split).permutation(len(old_faithful())) % folds


def start_from_points(X: FloatArray, K: int, rng: np.random.Generator) -> Mixture:
    """K random points as means, each with the data's variances over K squared."""
    chosen = X[rng.choice(len(X), K, replace=False)]
    return Mixture(np.full(K, 1 / K), chosen, np.tile(np.diag(X.var(axis=0)) / K**2, (K, 1, 1)))


def held_out_gain(covariance_type: str, K: int, splits: range) -> tuple[float, float]:
    """Held-out nats above those of two full components, and the standard error over the eruptions."""
    gains = np.mean([held_out(covariance_type, K, s) - held_out("full", 2, s) for s in splits], axis=0)
    return float(gains.sum()), float(gains.std(ddof=1) * len(gains) ** 0.5)


# --------------------------------------------------------------------------- a fourth group, or chance?


def gain(X: FloatArray, K: int, rng: np.random.Generator, n_starts: int) -> tuple[float, Mixture]:
    """T = 2 (ℓ_K+1 - ℓ_K) from starts of two kinds and from halved components, and the fit with K."""
    settings: dict[str, Any] = {"cure": FLOOR, "max_iter": 5000, "accelerate": True}
    maximise = Maximiser(Full(), FLOOR, Statistics.of(X, np.ones((len(X), 1))))
    best: list[Fit] = []
    for k in (K, K + 1):
        starts = [halved(best[0].mixture, j) for j in range(K) if best]
        for kind in ("points", "k-means++"):
            starts += starting_mixtures(X, k, maximise, rng, init=kind, n_starts=n_starts)
        short = different(ends(X, starts, settings | {"tol": 0.02}))
        last = ends(X, [one.mixture for one in short[:3]], settings | {"tol": 1e-4})
        best.append(max(last, key=lambda one: one.log_likelihood))
    return 2 * (best[1].log_likelihood - best[0].log_likelihood), best[0].mixture


@cache
def by_chance(n_replicates: int = 79, seed: int = 0, n_starts: int = 8) -> tuple[float, FloatArray]:
    """T of three against four groups of galaxies, and of as many galaxies drawn from three groups, (B,)."""
    rng = np.random.default_rng(seed)
    statistic, three = gain(galaxies(), 3, np.random.default_rng(0), 120)
    drawn = [gain(three.sample(82, rng)[0], 3, rng, n_starts)[0] for _ in range(n_replicates)]
    return statistic, np.array(drawn)


# --------------------------------------------------------------------------- rules for distances


def silhouette(X: FloatArray, labels: NDArray[np.intp]) -> float:
    """Mean silhouette: (b - a) / max(a, b), a and b the mean distances to the own and to the next cluster."""
    D = np.sqrt(squared_distances(X, X))  # (n, n)
    members = np.eye(labels.max() + 1)[labels]  # (n, K)
    sums, counts = D @ members, members.sum(axis=0)
    own = sums[np.arange(len(X)), labels] / np.maximum(counts[labels] - 1, 1)
    means = np.where(members > 0, np.inf, sums / counts)
    other = means.min(axis=1)
    return float(np.where(counts[labels] > 1, (other - own) / np.maximum(own, other), 0.0).mean())


def log_distortion(X: FloatArray, K: int, rng: np.random.Generator) -> float:
    """Logarithm of the distortion of k-means, the best of five starts."""
    return float(np.log(min(kmeans(X, K, rng=rng).distortion for _ in range(5))))


def gap(X: FloatArray, K: int, rng: np.random.Generator, n_draws: int = 20) -> tuple[float, float]:
    """Gap statistic and its standard error: log distortion of uniform draws in the box, minus that of X."""
    low, high = X.min(axis=0), X.max(axis=0)
    drawn = [log_distortion(rng.uniform(low, high, X.shape), K, rng) for _ in range(n_draws)]
    error = float(np.std(drawn) * (1 + 1 / n_draws) ** 0.5)
    return float(np.mean(drawn)) - log_distortion(X, K, rng), error


def scaled_eruptions() -> FloatArray:
    """Old Faithful with both features divided by their standard deviation, (272, 2)."""
    return old_faithful() / old_faithful().std(axis=0)
