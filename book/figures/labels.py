"""Figures of the page on identifiability: components have no names of their own."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from gmmlib import Fit, Mixture, fit
from gmmlib.datasets import old_faithful
from gmmlib.labels import match, relabel

from . import palette
from .frame import Picture, Stepper, canvas, dots, ellipse

FloatArray = NDArray[np.float64]


def waiting() -> FloatArray:
    """Waiting times of Old Faithful, (272, 1), in minutes."""
    return old_faithful()[:, 1:]


@cache
def two_groups() -> Mixture:
    """Two components for the waiting times, by maximum likelihood, the shorter one first."""
    found = fit(waiting(), 2, tol=1e-9).mixture
    return relabel(found, found.means[:, 0].argsort())


def with_means(first: float, second: float) -> Mixture:
    """The fitted mixture with other means."""
    base = two_groups()
    return Mixture(base.weights, np.array([[first], [second]]), base.covariances)


@cache
def surface() -> tuple[FloatArray, FloatArray]:
    """A grid of values of a mean, and the log-likelihood of equal weights and one variance on its square."""
    base, grid = two_groups(), np.linspace(44, 92, 49)
    variance = float(base.weights @ base.covariances[:, 0, 0])
    logs = -0.5 * (np.square(waiting() - grid) / variance + np.log(2 * np.pi * variance))  # (n, 49)
    pairs = np.logaddexp(logs[:, :, None], logs[:, None, :]) - np.log(2.0)  # (n, 49, 49)
    return grid, pairs.sum(axis=0)


def landscape(lines: str, diagonal: str) -> tuple[Figure, Any]:
    """Contours of the log-likelihood over the two means, and their axis of symmetry, in these colours."""
    grid, heights = surface()
    figure, ax = canvas(5.6, 4.8)
    levels = float(heights.max()) - np.array([900, 700, 540, 440, 340, 250, 170, 100, 50, 15])
    ax.contour(grid, grid, heights, levels=levels, colors=[lines], linewidths=1.1, linestyles="solid")
    ax.plot(grid, grid, linestyle="--", color=diagonal, linewidth=1.1)
    ax.set(xlabel="mean of component 1 [min]", ylabel="mean of component 2 [min]", aspect="equal")
    return figure, ax


def mirrored_modes() -> Picture:
    """Two peaks of the log-likelihood, mirror images of each other."""
    grid, heights = surface()
    figure, ax = landscape(palette.MUTED, palette.INK)
    i, j = np.unravel_index(heights.argmax(), heights.shape)
    low, high = sorted((float(grid[i]), float(grid[j])))
    middle = (low + high) / 2
    for x, y, colour, marker in ((low, high, palette.BLUE, "o"), (high, low, palette.ORANGE, "s")):
        ax.plot(x, y, marker, color=colour, markersize=10)
    ax.plot(middle, middle, "X", color=palette.RED, markersize=11)
    paper = {"facecolor": palette.PAPER, "edgecolor": "none", "pad": 1.5}
    ax.text(low, high + 3.2, "one fit", color=palette.BLUE, ha="center", bbox=paper)
    swapped = {"color": palette.ORANGE, "ha": "center", "va": "center", "bbox": paper}
    ax.text(high, low - 4.5, "the same fit,\nnames swapped", **swapped)
    ax.text(middle + 2.4, middle, "their average", color=palette.RED, ha="left", va="center", bbox=paper)
    here = np.abs(grid - middle).argmin()
    fall = float(heights.max() - heights[here, here])
    return Picture(
        figure,
        "Contour lines of the log-likelihood of the waiting times over the two means, symmetric "
        "about the diagonal. "
        f"Two equal peaks, at ({low:.0f}, {high:.0f}) and mirrored at ({high:.0f}, {low:.0f}). Their "
        "average lies on "
        f"the diagonal between them, {fall:.0f} nats below the peaks.",
    )


def share_of_second(x: FloatArray, means: FloatArray, variance: float = 1.0) -> FloatArray:
    """Responsibility of the second of two components of equal weight and variance, (n,)."""
    log_ratio = np.square(x[:, None] - means) @ np.array([-0.5, 0.5]) / variance  # first over second
    return np.asarray(1 / (1 + np.exp(log_ratio)))


def paths_off_the_saddle(starts: tuple[tuple[float, float], ...], rounds: int = 12) -> list[FloatArray]:
    """Means after each round of EM with equal weights and one fixed variance, (rounds + 1, 2) each."""
    x, base = waiting()[:, 0], two_groups()
    variance = float(base.weights @ base.covariances[:, 0, 0])
    found = []
    for start in starts:
        path = [np.array(start)]
        for _ in range(rounds):
            share = share_of_second(x, path[-1], variance)
            both = np.column_stack([1 - share, share])  # (n, 2)
            path.append(x @ both / both.sum(axis=0))
        found.append(np.array(path))
    return found


SADDLE_STARTS = ((46.0, 46.05), (88.0, 87.8), (49.0, 49.0))


def off_the_saddle() -> Picture:
    """Contours again, and EM from three starts: two near the diagonal, one on it."""
    figure, ax = landscape(palette.GRID, palette.MUTED)
    paths = paths_off_the_saddle(SADDLE_STARTS)
    styles = ((palette.BLUE, "o-"), (palette.ORANGE, "s-"), (palette.PURPLE, "D-"))
    for path, (colour, style) in zip(paths, styles, strict=True):
        ax.plot(*path.T, style, color=colour, markersize=5, linewidth=1.4)
        ax.plot(*path[0], style[0], color=palette.PAPER, markeredgecolor=colour, markersize=8)
    middle = float(waiting().mean())
    ax.plot(middle, middle, "X", color=palette.RED, markersize=11)
    paper = {"facecolor": palette.PAPER, "edgecolor": "none", "pad": 1.5}
    ax.text(middle + 3.5, middle + 0.2, "saddle", color=palette.RED, va="center", bbox=paper)
    ax.set(xlim=(44, 92), ylim=(44, 92))
    return Picture(
        figure,
        "The same landscape in pale lines. Three paths of EM lead in one round from their starts, near the "
        f"ends of the diagonal, to the saddle at ({middle:.0f}, {middle:.0f}). The one that started on the "
        "diagonal stays there; the two others leave it across the diagonal, in opposite directions, and end "
        "at the two peaks.",
    )


def walking_between() -> Stepper:
    """From one fit to its mirror image in a straight line: the mixture half way is the worst of all."""
    base = two_groups()
    low, high = base.means[:, 0]
    shares = np.linspace(0, 1, 9)
    path = [with_straight_line(t) for t in shares]
    heights = [mixture.log_likelihood(waiting()) for mixture in path]
    frames = [_walk_frame(k, path, heights, shares) for k in range(len(path))]
    captions = [
        f"{100 * t:g} % of the way: means {m.means[0, 0]:.1f} and {m.means[1, 0]:.1f}, "
        f"log-likelihood {height:.1f}."
        for t, m, height in zip(shares, path, heights, strict=True)
    ]
    assert low < high
    return Stepper("From a fit to the same fit with swapped names", frames, captions)


def with_straight_line(t: float) -> Mixture:
    """Parameters at the share t of the straight line from the fit to its relabelled copy."""
    base = two_groups()
    other = relabel(base, np.array([1, 0]))
    return Mixture(
        (1 - t) * base.weights + t * other.weights,
        (1 - t) * base.means + t * other.means,
        (1 - t) * base.covariances + t * other.covariances,
    )


def _walk_frame(k: int, path: list[Mixture], heights: list[float], shares: FloatArray) -> Picture:
    X, mixture = waiting()[:, 0], path[k]
    grid = np.linspace(38, 100, 125)
    figure, (left, right) = canvas(7.6, 3.5, columns=2, width_ratios=[1.3, 1])
    left.hist(X, bins=np.arange(42, 99, 3).tolist(), density=True, color=palette.GRID)
    left.plot(grid, np.exp(mixture.log_density(grid[:, None])), color=palette.INK)
    parts = np.exp(mixture.log_joint(grid[:, None]))
    for part, colour, line in zip(parts.T, palette.COMPONENTS, ("--", ":"), strict=False):
        left.plot(grid, part, line, color=colour)
    left.set(xlabel="waiting time [min]", ylabel="density", ylim=(0, 0.085))
    way = np.linspace(0, 1, 41)
    right.plot(way, [with_straight_line(t).log_likelihood(X[:, None]) for t in way], color=palette.MUTED)
    right.plot(shares[k], heights[k], "o", color=palette.RED, markersize=9)
    right.set(xlabel="share of the way", ylabel="log-likelihood [nats]", xticks=(0, 0.5, 1))
    return Picture(
        figure,
        f"Left: histogram of the waiting times and the mixture at {shares[k]:.2f} of the way, with "
        "its two components "
        f"as broken lines. Right: the log-likelihood along the way sags from {heights[0]:.0f} at both "
        "ends to "
        f"{min(heights):.0f} half way; here it is {heights[k]:.0f}.",
    )


@cache
def bootstrap_fits(n_fits: int = 30, seed: int = 0) -> tuple[Mixture, ...]:
    """Two components fitted to resampled eruptions, the names come as they come."""
    X, rng = old_faithful(), np.random.default_rng(seed)
    found = []
    for _ in range(n_fits):
        sample = X[rng.integers(len(X), size=len(X))]
        result: Fit = fit(sample, 2, init="points", n_starts=3, rng=rng, tol=1e-4)
        found.append(result.mixture)
    return tuple(found)


def matched_fits() -> tuple[Mixture, ...]:
    """The same fits, each matched to the fit of all data."""
    X = old_faithful()
    reference = fit(X, 2, tol=1e-6).mixture
    reference = relabel(reference, reference.means[:, 0].argsort())
    return tuple(relabel(found, match(reference, found)) for found in bootstrap_fits())


def before_and_after() -> Picture:
    """Means of component 1 and 2 over thirty resampled fits, before matching and after."""
    figure, axes = canvas(7.6, 3.6, columns=2)
    panels = ((bootstrap_fits(), "names as they came"), (matched_fits(), "after matching"))
    for ax, (fits, title) in zip(axes, panels, strict=True):
        for k, (colour, marker) in enumerate(((palette.BLUE, "o"), (palette.ORANGE, "s"))):
            means = np.array([found.means[k] for found in fits])
            ax.plot(*means.T, marker, color=colour, markersize=4, alpha=0.7)
            x, y = means.mean(axis=0)
            ax.plot(x, y, marker, color=colour, markersize=13, markeredgecolor=palette.INK)
            side, align = ((0.2, "left"), (-0.2, "right"))[k]
            ax.text(x + side, y, f"average of {k + 1}", color=colour, ha=align, va="center")
        ax.set(title=title, xlabel="mean duration [min]", xlim=(1.4, 4.9), ylim=(48, 84))
    axes[0].set_ylabel("mean waiting time [min]")
    return Picture(
        figure,
        "Means of two components over thirty resampled fits. Left, with the names as they came, both "
        "colours appear "
        "in both groups, and the two averages lie near the middle, where no fit has a mean. Right, "
        "after matching, "
        "each colour has a group of its own and its average lies inside it.",
    )


# --------------------------------------------------------------------------- two ways to a standard error


def _five_parameters(mixture: Mixture) -> FloatArray:
    """Weight of the first component, both means, both variances, (5,)."""
    return np.concatenate([mixture.weights[:1], mixture.means[:, 0], mixture.covariances[:, 0, 0]])


def _log_likelihood_of(parameters: FloatArray) -> float:
    """Log-likelihood of the waiting times under these five parameters."""
    share = parameters[0]
    weights, means, variances = np.array([share, 1 - share]), parameters[1:3], parameters[3:]
    return Mixture(weights, means[:, None], variances[:, None, None]).log_likelihood(waiting())


def observed_information(step: float = 1e-3) -> FloatArray:
    """Minus the second derivatives of the log-likelihood at its maximum, (5, 5), by central differences."""
    best = _five_parameters(two_groups())
    steps = np.diag(step * best)
    J = np.empty((5, 5))
    for i in range(5):
        for j in range(5):
            signs = ((1, 1), (1, -1), (-1, 1), (-1, -1))
            corners = [a * b * _log_likelihood_of(best + a * steps[i] + b * steps[j]) for a, b in signs]
            J[i, j] = -sum(corners) / (4 * steps[i, i] * steps[j, j])
    return J


@cache
def two_standard_errors(n_replicates: int = 200, seed: int = 0) -> dict[str, tuple[float, float]]:
    """Standard errors of the waiting times' short group: by the information matrix, and by the bootstrap."""
    by_curvature = np.sqrt(np.diag(np.linalg.inv(observed_information())))
    X, rng, whole, refits = waiting(), np.random.default_rng(seed), two_groups(), []
    for _ in range(n_replicates):
        found = fit(X[rng.integers(len(X), size=len(X))], whole, tol=1e-4).mixture
        refits.append(_five_parameters(relabel(found, match(whole, found))))
    by_refits = np.std(refits, axis=0, ddof=1)
    names = {"weight": 0, "mean [min]": 1, "variance [min²]": 3}
    return {name: (float(by_curvature[i]), float(by_refits[i])) for name, i in names.items()}


