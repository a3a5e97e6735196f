"""Naming what went wrong: the misconception whose numbers equal the student's numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum, auto
from functools import cache
from itertools import islice

import numpy as np

from autograder.judge.remembered import remembered
from autograder.judge.seen import Seen, Values, call, expected, see
from autograder.judge.tolerance import agree
from autograder.judge.two_mistakes import pairs, pairs_within
from autograder.values import Answer, Case, Check, FloatArray, Misconception, Part, Question

MOST_PAIRS = 400  # so that a mistake that is in no catalogue costs a tenth of a second, and not more
MOST_WITHIN = 170  # pairs within one step, the first mistakes of the catalogue with all others

OTHER_ORDER = "values-in-another-order"  # the entry for right values that came in another order
A_FEW = 8  # whole numbers: as many may be equal by accident

Outcome = Values | None  # what a wrong implementation returns, None if it raises


class Match(Enum):
    """How a student's value compares with a wrong implementation's."""

    SAME_WRONG = auto()  # equal, and not what was asked for
    SILENT = auto()  # equal and right, or not comparable: it speaks neither for nor against
    DIFFERENT = auto()


Comparison = Callable[[Part, Seen, Outcome], Match]


def diagnose(question: Question, seen: Mapping[str, Seen], outcomes: Outcomes) -> Misconception | None:
    """Find the first misconception that explains a wrong value, or None.

    Tried in this order: all values equal; all equal that can be compared (the numerically hard cases cannot,
    where a second mistake spoils them); all explained by two mistakes at once; the same for one part that is
    wrong, after the other, and then by two mistakes within one step; at last one part in most of its cases,
    by one mistake or by two. Of equals the first is named, and rather one that gets nothing wrong which the
    student got right.
    """
    if question.random:
        return _by_pattern(question, seen, outcomes)
    parts = question.returns
    cases = sorted(seen.values(), key=lambda case: not all(map(_is_finite, case.raw.values())))
    if _only_the_order_is_wrong(question, cases):
        return next((entry for entry in question.misconceptions if entry.name == OTHER_ORDER), None)
    if first := _first_equal(question.misconceptions, parts, cases, outcomes):
        return first
    if 2 * sum(not case.raw for case in cases) > len(cases) or _ambiguous(question, cases):
        return None  # too little of the function shows
    wrong = _wrong_parts(parts, cases)
    both = _pairs_of(question)
    # A part without a finite value speaks against nothing: it would be held against all, in every case.
    shown = [part for part in wrong if any(_is_finite(case.raw.get(part)) for case in cases)]
    if len(wrong) > 1 and shown:
        whole = _explaining_most(question.misconceptions, parts, cases, outcomes, uncontradicted=True)
        if whole := whole or _explaining_most(both, parts, cases, outcomes, uncontradicted=True):
            return whole
    for part in shown:
        if first := _first_equal(question.misconceptions, (part,), cases, outcomes, parts):
            return first
        if likeliest := _explaining_most(question.misconceptions, (part,), cases, outcomes):
            return likeliest
    attempts = (_explaining_most(both, (part,), cases, outcomes, uncontradicted=True) for part in shown)
    if pair := next((pair for pair in attempts if pair is not None), None):
        return pair
    within = _within_steps_of(question)
    attempts = (_explaining_most(within, (part,), cases, outcomes, uncontradicted=True) for part in shown)
    if pair := next((pair for pair in attempts if pair is not None), None):
        return pair
    mostly = (
        _explaining_the_larger_part(entries, part, cases, outcomes, uncontradicted=entries is both)
        for entries in (question.misconceptions, both)
        for part in shown
    )
    return next((misconception for misconception in mostly if misconception is not None), None)


def _only_the_order_is_wrong(question: Question, cases: Sequence[Seen]) -> bool:
    """Whether the values came in another order, and are right wherever their shapes tell which is which."""
    reordered = [case for case in cases if case.reordered]
    right = all(case.right(part) for case in reordered for part in question.returns)
    return 2 * len(reordered) > len(cases) and right


def _wrong_parts(parts: Sequence[Part], cases: Sequence[Seen]) -> list[Part]:
    """The parts that are wrong somewhere; where digits are lost only if no other is wrong elsewhere.

    Lost digits look alike, whatever loses them: beside a plain mistake they tell nothing of another one.
    """
    elsewhere = [case for case in cases if not case.case.noisy]
    plainly = [part for part in parts if not all(case.right(part) for case in elsewhere)]
    return plainly or [part for part in parts if not all(case.right(part) for case in cases)]


def _is_finite(value: FloatArray | None) -> bool:
    return value is not None and bool(np.isfinite(value).all())


def _ambiguous(question: Question, cases: Sequence[Seen]) -> bool:
    """Whether parts are missing of which nobody can say which they are, as of two plain numbers."""
    names = [part.shape for part in question.returns]
    missing = any(0 < len(case.raw) < len(names) for case in cases)
    return missing and len(set(names)) < len(names)


def _first_equal(
    misconceptions: Sequence[Misconception],
    parts: Sequence[Part],
    cases: Sequence[Seen],
    outcomes: Outcomes,
    all_parts: Sequence[Part] = (),
) -> Misconception | None:
    """The first that gives the student's value of these parts in every case, and rather one that is not at
    odds with the others.
    """
    others = [part for part in all_parts if part not in parts]
    first = None
    for misconception in misconceptions:
        if _explained(misconception, parts, cases, outcomes, throughout):
            if _says_too_much(misconception, cases, outcomes):
                continue
            if not _at_odds(misconception, others, cases, outcomes):
                return misconception
            first = first or misconception
    return first


def concerned(
    misconception: Misconception, question: Question, cases: Sequence[Seen], outcomes: Outcomes
) -> tuple[Part, ...]:
    """The parts it explains, if it gets another one wrong in another way than the student; else nothing.

    A sentence that names the values of which it speaks needs no more. And of values of another length, such
    as those of more rounds, the mistake may be the same.
    """
    if misconception.about or question.random:
        return ()
    alike = [case for case in cases if _of_the_same_shapes(case, outcomes.of(misconception, case))]
    other = [part for part in question.returns if _at_odds(misconception, (part,), alike, outcomes)]
    explained = [
        part
        for part in question.returns
        for case in alike
        if where_comparable(part, case, outcomes.of(misconception, case)) is Match.SAME_WRONG
    ]
    return tuple(part for part in question.returns if other and part in explained and part not in other)


def _of_the_same_shapes(case: Seen, outcome: Outcome) -> bool:
    return outcome is not None and all(
        part in outcome and value.shape == outcome[part].shape for part, value in case.raw.items()
    )


def _says_too_much(misconception: Misconception, cases: Sequence[Seen], outcomes: Outcomes) -> bool:
    """Whether its sentence speaks of a value as well that the student got right, or wrong in another way."""
    if not misconception.about:
        return False
    return any(
        where_comparable(part, case, outcomes.of(misconception, case)) is Match.DIFFERENT
        for case in cases
        for part in case.expected
        if part.name in misconception.about
    )


def _at_odds(
    misconception: Misconception, parts: Sequence[Part], cases: Sequence[Seen], outcomes: Outcomes
) -> bool:
    """Whether it gets one of these parts wrong in another way than the student."""
    for case in cases:
        outcome = outcomes.of(misconception, case) or {}
        for part in parts:
            wrong = part in outcome and not _right(part, case, outcome[part])
            if wrong and where_comparable(part, case, outcome) is Match.DIFFERENT:
                return True
    return False


def _explaining_most(
    misconceptions: Sequence[Misconception],
    parts: Sequence[Part],
    cases: Sequence[Seen],
    outcomes: Outcomes,
    uncontradicted: bool = False,
) -> Misconception | None:
    """The one that explains most wrong values, the first of equals, and rather one that nothing speaks
    against.
    """
    best, most = None, 0
    wrong = sum(part in case.raw and not case.right(part) for case in cases for part in parts)
    for misconception in misconceptions:
        score = 2 * _explained(misconception, parts, cases, outcomes, where_comparable)
        if score and uncontradicted and not _any_wrong_number(parts, cases):
            score = 0  # of all that is infinite, or no number, no two mistakes are read
        if score and uncontradicted and score <= 2 * _left_open(misconception, parts, cases, outcomes):
            score = 0
        if score and _says_too_much(misconception, cases, outcomes):
            score = 0
        if score and _contradicted(misconception, cases, outcomes):
            score = 0 if uncontradicted else score - 1
        if score > most:
            best, most = misconception, score
        if most >= 2 * wrong:
            break  # it explains all of them
    return best


def _left_open(
    misconception: Misconception, parts: Sequence[Part], cases: Sequence[Seen], outcomes: Outcomes
) -> int:
    """Count the wrong numbers of which it tells nothing, as it gives none there."""
    silent = [case for case in cases if outcomes.of(misconception, case) is None and not case.case.noisy]
    return sum(_is_finite(case.raw.get(part)) and not case.right(part) for case in silent for part in parts)


def _any_wrong_number(parts: Sequence[Part], cases: Sequence[Seen]) -> bool:
    """Whether there are numbers to compare at all, and not right."""
    plain = [case for case in cases if not case.case.noisy]
    return any(_is_finite(case.raw.get(part)) and not case.right(part) for case in plain for part in parts)


def _explaining_the_larger_part(
    misconceptions: Sequence[Misconception],
    part: Part,
    cases: Sequence[Seen],
    outcomes: Outcomes,
    uncontradicted: bool = False,
) -> Misconception | None:
    """The one that explains most cases of a part, three at least, and differs in a third as many at most.

    Of a few whole numbers, such as an index, too many are equal by accident; and nan tells nothing.
    """
    if part.index_of and all(case.expected[part].size < A_FEW for case in cases):
        return None
    best, most = None, 0
    for misconception in misconceptions:
        explained, different = 0, 0
        for case in cases:
            outcome = outcomes.of(misconception, case)
            if _gives_too_little(case, outcome):
                explained = 0
                break
            match = where_comparable(part, case, outcome)
            in_numbers = not case.case.noisy and _is_finite(case.raw.get(part))
            explained += match is Match.SAME_WRONG and in_numbers
            different += match is Match.DIFFERENT or _has_none(part, case, outcome)
            if different > 1 + explained // 3:
                break
        if explained < max(3, 3 * different) or explained <= most:
            continue
        if uncontradicted and _contradicted(misconception, cases, outcomes):
            continue
        if not _says_too_much(misconception, cases, outcomes):
            best, most = misconception, explained
    return best


def _by_pattern(question: Question, seen: Mapping[str, Seen], outcomes: Outcomes) -> Misconception | None:
    """For random functions: the misconception of which every check says the very same."""
    cheap_first = sorted(question.checks, key=lambda check: len(check.cases))
    pattern = [(check, _complaint(check, seen)) for check in cheap_first]
    for misconception in question.misconceptions:
        answered = _Answered(misconception, outcomes, seen)
        same = (
            _complaint_of(_first(check, seen), check, misconception, seen=answered) == said
            for check, said in pattern
        )
        if all(same):
            return misconception
    return None


class _Answered(Mapping[str, Seen]):
    """What a check would see of a wrong implementation, asked for case by case when a check needs it."""

    def __init__(self, misconception: Misconception, outcomes: Outcomes, seen: Mapping[str, Seen]) -> None:
        self._misconception, self._outcomes, self._seen = misconception, outcomes, seen

    def __getitem__(self, name: str) -> Seen:
        return answered_by(self._misconception, self._outcomes, self._seen[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._seen)

    def __len__(self) -> int:
        return len(self._seen)


def answered_by(misconception: Misconception, outcomes: Outcomes, seen: Seen) -> Seen:
    """Show what a check would see of a wrong implementation."""
    outcome = outcomes.of(misconception, seen)
    answer = Answer("raised") if outcome is None else Answer("returned", tuple(outcome.values()))
    return see(seen.case, answer, outcomes.question.returns, seen.expected)


def _complaint(check: Check, seen: Mapping[str, Seen]) -> str:
    """What a check complains of, whichever the case; "" where it passes."""
    finding = check.judge(*(seen[name] for name in check.cases))
    complaint = finding.message.rpartition(": ")[2].partition(" with an error")[0]  # of whatever type
    return "" if finding.passed else complaint or "wrong"


@remembered
def _complaint_of(first: Case, check: Check, misconception: Misconception, *, seen: _Answered) -> str:
    """What a check, whose first case this is, complains of in a wrong implementation."""
    return _complaint(check, seen)


def _first(check: Check, seen: Mapping[str, Seen]) -> Case:
    return seen[check.cases[0]].case


@cache
def _pairs_of(question: Question) -> tuple[Misconception, ...]:
    """Make the pairs once: what is remembered of a misconception is remembered of this very object."""
    return tuple(islice(pairs(question.misconceptions), MOST_PAIRS // question.calls))


@cache
def _within_steps_of(question: Question) -> tuple[Misconception, ...]:
    return tuple(islice(pairs_within(question.misconceptions), MOST_WITHIN // question.calls))


class Outcomes:
    """What wrong implementations of a question's function return."""

    def __init__(self, question: Question) -> None:
        self.question = question

    def of(self, misconception: Misconception, seen: Seen) -> Outcome:
        """Return what it gives in one case."""
        return _outcome(seen.case, self.question, misconception)


