"""The page draws what the notebook draws: its own cells, recorded; matplotlib is the witness."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jupytext
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.collections import PathCollection

from autograder.check import browser
from autograder.check.cells import Cell, run
from autograder.check.drawing.contours import contour_segments
from autograder.questions import ASSIGNMENTS

ROOT = Path(__file__).parents[2]
#: Functions that must be right before a picture is drawn, of all cells that draw.
DRAWN = {
    "capstone": [{"log_density"}],
    "em": [{"e_step"}, {"e_step", "m_step", "fit"}],
    "kmeans": [{"assign"}, {"assign", "update", "distortion"}],
    "labels": [{"bhattacharyya", "match_components"}],
    "missing": [{"condition"}],
    "scale": [{"statistics", "merge_statistics"}],
    "selection": [{"n_parameters", "aic", "bic"}],
    "soft": [{"log_gaussian"}, {"log_gaussian", "responsibilities"}],
    "starts": [{"kmeans_plus_plus"}],
}


@pytest.fixture(autouse=True)
def _beside_the_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GMM_COURSE_BOOK", "before")
    monkeypatch.setenv("MPLBACKEND", "agg")
    monkeypatch.chdir(ROOT)
    browser.begin("..")


def notebook(assignment: str) -> list[dict[str, str]]:
    """The notebook's code without its checks, the model answers in place."""
    cells = [
        cell
        for cell in jupytext.read(ROOT / "solutions" / assignment / f"{assignment}.py").cells
        if cell.cell_type == "code"
    ]
    marks = [cell.metadata.get("nbgrader", {}) for cell in cells]
    named = [
        {"name": mark.get("grade_id", "picture"), "source": cell.source}
        for cell, mark in zip(cells, marks, strict=True)
    ]
    return [cell for cell, mark in zip(named, marks, strict=True) if mark.get("solution") or not mark]


def rewards(assignment: str) -> list[list[dict[str, str]]]:
    """The cells that the page sends for each cell that shows something: that cell last."""
    cells = notebook(assignment)
    return [cells[: i + 1] for i, cell in enumerate(cells) if i and needs(cell["source"])]


def needs(source: str) -> set[str]:
    return {name.partition(".")[2] for name in re.findall(r'\bcheck\("([\w.]+)"', source)}


def pictured(cells: list[dict[str, str]]) -> dict[str, Any]:
    ran: dict[str, Any] = json.loads(browser.call("picture", json.dumps({"cells": cells})))
    return ran


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_every_notebook_shows_something_and_all_that_draw_have_their_pictures(assignment: str) -> None:
    shown = [(needs(cells[-1]["source"]), pictured(cells)) for cells in rewards(assignment)]
    assert shown
    assert [ran["broken"] for _, ran in shown] == [None] * len(shown)
    assert all(ran["pictures"] or ran["printed"] for _, ran in shown)
    assert [names for names, ran in shown if ran["pictures"]] == DRAWN.get(assignment, [])


def by_matplotlib(cells: list[dict[str, str]]) -> list[Any]:
    """The axes that matplotlib itself makes of the same cells."""
    namespace: dict[str, Any] = {}
    for number, cell in enumerate(cells, start=1):
        is_last = number == len(cells)
        if is_last:
            plt.close("all")
        if number > 1:
            namespace["check"] = lambda *question, last=is_last: last
        assert run(Cell(**cell), namespace) is None
    return list(plt.gcf().axes)


def close(one: Any, other: Any) -> bool:
    return np.shape(one) == np.shape(other) and bool(np.allclose(one, other, rtol=1e-9, atol=1e-12))


def points_of(axes: Any) -> list[Any]:
    return [c.get_offsets().data for c in axes.collections if isinstance(c, PathCollection)]


