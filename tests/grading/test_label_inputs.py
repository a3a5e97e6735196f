"""Inputs of labels that are searched for: what they promise."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.questions.labels.match_components import FITS, QUESTION, reference, terms
from autograder.questions.labels.wrong_matches import distances


@pytest.mark.parametrize("seed", range(3))
def test_the_two_terms_add_up_to_the_distance(seed: int) -> None:
    for case in QUESTION.draw(np.random.default_rng(seed))[: len(FITS)]:
        places, shapes = terms(case.arguments)  # type: ignore[arg-type]
        np.testing.assert_allclose(places + shapes, distances(*case.arguments), rtol=1e-9)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(3))
def test_one_fit_is_in_order_already_and_one_in_reverse(seed: int) -> None:
    cases = {case.name: case for case in QUESTION.draw(np.random.default_rng(seed))}
    for name, expected in ((FITS[-2], [0, 1, 2, 3]), (FITS[-1], [3, 2, 1, 0])):
        assert reference(*cases[name].arguments).tolist() == expected  # type: ignore[arg-type]
