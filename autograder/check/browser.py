"""What the book's page asks of Python: a method by its name, JSON in and JSON out.

The page's worker calls `begin` once and then `call`; METHODS lists what may be asked. NumPy is enough for it,
and nothing here needs a browser.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import asdict, dataclass, is_dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

import gmmlib.data
from autograder.check import check, prepare
from autograder.check.asking import Bounded
from autograder.check.cells import Cell, run
from autograder.check.content import Content
from autograder.check.drawing import recording
from autograder.check.running import picture, try_cell
from autograder.questions import find

Verdict = Literal["right", "wrong", "error", "stopped"]

STOPPED = ("timed-out", "out-of-memory")
MISSING_MODULE = re.compile(r"No module named '(\w+)")


@dataclass(frozen=True)
class Checked:
    """What came of a check in the page."""

    verdict: Verdict
    content: Content
    line: int | None  # of the function's cell, where an error arose
    milliseconds: float


def begin(book: str) -> None:
    """Make this process the page's own: data files at hand, links into this book.

    Parameters
    ----------
    book : address of the folder that holds the book's index.html
    """
    os.environ["GMM_COURSE_BOOK"] = book
    os.chdir(Path(gmmlib.data.__path__[0]))


def call(method: str, value: str) -> str:
    """Return the answer of one of METHODS as JSON; `value` is a JSON object of its keyword arguments."""
    return json.dumps(METHODS[method](**json.loads(value)), default=_plain)


# --------------------------------------------------------------------------- checking cells


def check_cells(question: str, cells: Sequence[Mapping[str, str]]) -> Checked:
    """Run cells in a fresh namespace, and check the function that the last of them defines.

    Parameters
    ----------
    question : such as "em.fit"
    cells : the setup, then the functions up to the one that is asked for; each with "name" and "source"
    """
    start = time.perf_counter()
    *before, last = (Cell(**cell) for cell in cells)
    printed, namespace = Bounded(), {"__name__": "__main__"}
    with recording(), redirect_stdout(printed):
        broken = {cell.name: why for cell in before if (why := run(cell, namespace))}
        why = run(last, namespace)
    line = why.line if why else None
    if why is not None:
        content = _problem(last, f"The cell does not run. {why}.")
    elif last.name not in namespace:
        content = _problem(last, f"The cell defines no {last.name}: its line def {last.name}(…) is gone.")
    else:
        content = check(question, namespace[last.name]).content()
        line = content.example.line if content.example is not None else None
    used = {used.partition(".")[2] for used in find(question).uses}
    notes = [f"The cell of {name} does not run. {why}." for name, why in broken.items() if name in used]
    content = replace(
        content,
        notes=(*notes, *content.notes, *_about_modules(content)),
        printed=printed.getvalue() + content.printed,
    )
    return Checked(_verdict(content), content, line, 1000 * (time.perf_counter() - start))


def _problem(cell: Cell, headline: str) -> Content:
    return Content(cell.name, "problem", False, "", headline)


def _verdict(content: Content) -> Verdict:
    if content.right:
        return "right"
    raised = content.example is not None and content.example.line is not None and not content.some_right
    if content.kind == "problem" or content.status == "raised" or raised:
        return "error"
    return "stopped" if content.status in STOPPED else "wrong"


def _about_modules(content: Content) -> Iterator[str]:
    """Note that a module is not there because this is the page's Python."""
    text = content.headline + (content.example.returned if content.example is not None else "")
    if module := MISSING_MODULE.search(text):
        yield f"Python in the page has NumPy and no {module[1]}; no exercise needs more than NumPy."


# --------------------------------------------------------------------------- ahead of time

_preparations: dict[str, Iterator[None]] = {}


def prepare_check(question: str, milliseconds: float) -> bool:
    """Compute ahead, for about this long, what checks of a question need; whether all of it is done."""
    deadline = time.perf_counter() + milliseconds / 1000
    steps = _preparations.setdefault(question, _steps(question))
    return all(time.perf_counter() < deadline for _ in steps)


def _steps(question: str) -> Iterator[None]:
    check(question, find(question).reference)  # loads what is loaded late, and draws the inputs
    yield
    yield from prepare(question)


# --------------------------------------------------------------------------- as JSON


def _plain(value: object) -> object:
    """Return what JSON can hold of a dataclass or an array."""
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} is nothing that JSON can hold")


def _explore(name: str, settings: Mapping[str, object]) -> object:
    from autograder.check.explorers import explore  # a first check need not wait for it

    return explore(name, settings)


METHODS: Mapping[str, Callable[..., object]] = {
    "check": check_cells,
    "prepare": prepare_check,
    "explore": _explore,
    "picture": picture,
    "try": try_cell,
}
