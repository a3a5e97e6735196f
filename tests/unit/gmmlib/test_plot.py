"""Pictures draw what they were given, on the Axes they were given, and nothing else."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from matplotlib.figure import Figure

from gmmlib import InvalidInputError, Mixture, datasets, fit, plot

X = datasets.old_faithful()
MIXTURE = fit(X, 2).mixture
LINE = Mixture(np.ones(1), np.zeros((1, 1)), np.ones((1, 1, 1)))


def test_every_picture_is_drawn_on_the_given_axes_without_pyplot():
    before = "matplotlib.pyplot" in sys.modules
    ax = Figure().add_subplot()
    R = MIXTURE.responsibilities(X)
    assert plot.ellipses(MIXTURE, ax) is ax
    assert plot.responsibilities(X, R, ax) is ax
    assert plot.responsibility_map(MIXTURE, ax, X=X) is ax
    assert plot.log_likelihood([1.0, 2.0], ax) is ax
    assert plot.density(LINE, ax, X=np.zeros((3, 1)) + [[0.0], [1.0], [2.0]][0]) is ax
    assert ("matplotlib.pyplot" in sys.modules) == before


def test_an_outline_lies_at_its_mahalanobis_distance():
    outline = plot.ellipse_outline(MIXTURE.means[0], MIXTURE.covariances[0], 2.0)
    offsets = outline - MIXTURE.means[0]
    distances = np.einsum("ni,ij,nj->n", offsets, np.linalg.inv(MIXTURE.covariances[0]), offsets)
    np.testing.assert_allclose(distances, 4.0)


def test_a_sure_point_has_its_components_colour_and_an_unsure_one_the_mean():
    hues = plot.colours(2)
    mixed = plot.mixed_colours(np.array([[1.0, 0.0], [0.5, 0.5]]))
    np.testing.assert_allclose(mixed, [hues[0], hues.mean(axis=0)])


def test_traces_are_drawn_one_many_or_named():
    assert len(plot.log_likelihood([1.0, 2.0, 3.0]).lines) == 1
    assert len(plot.log_likelihood([[1.0, 2.0], [0.0, 3.0, 4.0]]).lines) == 2
    assert plot.log_likelihood({"plain": [1.0, 2.0], "fast": [1.0, 3.0]}).get_legend() is not None


def test_the_best_of_the_criterion_curves_is_ringed():
    ax = plot.criterion_curves({"full": {1: 5.0, 2: 3.0}, "tied": {1: 4.0, 2: np.nan}})
    ring = ax.lines[-1]
    assert (ring.get_xdata()[0], ring.get_ydata()[0]) == (2, 3.0)


@pytest.mark.parametrize(
    "call",
    [
        lambda: plot.ellipses(LINE),
        lambda: plot.responsibility_map(LINE),
        lambda: plot.density(MIXTURE),
        lambda: plot.responsibilities(X, np.ones((3, 2))),
    ],
)
def test_what_cannot_be_drawn_is_refused(call):
    with pytest.raises(InvalidInputError):
        call()
