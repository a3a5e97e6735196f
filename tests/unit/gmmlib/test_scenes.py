"""Numbers of the pictures that move, against what they must be."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from gmmlib import InvalidInputError, fit, scenes
from gmmlib.cures import Floor
from gmmlib.datasets import galaxies, old_faithful

X = old_faithful()
MEANS = np.array([[2.0, 55.0], [4.3, 80.0]])


def test_the_path_of_em_climbs_to_the_two_kinds_of_eruption():
    path = scenes.em_path(X, scenes.round_start(X, MEANS), 30)
    values = [scene.value for scene in path]
    assert len(path) == 31
    assert np.all(np.diff(values) >= -1e-9)
    assert values[-1] == pytest.approx(-1130.26, abs=0.01)  # R package mclust, VVV with two components
    assert path[0].mixture is not None
    np.testing.assert_allclose(path[0].mixture.means, MEANS)


def test_thirty_steps_from_the_four_places_of_the_page_are_not_yet_the_end():
    places = np.array([[2.5, 90.0], [3.2, 90.0], [4.6, 50.0], [1.8, 80.0]])
    start = scenes.round_start(X, places)
    end = fit(X, start, cure=scenes.FLOOR, tol=1e-7, max_iter=5000).log_likelihood
    assert scenes.em_path(X, start, 30)[-1].value < end - 1.0


def test_equal_widths_give_the_responsibilities_of_two_round_gaussians():
    scene = scenes.shared_width(X, MEANS, 0.5)
    densities = [multivariate_normal(mean, np.diag((0.5 * X.std(axis=0)) ** 2)).pdf(X) for mean in MEANS]
    expected = np.stack(densities, axis=1) / np.sum(densities, axis=0)[:, None]
    np.testing.assert_allclose(scene.responsibilities, expected, atol=1e-12)
    unsure = np.mean(expected.max(axis=1) < 0.9)
    assert f"{unsure:.0%} of the points" in scene.sentence


def test_a_component_on_a_point_gains_log_ten_in_two_dimensions_for_each_hundredth_of_its_variance():
    narrow, narrower = (scenes.shrunk_onto(X, 100, share).value for share in (1e-8, 1e-10))
    assert narrower - narrow == pytest.approx(2 * np.log(10), abs=1e-3)
    with pytest.raises(InvalidInputError, match="0 … 271, not 272"):
        scenes.shrunk_onto(X, 272, 1.0)


def test_one_component_has_the_bic_of_a_single_gaussian():
    density = multivariate_normal(X.mean(axis=0), np.cov(X.T, bias=True))
    expected = -2 * density.logpdf(X).sum() + 5 * np.log(len(X))
    assert scenes.components(X, 1).value == pytest.approx(expected, rel=1e-9)


def test_a_start_on_a_line_ends_at_a_mixture_of_the_galaxies():
    scene = scenes.one_start(galaxies(), 3, "kmeans", 1)
    assert scene.mixture is not None
    assert scene.value == pytest.approx(scene.mixture.log_likelihood(galaxies()), abs=0.01)


@pytest.mark.parametrize("init", ["points", "random"])
def test_where_a_start_ends_em_has_nothing_left_to_gain(init: str):
    data, cure = galaxies(), Floor(1e-3)
    for seed in range(12):
        scene = scenes.one_start(data, 4, init, seed)
        further = fit(data, scene.mixture, cure=cure, tol=1e-9, max_iter=5000)
        assert further.log_likelihood - scene.value < 0.01
