"""Every line of "Malformed but honest": a right submission with something wrong about its file or its cells.

All are graded in one batch, with plain submissions before and after them. The number is the line's.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.support.courses import (
    QUESTIONS,
    cell_of,
    code,
    filled,
    grade_id,
    graded,
    hand_in,
    new_course,
    release,
    right,
    scores,
)

Notebook = dict[str, Any]
HONEST = ("000 before", "999 after")


@dataclass(frozen=True)
class Line:
    """One malformed submission and what must come of it; `told` are words of its repairs or message."""

    number: int
    name: str
    make: Callable[[], Notebook | bytes | dict[str, Notebook | bytes]]
    told: str = ""
    status: str = "graded"
    lost: dict[str, float] = field(default_factory=dict)
    student: str = ""

    @property
    def folder(self) -> str:
        return self.student or f"{self.number:03d} {self.name}"


LINES: list[Line] = []


def line(
    number: int, told: str = "", status: str = "graded", student: str = "", **lost: float
) -> Callable[[Any], Any]:
    """Registers what a function makes; `lost` are the points of questions that cannot be whole."""

    def register(make: Callable[[], Any]) -> Callable[[], Any]:
        points = {f"tiny.{name}": score for name, score in lost.items()}
        LINES.append(Line(number, make.__name__.strip("_"), make, told, status, points, student))
        return make

    return register


def as_bytes(notebook: Notebook) -> bytes:
    return json.dumps(notebook, ensure_ascii=False).encode()


# --------------------------------------------------------------------------- files


@line(1, "cut off", "unreadable")
def cut_off_json() -> bytes:
    whole = as_bytes(filled())
    return whole[: len(whole) // 2]


@line(2, "empty", "unreadable")
def empty_file() -> bytes:
    return b""


@line(3, "not a notebook", "unreadable")
def json_that_is_no_notebook() -> bytes:
    return b'{"title": "my homework"}'


@line(4, "Latin-1")
def latin_1_bytes() -> bytes:
    notebook = filled()
    notebook["cells"].insert(0, code("name = 'Andr\u00e9'"))
    return json.dumps(notebook, ensure_ascii=False).encode("latin-1", "replace")


@line(5, "byte order mark")
def byte_order_mark() -> bytes:
    return b"\xef\xbb\xbf" + as_bytes(filled())


@line(6, "format 3 to format 4")
def nbformat_3() -> Notebook:
    cells = []
    for cell in filled()["cells"]:
        old = {key: value for key, value in cell.items() if key not in ("id", "execution_count")}
        if cell["cell_type"] == "code":
            old = {**old, "input": old.pop("source"), "language": "python", "prompt_number": 1}
        cells.append(old)
    sheet = {"cells": cells, "metadata": {}}
    return {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [sheet]}


@line(7, "format 7")
def unknown_nbformat() -> Notebook:
    return {**filled(), "nbformat": 7}


@line(8, "without one")
def cells_without_ids() -> Notebook:
    notebook = filled()
    for cell in notebook["cells"]:
        cell.pop("id")
    return notebook


@line(9, "another cell's id")
def duplicate_cell_ids() -> Notebook:
    notebook = filled()
    for cell in notebook["cells"]:
        cell["id"] = "same"
    return notebook


@line(10, "no notebook", "missing")
def no_notebook_in_the_folder() -> dict[str, bytes]:
    return {"readme.txt": b"I forgot"}


@line(11, "took tiny (1).ipynb")
def renamed_by_the_browser() -> dict[str, Notebook]:
    return {"tiny (1).ipynb": filled()}


@line(11, "took Tiny.ipynb")
def renamed_with_a_capital() -> dict[str, Notebook]:
    return {"Tiny.ipynb": filled()}


@line(11, "took homework final.ipynb")
def renamed_altogether() -> dict[str, Notebook]:
    return {"homework final.ipynb": filled()}


@line(12, "not graded: tiny-Copy1.ipynb")
def two_candidates() -> dict[str, Notebook]:
    return {"tiny.ipynb": filled(), "tiny-Copy1.ipynb": release()}


@line(12, "took tiny-Copy1.ipynb")
def two_candidates_one_of_them_broken() -> dict[str, Notebook | bytes]:
    return {"tiny.ipynb": as_bytes(filled())[:999], "tiny-Copy1.ipynb": filled()}


# --------------------------------------------------------------------------- cells


@line(13, "restored the check cell of scaled")
def missing_check_cell() -> Notebook:
    notebook = filled()
    notebook["cells"].remove(cell_of(notebook, "scaled-check"))
    return notebook


@line(14, "the answer cell scaled is missing", scaled=0.0)
def missing_solution_cell() -> Notebook:
    notebook = filled()
    notebook["cells"].remove(cell_of(notebook, "scaled"))
    return notebook


@line(15, "2 cells have the id moments")
def cell_pasted_twice() -> Notebook:
    notebook = filled()
    answer = cell_of(notebook, "moments")
    older = {**answer, "source": "def moments(X):\n    return 0"}
    notebook["cells"].insert(notebook["cells"].index(answer), older)
    return notebook


@line(15, "2 cells have the id scaled")
def cell_split_in_two() -> Notebook:
    notebook = filled()
    answer = cell_of(notebook, "scaled")
    place = notebook["cells"].index(answer)
    notebook["cells"].insert(place, {**answer, "source": "half_of_my_helpers = 1"})
    return notebook


@line(16, "recognised the answer cell moments by its content")
def metadata_stripped() -> Notebook:
    notebook = filled()
    for cell in notebook["cells"]:
        cell["metadata"] = {}
    return notebook


@line(17, "made the answer cell standardise a code cell again")
def code_cell_turned_into_markdown() -> Notebook:
    notebook = filled()
    answer = cell_of(notebook, "standardise")
    answer["cell_type"] = "markdown"
    return notebook


@line(18, "took the points of the check cell of moments from the release")
def edited_points() -> Notebook:
    notebook = filled()
    cell_of(notebook, "moments-check")["metadata"]["nbgrader"]["points"] = 1
    return notebook


@line(18, "restored the check cell of standardise: it had been edited")
def edited_check_source() -> Notebook:
    notebook = filled()
    cell_of(notebook, "standardise-check")["source"] = "# check('tiny.standardise', standardise)"
    return notebook


@line(19, "kernel 'ir'")
def wrong_kernelspec() -> Notebook:
    notebook = filled()
    notebook["metadata"]["kernelspec"] = {"name": "ir", "display_name": "R"}
    return notebook


@line(19, "names no kernel")
def missing_kernelspec() -> Notebook:
    return {**filled(), "metadata": {}}


# --------------------------------------------------------------------------- code


@line(20, scaled=0.0)
def syntax_error_in_one_cell() -> Notebook:
    return filled({"scaled": "def scaled(X, centre, spread)\n    return 1"})


@line(21)
def exception_in_the_first_cell() -> Notebook:
    notebook = filled()
    first = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    first["source"] = first["source"] + "\n1 / 0"
    return notebook


@line(22)
def warnings_prints_and_progress_bars() -> Notebook:
    talkative = """
