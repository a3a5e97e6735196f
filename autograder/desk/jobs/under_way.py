"""The jobs of a desk: one an assignment, each in a process that ends with the desk."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import Connection

from autograder.course.directory import Course
from autograder.desk.jobs.broken_off import Begun, Mark
from autograder.desk.jobs.work import Order, Seen, perform


class BusyError(Exception):
    """Something is being done already that must not be done twice at once."""


class Job:
    """An order under way, and what was last seen of it."""

    def __init__(self, order: Order) -> None:
        self.order, self.seen = order, Seen()
        begun = Begun(order.kind, order.assignment, "", tuple(order.students), order.new_inputs)
        self._mark = Mark(Course(order.root), begun)
        self._changed = asyncio.Event()
        self._stopped = False
        spawn = multiprocessing.get_context("spawn")
        self._line, sending = spawn.Pipe(duplex=False)
        self._process = spawn.Process(target=perform, args=(order, sending, os.getpid()))
        self._process.start()
        sending.close()
        asyncio.get_running_loop().add_reader(self._line.fileno(), self._listen, self._line)

    def _listen(self, line: Connection) -> None:
        try:
            self.seen = line.recv()
        except (EOFError, OSError):
            asyncio.get_running_loop().remove_reader(line.fileno())
            line.close()
            if not self.seen.ended:
                why = "stopped" if self._stopped else "ended from outside; is there enough memory?"
                problem = f"The job was {why} What was recorded so far is kept; start it again to go on."
                problem = problem.replace("stopped What", "stopped. What")
                self.seen = replace(self.seen, ended=True, problem=problem, under_way=())
                if not self._stopped:
                    self._mark.leave()
        if self.seen.ended:
            self._mark.end()
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    def stop(self) -> None:
        """End the process; its workers and their sandboxes end with it."""
        if not self.seen.ended:
            self._stopped = True
            self._process.kill()

    def break_off(self) -> None:
        """End the process because the desk ends; the next one tells of it."""
        self._mark.leave()
        self._process.kill()

    async def watched(self, every: float) -> AsyncIterator[Seen]:
        """Yield what is seen, at least once in `every` seconds, until the job has ended."""
        while True:
            changed = self._changed
            yield self.seen
            if self.seen.ended:
                return
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(changed.wait(), every)


class Jobs:
    """What the desk is doing, by assignment; and what it did last."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._taking_in: dict[str, int] = {}

    def of(self, assignment: str) -> Job | None:
        """Return the job of an assignment, under way or ended."""
        return self._jobs.get(assignment)

    def running(self, assignment: str) -> bool:
        """Return whether a job of the assignment is under way."""
        job = self._jobs.get(assignment)
        return job is not None and not job.seen.ended

    def start(self, order: Order) -> Job:
        """Start a job.

        Raises
        ------
        BusyError
            If another one is under way, or files are being taken in.
        """
        for name, job in self._jobs.items():
            if not job.seen.ended:
                raise BusyError(f"{name} is being graded. Wait until it has ended, or stop it.")
        if self._taking_in.get(order.assignment):
            raise BusyError(f"Files of {order.assignment} are being taken in. Try again in a moment.")
        self._jobs[order.assignment] = job = Job(order)
        return job

    def taking_in(self, assignment: str, change: int) -> None:
        """Count the files that are being taken in; while there are any, no job starts."""
        self._taking_in[assignment] = self._taking_in.get(assignment, 0) + change

    def stop_all(self) -> None:
        """End every job with the desk."""
        for job in self._jobs.values():
            job.break_off()
