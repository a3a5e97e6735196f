"""Courses for tests: released once a run, copied where a test needs its own, driven by the real command."""

from __future__ import annotations

import atexit
import copy
import json
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from tests.support.programs import run
from tests.support.sample_class.build import STUDENTS, answers

ROOT = Path(__file__).parents[2]
QUESTIONS = {"em.e_step": 4.0, "em.m_step": 4.0, "em.fit": 2.0}


def command(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command `autograder` as a user types it."""
    return run("autograder", arguments, ROOT, environment, 240)


def nbgrader(folder: Path, *arguments: str) -> str:
    """The command `nbgrader` typed in a folder; what it said."""
    path = {"PATH": str(Path(sys.executable).parent) + os.pathsep + os.environ["PATH"]}
    typed = run("nbgrader", arguments, folder, path, 120)
    assert typed.returncode == 0, typed.stderr
    return typed.stderr


@cache
def released() -> Path:
    """A course with all assignments released and no submissions; not to be changed."""
    folder = Path(tempfile.mkdtemp(prefix="course-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    course = folder / "course"
    for arguments in (("init", course), ("release", "--course", course)):
        made = command(*arguments)
        assert made.returncode == 0, made.stderr
    return course


def new_course(folder: Path) -> Path:
    """A released course of one's own; its configuration finds the gradebook beside itself."""
    shutil.copytree(released(), folder)
    return folder


def graded(course: Path, *arguments: str | Path, assignment: str = "em") -> dict[str, dict[str, Any]]:
    """Grades and returns the results by student."""
    file = course / "results.json"
    done = command("grade", assignment, "--course", course, "--results", file, *arguments)
    assert done.returncode in (0, 1), done.stderr
    return {result["student"]: result for result in json.loads(file.read_text(encoding="utf-8"))["results"]}


def scores(result: dict[str, Any]) -> dict[str, float]:
    """The points of each question."""
    return {question["id"]: question["score"] for question in result["questions"]}


@cache
def _release(assignment: str) -> dict[str, Any]:
    path = released() / "release" / assignment / f"{assignment}.ipynb"
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    for cell in content["cells"]:
        cell["source"] = "".join(cell["source"])
    return content


def release(assignment: str = "em") -> dict[str, Any]:
    """The released notebook, to be changed at will."""
    return copy.deepcopy(_release(assignment))


def right(name: str = "ada") -> dict[str, str]:
    """What somebody of the sample class wrote, by grade_id."""
    return answers((STUDENTS / f"{name}.py").read_text(encoding="utf-8"))


def filled(written: dict[str, str] | None = None) -> dict[str, Any]:
    """The released notebook of em with answers in it: right ones unless others are given."""
    notebook = release()
    for cell in notebook["cells"]:
        name = grade_id(cell)
        sources = {**right(), **(written or {})}
        if name in sources:
            cell["source"] = sources[name]
    return notebook


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


def hand_in(course: Path, student: str, notebook: dict[str, Any] | bytes, name: str = "em.ipynb") -> Path:
    """Writes a file into a student's folder and returns its path."""
    path = course / "submitted" / student / "em" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(notebook if isinstance(notebook, bytes) else json.dumps(notebook).encode())
    return path
