"""The released notebooks: no solution inside, no traceback before it is written, full points once it is."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl
import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from autograder.check import check
from autograder.check.asking import public_cases
from autograder.course.release import load, text_of
from autograder.course.releasing import notebook_of
from autograder.intake.matching import match
from autograder.intake.notebook import read_notebook
from autograder.judge.points import judge
from autograder.links import LOCAL_BOOK, book_url, wheel_url
from autograder.questions import of_assignment
from autograder.values import Answer, QuestionAnswers
from tests.support.courses import command, whole

SOLUTIONS = Path(__file__).parents[2] / "solutions"
ASSIGNMENTS = sorted(path.parent.name for path in SOLUTIONS.glob("*/*.py") if path.stem == path.parent.name)
ALLOWED_IMPORTS = {"numpy", "scipy", "matplotlib", "autograder", "itertools", "os"}
PAGES = {path.stem for path in (SOLUTIONS.parent / "book").glob("*.md")}

Namespace = dict[str, Any]


@pytest.fixture(scope="module")
def released() -> Path:
    """All assignments, released through nbgrader's own generate_assignment."""
    return whole() / "release"


def notebook(released: Path, name: str) -> Any:
    return nbformat.read(released / name / f"{name}.ipynb", as_version=4)


def marks(cell: Any) -> Any:
    return cell.metadata.get("nbgrader", {})


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_a_notebook_says_which_wrong_helper_is_replaced_by_a_right_one(assignment: str) -> None:
    source = (SOLUTIONS / assignment / f"{assignment}.py").read_text("utf-8")
    said = " ".join(re.sub(r"^# ?", "", source, flags=re.MULTILINE).split())
    helpers = {used.partition(".")[2] for question in of_assignment(assignment) for used in question.uses}
    assert bool(helpers) == ("it is graded with a right one in its place" in said)
    for helper in helpers:
        assert re.search(rf"`{helper}`[^.]* of yours that is wrong", said), helper


@pytest.fixture(scope="module")
def executed(released: Path) -> dict[str, list[Any]]:
    """The code cells of all notebooks, run by one kernel; each begins without names, in its own folder."""
    cells = {}
    for name in ASSIGNMENTS:
        sources = [cell.source for cell in notebook(released, name).cells if cell.cell_type == "code"]
        cells[name] = list(map(new_code_cell, [f"%reset -f\n%cd -q {released / name}", *sources]))
    everything = new_notebook(cells=[cell for some in cells.values() for cell in some])
    NotebookClient(everything, timeout=600, kernel_name="python3", allow_errors=True).execute()
    return cells


