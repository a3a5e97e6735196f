"""What isolation this machine gives: not what its settings promise, but what was seen from the inside."""

from __future__ import annotations

import json
from dataclasses import dataclass

from autograder.sandbox.errors import SandboxUnavailable
from autograder.sandbox.limits import Limits
from autograder.sandbox.pool import Pool
from autograder.values import Cell

PROBE = """
import ctypes, errno, json, os, socket

def refused(attempt):
    try:
        attempt()
    except OSError:
        return True
    return False

libc = ctypes.CDLL(None, use_errno=True)
def call_is_refused(function, *arguments):
    return getattr(libc, function)(*arguments) == -1 and ctypes.get_errno() == errno.EPERM

print(json.dumps({
    "no network": refused(lambda: socket.create_connection(("127.0.0.1", 9), 0.2)),
    "an ordinary user": os.geteuid() != 0 or refused(lambda: os.chown("/tmp", 1, 1)),
    "nothing of the host on the disk": not {"etc", "root", "usr", "var", "mnt"} & set(os.listdir("/")),
    "no view of other processes": not os.listdir("/proc"),
    "nothing writable but its own folders": all(
        refused(lambda: os.mkdir(folder + "/x"))
        for folder in ("", "/packages", "/python", "/data", "/dev", "/home")
    ),
    "a system-call filter": call_is_refused("ptrace", 0, 0, 0, 0) and call_is_refused("shmget", 1, 9, 0o1600),
    "no further namespaces": call_is_refused("unshare", 0x10000000),
    "namespaces of its own": os.getpid() == 1,
}))
"""


@dataclass(frozen=True)
class Wall:
    """One wall, and whether it was seen to stand."""

    name: str
    stands: bool


@dataclass(frozen=True)
class Isolation:
    """Whether submissions can be isolated on this machine, how, and what to do if not."""

    available: bool
    sentence: str  # `Pool.walls`, or why there is none and the remedy
    walls: tuple[Wall, ...] = ()
    refused: tuple[str, ...] = ()  # better ways that were tried first, and why they did not work
    kernel_counts: bool = False  # whether the kernel limits the sandbox's memory too, behind the watch

    @property
    def complete(self) -> bool:
        """Whether every wall stands; without namespaces of its own a submission has a whole bubblewrap."""
        needed = (wall for wall in self.walls if wall.name != "namespaces of its own")
        return self.available and all(wall.stands for wall in needed)


def probe(limits: Limits | None = None) -> Isolation:
    """Start a sandbox, look at its walls from the inside, and end it."""
    try:
        with Pool(limits) as pool, pool.session() as session:
            output = session.run_cell(Cell(0, PROBE))
            seen = json.loads(output.text or "{}")
            walls = tuple(Wall(str(name), stands is True) for name, stands in seen.items())
            counts = pool.memory_group is not None and pool.memory_group.inhabited
            return Isolation(bool(walls), pool.walls, walls, tuple(pool.refused), counts)
    except SandboxUnavailable as error:
        return Isolation(False, str(error))
