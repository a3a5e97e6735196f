"""`autograder doctor`: what works on this machine, which walls stand, and what to do about the rest."""

from __future__ import annotations

import importlib.metadata
import platform
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from autograder.course import CourseError, open_course
from autograder.pipeline.releasing import with_programs_on_path
from autograder.values import Cell

Finding = tuple[bool, str]


def examine(folder: Path) -> int:
    """Prints a line for everything that grading needs; 0 if all of it is there, else 2."""
    with_programs_on_path()
    steps: list[Callable[[], Iterator[Finding]]] = [_python, _programs, _sandbox, lambda: _course(folder)]
    fine = True
    for step in steps:
        for good, sentence in step():
            fine = fine and good
            print(f"{'✓' if good else '✗'} {sentence}")
    print("Ready to grade." if fine else "Not ready to grade: see the lines marked ✗.")
    return 0 if fine else 2


def _python() -> Iterator[Finding]:
    yield (
        sys.version_info >= (3, 11),
        f"Python {platform.python_version()} on {platform.system()} ({platform.machine()})",
    )
    for name in ("numpy", "scipy", "nbgrader", "jupytext", "ipython", "matplotlib"):
        try:
            yield True, f"{name} {importlib.metadata.version(name)}"
        except importlib.metadata.PackageNotFoundError:
            yield False, f"{name} is not installed. Type: pip install 'gmm-course[grade]'"


def _programs() -> Iterator[Finding]:
    for name, remedy in (
        ("bwrap", "apt install bubblewrap (Debian, Ubuntu) or dnf install bubblewrap (Fedora)"),
        ("alembic", "pip install alembic, in the environment of nbgrader"),
    ):
        found = shutil.which(name)
        yield found is not None, f"{name}: {found}" if found else f"{name} is missing. Type: {remedy}"


def _sandbox() -> Iterator[Finding]:
    from autograder.sandbox import Pool, SandboxUnavailable

    start = time.monotonic()
    try:
        with Pool() as pool:
            started = time.monotonic() - start
            start = time.monotonic()
            with pool.session() as session:
                output = session.run_cell(Cell(0, "print(1 + 1)"))
            yield (
                output.text.strip() == "2",
                f"a cell runs in the sandbox in {1000 * (time.monotonic() - start):.0f} ms",
            )
            yield True, f"walls that stand: {pool.walls} (started in {started:.1f} s)"
    except SandboxUnavailable as error:
        yield False, str(error)


def _course(folder: Path) -> Iterator[Finding]:
    try:
        course = open_course(folder)
    except CourseError:
        yield True, f"no course directory in {folder.resolve()} (not needed for this)"
        return
    private = course.seed.stat().st_mode & 0o077 == 0
    yield (
        private,
        f"the seed {course.seed} "
        + ("is private" if private else "can be read by others. Type: chmod 600 on it"),
    )
    from autograder.pipeline.record import open_gradebook

    try:
        open_gradebook(course).close()
        yield True, f"the gradebook opens; released: {', '.join(course.assignments) or 'nothing yet'}"
    except CourseError as error:
        yield False, str(error)
