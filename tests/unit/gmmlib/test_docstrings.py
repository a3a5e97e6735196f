"""Docstrings lead to equations that exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
MODULES = sorted((ROOT / "gmmlib").glob("*.py"))
CITED = re.compile(r"book/(\w+)\.md,\s+equations?\s+((?:[a-z][a-z-]+(?:,\s+|\s+and\s+|\s+\()?)+)")


def citations(module: Path) -> set[tuple[str, str]]:
    """Pairs (page, label) that the docstrings of a module name."""
    found = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            for page, labels in CITED.findall(ast.get_docstring(node) or ""):
                found |= {(page, label) for label in re.findall(r"[a-z]+(?:-[a-z]+)+", labels)}
    return found


def test_the_steps_name_their_equations():
    named = citations(ROOT / "gmmlib" / "em.py")
    assert {("em", "em-e-step"), ("em", "em-m-step"), ("em", "em-means")} <= named


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_every_equation_that_a_docstring_names_stands_on_its_page(module):
    for page, label in sorted(citations(module)):
        text = (ROOT / "book" / f"{page}.md").read_text()
        assert re.search(rf"^\s*:label:\s+{label}\s*$", text, flags=re.MULTILINE), f"{page} lacks {label}"


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_no_function_is_long(module):
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            lines = body[-1].end_lineno - body[0].lineno + 1 if body else 0
            assert lines <= 36, f"{module.name}: {node.name} has {lines} lines"
