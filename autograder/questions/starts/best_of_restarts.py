"""starts.best_of_restarts: inputs, checks and the catalogue of wrong choices."""

from __future__ import annotations

import numpy as np

from autograder.questions import (
    Case,
    FloatArray,
    Part,
    Question,
    Seen,
    exact,
    holds,
    shapes,
    together,
    values,
)
from autograder.questions.starts.wrong_best_of_restarts import wrong

INDEX = Part("index", "one number", exact, index_of="restarts")
RETURNS = (INDEX,)
RANDOM = tuple(f"random restarts {number}" for number in range(1, 9))
SEE = "starts-restarts"


def reference(log_likelihoods: FloatArray, smallest_shares: FloatArray, floor: float) -> int:
    """The highest finite log-likelihood among the runs that did not collapse, first of equals; -1 if none."""
    healthy = (smallest_shares >= floor) & np.isfinite(log_likelihoods)
    if not healthy.any():
        return -1
    return int(np.argmax(np.where(healthy, log_likelihoods, -np.inf)))


# --------------------------------------------------------------------------- inputs


def draw(rng: np.random.Generator) -> tuple[Case, ...]:
    """Sixty to a hundred restarts, the highest collapsed; then ties, failed runs and nothing healthy."""
    cases = [Case(name, _restarts(rng)) for name in RANDOM]
    ells, shares, floor = _restarts(rng)
    failed, shares_of_failed = ells.copy(), shares.copy()
    failed[rng.integers(3)] = np.nan
    failed[4] = np.inf
    shares_of_failed[:5] = 0.2  # failed, but no share tells it
    tied, shares_of_tied = ells.copy(), shares.copy()
    first, second = sorted(rng.choice(np.arange(5, 60), size=2, replace=False).tolist())
    tied[[first, second]] = ells.max() + 1.0
    shares_of_tied[[first, second]] = 0.2
    edge, shares_at_edge = ells.copy(), shares.copy()
    at = int(rng.integers(5, 60))
    edge[at], shares_at_edge[at] = ells.max() + 2.0, floor
    return (
        *cases,
        Case("later runs added", (np.append(ells, ells.min() - 5.0), np.append(shares, 0.3), floor)),
        Case("before", (ells, shares, floor)),
        Case("failed runs", (failed, shares_of_failed, floor)),
        Case("equal runs", (tied, shares_of_tied, floor)),
        Case("exactly at the floor", (edge, shares_at_edge, floor)),
        Case("none healthy", (ells, np.full(len(ells), 0.1 * floor), floor)),
    )


def _restarts(rng: np.random.Generator) -> tuple[FloatArray, FloatArray, float]:
    n, floor = int(rng.integers(60, 100)), float(10.0 ** rng.uniform(-4, -2))
    ells = -rng.uniform(200.0, 300.0, size=n)
    shares = rng.uniform(0.05, 0.4, size=n)
    collapsed = rng.choice(np.arange(n), size=4, replace=False)
    ells[collapsed[:3]] = -rng.uniform(100.0, 180.0, size=3)  # the highest runs have collapsed
    shares[collapsed] = floor * rng.uniform(0.001, 0.5, size=4)
    shares[collapsed[0]] = 1e-9
    ells[collapsed[0]] = -50.0
    return ells, shares, floor


# --------------------------------------------------------------------------- checks


def _whole(seen: Seen) -> str:
    index = float(seen.returned[INDEX])
    inside = index == np.floor(index) and -1 <= index < len(seen.argument(0))
    return "" if inside else "what came back is no index of a run"


def _same(before: Seen, added: Seen) -> str:
    same = before.returned[INDEX] == added.returned[INDEX]
    return "" if same else "a run that is worse than all others changes the choice"


CHECKS = (
    shapes("One number comes back.", RANDOM, weight=0.5, see=SEE),
    holds("It is the index of a run.", _whole, RETURNS, RANDOM, weight=0.5, see=SEE),
    values("The best run that has not collapsed is chosen.", RETURNS, RANDOM, weight=4, see=SEE),
    values(
        "A run that failed (nan or infinite) is never chosen.",
        RETURNS,
        ("failed runs",),
        weight=1,
        see=SEE,
        numeric=False,
    ),
    values(
        "Of two equally good runs the first is chosen.",
        RETURNS,
        ("equal runs",),
        weight=1,
        see=SEE,
        numeric=False,
    ),
    values(
        "A run exactly at the floor counts as healthy.",
        RETURNS,
        ("exactly at the floor",),
        weight=1,
        see=SEE,
        numeric=False,
    ),
    holds(
        "If no run is healthy, -1 comes back.",
        lambda seen: "" if seen.right(INDEX) else "index is not -1",
        RETURNS,
        ("none healthy",),
        weight=1,
        see=SEE,
    ),
    together(
        "A further run that is worse than all others changes nothing.",
        _same,
        RETURNS,
        ("before", "later runs added"),
        weight=0.5,
        see=SEE,
    ),
)


# --------------------------------------------------------------------------- wrong choices


QUESTION = Question(
    id="starts.best_of_restarts",
    signature="best_of_restarts(log_likelihoods, smallest_shares, floor)",
    returns=RETURNS,
    draw=draw,
    reference=reference,
    checks=CHECKS,
    misconceptions=tuple(wrong),
)
