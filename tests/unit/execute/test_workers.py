"""A submission that ends its worker costs itself only, and Ctrl-C waits for nothing."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from autograder.course.errors import CourseError
from autograder.execute import workers as module
from autograder.execute.workers import Workers


def no_sandbox(data_files: Mapping[str, bytes], isolation: bool) -> None:
    """In the place of a worker's sandbox, which these tests need not."""


def end_or_answer(name: str) -> Any:
    if name.startswith("killer"):
        os._exit(9)
    return f"graded {name}"


def sleep_for_ever(started: str) -> Any:
    Path(started).touch()
    time.sleep(10_000)


@pytest.fixture(autouse=True)
def _without_sandboxes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.worker, "start_sandbox", no_sandbox)


def outcomes(*names: str) -> list[Any]:
    with Workers(1, {}) as workers:
        jobs = {name: (name,) for name in names}
        return list(workers._all(end_or_answer, jobs, lambda name: f"lost {name}"))  # type: ignore[arg-type,return-value]


def test_87_a_submission_that_ends_three_workers_is_lost_and_the_others_are_graded() -> None:
    found = outcomes("ada", "killer", "bob", "zoe")
    assert sorted(found) == ["graded ada", "graded bob", "graded zoe", "lost killer"]


def test_87_three_in_a_row_end_the_batch_as_the_machine_may_be_the_reason() -> None:
    with pytest.raises(CourseError, match="enough memory"):
        outcomes("killer 1", "killer 2", "killer 3", "killer 4", "killer 5", "ada")


def test_88_leaving_by_an_exception_ends_the_workers_and_waits_for_no_submission(tmp_path: Path) -> None:
    started = tmp_path / "started"
    workers = Workers(1, {})
    executor = workers.start()
    executor.submit(sleep_for_ever, str(started))
    while not started.exists():
        time.sleep(0.01)
    processes = list(executor._processes.values())
    workers.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert not [process for process in processes if process.is_alive()]


def test_88_a_worker_is_deaf_to_ctrl_c_from_its_first_moment() -> None:
    with Workers(2, {}) as workers:
        for process in workers.start()._processes.values():
            status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
            masks = [int(mask, 16) for mask in re.findall(r"Sig(?:Blk|Ign):\s*([0-9a-f]+)", status)]
            assert (masks[0] | masks[1]) >> (signal.SIGINT - 1) & 1
        assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())
