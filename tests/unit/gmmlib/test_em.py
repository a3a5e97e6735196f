"""The two steps, and what fit refuses."""

from __future__ import annotations

import numpy as np
import pytest

from gmmlib import CollapsedComponentError, InvalidInputError, e_step, fit, m_step
from tests.unit.gmmlib.examples import FAITHFUL, START


def test_the_m_step_of_hard_labels_is_the_mean_and_covariance_of_each_group():
    labels = (FAITHFUL[:, 0] > 3).astype(int)
    mixture = m_step(FAITHFUL, np.eye(2)[labels])
    for k in range(2):
        own = FAITHFUL[labels == k]
        assert mixture.weights[k] == pytest.approx(len(own) / len(FAITHFUL))
        np.testing.assert_allclose(mixture.means[k], own.mean(axis=0))
        np.testing.assert_allclose(mixture.covariances[k], np.cov(own.T, bias=True))


def test_the_e_step_counts_a_point_by_its_weight():
    _, once = e_step(FAITHFUL, START)
    _, twice = e_step(FAITHFUL, START, np.full(272, 2.0))
    assert twice == pytest.approx(2 * once)


def test_float32_points_are_as_good_as_their_digits():
    single = fit(FAITHFUL.astype(np.float32), START)
    assert single.log_likelihood == pytest.approx(fit(FAITHFUL, START).log_likelihood, rel=1e-6)


GOOD = np.random.default_rng(0).standard_normal((30, 2))


@pytest.mark.parametrize(
    ("X", "start", "settings", "says"),
    [
        (GOOD[:, 0], 2, {}, r"X must have shape \(n points, d features\)"),
        (
            np.where(np.arange(60).reshape(30, 2) == 7, np.nan, GOOD),
            2,
            {},
            r"X holds nan at \[3, 1\].*gmmlib.missing",
        ),
        (np.where(np.arange(60).reshape(30, 2) == 7, np.inf, GOOD), 2, {}, "X holds inf"),
        (GOOD, 0, {}, "n_components must be at least 1"),
        (GOOD, 2.5, {}, r"responsibilities must have shape \(n, K\)"),
        (GOOD, True, {}, "whole number"),
        (GOOD[:2], 3, {}, "3 components need at least 3 points"),
        (np.column_stack([GOOD, np.ones(30)]), 2, {}, "Feature 2 of X has the same value"),
        (np.ones((30, 2)), 2, {}, "All points of X are equal"),
        (GOOD, 2, {"sample_weight": np.ones(29)}, r"sample_weight must have shape \(30,\)"),
        (GOOD, 2, {"sample_weight": -np.ones(30)}, "sample_weight is negative"),
        (GOOD, 2, {"sample_weight": np.zeros(30)}, "zero everywhere"),
        (GOOD, 2, {"covariance_type": "round"}, "full, tied, diag, spherical"),
        (GOOD, 2, {"init": "luck"}, "init must be one of"),
        (GOOD, 2, {"max_iter": 0}, "max_iter must be at least 1"),
        (GOOD, 2, {"n_starts": 0}, "n_starts must be at least 1"),
        (GOOD, 2, {"tol": -1.0}, "tol must be a finite number of at least 0"),
        (GOOD, 2, {"rng": "dice"}, "rng must be"),
        (GOOD, np.full((30, 2), 0.5), {}, "same for every point"),
        (GOOD, np.full((29, 2), 0.5), {}, r"shape \(30, 2\)"),
        (GOOD[:, :1], START, {}, "X has 1 features, but the start has 2"),
        ([["a", "b"]] * 3, 1, {}, "cannot be read"),
    ],
)
def test_fit_says_what_is_wrong_where_and_what_to_do(X, start, settings, says):
    with pytest.raises(InvalidInputError, match=says):
        fit(X, start, **settings)


def test_the_steps_say_what_is_wrong():
    with pytest.raises(InvalidInputError, match="X has 1 features"):
        e_step(GOOD[:, :1], START)
    with pytest.raises(InvalidInputError, match="responsibilities must have shape"):
        m_step(GOOD, np.ones(30))
    with pytest.raises(InvalidInputError, match="responsibilities holds -1"):
        m_step(GOOD, -np.ones((30, 2)))
    with pytest.raises(CollapsedComponentError, match="Component 1 collapsed: owns no point"):
        m_step(GOOD, np.repeat([[1.0, 0.0]], 30, axis=0))
    with pytest.raises(CollapsedComponentError, match="Component 0"):
        m_step(np.ones((5, 2)), np.ones((5, 1)))
