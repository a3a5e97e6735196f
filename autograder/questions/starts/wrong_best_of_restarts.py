"""What students get wrong in starts.best_of_restarts."""

# mypy: allow-untyped-defs
from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from autograder.questions import Array, Catalogue, FloatArray


def _finite_and_above_floor(log_likelihoods: FloatArray, shares: FloatArray, floor: float) -> Array:
    return (shares >= floor) & np.isfinite(log_likelihoods)


def _highest(log_likelihoods: FloatArray, healthy: Array) -> int:
    return int(np.argmax(np.where(healthy, log_likelihoods, -np.inf)))


def _step_by_step(
    log_likelihoods: FloatArray,
    shares: FloatArray,
    floor: float,
    *,
    select: Callable[[FloatArray, FloatArray, float], Array] = _finite_and_above_floor,
    choose: Callable[[FloatArray, Array], float] = _highest,
    nobody: Callable[[FloatArray], float] = lambda log_likelihoods: -1,
) -> float:
    healthy = select(log_likelihoods, shares, floor)
    return choose(log_likelihoods, healthy) if healthy.any() else nobody(log_likelihoods)


wrong = Catalogue(see="starts-restarts", steps=_step_by_step)


@wrong(step="select")
def collapsed_runs_count(log_likelihoods, shares, floor):
    """Runs that have collapsed are not left out: how high they are means nothing."""
    return np.isfinite(log_likelihoods)


@wrong(step="select", alone=True)
def either_is_enough(log_likelihoods, shares, floor):
    """Your choice is among the runs at or above the floor, or with a finite log-likelihood; a healthy run has
    both: & for |.
    """
    return (shares >= floor) | np.isfinite(log_likelihoods)


@wrong()
def highest_of_all(log_likelihoods, shares, floor):
    """Your choice is np.argmax of all runs: leave out those that collapsed, and those that failed."""
    return np.argmax(log_likelihoods)


@wrong()
def highest_number_of_all(log_likelihoods, shares, floor):
    """Your choice is np.nanargmax of all runs: leave out those that collapsed, and infinity."""
    return np.nanargmax(log_likelihoods)


@wrong()
def only_the_highest_tried(log_likelihoods, shares, floor):
    """Where the highest runs have collapsed -1 comes back, as if only the first one or two were tried: the
    highest of the healthy ones is asked for.
    """
    highest = _highest(log_likelihoods, np.isfinite(log_likelihoods))
    return highest if shares[highest] >= floor else -1


@wrong(step="choose", alone=True)
def zero_for_the_others(log_likelihoods, healthy):
    """Your choice is as if the runs to leave out had 0, or a number near it, for their log-likelihood:
    healthy ones lie lower. Give them -np.inf.
    """
    return np.argmax(np.where(healthy, log_likelihoods, 0.0))


@wrong()
def always_minus_one(log_likelihoods, shares, floor):
    """-1 comes back although some runs are healthy: is it all() for any(), or a floor held against
    log-likelihoods? It is for the shares.
    """
    return -1


@wrong()
def best_begins_at_zero(log_likelihoods, shares, floor):
    """Only a positive log-likelihood is ever chosen: no negative one exceeds a best that begins at 0."""
    healthy = _finite_and_above_floor(log_likelihoods, shares, floor) & (log_likelihoods > 0)
    return _highest(log_likelihoods, healthy) if healthy.any() else -1


def _first_to_begin_with(log_likelihoods: FloatArray, healthy: Array) -> int:
    best = 0
    for run in np.flatnonzero(healthy):
        best = int(run) if log_likelihoods[run] > log_likelihoods[best] else best
    return best


@wrong(step="choose", alone=True)
def first_run_to_begin_with(log_likelihoods, healthy):
    """The search begins with the first run, healthy or not: if it failed, or collapsed higher than all
    others, it stays the best.
    """
    return _first_to_begin_with(log_likelihoods, healthy)


