"""starts.best_of_restarts: inputs and checks."""

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
Call = tuple[FloatArray, FloatArray, float]


def reference(log_likelihoods: FloatArray, smallest_shares: FloatArray, floor: float) -> int:
    """Return the index of the highest finite log-likelihood among the runs that did not collapse.

    Of equals it is the first; -1 if there is none.
    """
    healthy = (smallest_shares >= floor) & np.isfinite(log_likelihoods)
    if not healthy.any():
        return -1
    return int(np.argmax(np.where(healthy, log_likelihoods, -np.inf)))


# --------------------------------------------------------------------------- inputs


def draw(rng: np.random.Generator) -> tuple[Case, ...]:
    """Draw sixty to a hundred restarts, the highest collapsed; then ties, failed runs and nothing healthy.

    In two tables the last and the first run are the best; in the last two some log-likelihoods are positive.
    Where the last is the best, the first is the highest, and has collapsed.
    """
    cases = [Case(RANDOM[0], _restarts(rng, higher_by=-1e7))]  # lower than whatever one may begin with
    cases += [Case(name, _restarts(rng)) for name in RANDOM[1:-4]]
    cases += [
        Case(RANDOM[-4], _first_collapsed(_restarts(rng, best=-1))),
        Case(RANDOM[-3], _restarts(rng, best=0)),
    ]
    cases += [Case(name, _restarts(rng, higher_by=250.0)) for name in RANDOM[-2:]]
    log_likelihoods, shares, floor = _restarts(rng)
    failed, shares_of_failed = log_likelihoods.copy(), shares.copy()
    failed[:5] = -rng.uniform(200.0, 300.0, size=5)  # one that had collapsed shall not be as high as the best
    failed[rng.integers(3)] = np.nan
    failed[4] = np.inf
    shares_of_failed[:5] = 0.2  # failed, but no share shows it
    tied, shares_of_tied = log_likelihoods.copy(), shares.copy()
    first, second = sorted(rng.choice(np.arange(5, 60), size=2, replace=False).tolist())
    tied[[first, second]] = log_likelihoods.max() + 1.0
    shares_of_tied[[first, second]] = 0.2
    edge, shares_at_edge = log_likelihoods.copy(), shares.copy()
    at = int(rng.integers(5, 60))
    edge[at], shares_at_edge[at] = log_likelihoods.max() + 2.0, floor
    worse = log_likelihoods.min() - 5.0
    alone = np.append(-np.inf, log_likelihoods)  # the first failed, all others collapsed
    return (
        *cases,
        Case("later runs added", (np.append(log_likelihoods, worse), np.append(shares, 0.3), floor)),
        Case("before", (log_likelihoods, shares, floor)),
        Case("failed runs", (failed, shares_of_failed, floor)),
        Case("a failed run left", (alone, np.append(0.2, np.full(len(shares), 0.1 * floor)), floor)),
        Case("positive log-likelihoods", (log_likelihoods + 250.0, shares, floor)),
        Case("equal runs", (tied, shares_of_tied, floor)),
        Case("exactly at the floor", (edge, shares_at_edge, floor)),
        Case("none healthy", (log_likelihoods, np.full(len(log_likelihoods), 0.1 * floor), floor)),
        Case("collapsed and failed runs only", _none_left(rng, (log_likelihoods, shares, floor))),
    )


def _first_collapsed(restarts: Call) -> Call:
    """Let the first run be the highest of all, and collapsed: a search must not begin with it."""
    log_likelihoods, shares, floor = restarts
    log_likelihoods[0], shares[0] = -20.0, 1e-3 * floor
    return restarts


def _none_left(rng: np.random.Generator, restarts: Call) -> Call:
    """Let all runs fail that have not collapsed: nan, infinity and minus infinity, each at least once."""
    log_likelihoods, shares, floor = restarts
    kinds = rng.permutation(np.resize([np.nan, np.inf, -np.inf], len(shares)))
    return np.where(shares >= floor, kinds, log_likelihoods), shares, floor


def _restarts(rng: np.random.Generator, best: int | None = None, higher_by: float = 0.0) -> Call:
    """Draw restarts, the best of the healthy ones here or anywhere; one is worse by a millionth, and one that
    collapsed is as high. Where they can, these two stand before it.
    """
    n = int(rng.integers(60, 100))
    floor = float(
        np.float32(1e-4 * rng.integers(1, 18) + 1.2345e-5)
    )  # less if rounded to 4, 5, 6 or 7 digits
    log_likelihoods = -rng.uniform(200.0, 300.0, size=n)
    shares = rng.uniform(0.05, 0.4, size=n)
    *collapsed, a, b, c = rng.choice(np.arange(1, n - 1), size=6, replace=False).tolist()
    twin, before, after = sorted((a, b, c))
    collapsed.append(twin)
    log_likelihoods[collapsed[:3]] = -rng.uniform(100.0, 180.0, size=3)  # the highest runs have collapsed
    shares[collapsed] = floor * rng.uniform(0.001, 0.5, size=4)
    shares[collapsed[:2]] = 1e-9, 0.999 * floor
    log_likelihoods[collapsed[0]] = -50.0
    highest = after if best is None else best
    log_likelihoods[before] = -float(rng.integers(190, 200)) - 0.25  # rounded, it is as high as the best
    log_likelihoods[[twin, highest]] = log_likelihoods[before] + 1e-6  # as high as the best, and collapsed
    shares[highest] = 1.5 * floor  # another floor would not do
    return log_likelihoods + higher_by, shares, floor


# --------------------------------------------------------------------------- checks


def _index_of_a_run(seen: Seen) -> str:
    index = float(seen.returned[INDEX])
    inside = index == np.floor(index) and -1 <= index < len(seen.argument(0))
    return "" if inside else "what came back is no index of a run"


def _minus_one(seen: Seen) -> str:
    return "" if seen.right(INDEX) else "index is not -1"


def _same_choice(before: Seen, added: Seen) -> str:
    same = before.returned[INDEX] == added.returned[INDEX]
    return "" if same else "a run that is worse than all others changes the choice"


CHECKS = (
    shapes("One number comes back.", RANDOM, weight=0.5, see=SEE),
    holds("It is the index of a run.", _index_of_a_run, RETURNS, RANDOM, weight=0.5, see=SEE),
    values("The best run that has not collapsed is chosen.", RETURNS, RANDOM, weight=4, see=SEE),
    values(
        "A run that failed (nan or infinite) is never chosen.",
        RETURNS,
        ("failed runs", "a failed run left"),
        weight=1,
        see=SEE,
        numeric=False,
    ),
    values(
        "Log-likelihoods above 0 come out right, too.",
        RETURNS,
        ("positive log-likelihoods",),
        weight=0.5,
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
        _minus_one,
        RETURNS,
        ("none healthy", "collapsed and failed runs only"),
        weight=1,
        see=SEE,
    ),
    together(
        "A further run that is worse than all others changes nothing.",
        _same_choice,
        RETURNS,
        ("before", "later runs added"),
        weight=0.5,
        see=SEE,
    ),
)


QUESTION = Question(
    id="starts.best_of_restarts",
    signature="best_of_restarts(log_likelihoods, smallest_shares, floor)",
    returns=RETURNS,
    draw=draw,
    reference=reference,
    checks=CHECKS,
    misconceptions=tuple(wrong),
)
