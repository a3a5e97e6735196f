"""From a system's archive to its own import: importers written after Moodle's and Canvas' published rules."""

from __future__ import annotations

import csv
import json
import unicodedata
import zipfile
from pathlib import Path

import pytest

from autograder.course.directory import open_course
from autograder.record.by_hand import give
from tests.support.courses import ONE_CENTRE, PROSE, command, filled, graded, hand_in, new_course
from tests.support.moodle import CancelledError, User, import_grades, import_worksheet

MOODLE = {"Jörg Größe": "410001", "Ada Eins": "410002"}
CANVAS = {"größejörg": "55501", "einsada": "55502"}


def archive(path: Path, names: list[str]) -> Path:
    with zipfile.ZipFile(path, "w") as written:
        for name in names:
            written.writestr(name, json.dumps(filled()))
    return path


def exported(course: Path, system: str, *more: str) -> list[dict[str, str]]:
    graded(course)
    done = command("export", "tiny", "--course", course, "--format", system, "--incomplete", *more)
    assert done.returncode == 0, done.stderr
    with (course / f"tiny-{system}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_line_of_the_grading_worksheet_finds_its_participant(tmp_path: Path) -> None:
    course = new_course(tmp_path / "course")
    names = [f"{name}_{number}_assignsubmission_file_/tiny.ipynb" for name, number in MOODLE.items()]
    done = command("collect", "tiny", "--course", course, "--zip", archive(tmp_path / "m.zip", names))
    assert done.returncode == 0, done.stderr
    # mod/assign/feedback/offline/importgradeslib.php: "Participant <number>" alone decides
    lines = exported(course, "moodle")
    found = {row["Identifier"].removeprefix("Participant "): row["Grade"] for row in lines}
    assert found == dict.fromkeys(MOODLE.values(), "10")


def test_every_line_of_the_gradebook_upload_finds_its_canvas_user(tmp_path: Path) -> None:
    course = new_course(tmp_path / "course")
    table = tmp_path / "gradebook.csv"
    table.write_text(
        "Student,ID,SIS User ID,SIS Login ID,Section,tiny (4711)\n    Points Possible,,,,,10\n"
        '"Größe, Jörg",55501,S1,jgr12,A,\n"Eins, Ada",55502,S2,aei34,A,\n"Weg, Eva",55503,S3,ewe56,A,\n',
        encoding="utf-8",
    )
    assert command("people", "import", table, "--course", course).returncode == 0
    names = [f"{name}_{number}_900{number[-1]}_tiny.ipynb" for name, number in CANVAS.items()]
    done = command("collect", "tiny", "--course", course, "--zip", archive(tmp_path / "c.zip", names))
    assert "nothing of 1 of the class: ewe56" in done.stdout, done.stderr
    lines = [row for row in exported(course, "canvas") if "Points Possible" not in row["Student"]]
    # lib/gradebook_importer.rb: the ID column first; the column's title ends with the assignment's number
    assert {row["ID"]: row["tiny (4711)"] for row in lines} == {"55501": "10", "55502": "10", "55503": ""}
    assert sorted(path.name for path in (course / "submitted").iterdir()) == ["aei34", "jgr12"]


def test_without_a_roster_canvas_is_served_by_the_archives_numbers(tmp_path: Path) -> None:
    course = new_course(tmp_path / "course")
    names = [f"{name}_{number}_9001_tiny.ipynb" for name, number in CANVAS.items()]
    command("collect", "tiny", "--course", course, "--zip", archive(tmp_path / "c.zip", names))
    assert {row["ID"] for row in exported(course, "canvas")[1:]} == set(CANVAS.values())


def test_a_name_in_composed_and_decomposed_letters_is_one_person(tmp_path: Path) -> None:
    course = new_course(tmp_path / "course")
    name = "Jörg_410001_assignsubmission_file_/tiny.ipynb"
    for form in ("NFC", "NFD"):
        path = archive(tmp_path / f"{form}.zip", [unicodedata.normalize(form, name)])
        assert command("collect", "tiny", "--course", course, "--zip", path).returncode == 0
    assert len(list((course / "submitted").iterdir())) == 1


def test_nothing_is_exported_while_written_answers_wait(tmp_path: Path) -> None:
    course = new_course(tmp_path / "course")
    command("collect", "tiny", "--course", course, "--zip", archive(tmp_path / "x.zip", ["ada/tiny.ipynb"]))
    graded(course)
    done = command("export", "tiny", "--course", course)
    assert done.returncode == 2
    assert "tiny ada" in done.stderr
    assert not list(course.glob("*.csv"))


@pytest.mark.parametrize(
    ("system", "collected", "returned"),
    [
        (
            "moodle",
            "Ada Eins_410002_assignsubmission_file_/tiny.ipynb",
            "Ada Eins_410002_assignsubmission_file_/tiny-feedback.html",
        ),
        ("canvas", "einsada_55502_9002_tiny.ipynb", "einsada_55502_9002_tiny-feedback.html"),
        ("folder", "ada/tiny.ipynb", "ada/tiny-feedback.html"),
    ],
)
def test_feedback_goes_back_under_the_name_that_the_system_gave(
    system: str, collected: str, returned: str, tmp_path: Path
) -> None:
    course = new_course(tmp_path / "course")
    command("collect", "tiny", "--course", course, "--zip", archive(tmp_path / "x.zip", [collected]))
    graded(course)
    done = command("return", "tiny", "--to", system, "--course", course)
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(course / f"tiny-feedback-{system}.zip") as written:
        assert written.namelist() == [returned]
        assert b"tiny: feedback for" in written.read(returned)
    assert command("return", "tiny", "--to", "exchange", "--course", course).returncode == 2


def test_a_grading_worksheet_alone_brings_grades_and_pages_back_to_moodle(tmp_path: Path) -> None:
    course, table = new_course(tmp_path / "course"), tmp_path / "worksheet.csv"
    lines = [f"Participant {number},{name},{number}@example.org,,," for name, number in MOODLE.items()]
    table.write_text(
        "\n".join(["Identifier,Full name,Email address,Grade,Maximum Grade,Last modified (grade)", *lines]),
        encoding="utf-8",
    )
    taken = command("people", "import", table, "--assignment", "tiny", "--course", course)
    assert "2 participants of tiny" in taken.stdout, taken.stderr
    folder = tmp_path / "by-mail"
    folder.mkdir()
    (folder / "Ada Eins.ipynb").write_text(json.dumps(filled()), encoding="utf-8")
    assert command("collect", "tiny", "--directory", folder, "--course", course).returncode == 0
    exported(course, "moodle")
    text = (course / "tiny-moodle.csv").read_text(encoding="utf-8")
    assert import_worksheet(text, set(MOODLE.values())) == {MOODLE["Ada Eins"]: 10.0}
    done = command("return", "tiny", "--to", "moodle", "--course", course)
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(course / "tiny-feedback-moodle.zip") as written:
        assert written.namelist() == ["Ada Eins_410002_assignsubmission_file_/tiny-feedback.html"]


USERS = [
    User(7, "ae17", "ada@example.org", "S1"),
    User(8, "bz18", "ben@example.org"),
    User(9, "cw19", "cleo@example.org", "S3"),
]


@pytest.fixture(scope="module")
def in_moodle(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A course with Moodle's roster: two handed in, cleo did not, and a stranger is in no roster."""
    folder = tmp_path_factory.mktemp("moodle")
    course = new_course(folder / "course")
    table = folder / "participants.csv"
    lines = [f"Name{user.id},Last,{user.username},{user.idnumber},{user.email}" for user in USERS]
    table.write_text(
        "\n".join(["First name,Last name,Username,ID number,Email address", *lines]), encoding="utf-8"
    )
    assert command("people", "import", table, "--course", course).returncode == 0
    known = json.loads((course / ".autograder" / "people.json").read_text(encoding="utf-8"))["people"]
    ids = {person["username"]: person["id"] for person in known}
    hand_in(course, ids["ae17"], filled(PROSE))
    hand_in(course, ids["bz18"], filled({**PROSE, **ONE_CENTRE}))
    hand_in(course, "stranger", filled())
    results = graded(course)
    assert results[ids["bz18"]]["score"] == 7.5
    done = command("export", "tiny", "--course", course, "--format", "moodle", "--incomplete")
    assert done.returncode == 0, done.stderr
    (note,) = [line for line in done.stdout.splitlines() if "left out" in line]
    assert note.endswith(": stranger")
    return course, (course / "tiny-moodle.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize("new_item", [False, True])
@pytest.mark.parametrize("mapped", ["Username", "Email address"])
def test_moodles_grade_import_takes_everybody_in_and_no_grade_is_no_zero(
    in_moodle: tuple[Path, str], mapped: str, new_item: bool
) -> None:
    taken = import_grades(in_moodle[1], USERS, mapped, "tiny", new_item)
    assert taken == {7: 10.0, 8: 7.5, 9: None}


def test_no_column_of_the_grade_import_can_be_mapped_wrongly(in_moodle: tuple[Path, str]) -> None:
    """By a key that ben lacks, ben's grade would go to ada, who stands before him."""
    assert "ID number" not in in_moodle[1].splitlines()[0]


def test_the_importer_written_after_moodles_rules_cancels_as_moodle_does() -> None:
    table = "Username,ID number,tiny\nae17,S1,1\nbz18,,2\n"
    assert import_grades(table, USERS, "ID number", "tiny") == {7: 2.0}
    with pytest.raises(CancelledError):
        import_grades(table + "nobody,,3\n", USERS, "Username", "tiny")
    assert import_grades("Username,tiny\nae17,\n", USERS, "Username", "tiny", new_item=True) == {7: 0.0}


WORKSHEET = "Identifier,Full name,Email address,Grade,Last modified (grade)\n" + "".join(
    f"Participant {number},{name},{name[0].lower()}@example.org,,-\n"
    for number, name in ((90001, "Ada Eins"), (90002, "Bea Zwei"), (4711, "Cem Drei"))
)
ROSTER = "id,name,email\n" + "".join(
    f"{name[0].lower()},{name},{name[0].lower()}@example.org\n"
    for name in ("Ada Eins", "Bea Zwei", "Cem Drei")
)


def in_class(folder: Path, *names: str) -> tuple[Path, Path]:
    """A course with a roster, and an archive of Moodle's that has been collected."""
    course, path = (
        new_course(folder / "course"),
        archive(folder / "m.zip", [f"{name}/tiny.ipynb" for name in names]),
    )
    (folder / "roster.csv").write_text(ROSTER, encoding="utf-8")
    (folder / "worksheet.csv").write_text(WORKSHEET, encoding="utf-8")
    for typed in (("people", "import", folder / "roster.csv"), ("collect", "tiny", "--zip", path)):
        assert command(*typed, "--course", course).returncode == 0
    return course, path


def answer(course: Path, path: Path, **students: str) -> str:
    lines = [f"{found.replace('_', ' ')},{told}\n" for found, told in students.items()]
    (course / "tiny-who.csv").write_text("found,student\n" + "".join(lines), encoding="utf-8")
    done = command("collect", "tiny", "--zip", path, "--course", course)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_groups_grade_and_page_go_to_each_member_and_never_to_the_participant_of_its_number(
    tmp_path: Path,
) -> None:
    course, path = in_class(tmp_path, "Group 1_4711_assignsubmission_file_")
    answer(course, path, Group_1_4711="a; b")
    assert "Participant" not in str(exported(course, "moodle"))
    taken = command(
        "people", "import", tmp_path / "worksheet.csv", "--assignment", "tiny", "--course", course
    )
    assert taken.returncode == 0, taken.stderr
    exported(course, "moodle")
    text = (course / "tiny-moodle.csv").read_text(encoding="utf-8")
    assert import_worksheet(text, {"90001", "90002", "4711"}) == {"90001": 10.0, "90002": 10.0}
    assert command("return", "tiny", "--to", "moodle", "--course", course).returncode == 0
    with zipfile.ZipFile(course / "tiny-feedback-moodle.zip") as written:
        assert [name.split("_")[1] for name in written.namelist()] == ["90001", "90002"]


def test_points_by_hand_follow_the_work_when_moodle_shows_whose_it_is(tmp_path: Path) -> None:
    names = [f"Participant_{number}_assignsubmission_file_" for number in (90001, 90002)]
    course, path = new_course(tmp_path / "course"), tmp_path / "m.zip"
    with zipfile.ZipFile(path, "w") as written:
        for name in names:
            written.writestr(f"{name}/tiny.ipynb", json.dumps(filled(PROSE)))
    (tmp_path / "worksheet.csv").write_text(WORKSHEET, encoding="utf-8")
    assert command("collect", "tiny", "--zip", path, "--course", course).returncode == 0
    graded(course)
    give(open_course(course), "tiny", "why", {"Participant 90001": 5.0, "Participant 90002": 3.0}, "good")
    exported(course, "moodle")
    text = (course / "tiny-moodle.csv").read_text(encoding="utf-8")
    assert import_worksheet(text, {"90001", "90002"}) == {"90001": 15.0, "90002": 13.0}
    command("people", "import", tmp_path / "worksheet.csv", "--assignment", "tiny", "--course", course)
    said = command("collect", "tiny", "--zip", path, "--course", course).stdout
    assert "points by hand go with the work. Now type: autograder grade tiny" in said
    lines = {line["student_id"]: line["score"] for line in exported(course, "csv")}
    assert lines == {"a@example.org": "15", "b@example.org": "13", "c@example.org": ""}


def test_an_answer_put_right_takes_the_grade_from_the_one_who_was_named_by_mistake(tmp_path: Path) -> None:
    course, path = in_class(
        tmp_path, *(f"{who}_assignsubmission_file_" for who in ("Zoe_90001", "Bea Zwei_90002"))
    )
    answer(course, path, Zoe_90001="c")
    assert {line["student_id"]: line["score"] for line in exported(course, "csv")} == {
        "a": "",
        "b": "10",
        "c": "10",
    }
    assert "c is a" in answer(course, path, Zoe_90001="a")
    assert command("export", "tiny", "--course", course, "--incomplete").returncode == 0
    with (course / "tiny-csv.csv").open(encoding="utf-8") as file:
        assert {line["student_id"]: line["score"] for line in csv.DictReader(file)}["c"] == ""
    assert {line["student_id"]: line["score"] for line in exported(course, "csv")} == {
        "a": "10",
        "b": "10",
        "c": "",
    }
    hand_in(course, "c", filled())
    assert {line["student_id"]: line["score"] for line in exported(course, "csv")}["c"] == "10"
