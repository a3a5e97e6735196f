"""scale.statistics: inputs, checks and the catalogue of wrong statistics."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.questions import drawing
from autograder.questions.comparing import Seen, holds, shapes, together, values
from autograder.values import Case, FloatArray, Misconception, Question
from gmmlib.statistics import Statistics

RETURNS = ("counts", "means", "scatters")
BLOCKS = ("random block 1", "random block 2", "random block 3")
SEE = "numerics-statistics"
Numbers = tuple[FloatArray, FloatArray, FloatArray]


def reference(X: FloatArray, responsibilities: FloatArray) -> Numbers:
    """Counts, weighted means and scatters about them."""
    return numbers(Statistics.of(X, responsibilities))


def numbers(statistics: Statistics) -> Numbers:
    """Statistics of gmmlib as the three arrays that the questions ask for."""
    return statistics.counts, statistics.means, statistics.scatters


# --------------------------------------------------------------------------- inputs


def block(rng: np.random.Generator, n: int, d: int, n_components: int) -> tuple[FloatArray, FloatArray]:
    """Points and memberships of one block."""
    X = drawing.points(rng, n, drawing.mixture(rng, n_components, d)) + rng.uniform(1.0, 3.0, size=d)
    return X, drawing.responsibilities(rng, n, n_components)


def draw(rng: np.random.Generator) -> tuple[Case, ...]:
    """Small and random blocks first; then shifted, one component, few points, an offset."""
    X, R = block(rng, 30, 2, 2)
    X, R = X[X[:, 0].argsort()], R[R[:, 0].argsort()]   # who owns more on one side has a mean of its own
    blocks = [(X, R), block(rng, 40, 3, 3), block(rng, 35, 2, 4)]
    first = np.array([1.0, 0.75, 0.5, 0.25])
    small = np.sort(rng.choice(np.arange(0.0, 20.0), size=(4, 1), replace=False), axis=0)
    return (
        Case("small example", (small, np.column_stack([first, 1.0 - first]))),
        *(Case(name, arguments) for name, arguments in zip(BLOCKS, blocks, strict=True)),
        Case("shifted", (X + 4.0, R)),
        Case("one component", (blocks[1][0], np.ones((len(blocks[1][0]), 1)))),
        Case("fewer points than features", block(rng, 3, 5, 2)),
        Case("far from the origin", (X + 1e7, R)),
    )


# --------------------------------------------------------------------------- checks


def _total_is_n(seen: Seen) -> str:
    same = abs(seen.returned["counts"].sum() - len(seen.argument(0))) < 1e-4
    return "" if same else "the counts do not sum to the number of points"


def _scatters_stay(one: Seen, other: Seen) -> str:
    same = np.allclose(one.returned["scatters"], other.returned["scatters"], rtol=1e-4, atol=1e-3)
    return "" if same else "the scatters change when all points move together"


CHECKS = (
    shapes("Counts, means and scatters come back, with shapes (K,), (K, d) and (K, d, d).", RETURNS,
           ("small example", *BLOCKS), weight=0.5, see=SEE),
    values("Four points on a line, small enough to do by hand, come out right.", RETURNS, ("small example",),
           weight=2, see=SEE),
    values("Counts and means of random blocks are right.", ("counts", "means"), BLOCKS, weight=2, see=SEE),
    values("The scatters of random blocks are right.", "scatters", BLOCKS, weight=3, see=SEE),
    values("One component, and a block of fewer points than features, come out right.", RETURNS,
           ("one component", "fewer points than features"), weight=1, see=SEE),
    values("A block ten million away from the origin comes out right (this needs float64 throughout).",
           RETURNS,
           ("far from the origin",), weight=1, see=SEE),
    holds("The counts sum to the number of points.", _total_is_n, ("counts",), BLOCKS, weight=0.5, see=SEE),
    together("Moving all points leaves the scatters alone.", _scatters_stay, ("scatters",),
             (BLOCKS[0], "shifted"), weight=0.5, see=SEE),
)


# --------------------------------------------------------------------------- wrong statistics

Change = Callable[[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray], Numbers]


def _changed(change: Change) -> Callable[[FloatArray, FloatArray], Numbers]:
    """A wrong version of the statistics, made from points, memberships and the right numbers."""
    def wrong(X: FloatArray, responsibilities: FloatArray) -> Numbers:
        return change(X, responsibilities, *reference(X, responsibilities))
    return wrong


def _about(X: FloatArray, R: FloatArray, centres: FloatArray) -> FloatArray:
    return np.stack([((X - m) * r[:, None]).T @ (X - m) for m, r in zip(centres, R.T, strict=True)])


def _wrong(name: str, sentence: str, change: Change) -> Misconception:
    return Misconception(name, sentence, SEE, _changed(change))


MISCONCEPTIONS = (
    _wrong("weights-instead-of-counts", "The counts are divided by n; they must be sums, which add.",
           lambda X, R, N, m, S: (N / len(X), m, S)),
    _wrong("counts-of-hard-labels", "The counts add up whole points; a component owns shares.",
           lambda X, R, N, m, S: (np.eye(len(N))[R.argmax(axis=1)].sum(axis=0), m, S)),
    _wrong("sums-instead-of-means", "The weighted sums are returned; they must be divided by N_k.",
           lambda X, R, N, m, S: (N, N[:, None] * m, S)),
    _wrong("means-divided-by-n", "The weighted sums are divided by n; they must be divided by N_k.",
           lambda X, R, N, m, S: (N, N[:, None] * m / len(X), _about(X, R, N[:, None] * m / len(X)))),
    _wrong("means-of-all-points", "The means do not use the responsibilities.",
           lambda X, R, N, m, S: (N, np.tile(X.mean(axis=0), (len(N), 1)), S)),
    _wrong("covariances-instead-of-scatters",
           "The scatters are divided by N_k; only sums can be added to those of another block.",
           lambda X, R, N, m, S: (N, m, S / N[:, None, None])),
    _wrong("divided-by-count-minus-one",
           "The scatters are divided by N_k - 1; only sums can be added to those of another block.",
           lambda X, R, N, m, S: (N, m, S / (N - 1)[:, None, None])),
    _wrong("scatters-divided-by-n",
           "The scatters are divided by n; only sums can be added to those of another block.",
           lambda X, R, N, m, S: (N, m, S / len(X))),
    _wrong("scatters-not-centred", "The means are not taken off: these are sums of x xᵀ.",
           lambda X, R, N, m, S: (N, m, _about(X, R, np.zeros_like(m)))),
    _wrong("scatters-about-the-overall-mean",
           "The scatters are taken about the mean of all points, not of each component.",
           lambda X, R, N, m, S: (N, m, _about(X, R, np.tile(X.mean(axis=0), (len(N), 1))))),
    _wrong("scatters-unweighted", "Every point counts fully in every scatter.",
           lambda X, R, N, m, S: (N, m, _about(X, np.ones_like(R), m))),
    _wrong("responsibilities-squared", "The responsibilities enter twice: weight one of the factors only.",
           lambda X, R, N, m, S: (N, m, _about(X, R**2, m))),
    _wrong("diagonal-only", "Only the diagonals are filled in; the features vary together as well.",
           lambda X, R, N, m, S: (N, m, S * np.eye(X.shape[1]))),
    _wrong("points-shifted-in-place",
           "Each round takes a mean off X itself (Z = X is no copy): write Z = X - mean.",
           lambda X, R, N, m, S: (N, m, _about(X, R, np.cumsum(m, axis=0)))),
    _wrong("first-component-only", "Only the first component is filled in: is the return inside the loop?",
           lambda X, R, N, m, S: (N, m, S * (np.arange(len(N)) == 0)[:, None, None])),
    _wrong("scatters-cancel",
           "Σ r x xᵀ - N μ μᵀ loses all digits far from the origin: centre the points first.",
           lambda X, R, N, m, S: (N, m, _about(X, R, np.zeros_like(m))
                                  - N[:, None, None] * m[:, :, None] * m[:, None, :])),
)

STATISTICS = Question(
    id="scale.statistics",
    signature="statistics(X, responsibilities)",
    returns=RETURNS,
    draw=draw,
    reference=reference,
    checks=CHECKS,
    misconceptions=MISCONCEPTIONS,
)
