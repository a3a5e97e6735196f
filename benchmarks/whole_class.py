"""A class of thousands from the archive to the export: seconds and memory of each command, the desk open.

    python benchmarks/whole_class.py [--students 3000] [--loops 60]

The submissions are those of the sample class, each with a line of its own, and endless loops among them.
While the commands run, a desk is open and asked for the assignment's page every half second.
"""

from __future__ import annotations

import argparse
import http.cookiejar
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.grading_speed import ENVIRONMENT, STYLES  # noqa: E402
from tests.support.sample_class.build import STUDENTS, notebook  # noqa: E402

LOOP = "def fit(X, weights, means, covariances, tol=1e-6, max_iter=200):\n    while True:\n        pass\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--students", type=int, default=3000)
    parser.add_argument("--loops", type=int, default=60, help="endless loops among them")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        course, archive = Path(folder) / "course", Path(folder) / "em.zip"
        _run(["init", str(course)])
        _run(["release", "em", "--course", str(course)])
        _pack(course, archive, options.students, options.loops)
        desk = Desk(course)
        print(
            f"{options.students} students, {options.loops} endless loops, {os.cpu_count()} cores", flush=True
        )
        try:
            _steps(course, archive)
        finally:
            desk.close()


def _steps(course: Path, archive: Path) -> None:
    began = time.perf_counter()
    for arguments in (
        ["collect", "em", "--zip", str(archive)],
        ["grade", "em"],
        ["feedback", "em"],
        ["report", "em"],
        ["similar", "em"],
        ["export", "em", "--incomplete"],
    ):
        _step(arguments, course)
    print(f"{'all':10}{time.perf_counter() - began:9.1f} s", flush=True)


def _pack(course: Path, archive: Path, students: int, loops: int) -> None:
    """Write an archive as Moodle packs it."""
    release = json.loads((course / "release" / "em" / "em.ipynb").read_text(encoding="utf-8"))
    every = students // loops if loops else 0
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        for number in range(students):
            text = (STUDENTS / f"{STYLES[number % len(STYLES)]}.py").read_text(encoding="utf-8")
            text = text.replace("# %% e_step\n", f"# %% e_step\nmine = {number}\n", 1)
            if every and number % every == 0:
                text = re.sub(r"# %% fit\n.*?(?=\n# %%|\Z)", f"# %% fit\n{LOOP}", text, flags=re.S)
            name = f"Student {number:04d}_{100000 + number}_assignsubmission_file_/em.ipynb"
            packed.writestr(name, notebook(release, text))


def _run(arguments: list[str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "autograder", *arguments]
    run = subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    if run.returncode not in (0, 1):
        sys.exit(run.stderr)
    return run


def _step(arguments: list[str], course: Path) -> None:
    before, began = os.times(), time.perf_counter()
    watch = Memory()
    _run([*arguments, "--course", str(course)])
    most, after = watch.close(), os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    seconds = time.perf_counter() - began
    print(f"{arguments[0]:10}{seconds:9.1f} s{cpu:9.1f} s of CPU{most / 1e6:9.0f} MB", end="")
    print(f", of a process {watch.largest / 1e6:.0f} MB at most", flush=True)


class Memory:
    """The most that all processes below this one hold at a time, the desk too; a shared page counts once.

    `largest` is the most that one of them maps, pages that others map counted whole.
    """

    def __init__(self) -> None:
        self._most, self.largest, self._ended = 0, 0, threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        from autograder.sandbox.watch import processes_below

        while not self._ended.wait(1.0):
            held = [_held(pid) for pid in processes_below(os.getpid())]
            self._most = max(self._most, sum(share for share, _ in held))
            self.largest = max(self.largest, *(whole for _, whole in held))

    def close(self) -> int:
        """Stop looking, and return bytes."""
        self._ended.set()
        self._thread.join()
        return self._most


def _held(pid: int) -> tuple[int, int]:
    """Return bytes of a process: its share of what it maps, and all of it; nothing of one that has ended."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0, 0
    found = dict(re.findall(r"^(Pss|Rss): +(\d+) kB", text, re.M))
    return 1024 * int(found.get("Pss", 0)), 1024 * int(found.get("Rss", 0))


class Desk:
    """A desk that is asked every half second."""

    def __init__(self, course: Path) -> None:
        command = [sys.executable, "-u", "-m", "autograder", "serve", "--course", str(course), "--port", "0"]
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert self._process.stdout is not None
        address = ""
        while not address:
            found = re.search(r"http://\S+", self._process.stdout.readline())
            address = found[0] if found else ""
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._ask = urllib.request.build_opener(cookies)
        self._ask.open(address).read()
        self._page = re.match(r"http://[^/]+", address)[0] + "/a/em"  # type: ignore[index]
        self._seconds: list[float] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while not self._ended.wait(0.5):
            began = time.perf_counter()
            self._ask.open(self._page).read()
            self._seconds.append(time.perf_counter() - began)

    def close(self) -> None:
        """Print how long its answers took, and end it."""
        self._ended.set()
        self._thread.join()
        self._process.terminate()
        self._process.wait()
        seconds = sorted(self._seconds)
        late = seconds[int(0.95 * (len(seconds) - 1))]
        print(f"desk's page: {len(seconds)} answers, median {statistics.median(seconds):.2f} s, ", end="")
        print(f"95 % {late:.2f} s, slowest {seconds[-1]:.2f} s")


if __name__ == "__main__":
    main()
