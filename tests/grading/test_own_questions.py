"""A question of a course's own, from notebook to release: the example of the guide, and what may go wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autograder.check import check
from autograder.course.directory import open_course
from autograder.course.releasing import notebook_of
from tests.support.courses import command, new_course
from tests.support.guide import Printed, steps

FILES = {step.path: step.text for step in steps("instructors-own") if isinstance(step, Printed)}
SOLUTION = "def doubt(responsibilities):\n    return 1.0 - np.max(responsibilities, axis=1)"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course with the question that the guide prints, and its notebook in source/."""
    folder = new_course(tmp_path / "course")
    (folder / "questions" / "own.py").write_text(FILES["questions/own.py"], encoding="utf-8")
    (tmp_path / "own.py").write_text(FILES["own.py"], encoding="utf-8")
    (folder / "source" / "own").mkdir()
    notebook = json.dumps(notebook_of(tmp_path / "own.py"))
    (folder / "source" / "own" / "own.ipynb").write_text(notebook, encoding="utf-8")
    return folder


def released(course: Path) -> Path:
    run = command("release", "own", "--course", course)
    assert run.returncode == 0, run.stderr
    return course / "release" / "own" / "own.ipynb"


def test_without_the_module_a_check_says_that_the_question_is_graded_later(course: Path) -> None:
    run = command("check", released(course))
    assert run.returncode == 0, run.stderr
    assert "cannot be checked here" in run.stdout
    assert "graded when you have handed in" in run.stdout


def test_with_the_module_beside_the_notebook_students_can_check_it(course: Path) -> None:
    source = course / "source" / "own" / "own_questions.py"
    source.write_text(FILES["questions/own.py"], encoding="utf-8")
    path = released(course)
    assert "doubt is not written yet" in command("check", path).stdout
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "doubt":
            cell["source"] = SOLUTION
    path.write_text(json.dumps(notebook), encoding="utf-8")
    assert "doubt is right" in command("check", path).stdout


def test_the_module_with_the_answers_never_comes_near_the_students_code(course: Path) -> None:
    for name in ("own_questions.py", "data.csv"):
        (course / "source" / "own" / name).write_text(FILES["questions/own.py"], encoding="utf-8")
    folder = released(course).parent
    assert {path.name for path in folder.iterdir()} == {"own.ipynb", "own_questions.py", "data.csv"}
    assert list(open_course(course).data_files("own")) == ["data.csv"]


def test_a_module_that_cannot_be_used_is_told_in_the_notebook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "spoilt_questions.py").write_text("QUESTIONS = 1 / 0", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    assert "spoilt_questions.py cannot be used (ZeroDivisionError" in repr(check("spoilt.a", print))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "has no attribute 'QUESTIONS'"),
        ("QUESTIONS = (", "SyntaxError"),
        ("QUESTIONS = ()", "'own.doubt'"),
    ],
)
def test_a_question_that_is_not_there_is_told_before_the_notebook_is_released(
    course: Path, text: str, told: str
) -> None:
    (course / "questions" / "own.py").write_text(text, encoding="utf-8")
    run = command("release", "own", "--course", course)
    assert run.returncode == 2
    assert told in run.stderr
    assert not (course / "release" / "own").exists()
