"""Naming what went wrong: the misconception whose numbers equal the student's numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import combinations

import numpy as np

from autograder.questions.comparing import Seen, agree, call, is_random, see
from autograder.values import Answer, FloatArray, Misconception, Question

Outcome = Mapping[str, FloatArray] | None       # what a wrong implementation returns, None if it raises


def diagnose(question: Question, seen: Mapping[str, Seen]) -> Misconception | None:
    """The first misconception that explains a wrong value, or None.

    Tried in this order: all values equal; the first wrong value equal, throughout or wherever it is finite (a
    second mistake spoils the hard cases); the next wrong value; a value that two misconceptions give at once.
    """
    if is_random(question):
        return _by_pattern(question, seen)
    cases = tuple(seen.values())
    wrong = [name for name in question.returns if not all(one.right(name) for one in cases)]
    catalogue, pairs = question.misconceptions, tuple(_pairs(question.misconceptions))
    attempts: list[tuple[Sequence[Misconception], tuple[str, ...],
                         bool]] = [(catalogue, question.returns, True)]
    attempts += [(catalogue, (name,), strict) for name in wrong for strict in (True, False)]
    attempts += [(pairs, (name,), False) for name in wrong]
    tried = _Outcomes(question)
    for misconceptions, names, strict in attempts:
        for misconception in misconceptions:
            if _explains(misconception, names, cases, tried, strict):
                return misconception
    return None


def _by_pattern(question: Question, seen: Mapping[str, Seen]) -> Misconception | None:
    """For random functions: the misconception that passes and fails the very same checks."""
    theirs = _passed(question, seen)
    for misconception in question.misconceptions:
        answered = {name: answered_by(misconception, question, one) for name, one in seen.items()}
        if _passed(question, answered) == theirs:
            return misconception
    return None


def answered_by(misconception: Misconception, question: Question, one: Seen) -> Seen:
    """What a check would see of a wrong implementation."""
    try:
        parts = tuple(call(misconception.implementation, question, one.case).values())
    except Exception:  # a wrong implementation may raise, as a student's does
        return see(one.case, Answer("raised"), question.returns, one.expected)
    return see(one.case, Answer("returned", parts), question.returns, one.expected)


def _passed(question: Question, seen: Mapping[str, Seen]) -> list[bool]:
    found = [check.judge(*(seen[name] for name in check.cases)) for check in question.checks]
    return [finding.score >= 1.0 - 1e-9 for finding in found]


def _pairs(catalogue: Sequence[Misconception]) -> Iterator[Misconception]:
    """Two wrong steps at once, under the name of the first."""
    for first, second in combinations(catalogue, 2):
        one, other = first.implementation, second.implementation
        if (
            isinstance(one, partial)
            and isinstance(other, partial)
            and one.func is other.func
            and not one.keywords.keys() & other.keywords.keys()
        ):
            both = partial(one.func, **one.keywords, **other.keywords)
            yield Misconception(first.name, first.sentence, first.see, both)


class _Outcomes:
    """What wrong implementations return, computed when asked for and once only."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.known: dict[tuple[int, str], Outcome] = {}

    def of(self, misconception: Misconception, one: Seen) -> Outcome:
        key = (id(misconception), one.case.name)
        if key not in self.known:
            try:
                self.known[key] = call(misconception.implementation, self.question, one.case)
            except Exception:  # a wrong implementation may raise, as a student's does
                self.known[key] = None
        return self.known[key]


def _explains(
    misconception: Misconception, names: Sequence[str], cases: Sequence[Seen], tried: _Outcomes, strict: bool
) -> bool:
    """Whether these values equal the wrong implementation's in all cases and it is wrong in at least one."""
    confirmed = False
    for one in cases:
        outcome = tried.of(misconception, one)
        for name in names:
            match = _match(name, one, outcome, strict)
            if match is None:
                return False
            confirmed = confirmed or match
    return confirmed


def _match(name: str, one: Seen, outcome: Outcome, strict: bool) -> bool | None:
    """None: they differ. True: they are equal and wrong. False: equal and right, or not comparable."""
    mine = one.raw.get(name)
    if outcome is None:
        return (True if mine is None else None) if strict else (False if mine is None else None)
    if mine is None:
        return None if strict else False
    theirs = outcome[name]
    if not strict and not np.isfinite(mine).all():
        return False
    if not agree(name, one.case, mine, theirs):
        return None
    return not agree(name, one.case, theirs, one.expected[name])
