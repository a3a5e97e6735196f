"""One student's process as the trusted side sees it: cells to run, questions to ask, and how it ended."""

from __future__ import annotations

import contextlib
import select
import socket
import struct
import time
from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Literal, NoReturn

from autograder.sandbox import watch
from autograder.sandbox.asking import (
    Frame,
    Replies,
    TooManyCallsError,
    answer_from,
    conclude,
    question_frame,
)
from autograder.sandbox.errors import NoWallsError
from autograder.sandbox.inside import protocol
from autograder.sandbox.inside.protocol import ProtocolError
from autograder.sandbox.life import Life
from autograder.sandbox.limits import Budget, Limits
from autograder.sandbox.memory_group import MemoryGroup
from autograder.values import Answer, Case, Cell, CellOutput, QuestionAnswers, Substitute

Ending = Literal["timed-out", "out-of-memory", "died"]
HEADER_LIMIT = 16_384
TICK = 0.05  # s between two looks at what the process uses
PIECE = 1 << 16  # bytes that are received at a time
HELD_UP = 0.05  # of the time: if nobody computed or slept for longer, a busy machine may be the reason
NO_ANSWER = "sent something that is no answer"
REASONS: Mapping[Ending, str] = {
    "timed-out": "The cell was stopped: it ran for too long.",
    "out-of-memory": "The cell was stopped: it used too much memory.",
    "died": "The cell ended the whole Python process.",
}


class _Ended(Exception):  # noqa: N818
    """The process is gone, or was ended; never leaves this module."""


