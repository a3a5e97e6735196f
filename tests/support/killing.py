"""Commands that are killed at a change to the file system."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
import sys
from collections.abc import Sequence
from typing import Any

from autograder.cli import main
from tests.support.programs import NEEDED

for module in NEEDED:  # once here, and not in each process that is killed
    importlib.import_module(module)

CHANGES = ("os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.chmod", "shutil.rmtree", "shutil.copytree")


def killed(arguments: Sequence[str], after: int) -> bool:
    """Whether a command was killed: at its change to the file system of this number, by SIGKILL."""
    process = multiprocessing.get_context("fork").Process(target=_run, args=(arguments, after))
    process.start()
    process.join()
    return process.exitcode == -signal.SIGKILL


def _run(arguments: Sequence[str], after: int) -> None:
    left = [after]

    def look(event: str, values: tuple[Any, ...]) -> None:
        writes = event == "open" and isinstance(values[2], int) and values[2] & (os.O_WRONLY | os.O_RDWR)
        if event in CHANGES or writes or event == "sqlite3.connect":
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(look)
    sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: PTH123, SIM115
    os._exit(main(arguments))
