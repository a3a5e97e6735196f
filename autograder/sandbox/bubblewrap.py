"""The outer wall: a bubblewrap command line with nothing of the host in it but what `packages` allows.

Three ways to start the untrusted half, best first:

- "nested": one bubblewrap; its interpreter forks each student's process into namespaces of its own;
- "single": one bubblewrap for each submission, where a kernel or a container refuses nested namespaces;
- "open": no walls at all, for those who ask for it by name.
"""

from __future__ import annotations

import json
import os
import shutil
import site
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from autograder.sandbox import libraries, packages
from autograder.sandbox.limits import Limits

Mode = Literal["nested", "single", "open"]

UNPRIVILEGED = 65533  # whom a sandbox started by root runs as; no real user has this number
INSIDE = Path(__file__).with_name("inside")  # all of this folder is bound, and nothing else of ours
ENVIRONMENT = {
    "HOME": "/home/student",
    "USER": "student",
    "PATH": "/python/bin",
    "LANG": "C.UTF-8",
    "TZ": "UTC",
    "LD_LIBRARY_PATH": "/lib",
    "MPLBACKEND": "agg",
    "MPLCONFIGDIR": "/tmp/matplotlib",
    "IPYTHONDIR": "/tmp/ipython",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}
DEVICES = ("null", "full", "random", "urandom")  # not zero: mapped, it is memory that no limit counts
KILLED_FIRST = "{ echo 1000 > /proc/self/oom_score_adj; } 2> /dev/null; "  # if memory runs out
ENTER = '{ echo $$ > "$0"; } 2> /dev/null; '  # the memory group, before anything is started


@dataclass(frozen=True)
class Command:
    """A command line, the descriptors it inherits beside the socket, and its environment."""

    arguments: tuple[str, ...]
    descriptors: tuple[int, ...]
    environment: Mapping[str, str]


def program() -> str | None:
    """Return where bubblewrap is installed, if it is."""
    return shutil.which("bwrap")


def worker_settings(
    mode: Mode, socket_fd: int, limits: Limits, data_files: Sequence[str], home: str = ""
) -> str:
    """Return what the untrusted half is told at its start; nothing of the course is in it."""
    paths = ["/packages"] if mode != "open" else _open_paths()
    return json.dumps(
        {
            "mode": mode,
            "socket": socket_fd,
            "uid": UNPRIVILEGED,
            "limits": limits.for_worker,
            "data_files": list(data_files),
            "paths": paths,
            "home": home,
        }
    )


def _open_paths() -> list[str]:
    """Return the folders of the installed packages, for a run without walls."""
    return [path for path in (*site.getsitepackages(), site.getusersitepackages()) if Path(path).is_dir()]


@lru_cache
def binds() -> tuple[packages.Bind, ...]:
    """Return everything of the host that appears inside, read-only."""
    ours = [packages.Bind(path, f"/sandbox/{path.name}") for path in sorted(INSIDE.glob("*.py"))]
    visible = [*packages.interpreter_binds(), *packages.package_binds()]
    files = [visible[0].source]
    for bind in visible[1:]:
        found_below = libraries.shared_objects(bind.source)
        files += (path for path in found_below if not path.name.startswith("_tkinter"))  # no windows
    found = libraries.closure(files, [packages.standard_library().parent])
    shared = [packages.Bind(path, name if name[0] == "/" else f"/lib/{name}") for name, path in found.items()]
    return (*ours, *visible, *shared)


def command(
    mode: Mode,
    socket_fd: int,
    limits: Limits,
    data: Mapping[str, bytes],
    own_proc: bool = True,
    folder: str = "",
    entrance: str = "",
) -> Command:
    """Return the command that starts the untrusted half; the caller closes the descriptors once it runs.

    Parameters
    ----------
    socket_fd : the untrusted half's end of the socket to the trusted side
    data : content of the data files by their names
    own_proc : whether bubblewrap mounts a /proc of its own; some containers refuse that
    folder : where the files of a run without walls go
    entrance : of the memory group, if there is one
    """
    if mode == "open":
        return _open_command(socket_fd, limits, data, folder)
    arguments = [
        program() or "bwrap",
        "--die-with-parent",
        "--new-session",
        "--unshare-pid",
        "--unshare-net",
        "--unshare-ipc",
        "--unshare-uts",
        "--unshare-cgroup-try",
        "--hostname",
        "sandbox",
        "--clearenv",
    ]
    first = KILLED_FIRST if mode == "single" else ""  # inside there is no /proc to say it in
    first += ENTER if entrance else ""
    if first:
        arguments[:0] = ["/bin/sh", "-c", first + 'exec "$@"', entrance or "sh"]
    if os.getuid() != 0:
        arguments += ["--unshare-user"]
    for name, value in ENVIRONMENT.items():
        arguments += ["--setenv", name, value]
    descriptors = _add_mounts(arguments, mode, limits, data, own_proc)
    settings = worker_settings(mode, socket_fd, limits, list(data))
    arguments += ["--", "/python/bin/python3", "-I", "-S", "-B", "-X", "utf8", "/sandbox/worker.py", settings]
    return Command(tuple(arguments), tuple(descriptors), {})


def _add_mounts(
    arguments: list[str], mode: Mode, limits: Limits, data: Mapping[str, bytes], own_proc: bool
) -> list[int]:
    """Add folders, read-only binds and data files; return the descriptors of the data files."""
    every = binds()
    targets = [bind.target for bind in every] + [f"/data/{name}" for name in data]
    folders = {"/dev", "/proc", "/dev/shm", "/tmp", "/home/student", "/data"}
    folders |= {str(parent) for target in targets for parent in Path(target).parents}
    folders |= {str(parent) for folder in folders for parent in Path(folder).parents}
    for folder in sorted(folders - {"/"}):
        arguments += ["--dir", folder]
    for bind in every:
        arguments += ["--ro-bind", str(bind.source), bind.target]
    for folder in packages.covered():
        arguments += ["--tmpfs", folder, "--remount-ro", folder]
    for device in DEVICES:
        arguments += ["--dev-bind", f"/dev/{device}", f"/dev/{device}"]
    if mode == "nested":
        arguments += ["--proc", "/proc"] if own_proc else ["--bind", "/proc", "/proc"]
    else:
        for folder in ("/home/student", "/tmp", "/dev/shm"):
            arguments += ["--perms", "1777", "--size", str(limits.files), "--tmpfs", folder]
    descriptors = []
    for name, content in data.items():
        descriptors.append(_file_with(content))
        arguments += ["--perms", "0444", "--ro-bind-data", str(descriptors[-1]), f"/data/{name}"]
    arguments += ["--remount-ro", "/", "--chdir", "/"]
    return descriptors


def _file_with(content: bytes) -> int:
    """Return a descriptor of an unnamed file with this content, at its start."""
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.flush()
        descriptor = os.dup(file.fileno())
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def _open_command(socket_fd: int, limits: Limits, data: Mapping[str, bytes], folder: str) -> Command:
    """Return the command without walls: the same worker as an ordinary process."""
    for name, content in data.items():
        path = Path(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    settings = worker_settings("open", socket_fd, limits, list(data), folder)
    worker = str(INSIDE / "worker.py")
    arguments = (sys.executable, "-I", "-S", "-B", "-X", "utf8", worker, settings)
    environment = {**ENVIRONMENT, "HOME": folder, "MPLCONFIGDIR": folder, "IPYTHONDIR": folder}
    del environment["LD_LIBRARY_PATH"]
    return Command(arguments, (), environment)
