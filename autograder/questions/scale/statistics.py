"""scale.statistics: inputs and checks."""

from __future__ import annotations

import numpy as np

from autograder.questions import (
    Case,
    FloatArray,
    Part,
    Question,
    Seen,
    drawing,
    holds,
    relative,
    shapes,
    together,
    values,
)
from autograder.questions.parts import COVARIANCES, MEANS
from autograder.questions.scale.wrong_statistics import wrong
from gmmlib.statistics import Statistics


def _of_sums(case: Case, expected: FloatArray) -> FloatArray:
    """Allow n times what is allowed for covariances: scatters are sums."""
    return len(np.asarray(case.arguments[0])) * COVARIANCES.tolerance(case, expected)


COUNTS = Part("counts", "(K,)", relative)
SCATTERS = Part("scatters", "(K, d, d)", _of_sums)
RETURNS = (COUNTS, MEANS, SCATTERS)
BLOCKS = ("random block 1", "random block 2", "random block 3")
SEE = "numerics-statistics"


def reference(X: FloatArray, responsibilities: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return counts, weighted means and scatters about them, by gmmlib."""
    statistics = Statistics.of(X, responsibilities)
    return statistics.counts, statistics.means, statistics.scatters


# --------------------------------------------------------------------------- inputs


def block(rng: np.random.Generator, n: int, d: int, n_components: int) -> tuple[FloatArray, FloatArray]:
    """Draw points and memberships of a block; each feature is half as far from 0 as it spreads.

    So single precision is close enough, except far from the origin.
    """
    X = drawing.points(rng, n, drawing.mixture(rng, n_components, d))
    spread = X.std(axis=0)
    size = rng.uniform(0.5, 2.0, size=d) / spread
    X = size * (X - X.mean(axis=0) + rng.choice([-0.5, 0.5], size=d) * spread)
    return X, drawing.responsibilities(rng, n, n_components)


def draw(rng: np.random.Generator) -> tuple[Case, ...]:
    """Draw small and random blocks first; then shifted, one component, few points, an offset."""
    X, R = _shared(rng, 30, 2, 2)
    X, R = X[X[:, 0].argsort()], R[R[:, 0].argsort()]  # who owns more on one side has a mean of its own
    blocks = [(X, R), _in_small_units(*_shared(rng, 40, 3, 3)), _uneven(*_shared(rng, 35, 2, 4))]
    wide = 4.0 * X  # so much that 1e-12 added to the counts does not show
    return (
        Case("small example", _small(rng)),
        *(Case(name, arguments) for name, arguments in zip(BLOCKS, blocks, strict=True)),
        Case("shifted", (X + 4.0, R)),
        Case("one component", (2.0**-4 * blocks[1][0], np.ones((len(blocks[1][0]), 1)))),
        Case("fewer points than features", _shared(rng, 3, 5, 2)),
        Case("far from the origin", (wide + drawing.far(reference(wide, R)[1][0, 0]), R), noisy=True),
    )


def _in_small_units(X: FloatArray, R: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return points beside whose scatter a millionth shows; no digit changes."""
    return 2.0**-6 * X, R


def _uneven(X: FloatArray, R: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Let a point occur twice, and one lie far out."""
    X[1], X[2] = X[0], X[2] + 8.0 * X.std(axis=0)
    return X, R


def _small(rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Draw four points on a line, owned in sixteenths, whose spread is nearly the same in each draw.

    As in a block that is shared, counts tell how they were made.
    """
    X = rng.integers(8, 20) + np.cumsum([0, *rng.permutation([1, 2, 4])])
    first = np.array([0.9375, 0.8125, 0.4375, 0.375])
    return X[:, None].astype(float), np.column_stack([first, 1.0 - first])


def _shared(rng: np.random.Generator, n: int, d: int, n_components: int) -> tuple[FloatArray, FloatArray]:
    """Draw a block; hard labels, larger shares or n / K count otherwise than its rounded or cut counts."""
    while True:
        X, R = block(rng, n, d, n_components)
        labels, counts = R.argmax(axis=1)[:, None] == np.arange(n_components), R.sum(axis=0)
        wholes = [shares.sum(axis=0) for shares in (labels, R > 0.5, R * n_components > 1.0)]
        wholes.append(np.full(n_components, n // n_components))
        if not any((cut(counts) == whole).all() for cut in (np.round, np.trunc) for whole in wholes):
            return X, R


# --------------------------------------------------------------------------- checks


def _total_is_n(seen: Seen) -> str:
    same = abs(seen.returned[COUNTS].sum() - len(seen.argument(0))) < 1e-4
    return "" if same else "the counts do not sum to the number of points"


def _scatters_stay(seen: Seen, shifted: Seen) -> str:
    same = np.allclose(seen.returned[SCATTERS], shifted.returned[SCATTERS], rtol=1e-4, atol=1e-3)
    return "" if same else "the scatters change when all points move together"


CHECKS = (
    shapes(
        "Counts, means and scatters come back, with shapes (K,), (K, d) and (K, d, d).",
        ("small example", *BLOCKS),
        weight=0.5,
        see=SEE,
    ),
    values(
        "Four points on a line, small enough to do by hand, come out right.",
        RETURNS,
        ("small example",),
        weight=2,
        see=SEE,
    ),
    values("Counts and means of random blocks are right.", (COUNTS, MEANS), BLOCKS, weight=2, see=SEE),
    values("The scatters of random blocks are right.", SCATTERS, BLOCKS, weight=3, see=SEE),
    values(
        "One component in small units, and a block of fewer points than features, come out right.",
        RETURNS,
        ("one component", "fewer points than features"),
        weight=1,
        see=SEE,
    ),
    values(
        "A block ten million away from the origin comes out right (this needs float64 throughout).",
        RETURNS,
        ("far from the origin",),
        weight=1,
        see=SEE,
    ),
    holds("The counts sum to the number of points.", _total_is_n, (COUNTS,), BLOCKS, weight=0.5, see=SEE),
    together(
        "Moving all points leaves the scatters alone.",
        _scatters_stay,
        (SCATTERS,),
        (BLOCKS[0], "shifted"),
        weight=0.5,
        see=SEE,
    ),
)


QUESTION = Question(
    id="scale.statistics",
    signature="statistics(X, responsibilities)",
    returns=RETURNS,
    draw=draw,
    reference=reference,
    checks=CHECKS,
    misconceptions=tuple(wrong),
)
