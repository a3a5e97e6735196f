"""Reading and matching as pure functions: whatever the bytes, there is a notebook or a sentence."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.course.release import Release, ReleaseCell, from_json, load
from autograder.intake import folder, reader
from autograder.intake.matching import match, skeleton
from autograder.intake.notebook import UnreadableError, read_notebook
from autograder.record.rebuild import defused
from tests.support.courses import cell_of, filled, grade_id, release, released


@pytest.fixture(scope="module")
def tiny() -> Release:
    return load(released() / "release" / "tiny" / "tiny.ipynb")


def as_bytes(notebook: Any) -> bytes:
    return json.dumps(notebook).encode()


def problem_of(data: bytes) -> tuple[str, str]:
    """What is wrong with a file and what to do about it; empty texts if it can be read."""
    try:
        read_notebook(data)
    except UnreadableError as error:
        return error.problem, error.remedy
    return "", ""


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_give_a_notebook_or_a_sentence(data: bytes) -> None:
    problem, remedy = problem_of(data)
    assert problem.endswith(".") == bool(problem)
    assert remedy.endswith(".") == bool(remedy)


trees = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FIELDS = ("cell_type", "source", "metadata", "outputs", "id", "input", "level")


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.dictionaries(st.sampled_from(FIELDS), trees | st.just("code")) | trees, max_size=4),
    trees,
    st.booleans(),
)
def test_any_json_in_place_of_cells_is_survived(cells: list[Any], metadata: Any, old: bool) -> None:
    content = {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata}
    content |= {"worksheets": [{"cells": cells}]} if old else {"cells": cells}
    tiny = load(released() / "release" / "tiny" / "tiny.ipynb")
    data = as_bytes(content)
    if not problem_of(data)[0]:
        assert match(read_notebook(data), tiny).found == 0


def test_the_release_itself_matches_cell_by_cell_without_repairs(tiny: Release) -> None:
    matched = match(read_notebook(as_bytes(release())), tiny)
    assert [cell.origin for cell in matched.cells] == list(range(len(tiny.cells)))
    assert matched.repairs == ()
    assert matched.written == 0


def test_matching_again_what_was_repaired_repairs_nothing_more(tiny: Release) -> None:
    notebook = filled()
    notebook["cells"].remove(cell_of(notebook, "standardise-check"))
    once = match(read_notebook(as_bytes(notebook)), tiny)
    for cell, matched in zip(notebook["cells"], once.cells, strict=False):
        assert cell["source"] == matched.source or matched.origin is not None
    rebuilt = release()
    rebuilt["cells"] = [
        {**release()["cells"][cell.origin], "source": cell.source}
        for cell in once.cells
        if cell.origin is not None
    ]
    assert match(read_notebook(as_bytes(rebuilt)), tiny).repairs == ()


def test_a_restored_check_cell_stands_right_behind_its_function(tiny: Release) -> None:
    notebook = filled()
    notebook["cells"].remove(cell_of(notebook, "scaled-check"))
    matched = match(read_notebook(as_bytes(notebook)), tiny)
    names = [tiny.cells[cell.origin].grade_id for cell in matched.cells if cell.origin is not None]
    assert names[names.index("scaled") + 1] == "scaled-check"


def test_the_student_s_file_is_never_changed(tmp_path: Path) -> None:
    data = b"\xef\xbb\xbf" + as_bytes(filled())
    path = tmp_path / "ada" / "tiny" / "tiny (1).ipynb"
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    (file,) = folder.read_files(tmp_path, ["ada", "tiny"])
    assert folder.choose([file], load(released() / "release" / "tiny" / "tiny.ipynb")).status == "graded"
    assert path.read_bytes() == data


def test_a_reading_process_that_takes_too_much_processor_time_is_ended(
    tiny: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    endless = (
        "import itertools, sys; sys.path.insert(0, sys.argv[1]); from autograder.intake import reader; "
        "reader.SECONDS, reader.answer = 0, lambda *inputs: sum(itertools.repeat(0)); reader.serve()"
    )
    monkeypatch.setattr(reader, "PROGRAM", endless)
    with reader.Reader(tiny) as reading:
        start = time.monotonic()
        assert reading.read(tmp_path, "ada")["status"] == "unreadable"
        assert time.monotonic() - start < reader.WALL  # it was not the clock that ended it


def test_folders_that_are_links_are_not_entered(tmp_path: Path) -> None:
    real = tmp_path / "secret" / "tiny"
    real.mkdir(parents=True)
    (real / "tiny.ipynb").write_bytes(as_bytes(filled()))
    (tmp_path / "submitted").mkdir()
    (tmp_path / "submitted" / "eve").symlink_to(tmp_path / "secret")
    assert folder.read_files(tmp_path / "submitted", ["eve", "tiny"]) == ()


def test_a_release_travels_as_text_and_back(tiny: Release) -> None:
    assert from_json(tiny.to_json()) == tiny


def test_the_skeleton_runs_nothing(tiny: Release) -> None:
    assert not any(cell.runs for cell in skeleton(tiny).cells)


def test_points_of_a_release_are_those_of_its_graded_cells(tiny: Release) -> None:
    assert tiny.max_score == 10.0
    assert {tiny.question_of(cell): cell.points for cell in tiny.graded} == {
        "tiny.moments": 4.0,
        "tiny.scaled": 4.0,
        "tiny.standardise": 2.0,
    }
    assert isinstance(tiny.cells[0], ReleaseCell)
    assert grade_id(release()["cells"][0]) == ""


@pytest.mark.parametrize(
    "text",
    [
        "a < b and $x<y$ and b > a",
        "plain *words*, `code`, [a link](https://example.org)",
        "[0, 1] (closed) and [note]: here",
        "R&D & $a & b$",
    ],
)
def test_honest_markdown_keeps_its_words(text: str) -> None:
    assert defused(text).replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize(
    "text",
    [
        "<script>x</script>",
        "<img src=x onerror=y>",
        "[x](javascript:y)",
        "![x](data:text/html,y)",
        "[x]\n\n[x]: javascript:y",
        "[x](java&#115;cript:y)",
        "$\\href{javascript:y}{z}$",
        "<javascript:y>",
        "[x](\\javascript:y)",
        "<!-- --><svg onload=y>",
        "- [x]: javascript:y\n\n[x]",
        "[a\nb]: javascript:y\n\n[a\nb]",
        "[a\\]]: javascript:y\n\n[a\\]]",
        "![x](https://example.org/y.png)",
        "![x]\n\n[x]: https://example.org/y.png",
    ],
)
def test_no_markdown_becomes_a_tag_or_a_harmful_link(text: str) -> None:
    from nbconvert.filters import markdown2html

    html = markdown2html(defused(text)).lower()
    harmful = ("<script", "<img", "<svg", 'href="java', 'href="data', 'src="')
    assert not [tag for tag in harmful if tag in html]


@pytest.mark.parametrize(
    "text",
    [
        "# e_step-check",
        "### e_step-*check* ###",
        "######\te_step-check",
        "e_step-check\n===",
        "e_step-check\n -",
        "> # e_step-check",
        "> e_step-check\n> ---",
        "- # e_step-check",
        "1. e_step-check\n   ===",
        "#\u00a0x\n#",
        "#e_step-check",
        "x\r# e_step-check",
        "x\r\n\r\ne_step-check\r\n===\r\n",
        "x[^e]\n\n[^e]: y",
        "[x]{#e_step-check}",
        "Term\n:   # x",
    ],
)
def test_80_no_markdown_of_a_student_makes_an_id(text: str) -> None:
    from nbconvert.filters import markdown2html

    html = markdown2html(defused(text)).lower()
    assert "<h" not in html
    assert " id=" not in html
    assert " name=" not in html


def test_80_no_random_mix_of_marks_makes_a_heading() -> None:
    from nbconvert.filters import markdown2html

    rng = np.random.default_rng(20240118)
    marks = [
        "#",
        "##",
        "=",
        "---",
        " ",
        "    ",
        "\t",
        "\n",
        "\r",
        "\n\n",
        "> ",
        "- ",
        "1. ",
        "x",
        ":   ",
        "|",
        "\\",
        "*",
        "$",
        "`",
        "(",
        "&",
        "[ ] ",
        ">",
        "<",
        "[",
    ]
    for _ in range(3000):
        text = "".join(rng.choice(marks, size=rng.integers(2, 14)))
        html = markdown2html(defused(text))
        assert not re.search(r"<h[1-6]| id=", html), (text, html)


def test_a_heading_or_a_line_of_a_student_still_shows_its_words() -> None:
    text = "# Why\n\nBecause\n-------\n\n| a |\n|---|\n| 1 |"
    assert defused(text).replace("\u2060", "") == text
    assert "|---|" in defused(text)
