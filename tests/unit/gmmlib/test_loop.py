"""The loop: its history, its rounds, and what it takes as a start."""

from __future__ import annotations

import numpy as np
import pytest

from gmmlib import CollapsedComponentError, ConvergenceWarning, Mixture, e_step, fit, m_step
from gmmlib.blocked import Blocks
from gmmlib.covariance import FAMILIES
from gmmlib.cures import Floor
from gmmlib.em import fit_each
from gmmlib.loop import Maximiser, alone, expected_log_likelihood, gain_of_bound, steps
from gmmlib.statistics import Statistics
from gmmlib.stopping import Absolute
from tests.unit.gmmlib.examples import FAITHFUL, START, collapsing


def test_the_history_ends_with_the_log_likelihood_of_the_returned_parameters():
    for most in (1, 2, 5):
        with pytest.warns(ConvergenceWarning, match="Raise max_iter"):
            found = fit(FAITHFUL, START, max_iter=most, tol=0.0)
        assert len(found.history) == found.n_iter == most
        assert found.history[-1] == pytest.approx(found.mixture.log_likelihood(FAITHFUL), rel=1e-12)
        assert "max_iter" in found.stop_reason


def test_the_fit_loop_is_the_loop_of_the_contract():
    mixture, values = START, []
    for _ in range(200):
        R, value = e_step(FAITHFUL, mixture)
        values.append(value)
        if len(values) > 1 and values[-1] - values[-2] < 1e-6:
            break
        mixture = m_step(FAITHFUL, R)
    found = fit(FAITHFUL, START, tol=1e-6, max_iter=200)
    np.testing.assert_allclose(found.history, values, rtol=1e-12)
    np.testing.assert_allclose(found.mixture.means, mixture.means, rtol=1e-10)
    assert found.converged


def test_a_start_outside_the_family_or_below_the_floor_is_brought_inside_and_em_goes_on():
    for name in FAMILIES:
        found = fit(FAITHFUL, START, covariance_type=name, tol=1e-9, max_iter=5000)
        other = fit(FAITHFUL, 2, covariance_type=name, tol=1e-9, max_iter=5000)
        assert found.log_likelihood == pytest.approx(other.log_likelihood, abs=1e-5)
    tiny = Mixture(START.weights, FAITHFUL[[0, 1]], 1e-12 * START.covariances)
    assert fit(FAITHFUL, tiny, cure=Floor(0.01)).log_likelihood > -1200


@pytest.mark.parametrize("accelerate", [False, True])
def test_each_of_several_starts_ends_where_it_ends_alone(accelerate):
    starts = [Mixture(START.weights, START.means + shift, START.covariances) for shift in (0.0, 0.2, -0.3)]
    together = fit_each(FAITHFUL, starts, accelerate=accelerate, tol=1e-8)
    for found, start in zip(together, starts, strict=True):
        alone = fit(FAITHFUL, start, accelerate=accelerate, tol=1e-8)
        assert found.n_iter == alone.n_iter
        assert found.log_likelihood == pytest.approx(alone.log_likelihood, rel=1e-12)
        np.testing.assert_allclose(found.mixture.means, alone.mixture.means, rtol=1e-9)


def test_a_start_that_collapses_leaves_the_others_alone():
    X, start = collapsing()
    wide = Mixture(np.array([0.5, 0.5]), np.array([[-1.0, 0.0], [1.0, 0.0]]), 9.0 * np.stack([np.eye(2)] * 2))
    singular = Mixture(start.weights, start.means, np.stack([np.eye(2), np.ones((2, 2))]))
    lost, found, never = fit_each(X, [start, wide, singular], max_iter=3)
    assert isinstance(lost, CollapsedComponentError) or lost.n_iter == 3
    assert found.n_iter == 3
    assert isinstance(never, CollapsedComponentError)
    assert never.component == 1


def test_the_bound_gains_less_than_the_log_likelihood_and_once_steps_are_short_more_than_half():
    data = Blocks(FAITHFUL)
    maximise, mixture = Maximiser(FAMILIES["full"], Floor(), data.total), START
    gains, bounds = [], []
    while not gains or gains[-1] > 1e-6:
        statistics = data.expect(mixture)
        before, mixture = mixture, maximise(statistics)
        gains.append(data.log_likelihood(mixture) - statistics.log_likelihood)
        bounds.append(gain_of_bound(before, mixture, statistics))
    assert len(gains) > 5
    assert all(0.0 < bound < gain for gain, bound in zip(gains, bounds, strict=True))
    assert all(gain < 2.0 * bound for gain, bound in zip(gains, bounds, strict=True) if gain < 1.0)


def test_q_is_the_sum_of_logs_that_the_book_defines_up_to_a_constant():
    R, _ = e_step(FAITHFUL, START)
    other = m_step(FAITHFUL, R)
    statistics = Statistics.of(FAITHFUL, R)
    by_points = [float((R * mixture.log_joint(FAITHFUL)).sum()) for mixture in (START, other)]
    by_statistics = [expected_log_likelihood(mixture, statistics) for mixture in (START, other)]
    assert np.diff(by_statistics) == pytest.approx(np.diff(by_points), rel=1e-10)


def test_an_iteration_that_is_foreseen_to_gain_nothing_is_not_taken():
    data = Blocks(FAITHFUL)
    maximise = Maximiser(FAMILIES["full"], Floor(), data.total)
    seen, foreseeing = (
        alone(data.expect, steps(maximise, START, Absolute(1e-6), 100, foreseen)) for foreseen in (0.0, 0.1)
    )
    assert foreseeing.converged
    assert foreseeing.n_iter < seen.n_iter
    assert foreseeing.history == seen.history[: foreseeing.n_iter]
    assert seen.history[foreseeing.n_iter] - foreseeing.log_likelihood < 0.1
