"""What students get wrong in labels.match_components."""

from __future__ import annotations

import numpy as np

from autograder.questions import Catalogue
from autograder.questions.labels.match_components import (  # ?? shared
    _by_means,
    _cheapest,
    _greedy,
    _nearest_each,
    _table,
    match_components,
)

wrong = Catalogue(see="labels-matching")


@wrong()
def means_only(m, C, o, D):
    """Only the means are compared; shapes count too, and units must not."""
    return _by_means(m, C, o, D)


@wrong()
def greedy(m, C, o, D):
    """Each component takes the nearest that is left; the *sum* must be smallest."""
    return _greedy(m, C, o, D)


@wrong()
def nearest_twice(m, C, o, D):
    """Each component takes the nearest one, so that some are taken twice."""
    return _nearest_each(m, C, o, D)


@wrong()
def inverse_permutation(m, C, o, D):
    """The answer is the other way round: entry k must say which of the others component k is."""
    return np.argsort(match_components(m, C, o, D))


@wrong()
def sorted_by_first_feature(m, C, o, D):
    """Both fits are sorted by their first feature; close or crossing components get mixed up."""
    return np.argsort(o[:, 0])[np.argsort(np.argsort(m[:, 0]))]


@wrong()
def order_kept(m, C, o, D):
    """The components are taken in the order in which they come."""
    return np.arange(len(m))


@wrong()
def largest_distance(m, C, o, D):
    """The summed distance is made as large as possible."""
    return _cheapest(-_table(m, C, o, D))