import sys, warnings
for step in range(5):
    print("\\r", step, end="")
    sys.stderr.write("#")
warnings.warn("this may take a while")
import logging; logging.warning("careful")

"""
    return filled({name: talkative + right()[name] for name in ("moments", "scaled")})


@line(23, scaled=0.0)
def endless_loop_in_one_question() -> Notebook:
    return filled({"scaled": "def scaled(X, centre, spread):\n    while True:\n        pass"})


@line(24, scaled=0.0)
def recursion() -> Notebook:
    return filled({"scaled": "def scaled(X, centre, spread):\n    return scaled(X, centre, spread)"})


def with_cell(source: str) -> Notebook:
    """A right notebook with one more cell, right after the imports."""
    notebook = filled()
    place = next(i for i, cell in enumerate(notebook["cells"]) if grade_id(cell) == "moments")
    notebook["cells"].insert(place, code(source))
    return notebook


@line(25)
def waits_for_input() -> Notebook:
    return with_cell("name = input('Who are you? ')")


@line(26)
def quit_left_in() -> Notebook:
    return with_cell("quit()")


@line(26)
def exit_left_in() -> Notebook:
    return with_cell("import sys\nsys.exit(1)")


@line(27)
def twenty_megabytes_of_output() -> Notebook:
    return with_cell("for i in range(20):\n    print('x' * 1_000_000)")


@line(28)
def fifty_megabytes_of_images() -> Notebook:
    notebook = filled()
    first = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    image = {"output_type": "display_data", "metadata": {}, "data": {"image/png": "A" * 50_000_000}}
    first["outputs"] = [image]
    return notebook


@line(29, student="Zo\u00eb \u00c5ngstr\u00f6m \u674e 7")
def unicode_and_spaces_in_names() -> Notebook:
    return filled()


@line(30, "Windows line ends")
def windows_line_ends() -> Notebook:
    notebook = filled()
    for cell in notebook["cells"]:
        cell["source"] = cell["source"].replace("\n", "\r\n")
    return notebook


@line(30, "not graded: TINY.ipynb")
def names_that_differ_in_case() -> dict[str, Notebook]:
    return {"tiny.ipynb": filled(), "TINY.ipynb": release()}


@line(32)
def changes_directory() -> Notebook:
    return with_cell("import os\nos.chdir('/tmp')")


@line(32)
def closes_standard_output() -> Notebook:
    return with_cell("import sys\nsys.stdout.close()")


@line(32)
def changes_locale_and_seed() -> Notebook:
    return with_cell(
        "import locale, random\nlocale.setlocale(locale.LC_ALL, 'C')\nrandom.seed(0)\nnp.random.seed(0)\n"
        "np.set_printoptions(precision=2)"
    )


@line(32)
def floating_point_errors_raise() -> Notebook:
    return with_cell("np.seterr(all='raise')")


@line(33)
def plots_widgets_and_magics() -> Notebook:
    plot = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\n"
    return with_cell(f"%matplotlib inline\n{plot}%timeit -n 1 -r 1 1 + 1")


@line(33)
def a_widget() -> Notebook:
    return with_cell("import ipywidgets\nipywidgets.IntSlider()")


@line(34)
def unused_import_of_a_missing_package() -> Notebook:
    return with_cell("import seaborn as sns")


@line(35, "not the notebook of tiny", "missing")
def another_assignment() -> Notebook:
    return release("other")


@line(36)
def cells_in_another_order() -> Notebook:
    notebook = filled()
    notebook["cells"] = [notebook["cells"][0], *reversed(notebook["cells"][1:])]
    return notebook


@line(37)
def function_defined_twice() -> Notebook:
    wrong = "def moments(X):\n    return None\n\n"
    return filled({"moments": wrong + right()["moments"]})


@line(38)
def lists_and_plain_numbers() -> Notebook:
    return filled(
        {
            "moments": """
