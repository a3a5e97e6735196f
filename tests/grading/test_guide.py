"""The instructor's guide does what it says: its commands run, its question works as printed."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import zipfile
from contextlib import suppress
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from autograder.check.asking import answer, public_cases
from autograder.judge.points import judge
from autograder.values import Question, QuestionAnswers, QuestionResult
from tests.support.guide import COMMANDS, FILES, GUIDE
from tests.support.sample_class.build import STUDENTS, notebook

ROOT = Path(__file__).parents[2]
CLASS = ("ada", "chen", "emil", "lena", "nora")  # the sample class without those who take a long time
WRONG = "def doubt(responsibilities):\n    return np.sort(responsibilities, axis=1)[:, -2]"


# --------------------------------------------------------------------------- the whole way, once


def run(line: str, place: Path) -> str:
    """A line as the reader types it; grading may end with 1, since a file of the class is broken."""
    tools = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-c", line],
        cwd=place,
        env=environment,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    allowed = (0, 1) if re.match("autograder (re)?grade em", line) else (0,)
    assert done.returncode in allowed, f"{line}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def hand_in(course: Path) -> None:
    """What the guide takes for granted: the class's archive, and two notebooks of the own assignment."""
    release = course / "release" / "em" / "em.ipynb"
    if release.exists() and not (course.parent / "em.zip").exists():
        with zipfile.ZipFile(course.parent / "em.zip", "w") as archive:
            for name in CLASS:
                text = (STUDENTS / f"{name}.py").read_text(encoding="utf-8")
                archive.writestr(f"{name}/em.ipynb", notebook(json.loads(release.read_text("utf-8")), text))
    own = course / "source" / "own" / "own.ipynb"
    folder = course.parent / "own"
    if own.exists() and not folder.exists():
        folder.mkdir()
        content = json.loads(own.read_text(encoding="utf-8"))
        (folder / "right.ipynb").write_text(json.dumps(content), encoding="utf-8")
        for cell in content["cells"]:
            if cell["metadata"].get("nbgrader", {}).get("grade_id") == "doubt":
                cell["source"] = WRONG
        (folder / "wrong.ipynb").write_text(json.dumps(content), encoding="utf-8")


def write_files(course: Path) -> None:
    """The files that the guide prints."""
    for caption, text in FILES.items():
        path, at_end, _ = caption.partition(" (at the end)")
        before = (course / path).read_text(encoding="utf-8") if at_end else ""
        (course / path).write_text(before + text, encoding="utf-8")


def formgrader(course: Path) -> dict[str, bool]:
    """Starts JupyterLab as the guide says, without a browser; whose written answers are waiting."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    lab = Path(sys.executable).with_name("jupyter-lab")
    options = ["--no-browser", "--allow-root", "--port", port, "--IdentityProvider.token=test"]
    with (course / "lab.log").open("w") as log:
        process = subprocess.Popen([lab, *options], cwd=course, stderr=log)
    try:
        address = f"http://127.0.0.1:{port}/formgrader/api/submitted_notebooks/em/em?token=test"
        for _ in range(2400):  # ten minutes at most until it listens
            with suppress(URLError), urlopen(address, timeout=600) as reply:
                return {entry["student"]: entry["needs_manual_grade"] for entry in json.load(reply)}
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=0.25)
                break
        pytest.fail((course / "lab.log").read_text(encoding="utf-8")[-2000:])
    finally:
        process.kill()
        process.wait()


def give_points_by_hand(course: Path, student: str, points: float) -> None:
    """What formgrader does when a person types points."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        grade = gradebook.find_grade("shared-variance", "em", "em", student)
        grade.manual_score, grade.needs_manual_grade = points, False
        gradebook.db.commit()


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course after all commands of the guide."""
    place = tmp_path_factory.mktemp("guide")
    for line in COMMANDS:
        if line.startswith("cd "):
            place = place / line.removeprefix("cd ")
            write_files(place)
        elif line == "jupyter lab":
            waiting = formgrader(place)
            assert waiting["ada"]
            assert not waiting["lena"]
            give_points_by_hand(place, "chen", 3.0)
        else:
            run(line, place)
            hand_in(place)
    return place


def results(course: Path, assignment: str) -> dict[str, Any]:
    """The results file, by student."""
    content = json.loads((course / f"{assignment}.json").read_text(encoding="utf-8"))
    return {result["student"]: result for result in content["results"]}


def test_the_guides_commands_take_one_from_nothing_to_grades(course: Path) -> None:
    found = results(course, "em")
    assert sorted(found) == sorted(CLASS)
    assert found["ada"]["score"] == 10.0
    assert found["nora"]["status"] == "unreadable"
    assert len(list((course / "feedback").glob("*/em/em.html"))) == len(CLASS)
    assert (course / "report" / "em.html").exists()
    assert (course / "em-moodle.csv").read_text(encoding="utf-8").count("\n") == 1 + len(CLASS)


def test_the_printed_penalty_takes_ten_percent_for_a_day_and_leaves_points_given_by_hand(
    course: Path,
) -> None:
    from autograder.course.directory import open_course
    from autograder.record.rows import rows

    row = {row.person.id: row for row in rows(open_course(course), "em")}
    automatic, by_hand = 10.0, 3.0
    assert row["chen"].score == automatic + by_hand
    assert row["chen"].penalty == pytest.approx(0.1 * (automatic + by_hand))
    assert not row["ada"].penalty


def test_the_printed_question_grades_a_right_and_a_wrong_notebook(course: Path) -> None:
    found = results(course, "own")
    assert found["right"]["score"] == 4.0
    assert found["wrong"]["score"] < 4.0
    named = {check["misconception"] for check in found["wrong"]["questions"][0]["checks"]}
    assert "second-largest-share" in named


def test_every_command_that_the_guide_names_exists() -> None:
    said = set(re.findall(r"`autograder ([a-z]+)", GUIDE)) | set(
        re.findall(r"^\$ autograder (\w+)", GUIDE, re.M)
    )
    assert len(said) > 5
    known = run("autograder --help", ROOT)
    assert {name for name in said if not re.search(rf"^\s+{name}\s", known, re.M)} == set()


# --------------------------------------------------------------------------- the printed question


@pytest.fixture(scope="module")
def question(tmp_path_factory: pytest.TempPathFactory) -> Question:
    """The question as the page prints it."""
    path = tmp_path_factory.mktemp("questions") / "own.py"
    path.write_text(FILES["questions/own.py"], encoding="utf-8")
    spec = spec_from_file_location("own", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    found: Question = module.QUESTIONS[0]
    return found


def judged(question: Question, function: Any) -> QuestionResult:
    """The verdict on a function, for 4 points."""
    cases = public_cases(question)
    answers = {case.name: answer(function, case, len(question.returns))[0] for case in cases}
    return judge(question, cases, QuestionAnswers("graded", answers), 4.0)


def test_the_printed_reference_earns_everything(question: Question) -> None:
    assert judged(question, question.reference).score == 4.0


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_each_printed_misconception_loses_points_and_is_named(question: Question) -> None:
    for misconception in question.misconceptions:
        result = judged(question, misconception.implementation)
        assert result.score < 4.0, misconception.name
        assert misconception.name in {check.misconception for check in result.checks}


def test_zeros_of_the_right_shape_earn_nothing(question: Question) -> None:
    assert judged(question, lambda R: 0.0 * R[:, 0]).score <= 0.2 * 4.0
