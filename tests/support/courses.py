"""Courses for tests: released once a run, copied where a test needs its own, driven by the real command.

They have the small assignments beside this module, so that no question of the course needs them to change.
"""

from __future__ import annotations

import atexit
import copy
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.support.programs import run

HERE, ROOT = Path(__file__).parent, Path(__file__).parents[2]
QUESTIONS = {"tiny.moments": 4.0, "tiny.scaled": 4.0, "tiny.standardise": 2.0}
FEW = 6  # students, whom one worker grades before a second one has started
PROSE = {"why": "Squares are divided by $s^2$, whose mean they have."}
# Wrong, named, and worth 1.5 of 4 points: right where there is one feature.
ONE_CENTRE = {"scaled": "def scaled(X, centre, spread):\n    return (X - centre[0]) / spread"}


@dataclass(frozen=True)
class GradedClass:
    """A course directory that is not to be changed, and the results by student."""

    course: Path
    results: dict[str, dict[str, Any]]


def slow(seconds: float) -> dict[str, str]:
    """A right answer that takes so much processor time for each of two cases."""
    busy = f"    end = time.process_time() + {seconds}\n    while time.process_time() < end: pass\n"
    start = "import time\n\n\ndef scaled(X, centre, spread):\n"
    return {"scaled": f"{start}{busy}    return (X - centre) / spread"}


def command(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command `autograder` as a user types it."""
    return run("autograder", arguments, ROOT, environment, 600)


def nbgrader(folder: Path, *arguments: str) -> str:
    """The command `nbgrader` typed in a folder; what it said."""
    path = {"PATH": str(Path(sys.executable).parent) + os.pathsep + os.environ["PATH"]}
    typed = run("nbgrader", arguments, folder, path, 600)
    assert typed.returncode == 0, typed.stderr
    return typed.stderr


def _made(*arguments: str | Path) -> Path:
    """A new course, which goes when the tests end; nothing is released yet."""
    folder = Path(tempfile.mkdtemp(prefix="course-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    made = command("init", folder / "course", *arguments)
    assert made.returncode == 0, made.stderr
    return folder / "course"


def _release(course: Path) -> Path:
    made = command("release", "--course", course)
    assert made.returncode == 0, made.stderr
    return course


def empty_course() -> Path:
    """A course with the small assignments and their questions, none released."""
    course = _made("--solutions", HERE / "assignments")
    shutil.copytree(HERE / "questions", course / "questions", dirs_exist_ok=True)
    return course


@cache
def released() -> Path:
    """A course with the small assignments released and no submissions; not to be changed."""
    return _release(empty_course())


@cache
def whole() -> Path:
    """A course with all assignments of the book released and no submissions; not to be changed."""
    return _release(_made())


def new_course(folder: Path) -> Path:
    """A released course of one's own; its configuration finds the gradebook beside itself."""
    shutil.copytree(released(), folder)
    return folder


def graded(course: Path, *arguments: str | Path, assignment: str = "tiny") -> dict[str, dict[str, Any]]:
    """Grades and returns the results by student."""
    file = course / "results.json"
    few = len(list(course.glob("submitted/*"))) <= FEW
    if few and not {"--workers", "--scheduler"} & {*arguments}:
        arguments = (*arguments, "--workers", "1")
    done = command("grade", assignment, "--course", course, "--results", file, *arguments)
    assert done.returncode in (0, 1), done.stderr
    return {result["student"]: result for result in json.loads(file.read_text(encoding="utf-8"))["results"]}


def scores(result: dict[str, Any]) -> dict[str, float]:
    """The points of each question."""
    return {question["id"]: question["score"] for question in result["questions"]}


@cache
def _notebook(folder: str, assignment: str) -> dict[str, Any]:
    path = released() / folder / assignment / f"{assignment}.ipynb"
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    for cell in content["cells"]:
        cell["source"] = "".join(cell["source"])
    return content


def release(assignment: str = "tiny") -> dict[str, Any]:
    """The released notebook, to be changed at will."""
    return copy.deepcopy(_notebook("release", assignment))


@cache
def right() -> dict[str, str]:
    """The solution of tiny, by grade_id."""
    cells = _notebook("source", "tiny")["cells"]
    return {grade_id(cell): cell["source"] for cell in cells if is_answer(cell)}


def filled(written: dict[str, str] | None = None) -> dict[str, Any]:
    """The released notebook of tiny with answers in it: right ones unless others are given."""
    notebook = release()
    sources = {**right(), **(written or {})}
    for cell in notebook["cells"]:
        cell["source"] = sources.get(grade_id(cell), cell["source"])
    return notebook


def is_answer(cell: dict[str, Any]) -> bool:
    """Whether a student writes into this cell."""
    return bool(cell["metadata"].get("nbgrader", {}).get("solution"))


def grade_id(cell: dict[str, Any]) -> str:
    """nbgrader's name of a cell."""
    return str(cell["metadata"].get("nbgrader", {}).get("grade_id", ""))


def cell_of(notebook: dict[str, Any], name: str) -> dict[str, Any]:
    """The cell with a grade_id."""
    found: dict[str, Any] = next(cell for cell in notebook["cells"] if grade_id(cell) == name)
    return found


def code(source: str) -> dict[str, Any]:
    """A code cell of the student's own."""
    cell: dict[str, Any] = {"cell_type": "code", "source": source, "metadata": {}, "outputs": []}
    return {**cell, "execution_count": None, "id": "own"}


def hand_in(course: Path, student: str, notebook: dict[str, Any] | bytes, name: str = "tiny.ipynb") -> Path:
    """Writes a file into a student's folder and returns its path."""
    path = course / "submitted" / student / "tiny" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(notebook if isinstance(notebook, bytes) else json.dumps(notebook).encode())
    return path
