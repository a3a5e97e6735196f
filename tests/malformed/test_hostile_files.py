"""Attacks on the records and on the trusted side by bytes: lines 38 to 47 and 65 to 70 of the attacks.

Wrong submissions with a trick applied, graded in one batch with honest ones before and after. The number is
the line's.
"""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.course.release import load
from autograder.intake import reader, submission
from autograder.reports import tables
from tests.support.courses import (
    QUESTIONS,
    cell_of,
    code,
    command,
    filled,
    graded,
    hand_in,
    nbgrader,
    new_course,
    release,
    released,
    scores,
)

Results = dict[str, dict[str, Any]]
HONEST = ("000 before", "999 after")
WRONG = {
    "moments": "def moments(X):\n    return 0, 0",
    "scaled": "def scaled(X, centre, spread):\n    return 0",
    "standardise": "def standardise(X):\n    return 0",
}
TABLES = f"<script>{tables.script()}</script>".lower()  # our own, for sorting
SCRIPT = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
ATTACKS: dict[str, tuple[Callable[[Path], object], str]] = {}


def attack(number: int, status: str = "graded") -> Callable[[Any], Any]:
    """Registers a function that puts a hostile submission into the course, for the student of its name."""

    def register(make: Callable[[Path, str], object]) -> Callable[[Path, str], object]:
        student = f"{number:03d} {make.__name__}"
        ATTACKS[student] = (lambda course: make(course, student), status)
        return make

    return register


def wrong() -> dict[str, Any]:
    return filled(WRONG)


@attack(38)
def ships_a_gradebook_and_results(course: Path, student: str) -> None:
    hand_in(course, student, wrong())
    for name in ("gradebook.db", "result.json", "tiny.html", "nbgrader_config.py", "gmmlib.py", "numpy.py"):
        hand_in(course, student, b"raise SystemExit", name)


@attack(38)
def writes_records_while_graded(course: Path, student: str) -> None:
    notebook = wrong()
    source = (
        "import pathlib\n"
        "for name in ('../../../gradebook.db', '/tmp/gradebook.db', '../../../.autograder/seed'):\n"
        "    try:\n        pathlib.Path(name).write_bytes(b'10')\n    except OSError:\n        pass"
    )
    notebook["cells"].insert(1, code(source))
    hand_in(course, student, notebook)


@attack(39)
def changes_points_and_flags(course: Path, student: str) -> None:
    notebook = wrong()
    for cell in notebook["cells"]:
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"] |= {"points": 1000, "grade": True, "locked": False, "checksum": "0"}
    hand_in(course, student, notebook)


@attack(40)
def deletes_check_cells(course: Path, student: str) -> None:
    notebook = wrong()
    notebook["cells"] = [c for c in notebook["cells"] if "check(" not in c["source"]]
    hand_in(course, student, notebook)


@attack(40)
def duplicates_and_retypes_check_cells(course: Path, student: str) -> None:
    notebook = wrong()
    check = cell_of(notebook, "moments-check")
    notebook["cells"] += [{**check, "source": "10.0"}, {**check, "cell_type": "markdown", "source": "10.0"}]
    check |= {"cell_type": "markdown", "source": "full points, please"}
    hand_in(course, student, notebook)


@attack(40)
def strips_all_metadata(course: Path, student: str) -> None:
    notebook = wrong()
    for cell in notebook["cells"]:
        cell["metadata"] = {}
    hand_in(course, student, notebook)


@attack(41)
def claims_another_student_and_time(course: Path, student: str) -> None:
    notebook = wrong()
    notebook["metadata"] |= {"student": HONEST[0], "nbgrader": {"student_id": HONEST[0]}}
    hand_in(course, student, notebook)
    hand_in(course, student, b"\x00\xff not a time" * 99, "timestamp.txt")


