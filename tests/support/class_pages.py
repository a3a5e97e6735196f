"""The class page of a made class, and its tables as rows of text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from autograder.insight.alike import Exhibit, groups_of, worked_call
from autograder.insight.everybody import Everybody
from autograder.questions import find
from autograder.reports.class_page import class_page
from tests.support.made_class import RELEASE

CODE = "def e_step(X, weights, means, covariances):\n    return densities / total, total < 1"


def page_of(everybody: Everybody) -> str:
    """The page, its groups of two and more with the first student's code."""
    groups = groups_of(everybody.readable)
    questions = {"em.e_step": find("em.e_step")}
    exhibits = tuple(
        Exhibit(group, worked_call(group, questions), group.people[0], CODE)
        for group in groups
        if len(group.people) > 1
    )
    return class_page(RELEASE, everybody, exhibits, len(groups) - len(exhibits))


@dataclass
class _Reader(HTMLParser):
    """Tables by their caption, facts by their name, sections by their id."""

    tables: dict[str, list[list[str]]] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)
    sections: dict[str, str] = field(default_factory=dict)
    _rows: list[list[str]] = field(default_factory=list)
    _open: list[str] = field(default_factory=list)
    _section: str = ""
    _text: str = ""
    _term: str = ""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "section":
            self._section = dict(attrs).get("id") or ""
        if tag == "table":
            self._rows = []
        if tag == "tr":
            self._rows.append([])
        if tag in ("td", "th", "caption", "dt", "dd"):
            self._text = ""

    def handle_endtag(self, tag: str) -> None:
        text = re.sub(r"\s+", " ", self._text).strip()
        if tag in ("td", "th"):
            self._rows[-1].append(text)
        elif tag == "caption":
            self.tables[text] = self._rows
        elif tag == "dt":
            self._term = text
        elif tag == "dd":
            self.facts[self._term] = text

    def handle_data(self, data: str) -> None:
        self._text += data
        self.sections[self._section] = self.sections.get(self._section, "") + data


def read(page: str) -> _Reader:
    """What stands on a class page."""
    reader = _Reader()
    reader.feed(page)
    reader.sections = {name: re.sub(r"\s+", " ", text).strip() for name, text in reader.sections.items()}
    return reader