@remembered
def _outcome(case: Case, question: Question, misconception: Misconception) -> Outcome:
    try:
        if misconception.afterwards is not None:  # the right values are known: nothing is computed again
            with np.errstate(all="ignore"):
                return misconception.afterwards(expected(case, question))
        return call(misconception.implementation, question, case)
    except Exception:  # a wrong implementation may raise, as a student's does
        return None


def prepare(question: Question, cases: Sequence[Case]) -> Iterator[None]:
    """Compute what wrong implementations return, a call for each step: for whoever has time in between.

    What a diagnosis needs of these cases is remembered then, the first mistakes of the catalogue first.
    """
    for misconception in (*question.misconceptions, *_pairs_of(question)):
        for case in cases:
            _outcome(case, question, misconception)
            yield
    if question.random:
        yield from _prepare_complaints(question, cases)


def _prepare_complaints(question: Question, cases: Sequence[Case]) -> Iterator[None]:
    seen = {case.name: see(case, None, question.returns, expected(case, question)) for case in cases}
    for misconception in question.misconceptions:
        answered = _Answered(misconception, Outcomes(question), seen)
        for check in question.checks:
            _complaint_of(_first(check, seen), check, misconception, seen=answered)
            yield


def _explained(
    misconception: Misconception,
    parts: Sequence[Part],
    cases: Sequence[Seen],
    outcomes: Outcomes,
    comparison: Comparison,
) -> int:
    """Count the wrong values that equal the wrong implementation's; 0 if any value differs from it.

    Also 0 if there are wrong numbers and it explains none of them: that both are infinite somewhere, or lose
    their digits, tells nothing of those. And 0 if it gives numbers as often where the student has none as it
    explains anything: whatever left nothing but nan would then be taken for it.
    """
    confirmed, plain, plainly_confirmed, surely, unexplained = 0, False, False, 0, 0
    for case in cases:
        outcome = outcomes.of(misconception, case)
        if _gives_too_little(case, outcome):
            return 0  # it is about a part that is not there, and the student's is
        for part in parts:
            match = comparison(part, case, outcome)
            if match is Match.DIFFERENT:
                return 0
            confirmed += match is Match.SAME_WRONG
            surely += match is Match.SAME_WRONG and not case.case.noisy
            if part not in case.raw or case.case.noisy or case.right(part):
                continue
            if _is_finite(case.raw[part]):
                plain, plainly_confirmed = True, plainly_confirmed or match is Match.SAME_WRONG
            else:
                unexplained += match is Match.SILENT and outcome is not None
    if unexplained and unexplained >= surely:
        return 0
    return confirmed if plainly_confirmed or not plain else 0