@attack(42)
def leaves_while_graded(course: Path, student: str) -> None:
    leave = "def moments(*inputs):\n    import os\n    os._exit(0)"
    kill = "def scaled(*inputs):\n    import os, signal\n    os.kill(os.getpid(), signal.SIGKILL)"
    end = "def standardise(*inputs, **others):\n    raise SystemExit(0)"
    hand_in(course, student, filled({"moments": leave, "scaled": kill, "standardise": end}))


@attack(44, "unreadable")
def symbolic_link(course: Path, student: str) -> None:
    honest = hand_in(course, HONEST[0], filled())
    path = hand_in(course, student, b"")
    path.unlink()
    path.symlink_to(honest)


@attack(44, "unreadable")
def hard_link(course: Path, student: str) -> None:
    source = course / "source" / "tiny" / "tiny.ipynb"
    path = hand_in(course, student, b"")
    path.unlink()
    path.hardlink_to(source)


@attack(44, "unreadable")
def hard_link_to_another_student(course: Path, student: str) -> None:
    path = hand_in(course, student, b"")
    path.unlink()
    path.hardlink_to(course / "submitted" / HONEST[0] / "tiny" / "tiny.ipynb")


@attack(45)
def scripts_everywhere(course: Path, student: str) -> None:
    link = "\n\n[click](javascript:alert(1)) $\\href{javascript:x}{y}$"
    notebook = filled({**WRONG, "why": SCRIPT + link})
    notebook["cells"].insert(0, {"cell_type": "markdown", "source": SCRIPT, "metadata": {}, "id": "s"})
    notebook["cells"].insert(1, code(f"print({SCRIPT!r})\nraise ValueError({SCRIPT!r})"))
    shown = {"output_type": "display_data", "data": {"text/html": SCRIPT}, "metadata": {}}
    notebook["cells"][1]["outputs"] = [shown]
    hand_in(course, student, notebook)


@attack(47)
def terminal_escapes(course: Path, student: str) -> None:
    notebook = wrong()
    notebook["cells"].insert(0, code("print('\\x1b]0;owned\\x07\\x1b[2J')"))
    notebook["nbformat"] = "\x1b[2J"
    hand_in(course, student, notebook)


@attack(65, "unreadable")
def json_nested_deep(course: Path, student: str) -> None:
    hand_in(course, student, b'{"cells": ' + b"[" * 100_000 + b"]" * 100_000 + b"}")


@attack(65)
def odd_numbers_and_characters(course: Path, student: str) -> None:
    notebook = wrong()
    notebook["cells"].insert(0, code("x = '\ud800 \x00'"))
    text = json.dumps(notebook)
    odd = '"nbformat_minor": 5, "nbformat": 4, "big": ' + "9" * 5000 + ', "n": NaN'
    text = text.replace('"nbformat_minor": 5', odd, 1)
    hand_in(course, student, text.encode())


@attack(65)
def a_picture_named_with_half_a_letter(course: Path, student: str) -> None:
    notebook = wrong()
    damaged = {"image/png": "AAAA"}  # so that it is named
    cell_of(notebook, "why")["attachments"] = {"\ud800.png": damaged}
    hand_in(course, student, json.dumps(notebook).encode())


@attack(66, "unreadable")
def fifo(course: Path, student: str) -> None:
    path = hand_in(course, student, b"")
    path.unlink()
    os.mkfifo(path)


@attack(66, "unreadable")
def sparse_terabyte(course: Path, student: str) -> None:
    path = hand_in(course, student, b"")
    with path.open("wb") as file:
        file.truncate(1 << 40)


@attack(66)
def a_file_name_that_is_no_utf_8(course: Path, student: str) -> None:
    path = hand_in(course, student, b"")
    path.unlink()
    name = os.fsdecode(b"bad\xff\x1b.ipynb")
    hand_in(course, student, wrong(), name)
    hand_in(course, student, b"{}", "other" + name)


@attack(66)
def an_error_that_is_no_utf_8(course: Path, student: str) -> None:
    hand_in(course, student, filled({**WRONG, "standardise": "raise ValueError('\ud800')"}))


