"""A full disk: every command says so in a sentence, and once there is room the same command goes on."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.courses import ROOT, command, filled, hand_in, new_course
from tests.support.desk import running

STUDENTS = ("ada", "bob", "cleo", "dora")
SIZE = "9000000"
# Bubblewrap makes the disk and does not nest everywhere: so students' code runs without walls here.
ON_A_SMALL_DISK = """
import sys
from tests.grading.test_full_disk import fill_up

if __name__ == "__main__":
    fill_up(*sys.argv[1:])
"""


def fill_up(before: str, disk: str, place: str, again: str) -> None:
    """On the small disk: commands that find no room, and the same ones when there is some."""
    course, filler = Path(disk, "course"), Path(disk, "filler")
    shutil.copytree(before, course)

    def attempt(name: str, *typed: str) -> None:
        done = command(*typed, "--course", course)
        Path(place, name).write_text(f"{done.stdout}{done.stderr}exit {done.returncode}\n", encoding="utf-8")

    def leave(room: int) -> None:
        with filler.open("ab", buffering=0) as file, contextlib.suppress(OSError):
            while file.write(bytes(4096)):
                pass
        os.truncate(filler, filler.stat().st_size - room)

    leave(60 << 10)
    attempt("grade", "grade", "tiny", "--no-isolation")
    attempt("folder", "collect", "tiny", "--directory", again)
    attempt("archive", "collect", "tiny", "--zip", f"{again}.zip")
    for folder in ("source", "release"):
        shutil.rmtree(course / folder / "other")
    leave(16 << 10)
    attempt("release", "release", "other")
    filler.unlink()
    attempt("release again", "release", "other")
    attempt("grade again", "grade", "tiny", "--no-isolation")
    shutil.copytree(course, Path(place, "course"))
    leave(0)
    attempt("export", "export", "tiny", "--incomplete")
    attempt("export elsewhere", "export", "tiny", "--incomplete", "--output", place)
    with running(course) as desk:
        desk.sign_in()
        for name, path in (("desk export", "export/csv?incomplete=1"), ("desk return", "return/folder")):
            answer = desk.get(f"/a/tiny/{path}", Accept="application/json")
            Path(place, name).write_text(f"{answer.text}exit {answer.status}\n", encoding="utf-8")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what each command said, and the course afterwards."""
    place = tmp_path_factory.mktemp("full")
    course, disk, again = new_course(place / "before"), place / "disk", place / "again"
    for student in STUDENTS:
        hand_in(course, student, filled())
        path = again / student / "tiny.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(filled()) + " " * 100_000, encoding="utf-8")
    shutil.make_archive(str(again), "zip", again)
    disk.mkdir()
    on_a_small_disk = ["timeout", "600", "bwrap", "--dev-bind", "/", "/", "--size", SIZE, "--tmpfs", disk]
    run = subprocess.run(  # a time-out ends all that it started
        [*on_a_small_disk, sys.executable, "-c", ON_A_SMALL_DISK, course, disk, place, again],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return place


def said(place: Path, step: str) -> tuple[str, int]:
    text, _, code = (place / step).read_text(encoding="utf-8").rpartition("exit ")
    assert "Traceback" not in text
    return text, int(code)


@pytest.mark.parametrize("step", ["grade", "folder", "archive"])
def test_a_command_that_finds_no_room_says_so_with_the_remedy_and_fails(place: Path, step: str) -> None:
    text, code = said(place, step)
    assert code == 2
    assert text.startswith("autograder: ")
    assert "no room" in text.lower() or "No space left on device" in text
    assert "Make room" in text or "Nothing was taken in" in text


def test_grades_go_out_from_a_disk_without_a_free_byte_to_where_there_is_room(place: Path) -> None:
    """To the browser, or to a folder on another disk; what needs room on this one says so."""
    text, code = said(place, "export")
    assert code == 2
    assert "Make room on the disk" in text
    assert "--output" in text
    table = (place / "tiny-csv.csv").read_text(encoding="utf-8")
    assert said(place, "export elsewhere")[1] == 0
    assert said(place, "desk export") == (table, 200)
    assert [line.split(",")[1] for line in table.splitlines()[1:]] == [*STUDENTS]
    text, code = said(place, "desk return")
    assert code == 507
    assert "Make room" in text


def test_the_next_run_completes_the_batch_with_nothing_lost_or_twice(place: Path) -> None:
    text, code = said(place, "grade again")
    assert (code, text.count("graded  10")) == (0, len(STUDENTS))
    with closing(sqlite3.connect(place / "course" / "gradebook.db")) as gradebook:
        rows = gradebook.execute("select student_id from submitted_assignment order by 1").fetchall()
    assert rows == [(student,) for student in STUDENTS]
    assert not list((place / "course").glob("**/.*.new"))


def test_what_was_handed_in_before_is_still_there(place: Path) -> None:
    """Collecting replaces a submission as a whole, or not at all."""
    for student in STUDENTS:
        path = Path("submitted", student, "tiny", "tiny.ipynb")
        assert (place / "course" / path).read_bytes() == (place / "before" / path).read_bytes()


def test_half_a_release_is_not_taken_for_an_edited_one(place: Path) -> None:
    assert said(place, "release")[1] == 2
    text, code = said(place, "release again")
    assert code == 0, text
    assert "edited" not in text
    for folder in ("source", "release"):
        files = [
            {path.name: path.read_bytes() for path in (place / course / folder / "other").iterdir()}
            for course in ("before", "course")
        ]
        assert files[0] == files[1]