@wrong()
def first_run_whatever_comes(log_likelihoods, shares, floor):
    """The search begins with the first run, healthy or not: it stays the best if it collapsed higher than all
    others, and if no run is healthy.
    """
    return _first_to_begin_with(log_likelihoods, _finite_and_above_floor(log_likelihoods, shares, floor))


@wrong(step="choose", alone=True)
def number_for_minus_infinity(log_likelihoods, healthy):
    """Runs to leave out get a number for their log-likelihood, and that of a healthy run is lower still:
    give them -np.inf.
    """
    return np.argmax(np.where(healthy, log_likelihoods, -1e6))


@wrong(step="choose", alone=True)
def best_begins_at_a_number(log_likelihoods, healthy, least=-1e6):
    """The search begins with a number for the highest log-likelihood, and all of these are lower: begin with
    -np.inf.
    """
    return _highest(log_likelihoods, healthy) if log_likelihoods[healthy].max() > least else -1


wrong(step="choose", alone=True, name="best-begins-at-minus-a-hundred")(
    partial(best_begins_at_a_number, least=-100.0)
)


@wrong(step="choose", alone=True)
def largest_without_sign(log_likelihoods, healthy):
    """The log-likelihood of the largest absolute value is chosen; the highest is asked for, sign and all."""
    return np.argmax(np.where(healthy, np.abs(log_likelihoods), -np.inf))


@wrong(step="choose", alone=True)
def nearest_to_zero(log_likelihoods, healthy):
    """The log-likelihood nearest to 0 is chosen; the highest is asked for, and it may be positive."""
    return np.argmin(np.where(healthy, np.abs(log_likelihoods), np.inf))


@wrong(step="choose", alone=True)
def rounded_before_choosing(log_likelihoods, healthy):
    """The log-likelihoods are rounded or compared with a tolerance; the highest counts, by however little."""
    return _highest(np.round(log_likelihoods, 2), healthy)


@wrong(step="choose", alone=True)
def first_healthy(log_likelihoods, healthy):
    """The first healthy run is chosen; it must be the highest of them."""
    return healthy.argmax()


@wrong(step="select", alone=True)
def collapsed_runs_only(log_likelihoods, shares, floor):
    """Your choice is among the runs below the floor; those are the collapsed ones, and the others count."""
    return (shares < floor) & np.isfinite(log_likelihoods)


@wrong(step="select", alone=True)
def healthy_and_collapsed_swapped(log_likelihoods, shares, floor):
    """The collapsed runs are kept and the healthy ones left out."""
    return (shares <= floor) & np.isfinite(log_likelihoods)


@wrong(step="choose", alone=True)
def lowest_wins(log_likelihoods, healthy):
    """The lowest log-likelihood is chosen; for log-likelihoods higher is better."""
    return np.argmin(np.where(healthy, log_likelihoods, np.inf))


@wrong(step="choose")
def index_among_the_healthy(log_likelihoods, healthy):
    """The index counts only the healthy runs; it must be the position in the whole list."""
    return np.argmax(log_likelihoods[healthy])


@wrong(step="choose")
def value_instead_of_index(log_likelihoods, healthy):
    """The log-likelihood itself is returned instead of its position."""
    return log_likelihoods[healthy].max()


@wrong(step="choose")
def counting_from_one(log_likelihoods, healthy):
    """The position counts from 1; Python counts from 0."""
    return _highest(log_likelihoods, healthy) + 1


@wrong(step="select")
def infinity_chosen(log_likelihoods, shares, floor):
    """An infinite log-likelihood is chosen: np.isnan does not see it, np.isfinite sees both."""
    return (shares >= floor) & ~np.isnan(log_likelihoods)


@wrong(step="select")
def nan_chosen(log_likelihoods, shares, floor):
    """A log-likelihood of nan is chosen: np.isinf does not see it, np.isfinite sees both."""
    return (shares >= floor) & ~np.isinf(log_likelihoods)


@wrong(step="select", alone=True)
def failed_run_chosen(log_likelihoods, shares, floor):
    """A failed run is chosen: np.argmax takes nan or infinity for the largest."""
    return shares >= floor


