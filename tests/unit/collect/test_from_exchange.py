"""Which exchange a course uses: the machine's settings, the account's, and the course's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course.directory import init, open_course

ROOT = "/srv/nbgrader/exchange"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """The folders of the machine's and of the account's settings; nothing else is found."""
    machine, account = tmp_path / "machine", tmp_path / "account"
    for folder in (machine, account):
        folder.mkdir()
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(machine))
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(account))
    return machine, account


def test_without_settings_of_the_machine_a_course_has_a_folder_of_its_own(
    tmp_path: Path, settings: tuple[Path, Path]
) -> None:
    course = init(tmp_path / "fall")
    assert open_course(course.root).config.Exchange.root == str(course.root.resolve() / "exchange")


@pytest.mark.parametrize("formgrader", [False, True], ids=["alone", "taken in by the account"])
def test_a_course_uses_the_exchange_of_the_machine(
    tmp_path: Path, settings: tuple[Path, Path], formgrader: bool
) -> None:
    machine, account = settings
    (machine / "nbgrader_config.py").write_text(f"c = get_config()\nc.Exchange.root = {ROOT!r}\n")
    course = init(tmp_path / "fall")
    if formgrader:
        taken_in = f'load_subconfig("nbgrader_config.py", path={str(course.root)!r})'
        (account / "nbgrader_config.py").write_text(f"c = get_config()\n{taken_in}\n")
    for _ in range(2):
        assert open_course(course.root).config.Exchange.root == ROOT
