"""Starts of EM on which a mistake in the loop always costs the same: measured once, listed by seed.

From those of `OVERLAPPING` each of five rounds gains more than 0.01 nats, and five rounds of hard
assignment in their place never lose any, nor do five that leave the means as they were: so a round more or
less gives other numbers on all of them, and the check that the log-likelihood never falls says the same of a
mistake on all. After a hundred rounds nothing moves any more: so whoever ignores max_iter has the same
numbers, however many rounds the loop makes.
From those of `CLEAR_STOPS` the loop stops clearly, elsewhere than with a tol of 1, in its round 6 to 10, so
that a loop of 5 rounds of its own never comes there and one of 10 always does, and another round would still
move the means; and if the square of the gain is compared with tol, or what the responsibilities or the
weights change by, it stops before. The inputs of em.fit
are these starts, turned, scaled and shifted.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import islice

import numpy as np

from autograder.questions import FloatArray, drawing
from gmmlib import em
from gmmlib.mixture import Mixture

Start = tuple[FloatArray, FloatArray, FloatArray, FloatArray]  # X and the parameters to start from
Answer = tuple[FloatArray, FloatArray, FloatArray, FloatArray]  # the parameters, and a log-likelihood each

SIZES = {1: 20, 2: 40, 3: 50}  # number of components: of points
# fmt: off
OVERLAPPING: dict[int, tuple[int, ...]] = {
    1: tuple(range(72)),
    2: (
        4, 5, 10, 18, 26, 31, 33, 34, 36, 37, 38, 39, 40, 56, 58, 62, 71,
    ),
    3: (
        5, 7, 8, 10, 14, 15, 16, 18, 20, 21, 23, 25, 29, 35, 37, 40, 43, 51, 54, 56, 57, 62, 66,
        68, 69, 71,
    ),
}
CLEAR_STOPS = (
    3, 11, 13, 24, 29, 32, 48, 79, 124, 140, 157, 163, 169, 189, 198, 199, 236,
)
# fmt: on


def rounds(*start: FloatArray) -> Iterator[Answer]:
    """Yield what EM has after each round, for ever."""
    X, mixture, history = start[0], Mixture(*start[1:]), list[float]()
    while True:
        responsibilities, log_likelihood = em.e_step(X, mixture)
        history.append(log_likelihood)
        yield mixture.weights, mixture.means, mixture.covariances, np.array(history)
        mixture = em.m_step(X, responsibilities)


@cache
def start(seed: int, n_components: int) -> Start:
    """Draw overlapping components and a start that is off."""
    rng = np.random.default_rng([seed, n_components])
    parameters = drawing.mixture(rng, n_components, 2, separation=1.0)
    X = drawing.points(rng, SIZES[n_components], parameters)
    means = parameters[1] + rng.normal(scale=0.6, size=(n_components, 2))
    weights = n_components + 1.0 + np.arange(n_components)  # unequal: 1/K in their place must not be right
    return X, weights / weights.sum(), means, np.stack([1.5 * np.eye(2)] * n_components)


@cache
def stopping(seed: int) -> tuple[Start, float, tuple[Answer, ...]]:
    """Draw a start with a clear stop, its tol, and the first rounds from there."""
    separated = start_of_separated(np.random.default_rng(seed))
    first = tuple(islice(rounds(*separated), 12))
    stop = clear_stop(first[-1][3])
    assert stop is not None, f"{seed} is no seed of a clear stop"
    return separated, stop[1], first


def clear_stop(log_likelihoods: FloatArray) -> tuple[int, float] | None:
    """Find the round where EM stops, and a tol with a margin of two: earlier gains exceed 2 tol, the last
    tol / 2.

    The largest gain lies between 80 and 800 tol and the log-likelihood near -1000, so that a gain compared
    per point stops elsewhere, and one relative to the log-likelihood in the second round.
    The last gain is above 1e-5, so that a tol of the function's own does. None if there is no
    such round among those given.
    """
    gains = np.diff(log_likelihoods)
    for t in range(2, len(gains)):
        tol = float(gains[:t].min() / 2.1)
        largest = gains[:t].max()
        if 1e-5 < gains[t] < tol / 2.0 and 80.0 * tol < largest < 800.0 * tol:
            return t, tol
    return None


def start_of_separated(rng: np.random.Generator) -> Start:
    """Draw two clear clusters in large units, and a start that is off."""
    unit = 1e5
    means = np.array([[0.0, 0.0], [4.2, 0.0]]) + rng.normal(scale=0.5, size=(2, 2))
    covariances = np.stack([drawing.covariance(rng, 2, 4.0) for _ in range(2)])
    X = drawing.points(rng, 40, (np.array([0.4, 0.6]), means, covariances))
    guess = means + rng.normal(scale=0.8, size=(2, 2))
    return unit * X, np.array([0.5, 0.5]), unit * guess, unit**2 * np.stack([6.0 * np.eye(2)] * 2)
