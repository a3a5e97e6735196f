"""Grading on a Dask cluster: `Cluster` in the place of `Workers`, for more machines than one.

Here stay the course directory, the secret seed, the reading of students' files and the recorder, the only
writer. To a worker go one submission as plain text and the beginnings of its own random numbers, from which
nobody learns the seed or another student's inputs; back comes a finished value. So a submission whose worker
dies is simply run again elsewhere, and results are those of a local run. Each worker process runs students'
code behind the walls of its own machine, one submission at a time.

What is trusted: scheduler and workers. Whatever they say is recorded, they see the questions with their
hidden tests, and Dask lets everybody who reaches the scheduler's port run programs on them: keep the port
inside, or use Dask's TLS (in Dask's own configuration, with an address tls://…).
"""

from __future__ import annotations

import logging
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any

from autograder.course.batch import Batch
from autograder.course.directory import Course
from autograder.course.errors import CourseError
from autograder.course.questions import grading_version, questions_for
from autograder.course.release import Release
from autograder.execute import here
from autograder.execute.grader import Graded, Runner, attempt, endless_of, entropy_of, lost
from autograder.intake.reader import Reader
from autograder.intake.submission import Intake
from autograder.sandbox.limits import Limits
from autograder.values import Question

CONNECTING = 10.0  # seconds until the scheduler must have answered
FETCHING = 120.0  # seconds until a finished result must be here; a worker that dies meanwhile is replaced
STARTING = 60.0  # seconds without any worker until grading is given up
AHEAD = 2  # submissions waiting for each worker: few in memory at a time

SAME = "Scheduler and workers need the version that is installed here, with the extras grade and cluster."
KEPT = "What was recorded so far is kept; the same command goes on."


@dataclass(frozen=True)
class Task:
    """What of a batch travels to the workers; the seed does not."""

    release: Release
    data_files: Mapping[str, bytes]
    question_modules: Mapping[str, bytes]  # of the course's questions/, by file name
    version: str  # of all that decides a verdict
    limits: Limits  # of a submission


class Cluster:
    """The workers of a Dask scheduler at `address`; connected when told to, or with the first submission."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._client: Any = None

    def __enter__(self) -> Cluster:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._client is not None:
            self._client.close()  # what still runs there is cancelled

    @property
    def under_way(self) -> tuple[str, ...]:
        """Who is being graded now: the scheduler's own page says it."""
        return ()

    def start(self) -> None:
        """Connect, and wait for the first worker."""
        if self._client is None:
            self._client = _connected(self._address)
            self._workers()

    def grade(self, batch: Batch, students: Sequence[str]) -> Iterator[Graded]:
        """Grade every student once, as they are done; at the end, alone, whom the clock ended too soon."""
        if not students:
            return
        self.start()
        task = self._task(batch)
        again = []
        with Reader(batch.release) as reader:
            submitted = (attempt(batch, reader, student) for student in students)
            jobs = ((intake, entropy_of(batch, intake), endless_of(batch, intake)) for intake in submitted)
            for graded in self._all(_grade, task, jobs):
                if graded.answers_kept is None:
                    yield graded
                else:
                    again.append(graded)
        for graded in again:
            yield from self._all(_again, task, [(graded, entropy_of(batch, graded.intake))])

    def _task(self, batch: Batch) -> Any:
        """Send the batch's task to the cluster, after a look whether all workers are of this version."""
        paths = sorted(batch.course.folder("questions").glob("*.py"))
        modules = {path.name: path.read_bytes() for path in paths}
        limits = here.limits_of(batch.course.settings)
        task = Task(batch.release, batch.data_files, modules, batch.version, limits)
        try:
            versions = self._client.run(_version, modules)
        except ImportError as error:
            raise CourseError(f"A worker of {self._address} lacks gmm-course ({error}). {SAME}") from error
        others = sorted(worker for worker, version in versions.items() if version != task.version)
        if others:
            raise CourseError(f"The workers {', '.join(others)} have another version of gmm-course. {SAME}")
        return self._client.submit(_same, task, pure=False)  # computed there, so that a lost one comes back

    # ----------------------------------------------------------------- jobs

    def _all(
        self, function: Callable[..., Graded], task: Any, jobs: Iterable[tuple[Any, ...]]
    ) -> Iterator[Graded]:
        """Yield the results of all jobs as they come; Dask gives the jobs of a dead worker to another one.

        A job that ends worker after worker, or whose result cannot be fetched, is tried once more, alone, for
        a neighbour may have been the reason; then it is recorded as failed, and the others go on.
        """
        from distributed.client import FutureCancelledError

        waiting = iter(jobs)
        running: dict[Any, tuple[Any, ...]] = {}
        suspects: list[tuple[Any, ...]] = []
        try:
            while True:
                for job in islice(waiting, max(AHEAD * self._workers() - len(running), 0)):
                    running[self._client.submit(function, task, *job, pure=False)] = job
                if not running:
                    break
                for future in self._finished(set(running)):
                    job = running.pop(future)
                    graded = _result(future)
                    if graded is None:
                        suspects.append(job)
                    else:
                        yield graded
            for job in suspects:
                future = self._client.submit(function, task, *job, pure=False)
                self._finished({future})
                yield _result(future) or lost(getattr(job[0], "intake", job[0]))
        except (CancelledError, FutureCancelledError, OSError) as error:
            raise CourseError(f"The connection to the scheduler {self._address} was lost. {KEPT}") from error

    def _finished(self, running: set[Any]) -> set[Any]:
        """Return at least one of the jobs; wait as long as there are workers."""
        from distributed import wait

        while True:
            try:
                with self._client.as_current():
                    return set(wait(running, timeout=STARTING, return_when="FIRST_COMPLETED").done)
            except TimeoutError:
                self._workers()

    def _workers(self) -> int:
        """Return how many worker processes there are; wait for the first of them, but not for ever."""
        try:
            self._client.wait_for_workers(1, timeout=STARTING)
        except TimeoutError:
            raise CourseError(
                f"The scheduler {self._address} has no workers. Start some: dask worker {self._address} "
                f"--nthreads 1. {KEPT}"
            ) from None
        return len(self._client.scheduler_info(n_workers=-1)["workers"])


