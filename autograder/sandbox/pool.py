"""The trusted half: starts the sandbox, talks to one student's process at a time, and ends it.

Nothing that a student's code does raises an exception here: every ending is a value. `Pool` is the sandbox,
`Session` one student's process in it.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from types import TracebackType
from typing import IO, TYPE_CHECKING

from autograder.sandbox import bubblewrap
from autograder.sandbox.bubblewrap import Mode
from autograder.sandbox.errors import NoWallsError, SandboxUnavailable
from autograder.sandbox.life import ForkedLife, Life, OwnLife, kill, last_words
from autograder.sandbox.limits import Budget, Limits
from autograder.sandbox.memory_group import MemoryGroup, memory_group

if TYPE_CHECKING:  # these import NumPy: while the interpreter starts
    from autograder.sandbox.session import Session

WALLS: Mapping[Mode, str] = {
    "nested": "bubblewrap around the interpreter, and around each submission namespaces, limits and a "
    "system-call filter of its own",
    "single": "one bubblewrap with limits and a system-call filter for each submission",
    "open": "WITHOUT ISOLATION: the student's code could read and change whatever this account can",
}
REMEDY = (
    "Install bubblewrap (Debian, Ubuntu: apt install bubblewrap; Fedora: dnf install bubblewrap) on Linux "
    "with user namespaces; on macOS or Windows grade in a Linux container. See `autograder doctor`."
)

PACKAGES = "Type: pip install 'gmm-course[grade]'"
RETRIES = (0.2, 1.0, 0.0)  # s to wait after a student's process could not be started


class Pool:
    """The sandbox: a pre-imported interpreter behind walls, which runs one submission at a time.

    The interpreter starts when the pool is made and is waited for when it is entered, so that the caller may
    import meanwhile. Without `isolation` there are no walls at all; the caller must say so in the results.

    Parameters
    ----------
    limits : what a submission may use
    data_files : content of the files that appear, read-only, in the student's folder, by their names
    isolation : False runs code as an ordinary process of this account
    mode : "nested" or "single" to try only that; None takes the best that works here

    Raises
    ------
    SandboxUnavailable
        If there is no bubblewrap; on entering, if no mode works. The message tells the remedy.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        data_files: Mapping[str, bytes] | None = None,
        isolation: bool = True,
        mode: Mode | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self.data_files = dict(data_files or {})
        self.refused: list[str] = []  # why better ways than the one that stands did not work
        self.mode: Mode = "open" if not isolation else mode or "nested"
        self._fixed = mode is not None or not isolation
        self._own_proc = True
        self._process: subprocess.Popen[bytes] | None = None
        self._session: Session | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self.memory_group: MemoryGroup | None = None  # while the sandbox stands, where one can be had
        if isolation and mode == "open":
            raise ValueError("to run code without walls say isolation=False")
        if isolation and bubblewrap.program() is None:
            raise SandboxUnavailable(f"bubblewrap is not installed, so nothing was run. {REMEDY}")
        if self.mode != "single":
            self._launch_interpreter()

    @property
    def walls(self) -> str:
        """Which walls stand, in a sentence."""
        return WALLS[self.mode]

    @property
    def pid(self) -> int | None:
        """The process that the interpreter and all students' processes are below; None without one."""
        return self._process.pid if self._process else None

    def __enter__(self) -> Pool:
        for mode, own_proc in self._ways():
            if (mode, own_proc) != (self.mode, self._own_proc) or self._process is None:
                self.mode, self._own_proc = mode, own_proc
                if mode != "single":
                    self._launch_interpreter()
            try:
                self._wait_until_ready()
                with self._open_session():  # the proof that its walls can be built here
                    return self
            except (NoWallsError, OSError) as error:
                self.refused.append(f"{mode}: {error}")
                self.close()
        reasons = "; ".join(self.refused)
        remedy = PACKAGES if "ModuleNotFoundError" in reasons else REMEDY
        raise SandboxUnavailable(f"No isolation on this machine ({reasons}). {remedy}")

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _ways(self) -> list[tuple[Mode, bool]]:
        """Return the modes to try, best first; nested also with the outer /proc, as in some containers."""
        if self._fixed:
            return [(self.mode, True)]
        return [("nested", True), ("nested", False), ("single", True)]

    def session(self, budget: Budget | None = None, *, scipy: bool = False) -> Session:
        """Return a fresh student's process; one at a time. To be used in a `with` statement.

        Parameters
        ----------
        budget : what the submission may still use, if this is not its only session; less of it is left after
        scipy : whether its code will import SciPy, which a second interpreter keeps at hand

        Raises
        ------
        SandboxUnavailable
            If its walls cannot be built any more, three times in a row.
        """
        if self._session is not None and not self._session.closed:
            raise RuntimeError("one session at a time: close the earlier one first")
        for wait in RETRIES:  # the kernel may be short of something for a moment
            try:
                return self._open_session(budget, scipy)
            except (NoWallsError, OSError) as error:
                reason = str(error)
                time.sleep(wait)
        raise SandboxUnavailable(f"The walls cannot be built any more ({reason}). {REMEDY}")

    def _open_session(self, budget: Budget | None = None, scipy: bool = False) -> Session:
        """Try once to start a student's process; NoWallsError or OSError if it or its walls cannot be had."""
        ours, theirs = socket.socketpair()
        # Now, while nobody sends: what is sent before this comes without its sender, who then goes unwatched.
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        try:
            life = self._own_life(theirs) if self.mode == "single" else self._forked_life(theirs, scipy)
        except OSError:
            ours.close()
            raise
        finally:
            theirs.close()
        from autograder.sandbox.session import Session

        self._session = Session(ours, life, self.limits, budget, self.memory_group)
        return self._session.start()

    def _forked_life(self, data: socket.socket, scipy: bool) -> Life:
        ours, theirs = socket.socketpair()
        with theirs:
            if self._session is not None and self._session.lost:
                self._end_interpreter()  # it did not tell the end of the last one
            if self._process is None or self._process.poll() is not None:
                self._launch_interpreter()
                self._wait_until_ready()
            from autograder.sandbox.inside import protocol

            message = protocol.NEW_WITH_SCIPY if scipy else protocol.NEW
            socket.send_fds(self._control, [message], [data.fileno(), theirs.fileno()])
        return ForkedLife(ours, self.limits.end_wall)

    def _own_life(self, data: socket.socket) -> Life:
        errors = tempfile.TemporaryFile()  # noqa: SIM115
        return OwnLife(self._launch(data, errors), errors)

    def _launch_interpreter(self) -> None:
        self._end_interpreter()
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115
        with theirs:
            self._process = self._launch(theirs, self._errors)

    def _launch(self, end: socket.socket, errors: IO[bytes]) -> subprocess.Popen[bytes]:
        """Start the untrusted half with this end of a socket."""
        if self.mode == "open" and self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="autograder-")
        folder = self._folder.name if self._folder else ""
        if self.mode != "open" and self.memory_group is None:
            self.memory_group = memory_group(self.limits)
        entrance = self.memory_group.entrance if self.memory_group else ""
        command = bubblewrap.command(
            self.mode, end.fileno(), self.limits, self.data_files, self._own_proc, folder, entrance
        )
        try:
            return subprocess.Popen(
                command.arguments,
                pass_fds=(end.fileno(), *command.descriptors),
                cwd="/",
                env=dict(command.environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                process_group=0,  # a terminal's Ctrl-C is for the grader alone
            )
        finally:
            for descriptor in command.descriptors:
                os.close(descriptor)

    def _wait_until_ready(self) -> None:
        """Wait for the interpreter; OSError with its last words if it does not come up."""
        if self.mode == "single":
            return
        self._control.settimeout(self.limits.start_wall)
        try:
            message = self._control.recv(64)
        except TimeoutError:
            message = b""
        from autograder.sandbox.inside import protocol

        if message != protocol.READY:
            raise OSError(last_words(self._errors) or "the interpreter did not start")

    def close(self) -> None:
        """End everything that the pool started."""
        if self._session is not None:
            self._session.close()
        self._end_interpreter()
        if self.memory_group is not None:
            self.memory_group.remove()
            self.memory_group = None
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def _end_interpreter(self) -> None:
        """Kill it, and wait until the last process that held its socket is gone."""
        if self._process is None:
            return
        kill(self._process)
        self._process.wait()
        self._control.settimeout(self.limits.end_wall)
        with contextlib.suppress(OSError):
            while self._control.recv(64):
                pass
        self._control.close()
        self._errors.close()
        self._process = None
