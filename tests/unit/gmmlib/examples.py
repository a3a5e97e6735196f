"""Points and starts that several of these tests share."""

from __future__ import annotations

import numpy as np

from gmmlib import Mixture, datasets

FAITHFUL = datasets.old_faithful()
START = Mixture(
    np.array([0.5, 0.5]), np.array([[2.0, 55.0], [4.3, 80.0]]), np.stack([np.diag([0.1, 30.0])] * 2)
)


def collapsing() -> tuple[np.ndarray, Mixture]:
    """Twenty points, three of them the same, and a component close to those."""
    X = np.concatenate([np.random.default_rng(0).standard_normal((17, 2)), np.full((3, 2), 4.0)])
    return X, Mixture(
        np.array([0.8, 0.2]), np.array([[0.0, 0.0], [4.0, 4.0]]), np.stack([np.eye(2), 0.1 * np.eye(2)])
    )


TWO = Mixture(
    np.array([0.3, 0.7]),
    np.array([[0.0, 0.0], [3.0, 1.0]]),
    np.stack([np.eye(2), np.array([[1.0, 0.6], [0.6, 0.8]])]),
)
MANY_POINTS = TWO.sample(6000, np.random.default_rng(0))[0]
