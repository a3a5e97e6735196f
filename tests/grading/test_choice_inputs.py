"""Inputs on which two choices nearly agree: whoever computes to a millionth, as is allowed, chooses right."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.questions import find
from autograder.questions.labels.wrong_matches import all_matchings, distances
from gmmlib.selection import bic


@pytest.mark.parametrize("seed", range(6))
def test_the_best_two_criteria_differ_by_more_than_both_may_be_off(seed: int) -> None:
    for case in find("selection.choose").draw(np.random.default_rng(seed)):
        log_likelihoods, counts, n = case.arguments
        values = np.array([bic(value, int(p), n) for value, p in zip(log_likelihoods, counts, strict=True)])  # type: ignore[arg-type]
        lowest = np.unique(values)[:2]
        allowed = 1e-6 * np.maximum(1.0, np.abs(lowest))
        assert len(lowest) < 2 or np.diff(lowest)[0] > allowed.sum(), case.name


@pytest.mark.parametrize("seed", range(6))
def test_the_best_two_matchings_differ_by_more_than_the_notebook_says(seed: int) -> None:
    for case in find("labels.match_components").draw(np.random.default_rng(seed)):
        totals = np.sort(all_matchings(distances(*case.arguments))[1])  # type: ignore[arg-type]
        assert len(totals) < 2 or totals[1] - totals[0] > 1.9e-5, case.name
