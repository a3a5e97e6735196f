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
from autograder.questions.starts.wrong_best_of_restarts import SORTS, wrong

INDEX = Part("index", "one number", exact, index_of="restarts")
RETURNS = (INDEX,)
RANDOM = tuple(f"random restarts {number}" for number in range(1, 9))
SEE = "starts-restarts"
MOST_DRAWS = 3000  # of equal runs, until no sort is right by accident
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
    failed[:5] = log_likelihoods.min() - 1.0  # none of them is as high as the best, whoever that is
    failed[rng.integers(3)] = np.nan
    failed[4] = np.inf
    shares_of_failed[:5] = 0.2  # failed, but no share shows it
    edge, shares_at_edge = log_likelihoods.copy(), shares.copy()
    at = int(rng.integers(5, 60))
    edge[at], shares_at_edge[at] = log_likelihoods.max() + 2.0, floor
    worse = log_likelihoods.min() - 5.0
    alone = np.append(-np.inf, log_likelihoods)  # the first failed, all others collapsed
    return (
        *cases,
        Case("one healthy run", _lowest_left(rng, log_likelihoods, shares, floor)),
        Case("later runs added", (np.append(log_likelihoods, worse), np.append(shares, 0.3), floor)),
        Case("before", (log_likelihoods, shares, floor)),
        Case("failed runs", (failed, shares_of_failed, floor)),
        Case("an infinite run", (np.append(log_likelihoods, np.inf), np.append(shares, 0.2), floor)),
        Case("a failed run that collapsed, too", _failed_first(log_likelihoods, shares, floor)),
        Case("a failed run left", (alone, np.append(0.2, np.full(len(shares), 0.1 * floor)), floor)),
        Case("positive log-likelihoods", (log_likelihoods + 250.0, shares, floor)),
        Case("equal runs", _equal(rng, log_likelihoods, shares, floor)),
        Case("exactly at the floor", (edge, shares_at_edge, floor)),
        Case("none healthy", (log_likelihoods, np.full(len(log_likelihoods), 0.1 * floor), floor)),
        Case("collapsed and failed runs only", _none_left(rng, (log_likelihoods, shares, floor))),
    )


def _first_collapsed(restarts: Call) -> Call:
    """Let the first run be the highest of all, and collapsed: a search must not begin with it."""
    log_likelihoods, shares, floor = restarts
    log_likelihoods[0], shares[0] = -20.0, 1e-3 * floor
    return restarts


def _failed_first(log_likelihoods: FloatArray, shares: FloatArray, floor: float) -> Call:
    """Let the first run fail and have collapsed besides: who asks for one of the two alone leaves it out."""
    return np.append(np.nan, log_likelihoods), np.append(0.1 * floor, shares), floor


def _lowest_left(
    rng: np.random.Generator, log_likelihoods: FloatArray, shares: FloatArray, floor: float
) -> Call:
    """Let one run be healthy, in the middle of the list, and lower than all that collapsed."""
    left = np.arange(len(shares)) == rng.integers(5, 55)
    lowest = log_likelihoods.min() - 7.0
    return np.where(left, lowest, log_likelihoods), np.where(left, 0.2, 0.1 * floor), floor


def _equal(rng: np.random.Generator, log_likelihoods: FloatArray, shares: FloatArray, floor: float) -> Call:
    """Let twenty runs be the best; the first has neither the largest share nor the smallest.

    Neither the first of them, nor the last, nor the one with the largest share is what a sort puts in front:
    which of equals that is depends on the machine and on the draw, and shall not decide on points.
    """
    size, best = 20, log_likelihoods.max() + 1.0
    for _ in range(MOST_DRAWS):
        order = rng.permutation(len(shares))
        tied, shares_of_tied = log_likelihoods[order], shares[order]
        equals = np.sort(rng.choice(np.arange(5, 60), size=size, replace=False))
        tied[equals] = best
        shares_of_tied[equals] = [0.25, 0.3, 0.2, *rng.uniform(0.21, 0.29, size - 3)]
        telling = {*equals[[0, 1, 2, -1]]}
        if all(sort(tied, shares_of_tied, floor) not in telling for sort in SORTS):
            break
    return tied, shares_of_tied, floor


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
    log_likelihoods[collapsed[1:3]] = np.sort(-rng.uniform(100.0, 180.0, size=2))
    shares[collapsed] = floor * rng.uniform(0.001, 0.5, size=4)  # the highest runs have collapsed
    shares[collapsed[:3]] = 1e-9, 0.999 * floor, 1e-3 * floor  # the last lies between floor² and 1e-6
    log_likelihoods[collapsed[0]] = -50.0
    highest = after if best is None else best
    log_likelihoods[before] = -float(rng.integers(190, 200)) - 0.25  # rounded, it is as high as the best
    log_likelihoods[[twin, highest]] = log_likelihoods[before] + 1e-6  # as high as the best, and collapsed
    shares[highest] = 1.5 * floor  # another floor would not do
    if best is not None:
        shares[before] = 1.2 * floor  # the smallest share of the healthy ones is not that of the best
    return log_likelihoods + higher_by, shares, floor


# --------------------------------------------------------------------------- checks


def _index_of_a_run(seen: Seen) -> str:
    index = float(seen.returned[INDEX])
    inside = index == np.floor(index) and -1 <= index < len(seen.argument(0))
    return "" if inside else "what came back is no index of a run"


def _minus_one(seen: Seen) -> str:
    return "" if seen.right(INDEX) else "index is not -1"


def _same_choice(before: Seen, added: Seen) -> str:
    if no_index := _index_of_a_run(before) or _index_of_a_run(added):
        return no_index  # a log-likelihood that is returned changes, and not the choice
    same = before.returned[INDEX] == added.returned[INDEX]
    return "" if same else "a run that is worse than all others changes the choice"


CHECKS = (
    shapes("One number comes back.", RANDOM, weight=0.5, see=SEE),
    holds("It is the index of a run.", _index_of_a_run, RETURNS, RANDOM, weight=0.5, see=SEE),
    values(
        "The best run that has not collapsed is chosen.",
        RETURNS,
        (*RANDOM, "one healthy run"),
        weight=4,
        see=SEE,
    ),
    values(
        "A run that failed (nan or infinite) is never chosen.",
        RETURNS,
        ("failed runs", "an infinite run", "a failed run that collapsed, too", "a failed run left"),
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
