"""Files on their way in: a raw body streamed to disk, never into memory, never through a parser of forms."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import hashlib
import os
import secrets
import shutil
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, cast

from tornado.http1connection import HTTP1Connection
from tornado.iostream import IOStream
from tornado.web import HTTPError, stream_request_body

from autograder.course.directory import Course
from autograder.desk.access import Handler

MB = 1_000_000
MAX_ARCHIVE = 200 * MB  # bytes of one upload to the desk
KEPT_FREE = 50 * MB  # bytes of the disk that no upload may take
AT_ONCE = 2  # uploads that are written at a time; others wait for their turn
SECONDS = 120.0  # for one upload's body
UNPACKED = 3  # times its size is what an archive takes, unpacked and kept


def folder_of(course: Course) -> Path:
    """Return where uploads lie while they come in."""
    path = course.private / "uploads"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def tidy(course: Course) -> None:
    """Delete what a desk that was killed left behind; what another one is writing is locked."""
    for path in folder_of(course).iterdir():
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
            continue
        with suppress(OSError), path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()


def check_room(course: Course, size: int) -> None:
    """Raise OSError if the disk has no room for a file of `size` bytes and what becomes of it."""
    if shutil.disk_usage(course.private).free < size * UNPACKED + KEPT_FREE:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(course.private))


@stream_request_body
class Upload(Handler):
    """A request whose body goes to a file, `self.path`, which is gone when the request has ended."""

    max_size = MAX_ARCHIVE
    seconds = SECONDS
    path: Path | None = None
    size = 0
    _file: BinaryIO | None = None
    _stream: IOStream | None = None
    _turn: asyncio.Semaphore | None = None
    _late: asyncio.TimerHandle | None = None
    _problem: Exception | None = None  # told when the body has been read: before, nobody would hear it
    _gone = False

    async def prepare(self) -> None:
        """Refuse early; wait for a turn; open the file."""
        super().prepare()
        if self._finished:
            return
        self.check_name(*self.path_args)
        length = self.request.headers.get("Content-Length") or "0"
        if not (length.isascii() and length.isdecimal()):
            raise HTTPError(400)
        announced = int(length[:20])
        if announced > self.max_size:
            raise HTTPError(413)
        cast(HTTP1Connection, self.request.connection).set_max_body_size(self.max_size)
        self._stream = cast(HTTP1Connection, self.request.connection).stream
        self.settings["uploading"].add(self._stream)
        self._digest = hashlib.sha256()
        turns: asyncio.Semaphore = self.settings["turns"]
        await turns.acquire()
        self._turn = turns
        if self._gone:
            self._clean()
            return
        self._late = asyncio.get_running_loop().call_later(self.seconds, self._too_slow)
        try:
            check_room(self.course, announced)
            self.path = folder_of(self.course) / secrets.token_hex(16)
            self._file = self.path.open("xb")
            fcntl.flock(self._file, fcntl.LOCK_EX)
        except OSError as error:
            self._problem = error

    def check_name(self, *names: str) -> None:
        """Refuse what the address names before a byte is read."""

    def data_received(self, chunk: bytes) -> None:
        """Write a piece of the body."""
        self.size += len(chunk)
        if self._problem is not None or self._file is None:
            return
        self._digest.update(chunk)
        try:
            self._file.write(chunk)
        except OSError as error:
            self._problem = error

    def received(self) -> Path:
        """Return the file, all of it written, which is the caller's to delete; raise what went wrong."""
        if self._late is not None:
            self._late.cancel()
        if self._problem is None and self._file is not None and self.path is not None:
            self._file.flush()
            if self.size:
                path, self.path = self.path, None
                return path
        raise self._problem or HTTPError(400, "The file is empty.")

    @property
    def digest(self) -> str:
        """The SHA-256 of the body."""
        return self._digest.hexdigest()

    def _too_slow(self) -> None:
        """Answer and end the connection: whoever sends a byte a second must not hold a turn."""
        stream = cast(HTTP1Connection, self.request.connection).stream
        if not self._finished:
            self.send_error(408)
        asyncio.get_running_loop().call_later(1.0, stream.close)

    def on_finish(self) -> None:
        """Leave nothing behind, also when the request was refused."""
        self._clean()

    def on_connection_close(self) -> None:
        """Leave nothing behind when the sender is gone."""
        self._gone = True
        super().on_connection_close()
        self._clean()

    def _clean(self) -> None:
        self.settings["uploading"].discard(self._stream)
        if self._late is not None:
            self._late.cancel()
        if self._file is not None:
            with suppress(OSError):  # what was left in the buffer has no room either
                self._file.close()
            self._file = None
        if self.path is not None:
            self.path.unlink(missing_ok=True)
            self.path = None
        if self._turn is not None:
            self._turn.release()
            self._turn = None
