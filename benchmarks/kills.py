"""Kills a grading run without warning, again and again, and looks at what the last run leaves.

    python benchmarks/kills.py [--submissions 100] [--kills 20]

Nothing may be lost, nothing there twice, manual grades untouched, no half-written file left.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.grading_speed import ENVIRONMENT, _course, _grade, _hand_in  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description="Grading, killed again and again.")
    parser.add_argument("--submissions", type=int, default=100)
    parser.add_argument("--kills", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        course = Path(folder) / "course"
        _course(course)
        _hand_in(course, 0, options.submissions)
        start = time.perf_counter()
        _grade(course, 2)
        undisturbed = time.perf_counter() - start
        wanted = _scores(course)
        _mark_one_by_hand(course)
        moments = random.Random(1)
        for number in range(options.kills):
            seconds = undisturbed * (0.2 + 0.8 * moments.random())
            print(f"kill {number + 1:2} after {seconds:.1f} s: {_killed(course, seconds)} regraded before it")
        _grade(course, 2)
        assert _scores(course) == wanted, "a score was lost or changed"
        assert _ask(course, "select manual_score from grade where manual_score is not null") == [(3.5,)]
        rows = _ask(course, "select count(*), count(distinct student_id) from submitted_assignment")
        assert rows == [(options.submissions, options.submissions)], "a submission is there twice"
        assert not list(course.glob("**/.*.new")), "a half-written file was left"
    print(f"{options.kills} kills over {options.submissions} submissions: nothing lost, nothing twice.")


def _killed(course: Path, seconds: float) -> int:
    """Forces a regrade of everything, kills it, and counts the results it had written."""
    before = _written(course)
    process = subprocess.Popen(
        [sys.executable, "-m", "autograder", "grade", "em", "--force", "--course", str(course)],
        cwd=ROOT,
        env=ENVIRONMENT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
    return sum(before[path] != stamp for path, stamp in _written(course).items())


def _written(course: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in course.glob(".autograder/results/em/*.json")}


def _mark_one_by_hand(course: Path) -> None:
    with contextlib.closing(sqlite3.connect(course / "gradebook.db")) as database, database:
        database.execute(
            "update grade set manual_score = 3.5 where id = (select g.id from grade g join base_cell b "
            "on b.id = g.cell_id where b.name = 'shared-variance' limit 1)"
        )


def _scores(course: Path) -> list[tuple[object, ...]]:
    return _ask(
        course,
        "select sa.student_id, b.name, g.auto_score from grade g join base_cell b on b.id = g.cell_id "
        "join submitted_notebook sn on sn.id = g.notebook_id "
        "join submitted_assignment sa on sa.id = sn.assignment_id order by 1, 2",
    )


def _ask(course: Path, statement: str) -> list[tuple[object, ...]]:
    with contextlib.closing(sqlite3.connect(course / "gradebook.db")) as database:
        return database.execute(statement).fetchall()


if __name__ == "__main__":
    main()
