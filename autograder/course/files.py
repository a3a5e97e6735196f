"""Files that are written as a whole or not at all."""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autograder.course.errors import CourseError


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
    handle = os.open(private / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
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


def replace_file(path: Path, content: str | bytes, mode: int) -> None:
    """Write a file beside and rename it, so that nobody ever sees half of one.

    Parameters
    ----------
    content : bytes, or text, which is written as UTF-8 in any case
    mode : the file's permissions, of which the process's umask is taken off
    """
    beside = path.with_name(f".{path.name[:200]}.{secrets.token_hex(8)}.new")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode("utf-8", "replace"))
    except OSError as error:  # a full disk does not say of which file
        beside.unlink(missing_ok=True)
        raise OSError(error.errno, error.strerror, str(path)) from error
    beside.replace(path)
