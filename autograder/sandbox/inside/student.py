"""What happens in a student's process: cells are run, questions answered, one call after another.

Nothing here is believed on the other side. Imports nothing of the project but the modules beside it.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np
import protocol
from answers import UnusableError, parts_of
from cells import binds_only
from forms import in_its_form
from shell import Shell, stand_in_for_the_grader, student_lines
from standing_in import in_order, parameters_of, standing_in

HEADER_LIMIT = 1 << 24


def prepare() -> Shell:
    """Import what notebooks need, and run a little of it, so that every forked process finds it warm."""
    import matplotlib as mpl

    mpl.use("agg")
    import matplotlib.pyplot as plt

    stand_in_for_the_grader()
    fork_by_default()
    notebook = Shell()
    notebook.streams.restart(1 << 16)
    for index, source in enumerate(("%time 1 + 1", "1 / 0", "x = 3\nx", "!ls", "def f(): pass", "await x")):
        notebook.run(-index - 1, source)
    plt.close(plt.figure())
    for name in ("x", "f", "_"):
        notebook.names.pop(name, None)
    np.linalg.cholesky(np.eye(2)) @ np.random.default_rng(0).standard_normal(2)  # NumPy imports this late
    notebook.hints.seen.clear()
    return notebook


def fork_by_default() -> None:
    """Have multiprocessing fork, as before Python 3.14: its new way hands on descriptors, and may not."""
    from multiprocessing import context

    ways: Any = context
    ways._default_context._default_context = ways._concrete_contexts["fork"]


def add_scipy() -> None:
    """Import SciPy too, for notebooks that use it: it makes every fork dearer."""
    import scipy.linalg
    import scipy.optimize
    import scipy.special
    import scipy.stats  # noqa: F401


def plain_number_or_array(value: object) -> object:
    """An argument of a call to the trusted side."""
    if isinstance(value, str):
        return value
    if isinstance(value, int | float):
        return value + 0  # a bool is a number, too
    array = np.asarray(value)
    return array if array.dtype.kind in "iub" else array.astype(float)


def complain(data: socket.socket, error: OSError) -> None:
    """A wall could not be built: say which, and end."""
    data.sendall(protocol.pack({"kind": "no-walls", "reason": str(error)}))


def serve(notebook: Shell, data: socket.socket, limits: dict[str, int]) -> None:
    """Answer frames until the other side closes the socket."""
    Student(notebook, data, limits).serve()


def message_of(error: BaseException) -> str:
    """What an error says; it may fail to say anything."""
    try:
        return str(error)[: protocol.MAX_TEXT]
    except BaseException:
        return ""


NO_PROCESS = b"Not run: this machine had no room for another process. Other submissions may have used it up."


def fork() -> int:
    """os.fork, tried for two seconds where a limit on processes is reached: neighbours may be the reason."""
    for _ in range(20):
        try:
            return os.fork()
        except BlockingIOError:
            time.sleep(0.1)
    return os.fork()


class Student:
    """One submission: its notebook, and the socket to the trusted side."""

    def __init__(self, notebook: Shell, data: socket.socket, limits: dict[str, int]) -> None:
        self.notebook, self.data, self.limits = notebook, data, limits
        self.hints = notebook.hints
        self.process = os.getpid()
        self.number = 0
        self.marked: dict[str, dict[str, Any]] = {}  # by function: all names at its check cell
        self.checked: dict[str, object] = {}  # by function: what it is at its check cell
        self.forks: dict[str, tuple[int, socket.socket]] = {}  # by function: the fork that waits, its socket
        self.names_now: dict[str, Any] | None = None  # while questions are asked: the notebook's names

    def serve(self) -> None:
        """Run cells and answer questions as they come."""
        sys.path.insert(0, "")  # as in Jupyter: modules that a cell has written
        self.hints.watch()
        self.send({"kind": "hello"})
        while True:
            header, body = self.receive()
            self.number = header["number"]
            for name in header["keep"]:
                self.snapshot(name)
            if header["kind"] == "cell":
                self.run_cell(header["index"], body.decode(), header["apart"])
            else:
                self.respond(header["name"])

    def send(self, header: dict[str, Any], buffers: list[bytes] | tuple[bytes, ...] = ()) -> None:
        """One frame to the trusted side; a forked child of this process is not to speak."""
        if os.getpid() != self.process:
            os._exit(0)
        incidents = sorted(self.hints.seen)
        self.hints.seen.clear()
        self.data.sendall(protocol.pack({**header, "number": self.number, "incidents": incidents}, buffers))

    def receive(self) -> tuple[dict[str, Any], bytes | bytearray]:
        """The next frame of the trusted side."""
        return protocol.read_frame(self._read, header_limit=HEADER_LIMIT, body_limit=self.limits["inputs"])

    def _read(self, count: int) -> bytearray:
        received = bytearray()
        while len(received) < count:
            piece = self.data.recv(min(count - len(received), 1 << 20))
            if not piece:
                os._exit(0)
            received += piece
        return received

    def run_cell(self, index: int, source: str, apart: bool) -> None:
        """Run a cell, `apart` in a fork of its own; send what it printed and the error that stopped it."""
        try:
            if apart and (child := fork()):
                os.waitpid(child, 0)
                return
            self.run_cell_here(index, source, apart)
        except BlockingIOError:
            self.send({"kind": "ran", "text": 0}, [b"", NO_PROCESS])

    def run_cell_here(self, index: int, source: str, apart: bool) -> None:
        """The same in this process, which ends afterwards if it is a fork for a cell `apart`."""
        self.process = os.getpid()
        if self.names_now is not None:
            self.bind(self.names_now)
            self.names_now = None
        if self.marked and not apart and not binds_only(source):
            self.fork_for_marked()
        output = self.notebook.streams.restart(self.limits["output"])
        error = self.notebook.run(index, source).encode("utf-8", "replace")[: self.limits["output"]]
        text = bytes(output.collected)
        sys.settrace(None)
        self.send({"kind": "ran", "text": len(text)}, [text, error])
        if apart:
            os._exit(0)

    def snapshot(self, name: str) -> None:
        """Mark the notebook as it is now for the question about this function.

        The names suffice as long as cells bind names only; before one that may do more, a fork is made.
        """
        if callable(self.notebook.names.get(name)):
            self.marked[name] = dict(self.notebook.names)
            self.checked[name] = self.notebook.names[name]

    def fork_for_marked(self) -> None:
        """Have a fork wait, with everything as it is now, for the questions about the marked functions."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        child = fork()
        if child == 0:
            ours.close()
            self.wait_to_answer(theirs)
        theirs.close()
        self.forks |= dict.fromkeys(self.marked, (child, ours))
        self.marked.clear()

    def wait_to_answer(self, waking: socket.socket) -> NoReturn:
        """In a fork: answer when woken, until the notebook's process is gone."""
        self.process = os.getpid()
        while message := waking.recv(4096):
            self.number = int.from_bytes(message[:8], "little")
            waking.send(b"awake")
            self.answer_question(message[8:].decode())
            waking.send(b"answered")
        os._exit(0)

    def respond(self, name: str) -> None:
        """Have the fork answer that waits for this question; if there is none, or it is gone, do so here."""
        if name in self.forks:
            if self.wake(name, *self.forks[name]):
                return
            del self.forks[name]
        self.answer_question(name)

    def wake(self, name: str, child: int, waking: socket.socket) -> bool:
        """Whether the fork was there and has answered; if it ends meanwhile, this process ends as it did."""
        try:
            waking.send(self.number.to_bytes(8, "little") + name.encode())
            if not waking.recv(16):
                return False
        except OSError:
            return False
        with contextlib.suppress(OSError):
            if waking.recv(16):
                return True
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        os._exit(code if code >= 0 else 1)

    def bind(self, names: dict[str, Any]) -> None:
        """Give the notebook these names, and no others."""
        self.notebook.names.clear()
        self.notebook.names.update(names)

    def answer_question(self, name: str) -> None:
        """Say whether there is such a function; if so, take the inputs and answer."""
        if self.names_now is None:
            self.names_now = dict(self.notebook.names)
        self.bind(self.marked.get(name, self.names_now))
        function = self.notebook.names.get(name)
        if callable(function):
            self.send({"kind": "found"})
            self.answer_cases(function, *self.receive())
        else:
            self.send({"kind": "not-defined"})

    def answer_cases(
        self, function: Callable[..., Any], header: dict[str, Any], body: bytes | bytearray
    ) -> None:
        """Call the function with each case, and send each answer as it comes."""
        self.notebook.streams.restart(0)
        with contextlib.ExitStack() as stack:
            for name, parameters in header["substitutes"].items():
                self.substitute(name, parameters, name in header["as_own"], stack)
            self.answer_each(function, header, body)

    def answer_each(
        self, function: Callable[..., Any], header: dict[str, Any], body: bytes | bytearray
    ) -> None:
        """The same, with everything in place that the function uses."""
        offset = 0
        for case, call in enumerate(header["cases"]):
            arguments = protocol.restore(call["arguments"], memoryview(body)[offset:])
            offset += call["bytes"]
            answer, arrays = self.answer(function, arguments, call["keywords"], header["parts"])
            if not header["public"]:
                answer.pop("text", None)
            described, buffers = protocol.describe(arrays)
            self.send({"kind": "answer", "case": case, "values": described, **answer}, buffers)

    def answer(
        self, function: Callable[..., Any], arguments: list[Any], keywords: dict[str, Any], parts: int | None
    ) -> tuple[dict[str, Any], list[Any]]:
        """One call: a status with its details, and the arrays that came back."""
        sys.setrecursionlimit(max(sys.getrecursionlimit(), 1000))
        try:
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                value = function(*arguments, **keywords)
                return {"status": "returned"}, parts_of(value, parts, self.limits["answer"])
        except UnusableError as reason:
            return {"status": "unusable", "reason": str(reason)}, []
        except MemoryError:
            return {"status": "out-of-memory"}, []
        except BaseException as error:
            sys.settrace(None)
            lines = student_lines(error)
            names = [base.__name__ for base in type(error).__mro__[:16]]
            line = lines[-1][1] if lines else None
            return {"status": "raised", "types": names, "line": line, "text": message_of(error)}, []

    def substitute(self, name: str, parameters: list[str], as_own: bool, stack: contextlib.ExitStack) -> None:
        """Have the trusted side answer for a wrong function: its name, and whatever else holds it.

        `as_own`: with values in the form of the student's.
        """
        names = self.notebook.names
        bound = [names.get(name), self.checked.get(name)]  # at this question's check cell, and at its own
        right = self.trusted(name)
        if not as_own:
            names[name] = in_order(parameters_of(bound[0]), parameters, right)
        form = in_its_form if as_own else None
        for function in {id(function): function for function in bound}.values():
            stack.enter_context(standing_in(function, right, parameters, names, form))

    def trusted(self, name: str) -> Callable[..., object]:
        """A function that the trusted side answers."""

        def call(*arguments: object, **keywords: object) -> object:
            plain = [plain_number_or_array(value) for value in (*arguments, *keywords.values())]
            described, buffers = protocol.describe(plain)
            header = {"kind": "call", "name": name, "values": described, "keywords": list(keywords)}
            self.send(header, buffers)
            header, body = self.receive()
            if header["kind"] == "refused":
                raise ValueError(f"{name} was called with arguments that it cannot take")
            values = protocol.restore(header["values"], body)
            return tuple(values) if header["several"] else values[0]

        call.__name__ = call.__qualname__ = name
        return call
