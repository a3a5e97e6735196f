"""What students hand in through archives, folders and the exchange costs nobody else anything."""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from autograder.collect import unzip
from autograder.collect.collecting import from_directory
from autograder.collect.found import account_of
from autograder.collect.owners import Owner, ids_of
from autograder.course import files
from autograder.course.directory import init
from autograder.course.errors import CourseError
from autograder.course.release import ASKED
from autograder.execute.causes import NO_PYTHON
from autograder.intake.folder import File, digest_of
from tests.support.courses import command, filled, hand_in, nbgrader, new_course


def canvas(student: str, number: int, file: int) -> str:
    return f"{student}_{number}_{file}_tiny.ipynb"


def test_82_many_files_of_one_student_leave_room_for_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unzip, "MAX_TOTAL", 30_000)
    with zipfile.ZipFile(tmp_path / "canvas.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for file in range(130):
            archive.writestr(canvas("eve", 7, file), b"0" * 1000)
        for number, student in enumerate(("ada", "zoe")):
            archive.writestr(canvas(student, number, 500), b"1" * 5000)
    notes = unzip.unpack(tmp_path / "canvas.zip", tmp_path / "out")
    written = {path.name: path.stat().st_size for path in (tmp_path / "out").iterdir()}
    assert written[canvas("ada", 0, 500)] == written[canvas("zoe", 1, 500)] == 5000
    assert sum(size for name, size in written.items() if name.startswith("eve")) == 20_000  # the rest
    assert all("eve" in note for note in notes)
    assert len(notes) == 12  # five of each kind, and how many more
    assert sum(map(int, re.findall(r"left out (\d+) more of", "\n".join(notes)))) == 100
    assert any("more than 100 files" in note for note in notes)


def test_82_a_students_fifty_thousand_files_cost_nobody_a_row_and_bury_no_note(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "moodle.zip", "w") as archive:
        for number in range(50_001):
            archive.writestr(f"Eve_7_assignsubmission_file/venv/{number}.py", b"")
        archive.writestr("Eve_7_assignsubmission_file/tiny.ipynb", b"{}")
        archive.writestr("Zoe_8_assignsubmission_file/tiny.ipynb", b"{}")
        archive.writestr("Zoe_8_assignsubmission_file/notes.txt", b"")
    notes = unzip.unpack(tmp_path / "moodle.zip", tmp_path / "out")
    for name in ("Eve_7", "Zoe_8"):
        assert (tmp_path / "out" / f"{name}_assignsubmission_file" / "tiny.ipynb").is_file()
    assert len(notes) == 7
    assert notes[-1].startswith("left out 49996 more of Eve 7")
    assert any("notes.txt" in note for note in notes)


def test_82_what_lies_outermost_comes_first_of_more_files_than_are_taken(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "moodle.zip", "w") as archive:
        for number in range(150):
            archive.writestr(f"Eve_7_assignsubmission_file/lessons/{number}.ipynb", b"{}")
        archive.writestr("Eve_7_assignsubmission_file/tiny.ipynb", b"{}")
        archive.writestr("Zoe_8_assignsubmission_file/tiny.ipynb", b"{}")
    unzip.unpack(tmp_path / "moodle.zip", tmp_path / "out")
    assert (tmp_path / "out" / "Eve_7_assignsubmission_file" / "tiny.ipynb").is_file()


def test_93_whose_name_begins_with_a_dot_has_a_row_and_a_macs_leftovers_have_none(tmp_path: Path) -> None:
    course = new_course(tmp_path / "course")
    with zipfile.ZipFile(tmp_path / "moodle.zip", "w") as archive:
        for number, name in enumerate(("Ada", "._Ben", ".Cy")):
            archive.writestr(f"{name}_{number}_assignsubmission_file/tiny.ipynb", json.dumps(filled()))
        archive.writestr("Ada_0_assignsubmission_file/._tiny.ipynb", b"\0\5\x16\7")
        archive.writestr("._Ada_0_assignsubmission_file", b"\0\5\x16\7")
        archive.writestr("__MACOSX/Ada_0_assignsubmission_file/tiny.ipynb", b"\0\5\x16\7")
    run = command("collect", "tiny", "--course", course, "--zip", tmp_path / "moodle.zip")
    assert run.returncode == 0, run.stderr
    assert "3 submissions" in run.stdout
    taken = sorted(path.name for path in (course / "submitted").iterdir())
    assert taken == ["Ada", "_Cy", "__Ben"]


def test_names_in_an_old_encoding_cost_nobody_a_row(tmp_path: Path) -> None:
    """As programs unpack the archive of a system whose names they take for bytes."""
    course = init(tmp_path / "course")
    (tmp_path / "in" / os.fsdecode(b"Zo\xeb_4_assignsubmission_file")).mkdir(parents=True)
    names = (
        b"Ada_1_assignsubmission_file_em.ipynb",
        b"Ben_2_assignsubmission_file_L\xf6sung.ipynb",
        b"M\xfcller_3_assignsubmission_file_em.ipynb",
        b"Zo\xeb_4_assignsubmission_file/L\xf6sung.ipynb",
    )
    for name in names:
        (tmp_path / "in" / os.fsdecode(name)).write_text("{}")
    taken = from_directory(course, "em", tmp_path / "in")
    assert taken.students == ("Ada", "Ben", "M\ufffdller", "Zo\ufffd")
    for student in taken.students:
        assert list((course.folder("submitted") / student / "em").iterdir())


def test_an_archive_in_an_archive_is_told_with_what_to_do(tmp_path: Path) -> None:
    course = new_course(tmp_path / "course")
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        archive.writestr("moodle.zip", b"PK")
    run = command("collect", "tiny", "--course", course, "--zip", tmp_path / "class.zip")
    assert run.returncode == 2
    assert "it holds an archive itself, and that is the one to take" in run.stderr
    assert "unpacked-" not in run.stderr  # a folder of ours, which is gone


def test_82_a_link_as_the_only_entry_is_not_stepped_into(tmp_path: Path) -> None:
    course = init(tmp_path / "course")
    for student in ("ada", "bob"):
        (tmp_path / "elsewhere" / student).mkdir(parents=True)
        (tmp_path / "elsewhere" / student / "em.ipynb").write_text("{}")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "class").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CourseError, match="No notebooks"):
        from_directory(course, "em", tmp_path / "in")
    assert list(course.folder("submitted").iterdir()) == []


