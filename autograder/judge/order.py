"""A right function that hands its values back in the order of a student's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum

import numpy as np

from autograder.judge.seen import expected
from autograder.judge.shapes import arrange, order_of
from autograder.values import Answer, Case, Question, QuestionAnswers


class Order(Enum):
    """In which order the functions that stand in hand their values back."""

    ASKED_FOR = "as asked for"
    STUDENTS = "as the student's own"


def as_returned(
    question: Question, cases: Sequence[Case], answers: QuestionAnswers
) -> Callable[..., object] | None:
    """Return the reference with its values in a student's order; None if that is the one asked for.

    A function that uses the student's unpacks them so: it shall not pay for the order once more.
    """
    orders = {_order(question, case, answers.answers.get(case.name)) for case in cases} - {None}
    if len(orders) != 1:
        return None
    (order,) = orders

    def reordered(*arguments: object, **keywords: object) -> object:
        values = question.reference(*arguments, **keywords)
        assert isinstance(values, tuple)
        assert order is not None
        return tuple(values[order.index(place)] for place in range(len(values)))

    return reordered


def _order(question: Question, case: Case, answer: Answer | None) -> tuple[int, ...] | None:
    """Return the place of each part among the values that came back, if these are in another order."""
    if answer is None or answer.status != "returned":
        return None
    wanted = expected(case, question)
    came = arrange([np.asarray(part, dtype=np.float64) for part in answer.parts], len(question.returns))
    return order_of([part.shape for part in came], [wanted[part].shape for part in question.returns])