# --------------------------------------------------------------------------- a random walk through parameters


@cache
def few_points() -> FloatArray:
    """Thirty points of two overlapping groups with variance one, their centres two apart."""
    rng = np.random.default_rng(1)
    centres = np.where(rng.integers(2, size=30), 1.0, -1.0)
    return np.asarray(centres + rng.standard_normal(30))


@cache
def posterior_walk(rounds: int = 2000, prior_variance: float = 25.0, seed: int = 0) -> FloatArray:
    """Gibbs sampling of two means, (rounds, 2); weights ½ and variances 1 are known, μ ~ N(0, 25)."""
    x, rng = few_points(), np.random.default_rng(seed)
    means, path = np.array([-1.0, 1.0]), []
    for _ in range(rounds):
        second = rng.random(len(x)) < share_of_second(x, means)
        for k, mine in enumerate((x[~second], x[second])):
            precision = len(mine) + 1 / prior_variance
            means[k] = mine.sum() / precision + rng.standard_normal() / precision**0.5
        path.append(means.copy())
    return np.array(path)


def switching() -> Picture:
    """Both means along the walk, and where each of them was how often."""
    walk = posterior_walk()
    figure, (left, right) = canvas(7.6, 3.5, columns=2, width_ratios=[1.6, 1])
    shown = walk[::3]
    when = 3 * np.arange(len(shown))
    bins = np.linspace(-3, 3, 31)
    middles = (bins[:-1] + bins[1:]) / 2
    for k, (colour, style) in enumerate(((palette.BLUE, "-"), (palette.ORANGE, "--"))):
        left.plot(when, shown[:, k], "-", color=colour, linewidth=0.9)
        shares = np.histogram(walk[:, k], bins, density=True)[0]
        right.plot(shares, middles, style, color=colour, label=f"component {k + 1}")
    left.set(xlabel="step of the walk", ylabel="mean", ylim=(-3, 3), title="the two means, step by step")
    right.set(xlabel="density", ylim=(-3, 3), title="how often where")
    right.legend(loc="upper right", fontsize=9)
    flips = int(np.sum(np.diff(np.sign(walk[:, 0] - walk[:, 1])) != 0))
    return Picture(
        figure,
        f"Left: two means over {len(walk)} steps of a random walk. One is near minus one, the other near "
        f"plus two thirds, and their colours change places {flips} times. Right: how often each mean was "
        "where. Both curves have the same two humps.",
    )


