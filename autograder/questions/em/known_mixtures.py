"""Mixtures with points on which a mistake always costs the same: measured once, listed by seed.

What a small number does that is added to a density, a weight or a variance depends on the densities of the
points and on the variances alone. On those listed it makes what the E-step returns wrong by 1.5 to 6.5 times
what is allowed if it is of one size, so that a tenth of it never shows and ten times as much always does:
`tests/grading/test_no_lottery.py` says of which sizes. The inputs of em.e_step are these mixtures, turned,
shifted and in another order.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from autograder.questions import Case, FloatArray, drawing
from gmmlib.mixture import log_sum_exp

Call = tuple[FloatArray, FloatArray, FloatArray, FloatArray]

RIDGE = 1e-6  # what is added to a variance most often
ALLOWED = 1e-6  # of a share, and of Σ |log p(x_i)|
AIM = 5.0  # by how many times what is allowed a ridge is off

# fmt: off
SEEDS: dict[str, tuple[int, ...]] = {
    "random mixture 1": (
        912, 2386, 3161, 7143, 9221, 10244, 10402, 10579, 11009, 11771, 12282, 12293, 13597,
        14998, 15049, 15388, 16844, 17810, 18442, 19182,
    ),
    "random mixture 2": (
        21, 33, 40, 47, 56, 58, 63, 65, 107, 127, 134, 140, 150, 152, 156, 173, 176, 185, 194,
        222, 230, 237, 238, 248,
    ),
    "random mixture 3": (
        67, 129, 221, 360, 464, 564, 580, 616, 696, 704, 713, 723, 751, 768, 788, 795, 946, 952,
        1281, 1323, 1380, 1509, 1597, 1644,
    ),
    "one component": (
        4, 5, 12, 22, 23, 31, 37, 47, 48, 55, 58, 72, 83, 87, 96, 104, 109, 114, 130, 131, 134,
        144, 154, 155,
    ),
    "one feature": (
        15, 19, 26, 35, 44, 50, 64, 82, 95, 121, 127, 133, 155, 163, 176, 177, 188, 237, 254, 266,
        268, 274, 284, 292,
    ),
    "little weight": (
        0, 11, 18, 21, 35, 36, 38, 39, 41, 42, 43, 46, 48, 49, 52, 54, 62, 74, 75, 92, 97, 105,
        119, 128,
    ),
    "far points": (
        0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 20, 21, 22, 23, 24, 25,
    ),
    "all points far": (
        7, 13, 18, 19, 21, 23, 24, 26, 31, 32, 34, 35, 39, 41, 42, 46, 50, 51, 56, 61, 64, 68, 71,
        73,
    ),
}
# fmt: on


class Drawn(NamedTuple):
    """A call, and what the reference answers: known as soon as it is known that the call is a telling one."""

    call: Call
    R: FloatArray
    log_density: FloatArray  # log p(x_i), (n,)

    def case(self, name: str) -> Case:
        """Call and answer as a case."""
        return Case(name, self.call, answer=(self.R, float(self.log_density.sum())))


def answered(X: FloatArray, weights: FloatArray, means: FloatArray, covariances: FloatArray) -> Drawn:
    """Return the call with its answer."""
    joint = drawing.log_joint(X, weights, means, drawing.factors_of(covariances))
    log_density = log_sum_exp(joint)
    return Drawn((X, weights, means, covariances), np.exp(joint - log_density[:, None]), log_density)


# --------------------------------------------------------------------------- by seed


def random_mixture(rng: np.random.Generator, n: int, d: int, n_components: int) -> Drawn:
    """Draw points of a mixture whose components overlap, so that no mistake is hidden by a lucky draw.

    No density underflows, whichever entry of its row is subtracted from its logarithm.
    """
    weights, means, covariances = drawing.mixture(rng, n_components, d, condition=8.0)
    factors = drawing.factors_of(covariances)
    while True:
        X = drawing.points_later(rng, n, d)((weights, means, covariances), factors)
        drawn = answered(X, weights, means, covariances)
        shared = 1.0 - drawn.R.max(axis=1)
        lowest = (np.log(drawn.R) + drawn.log_density[:, None]).min()
        if (n_components == 1 or shared.mean() > 0.05) and lowest > -600.0 / n_components:
            return drawn
        means = means.mean(axis=0) + 0.6 * (means - means.mean(axis=0))


def little_weight(rng: np.random.Generator) -> Drawn:
    """Draw a component of weight 1e-8 that owns its points all the same; no narrow one: nothing underflows.

    One more point is owned in parts: what is added to the weights shows.
    """
    weights, means, _ = drawing.mixture(rng, 3, 2)
    covariances = drawing.covariances(rng, rng.uniform(1.0, 2.0, 3), 2, condition=2.0)
    X = drawing.points(rng, 30, (weights, means, covariances))
    weights[0] = 1e-8
    means[0], means[2] = means[1] + 7.0, means[1] - 0.5
    X[:6] = means[0] + 0.8 * (X[:6] - X[:6].mean(axis=0))
    weights, factors = weights / weights.sum(), drawing.factors_of(covariances)
    line = means[1] + drawing.evenly(0.0, 1.0, 101)[:, None] * (means[0] - means[1])
    joint = drawing.log_joint(line, weights, means, factors)
    X[6] = line[np.abs(joint[:, 0] - joint[:, 1]).argmin()]
    return answered(X, weights, means, covariances)


def far_points(rng: np.random.Generator) -> Drawn:
    """Draw points so far away that every density underflows: log densities below -1000."""
    X, weights, means, covariances = random_mixture(rng, 24, 2, 3).call
    directions = rng.normal(size=(12, 2))
    X[:12] = 100.0 * directions / np.linalg.norm(directions, axis=1, keepdims=True)
    return answered(X, weights, means, covariances)


def all_points_far(rng: np.random.Generator) -> Drawn:
    """Draw all points in one far corner: every density underflows, but none is far below the others."""
    X, weights, means, covariances = random_mixture(rng, 10, 2, 2).call
    return answered(0.2 * X + 90.0, weights, means, covariances)


KINDS = {
    "random mixture 1": lambda rng: random_mixture(rng, 30, 2, 2),
    "random mixture 2": lambda rng: random_mixture(rng, 40, 3, 3),
    "random mixture 3": lambda rng: random_mixture(rng, 35, 2, 4),
    "one component": lambda rng: random_mixture(rng, 20, 2, 1),
    "one feature": lambda rng: random_mixture(rng, 25, 1, 3),
    "little weight": little_weight,
    "far points": far_points,
    "all points far": all_points_far,
}


@cache
def known(kind: str, seed: int) -> Drawn:
    """Return the mixture of a kind and a seed, its unit such that a ridge is off by `AIM`."""
    call, R, log_density = KINDS[kind](np.random.default_rng(seed))
    X, weights, means, covariances = call
    d, unit = X.shape[1], 1.0
    for _ in range(3):  # the log densities change with the unit, too, but much less
        scaled = unit * X, weights, unit * means, unit**2 * covariances
        drawn = Drawn(scaled, R, log_density - d * np.log(unit))
        unit *= float(np.sqrt(max(off_by_a_ridge(drawn)) / AIM))
    return drawn


def off_by_a_ridge(drawn: Drawn) -> tuple[float, float]:
    """Return how far off a ridge makes shares and log-likelihood, to first order, by what is allowed.

    With g_ik = ½ (|Σ_k⁻¹ (x_i - μ_k)|² - tr Σ_k⁻¹), the derivative of log N(x_i | k), that of the answers is
    r_ik (g_ik - Σ_j r_ij g_ij) and Σ_ik r_ik g_ik.
    """
    (X, _, means, covariances), R, log_density = drawn
    precisions = np.linalg.inv(covariances)  # (K, d, d)
    to_each = np.square((X - means[:, None]) @ precisions).sum(axis=2)  # (K, n)
    g = 0.5 * (to_each - np.trace(precisions, axis1=1, axis2=2)[:, None]).T  # (n, K)
    mean_g = (R * g).sum(axis=1)  # (n,)
    return (
        RIDGE * float(np.abs(R * (g - mean_g[:, None])).max()) / ALLOWED,
        RIDGE * abs(float(mean_g.sum())) / (ALLOWED * max(1.0, float(np.abs(log_density).sum()))),
    )


# --------------------------------------------------------------------------- by chance


def turned(rng: np.random.Generator, kind: str) -> Drawn:
    """Draw one of the mixtures of a kind, turned and shifted, its points in another order.

    The components are in no order of their weights.
    """
    seeds = SEEDS[kind]
    (X, *parameters), R, log_density = known(kind, seeds[int(rng.integers(len(seeds)))])
    points, components = rng.permutation(len(X)), drawing.mixed_up(parameters[0])
    mixture = (parameter[components] for parameter in parameters)
    call = drawing.turned(rng, X[points], *mixture)
    return Drawn(call, R[np.ix_(points, components)], log_density[points])
