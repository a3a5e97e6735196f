"""The settings of a course: read from nbgrader_config.py, listed by a command, refused with a sentence."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from autograder.cli import main
from autograder.course.directory import init, open_course
from autograder.course.errors import CourseError
from autograder.execute.here import limits_of
from autograder.sandbox.limits import MIB, Limits
from autograder.settings import Settings


def with_lines(folder: Path, *lines: str) -> Path:
    """A new course with these lines at the end of its settings."""
    config = init(folder / "course").root / "nbgrader_config.py"
    config.write_text("\n".join([config.read_text("utf-8"), *lines, ""]), encoding="utf-8")
    return folder / "course"


def test_a_course_without_a_line_has_the_defaults(tmp_path: Path) -> None:
    assert open_course(with_lines(tmp_path)).settings == Settings()


def test_a_line_changes_its_setting_and_a_whole_number_is_a_number(tmp_path: Path) -> None:
    chosen = open_course(with_lines(tmp_path, "c.Autograder.late_per_day = 1")).settings
    assert (chosen.late_per_day, type(chosen.late_per_day)) == (1.0, float)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (
            "late_per_day = '10%'",
            "c.Autograder.late_per_day = '10%' cannot be: it must be a number from 0 to 1.",
        ),
        ("late_per_day = float('nan')", "late_per_day = nan cannot be: it must be a number from 0 to 1."),
        ("cooldown_hours = float('inf')", "cooldown_hours = inf cannot be: it must be a number, at least 0."),
        ("late_days = 2.5", "late_days = 2.5 cannot be: it must be a whole number, at least 0."),
        ("late_days = True", "late_days = True cannot be: it must be a whole number, at least 0."),
        ("attempt = 'best'", "it must be one of 'last-in-time', 'last', 'first'."),
        ("book = 'example.org'", "it must be an address such as 'https://example.org/gmm'."),
        ("timezone = 'Berlin'", "it must be a time zone such as 'Europe/Berlin'."),
        ("due_in_notebook = 'no'", "due_in_notebook = 'no' cannot be: it must be True or False."),
        ("memory_mib = 10", "memory_mib = 10 cannot be: it must be a whole number, at least 512."),
        ("lateday = 1", "There is no setting c.Autograder.lateday. Did you mean c.Autograder.late_days?"),
        ("xyz = 1", "There is no setting c.Autograder.xyz."),
        ("late_days.append(1)", "it must be a whole number, at least 0."),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence_and_nothing_is_done(
    line: str, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    course = with_lines(tmp_path, f"c.Autograder.{line}")
    for command in (["settings"], ["people"], ["collect", "em", "--zip", "x.zip"]):
        assert main([*command, "--course", str(course)]) == 2
        said = capsys.readouterr()
        assert sentence in said.err
        assert "nbgrader_config.py" in said.err
    assert main(["doctor", "--course", str(course)]) == 2
    assert sentence in capsys.readouterr().out


def test_all_wrong_lines_are_told_at_once(tmp_path: Path) -> None:
    course = with_lines(tmp_path, "c.Autograder.late_days = -1", "c.Autograder.book = 3")
    with pytest.raises(CourseError, match=r"late_days = -1.*book = 3"):
        _ = open_course(course).settings


def test_the_command_lists_every_setting_with_its_meaning_and_what_was_chosen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    course = with_lines(tmp_path, "c.Autograder.late_days = 3")
    monkeypatch.chdir(tmp_path)
    assert main(["settings"]) == 0  # outside of a course: the defaults
    assert "late_days = 0\n" in capsys.readouterr().out
    assert main(["settings", "--course", str(course)]) == 0
    said = capsys.readouterr().out
    assert "late_days = 3   (default: 0)\n" in said
    assert all(f"\n{known.name} = " in said for known in fields(Settings))


def test_limits_of_the_sandbox_are_those_of_the_course() -> None:
    assert limits_of(Settings()) == Limits()
    chosen: dict[str, Any] = {"cell_seconds": 5.0, "memory_mib": 1024, "processes": 16}
    limits = limits_of(Settings(**chosen))
    assert (limits.cell_cpu, limits.cell_wall, limits.memory, limits.processes) == (5, 15, 1024 * MIB, 16)


def test_an_address_that_is_none_makes_no_course(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="Nothing was made"):
        init(tmp_path / "course", book="example.org")
    assert not (tmp_path / "course").exists()