@attack(67)
def source_that_kills_the_parser(course: Path, student: str) -> None:
    notebook = wrong()
    notebook["cells"].insert(0, code("x = " + "(" * 50_000 + ")" * 50_000))
    notebook["cells"].insert(0, code("-" * 100_000 + "1"))
    hand_in(course, student, notebook)


@attack(68)
def markdown_that_explodes(course: Path, student: str) -> None:
    bomb = "[" * 20_000 + "*a " * 20_000 + "\\def\\a{\\a\\a}$\\a$" + "<svg>" * 5_000
    hand_in(course, student, filled({**WRONG, "why": bomb}))


@attack(81)
def a_note_for_every_line(course: Path, student: str) -> None:
    notebook = wrong()
    lines = "".join(f"    imread('{number}')\n" for number in range(50_000))
    notebook["cells"] += [{"cell_type": str(number)} for number in range(1000)]
    notebook["cells"].append(code(f"if False:\n{lines}"))
    hand_in(course, student, notebook)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = new_course(tmp_path_factory.mktemp("hostile") / "course")
    for student in HONEST:
        path = hand_in(folder, student, filled())
    (tmp_path_factory.mktemp("backup") / "tiny.ipynb").hardlink_to(path)  # as rsnapshot and cp -l make it
    for make, _ in ATTACKS.values():
        make(folder)
    return folder


@pytest.fixture(scope="module")
def results(course: Path) -> dict[str, dict[str, Any]]:
    return graded(course)


@pytest.mark.parametrize("student", ATTACKS)
def test_an_attack_earns_nothing_and_has_a_defined_end(student: str, results: Results) -> None:
    assert results[student]["status"] == ATTACKS[student][1]
    assert scores(results[student]) == dict.fromkeys(QUESTIONS, 0.0)


@pytest.mark.parametrize("student", HONEST)
def test_honest_submissions_beside_attacks_keep_their_points(
    student: str, results: dict[str, dict[str, Any]]
) -> None:
    assert scores(results[student]) == QUESTIONS


def test_a_folder_whose_name_is_nobody_s_costs_the_others_nothing(tmp_path: Path) -> None:
    course = new_course(tmp_path / "course")
    names = ["<b>", os.fsdecode(b"bad\xff"), "x" * 250]
    for student in ("ada", *names):
        hand_in(course, student, filled() if student == "ada" else b"{}")
    for _ in range(2):  # graded, and unchanged
        results = graded(course)
        assert results.pop("ada")["score"] == 10.0
        assert len(results) == len(names)
        for result in results.values():
            assert (result["status"], result["score"], len(result["questions"])) == ("unreadable", 0.0, 3)
            assert "Rename the folder" in result["message"]
    assert command("grade", "tiny", "--course", course).returncode == 1


def test_a_student_does_not_decide_how_long_the_pages_are(results: Results) -> None:
    repairs = results["081 a_note_for_every_line"]["repairs"]
    assert "and 50920 more of these kinds" in repairs
    assert len(repairs) < 100


def test_nothing_a_student_wrote_becomes_markup_in_any_page(course: Path, results: Results) -> None:
    for name in ("feedback", "report"):
        assert command(name, "tiny", "--course", course).returncode == 0
    pages = [*course.glob("feedback/*/tiny/tiny.html"), course / "report" / "tiny.html"]
    assert len(pages) == len(results) + 1
    for page in pages:
        text = page.read_text(encoding="utf-8").lower().replace(TABLES, "")
        assert "<script" not in text
        assert "<img" not in text
        assert 'href="javascript' not in text


def test_the_autograded_notebook_holds_text_only(course: Path, results: dict[str, dict[str, Any]]) -> None:
    path = course / "autograded" / "045 scripts_everywhere" / "tiny" / "tiny.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        assert not {"attachments"} & cell.keys()
        if cell["cell_type"] == "markdown" and "owned" in cell["source"]:
            assert "<script" not in cell["source"]
            assert "](javascript:" not in cell["source"]
            assert "\\href" not in cell["source"]
        for output in cell.get("outputs", []):
            assert output["output_type"] in ("stream", "error", "execute_result")
            assert set(output.get("data", {"text/plain": ""})) == {"text/plain"}


