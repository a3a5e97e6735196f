"""What students get wrong in starts.best_of_restarts."""

from __future__ import annotations

import numpy as np

from autograder.questions import Catalogue, FloatArray
from autograder.questions.starts.best_of_restarts import reference  # ?? shared


def _collapsed_too(ells: FloatArray, shares: FloatArray, floor: float) -> int:
    return int(np.nanargmax(np.where(np.isfinite(ells), ells, np.nan)))


wrong = Catalogue(see="starts-restarts")


@wrong()
def collapsed_runs_count(ells, shares, floor):
    """The highest run wins although it has collapsed: its height means nothing."""
    return _collapsed_too(ells, shares, floor)


@wrong()
def highest_of_all(ells, shares, floor):
    """np.argmax looks at all runs: leave out those that collapsed, and those that failed."""
    return int(np.argmax(ells))


@wrong()
def highest_number_of_all(ells, shares, floor):
    """np.nanargmax looks at all runs but nan: leave out those that collapsed, and infinity."""
    return int(np.nanargmax(ells))


@wrong()
def only_the_highest_tried(ells, shares, floor):
    """Only the highest run is tried; if it has collapsed, the highest of the others is asked for."""
    highest = _collapsed_too(ells, shares, floor)
    return highest if shares[highest] >= floor else -1


@wrong()
def zero_for_the_others(ells, shares, floor):
    """Runs to leave out need -np.inf: 0 lies above a negative log-likelihood, and np.argmax takes nan for the
    largest.
    """
    healthy = (shares >= floor) & np.isfinite(ells)
    return int(np.argmax(np.where(healthy, ells, 0.0))) if healthy.any() else -1


@wrong()
def always_minus_one(ells, shares, floor):
    """-1 comes back although some runs are healthy: does the best begin at 0, or is it all() where it should
    be any()?
    """
    return -1


@wrong()
def first_healthy(ells, shares, floor):
    """The first healthy run is chosen; it must be the highest of them."""
    healthy = (shares >= floor) & np.isfinite(ells)
    return int(healthy.argmax()) if healthy.any() else -1


@wrong()
def healthy_and_collapsed_swapped(ells, shares, floor):
    """The collapsed runs are kept and the healthy ones left out."""
    return reference(ells, -shares, -floor)


@wrong()
def lowest_wins(ells, shares, floor):
    """The lowest log-likelihood is chosen; for log-likelihoods higher is better."""
    healthy = (shares >= floor) & np.isfinite(ells)
    return int(np.argmin(np.where(healthy, ells, np.inf))) if healthy.any() else -1


@wrong()
def index_among_the_healthy(ells, shares, floor):
    """The index counts only the healthy runs; it must be the position in the whole list."""
    healthy = (shares >= floor) & np.isfinite(ells)
    return int(np.argmax(ells[healthy])) if healthy.any() else -1


@wrong()
def value_instead_of_index(ells, shares, floor):
    """The log-likelihood itself is returned instead of its position."""
    index = reference(ells, shares, floor)
    return float(ells[index]) if index >= 0 else -1.0


@wrong()
def counting_from_one(ells, shares, floor):
    """The position counts from 1; Python counts from 0."""
    index = reference(ells, shares, floor)
    return index + 1 if index >= 0 else -1


@wrong()
def infinity_chosen(ells, shares, floor):
    """np.isnan does not see infinity; np.isfinite sees both."""
    healthy = (shares >= floor) & ~np.isnan(ells)
    return int(np.argmax(np.where(healthy, ells, -np.inf))) if healthy.any() else -1


@wrong()
def failed_run_chosen(ells, shares, floor):
    """np.argmax takes nan or infinity for the largest: leave such runs out."""
    healthy = shares >= floor
    return int(np.argmax(np.where(healthy, ells, -np.inf))) if healthy.any() else -1


@wrong()
def last_of_equals(ells, shares, floor):
    """Of equally good runs the last one is chosen; it must be the first."""
    healthy = (shares >= floor) & np.isfinite(ells)
    ranked = np.where(healthy, ells, -np.inf)
    return int(np.flatnonzero(ranked == ranked.max())[-1]) if healthy.any() else -1


@wrong()
def floor_itself_counts_as_collapsed(ells, shares, floor):
    """A run exactly at the floor is left out; it is still healthy."""
    return reference(ells, np.where(shares > floor, shares, -1.0), floor)


@wrong()
def none_healthy_forgotten(ells, shares, floor):
    """If no run is healthy some index is returned all the same; it must be -1."""
    healthy = (shares >= floor) & np.isfinite(ells)
    return int(np.argmax(np.where(healthy, ells, -np.inf)))
