"""capstone.percentile_interval: inputs, checks and the catalogue of wrong intervals."""

from __future__ import annotations

import numpy as np

from autograder.questions import Case, FloatArray, Part, Question, Seen, holds, shapes, together, values
from autograder.questions.capstone.wrong_percentile_intervals import wrong

SAMPLES = tuple(f"random replicates {number}" for number in range(1, 6))
LOWER = Part("lower", "one number", _of_replicates)
UPPER = Part("upper", "one number", _of_replicates)
RETURNS = (LOWER, UPPER)
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
        *(
            Case(name, (skewed(int(rng.integers(50, 120))), float(rng.uniform(0.5, 0.98))))
            for name in SAMPLES
        ),
        Case("a sample", (R, 0.8)),
        Case("the sample shifted", (R + 10.0, 0.8)),
        Case("a wider level", (R, 0.95)),
        Case("level one half", (R[:41], 0.5)),
        Case("far from zero", (R + 1e7, 0.9), noisy=True),
    )


# --------------------------------------------------------------------------- checks


def _shift_and_widen(sample: Seen, shifted: Seen, wider: Seen) -> str:
    low, high = (float(sample.returned[name]) for name in RETURNS)
    if not np.allclose([low + 10, high + 10], [float(shifted.returned[name]) for name in RETURNS], atol=1e-4):
        return "the interval does not move with the replicates"
    inside = float(wider.returned[LOWER]) <= low and float(wider.returned[UPPER]) >= high
    return "" if inside else "a higher level does not widen the interval"


def _ordered(seen: Seen) -> str:
    ordered = seen.returned[LOWER] <= seen.returned[UPPER]
    return "" if ordered else "the lower end lies above the upper one"


CHECKS = (
    shapes("Two numbers come back.", ("small example", *SAMPLES), weight=0.5, see=SEE),
    values(
        "Eleven replicates ten apart, easy to do by hand, come out right.",
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


# --------------------------------------------------------------------------- wrong intervals


QUESTION = Question(
    id="capstone.percentile_interval",
    signature="percentile_interval(replicates, level)",
    returns=RETURNS,
    draw=draw,
    reference=reference,
    checks=CHECKS,
    misconceptions=tuple(wrong),
)
