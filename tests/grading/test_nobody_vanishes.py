"""Whoever is in an archive has a row, under the right name, with the right file."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from autograder.course.directory import open_course
from autograder.course.names import parse_time
from tests.support.courses import ONE_CENTRE, command, filled, graded, hand_in, new_course, release

FILES = "_assignsubmission_file_"


def collected(folder: Path, entries: dict[str, object]) -> tuple[Path, str]:
    course = new_course(folder / "course")
    with zipfile.ZipFile(folder / "x.zip", "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, json.dumps(content))
    done = command("collect", "tiny", "--course", course, "--zip", folder / "x.zip")
    assert done.returncode == 0, done.stderr
    return course, done.stdout


def test_who_hands_in_something_else_than_a_notebook_has_a_row_and_a_note(tmp_path: Path) -> None:
    course, said = collected(
        tmp_path,
        {
            f"Ada_101{FILES}/tiny.ipynb": filled(),
            f"Bea_102{FILES}/tiny.py": 1,
            f"Cem_103{FILES}/tiny.ipynb.txt": filled(),
            f"Dan_104{FILES}/.ipynb_checkpoints/tiny-checkpoint.ipynb": filled(),
            "Eva_105_assignsubmission_onlinetext_/onlinetext.html": 1,
            f"Fay_106{FILES}/tiny.json": filled(),
            f"Fay_106{FILES}/timestamp.txt": "2020-01-01 00:00 UTC",
        },
    )
    results = graded(course)
    assert {name: result["status"] for name, result in results.items()} == {
        "Ada": "graded",
        "Bea": "missing",
        "Cem": "graded",
        "Dan": "missing",
        "Eva": "missing",
        "Fay": "graded",
    }
    assert said.count("it is no notebook") == 3
    assert not list((course / "submitted").rglob("timestamp.txt"))


def test_the_row_says_what_was_handed_in_and_not_taken(tmp_path: Path) -> None:
    course = new_course(tmp_path / "course")
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr(f"Ada_101{FILES}/tiny.ipynb", json.dumps(filled()))
        archive.writestr(f"Bea_102{FILES}/tiny.ipynb", json.dumps(filled()))
    content = bytearray((tmp_path / "x.zip").read_bytes())
    content[content.rfind(b"PK\1\2") + 8] |= 1  # the last one is encrypted
    (tmp_path / "x.zip").write_bytes(content)
    for student in ("cem", "dan"):
        (tmp_path / "in" / student).mkdir(parents=True)
    (tmp_path / "in" / "cem" / "tiny.ipynb").symlink_to("/etc/passwd")
    for way in (("--zip", tmp_path / "x.zip"), ("--directory", tmp_path / "in")):
        assert command("collect", "tiny", "--course", course, *way).returncode == 0
    results = graded(course)
    assert {name: result["status"] for name, result in results.items()} == {
        "Ada": "graded",
        "Bea": "unreadable",
        "cem": "unreadable",
        "dan": "missing",
    }
    assert "tiny.ipynb: It was left out of the archive: it is encrypted." in results["Bea"]["message"]
    assert "tiny.ipynb: It is a link, not a file." in results["cem"]["message"]


def test_what_is_no_notebook_is_kept_and_named_but_does_not_replace_one(tmp_path: Path) -> None:
    course, _ = collected(tmp_path, {f"Ada_101{FILES}/tiny.ipynb": filled()})
    with zipfile.ZipFile(tmp_path / "again.zip", "w") as archive:
        archive.writestr(f"Ada_101{FILES}/tiny.html", "<html>jp-notebook</html>")
        archive.writestr(f"Bea_102{FILES}/tiny.html", "<html>jp-notebook</html>")
    assert command("collect", "tiny", "--course", course, "--zip", tmp_path / "again.zip").returncode == 0
    assert [path.name for path in (course / "submitted" / "Ada" / "tiny").iterdir()] == ["tiny.ipynb"]
    assert (course / "submitted" / "Bea" / "tiny" / "tiny.html").is_file()
    message = graded(course)["Bea"]["message"]
    assert "tiny.html: The file is the notebook as a web page (HTML)" in message
    assert "choose File › Download" in message


def test_in_a_flat_archive_of_canvas_too(tmp_path: Path) -> None:
    course, _ = collected(
        tmp_path,
        {
            "einsada_101_9001_tiny.ipynb": filled(),
            "zweibea_102_9002_tiny.py": 1,
            "dreicem_103_9003_text.html": 1,
            "vierdan_104_9004_tiny.ipynb.txt": filled(),
            "vierdan_104_9005_timestamp.txt": "2020-01-01 00:00 UTC",
            "fuenfeva_105_9006_timestamp.txt": "2020-01-01 00:00 UTC",
            "sechsfay_106_text.html": 1,  # what is typed in, as lib/content_zipper.rb of Canvas writes it
            "siebengil_LATE_107_link.html": 1,
            "anon_Ab12x_text.html": 1,
        },
    )
    places = {
        path.name: sorted(p.name for p in path.glob("tiny/*")) for path in (course / "submitted").iterdir()
    }
    assert places == {
        "anon_Ab12x": ["text.html"],
        "dreicem": ["text.html"],
        "einsada": ["tiny.ipynb"],
        "fuenfeva": [],
        "sechsfay": ["text.html"],
        "siebengil": ["link.html"],
        "vierdan": ["tiny.ipynb"],
        "zweibea": ["tiny.py"],
    }


@pytest.mark.parametrize("inner", ["tiny/tiny.ipynb", "tiny.ipynb"])
def test_one_student_alone_with_a_subfolder_keeps_the_name(inner: str, tmp_path: Path) -> None:
    course, _ = collected(tmp_path, {f"Ada Eins_101{FILES}/{inner}": filled()})
    assert [path.name for path in (course / "submitted").iterdir()] == ["Ada Eins"]


def test_of_the_versions_that_teams_keeps_the_last_counts(tmp_path: Path) -> None:
    place = "Submitted files/Ada/tiny/Version {}/tiny.ipynb"
    earlier = {place.format(number): release() for number in (1, 2, 9)}
    course, _ = collected(tmp_path, {**earlier, place.format(10): filled(), "Submitted files/Bea/x.ipynb": 1})
    counts = json.loads((course / "submitted" / "Ada" / "tiny" / "tiny.ipynb").read_text())
    assert counts == filled()


def test_google_classroom_s_copies_for_each_student_are_theirs(tmp_path: Path) -> None:
    names = ("Ada Eins - tiny.ipynb", "Bea Zwei - Copy of tiny.ipynb", "Cem Drei - tiny.ipynb.txt")
    course, _ = collected(tmp_path, dict.fromkeys(names, filled()))
    assert sorted(path.name for path in (course / "submitted").iterdir()) == [
        "Ada Eins",
        "Bea Zwei",
        "Cem Drei",
    ]


def test_one_folder_with_figures_beside_the_notebook_is_one_student(tmp_path: Path) -> None:
    course = new_course(tmp_path / "course")
    (tmp_path / "in" / "ada" / "figures").mkdir(parents=True)
    (tmp_path / "in" / "ada" / "tiny.ipynb").write_text(json.dumps(filled()), encoding="utf-8")
    assert command("collect", "tiny", "--course", course, "--directory", tmp_path / "in").returncode == 0
    assert [path.name for path in (course / "submitted").iterdir()] == ["ada"]


@pytest.mark.parametrize(
    ("names", "students", "note"),
    [
        (("ada.ipynb", "bea.ipynb"), ["ada", "bea"], "taken for 2 students'"),
        (("ada_tiny.ipynb", "bea_tiny.ipynb.txt"), ["ada", "bea"], "taken for 2 students'"),
        (("einsada_101_9001_tiny.ipynb", "zweibea_102_9002_tiny.ipynb"), ["einsada", "zweibea"], ""),
        (("tiny_final.ipynb", "backup.ipynb"), ["in"], ""),
        (("tiny.ipynb", "Untitled.ipynb"), ["in"], ""),
    ],
)
def test_a_folder_around_flat_notebooks_is_told_from_one_students_folder(
    names: tuple[str, ...], students: list[str], note: str, tmp_path: Path
) -> None:
    course, said = collected(tmp_path, {f"in/{name}": filled() for name in names})
    assert sorted(path.name for path in (course / "submitted").iterdir()) == students
    assert (note in said) if note else "taken for" not in said


def test_of_two_notebooks_in_a_flat_archive_the_assignments_own_is_graded(tmp_path: Path) -> None:
    course, _ = collected(
        tmp_path,
        {
            "einsada_101_9001_backup.ipynb": release(),
            "einsada_101_9002_tiny.ipynb": filled(),
            "zweibea_102_9003_tiny.ipynb": filled(),
        },
    )
    scores = {name: result["score"] for name, result in graded(course).items()}
    assert scores == {"einsada": 10, "zweibea": 10}


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_a_name_without_a_flag_for_its_encoding_is_read(encoding: str, tmp_path: Path) -> None:
    name, place = "Jörg", tmp_path / "x.zip"
    stand_in = "J" + "@" * len("ö".encode(encoding)) + "rg"
    with zipfile.ZipFile(place, "w") as archive:
        for who, number in ((stand_in, 101), ("Ada", 102)):
            archive.writestr(f"{who}_{number}{FILES}/tiny.ipynb", json.dumps(filled()))
    place.write_bytes(place.read_bytes().replace(stand_in.encode(), name.encode(encoding)))
    course = new_course(tmp_path / "course")
    assert command("collect", "tiny", "--course", course, "--zip", place).returncode == 0
    assert sorted(path.name for path in (course / "submitted").iterdir()) == ["Ada", "Jörg"]


@pytest.mark.parametrize(
    ("stamp", "utc"),
    [
        ("2026-12-01 09:30 UTC", "2026-12-01 09:30:00"),
        ("2026-11-30 18:30 MEZ", "2026-11-30 17:30:00"),
        ("2026-11-30T18:30:00-05:00", "2026-11-30 23:30:00"),
        ("2026-12-01 09:30:00.123456 UTC", None),
        ("01.12.2026 09:30", ""),
        ("1. Dezember 2026 09:30", ""),
        ("gestern", ""),
        ("12/01/2026 09:30 UTC", ""),
        ("2026-02-30 09:30 UTC", ""),
        ("2026-12-01 09:30 EST", ""),
        ("Tuesday, 1 December 2026, 9:30 AM", ""),
        ("Tuesday, 1 December 2026, 9:30 PM UTC", "2026-12-01 21:30:00"),
        ("Dec 1, 2026 at 9:30am GMT", "2026-12-01 09:30:00"),
        ("Tue, 01 Dec 2026 10:30:00 +0100", "2026-12-01 09:30:00"),
        ("1. Dezember 2026 um 10:30 Uhr MEZ", "2026-12-01 09:30:00"),
        ("2026-06-01 09:30 Europe/Berlin", "2026-06-01 07:30:00"),
        ("2026-12-01 09:30 XYZ", ""),
        ("2026-12-01 09:30 +0100", "2026-12-01 08:30:00"),
    ],
)
def test_a_time_is_read_with_its_zone_or_not_at_all(stamp: str, utc: str | None) -> None:
    found = parse_time(stamp)
    assert (found is not None) if utc is None else (str(found or "") == utc)


def test_a_time_that_cannot_be_read_is_a_question_and_stops_nobody_else(tmp_path: Path) -> None:
    course, _ = collected(tmp_path, {"ada/tiny.ipynb": filled(), "ben/tiny.ipynb": filled()})
    stamp = course / "submitted" / "ada" / "tiny" / "timestamp.txt"
    stamp.write_text("01.12.2026 09:30", encoding="utf-8")
    done = command("grade", "tiny", "--course", course)
    assert done.returncode == 1, done.stderr
    assert 'ada: When was this handed in? Not graded: "01.12.2026 09:30" leaves the day' in done.stdout
    assert command("export", "tiny", "--course", course, "--incomplete").returncode == 0
    rows = (course / "tiny-csv.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert [row.split(",")[1] for row in rows if ",yes," in row] == ["ben"]
    stamp.write_text("2026-12-01 09:30 UTC", encoding="utf-8")
    assert graded(course)["ada"]["score"] == 10.0


def test_the_books_address_is_a_setting_of_the_course_and_feedback_links_there(tmp_path: Path) -> None:
    course = new_course(tmp_path / "course")
    config = course / "nbgrader_config.py"
    address = "c.Autograder.book = 'https://example.org/gmm'\n"
    config.write_text(config.read_text("utf-8") + address, encoding="utf-8")
    hand_in(course, "ada", filled(ONE_CENTRE))
    graded(course)
    assert command("feedback", "tiny", "--course", course).returncode == 0
    page = (course / "feedback" / "ada" / "tiny" / "tiny.html").read_text(encoding="utf-8")
    assert 'href="https://example.org/gmm/' in page
    made = command("init", tmp_path / "fall", "--book", "https://example.org/gmm")
    assert made.returncode == 0, made.stderr
    assert open_course(tmp_path / "fall").settings.book == "https://example.org/gmm"
