"""`nbgrader validate`, as its users know it: the solution passes, a stub fails with a sentence to read."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from autograder.check import check
from autograder.questions import find
from tests.support.courses import HERE, ONE_CENTRE, filled, hand_in, new_course
from tests.support.programs import run

FAILED = "The following cell failed:"

NOT_WRITTEN = "is not written yet: replace the line with NotImplementedError by your code."


def validated(*paths: Path) -> subprocess.CompletedProcess[str]:
    done = run("nbgrader", ("validate", *paths), paths[0].parent, {}, 600)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert "cannot be converted" not in done.stderr  # nbgrader's complaint of a cell it cannot judge
    return done


def with_questions(path: Path) -> Path:
    """The notebook, now with the module beside it in which `check` finds its questions."""
    shutil.copy(HERE / "questions" / "tiny.py", path.with_name("tiny_questions.py"))
    return path


def failures(said: str) -> dict[str, str]:
    """The errors that nbgrader shows, by what the cell asks."""
    parts = [part.partition("The error was:") for part in said.split(FAILED)[1:]]
    return {cell.strip(): " ".join(error.replace("=" * 90, "").split()) for cell, _, error in parts}


def test_the_solution_passes_and_the_release_fails_with_one_sentence_a_function(tmp_path: Path) -> None:
    course = new_course(tmp_path / "course")
    solution, stub = (with_questions(course / name / "tiny" / "tiny.ipynb") for name in ("source", "release"))
    assert validated(solution).stdout == "Success! Your notebook passes all the tests.\n"
    said = validated(stub).stdout
    assert failures(said) == {
        **{
            f'check("tiny.{name}", {name})': f"{name} {NOT_WRITTEN}"
            for name in ("moments", "scaled", "standardise")
        },
        "YOUR ANSWER HERE": "You did not provide a response.",
    }


def test_a_wrong_function_fails_with_what_check_says_and_the_right_ones_pass(tmp_path: Path) -> None:
    course = new_course(tmp_path / "course")
    wrong = hand_in(course, "emil", filled(ONE_CENTRE))
    found = failures(validated(with_questions(wrong)).stdout)
    assert list(found) == ['check("tiny.scaled", scaled)']
    assert "The first feature's centre is taken from all." in found['check("tiny.scaled", scaled)']
    assert "..." not in found['check("tiny.scaled", scaled)']  # nbgrader cuts long lines


def test_only_while_nbgrader_validates_a_check_speaks_on_standard_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    question = find("kmeans.update")
    assert not check(question.id, lambda *inputs: 0)
    assert capsys.readouterr().err == ""
    monkeypatch.setenv("NBGRADER_VALIDATING", "1")
    assert check(question.id, question.reference)
    assert capsys.readouterr().err == ""
    assert not check(question.id, lambda *inputs: 0)
    assert "Centroids should be of shape (K, d)" in capsys.readouterr().err
