"""How the trusted side ends a student's process, and learns how it ended."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
from dataclasses import dataclass
from typing import IO, Protocol

from autograder.sandbox.watch import processes_below


@dataclass(frozen=True)
class End:
    """Exit code (negative: the signal that ended it), CPU seconds, last words; as far as they are known."""

    code: int | None = None
    cpu: float = 0.0
    words: str = ""


def last_words(errors: IO[bytes]) -> str:
    """The last line of what a process wrote to its standard error."""
    errors.seek(0)
    lines = errors.read().decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else ""


def kill(process: subprocess.Popen[bytes]) -> None:
    """End bubblewrap and what it started.

    The process that it forks waits for its word before anything else. If only bubblewrap were killed before
    it gave it, the other one would wait for ever; so it is stopped first, and killed last.
    """
    if process.poll() is None:
        process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        for pid in reversed([*processes_below(process.pid)]):
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)


class Life(Protocol):
    """A student's process with all that it started; `root` is the pid they are all below, if known yet.

    `lost` says that its end was not confirmed.
    """

    root: int | None
    lost: bool

    def end(self, ending: bool = False) -> End:
        """End it now, or wait a moment if it is `ending` already; afterwards nothing of it runs any more."""
        ...


class ForkedLife:
    """A process forked by the interpreter, which kills it when this socket is shut and says how it ended."""

    def __init__(self, life: socket.socket, wait: float) -> None:
        self.life, self.wait = life, wait
        self.lost = False
        self.root: int | None = None
        self._end: End | None = None

    def end(self, ending: bool = False) -> End:
        """Shut the socket and wait for the interpreter's word."""
        if self._end is None:
            self._end, self.lost = End(), True
            with self.life, contextlib.suppress(OSError, ValueError):
                self.life.settimeout(self.wait)
                self.life.shutdown(socket.SHUT_WR)
                status, cpu = json.loads(self.life.recv(256))
                self._end, self.lost = End(os.waitstatus_to_exitcode(status), cpu), False
        return self._end


class OwnLife:
    """A process with a bubblewrap of its own."""

    def __init__(self, process: subprocess.Popen[bytes], errors: IO[bytes]) -> None:
        self.process, self.errors = process, errors
        self.lost = False
        self.root: int | None = process.pid
        self._end: End | None = None

    def end(self, ending: bool = False) -> End:
        """Kill bubblewrap, and with it the namespace."""
        if self._end is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(2.0 if ending else 0.0)
            killed = self.process.poll() is None
            kill(self.process)
            code = self.process.wait()
            if code > 128:
                code = 128 - code  # bubblewrap's way to tell a signal
            self._end = End(None if killed else code, words=last_words(self.errors))
            self.errors.close()
        return self._end
