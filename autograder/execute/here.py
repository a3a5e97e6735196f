"""The one sandbox that a process keeps, and the grader or runner that works on it.

A sandbox takes a second to start, and holds one submission at a time. So a worker, a worker of a cluster and
nbgrader's own process each keep theirs, until other data files are asked for or the process ends.
"""

from __future__ import annotations

import atexit
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack, closing, nullcontext, suppress
from typing import TYPE_CHECKING, Generic, TypeVar

from autograder.sandbox.limits import MIB, Limits
from autograder.sandbox.pool import Pool

if TYPE_CHECKING:
    from autograder.course.batch import Batch
    from autograder.course.release import Release
    from autograder.execute.grader import Grader, Runner
    from autograder.settings import Settings
    from autograder.values import Question

Value = TypeVar("Value")


class Kept(Generic[Value]):
    """A value that is kept until one with another key is asked for, or the process ends."""

    def __init__(self) -> None:
        self._key: object = None
        self._stack = ExitStack()

    def get(self, key: object, make: Callable[[], AbstractContextManager[Value]]) -> Value:
        """Return the value of this key; the earlier one is closed."""
        if self._key != key:
            self.close()
            self._value = self._stack.enter_context(make())
            self._key = key
            atexit.unregister(self.close)
            atexit.register(self.close)
        return self._value

    def close(self) -> None:
        """Close the value."""
        self._key = None
        self._stack.close()


_sandbox: Kept[Pool] = Kept()
_grader: Kept[Grader] = Kept()
_runner: Kept[Runner] = Kept()


def limits_of(settings: Settings) -> Limits:
    """Return the limits that a course has chosen; wall-clock time is three times the processor time."""
    return Limits(
        cell_cpu=settings.cell_seconds,
        cell_wall=3 * settings.cell_seconds,
        notebook_cpu=settings.notebook_seconds,
        notebook_wall=3 * settings.notebook_seconds,
        memory=settings.memory_mib * MIB,
        address_space=(settings.memory_mib + 1024) * MIB,
        files=settings.written_mib * MIB,
        file_size=settings.written_mib * MIB,
        processes=settings.processes,
    )


def sandbox(data_files: Mapping[str, bytes], isolation: bool = True, limits: Limits | None = None) -> Pool:
    """Return this process's sandbox with these files in it; SandboxUnavailable if there is none."""
    limits = limits or Limits()

    def launched() -> Pool:
        pool = Pool(limits, data_files, isolation)
        import autograder.execute.grader  # noqa: F401   what comes next, while the sandbox starts

        with suppress(ImportError):  # gmmlib does without
            import scipy.linalg.lapack  # noqa: F401

        return pool

    return _sandbox.get((sorted(data_files.items()), isolation, limits), launched)


def grader(batch: Batch, isolation: bool = True) -> Grader:
    """Return this process's grader for a batch."""
    from autograder.execute.grader import Grader

    pool = sandbox(batch.data_files, isolation, limits_of(batch.course.settings))
    return _grader.get((pool, batch.course, batch.basis), lambda: closing(Grader(batch, pool)))


def runner(
    release: Release,
    version: str,
    data_files: Mapping[str, bytes],
    questions: Callable[[], Mapping[str, Question]],
    limits: Limits | None = None,
) -> Runner:
    """Return this process's runner for a release whose questions have this version; loads them if needed."""
    from autograder.execute.grader import Runner

    pool = sandbox(data_files, limits=limits)
    key = (pool, release.digest, version)
    return _runner.get(key, lambda: nullcontext(Runner(release, questions(), pool)))
