"""What is recorded stays: late penalties, manual grades on a regrade, and a run that was killed."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest

from tests.support.courses import (
    ONE_CENTRE,
    PROSE,
    ROOT,
    GradedClass,
    command,
    filled,
    graded,
    hand_in,
    new_course,
    scores,
    slow,
)
from tests.support.programs import start


@pytest.fixture
def course(tmp_path: Path) -> Path:
    return new_course(tmp_path / "course")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A graded course; not to be changed."""
    course = new_course(tmp_path_factory.mktemp("ada") / "course")
    hand_in(course, "ada", filled(PROSE))
    graded(course)
    return course


@pytest.fixture
def ada(template: Path, tmp_path: Path) -> Path:
    """A course in which ada is graded."""
    return shutil.copytree(template, tmp_path / "ada")


def change(course: Path, statement: str, *values: object) -> None:
    with contextlib.closing(sqlite3.connect(course / "gradebook.db")) as database, database:
        assert database.execute(statement, values).rowcount > 0


def ask(course: Path, statement: str) -> list[tuple[Any, ...]]:
    with contextlib.closing(sqlite3.connect(course / "gradebook.db")) as database:
        return database.execute(statement).fetchall()


def cell_id(course: Path, name: str, kind: str = "GradeCell") -> str:
    return str(ask(course, f"select id from base_cell where name = '{name}' and type = '{kind}'")[0][0])


def test_manual_grades_and_comments_survive_a_regrade(ada: Path) -> None:
    course = ada
    prose, answer = cell_id(course, "why"), cell_id(course, "moments-check")
    change(course, "update grade set manual_score = 5.5, needs_manual_grade = 0 where cell_id = ?", prose)
    change(course, "update grade set extra_credit = 0.5 where cell_id = ?", answer)
    written = cell_id(course, "why", "SolutionCell")
    change(course, "update comment set manual_comment = 'Well reasoned.' where cell_id = ?", written)
    hand_in(course, "ada", filled(PROSE | ONE_CENTRE))
    assert graded(course)["ada"]["score"] == 7.5
    where = f"where cell_id in ('{prose}', '{answer}')"
    kept = ask(course, f"select manual_score, extra_credit from grade {where}")
    assert set(kept) == {(5.5, None), (None, 0.5)}
    assert command("feedback", "tiny", "--course", course).returncode == 0
    page = (course / "feedback" / "ada" / "tiny" / "tiny.html").read_text(encoding="utf-8")
    assert "Well reasoned." in page
    assert '<p class="score">13.5 <small>of 16 points' in page  # 7.5 + 5.5 + 0.5
    waits = f"select needs_manual_grade from grade where cell_id = '{prose}'"
    assert ask(course, waits) == [(0,)]  # nobody looks again at words that are the same
    hand_in(course, "ada", filled({"why": "Otherwise."} | ONE_CENTRE))
    graded(course)
    assert ask(course, waits) == [(1,)]


def test_a_written_answer_waits_for_a_person_and_an_empty_one_does_not(small_class: GradedClass) -> None:
    prose = cell_id(small_class.course, "why")
    rows = ask(
        small_class.course,
        "select sa.student_id, g.auto_score, g.needs_manual_grade from grade g "
        "join submitted_notebook sn on sn.id = g.notebook_id "
        f"join submitted_assignment sa on sa.id = sn.assignment_id where g.cell_id = '{prose}'",
    )
    assert {("lena", 0.0, 0), ("ada", None, 1)} <= set(rows)  # as released; with a sentence


def test_nbgrader_s_late_penalty_plugin_decides_what_is_taken_off(course: Path) -> None:
    config = course / "nbgrader_config.py"
    plugin = '\nc.LateSubmissionPlugin.penalty_method = "zero"\n'
    config.write_text(config.read_text(encoding="utf-8") + plugin, encoding="utf-8")
    change(course, "update assignment set duedate = '2026-01-10 00:00:00.000000' where name = 'tiny'")
    for student, day in (("early", "09"), ("late", "11")):
        path = hand_in(course, student, filled())
        (path.parent / "timestamp.txt").write_text(f"2026-01-{day} 12:00:00 UTC", encoding="utf-8")
    graded(course)
    rows = ask(
        course,
        "select sa.student_id, sn.late_submission_penalty from submitted_notebook sn "
        "join submitted_assignment sa on sa.id = sn.assignment_id order by 1",
    )
    assert rows == [("early", None), ("late", 10.0)]


