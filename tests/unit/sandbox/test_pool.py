"""A sandbox that is ended while bubblewrap is still starting leaves no process behind."""

from __future__ import annotations

import os
import select
import signal
import time
from pathlib import Path

import pytest

from autograder.sandbox.pool import Pool

LATER = [0.00005 * step for step in range(20)]  # s after bubblewrap's fork: 0 to 1 ms


def first_child(pid: int) -> int:
    """The process that bubblewrap forks, as soon as it is there."""
    with Path(f"/proc/{pid}/task/{pid}/children").open("rb", buffering=0) as file:
        while not (found := file.read().split()):
            file.seek(0)
    return int(found[0])


@pytest.mark.parametrize("later", LATER, ids=lambda seconds: f"{1e6 * seconds:.0f} µs")
def test_an_end_in_the_middle_of_the_start_leaves_nothing_asleep(later: float) -> None:
    pool = Pool()
    assert pool.pid is not None
    child = os.pidfd_open(first_child(pool.pid))
    moment = time.perf_counter() + later
    while time.perf_counter() < moment:
        pass
    pool.close()
    ended, _, _ = select.select([child], [], [], 60.0)
    if not ended:
        signal.pidfd_send_signal(child, signal.SIGKILL)
    os.close(child)
    assert ended


def test_a_terminals_interrupt_reaches_the_grader_alone() -> None:
    pool = Pool()
    assert pool.pid is not None
    assert os.getpgid(pool.pid) == pool.pid != os.getpgrp()
    pool.close()
