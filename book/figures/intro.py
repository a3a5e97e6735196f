"""Figures of the opening page."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from gmmlib import datasets, em, kmeans
from gmmlib.mixture import Mixture

from .frame import Picture, canvas, ellipse
from .palette import BLUE, INK, MUTED, ORANGE, mix


def hard_labels() -> np.ndarray:
    """Labels of Old Faithful's eruptions under k-means, (272,): 0 the short ones, 1 the long ones."""
    X = datasets.old_faithful()
    scaled = (X - X.mean(axis=0)) / X.std(axis=0)
    labels = kmeans.kmeans(scaled, 2, np.random.default_rng(1)).labels
    return labels if X[labels == 1, 0].mean() > X[labels == 0, 0].mean() else 1 - labels


def soft_mixture() -> Mixture:
    """A mixture of two Gaussians fitted to Old Faithful by EM; component 1 has the long eruptions."""
    X, labels = datasets.old_faithful(), hard_labels()
    means = np.stack([X[labels == k].mean(axis=0) for k in (0, 1)])
    start = Mixture(np.array([0.5, 0.5]), means, np.stack([np.cov(X.T)] * 2))
    return em.fit(X, start).mixture


def share_of_long(point: np.ndarray) -> dict[str, float]:
    """How long an eruption is for k-means' own two Gaussians, then with weights, two spreads, a shape, two shapes."""
    X, labels = datasets.old_faithful(), hard_labels()
    spread = X.std(axis=0)
    scaled, place = X / spread, (point / spread)[None]
    means = np.stack([scaled[labels == k].mean(axis=0) for k in (0, 1)])
    variance = np.mean((scaled - means[labels]) ** 2)
    round_ones = np.stack([variance * np.eye(2)] * 2)
    tied = em.fit(scaled, np.eye(2)[labels], covariance_type="tied").mixture
    models = {
        "round": Mixture(np.array([0.5, 0.5]), means, round_ones),
        "weights": Mixture(np.bincount(labels) / len(X), means, round_ones),
        "spreads": Mixture(tied.weights, tied.means, tied.covariances * np.eye(2)),  # no correlation
        "one shape": tied,
        "two shapes": em.fit(scaled, np.eye(2)[labels]).mixture,
    }
    return {name: float(model.responsibilities(place)[0, 1]) for name, model in models.items()}


def hard_line_soft_colours() -> Picture:
    """Old Faithful twice: cut by k-means, coloured by a mixture's responsibilities."""
    X, labels, mixture = datasets.old_faithful(), hard_labels(), soft_mixture()
    share = mixture.responsibilities(X)[:, 1]
    torn = int(np.abs(share - 0.5).argmin())
    moved = labels != (share > 0.5)
    figure, (left, right) = canvas(7.6, 3.7, columns=2)
    left.scatter(*X.T, s=13, c=[ORANGE if label else BLUE for label in labels])
    _hard_line(left, X, labels)
    left.set_title("Hard: one side or the other")
    right.scatter(*X.T, s=13, c=[mix(BLUE, ORANGE, r) for r in share])
    for mean, covariance in zip(mixture.means, mixture.covariances, strict=True):
        ellipse(right, mean, covariance, edgecolor=MUTED, linewidth=1.2)
    right.annotate(
        f"{share[torn]:.0%} orange,\n{1 - share[torn]:.0%} blue",
        X[torn], xytext=(3.6, 46), color=INK, arrowprops={"arrowstyle": "-", "color": INK},
    )  # fmt: skip
    right.set_title("Soft: a share in each")
    for ax in (left, right):
        ax.scatter(*X[moved].T, s=90, facecolors="none", edgecolors=INK, linewidths=1.2)
        ax.set(xlabel="eruption [minutes]", xlim=(1.4, 5.3), ylim=(41, 98))
    left.set_ylabel("waiting time [minutes]")
    return Picture(
        figure,
        "Two scatter plots of the same 272 eruptions of Old Faithful, length against waiting time, in two "
        "clouds. Left: a straight line between the clouds, all points on one side blue, all on the other "
        f"orange. Right: two ellipses and no line; a point between the clouds is {share[torn]:.0%} orange "
        f"and {1 - share[torn]:.0%} blue. "
        "A circle marks the point whose colour differs: blue on the left, orange on the right.",
    )


def _hard_line(ax: Axes, X: np.ndarray, labels: np.ndarray) -> None:
    """Points equally far from both centroids, in units of each feature's spread."""
    spread = X.std(axis=0)
    first, second = (X[labels == k].mean(axis=0) / spread for k in (0, 1))
    middle, normal = (first + second) / 2, second - first
    x = np.array([1.4, 5.3])
    y = (middle[1] - (x / spread[0] - middle[0]) * normal[0] / normal[1]) * spread[1]
    ax.plot(x, y, color=INK, linestyle="--")
