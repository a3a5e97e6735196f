"""Fits against published values and against fits by other programs, converged to the last digit."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from gmmlib import datasets, fit
from gmmlib.selection import bic, icl, n_parameters

ROWS = json.loads(Path(__file__).with_name("loglik.json").read_text())["rows"]
DATA = {
    "faithful": datasets.old_faithful(),
    "faithful.waiting": datasets.old_faithful()[:, 1:],
    "galaxies": datasets.galaxies(),
}


def converged(data: str, covariance_type: str, K: int, **settings):
    return fit(DATA[data], K, covariance_type=covariance_type, tol=1e-11, max_iter=20_000, **settings)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['data']}-{row['model']}-{row['k']}")
def test_log_likelihood_bic_and_icl_are_those_of_the_table(row):
    X = DATA[row["data"]]
    found = converged(row["data"], row["model"], row["k"])
    p = n_parameters(row["k"], X.shape[1], row["model"])
    assert p == row["df"]
    assert found.log_likelihood == pytest.approx(row["loglik"], abs=1e-6)
    if "published_loglik" in row:  # printed by a program that stops a little early
        assert found.log_likelihood >= row["published_loglik"] - 5e-4
    if "bic" in row:  # in mclust's sign
        R = found.mixture.responsibilities(X)
        assert -bic(found.log_likelihood, p, len(X)) == pytest.approx(row["bic"], abs=1e-4)
        assert -icl(found.log_likelihood, p, R, definition="map") == pytest.approx(row["icl"], abs=1e-3)


def test_waiting_times_with_own_variances_have_the_printed_parameters():
    mixture = converged("faithful.waiting", "full", 2).mixture.sorted()
    np.testing.assert_allclose(mixture.weights, [0.36088607, 0.63911393], atol=1e-7)
    np.testing.assert_allclose(mixture.means[:, 0], [54.6148561, 80.0910694], atol=1e-5)
    np.testing.assert_allclose(mixture.covariances[:, 0, 0], [34.4712174, 34.4303073], atol=1e-4)


def test_waiting_times_with_one_variance_have_the_printed_parameters():
    mixture = converged("faithful.waiting", "tied", 2).mixture.sorted()
    np.testing.assert_allclose(mixture.weights, [0.360849443, 0.639150557], atol=1e-7)
    np.testing.assert_allclose(mixture.means[:, 0], [54.613626337, 80.090303624], atol=1e-5)
    np.testing.assert_allclose(mixture.covariances[:, 0, 0], 34.446233835, atol=1e-4)


def test_old_faithful_in_the_plane_has_the_printed_parameters():
    mixture = converged("faithful", "full", 2).mixture.sorted()
    np.testing.assert_allclose(mixture.weights, [0.355872857, 0.644127143], atol=1e-7)
    np.testing.assert_allclose(
        mixture.means, [[2.03638845, 54.47851638], [4.28966197, 79.96811517]], atol=1e-5
    )
    covariances = [
        [[0.06916767, 0.43516762], [0.43516762, 33.69728207]],
        [[0.16996844, 0.94060932], [0.94060932, 36.04621132]],
    ]
    np.testing.assert_allclose(mixture.covariances, covariances, rtol=2e-6)


def test_old_faithful_with_one_covariance_has_the_printed_parameters():
    # EM creeps here, and the printed values stop in the sixth digit: 20,000 more rounds end at the weights
    # (.35637812, .16860561, .47501628), where plain and accelerated EM meet.
    mixture = converged("faithful", "tied", 3, accelerate=True).mixture.sorted()
    np.testing.assert_allclose(mixture.weights, [0.356378, 0.168602, 0.475020], atol=5e-6)
    np.testing.assert_allclose(mixture.weights, [0.35637812, 0.16860561, 0.47501628], atol=3e-7)
    means = [[2.037615, 54.491284], [3.797752, 77.468800], [4.465736, 80.872745]]
    np.testing.assert_allclose(mixture.means, means, atol=1e-4)
    covariance = [[0.07797568, 0.47015664], [0.47015664, 33.67201814]]
    np.testing.assert_allclose(mixture.covariances[1], covariance, rtol=1e-5)


def test_the_galaxies_in_three_components_have_the_printed_parameters():
    found = converged("galaxies", "full", 3)
    mixture = found.mixture.sorted()
    np.testing.assert_allclose(mixture.weights, [0.0853653383, 0.8780510955, 0.0365835662], atol=1e-8)
    np.testing.assert_allclose(mixture.means[:, 0], [9.7101395584, 21.4000988258, 33.0443773161], atol=1e-6)
    np.testing.assert_allclose(
        mixture.covariances[:, 0, 0], [0.1785140210, 4.8160307174, 0.8495624518], atol=1e-6
    )
    assert np.bincount(mixture.predict(DATA["galaxies"])).tolist() == [7, 72, 3]


def test_enough_starts_find_the_best_mode_of_the_galaxies_in_four_components():
    found = converged("galaxies", "full", 4, init="points", n_starts=100, rng=1)
    assert found.log_likelihood == pytest.approx(-197.453764, abs=1e-5)
