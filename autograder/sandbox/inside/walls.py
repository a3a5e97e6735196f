"""The walls that a process builds around itself: namespaces, mounts, limits, capabilities, system calls.

Runs inside the sandbox, before any student's code, so it imports nothing of the project. Two moments:

- `enter_nursery`, once: the interpreter that forks the students' processes moves into a user, mount and pid
  namespace of its own, where it may make further ones.
- `close_in`, once per submission, in the fresh child. The order matters: mounts are made while the child
  still belongs to the nursery's user namespace, so that, once it has one of its own, they belong to an
  ancestor and cannot be undone.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
from pathlib import Path

import seccomp

HOME = "/home/student"
WRITABLE = (HOME, "/tmp", "/dev/shm")
DEVICES = ("/dev/null", "/dev/full", "/dev/random", "/dev/urandom")  # the host's own
STUDENT_UID = 1000  # as the student's process sees itself

_NEWNS, _NEWUTS, _NEWIPC = 0x00020000, 0x04000000, 0x08000000
_NEWUSER, _NEWPID, _NEWNET = 0x10000000, 0x20000000, 0x40000000
_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_REC, _MS_PRIVATE = 1, 2, 4, 8, 0x4000, 0x40000
_MS_REMOUNT, _MS_BIND = 0x20, 0x1000
_PR_SET_DUMPABLE, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT = 4, 24, 38, 47
_AMBIENT_CLEAR_ALL = 4
_CAPABILITY_VERSION = 0x20080522
_LAST_CAPABILITY = 63
_RLIMIT_SIGPENDING = 11  # which Python has no name for
_SIGNALS = 256  # that wait, and timers: beyond the namespace all submissions of an account share their number
_NO_CORE = 1  # with 0 a crash would still reach the host's collector of cores

_libc = ctypes.CDLL(None, use_errno=True)


def _call(name: str, *arguments: object) -> None:
    """A C library function that answers 0, or OSError with its name."""
    if getattr(_libc, name)(*arguments):
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")


def _unshare(flags: int) -> None:
    _call("unshare", ctypes.c_int(flags))


def _mount_tmpfs(target: str, flags: int, options: str) -> None:
    _call("mount", b"tmpfs", target.encode(), b"tmpfs", ctypes.c_ulong(flags), options.encode())


def _map_identity(process: int, outside: tuple[int, int]) -> None:
    """Make this process, now in a new user namespace, the student there; `process` is its folder in /proc."""
    uid, gid = outside
    for name, line in (
        ("uid_map", f"{STUDENT_UID} {uid} 1"),
        ("setgroups", "deny"),
        ("gid_map", f"{STUDENT_UID} {gid} 1"),
    ):
        descriptor = os.open(name, os.O_WRONLY, dir_fd=process)
        try:
            os.write(descriptor, line.encode())
        finally:
            os.close(descriptor)


def drop_root(uid: int) -> None:
    """As root: become an ordinary user for good, whom limits on processes bind.

    Inside a rootless container root is no root, and the number may not exist: then nothing is to be done.
    """
    if os.getuid() == 0:
        with contextlib.suppress(OSError):
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
        _call("prctl", _PR_SET_DUMPABLE, 1, 0, 0, 0)  # else /proc/self belongs to root


def enter_nursery() -> int:
    """Move into namespaces of one's own as pid 1 there; a descriptor of that pid namespace.

    The calling process stays behind, waits for the one that goes on, and ends with it.
    """
    outside = os.getuid(), os.getgid()
    process = os.open("/proc/self", os.O_PATH | os.O_DIRECTORY)
    _unshare(_NEWUSER | _NEWNS | _NEWPID)
    _map_identity(process, outside)
    os.close(process)
    child = os.fork()
    if child:
        os.closerange(0, 1 << 16)
        os.waitpid(child, 0)
        os._exit(0)
    _call("mount", None, b"/", None, ctypes.c_ulong(_MS_REC | _MS_PRIVATE), None)
    _mount_tmpfs("/tmp", _MS_NOSUID | _MS_NODEV, "size=64m,mode=1777")
    keep_times_of_devices()
    return os.open("/proc/self/ns/pid", os.O_RDONLY)


def keep_times_of_devices() -> None:
    """Let nobody set the time of a device, which the next submission would see; all read and write as before.

    bubblewrap's own way to do so would make them no devices any more.
    """
    for device in DEVICES:
        kept = os.statvfs(device).f_flag & (_MS_NOSUID | _MS_NODEV | _MS_NOEXEC)
        flags = ctypes.c_ulong(_MS_REMOUNT | _MS_BIND | _MS_RDONLY | kept)
        _call("mount", None, device.encode(), None, flags, None)


def fork_into_new_pid_namespace(own_namespace: int) -> int:
    """Fork: 0 in the child, which is pid 1 of a new namespace; its pid in the parent, which stays put."""
    _unshare(_NEWPID)
    child = os.fork()
    if child:
        _call("setns", own_namespace, _NEWPID)  # makes the next unshare legal
    return child


def close_in(limits: dict[str, int], data_files: list[str]) -> None:
    """Build every wall around this process; afterwards it may run a student's code.

    Parameters
    ----------
    limits : `Limits.for_worker`
    data_files : names below /data that appear in the student's folder

    Raises
    ------
    OSError
        If one of the walls cannot be built.
    """
    os.setsid()  # else a signal to its own group would reach the interpreter, too
    outside = os.getuid(), os.getgid()
    process = os.open("/proc/self", os.O_PATH | os.O_DIRECTORY)
    _unshare(_NEWNS | _NEWNET | _NEWIPC | _NEWUTS)
    for folder in WRITABLE:
        mode = "0700" if folder == HOME else "1777"
        options = f"size={limits['files']},nr_inodes={limits['inodes']},mode={mode}"
        _mount_tmpfs(folder, _MS_NOSUID | _MS_NODEV | _MS_NOEXEC, options)
    prefer_killing_this(process)
    _mount_tmpfs("/proc", _MS_RDONLY | _MS_NOSUID | _MS_NODEV | _MS_NOEXEC, "size=4k,mode=0555")
    _unshare(_NEWUSER)
    _map_identity(process, outside)
    os.close(process)
    settle(limits, data_files)


def prefer_killing_this(process: int) -> None:
    """Should the machine run out of memory after all, this process goes first."""
    with contextlib.suppress(OSError):
        descriptor = os.open("oom_score_adj", os.O_WRONLY, dir_fd=process)
        os.write(descriptor, b"1000")
        os.close(descriptor)


def settle(limits: dict[str, int], data_files: list[str]) -> None:
    """The walls that need no namespace: folder, limits, capabilities, no new privileges, system calls."""
    link_data(data_files, HOME)
    set_limits(limits)
    drop_capabilities()
    _call("prctl", _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    _call("prctl", _PR_SET_DUMPABLE, 0, 0, 0, 0)
    seccomp.install()


def link_data(data_files: list[str], home: str, data: str = "/data") -> None:
    """Put links to the data files, which are read-only, into the student's folder, and go there."""
    os.chdir(home)
    for name in data_files:
        link = Path(home, name)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(Path(data, name))