# --------------------------------------------------------------------------- which distance?


def core_and_halo() -> Mixture:
    """A narrow component in the middle of a wide one."""
    return Mixture(np.array([0.5, 0.5]), np.zeros((2, 2)), np.stack([0.25 * np.eye(2), 4 * np.eye(2)]))


@cache
def samples_and_fits(n_pairs: int, seed: int) -> tuple[tuple[tuple[FloatArray, Mixture], ...], ...]:
    """Pairs of samples from the narrow component in the wide one, each with its fit, the narrow one first."""
    rng, found = np.random.default_rng(seed), []
    for _ in range(n_pairs):
        pair = []
        for _ in range(2):
            X = core_and_halo().sample(300, rng)[0]
            mixture = fit(X, 2, n_starts=4, rng=rng).mixture
            pair.append((X, relabel(mixture, np.linalg.det(mixture.covariances).argsort())))
        found.append(tuple(pair))
    return tuple(found)


def pairs_of_fits(n_pairs: int = 30, seed: int = 0) -> tuple[tuple[Mixture, Mixture], ...]:
    """Fits to pairs of samples from the narrow component in the wide one; in each the narrow one is first."""
    return tuple((one[1], other[1]) for one, other in samples_and_fits(n_pairs, seed))


def nearest_means(first: Mixture, second: Mixture) -> FloatArray:
    """Squared distances of the means, (K, L)."""
    return np.asarray(np.square(first.means[:, None] - second.means[None]).sum(axis=-1))


