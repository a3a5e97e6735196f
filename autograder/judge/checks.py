"""The kinds of checks that questions are made of.

The messages made here hold no numbers of the inputs or answers: while grading, the inputs are secret.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from autograder.judge.seen import Seen
from autograder.judge.tolerance import agree
from autograder.values import Check, Finding, FloatArray, Part

Opinion = Callable[[Seen], str]  # "" if all is well, else what is wrong, in words


def values(
    title: str,
    parts: Part | Sequence[Part],
    cases: Sequence[str],
    *,
    weight: float,
    see: str,
    numeric: bool = True,
) -> Check:
    """Make a check that compares these parts with the reference in these cases."""
    parts = (parts,) if isinstance(parts, Part) else tuple(parts)

    def opinion(seen: Seen) -> str:
        return next((wrong for part in parts if (wrong := what_is_wrong(part, seen))), "")

    everywhere = _everywhere(opinion, parts)

    def judge(*seen: Seen) -> Finding:
        finding = everywhere(*seen)
        where, _, wrong = finding.message.partition(": ")
        part = next((part for part in parts if wrong in _digits_lost(part)), None)
        if part is None or _lost_for_sure(part, seen):
            return finding
        return Finding(0.0, f"{where}: {in_words(part)} wrong")  # that a number is round was by chance

    return Check(title, weight, see, tuple(cases), judge, numeric)


def shapes(title: str, cases: Sequence[str], *, weight: float, see: str) -> Check:
    """Make a check that all parts come back, as numbers, in the shapes the docstring gives."""

    def judge(*seen: Seen) -> Finding:
        complaints = [_where(case, case.complaints[0]) for case in seen if case.complaints]
        return Finding(0.0 if complaints else 1.0, complaints[0] if complaints else "")

    return Check(title, weight, see, tuple(cases), judge, numeric=False)


def holds(
    title: str,
    opinion: Opinion,
    parts: Sequence[Part],
    cases: Sequence[str],
    *,
    weight: float,
    see: str,
    numeric: bool = False,
) -> Check:
    """Make a check of something that every right answer has in each of these cases, whatever the reference
    says.
    """
    return Check(title, weight, see, tuple(cases), _everywhere(opinion, parts), numeric)


def together(
    title: str,
    opinion: Callable[..., str],
    parts: Sequence[Part],
    cases: Sequence[str],
    *,
    weight: float,
    see: str,
    numeric: bool = False,
) -> Check:
    """Make a check that compares the function's answers to several related cases with each other."""

    def judge(*seen: Seen) -> Finding:
        missing = next((wrong for case in seen if (wrong := _missing(parts, case))), "")
        with np.errstate(all="ignore"):
            wrong = missing or opinion(*seen)
        return Finding(0.0 if wrong else 1.0, wrong)

    return Check(title, weight, see, tuple(cases), judge, numeric)


def _everywhere(opinion: Opinion, needs: Sequence[Part]) -> Callable[..., Finding]:
    """All cases are as they should be, or a message on the first that is not; one lucky case pays nothing."""

    def judge(*seen: Seen) -> Finding:
        for case in seen:
            wrong = _missing(needs, case)
            if not wrong:
                with np.errstate(all="ignore"):
                    wrong = opinion(case)
            if wrong:
                return Finding(0.0, _where(case, wrong))
        return Finding(1.0, "")

    return judge


def _missing(needs: Sequence[Part], seen: Seen) -> str:
    """Say which needed part did not come back as finite numbers, or nothing."""
    for part in needs:
        if part not in seen.returned:
            return seen.complaints[0] if seen.complaints else f"{part.name} is missing"
        if not np.isfinite(seen.returned[part]).all():
            return f"{in_words(part)} not finite (nan or inf)"
    return ""


def _where(seen: Seen, what: str) -> str:
    return f"{seen.case.name}: {what}"


# --------------------------------------------------------------------------- words


def what_is_wrong(part: Part, seen: Seen) -> str:
    """Compare one part with the reference: "" or what is wrong with it, in words."""
    if seen.right(part):
        return ""
    returned, expected = seen.returned[part], seen.expected[part]
    if expected.any() and not returned.any():
        return f"{in_words(part)} 0"
    rounded, cut, whole = _digits_lost(part)
    if _rounded(returned, expected):
        return rounded if (returned != np.round(returned)).any() else whole
    if not seen.case.noisy and np.array_equal(returned, np.trunc(expected)):  # far away float32 is whole, too
        return cut
    for factor, how in () if part.index_of else _FACTORS.items():
        if agree(part, seen.case, returned / factor, expected):
            return f"{in_words(part)} {how}"
    if part.shape[:2] in _ALL and _one_for_all(returned) and not _one_for_all(expected):
        return f"{in_words(part)} the same for all {_ALL[part.shape[:2]]}"
    return f"{in_words(part)} wrong"


def _one_for_all(value: FloatArray) -> bool:
    """Whether several rows hold the same numbers."""
    return value.ndim > 0 and len(value) > 1 and bool((value == value[0]).all())


_ALL = {"(n": "points", "(K": "components"}  # whose rows they are, by the shape in letters
_FACTORS = {-1.0: "right but for the sign", 2.0: "twice as large as right", 0.5: "half as large as right"}


# --------------------------------------------------------------------------- lost digits

_DIGITS_ENOUGH = (
    8  # that agree in all: fewer may by chance, such as those of ½, or of a count near the right one
)


def _digits_lost(part: Part) -> tuple[str, str, str]:
    """Say of a part that it is rounded, that it is cut, and that it is rounded to whole numbers."""
    return (
        f"{in_words(part)} rounded: return all digits",
        f"{in_words(part)} whole numbers, as if cut: what follows the point is asked for, too",
        f"{in_words(part)} whole numbers, as if rounded: return all digits",
    )


def _lost_for_sure(part: Part, seen: Sequence[Seen]) -> bool:
    """Whether digits are lost in each of these cases, and what is left of them are digits enough."""
    if not all(_loses_digits(part, case) for case in seen):
        return False
    wrong = [case.returned[part].ravel() for case in seen if part in case.returned and not case.right(part)]
    numbers = np.setdiff1d(np.abs(np.concatenate(wrong)), (0.0, 1.0))  # a choice, such as that of the nearest
    return sum(len(f"{number:.6f}".replace(".", "").strip("0")) for number in numbers) >= _DIGITS_ENOUGH


def _loses_digits(part: Part, seen: Seen) -> bool:
    """Whether a value is right, or right but rounded or cut, be it to 0, or did not come back."""
    if part not in seen.returned or what_is_wrong(part, seen) in ("", *_digits_lost(part)):
        return True
    return np.array_equal(seen.returned[part], np.round(seen.expected[part]))


def _rounded(returned: FloatArray, expected: FloatArray) -> bool:
    """Whether a value is the right one rounded to at most six digits after the point.

    Zeros and ones alone are no rounding, nor is what is as good as zero.
    """
    values = np.round(returned, 6)
    if (np.abs(returned - values) > 1e-12).any() or np.isin(values, (0.0, 1.0)).all():
        return False
    return any(np.allclose(values, np.round(expected, d), rtol=0.0, atol=1e-12) for d in range(7))


def in_words(part: Part) -> str:
    """Begin a sentence about a part, such as "log-likelihood is"."""
    name = part.name
    words = name.replace("_", "-") if name.startswith("log") else name.replace("_", " ")
    return f"{words} {'are' if name.endswith(('s', 'chosen')) else 'is'}"