def moments(X):
    n, centre = len(X), [sum(column) / len(column) for column in X.T]
    return centre, sum(float((x[j] - m) ** 2) for x in X for j, m in enumerate(centre)) ** 0.5 / n**0.5
""",
            "scaled": """
def scaled(X, centre, spread):
    return [[(value - m) / spread for value, m in zip(x, centre)] for x in X]
""",
        }
    )


@line(38)
def zero_dimensional_and_long_double() -> Notebook:
    number = "np.array(np.sqrt(squared.mean()), dtype=np.longdouble)"
    source = right()["moments"].replace("np.sqrt(squared.mean())", number)
    assert number in source
    return filled({"moments": source})


@line(39)
def classes_decorators_and_annotations() -> Notebook:
    return filled(
        {
            "moments": """
from __future__ import annotations
from dataclasses import dataclass
from functools import lru_cache, wraps

def timed(function):
    @wraps(function)
    def wrapper(*inputs: np.ndarray) -> tuple[np.ndarray, float]:
        return function(*inputs)
    return wrapper

@dataclass(frozen=True)
class Cloud:
    X: np.ndarray

    @property
    def centre(self) -> np.ndarray:
        return self.X.mean(axis=0)

    @property
    def spread(self) -> float:
        return np.linalg.norm(self.X - self.centre) / len(self.X) ** 0.5

