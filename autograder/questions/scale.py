"""The assignment `scale`: statistics and merge_statistics."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.questions import drawing
from autograder.questions.comparing import Seen, holds, shapes, together, values
from autograder.values import Case, FloatArray, Misconception, Question
from gmmlib.statistics import Statistics

RETURNS = ("counts", "means", "scatters")
Numbers = tuple[FloatArray, FloatArray, FloatArray]


def _numbers(statistics: Statistics) -> Numbers:
    return statistics.counts, statistics.means, statistics.scatters


def _block(rng: np.random.Generator, n: int, d: int, n_components: int) -> tuple[FloatArray, FloatArray]:
    """Points and memberships of one block."""
    X = drawing.points(rng, n, drawing.mixture(rng, n_components, d)) + rng.uniform(1.0, 3.0, size=d)
    return X, drawing.responsibilities(rng, n, n_components)


# --------------------------------------------------------------------------- statistics

BLOCKS = ("random block 1", "random block 2", "random block 3")
SEE = "numerics-statistics"


def statistics(X: FloatArray, responsibilities: FloatArray) -> Numbers:
    """Counts, weighted means and scatters about them."""
    return _numbers(Statistics.of(X, responsibilities))


def _draw_blocks(rng: np.random.Generator) -> tuple[Case, ...]:
    X, R = _block(rng, 30, 2, 2)
    X, R = X[X[:, 0].argsort()], R[R[:, 0].argsort()]   # who owns more on one side has a mean of its own
    blocks = [(X, R), _block(rng, 40, 3, 3), _block(rng, 35, 2, 4)]
    first = np.array([1.0, 0.75, 0.5, 0.25])
    small = np.sort(rng.choice(np.arange(0.0, 20.0), size=(4, 1), replace=False), axis=0)
    return (
        Case("small example", (small, np.column_stack([first, 1.0 - first]))),
        *(Case(name, block) for name, block in zip(BLOCKS, blocks, strict=True)),
        Case("shifted", (X + 4.0, R)),
        Case("one component", (blocks[1][0], np.ones((len(blocks[1][0]), 1)))),
        Case("fewer points than features", _block(rng, 3, 5, 2)),
        Case("far from the origin", (X + 1e7, R)),
    )


def _total_is_n(seen: Seen) -> str:
    same = abs(seen.returned["counts"].sum() - len(seen.argument(0))) < 1e-4
    return "" if same else "the counts do not sum to the number of points"


def _scatters_stay(one: Seen, other: Seen) -> str:
    same = np.allclose(one.returned["scatters"], other.returned["scatters"], rtol=1e-4, atol=1e-3)
    return "" if same else "the scatters change when all points move together"


STATISTICS_CHECKS = (
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

Change = Callable[[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray], Numbers]


def _changed(change: Change) -> Callable[[FloatArray, FloatArray], Numbers]:
    """A wrong version of the statistics, made from points, memberships and the right numbers."""
    def wrong(X: FloatArray, responsibilities: FloatArray) -> Numbers:
        return change(X, responsibilities, *statistics(X, responsibilities))
    return wrong


def _about(X: FloatArray, R: FloatArray, centres: FloatArray) -> FloatArray:
    return np.stack([((X - m) * r[:, None]).T @ (X - m) for m, r in zip(centres, R.T, strict=True)])


def _wrong_statistics(name: str, sentence: str, change: Change) -> Misconception:
    return Misconception(name, sentence, SEE, _changed(change))


WRONG_STATISTICS = (
    _wrong_statistics("weights-instead-of-counts",
                      "The counts are divided by n; they must be sums, which add.",
                      lambda X, R, N, m, S: (N / len(X), m, S)),
    _wrong_statistics("sums-instead-of-means", "The weighted sums are returned; they must be divided by N_k.",
                      lambda X, R, N, m, S: (N, N[:, None] * m, S)),
    _wrong_statistics("means-of-all-points", "The means do not use the responsibilities.",
                      lambda X, R, N, m, S: (N, np.tile(X.mean(axis=0), (len(N), 1)), S)),
    _wrong_statistics("covariances-instead-of-scatters",
                      "The scatters are divided by N_k; only sums can be added to those of another block.",
                      lambda X, R, N, m, S: (N, m, S / N[:, None, None])),
    _wrong_statistics("scatters-not-centred", "The means are not taken off: these are sums of x xᵀ.",
                      lambda X, R, N, m, S: (N, m, _about(X, R, np.zeros_like(m)))),
    _wrong_statistics("scatters-about-the-overall-mean",
                      "The scatters are taken about the mean of all points, not of each component.",
                      lambda X, R, N, m, S: (N, m, _about(X, R, np.tile(X.mean(axis=0), (len(N), 1))))),
    _wrong_statistics("scatters-unweighted", "Every point counts fully in every scatter.",
                      lambda X, R, N, m, S: (N, m, _about(X, np.ones_like(R), m))),
    _wrong_statistics("scatters-cancel",
                      "Σ r x xᵀ - N μ μᵀ loses all digits far from the origin: centre the points first.",
                      lambda X, R, N, m, S: (N, m, _about(X, R, np.zeros_like(m))
                                             - N[:, None, None] * m[:, :, None] * m[:, None, :])),
)

STATISTICS = Question(
    id="scale.statistics",
    signature="statistics(X, responsibilities)",
    returns=RETURNS,
    draw=_draw_blocks,
    reference=statistics,
    checks=STATISTICS_CHECKS,
    misconceptions=WRONG_STATISTICS,
)

# --------------------------------------------------------------------------- merge_statistics

MERGES = ("random blocks 1", "random blocks 2", "random blocks 3")


def merge_statistics(
    counts: FloatArray,
    means: FloatArray,
    scatters: FloatArray,
    other_counts: FloatArray,
    other_means: FloatArray,
    other_scatters: FloatArray,
) -> Numbers:
    """Statistics of two blocks together."""
    return _numbers(Statistics(counts, means,
                               scatters) + Statistics(other_counts, other_means, other_scatters))


def _draw_merges(rng: np.random.Generator) -> tuple[Case, ...]:
    def pair(n: int, m: int, d: int, K: int) -> tuple[Numbers, Numbers]:
        X, R = _block(rng, n, d, K)
        Y, Q = _block(rng, m, d, K)
        return statistics(X, R), statistics(Y + rng.uniform(1.0, 3.0, size=d), Q)

    pairs = [pair(30, 12, 2, 2), pair(20, 40, 3, 3), pair(35, 9, 2, 4)]
    (N, m, S), other = pairs[0]
    small = (np.array([float(rng.integers(1, 5))]), np.array([[float(rng.integers(0, 9))]]),
             np.array([[[float(rng.integers(1, 9))]]]))
    second = (np.array([float(rng.integers(5, 9))]), np.array([[float(rng.integers(10, 19))]]),
              np.array([[[float(rng.integers(1, 9))]]]))
    nothing = (np.zeros(2), np.zeros((2, 2)), np.zeros((2, 2, 2)))
    return (
        Case("small example", (*small, *second)),
        *(Case(name, (*one, *two)) for name, (one, two) in zip(MERGES, pairs, strict=True)),
        Case("swapped", (*other, N, m, S)),
        Case("an empty block", (N, m, S, *nothing)),
        Case("one component", tuple(part for block in pair(15, 25, 3, 1) for part in block)),
        Case("far from the origin", (N, m + 1e7, S, other[0], other[1] + 1e7, other[2])),
    )


def _same_swapped(one: Seen, other: Seen) -> str:
    same = all(np.allclose(one.returned[name], other.returned[name], rtol=1e-4,
                           atol=1e-4) for name in RETURNS)
    return "" if same else "the order of the two blocks changes the result"


def _counts_add(seen: Seen) -> str:
    same = np.allclose(seen.returned["counts"], seen.argument(0) + seen.argument(3), atol=1e-4)
    return "" if same else "the counts do not add"


MERGE_CHECKS = (
    shapes("Counts, means and scatters come back, with the shapes of the inputs.", RETURNS,
           ("small example", *MERGES), weight=0.5, see="scale-merge"),
    values("Two small blocks on a line, easy to merge by hand, come out right.", RETURNS, ("small example",),
           weight=2, see="scale-merge"),
    values("The counts and means of merged blocks are right.", ("counts", "means"), MERGES, weight=2,
           see="scale-merge"),
    values("The scatters of merged blocks are right.", "scatters", MERGES, weight=3, see="scale-merge"),
    values("Merging with an empty block changes nothing.", RETURNS, ("an empty block",), weight=1,
           see="scale-merge"),
    values("One component alone comes out right.", RETURNS, ("one component",), weight=0.5,
           see="scale-merge"),
    values("Blocks ten million away from the origin come out right (this needs float64 throughout).", RETURNS,
           ("far from the origin",), weight=1, see="scale-merge"),
    holds("The counts add.", _counts_add, ("counts",), MERGES, weight=0.5, see="scale-merge"),
    together("The order of the two blocks plays no part.", _same_swapped, RETURNS, (MERGES[0], "swapped"),
             weight=0.5, see="scale-merge"),
)

Parts = tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]


def _between(N: FloatArray, m: FloatArray, M: FloatArray, o: FloatArray) -> FloatArray:
    """N M / (N + M) (m - o)(m - o)ᵀ of each component."""
    z = m - o
    share = np.divide(N * M, N + M, out=np.zeros_like(N), where=N + M > 0)
    return np.asarray(share[:, None, None] * z[:, :, None] * z[:, None, :])


def _joint_means(N: FloatArray, m: FloatArray, M: FloatArray, o: FloatArray) -> FloatArray:
    return m + (M / (N + M))[:, None] * (o - m)


def _wrong_merge(name: str, sentence: str, implementation: Callable[..., Numbers]) -> Misconception:
    return Misconception(name, sentence, "scale-merge", implementation)


WRONG_MERGES = (
    _wrong_merge("scatters-only-added",
                 "The scatters are simply added; they are about different means, so a term is missing.",
                 lambda N, m, S, M, o, T: (N + M, _joint_means(N, m, M, o), S + T)),
    _wrong_merge("means-averaged", "The means are averaged with equal weight; the larger block counts more.",
                 lambda N, m, S, M, o, T: (N + M, (m + o) / 2, S + T + _between(N, m, M, o))),
    _wrong_merge("means-added", "The means are added; they must be averaged by the counts.",
                 lambda N, m, S, M, o, T: (N + M, m + o, S + T + _between(N, m, M, o))),
    _wrong_merge("weights-of-means-swapped", "Each mean is weighted by the count of the other block.",
                 lambda N, m, S, M, o, T: (N + M, _joint_means(M, m, N, o), S + T + _between(N, m, M, o))),
    _wrong_merge("between-term-unweighted", "The term between the means lacks its factor N M / (N + M).",
                 lambda N, m, S, M, o, T: (N + M, _joint_means(N, m, M, o),
                                           S + T + (m - o)[:, :, None] * (m - o)[:, None, :])),
    _wrong_merge("between-term-with-sum",
                 "The term between the means has the factor N + M; it is N M / (N + M).",
                 lambda N, m, S, M, o, T: (N + M, _joint_means(N, m, M, o), S + T
                                           + (N + M)[:, None,
                                                     None] * (m - o)[:, :, None] * (m - o)[:, None, :])),
    _wrong_merge("between-term-subtracted", "The term between the means is subtracted; it must be added.",
                 lambda N, m, S, M, o, T: (N + M, _joint_means(N, m, M, o), S + T - _between(N, m, M, o))),
    _wrong_merge("second-moments-cancel",
                 "Going through Σ x xᵀ loses all digits far from the origin: use the difference of the "
                 "means.",
                 lambda N, m, S, M, o,
                 T: (N + M, _joint_means(N, m, M, o), _through_moments(N, m, S, M, o, T))),
    _wrong_merge("empty-block-divides-by-zero", "An empty block gives 0/0, which is nan: leave it out.",
                 lambda N, m, S, M, o, T: (N + M, (N[:, None] * m + M[:, None] * o) / (N + M)[:, None],
                                           S + T + (N * M / (N + M) * M / M)[:, None, None]
                                           * (m - o)[:, :, None] * (m - o)[:, None, :])),
)


def _through_moments(
    N: FloatArray, m: FloatArray, S: FloatArray, M: FloatArray, o: FloatArray, T: FloatArray
) -> FloatArray:
    def outer(count: FloatArray, mean: FloatArray) -> FloatArray:
        return np.asarray(count[:, None, None] * mean[:, :, None] * mean[:, None, :])

    return S + outer(N, m) + T + outer(M, o) - outer(N + M, _joint_means(N, m, M, o))


MERGE_STATISTICS = Question(
    id="scale.merge_statistics",
    signature="merge_statistics(counts, means, scatters, other_counts, other_means, other_scatters)",
    returns=RETURNS,
    draw=_draw_merges,
    reference=merge_statistics,
    checks=MERGE_CHECKS,
    misconceptions=WRONG_MERGES,
)

QUESTIONS = (STATISTICS, MERGE_STATISTICS)
