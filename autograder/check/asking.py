"""Asking a student's function: each public case is a call on copies of the inputs, and never raises."""

from __future__ import annotations

import io
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout, suppress
from dataclasses import dataclass

import numpy as np

from autograder.check.patience import TooLongError, at_most
from autograder.sandbox.inside.answers import UnusableError, parts_of
from autograder.sandbox.inside.protocol import UNUSABLE
from autograder.sandbox.inside.standing_in import attribute
from autograder.values import Answer, Argument, Case, Question, QuestionAnswers, QuestionStatus

PATIENCE = 10.0  # seconds; when they are over, no further case is tried, and a call that runs is ended
ANSWER_LIMIT = 1 << 26  # bytes
PRINT_LIMIT = 10_000  # characters that a function prints are kept; more are dropped


@dataclass(frozen=True)
class Asked:
    """What came of asking a function: the answers, and what is worth a note."""

    answers: QuestionAnswers
    notes: tuple[str, ...] = ()
    printed: str = ""  # what the function printed, at most PRINT_LIMIT characters


def public_cases(question: Question) -> tuple[Case, ...]:
    """Return the inputs that everybody may see: always the same ones."""
    return question.public_cases


def ask(question: Question, function: Callable[..., object]) -> Asked:
    """Call the function for every case, and note what it prints and what NumPy warns of."""
    answers: dict[str, Answer] = {}
    cases = public_cases(question)  # drawn first: a slow machine's time for it is not the function's
    deadline = time.monotonic() + PATIENCE
    printed = Bounded()
    with warnings.catch_warnings(record=True) as caught, redirect_stdout(printed):
        warnings.simplefilter("always")
        for case in cases:
            answers[case.name] = Answer("timed-out")
            if time.monotonic() > deadline:
                continue
            with suppress(TooLongError), at_most(deadline - time.monotonic()):
                answers[case.name], _ = answer(function, case, len(question.returns))
    first = next(iter(answers.values()))
    notes = (*_about_the_form(question, function, printed.getvalue(), first), *_warned(caught))
    outcome = QuestionAnswers(_status(answers), answers, first.exception, first.line)
    return Asked(outcome, notes, printed.getvalue())


class Bounded(io.StringIO):
    """Standard output that keeps its first characters only."""

    def write(self, text: str) -> int:
        """Keep what still fits, and say that all was written."""
        super().write(text[: max(0, PRINT_LIMIT - self.tell())])
        return len(text)


def _about_the_form(
    question: Question, function: Callable[..., object], printed: str, first: Answer
) -> Iterator[str]:
    """Note that the function prints instead of returning, or that its arguments stand in another order."""
    if printed and first.message == UNUSABLE["none"]:
        yield "The function prints something: print shows a value, only return hands it back."
    code = attribute(function, "__code__")
    names = list(code.co_varnames[: code.co_argcount]) if code is not None else []
    asked = list(question.parameters)
    if names != asked and sorted(names) == sorted(asked):
        yield f"The arguments come in the order {', '.join(asked)}."


def answer(function: Callable[..., object], case: Case, parts: int) -> tuple[Answer, str]:
    """Call the function on copies of the inputs; the answer, and the error message if it raised."""
    arguments: list[Argument] = [a.copy() if isinstance(a, np.ndarray) else a for a in case.arguments]
    try:
        value = function(*arguments, **case.keywords)
        return Answer("returned", tuple(parts_of(value, parts, ANSWER_LIMIT))), ""
    except KeyboardInterrupt:
        raise
    except TooLongError:
        return Answer("timed-out"), ""
    except UnusableError as reason:
        return Answer("unusable", message=_unusable(value, str(reason), parts)), ""
    except MemoryError:
        return Answer("out-of-memory"), ""
    except BaseException as error:  # SystemExit too: quit() in a function must not end the notebook
        text = _message(error)
        return Answer("raised", exception=_name(error), line=_line(error, function), message=text), text


def _unusable(value: object, reason: str, wanted: int) -> str:
    """Why a value is not made of plain numbers; of several values, which is not, or how many there are."""
    if isinstance(value, tuple) and len(value) != wanted:
        return f"{len(value)} values came back where {'one' if wanted == 1 else wanted} should."
    if isinstance(value, tuple | list) and len(value) == wanted and any(part is None for part in value):
        return f"Value {[part is None for part in value].index(True) + 1} of the {wanted} returned is None."
    return UNUSABLE[reason]


def _name(error: BaseException) -> str:
    return "NotImplementedError" if isinstance(error, NotImplementedError) else type(error).__name__


def _message(error: BaseException) -> str:
    try:
        return str(error)[:300]
    except Exception:  # an exception of the student's may fail to print
        return ""


def _line(error: BaseException, function: object) -> int | None:
    """The line of the student's cell at which the error arose: the last one in the function's own file."""
    file = getattr(attribute(function, "__code__"), "co_filename", None)
    line, step = None, error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == file:
            line = step.tb_lineno
        step = step.tb_next
    return line


def _status(answers: dict[str, Answer]) -> QuestionStatus:
    if any(answer.status in ("returned", "unusable") for answer in answers.values()):
        return "graded"
    first = next(iter(answers.values())).status
    return "raised" if first == "raised" else "out-of-memory" if first == "out-of-memory" else "timed-out"


def _warned(caught: list[warnings.WarningMessage]) -> tuple[str, ...]:
    """The first few distinct warnings, which cost no points."""
    texts = dict.fromkeys(str(warning.message)[:200] for warning in caught)
    return tuple(f"A warning, which costs nothing: {text.rstrip('.')}." for text in list(texts)[:2])
