"""Online EM against the batch."""

from __future__ import annotations

import numpy as np
import pytest

from gmmlib import InvalidInputError, fit, labels, m_step, online
from gmmlib.cures import Floor
from tests.unit.gmmlib.examples import MANY_POINTS, TWO

X = MANY_POINTS


def test_online_em_with_one_block_is_one_em_step():
    step = online.OnlineEM(TWO).update(X)
    once = m_step(X, TWO.responsibilities(X))
    np.testing.assert_allclose(step.mixture.means, once.means, rtol=1e-9)
    np.testing.assert_allclose(step.mixture.covariances, once.covariances, rtol=1e-9)


def test_online_em_comes_close_to_batch_em_in_one_pass():
    begin = fit(X[:300], 2, n_starts=2).mixture
    learner = online.OnlineEM(begin, exponent=0.7, cure=Floor()).learn(np.array_split(X, 60))
    assert learner.step == 60
    assert learner.n == len(X)
    batch = fit(X, 2, n_starts=2).mixture
    assert labels.distance(learner.mixture, batch) < 0.02
    assert labels.distance(learner.mixture, batch) < labels.distance(begin, batch)


def test_online_em_says_what_is_wrong():
    for call in (
        lambda: online.OnlineEM(TWO, exponent=0.4),
        lambda: online.OnlineEM(TWO, delay=-1.0),
        lambda: online.OnlineEM(TWO, covariance_type="flat"),
        lambda: online.OnlineEM(TWO).update(X[:, :1]),
        lambda: online.OnlineEM(TWO).update([[np.nan, 0.0]]),
    ):
        with pytest.raises(InvalidInputError):
            call()
