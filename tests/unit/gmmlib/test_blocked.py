"""The fast path: a small memory budget. That it agrees with the path to read: tests/properties."""

from __future__ import annotations

import numpy as np
import pytest

from gmmlib import Mixture, fit
from gmmlib.blocked import TOGETHER, Blocks
from gmmlib.em import Plain
from gmmlib.stopping import Absolute
from tests.unit.gmmlib.examples import MANY_POINTS, TWO

X = MANY_POINTS
FEW_ROUNDS = Absolute(0.05)  # for comparisons of histories: each round is a comparison


def test_a_small_memory_budget_gives_the_same_fit():
    kept, rebuilt = (fit(X, TWO, memory_budget=room, stopping=FEW_ROUNDS) for room in (1e9, 0))
    assert Blocks(X, memory_budget=0).kept is None
    np.testing.assert_allclose(kept.history, rebuilt.history, rtol=1e-12)


@pytest.mark.parametrize("narrow", [1.0, 1e-5], ids=["by features", "one too narrow for features"])
def test_many_mixtures_and_points_take_several_passes_with_the_same_result(narrow):
    covariances = np.stack([np.eye(2), narrow**2 * np.eye(2)])
    shifted = [Mixture(TWO.weights, TWO.means + 0.1 * i, TWO.covariances) for i in range(12)]
    blocks, mixtures = Blocks(X), [*shifted, Mixture(TWO.weights, TWO.means, covariances)]
    assert 1 < TOGETHER // (8 * len(X) * 2) < len(mixtures)  # more than share one pass
    for one, mixture in zip(blocks.expect_all(mixtures), mixtures, strict=True):
        plain = Plain(X).expect(mixture)
        assert one.log_likelihood == pytest.approx(plain.log_likelihood, rel=1e-10)
        np.testing.assert_allclose(one.scatters, plain.scatters, rtol=1e-8, atol=1e-10)
