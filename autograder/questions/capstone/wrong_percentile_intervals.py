"""What students get wrong in capstone.percentile_interval."""

from __future__ import annotations

import numpy as np

from autograder.questions import Catalogue
from autograder.questions.capstone.percentile_interval import reference  # ?? shared

wrong = Catalogue(see="capstone")


@wrong()
def whole_error_on_each_side(R, level):
    """1 - level is cut off on each side; together it must be 1 - level, so half on each."""
    return tuple(np.quantile(R, [1 - level, level]))


@wrong()
def per_cent_for_shares(R, level):
    """np.percentile counts from 0 to 100; np.quantile takes shares from 0 to 1."""
    return tuple(np.percentile(R, [(1 - level) / 2, (1 + level) / 2]))


@wrong()
def upper_end_at_level(R, level):
    """The upper end is the quantile level; it must be (1 + level) / 2."""
    return tuple(np.quantile(R, [(1 - level) / 2, level]))


@wrong()
def always_ninety_five(R, level):
    """These are the quantiles for a level of 0.95, whatever was passed."""
    return tuple(np.quantile(R, [0.025, 0.975]))


@wrong()
def always_ninety(R, level):
    """These are the quantiles for a level of 0.9, whatever was passed."""
    return tuple(np.quantile(R, [0.05, 0.95]))


@wrong()
def one_sided(R, level):
    """Everything is cut off on one side."""
    return (R.min(), np.quantile(R, level))


@wrong()
def level_as_quantiles(R, level):
    """The quantiles level/2 and 1 - level/2 are taken: 1 - level was meant."""
    return tuple(np.quantile(R, [level / 2, 1 - level / 2]))


@wrong()
def two_deviations(replicates, level):
    """This is the mean ± 1.96 deviations; replicates need not be normal."""
    # mean ± 1.96 standard deviations, whatever the level.
    middle, width = float(replicates.mean()), 1.96 * float(replicates.std())
    return middle - width, middle + width


@wrong()
def smallest_and_largest(R, level):
    """These are the extremes of the replicates; the level is not used."""
    return (R.min(), R.max())


@wrong()
def ends_swapped(R, level):
    """The upper end comes first; the lower one should."""
    return reference(R, level)[::-1]


@wrong()
def not_sorted(R, level):
    """The replicates are not sorted before their positions are read off."""
    return (R[int((1 - level) / 2 * len(R))], R[int((1 + level) / 2 * len(R)) - 1])
