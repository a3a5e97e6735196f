"""Mutation testing finds what it is for: a slip that the inputs hide."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from autograder.questions import ASSIGNMENTS, Case, find, of_assignment
from autograder.values import Question
from tools.mutants.__main__ import row
from tools.mutants.answers import model_answer, surroundings
from tools.mutants.judging import Judged, judged, loss_of
from tools.mutants.mutator import Mutant, mutants
from tools.mutants.reasons import Reasons, reasons_of

QUESTIONS = [question for name in ASSIGNMENTS for question in of_assignment(name)]
LOG = "def f(x):\n    return np.log(x + 1)"


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.id)
def test_every_function_has_forty_mutants_and_each_reason_is_about_one(question: Question) -> None:
    changes = [mutant.change for mutant in mutants(model_answer(question))]
    assert len(changes) >= 40
    reasons = reasons_of(question.id)
    assert {*reasons.equivalent, *reasons.uneven} <= set(changes)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.id)
def test_the_model_answer_loses_nothing_where_mutants_are_judged(question: Question) -> None:
    names = surroundings(question)
    exec(model_answer(question), names)
    cases = question.draw(np.random.default_rng(1))
    assert loss_of(question, cases, names[question.name]) == (0.0, True)


def test_a_mutant_differs_in_one_place_and_says_where() -> None:
    changes = {mutant.change for mutant in mutants(LOG)}
    assert {"return np.log(x - 1)", "return np.log(x)", "return np.log2(x + 1)", "return x + 1"} <= changes
    assert "return np.log(x + 1)" not in changes


def without_weights(question: Question) -> Question:
    """The same question, but on all inputs the weights are equal."""

    def draw(rng: np.random.Generator) -> tuple[Case, ...]:
        cases = question.draw(rng)
        equal = [np.full(len(case.arguments[1]), 1 / len(case.arguments[1])) for case in cases]
        return tuple(
            replace(case, arguments=(case.arguments[0], weights))
            for case, weights in zip(cases, equal, strict=True)
        )

    return replace(question, draw=draw)


def test_a_slip_that_the_inputs_hide_survives_and_is_caught_where_they_do_not() -> None:
    question, slip = find("soft.responsibilities"), "log_joint = log_densities"
    for asked, survives in ((question, False), (without_weights(question), True)):
        (outcome,) = [one for one in judged(asked, [1, 2]) if one.mutant.change == slip]
        assert outcome.survives == survives


def test_a_mutant_that_does_not_end_is_ended_and_loses_everything() -> None:
    question = find("selection.aic")

    def endless(log_likelihood: float, n_parameters: int) -> float:
        while True:
            pass

    assert loss_of(question, question.draw(np.random.default_rng(1)), endless) == (1.0, False)


def test_the_table_tells_holes_from_lotteries_and_knows_reasons() -> None:
    losses = {
        "a": (0.0, 0.0),
        "b": (0.0, 0.0),
        "c": (0.0, 0.5),
        "d": (0.5, 0.6),
        "e": (0.5, 0.6),
        "f": (1.0, 1.0),
    }
    outcomes = [Judged(Mutant("", change), lost) for change, lost in losses.items()]
    found = row("em.fit", outcomes, Reasons({"a": "right", "f": "once right"}, {"d": "by chance"}))
    assert (found.mutants, found.equivalent, found.holes, found.outdated) == (6, 1, ("b",), ("f",))
    assert found.lotteries == ("c", "e")
