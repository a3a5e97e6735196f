"""From notebooks to one comment for all who made the same mistake: graded, grouped, commented, shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.courses import PROSE, command, filled, graded, hand_in, new_course

# The same mistake in three ways of writing, a misconception that is known, and one like nobody's.
HALVED = (
    "def scaled(X, centre, spread):\n    return (X - centre) / (2 * spread)",
    "def scaled(X, centre, spread):\n    return 0.5 * (np.asarray(X) / spread - np.asarray(centre) / spread)",
    "def scaled(X, centre, spread):\n    rows = (zip(row, centre) for row in X)\n"
    "    return [[(x - c) / spread / 2 for x, c in row] for row in rows]",
)
KNOWN = "def scaled(X, centre, spread):\n    return (X - centre[0]) / spread"
OTHER = "def scaled(X, centre, spread):\n    return (X - centre) * spread"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    course = new_course(tmp_path_factory.mktemp("alike") / "course")
    hand_in(course, "ada", filled(PROSE))
    for name, source in zip(("ben", "cleo", "dan"), HALVED, strict=True):
        hand_in(course, name, filled({**PROSE, "scaled": source}))
    hand_in(course, "eva", filled({**PROSE, "scaled": KNOWN}))
    hand_in(course, "fay", filled({**PROSE, "scaled": OTHER}))
    graded(course)
    return course


def comments(course: Path) -> dict[str, bool]:
    """Whose feedback page has the comment."""
    assert command("feedback", "tiny", "--course", course).returncode == 0
    pages = {
        path.parts[-3]: path.read_text("utf-8") for path in (course / "feedback").glob("*/tiny/tiny.html")
    }
    return {name: "Divide by the spread once." in page for name, page in pages.items()}


def test_the_same_mistake_in_three_ways_of_writing_is_one_group(course: Path) -> None:
    assert command("report", "tiny", "--course", course).returncode == 0
    page = (course / "report" / "tiny.html").read_text(encoding="utf-8")
    assert page.count("<article") == 1
    assert ">3 students<" in page
    assert "autograder comment tiny scaled --like ben" in page
    assert "2 wrong answers like nobody else&#x27;s." in page or "2 wrong answers like nobody else's." in page


def test_one_comment_reaches_everybody_alike_and_nobody_else(course: Path) -> None:
    typed = ("comment", "tiny", "scaled", "--course", course, "--like", "cleo")
    done = command(*typed, "Divide by the spread once.")
    assert (done.returncode, "Written for 3: ben, cleo, dan." in done.stdout) == (0, True), done.stderr
    assert comments(course) == {
        name: name in ("ben", "cleo", "dan") for name in ("ada", "ben", "cleo", "dan", "eva", "fay")
    }
    again = command(*typed, "Something else.")
    assert "left as it is" in again.stdout
    assert sum(comments(course).values()) == 3
    command("grade", "tiny", "--course", course, "--force")
    assert sum(comments(course).values()) == 3
    assert command(*typed, "Something else.", "--replace").returncode == 0
    assert sum(comments(course).values()) == 0


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (("scaled", "--like", "ada", "x"), "gave no wrong answer to scaled"),
        (("nothing", "--like", "ben", "x"), "there are: moments, scaled, standardise"),
        (("scaled", "--like", "ben", " "), "The comment is empty"),
    ],
)
def test_what_cannot_be_commented_is_told(course: Path, typed: tuple[str, ...], told: str) -> None:
    done = command("comment", "tiny", *typed, "--course", course)
    assert (done.returncode, told in done.stderr) == (2, True), done.stderr


def test_what_is_kept_of_a_wrong_answer_comes_of_public_inputs_only(course: Path) -> None:
    """Two students with the same mistake were asked different secret inputs, and left the same numbers."""
    kept = {}
    for name in ("ben", "dan"):
        path = course / ".autograder" / "results" / "tiny" / f"{name}.json"
        questions = json.loads(path.read_text(encoding="utf-8"))["result"]["questions"]
        kept[name] = next(question["behaviour"] for question in questions if question["id"] == "tiny.scaled")
    assert kept["ben"]["outcomes"] == kept["dan"]["outcomes"]
    assert kept["ben"]["traits"] == pytest.approx(kept["dan"]["traits"], rel=1e-9)


def test_a_right_answer_leaves_nothing(course: Path) -> None:
    path = course / ".autograder" / "results" / "tiny" / "ada.json"
    questions = json.loads(path.read_text(encoding="utf-8"))["result"]["questions"]
    assert [question["behaviour"] for question in questions] == [None] * 3
