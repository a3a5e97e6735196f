"""A cell of code, run in a namespace: what a notebook does, and the page."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from types import CodeType
from typing import Any

#: A line for IPython, such as "%matplotlib inline" in a notebook that was begun elsewhere.
MAGIC = re.compile(r"^[%!].*$", re.MULTILINE)


@dataclass(frozen=True)
class Cell:
    """A cell of code by its name, such as "setup" or the function that it defines."""

    name: str
    source: str


@dataclass(frozen=True)
class Broken:
    """Why a cell does not run: the error's name, its message, and at which line."""

    error: str
    message: str
    line: int | None

    def __str__(self) -> str:
        where = f" in line {self.line}" if self.line else ""
        return f"{self.error}{where}: {self.message}" if self.message else f"{self.error}{where}"


def run(cell: Cell, namespace: dict[str, Any]) -> Broken | None:
    """Run a cell; None if it ran to its end."""
    return evaluate(cell, namespace)[1]


def evaluate(cell: Cell, namespace: dict[str, Any]) -> tuple[object, Broken | None]:
    """Run a cell; the value of its last line, if that is an expression, and why it broke off, if it did."""
    file = f"<{cell.name}>"
    try:
        statements, expression = _compiled(cell.source, file)
        exec(statements, namespace)
        return (eval(expression, namespace) if expression is not None else None), None
    except KeyboardInterrupt:
        raise
    except SyntaxError as error:
        return None, Broken(type(error).__name__, error.msg, error.lineno)
    except BaseException as error:  # quit() in a cell must not end the worker
        lines, step = [], error.__traceback__
        while step is not None:
            lines += [step.tb_lineno] if step.tb_frame.f_code.co_filename == file else []
            step = step.tb_next
        return None, Broken(type(error).__name__, str(error), lines[-1] if lines else None)


def _compiled(source: str, file: str) -> tuple[CodeType, CodeType | None]:
    """Compile the statements, and the expression at their end."""
    tree = ast.parse(MAGIC.sub("", source), file)
    last = tree.body[-1] if tree.body else None
    if not isinstance(last, ast.Expr):
        return compile(tree, file, "exec", dont_inherit=True), None
    tree.body.pop()
    value = ast.Expression(last.value)
    return compile(tree, file, "exec", dont_inherit=True), compile(value, file, "eval", dont_inherit=True)
