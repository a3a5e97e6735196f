"""What processes use, as it is seen from outside."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from autograder.sandbox.watch import (
    FEW,
    IN_KERNEL,
    Process,
    memory_shared_fairly,
    processes_below,
    usage,
)

UNWAITED = """
import os, signal, time
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for _ in range(4):
    if os.fork() == 0:
        while time.process_time() < 0.5: pass
        time.sleep(100)
print(flush=True)
time.sleep(100)
"""
MANY = """
import os, time
for _ in range({}):
    os.fork() or time.sleep(100)
print(flush=True)
time.sleep(100)
"""

HANDED_ON = """
import os, time
pages = bytearray(b"x" * (200 << 20))
child = os.fork()
if child: print(child, flush=True)
time.sleep(100)
"""


@contextmanager
def running(program: str) -> Iterator[int]:
    """A program of its own process group, and the first line that it prints."""
    command = [sys.executable, "-S", "-c", program]
    with subprocess.Popen(command, stdout=subprocess.PIPE, process_group=0) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield process.pid
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def test_time_of_children_that_nobody_waits_for_is_not_lost() -> None:
    earlier: dict[Process, int] = {}
    with running(UNWAITED) as pid:
        while usage(pid, earlier).cpu < 1.8:  # of 2 seconds, in ticks
            pass
        for child in [*processes_below(pid)][1:]:
            os.kill(child, signal.SIGKILL)
        while len([*processes_below(pid)]) > 1:
            pass
        assert usage(pid, earlier).cpu >= 1.8
        assert usage(pid).cpu < 1.0  # who did not look before does not know


def test_many_processes_are_charged_for_what_they_may_hold_in_the_kernel() -> None:
    with running(MANY.format(2)) as pid:
        few = usage(pid).memory
    with running(MANY.format(FEW + 3)) as pid:
        assert usage(pid).memory >= 4 * IN_KERNEL > few
        assert memory_shared_fairly(pid) >= 4 * IN_KERNEL


def test_pages_that_a_process_shares_with_one_that_is_not_seen_are_not_halved() -> None:
    """As where a process hands all that it has on by a fork, and ends, while others are being read."""
    with running(HANDED_ON) as pid:
        _, child = processes_below(pid)
        assert memory_shared_fairly(child) > 200 << 20
        assert memory_shared_fairly(pid) < 300 << 20  # both of them, seen together
