"""The mistakes that were recognised by their numbers, and who made them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.insight.everybody import Entry
from autograder.record.rows import Person


@dataclass(frozen=True)
class Recognised:
    """A misconception of one question, and everybody who has it."""

    question: str
    name: str
    sentence: str  # as the first of them read it
    see: str  # where the book explains it
    people: tuple[Person, ...]

    @property
    def function(self) -> str:
        """The function's name."""
        return self.question.partition(".")[2]


def misconceptions_of(entries: Sequence[Entry]) -> tuple[Recognised, ...]:
    """Return the recognised misconceptions, the most frequent first, then in the order of the notebook."""
    found: dict[tuple[str, str], list[Person]] = {}
    said: dict[tuple[str, str], tuple[str, str]] = {}
    for entry in entries:
        for question in entry.result.questions:
            named = question.recognised
            if named is not None and named.misconception is not None:
                key = (question.id, named.misconception)
                found.setdefault(key, []).append(entry.person)
                said.setdefault(key, (named.message, named.see))
    order = {question: number for entry in entries for number, question in enumerate(entry.questions)}
    ranked = sorted(found, key=lambda key: (-len(found[key]), order[key[0]], key[1]))
    return tuple(Recognised(*key, *said[key], tuple(found[key])) for key in ranked)
