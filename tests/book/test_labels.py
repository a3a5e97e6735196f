"""Names that code gives to places of the book are places of the book."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from autograder import links, questions
from book import build
from tests.support.reading import read

TOPICS = "kmeans|soft|em|numerics|starts|collapse|labels|selection|missing|scale"
LABEL = re.compile(rf"\b(?:{TOPICS})(?:-[a-z0-9]+)+\b")


@pytest.fixture(scope="module")
def places(pages: dict[str, str]) -> set[str]:
    """Addresses "page#anchor" of the built book, as links.book_url writes them."""
    return {f"/{name}.html#{anchor}" for name, source in pages.items() for anchor in read(source).ids}


def named_by_gmmlib() -> set[tuple[str, str]]:
    """(module, label) of every label that follows the word "equation" in gmmlib."""
    found = set()
    for path in sorted((build.ROOT / "gmmlib").glob("*.py")):
        for source in re.findall(r"Source: .*?(?:\n\s*\n|\"\"\")", path.read_text("utf-8"), flags=re.DOTALL):
            found |= {(path.stem, label) for label in LABEL.findall(source)}
    return found


def test_every_equation_that_gmmlib_names_is_in_the_book(places: set[str]) -> None:
    anchors = {place.partition("#")[2] for place in places}
    missing = {
        (module, label)
        for module, label in named_by_gmmlib()
        if f"equation-{label}" not in anchors and label not in anchors
    }
    assert missing == set()


def assignments() -> list[str]:
    return sorted(path.parent.name for path in (build.ROOT / "solutions").glob("*/*.py"))


@pytest.mark.parametrize("assignment", assignments())
def test_every_place_that_a_check_points_to_is_in_the_book(assignment: str, places: set[str]) -> None:
    missing = set()
    for question in questions.of_assignment(assignment):
        for named in (*question.checks, *question.misconceptions):
            label = getattr(named, "see", "")
            if label and "-" in label and links.book_url(label, "") not in places:
                missing.add(label)
    assert missing == set()


def test_the_page_of_a_topic_has_the_topics_name(html: Path) -> None:
    for assignment in assignments():
        assert (html / "book" / f"{assignment}.html").exists()
