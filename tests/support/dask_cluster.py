"""A Dask scheduler and workers as processes of their own on 127.0.0.1."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.courses import ROOT


@dataclass(frozen=True)
class Cluster:
    """Where the scheduler listens, and the processes that work for it."""

    address: str
    workers: tuple[subprocess.Popen[bytes], ...]


@contextmanager
def cluster(folder: Path, workers: int, packages: Path = ROOT) -> Iterator[Cluster]:
    """A scheduler on a port that it chooses, with workers that import our packages from a folder."""
    file = folder / "scheduler.json"
    with ExitStack() as stack:
        options = ("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file")
        scheduler = stack.enter_context(dask(folder / "scheduler.log", packages, *options, file))
        address = address_in(file, scheduler)
        options = ("worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory")
        started = [
            stack.enter_context(dask(folder / f"worker{number}.log", packages, *options, folder))
            for number in range(workers)
        ]
        yield Cluster(address, tuple(started))


@contextmanager
def dask(log: Path, packages: Path, *arguments: str | Path) -> Iterator[subprocess.Popen[bytes]]:
    """The program `dask`."""
    environment = {**os.environ, "PYTHONPATH": str(packages), "OMP_NUM_THREADS": "1"}
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", *map(str, arguments)],
            cwd=log.parent,
            env=environment,
            stdout=file,
            stderr=file,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def address_in(file: Path, scheduler: subprocess.Popen[bytes]) -> str:
    """What the scheduler writes down when it listens."""
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline and scheduler.poll() is None:
        try:
            return str(json.loads(file.read_text(encoding="utf-8"))["address"])
        except (OSError, ValueError):
            time.sleep(0.05)
    raise AssertionError(f"Dask's scheduler did not start; see {file.with_name('scheduler.log')}")
