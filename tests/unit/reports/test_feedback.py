"""The feedback page: what a course lets it show, and comments as formgrader shows them."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from autograder.intake.pictures import SafePicture
from autograder.record.rebuild import Answer
from autograder.reports import feedback
from autograder.reports.feedback import MAX_PICTURES, student_page
from autograder.reports.markdown import shown_safely
from autograder.values import UNPAID, Drawn, Picture, Verdict, WrongCall
from tests.support.made_class import RELEASE, everybody

(ENTRY,) = everybody(unweighted=1).graded
COMMENT = "Where is **each** $\\pi_k$? <script>alert(1)</script> [see](javascript:alert(1))"
PARTS = {
    "mistake": "The mixing weights are missing.",
    "check": "Small is right.",
    "comment": "Where is",
    "score": "1 of 4 points",
}


def page(shows: str = "everything") -> str:
    row = replace(ENTRY.row, comments={"e_step": COMMENT, "m_step": "No response."})
    words = dict(zip([COMMENT], shown_safely([COMMENT]), strict=True))
    return student_page(RELEASE, row, ENTRY.result, {}, words, shows)


@pytest.mark.parametrize(
    ("shows", "left"),
    [("everything", []), ("checks", ["mistake"]), ("scores", ["mistake", "check"])],
)
def test_a_page_shows_what_the_course_lets_it_show(shows: str, left: list[str]) -> None:
    text = page(shows)
    assert [name for name, part in PARTS.items() if part not in text] == left


def test_a_form_that_is_right_but_does_not_count_yet_is_not_called_wrong() -> None:
    question = ENTRY.result.questions[0]
    form = Verdict("One number comes back.", False, 0.0, 0.5, UNPAID)
    wrong = Verdict("Small is right.", False, 0.0, 3.5, "small: off")
    result = replace(ENTRY.result, questions=(replace(question, checks=(wrong, form)),))
    text = student_page(RELEASE, ENTRY.row, result, {}, {}, "everything")
    assert text.count("not passed:") == 1
    assert "not counted yet:</span></span><span>One number comes back." in text


def test_a_call_that_cannot_be_drawn_is_shown_in_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(picture: Picture) -> str:
        raise ValueError("math domain error")

    monkeypatch.setattr(feedback, "compared", fails)
    nothing = Drawn()
    wrong = WrongCall("small", "f(X)", "1.0", "2.0", picture=Picture(((0.0, 0.0),), nothing, nothing))
    question = replace(ENTRY.result.questions[0], example=wrong)
    text = student_page(RELEASE, ENTRY.row, replace(ENTRY.result, questions=(question,)), {})
    assert all(part in text for part in ("f(X)", "1.0", "2.0"))


def test_pictures_stand_in_the_page_until_it_is_full_and_then_are_named() -> None:
    sizes = (40, MAX_PICTURES - 50, 100, 10)  # of the third there is no room
    pictures = tuple(SafePicture("p", "A" * size, "png") for size in sizes)
    answers = {"shared-variance": Answer("It is <so>.", pictures)}
    text = student_page(RELEASE, ENTRY.row, ENTRY.result, answers)
    assert "It is &lt;so&gt;." in text
    shown = re.findall(r'<img src="data:image/png;base64,(A+)" alt="Picture (\d) of your answer">', text)
    assert [(len(data), number) for data, number in shown] == [(40, "1"), (sizes[1], "2"), (10, "4")]
    assert "Picture 3 of your answer is too large for this page" in text


def test_a_comment_is_markdown_with_formulas_and_nothing_in_it_is_active() -> None:
    text = page()
    assert "<strong>each</strong>" in text
    assert "<math" in text
    assert "&lt;script&gt;" in text
    assert "<script" not in text
    assert 'href="javascript' not in text
    assert "No response." not in text
