"""What students get wrong in capstone.percentile_interval."""

# mypy: allow-untyped-defs
from __future__ import annotations

import numpy as np

from autograder.questions import Catalogue

wrong = Catalogue(see="capstone")


@wrong()
def whole_error_on_each_side(replicates, level):
    """1 - level is cut off on each side; together it must be 1 - level, so half on each."""
    return tuple(np.quantile(replicates, [1 - level, level]))


@wrong()
def per_cent_for_shares(replicates, level):
    """np.percentile counts from 0 to 100; np.quantile takes shares from 0 to 1."""
    return tuple(np.percentile(replicates, [(1 - level) / 2, (1 + level) / 2]))


@wrong()
def upper_end_at_level(replicates, level):
    """The upper end is the quantile level; it must be (1 + level) / 2."""
    return tuple(np.quantile(replicates, [(1 - level) / 2, level]))


@wrong()
def always_ninety_five(replicates, level):
    """These are the quantiles for a level of 0.95, whatever was passed."""
    return tuple(np.quantile(replicates, [0.025, 0.975]))


@wrong()
def always_ninety(replicates, level):
    """These are the quantiles for a level of 0.9, whatever was passed."""
    return tuple(np.quantile(replicates, [0.05, 0.95]))


@wrong()
def one_sided(replicates, level):
    """Everything is cut off on one side."""
    return replicates.min(), np.quantile(replicates, level)


@wrong()
def level_as_quantiles(replicates, level):
    """The quantiles level/2 and 1 - level/2 are taken: 1 - level was meant."""
    return tuple(np.quantile(replicates, [level / 2, 1 - level / 2]))


@wrong()
def two_deviations(replicates, level):
    """This is the mean ± 1.96 deviations; replicates need not be normal."""
    middle, width = replicates.mean(), 1.96 * replicates.std()
    return middle - width, middle + width


@wrong()
def smallest_and_largest(replicates, level):
    """These are the extremes of the replicates; the level is not used."""
    return replicates.min(), replicates.max()


@wrong()
def ends_swapped(replicates, level):
    """The upper end comes first; the lower one should."""
    return tuple(np.quantile(replicates, [(1 + level) / 2, (1 - level) / 2]))


@wrong()
def not_sorted(replicates, level):
    """The replicates are not sorted before their positions are read off."""
    n = len(replicates)
    return replicates[int((1 - level) / 2 * n)], replicates[int((1 + level) / 2 * n) - 1]
