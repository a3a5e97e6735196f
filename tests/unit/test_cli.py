"""The command line: what it lists, and what it says where a package is missing."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.cli import main
from autograder.reports.export import FORMATS, SPREADSHEET


def test_every_format_of_export_is_offered(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["export", "--help"])
    assert "{" + ",".join((*FORMATS, SPREADSHEET)) + "}" in capsys.readouterr().out


def test_the_command_line_itself_loads_nothing_that_comes_with_an_extra() -> None:
    program = (
        "import sys, autograder.cli; "
        "extras = {'nbgrader', 'xlsxwriter', 'matplotlib', 'IPython', 'jupytext'}; "
        "print(*extras & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.split() == []


def test_a_missing_package_is_told_with_the_line_to_type(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    course = str(tmp_path / "course")
    assert main(["init", course]) == 0
    monkeypatch.setitem(sys.modules, "jupytext", None)
    assert main(["release", "em", "--course", course]) == 2
    said = capsys.readouterr().err
    assert said == "autograder: this needs the package jupytext. Type: pip install 'gmm-course[grade]'\n"


def test_a_missing_module_of_the_grader_is_no_advice_to_install_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "autograder.commands.prepare", None)
    with pytest.raises(ModuleNotFoundError, match="autograder"):
        main(["init", str(tmp_path / "course")])


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 2), (signal.SIGTERM, 143)])
def test_a_second_ctrl_c_finds_nothing_to_stop_and_the_sentence_is_the_last_word(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    number: signal.Signals,
    code: int,
) -> None:
    before = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    monkeypatch.setattr("autograder.cli.open_course", lambda *_: signal.raise_signal(number))
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a program in the background ignores it
    try:
        assert main(["grade", "tiny", "--course", str(tmp_path)]) == code
        for each in before:
            signal.raise_signal(each)
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
    assert "The same command goes on" in capsys.readouterr().err
