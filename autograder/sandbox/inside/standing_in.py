"""A right function in a student's function's place, however it is reached.

A name can be bound anew; but an alias, a default argument, functools.partial, np.vectorize, a closure, an
imported name and an object hold the function itself. So the function keeps its identity, and gets other code
for a while. What only passes its arguments on is no more than another name of the function behind it.
"""

from __future__ import annotations

import dis
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import takewhile
from pathlib import Path
from types import CodeType, FunctionType, MethodType
from typing import Any

_VARIABLE = 0x04  # of a code's flags: it takes *arguments
_DEPTH = 8  # functions that pass on to one another
_PASSES_ON = {
    "RESUME", "NOP", "CACHE", "PUSH_NULL", "COPY_FREE_VARS", "LOAD_GLOBAL", "LOAD_DEREF", "LOAD_ATTR",
    "LOAD_METHOD", "LOAD_CONST", "KW_NAMES", "PRECALL", "CALL", "CALL_KW", "CALL_FUNCTION_EX", "BUILD_MAP",
    "DICT_MERGE", "RETURN_VALUE",
}  # fmt: skip


def in_order(parameters: list[str], asked: list[str], right: Callable[..., Any]) -> Callable[..., Any]:
    """Return the right function, called like the student's, whose parameters are these.

    They may stand in another order, have other names, or be more: those that the right one has keep their
    meaning, the others are what is left, in order, and further ones change nothing.
    """
    if parameters == asked or len(parameters) < len(asked):
        return right
    left = iter([name for name in asked if name not in parameters])
    meant = {name: name if name in asked else next(left, "") for name in parameters}

    def called(*arguments: Any, **keywords: Any) -> Any:
        given = dict(zip(parameters, arguments)) | keywords  # noqa: B905
        known = {meant.get(name, name): value for name, value in given.items() if meant.get(name, name)}
        if known.keys() == set(asked):
            return right(*(known[name] for name in asked))
        return right(**known)

    return called


def attribute(value: object, name: str) -> Any:
    """Return an attribute; None if there is none, or a student's object fails to say so."""
    try:
        return getattr(value, name, None)
    except Exception:
        return None


def unwrapped(value: Any) -> Any:
    """Return what a decorated function was before, as functools.wraps keeps it."""
    for _ in range(_DEPTH):
        inner = attribute(value, "__wrapped__")
        if inner is None:
            break
        value = inner
    return value


def parameters_of(function: object) -> list[str]:
    """Return the names of a function's parameters; none of what has no code or takes any number of them."""
    skipped = 0
    if not isinstance(function, FunctionType):
        skipped = 1
        function = attribute(function, "__func__") or vars(type(function)).get("__call__")
    code = attribute(function, "__code__")
    if not isinstance(code, CodeType) or code.co_flags & _VARIABLE:
        return []
    return list(code.co_varnames[skipped : code.co_argcount + code.co_kwonlyargcount])


@contextmanager
def standing_in(
    function: object,
    right: Callable[..., Any],
    asked: list[str],
    names: dict[str, Any],
    form: Callable[..., Any] | None = None,
) -> Iterator[None]:
    """Have a function do what the right one does, if it is of the notebook with these names, for a while.

    `form`, of the function as it was and what it does now, says how its values come.
    """
    plain, holder = _behind(function, names)
    if not isinstance(plain, FunctionType) or not _ours(plain, names):
        yield
        return
    called = in_order(parameters_of(plain if holder is None else holder), asked, right)
    before = plain.__code__, plain.__defaults__, plain.__kwdefaults__
    forget = attribute(function, "cache_clear") or (lambda: None)
    forget()
    if holder is not None:
        called = _of_an_object(holder, called, _copy(plain))
    if form is not None:
        called = form(_copy(plain), called)
    plain.__code__ = _passing_on(len(plain.__code__.co_freevars))
    plain.__defaults__, plain.__kwdefaults__ = None, {"right": called}
    try:
        yield
    finally:
        plain.__code__, plain.__defaults__, plain.__kwdefaults__ = before
        forget()


