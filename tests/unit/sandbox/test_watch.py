"""What processes use, as it is seen from outside."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

from autograder.sandbox.watch import FEW, IN_KERNEL, Process, usage

UNWAITED = """
import os, signal, time
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for _ in range(4):
    if os.fork() == 0:
        while time.process_time() < 0.5: pass
        os._exit(0)
print(flush=True)
time.sleep(100)
"""


def test_time_of_children_that_nobody_waits_for_is_not_lost() -> None:
    with subprocess.Popen([sys.executable, "-c", UNWAITED], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        earlier: dict[Process, int] = {}
        seen = [usage(process.pid, earlier).cpu]
        while len([*os.scandir("/proc/self/task")]) and _children(process.pid):
            seen.append(usage(process.pid, earlier).cpu)
            time.sleep(0.01)
        after = usage(process.pid, earlier).cpu
        assert after >= max(seen) >= 1.0
        assert usage(process.pid).cpu < 0.9  # what no memory of earlier looks tells
        process.send_signal(signal.SIGKILL)


def _children(pid: int) -> bool:
    return any(entry.name != str(pid) for entry in os.scandir("/proc") if _parent(entry.name) == pid)


def _parent(name: str) -> int:
    try:
        return int(open(f"/proc/{name}/stat").read().rpartition(")")[2].split()[1]) if name.isdigit() else 0
    except OSError:
        return 0


def test_many_processes_are_charged_for_what_they_may_hold_in_the_kernel() -> None:
    assert usage(os.getpid()).memory < FEW * IN_KERNEL
    program = f"import os, time\nfor _ in range({FEW + 3}): os.fork() or time.sleep(100)\nprint(flush=True)\ntime.sleep(100)"
    with subprocess.Popen(
        [sys.executable, "-S", "-c", program], stdout=subprocess.PIPE, process_group=0
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert usage(process.pid).memory >= 4 * IN_KERNEL
        os.killpg(process.pid, signal.SIGKILL)
