"""`autograder doctor`: what works on this machine, which walls stand, and what to do about the rest."""

from __future__ import annotations

import importlib.metadata
import platform
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from autograder.course import CONFIG, CourseError, open_course
from autograder.pipeline.releasing import with_programs_on_path

Finding = tuple[bool | None, str]  # good, bad, or neither, and the sentence
MARKS = {True: "✓", False: "✗", None: "·"}
ROOM = 100  # megabytes on the course's disk


def examine(folder: Path) -> int:
    """Prints a line for everything that grading needs; 0 if all of it is there, else 2."""
    with_programs_on_path()
    steps: list[Callable[[], Iterator[Finding]]] = [_python, _programs, _sandbox, lambda: _course(folder)]
    fine = True
    for step in steps:
        for good, sentence in step():
            fine = fine and good is not False
            print(f"{MARKS[good]} {sentence}")
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
    """What `grade` would find: it takes the best way that works here, and stops if there is none."""
    from autograder.sandbox.isolation import probe

    start = time.monotonic()
    found = probe()
    if not found.available:
        yield False, f"no isolation, so grade would run nothing: {found.sentence}"
        return
    for reason in dict.fromkeys(found.refused):
        yield None, f"the quickest way is refused here, so each submission takes a second longer ({reason})"
    yield True, f"students' code runs in {found.sentence} (built in {time.monotonic() - start:.1f} s)"
    yield True, "walls seen from inside: " + ", ".join(wall.name for wall in found.walls if wall.stands)
    for wall in found.walls:
        if not wall.stands and not found.complete:
            yield False, f"this wall does not stand: {wall.name}. Grade would run all the same: look into it"


def _course(folder: Path) -> Iterator[Finding]:
    try:
        course = open_course(folder)
    except CourseError as error:
        if (folder / CONFIG).exists():
            yield False, str(error)
        else:
            yield None, f"no course directory in {folder.resolve()} (not needed for this)"
        return
    private = course.seed.stat().st_mode & 0o077 == 0
    left = shutil.disk_usage(course.root).free // 10**6
    yield (
        left >= ROOM,
        f"the disk of {course.root} has {left} MB left" + ("" if left >= ROOM else ". Make room on it"),
    )
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
