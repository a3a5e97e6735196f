"""The functions of an exercise notebook as its model answers write them."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import jupytext
import numpy as np

from tests.support.courses import ROOT


def functions(assignment: str, **others: Callable[..., Any]) -> dict[str, Callable[..., Any]]:
    """The functions by name; others stand in for those of their names wherever the notebook calls them."""
    names: dict[str, Any] = {"np": np, "itertools": itertools}
    for cell in jupytext.read(ROOT / "solutions" / assignment / f"{assignment}.py").cells:
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution"):
            exec(cell.source, names)
    names.update(others)
    return names


def text(assignment: str) -> str:
    """The whole notebook as one line, without the marks of comments."""
    lines = (ROOT / "solutions" / assignment / f"{assignment}.py").read_text("utf-8").splitlines()
    return " ".join(" ".join(line.removeprefix("#").split()) for line in lines)
