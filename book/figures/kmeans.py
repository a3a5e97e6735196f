"""Figures of the page on hard assignment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from gmmlib import kmeans
from gmmlib.mixture import Mixture

from . import palette
from .frame import Picture, Stepper, canvas, dots, ellipse

Floats = NDArray[np.float64]
Labels = NDArray[np.intp]


def _clusters(ax: Axes, X: Floats, labels: Labels, size: float = 4.5) -> None:
    """Points in the colour and the shape of their cluster."""
    for k in range(labels.max() + 1):
        dots(ax, X[labels == k], k, size)


def _centroids(ax: Axes, centroids: Floats, size: float = 13) -> None:
    """Crosses with a halo, so that they stand out on their points."""
    ax.plot(*centroids.T, "X", color=palette.INK, ms=size, mec=palette.PAPER, mew=1.5, zorder=5)


def hard_line(X: Floats, labels: Labels, centroids: Floats, scale: Floats) -> Picture:
    """Old Faithful cut in two by k-means on features divided by `scale`."""
    figure, ax = canvas(6.4, 4.2)
    _clusters(ax, X, labels)
    _centroids(ax, centroids)
    a, b = centroids / scale
    middle, normal = (a + b) / 2, a - b
    x = np.array([X[:, 0].min(), X[:, 0].max()])
    y = scale[1] * (middle[1] - normal[0] * (x / scale[0] - middle[0]) / normal[1])
    ax.plot(x, y, color=palette.INK, ls="--")
    ax.set(xlabel="length of the eruption [minutes]", ylabel="wait for the next one [minutes]")
    ax.set_ylim(40, 100)
    return Picture(
        figure,
        (
            "Scatter plot of 272 eruptions of Old Faithful. Short eruptions with short waits form a cloud at "
            "the lower left, long eruptions with long waits a larger cloud at the upper right. A dashed "
            "straight line falls between them; the points on one side are blue circles, those on the other "
            "orange squares, and a cross marks the mean of each side."
        ),
    )


def lloyd(X: Floats, start: Floats) -> Stepper:
    """Lloyd's algorithm from `start`, one frame for each half step."""
    centroids, labels = start, kmeans.assign(X, start)
    frames = [_half_step(X, centroids, None, "the start")]
    captions = ["Start: all centroids lie among the points at the lower left. No point has a colour yet."]
    while True:
        frames.append(_half_step(X, centroids, labels, "assign"))
        captions.append(
            f"Assign: {_taken(frames)}each point takes the nearest centroid. "
            f"The distortion is {kmeans.distortion(X, centroids, labels):.1f}."
        )
        centroids = kmeans.update(X, labels, centroids)
        frames.append(_half_step(X, centroids, labels, "update"))
        captions.append(
            f"Update: each centroid moves to the mean of its points. "
            f"The distortion falls to {kmeans.distortion(X, centroids, labels):.1f}."
        )
        previous, labels = labels, kmeans.assign(X, centroids)
        if np.array_equal(previous, labels):
            captions[-1] += " Now no point would change its centroid: the algorithm stops."
            return Stepper("Lloyd's algorithm, half step by half step", frames, captions)


def _taken(frames: Sequence[Picture]) -> str:
    return "" if len(frames) == 2 else "the centroids have moved, so again "


def _half_step(X: Floats, centroids: Floats, labels: Labels | None, title: str) -> Picture:
    figure, ax = canvas(6.4, 4.4)
    K = len(centroids)
    shown = np.full(len(X), -1) if labels is None else labels
    for k in range(K):
        own = X[shown == k]
        spokes = np.stack([own, np.broadcast_to(centroids[k], own.shape), np.full(own.shape, np.nan)], axis=1)
        ax.plot(*spokes.reshape(-1, 2).T, color=palette.COMPONENTS[k], lw=0.7, alpha=0.6)
    dots(ax, X[shown < 0], colour=palette.MUTED)
    for k in range(K):
        dots(ax, X[shown == k], k)
    _centroids(ax, centroids)
    margin = 0.05 * np.ptp(X, axis=0)
    ax.set_xlim(X[:, 0].min() - margin[0], X[:, 0].max() + margin[0])
    ax.set_ylim(X[:, 1].min() - margin[1], X[:, 1].max() + margin[1])
    ax.set(xticks=[], yticks=[], aspect="equal")
    spent = "" if labels is None else f": distortion {kmeans.distortion(X, centroids, labels):.1f}"
    ax.set_title(title + spent)
    places = ", ".join(f"({x:.1f}, {y:.1f})" for x, y in centroids)
    owned = ", ".join(str((shown == k).sum()) for k in range(K))
    counts = "" if labels is None else f"; they own {owned} points"
    return Picture(figure, f"Points in three clouds. Crosses mark the centroids at {places}{counts}.")


