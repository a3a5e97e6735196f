"""A full disk: every command says so in a sentence, and once there is room the same command goes on."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.courses import ROOT, filled, hand_in, new_course

STUDENTS = ("ada", "bob", "cleo", "dora")
SIZE = "9000000"
# $1 course, $2 the disk, $3 a folder for what is said, $4 submissions. Bubblewrap makes the disk and does not
# nest everywhere: so students' code runs without walls here.
SCRIPT = f"""
try() {{
    said=$1; shift
    "{sys.executable}" -m autograder "$@" --course "$disk/course" >"$folder/$said" 2>&1
    echo "exit $?" >>"$folder/$said"
}}
disk=$2 folder=$3
cd "{ROOT}"
cp -r "$1" "$disk/course"
dd if=/dev/zero of="$disk/filler" bs=4k 2>/dev/null
truncate --size=-60K "$disk/filler"
try grade grade tiny --no-isolation
try folder collect tiny --directory "$4"
try archive collect tiny --zip "$4.zip"
rm -r "$disk/course/source/other" "$disk/course/release/other"
cat /dev/zero >>"$disk/filler" 2>/dev/null
truncate --size=-16K "$disk/filler"
try release release other
rm "$disk/filler"
try "release again" release other
try "grade again" grade tiny --no-isolation
cp -r "$disk/course" "$folder/course"
"""


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
    on_a_small_disk = ["bwrap", "--dev-bind", "/", "/", "--size", SIZE, "--tmpfs", disk]
    run = subprocess.run(                                           # a time-out ends all that it started
        ["timeout", "600", *on_a_small_disk, "bash", "-c", SCRIPT, "bash", course, disk, place, again],
        capture_output=True, text=True, check=False,
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