def _gives_too_little(case: Seen, outcome: Outcome) -> bool:
    """Whether a part does not come back of the wrong implementation that did of the student's function."""
    return outcome is not None and outcome.keys() < case.raw.keys()


def _has_none(part: Part, case: Seen, outcome: Outcome) -> bool:
    """Whether the student's value is no number, or infinite, where the wrong implementation gives numbers."""
    value, other = case.raw.get(part), (outcome or {}).get(part)
    if value is None or other is None or case.case.noisy:
        return False
    return not _is_finite(value) and _is_finite(other)


def _contradicted(misconception: Misconception, cases: Sequence[Seen], outcomes: Outcomes) -> bool:
    """Whether the wrong implementation gets a value wrong that the student got right.

    Lost digits count only against a misconception that is about nothing else.
    """
    surprises, wrong_elsewhere = [], False
    for case in cases:
        outcome, noisy = outcomes.of(misconception, case), case.case.noisy
        if outcome is None:
            continue
        for part in case.expected:
            wrong = part not in outcome or not _right(part, case, outcome[part])
            wrong_elsewhere = wrong_elsewhere or (wrong and not noisy)
            if wrong and case.right(part):
                surprises.append(noisy)
    return not all(surprises) or (bool(surprises) and not wrong_elsewhere)


