"""The roster: read from each system's table, extensions, and what it changes elsewhere."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

import pytest

from autograder.collect.roster import merged, read_table
from autograder.course.errors import CourseError
from autograder.course.people import Known, Roster
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
GITHUB = (
    '"identifier","github_username","github_id","name"\n"ada@example.org","aei-34","11","A"\n"ben","","",""\n'
)
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


ENGLISH = "First name,Last name,Email address,Username\nJörg,Größe,j@example.org,jgr\n"
GERMAN = "Vorname;Nachname;E-Mail-Adresse;Anmeldename;Matrikelnummer\nJörg;Größe;j@example.org;jgr;0012345\n"
WORKSHEET = "ID,Vollständiger Name,E-Mail-Adresse,Status\nTeilnehmer/in 410001,Jörg Größe,j@example.org,\n"
SAVED = {
    "cp1252": ENGLISH.encode("cp1252"),
    "Unicode text": ENGLISH.replace(",", "\t").encode("utf-16"),
    "UTF-16 without a mark": ENGLISH.encode("utf-16-le"),
    "UTF-16 of a Mac": b"\xfe\xff" + ENGLISH.encode("utf-16-be"),
    "semicolons and a mark": ENGLISH.replace(",", ";").encode("utf-8-sig"),
    "Excel's line of the separator": b"sep=;\r\n" + ENGLISH.replace(",", ";").encode("cp1252"),
    "a title above": ("Participants, autumn\n\n" + ENGLISH).encode(),
    "German": GERMAN.encode("cp1252"),
    "German worksheet": WORKSHEET.encode("utf-8-sig"),
    "last name first": '"Name, Vorname";Kennung\n"Größe, Jörg";jgr\n'.encode(),
    "first name beside": "Name;Vorname;Matrikel\nGröße;Jörg;0012345\n".encode(),
    "a line break in a cell": 'id,name,remark\njgr,"Jörg\nGröße","a\nb"\n'.encode(),
    "French": "Prénom,Nom,Adresse de courriel\nJörg,Größe,j@example.org\n".encode(),
}


@pytest.mark.parametrize("way", SAVED)
def test_a_roster_is_read_as_spreadsheets_and_countries_save_it(way: str, tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_bytes(SAVED[way])
    table = read_table(tmp_path / "table.csv")
    (person,) = table.people
    assert person.name == "Jörg Größe"
    assert {person.id, person.username, person.email, person.id_number} & {"jgr", "j@example.org", "0012345"}
    assert table.participants == (("410001",) if way == "German worksheet" else ("",))
    assert ("If that is wrong, save it as CSV UTF-8" in table.note) is (
        b"J\xf6rg;" in SAVED[way] or way == "cp1252"
    )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04rest", "is a workbook, or another archive"),
        (b"", "There is: nothing."),
        (b"ada1,Ada Eins,a@example.org\n", "There is: ada1, Ada Eins, a@example.org. Write a title above"),
        (
            b"Identifier,Status,Grade\nParticipant 7,,\n",
            "When Moodle shows the names, download the worksheet",
        ),
        (b"id,name\n" + b"x" * 200_000, "save it as CSV"),
    ],
)
def test_a_table_that_names_nobody_is_told_with_what_is_in_it(
    content: bytes, words: str, tmp_path: Path
) -> None:
    (tmp_path / "table.csv").write_bytes(content)
    with pytest.raises(CourseError, match=re.escape(words)):
        read_table(tmp_path / "table.csv")


@pytest.mark.parametrize(
    ("again", "note"),
    [
        ("student_id;last_name;first_name;email;score\n12345;Eins;Ada;a@example.org;10,5\n;;;;\n", ""),
        ("id;name\n12345;Ada Eins\n", ""),
        ("Identifier;Full name;Email address;Grade\nParticipant 7;Ada Eins;a@example.org;10,5\n", ""),
        ("Student;ID;em (4)\n    Points Possible;;10\n;;\nEins, Ada;55;\nWeg, Eva;;\n", "Weg, Eva"),
    ],
)
def test_a_grade_table_that_a_spreadsheet_saved_is_no_roster_of_other_people(
    again: str, note: str, tmp_path: Path
) -> None:
    ada = Known("0012345", "Ada Eins", "Ada", "Eins", "a@example.org", canvas_id="55", id_number="0012345")
    (tmp_path / "again.csv").write_bytes(again.encode("cp1252"))
    table = read_table(tmp_path / "again.csv")
    roster = merged(Roster({ada.id: ada}), table.people, (), set())
    (person,) = roster.people.values()
    assert (person.id, person.name, person.id_number) == (ada.id, ada.name, ada.id_number)
    assert note in table.note


def test_two_people_with_one_address_are_two(tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text(
        "id,name,email\nada,Ada,x@example.org\nben,Ben,x@example.org\n", "utf-8"
    )
    roster = Roster()
    for _ in range(2):
        roster = merged(roster, read_table(tmp_path / "one.csv").people, (), set())
    assert list(roster.people) == ["ada", "ben"]


def test_classrooms_roster_adds_logins_to_people_who_are_known_by_another_key(tmp_path: Path) -> None:
    for number, text in enumerate((TABLES["participants"], GITHUB)):
        (tmp_path / f"{number}.csv").write_text(text, encoding="utf-8")
    first, second = (read_table(tmp_path / f"{number}.csv").people for number in range(2))
    roster = merged(merged(Roster(), first, (), set()), second, (), set())
    (ada, ben) = roster.people.values()
    assert (ada.id, ada.name, ada.username, ada.github) == ("aei34", "Ada Eins", "aei34", "aei-34")
    assert (ben.id, ben.github) == ("ben", "")


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
