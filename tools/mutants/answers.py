"""The model answers of the notebooks: a function's source, and what stands around it while it runs."""

from __future__ import annotations

import ast
import itertools
import types
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from autograder.questions import find
from autograder.values import Question

SOLUTIONS = Path(__file__).parents[2] / "solutions"


def model_answer(question: Question) -> str:
    """Return the source of the function in the solved notebook, its docstring too."""
    return ast.unparse(_functions(question.assignment)[question.name])


def surroundings(question: Question) -> dict[str, Any]:
    """Return the names that the function finds: the libraries, and right answers of what it uses."""
    names: dict[str, Any] = {"np": _numpy(), "itertools": itertools}
    for used in question.uses:
        exec(model_answer(find(used)), names)
    return names


@cache
def _functions(assignment: str) -> dict[str, ast.FunctionDef]:
    source = (SOLUTIONS / assignment / f"{assignment}.py").read_text(encoding="utf-8")
    return {node.name: node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}


def _numpy() -> types.ModuleType:
    """Return NumPy with an `empty` that holds nan: what lay in memory before must not decide."""
    numpy = types.ModuleType("numpy")
    vars(numpy).update(vars(np), empty=lambda shape, dtype=float: np.full(shape, np.nan, dtype))
    return numpy
