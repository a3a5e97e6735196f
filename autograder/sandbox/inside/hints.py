"""Hints to the instructor: what a submission visibly tried. They never change points.

Seen by Python's audit events and an import hook inside the student's process, which could silence both; so an
absent hint means nothing. Only a number leaves the process, an entry of `protocol.INCIDENTS`. Imports nothing
of the project but the module beside it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from protocol import INCIDENTS

ABSENT = {"gmmlib": 0, "autograder": 1, "sklearn": 2}
_NETWORK, _PROGRAM, _LIBRARY, _OUTSIDE, _FRAMES, _MACHINE, _COLLECTOR, _HOOK = range(3, len(INCIDENTS))
_NETWORK_EVENTS = ("socket.getaddrinfo", "socket.gethostbyname")
_ADDRESS_EVENTS = ("socket.connect", "socket.bind")
_INTERNET = (2, 10)  # AF_INET and AF_INET6 of Linux: a wall refuses the socket before it can connect
_PROGRAM_EVENTS = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "pty.spawn")
_ALLOWED = ("/python", "/packages", "/sandbox", "/lib", "/home/student", "/tmp", "/dev", "/data")
# Where notebooks lie on other machines, and tables and pictures: a path that is left over there is no try.
_ELSEWHERE = ("/content", "/drive", "/kaggle", "/mnt", "/Users", "/workspaces")
_DATA = (".csv", ".tsv", ".txt", ".dat", ".npy", ".npz", ".png", ".jpg", ".jpeg", ".gif")


class Hints:
    """Collects incidents from the moment `watch` is called."""

    def __init__(self) -> None:
        self.seen: set[int] = set()
        self.watching = False
        sys.meta_path.insert(0, self)
        sys.addaudithook(self.audit)
        sys.displayhook = self.display  # the shell itself prints results without it

    def watch(self) -> None:
        """From now on the code that runs is the student's."""
        self.watching = True

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Refuse the packages that are absent while grading, with a sentence that says so."""
        package = name.partition(".")[0]
        if package in ABSENT:
            self.seen.add(ABSENT[package])
            raise ModuleNotFoundError(f"{name} is not available while grading", name=name)
        return None

    def display(self, value: object) -> None:
        """In the place of `sys.displayhook`: nbgrader alone would take a number shown so for the grade."""
        if self.watching:
            self.seen.add(_HOOK)
        sys.__displayhook__(value)

    def audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Python's audit hook, called for every event."""
        if not self.watching:
            return
        if event in ("open", "os.listdir", "os.scandir", "os.chdir"):
            self._file(arguments[0])
        elif event in _PROGRAM_EVENTS:
            self.seen.add(_PROGRAM)
        elif (
            event in _NETWORK_EVENTS
            or (event == "socket.__new__" and arguments[1] in _INTERNET)
            or (event in _ADDRESS_EVENTS and isinstance(arguments[1], tuple))  # a name is of this machine
        ):
            self.seen.add(_NETWORK)
        elif event == "ctypes.dlopen":
            self.seen.add(_LIBRARY)
        elif event in ("gc.get_objects", "gc.get_referrers"):
            self.seen.add(_COLLECTOR)
        elif event == "sys._getframe":
            self._frame()

    def _file(self, path: object) -> None:
        if isinstance(path, bytes):
            path = os.fsdecode(path)
        if not isinstance(path, str):
            return
        if path.startswith(("/proc", "/sys")):
            self.seen.add(_MACHINE)
        elif path.startswith(_ELSEWHERE) or path.lower().endswith(_DATA):
            return
        elif (path.startswith("/") and not path.startswith(_ALLOWED)) or path.startswith(("../..", "~")):
            self.seen.add(_OUTSIDE)

    def _frame(self) -> None:
        """A cell that asks for frames itself; libraries do so all the time."""
        self.watching = False  # asking for a frame is an event, too
        try:
            if sys._getframe(2).f_code.co_filename.startswith("<cell "):
                self.seen.add(_FRAMES)
        finally:
            self.watching = True
