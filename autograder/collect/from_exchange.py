"""Takes submissions in from nbgrader's exchange: the folder on this machine, or another one such as ngshare.

nbgrader's own command runs, with the collector that is configured. For the folder that is ours
(`autograder.for_nbgrader.exchange.Collect`), which follows no link and keeps every attempt; what another
collector left in submitted/ is kept afterwards.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograder.collect import placing
from autograder.collect.collecting import Collected, no_deadline, reading
from autograder.collect.placing import Due
from autograder.course.directory import CONFIG, Course
from autograder.course.errors import CourseError
from autograder.course.files import one_at_a_time
from autograder.course.programs import with_programs_on_path

NBGRADER = (  # without a grammar that takes two seconds at import and that nothing here needs
    "import sys; sys.modules['rfc3987_syntax'] = None; "
    "from nbgrader.apps.nbgraderapp import main; sys.exit(main())"
)
FOLDER = "autograder.for_nbgrader.exchange.Collect"
DEFAULTS = (FOLDER, "nbgrader.exchange.default.ExchangeCollect", "nbgrader.exchange.ExchangeCollect")
LEFT_OUT = "left out of the exchange: "  # begins a line of the collector


def collector() -> str:
    """Return the collector for a course's settings: the one that this machine configures, or else ours."""
    return _configured(_machine()) or FOLDER


def collector_of(course: Course) -> str:
    """Return the collector of a course: what its settings name, else the machine's, else ours."""
    return _configured(course.config) or collector()


def exchange_root(own: Path) -> str:
    """Return the exchange's folder for a course's settings: the one of this machine, or else `own`."""
    return str(_machine().get("Exchange", {}).get("root", own))


def _configured(config: Any) -> str:
    """Return another collector than the folder's that a configuration names, or nothing."""
    named = config.get("ExchangeFactory", {}).get("collect", "")
    name = named if isinstance(named, str) else f"{named.__module__}.{named.__qualname__}"
    return "" if name in DEFAULTS else name


_under_way = threading.local()  # the configuration that this thread is reading


def _machine() -> Any:
    """Return what nbgrader_config.py of the machine and of this account say, as Jupyter finds them.

    The account's may take in a course's settings, for formgrader; these ask for what was found before them.
    """
    from jupyter_core.paths import jupyter_config_path
    from traitlets.config.loader import Config, PyFileConfigLoader

    if hasattr(_under_way, "found"):
        return _under_way.found
    found = _under_way.found = Config()
    try:
        for folder in reversed(jupyter_config_path()):
            if (Path(folder) / CONFIG).is_file():
                try:
                    found.merge(PyFileConfigLoader(CONFIG, path=folder).load_config())
                except Exception as error:
                    raise CourseError(f"{Path(folder) / CONFIG} cannot be read: {error}") from error
    finally:
        del _under_way.found
    return found


def from_exchange(
    course: Course, assignment: str, due: Due = no_deadline, accept: Sequence[str] = ()
) -> Collected:
    """Take in what students handed in through the exchange.

    Parameters
    ----------
    due : gives a student's deadline (UTC)
    accept : students whose submissions count although the file system contradicts their names; or "all"

    Raises
    ------
    CourseError
        If the exchange cannot be read, in nbgrader's words.
    """
    chosen = collector_of(course)
    options = [f"--ExchangeFactory.collect={chosen}", *(f"--Collect.accept={name}" for name in accept)]
    try:
        said = run_nbgrader(course, "collect", assignment, "--update", *options)
    except CourseError as error:
        if "Course not found" not in str(error):
            raise
        raise CourseError(
            f"{error}. Nothing was ever released there: type in the course directory: nbgrader "
            f"release_assignment {assignment}"
        ) from error
    if chosen != FOLDER:
        with one_at_a_time(course.private), reading(course, assignment) as reader:
            for student in course.students(assignment):
                placing.adopt(course, assignment, student, "exchange", reader)
                placing.settle(course, assignment, student, due)
    notes = [line[line.index(LEFT_OUT) :] for line in said if LEFT_OUT in line]
    return Collected(course.students(assignment), tuple(notes))


def run_nbgrader(course: Course, *arguments: str) -> list[str]:
    """Run a command of nbgrader in the course; return what it said.

    Raises
    ------
    CourseError
        If it fails, with its reasons.
    """
    with_programs_on_path()
    run = subprocess.run(
        [sys.executable, "-c", NBGRADER, *arguments],
        cwd=course.root,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    lines = run.stderr.splitlines()
    if run.returncode != 0:
        raise CourseError(f"nbgrader could not {arguments[0].replace('_', ' ')}: {reasons(lines)}")
    return lines


def reasons(lines: Sequence[str]) -> str:
    """Return why nbgrader failed: its errors, without the line that only says that it did."""
    told = [line for line in lines if "| ERROR]" in line or "| CRITICAL]" in line]
    told = [line.split("] ", 1)[-1].strip() for line in told]
    told = [line for line in told if not line.endswith(" failed")] or told or list(lines[-1:])
    return " ".join(dict.fromkeys(told)) or "it gives no reason"