def test_82_what_cannot_be_read_does_not_replace_what_was_handed_in(tmp_path: Path) -> None:
    course = init(tmp_path / "course")
    for content in (b"{}", None):
        for student in ("ada", "bob"):
            path = tmp_path / "in" / student / "em.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            if content is None and student == "ada":
                path.unlink()
                path.symlink_to("/etc/passwd")
            else:
                path.write_bytes(b"{}")
        taken = from_directory(course, "em", tmp_path / "in")
    assert taken.students == ("bob",)
    assert any("stays" in note for note in taken.notes)
    assert course.notebook("submitted", "em", "ada").read_bytes() == b"{}"


AS_USER = """
import os, sys
from pathlib import Path
from autograder.course.directory import Course
from autograder.intake.folder import read_files
os.setresuid(65532, 65532, 65532)
root = Path(sys.argv[1])
print(Course(root).students("tiny"))
print(read_files(root / "submitted", ["eve", "tiny"]))
"""


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody who may not enter a folder")
def test_82_a_folder_that_may_not_be_entered_is_told_and_ends_nobody_elses_grading(tmp_path: Path) -> None:
    for student in ("ada", "eve"):
        (tmp_path / "submitted" / student / "tiny").mkdir(parents=True)
    for path in (tmp_path, *tmp_path.parents):
        if path.stat().st_uid == os.getuid() and path.name.startswith(("pytest", "test", "popen")):
            path.chmod(0o755)
    (tmp_path / "submitted" / "eve").chmod(0)
    program = [sys.executable, "-c", AS_USER, tmp_path]
    run = subprocess.run(program, capture_output=True, text=True, check=False)
    assert "('ada', 'eve')" in run.stdout, run.stderr
    assert "may not be entered" in run.stdout


def test_83_a_flood_of_blank_lines_is_searched_in_linear_time() -> None:
    limit = resource.getrlimit(resource.RLIMIT_CPU)
    spent = time.process_time()
    assert ASKED.search("\n" * 3_000_000) is None
    assert time.process_time() - spent < 5.0  # it took 20 s
    assert resource.getrlimit(resource.RLIMIT_CPU) == limit
    assert ASKED.search('x = 1\n  check("em.e_step", e_step)') is not None


@pytest.mark.parametrize("flood", ["\n", "\n ", " ", "\t", "1", "\n1 ", "\n1 a", "&", "U+"])
def test_83_what_came_with_copied_text_is_looked_for_in_linear_time(flood: str) -> None:
    """The grader itself looks, and nothing would end it."""
    spent = time.process_time()
    for pattern, _ in NO_PYTHON:
        re.search(pattern, f"SyntaxError: invalid\n{flood * (400_000 // len(flood))}|")
    assert time.process_time() - spent < 5.0  # of blank lines it took hours


def test_84_a_name_like_another_students_key_takes_nobodys_place() -> None:
    owners = [Owner("Ada Long", "123"), Owner("Ada Long", "124"), Owner("Ada Long 123"), Owner("Zoe", "5")]
    ids, _ = ids_of(owners, {})
    assert len(set(ids.values())) == len(owners)
    assert ids[owners[0]] == "Ada Long 123"
    later, _ = ids_of(owners, {owners[0].key: "Ada Long 123"})
    assert later[owners[0]] == "Ada Long 123"
    assert len(set(later.values())) == len(owners)