def _result(future: Any) -> Graded | None:
    """Return the result of a job that is done; None if it ended its workers, or ends them when fetched."""
    from distributed.scheduler import KilledWorker

    try:
        graded: Graded = future.result(timeout=FETCHING)
    except (KilledWorker, TimeoutError):
        future.cancel()
        return None
    return graded


def _connected(address: str) -> Any:
    """Return a client of the scheduler.

    Raises
    ------
    CourseError
        If Dask is not installed here, or nobody answers.
    """
    try:
        from distributed import Client
        from distributed.comm import resolve_address
    except ImportError:
        raise CourseError("--scheduler needs Dask. Type: pip install 'gmm-course[cluster]'") from None
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what matters is said in our own words
    try:
        resolve_address(address)  # a client that is given nonsense never ends cleanly
        return Client(address, timeout=CONNECTING, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise CourseError(
            f"No Dask scheduler answers at {address!r} ({' '.join(str(error).split())}). Start one with "
            "`dask scheduler`, and give the address that it prints, such as tcp://10.0.0.5:8786."
        ) from error


# --------------------------------------------------------------------------- in a worker

# Sandboxes end with the thread that started them, and hold one submission at a time: one thread for all.
_thread = ThreadPoolExecutor(1)


def _same(task: Task) -> Task:
    return task


def _version(question_modules: Mapping[str, bytes]) -> str:
    with _course_with(question_modules) as course:
        return grading_version(course)


def _grade(task: Task, intake: Intake, entropy: Mapping[str, int], endless: Mapping[str, str]) -> Graded:
    def graded() -> Graded:
        return _runner_for(task).run(intake, entropy, time.monotonic(), endless=endless)

    return _thread.submit(graded).result()


def _again(task: Task, graded: Graded, entropy: Mapping[str, int]) -> Graded:
    return _thread.submit(lambda: _runner_for(task).again(graded, entropy)).result()


def _runner_for(task: Task) -> Runner:
    """Return this process's runner, kept for the batch."""

    def questions() -> Mapping[str, Question]:
        with _course_with(task.question_modules) as course:
            return questions_for(course, task.release)

    return here.runner(task.release, task.version, task.data_files, questions, task.limits)


@contextmanager
def _course_with(question_modules: Mapping[str, bytes]) -> Iterator[Course]:
    """Yield a folder with the course's own questions, as a course; the rest of it stays at home."""
    with tempfile.TemporaryDirectory() as folder:
        course = Course(Path(folder))
        course.folder("questions").mkdir()
        for name, source in question_modules.items():
            (course.folder("questions") / name).write_bytes(source)
        yield course
