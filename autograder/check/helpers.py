"""Functions that use others: while one is tried, right ones stand in for those that are wrong."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

import numpy as np

from autograder.check.asking import ask, public_cases
from autograder.judge.points import judge
from autograder.sandbox.inside.standing_in import in_order, parameters_of, standing_in
from autograder.values import Question


@contextmanager
def helpers_that_work(
    name: str, used: Sequence[Question], function: Callable[..., object]
) -> Iterator[tuple[str, ...]]:
    """Replace the wrong helpers of the function of this name for a while; yields the note that says which,
    or none.
    """
    names = _names_around(function)
    wrong = [helper for helper in used if not _right(helper, names.get(helper.name))]
    before = {helper.name: names[helper.name] for helper in wrong if helper.name in names}
    with ExitStack() as stack:
        for helper in wrong:
            student_s = before.get(helper.name)
            right = in_order(parameters_of(student_s), list(helper.parameters), _of_plain_values(helper))
            names[helper.name] = right
            stack.enter_context(standing_in(student_s, right, names))
        try:
            yield (_note(name, list(before)),) if before else ()
        finally:
            for helper in wrong:
                names.pop(helper.name)
            names.update(before)


def _names_around(function: Callable[..., object]) -> dict[str, Any]:
    """Return the names that a function sees: of the notebook, or of a module of the student's own."""
    plain: Any = inspect.unwrap(function)
    while isinstance(plain, partial):
        plain = plain.func
    plain = getattr(plain, "__func__", plain)
    if not hasattr(plain, "__globals__"):
        plain = vars(type(plain)).get("__call__")
    names: dict[str, Any] = getattr(plain, "__globals__", vars(sys.modules["__main__"]))
    return names


def _of_plain_values(helper: Question) -> Callable[..., object]:
    """Return the right helper; it takes lists for arrays, as the student's may."""

    def plain(value: object) -> object:
        return np.asarray(value) if isinstance(value, list | tuple) else value

    def right(*arguments: object, **keywords: object) -> object:
        named = {name: plain(value) for name, value in keywords.items()}
        return helper.reference(*map(plain, arguments), **named)

    return right


def _note(name: str, wrong: Sequence[str]) -> str:
    if len(wrong) == 1:
        return f"{wrong[0]} is not right yet, so {name} was tried with a correct one in its place."
    return f"{' and '.join(wrong)} are not right yet, so {name} was tried with correct ones in their place."


def _right(helper: Question, function: object) -> bool:
    if not callable(function):
        return False
    result = judge(helper, public_cases(helper), ask(helper, function).answers, 1.0)
    return result.score >= result.max_score
