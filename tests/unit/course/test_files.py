"""A file is replaced as a whole or not at all."""

from __future__ import annotations

import fcntl
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from autograder.course import files
from autograder.course.files import replace_file, replace_folder
from autograder.intake import folder as reading


def test_the_file_has_the_content_and_the_mode(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("old")
    replace_file(path, "größer", 0o600)
    assert path.read_bytes() == "größer".encode()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [*tmp_path.iterdir()] == [path]


def test_what_was_left_of_an_earlier_try_is_no_obstacle_and_no_link_is_followed(tmp_path: Path) -> None:
    path, elsewhere = tmp_path / "a.json", tmp_path / "elsewhere"
    elsewhere.write_text("not ours")
    (tmp_path / ".a.json.new").symlink_to(elsewhere)
    replace_file(path, "new", 0o600)
    assert (path.read_text(), elsewhere.read_text()) == ("new", "not ours")


def test_where_writing_fails_the_old_file_stays_and_the_error_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "a.json"
    path.write_text("old")
    monkeypatch.setattr(os, "fdopen", full)
    with pytest.raises(OSError, match=r"a\.json"):
        replace_file(path, "new", 0o600)
    assert path.read_text() == "old"


@pytest.fixture
def another_process() -> None:
    """A process tidies a folder once: what a killed one has left."""
    files._tidy.cache_clear()


@pytest.mark.usefixtures("another_process")
def test_what_a_killed_program_left_half_written_goes_and_what_is_being_written_stays(tmp_path: Path) -> None:
    left, written, a_students = (
        tmp_path / name
        for name in (".a.json.0123456789abcdef.new", ".b.json.0123456789abcdef.new", ".notes.new")
    )
    for path in (left, written, a_students):
        path.write_text("half")
    with written.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        replace_file(tmp_path / "c.json", "new", 0o600)
    assert sorted(tmp_path.iterdir()) == sorted([written, a_students, tmp_path / "c.json"])


def test_a_file_that_is_taken_for_a_killed_programs_before_it_is_locked_is_begun_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, taken = fcntl.flock, []

    def late(handle: int, how: int) -> None:
        if not taken:
            (beside,) = tmp_path.glob(".a.json.*.new")
            taken.append(beside)
            files.delete_unlocked(beside)
        lock(handle, how)

    monkeypatch.setattr(files.fcntl, "flock", late)
    replace_file(tmp_path / "a.json", "new", 0o600)
    assert [*tmp_path.iterdir()] == [tmp_path / "a.json"]
    assert (tmp_path / "a.json").read_text() == "new"


def folder(place: Path, text: str) -> Path:
    place.mkdir()
    (place / "em.ipynb").write_text(text)
    return place


@pytest.mark.parametrize("moment", ["before", "after"])
def test_91_a_folder_in_whose_place_another_comes_is_read_as_the_one_or_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    folder(tmp_path / "em", "0")
    numbers, read = iter(range(1, reading.MAX_READINGS)), reading._read

    def replaced() -> None:
        if number := next(numbers, None):
            replace_folder(folder(tmp_path / "new", f"{number}"), tmp_path / "em")

    def meanwhile(*arguments: Any) -> reading.File:
        if moment == "before":  # the name has been listed, and is in this folder no more
            replaced()
        file = read(*arguments)
        if moment == "after":
            replaced()
        return file

    monkeypatch.setattr(reading, "_read", meanwhile)
    (file,) = reading.read_files(tmp_path, ["em"])
    assert (file.data, file.problem) == (f"{reading.MAX_READINGS - 1}".encode(), "")


@pytest.mark.parametrize("exchanged", [True, False], ids=["in one step", "on a disk that cannot"])
def test_a_folder_takes_the_place_of_a_folder_of_a_link_and_of_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exchanged: bool
) -> None:
    if not exchanged:
        monkeypatch.setattr(files, "_exchanged", lambda one, other: False)
    elsewhere = folder(tmp_path / "elsewhere", "kept")
    (tmp_path / "linked").symlink_to(elsewhere)
    for target in (folder(tmp_path / "em", "old"), tmp_path / "linked", tmp_path / "none"):
        replace_folder(folder(tmp_path / "new", "new"), target)
        assert (target / "em.ipynb").read_text() == "new"
    assert (elsewhere / "em.ipynb").read_text() == "kept"
    assert {path.name for path in tmp_path.iterdir()} == {"elsewhere", "em", "linked", "none"}