def test_no_escape_sequence_reaches_the_terminal_or_the_results(course: Path, results: Results) -> None:
    run = command("grade", "tiny", "--course", course)
    assert "\x1b" not in run.stdout + run.stderr
    path = course / "autograded" / "047 terminal_escapes" / "tiny" / "tiny.ipynb"
    notebook = path.read_text(encoding="utf-8")
    assert "\\u001b" not in notebook


# --------------------------------------------------------------------------- nbgrader's own commands


def test_nothing_that_a_student_ships_or_links_to_gets_through_nbgrader_into_feedback(tmp_path: Path) -> None:
    course = new_course(tmp_path / "course")
    path = hand_in(course, "eve", filled())
    (path.parent / "steal.html").symlink_to("../../../.autograder/seed")
    for name in ("numpy.py", "nbgrader_config.py", "page.html", "sub/page.html", "points.csv"):
        hand_in(course, "eve", b"raise SystemExit", name)
    hand_in(course, "eve", b"2026-11-20 10:00:00 UTC", "timestamp.txt")
    hand_in(course, "eve", b"secret", "submission_secret.txt")
    assert "steal.html" in nbgrader(course, "autograde", "tiny")
    nbgrader(course, "generate_feedback", "tiny")
    nbgrader(course, "release_feedback", "tiny")
    ours = {"tiny.ipynb", "points.csv", "timestamp.txt", "submission_secret.txt"}
    autograded, feedback = (course / name / "eve" / "tiny" for name in ("autograded", "feedback"))
    assert {item.name for item in autograded.iterdir()} == ours
    assert {item.name for item in feedback.iterdir()} == ours ^ {"tiny.ipynb", "tiny.html"}
    assert b"raise" not in (autograded / "points.csv").read_bytes()
    assert len([item for item in (course / "exchange").rglob("*") if item.is_file()]) == 1
    seed = (course / ".autograder" / "seed").read_bytes()
    for name in ("autograded", "feedback", "exchange"):
        assert not any(seed in item.read_bytes() for item in (course / name).rglob("*") if item.is_file())


def test_66_nbgrader_opens_no_pipe_no_device_and_no_time_that_is_none(tmp_path: Path) -> None:
    course = new_course(tmp_path / "course")
    for student in ("device", "ada", "pipe", "time"):
        hand_in(course, student, filled())
    for student, name in (("pipe", "tiny.ipynb"), ("pipe", "x.txt"), ("time", "timestamp.txt")):
        path = course / "submitted" / student / "tiny" / name
        path.unlink(missing_ok=True)
        os.mkfifo(path)
    hand_in(course, "ada", b"no time", "timestamp.txt")  # would end nbgrader's whole batch
    device = course / "submitted" / "device" / "tiny"
    (device / "tiny.ipynb").unlink()
    for name in ("tiny.ipynb", "data.csv"):
        (device / name).symlink_to("/dev/zero")
    for _ in range(2):  # the second time, nbgrader compares the times
        nbgrader(course, "autograde", "tiny")
    results = {
        path.stem: json.loads(path.read_text(encoding="utf-8"))["result"]
        for path in (course / ".autograder" / "results" / "tiny").iterdir()
    }
    assert {student: result["status"] for student, result in results.items()} == {
        "ada": "graded",
        "device": "unreadable",
        "pipe": "unreadable",
        "time": "graded",
    }
    assert scores(results["ada"]) == scores(results["time"]) == QUESTIONS


# --------------------------------------------------------------------------- archives and tables


def archive(path: Path, entries: dict[str, bytes], links: dict[str, str] | None = None) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, data in entries.items():
            opened.writestr(name, data)
        for name, target in (links or {}).items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = 0o120777 << 16
            opened.writestr(entry, target)
    return path


