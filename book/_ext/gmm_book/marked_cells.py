"""Cells of the lessons that are marked `:tags: [try-NAME]`, each with what it needs of the cells above it."""

from __future__ import annotations

import ast
import builtins
import re
import symtable
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jupytext

TAG = "try-"
#: What can be imported in the page; matplotlib is a recorder there.
MODULES = {*sys.stdlib_module_names, "numpy", "gmmlib", "matplotlib"}
BUILTINS = frozenset(dir(builtins))


@dataclass(frozen=True)
class MarkedCell:
    """A marked cell: its code, and the statements above it that it needs."""

    before: tuple[str, ...]
    source: str


@cache  # a build asks twice: at once, for mistakes, and for what the page loads
def marked_cells(root: Path) -> dict[str, MarkedCell]:
    """Return the marked cells of all lessons by their names.

    Raises
    ------
    ValueError
        If a cell cannot run in the page's Python, or two have the same name; the message says which and why.
    """
    found: dict[str, MarkedCell] = {}
    for path in sorted((root / "book").glob("*.md")):
        if TAG not in path.read_text("utf-8") or path.name == "README.md":
            continue
        above: list[Statement] = []
        cells = [cell for cell in jupytext.read(path, fmt="md:myst").cells if cell.cell_type == "code"]
        while cells and not _marks(cells[-1]):  # nobody needs what stands below
            cells.pop()
        for cell in cells:
            for tag in _marks(cell):
                name, where = tag.removeprefix(TAG), f"{path.name}, cell {tag}"
                if name in found:
                    raise ValueError(f"{where}: another cell has this name.")
                found[name] = MarkedCell(_needed(where, cell.source, above), cell.source)
            above += statements(cell.source)
    return found


def _marks(cell: Any) -> list[str]:
    return [tag for tag in cell.metadata.get("tags", []) if tag.startswith(TAG)]


@dataclass(frozen=True)
class Statement:
    """A statement at the top of a cell: what it binds, what it reads before, which modules it imports."""

    source: str
    binds: frozenset[str]
    reads: frozenset[str]
    modules: frozenset[str]
    is_sure: bool  # it binds them whatever happens


def statements(source: str) -> list[Statement]:
    """Return the statements of a cell."""
    lines = re.sub(r"^[%!].*$", "", source, flags=re.MULTILINE)
    return [_statement(ast.get_source_segment(lines, node) or "", node) for node in ast.parse(lines).body]


def _statement(source: str, node: ast.stmt) -> Statement:
    symbols = symtable.symtable(source, "cell", "exec").get_symbols()
    binds = {s.get_name() for s in symbols if s.is_assigned() or s.is_imported() or s.is_namespace()}
    return Statement(
        source,
        frozenset(binds | _changed(node)),
        frozenset(_reads(node)),
        frozenset(_modules(node)),
        not isinstance(node, ast.If | ast.Try | ast.While),
    )


def _reads(node: ast.stmt) -> set[str]:
    """Return the names that a statement takes from what stands above it."""
    match node:
        case ast.For(target=target, iter=iterated, body=body, orelse=otherwise):
            return _names(iterated) | (_inside([*body, *otherwise]) - _names(target, ast.Store))
        case ast.With(items=items, body=body):
            bound = {n for item in items if item.optional_vars for n in _names(item.optional_vars, ast.Store)}
            return {n for item in items for n in _names(item.context_expr)} | (_inside(body) - bound)
        case (
            ast.If(test=test, body=body, orelse=otherwise) | ast.While(test=test, body=body, orelse=otherwise)
        ):
            return _names(test) | _inside(body) | _inside(otherwise)
        case ast.Try(body=body, handlers=handlers, orelse=otherwise, finalbody=last):
            caught = {n for h in handlers for n in (_names(h.type) if h.type else set())}
            caught |= {n for h in handlers for n in _inside(h.body) - {h.name}}
            return caught | _inside([*body, *otherwise]) | _inside(last)
        case _:
            table = symtable.symtable(ast.unparse(node), "cell", "exec")
            here = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_referenced()}
            free = {name for inner in table.get_children() for name in _free(inner)}
            return here | free | _changed(node)


def _inside(nodes: list[ast.stmt]) -> set[str]:
    return _reads_of([_statement(ast.unparse(node), node) for node in nodes])


def _names(part: ast.expr, how: type[ast.expr_context] = ast.Load) -> set[str]:
    """Return the names in an expression that are read or, with ast.Store, bound."""
    if how is ast.Load:
        return _reads(ast.Expr(part))
    return {each.id for each in ast.walk(part) if isinstance(each, ast.Name) and isinstance(each.ctx, how)}


def _free(table: symtable.SymbolTable) -> Iterator[str]:
    """Names that a function, and those inside it, take from the cell."""
    yield from (symbol.get_name() for symbol in table.get_symbols() if symbol.is_global())
    for inner in table.get_children():
        yield from _free(inner)


def _changed(node: ast.stmt) -> set[str]:
    """Return the names of what a statement changes in part, as in x[0] = 1 and x += 1."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return set()
    parts = list(ast.walk(node))
    stored = [part for part in parts if isinstance(part, ast.Subscript | ast.Attribute)]
    inside = {_root(part) for part in stored if isinstance(part.ctx, ast.Store)} - {""}
    added = [part.target for part in parts if isinstance(part, ast.AugAssign)]
    return inside | {target.id for target in added if isinstance(target, ast.Name)}


def _root(part: ast.expr) -> str:
    while isinstance(part, ast.Subscript | ast.Attribute):
        part = part.value
    return part.id if isinstance(part, ast.Name) else ""


def _modules(node: ast.stmt) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in part.names)
        elif isinstance(part, ast.ImportFrom):
            yield (part.module or "").partition(".")[0]


def _needed(where: str, source: str, above: list[Statement]) -> tuple[str, ...]:
    """Return the statements above a cell that it needs, in their order."""
    own = statements(source)
    wanted = _reads_of(own)
    kept, missing = _bound_above(wanted, above)
    while later := missing & {name for statement in above for name in statement.binds}:
        wanted |= later  # a function reads it, and it is bound below the function
        kept, missing = _bound_above(wanted, above)
    if missing - {name for statement in own for name in statement.binds}:
        raise ValueError(f"{where}: no cell above defines {', '.join(sorted(missing))}.")
    for statement in (*kept, *own):
        if foreign := sorted(statement.modules - MODULES):
            raise ValueError(
                f"{where}: it needs “{statement.source.splitlines()[0]}”, and Python in the page has no "
                f"{foreign[0]}. Mark a cell that gets by with NumPy and gmmlib, or take the tag away."
            )
    return tuple(statement.source for statement in kept)


def _bound_above(wanted: set[str], above: list[Statement]) -> tuple[list[Statement], set[str]]:
    """Return the statements that bind the wanted names and what these need, and names that none binds."""
    kept: list[Statement] = []
    wanted = wanted - BUILTINS
    for statement in reversed(above):
        if statement.binds & wanted:
            kept.insert(0, statement)
            wanted = _before(statement, wanted) - BUILTINS
    return kept, wanted - {name for statement in kept for name in statement.binds}


def _reads_of(all_of_them: list[Statement]) -> set[str]:
    wanted: set[str] = set()
    for statement in reversed(all_of_them):
        wanted = _before(statement, wanted)
    return wanted


def _before(statement: Statement, wanted: set[str]) -> set[str]:
    """Return the names that are wanted above a statement, of those that are wanted below."""
    return (wanted - statement.binds if statement.is_sure else wanted) | statement.reads
