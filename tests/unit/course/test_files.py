"""A file is replaced as a whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from autograder.course.files import replace_file


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
