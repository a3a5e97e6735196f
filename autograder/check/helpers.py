"""Functions that use others: while one is tried, right ones stand in for those that are wrong."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np

from autograder.check.asking import Asked, ask, public_cases
from autograder.judge.points import compare, share_of
from autograder.judge.seen import as_returned
from autograder.sandbox.inside.forms import in_its_form
from autograder.sandbox.inside.standing_in import (
    attribute,
    in_order,
    parameters_of,
    standing_in,
    unwrapped,
)
from autograder.values import Question, QuestionAnswers

TRIED = ("graded", "raised")  # of a function that was called, and came to an end


def ask_with_right_helpers(
    question: Question, used: Sequence[Question], function: Callable[..., object]
) -> tuple[Asked, tuple[str, ...]]:
    """Ask a function while right ones stand in for its wrong helpers; return the note that says which, too.

    Where a helper returns its values in another order, the function may unpack them as they come or as they
    should: the better of both counts.
    """
    names = _names_around(function)
    answers = {helper: _answers(helper, names.get(helper.name)) for helper in used}
    wrong = {helper: helper.reference for helper, found in answers.items() if not _right(helper, found)}
    with _standing_in(names, wrong) as replaced:
        asked = ask(question, function)
    as_they_come = {
        helper: reordered
        for helper in wrong
        if (reordered := as_returned(helper, public_cases(helper), answers[helper]))
    }
    if as_they_come and not _right(question, asked.answers):
        with _standing_in(names, {**wrong, **as_they_come}):
            again = ask(question, function)
        if _score(question, again.answers) > _score(question, asked.answers):
            asked = again
    for formed, kept in _other_ways(wrong, answers):
        if asked.answers.status not in TRIED or _right(question, asked.answers):
            break
        others = {helper: right for helper, right in wrong.items() if helper not in kept}
        with _standing_in(names, others, formed) as without:
            again = ask(question, function)
        if _right(question, again.answers):
            asked, replaced = again, without
    taken = [helper.name for helper in wrong if helper.name in names and helper.name not in replaced]
    notes = (_note(question.name, replaced),) if replaced else ()
    return asked, (*notes, *(_note_of_own(question.name, helper) for helper in taken))


def _other_ways(
    wrong: Collection[Question], answers: Mapping[Question, QuestionAnswers]
) -> Iterator[tuple[Collection[Question], Collection[Question]]]:
    """Yield which helpers hand values over in the student's form, and which are the student's own.

    A function may be right for a helper that returns a dictionary, or the negative of what was asked for.
    """
    own = [helper for helper in wrong if answers[helper].status in TRIED]
    formed = [helper for helper in own if answers[helper].status == "graded"]
    if formed:
        yield formed, ()
    for count in range(1, len(own) + 1):
        for kept in combinations(own, count):
            yield (), kept


@contextmanager
def _standing_in(
    names: dict[str, Any],
    right: Mapping[Question, Callable[..., object]],
    formed: Collection[Question] = (),
) -> Iterator[tuple[str, ...]]:
    """Replace helpers for a while; yield the names of those that were there.

    The values of those in `formed` come as the student's own do.
    """
    before = {helper.name: names[helper.name] for helper in right if helper.name in names}
    with ExitStack() as stack:
        for helper, function in right.items():
            student_s = before.get(helper.name)
            plain, asked = _of_plain_values(function), list(helper.parameters)
            form = in_its_form if helper in formed else None
            if form is None:
                names[helper.name] = in_order(parameters_of(student_s), asked, plain)
            stack.enter_context(standing_in(student_s, plain, asked, names, form))
        try:
            yield tuple(before)
        finally:
            for helper in right:
                names.pop(helper.name, None)
            names.update(before)


def _names_around(function: Callable[..., object]) -> dict[str, Any]:
    """Return the names that a function sees: of the notebook, or of a module of the student's own."""
    plain: Any = unwrapped(function)
    while isinstance(plain, partial):
        plain = plain.func
    plain = attribute(plain, "__func__") or plain
    if attribute(plain, "__globals__") is None:
        plain = vars(type(plain)).get("__call__")
    names: dict[str, Any] | None = attribute(plain, "__globals__")
    return vars(sys.modules["__main__"]) if names is None else names


def _of_plain_values(function: Callable[..., object]) -> Callable[..., object]:
    """Return the right helper; it takes lists for arrays, as the student's may."""

    def plain(value: object) -> object:
        return np.asarray(value) if isinstance(value, list | tuple) else value

    def right(*arguments: object, **keywords: object) -> object:
        named = {name: plain(value) for name, value in keywords.items()}
        return function(*map(plain, arguments), **named)

    return right


def _note(name: str, wrong: Sequence[str]) -> str:
    if len(wrong) == 1:
        return f"{wrong[0]} is not right yet, so {name} was tried with a correct one in its place."
    return f"{' and '.join(wrong)} are not right yet, so {name} was tried with correct ones in their place."


def _note_of_own(name: str, helper: str) -> str:
    return f"{helper} is not right yet, but {name} is, with {helper} as you wrote it."


def _answers(helper: Question, function: object) -> QuestionAnswers:
    return ask(helper, function).answers if callable(function) else QuestionAnswers("not-defined")


def _right(question: Question, answers: QuestionAnswers) -> bool:
    return _score(question, answers) >= 1.0


def _score(question: Question, answers: QuestionAnswers) -> float:
    """Return the share of the points that answers earn."""
    return share_of(question, compare(question, public_cases(question), answers))