@timed
def moments(X: np.ndarray) -> tuple[np.ndarray, float]:
    cloud = Cloud(X)
    return cloud.centre, cloud.spread
"""
        }
    )


@line(39)
def star_imports_and_helpers_elsewhere() -> Notebook:
    notebook = with_cell("from numpy import *\n\ndef less(x, y):\n    return x - y")
    answer = cell_of(notebook, "scaled")
    answer["source"] = answer["source"].replace("X - centre", "array(less(X, centre))")
    assert "less" in answer["source"]
    return notebook


@line(41, "restored the cell with the imports")
def imports_deleted_in_a_session_that_still_has_them() -> Notebook:
    notebook = filled()
    notebook["cells"] = [cell for cell in notebook["cells"] if "import numpy" not in cell["source"]]
    return notebook


@line(41)
def imports_moved_into_the_answer() -> Notebook:
    notebook = filled()
    imports = next(cell for cell in notebook["cells"] if "import numpy" in cell["source"])
    notebook["cells"].remove(imports)
    answer = cell_of(notebook, "moments")
    answer["source"] = f"{imports['source']}\n\n{answer['source']}"
    return notebook


@line(42, "put the line ends back")
def lists_of_lines_without_their_ends() -> Notebook:
    notebook = filled()
    for cell in notebook["cells"]:
        cell["source"] = cell["source"].split("\n")
    return notebook


@line(43, "not graded: ")
def a_whole_course_with_many_notebooks() -> dict[str, Notebook]:
    others = {f"a{number:02d}.ipynb": {"cells": [code("x")], "nbformat": 4} for number in range(40)}
    return {**others, "tiny.ipynb": filled()}


@line(44, "left out the end of the text")
def a_megabyte_pasted_into_a_text() -> Notebook:
    return filled({"why": "All of the log. " * 70_000})


# --------------------------------------------------------------------------- the batch


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    course = new_course(tmp_path_factory.mktemp("malformed") / "course")
    for student in HONEST:
        hand_in(course, student, filled())
    for one in LINES:
        made = one.make()
        plain = isinstance(made, bytes) or {"cells", "worksheets"} & made.keys()
        files = {"tiny.ipynb": made} if plain else made
        for name, content in files.items():
            hand_in(course, one.folder, content, name)
    return graded(course)


@pytest.mark.parametrize("one", LINES, ids=lambda one: f"{one.number}-{one.name}")
def test_a_malformed_submission_gets_what_it_deserves_and_a_plain_word(
    one: Line, results: dict[str, dict[str, Any]]
) -> None:
    result = results[one.folder]
    assert result["status"] == one.status
    wanted = {**QUESTIONS, **one.lost} if one.status == "graded" else dict.fromkeys(QUESTIONS, 0.0)
    assert scores(result) == wanted, result
    assert one.told in " ".join((*result["repairs"], result["message"]))


@pytest.mark.parametrize("student", HONEST)
def test_plain_submissions_before_and_after_are_not_touched(
    student: str, results: dict[str, dict[str, Any]]
) -> None:
    assert scores(results[student]) == QUESTIONS
    assert results[student]["repairs"] == []


def test_an_unreadable_file_is_told_by_name_with_problem_and_remedy(
    results: dict[str, dict[str, Any]],
) -> None:
    message = results["001 cut_off_json"]["message"]
    assert message.startswith("tiny.ipynb: The file is cut off")
    assert "hand it in again" in message


def test_every_submission_lists_every_question(results: dict[str, dict[str, Any]], tmp_path: Path) -> None:
    for result in results.values():
        assert [question["id"] for question in result["questions"]] == list(QUESTIONS)
        assert all(isinstance(question["score"], float) for question in result["questions"])
