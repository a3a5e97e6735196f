"""The packages that a function uses, as far as its code shows, and that are not there while grading."""

from __future__ import annotations

import dis
import inspect
from collections.abc import Collection, Iterator
from types import CodeType, FunctionType, ModuleType

from autograder.judge.packages import is_there
from autograder.sandbox.inside.standing_in import attribute, unwrapped

OURS = ("autograder", "gmmlib")
MOST = 200  # functions that are looked at


def absent(function: object, others: Collection[str] = ()) -> tuple[str, ...]:
    """Return the top-level names of the packages that a student's function would miss, in order of use.

    What the functions called `others` use is told where these are checked.
    """
    own = attribute(function, "__module__")
    if not isinstance(own, str) or own.partition(".")[0] in OURS:
        return ()
    waiting = list(_functions(function))
    seen: set[CodeType] = set()
    found: dict[str, None] = {}
    while waiting and len(seen) < MOST:
        of = waiting.pop(0)
        if of.__code__ in seen:
            continue
        seen.add(of.__code__)
        known: dict[str, object] = {**of.__globals__, **inspect.getclosurevars(of).nonlocals}
        for code in _codes(of.__code__):
            found |= dict.fromkeys(_imported(code))
            for name in (name for name in (*code.co_names, *code.co_freevars) if name not in others):
                value = known.get(name)
                if (package := _package(value)) == own.partition(".")[0]:
                    waiting += _functions(value)
                elif package:
                    found[package] = None
    return tuple(package for package in found if not is_there(package))


def _functions(value: object) -> Iterator[FunctionType]:
    """The functions in a value: itself, what it wraps, the methods of a class."""
    value = unwrapped(value) if callable(value) else value
    value = attribute(value, "func") or value  # of functools.partial
    for one in vars(value).values() if isinstance(value, type) else (value,):
        if isinstance(one, FunctionType):
            yield one


def _codes(code: CodeType) -> Iterator[CodeType]:
    """A function's code and that of the functions in it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _imported(code: CodeType) -> Iterator[str]:
    """The packages that a function imports itself."""
    for step in dis.get_instructions(code):
        if step.opname == "IMPORT_NAME" and isinstance(step.argval, str) and step.argval:
            yield step.argval.partition(".")[0]


def _package(value: object) -> str:
    """The package that a global comes from; a module is its own."""
    name = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
    return name.partition(".")[0] if isinstance(name, str) else ""
