"""Whose a folder of the exchange is, and since when: the file system against the folder's name."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from nbgrader.coursedir import CourseDirectory

from autograder.collect.attempts import attempts_of
from autograder.collect.found import doubt, last_changed
from autograder.collect.from_exchange import reasons
from autograder.course.directory import init
from autograder.for_nbgrader import exchange

NOON = datetime(2026, 11, 28, 12)
OURS = ("prof", "root")


def test_a_folder_of_the_student_s_own_account_at_its_own_time_is_believed() -> None:
    assert doubt("ada", NOON, "ada", NOON + timedelta(seconds=20), OURS) == ""


def test_another_account_s_folder_is_not_this_student_s() -> None:
    assert "belongs to the account cy" in doubt("ada", NOON, "cy", NOON, OURS)


@pytest.mark.parametrize("hours", [-2, 2], ids=["dated back", "dated ahead"])
def test_a_time_that_the_file_system_contradicts_is_told_with_both(hours: float) -> None:
    said = doubt("ada", NOON, "ada", NOON + timedelta(hours=hours), OURS)
    assert f"{NOON + timedelta(hours=hours):%Y-%m-%d %H:%M:%S} UTC" in said


def test_a_file_that_was_written_again_counts_although_its_folder_did_not_change(tmp_path: Path) -> None:
    folder = tmp_path / "ada+em+x"
    (folder / "inner").mkdir(parents=True)
    file = folder / "inner" / "em.ipynb"
    file.write_text("{}")
    for number in range(3000):  # behind so many others it is found, too
        (folder / f"{number}").mkdir()
    before = last_changed(folder)
    while last_changed(folder) == before:  # until the file system's clock goes on
        file.write_text("other")
    assert last_changed(folder) == datetime.fromtimestamp(file.stat().st_ctime, UTC).replace(tzinfo=None)
    assert datetime.fromtimestamp(folder.stat().st_ctime, UTC).replace(tzinfo=None) <= before


@pytest.mark.parametrize("owner", OURS)
def test_who_collects_and_root_may_put_a_folder_there_for_anybody(owner: str) -> None:
    assert doubt("ada", NOON, owner, NOON + timedelta(days=9), OURS) == ""


def test_90_a_file_written_anew_while_others_are_read_is_held_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = init(tmp_path / "course")
    folder = tmp_path / "ada+em+2026-11-28 12:00:00 UTC"
    folder.mkdir()
    copied = list[str]()  # a student sees by inotify that the folder was looked at
    monkeypatch.setattr(exchange, "copy_notebooks", lambda root, parts, folder: copied.extend(parts) or ())
    monkeypatch.setattr(exchange, "last_changed", lambda place: NOON + timedelta(hours=len(copied)))
    monkeypatch.setattr(exchange, "account_of", lambda uid: "ada" if uid == folder.stat().st_uid else "prof")
    monkeypatch.setattr(exchange, "doubt", lambda *said: doubt(*said[:-1], OURS))
    collector = exchange.Collect(coursedir=CourseDirectory(root=str(course.root), assignment_id="em"))
    collector.inbound_path = str(tmp_path)
    record = {"username": "ada", "filename": folder.name, "timestamp": NOON}
    assert collector._is_sound(record)
    collector._keep(course, "em", record, None)
    assert copied
    assert not attempts_of(course, "em", "ada")


def test_a_command_to_be_typed_holds_a_name_that_a_shell_takes_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "ada$(touch here)'`id`;"
    (tmp_path / f"{name}+em+x").mkdir()
    monkeypatch.setattr(exchange, "doubt", lambda *said: "it is not")
    collector = exchange.Collect(coursedir=CourseDirectory(root=str(tmp_path), assignment_id="em"))
    collector.inbound_path, said = str(tmp_path), list[str]()
    monkeypatch.setattr(collector, "_leave_out", said.append)
    assert not collector._is_sound({"username": name, "filename": f"{name}+em+x", "timestamp": NOON})
    assert shlex.split(said[0].rpartition("say ")[2]) == ["--accept", name]


def test_nbgrader_s_reasons_are_told_without_the_line_that_only_says_that_it_failed() -> None:
    lines = [
        "[CollectApp | INFO] Using config",
        "[CollectApp | CRITICAL] You don't have read permissions for the directory: /srv/x/inbound",
        "[CollectApp | ERROR] nbgrader collect failed",
    ]
    assert reasons(lines) == "You don't have read permissions for the directory: /srv/x/inbound"
    assert reasons(["ModuleNotFoundError: No module named 'x'"]) == "ModuleNotFoundError: No module named 'x'"
    assert reasons([]) == "it gives no reason"
