"""The desk as a browser asks it: a class from its archive to the tables, by hand where a person grades."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from nbgrader.api import Gradebook

from autograder.course.directory import open_course
from autograder.desk.uploads import tidy
from tests.support.courses import ROOT, command, filled, graded, hand_in, new_course, slow
from tests.support.desk import Caller, running

WHY = {"ada": "Squares are divided by $s^2$.", "ben": "squares are   divided by $s^2$.", "cleo": "It is so."}
POINTS = "/a/tiny/by-hand/why/points"


def archive(folder: Path, written: dict[str, str]) -> Path:
    """A class as Moodle gives it."""
    path = folder / "class.zip"
    with zipfile.ZipFile(path, "w") as opened:
        for number, (name, why) in enumerate(written.items()):
            notebook = json.dumps(filled({"why": why}))
            opened.writestr(f"{name}_{40000 + number}_assignsubmission_file/tiny.ipynb", notebook)
    return path


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    """A desk that has taken a class in and graded it; tests add to it, and rely on nobody's additions."""
    folder = tmp_path_factory.mktemp("desk")
    course = new_course(folder / "course")
    with running(course) as caller:
        caller.sign_in()
        assert caller.upload("/a/tiny/collect", archive(folder, WHY)).status == 200
        assert caller.post("/a/tiny/grade").status == 202
        assert caller.wait()["state"] == "done"
        yield caller


def answers(desk: Caller) -> dict[tuple[str, ...], dict[str, Any]]:
    """The groups of answers, by who wrote them."""
    groups = desk.get("/a/tiny/by-hand/why/answers").values["groups"]
    return {tuple(group["names"]): group for group in groups}


def text_of(page: str) -> str:
    return " ".join(re.sub("<[^>]*>", " ", page).split())


# --------------------------------------------------------------------------- from the archive to the tables


def test_the_page_of_an_assignment_shows_who_handed_in_and_what_they_have(desk: Caller) -> None:
    page = text_of(desk.get("/a/tiny").text)
    assert "Handed in 3 Graded 3 To grade 0 To grade by hand 3 Not handed in 0" in page
    assert "Class report" in page
    assert desk.get("/report/tiny.html").status == 200
    assert "feedback for ada" in text_of(desk.get("/feedback/ada/tiny/tiny.html").text)


def test_an_export_is_refused_while_answers_wait_unless_one_says_so(desk: Caller) -> None:
    refused = desk.get("/a/tiny/export/csv", Accept="application/json")
    assert refused.status == 422
    assert "Written answers wait" in refused.values["message"]
    table = desk.get("/a/tiny/export/csv?incomplete=1")
    assert table.headers["Content-Disposition"] == "attachment; filename*=UTF-8''tiny-csv.csv"
    command("export", "tiny", "--incomplete", "--course", desk.desk.course.root)
    assert table.body == (desk.desk.course.root / "tiny-csv.csv").read_bytes()


def test_feedback_goes_out_as_the_archive_that_the_command_writes(desk: Caller, tmp_path: Path) -> None:
    (tmp_path / "back.zip").write_bytes(desk.get("/a/tiny/return/moodle").body)
    with zipfile.ZipFile(tmp_path / "back.zip") as opened:
        names = opened.namelist()
    assert names == [
        f"{name}_{40000 + number}_assignsubmission_file_/tiny-feedback.html"
        for number, name in enumerate(WHY)
    ]


def test_whom_a_file_leaves_out_is_said_with_it(tmp_path: Path) -> None:
    course = new_course(tmp_path / "course")
    hand_in(course, "dora", filled())
    command("collect", "tiny", "--zip", archive(tmp_path, {"ada": "So."}), "--course", course)
    graded(course)
    with running(course) as desk:
        desk.sign_in()
        for path in ("return/moodle", "export/moodle?incomplete=1"):
            note = unquote(desk.get(f"/a/tiny/{path}").headers["X-Note"])
            assert "left out" in note
            assert "dora" in note
            assert "ada" not in note


