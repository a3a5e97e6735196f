"""scale.merge_statistics: inputs, checks and the catalogue of wrong sums."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.questions.comparing import Seen, holds, shapes, together, values
from autograder.questions.scale_statistics import RETURNS, Numbers, block, numbers
from autograder.questions.scale_statistics import reference as statistics
from autograder.values import Case, FloatArray, Misconception, Question
from gmmlib.statistics import Statistics

MERGES = ("random blocks 1", "random blocks 2", "random blocks 3")
SEE = "scale-merge"


def reference(
    counts: FloatArray,
    means: FloatArray,
    scatters: FloatArray,
    other_counts: FloatArray,
    other_means: FloatArray,
    other_scatters: FloatArray,
) -> Numbers:
    """Statistics of two blocks together."""
    other = Statistics(other_counts, other_means, other_scatters)
    return numbers(Statistics(counts, means, scatters) + other)


# --------------------------------------------------------------------------- inputs


def draw(rng: np.random.Generator) -> tuple[Case, ...]:
    """Two small blocks and random ones first; then swapped, an empty block, one component, an offset."""
    def pair(n: int, m: int, d: int, K: int) -> tuple[Numbers, Numbers]:
        X, R = block(rng, n, d, K)
        Y, Q = block(rng, m, d, K)
        return statistics(X, R), statistics(Y + rng.uniform(1.0, 3.0, size=d), Q)

    pairs = [pair(30, 12, 2, 2), pair(20, 40, 3, 3), pair(35, 9, 2, 4)]
    (N, m, S), other = pairs[0]
    small = (np.array([float(rng.integers(2, 5))]), np.array([[float(rng.integers(0, 9))]]),
             np.array([[[float(rng.integers(1, 9))]]]))
    second = (np.array([float(rng.integers(5, 9))]), np.array([[float(rng.integers(10, 19))]]),
              np.array([[[float(rng.integers(1, 9))]]]))
    nothing = (np.zeros(2), np.zeros((2, 2)), np.zeros((2, 2, 2)))
    return (
        Case("small example", (*small, *second)),
        *(Case(name, (*one, *two)) for name, (one, two) in zip(MERGES, pairs, strict=True)),
        Case("swapped", (*other, N, m, S)),
        Case("an empty block", (N, m, S, *nothing)),
        Case("one component", tuple(part for one in pair(15, 25, 3, 1) for part in one)),
        Case("far from the origin", (N, m + 1e7, S, other[0], other[1] + 1e7, other[2])),
    )


# --------------------------------------------------------------------------- checks


def _same_swapped(one: Seen, other: Seen) -> str:
    same = all(np.allclose(one.returned[name], other.returned[name], rtol=1e-4,
                           atol=1e-4) for name in RETURNS)
    return "" if same else "the order of the two blocks changes the result"


def _counts_add(seen: Seen) -> str:
    same = np.allclose(seen.returned["counts"], seen.argument(0) + seen.argument(3), atol=1e-4)
    return "" if same else "the counts do not add"


CHECKS = (
    shapes("Counts, means and scatters come back, with the shapes of the inputs.", RETURNS,
           ("small example", *MERGES), weight=0.5, see=SEE),
    values("Two small blocks on a line, easy to merge by hand, come out right.", RETURNS, ("small example",),
           weight=2, see=SEE),
    values("The counts and means of merged blocks are right.", ("counts", "means"), MERGES, weight=2,
           see=SEE),
    values("The scatters of merged blocks are right.", "scatters", MERGES, weight=3, see=SEE),
    values("Merging with an empty block changes nothing.", RETURNS, ("an empty block",), weight=1,
           see=SEE),
    values("One component alone comes out right.", RETURNS, ("one component",), weight=0.5,
           see=SEE),
    values("Blocks ten million away from the origin come out right (this needs float64 throughout).", RETURNS,
           ("far from the origin",), weight=1, see=SEE),
    holds("The counts add.", _counts_add, ("counts",), MERGES, weight=0.5, see=SEE),
    together("The order of the two blocks plays no part.", _same_swapped, RETURNS, (MERGES[0], "swapped"),
             weight=0.5, see=SEE),
)


# --------------------------------------------------------------------------- wrong sums


def _between(N: FloatArray, m: FloatArray, M: FloatArray, o: FloatArray) -> FloatArray:
    """N M / (N + M) (m - o)(m - o)ᵀ of each component."""
    z = m - o
    share = np.divide(N * M, N + M, out=np.zeros_like(N), where=N + M > 0)
    return np.asarray(share[:, None, None] * z[:, :, None] * z[:, None, :])


def _average(N: FloatArray, S: FloatArray, M: FloatArray, T: FloatArray) -> FloatArray:
    return np.asarray((N[:, None, None] * S + M[:, None, None] * T) / (N + M)[:, None, None])


def _joint_means(N: FloatArray, m: FloatArray, M: FloatArray, o: FloatArray) -> FloatArray:
    return m + (M / (N + M))[:, None] * (o - m)


def _wrong(name: str, sentence: str, implementation: Callable[..., Numbers]) -> Misconception:
    return Misconception(name, sentence, SEE, implementation)


def _through_moments(
    N: FloatArray, m: FloatArray, S: FloatArray, M: FloatArray, o: FloatArray, T: FloatArray
) -> FloatArray:
    def outer(count: FloatArray, mean: FloatArray) -> FloatArray:
        return np.asarray(count[:, None, None] * mean[:, :, None] * mean[:, None, :])

    return S + outer(N, m) + T + outer(M, o) - outer(N + M, _joint_means(N, m, M, o))


def _right_but(**parts: Callable[..., FloatArray]) -> Callable[..., Numbers]:
    """The right sum, but for the parts given: each is made from the six arguments."""
    def wrong(*arguments: FloatArray) -> Numbers:
        right = dict(zip(RETURNS, reference(*arguments), strict=True))
        changed = {name: part(*arguments) for name, part in parts.items()}
        return tuple((right | changed)[name] for name in RETURNS)  # type: ignore[return-value]
    return wrong


def _with_between(between: Callable[..., FloatArray]) -> Callable[..., Numbers]:
    """The right sum with another term between the means, made from the counts and the difference z."""
    return _right_but(scatters=lambda N, m, S, M, o, T: S + T + between(N, M, m - o))


def _outer(z: FloatArray) -> FloatArray:
    return z[:, :, None] * z[:, None, :]


def _factor(N: FloatArray, M: FloatArray) -> FloatArray:
    return (N * M / (N + M))[:, None, None]


MISCONCEPTIONS = (
    _wrong("scatters-only-added",
           "The scatters are simply added; they are about different means, so a term is missing.",
           _right_but(scatters=lambda N, m, S, M, o, T: S + T)),
    _wrong("scatters-averaged",
           "The scatters are averaged by the counts, as covariances would be; they are sums, which add.",
           _right_but(scatters=lambda N, m, S, M, o, T: _average(N, S, M, T) + _between(N, m, M, o))),
    _wrong("scatters-divided",
           "The scatters are divided by the count; only sums can be added to those of a further block.",
           _right_but(scatters=lambda N, m, S, M, o, T:
                      (S + T + _between(N, m, M, o)) / (N + M)[:, None, None])),
    _wrong("means-averaged", "The means are averaged with equal weight; the larger block counts more.",
           _right_but(means=lambda N, m, S, M, o, T: (m + o) / 2)),
    _wrong("means-added", "The means are added; they must be averaged by the counts.",
           _right_but(means=lambda N, m, S, M, o, T: m + o)),
    _wrong("means-not-divided", "The sum N_1 x̄ + N_2 ȳ must be divided by N_1 + N_2.",
           _right_but(means=lambda N, m, S, M, o, T: N[:, None] * m + M[:, None] * o)),
    _wrong("weights-of-means-swapped", "Each mean is weighted by the count of the other block.",
           _right_but(means=lambda N, m, S, M, o, T: _joint_means(M, m, N, o))),
    _wrong("difference-turned", "The mean moves away from the other block: z is ȳ - x̄, not x̄ - ȳ.",
           _right_but(means=lambda N, m, S, M, o, T: 2 * m - _joint_means(N, m, M, o))),
    _wrong("between-term-unweighted", "The term between the means lacks its factor N M / (N + M).",
           _with_between(lambda N, M, z: _outer(z))),
    _wrong("between-term-not-divided", "The factor of the term between the means is N M / (N + M), not N M.",
           _with_between(lambda N, M, z: (N * M)[:, None, None] * _outer(z))),
    _wrong("between-term-with-sum",
           "The term between the means has the factor N + M; it is N M / (N + M).",
           _with_between(lambda N, M, z: (N + M)[:, None, None] * _outer(z))),
    _wrong("between-term-subtracted", "The term between the means is subtracted; it must be added.",
           _with_between(lambda N, M, z: -_factor(N, M) * _outer(z))),
    _wrong("inner-product",
           "The squares of z are summed to one number; z zᵀ is a (d, d) matrix for each component.",
           _with_between(lambda N, M, z: _factor(N, M) * (z**2).sum(axis=1)[:, None, None])),
    _wrong("diagonal-of-the-between-term",
           "Only the squares of z enter, on the diagonal; z zᵀ has the products of all pairs.",
           _with_between(lambda N, M, z: _factor(N, M) * _outer(z) * np.eye(z.shape[1]))),
    _wrong("products-over-components",
           "z.T @ z adds up all components; each needs a matrix of its own, from its own row of z.",
           _with_between(lambda N, M, z: _factor(N, M) * (z.T @ z))),
    _wrong("new-count-in-the-factor",
           "The factor holds the new count: `counts += ...` has changed N_1 before it was used.",
           _with_between(lambda N, M, z: M[:, None, None] * _outer(z))),
    _wrong("difference-from-the-new-mean",
           "z is taken from the joint mean; it is the difference of the two old ones.",
           _with_between(lambda N, M, z: _factor(N, M) * _outer(z * (N / (N + M))[:, None]))),
    _wrong("second-moments-cancel",
           "Going through Σ x xᵀ loses all digits far from the origin: use the difference of the means.",
           _right_but(scatters=_through_moments)),
    _wrong("empty-block-divides-by-zero", "An empty block gives 0/0, which is nan: leave it out.",
           _with_between(lambda N, M, z: (N * M / (N + M) * M / M)[:, None, None] * _outer(z))),
)

MERGE_STATISTICS = Question(
    id="scale.merge_statistics",
    signature="merge_statistics(counts, means, scatters, other_counts, other_means, other_scatters)",
    returns=RETURNS,
    draw=draw,
    reference=reference,
    checks=CHECKS,
    misconceptions=MISCONCEPTIONS,
)
