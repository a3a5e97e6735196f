"""`autograder doctor`: what works on this machine, which walls stand, and what to do about the rest."""

from __future__ import annotations

import importlib.metadata
import platform
import shutil
import stat
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from autograder.course.directory import CONFIG, Course, open_course
from autograder.course.errors import CourseError
from autograder.course.files import group_of
from autograder.course.programs import with_programs_on_path
from autograder.settings import Settings

Line = tuple[bool | None, str]  # good, bad, or neither, and the sentence
MARKS = {True: "✓", False: "✗", None: "·"}
PACKAGES = ("numpy", "scipy", "nbgrader", "jupytext", "ipython", "matplotlib")
ROOM = 100  # megabytes on the course's disk


def examine(folder: Path) -> int:
    """Print a line for everything that grading needs; return 0 if all of it is there, else 2."""
    with_programs_on_path()
    steps: list[Callable[[], Iterator[Line]]] = [_python, _programs]
    steps += [] if _missing() else [_sandbox, lambda: _course(folder)]  # both need the packages
    fine = True
    for step in steps:
        for good, sentence in step():
            fine = fine and good is not False
            print(f"{MARKS[good]} {sentence}")
    print("Ready to grade." if fine else "Not ready to grade: see the lines marked ✗.")
    return 0 if fine else 2


def _python() -> Iterator[Line]:
    yield (
        sys.version_info >= (3, 11),
        f"Python {platform.python_version()} on {platform.system()} ({platform.machine()})",
    )
    missing = _missing()
    for name in PACKAGES:
        if name in missing:
            yield False, f"{name} is not installed. Type: pip install 'gmm-course[grade]'"
        else:
            yield True, f"{name} {importlib.metadata.version(name)}"
    if missing:
        yield None, "the walls around students' code, and the course, are looked at when that is installed"


def _missing() -> list[str]:
    """Return the packages that grading needs and that are not installed."""
    missing = []
    for name in PACKAGES:
        try:
            importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
    return missing


def _programs() -> Iterator[Line]:
    needed = {"bwrap": "apt install bubblewrap (Debian, Ubuntu) or dnf install bubblewrap (Fedora)"}
    if "nbgrader" not in _missing():  # alembic comes with it
        needed["alembic"] = "pip install alembic, in the environment of nbgrader"
    for name, remedy in needed.items():
        found = shutil.which(name)
        yield found is not None, f"{name}: {found}" if found else f"{name} is missing. Type: {remedy}"


def _sandbox() -> Iterator[Line]:
    """Say what `grade` will do: it takes the best way that works here, and stops if there is none."""
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
    counts = (
        "looked at every 50 ms, and counted by the kernel" if found.kernel_counts else "looked at every 50 ms"
    )
    yield True, f"the memory of a submission is {counts}"
    for wall in found.walls:
        if not wall.stands and not found.complete:
            yield False, f"this wall does not stand: {wall.name}. Grade would run all the same: look into it"


def _course(folder: Path) -> Iterator[Line]:
    try:
        course = open_course(folder)
    except CourseError as error:
        if (folder / CONFIG).exists():
            yield False, str(error)
        else:
            yield None, f"no course directory in {folder.resolve()} (not needed for this)"
        return
    left = shutil.disk_usage(course.root).free // 10**6
    yield (
        left >= ROOM,
        f"the disk of {course.root} has {left} MB left" + ("" if left >= ROOM else ". Make room on it"),
    )
    yield from _sharing(course)
    try:
        chosen = "the defaults" if course.settings == Settings() else "chosen by you"
        yield True, f"the course's settings are {chosen}; see: autograder settings"
    except CourseError as error:
        yield False, str(error)
        return
    yield from _exchange(course)
    from autograder.record.gradebook import open_gradebook

    try:
        open_gradebook(course).close()
        yield True, f"the gradebook opens; released: {', '.join(course.assignments) or 'nothing yet'}"
    except CourseError as error:
        yield False, str(error)


def _sharing(course: Course) -> Iterator[Line]:
    """Say who may read the seed: the owner, and the group if the course is shared with one."""
    group, mode = group_of(course.private), course.seed.stat().st_mode
    if group is None or not mode & 0o070:
        private = mode & 0o077 == 0
        remedy = "is private" if private else "can be read by others. Type: chmod 600 on it"
        yield private, f"the seed {course.seed} {remedy}"
        return
    shared = mode & 0o007 == 0
    remedy = "and nobody else" if shared else "and by everybody else. Type: chmod o= on it"
    yield shared, f"the seed {course.seed} can be read by you, by the course's group, {remedy}"
    if not course.private.stat().st_mode & stat.S_ISGID:
        yield (
            None,
            "new files may fall to another group than the course's. Type: "
            f"find {course.root} -type d -exec chmod g+s {{}} +",
        )


def _exchange(course: Course) -> Iterator[Line]:
    """Say where students hand in; a folder inside of a course that only its owner may enter is no place."""
    from autograder.collect.from_exchange import FOLDER, collector_of

    collector = collector_of(course)
    if collector != FOLDER:
        yield True, f"collect --exchange asks {collector}, as nbgrader is configured"
        return
    root = Path(str(course.config.Exchange.get("root", "")) or "/usr/local/share/nbgrader/exchange")
    closed = course.root in root.resolve().parents and not course.root.stat().st_mode & 0o001
    if closed:
        yield (
            None,
            f"the exchange {root} is for trying only: other accounts cannot reach it. For students on this "
            "machine make a folder outside of the course for all to write to; name it in c.Exchange.root",
        )
    else:
        yield None, f"the exchange of students on this machine is {root}"