def test_changed_due_dates_submissions_and_seeds_are_noticed_and_nothing_else(ada: Path) -> None:
    course, path = ada, ada / "submitted" / "ada" / "tiny" / "tiny.ipynb"
    stamp = course / ".autograder" / "results" / "tiny" / "ada.json"
    first = stamp.stat().st_mtime_ns
    graded(course)
    assert stamp.stat().st_mtime_ns == first
    change(course, "update assignment set duedate = '2026-01-10 00:00:00.000000' where name = 'tiny'")
    graded(course)
    second = stamp.stat().st_mtime_ns
    assert second > first
    path.write_bytes(path.read_bytes() + b"\n")
    graded(course)
    third = stamp.stat().st_mtime_ns
    assert third > second
    (course / ".autograder" / "seed").write_bytes(bytes(range(32)))  # other inputs for everybody
    graded(course)
    assert stamp.stat().st_mtime_ns > third


def test_two_students_and_two_attempts_are_asked_different_numbers() -> None:
    from autograder.course.seed import entropy

    seed = bytes(range(32))
    draws = {
        (student, attempt): entropy(seed, "tiny", "tiny.moments", student, attempt)
        for student in ("ada", "bela")
        for attempt in ("1", "2")
    }
    assert len(set(draws.values())) == 4
    assert entropy(seed, "tiny", "tiny.moments", "ada", "1") == draws["ada", "1"]
    assert entropy(seed, "a", "bc", "d", "e") != entropy(seed, "ab", "c", "d", "e")


def kill_after(
    course: Path, recorded: int, seconds: float, by: signal.Signals = signal.SIGKILL
) -> int | None:
    """Starts grading and kills the command some time after so many results; its code, 0 or 1 if faster."""
    results = course / ".autograder" / "results" / "tiny"
    before = {path.name: path.stat().st_mtime_ns for path in results.glob("*.json")}
    line = ["autograder", "grade", "tiny", "--course", str(course)]
    process = start(line, ROOT, {}, [Path(os.devnull), Path(os.devnull)])
    while process.exitcode is None:
        now = {path.name: path.stat().st_mtime_ns for path in results.glob("*.json")}
        if len(now.items() - before.items()) >= recorded:
            process.join(seconds)
            if process.pid is not None and process.exitcode is None:
                os.kill(process.pid, by)
            break
        time.sleep(0.005)
    process.join()
    return process.exitcode


def test_a_batch_that_is_killed_at_random_moments_is_completed_by_the_next_run(course: Path) -> None:
    kinds = {"right": slow(0.1), "wrong": ONE_CENTRE}
    for number in range(14):
        kind = ("right", "wrong")[number % 2]
        hand_in(course, f"{number:02d} {kind}", filled(PROSE | kinds[kind]))
    graded(course, "--student", "00 right")
    prose = cell_id(course, "why")
    change(course, "update grade set manual_score = 4, needs_manual_grade = 0 where cell_id = ?", prose)
    moments = random.Random(7)
    killed = [
        kill_after(course, *moment)
        for moment in [
            (0, 2 * moments.random()),
            (1, 0.1 * moments.random()),
            (4, 0.1 * moments.random(), signal.SIGTERM),
        ]
    ]
    assert killed[1] == -signal.SIGKILL or killed[2] == 128 + signal.SIGTERM
    results = graded(course)
    assert len(results) == 14
    for student, result in results.items():
        assert scores(result)["tiny.scaled"] == (4.0 if student[3:] == "right" else 1.5)
    assert ask(course, "select count(*), count(distinct student_id) from submitted_assignment") == [(14, 14)]
    assert ask(course, "select manual_score from grade where manual_score is not null") == [(4,)]
    assert not list(course.glob("autograded/**/.*.new"))
