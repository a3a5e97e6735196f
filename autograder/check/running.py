"""What the page runs without a check: a notebook's picture of a reader's functions, a lesson's cell."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from typing import Any

from autograder.check.asking import Bounded
from autograder.check.cells import Broken, Cell, evaluate, run
from autograder.check.drawing import Nothing, Panel, describe, recording

VALUE_LIMIT = 5_000  # characters of a value that are shown


@dataclass(frozen=True)
class Drawn:
    """A panel, and what it shows in a sentence."""

    panel: Panel
    sentence: str


@dataclass(frozen=True)
class Ran:
    """What came of running a cell.

    Parameters
    ----------
    printed : standard output, as far as it is kept
    value : of the last line as Python writes it; empty without one
    pictures : what it drew
    broken : why it broke off, if it did
    milliseconds : of the cell and those before it
    """

    printed: str
    value: str
    pictures: tuple[Drawn, ...]
    broken: Broken | None
    milliseconds: float


def picture(cells: Sequence[Mapping[str, str]]) -> Ran:
    """Run a notebook's cells, and return what the last of them draws and prints.

    Parameters
    ----------
    cells : the setup, then functions and other cells in the notebook's order, each with "name" and "source".
        Their `check` says yes in the last cell alone: the page knows that the functions are right.
    """
    setup, *others, last = (Cell(**cell) for cell in cells)

    def prepare(namespace: dict[str, Any]) -> None:
        run(setup, namespace)
        for cell in others:
            namespace["check"] = lambda *question: False
            run(cell, namespace)  # a function that is not needed may be broken
        namespace["check"] = lambda *question: True

    return _ran(last, prepare)


def try_cell(before: Sequence[str], source: str) -> Ran:
    """Run a cell of a lesson, after the cells that it needs."""

    def prepare(namespace: dict[str, Any]) -> None:
        for text in before:
            run(Cell("above", text), namespace)

    return _ran(Cell("cell", source), prepare)


def _ran(cell: Cell, prepare: Callable[[dict[str, Any]], None]) -> Ran:
    start = time.perf_counter()
    printed, namespace = Bounded(), {"__name__": "__main__"}
    with recording() as drawn, redirect_stdout(Bounded()):
        prepare(namespace)
        drawn.figures.clear()
        with redirect_stdout(printed):
            value, broken = evaluate(cell, namespace)
            text = "" if broken else _written(value)
        panels = drawn.panels()
    pictures = tuple(Drawn(panel, describe(panel)) for panel in panels)
    return Ran(printed.getvalue(), text, pictures, broken, 1000 * (time.perf_counter() - start))


def _written(value: object) -> str:
    """Return a value as Python writes it; what a call that draws returns is nothing to show."""
    several = value if isinstance(value, list | tuple) else [value]
    if value is None or any(isinstance(one, Nothing) for one in several):
        return ""
    try:
        text = repr(value)
    except Exception as error:  # of a class that the reader wrote
        return f"A {type(value).__name__} that cannot be written: {error}"
    return text if len(text) <= VALUE_LIMIT else f"{text[:VALUE_LIMIT]} …"
