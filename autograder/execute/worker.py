"""What a process that grades does. It starts its sandbox first, and imports what grading needs meanwhile."""

from __future__ import annotations

import ctypes
import gc
import os
import signal
from collections.abc import Mapping
from typing import TYPE_CHECKING

from autograder.execute import here
from autograder.sandbox.errors import SandboxUnavailable
from autograder.sandbox.limits import Limits

if TYPE_CHECKING:
    from autograder.course.batch import Batch
    from autograder.execute.grader import Graded

PR_SET_PDEATHSIG = 1
STOPPING = {signal.SIGINT, signal.SIGTERM}  # Ctrl-C, and being told to end
NICE = 5  # workers give way to what a person waits for, such as the desk's pages


def begin(parent: int) -> None:
    """End with the parent, leave Ctrl-C to it, and give way to others with all that is started from here."""
    os.nice(NICE)
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)  # as it started: see `workers._interrupts_wait`


def start_sandbox(data_files: Mapping[str, bytes], isolation: bool, limits: Limits | None) -> None:
    """Start this process's sandbox; if there is none, the first submission says so."""
    gc.disable()  # imports make many objects and no garbage
    try:
        here.sandbox(data_files, isolation, limits)
    except SandboxUnavailable:
        return
    finally:
        gc.freeze()
        gc.enable()


def grade(batch: Batch, isolation: bool, student: str) -> Graded:
    """Grade a student's submission."""
    return here.grader(batch, isolation).grade(student)


def again(batch: Batch, isolation: bool, graded: Graded) -> Graded:
    """Grade anew, alone, whom the clock ended too soon."""
    return here.grader(batch, isolation).again(graded)
