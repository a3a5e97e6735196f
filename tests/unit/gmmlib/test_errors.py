"""Errors name what is wrong."""

from __future__ import annotations

import pickle

import pytest

from gmmlib import CollapsedComponentError, fit
from tests.unit.gmmlib.examples import collapsing


def test_a_collapse_names_component_count_conditioning_and_cure():
    X, start = collapsing()
    with pytest.raises(
        CollapsedComponentError, match=r"Component 1 collapsed.*owns 3 points.*Cures"
    ) as caught:
        fit(X, start)
    error = pickle.loads(pickle.dumps(caught.value))
    assert error.component == 1
    assert error.count == pytest.approx(3.0)
    assert error.condition > 1e12
