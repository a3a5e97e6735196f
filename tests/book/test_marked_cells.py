"""Cells that a reader can change run in the page's Python, and print what the lesson shows."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import yaml

from book import build
from book._ext.gmm_book.marked_cells import marked_cells

LESSONS = [
    Path(chapter["file"]).name
    for chapter in yaml.safe_load((build.ROOT / "_toc.yml").read_text("utf-8"))["parts"][0]["chapters"]
]
#: Runs cells by the method that the worker calls, where neither SciPy nor matplotlib nor the figures are.
PROGRAM = """
import json, sys
class Gone:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("scipy", "matplotlib", "pandas", "IPython", "figures"):
            raise ModuleNotFoundError(f"No module named {name!r}")
sys.meta_path.insert(0, Gone())
from autograder.check import browser
browser.begin("..")
cells = json.load(sys.stdin)
found = {name: json.loads(browser.call("try", json.dumps(cell))) for name, cell in cells.items()}
json.dump(found, sys.stdout)
"""
#: A marked cell in its page: its name, the folder of what is loaded, and its output.
MARKED = re.compile(
    r'<div data-try="([\w-]+)" data-runtime="([^"]+)" class="cell .*?'
    r'<div class="cell_output.*?<pre>(.*?)</pre>',
    re.DOTALL,
)
Cells = dict[str, dict[str, Any]]


def ran(cells: Cells) -> Cells:
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=json.dumps(cells),
        capture_output=True,
        text=True,
        check=False,
        cwd=build.ROOT,
    )
    assert run.returncode == 0, run.stderr
    found: Cells = json.loads(run.stdout)
    return found


@pytest.fixture(scope="module")
def published(html: Path) -> Cells:
    """What the page loads when a reader begins."""
    (path,) = html.glob("_static/runtime/page-*/tryit.json")
    cells: Cells = json.loads(path.read_text("utf-8"))
    return cells


def test_every_marked_cell_prints_in_the_pages_python_what_its_lesson_shows(
    published: Cells, pages: dict[str, str]
) -> None:
    results = ran(published)
    for lesson in LESSONS:
        text = pages[f"book/{lesson}"]
        blocks = MARKED.findall(text)
        assert 1 <= len(blocks) <= 3, lesson
        for name, address, output in blocks:
            assert (build.BUILD / "html" / "book" / address / "tryit.json").exists()
            assert results[name]["broken"] is None, name
            shown = unescape(re.sub(r"<[^>]*>", "", output))
            assert str(results[name]["printed"]).strip() == shown.strip(), name
    assert sum(text.count("data-try=") for text in pages.values()) == len(published)


def book(folder: Path, *cells: str) -> Path:
    """A book of one lesson with these cells, the last one marked."""
    head = "---\njupytext:\n  text_representation:\n    format_name: myst\n---\n# A lesson\n"
    marked = [*cells[:-1], f":tags: [try-it]\n\n{cells[-1]}"]
    body = "".join(f"\n```{{code-cell}} ipython3\n{cell}\n```\n" for cell in marked)
    (folder / "book").mkdir()
    (folder / "book" / "lesson.md").write_text(head + body)
    return folder


def test_a_cell_takes_the_statements_that_it_needs_and_no_others(tmp_path: Path) -> None:
    root = book(
        tmp_path,
        "import numpy as np\nfrom figures import em\nn, m = 3, 4\nem.draw()",
        "x = np.zeros(n)\nx[0] = 1\ntotal = 0\nfor n in x:\n    total += n",
        "def double(y):\n    return factor * y\nfactor = 2",
        "i = 5\nfor i in range(3):\n    print(double(total), i, [m for m in x])",
    )
    assert marked_cells(root)["it"].before == (
        "import numpy as np",
        "n, m = 3, 4",
        "x = np.zeros(n)",
        "x[0] = 1",
        "total = 0",
        "for n in x:\n    total += n",
        "def double(y):\n    return factor * y",
        "factor = 2",
    )


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (
            ("from figures import em", "print(em)"),
            "lesson.md, cell try-it: it needs “from figures import em”",
        ),
        (("import scipy.linalg as la\nx = la.inv", "x"), "Python in the page has no scipy"),
        (("pass", "print(nobody)"), "no cell above defines nobody"),
    ],
)
def test_a_cell_that_cannot_run_in_the_page_fails_the_build_with_a_sentence(
    tmp_path: Path, cells: tuple[str, ...], said: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        marked_cells(book(tmp_path, *cells))


def test_two_cells_of_one_name_are_refused(tmp_path: Path) -> None:
    root = book(tmp_path, "1")
    (root / "book" / "more.md").write_text((root / "book" / "lesson.md").read_text())
    with pytest.raises(ValueError, match=r"more\.md, cell try-it: another cell has this name"):
        marked_cells(root)


def test_a_value_an_error_and_a_drawing_come_back_and_a_long_value_is_cut() -> None:
    cells = {
        "value": "x = 1\nx + 1",
        "nothing": "None",
        "error": "print('before')\n\n1 / 0",
        "syntax": "for",
        "inside": "from gmmlib import fit\nfit(3, 2)",
        "plot": "from matplotlib.pyplot import plot, xlabel\nxlabel('x')\nplot([1, 2, 3], [2, 1, 4])",
        "long": "'x' * 10**6",
        "endless": "while False: pass\nimport sys\nsys.exit(1)",
    }
    found = ran({name: {"before": [], "source": source} for name, source in cells.items()})
    assert (found["value"]["value"], found["nothing"]["value"]) == ("2", "")
    assert found["error"]["printed"] == "before\n"
    assert found["error"]["broken"] == {
        "error": "ZeroDivisionError",
        "message": "division by zero",
        "line": 3,
    }
    assert {"error": "SyntaxError", "line": 1}.items() <= dict(found["syntax"]["broken"]).items()
    assert {"error": "InvalidInputError", "line": 2}.items() <= dict(found["inside"]["broken"]).items()
    (drawn,) = found["plot"]["pictures"]
    assert drawn["sentence"] == "values over x: a line between 1 at 2 and 4 at 3."
    assert found["plot"]["value"] == ""
    assert len(str(found["long"]["value"])) < 10_000
    assert dict(found["endless"]["broken"])["error"] == "SystemExit"
