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

import atexit
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

from autograder.course import Course, CourseError, grading_version, questions_for
from autograder.pipeline import inputs
from autograder.pipeline.grader import Graded, Runner, attempt, entropy_of
from autograder.pipeline.intake import Intake
from autograder.pipeline.reader import Reader
from autograder.pipeline.release import Release

CONNECTING = 10.0  # seconds until the scheduler must have answered
STARTING = 60.0  # seconds without any worker until grading is given up
AHEAD = 2  # submissions waiting for each worker: few in memory at a time

SAME = "Scheduler and workers need the version that is installed here, with the extras grade and cluster."
KEPT = "What was recorded so far is kept; the same command goes on."

Done = tuple[str, Graded]


@dataclass(frozen=True)
class Task:
    """What is the same for all submissions of a batch, as it travels to the workers."""

    release: Release
    data_files: Mapping[str, bytes]
    own_questions: Mapping[str, bytes]  # the modules of the course's questions/, by file name
    version: str  # of all that decides a verdict


class Cluster:
    """The workers of a Dask scheduler at `address`; connected when this is entered."""

    def __init__(self, course: Course, assignment: str, address: str) -> None:
        self._course, self._address = course, address
        self._data_files = course.data_files(assignment)
        self._client: Any = None

    def __enter__(self) -> Cluster:
        self._client = _connected(self._address)
        try:
            self._workers()
        except BaseException:
            self._client.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()  # what still runs there is cancelled

    def grade(self, release: Release, students: Sequence[str]) -> Iterator[Done]:
        """Every student once, as they are done; what ran out of time or memory again at the end, alone."""
        task, questions = self._task(release), questions_for(self._course, release)
        seed = inputs.read_seed(self._course.seed)
        again = []
        with Reader(release) as reader:
            submitted = (attempt(self._course, reader, release, student) for student in students)
            jobs = ((intake, entropy_of(seed, questions, intake)) for intake in submitted)
            for graded in self._all(_grade, task, jobs):
                if graded.keep is None:
                    yield graded.intake.submission.student, graded
                else:
                    again.append(graded)
        for graded in again:
            job = (graded, entropy_of(seed, questions, graded.intake))
            yield from ((after.intake.submission.student, after) for after in self._all(_again, task, [job]))

    def _task(self, release: Release) -> Any:
        """The batch's task on the cluster, after a look whether all workers are of this version."""
        paths = sorted(self._course.folder("questions").glob("*.py"))
        own = {path.name: path.read_bytes() for path in paths}
        task = Task(release, self._data_files, own, grading_version(self._course))
        try:
            versions = self._client.run(_version, own)
        except ImportError as error:
            raise CourseError(f"A worker of {self._address} lacks gmm-course ({error}). {SAME}") from error
        others = sorted(worker for worker, version in versions.items() if version != task.version)
        if others:
            raise CourseError(f"The workers {', '.join(others)} have another version of gmm-course. {SAME}")
        return self._client.submit(_same, task, pure=False)  # computed there, so that a lost one comes back

    # ----------------------------------------------------------------- jobs

    def _all(
        self, function: Callable[..., Graded], task: Any, jobs: Iterable[tuple[Any, Mapping[str, int]]]
    ) -> Iterator[Graded]:
        """The results of all jobs as they come; Dask gives those of a worker that died to another one."""
        from distributed.client import FutureCancelledError
        from distributed.scheduler import KilledWorker

        waiting = iter(jobs)
        running: set[Any] = set()
        try:
            while True:
                for job in islice(waiting, max(AHEAD * self._workers() - len(running), 0)):
                    running.add(self._client.submit(function, task, *job, pure=False))
                if not running:
                    return
                for future in self._finished(running):
                    running.remove(future)
                    yield future.result()
        except KilledWorker as error:
            raise CourseError(f"A submission ended several workers, one after the other: {error}") from error
        except (CancelledError, FutureCancelledError, OSError) as error:
            raise CourseError(f"The connection to the scheduler {self._address} was lost. {KEPT}") from error

    def _finished(self, running: set[Any]) -> set[Any]:
        """At least one of the jobs; waits as long as there are workers."""
        from distributed import wait

        while True:
            try:
                with self._client.as_current():
                    return set(wait(running, timeout=STARTING, return_when="FIRST_COMPLETED").done)
            except TimeoutError:
                self._workers()

    def _workers(self) -> int:
        """How many worker processes there are; waits for the first of them, but not for ever."""
        try:
            self._client.wait_for_workers(1, timeout=STARTING)
        except TimeoutError:
            raise CourseError(
                f"The scheduler {self._address} has no workers. Start some: dask worker {self._address} "
                f"--nthreads 1. {KEPT}"
            ) from None
        return len(self._client.scheduler_info(n_workers=-1)["workers"])


def _connected(address: str) -> Any:
    """A client of the scheduler.

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
_pool: Any = None
_runner: tuple[str, Runner] | None = None  # for which version and release


def _same(task: Task) -> Task:
    return task


def _version(own_questions: Mapping[str, bytes]) -> str:
    with _course_with(own_questions) as course:
        return grading_version(course)


def _grade(task: Task, intake: Intake, entropy: Mapping[str, int]) -> Graded:
    return _thread.submit(lambda: _runner_for(task).run(intake, entropy, time.monotonic())).result()


def _again(task: Task, graded: Graded, entropy: Mapping[str, int]) -> Graded:
    return _thread.submit(lambda: _runner_for(task).again(graded, entropy)).result()


def _runner_for(task: Task) -> Runner:
    """This process's sandbox and questions, kept for the batch."""
    global _runner, _pool
    key = task.version + task.release.digest
    if _runner is None or _runner[0] != key:
        from autograder.sandbox import Pool

        if _pool is not None:
            _pool.close()
        _pool = Pool(data_files=task.data_files).__enter__()
        atexit.register(_pool.close)
        with _course_with(task.own_questions) as course:
            _runner = (key, Runner(task.release, questions_for(course, task.release), _pool))
    return _runner[1]


@contextmanager
def _course_with(own_questions: Mapping[str, bytes]) -> Iterator[Course]:
    """A folder with the course's own questions, as a course; the rest of it stays at home."""
    with tempfile.TemporaryDirectory() as folder:
        course = Course(Path(folder))
        course.folder("questions").mkdir()
        for name, source in own_questions.items():
            (course.folder("questions") / name).write_bytes(source)
        yield course
