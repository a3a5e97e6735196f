"""What never ends, remembered: a function or cell of the same bytes is not waited for a second time.

Whatever a call does depends on the notebook's bytes, the inputs, and which helpers stood in. If these are the
same, and so are the release and the limit, a call that used up its processor time will do so again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence

from autograder.judge.seen import Order
from autograder.values import Answer, Case, QuestionAnswers

AT_LEAST = 0.95  # of its own limit: otherwise another limit ended it


def mark_of_cell(release: str, index: int, cpu_seconds: float) -> str:
    """Return the mark of a cell that never ends.

    Parameters
    ----------
    release : the digest of what was released
    cpu_seconds : its limit
    """
    return _digest(release, "cell", str(index), repr(cpu_seconds))


def mark_of_call(
    release: str,
    question: str,
    cases: Sequence[Case],
    helpers: Collection[str],
    order: Order,
    cpu_seconds: float,
) -> str:
    """Return the mark of a question whose function never ends.

    Parameters
    ----------
    helpers : names of functions for which the reference stood in
    order : of the values that these returned
    """
    parts = [release, question, repr(cpu_seconds), order.value, *sorted(helpers)]
    for case in cases:
        parts += [case.name, *map(_text, case.arguments)]
        parts += [f"{name}={value!r}" for name, value in sorted(case.keywords.items())]
    return _digest(*parts)


def cases_before(cases: Sequence[Case], name: str) -> Sequence[Case]:
    """Return the cases that were answered before the one that never ended."""
    names = [case.name for case in cases]
    return cases[: names.index(name)] if name in names else ()


def cut_short(answers: QuestionAnswers, cases: Sequence[Case], name: str) -> QuestionAnswers:
    """Return the answers before the case that never ends, as they are when that one is waited for."""
    missing = [case.name for case in cases if case.name not in answers.answers]
    ends = {other: Answer("timed-out" if other == name else "not-asked") for other in missing}
    return QuestionAnswers("timed-out", {**answers.answers, **ends})


def ended_at(answers: QuestionAnswers) -> str:
    """Return the name of the case that was not answered in time."""
    late = [name for name, answer in answers.answers.items() if answer.status == "timed-out"]
    return late[0] if late else ""


def _text(argument: object) -> str:
    """Return an argument as text from which it can be told from every other."""
    if hasattr(argument, "tobytes"):
        return f"{argument.dtype}{argument.shape}{hashlib.sha256(argument.tobytes()).hexdigest()}"  # type: ignore[attr-defined]
    return repr(argument)


def _digest(*parts: str) -> str:
    total = hashlib.sha256()
    for part in parts:  # each after its length, so that no two lists of parts make the same bytes
        total.update(len(part.encode()).to_bytes(8, "big") + part.encode())
    return total.hexdigest()