def local_optima(
    X: Floats, best: kmeans.KMeans, stuck: kmeans.KMeans, distortions: Sequence[float]
) -> Picture:
    """Two answers on the same data, above where all the runs ended."""
    figure, _ = canvas(6.4, 4.3)
    figure.clear()
    axes = figure.subplot_mosaic([["best", "stuck"], ["all", "all"]], height_ratios=[3, 2.4])
    for name, run in (("best", best), ("stuck", stuck)):
        ax = axes[name]
        _clusters(ax, X, run.labels, 3.5)
        _centroids(ax, run.centroids, 10)
        ax.set(xticks=[], yticks=[], aspect="equal", title=f"distortion {run.distortion:.0f}")
    ax = axes["all"]
    ends = np.sort(np.asarray(distortions))
    edges = np.arange(np.floor(ends[0] / 10) * 10, ends[-1] + 20, 10)
    counts, _ = np.histogram(ends, edges)
    ax.bar(edges[:-1], counts, 10, align="edge", color=palette.COMPONENTS[0])
    ax.set(xlabel="distortion at which the run stopped", ylabel="runs", xlim=(0, None))
    return Picture(
        figure,
        (
            "Two panels above a histogram. Left panel: five round clouds, each with one centroid, distortion "
            f"{best.distortion:.0f}. Right panel: the same clouds, but two centroids share one cloud and one "
            f"centroid sits between two clouds, distortion {stuck.distortion:.0f}. The histogram of {len(ends)} "
            "runs from random starts has one tall bar at the lowest distortion and a second heap at about three "
            "times that."
        ),
    )


# --------------------------------------------------------------------------- where k-means fails


def unequal(rng: np.random.Generator) -> tuple[Floats, Labels]:
    """A wide group of 110 points and a narrow one of 30, and who made them."""
    wide, narrow = 1.5 * rng.standard_normal((110, 2)), [4.0, 0.0] + 0.3 * rng.standard_normal((30, 2))
    return np.concatenate([wide, narrow]), np.repeat([0, 1], [110, 30])


def stretched(rng: np.random.Generator) -> tuple[Floats, Labels]:
    """Two long groups of 60 points, side by side."""
    along, across = np.array([0.766, 0.643]), np.array([-0.643, 0.766])
    long, thin = 1.6 * rng.standard_normal(120), 0.3 * rng.standard_normal(120)
    truth = np.repeat([0, 1], 60)
    return np.outer(long, along) + np.outer(thin + 2.1 * truth, across), truth


def rings(rng: np.random.Generator) -> tuple[Floats, Labels]:
    """A ring of 70 points inside another one."""
    angle, truth = rng.uniform(0, 2 * np.pi, 140), np.repeat([0, 1], 70)
    radius = 1 + 2 * truth + 0.15 * rng.standard_normal(140)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1), truth


def crescents(rng: np.random.Generator) -> tuple[Floats, Labels]:
    """Two crescents of 70 points, each reaching into the other's bay."""
    angle, truth = rng.uniform(0, np.pi, 140), np.repeat([0, 1], 70)
    side = 1 - 2 * truth
    moons = np.stack([truth + side * np.cos(angle), 0.4 * truth + side * np.sin(angle)], axis=1)
    return moons + 0.08 * rng.standard_normal((140, 2)), truth


#: Four kinds of data with two groups each, none of them round and alike.
FAILURES = (unequal, stretched, rings, crescents)


def same_data(panels: Mapping[str, tuple[Floats, kmeans.KMeans, Mixture]]) -> Picture:
    """Four data sets, one a row: k-means at the left, a mixture of two Gaussians at the right."""
    figure, axes = canvas(5.8, 2.3 * len(panels), columns=2, rows=len(panels))
    for row, (name, (X, run, mixture)) in zip(axes, panels.items(), strict=True):
        _clusters(row[0], X, _in_order(run.labels, run.centroids), 3.5)
        _centroids(row[0], run.centroids, 9)
        _clusters(row[1], X, _in_order(mixture.predict(X), mixture.means), 3.5)
        for mean, covariance in zip(mixture.means, mixture.covariances, strict=True):
            ellipse(row[1], mean, covariance)
        row[0].set_ylabel(name)
        row[1].autoscale_view()  # whole ellipses
        for ax in row:
            ax.set(xticks=[], yticks=[], aspect="equal", xlim=row[1].get_xlim(), ylim=row[1].get_ylim())
    figure.suptitle("The same data twice", fontsize=12)  # and so a phone keeps the columns side by side
    axes[0, 0].set_title("k-means")
    axes[0, 1].set_title("two Gaussians")
    return Picture(
        figure,
        (
            "Four rows of two panels; left k-means, right a mixture of two Gaussians with an ellipse for each "
            "component. Unequal blobs: k-means gives a slice of the large blob to the small one, the mixture "
            "keeps them apart. Stretched blobs: k-means cuts across both, the mixture follows their length. "
            "Rings: k-means cuts both rings through the middle, the mixture takes an arc of the outer ring for "
            "one component and all the rest for the other. Crescents: both give a tip of each crescent to the "
            "other."
        ),
    )


def _in_order(labels: Labels, centres: Floats) -> Labels:
    """Labels renumbered from left to right, so that both columns use the same colours."""
    rank = np.argsort(np.argsort(centres[:, 0]))
    return rank[labels]


def scan(cuts: Floats, distortions: Floats) -> Picture:
    """Distortion of each way to cut a line in two."""
    figure, ax = canvas(6.4, 3.0)
    ax.plot(cuts, distortions, color=palette.COMPONENTS[0])
    best = int(distortions.argmin())
    _centroids(ax, np.array([[cuts[best], distortions[best]]]))
    ax.set(xlabel="cut between short and long eruptions [minutes]", ylabel="distortion", ylim=(0, None))
    return Picture(
        figure,
        (
            f"Curve of the distortion against the place of the cut, from {cuts[0]:.1f} to {cuts[-1]:.1f} "
            f"minutes. It falls to a single flat bottom, marked by a cross at {cuts[best]:.1f} minutes, and "
            "rises again."
        ),
    )
