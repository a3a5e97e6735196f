"""`autograder doctor` says beforehand what `autograder grade` would do on this machine."""

from __future__ import annotations

import importlib.metadata
import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from autograder.commands.doctor import examine
from autograder.sandbox import isolation
from autograder.sandbox.isolation import Isolation, Wall
from tests.support.courses import GradedClass, command, filled, hand_in, new_course


def test_where_grade_works_doctor_is_content_and_names_each_wall(small_class: GradedClass) -> None:
    doctor = command("doctor", "--course", small_class.course)
    assert small_class.results["ada"]["score"] == 10.0
    assert doctor.returncode == 0, doctor.stdout
    assert doctor.stdout.endswith("Ready to grade.\n")
    assert "✗" not in doctor.stdout
    for wall in ("no network", "nothing of the host on the disk", "a system-call filter"):
        assert wall in doctor.stdout


def test_without_bubblewrap_both_refuse_with_the_same_remedy(tmp_path: Path) -> None:
    course = new_course(tmp_path / "course")
    hand_in(course, "ada", filled())
    (tmp_path / "bin").mkdir()
    nowhere = str(tmp_path / "bin")
    doctor = command("doctor", "--course", course, PATH=nowhere)
    grade = command("grade", "tiny", "--course", course, PATH=nowhere)
    assert (doctor.returncode, grade.returncode) == (2, 2)
    assert "✗ bwrap is missing" in doctor.stdout
    assert "grade would run nothing" in doctor.stdout
    for said in (doctor.stdout, grade.stderr):
        assert "apt install bubblewrap" in said


def examined(
    found: Isolation,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    course: Path = Path("/nowhere"),
) -> str:
    monkeypatch.setattr(isolation, "probe", lambda: found)
    code = examine(course)
    said = capsys.readouterr().out
    assert (code == 0) == ("Ready to grade" in said)
    return said


def test_a_missing_package_is_told_with_its_own_remedy_and_not_with_that_of_the_walls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    installed = importlib.metadata.version

    def version(name: str) -> str:
        if name == "matplotlib":
            raise importlib.metadata.PackageNotFoundError(name)
        return installed(name)

    monkeypatch.setattr(importlib.metadata, "version", version)
    assert examine(tmp_path) == 2
    said = capsys.readouterr().out
    assert "✗ matplotlib is not installed. Type: pip install 'gmm-course[grade]'" in said
    assert "apt install bubblewrap" not in said
    assert said.count("✗ ") == 1


def test_where_nested_namespaces_are_refused_doctor_says_what_is_used_instead(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    walls = (Wall("no network", True), Wall("namespaces of its own", False))
    refused = ("nested: unshare: not permitted", "nested: unshare: not permitted")
    said = examined(Isolation(True, "one bubblewrap for each", walls, refused), monkeypatch, capsys)
    assert said.count("a second longer (nested: unshare: not permitted)") == 1
    assert "✓ students' code runs in one bubblewrap for each" in said
    assert "Ready to grade." in said
    assert "✗" not in said


def test_a_wall_that_fell_makes_the_machine_not_ready(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    walls = (Wall("no network", False), Wall("a system-call filter", True))
    said = examined(Isolation(True, "bubblewrap", walls), monkeypatch, capsys)
    assert "✗ this wall does not stand: no network" in said
    assert "Not ready to grade" in said


def test_a_disk_that_is_nearly_full_is_told_before_grading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    usage = namedtuple("usage", "total used free")(10**9, 10**9 - 10**6, 10**6)
    monkeypatch.setattr(shutil, "disk_usage", lambda place: usage)
    found = Isolation(True, "bubblewrap", (Wall("no network", True),))
    said = examined(found, monkeypatch, capsys, new_course(tmp_path / "course"))
    assert "has 1 MB left. Make room on it" in said
    assert "Not ready to grade" in said


def test_a_damaged_seed_is_told_before_anything_is_graded_with_it(tmp_path: Path) -> None:
    course = new_course(tmp_path / "course")
    (course / ".autograder" / "seed").write_bytes(b"short")
    for name in ("doctor", "grade"):
        run = command(name, *(("tiny",) if name == "grade" else ()), "--course", course)
        assert run.returncode == 2
        assert "backup" in run.stdout + run.stderr