@wrong(step="choose")
def last_of_equals(log_likelihoods, healthy):
    """Of equally good runs the last one is chosen; it must be the first."""
    ranked = np.where(healthy, log_likelihoods, -np.inf)
    return np.flatnonzero(ranked == ranked.max())[-1]


@wrong(step="select")
def floor_itself_counts_as_collapsed(log_likelihoods, shares, floor):
    """A run exactly at the floor is left out; it is still healthy."""
    return (shares > floor) & np.isfinite(log_likelihoods)


@wrong(step="nobody")
def none_healthy_forgotten(log_likelihoods):
    """If no run is healthy some index is returned all the same; it must be -1."""
    return 0


@wrong(step="choose", alone=True)
def last_healthy(log_likelihoods, healthy):
    """The last healthy run is chosen; it must be the highest of them."""
    return np.flatnonzero(healthy)[-1]


@wrong()
def largest_share_wins(log_likelihoods, shares, floor):
    """The run with the largest smallest share is chosen; among healthy runs the log-likelihood decides."""
    return np.argmax(shares)


@wrong(step="choose", alone=True)
def second_highest(log_likelihoods, healthy):
    """The second highest of the healthy runs is chosen; it must be the highest."""
    ranked = np.argsort(np.where(healthy, log_likelihoods, -np.inf))
    return ranked[-2] if healthy.sum() > 1 else ranked[-1]


@wrong()
def largest_share_of_the_healthy(log_likelihoods, shares, floor):
    """The run with the largest smallest share is chosen; among healthy runs the log-likelihood decides."""
    healthy = _finite_and_above_floor(log_likelihoods, shares, floor)
    return np.argmax(np.where(healthy, shares, -np.inf)) if healthy.any() else -1


@wrong()
def share_times_likelihood(log_likelihoods, shares, floor):
    """Your choice has the highest product (or sum) of log-likelihood and share; a share only says healthy or
    not.
    """
    return int(np.nanargmax(np.where(np.isfinite(log_likelihoods), log_likelihoods * shares, -np.inf)))


for _fixed in (1e-3, 1e-2, 1e-5, 1e-6):

    def _fixed_floor(log_likelihoods, shares, floor, fixed=_fixed):
        """Your choice is as if the shares were held against a floor of its own: use the one that was passed,
        and compare shares and floor as they are.
        """
        return (shares >= fixed) & np.isfinite(log_likelihoods)

    wrong(step="select", alone=True, name=f"floor-of-{_fixed:.0e}")(_fixed_floor)


@wrong()
def failed_runs_count_as_healthy(log_likelihoods, shares, floor):
    """If all runs have collapsed or failed some index is returned all the same. A run that ended at nan, or
    at infinity of either sign, is not healthy.
    """
    healthy = _finite_and_above_floor(log_likelihoods, shares, floor)
    return _highest(log_likelihoods, healthy) if (shares >= floor).any() else -1


@wrong()
def error_if_none_healthy(log_likelihoods, shares, floor):
    """If no run is healthy no number comes back, but None or an error; it must be -1."""
    healthy = _finite_and_above_floor(log_likelihoods, shares, floor)
    return np.flatnonzero(healthy)[np.argmax(log_likelihoods[healthy])]


@wrong(step="nobody", alone=True)
def length_if_none_healthy(log_likelihoods):
    """If no run is healthy some other number than -1 comes back."""
    return len(log_likelihoods)


@wrong()
def stops_at_the_first_failed(log_likelihoods, shares, floor):
    """Your choice is the best before the first run that failed or collapsed; go on behind it."""
    healthy = _finite_and_above_floor(log_likelihoods, shares, floor)
    unhealthy = np.flatnonzero(~healthy)
    end = int(unhealthy[0]) if len(unhealthy) else len(healthy)
    return int(np.argmax(log_likelihoods[:end])) if end else -1


