"""The gradebook on a real PostgreSQL server: one setting, the same scores, and a sentence when it fails."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.support.courses import (
    GradedClass,
    command,
    empty_course,
    filled,
    graded,
    hand_in,
    nbgrader,
    new_course,
)
from tests.support.servers import postgresql

Results = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgresql() as address:
        yield address


STUDENTS = ("ada", "ivan", "nora")  # of the small class


def set_gradebook(course: Path, address: str) -> None:
    """The one setting."""
    config = course / "nbgrader_config.py"
    lines = config.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith("c.CourseDirectory.db_url")]
    config.write_text("\n".join([*kept, f"c.CourseDirectory.db_url = {address!r}\n"]), encoding="utf-8")


@pytest.fixture(scope="module")
def course(server: str, small_class: GradedClass) -> Path:
    """A course whose gradebook was on the server from its beginning, with the seed of the small class."""
    folder = empty_course()
    set_gradebook(folder, server)
    shutil.copy(small_class.course / ".autograder" / "seed", folder / ".autograder" / "seed")
    run = command("release", "tiny", "--course", folder)
    assert run.returncode == 0, run.stderr
    for name in STUDENTS:
        shutil.copytree(small_class.course / "submitted" / name, folder / "submitted" / name)
    return folder


@pytest.fixture(scope="module")
def results(course: Path) -> Results:
    return graded(course)


def exported(course: Path) -> dict[str, float]:
    """Scores as nbgrader's own export gives them."""
    nbgrader(course, "export", "--to=grades.csv")
    with (course / "grades.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["assignment"] == "tiny"]
    return {row["student_id"]: float(row["score"]) for row in rows}


def judged(results: Results) -> str:
    """All that may not depend on where the gradebook is."""
    kept = {name: {k: v for k, v in result.items() if k != "seconds"} for name, result in results.items()}
    return json.dumps(kept, sort_keys=True)


def test_scores_and_nbgrader_s_export_are_those_of_sqlite(
    course: Path, results: Results, small_class: GradedClass, tmp_path: Path
) -> None:
    on_file = shutil.copytree(small_class.course, tmp_path / "course")
    assert judged({name: small_class.results[name] for name in STUDENTS}) == judged(results)
    found = {name: result["score"] for name, result in results.items()}
    assert exported(on_file).items() >= found.items()
    assert exported(course) == found
    assert found["ada"] == 10.0
    assert not (course / "gradebook.db").exists()


def test_a_grade_by_hand_survives_a_regrade_and_reaches_the_pages(
    course: Path, results: Results, server: str
) -> None:
    with psycopg.connect(connection(server)) as database:
        changed = database.execute(
            "update grade set manual_score = 5.5, needs_manual_grade = false "
            "from base_cell, submitted_notebook, submitted_assignment "
            "where base_cell.id = grade.cell_id and base_cell.name = 'why' "
            "and submitted_notebook.id = grade.notebook_id and student_id = 'ada' "
            "and submitted_assignment.id = submitted_notebook.assignment_id"
        )
        assert changed.rowcount == 1
    assert judged(graded(course, "--force")) == judged(results)
    assert exported(course)["ada"] == 15.5
    for name in ("feedback", "report"):
        run = command(name, "tiny", "--course", course)
        assert run.returncode == 0, run.stderr
    page = (course / "feedback" / "ada" / "tiny" / "tiny.html").read_text(encoding="utf-8")
    assert '<p class="score">15.5 <small>of 16 points' in page


def connection(address: str) -> str:
    """The address as psycopg itself wants it."""
    return address.replace("+psycopg", "")


def refused(*arguments: str | Path) -> str:
    run = command(*arguments)
    assert run.returncode == 2, run.stdout + run.stderr
    assert "Traceback" not in run.stderr
    return run.stderr


def test_a_gradebook_locked_by_somebody_else_is_told_before_anything_is_graded(
    course: Path, results: Results, server: str
) -> None:
    before = {path: path.stat().st_mtime_ns for path in course.glob("autograded/*/tiny/*")}
    set_gradebook(course, server + "&options=-c%20lock_timeout%3D300")
    try:
        with psycopg.connect(connection(server)) as other:
            other.execute("lock table grade in share mode")
            assert "in use by another program" in refused("grade", "tiny", "--force", "--course", course)
    finally:
        set_gradebook(course, server)
    assert {path: path.stat().st_mtime_ns for path in course.glob("autograded/*/tiny/*")} == before


@pytest.mark.parametrize(
    ("address", "step", "told"),
    [
        ("postgresql+psycopg://course:secret@127.0.0.1:1/gradebook", "grade", "does not answer"),
        ("postgresql+psycopg://course:secret@/gradebook?host=/nowhere", "report", "does not answer"),
        ("postgresql+nothing://course:secret@localhost/gradebook", "grade", "names no gradebook"),
        ("gradebook of mine", "export", "names no gradebook"),
    ],
)
def test_a_server_that_is_not_there_is_told_without_the_password(
    address: str, step: str, told: str, tmp_path: Path
) -> None:
    course = new_course(tmp_path / "course")
    hand_in(course, "ada", filled())
    set_gradebook(course, address)
    message = refused(step, "tiny", "--course", course)
    assert told in message
    assert "secret" not in message
    assert not list(course.glob("autograded/*"))
