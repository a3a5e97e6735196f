"""What a student's processes use, read by the trusted side from the host's /proc: CPU seconds and memory."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Usage:
    """CPU seconds of a process and all below it, ended ones included; resident memory in bytes."""

    cpu: float = 0.0
    memory: int = 0


def processes_below(root: int) -> Iterator[int]:
    """A process and all its descendants; what daemons are orphaned stays below, the root being their init."""
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        yield pid
        try:
            for task in Path(f"/proc/{pid}/task").iterdir():
                waiting += map(int, (task / "children").read_bytes().split())
        except OSError:
            continue


def usage(root: int) -> Usage:
    """What a process and all below it use now, every page counted in each process that maps it."""
    cpu, memory = 0, 0
    for pid in processes_below(root):
        try:
            fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        except OSError:
            continue
        cpu += sum(map(int, fields[11:15]))             # utime, stime, cutime, cstime
        memory += int(fields[21]) * _PAGE               # rss
    return Usage(cpu / _TICK, memory)


def memory_shared_fairly(root: int) -> int:
    """Resident memory, a page that k processes map counted 1/k in each: exact, but slower to read."""
    total = 0
    for pid in processes_below(root):
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_bytes().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(b"Pss:"))
    return total
