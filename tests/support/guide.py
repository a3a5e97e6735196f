"""The instructor's guide as tests read it: what each page types, which files it prints, in that order."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

BOOK = Path(__file__).parents[2] / "book"
PAGES = tuple(sorted(BOOK.glob("instructors*.md")))
FENCE = re.compile(
    r"^```console\n(?P<console>.*?)^```$"
    r"|^```\{code-block\} (?:python|text)\n:caption: (?P<caption>.*?)\n\n(?P<text>.*?)^```$"
    r"|^% step: (?P<step>.*?)$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Typed:
    """A line behind a prompt, and who types it; "" where a page has one reader."""

    account: str
    line: str


@dataclass(frozen=True)
class Printed:
    """A file that a page prints in full."""

    path: str
    text: str
    at_end: bool = False  # added to a file that exists


@dataclass(frozen=True)
class Step:
    """What happens outside of the terminal at this place: in a browser, at another system."""

    what: str


def text_of(page: str) -> str:
    """Return a page's text; `page` is such as "instructors-hub"."""
    return (BOOK / f"{page}.md").read_text(encoding="utf-8")


def steps(page: str, after: str = "", before: str = "") -> list[Typed | Printed | Step]:
    """Return all that a page asks for, in its order; from one label to another, if these are given."""
    text = text_of(page)
    start = text.index(f"({after})=") if after else 0
    end = text.index(f"({before})=") if before else len(text)
    found: list[Typed | Printed | Step] = []
    for match in FENCE.finditer(text[start:end]):
        if match["console"] is not None:
            whole = re.sub(r"\\\n\s*", "", match["console"])  # a line that goes on in the next
            lines = re.findall(r"^([\w-]*)[$#] (.*)$", whole, re.MULTILINE)
            found += [Typed(account, line) for account, line in lines]
        elif match["step"] is not None:
            found.append(Step(match["step"]))
        else:
            path, at_end, _ = match["caption"].partition(" (at the end")
            found.append(Printed(path, match["text"], bool(at_end)))
    return found
