"""The fast path: a small memory budget. That it agrees with the path to read: tests/properties."""

from __future__ import annotations

import numpy as np

from gmmlib import fit
from gmmlib.blocked import Blocks
from gmmlib.stopping import Absolute
from tests.unit.gmmlib.examples import MANY_POINTS, TWO

X = MANY_POINTS
FEW_ROUNDS = Absolute(0.05)  # for comparisons of histories: each round is a comparison


def test_a_small_memory_budget_gives_the_same_fit():
    kept, rebuilt = (fit(X, TWO, memory_budget=room, stopping=FEW_ROUNDS) for room in (1e9, 0))
    assert Blocks(X, memory_budget=0).kept is None
    np.testing.assert_allclose(kept.history, rebuilt.history, rtol=1e-12)
