"""What students get wrong in capstone.standard_order."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.questions import Array, Catalogue, FloatArray
from autograder.questions.capstone.standard_order import Parameters  # ?? shared


def _by(key: Callable[[FloatArray, FloatArray], Array]) -> Callable[..., Parameters]:
    def wrong(w: FloatArray, m: FloatArray, C: FloatArray) -> Parameters:
        order = np.asarray(key(w, m), dtype=int)
        return w[order], m[order], C[order]

    return wrong


wrong = Catalogue(see="labels-sorting")


@wrong()
def means_only(w, m, C):
    """Only the means are sorted; weights and covariances must follow them."""
    return (w, m[np.argsort(m[:, 0])], C)


@wrong()
def each_sorted_by_itself(w, m, C):
    """Weights and means are sorted independently: they no longer belong together."""
    return (np.sort(w), m[np.argsort(m[:, 0])], C[np.argsort(m[:, 0])])


@wrong()
def covariances_left_behind(w, m, C):
    """Weights and means are sorted, but the covariances stay as they were."""
    return (w[np.argsort(m[:, 0])], m[np.argsort(m[:, 0])], C)


@wrong()
def weights_left_behind(w, m, C):
    """Means and covariances are sorted, but the weights stay as they were."""
    return (w, m[np.argsort(m[:, 0])], C[np.argsort(m[:, 0])])


@wrong()
def sorted_by_weight(weights, means, covariances):
    """The components are sorted by weight; it must be by the first mean."""
    return _by(lambda w, m: np.argsort(w))(weights, means, covariances)  # ??


@wrong()
def descending(weights, means, covariances):
    """The order is descending; it must be ascending."""
    return _by(lambda w, m: np.argsort(-m[:, 0]))(weights, means, covariances)  # ??


@wrong()
def inverse_permutation(weights, means, covariances):
    """The ranks are used as an order: take argsort once, not twice."""
    return _by(lambda w, m: np.argsort(np.argsort(m[:, 0])))(weights, means, covariances)  # ??


@wrong()
def unsorted(weights, means, covariances):
    """The components come back as they were."""
    return _by(lambda w, m: np.arange(len(w)))(weights, means, covariances)  # ??


@wrong()
def sorted_by_size(weights, means, covariances):
    """The means are compared without their signs."""
    return _by(lambda w, m: np.argsort(np.abs(m[:, 0])))(weights, means, covariances)  # ??
