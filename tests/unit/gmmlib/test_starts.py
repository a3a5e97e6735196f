"""Starts: kinds, what a caller may give, and several of them."""

from __future__ import annotations

import numpy as np
import pytest

from gmmlib import ConvergenceWarning, datasets, e_step, fit
from gmmlib.cures import Floor
from gmmlib.starts import STARTS
from tests.unit.gmmlib.examples import FAITHFUL, START


@pytest.mark.parametrize("init", STARTS)
def test_every_start_differs_between_components_and_leads_to_the_same_fit(init):
    with pytest.warns(ConvergenceWarning):
        begun = fit(FAITHFUL, 2, init=init, n_starts=1, max_iter=1).mixture
    assert not np.allclose(begun.means[0], begun.means[1])
    found = fit(FAITHFUL, 2, init=init, n_starts=3, tol=1e-9)
    assert found.log_likelihood == pytest.approx(-1130.26396, abs=1e-4)
    assert len(found.starts) == 3


def test_a_start_may_be_a_mixture_responsibilities_or_a_function():
    R, _ = e_step(FAITHFUL, START)
    for start in (START, R, lambda X, rng: START, lambda X, rng: np.eye(2)[(X[:, 0] > 3).astype(int)]):
        assert fit(FAITHFUL, start).log_likelihood == pytest.approx(-1130.26396, abs=1e-4)


def test_more_starts_never_give_a_worse_fit():
    X = datasets.galaxies()
    values = [
        fit(X, 4, init="points", n_starts=n, rng=3, cure=Floor(1e-3)).log_likelihood for n in (1, 5, 20)
    ]
    assert np.all(np.diff(values) > -1e-3)  # the same maximum may be reached from another side
