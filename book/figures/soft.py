"""Figures of the page on soft assignment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from gmmlib.em import m_step
from gmmlib.kmeans import assign, kmeans
from gmmlib.mixture import Mixture

from . import palette
from .frame import Picture, Stepper, canvas, dots, ellipse
from .palette import BLUE, INK, MUTED, ORANGE, PAPER, mix

Floats = NDArray[np.float64]


def two_kinds_of_wait(waits: Floats, mixture: Mixture, border: float, asked: float) -> Picture:
    """Waits under two bell curves, and below them the probability of a short eruption."""
    figure, (top, low) = canvas(6.4, 5.0, rows=2, sharex=True, height_ratios=[3, 2])
    x = np.linspace(40, 100, 301)[:, None]
    bars, edges, _ = top.hist(waits.ravel(), np.arange(42.5, 98, 2.5), density=True, color=palette.GRID)
    shares = np.exp(mixture.log_joint(x))
    for k, (colour, style, name) in enumerate([(BLUE, "-", "short"), (ORANGE, "--", "long")]):
        top.plot(x[:, 0], shares[:, k], color=colour, ls=style)
        near = np.abs(edges[:-1] - mixture.means[k, 0]) < 5.0  # the name stands above curve and bars
        top.annotate(
            name,
            (mixture.means[k, 0], max(shares[:, k].max(), bars[near].max())),
            (0, 5),
            textcoords="offset points",
            color=colour,
            ha="center",
        )
    top.set(yticks=[], ylim=(0, 0.056), ylabel="density")
    short = mixture.responsibilities(x)[:, 0]
    low.plot(x[:, 0], short, color=INK)
    low.plot([40, border, border, 100], [1, 1, 0, 0], color=MUTED, ls=":")
    share = float(mixture.responsibilities(np.array([[asked]]))[0, 0])
    low.plot([asked, asked, 40], [0, share, share], color=INK, lw=0.8, ls="--")
    low.plot(asked, share, "o", color=INK, ms=7)
    low.annotate(f"{asked:.0f} minutes: {share:.2f}", (asked, share), (14, -4), textcoords="offset points")
    low.annotate(
        f"k-means, cut at {border:.1f}", (border, 0.85), (8, 0), textcoords="offset points", color=MUTED
    )
    low.set(xlabel="wait [minutes]", ylabel="P(short)", yticks=[0, 0.5, 1], xlim=(40, 100))
    return Picture(
        figure,
        (
            "Above, a histogram of the waits with two bell curves, a smaller one around 55 minutes named short "
            "and a larger one around 80 minutes named long; they overlap between 60 and 72. Below, the "
            f"probability of short falls smoothly from 1 to 0 in that range and is {share:.2f} at {asked:.0f} "
            f"minutes, where a dotted step, k-means, still stands at 1; the step falls to 0 at {border:.1f} "
            "minutes."
        ),
    )


def three_shapes(shapes: Mapping[str, Floats], noise: Floats) -> Picture:
    """The same standard normal points, sent through three covariances."""
    figure, axes = canvas(6.8, 2.6, columns=len(shapes), sharex=True, sharey=True)
    for ax, (name, covariance) in zip(axes, shapes.items(), strict=True):
        points = noise @ np.linalg.cholesky(covariance).T
        dots(ax, points, size=2.6)
        for radius, style in ((1, "-"), (2, "--")):
            ellipse(ax, np.zeros(2), covariance, radius, linestyle=style)
        variances, axes_of_ellipse = np.linalg.eigh(covariance)
        for variance, direction in zip(variances, axes_of_ellipse.T, strict=True):
            ax.plot(*np.stack([np.zeros(2), np.sqrt(variance) * direction]).T, color=ORANGE, lw=2.5)
        ax.set(aspect="equal", title=name, xticks=[-4, 0, 4], yticks=[-4, 0, 4], xlim=(-5, 5), ylim=(-5, 5))
    return Picture(
        figure,
        (
            "Three clouds of points, each with a solid ellipse at Mahalanobis distance 1 and a dashed one at 2. "
            "Spherical: circles. Diagonal: ellipses that are wider than high. Full: the same ellipses, rotated, "
            "along a rising diagonal. Two thick lines from each centre to the solid ellipse are its half axes."
        ),
    )


def responsibility_maps(mixtures: Mapping[str, Mixture]) -> Picture:
    """Where the first of two components is responsible, for several mixtures."""
    figure, axes = canvas(6.6, 5.8, columns=2, rows=2, sharex=True, sharey=True)
    x, y = np.meshgrid(np.linspace(-4, 4, 29), np.linspace(-3.2, 3.2, 23))
    grid = np.stack([x.ravel(), y.ravel()], axis=1)
    shares = np.array([0.1, 0.3, 0.5, 0.7, 0.9])
    levels = np.log(shares / (1 - shares))  # log-odds are smoother than shares
    shades = [
        mix(PAPER, ORANGE if middle < 0.5 else BLUE, abs(2 * middle - 1) / 2)
        for middle in (0.05, 0.2, 0.4, 0.6, 0.8, 0.95)
    ]
    for ax, (name, mixture) in zip(axes.ravel(), mixtures.items(), strict=True):
        log_odds = np.subtract(*mixture.log_joint(grid).T).reshape(x.shape)
        ax.contourf(x, y, log_odds, levels, colors=shades, extend="both")
        lines = ax.contour(
            x, y, log_odds, levels[::2], colors=[INK], linewidths=[0.9, 1.8, 0.9], linestyles=[":", "-", "--"]
        )
        ax.clabel(lines, fmt=dict(zip(levels[::2], ("0.1", "0.5", "0.9"), strict=True)), fontsize=8)
        for mean, covariance, colour in zip(mixture.means, mixture.covariances, (BLUE, ORANGE), strict=True):
            ellipse(ax, mean, covariance, 1.0, edgecolor=colour, linewidth=2.2)
        ax.plot(*mixture.means.T, "X", color=INK, ms=9, mec=PAPER, zorder=5)
        ax.set(aspect="equal", title=name, xticks=[], yticks=[])
    return Picture(
        figure,
        (
            "Four maps of the plane for two components, blue at the left and orange at the right, with lines "
            "where the responsibility of the blue one is 0.1, 0.5 and 0.9. Equal circles: three vertical lines, "
            "the middle one halfway. Weights 0.9 and 0.1: the same lines, moved towards orange. One tilted "
            "shape for both: straight lines, tilted. A wide and a narrow one: closed curves around the narrow "
            "orange component; blue owns the rest, also what lies beyond orange."
        ),
    )


def calibration(claimed: Floats, observed: Floats, counts: Floats) -> Picture:
    """How often the claimed component made the point, against what was claimed."""
    figure, ax = canvas(5.2, 4.2)
    ax.plot([0, 1], [0, 1], color=MUTED, lw=1, ls="--")
    ax.plot(claimed, observed, "o", color=BLUE, ms=8)
    ax.annotate("claim = truth", (0.62, 0.62), (8, -12), textcoords="offset points", color=MUTED)
    ax.set(
        xlabel="responsibility of component 1",
        ylabel="share really made by component 1",
        aspect="equal",
        xlim=(0, 1),
        ylim=(0, 1),
    )
    return Picture(
        figure,
        (
            f"{len(claimed)} dots, one for each range of responsibilities, at least {counts.min():.0f} points in "
            "each. All dots lie on the diagonal: of the points with responsibility near 0.6, about 0.6 were "
            "made by component 1."
        ),
    )


def soft_to_hard(X: Floats, deviations: Sequence[float]) -> Stepper:
    """Mixtures of two with the same spherical covariance σ² I, each fitted with σ held fixed, σ falling."""
    hard = kmeans(X, 2, rng=0, n_starts=30)
    centroids = hard.centroids[np.argsort(hard.centroids[:, 0])]
    frames, captions = [], []
    for deviation in deviations:
        means, share = _means_at(X, centroids, deviation)
        unsure = int(((share > 0.1) & (share < 0.9)).sum())
        frames.append(_soft_frame(X, means, share, deviation))
        gap = np.linalg.norm(means - centroids, axis=1).max()
        apart = np.linalg.norm(means[1] - means[0])
        captions.append(
            f"σ = {deviation:g}: {unsure} of {len(X)} points {'is' if unsure == 1 else 'are'} in doubt (between "
            f"0.1 and 0.9). The means are {apart:.2f} apart; {gap:.3f} from the centroids of k-means."
            if apart > 0.01
            else f"σ = {deviation:g}: too soft. Both means sit on the mean of all points, and each point belongs "
            "half to each."
        )
    labels = assign(X, centroids)
    frames.append(_soft_frame(X, centroids, (labels == 0).astype(np.float64), 0.0))
    captions.append("σ → 0: k-means. No point is in doubt, and the three lines have become one.")
    return Stepper("From soft to hard: the shared deviation σ shrinks", frames, captions)


def _means_at(X: Floats, means: Floats, deviation: float) -> tuple[Floats, Floats]:
    """Means (2, d), responsibilities (n,) of the first; where EM with fixed weights and σ² I comes to rest."""
    covariances = np.stack([deviation**2 * np.eye(2)] * 2)
    while True:
        shares = Mixture(np.array([0.5, 0.5]), means, covariances).responsibilities(X)
        moved = m_step(X, shares).means
        if np.abs(moved - means).max() < 1e-6:
            return moved, shares[:, 0]
        means = moved


def _soft_frame(X: Floats, means: Floats, share: Floats, deviation: float) -> Picture:
    figure, ax = canvas(6.4, 4.2)
    ax.set(xlim=(-4.6, 4.6), ylim=(-3, 3), aspect="equal", xticks=[], yticks=[])
    ax.scatter(*X.T, s=30, lw=0, c=[mix(ORANGE, BLUE, part, levels=10) for part in share])
    _level_lines(ax, means, deviation)
    for mean in means:
        ellipse(ax, mean, max(deviation, 0.01) ** 2 * np.eye(2), 1.0, edgecolor=MUTED, linewidth=1.2)
    ax.plot(*means.T, "X", color=INK, ms=12, mec=PAPER, mew=1.5, zorder=5)
    ax.set_title(f"σ = {deviation:g}" if deviation else "σ → 0")
    apart = np.linalg.norm(means[1] - means[0]) > 0.01
    lines = "Lines mark responsibilities 0.1, 0.5 and 0.9." if apart else "There is no border."
    return Picture(
        figure,
        (
            "Points of two overlapping clouds, coloured from orange to blue by responsibility. Crosses mark the "
            f"means at ({means[0, 0]:.2f}, {means[0, 1]:.2f}) and ({means[1, 0]:.2f}, {means[1, 1]:.2f}), "
            f"circles of radius σ around them. {lines}"
        ),
    )


def _level_lines(ax: Axes, means: Floats, deviation: float) -> None:
    """The straight lines on which the first of two equal spherical components has 0.9, 0.5 and 0.1."""
    apart = means[0] - means[1]
    distance = float(np.linalg.norm(apart))
    for share, style in ((0.9, "--"), (0.5, "-"), (0.1, ":")):
        if distance < 0.01:
            ax.plot([np.nan, np.nan], [np.nan, np.nan], color=INK, lw=1.3, ls=style)
            continue
        offset = deviation**2 * np.log(share / (1 - share)) / distance
        foot = means.mean(axis=0) + offset * apart / distance
        along = np.array([-apart[1], apart[0]]) / distance
        ax.plot(*np.stack([foot - 9 * along, foot + 9 * along]).T, color=INK, lw=1.3, ls=style)
