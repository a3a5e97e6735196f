"""Naming what went wrong: the misconception whose numbers equal the student's numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import combinations

import numpy as np

from autograder.questions.comparing import Seen, agree, call, is_random, see
from autograder.values import Answer, FloatArray, Misconception, Question

Outcome = Mapping[str, FloatArray] | None       # what a wrong implementation returns, None if it raises

# Where digits are lost, two wrong answers are never equal: that both are wrong has to do.
NOISY = frozenset({"far from the origin", "far from zero"})


def diagnose(question: Question, seen: Mapping[str, Seen], tried: Outcomes) -> Misconception | None:
    """The first misconception that explains a wrong value, or None.

    Tried in this order: all values equal; the first wrong value equal, throughout or wherever it is finite (a
    second mistake spoils the hard cases); the next wrong value; a value that two misconceptions give at once.
    Of equals the one is preferred that gets nothing wrong which the student got right; two at once must not.
    """
    if is_random(question):
        return _by_pattern(question, seen, tried)
    cases = tuple(seen.values())
    wrong = [name for name in question.returns if not all(one.right(name) for one in cases)]
    catalogue = question.misconceptions
    if found := _best(catalogue, question.returns, cases, tried, strict=True):
        return found
    if 2 * sum(not one.raw for one in cases) > len(cases):
        return None                     # a function that mostly fails to answer shows too little of itself
    for name in wrong:
        for strict in (True, False):
            if found := _best(catalogue, (name,), cases, tried, strict):
                return found
    pairs = tuple(_pairs(catalogue))
    return next((found for name in wrong if (found := _best(pairs, (name,), cases, tried, sure=True))), None)


def _best(
    misconceptions: Sequence[Misconception], names: Sequence[str], cases: Sequence[Seen], tried: Outcomes,
    strict: bool = False, sure: bool = False
) -> Misconception | None:
    """The one that explains most wrong values; the first of equals, or of those that explain all (`strict`).

    `sure`: nothing may speak against it.
    """
    best, most = None, 0
    for misconception in misconceptions:
        explained = 2 * _explains(misconception, names, cases, tried, strict)
        if explained and _contradicted(misconception, cases, tried):
            explained = 0 if sure else explained - 1
        if explained > most:
            best, most = misconception, explained
        if strict and best is not None:
            break
    return best


def _by_pattern(question: Question, seen: Mapping[str, Seen], tried: Outcomes) -> Misconception | None:
    """For random functions: the misconception that passes and fails the very same checks."""
    theirs = _passed(question, seen)
    for misconception in question.misconceptions:
        answered = {name: answered_by(misconception, tried, one) for name, one in seen.items()}
        if _passed(question, answered) == theirs:
            return misconception
    return None


def answered_by(misconception: Misconception, tried: Outcomes, one: Seen) -> Seen:
    """What a check would see of a wrong implementation."""
    outcome = tried.of(misconception, one)
    answer = Answer("raised") if outcome is None else Answer("returned", tuple(outcome.values()))
    return see(one.case, answer, tried.question.returns, one.expected)


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


class Outcomes:
    """What wrong implementations return, computed when asked for and once only."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.known: dict[tuple[int, str], Outcome] = {}

    def of(self, misconception: Misconception, one: Seen) -> Outcome:
        """What it returns in one case."""
        key = (id(misconception), one.case.name)
        if key not in self.known:
            try:
                self.known[key] = call(misconception.implementation, self.question, one.case)
            except Exception:  # a wrong implementation may raise, as a student's does
                self.known[key] = None
        return self.known[key]


def _explains(
    misconception: Misconception, names: Sequence[str], cases: Sequence[Seen], tried: Outcomes, strict: bool
) -> int:
    """How many wrong values equal the wrong implementation's; 0 if any value differs from it."""
    confirmed = 0
    for one in cases:
        outcome = tried.of(misconception, one)
        for name in names:
            match = _match(name, one, outcome, strict)
            if match is None:
                return 0
            confirmed += match
    return confirmed


def _contradicted(misconception: Misconception, cases: Sequence[Seen], tried: Outcomes) -> bool:
    """Whether the wrong implementation gets a value wrong that the student got right.

    Lost digits count only against a misconception that is about nothing else.
    """
    surprises, elsewhere = [], False
    for one in cases:
        outcome, noisy = tried.of(misconception, one), one.case.name in NOISY
        for name in one.expected:
            wrong = outcome is None or not _right(name, one, outcome[name])
            elsewhere = elsewhere or (wrong and not noisy)
            if wrong and one.right(name):
                surprises.append(noisy)
    return not all(surprises) or (bool(surprises) and not elsewhere)


def _right(name: str, one: Seen, value: FloatArray) -> bool:
    """Whether a value is right, a column taken for a list as in a student's answer."""
    expected = one.expected[name]
    if value.squeeze().shape == expected.squeeze().shape:
        value = value.reshape(expected.shape)
    return agree(name, one.case, value, expected)


def _match(name: str, one: Seen, outcome: Outcome, strict: bool) -> bool | None:
    """None: they differ. True: they are equal and wrong. False: equal and right, or not comparable."""
    mine = one.raw.get(name)
    if outcome is None:
        return (True if mine is None else None) if strict else (False if mine is None else None)
    if mine is None:
        return None if strict else False
    theirs = outcome[name]
    wrong = not agree(name, one.case, theirs, one.expected[name])
    if not strict and one.case.name in NOISY:
        return wrong and not one.right(name)
    if not strict and not np.isfinite(mine).all():
        return not np.isfinite(theirs).all()
    if not agree(name, one.case, mine, theirs):
        return None
    return wrong
