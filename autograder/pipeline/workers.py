"""Several graders at work, each in a process of its own with a sandbox of its own.

Only finished values come back; the recorder alone writes. When the trusted process is killed, its workers end
too.
"""

from __future__ import annotations

import atexit
import ctypes
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from types import TracebackType
from typing import Any

from autograder.course import Course, CourseError
from autograder.pipeline.grader import Graded, Grader
from autograder.pipeline.release import Release

PR_SET_PDEATHSIG = 1
AHEAD = 2  # submissions waiting for each worker: few in memory at a time
STARTS = 3  # new sets of workers, if one dies

Done = tuple[str, Graded]


class Workers:
    """`count` processes for one assignment; they start with their sandboxes when this is entered."""

    def __init__(self, course: Course, assignment: str, count: int, isolation: bool = True) -> None:
        self._course, self._count, self._isolation = course, count, isolation
        self._data_files = course.data_files(assignment)
        self._executor: ProcessPoolExecutor | None = None

    def __enter__(self) -> Workers:
        self._start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def _start(self) -> None:
        self._executor = ProcessPoolExecutor(
            self._count,
            multiprocessing.get_context("spawn"),
            _begin,
            (os.getpid(), self._data_files, self._isolation),
        )
        for _ in range(self._count):
            self._executor.submit(_warm)

    def _stop(self) -> None:
        if self._executor is not None:
            self._executor.shutdown(wait=True, cancel_futures=True)
            self._executor = None

    def grade(self, release: Release, students: Sequence[str]) -> Iterator[Done]:
        """Every student once, as they are done; what ran out of time or memory again at the end, alone."""
        again = []
        for student, graded in self._all(
            _grade, [(name, (self._course, release, name)) for name in students]
        ):
            if graded.keep is None:
                yield student, graded
            else:
                again.append((student, (self._course, release, graded)))
        for job in again:
            yield from self._all(_again, [job])

    def _all(
        self, function: Callable[..., Graded], jobs: Sequence[tuple[str, tuple[Any, ...]]]
    ) -> Iterator[Done]:
        """All jobs, also when a worker dies: then the unfinished ones are given to new workers."""
        left = dict(jobs)
        for _ in range(STARTS):
            try:
                for student, graded in self._once(function, left):
                    del left[student]
                    yield student, graded
                return
            except BrokenProcessPool:
                self._stop()
                self._start()
        raise CourseError(
            "The grading processes were ended from outside, three times. Is there enough memory? What was "
            "recorded so far is kept; try --workers 1."
        )

    def _once(self, function: Callable[..., Graded], jobs: Mapping[str, tuple[Any, ...]]) -> Iterator[Done]:
        waiting = iter(list(jobs.items()))
        running: dict[Future[Graded], str] = {}
        while True:
            for student, arguments in _take(waiting, AHEAD * self._count - len(running)):
                assert self._executor is not None
                running[self._executor.submit(function, *arguments)] = student
            if not running:
                return
            finished, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                yield running.pop(future), future.result()


def _take(items: Iterator[tuple[str, tuple[Any, ...]]], count: int) -> list[tuple[str, tuple[Any, ...]]]:
    return [item for _, item in zip(range(count), items, strict=False)]


# --------------------------------------------------------------------------- in a worker

_data_files: Mapping[str, bytes] = {}
_isolation = True
_pool: Any = None
_grader: Grader | None = None


def _begin(parent: int, data_files: Mapping[str, bytes], isolation: bool) -> None:
    """A worker ends with its parent, and leaves Ctrl-C to it."""
    global _data_files, _isolation
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _data_files, _isolation = data_files, isolation


def _warm() -> None:
    """Starts this worker's sandbox; a failure is told by the first job."""
    from autograder.sandbox import SandboxUnavailable

    try:
        _sandbox()
    except SandboxUnavailable:
        return


def _sandbox() -> Any:
    global _pool
    if _pool is None:
        from autograder.sandbox import Pool

        pool = Pool(data_files=_data_files, isolation=_isolation)
        import autograder.questions.em  # noqa: F401   gmmlib and NumPy load while the sandbox starts

        _pool = pool.__enter__()
        atexit.register(_pool.close)
    return _pool


def _grader_for(course: Course, release: Release) -> Grader:
    global _grader
    if _grader is None or _grader.release.digest != release.digest:
        _grader = Grader(course, release, _sandbox())
        atexit.register(_grader.close)
    return _grader


def _grade(course: Course, release: Release, student: str) -> Graded:
    return _grader_for(course, release).grade(student)


def _again(course: Course, release: Release, graded: Graded) -> Graded:
    return _grader_for(course, release).again(graded)