@pytest.mark.filterwarnings("ignore:FigureCanvasAgg is non-interactive")
@pytest.mark.parametrize("assignment", DRAWN)
def test_points_lines_and_bars_are_those_that_matplotlib_draws(assignment: str) -> None:
    for cells in (cells for cells in rewards(assignment) if "plt." in cells[-1]["source"]):
        panels = [picture["panel"] for picture in pictured(cells)["pictures"]]
        witness = [axes for axes in by_matplotlib(cells) if axes.get_label() != "<colorbar>"]
        assert len(panels) == len(witness)
        for panel, axes in zip(panels, witness, strict=True):
            kinds: dict[str, list[Any]] = {"points": [], "line": [], "bars": [], "contours": []}
            for artist in panel["artists"]:
                kinds[artist["kind"]].append(artist)
            powers = [np.log10 if log else np.asarray for log in panel["log"]]
            lines = [
                np.column_stack([f(v) for f, v in zip(powers, line.get_data(), strict=True)])
                for line in axes.lines
            ]
            for ours, theirs in ((kinds["line"], lines), (kinds["points"], points_of(axes))):
                assert len(ours) == len(theirs)
                assert all(close(a["points"], b) for a, b in zip(ours, theirs, strict=True))
            heights = [height for bars in kinds["bars"] for height in bars["heights"]]
            assert close(heights, [patch.get_height() for patch in axes.patches])
            assert (panel["title"], panel["across"]) == (axes.get_title(), axes.get_xlabel())
            assert panel["up"] == axes.get_ylabel()
            assert len(kinds["contours"]) == sum(not isinstance(c, PathCollection) for c in axes.collections)
    plt.close("all")


def test_a_contour_of_a_cone_is_a_circle() -> None:
    x, y = np.meshgrid(np.linspace(-2, 2, 81), np.linspace(-2, 2, 61))
    segments = contour_segments(x, y, np.hypot(x, y), 1.5)
    assert np.abs(np.hypot(segments[..., 0], segments[..., 1]) - 1.5).max() < 1e-3
    lengths = np.linalg.norm(segments[:, 0] - segments[:, 1], axis=1)
    assert lengths.sum() == pytest.approx(2 * np.pi * 1.5, rel=1e-3)
    assert contour_segments(x, y, np.hypot(x, y), 5.0).shape == (0, 2, 2)


def test_a_picture_says_what_its_numbers_show() -> None:
    (em,) = [cells for cells in rewards("em") if "fit" in needs(cells[-1]["source"])]
    faces, rise = (picture["sentence"] for picture in pictured(em)["pictures"])
    assert "97 with a share below one half and 175 above" in faces
    assert "2 ovals around (2.04, 54.5) and (4.29, 80)" in faces
    assert re.search(r"a line that rises from -1496 at 1 to -1130 at \d+\.$", rise)


def instead(cells: list[dict[str, str]], source: str) -> list[dict[str, str]]:
    """Cells with another e_step."""
    return [{**cell, "source": source} if cell["name"] == "e_step" else cell for cell in cells]


def test_other_numbers_make_another_picture() -> None:
    cells = rewards("em")[0]
    wrong = instead(cells, "def e_step(X, *rest):\n    return np.ones((len(X), 2)), 0.0\n")
    (picture,) = pictured(wrong)["pictures"]
    assert "0 with a share below one half and 272 above" in picture["sentence"]
    assert picture["panel"]["title"].endswith("log-likelihood 0")


def test_what_breaks_a_picture_is_told_and_a_function_that_it_does_not_need_may_be_broken() -> None:
    cells = rewards("em")[0]
    broken = instead(cells, "def e_step(*given):\n    return None\n")
    assert pictured(broken)["broken"]["error"] == "TypeError"
    beside = [*cells[:-1], {"name": "m_step", "source": "def m_step(:"}, cells[-1]]
    assert pictured(beside)["broken"] is None


def test_matplotlib_is_there_again_after_a_picture() -> None:
    import matplotlib.pyplot as before

    pictured(rewards("soft")[0])
    import matplotlib.pyplot as after

    assert before is after