def test_what_to_do_is_said_in_the_words_of_the_page(tmp_path: Path) -> None:
    course = new_course(tmp_path / "course")
    with running(course) as desk:
        desk.sign_in()
        broken = desk.upload("/a/tiny/collect", b"PK\3\4", "people.csv")
        assert (broken.status, broken.values["message"][:25]) == (422, "people.csv is a workbook,")
        roster = desk.upload("/a/tiny/collect", b"id,name\nada,Ada\n", "people.csv")
        assert roster.values["message"] == "people.csv: 1 people read; 1 in the roster."
        taken = desk.upload("/a/tiny/collect", json.dumps(filled()).encode(), "dora.ipynb")
        assert taken.values["questions"] == 1  # what a person must decide comes first
        note = taken.values["notes"][0]
        assert note.startswith("not in the roster: dora.")
        assert note.endswith("several ids with a ; between them), and take the same file in again.")
        told = desk.get("/a/tiny/export/csv", Accept="application/json")
        assert told.values["message"] == "Nothing of tiny has been graded yet. Press “Grade”."
        graded(course)
        told = desk.post("/a/tiny/extend", {"student": "ada", "until": "2026-12-01T18:00"})
        assert told.values["message"] == "tiny has no due date. Set one under “Due date”."
        told = desk.post("/a/tiny/due", {"due": "0026-11-30T18:00"})
        assert (told.status, "is no time" in told.values["message"]) == (422, True)
        told = desk.post("/a/tiny/due", {"due": "2026-11-30T18:00"})
        assert told.values["message"].startswith("tiny is due 2026-11-30 18:00 UTC. Grade again")
        page = text_of(desk.get("/a/tiny").text)
        assert "Due 30 November 2026, 18:00 UTC" in page
        assert "To grade 1" in page  # graded on another due date
        told = desk.post("/a/tiny/extend", {"student": "ada", "until": "2026-12-01T18:00"})
        assert told.values["message"] == "Ada may hand tiny in until 2026-12-01 18:00 UTC."
        told = desk.get("/a/tiny/return/moodle", Accept="application/json")
        assert told.status == 422
        assert told.values["message"].endswith("Take “a folder for each student”.")


def test_a_single_notebook_is_taken_in_under_its_name(desk: Caller) -> None:
    taken = desk.upload("/a/other/collect", b'{"cells": []}', "dora.ipynb")
    assert taken.values["students"] == ["dora"]
    assert taken.values["notes"] == []
    assert taken.values["renamed"] == ["dora (dora.ipynb)"]
    assert (desk.desk.course.root / "submitted/dora/other/other.ipynb").read_bytes() == b'{"cells": []}'


@pytest.mark.parametrize(
    ("values", "status", "told"),
    [
        ({"function": "scaled", "student": "ada", "comment": "Why?"}, 422, "no wrong answer to scaled"),
        ({"function": "nothing", "student": "ada", "comment": "Why?"}, 422, "has a function 'nothing'"),
        ({"function": "scaled", "student": "ada", "comment": " "}, 422, "The comment is empty"),
        ({"function": "scaled", "student": "ada", "comment": "x" * 10_001}, 400, "at most 10000 characters"),
        ({"function": "scaled", "student": ["ada"], "comment": "Why?"}, 400, "cannot be understood"),
    ],
)
def test_one_comment_for_nobody_is_refused(
    desk: Caller, values: dict[str, object], status: int, told: str
) -> None:
    refused = desk.post("/a/tiny/comment", values)
    assert (refused.status, told in refused.values["message"]) == (status, True), refused.text


# --------------------------------------------------------------------------- by hand


def test_answers_that_differ_in_spaces_and_capitals_only_are_graded_together(desk: Caller) -> None:
    assert set(answers(desk)) == {("ada", "ben"), ("cleo",)}


def test_points_and_comments_stand_where_formgrader_looks(desk: Caller) -> None:
    key = answers(desk)["ada", "ben"]["key"]
    saved = desk.post(POINTS, {"key": key, "points": 4.5, "comment": "Half of it: **why**?"})
    assert saved.values["message"] == "Saved for 2."
    with closing(Gradebook(f"sqlite:///{desk.desk.course.root}/gradebook.db")) as gradebook:
        for student in ("ada", "ben"):
            grade = gradebook.find_grade("why", "tiny", "tiny", student)
            comment = gradebook.find_comment("why", "tiny", "tiny", student)
            assert (grade.manual_score, grade.score, grade.needs_manual_grade) == (4.5, 4.5, False)
            assert (comment.manual_comment, comment.comment) == ("Half of it: **why**?",) * 2
        assert gradebook.find_grade("why", "tiny", "tiny", "cleo").needs_manual_grade
    assert "why: 1 of 3 wait" in text_of(desk.get("/report/tiny.html").text)  # the page is of this moment
    again = answers(desk)["ada", "ben"]
    assert (again["score"], again["comment"], again["waiting"]) == (4.5, "Half of it: **why**?", False)
    assert "Half of it" in desk.get("/a/tiny/by-hand/why/answers").values["comments"][0]
    assert "<p>Half of it: <strong>why</strong>?</p>" in desk.get("/feedback/ada/tiny/tiny.html").text


