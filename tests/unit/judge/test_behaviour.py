"""Equal wrong answers are known by a few numbers; unequal ones are told apart."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest

from autograder.check.asking import answer
from autograder.judge.behaviour import alike, behaviour_of
from autograder.questions import find
from autograder.values import Behaviour, Question, QuestionAnswers

E_STEP = find("em.e_step")
M_STEP = find("em.m_step")


def behaviour(question: Question, function: Callable[..., object]) -> Behaviour:
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        answers = {
            case.name: answer(function, case, len(question.returns))[0] for case in question.public_cases
        }
    return behaviour_of(question, QuestionAnswers("graded", answers))


def halved(X, responsibilities):
    weights, means, covariances = M_STEP.reference(X, responsibilities)
    return weights, means, 0.5 * covariances


def halved_by_loops(X, responsibilities):
    """The same mistake, its sums in another order and in other types."""
    n, K = responsibilities.shape
    weights, means, covariances = [], [], []
    for k in range(K):
        r = [float(value) for value in responsibilities[:, k]]
        count = sum(reversed(r))
        weights.append(count / n)
        mean = sum(r[i] * X[i] for i in reversed(range(n))) / count
        means.append(mean.tolist())
        spread = sum(r[i] * np.outer(X[i] - mean, X[i] - mean) for i in range(n))
        covariances.append(spread / (2.0 * count))
    return weights, means, covariances


def test_one_mistake_written_in_two_ways_is_alike() -> None:
    assert alike(behaviour(M_STEP, halved), behaviour(M_STEP, halved_by_loops))


def test_a_mistake_of_a_thousandth_in_one_entry_is_another_one() -> None:
    def nearly(X, responsibilities):
        weights, means, covariances = halved(X, responsibilities)
        covariances[0, 0, 0] *= 1.001
        return weights, means, covariances

    assert not alike(behaviour(M_STEP, halved), behaviour(M_STEP, nearly))


@pytest.mark.parametrize("question", [E_STEP, M_STEP, find("kmeans.update"), find("selection.bic")])
def test_no_two_mistakes_of_a_catalogue_are_alike(question: Question) -> None:
    known = {mistake.name: behaviour(question, mistake.implementation) for mistake in question.misconceptions}
    assert len(known) > 3
    same = [(a, b) for a, b in combinations(known, 2) if alike(known[a], known[b])]
    assert same == []


def test_the_smallest_wrong_call_is_kept_with_what_it_gave() -> None:
    kept = behaviour(M_STEP, halved)
    case = next(case for case in M_STEP.public_cases if case.name == kept.case)
    sizes = [sum(np.size(a) for a in c.arguments) for c in M_STEP.public_cases if not c.noisy]
    assert sum(np.size(a) for a in case.arguments) == min(sizes)
    covariances = kept.returned[2].array
    X, R = (np.asarray(a) for a in case.arguments)
    expected = np.stack(
        [np.cov(X.T, aweights=R[:, k], ddof=0).reshape(X.shape[1], -1) for k in range(R.shape[1])]
    )
    np.testing.assert_allclose(covariances, expected / 2.0, rtol=1e-5, atol=1e-9)


def test_a_function_that_is_right_for_all_public_inputs_shows_no_wrong_call() -> None:
    right = behaviour(E_STEP, E_STEP.reference)
    assert (right.case, right.returned, set(right.outcomes)) == ("", (), {"right"})
    assert alike(right, right)


def test_what_is_no_number_is_told_and_compared_by_its_words() -> None:
    raising = behaviour(E_STEP, lambda *arguments: 1 / 0)
    assert "ZeroDivisionError" in raising.outcomes[0]
    assert raising.traits == ()
    assert not alike(raising, behaviour(E_STEP, lambda *arguments: [][0]))


def test_infinite_and_missing_numbers_are_compared_too() -> None:
    def without(value):
        def function(*arguments):
            responsibilities, likelihood = E_STEP.reference(*arguments)
            responsibilities[0, 0] = value
            return responsibilities, likelihood

        return behaviour(E_STEP, function)

    assert alike(without(np.nan), without(np.nan))
    assert not alike(without(np.nan), without(0.123))
