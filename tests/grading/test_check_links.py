"""Every place that checks and misconceptions name is in the book, and of the kind that links expect."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from autograder.links import EQUATIONS, book_url
from autograder.questions import ASSIGNMENTS, of_assignment

BOOK = Path(__file__).parents[2] / "book"
QUESTIONS = [question for name in ASSIGNMENTS for question in of_assignment(name)]
NAMED = sorted({entry.see for q in QUESTIONS for entry in (*q.checks, *q.misconceptions)})


def page_of(label: str) -> str:
    return (BOOK / f"{label.partition('-')[0]}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("label", NAMED)
def test_a_label_that_checks_name_stands_on_the_page_of_its_topic(label: str) -> None:
    page = page_of(label)
    equation = re.search(rf"```\{{math\}}\n:label: {label}\n", page)
    other = re.search(rf"^\({label}\)=$|^:label: {label}$", page, flags=re.MULTILINE)
    assert equation or other
    assert bool(equation) == (label in EQUATIONS)


def test_an_address_has_page_and_place() -> None:
    assert book_url("em-e-step", "https://example.org/gmm/") == (
        "https://example.org/gmm/book/em.html#equation-em-e-step"
    )
    assert book_url("collapse-detection", "..") == "../book/collapse.html#collapse-detection"
    assert book_url("soft", "..") == "../book/soft.html"


def test_the_address_of_the_book_is_one_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GMM_COURSE_BOOK", "https://example.org/book")
    assert book_url("em").startswith("https://example.org/book/")