def set_limits(limits: dict[str, int]) -> None:
    """Resource limits of this process and of all that it starts."""
    cpu = limits["cpu"]
    for kind, value in (
        (resource.RLIMIT_AS, limits["address_space"]),
        (resource.RLIMIT_CPU, cpu),
        (resource.RLIMIT_FSIZE, limits["file_size"]),
        (resource.RLIMIT_NOFILE, limits["open_files"]),
        (resource.RLIMIT_NPROC, limits["processes"]),
        (resource.RLIMIT_CORE, _NO_CORE),
        (_RLIMIT_SIGPENDING, _SIGNALS),
        (getattr(resource, "RLIMIT_MSGQUEUE", resource.RLIMIT_MEMLOCK), 0),
        (resource.RLIMIT_MEMLOCK, 0),
    ):
        ceiling = resource.getrlimit(kind)[1]
        allowed = value if ceiling == resource.RLIM_INFINITY else min(value, ceiling)
        resource.setrlimit(kind, (allowed, allowed))


def drop_capabilities() -> None:
    """Give up every capability, and the possibility to get one back."""
    for capability in range(_LAST_CAPABILITY + 1):
        if _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0):
            break  # beyond the kernel's last one, or none to drop
    _libc.prctl(_PR_CAP_AMBIENT, _AMBIENT_CLEAR_ALL, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    nothing = (ctypes.c_uint32 * 6)()
    _call("capset", ctypes.byref(header), ctypes.byref(nothing))
