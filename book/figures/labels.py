"""Figures of the page on identifiability: components have no names of their own."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from gmmlib import Fit, Mixture, fit
from gmmlib.datasets import old_faithful
from gmmlib.labels import match, relabel

from . import palette
from .frame import Picture, Stepper, canvas

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
    logs = -0.5 * (np.square(waiting() - grid) / variance + np.log(2 * np.pi * variance))     # (n, 49)
    pairs = np.logaddexp(logs[:, :, None], logs[:, None, :]) - np.log(2.0)                    # (n, 49, 49)
    return grid, pairs.sum(axis=0)


def mirrored_modes() -> Picture:
    """Contours of the log-likelihood over the two means: two peaks, mirror images of each other."""
    grid, heights = surface()
    top = float(heights.max())
    figure, ax = canvas(5.6, 4.8)
    levels = [top - drop for drop in (900, 700, 540, 440, 340, 250, 170, 100, 50, 15)]
    ax.contour(grid, grid, heights, levels=levels, colors=[palette.MUTED], linewidths=1.1, linestyles="solid")
    ax.plot(grid, grid, linestyle="--", color=palette.INK, linewidth=1.2)
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
    ax.set(xlabel="mean of component 1 [min]", ylabel="mean of component 2 [min]", aspect="equal")
    fall = top - float(heights[np.abs(grid - middle).argmin(), np.abs(grid - middle).argmin()])
    return Picture(
        figure,
        "Contour lines of the log-likelihood of the waiting times over the two means, symmetric "
        "about the diagonal. "
        f"Two equal peaks, at ({low:.0f}, {high:.0f}) and mirrored at ({high:.0f}, {low:.0f}). Their "
        "average lies on "
        f"the diagonal between them, {fall:.0f} nats below the peaks.",
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
        f"{100 * t:.0f} % of the way: means {m.means[0, 0]:.1f} and {m.means[1, 0]:.1f}, "
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
