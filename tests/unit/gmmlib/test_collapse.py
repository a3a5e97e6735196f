"""Detection of collapse."""

from __future__ import annotations

import pytest

from gmmlib import fit
from gmmlib.collapse import diagnose
from gmmlib.cures import Floor
from tests.unit.gmmlib.examples import collapsing


def test_a_diagnosis_points_at_the_collapsed_component():
    X, start = collapsing()
    found = fit(X, start, cure=Floor(1e-6)).mixture
    healthy, collapsed = diagnose(X, found)
    assert not healthy.collapsed
    assert collapsed.count == pytest.approx(3.0)
    assert collapsed.share == pytest.approx(1e-6)
