"""Input from outside: points of weight zero."""

from __future__ import annotations

import numpy as np
import pytest

from gmmlib import e_step, fit
from tests.unit.gmmlib.examples import FAITHFUL, START


def test_weights_of_zero_drop_rows_of_starting_responsibilities_too():
    R, _ = e_step(FAITHFUL, START)
    weight = np.ones(272)
    weight[::2] = 0.0
    half = fit(FAITHFUL[1::2], R[1::2])
    assert fit(FAITHFUL, R, sample_weight=weight).log_likelihood == pytest.approx(half.log_likelihood)
