"""Reads students' bytes in a process of its own, with limits on memory and time.

The trusted side sends one line (where the folder is) and gets two back: what was handed in, by its digest,
and then plain text cells, or why not. A reader that takes too long or too much is killed, and the submission
is `unreadable`; by its digest it is known the next time.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any

from autograder.course.release import Release, from_json
from autograder.intake import folder
from autograder.intake.matching import MatchedCell, MatchedNotebook
from autograder.intake.pictures import RawPicture

MEMORY = 1_500_000_000  # bytes of address space
PR_SET_PDEATHSIG = 1
SECONDS = 20  # of processor time for one submission
WALL = 200.0  # seconds on the clock: ten times as much, so that a busy machine harms nobody
REPLIES = 2  # lines for each request
MAX_REPLY = 64_000_000  # bytes of one reply
JOBS = 500  # after so many, a new process
TOO_MUCH = "The notebook takes too much time or memory to read. Remove large outputs and hand it in again."
PROGRAM = "import sys; sys.path.insert(0, sys.argv[1]); from autograder.intake.reader import serve; serve()"


class Reader:
    """The trusted half: a reading process that is started when needed and replaced when it fails."""

    def __init__(self, release: Release) -> None:
        self._release = release
        self._process: subprocess.Popen[bytes] | None = None
        self._jobs = 0

    def __enter__(self) -> Reader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def read(self, root: Path, student: str, known: str = "") -> Mapping[str, Any]:
        """Return what the student's folder holds, as `answer` returns it; `known` is an earlier digest."""
        request = {"root": str(root), "parts": [student, self._release.assignment], "known": known}
        replies = [json.loads(line) for line in self._exchange(json.dumps(request).encode() + b"\n")]
        handed_in: dict[str, Any] = replies[0] if replies else {"digest": ""}
        if known and handed_in["digest"] == known:
            if len(replies) < REPLIES:
                self.close()
            return {**handed_in, "status": "unchanged"}
        if len(replies) < REPLIES:
            self.close()
            problem = f"{self._release.assignment}.ipynb: {TOO_MUCH}"
            return {**handed_in, "status": "unreadable", "problem": problem}
        return {**handed_in, **replies[1]}

    def close(self) -> None:
        """End the process, whatever it does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    pipe.close()
            self._process, self._jobs = None, 0

    def _exchange(self, request: bytes) -> list[bytes]:
        if self._jobs >= JOBS:
            self.close()
        process = self._process or self.start()
        self._jobs += 1
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(request)
            process.stdin.flush()
        except OSError:
            return []
        return _read_lines(process.stdout.fileno(), time.monotonic() + WALL)

    def start(self) -> subprocess.Popen[bytes]:
        """Start the process, without waiting for it; the first reading does so, too."""
        package_root = str(Path(__file__).parents[2])
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-B", "-X", "utf8", "-c", PROGRAM, package_root],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
        )
        assert self._process.stdin is not None
        self._process.stdin.write(self._release.to_json().encode() + b"\n")
        self._process.stdin.flush()
        return self._process


def _read_lines(handle: int, deadline: float) -> list[bytes]:
    """Return the lines of one reply; fewer if the reader dies, dawdles or talks too much."""
    chunks: list[bytes] = []
    while sum(map(len, chunks)) < MAX_REPLY and sum(chunk.count(b"\n") for chunk in chunks) < REPLIES:
        ready, _, _ = select.select([handle], [], [], max(0.0, deadline - time.monotonic()))
        chunk = os.read(handle, 1 << 20) if ready else b""
        if not chunk:
            break
        chunks.append(chunk)
    return b"".join(chunks).split(b"\n")[:-1]


# --------------------------------------------------------------------------- the other process


def serve() -> None:
    """Answer requests from standard input until it ends."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # with the grader the reader ends, too
    release = from_json(sys.stdin.readline())
    for line in sys.stdin:
        spent = resource.getrusage(resource.RUSAGE_SELF)
        until = int(spent.ru_utime + spent.ru_stime) + 1 + SECONDS
        resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))  # SIGXCPU ends the process
        try:
            request = json.loads(line)
            files, handed_in = read_handed_in(request)
            print(json.dumps(handed_in), flush=True)
        except (Exception, RecursionError, MemoryError):
            files = (folder.File(f"{release.assignment}.ipynb", problem=TOO_MUCH),)
            print(json.dumps({"digest": "", "timestamp": ""}), flush=True)
        try:
            reply = json.dumps(answer(files, release))
        except (Exception, RecursionError, MemoryError):
            reply = json.dumps({"status": "unreadable", "problem": f"{release.assignment}.ipynb: {TOO_MUCH}"})
        print(reply, flush=True)


def read_handed_in(request: Mapping[str, Any]) -> tuple[tuple[folder.File, ...], dict[str, str]]:
    """Return the files of a folder; none if they are known; and digest and timestamp, in plain values."""
    root, parts = Path(request["root"]), request["parts"]
    files = folder.read_files(root, parts)
    timestamp = folder.read_line(root, parts, "timestamp.txt")
    digest = folder.digest_of(files, timestamp)
    files = files or folder.left_out(root, parts)
    return (() if digest == request["known"] else files), {"digest": digest, "timestamp": timestamp}


def answer(files: Sequence[folder.File], release: Release) -> dict[str, Any]:
    """Return what files hold, in plain values: status, problem, cells and repairs."""
    try:
        reading = folder.choose(files, release)
    except (Exception, RecursionError, MemoryError):
        name = files[0].name if files else f"{release.assignment}.ipynb"
        reading = folder.Reading("unreadable", problem=f"{name}: {TOO_MUCH}")
    return {
        "status": reading.status,
        "problem": reading.problem,
        "cells": [asdict(cell) for cell in reading.notebook.cells],
        "repairs": list(reading.notebook.repairs),
        "to_look": list(reading.notebook.to_look),
    }


def notebook_from(reply: Mapping[str, Any]) -> MatchedNotebook:
    """Return the cells of a reply."""
    cells = tuple(
        MatchedCell(**{**cell, "pictures": tuple(RawPicture(**picture) for picture in cell["pictures"])})
        for cell in reply.get("cells", ())
    )
    return MatchedNotebook(cells, tuple(reply.get("repairs", ())), to_look=tuple(reply.get("to_look", ())))
