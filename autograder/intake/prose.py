"""What a student has written in words, wherever in the notebook it stands. Standard library only."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Collection

from autograder.course.release import without_addresses

FEWEST = 2  # words that may be an answer
LONGEST = 20_000  # characters that are shown of what stands elsewhere
# What `release` puts at the head of a notebook: a student's may have an earlier date, or other rules.
_RULE = r"(?:Each day begun|The first|For the term you|You have|Between two attempts|Of several attempts)"
HEAD = re.compile(
    r"\*\*Due \w+, \d+ \w+ \d{4}, \d\d:\d\d \([\w/+-]+\)\.\*\*"
    rf"(?: {_RULE} (?:[^.\n]|\.\d){{1,70}}\.)*"
)
_WORD = re.compile(r"[^\W_]{2,}|[^\W\d_]|\d+")


def added(source: str, released: str) -> str:
    """Return the lines of a text that do not stand in what was released, nor tell when it was due."""
    released = without_addresses(released)
    known = {line.strip() for line in released.splitlines()}
    lines = [
        line for line in source.splitlines() if not _stands(without_addresses(line).strip(), released, known)
    ]
    return "\n".join(line for line in lines if not HEAD.fullmatch(line.strip())).strip()


def _stands(line: str, released: str, known: Collection[str]) -> bool:
    """Whether a line is one of the released ones, or a good part of one; an empty line is nobody's."""
    return bool(line) and (line in known or (len(line) > 12 and line in released))


def in_code(source: str) -> str:
    """Return the words in a code cell: comments, texts that stand alone, or all of a text that is no code."""
    try:
        alone = [
            node.value.value
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        ]
        tokens = tokenize.generate_tokens(io.StringIO(source).readline)
        comments = [token.string.lstrip("#! ") for token in tokens if token.type == tokenize.COMMENT]
    except (SyntaxError, ValueError, RecursionError, MemoryError, tokenize.TokenError):
        letters = sum(letter.isalpha() or letter in " ,." for letter in source)
        return source.strip() if letters > 0.8 * len(source) else ""
    return "\n".join([*(text.strip() for text in alone if isinstance(text, str)), *comments])


def says_something(text: str) -> bool:
    """Whether a text has words enough to be an answer."""
    return len(_WORD.findall(text)) >= FEWEST