def _right(part: Part, seen: Seen, value: FloatArray) -> bool:
    """Whether a value is right, a column taken for a list as in a student's answer."""
    expected = seen.expected[part]
    if value.squeeze().shape == expected.squeeze().shape:
        value = value.reshape(expected.shape)
    return agree(part, seen.case, value, expected)


# --------------------------------------------------------------------------- comparing two wrong values


def throughout(part: Part, seen: Seen, outcome: Outcome) -> Match:
    """Compare by the same measure everywhere: equal numbers, or nothing on both sides."""
    value, other = seen.raw.get(part), (outcome or {}).get(part)
    if value is None or other is None:
        return Match.SAME_WRONG if value is None and other is None else Match.DIFFERENT
    return _equal(part, seen, value, other)


def where_comparable(part: Part, seen: Seen, outcome: Outcome) -> Match:
    """Compare where both gave finite numbers; where digits are lost, it is enough that both are wrong."""
    value, other = seen.raw.get(part), (outcome or {}).get(part)
    if value is None or other is None:  # what raises here need not be what the student wrote
        return Match.SILENT
    if seen.case.noisy:
        both_wrong = not seen.right(part) and not agree(part, seen.case, other, seen.expected[part])
        return Match.SAME_WRONG if both_wrong else Match.SILENT
    if not _is_finite(value):
        return Match.SAME_WRONG if _as_far_as_numbers(value, other) else Match.SILENT
    return _equal(part, seen, value, other)


def _as_far_as_numbers(value: FloatArray, other: FloatArray) -> bool:
    """Whether another value has no numbers either, and not fewer than this one."""
    if _is_finite(other) or value.squeeze().shape != other.squeeze().shape:
        return False
    return not (np.isfinite(value.squeeze()) & ~np.isfinite(other.squeeze())).any()


def _equal(part: Part, seen: Seen, value: FloatArray, other: FloatArray) -> Match:
    if value.size == other.size == 1:  # one number is one number, in a list of its own or not
        value = value.reshape(other.shape)
    if not (agree(part, seen.case, value, other) or _same_in_place_of_an_index(part, value, other)):
        return Match.DIFFERENT
    right = seen.right(part) or agree(part, seen.case, other, seen.expected[part])
    return Match.SILENT if right else Match.SAME_WRONG


def _same_in_place_of_an_index(part: Part, value: FloatArray, other: FloatArray) -> bool:
    """Whether two values hold the same numbers, such as distances, where whole ones are asked for."""
    if not part.index_of or value.shape != other.shape or not np.isfinite(other).all():
        return False
    return bool((other % 1).any()) and np.allclose(value, other, rtol=1e-9, atol=0.0)
