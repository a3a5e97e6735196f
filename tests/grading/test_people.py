"""The roster: read from each system's table, extensions, and what it changes elsewhere."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from tests.support.courses import PROSE, command, filled, graded, hand_in, nbgrader, new_course

TABLES = {
    "participants": "First name,Last name,Email address,Username\nAda,Eins,ada@example.org,aei34\n",
    "worksheet": "Identifier,Full name,Email address,Grade\nParticipant 410002,Ada Eins,ada@example.org,\n",
    "canvas": "Student,ID,SIS User ID,SIS Login ID,Section,tiny (4711)\n    Points Possible,,,,,10\n"
    '"Eins, Ada",55502,S2,aei34,A,\n"Student, Test",9,,x,A,\n',
    "nbgrader": "id,first_name,last_name,email,lms_user_id\nada,Ada,Eins,ada@example.org,\n",
    "plain": "id;name;email\nada;Ada Eins;ada@example.org\n",
    "brightspace": "OrgDefinedId,Username,Last Name,First Name,Email,End-of-Line Indicator\n"
    "#4711,#aei34,Eins,Ada,ada@example.org,#\n",
    "github": '"identifier","github_username","github_id","name"\n"ada","aei-34","11","Ada Eins"\n',
}
IDS = {
    "participants": "aei34",
    "worksheet": "ada@example.org",
    "canvas": "aei34",
    "nbgrader": "ada",
    "plain": "ada",
    "brightspace": "aei34",
    "github": "ada",
}


def test_a_row_that_names_nobody_is_told_by_its_number(tmp_path: Path) -> None:
    course, table = new_course(tmp_path / "course"), tmp_path / "table.csv"
    table.write_text("id,name,remark\nada,Ada Eins,\n,,late\n", encoding="utf-8")
    done = command("people", "import", table, "--course", course)
    assert done.returncode == 2
    assert "row 3 names nobody: fill in who it is, or remove it." in done.stderr


@pytest.mark.parametrize("system", TABLES)
def test_each_systems_table_is_a_roster(system: str, tmp_path: Path) -> None:
    course, table = new_course(tmp_path / "course"), tmp_path / "table.csv"
    table.write_text("\ufeff" + TABLES[system], encoding="utf-8")
    for _ in range(2):  # a second time adds nobody
        done = command("people", "import", table, "--course", course)
        assert done.returncode == 0, done.stderr
        assert done.stdout.splitlines()[0] == "1 people read; 1 in the roster."
        assert ("--assignment NAME" in done.stdout) is (system == "worksheet")
    listed = command("people", "--course", course).stdout
    assert IDS[system] in listed
    assert "Ada Eins" in listed


def test_an_extension_holds_before_and_after_handing_in(tmp_path: Path) -> None:
    course, table = new_course(tmp_path / "course"), tmp_path / "table.csv"
    table.write_text("id,name\nada,Ada\nben,Ben\n", encoding="utf-8")
    nbgrader(course, "db", "assignment", "add", "tiny", "--duedate=2026-11-30 18:00 UTC")
    config = course / "nbgrader_config.py"
    config.write_text(
        config.read_text("utf-8") + "c.LateSubmissionPlugin.penalty_method = 'zero'\n", encoding="utf-8"
    )
    command("people", "import", table, "--course", course)
    early = command("people", "extend", "ada", "tiny", "--days", "2", "--course", course)
    assert early.stdout == "ada may hand tiny in until 2026-12-02 18:00 UTC.\n", early.stderr
    for name in ("ada", "ben"):
        folder = course / "submitted" / name / "tiny"
        folder.mkdir(parents=True)
        (folder / "tiny.ipynb").write_text(json.dumps(filled()), encoding="utf-8")
        (folder / "timestamp.txt").write_text("2026-12-01 18:00 UTC", encoding="utf-8")
    graded(course)
    assert final(course) == {"ada": 10.0, "ben": 0.0}
    late = command("people", "extend", "ben", "tiny", "--until", "2026-12-03 18:00 UTC", "--course", course)
    assert "Now type: autograder grade tiny" in late.stdout, late.stderr
    graded(course)
    assert final(course) == {"ada": 10.0, "ben": 10.0}


def test_whose_work_turns_out_to_be_somebody_else_s_counts_once_and_for_that_one(tmp_path: Path) -> None:
    course, table, archive = new_course(tmp_path / "course"), tmp_path / "table.csv", tmp_path / "tiny.zip"
    table.write_text("id,name,email\n17,Ada Long,a@example.org\n", encoding="utf-8")
    command("people", "import", table, "--course", course)
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("Zoe Long_9_assignsubmission_file/tiny.ipynb", json.dumps(filled(PROSE)))
    command("collect", "tiny", "--zip", archive, "--course", course)
    graded(course)
    unclear = course / "tiny-who.csv"
    unclear.write_text(unclear.read_text("utf-8").rstrip("\n") + "17\n", encoding="utf-8")
    taken = command("collect", "tiny", "--zip", archive, "--course", course)
    assert "nothing of" not in taken.stdout, taken.stdout
    graded(course)
    command("export", "tiny", "--format", "moodle", "--incomplete", "--course", course)
    lines = (course / "tiny-moodle.csv").read_text("utf-8").splitlines()
    assert [line.split(",")[:2] for line in lines[1:]] == [["Participant 9", "Ada Long"]]
    command("export", "tiny", "--incomplete", "--course", course)
    assert len((course / "tiny-csv.csv").read_text("utf-8").splitlines()) == 2
    assert command("return", "tiny", "--to", "moodle", "--course", course).stdout.startswith("1 pages: ")
    with zipfile.ZipFile(course / "tiny-feedback-moodle.zip") as opened:
        assert opened.namelist() == ["Zoe Long_9_assignsubmission_file_/tiny-feedback.html"]


def test_an_extension_before_handing_in_is_no_submission_and_says_nothing_else(tmp_path: Path) -> None:
    course, table = new_course(tmp_path / "course"), tmp_path / "table.csv"
    table.write_text("id,name\nada,Ada\nben,Ben\n", encoding="utf-8")
    nbgrader(course, "db", "assignment", "add", "tiny", "--duedate=2026-11-30 18:00 UTC")
    command("people", "import", table, "--course", course)
    early = command("people", "extend", "ada", "tiny", "--days", "2", "--course", course)
    assert (early.returncode, early.stderr) == (0, "")
    refused = command("people", "extend", "ada", "tiny", "--days", "-1", "--course", course)
    assert "2026-11-29 18:00:00 UTC lies before the due date" in refused.stderr
    hand_in(course, "ben", filled())
    graded(course)
    done = command("export", "tiny", "--format", "csv", "--course", course, "--incomplete")
    assert "note: tiny: blank, as nothing of theirs is graded: ada" in done.stdout, done.stderr
    lines = (course / "tiny-csv.csv").read_text(encoding="utf-8").splitlines()
    assert [line.split(",")[6] for line in lines[1:]] == ["no", "yes"]


def test_nbgrader_grades_who_has_an_extension_too(tmp_path: Path) -> None:
    course, table = new_course(tmp_path / "course"), tmp_path / "table.csv"
    table.write_text("id,name\nada,Ada\n", encoding="utf-8")
    nbgrader(course, "db", "assignment", "add", "tiny", "--duedate=2026-11-30 18:00 UTC")
    command("people", "import", table, "--course", course)
    command("people", "extend", "ada", "tiny", "--days", "2", "--course", course)
    hand_in(course, "ada", filled())
    nbgrader(course, "autograde", "tiny")
    assert final(course) == {"ada": 10.0}


def final(course: Path) -> dict[str, float]:
    from autograder.course.directory import open_course
    from autograder.record.rows import rows

    return {row.person.id: row.final for row in rows(open_course(course), "tiny")}
