"""A rubric's items, read from the model answer's Markdown."""

from __future__ import annotations

from autograder.record.rubric import Item, items_of
from tests.support.courses import ROOT


def test_a_line_is_an_item_and_goes_on_where_it_is_indented() -> None:
    text = (
        "- 1 the two terms\n  in $v$\n- 0.5 half\n\nHalf points are fine.\n- ½ another\n* 2 points: starred"
    )
    assert items_of(text) == (
        Item(1.0, "the two terms in $v$"),
        Item(0.5, "half"),
        Item(0.5, "another"),
        Item(2.0, "starred"),
    )


def test_two_items_on_one_line_are_two() -> None:
    assert [item.points for item in items_of("- 1 derivative right; 1 solved; with a reason")] == [1.0, 1.0]


def test_prose_has_no_items() -> None:
    assert items_of("A rubric of 6 points.\n- none of the first two\n3 starts") == ()


def test_the_rubrics_of_the_course_s_own_questions_add_up_to_their_points() -> None:
    for name, points in {"em": 6, "capstone": 10}.items():
        text = (ROOT / "solutions" / name / f"{name}.py").read_text("utf-8")
        rubric = text[text.index("**Rubric**") :].split("# %%")[0]
        items = items_of("\n".join(line.removeprefix("#").removeprefix(" ") for line in rubric.splitlines()))
        assert sum(item.points for item in items) == points, name
