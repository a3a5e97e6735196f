"""What a check sees of an answer: the values in the shapes that were asked for, beside the reference's.

The messages made here hold no numbers of the inputs or answers: while grading, the inputs are secret.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

import numpy as np

from autograder.judge.remembered import remembered
from autograder.judge.shapes import arrange, misfit, order_of
from autograder.judge.tolerance import agree
from autograder.values import Answer, Argument, Case, FloatArray, Part, Question, QuestionAnswers

Values = Mapping[Part, FloatArray]


def call(function: Callable[..., object], question: Question, case: Case) -> dict[Part, FloatArray]:
    """Call a trusted function (reference or wrong implementation) on copies of the inputs.

    A wrong implementation may return fewer parts than asked for.
    """
    arguments: list[Argument] = [a.copy() if isinstance(a, np.ndarray) else a for a in case.arguments]
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        value = function(*arguments, **case.keywords)
    values = value if isinstance(value, tuple) else (value,)
    if len(values) > len(question.returns):
        raise ValueError(f"{len(values)} values came back where {len(question.returns)} should.")
    return dict(zip(question.returns, (np.asarray(v, dtype=np.float64) for v in values), strict=False))


@remembered
def expected(case: Case, question: Question) -> Values:
    """Return what the reference returns."""
    if case.answer is not None:
        answer = (np.asarray(value, dtype=np.float64) for value in case.answer)
        return dict(zip(question.returns, answer, strict=True))
    return call(question.reference, question, case)


@dataclass(frozen=True)
class Seen:
    """One case as a check sees it: the call, what came back, and what the reference gives back.

    `returned` lacks what is missing or cannot be brought to the expected shape; `complaints` say why.
    """

    case: Case
    returned: Values
    expected: Values
    complaints: tuple[str, ...] = ()
    raw: Values = field(default_factory=dict)  # as it came, whatever its shape
    reordered: bool = False  # whether the values came in another order
    _right: dict[Part, bool] = field(default_factory=dict, init=False, repr=False)  # compared once only

    def argument(self, position: int) -> FloatArray:
        """Return an array argument of the call."""
        return np.asarray(self.case.arguments[position], dtype=np.float64)

    def right(self, part: Part) -> bool:
        """Whether this part was returned and agrees with the reference."""
        if part not in self._right:
            self._right[part] = part in self.returned and agree(
                part, self.case, self.returned[part], self.expected[part], part.at_least
            )
        return self._right[part]


NOT_ASKED = "the function was not called any more, because an earlier call ended badly"
_ENDINGS = {
    "raised": "the function stopped with an error ({exception})",
    "timed-out": "the function took too long",
    "out-of-memory": "the function used too much memory",
    "died": "the process ended while the function ran",
    "not-asked": NOT_ASKED,
}


def see(case: Case, answer: Answer | None, returns: Sequence[Part], expected: Values) -> Seen:
    """Bring an answer into the shapes the question asks for, or say why that cannot be done."""
    if answer is None:
        answer = Answer("not-asked")
    if answer.status == "unusable":
        return Seen(case, {}, expected, (answer.message or "what was returned is not made of plain numbers",))
    if answer.status != "returned":
        ending = _ENDINGS[answer.status].format(exception=answer.exception or "unknown")
        return Seen(case, {}, expected, (ending,))
    arrays = arrange([np.asarray(array, dtype=np.float64) for array in answer.parts], len(returns))
    names = ", ".join(part.name for part in returns)
    complaints = []
    if len(arrays) != len(returns):
        complaints.append(f"{_count(len(arrays))} came back where {_count(len(returns))} should: {names}")
    order = order_of([array.shape for array in arrays], [expected[part].shape for part in returns])
    if order:
        arrays = [arrays[place] for place in order]
        complaints.append(f"the values came in another order than {names}")
    raw = dict(zip(returns, arrays, strict=False)) if len(arrays) <= len(returns) else {}
    returned = {}
    for part, array in raw.items():
        if array.shape != expected[part].shape:
            came = misfit(array.shape, expected[part].shape)
            complaints.append(f"{part.name} should be {part.shape_in_words}, but {came}")
        if array.squeeze().shape == expected[part].squeeze().shape:
            returned[part] = array.reshape(expected[part].shape)
    return Seen(case, returned, expected, tuple(complaints), raw, order is not None)


def _count(n: int) -> str:
    return "one value" if n == 1 else f"{n} values"


# --------------------------------------------------------------------------- values in another order


class Order(Enum):
    """In which order, and how, the functions that stand in hand their values back."""

    ASKED_FOR = "as asked for"
    STUDENTS = "as the student's own"
    FORM = "in the form of the student's own"


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
