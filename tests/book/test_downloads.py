"""A page downloaded as a notebook runs in an empty folder and shows no markup of the book.

The build itself executes each page as on a reader's machine. What is left to show is that this is so, and
that a download has the code that was executed.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import jupytext
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from autograder.links import WHEEL
from book import build
from tests.book.test_pages import LESSONS

sys.path.insert(0, str(build.ROOT / "book" / "_ext"))

from gmm_book import execution
from gmm_book.notebook import NO_GLUE

PAGES = ["intro", *LESSONS]
MACROS = "T|N|E|R|KL|argmin|argmax|diag|tr|Cov|Var"


def cells(html: Path, page: str, kind: str) -> list[str]:
    notebook = json.loads((html / "book" / f"{page}.ipynb").read_text("utf-8"))
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == kind]


@pytest.fixture(scope="module")
def student(html: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Environment of a reader who installed the book's wheel and nothing else of the course."""
    place = tmp_path_factory.mktemp("installed")
    zipfile.ZipFile(html / "_static" / "runtime" / WHEEL).extractall(place)
    return {**os.environ, "MPLBACKEND": "Agg", "PYTHONPATH": str(place)}


@pytest.mark.parametrize("page", PAGES)
def test_a_downloaded_page_is_plain_markdown(page: str, html: Path) -> None:
    text = "\n".join(cells(html, page, "markdown"))
    markup = rf"\{{[\w:-]+\}}`[^`]*`|^[:`]{{3,}}.*|^\([\w-]+\)=|\\(?:{MACROS})(?![A-Za-z])"
    known_fences = {"```python", "```console", "```"}
    found = [match for match in re.findall(markup, text, re.MULTILINE) if match.strip() not in known_fences]
    assert found == []
    assert text.count("$$") % 2 == 0


def test_the_book_is_executed_in_an_empty_folder_with_the_wheel_that_readers_install(tmp_path: Path) -> None:
    cells = (
        "import os; print(os.listdir())",
        "import gmmlib, autograder; print(gmmlib.__file__); print(autograder.__file__)",
        "import figures.em, gmmlib.figures.em; print(figures.em.__file__)",
    )
    notebook = new_notebook(cells=[new_code_cell(cell) for cell in cells])
    with execution.readers_machine(build.ROOT):
        _, _, result = execution._execute(tmp_path / "page.md", notebook, 120)
    assert result.err is None, result.exc_string
    folder, packages, drawn = ("".join(cell.outputs[0].text) for cell in notebook.cells)
    assert folder == "[]\n"
    assert str(build.ROOT) not in packages + drawn


@pytest.mark.parametrize("page", PAGES)
def test_a_download_has_the_code_of_the_page_with_the_installed_figures(page: str, html: Path) -> None:
    executed = [
        cell.source
        for cell in jupytext.read(build.ROOT / "book" / f"{page}.md", fmt="md:myst").cells
        if cell.cell_type == "code"
    ]
    here = [
        re.sub("^from figures", "from gmmlib.figures", source, flags=re.MULTILINE).replace(
            "from myst_nb import glue", NO_GLUE
        )
        for source in executed
    ]
    assert cells(html, page, "code") == here


IMPORTS = """
import ast, json, os, pathlib, sys

for path in pathlib.Path().glob("*.ipynb"):
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        for part in ast.parse("".join(cell["source"])).body if cell["cell_type"] == "code" else ():
            if isinstance(part, (ast.Import, ast.ImportFrom)):
                exec(ast.unparse(part))
ours = [module for name, module in sys.modules.items() if name.split(".")[0] in ("gmmlib", "autograder")]
assert "gmmlib.figures.em" in sys.modules
assert all(module.__file__.startswith(os.environ["PYTHONPATH"]) for module in ours), ours
"""


def test_what_the_downloads_import_is_installed_with_the_wheel(
    html: Path, student: dict[str, str], tmp_path: Path
) -> None:
    for page in PAGES:
        (tmp_path / f"{page}.ipynb").write_bytes((html / "book" / f"{page}.ipynb").read_bytes())
    command = [sys.executable, "-c", IMPORTS]
    run = subprocess.run(command, cwd=tmp_path, env=student, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("page", ["intro", "soft"])  # one with glued numbers, one without
def test_a_downloaded_page_runs_in_jupyter_and_shows_pictures_and_no_html_of_the_book(
    page: str, html: Path, student: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "page.ipynb").write_bytes((html / "book" / f"{page}.ipynb").read_bytes())
    command = [sys.executable, "-m", "jupyter", "nbconvert", "--to", "notebook", "--execute", "page.ipynb"]
    run = subprocess.run(
        [*command, "--output", "out.ipynb"],
        cwd=tmp_path,
        env=student,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    outputs = [
        output
        for cell in json.loads((tmp_path / "out.ipynb").read_text("utf-8"))["cells"]
        for output in cell.get("outputs", [])
    ]
    assert any("image/png" in output.get("data", {}) for output in outputs)
    assert not any("text/html" in output.get("data", {}) for output in outputs)