@wrong(step="choose", alone=True)
def looked_up_by_value(log_likelihoods, healthy):
    """The highest value is looked up among all runs; one that collapsed may have it, too, and come first."""
    return np.flatnonzero(log_likelihoods == log_likelihoods[healthy].max())[0]


@wrong(step="choose", alone=True)
def compared_with_the_one_before(log_likelihoods, healthy):
    """Each healthy run is compared with the one before it; compare it with the best so far."""
    runs = np.flatnonzero(healthy)
    rises = np.flatnonzero(np.diff(log_likelihoods[runs]) > 0)
    return runs[rises[-1] + 1] if len(rises) else runs[0]


@wrong()
def highest_if_none_healthy(log_likelihoods, shares, floor):
    """If no run is healthy the highest of all is returned; it must be -1."""
    healthy = _finite_and_above_floor(log_likelihoods, shares, floor)
    return _highest(log_likelihoods, healthy if healthy.any() else np.isfinite(log_likelihoods))


@wrong(step="choose", alone=True)
def lowest_for_the_others(log_likelihoods, healthy):
    """Your choice is as if the runs to leave out had the lowest log-likelihood of all: a healthy run may be
    as low, and come later. Give them -np.inf.
    """
    return np.argmax(np.where(healthy, log_likelihoods, np.nanmin(log_likelihoods)))


@wrong(alone=True)
def larger_share_of_equals(log_likelihoods, shares, floor):
    """Of equally good runs the one with the larger share is chosen; it must be the first."""
    healthy = _finite_and_above_floor(log_likelihoods, shares, floor)
    if not healthy.any():
        return -1
    best = healthy & (log_likelihoods == log_likelihoods[healthy].max())
    return np.argmax(np.where(best, shares, -np.inf))


@wrong(step="choose", alone=True)
def number_of_healthy_runs(log_likelihoods, healthy):
    """The number of the healthy runs is returned; the position of the highest of them is asked for."""
    return np.count_nonzero(healthy)


@wrong(step="nobody", alone=True)
def nan_if_none_healthy(log_likelihoods):
    """If no run is healthy nan comes back; it must be -1."""
    return np.nan


@wrong(step="select", alone=True)
def floor_for_log_likelihoods(log_likelihoods, shares, floor):
    """The floor is held against the log-likelihoods; it is for the shares."""
    return (log_likelihoods >= floor) & np.isfinite(log_likelihoods)


@wrong(step="select", alone=True)
def floor_times_the_largest_share(log_likelihoods, shares, floor):
    """Your choice is as if the floor were a part of the largest share: compare shares and floor directly."""
    return (shares >= floor * np.nanmax(shares)) & np.isfinite(log_likelihoods)


@wrong(alone=True)
def shares_for_log_likelihoods(log_likelihoods, shares, floor):
    """Log-likelihoods and shares have changed places: the first argument holds the log-likelihoods."""
    return _step_by_step(shares, log_likelihoods, floor)


@wrong(step="choose", alone=True)
def multiplied_by_the_mask(log_likelihoods, healthy):
    """Your choice is as if log-likelihoods were multiplied by True and False: 0 lies above a negative one,
    and 0 times infinity is nan. Give the runs to leave out -np.inf.
    """
    return np.argmax(log_likelihoods * healthy)


def _sorted_first(log_likelihoods, shares, floor, descending, short):
    """Of equally good runs not the first is chosen: np.argsort may put any of them in front; np.argmax takes
    the first.
    """
    healthy = _finite_and_above_floor(log_likelihoods, shares, floor)
    if not healthy.any():
        return -1
    places = np.flatnonzero(healthy) if short else np.arange(len(healthy))
    ranked = np.where(healthy, log_likelihoods, -np.inf)[places]
    return int(places[np.argsort(-ranked)[0] if descending else np.argsort(ranked)[-1]])


SORTS = tuple(
    partial(_sorted_first, descending=descending, short=short)
    for descending in (True, False)
    for short in (False, True)
)
wrong(alone=True, name="sorted-first")(SORTS[0])
