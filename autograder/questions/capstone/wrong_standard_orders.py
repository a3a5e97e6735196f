"""What students get wrong in capstone.standard_order."""

# mypy: allow-untyped-defs
from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.questions import Array, Catalogue, FloatArray


def _by_first_coordinate(weights: FloatArray, means: FloatArray) -> Array:
    return np.argsort(means[:, 0])


def _step_by_step(
    weights: FloatArray,
    means: FloatArray,
    covariances: FloatArray,
    *,
    order: Callable[[FloatArray, FloatArray], Array] = _by_first_coordinate,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    k = order(weights, means)
    return weights[k], means[k], covariances[k]


wrong = Catalogue(see="labels-sorting", steps=_step_by_step)


@wrong()
def means_only(weights, means, covariances):
    """Only the means are sorted; weights and covariances must follow them."""
    return weights, means[np.argsort(means[:, 0])], covariances


@wrong()
def each_sorted_by_itself(weights, means, covariances):
    """Weights and means are sorted independently: they no longer belong together."""
    order = np.argsort(means[:, 0])
    return np.sort(weights), means[order], covariances[order]


@wrong()
def covariances_left_behind(weights, means, covariances):
    """Weights and means are sorted, but the covariances stay as they were."""
    order = np.argsort(means[:, 0])
    return weights[order], means[order], covariances


@wrong()
def weights_left_behind(weights, means, covariances):
    """Means and covariances are sorted, but the weights stay as they were."""
    order = np.argsort(means[:, 0])
    return weights, means[order], covariances[order]


@wrong(step="order")
def sorted_by_weight(weights, means):
    """The components are sorted by weight; it must be by the first mean."""
    return np.argsort(weights)


@wrong(step="order")
def descending(weights, means):
    """The order is descending; it must be ascending."""
    return np.argsort(-means[:, 0])


@wrong(step="order")
def inverse_permutation(weights, means):
    """The ranks are used as an order: take argsort once, not twice."""
    return np.argsort(np.argsort(means[:, 0]))


@wrong(step="order")
def unsorted(weights, means):
    """The components come back as they were."""
    return np.arange(len(weights))


@wrong(step="order")
def sorted_by_size(weights, means):
    """The means are compared without their signs."""
    return np.argsort(np.abs(means[:, 0]))