def misled(D: FloatArray) -> bool:
    """Whether the distances of two components (2, 2) prefer the wrong matching."""
    return bool(D[0, 1] + D[1, 0] < D.trace())


def two_fits_of_the_core() -> Picture:
    """Two fits of a narrow group inside a wide one: their means say nothing about who is who."""
    pair = next((a, b) for a, b in samples_and_fits(30, 0) if misled(nearest_means(a[1], b[1])))
    gaps = nearest_means(pair[0][1], pair[1][1])
    figure, axes = canvas(7.6, 3.8, columns=2)
    for ax, (X, mixture), name in zip(axes, pair, ("fit A", "fit B"), strict=True):
        dots(ax, X[:200], size=2.2, colour=palette.MUTED)
        for k, line in ((0, "-"), (1, "--")):
            colour = palette.COMPONENTS[k]
            ellipse(ax, mixture.means[k], mixture.covariances[k], edgecolor=colour, linestyle=line)
            ax.plot(*mixture.means[k], palette.MARKERS[k], color=colour, markersize=7)
        ax.set(title=name, xlim=(-5, 5), ylim=(-5, 5), aspect="equal")
    return Picture(
        figure,
        "Two samples of a narrow group in the middle of a wide one, and a fit to each: a small ellipse inside "
        "a large one, "
        "all four means near the origin. Matching the means pairs small with large: their squared distances "
        f"sum to {gaps[0, 1] + gaps[1, 0]:.3f} that way and to {gaps.trace():.3f} the right way.",
    )