def test_43_no_entry_of_an_archive_leads_out_of_the_course(tmp_path: Path) -> None:
    course = new_course(tmp_path / "course")
    good = json.dumps(release()).encode()
    names = ("../../evil.ipynb", "/abs/tiny.ipynb", "ada/tiny.ipynb", "..\\win.ipynb")
    entries = dict.fromkeys(names, good)
    path = archive(tmp_path / "class.zip", entries, {"bob/tiny.ipynb": "/etc/passwd", "eve": "/etc"})
    run = command("collect", "tiny", "--course", course, "--zip", path)
    assert run.returncode == 0, run.stderr
    assert sorted(p.name for p in (course / "submitted").iterdir()) == ["ada", "bob"]
    assert not (course / "submitted" / "bob" / "tiny" / "tiny.ipynb").exists()
    assert not list(tmp_path.glob("*.ipynb"))
    assert run.stdout.count("left out") == 5


def test_31_nested_folders_and_leftovers_of_a_mac_are_understood(tmp_path: Path) -> None:
    course = new_course(tmp_path / "course")
    good = json.dumps(release()).encode()
    entries = {
        "class/ada/homework/tiny.ipynb": good,
        "class/ada/.DS_Store": b"x",
        "__MACOSX/class/ada/homework/._em.ipynb": b"x",
        "class/Bob B_1234_assignsubmission_file_/tiny.ipynb": good,
        "class/dora_LATE_12_34_em.ipynb": good,
    }
    run = command("collect", "tiny", "--course", course, "--zip", archive(tmp_path / "class.zip", entries))
    assert run.returncode == 0, run.stderr
    assert sorted(p.name for p in (course / "submitted").iterdir()) == ["Bob B", "ada", "dora"]


def test_31_a_zip_bomb_is_left_out_and_told(tmp_path: Path) -> None:
    course = new_course(tmp_path / "course")
    path = archive(tmp_path / "class.zip", {"ada/tiny.ipynb": b"0" * 150_000_000, "bob/tiny.ipynb": b"{}"})
    run = command("collect", "tiny", "--course", course, "--zip", path)
    assert run.returncode == 0, run.stderr
    assert "left out ada/tiny.ipynb: it is larger than 100 MB" in run.stdout


def test_31_an_encrypted_archive_is_left_out_and_told(tmp_path: Path) -> None:
    course = new_course(tmp_path / "course")
    path = archive(tmp_path / "class.zip", {"ada/tiny.ipynb": b"{}", "bob/tiny.ipynb": b"{}"})
    data = bytearray(path.read_bytes())
    place = data.index(b"PK\x01\x02")
    data[place + 8] |= 1  # the flag of the first entry in the directory
    path.write_bytes(bytes(data))
    run = command("collect", "tiny", "--course", course, "--zip", path)
    assert run.returncode == 0, run.stderr
    assert "ada/tiny.ipynb: it is encrypted" in run.stdout
    assert (course / "submitted" / "ada" / "tiny").is_dir()  # so that ada has a row, as missing


def test_69_an_archive_of_a_hundred_thousand_entries_is_refused(tmp_path: Path) -> None:
    course = new_course(tmp_path / "course")
    path = archive(tmp_path / "class.zip", {f"{number}.ipynb": b"" for number in range(100_000)})
    run = command("collect", "tiny", "--course", course, "--zip", path)
    assert run.returncode == 2
    assert "100000 entries" in run.stderr
    assert not list((course / "submitted").iterdir())


def test_65_what_makes_the_grader_itself_fail_while_it_is_read_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_in(tmp_path, "eve", filled())

    def fails(cells: object) -> None:
        raise ZeroDivisionError(cells)

    whole, given = submission._pictures, load(released() / "release" / "tiny" / "tiny.ipynb")
    monkeypatch.setattr(
        submission, "_pictures", lambda cells: fails(cells) if cells[0].runs else whole(cells)
    )
    with reader.Reader(given) as reading:
        intake = submission.take_in(reading, given, tmp_path / "submitted", "eve")
    assert intake is not None
    assert intake.submission.status == "unreadable"
    assert "no fault of yours" in intake.submission.message


