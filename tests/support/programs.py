"""`autograder` and `nbgrader` as users type them, in processes that need not import everything first.

Each command runs in a process of its own, forked from one that has imported the package and nbgrader: that
saves one to two seconds a command. The guide's test runs the real programs.
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

COMMANDS = ("check", "comment", "grade", "people", "prepare", "publish", "regrade", "verify")
NEEDED = (
    "autograder.cli",
    "autograder.record.recorder",
    *(f"autograder.commands.{name}" for name in COMMANDS),
    "nbgrader.apps.nbgraderapp",
    "nbgrader.converters",
)
_server = multiprocessing.get_context("forkserver")
_server.set_forkserver_preload(list(NEEDED))


def run(
    program: str, typed: Sequence[str | Path], folder: Path, environment: Mapping[str, str], timeout: float
) -> subprocess.CompletedProcess[str]:
    """What a program answers when it is typed in a folder."""
    line = [program, *map(str, typed)]
    with tempfile.TemporaryDirectory() as place:
        said = [Path(place) / name for name in ("stdout", "stderr")]
        process = start(line, folder, environment, said)
        process.join(timeout)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(line, timeout)
        code = process.exitcode
        process.close()
        return subprocess.CompletedProcess(line, code, *(path.read_text("utf-8") for path in said))


def start(
    line: Sequence[str], folder: Path, environment: Mapping[str, str], said: Sequence[Path]
) -> multiprocessing.process.BaseProcess:
    """A program at work; `said` are the files for what it writes to standard output and standard error."""
    process = _server.Process(target=_typed, args=(line, folder, {**os.environ, **environment}, said))
    process.start()
    return process


def _typed(typed: Sequence[str], folder: Path, environment: Mapping[str, str], said: Sequence[Path]) -> None:
    """In the new process: the program, with an environment, an exit and a main module like its own."""
    import autograder.__main__

    for number, path in enumerate(said, start=1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), number)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = list(typed)
    sys.modules["__main__"] = autograder.__main__  # where processes that it starts begin
    try:
        if typed[0] == "autograder":
            from autograder.cli import main

            sys.exit(main())
        from nbgrader.apps.nbgraderapp import main as nbgrader

        nbgrader()
    finally:
        atexit._run_exitfuncs()
