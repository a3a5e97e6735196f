"""A command that is killed half-way and typed again leaves what one run leaves."""

from __future__ import annotations

import json
import shutil
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import get_alembic_version

from autograder.cli import main
from autograder.course.directory import open_course
from autograder.record.gradebook import open_gradebook
from tests.support.courses import filled, graded, new_course, release
from tests.support.killing import killed

HALF_DONE = (".new-", "unpacked-", ".tiny.new", ".new", "lock", "-journal")
TIMES = ("received",)  # when something was collected is not the same twice
ROSTER = "id,name,email\nada,Ada Eins,ada@example.org\nben,Ben Zwei,\ncy,Cy Drei,cy@example.org\n"


def state(course: Path) -> dict[str, object]:
    """Everything that lies in a course, by name; the gradebook as its rows."""
    found: dict[str, object] = {}
    for path in sorted(course.rglob("*")):
        name = str(path.relative_to(course))
        if not path.is_file() or any(mark in name for mark in HALF_DONE):
            continue
        if path.name == "attempt.json":
            content = json.loads(path.read_text(encoding="utf-8"))
            found[name] = {key: value for key, value in content.items() if key not in TIMES}
        elif path.name == "gradebook.db":
            found[name] = _rows(path)
        elif path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                found[name] = {entry: archive.read(entry) for entry in archive.namelist()}
        elif path.name != "receipt.txt":
            found[name] = path.read_bytes()
    return found


def _rows(path: Path) -> dict[str, list[Any]]:
    with sqlite3.connect(path) as opened:
        tables = [name for (name,) in opened.execute("select name from sqlite_master where type = 'table'")]
        rows = {table: sorted(map(repr, opened.execute(f"select * from {table}"))) for table in tables}
    opened.close()
    return rows


def archive_in(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "in.zip", "w") as archive:
        for name, number in (("Ada Eins", 101), ("Ben Zwei", 102)):
            archive.writestr(f"{name}_{number}_assignsubmission_file_/tiny.ipynb", json.dumps(filled()))
        archive.writestr("Cy Drei_103_assignsubmission_file_/notes.txt", "x")
    return folder / "in.zip"


def collected_before(course: Path) -> None:
    """An earlier attempt of somebody, so that something is replaced."""
    folder = course / "submitted" / "Ada Eins" / "tiny"
    folder.mkdir(parents=True)
    (folder / "tiny.ipynb").write_text(json.dumps(release()), encoding="utf-8")


def graded_class(course: Path) -> None:
    archive = archive_in(course.parent)
    assert main(["collect", "tiny", "--zip", str(archive), "--course", str(course)]) == 0
    graded(course)


def test_a_course_whose_making_was_killed_is_made_by_the_same_command(tmp_path: Path) -> None:
    course, number = tmp_path / "course", 1
    while killed(["init", str(course)], number):
        before = course / ".autograder" / "seed"
        seed = before.read_bytes() if before.is_file() else None
        is_made = (course / "nbgrader_config.py").exists()
        assert main(["init", str(course)]) == (2 if is_made else 0)
        made = state(course)
        assert made.pop(".autograder/seed") == seed or seed is None
        assert b"c.CourseDirectory.db_url" in made["nbgrader_config.py"]  # type: ignore[operator]
        shutil.rmtree(course)
        number += 1
    assert number > 10


@pytest.mark.parametrize("left", ["DROP TABLE alembic_version", "DELETE FROM alembic_version"])
def test_a_gradebook_whose_making_was_killed_gets_the_version_that_nbgrader_looks_for(
    left: str, tmp_path: Path
) -> None:
    course = new_course(tmp_path / "course")
    wanted = _rows(course / "gradebook.db")["alembic_version"]
    with sqlite3.connect(course / "gradebook.db") as opened:
        opened.execute(left)
    opened.close()
    open_gradebook(open_course(course)).close()
    assert _rows(course / "gradebook.db")["alembic_version"] == wanted
    assert wanted == [repr((get_alembic_version(),))]  # what the program alembic says


@pytest.mark.parametrize(
    ("arguments", "prepare"),
    [
        (["collect", "tiny", "--zip", "in.zip"], collected_before),
        (["people", "import", "people.csv"], collected_before),
        (["return", "tiny", "--to", "moodle"], graded_class),
        (["export", "tiny", "--incomplete", "--format", "moodle"], graded_class),
    ],
    ids=["collect", "people import", "return", "export"],
)
def test_killed_anywhere_and_typed_again_it_leaves_what_one_run_leaves(
    arguments: list[str], prepare: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    archive_in(tmp_path)
    (tmp_path / "people.csv").write_text(ROSTER, encoding="utf-8")
    before = new_course(tmp_path / "before" / "course")
    prepare(before)
    course = tmp_path / "course"
    typed = [*arguments, "--course", str(course)]

    def fresh() -> None:
        shutil.rmtree(course, ignore_errors=True)
        shutil.copytree(before, course)

    fresh()
    assert not killed(typed, 0)
    wanted = state(course)
    number = 1
    while True:
        fresh()
        if not killed(typed, number):
            break
        assert not killed(typed, 0)
        assert state(course) == wanted, f"killed at change {number}"
        number += 1 + number // 2  # every one at first, then fewer
    assert number > 3
