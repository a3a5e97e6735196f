"""Statistics add up."""

from __future__ import annotations

import numpy as np
import pytest

from gmmlib import InvalidInputError, Statistics, e_step
from gmmlib.blocked import Blocks
from gmmlib.em import Plain
from tests.unit.gmmlib.examples import FAITHFUL, MANY_POINTS, START, TWO


def test_statistics_of_nothing_add_nothing():
    R, _ = e_step(FAITHFUL, START)
    some = Statistics.of(FAITHFUL, R)
    none = Statistics.of(FAITHFUL, np.zeros_like(R))
    np.testing.assert_allclose((some + none).scatters, some.scatters)
    np.testing.assert_allclose((none + some).means, some.means)
    with pytest.raises(InvalidInputError, match="cannot be added"):
        some + Statistics.of(FAITHFUL, R[:, :1])
    with pytest.raises(TypeError):
        some + 1.0


X = MANY_POINTS


def test_statistics_of_files_are_added_to_those_of_the_whole():
    parts = [Blocks(part).expect(TWO) for part in np.array_split(X, 7)]
    total, whole = sum(parts, start=0), Plain(X).expect(TWO)
    assert isinstance(total, Statistics)
    np.testing.assert_allclose(total.means, whole.means, rtol=1e-10)
    np.testing.assert_allclose(total.scatters, whole.scatters, rtol=1e-10)
