"""Files that are written as a whole or not at all."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path

from autograder.course.errors import CourseError

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)  # the disk cannot be written, whatever the file
AT_FDCWD, RENAME_EXCHANGE = -100, 2  # of Linux
NEW = ".new"  # ends the name of what is being written
HALF_WRITTEN = re.compile(rf"\..+\.[0-9a-f]{{16}}{re.escape(NEW)}", re.DOTALL)


@contextmanager
def only_here(private: Path) -> Iterator[None]:
    """Let no other grading of a course run at the same time; the lock ends with the process.

    Parameters
    ----------
    private : the folder .autograder of the course

    Raises
    ------
    CourseError
        If another one is running.
    """
    handle = _lock_file(private / "lock")
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CourseError(
                f"Another grading of {private.parent} is running. Type the same command again when it "
                "has ended."
            ) from None
        yield
    finally:
        os.close(handle)


@contextmanager
def one_at_a_time(private: Path) -> Iterator[None]:
    """Wait until no other process or thread takes submissions or people into a course.

    What they know of owners and people is read, added to and written: two at once would lose what one added.
    """
    handle = _lock_file(private / "taking-in")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _lock_file(path: Path) -> int:
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    return os.open(path, flags, 0o660 if group_of(path.parent) is not None else 0o600)


def group_of(private: Path) -> int | None:
    """Return the group that may work in a course's private folder, too; None if it is its owner's alone."""
    state = private.stat()
    return state.st_gid if state.st_mode & 0o070 == 0o070 else None


def share_with_group(private: Path) -> None:
    """Let files that this process makes be for the course's group, too, if it has one."""
    if group_of(private) is not None:
        os.umask(0o007)


def replace_private(path: Path, content: str, private: Path) -> None:
    """Write a file for whoever may work in a course's private folder, and make the folders above it."""
    group = group_of(private)
    path.parent.mkdir(mode=0o700 if group is None else 0o770, parents=True, exist_ok=True)
    replace_file(path, content, 0o600 if group is None else 0o660)
    if group is not None:
        with suppress(PermissionError):  # the folders may do it: chmod g+s
            os.chown(path, -1, group)


def replace_file(path: Path, content: str | bytes, mode: int) -> None:
    """Write a file beside and rename it, so that nobody ever sees half of one.

    Parameters
    ----------
    content : bytes, or text, which is written as UTF-8 in any case
    mode : the file's permissions, of which the process's umask is taken off
    """
    _tidy(path.parent)
    beside, lock = _begun(path, mode)
    try:
        with os.fdopen(os.dup(lock), "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode("utf-8", "replace"))
        beside.replace(path)
    except OSError as error:  # a full disk does not say of which file
        beside.unlink(missing_ok=True)
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        os.close(lock)


def replace_folder(new: Path, target: Path) -> None:
    """Put a folder where another one lies, or none: who looks sees the one or the other, never neither."""
    if target.is_symlink():
        target.unlink()  # never followed
    if not target.is_dir():
        new.rename(target)
        return
    if not _exchanged(new, target):
        old = new.with_name(f"{new.name}.old")
        target.rename(old)
        new.rename(target)
        old.rename(new)
    shutil.rmtree(new)


def _exchanged(one: Path, other: Path) -> bool:
    """Exchange two folders in one step; return whether this system and this disk can."""
    try:
        rename = ctypes.CDLL(None).renameat2
    except AttributeError:
        return False
    names = (os.fsencode(one), os.fsencode(other))
    return bool(rename(AT_FDCWD, names[0], AT_FDCWD, names[1], RENAME_EXCHANGE) == 0)


def create_locked(path: Path, content: str, private: Path) -> int:
    """Write a file that is locked until the returned handle is closed, or the process is killed.

    It is on the disk when this returns: a power cut leaves the whole of it.
    """
    _tidy(path.parent)
    beside, handle = _begun(path, 0o600 if group_of(private) is None else 0o660)
    try:
        os.write(handle, content.encode("utf-8", "replace"))
        os.fsync(handle)
        beside.rename(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        os.close(handle)
        raise OSError(error.errno, error.strerror, str(path)) from error
    return handle


def is_locked(path: Path) -> bool:
    """Return whether a living process has a file locked; one that is gone, or whose disk has no locks, is."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(handle)
    return False


def _begun(path: Path, mode: int) -> tuple[Path, int]:
    """Return a new file beside another one and its handle, locked as long as this process writes it."""
    while True:
        beside = path.with_name(f".{path.name[:200]}.{secrets.token_hex(8)}{NEW}")
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
        with suppress(OSError):  # some disks have no locks: there what is left half-done stays
            fcntl.flock(handle, fcntl.LOCK_EX)
        if os.fstat(handle).st_nlink:
            return beside, handle
        os.close(handle)  # a neighbour took it for a killed program's before it was locked


@lru_cache(maxsize=10_000)  # once in a process: killed was one that ran before
def _tidy(folder: Path) -> None:
    """Delete what killed programs left half-written in a folder; what is being written is locked."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if HALF_WRITTEN.fullmatch(entry.name):
                delete_unlocked(Path(entry.path))


def delete_unlocked(path: Path) -> None:
    """Delete a file unless a living process has it locked."""
    with suppress(OSError):
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
        finally:
            os.close(handle)
