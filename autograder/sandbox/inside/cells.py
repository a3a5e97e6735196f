"""What a cell can do, as far as its text shows. Imports nothing of the project."""

from __future__ import annotations

import ast


def binds_only(source: str) -> bool:
    """Whether a cell does no more than bind names, so that the names before it tell all that was before it.

    Definitions, imports and constants do no more, nor does what waits for a `check`, which says nothing while
    grading.
    """
    try:
        return all(_binds_only(statement) for statement in ast.parse(source).body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def _binds_only(statement: ast.stmt) -> bool:
    match statement:
        case ast.Import() | ast.ImportFrom() | ast.Pass():
            return True
        case ast.FunctionDef(args=arguments, decorator_list=[]):
            defaults = [*arguments.defaults, *arguments.kw_defaults]
            return all(default is None or isinstance(default, ast.Constant) for default in defaults)
        case ast.Expr(value=value) | ast.Assign(targets=[ast.Name()], value=value):
            return isinstance(value, ast.Constant) or _is_check(value)
        case ast.If(test=ast.BoolOp(op=ast.And(), values=tests), orelse=[]):
            return all(_is_check(test) for test in tests)
        case ast.If(test=test, orelse=[]):
            return _is_check(test)
    return False


def _is_check(value: ast.expr) -> bool:
    match value:
        case ast.Call(func=ast.Name(id="check"), args=arguments, keywords=[]):
            return all(isinstance(argument, ast.Constant | ast.Name) for argument in arguments)
    return False
