"""What a report says, as plain values: the text, the page of a notebook and JSON are made from these."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Literal

from autograder.values import WrongCall

Kind = Literal["judged", "not-written", "problem"]

FIRST = "The first call that does not come out right"


@dataclass(frozen=True)
class CheckLine:
    """How one check went: its title, a sign and a word for it, and what is wrong, if that needs saying."""

    title: str
    passed: bool
    mark: str  # "✓ right", "◐ partly", "✗ not yet"
    reasons: tuple[str, ...]
    misconception: str | None  # the name of the mistake that explains it


@dataclass(frozen=True)
class Place:
    """A place in the book: its label, such as "em-m-step", and its address."""

    label: str
    address: str


@dataclass(frozen=True)
class Content:
    """All that a report says.

    A report of kind "problem" has a headline alone: there was nothing to judge. So has one of a function that
    is "not-written" yet.
    """

    name: str  # the function's
    kind: Kind
    right: bool
    status: str  # the question's, such as "graded" or "raised"; "" of a problem
    headline: str
    diagnosis: str = ""  # the misconception's sentence
    misconception: str | None = None  # and its name
    checks: tuple[CheckLine, ...] = ()
    example: WrongCall | None = None
    read: tuple[Place, ...] = ()
    notes: tuple[str, ...] = ()
    printed: str = ""  # what the function printed, as far as it was kept

    @property
    def some_right(self) -> bool:
        """Whether any check passes."""
        return any(check.passed for check in self.checks)


def as_json(content: Content) -> str:
    """Return the content as a JSON object, for programs in other languages."""
    return json.dumps(asdict(content))


def as_text(content: Content) -> str:
    """Return the content as lines of text."""
    if content.kind != "judged":
        return content.headline
    lines = [line for line in (content.headline, content.diagnosis) if line]
    if content.some_right:
        for check in content.checks:
            lines.append(f"  {check.mark:9}  {check.title}")
            lines += [f"         {reason}" for reason in check.reasons]
    if (wrong := content.example) is not None:
        lines += ["", f"{FIRST}: {wrong.case}", _indent(wrong.call)]
        lines += ["returned:", _indent(wrong.returned), "expected:", _indent(wrong.expected)]
    lines += [f"Read: {place.address}" for place in content.read]
    return "\n".join((*lines, *content.notes))


def _indent(text: str) -> str:
    return "\n".join("    " + line for line in text.splitlines())
