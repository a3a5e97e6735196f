"""An endless loop is waited for once: graded again, the same bytes give the same result without the wait."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from autograder.execute.endless import mark_of_call
from autograder.values import Case
from tests.support.courses import code, filled, graded, hand_in, new_course

ENDLESS = "def scaled(X, centre, spread):\n    while X.shape[1] == 1: pass\n    return (X - centre) / spread"


def without_time(result: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in result.items() if name != "seconds"}


def remembered(course: Path) -> tuple[Path, dict[str, Any]]:
    path = course / ".autograder" / "results" / "tiny" / "ada.json"
    return path, json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A function that ends for two features only, and a cell that never does."""
    course = new_course(tmp_path_factory.mktemp("endless") / "course")
    config = course / "nbgrader_config.py"
    config.write_text(config.read_text("utf-8") + "c.Autograder.cell_seconds = 1\n", encoding="utf-8")
    notebook = filled({"scaled": ENDLESS})
    notebook["cells"].append(code("print('once')\nwhile True: pass"))
    hand_in(course, "ada", notebook)
    return course


def test_the_result_of_a_second_grading_is_that_of_the_first(course: Path) -> None:
    first = graded(course)["ada"]
    status = {question["id"]: question["status"] for question in first["questions"]}
    assert status["tiny.scaled"] == "timed-out"
    _, before = remembered(course)
    assert len(before["endless"]) == 2  # the function and the cell
    second = graded(course, "--force")["ada"]
    assert without_time(second) == without_time(first)
    assert remembered(course)[1]["endless"] == before["endless"]


def test_what_is_remembered_is_not_waited_for(course: Path) -> None:
    path, content = remembered(course)
    believed = {
        mark: "two features" if said == "one feature" else said for mark, said in content["endless"].items()
    }
    assert believed != content["endless"]
    path.write_text(json.dumps({**content, "endless": believed}), encoding="utf-8")
    question = next(
        one for one in graded(course, "--force")["ada"]["questions"] if one["id"] == "tiny.scaled"
    )
    assert question["status"] == "timed-out"
    assert "one feature" not in remembered(course)[1]["endless"].values()


@pytest.mark.parametrize("change", ["bytes", "limit", "inputs"])
def test_other_bytes_limits_or_inputs_are_waited_for_anew(change: str, course: Path) -> None:
    _, before = remembered(course)
    if change == "bytes":
        hand_in(course, "ada", filled())
        assert graded(course)["ada"]["score"] == 10.0
        assert remembered(course)[1]["endless"] == {}
    else:
        limits = (2.0, 3.0) if change == "limit" else (2.0, 2.0)
        points = ((1.0,), (2.0,)) if change == "inputs" else ((1.0,), (1.0,))
        marks = {
            mark_of_call("release", "tiny.scaled", [Case("one", point)], (), limit)
            for limit, point in zip(limits, points, strict=True)
        }
        assert len(marks) == 2
    assert before