def test_41_a_time_of_handing_in_that_the_student_ships_is_not_taken(tmp_path: Path) -> None:
    course = new_course(tmp_path / "course")
    good = json.dumps(release()).encode()
    # The last three are the grader's own files on a disk that knows no capitals.
    names = ("timestamp.txt", "TimeStamp.txt", "TIME\u017fTAMP.txt", "Left-Out.txt")
    entries = {"ada/tiny.ipynb": good, **{f"ada/{name}": b"2001-01-01 00:00:00 UTC" for name in names}}
    run = command("collect", "tiny", "--course", course, "--zip", archive(tmp_path / "class.zip", entries))
    assert run.returncode == 0, run.stderr
    assert [p.name for p in (course / "submitted" / "ada" / "tiny").iterdir()] == ["tiny.ipynb"]


def test_43_what_is_wrong_with_one_students_entries_costs_nobody_else_anything(tmp_path: Path) -> None:
    course = new_course(tmp_path / "course")
    good = json.dumps(release()).encode()
    entries = {
        "ada/tiny.ipynb": good,
        "file/x.ipynb": good,
        "file/x.ipynb/y.ipynb": good,
        f"name/{'d' * 300}.ipynb": good,
        f"deep/{'a/' * 1000}tiny.ipynb": good,
        "   /tiny.ipynb": good,
        **{f"much/{number}.ipynb": b"0" * 90_000_000 for number in range(4)},
        "zoe/tiny.ipynb": good,
    }
    run = command("collect", "tiny", "--course", course, "--zip", archive(tmp_path / "class.zip", entries))
    assert run.returncode == 0, run.stderr
    taken = [path.name for path in (course / "submitted").iterdir()]
    assert sorted(taken) == ["ada", "deep", "file", "much", "name", "zoe"]
    for student in ("ada", "zoe"):
        assert (course / "submitted" / student / "tiny" / "tiny.ipynb").read_bytes() == good
    assert run.stdout.count("left out") == 6
    assert "much/2.ipynb: it cannot be unpacked (ValueError: there is too much of this student" in run.stdout


def test_43_an_archive_that_claims_to_be_huge_is_read_as_what_it_is(tmp_path: Path) -> None:
    course = new_course(tmp_path / "course")
    entries = {f"eve/{number}.ipynb": b"{}" for number in range(100)}
    path = archive(tmp_path / "class.zip", {**entries, "zoe/tiny.ipynb": b"{}"})
    data = bytearray(path.read_bytes())
    place = data.index(b"PK\x01\x02")
    while place >= 0:  # 99 MB each, says the archive's directory
        data[place + 24 : place + 28] = (99_000_000).to_bytes(4, "little")
        place = data.find(b"PK\x01\x02", place + 1)
    path.write_bytes(bytes(data))
    run = command("collect", "tiny", "--course", course, "--zip", path)
    assert run.returncode == 0, run.stderr
    assert (course / "submitted" / "zoe" / "tiny").is_dir()


def test_83_what_cannot_be_read_in_time_is_known_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reader tells what was handed in before it looks into it."""
    ended = 'import sys; sys.stdin.readline(); sys.stdin.readline(); print(\'{"digest": "d"}\', flush=True)'
    monkeypatch.setattr(reader, "PROGRAM", ended)
    with reader.Reader(load(released() / "release" / "tiny" / "tiny.ipynb")) as reading:
        found = reading.read(tmp_path, "eve")
        assert (found["status"], found["digest"]) == ("unreadable", "d")
        assert "too much time or memory" in found["problem"]
        assert reading.read(tmp_path, "eve", known="d")["status"] == "unchanged"
        assert reading.read(tmp_path, "eve", known="other")["status"] == "unreadable"