class Session:
    """One fresh student's process.

    `ending` is empty while it lives; then it says what the trusted side observed. `starved` says that
    the clock ended it while processor time was left, and a busy machine may be why: it did not just sleep.
    `incidents` are hints.
    """

    def __init__(
        self,
        data: socket.socket,
        life: Life,
        limits: Limits,
        budget: Budget | None = None,
        group: MemoryGroup | None = None,
    ) -> None:
        self.data, self.limits = data, limits
        self.budget = budget or limits.budget()  # shared with the submission's other sessions
        self.ending: Ending | None = None
        self.closed = self.starved = False
        self.cpu_seconds = 0.0
        self._incidents: dict[str, None] = {}
        self._life = life
        self._group, self._kills_before = group, group.kills() if group else 0
        self._root = life.root  # the process that all of the student's are below
        self._seen: dict[watch.Process, int] = {}  # CPU ticks of each process so far
        self._greeted = False
        self._number = 0
        self._to_keep: list[str] = []  # functions whose check cell has just been passed
        self._lines = 1  # of the longest cell
        self._cpu_left = min(limits.notebook_cpu, self.budget.cpu)
        self._wall_left = min(limits.notebook_wall, self.budget.wall)
        self._deadline = self._cpu_deadline = self._next_look = self._read_use = 0.0
        self._poll = select.poll()
        self._received = memoryview(b"")  # of the next frames
        self._began = self._cpu_before = self._looked = self._asleep = 0.0  # of this cell or question
        self._ours_before = 0.0  # CPU seconds of the trusted side, which answers calls

    @property
    def alive(self) -> bool:
        """Whether cells can be run and questions asked."""
        return self.ending is None and not self.closed

    @property
    def lost(self) -> bool:
        """Whether its end could not be confirmed."""
        return self._life.lost

    @property
    def incidents(self) -> tuple[str, ...]:
        """What the submission visibly tried, each once, in our words."""
        return tuple(self._incidents)

    def __enter__(self) -> Session:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the process and all that it started."""
        if not self.closed:
            self.closed = True
            self.data.close()
            self._life.end()

    def start(self) -> Session:
        """Wait until the process has built its walls; NoWallsError if it cannot."""
        self.data.setblocking(False)
        self._deadline, self._cpu_deadline = time.monotonic() + self.limits.start_wall, float("inf")
        reason = "its process ended at once"
        try:
            header, _ = self._receive(self.limits.answer)
            self.data.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 0)
            if header.get("kind") == "hello" and self._root:
                return self
            reason = str(header.get("reason", "what its process uses cannot be seen"))[:200]
        except _Ended:
            reason = self._life.end().words or reason
        self.close()
        raise NoWallsError(reason)

    # ------------------------------------------------------------------ what can be asked

    def run_cell(self, cell: Cell) -> CellOutput:
        """Run a cell: what it printed, cut at the limit, and the error that stopped it.

        A cell that belongs to a question, which is an instructor's cell of asserts, runs in a fork of its
        own, so that nothing it does is left behind.
        """
        if not self.alive:
            return CellOutput(cell.index, error="Not run: the notebook's process had ended.")
        try:
            self._lines = max(self._lines, cell.source.count("\n") + 1)
            with self._clock(self.limits.cell_cpu, self.limits.cell_wall):
                text = cell.source.encode("utf-8", "replace")
                self._give({"kind": "cell", "index": cell.index, "apart": bool(cell.question)}, [text])
                header, body = self._expect("ran", 2 * self.limits.output + 16)
        except _Ended:
            return CellOutput(cell.index, error=REASONS[self.ending or "died"])
        split = header.get("text")
        if type(split) is not int or not 0 <= split <= len(body):
            split = 0
        return CellOutput(cell.index, self._printed(body[:split]), protocol.clean_text(body[split:]))

    def snapshot(self, name: str) -> None:
        """Keep the notebook as it is now for the question about this function, which is asked later.

        Where there is no such function now, the question will meet the notebook as it is then.
        """
        self._to_keep.append(name)  # told with the next cell or question: no word of its own

    def ask(
        self,
        name: str,
        cases: Sequence[Case],
        substitutes: Mapping[str, Substitute] | None = None,
        *,
        parts: int | None = None,
        cpu_seconds: float | None = None,
        public: bool = False,
    ) -> QuestionAnswers:
        """Call a function of the student with every case.

        First comes its name alone: no input enters a process that says it has no such function, so whoever
        knows the inputs has given, or missed, the one answer that counts.

        Parameters
        ----------
        name : the function's name in the student's namespace
        cases : what it is called with
        substitutes : by name, functions that the trusted side answers for while this question lasts
        parts : how many arrays it returns, if known; so `[0.5, 0.5]` is one array, `[means, weights]` are two
        cpu_seconds : for all cases together, of which one may take the limits' `call_share`; their
            `question_cpu` if not given
        public : whether everybody may see the inputs; then the answers tell what errors say
        """
        if not self.alive:
            return QuestionAnswers(self.ending or "died", {case.name: Answer("not-asked") for case in cases})
        answers: dict[str, Answer] = {}
        cpu = cpu_seconds or self.limits.question_cpu
        try:
            with self._clock(cpu, self.limits.question_wall * cpu / self.limits.question_cpu):
                if not self._has(name):
                    return QuestionAnswers("not-defined", {c.name: Answer("not-asked") for c in cases})
                self._send(*question_frame(cases, substitutes or {}, parts, public))
                replies = Replies(substitutes or {}, cases, self.limits)
                whole = self._cpu_deadline
                for number, case in enumerate(cases):
                    self._cpu_deadline = min(whole, self.cpu_seconds + self.limits.call_share * cpu)
                    answers[case.name] = self._answer(number, replies, public)
        except _Ended:
            return self._cut_short(answers, cases)
        return conclude(answers)

    def _cut_short(self, answers: dict[str, Answer], cases: Sequence[Case]) -> QuestionAnswers:
        """Return a dead process's answers: the case it was at has the ending, later ones were not asked."""
        ending: Ending = self.ending or "died"
        missing = [case.name for case in cases if case.name not in answers]
        answers |= {name: Answer(ending if name == missing[0] else "not-asked") for name in missing}
        return QuestionAnswers(ending, answers)

    def _has(self, name: str) -> bool:
        """Return whether the process says that it has a function of that name."""
        self._give({"kind": "find", "name": name})
        header, _ = self._receive(0)
        if header.get("kind") not in ("found", "not-defined"):
            self._break_off("died", NO_ANSWER)
        return header["kind"] == "found"

    def _answer(self, number: int, replies: Replies, public: bool) -> Answer:
        """Return the answer to one case, call-backs served meanwhile; too many are a loop without an end."""
        while True:
            header, body = self._receive(self.limits.answer)
            kind = header.get("kind")
            with self._broken_frames_end_it():
                if kind == "call":
                    self._send(*replies.reply(header, body))
                elif kind == "answer" and header.get("case") == number:
                    return answer_from(header, body, self._lines, public)
                else:
                    raise ProtocolError("out of turn")

    # ------------------------------------------------------------------ frames, deadlines, endings

    def _printed(self, raw: bytes | bytearray) -> str:
        limit = self.limits.output
        text = protocol.clean_text(raw[:limit])
        return text if len(raw) <= limit else f"{text}\n[output cut after {limit // 1024} KiB]"

    @contextlib.contextmanager
    def _clock(self, cpu: float, wall: float) -> Iterator[None]:
        """Limit one cell or question, and take what it used off what is left of the notebook's limits."""
        self._number += 1
        start, used = time.monotonic(), self.cpu_seconds
        self._next_look = start + TICK
        self._began, self._cpu_before, self._looked, self._asleep = start, used, start, 0.0
        self._ours_before = time.process_time()
        self._deadline = start + min(wall, self._wall_left)
        self._cpu_deadline = used + min(cpu, self._cpu_left)
        try:
            yield
            if self._kernel_killed():  # one of its other processes, since the last look
                self._break_off("out-of-memory")
        finally:
            if not self.alive:
                self._used(self._life.end().cpu)
            elif time.monotonic() - self._read_use > TICK:  # else the next cell or question is charged for it
                self._used(self._usage().cpu)
            spent = Budget(max(self.cpu_seconds - used, 0.0), time.monotonic() - start)
            self._cpu_left -= spent.cpu
            self._wall_left -= spent.wall
            self.budget.cpu -= spent.cpu
            self.budget.wall -= spent.wall

    def _used(self, cpu: float) -> None:
        """Note the most that was seen: what ended without being waited for is in no later sum."""
        self.cpu_seconds = max(self.cpu_seconds, cpu)

    @contextlib.contextmanager
    def _broken_frames_end_it(self) -> Iterator[None]:
        """End the session where a frame cannot be handled, for whatever reason: it is the sender's fault."""
        try:
            yield
        except _Ended:
            raise
        except TooManyCallsError:
            self._break_off("timed-out")
        except Exception:
            self._break_off("died", NO_ANSWER)

    def _usage(self) -> watch.Usage:
        self._read_use = time.monotonic()
        return watch.usage(self._root, self._seen) if self._root else watch.Usage()

    def _expect(self, kind: str, body_limit: int) -> Frame:
        header, body = self._receive(body_limit)
        if header.get("kind") != kind:
            self._break_off("died", NO_ANSWER)
        return header, body

    def _give(self, header: dict[str, Any], buffers: Sequence[bytes] = ()) -> None:
        """Send a cell or a question, and for what the notebook is to be kept as it was before."""
        keep, self._to_keep = self._to_keep, []
        self._send({**header, "keep": keep}, buffers)

    def _send(self, header: dict[str, Any], buffers: Sequence[bytes] = ()) -> None:
        frame = memoryview(protocol.pack({**header, "number": self._number}, buffers))
        while frame:
            self._look()
            try:
                frame = frame[self.data.send(frame) :]
            except BlockingIOError:
                self._wait(select.POLLOUT)
            except OSError:
                self._gone()

    def _receive(self, body_limit: int) -> Frame:
        """Return the next frame that belongs to what was asked last."""
        with self._broken_frames_end_it():
            header, body = protocol.read_frame(self._read, header_limit=HEADER_LIMIT, body_limit=body_limit)
            if type(header.get("number")) is not int or header["number"] != self._number:
                raise ProtocolError("out of turn")
        codes = header.get("incidents")
        for code in codes if type(codes) is list else ():
            if type(code) is int and 0 <= code < len(protocol.INCIDENTS):
                self._incidents[protocol.INCIDENTS[code]] = None
        return header, body

    def _read(self, count: int) -> bytes:
        pieces = []
        while count:
            self._look()
            if not self._received:
                self._received = memoryview(self._some())
            pieces.append(self._received[:count])
            self._received = self._received[count:]
            count -= len(pieces[-1])
        return b"".join(pieces)

    def _some(self) -> bytes:
        """Return what is there: most often a whole frame, or several."""
        while True:
            try:
                received = self.data.recv(PIECE) if self._greeted else self._first_bytes()
            except BlockingIOError:
                self._wait(select.POLLIN)
                continue
            except OSError:
                received = b""
            if not received:
                self._gone()
            return received

    def _first_bytes(self) -> bytes:
        """Receive the first bytes, with the sender's pid as the kernel knows it: nobody can forge that."""
        received, ancillary, _, _ = self.data.recvmsg(PIECE, socket.CMSG_SPACE(12))
        for level, kind, content in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_CREDENTIALS:
                self._root = self._root or struct.unpack("=iII", content)[0]
        self._greeted = True
        return received

    def _wait(self, event: int) -> None:
        """Wait until the socket is ready."""
        self._poll.register(self.data, event)
        while not self._poll.poll(TICK * 1000):
            self._look(silent=True)

    def _look(self, silent: bool = False) -> None:
        """End the session when a limit is reached: the clock at every turn, the use of the machine each TICK.

        Called before each step of a conversation, so that a process that never stops talking is seen too.
        Memory comes first: on a busy machine both limits may have been passed since the last look.

        Parameters
        ----------
        silent : whether it was waited for just now; one that rests otherwise waits for us
        """
        now = time.monotonic()
        late = now > self._deadline
        if now < self._next_look and not late:
            return
        self._next_look = now + TICK
        used = self._usage()
        self._used(used.cpu)
        if silent and used.asleep:
            self._asleep += min(now - self._looked, 3 * TICK)  # what came between two looks is not known
        self._looked = now
        if self._kernel_killed() or (used.memory > self.limits.memory and self._too_much_memory()):
            self._break_off("out-of-memory")
        if late or used.cpu > self._cpu_deadline:
            self.starved = used.cpu <= self._cpu_deadline and self._held_up(now, used.cpu)
            self._break_off("timed-out")

    def _held_up(self, now: float, cpu: float) -> bool:
        """Return whether the machine may be why the clock ran out: for who only slept, it would again.

        So it would for who only had us compute.
        """
        took = now - self._began
        computed = cpu - self._cpu_before + time.process_time() - self._ours_before
        return took - self._asleep - computed > HELD_UP * took

    def _too_much_memory(self) -> bool:
        return self._root is not None and watch.memory_shared_fairly(self._root) > self.limits.memory

    def _kernel_killed(self) -> bool:
        """Return whether the kernel has killed a process of this session for want of memory."""
        return self._group is not None and self._group.kills() > self._kills_before

    def _gone(self) -> NoReturn:
        """End a session whose socket ended without an answer: ask how the process did."""
        end = self._life.end(ending=True)
        self._used(end.cpu)
        if end.code is not None and end.code < 0 and end.cpu >= self.limits.for_worker["cpu"] - 1:
            self._break_off("timed-out")
        if end.code == protocol.OUT_OF_MEMORY or self._kernel_killed():
            self._break_off("out-of-memory")
        by_itself = end.code is not None and end.code >= 0 and end.code != 1
        self._break_off("died", "ended its own process" if by_itself else None)

    def _break_off(self, ending: Ending, incident: str | None = None) -> NoReturn:
        if incident:
            self._incidents[incident] = None
        self.ending = ending
        self.close()
        raise _Ended
