"""The structure of code, without names, comments, types and order of functions: fingerprints by winnowing.

Standard library only: it is loaded by the process that parses what students wrote. Schleimer, Wilkerson and
Aiken (2003), Winnowing: local algorithms for document fingerprinting.
"""

from __future__ import annotations

import ast
import hashlib
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

TOKENS = 14  # in one fragment: about a line and a half
WINDOW = 5  # of fragments, of which one is kept: a match of TOKENS + WINDOW - 1 tokens is never missed
LONGEST = 100_000  # characters of a cell that is parsed, comments not counted
_OF_JUPYTER = re.compile(r"^([ \t]*)(?:%|!|\?).*$", re.M)  # a magic, a command, a question
_HIDING = ("exec", "eval", "compile")  # run code that is a text here


@dataclass(frozen=True)
class Fragment:
    """A piece of structure: its digest, and the lines on which it stands."""

    digest: int
    first: int
    last: int


def fragments(sources: Sequence[str]) -> tuple[Fragment, ...]:
    """Return the fingerprints of cells, on the lines of the joined text; what is no Python has none."""
    return look_into(sources)[0]


def look_into(sources: Sequence[str]) -> tuple[tuple[Fragment, ...], int]:
    """Return the fingerprints, and how many cells hold what no fingerprint tells."""
    trees = [_tree(source) for source in sources]
    hidden = sum(tree is None or _hides(tree) for tree in trees)
    return _of_trees(sources, trees), hidden


def _of_trees(sources: Sequence[str], trees: Sequence[ast.Module | None]) -> tuple[Fragment, ...]:
    own = frozenset(name for tree in trees if tree is not None for name in _own_names(tree))
    found: dict[tuple[int, int], Fragment] = {}
    before = 0
    for source, tree in zip(sources, trees, strict=True):
        for fragment in _of_cell(tree, own) if tree is not None else ():
            first = fragment.first + before
            found.setdefault(
                (fragment.digest, first), Fragment(fragment.digest, first, fragment.last + before)
            )
        before += source.count("\n") + 1
    return tuple(found.values())


def _tree(source: str) -> ast.Module | None:
    comments = sum(len(line) for line in source.splitlines() if line.lstrip().startswith("#"))
    if len(source) - comments > LONGEST:
        return None
    return _parsed(source) or _parsed(_OF_JUPYTER.sub(r"\1pass", source))


def _parsed(source: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # such as "\\d": what a student writes is no concern of ours
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _hides(tree: ast.Module) -> bool:
    """Return whether a cell runs code that is a text in it."""
    calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return any(isinstance(function, ast.Name) and function.id in _HIDING for function in calls)


def _of_cell(tree: ast.Module, own: frozenset[str]) -> list[Fragment]:
    try:
        return [part for node in _parts(tree) for part in _winnowed(_hashed(tuple(_tokens(node, own))))]
    except RecursionError:
        return []


def _parts(tree: ast.Module) -> Iterator[ast.stmt]:
    """Yield what may stand in another order: functions, classes, statements of a cell."""
    return (part for part in tree.body if not isinstance(part, ast.Import | ast.ImportFrom))


def _own_names(tree: ast.Module) -> Iterator[str]:
    """Yield the names that are given here; the others are a library's."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name


def _tokens(node: ast.AST, own: frozenset[str], line: int = 1) -> Iterator[tuple[str, int]]:
    """Yield the words of the syntax tree, each node before its children, with their lines."""
    line = getattr(node, "lineno", line)
    word = _word(node, own)
    if word:
        yield word, line
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "type_comment", "ctx", "decorator_list"):
            continue
        children = value if isinstance(value, list) else [value]
        for position, child in enumerate(children):
            if isinstance(child, ast.AST) and not (field == "body" and position == 0 and _is_text(child)):
                yield from _tokens(child, own, line)


def _word(node: ast.AST, own: frozenset[str]) -> str:
    """Return what is kept of a node: its kind, a library's name, a number; never a student's own name."""
    if isinstance(node, ast.Attribute):
        return "." if node.attr in own else f".{node.attr}"
    if isinstance(node, ast.keyword):
        return "=" if node.arg in own else f"{node.arg}="
    if isinstance(node, ast.Constant):
        return "text" if isinstance(node.value, str | bytes) else repr(node.value)[:40]
    if isinstance(node, ast.Expr | ast.arguments | ast.expr_context):
        return ""
    return type(node).__name__


def _is_text(node: ast.AST) -> bool:
    """Return whether a statement is a docstring."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _hashed(tokens: Sequence[tuple[str, int]]) -> list[Fragment]:
    """Return every run of TOKENS words as a fragment."""
    words, lines = [word for word, _ in tokens], [line for _, line in tokens]
    return [
        Fragment(
            _digest(" ".join(words[start : start + TOKENS])), lines[start], max(lines[start : start + TOKENS])
        )
        for start in range(len(tokens) - TOKENS + 1)
    ]


def _digest(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=6).digest(), "big")


def _winnowed(runs: Sequence[Fragment]) -> Iterator[Fragment]:
    """Yield the smallest of each window of runs, each once: which ones depends on their neighbours only."""
    digests, chosen = [run.digest for run in runs], -1
    for start in range(min(len(runs), max(1, len(runs) - WINDOW + 1))):
        window = digests[start : start + WINDOW]
        last = start + len(window) - 1 - window[::-1].index(min(window))  # of equals the last
        if last != chosen:
            chosen = last
            yield runs[chosen]