def _behind(function: object, names: dict[str, Any]) -> tuple[object, object]:
    """Return the function that does the work, and the object whose method it is, if it is one."""
    for _ in range(_DEPTH):
        if isinstance(function, MethodType):
            return function.__func__, function
        wrapped = attribute(function, "__wrapped__")  # what functools.cache and functools.wraps keep
        if wrapped is None and isinstance(function, FunctionType):
            wrapped = _passed_on_to(function)
        elif wrapped is None and not isinstance(function, type):
            held = [
                value for value in (attribute(function, "__dict__") or {}).values() if _ours(value, names)
            ]
            if len({id(value) for value in held}) != 1:
                return vars(type(function)).get("__call__"), function
            wrapped = held[0]
        if not _ours(wrapped, names):
            break
        function = wrapped
    return function, None


def _passed_on_to(function: FunctionType) -> object:
    """Return the function that gets all arguments of one that does nothing else; None if there is no such."""
    steps = [step for step in dis.get_instructions(function.__code__) if step.opname != "CACHE"]
    taken = [step for step in steps if step.opname.startswith("LOAD_FAST")]
    others = [step for step in steps if step not in taken]
    constants = [step.argval for step in others if step.opname == "LOAD_CONST"]
    calls = [step for step in others if step.opname in ("CALL", "CALL_KW", "CALL_FUNCTION_EX")]
    if (
        len(calls) != 1
        or {step.opname for step in others} - _PASSES_ON
        or any(not isinstance(constant, tuple) for constant in constants)
    ):
        return None
    handed = [str(name) for step in taken for name in _as_tuple(step.argval)]
    if sorted(handed) != sorted(_variables(function.__code__)):
        return None
    return _named(function, takewhile(lambda step: step not in taken, steps))


def _named(function: FunctionType, steps: Iterable[dis.Instruction]) -> object:
    """Return what a function's first steps name: a global or outer variable, or an attribute of one."""
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=False))
    found: object = None
    for step in steps:
        if step.opname == "LOAD_GLOBAL":
            found = function.__globals__.get(step.argval)
        elif step.opname == "LOAD_DEREF":
            found = cells[step.argval].cell_contents
        elif step.opname in ("LOAD_ATTR", "LOAD_METHOD"):
            found = attribute(found, step.argval)
    return found


def _variables(code: CodeType) -> tuple[str, ...]:
    """Return all that a function takes, *arguments and **keywords too."""
    several = bool(code.co_flags & _VARIABLE) + bool(code.co_flags & 0x08)
    return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount + several]


def _as_tuple(name: object) -> tuple[object, ...]:
    return name if isinstance(name, tuple) else (name,)


def _of_an_object(
    holder: object, right: Callable[..., Any], original: Callable[..., Any]
) -> Callable[..., Any]:
    """Return a method that does what the right function does, for this object and those made like it."""
    if isinstance(holder, MethodType):
        return lambda _, *arguments, **keywords: right(*arguments, **keywords)

    def called(self: object, *arguments: Any, **keywords: Any) -> Any:
        mine, its = attribute(holder, "__dict__") or {}, attribute(self, "__dict__") or {}
        if mine.keys() == its.keys() and all(mine[name] is its[name] for name in mine):
            return right(*arguments, **keywords)
        return original(self, *arguments, **keywords)

    return called


def _copy(function: FunctionType) -> FunctionType:
    """Return a function that goes on doing what this one does."""
    made = FunctionType(
        function.__code__,
        function.__globals__,
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    made.__kwdefaults__ = function.__kwdefaults__
    return made


def _ours(function: object, names: dict[str, Any]) -> bool:
    """Whether a function is of a cell, or of a module that lies beside the notebook: no library's."""
    if isinstance(function, MethodType):
        function = function.__func__
    if not isinstance(function, FunctionType):
        return False
    file = function.__globals__.get("__file__")
    beside = isinstance(file, str) and Path(file).resolve().parent == Path.cwd()
    return function.__globals__ is names or beside


@cache
def _passing_on(n_free: int) -> CodeType:
    """Return the code of a function that calls `right`; it names as many outer variables as it replaces."""
    outer = [f"outer_{i}" for i in range(n_free)]
    unused = f"        if False: {', '.join(outer)}\n" if outer else ""
    source = (
        "def make():\n"
        + "".join(f"    {name} = None\n" for name in outer)
        + "    def stand_in(*arguments, right, **keywords):\n"
        + unused
        + "        return right(*arguments, **keywords)\n"
        + "    return stand_in\n"
    )
    made: dict[str, Any] = {}
    exec(source, made)
    code = made["make"]().__code__
    assert isinstance(code, CodeType)
    return code
