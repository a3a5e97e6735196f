"""The address of a place in the book."""

from __future__ import annotations

import pytest

from autograder.links import book_url


def test_an_address_has_page_and_place() -> None:
    assert book_url("em-e-step", "https://example.org/gmm/") == (
        "https://example.org/gmm/book/em.html#equation-em-e-step"
    )
    assert book_url("collapse-detection", "..") == "../book/collapse.html#collapse-detection"
    assert book_url("soft", "..") == "../book/soft.html"


def test_the_address_of_the_book_is_one_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GMM_COURSE_BOOK", "https://example.org/book")
    assert book_url("em").startswith("https://example.org/book/")
