"""What is computed from a case is remembered as long as the case lives.

Public cases live as long as the notebook, so that a check computes there only what is new; in grading the
cases die with the submission, and what was remembered of them dies too.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from autograder.values import Case

Others = ParamSpec("Others")
Value = TypeVar("Value")


def remembered(
    function: Callable[Concatenate[Case, Others], Value],
) -> Callable[Concatenate[Case, Others], Value]:
    """Make a function of a case and hashable arguments, passed by position, remember its values."""
    known: WeakKeyDictionary[Case, dict[Hashable, Value]] = WeakKeyDictionary()

    @wraps(function)
    def remembering(case: Case, *others: Others.args, **keywords: Others.kwargs) -> Value:
        values = known.setdefault(case, {})
        if others not in values:
            values[others] = function(case, *others, **keywords)
        return values[others]

    return remembering
