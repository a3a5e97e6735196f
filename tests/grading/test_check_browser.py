"""What the book's page asks of Python, asked without a browser: cells in, a verdict as JSON out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import jupytext
import pytest

from autograder.check import browser
from autograder.links import book_url
from autograder.questions import ASSIGNMENTS, find, of_assignment

ROOT = Path(__file__).parents[2]
QUESTIONS = [question.id for name in ASSIGNMENTS for question in of_assignment(name)]
ZEROS = "def e_step(X, weights, means, covariances):\n    return np.zeros((len(X), len(means))), 0.0\n"


def source(assignment: str, stubs: bool = False) -> list[dict[str, str]]:
    """The setup and the functions of an assignment, as the page sends them."""
    notebook = jupytext.read(ROOT / "solutions" / assignment / f"{assignment}.py")
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    cells = [{"name": "setup", "source": code[0].source}]
    for cell in code:
        marks = cell.metadata.get("nbgrader", {})
        if marks.get("solution"):
            answer = cell.source.partition("    ### BEGIN SOLUTION")[0] + "    raise NotImplementedError\n"
            cells.append({"name": marks["grade_id"], "source": answer if stubs else cell.source})
    return cells


def up_to(question: str, cells: list[dict[str, str]]) -> list[dict[str, str]]:
    names = [cell["name"] for cell in cells]
    return cells[: names.index(question.partition(".")[2]) + 1]


def checked(question: str, cells: list[dict[str, str]]) -> dict[str, Any]:
    return json.loads(browser.call("check", json.dumps({"question": question, "cells": cells})))


def em(*cells: tuple[str, str]) -> list[dict[str, str]]:
    return [{"name": "setup", "source": "import numpy as np"}, *({"name": n, "source": s} for n, s in cells)]


@pytest.fixture(autouse=True)
def _beside_the_data(monkeypatch: pytest.MonkeyPatch) -> None:
    """`begin` changes the folder, the address of the book and, without matplotlib, sys.modules: undone."""
    monkeypatch.setenv("GMM_COURSE_BOOK", "before")
    monkeypatch.setenv("MPLBACKEND", "agg")
    monkeypatch.chdir(ROOT)
    browser.begin("..")


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_model_answer_is_right(question: str) -> None:
    found = checked(question, up_to(question, source(question.partition(".")[0])))
    assert found["verdict"] == "right", found["content"]["headline"]
    assert found["content"]["notes"] == []
    assert found["line"] is None


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_stub_is_not_written_yet(question: str) -> None:
    found = checked(question, up_to(question, source(question.partition(".")[0], stubs=True)))
    assert (found["verdict"], found["content"]["kind"]) == ("wrong", "not-written")


def test_a_mistake_comes_with_its_name_and_the_place_to_read_in_this_book() -> None:
    model = source("em")[1]["source"]
    found = checked("em.e_step", em(("e_step", model.replace("np.log(weights[k])", "weights[k]"))))
    assert found["verdict"] == "wrong"
    assert found["content"]["misconception"] == "weights-not-logged"
    assert found["content"]["example"]["expected"]
    assert found["content"]["read"][0]["address"] == book_url(found["content"]["read"][0]["label"], "..")


@pytest.mark.parametrize(
    ("code", "line", "said"),
    [
        ("def e_step(X:\n    pass\n", 1, "SyntaxError in line 1"),
        ("\n\nzeros(3)\n", 3, "NameError in line 3: name 'zeros' is not defined"),
        ("def e_step(*given):\n    return 1\n\nraise SystemExit\n", 4, "SystemExit in line 4"),
        ("def another():\n    pass\n", None, "The cell defines no e_step"),
        ("def e_step(X, weights, means, covariances):\n    return zeros(3)\n", 2, "NameError in line 2"),
        ("e_step = 3\n", None, "not a function"),
        # One case has as many points as components, and comes through.
        ("def e_step(X, weights, *rest):\n    return X + weights[:, None], 0.0\n", 2, "in line 2"),
    ],
)
def test_an_error_is_told_with_its_line(code: str, line: int | None, said: str) -> None:
    found = checked("em.e_step", em(("e_step", code)))
    assert (found["verdict"], found["line"]) == ("error", line)
    assert said in found["content"]["headline"] + str(found["content"]["example"])


def test_a_wrong_helper_is_replaced_and_a_cell_that_does_not_run_is_named() -> None:
    cells = source("em")
    cells[1]["source"], cells[2]["source"] = ZEROS, "def m_step(X, responsibilities:\n"
    found = checked("em.fit", cells)
    assert found["verdict"] == "right"
    notes = " ".join(found["content"]["notes"])
    assert "The cell of m_step does not run. SyntaxError in line 1" in notes
    assert "e_step is not right yet, so fit was tried with a correct one" in notes


def test_a_module_that_the_page_has_not_is_spoken_of() -> None:
    found = checked("em.e_step", em(("e_step", "import no_such_module_of_anybody\n")))
    assert "Python in the page has NumPy and no no_such_module_of_anybody" in found["content"]["notes"][0]


def test_what_is_printed_is_kept_from_the_cell_and_from_the_function_but_not_without_bound() -> None:
    code = f"print('the cell')\n{ZEROS.replace('return', 'print(0); return')}"
    assert checked("em.e_step", em(("e_step", code)))["content"]["printed"].startswith("the cell\n0\n")
    code = f"print('x' * 10**6)\n{ZEROS}"
    assert len(checked("em.e_step", em(("e_step", code)))["content"]["printed"]) < 10**5


def test_lines_for_ipython_are_passed_over_and_the_others_keep_their_numbers() -> None:
    found = checked("em.e_step", em(("e_step", f"%matplotlib inline\n!ls\n{ZEROS}\n1 / 0\n")))
    assert found["content"]["headline"].startswith("The cell does not run. ZeroDivisionError in line 6")


def test_each_check_has_a_fresh_namespace() -> None:
    checked("em.e_step", em(("e_step", f"left_behind = 1\n{ZEROS}")))
    assert checked("em.e_step", em(("e_step", f"left_behind\n{ZEROS}")))["verdict"] == "error"


def test_preparation_goes_on_where_it_stopped_and_comes_to_an_end() -> None:
    calls = 1
    while not json.loads(browser.call("prepare", '{"question": "soft.responsibilities", "milliseconds": 0}')):
        calls += 1
    assert calls > len(find("soft.responsibilities").misconceptions)


def test_without_matplotlib_a_setup_that_draws_runs_and_nothing_else_is_loaded() -> None:
    """As in the page's Python: NumPy alone, in a process of its own."""
    asked = json.dumps({"question": "kmeans.assign", "cells": up_to("kmeans.assign", source("kmeans"))})
    program = f"""
import sys
class Gone:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("scipy", "pandas", "IPython"):
            raise ModuleNotFoundError(f"No module named {{name!r}}")
sys.meta_path.insert(0, Gone())
from autograder.check import browser
browser.begin("..")
print(browser.call("check", {asked!r}))
"""
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=ROOT, env=os.environ
    )
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout)["verdict"] == "right"
