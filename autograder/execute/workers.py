"""Several graders at work, each in a process of its own with a sandbox of its own.

Only finished values come back; the recorder alone writes. When the trusted process is killed, its workers end
too.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from types import TracebackType
from typing import Any

from autograder.course.batch import Batch
from autograder.course.errors import CourseError
from autograder.execute import worker
from autograder.execute.grader import Graded, attempt, lost
from autograder.intake.reader import Reader
from autograder.sandbox.limits import Limits

AHEAD = 2  # submissions waiting for each worker: few in memory at a time
STARTS = 3  # workers that one submission may end; and of them in a row, or ended by nobody

Jobs = Mapping[str, tuple[Any, ...]]  # by student: the arguments of a function in a worker


class Workers:
    """`count` processes that grade; they start when told to, or with the first submission.

    Parameters
    ----------
    count : submissions at a time
    data_files : content of the files that students' code may read, by name
    isolation : False runs students' code without walls
    limits : of a submission; those of the batch's course
    """

    def __init__(
        self,
        count: int,
        data_files: Mapping[str, bytes],
        isolation: bool = True,
        limits: Limits | None = None,
    ) -> None:
        self._count, self._isolation = count, isolation
        self._sandbox = (data_files, isolation, limits)
        self._executor: ProcessPoolExecutor | None = None
        self._running: dict[Future[Graded], str] = {}

    def __enter__(self) -> Workers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with _no_second_interrupt():  # it would leave processes behind that are waited for at the end
            if kind is not None and self._executor is not None:
                self._kill()  # results are recorded as a whole or not at all: nothing is worth waiting for
            self._stop()

    @property
    def under_way(self) -> tuple[str, ...]:
        """Who is being graded now: of those that were given out, the first ones."""
        return tuple(islice(self._running.copy().values(), self._count))

    def start(self) -> ProcessPoolExecutor:
        """Start the processes and their sandboxes, without waiting for them; once is enough."""
        if self._executor is None:
            self._executor = ProcessPoolExecutor(
                self._count, multiprocessing.get_context("spawn"), worker.begin, (os.getpid(),)
            )
            with _interrupts_wait():
                for _ in range(self._count):
                    self._executor.submit(worker.start_sandbox, *self._sandbox)
        return self._executor

    def _kill(self) -> None:
        """End the processes at once; their sandboxes and readers end with them."""
        assert self._executor is not None
        for process in list((self._executor._processes or {}).values()):
            process.kill()

    def _stop(self) -> None:
        if self._executor is not None:
            self._executor.shutdown(wait=True, cancel_futures=True)
            self._executor = None

    def grade(self, batch: Batch, students: Sequence[str]) -> Iterator[Graded]:
        """Grade every student once, as they are done; at the end, alone, whom the clock ended too soon."""
        again = []
        jobs = {name: (batch, self._isolation, name) for name in students}
        for graded in self._all(worker.grade, jobs, lambda name: _lost(batch, name)):
            if graded.answers_kept is None:
                yield graded
            else:
                again.append(graded)
        for graded in again:
            jobs_again = {graded.student: (batch, self._isolation, graded)}
            yield from self._all(worker.again, jobs_again, lambda name: _lost(batch, name))

    def _all(
        self, function: Callable[..., Graded], jobs: Jobs, lost: Callable[[str], Graded]
    ) -> Iterator[Graded]:
        """Do all jobs, also when workers die: then the unfinished ones are given to new workers.

        Those that were under way are done one at a time from then on, so that whoever ends three workers is
        known: that job is `lost`, and the others go on.
        """
        left, losses, unexplained = dict(jobs), Counter[str](), 0
        while left and unexplained < STARTS:
            suspects = [student for student in left if losses[student]]
            try:
                turn = {student: left[student] for student in suspects[:1] or left}
                for student, graded in self._once(function, turn):
                    del left[student]
                    unexplained = 0
                    yield graded
            except BrokenProcessPool:
                self._stop()
                losses.update(self._running.values())
                unexplained += not self._running
                for student in [student for student in left if losses[student] >= STARTS]:
                    del left[student]
                    unexplained += 1
                    yield lost(student)
        if left:
            raise CourseError(
                "The grading processes were ended from outside, three times. Is there enough memory? What "
                "was recorded so far is kept; try --workers 1."
            )

    def _once(self, function: Callable[..., Graded], jobs: Jobs) -> Iterator[tuple[str, Graded]]:
        waiting = iter(list(jobs.items()))
        running = self._running
        running.clear()
        while True:
            for student, arguments in islice(waiting, max(AHEAD * self._count - len(running), 0)):
                running[self.start().submit(function, *arguments)] = student
            if not running:
                return
            finished, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                graded = future.result()
                yield running.pop(future), graded


@contextmanager
def _interrupts_wait() -> Iterator[None]:
    """Deliver Ctrl-C only afterwards; processes that start meanwhile are deaf to it from the first."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, worker.STOPPING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _no_second_interrupt() -> Iterator[None]:
    """Ignore Ctrl-C for the moment that it takes to end the workers."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, signal.SIG_IGN) for number in worker.STOPPING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _lost(batch: Batch, student: str) -> Graded:
    with Reader(batch.release) as reader:
        return lost(attempt(batch, reader, student))
