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
