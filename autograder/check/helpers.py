"""Functions that use others: while one is tried, right ones stand in for those that are wrong."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from autograder.check.asking import ask, public_cases
from autograder.judge.points import judge
from autograder.values import Question


@contextmanager
def helpers_that_work(
    name: str, used: Sequence[Question], function: Callable[..., object]
) -> Iterator[tuple[str, ...]]:
    """Replace the wrong helpers of the function of this name for a while; yields the note that says which,
    or none.
    """
    names = getattr(inspect.unwrap(function), "__globals__", {})
    replaced = {
        helper.name: helper.reference for helper in used if not _right(helper, names.get(helper.name))
    }
    before = {name: names[name] for name in replaced if name in names}
    names.update(replaced)
    try:
        yield (_note(name, list(before)),) if before else ()
    finally:
        for name in replaced:
            names.pop(name)
        names.update(before)


def _note(name: str, wrong: Sequence[str]) -> str:
    if len(wrong) == 1:
        return f"{wrong[0]} is not right yet, so {name} was tried with a correct one in its place."
    return f"{' and '.join(wrong)} are not right yet, so {name} was tried with correct ones in their place."


def _right(helper: Question, function: object) -> bool:
    if not callable(function):
        return False
    result = judge(helper, public_cases(helper), ask(helper, function).answers, 1.0)
    return result.score >= result.max_score