def test_points_that_were_taken_back_let_the_answer_wait_again(desk: Caller) -> None:
    key = answers(desk)["cleo",]["key"]
    for points, said in ((2, "Saved."), (None, "Points taken back.")):
        given = desk.post(POINTS, {"key": key, "points": points, "comment": ""})
        assert (given.status, given.values["message"]) == (200, said)
    assert answers(desk)["cleo",]["score"] is None
    assert answers(desk)["cleo",]["waiting"]


@pytest.mark.parametrize("points", [-1, 6.5, "6", True, [1]])
def test_points_outside_the_question_are_refused(desk: Caller, points: object) -> None:
    key = answers(desk)["cleo",]["key"]
    assert desk.post(POINTS, {"key": key, "points": points, "comment": ""}).status == 400


def test_an_answer_that_has_changed_meanwhile_gets_no_points(desk: Caller) -> None:
    refused = desk.post(POINTS, {"key": "0" * 16, "points": 6, "comment": ""})
    assert refused.status == 409
    assert "changed meanwhile" in refused.values["message"]


def test_names_are_not_sent_where_they_are_not_wanted(desk: Caller) -> None:
    text = desk.get("/a/tiny/by-hand/why/answers?anonymous=1").text
    assert not [name for name in WHY if name in text]


def test_a_rubric_is_the_course_s_own_once_somebody_changed_it(desk: Caller) -> None:
    assert "There is no rubric yet" in desk.get("/a/tiny/by-hand/why").text
    desk.post("/a/tiny/by-hand/why/rubric", {"text": "- 2 squares\n- 1,5 the mean; 2.5 so <b>one</b>"})
    page = desk.get("/a/tiny/by-hand/why").text
    assert re.findall(r'data-points="([^"]+)"', page) == ["2", "1.5", "2.5"]
    assert "so &lt;b&gt;one" in page
    desk.post("/a/tiny/by-hand/why/rubric", {"text": ""})
    assert "There is no rubric yet" in desk.get("/a/tiny/by-hand/why").text


def test_a_late_penalty_is_taken_anew_from_the_points_by_hand(tmp_path: Path) -> None:
    course = new_course(tmp_path / "course")
    (course / "late.py").write_text(
        "from nbgrader.plugins import BasePlugin\n\n\nclass Half(BasePlugin):\n"
        "    def late_submission_penalty(self, student_id, score, total_seconds_late):\n"
        "        return score / 2\n"
    )
    with (course / "nbgrader_config.py").open("a") as settings:
        settings.write(
            "\nimport sys\nsys.path.insert(0, str(COURSE))\n"
            'c.AssignLatePenalties.plugin_class = "late.Half"\n'
        )
    path = hand_in(course, "ada", filled())
    (path.parent / "timestamp.txt").write_text("2026-11-02 00:00 UTC")
    with closing(Gradebook(f"sqlite:///{course}/gradebook.db")) as gradebook:
        gradebook.update_or_create_assignment("tiny", duedate="2026-11-01 00:00 UTC")
    graded(course)
    with running(course) as desk:
        desk.sign_in()
        ((names, group),) = answers(desk).items()
        assert names == ("ada",)
        assert desk.post(POINTS, {"key": group["key"], "points": 6, "comment": ""}).status == 200
    with closing(Gradebook(f"sqlite:///{course}/gradebook.db")) as gradebook:
        (notebook,) = gradebook.find_submission("tiny", "ada").notebooks
        assert (notebook.score, notebook.late_submission_penalty) == (16.0, 8.0)


# --------------------------------------------------------------------------- killed, and done again


def state_of(course: Path) -> dict[str, Any]:
    """All that a grading leaves, without the times that it took."""
    with closing(sqlite3.connect(course / "gradebook.db")) as gradebook:
        rows = gradebook.execute(
            "select s.student_id, b.name, g.auto_score, g.manual_score, g.needs_manual_grade from grade g "
            "join submitted_notebook n on g.notebook_id = n.id "
            "join submitted_assignment s on n.assignment_id = s.id "
            "join base_cell b on g.cell_id = b.id order by 1, 2"
        ).fetchall()
    pages = {path.parts[-3]: path.read_bytes() for path in course.glob("feedback/*/tiny/tiny.html")}
    files = {path.parts[-3]: path.read_bytes() for path in course.glob("submitted/*/tiny/tiny.ipynb")}
    return {"rows": rows, "pages": pages, "files": files}


