"""Inputs of em that are made, not only drawn: what they promise."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from autograder.judge.seen import call, expected
from autograder.questions.em import QUESTIONS, known_starts
from autograder.questions.em.fit import QUESTION, moved, reference
from autograder.sandbox.asking import question_frame
from autograder.values import Question
from gmmlib.errors import CollapsedComponentError


@pytest.mark.parametrize("n_components", known_starts.SIZES)
def test_starts_tell_a_round_from_the_next_and_from_hard_assignment(n_components: int) -> None:
    wrong = next(m for m in QUESTION.misconceptions if m.name == "hard-assignment").implementation
    telling = []
    for seed in range(72):
        start = known_starts.start(seed, n_components)
        rounds = 5 if n_components > 1 else 2
        gains, others = (np.diff(steps(*start, tol=0.0, max_iter=rounds)[3]) for steps in (reference, wrong))
        if gains.min() > 0.01 and others.min() > -1e-9 and (n_components == 1 or _settles(start)):
            telling.append(seed)
    rising = [seed for seed in telling if n_components == 1 or _rises_with_old_means(seed, n_components)]
    assert tuple(rising) == known_starts.OVERLAPPING[n_components]


def _rises_with_old_means(seed: int, n_components: int) -> bool:
    """Whether each of five rounds gains clearly that leave the means as they were."""
    wrong = next(m for m in QUESTION.misconceptions if m.name == "means-never-updated").implementation
    try:
        history = wrong(*known_starts.start(seed, n_components), tol=0.0, max_iter=5)[3]
    except CollapsedComponentError:
        return False
    return len(history) == 5 and bool((np.diff(history) > 0.01).all())


def _settles(start: known_starts.Start) -> bool:
    """Whether nothing moves any more after a hundred rounds, and no component collapses."""
    try:
        *_, after, later = islice(known_starts.rounds(*start), 99, 150, 50)
    except CollapsedComponentError:
        return False
    return max(np.abs(a - b).max() for a, b in zip(after[:3], later[:3], strict=True)) <= 1e-6


@pytest.mark.parametrize("seed", known_starts.CLEAR_STOPS)
def test_where_fit_stops_is_clear_and_one_more_round_would_show(seed: int) -> None:
    start = known_starts.start_of_separated(np.random.default_rng(seed))
    found = known_starts.clear_stop(reference(*start, tol=0.0, max_iter=12)[3])
    assert found is not None, "find other seeds: the numbers drawn from this one have changed"
    after, later = (reference(*start, tol=0.0, max_iter=found[0] + more)[1] for more in (2, 3))
    assert (np.abs(later - after) / start[0].std(axis=0)).max() > 1e-4


def test_turning_scaling_and_shifting_change_no_gain() -> None:
    start = known_starts.start_of_separated(np.random.default_rng(known_starts.CLEAR_STOPS[0]))
    elsewhere, _ = moved(np.random.default_rng(1), start)
    gains, others = (np.diff(reference(*one, tol=0.0, max_iter=8)[3]) for one in (start, elsewhere))
    np.testing.assert_allclose(others, gains, rtol=1e-6, atol=1e-8)
    assert not np.allclose(np.sort(elsewhere[0], axis=0), np.sort(start[0], axis=0))


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_answers_that_come_with_the_inputs_are_those_of_the_reference(question: Question) -> None:
    known = 0
    for seed in range(20):
        for case in question.draw(np.random.default_rng(seed)):
            with_it, computed = expected(case, question), call(question.reference, question, case)
            known += case.answer is not None
            for part, value in computed.items():
                assert with_it[part].shape == value.shape
                assert (np.abs(with_it[part] - value) <= 1e-6 * part.tolerance(case, value)).all(), case.name
    assert known > 0


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_no_answer_leaves_the_trusted_side_with_its_call(question: Question) -> None:
    cases = question.draw(np.random.default_rng(0))
    without = [replace(case, answer=None) for case in cases]
    assert question_frame(cases, {}, None) == question_frame(without, {}, None)
