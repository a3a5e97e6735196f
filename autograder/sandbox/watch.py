"""What a student's processes use, read by the trusted side from the host's /proc: CPU seconds and memory."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
READY = (b"R", b"D")  # states: running or waiting for a processor, waiting for the disk
FEW = 16  # processes that an honest notebook may have at a time
IN_KERNEL = 24 << 20  # bytes that are counted for each further one: 64 full sockets or 65,000 maps
_LISTS_CHILDREN = Path("/proc/thread-self/children").exists()


Process = tuple[int, int]  # pid, and when it started


@dataclass(frozen=True)
class Usage:
    """CPU seconds of a process and all below it, ended ones included; resident memory in bytes.

    `asleep` says that all of them wait for something, none of them for a processor or the disk.
    """

    cpu: float = 0.0
    memory: int = 0
    asleep: bool = False


def processes_below(root: int) -> Iterator[int]:
    """A process and all its descendants; what daemons are orphaned stays below, the root being their init."""
    children = None if _LISTS_CHILDREN else _all_children()
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        yield pid
        waiting += _children(pid) if children is None else children.get(pid, [])


def _children(pid: int) -> list[int]:
    """The children of a process, those of all its threads."""
    found: list[int] = []
    try:
        with os.scandir(f"/proc/{pid}/task") as tasks:
            for task in tasks:
                found += map(int, _read(f"{task.path}/children").split())
    except OSError:
        pass
    return found


def _read(path: str) -> bytes:
    """A small file of /proc, which is asked for often: pathlib takes longer than the kernel."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return b"".join(iter(partial(os.read, descriptor, 1 << 16), b""))
    finally:
        os.close(descriptor)


def _all_children() -> dict[int, list[int]]:
    """The children of every process, for kernels that do not list them: slower."""
    found: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                parent = int((folder / "stat").read_bytes().rpartition(b")")[2].split()[1])
            except OSError:
                continue
            found.setdefault(parent, []).append(int(folder.name))
    return found


def usage(root: int, earlier: dict[Process, int] | None = None) -> Usage:
    """What a process and all below it use now, every page counted in each process that maps it.

    Parameters
    ----------
    earlier : CPU ticks of every process seen so far, kept up to date here: those of a process that ended
        unnoticed (SIGCHLD ignored) are in no other sum
    """
    earlier = {} if earlier is None else earlier
    cpu, memory, count, asleep = 0, 0, 0, True
    for pid in processes_below(root):
        own = _own(pid)
        if own is not None:
            cpu, memory, count = cpu + own.ticks + own.of_children, memory + own.resident, count + 1
            asleep = asleep and own.asleep
            earlier[pid, own.start] = own.ticks
    return Usage(max(cpu, sum(earlier.values())) / _TICK, memory + _in_kernel(count), asleep)


def memory_shared_fairly(root: int) -> int:
    """Memory, a page that k processes map counted 1/k in each: exact, but slow to read.

    A process that forks and ends meanwhile shares its pages with one that was not there yet, and half of them
    are missed. So it is at least what the largest process has for itself.
    """
    total, count, largest = 0, 0, 0
    for pid in processes_below(root):
        count += 1
        largest = max(largest, _anonymous(pid))
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_bytes().splitlines()
        except OSError:  # gone, or not for us to read: the other measure
            own = _own(pid)
            total += own.resident if own is not None else 0
            continue
        total += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(b"Pss:"))
    return max(total, largest) + _in_kernel(count)


def _anonymous(pid: int) -> int:
    """Resident bytes of a process that are of no file."""
    try:
        _, resident, of_files, *_ = map(int, _read(f"/proc/{pid}/statm").split())
    except (OSError, ValueError):  # gone
        return 0
    return (resident - of_files) * _PAGE


def _in_kernel(count: int) -> int:
    """What so many processes may hold in the kernel, in full sockets and maps, which nothing tells."""
    return max(0, count - FEW) * IN_KERNEL


@dataclass(frozen=True)
class _Own:
    """One process: when it started, CPU ticks, those of ended children, resident bytes, if it sleeps."""

    start: int
    ticks: int
    of_children: int
    resident: int
    asleep: bool


def _own(pid: int) -> _Own | None:
    try:
        fields = _fields(f"/proc/{pid}/stat")
    except OSError:
        return None
    user, system, users, systems = map(int, fields[11:15])
    asleep = fields[0] not in READY and (fields[17] == b"1" or not _some_thread_is_ready(pid))
    return _Own(int(fields[19]), user + system, users + systems, int(fields[21]) * _PAGE, asleep)


def _some_thread_is_ready(pid: int) -> bool:
    """Whether one of several threads is; one that ends just now was."""
    try:
        tasks = os.listdir(f"/proc/{pid}/task")  # noqa: PTH208   each TICK: pathlib takes longer
        return any(_fields(f"/proc/{pid}/task/{task}/stat")[0] in READY for task in tasks)
    except OSError:
        return True


def _fields(path: str) -> list[bytes]:
    """The fields of a stat file behind the program's name: the state is the first."""
    return _read(path).rpartition(b")")[2].split()