def run_solution(name: str, monkeypatch: pytest.MonkeyPatch) -> Namespace:
    """The solution's cells, run one after another in one namespace."""
    mpl.use("agg")
    monkeypatch.chdir(SOLUTIONS / name)
    monkeypatch.setenv("GMM_COURSE_BOOK", LOCAL_BOOK)
    names: Namespace = {"__name__": "__main__"}
    for index, cell in enumerate(notebook_of(SOLUTIONS / name / f"{name}.py")["cells"]):
        if cell["cell_type"] == "code":
            exec(compile(cell["source"], f"<{name} cell {index}>", "exec"), names)
    return names


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_a_released_notebook_holds_no_solution(released: Path, name: str) -> None:
    source = (SOLUTIONS / name / f"{name}.py").read_text(encoding="utf-8")
    shown = "\n".join(cell.source for cell in notebook(released, name).cells)
    bodies = re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", source, flags=re.DOTALL)
    assert len(bodies) >= len(of_assignment(name))
    for body in bodies:
        for line in body.splitlines():
            if len(line.strip()) > 12:
                assert line.strip() not in shown
    assert "SOLUTION" not in shown
    assert "Rubric" not in shown
    assert "Model answer" not in shown


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_each_question_has_a_stub_and_a_locked_check_cell_behind_it(released: Path, name: str) -> None:
    cells = [cell for cell in notebook(released, name).cells if marks(cell).get("grade_id")]
    ids = [marks(cell)["grade_id"] for cell in cells]
    for question in of_assignment(name):
        position = ids.index(question.name)
        stub, checking = cells[position], cells[position + 1]
        assert f"def {question.signature}:" in stub.source
        assert "raise NotImplementedError" in stub.source
        assert marks(checking)["grade_id"] == f"{question.name}-check"
        assert checking.source == f'check("{question.id}", {question.name})'
        assert marks(checking)["locked"]
        assert marks(checking)["points"] > 0
    graded = [cell for cell in cells if marks(cell)["grade"] and cell.cell_type == "code"]
    asked = {marks(cell)["grade_id"] for cell in graded}
    assert asked == {f"{question.name}-check" for question in of_assignment(name)}


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_a_stub_tells_shapes_and_every_letter_of_its_signature(released: Path, name: str) -> None:
    cells = {marks(cell).get("grade_id"): cell.source for cell in notebook(released, name).cells}
    for question in of_assignment(name):
        docstring = cells[question.name].partition('"""')[2].partition('"""')[0]
        inside = question.signature.partition("(")[2][:-1].split(",")
        arguments = [part.partition("=")[0].strip() for part in inside]
        for argument in arguments:
            assert re.search(rf"^\s+{argument}\s", docstring, flags=re.MULTILINE), (question.id, argument)
        assert "returns" in docstring


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_a_released_notebook_imports_only_what_students_have(released: Path, name: str) -> None:
    code = "\n".join(cell.source for cell in notebook(released, name).cells if cell.cell_type == "code")
    imported = set(re.findall(r"^\s*(?:import|from)\s+(\w+)", code, flags=re.MULTILINE))
    assert imported <= ALLOWED_IMPORTS
    ours = re.findall(r"^\s*(from autograder.*)$", code, flags=re.MULTILINE)
    assert ours == ["from autograder.check import check"]


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_without_the_check_the_first_cell_says_what_to_type_and_the_notebook_goes_on(
    released: Path, name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    cells = [cell.source for cell in notebook(released, name).cells if cell.cell_type == "code"]
    importing = next(cell for cell in cells if "autograder.check" in cell)
    start = importing.index("try:")
    names: dict[str, Any] = {}
    monkeypatch.setitem(sys.modules, "autograder.check", None)
    exec(importing[start : importing.index("check()\n", start) + len("check()\n")], names)
    said = capsys.readouterr().out
    assert f"%pip install {wheel_url(LOCAL_BOOK)}\n" in said
    names["check"]("em.e_step", print)
    assert capsys.readouterr().out == said


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_a_released_notebook_runs_through_and_says_not_written_yet(
    executed: dict[str, list[Any]], name: str
) -> None:
    outputs = [output for cell in executed[name] for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    assert not [output for output in outputs if output.get("name") == "stderr"]
    shown = [output.data["text/plain"] for output in outputs if output.output_type == "execute_result"]
    for question in of_assignment(name):
        assert any(text.startswith(f"{question.name} is not written yet") for text in shown)


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_solution_earns_everything_and_stub_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    names = run_solution(name, monkeypatch)
    for question in of_assignment(name):
        report = check(question.id, names[question.name])
        assert report, report
        stub = QuestionAnswers(
            "not-written",
            {case.name: Answer("raised", exception="NotImplementedError") for case in public_cases(question)},
        )
        result = judge(question, public_cases(question), stub, 4.0)
        assert (result.score, result.status) == (0.0, "not-written")
        assert "is not written yet" in result.message


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_a_notebook_opens_with_task_minutes_and_the_page_of_the_book(released: Path, name: str) -> None:
    first = notebook(released, name).cells[0].source
    assert first.startswith("# ")
    assert "You will write" in first
    assert "minutes" in first
    assert book_url(name, LOCAL_BOOK) in first
    assert "millionth" in first


def test_notebooks_and_their_checks_lead_to_the_course_s_book(tmp_path: Path) -> None:
    course, book = tmp_path / "course", "https://example.org/gmm"
    assert command("init", course, "--book", f"{book}/").returncode == 0
    assert command("release", "em", "--course", course).returncode == 0
    path = course / "release" / "em" / "em.ipynb"
    text = path.read_text("utf-8")
    assert LOCAL_BOOK not in text
    assert book_url("em", book) in text
    assert wheel_url(book) in text
    path.chmod(0o644)
    path.write_text(text.replace("raise NotImplementedError", "return 0"), "utf-8")
    checked = command("check", path)
    assert f"Read: {book}/book/" in checked.stdout
    assert LOCAL_BOOK not in checked.stdout


def test_a_notebook_from_another_copy_of_the_book_is_the_same_notebook(
    released: Path, tmp_path: Path
) -> None:
    path = released / "em" / "em.ipynb"
    elsewhere = path.read_text("utf-8").replace(LOCAL_BOOK, "https://example.org/gmm")
    matched = match(read_notebook(elsewhere.encode()), load(path))
    assert [cell.origin for cell in matched.cells] == list(range(len(load(path).cells)))
    assert matched.repairs == ()
    shortened = json.loads(elsewhere)  # its lines are the course's own all the same, and nobody's answer
    first = shortened["cells"][0]
    first["source"] = text_of(first["source"]).partition("\n")[2]
    assert match(read_notebook(json.dumps(shortened).encode()), load(path)).repairs == ()


def test_links_in_notebooks_lead_to_pages_of_the_book(released: Path) -> None:
    for name in ASSIGNMENTS:
        text = "\n".join(cell.source for cell in notebook(released, name).cells)
        topics = set(re.findall(r"http://localhost:8000/book/book/(\w+)\.html", text))
        assert name in topics
        assert topics <= PAGES
        for topic in topics:
            assert book_url(topic, LOCAL_BOOK) == f"http://localhost:8000/book/book/{topic}.html"


def test_the_derivation_in_em_is_graded_by_a_person_with_a_hidden_rubric(released: Path) -> None:
    source = [
        cell
        for cell in notebook_of(SOLUTIONS / "em" / "em.py")["cells"]
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "shared-variance"
    ]
    assert "**Rubric** (6 points)" in source[0]["source"]
    shown = notebook(released, "em").cells
    cells = [cell for cell in shown if marks(cell).get("grade_id") == "shared-variance"]
    assert cells[0].cell_type == "markdown"
    assert cells[0].source == "YOUR ANSWER HERE"
    assert marks(cells[0])["points"] == 6


def test_the_log_likelihoods_that_selection_prints_are_those_of_the_galaxies() -> None:
    """The best of many starts; K = 3 and K = 4 are published."""
    text = (SOLUTIONS / "selection" / "selection.py").read_text(encoding="utf-8")
    found = re.search(r"LOG_LIKELIHOODS = \{(.*?)\}", text)
    assert found is not None
    table = {int(k): float(v) for k, v in re.findall(r"(\d): (-[\d.]+)", found.group(1))}
    velocities = np.loadtxt(SOLUTIONS / "selection" / "galaxies.csv", skiprows=1) / 1000
    n, variance = len(velocities), velocities.var()
    assert table[1] == pytest.approx(-0.5 * n * (np.log(2 * np.pi * variance) + 1), abs=6e-4)
    assert table[3] == pytest.approx(-203.17922796512607, abs=6e-4)
    assert table[4] == pytest.approx(-197.453764, abs=6e-4)
