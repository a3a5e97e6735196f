"""Figures of the opening page."""

from __future__ import annotations

import numpy as np

from gmmlib import datasets, em, kmeans
from gmmlib.mixture import Mixture

from .frame import Picture, canvas, ellipse
from .palette import BLUE, MUTED, ORANGE, mix


def hard_line_soft_colours() -> Picture:
    """Old Faithful twice: cut by k-means, coloured by a mixture's responsibilities."""
    X = datasets.old_faithful()
    scaled = (X - X.mean(axis=0)) / X.std(axis=0)
    hard = kmeans.kmeans(scaled, 2, np.random.default_rng(1)).labels
    if X[hard == 0, 0].mean() > X[hard == 1, 0].mean():
        hard = 1 - hard
    start = Mixture(
        np.array([0.5, 0.5]), np.stack([X[hard == k].mean(axis=0) for k in (0, 1)]), np.stack([np.cov(X.T)] * 2)
    )
    mixture = em.fit(X, start).mixture
    share = mixture.responsibilities(X)[:, 1]
    figure, (left, right) = canvas(7.6, 3.6, columns=2, sharey=True)
    left.scatter(*X.T, s=14, c=[BLUE if label else ORANGE for label in hard])
    left.set_title("Hard: one side or the other")
    right.scatter(*X.T, s=14, c=[mix(ORANGE, BLUE, r) for r in share])
    for mean, covariance in zip(mixture.means, mixture.covariances, strict=True):
        ellipse(right, mean, covariance, edgecolor=MUTED)
    right.set_title("Soft: as much as the data say")
    for ax in (left, right):
        ax.set_xlabel("Eruption [minutes]")
    left.set_ylabel("Waiting time [minutes]")
    return Picture(
        figure,
        "Two scatter plots of 272 eruptions of Old Faithful, duration against waiting time, in two clouds. "
        "Left: k-means gives each point one of two colours. Right: a Gaussian mixture gives each point a colour "
        "between the two; only the few points between the clouds are mixed, and two ellipses show the components.",
    )
