"""A first-year student reads the lessons in order: nothing is asked for before it has been taught."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

BOOK = Path(__file__).parents[2] / "book"
ORDER = ["intro", *re.findall(r"file: book/(\w+)", (BOOK.parent / "_toc.yml").read_text(encoding="utf-8"))]
LESSONS = [name for name in ORDER if "{lesson}" in (BOOK / f"{name}.md").read_text(encoding="utf-8")]
TERMS = re.findall(r"(?m)^([A-Za-z][^\n]*)\n  \S", (BOOK / "glossary.md").read_text(encoding="utf-8"))
# Words that are terms only in another company: single and double precision are not inverse covariances.
ANOTHER_MEANING = {"precision": r"(single|double|more) precision"}


def prose(lesson: str) -> str:
    """A lesson without code, formulas and folds, its linked terms as they are read."""
    source = (BOOK / f"{lesson}.md").read_text(encoding="utf-8")
    source = re.sub(r"\{term\}`([^`<]*?)\s*(?:<[^>]*>)?`", r"\1", source)
    source = re.sub(r"(?ms)^(`{3,})\{?(?:code-cell|python|math).*?^\1$", " ", source)
    source = re.sub(r"(?ms)\$\$.*?\$\$|^:::\{fold\}.*?^:::", " ", source)
    return re.sub(r"\$[^$]*\$|`[^`\n]*`", " ", source).lower()


def introduces(lesson: str, term: str) -> bool:
    """Whether a lesson links the term to the glossary, or sets it in bold where it says what it is."""
    source = (BOOK / f"{lesson}.md").read_text(encoding="utf-8").lower()
    name = re.escape(term.lower())
    return bool(re.search(rf"\{{term\}}`([^`]*<)?{name}>?`|\*\*[^*]*\b{name}s?\b[^*]*\*\*", source))


def test_there_are_lessons_and_terms() -> None:
    assert len(LESSONS) >= 12
    assert len(TERMS) >= 60


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_asks_only_for_earlier_ones(lesson: str) -> None:
    source = (BOOK / f"{lesson}.md").read_text(encoding="utf-8")
    before = re.search(r"^:before: (.*)$", source, flags=re.MULTILINE)
    asked = re.findall(r"\{doc\}`(?:[^`<]*<)?(\w+)>?`", before.group(1)) if before else []
    assert [name for name in asked if ORDER.index(name) >= ORDER.index(lesson)] == []


@pytest.mark.parametrize("term", TERMS)
def test_a_term_is_not_used_before_the_lesson_that_introduces_it(term: str) -> None:
    first = next((number for number, lesson in enumerate(LESSONS) if introduces(lesson, term)), 0)
    word = re.compile(rf"\b{re.escape(term.lower())}s?\b")
    other = re.compile(ANOTHER_MEANING.get(term.lower(), r"(?!)"))
    early = [lesson for lesson in LESSONS[:first] if word.search(other.sub(" ", prose(lesson)))]
    assert early == []
