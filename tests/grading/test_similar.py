"""`autograder similar`: from rebuilt notebooks to a page that the class page leads to."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.support.courses import command, whole
from tests.support.sample_class import build

CLASS = ("ada", "bela", "chen", "dana", "nora")  # ada's is the model answer; nora's file was cut off


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The class's notebooks as grading rebuilds them; eve has bela's with other comments."""
    course = tmp_path_factory.mktemp("similar") / "course"
    shutil.copytree(whole(), course)
    release = json.loads((course / "release" / "em" / "em.ipynb").read_text(encoding="utf-8"))
    texts = {name: (build.STUDENTS / f"{name}.py").read_text(encoding="utf-8") for name in CLASS}
    texts["eve"] = re.sub(r"^( +return .*)$", r"\1  # done", texts["bela"], flags=re.M)
    for name, text in texts.items():
        path = course / "autograded" / name / "em" / "em.ipynb"
        path.parent.mkdir(parents=True)
        path.write_bytes(b"{}" if name == "nora" else build.notebook(release, text))
    return course


def test_copies_are_listed_and_independent_answers_are_not(course: Path) -> None:
    done = command("similar", "em", "--course", course)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[:4] == [
        "5 submissions of em compared. Places to look, not verdicts:",
        "  like published code: 1",
        "  of the same structure as others: 2",
        "  pairs that are alike in part: 0",
    ]
    page = (course / "report" / "em-similar.html").read_text(encoding="utf-8")
    found = {name: f"../feedback/{name}/em/em.html" in page for name in (*CLASS, "eve")}
    assert found == {"ada": True, "bela": True, "eve": True, "chen": False, "dana": False, "nora": False}


def test_the_class_page_leads_there(course: Path) -> None:
    path = course / "report" / "em-similar.html"
    path.unlink(missing_ok=True)
    assert command("report", "em", "--course", course).returncode == 0
    report = course / "report" / "em.html"
    assert "em-similar.html" not in report.read_text(encoding="utf-8")
    assert command("similar", "em", "--course", course).returncode == 0
    assert path.stat().st_mode & 0o077 == 0  # for the instructor alone


def test_an_assignment_that_was_not_released_is_told(course: Path) -> None:
    done = command("similar", "nothing", "--course", course)
    assert (done.returncode, "no released assignment" in done.stderr) == (2, True)
