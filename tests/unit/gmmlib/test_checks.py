"""Input from outside: points of weight zero; how much memory a look at the points takes."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from gmmlib import e_step, fit
from gmmlib._checks import as_points
from tests.unit.gmmlib.examples import FAITHFUL, START


def test_weights_of_zero_drop_rows_of_starting_responsibilities_too():
    R, _ = e_step(FAITHFUL, START)
    weight = np.ones(272)
    weight[::2] = 0.0
    half = fit(FAITHFUL[1::2], R[1::2])
    assert fit(FAITHFUL, R, sample_weight=weight).log_likelihood == pytest.approx(half.log_likelihood)


@pytest.mark.parametrize("order", ["rows", "columns", "every second row"])
def test_points_are_looked_at_without_a_copy(order: str):
    X = np.ones((50_000, 2))
    X = {"rows": X, "columns": np.asfortranarray(X), "every second row": X[::2]}[order]
    tracemalloc.start()
    try:
        as_points(X)
        assert tracemalloc.get_traced_memory()[1] < X.nbytes / 10
    finally:
        tracemalloc.stop()
