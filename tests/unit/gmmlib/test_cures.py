"""Cures: what each bounds, and that it is a maximum."""

from __future__ import annotations

import numpy as np
import pytest

from gmmlib import InvalidInputError, Mixture, Statistics, fit
from gmmlib.covariance import FAMILIES, family
from gmmlib.cures import EigenvalueRatio, Floor, InverseWishart, best_lower_bound
from tests.unit.gmmlib.examples import FAITHFUL, START, collapsing


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("cure", [Floor(1e-3), InverseWishart(), EigenvalueRatio(50.0)])
def test_each_cure_keeps_every_family_from_collapsing(name, cure):
    X, start = collapsing()
    found = fit(X, start, covariance_type=name, cure=cure, max_iter=5000)
    assert found.converged
    assert np.linalg.eigvalsh(found.mixture.covariances).min() > 1e-4


def test_the_floor_and_the_ratio_hold_in_units_of_the_data():
    X, start = collapsing()
    X = X * [1e-3, 1e4]
    start = Mixture(
        start.weights, start.means * [1e-3, 1e4], start.covariances * np.outer([1e-3, 1e4], [1e-3, 1e4])
    )
    unit = np.outer(X.std(axis=0), X.std(axis=0))
    floored = np.linalg.eigvalsh(fit(X, start, cure=Floor(0.01)).mixture.covariances / unit)
    assert floored.min() == pytest.approx(0.01)
    bounded = np.linalg.eigvalsh(fit(X, start, cure=EigenvalueRatio(10)).mixture.covariances / unit)
    assert bounded.max() / bounded.min() == pytest.approx(10.0)


def test_the_bound_on_eigenvalues_is_the_best_of_all_bounds():
    rng = np.random.default_rng(1)
    eigenvalues, counts, ratio = rng.exponential(size=(3, 2)) ** 3, rng.random(3) + 0.5, 4.0

    def cost(m: float) -> float:
        clipped = np.clip(eigenvalues, m, ratio * m)
        return float((counts[:, None] * (np.log(clipped) + eigenvalues / clipped)).sum())

    best = best_lower_bound(eigenvalues, counts, ratio)
    grid = np.geomspace(eigenvalues.min() / 10, eigenvalues.max(), 5000)
    assert cost(best) <= min(map(cost, grid)) + 1e-9


@pytest.mark.parametrize("name", FAMILIES)
def test_the_posterior_mode_is_a_maximum_of_the_posterior(name):
    prior, own = InverseWishart(shrinkage=0.5), family(name)
    found = fit(FAITHFUL, START, covariance_type=name, cure=prior, tol=1e-11, max_iter=5000).mixture
    total = Statistics.of(FAITHFUL, np.ones((272, 1)))

    def objective(mixture: Mixture) -> float:
        return mixture.log_likelihood(FAITHFUL) + prior.log_prior(mixture, own, total)

    for factor in (0.98, 1.02):
        assert objective(Mixture(found.weights, found.means, found.covariances * factor)) < objective(found)
        assert objective(Mixture(found.weights, found.means * factor, found.covariances)) < objective(found)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Floor(-1.0),
        lambda: Floor(np.nan),
        lambda: InverseWishart(shrinkage=-1.0),
        lambda: InverseWishart(degrees=0.0),
        lambda: EigenvalueRatio(0.5),
    ],
)
def test_cures_out_of_range_are_refused(make):
    with pytest.raises(InvalidInputError, match="must be a"):
        make()
