"""With default settings gmmlib answers as well as scikit-learn: rows of benchmarks/good_answers.py."""

from __future__ import annotations

import pytest

from benchmarks.good_answers import AIM, World, compare

WORLDS = [
    World(1_000, 2, 3, apart=1.5),
    World(2_000, 5, 8),
    World(2_000, 5, 8, round=True),
    World(2_000, 5, 8, unequal=True),
    World(2_000, 5, 5, outliers=0.01),
    World(4_000, 20, 20),
    World(2_000, 50, 3),
]


@pytest.mark.parametrize("world", WORLDS, ids=str)
def test_the_median_of_ten_seeds_is_no_lower_than_scikit_learns(world):
    assert compare(world) >= AIM
