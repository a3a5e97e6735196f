"""Names that code gives to places of the book are places of the book."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from autograder import links, questions
from book import build
from tests.support.reading import read

PAGES = sorted(path.stem for path in (build.ROOT / "book").glob("*.md"))
ASSIGNMENTS = sorted(path.parent.name for path in (build.ROOT / "solutions").glob("*/*.py"))
LABEL = re.compile(rf"\b(?:{'|'.join(PAGES)})(?:-[a-z0-9]+)+\b")


@pytest.fixture(scope="module")
def places(pages: dict[str, str]) -> set[str]:
    """Addresses "page#anchor" of the built book, as links.book_url writes them."""
    return {f"/{name}.html#{anchor}" for name, source in pages.items() for anchor in read(source).ids}


def named_in_sources(path: Path) -> set[str]:
    """Labels in the paragraphs of a module that begin with "Source:"."""
    paragraphs = re.findall(r"Source: .*?(?:\n\s*\n|\"\"\")", path.read_text("utf-8"), flags=re.DOTALL)
    return {label for paragraph in paragraphs for label in LABEL.findall(paragraph)}


def named_by_checks(assignment: str) -> set[str]:
    """Labels to which the checks and the misconceptions of an assignment point."""
    asked = questions.of_assignment(assignment)
    return {entry.see for question in asked for entry in (*question.checks, *question.misconceptions)}


BY_GMMLIB = {f"gmmlib.{path.stem}": named_in_sources(path) for path in (build.ROOT / "gmmlib").glob("*.py")}
BY_CHECKS = {f"checks of {assignment}": named_by_checks(assignment) for assignment in ASSIGNMENTS}
NAMED = {name: labels for name, labels in {**BY_GMMLIB, **BY_CHECKS}.items() if labels}


def addresses(label: str, named_by: str) -> set[str]:
    """Where a label may stand: for a check, where its link leads; for a reader, as equation or as section."""
    page = links.book_url(label.partition("-")[0], "")
    either = {f"{page}#{label}", f"{page}#equation-{label}"}
    return {links.book_url(label, "")} if named_by in BY_CHECKS else either


@pytest.mark.parametrize("named_by", sorted(NAMED))
def test_every_place_that_code_names_is_in_the_book(named_by: str, places: set[str]) -> None:
    labels = {label for label in NAMED[named_by] if "-" in label}
    assert labels
    assert {label for label in labels if not addresses(label, named_by) & places} == set()


def test_the_page_of_a_topic_has_the_topics_name(html: Path) -> None:
    for assignment in ASSIGNMENTS:
        assert (html / "book" / f"{assignment}.html").exists()


def test_on_the_one_page_of_the_paper_edition_a_label_comes_first_where_it_belongs() -> None:
    toc = (build.ROOT / "_toc.yml").read_text("utf-8")
    first: dict[str, str] = {}
    labels: dict[str, str] = {}
    for page in re.findall(r"(?:root|file): book/([\w-]+)", toc):
        source = (build.ROOT / "book" / f"{page}.md").read_text("utf-8")
        for label, heading in re.findall(r"^(?:\(([\w-]+)\)=|#+ (.+))$", source, re.MULTILINE):
            place = label or re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-")
            first.setdefault(place, page)
            labels |= {label: page} if label else {}
    assert len(labels) > 100
    assert {label: first[label] for label, page in labels.items() if first[label] != page} == {}
