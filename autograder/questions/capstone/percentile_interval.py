"""capstone.percentile_interval: inputs and checks."""

from __future__ import annotations

from functools import partial

import numpy as np

from autograder.questions import (
    Case,
    FloatArray,
    Part,
    Question,
    Seen,
    drawing,
    holds,
    shapes,
    together,
    values,
)
from autograder.questions.capstone.wrong_percentile_intervals import shortest_interval, wrong


def _of_replicates(case: Case, expected: FloatArray) -> FloatArray:
    """Allow a millionth of the standard deviation of the replicates."""
    return np.asarray(1e-6 * np.std(np.asarray(case.arguments[0])))


LOWER = Part("lower", "one number", _of_replicates)
UPPER = Part("upper", "one number", _of_replicates)
RETURNS = (LOWER, UPPER)
SAMPLES = tuple(f"random replicates {number}" for number in range(1, 7))
SEE = "capstone"
Call = tuple[FloatArray, float]


def reference(replicates: FloatArray, level: float) -> tuple[float, float]:
    """Return the ends that leave (1 - level) / 2 of the replicates on each side, interpolated linearly."""
    lower, upper = np.quantile(replicates, [(1 - level) / 2, (1 + level) / 2])
    return float(lower), float(upper)


# --------------------------------------------------------------------------- inputs


def draw(rng: np.random.Generator) -> tuple[Case, ...]:
    """Draw a small sample and skewed ones first; then shifted, at other levels, and with an offset."""
    R = _skewed(rng, 60)
    return (
        Case("small example", _small(rng)),
        Case(SAMPLES[0], _above_one(rng)),
        *(Case(name, _random(rng)) for name in SAMPLES[1:-1]),
        Case(SAMPLES[-1], drawing.decisive(lambda: _with_ties(rng), reference, NO_TIES)),
        Case("a sample", (R, 0.8)),
        Case("the sample shifted", (R + 10.0, 0.8)),
        Case("a wider level", (R, 0.95)),
        Case("level one half", drawing.decisive(lambda: (_skewed(rng, 41), 0.5), reference, SHORTEST)),
        Case("far from zero", drawing.decisive(lambda: _far(rng), _rounded, [_in_float32]), noisy=True),
    )


def _small(rng: np.random.Generator) -> Call:
    """Draw nine replicates ten apart, the larger half first: they do not stand where sorting puts them.

    At this level the quantiles are replicates, and no digit is lost on the way there.
    """
    tens = np.arange(0.0, 81.0, 10.0)
    replicates = np.append(rng.permutation(tens[4:]), rng.permutation(tens[:4])) + float(rng.integers(0, 500))
    return replicates, 0.75


def _random(rng: np.random.Generator) -> Call:
    """Draw skewed replicates, how many of them, and the level."""
    return _skewed(rng, int(rng.integers(50, 120))), float(rng.uniform(0.65, 0.98))


def _above_one(rng: np.random.Generator) -> Call:
    """Draw replicates so far above 1 that a square or one divided by an end is on the wrong side."""
    replicates, level = _random(rng)
    return replicates + 20.0, level


def _with_ties(rng: np.random.Generator) -> Call:
    """Draw whole replicates, many of them equal, a third of them negative."""
    replicates, level = _random(rng)
    return np.floor(replicates - np.quantile(replicates, 1 / 3)), level


def _of_different_ones(replicates: FloatArray, level: float, end: int) -> tuple[float, float]:
    """Return the right interval but for one end, which counts equal replicates once."""
    ends = list(reference(replicates, level))
    ends[end] = reference(np.unique(replicates), level)[end]
    return ends[0], ends[1]


SHORTEST = (shortest_interval, partial(shortest_interval, count=np.floor))
NO_TIES = (partial(_of_different_ones, end=0), partial(_of_different_ones, end=1))


def _far(rng: np.random.Generator) -> Call:
    return _skewed(rng, 60) + 1e7, 0.9


def _rounded(replicates: FloatArray, level: float) -> object:
    return np.asarray(reference(replicates, level), dtype=np.float32)


def _in_float32(replicates: FloatArray, level: float) -> object:
    return _rounded(replicates.astype(np.float32), level)


def _skewed(rng: np.random.Generator, n: int) -> FloatArray:
    """Draw replicates such that twice a lower quartile still lies below the upper one."""
    return np.asarray(rng.gamma(2.0, 1.5, size=n) - rng.uniform())


# --------------------------------------------------------------------------- checks


def _shift_and_widen(sample: Seen, shifted: Seen, wider: Seen) -> str:
    lower, upper = sample.returned[LOWER], sample.returned[UPPER]
    moved = [shifted.returned[LOWER], shifted.returned[UPPER]]
    if not np.allclose([lower + 10, upper + 10], moved, atol=1e-4):
        return "the interval does not move with the replicates"
    inside = wider.returned[LOWER] < lower and wider.returned[UPPER] > upper
    return "" if inside else "a higher level does not move the first end down and the second one up"


def _ordered(seen: Seen) -> str:
    ordered = seen.returned[LOWER] <= seen.returned[UPPER]
    return "" if ordered else "the lower end lies above the upper one"


CHECKS = (
    shapes("Two numbers come back.", ("small example", *SAMPLES), weight=0.5, see=SEE),
    values(
        "Nine replicates ten apart, easy to do by hand, come out right.",
        RETURNS,
        ("small example",),
        weight=2,
        see=SEE,
    ),
    values("The lower ends are right.", LOWER, SAMPLES, weight=1.5, see=SEE),
    values("The upper ends are right.", UPPER, SAMPLES, weight=1.5, see=SEE),
    values("A level of one half gives the quartiles.", RETURNS, ("level one half",), weight=1, see=SEE),
    values(
        "Replicates ten million away from zero come out right (this needs float64).",
        RETURNS,
        ("far from zero",),
        weight=0.5,
        see=SEE,
    ),
    holds("The lower end is not above the upper one.", _ordered, RETURNS, SAMPLES, weight=0.5, see=SEE),
    together(
        "The interval moves with the replicates and widens with the level.",
        _shift_and_widen,
        RETURNS,
        ("a sample", "the sample shifted", "a wider level"),
        weight=0.5,
        see=SEE,
    ),
)


QUESTION = Question(
    id="capstone.percentile_interval",
    signature="percentile_interval(replicates, level)",
    returns=RETURNS,
    draw=draw,
    reference=reference,
    checks=CHECKS,
    misconceptions=tuple(wrong),
)