def test_84_a_name_that_differs_in_capitals_only_is_no_way_into_anothers_folder() -> None:
    """Some disks take one folder for the other: a Mac's, or Windows', as a container sees them."""
    ada, eve = Owner("Ada Long", "123", "moodle"), Owner("ada long", "666", "moodle")
    ids, (note,) = ids_of([ada, eve], {})
    assert ids == {ada: "Ada Long 123", eve: "ada long 666"}
    assert "Ada Long 123 and ada long 666" in note
    assert ids_of([eve], {ada.key: "Ada Long"})[0] == {eve: "ada long 666"}  # handed in later
    known = {ada.key: "ada", eve.key: "ADA"}  # two in the roster keep their ids
    assert ids_of([ada, eve], known, known) == ({ada: "ada", eve: "ADA"}, [])
    logins = [Owner("ada"), Owner("ADA")]  # nobody chooses those
    assert ids_of(logins, {}) == ({owner: owner.name for owner in logins}, [])


def test_84_two_hand_ins_that_differ_have_different_digests() -> None:
    one = digest_of([File("12.ipynb", b"{}")], "2026-11-")
    assert one != digest_of([File("2.ipynb", b"{}")], "2026-11-1")
    assert one != digest_of([File("12.ipynb", b"{}", "x")], "2026-11-")


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder to another account")
def test_85_a_folder_of_another_account_in_the_exchange_is_held_back_and_told(tmp_path: Path) -> None:
    course = new_course(tmp_path / "course")
    inbound = course / "exchange" / "course" / "inbound"
    for minute, uid in ((10, 0), (11, 1502)):
        folder = inbound / f"ada+tiny+2026-11-20 10:{minute}:00 UTC+x"
        folder.mkdir(parents=True)
        (folder / "tiny.ipynb").write_text("{}" if uid == 0 else '{"forged": 1}')
        (folder / "timestamp.txt").write_text(f"2026-11-20 10:{minute}:00 UTC")
        os.chown(folder, uid, uid)
    run = command("collect", "tiny", "--exchange", "--course", course)
    assert "belongs to the account" in run.stdout + run.stderr
    assert account_of(1502) in run.stdout + run.stderr
    submitted = course / "submitted" / "ada" / "tiny" / "tiny.ipynb"
    assert submitted.read_text() == "{}", run.stdout + run.stderr


def test_86_check_refuses_what_was_handed_in_and_imports_nothing_beside_a_notebook(tmp_path: Path) -> None:
    course = new_course(tmp_path / "course")
    path = hand_in(course, "eve", filled())
    run = command("check", path)
    assert run.returncode == 2
    assert "rights" in run.stderr
    own = tmp_path / "own" / "tiny.ipynb"
    own.parent.mkdir()
    own.write_bytes(path.read_bytes())
    for name in ("numpy", "IPython", "json", "autograder"):
        (own.parent / f"{name}.py").write_text("print('FOUND'); raise SystemExit(3)")
    run = command("check", own)
    assert "FOUND" not in run.stdout + run.stderr


def test_84_nbgrader_leaves_out_a_folder_whose_name_would_run_in_its_pages(tmp_path: Path) -> None:
    course = new_course(tmp_path / "course")
    hand_in(course, "ada", filled())
    hand_in(course, "<img src=x onerror=y>", filled())
    assert "Not graded" in nbgrader(course, "autograde", "tiny")
    assert [path.name for path in (course / "autograded").iterdir()] == ["ada"]


def test_a_course_whose_path_would_end_the_gradebooks_address_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="Choose another name"):
        init(tmp_path / "what?now")
    assert not (tmp_path / "what?now").exists()


def test_a_second_grading_at_the_same_time_is_told(tmp_path: Path) -> None:
    refused = pytest.raises(CourseError, match="Another grading")
    with files.only_here(tmp_path), refused, files.only_here(tmp_path):
        pass
    with files.only_here(tmp_path):
        pass


def test_in_a_latin_1_locale_a_polish_name_stops_neither_doctor_nor_a_collection(tmp_path: Path) -> None:
    course = new_course(tmp_path / "course")
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        archive.writestr("ada/tiny.ipynb", "{}")
        archive.writestr("Wałęsa/../x.ipynb", "{}")
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0", "LC_ALL": "C"}
    for words in (["doctor"], ["collect", "tiny", "--zip", tmp_path / "class.zip"]):
        program = [sys.executable, "-m", "autograder", *words, "--course", course]
        run = subprocess.run(program, capture_output=True, env=environment, check=False)
        assert b"Traceback" not in run.stderr, run.stderr
    assert run.returncode == 0, run.stderr
    assert (course / "submitted" / "ada").is_dir()
