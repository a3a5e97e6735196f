"""No sentence tells a student of another mistake than the one made."""

# mypy: allow-untyped-defs
from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from itertools import permutations

import numpy as np
import pytest

from autograder.questions import ASSIGNMENTS, find, of_assignment
from autograder.questions.labels.wrong_matches import distances
from autograder.values import Case, Misconception, Part, Question, QuestionResult
from tests.support.functions import MAX, graded_on, named

SEVERAL = [
    question
    for name in ASSIGNMENTS
    for question in of_assignment(name)
    if len(question.returns) > 1
    and not question.random
    and question.id != "em.fit"  # where all hang together
]


@lru_cache(maxsize=100)
def drawn(question: Question, seed: int) -> tuple[Case, ...]:
    """The inputs of a seed, the same objects each time: the judge remembers what wrong answers give there."""
    return question.draw(np.random.default_rng(seed))


def graded(question: Question, function: Callable[..., object], seed: int) -> QuestionResult:
    return graded_on(drawn(question, seed), question, function)


def _grafted(question: Question, mistake: Misconception, part: Part) -> Callable[..., object]:
    """The right answer, but for one value that is the wrong implementation's where it gives one."""
    at = question.returns.index(part)

    def answer(*arguments, **keywords):
        values = list(question.reference(*arguments, **keywords))
        with suppress(Exception):
            values[at] = mistake.implementation(*arguments, **keywords)[at]
        return tuple(values)

    return answer


def _spoken_of(question: Question, sentence: str) -> set[str]:
    """The returned values of which a sentence begins by saying what they are."""
    names = {part.name for part in question.returns}
    return {name for name in names if re.match(f"(The|Your) {name} (is|are|has|have) ", sentence)}


@pytest.mark.parametrize("question", SEVERAL, ids=lambda question: question.id)
def test_nobody_is_told_that_values_are_wrong_which_are_right(question: Question) -> None:
    """Also where another value is as wrong as if those were."""
    for mistake in question.misconceptions:
        about = _spoken_of(question, mistake.sentence) | set(mistake.about)
        for part in question.returns if about and not mistake.slip else ():
            said = named(graded(question, _grafted(question, mistake, part), 3))
            told = [entry for entry in question.misconceptions if entry.name in said]
            for entry in told:
                spoken_of = _spoken_of(question, entry.sentence) | set(entry.about)
                others = [other for other in question.returns if other.name in spoken_of - {part.name}]
                for other in others:
                    assert graded(question, _grafted(question, entry, other), 3).score == MAX, (
                        f"{entry.name} is said of {part.name}, and speaks of {other.name}"
                    )


def test_who_uses_another_centre_in_the_covariances_alone_is_not_told_that_the_means_are_wrong() -> None:
    question = find("collapse.m_step_map")
    centred = next(m for m in question.misconceptions if m.name == "pulled-to-the-origin")
    covariances = question.returns[2]
    assert named(graded(question, centred.implementation, 3)) == {"pulled-to-the-origin"}
    assert named(graded(question, _grafted(question, centred, covariances), 3)) != {"pulled-to-the-origin"}


def test_two_mistakes_are_not_read_where_they_say_nothing_of_most_wrong_numbers() -> None:
    def swapped(X, responsibilities):
        """d and K have changed places in the divisor of Λ, which no entry does."""
        weights, means, covariances = find("collapse.m_step_map").reference(X, responsibilities)
        d, K = X.shape[1], responsibilities.shape[1]
        S = np.cov(X.T, ddof=0).reshape(d, d)
        divisor = (responsibilities.sum(axis=0) + 2 * d + 4)[:, None, None]
        return weights, means, covariances + (S / d ** (2 / K) - S / K ** (2 / d)) / divisor

    for seed in range(3):
        result = graded(find("collapse.m_step_map"), swapped, seed)
        assert result.score < MAX
        assert not named(result)


@pytest.mark.parametrize("seed", range(20))
def test_what_is_cut_is_not_told_as_rounded(seed: int) -> None:
    aic, bic = find("selection.aic"), find("selection.bic")
    result = graded(aic, lambda *given: np.trunc(np.asarray(aic.reference(*given))), seed)
    assert named(result) == {"aic-cut-to-whole-numbers"}
    result = graded(bic, lambda *given: np.trunc(np.asarray(bic.reference(*given))), seed)
    assert named(result) == {"bic-cut-to-whole-numbers"}


def test_a_small_number_in_the_denominator_is_named_and_costs_the_same_on_any_inputs() -> None:
    question = find("missing.e_step_missing")

    def guarded(X, weights, means, covariances):
        R, log_likelihood = question.reference(X, weights, means, covariances)
        alone = [question.reference(x[None], weights, means, covariances)[1] for x in X]
        densities = np.exp(alone)[:, None]
        return R * densities / (densities + 1e-10), log_likelihood

    results = [graded(question, guarded, seed) for seed in range(6)]
    assert all(named(result) == {"underflow-guarded-by-1e-10"} for result in results)
    assert len({round(result.score, 6) for result in results}) == 1


e_step, m_step = find("em.e_step").reference, find("em.m_step").reference


def _fit(number: int, looks_at_tol: bool) -> Callable[..., object]:
    """A loop with a number of rounds of its own."""

    def fit(X, weights, means, covariances, tol=1e-6, max_iter=200):
        history: list[float] = []
        for t in range(number):
            R, log_likelihood = e_step(X, weights, means, covariances)
            history.append(float(log_likelihood))
            if looks_at_tol and t > 0 and history[-1] - history[-2] < tol:
                break
            if t < number - 1:
                weights, means, covariances = m_step(X, R)
        return weights, means, covariances, history

    return fit


@pytest.mark.parametrize("number", [1, 2, 3, 5, 10, 30, 50, 100, 200, 300, 1000])
def test_a_number_of_rounds_of_its_own_is_named(number: int) -> None:
    for looks_at_tol in (True, False):
        result = graded(find("em.fit"), _fit(number, looks_at_tol), 3)
        told = [m for m in find("em.fit").misconceptions if m.name in named(result)]
        assert len(told) == 1
        assert "max_iter" in told[0].sentence
        assert ("max_iter nor tol" in told[0].sentence) == (number > 2 and not looks_at_tol)


def test_a_matching_of_hellinger_distances_is_not_told_as_one_of_coefficients() -> None:
    def matched(*fits):
        table = np.sqrt(np.maximum(1 - np.exp(-distances(*fits)), 0.0))
        return min(permutations(range(len(table))), key=lambda p: sum(table[k, j] for k, j in enumerate(p)))

    assert named(graded(find("labels.match_components"), matched, 3)) == {"hellinger-distances-summed"}
