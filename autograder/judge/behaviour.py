"""What a wrong function does on the public inputs: a few numbers by which equal answers are known.

Each student is asked secret inputs of their own, so their answers cannot be compared. The public inputs are
the same for everybody. Of each wrong value one number is kept: the sum of its entries with fixed weights, in
units of what is usual. Two such sums agree if the values do, whatever the last digits.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import numpy as np

from autograder.judge.points import compare
from autograder.judge.seen import Seen
from autograder.values import Behaviour, FloatArray, Numbers, Part, Question, QuestionAnswers

KEPT = 150  # numbers of an answer that is kept whole
AGREEMENT = 1e-6  # of a trait, or of 1 where it is small: what those of equal answers differ by at most
USUAL = 1e6  # tolerances: the size of an ordinary value


def behaviour_of(question: Question, answers: QuestionAnswers) -> Behaviour:
    """Return what a wrong function does; of calls that lose digits only which values are wrong."""
    seen = compare(question, question.public_cases, answers)
    outcomes, traits = [], []
    for case in seen.values():
        for part, outcome in _outcomes(question, case):
            outcomes.append(outcome)
            if part in case.raw and outcome.startswith("("):
                traits.append(_trait(part, case))
    wrong = [case for case in seen.values() if not all(case.right(part) for part in question.returns)]
    smallest = min(wrong, key=_size, default=None)
    return Behaviour(
        tuple(outcomes),
        tuple(traits),
        smallest.case.name if smallest is not None else "",
        _kept(question, smallest) if smallest is not None else (),
    )


def alike(one: Behaviour, other: Behaviour) -> bool:
    """Whether two functions give the same answers, right and wrong ones."""
    if one.outcomes != other.outcomes or len(one.traits) != len(other.traits):
        return False
    first, second = np.array(one.traits), np.array(other.traits)
    size = np.maximum(1.0, np.maximum(np.abs(first), np.abs(second)))
    return bool((np.abs(first - second) <= AGREEMENT * size).all())


def _outcomes(question: Question, seen: Seen) -> Iterator[tuple[Part, str]]:
    """Yield each value with "right", its shape and how many entries are finite or nan, or what came."""
    for part in question.returns:
        if seen.right(part):
            yield part, "right"
        elif seen.case.noisy:
            yield part, "wrong"
        elif part not in seen.raw:
            yield part, seen.complaints[0] if seen.complaints else "missing"
        else:
            value = seen.raw[part]
            yield part, f"{value.shape} {int(np.isfinite(value).sum())} {int(np.isnan(value).sum())}"


def _trait(part: Part, seen: Seen) -> float:
    """Return the weighted sum of a value's finite entries, about 1 in size whatever their number."""
    value = seen.raw[part]
    unit = USUAL * np.asarray(part.tolerance(seen.case, seen.expected[part]), dtype=np.float64)
    unit = np.where(unit > 0.0, unit, 1.0)
    if unit.ndim and unit.shape != value.shape[value.ndim - unit.ndim :]:
        unit = unit.min()
    with np.errstate(all="ignore"):  # an answer may be as large as numbers can be
        entries = (np.where(np.isfinite(value), value, 0.0) / unit).ravel()
    rng = np.random.default_rng(zlib.crc32(seen.case.name.encode()))
    weights = rng.uniform(0.5, 1.5, entries.size) * rng.choice([-1.0, 1.0], entries.size)
    with np.errstate(all="ignore"):
        total = float(weights @ entries) / max(1, entries.size) ** 0.5
    return float(f"{total:.9g}") if np.isfinite(total) else 0.0


def _size(seen: Seen) -> int:
    return sum(np.size(argument) for argument in seen.case.arguments)


def _kept(question: Question, seen: Seen) -> tuple[Numbers, ...]:
    """Return the values of a call, to six digits; nothing if they are many or incomplete."""
    values = [seen.raw[part] for part in question.returns if part in seen.raw]
    if len(values) < len(question.returns) or sum(value.size for value in values) > KEPT:
        return ()
    return tuple(Numbers(value.shape, _rounded(value)) for value in values)


def _rounded(value: FloatArray) -> tuple[str, ...]:
    return tuple(f"{entry:.6g}" for entry in value.ravel())