@contextmanager
def served(course: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`autograder serve` as it is typed, and the address that it prints; killed at the end, if not before."""
    typed = [sys.executable, "-m", "autograder", "serve", "--port", "0", "--course", str(course)]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(typed, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        try:
            lines = (re.search(r"http://127\.0\.0\.1:\d+/login\?token=\S+", line) for line in process.stdout)
            yield process, next(found[0] for found in lines if found)
        finally:
            process.kill()


class Printed(Caller):
    """Who opened the printed address."""

    def __init__(self, address: str) -> None:
        super().__init__(int(address.split(":")[2].split("/")[0]), None)  # type: ignore[arg-type]
        assert self.get(address[address.index("/login") :]).status == 200
        self.get("/")


def test_a_desk_killed_while_it_grades_goes_on_where_it_was(tmp_path: Path) -> None:
    course, control = new_course(tmp_path / "course"), new_course(tmp_path / "control")
    names = [f"s{number}" for number in range(5)]
    for name in names:
        for place in (course, control):
            hand_in(place, name, filled(slow(0.05)))
    graded(control)
    command("feedback", "tiny", "--course", control)

    recorded = course / ".autograder" / "results" / "tiny"
    with served(course) as (process, address):
        desk = Printed(address)
        assert desk.post("/a/tiny/grade").status == 202
        while not list(recorded.glob("*.json")):
            time.sleep(0.02)
        process.kill()
    assert len(list(recorded.glob("*.json"))) < len(names)

    told = r"Grading, begun on \d+ \w+ \d+, \d\d:\d\d UTC, was broken off"
    with running(course) as again:  # the lock of the killed job is gone with it
        again.sign_in()
        assert "broken off" in text_of(again.get("/").text)
        assert re.search(told, text_of(again.get("/a/tiny").text))
        assert not re.search(told, text_of(again.get("/a/other").text))
        assert again.post("/a/tiny/grade").status == 202
        assert not re.search(told, text_of(again.get("/a/tiny/state").text))
        assert again.wait()["state"] == "done"
        assert "broken off" not in text_of(again.get("/").text)
    assert state_of(course) == state_of(control)


def test_a_job_that_is_stopped_leaves_what_it_recorded_and_can_be_started_again(tmp_path: Path) -> None:
    course = new_course(tmp_path / "course")
    for number in range(6):
        hand_in(course, f"s{number}", filled(slow(0.05)))
    with running(course) as desk:
        desk.sign_in()
        assert desk.post("/a/tiny/grade").status == 202
        busy = desk.post("/a/tiny/grade")
        assert (busy.status, "is being graded" in busy.values["message"]) == (409, True)
        assert desk.upload("/a/tiny/collect", b"PK", "more.zip").status == 409
        desk.post("/a/tiny/stop")
        ended = desk.wait()
        assert (ended["state"], "stopped" in ended["problem"]) == ("failed", True)
        assert desk.post("/a/tiny/grade").status == 202
        assert desk.wait()["state"] == "done"
    assert len(list(course.glob("feedback/*/tiny/tiny.html"))) == 6


def test_what_a_killed_desk_was_receiving_is_gone_when_the_next_one_opens(tmp_path: Path) -> None:
    course = new_course(tmp_path / "course")
    uploads = course / ".autograder" / "uploads"

    def halves() -> Iterator[bytes]:
        yield b"PK" * 50_000
        while not list(uploads.iterdir()):
            time.sleep(0.02)
        process.kill()
        process.wait()

    with served(course) as (process, address):
        desk = Printed(address)
        with pytest.raises(OSError):  # noqa: PT011   the connection ends, however the system calls it
            desk.ask("POST", "/a/tiny/collect?name=a.zip", halves())
    assert len(list(uploads.iterdir())) == 1
    tidy(open_course(course))
    assert list(uploads.iterdir()) == []
    assert list(course.glob("submitted/*")) == []


def test_progress_says_who_is_being_graded(tmp_path: Path) -> None:
    course = new_course(tmp_path / "course")
    hand_in(course, "slowpoke", filled(slow(1.0)))
    with running(course) as desk:
        desk.sign_in()
        desk.post("/a/tiny/grade")
        assert desk.get("/a/other").status == 200  # other pages are answered meanwhile
        lines = desk.get("/a/tiny/events").text.split("\n\n")
        events = [json.loads(line.removeprefix("data: ")) for line in lines if line]
    assert ["slowpoke"] in [event["under_way"] for event in events if event["step"] == "grading"]
    assert events[-1]["done"] == events[-1]["total"] == 1
