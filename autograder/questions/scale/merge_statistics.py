"""scale.merge_statistics: inputs and checks."""

from __future__ import annotations

import numpy as np

from autograder.judge.tolerance import spread_of_statistics, total_of_statistics
from autograder.questions import (
    Case,
    FloatArray,
    Part,
    Question,
    Seen,
    drawing,
    holds,
    location,
    scatter,
    shapes,
    together,
    values,
)
from autograder.questions.scale.statistics import COUNTS, block
from autograder.questions.scale.statistics import reference as statistics
from autograder.questions.scale.wrong_merges import wrong
from gmmlib.statistics import Statistics

_of_covariances = scatter(spread_of_statistics)


def _of_sums(case: Case, expected: FloatArray) -> FloatArray:
    """Allow n times what is allowed for covariances, n points in both blocks: scatters are sums."""
    return total_of_statistics(case).n * _of_covariances(case, expected)


MEANS = Part("means", "(K, d)", location(spread_of_statistics))
SCATTERS = Part("scatters", "(K, d, d)", _of_sums)
RETURNS = (COUNTS, MEANS, SCATTERS)
MERGES = ("random blocks 1", "random blocks 2", "random blocks 3")
EMPTY = ("an empty block", "an empty first block", "nothing of the first", "nothing of the others")
SEE = "scale-merge"
Block = tuple[FloatArray, FloatArray, FloatArray]  # counts, means, scatters


def reference(
    counts: FloatArray,
    means: FloatArray,
    scatters: FloatArray,
    other_counts: FloatArray,
    other_means: FloatArray,
    other_scatters: FloatArray,
) -> Block:
    """Return the statistics of two blocks together, by gmmlib."""
    both = Statistics(counts, means, scatters) + Statistics(other_counts, other_means, other_scatters)
    return both.counts, both.means, both.scatters


# --------------------------------------------------------------------------- inputs


def draw(rng: np.random.Generator) -> tuple[Case, ...]:
    """Draw two small blocks and random ones; then swapped, an empty block, one component, an offset."""
    pairs = [_pair(rng, *sizes) for sizes in ((30, 12, 2, 2), (20, 40, 3, 3), (35, 9, 2, 4))]
    (N, m, S), (M, o, T) = pairs[0]
    far = drawing.far(reference(N, m, S, M, o, T)[1][0, 0])
    small = _small(rng, (2, 4), (3, 5, 7), (1, 25)) + _small(rng, (6, 8), (16, 18, 20), (27, 29))
    empty = (np.zeros(2), np.zeros((2, 2)), np.zeros((2, 2, 2)))
    without_first, without_others = _without([0], pairs[1][0]), _without([1, 2], pairs[1][1])
    first, second = _pair(rng, 15, 25, 3, 1)
    return (
        Case("small example", small),
        *(Case(name, first + second) for name, (first, second) in zip(MERGES, pairs, strict=True)),
        Case("swapped", (M, o, T, N, m, S)),
        Case("an empty block", (N, m, S, *empty)),
        Case("an empty first block", (*empty, N, m, S)),
        Case("nothing of the first", without_first + without_others),
        Case("nothing of the others", without_others + without_first),
        Case("one component", _small_and_light(first) + _small_and_light(second)),
        Case("far from the origin", (N, m + far, S, M, o + far, T), noisy=True),
    )


def _pair(rng: np.random.Generator, n: int, m: int, d: int, K: int) -> tuple[Block, Block]:
    """Draw the statistics of n points, and of m points that lie elsewhere.

    They are so far apart that 1e-3 shows which is added to a count, and 1e-4 does not.

    Each component's mean is larger in one feature and smaller in another: signs count.
    """
    while True:
        X, R = block(rng, n, d, K)
        Y, Q = block(rng, m, d, K)
        away = rng.permutation(np.resize([1.0, -1.0], d)) * rng.uniform(2.0, 4.0, size=d)
        first, second = statistics(X, R), statistics(Y + away, Q)
        larger = second[1] > first[1]  # (K, d)
        if (larger.any(axis=1) & ~larger.all(axis=1)).all():
            return first, second


def _without(components: list[int], block: Block) -> Block:
    """Return a block's statistics as if it owned nothing of these components."""
    counts, means, scatters = (array.copy() for array in block)
    counts[components], means[components], scatters[components] = 0.0, 0.0, 0.0
    return counts, means, scatters


def _small_and_light(block: Block) -> Block:
    """Return a block's statistics in other units, and as if each point counted little; no digit changes."""
    counts, means, scatters = block
    return 2.0**-8 * counts, 2.0**-10 * means, 2.0**-28 * scatters


def _small(rng: np.random.Generator, *choices: tuple[int, ...]) -> Block:
    """Draw a block on a line, its count, mean and scatter from these whole numbers: no two are alike."""
    count, mean, squares = (float(rng.choice(numbers)) for numbers in choices)
    return np.array([count]), np.array([[mean]]), np.array([[[squares]]])


# --------------------------------------------------------------------------- checks


def _same_swapped(seen: Seen, swapped: Seen) -> str:
    same = all(
        np.allclose(seen.returned[part], swapped.returned[part], rtol=1e-4, atol=1e-4) for part in RETURNS
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
    values(
        "A block that owns nothing of a component changes nothing of it.",
        RETURNS,
        EMPTY,
        weight=0.5,
        see=SEE,
    ),
    values(
        "One component alone, in small units and of little weight, comes out right.",
        RETURNS,
        ("one component",),
        weight=0.5,
        see=SEE,
    ),
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


QUESTION = Question(
    id="scale.merge_statistics",
    signature="merge_statistics(counts, means, scatters, other_counts, other_means, other_scatters)",
    returns=RETURNS,
    draw=draw,
    reference=reference,
    checks=CHECKS,
    misconceptions=tuple(wrong),
    uses=("scale.statistics",),
)
