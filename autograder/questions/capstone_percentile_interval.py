"""capstone.percentile_interval: inputs, checks and the catalogue of wrong intervals."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.questions.comparing import Seen, holds, shapes, together, values
from autograder.values import Case, FloatArray, Misconception, Question

SAMPLES = tuple(f"random replicates {number}" for number in range(1, 6))
RETURNS = ("lower", "upper")
SEE = "capstone"
_TENS = np.arange(0.0, 101.0, 10.0)


def reference(replicates: FloatArray, level: float) -> tuple[float, float]:
    """The interval that leaves (1 - level) / 2 of the replicates on each side, interpolated linearly."""
    lower, upper = np.quantile(replicates, [(1 - level) / 2, (1 + level) / 2])
    return float(lower), float(upper)


# --------------------------------------------------------------------------- inputs


def draw(rng: np.random.Generator) -> tuple[Case, ...]:
    """A small sample and skewed ones first; then shifted, at other levels, and with an offset."""
    def skewed(n: int) -> FloatArray:
        return np.asarray(rng.gamma(2.0, 1.5, size=n) + rng.normal())

    R = skewed(60)
    # the larger half comes first: the positions are not those of the sorted values
    small = np.append(rng.permutation(_TENS[5:]), rng.permutation(_TENS[:5])) + float(rng.integers(0, 500))
    return (
        Case("small example", (small, float(rng.choice([0.6, 0.8])))),
        *(Case(name, (skewed(int(rng.integers(50, 120))), float(rng.uniform(0.5, 0.98))))
          for name in SAMPLES),
        Case("a sample", (R, 0.8)),
        Case("the sample shifted", (R + 10.0, 0.8)),
        Case("a wider level", (R, 0.95)),
        Case("level one half", (R[:41], 0.5)),
        Case("far from zero", (R + 1e7, 0.9)),
    )


# --------------------------------------------------------------------------- checks


def _shift_and_widen(sample: Seen, shifted: Seen, wider: Seen) -> str:
    low, high = (float(sample.returned[name]) for name in RETURNS)
    if not np.allclose([low + 10, high + 10], [float(shifted.returned[name]) for name in RETURNS], atol=1e-4):
        return "the interval does not move with the replicates"
    inside = float(wider.returned["lower"]) <= low and float(wider.returned["upper"]) >= high
    return "" if inside else "a higher level does not widen the interval"


def _ordered(seen: Seen) -> str:
    ordered = seen.returned["lower"] <= seen.returned["upper"]
    return "" if ordered else "the lower end lies above the upper one"


CHECKS = (
    shapes("Two numbers come back.", RETURNS, ("small example", *SAMPLES), weight=0.5, see=SEE),
    values("Eleven replicates ten apart, easy to do by hand, come out right.", RETURNS, ("small example",),
           weight=2, see=SEE),
    values("The lower ends are right.", "lower", SAMPLES, weight=1.5, see=SEE),
    values("The upper ends are right.", "upper", SAMPLES, weight=1.5, see=SEE),
    values("A level of one half gives the quartiles.", RETURNS, ("level one half",), weight=1, see=SEE),
    values("Replicates ten million away from zero come out right (this needs float64).", RETURNS,
           ("far from zero",), weight=0.5, see=SEE),
    holds("The lower end is not above the upper one.", _ordered, RETURNS, SAMPLES, weight=0.5, see=SEE),
    together("The interval moves with the replicates and widens with the level.", _shift_and_widen, RETURNS,
             ("a sample", "the sample shifted", "a wider level"), weight=0.5, see=SEE),
)


# --------------------------------------------------------------------------- wrong intervals


def _wrong(name: str, sentence: str, implementation: Callable[..., object]) -> Misconception:
    return Misconception(name, sentence, SEE, implementation)


def _normal(replicates: FloatArray, level: float) -> tuple[float, float]:
    """mean ± 1.96 standard deviations, whatever the level."""
    middle, width = float(replicates.mean()), 1.96 * float(replicates.std())
    return middle - width, middle + width


MISCONCEPTIONS = (
    _wrong("whole-error-on-each-side",
           "1 - level is cut off on each side; together it must be 1 - level, so half on each.",
           lambda R, level: tuple(np.quantile(R, [1 - level, level]))),
    _wrong("per-cent-for-shares",
           "np.percentile counts from 0 to 100; np.quantile takes shares from 0 to 1.",
           lambda R, level: tuple(np.percentile(R, [(1 - level) / 2, (1 + level) / 2]))),
    _wrong("upper-end-at-level", "The upper end is the quantile level; it must be (1 + level) / 2.",
           lambda R, level: tuple(np.quantile(R, [(1 - level) / 2, level]))),
    _wrong("always-ninety-five", "These are the quantiles for a level of 0.95, whatever was passed.",
           lambda R, level: tuple(np.quantile(R, [0.025, 0.975]))),
    _wrong("always-ninety", "These are the quantiles for a level of 0.9, whatever was passed.",
           lambda R, level: tuple(np.quantile(R, [0.05, 0.95]))),
    _wrong("one-sided", "Everything is cut off on one side.",
           lambda R, level: (R.min(), np.quantile(R, level))),
    _wrong("level-as-quantiles",
           "The quantiles level/2 and 1 - level/2 are taken: 1 - level was meant.",
           lambda R, level: tuple(np.quantile(R, [level / 2, 1 - level / 2]))),
    _wrong("two-deviations", "This is the mean ± 1.96 deviations; replicates need not be normal.",
           _normal),
    _wrong("smallest-and-largest",
           "These are the extremes of the replicates; the level is not used.",
           lambda R, level: (R.min(), R.max())),
    _wrong("ends-swapped", "The upper end comes first; the lower one should.",
           lambda R, level: reference(R, level)[::-1]),
    _wrong("not-sorted", "The replicates are not sorted before their positions are read off.",
           lambda R, level: (R[int((1 - level) / 2 * len(R))], R[int((1 + level) / 2 * len(R)) - 1])),
)

PERCENTILE_INTERVAL = Question(
    id="capstone.percentile_interval",
    signature="percentile_interval(replicates, level)",
    returns=RETURNS,
    draw=draw,
    reference=reference,
    checks=CHECKS,
    misconceptions=MISCONCEPTIONS,
)
