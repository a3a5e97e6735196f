"""Stopping rules against series with a known limit."""

from __future__ import annotations

import numpy as np
import pytest

from gmmlib import InvalidInputError, fit
from gmmlib.stopping import Absolute, Aitken, Relative, aitken_limit, rate
from tests.unit.gmmlib.examples import FAITHFUL, START


def test_each_stopping_rule_stops_and_says_why():
    for rule in (Absolute(1e-4), Relative(1e-6), Aitken(1e-4)):
        found = fit(FAITHFUL, START, stopping=rule)
        assert found.converged
        assert found.stop_reason


def test_aitken_finds_the_limit_of_a_geometric_series():
    history = [10.0 - 0.5**i for i in range(6)]
    assert rate(history) == pytest.approx(0.5)
    assert aitken_limit(history) == pytest.approx(10.0)
    assert aitken_limit([0.0, 1.0, 3.0]) == np.inf
    assert Aitken(1e-3).reason(history[:3]) == ""
    with pytest.raises(InvalidInputError, match="three values"):
        rate([1.0, 2.0])


def test_aitken_knows_that_a_plateau_is_not_the_end():
    slow = [-(0.999**i) for i in range(20)]
    assert Absolute(1e-2).reason(slow)
    assert not Aitken(1e-2).reason(slow)


@pytest.mark.parametrize("make", [lambda: Absolute(-1.0), lambda: Aitken("much")])
def test_tolerances_out_of_range_are_refused(make):
    with pytest.raises(InvalidInputError, match="must be a"):
        make()
