"""Which of a submission's notes a person must look at, as nobody else can judge them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from autograder.values import Result

EARLY = ("timed-out", "out-of-memory", "died")
FOR_A_PERSON = re.compile("ask for it$|for a person to look|had been typed into|had been changed")


def ended_early(result: Result) -> Iterator[str]:
    """Yield the functions that did not come to their end, and how they ended."""
    for question in result.questions:
        if question.status in EARLY:
            yield f"{question.name} {question.status.replace('-', ' ')}"


def repairs(result: Result) -> list[str]:
    """Return what was put right, first what a person must judge, such as a picture that is lost."""
    return sorted(result.repairs, key=lambda repair: not FOR_A_PERSON.search(repair))


def to_judge(result: Result) -> list[str]:
    """Return the repairs that a person must judge."""
    return [repair for repair in result.repairs if FOR_A_PERSON.search(repair)]
