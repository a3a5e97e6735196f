"""Reading built pages: elements with their attributes, the text alone, the addresses they name."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Element:
    """A start tag."""

    tag: str
    attributes: dict[str, str]


@dataclass
class Page(HTMLParser):
    """All start tags and the text of a page."""

    elements: list[Element] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.parts.append(data)

    def all(self, tag: str) -> list[dict[str, str]]:
        """Attributes of every element with this tag."""
        return [element.attributes for element in self.elements if element.tag == tag]

    def with_attribute(self, name: str) -> list[dict[str, str]]:
        """Attributes of every element that has this one."""
        return [element.attributes for element in self.elements if name in element.attributes]

    @property
    def text(self) -> str:
        """The text without tags, blanks squeezed."""
        return re.sub(r"\s+", " ", "".join(self.parts))

    @property
    def ids(self) -> set[str]:
        """Every target of the page."""
        return {attributes["id"] for attributes in self.with_attribute("id")}


def read(source: str) -> Page:
    """Parse one page."""
    page = Page()
    page.feed(source)
    page.close()
    return page


#: Elements without an end tag.
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
#: What a displayed formula costs (in words), an exercise on the page (in minutes), and how fast one reads.
WORDS_OF_A_FORMULA, MINUTES_OF_AN_EXERCISE, WORDS_A_MINUTE = 20, 5, 200


@dataclass
class ReadingTime(HTMLParser):
    """Words of a lesson: prose of the first reading, everything of the first, everything behind folds."""

    prose: int = 0
    first: int = 0
    second: int = 0
    exercises: int = 0
    later_exercises: int = 0
    open: list[tuple[str, set[str]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def inside(self, *tags: str) -> bool:
        """Whether one of these elements is open."""
        return any(tag in tags for tag, _ in self.open)

    @property
    def hidden_code(self) -> bool:
        """Code behind a figure is no reading."""
        return any(tag == "details" and "hide" in classes for tag, classes in self.open)

    @property
    def in_stepper(self) -> bool:
        """A figure's captions are read one at a time, as the figure is moved."""
        return any(classes & {"stepper-captions", "explorer"} for _, classes in self.open)

    @property
    def folded(self) -> bool:
        """Whether what comes now shows only when a fold is opened; its line shows always."""
        folds = [position for position, (tag, _) in enumerate(self.open) if tag == "details"]
        lines = [position for position, (tag, _) in enumerate(self.open) if tag == "summary"]
        return bool(folds) and not (len(folds) == 1 and lines)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        classes = set((given.get("class") or "").split())
        if "try-it" in classes:
            self.exercises += not self.folded
            self.later_exercises += self.folded
        if tag == "math" and given.get("display") == "block" and self.inside("article"):
            self.count(WORDS_OF_A_FORMULA)
        if tag not in VOID:
            self.open.append((tag, classes))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Nothing opens."""

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def count(self, words: int, *, prose: bool = False) -> None:
        """Add words to the reading that they belong to."""
        if self.folded:
            self.second += words
        else:
            self.first += words
            self.prose += words if prose else 0

    def handle_data(self, data: str) -> None:
        if not self.inside("article") or self.hidden_code or self.inside("svg", "script", "style", "button"):
            return
        words = 0 if self.inside("math") else len(data.split())
        self.count(words, prose=not (self.inside("pre") or self.in_stepper))

    @property
    def first_minutes(self) -> float:
        """Minutes of the first reading, with the exercises on the page."""
        return self.first / WORDS_A_MINUTE + MINUTES_OF_AN_EXERCISE * self.exercises

    @property
    def second_minutes(self) -> float:
        """Minutes of what is folded."""
        return self.second / WORDS_A_MINUTE + MINUTES_OF_AN_EXERCISE * self.later_exercises


def reading_time(source: str) -> ReadingTime:
    """Measure one page."""
    time = ReadingTime()
    time.feed(source)
    time.close()
    return time
