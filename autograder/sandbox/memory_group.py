"""A wall behind the watch: a cgroup in which the kernel counts the memory of a sandbox, where one can be had.

The watch looks every 50 ms and tells what was too much. What changes hands between two looks it misses; the
kernel does not.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import time
from dataclasses import dataclass
from pathlib import Path

from autograder.sandbox.limits import MIB, Limits
from autograder.sandbox.watch import FEW, IN_KERNEL

MOUNT = Path("/sys/fs/cgroup")
INTERPRETER = 128 * MIB  # what the interpreter has loaded, before any student's code runs
_NAME = "autograder-sandbox"  # then the grader's pid and a number
_numbers = itertools.count()


@dataclass(frozen=True)
class Version:
    """Where one of the kernel's two versions of cgroups keeps what we need."""

    mount: Path
    hierarchy: str  # how its line in /proc/PID/cgroup begins, behind the number
    limit: str
    swap: str
    no_swap: int | None  # None: the limit is on memory and swap together
    kills: str
    peak: str


V1 = Version(
    mount=MOUNT / "memory",
    hierarchy="memory:",
    limit="memory.limit_in_bytes",
    swap="memory.memsw.limit_in_bytes",
    no_swap=None,
    kills="memory.oom_control",
    peak="memory.max_usage_in_bytes",
)
V2 = Version(
    mount=MOUNT,
    hierarchy=":",
    limit="memory.max",
    swap="memory.swap.max",
    no_swap=0,
    kills="memory.events",
    peak="memory.peak",
)


def wall(limits: Limits) -> int:
    """Return the bytes at which the kernel stops a sandbox: what the watch allows and what it does not count.

    Its share for full sockets and maps is as a rule unused, so a burst between two looks has room in it, and
    the watch speaks first.
    """
    return limits.memory + 3 * limits.files + FEW * IN_KERNEL + INTERPRETER


class MemoryGroup:
    """A cgroup for one sandbox at a time, with a limit on memory and none of it on the disk."""

    def __init__(self, folder: Path, version: Version, limit: int) -> None:
        self.folder, self._version, self._limit = folder, version, limit
        folder.mkdir()
        try:
            (folder / version.limit).write_text(str(limit))
            if (folder / version.swap).exists():  # not where the kernel counts no swap
                (folder / version.swap).write_text(str(limit if version.no_swap is None else version.no_swap))
            self._kills = os.open(folder / version.kills, os.O_RDONLY)
            self.kills()
        except (OSError, ValueError):
            folder.rmdir()
            raise

    @property
    def entrance(self) -> str:
        """The file in which a process writes its pid to enter, and all that it starts."""
        return str(self.folder / "cgroup.procs")

    @property
    def inhabited(self) -> bool:
        """Whether some process is in it."""
        return bool(Path(self.entrance).read_text())

    @property
    def peak(self) -> int:
        """The most bytes that were ever in it; OSError where the kernel does not tell."""
        return int((self.folder / self._version.peak).read_text())

    def kills(self) -> int:
        """Return how many processes the kernel has killed in it because it was full."""
        words = os.pread(self._kills, 4096, 0).split()
        killed = int(words[words.index(b"oom_kill") + 1])
        return killed if killed and self._was_full() else 0

    def _was_full(self) -> bool:
        """Return whether its limit was reached; if not, the machine had no memory left, for anybody."""
        try:
            return self.peak > self._limit - MIB
        except OSError:  # an older kernel tells no peak
            return True

    def remove(self) -> None:
        """Remove it once all of its processes are gone; the next grader removes what stays."""
        os.close(self._kills)
        for wait in (0.0, 0.01, 0.1, 0.5):  # the last of them may be on its way out
            time.sleep(wait)
            with contextlib.suppress(OSError):
                self.folder.rmdir()
                return


def memory_group(limits: Limits) -> MemoryGroup | None:
    """Return a new group for a sandbox with these limits; None where none can be had."""
    try:
        place = _place(Path("/proc/self/cgroup").read_text())
        if place is None:
            return None
        folder, version = place
        _remove_left_over(folder)
        return MemoryGroup(folder / f"{_NAME}-{os.getpid()}-{next(_numbers)}", version, wall(limits))
    except (OSError, ValueError):  # read-only, not ours, or a kernel that does not count kills
        return None


def _place(membership: str) -> tuple[Path, Version] | None:
    """Return where our groups go: never where a limit that is set for the grader would not hold.

    Version 1 allows groups below that of a process. In version 2 a group with processes has none with limits
    below it, so ours stand beside it, provided that it has no limit of its own.
    """
    lines = [line.partition(":")[2] for line in membership.splitlines()]
    for version in (V1, V2):
        for line in lines:
            if line.startswith(version.hierarchy):
                own = version.mount / line.removeprefix(version.hierarchy).lstrip("/")
                if version is V1 or not (own / V2.limit).exists():  # the top has no such file
                    return own, version
                if own != V2.mount and (own / V2.limit).read_text().strip() == "max":
                    return own.parent, version
    return None


def _remove_left_over(folder: Path) -> None:
    """Remove groups of graders that were killed; the kernel keeps those that somebody is in."""
    for group in folder.glob(f"{_NAME}-*-*"):
        pid = group.name.removeprefix(f"{_NAME}-").partition("-")[0]
        if not Path("/proc", pid).exists():
            with contextlib.suppress(OSError):
                group.rmdir()
