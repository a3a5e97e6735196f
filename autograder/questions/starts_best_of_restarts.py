"""starts.best_of_restarts: inputs, checks and the catalogue of wrong choices."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.questions.comparing import Seen, holds, shapes, together, values
from autograder.values import Case, FloatArray, Misconception, Question

RETURNS = ("index",)
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
    shares_of_failed[:5] = 0.2                                      # failed, but no share tells it
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
    ells[collapsed[:3]] = -rng.uniform(100.0, 180.0, size=3)        # the highest runs have collapsed
    shares[collapsed] = floor * rng.uniform(0.001, 0.5, size=4)
    shares[collapsed[0]] = 1e-9
    ells[collapsed[0]] = -50.0
    return ells, shares, floor


# --------------------------------------------------------------------------- checks


def _whole(seen: Seen) -> str:
    index = float(seen.returned["index"])
    inside = index == np.floor(index) and -1 <= index < len(seen.argument(0))
    return "" if inside else "what came back is no index of a run"


def _same(before: Seen, added: Seen) -> str:
    same = before.returned["index"] == added.returned["index"]
    return "" if same else "a run that is worse than all others changes the choice"


CHECKS = (
    shapes("One number comes back.", RETURNS, RANDOM, weight=0.5, see=SEE),
    holds("It is the index of a run.", _whole, RETURNS, RANDOM, weight=0.5, see=SEE),
    values("The best run that has not collapsed is chosen.", RETURNS, RANDOM, weight=4, see=SEE),
    values("A run that failed (nan or infinite) is never chosen.", RETURNS, ("failed runs",), weight=1,
           see=SEE,
           numeric=False),
    values("Of two equally good runs the first is chosen.", RETURNS, ("equal runs",), weight=1, see=SEE,
           numeric=False),
    values("A run exactly at the floor counts as healthy.", RETURNS, ("exactly at the floor",), weight=1,
           see=SEE, numeric=False),
    holds("If no run is healthy, -1 comes back.",
          lambda seen: "" if seen.right("index") else "index is not -1", RETURNS, ("none healthy",), weight=1,
          see=SEE),
    together("A further run that is worse than all others changes nothing.", _same, RETURNS,
             ("before", "later runs added"), weight=0.5, see=SEE),
)


# --------------------------------------------------------------------------- wrong choices


def _collapsed_too(ells: FloatArray, shares: FloatArray, floor: float) -> int:
    return int(np.nanargmax(np.where(np.isfinite(ells), ells, np.nan)))


def _only_the_highest(ells: FloatArray, shares: FloatArray, floor: float) -> int:
    highest = _collapsed_too(ells, shares, floor)
    return highest if shares[highest] >= floor else -1


def _zero_for_the_others(ells: FloatArray, shares: FloatArray, floor: float) -> int:
    healthy = (shares >= floor) & np.isfinite(ells)
    return int(np.argmax(np.where(healthy, ells, 0.0))) if healthy.any() else -1


def _infinity_chosen(ells: FloatArray, shares: FloatArray, floor: float) -> int:
    healthy = (shares >= floor) & ~np.isnan(ells)
    return int(np.argmax(np.where(healthy, ells, -np.inf))) if healthy.any() else -1


def _from_one(ells: FloatArray, shares: FloatArray, floor: float) -> int:
    index = reference(ells, shares, floor)
    return index + 1 if index >= 0 else -1


def _first_healthy(ells: FloatArray, shares: FloatArray, floor: float) -> int:
    healthy = (shares >= floor) & np.isfinite(ells)
    return int(healthy.argmax()) if healthy.any() else -1


def _lowest(ells: FloatArray, shares: FloatArray, floor: float) -> int:
    healthy = (shares >= floor) & np.isfinite(ells)
    return int(np.argmin(np.where(healthy, ells, np.inf))) if healthy.any() else -1


def _among_the_healthy(ells: FloatArray, shares: FloatArray, floor: float) -> int:
    healthy = (shares >= floor) & np.isfinite(ells)
    return int(np.argmax(ells[healthy])) if healthy.any() else -1


def _value(ells: FloatArray, shares: FloatArray, floor: float) -> float:
    index = reference(ells, shares, floor)
    return float(ells[index]) if index >= 0 else -1.0


def _nan_first(ells: FloatArray, shares: FloatArray, floor: float) -> int:
    healthy = shares >= floor
    return int(np.argmax(np.where(healthy, ells, -np.inf))) if healthy.any() else -1


def _last_of_equals(ells: FloatArray, shares: FloatArray, floor: float) -> int:
    healthy = (shares >= floor) & np.isfinite(ells)
    ranked = np.where(healthy, ells, -np.inf)
    return int(np.flatnonzero(ranked == ranked.max())[-1]) if healthy.any() else -1


def _strictly_above(ells: FloatArray, shares: FloatArray, floor: float) -> int:
    return reference(ells, np.where(shares > floor, shares, -1.0), floor)


def _below_floor(ells: FloatArray, shares: FloatArray, floor: float) -> int:
    return reference(ells, -shares, -floor)


def _never_minus_one(ells: FloatArray, shares: FloatArray, floor: float) -> int:
    healthy = (shares >= floor) & np.isfinite(ells)
    return int(np.argmax(np.where(healthy, ells, -np.inf)))


def _wrong(name: str, sentence: str, implementation: Callable[..., float]) -> Misconception:
    return Misconception(name, sentence, SEE, implementation)


MISCONCEPTIONS = (
    _wrong("collapsed-runs-count",
           "The highest run wins although it has collapsed: its height means nothing.",
           _collapsed_too),
    _wrong("highest-of-all",
           "np.argmax looks at all runs: leave out those that collapsed, and those that failed.",
           lambda ells, shares, floor: int(np.argmax(ells))),
    _wrong("highest-number-of-all",
           "np.nanargmax looks at all runs but nan: leave out those that collapsed, and infinity.",
           lambda ells, shares, floor: int(np.nanargmax(ells))),
    _wrong("only-the-highest-tried",
           "Only the highest run is tried; if it has collapsed, the highest of the others is asked for.",
           _only_the_highest),
    _wrong("zero-for-the-others",
           "Runs to leave out need -np.inf: 0 lies above a negative log-likelihood, and np.argmax takes nan "
           "for the largest.",
           _zero_for_the_others),
    _wrong("always-minus-one",
           "-1 comes back although some runs are healthy: does the best begin at 0, or is it all() where it "
           "should be any()?",
           lambda ells, shares, floor: -1),
    _wrong("first-healthy", "The first healthy run is chosen; it must be the highest of them.",
           _first_healthy),
    _wrong("healthy-and-collapsed-swapped", "The collapsed runs are kept and the healthy ones left out.",
           _below_floor),
    _wrong("lowest-wins", "The lowest log-likelihood is chosen; for log-likelihoods higher is better.",
           _lowest),
    _wrong("index-among-the-healthy",
           "The index counts only the healthy runs; it must be the position in the whole list.",
           _among_the_healthy),
    _wrong("value-instead-of-index", "The log-likelihood itself is returned instead of its position.",
           _value),
    _wrong("counting-from-one", "The position counts from 1; Python counts from 0.", _from_one),
    _wrong("infinity-chosen", "np.isnan does not see infinity; np.isfinite sees both.", _infinity_chosen),
    _wrong("failed-run-chosen", "np.argmax takes nan or infinity for the largest: leave such runs out.",
           _nan_first),
    _wrong("last-of-equals", "Of equally good runs the last one is chosen; it must be the first.",
           _last_of_equals),
    _wrong("floor-itself-counts-as-collapsed", "A run exactly at the floor is left out; it is still healthy.",
           _strictly_above),
    _wrong("none-healthy-forgotten",
           "If no run is healthy some index is returned all the same; it must be -1.",
           _never_minus_one),
)

BEST_OF_RESTARTS = Question(
    id="starts.best_of_restarts",
    signature="best_of_restarts(log_likelihoods, smallest_shares, floor)",
    returns=RETURNS,
    draw=draw,
    reference=reference,
    checks=CHECKS,
    misconceptions=MISCONCEPTIONS,
)
