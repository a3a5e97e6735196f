"""Speed of grading: `autograder grade` against `nbgrader autograde` as shipped, on the same submissions.

    python benchmarks/grading_speed.py [--submissions 200] [--nbgrader 22] [--workers 2]

Both sides start from nothing, take turns in one session, and write their gradebooks. nbgrader is measured on
one submission of each style and on more of them: the difference tells its seconds for one, the rest is its
start-up, which counts once. The ratio is that of the seconds for all; nbgrader's are computed from these.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.support.sample_class.build import STUDENTS, notebook  # noqa: E402

STYLES = ("ada", "bela", "chen", "dana", "emil", "fatima", "goran", "hana", "ivan", "jun", "lena")
FEW = len(STYLES)
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PATH": str(Path(sys.executable).parent) + os.pathsep + os.environ["PATH"],
}


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = Path(folder) / "ours", Path(folder) / "theirs"
        _run("compileall", "-q", "autograder", "gmmlib", cwd=ROOT)  # as pip does where it installs
        _course(ours)
        shutil.copytree(ours, theirs)
        _as_shipped(theirs)
        few, more, many = FEW, options.nbgrader, options.submissions
        _hand_in(theirs, 0, few)
        first = _seconds(lambda: _run("nbgrader", "autograde", "em", cwd=theirs))
        _hand_in(ours, 0, 1)
        one = _seconds(lambda: _grade(ours, options.workers))
        _hand_in(ours, 1, many)
        memory: list[float] = []
        all_others = _seconds(lambda: memory.append(_grade(ours, options.workers)))
        _hand_in(theirs, few, few + more)
        second = _seconds(lambda: _run("nbgrader", "autograde", "em", cwd=theirs))
        each = (second - first) / (more - few)
        _print(ours, many, options.workers, one, all_others, each, first - few * each, memory[0])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--submissions", type=int, default=200)
    parser.add_argument("--nbgrader", type=int, default=2 * FEW, help="how many of them nbgrader grades, too")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    return parser.parse_args()


# --------------------------------------------------------------------------- the two courses


def _course(folder: Path) -> None:
    _run("autograder", "init", str(folder), cwd=ROOT)
    _run("autograder", "release", "em", "--course", str(folder), cwd=ROOT)


def _as_shipped(folder: Path) -> None:
    """nbgrader's own preprocessors instead of ours."""
    config = folder / "nbgrader_config.py"
    text = config.read_text(encoding="utf-8").partition("# `nbgrader autograde`")[0]
    config.write_text(text, encoding="utf-8")


def _hand_in(course: Path, start: int, stop: int) -> None:
    """Different submissions: every style of the sample class, each with a line of its own."""
    release = json.loads((course / "release" / "em" / "em.ipynb").read_text(encoding="utf-8"))
    for number in range(start, stop):
        text = (STUDENTS / f"{STYLES[number % len(STYLES)]}.py").read_text(encoding="utf-8")
        text = text.replace("# %% e_step\n", f"# %% e_step\nmine = {number}\n", 1)
        path = course / "submitted" / f"s{number:04d}" / "em" / "em.ipynb"
        path.parent.mkdir(parents=True)
        path.write_bytes(notebook(release, text))


def _grade(course: Path, workers: int) -> float:
    arguments = ("grade", "em", "--course", str(course), "--workers", str(workers))
    return _run("autograder", *arguments, "--results", str(course / "em.json"), cwd=ROOT)


def _run(program: str, *arguments: str, cwd: Path) -> float:
    """Run a program, and return how much its largest process held, in MB."""
    with tempfile.TemporaryFile() as errors:
        run = subprocess.Popen(
            [sys.executable, "-m", program, *arguments],
            cwd=cwd,
            env=ENVIRONMENT,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
        _, status, usage = os.wait4(run.pid, 0)
        run.returncode = os.waitstatus_to_exitcode(status)
        if run.returncode not in (0, 1):
            errors.seek(0)
            sys.exit(errors.read().decode())
    return usage.ru_maxrss / 1024


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


# --------------------------------------------------------------------------- figures


def _print(
    course: Path,
    many: int,
    workers: int,
    one: float,
    others: float,
    nbgrader: float,
    their_start: float,
    memory: float,
) -> None:
    results = json.loads((course / "em.json").read_text(encoding="utf-8"))["results"]
    each = sorted(result["seconds"] for result in results)
    loop = (others - one) / max(many - 2, 1)
    print(f"submissions                          {many}, {workers} workers, {os.cpu_count()} cores")
    print(f"autograder grade, all of them        {others:8.1f} s   start-up included")
    print(f"  one submission alone               {one:8.1f} s   nearly all of it start-up")
    print(f"  each, start-up included            {1000 * others / many:8.0f} ms")
    print(f"  each, in the loop                  {1000 * loop:8.0f} ms")
    late = each[int(0.95 * (len(each) - 1))]
    print(f"  seconds of one: median, 95 %, most {statistics.median(each):8.3f} {late:.3f} {each[-1]:.3f}")
    print(f"  largest process                    {memory:8.0f} MB")
    print(f"nbgrader autograde as shipped, each  {1000 * nbgrader:8.0f} ms, and {their_start:.1f} s start-up")
    print(f"ratio, start-up included             {(their_start + nbgrader * many) / others:8.1f}")
    print(f"ratio, in the loop                   {nbgrader / loop:8.1f}")


if __name__ == "__main__":
    main()
