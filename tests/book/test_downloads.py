"""A page downloaded as a notebook runs in an empty folder and shows no markup of the book."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from autograder.links import WHEEL
from tests.book.test_pages import LESSONS

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


RUN = """
import json, os, sys
import gmmlib.figures
from IPython.core.interactiveshell import InteractiveShell

assert gmmlib.figures.__file__.startswith(os.environ["PYTHONPATH"])
shell = InteractiveShell.instance()
for cell in json.load(open("page.ipynb", encoding="utf-8"))["cells"]:
    if cell["cell_type"] == "code" and not shell.run_cell("".join(cell["source"])).success:
        sys.exit(1)
"""


@pytest.mark.parametrize("page", PAGES)
def test_a_downloaded_page_runs_in_an_empty_folder(
    page: str, html: Path, student: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "page.ipynb").write_bytes((html / "book" / f"{page}.ipynb").read_bytes())
    run = subprocess.run(
        [sys.executable, "-c", RUN],
        cwd=tmp_path,
        env=student,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr


def test_a_downloaded_page_shows_pictures_in_jupyter_and_no_html_of_the_book(
    html: Path, student: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "page.ipynb").write_bytes((html / "book" / "soft.ipynb").read_bytes())
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
