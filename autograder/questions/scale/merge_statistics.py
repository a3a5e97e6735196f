"""scale.merge_statistics: inputs, checks and the catalogue of wrong sums."""

from __future__ import annotations

import numpy as np

from autograder.questions import (
    Case,
    FloatArray,
    Part,
    Question,
    Seen,
    holds,
    relative,
    shapes,
    together,
    values,
)
from autograder.questions.parts import MEANS
from autograder.questions.scale.wrong_merges import wrong
from autograder.questions.scale_statistics import RETURNS, Numbers, block, numbers
from autograder.questions.scale_statistics import reference as statistics
from gmmlib.statistics import Statistics

COUNTS = Part("counts", "(K,)", relative)
SCATTERS = Part("scatters", "(K, d, d)", _of_sums_of_squares)
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
    small = (
        np.array([float(rng.integers(2, 5))]),
        np.array([[float(rng.integers(0, 9))]]),
        np.array([[[float(rng.integers(1, 9))]]]),
    )
    second = (
        np.array([float(rng.integers(5, 9))]),
        np.array([[float(rng.integers(10, 19))]]),
        np.array([[[float(rng.integers(1, 9))]]]),
    )
    nothing = (np.zeros(2), np.zeros((2, 2)), np.zeros((2, 2, 2)))
    return (
        Case("small example", (*small, *second)),
        *(Case(name, (*one, *two)) for name, (one, two) in zip(MERGES, pairs, strict=True)),
        Case("swapped", (*other, N, m, S)),
        Case("an empty block", (N, m, S, *nothing)),
        Case("one component", tuple(part for one in pair(15, 25, 3, 1) for part in one)),
        Case("far from the origin", (N, m + 1e7, S, other[0], other[1] + 1e7, other[2]), noisy=True),
    )


# --------------------------------------------------------------------------- checks


def _same_swapped(one: Seen, other: Seen) -> str:
    same = all(
        np.allclose(one.returned[name], other.returned[name], rtol=1e-4, atol=1e-4) for name in RETURNS
    )
    return "" if same else "the order of the two blocks changes the result"


def _counts_add(seen: Seen) -> str:
    same = np.allclose(seen.returned[COUNTS], seen.argument(0) + seen.argument(3), atol=1e-4)
    return "" if same else "the counts do not add"


CHECKS = (
    shapes(
        "Counts, means and scatters come back, with the shapes of the inputs.",
        ("small example", *MERGES),
        weight=0.5,
        see=SEE,
    ),
    values(
        "Two small blocks on a line, easy to merge by hand, come out right.",
        RETURNS,
        ("small example",),
        weight=2,
        see=SEE,
    ),
    values("The counts and means of merged blocks are right.", (COUNTS, MEANS), MERGES, weight=2, see=SEE),
    values("The scatters of merged blocks are right.", SCATTERS, MERGES, weight=3, see=SEE),
    values("Merging with an empty block changes nothing.", RETURNS, ("an empty block",), weight=1, see=SEE),
    values("One component alone comes out right.", RETURNS, ("one component",), weight=0.5, see=SEE),
    values(
        "Blocks ten million away from the origin come out right (this needs float64 throughout).",
        RETURNS,
        ("far from the origin",),
        weight=1,
        see=SEE,
    ),
    holds("The counts add.", _counts_add, (COUNTS,), MERGES, weight=0.5, see=SEE),
    together(
        "The order of the two blocks plays no part.",
        _same_swapped,
        RETURNS,
        (MERGES[0], "swapped"),
        weight=0.5,
        see=SEE,
    ),
)


# --------------------------------------------------------------------------- wrong sums


QUESTION = Question(
    id="scale.merge_statistics",
    signature="merge_statistics(counts, means, scatters, other_counts, other_means, other_scatters)",
    returns=RETURNS,
    draw=draw,
    reference=reference,
    checks=CHECKS,
    misconceptions=tuple(wrong),
)
