"""The student's own check: `check("em.e_step", e_step)` tries a function on public inputs.

The checks are those of grading, on other numbers. It never raises, needs NumPy only, and shows what it finds
as a small page in a notebook and as text elsewhere.
"""

from __future__ import annotations

import inspect
import io
import os
import sys
import time
import warnings
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from textwrap import fill

import numpy as np

from autograder.check_report import Example, Report
from autograder.judging import compare, judge
from autograder.questions import ASSIGNMENTS, find
from autograder.questions.comparing import is_random
from autograder.sandbox.inside.answers import UnusableError, parts_of
from autograder.sandbox.inside.protocol import UNUSABLE
from autograder.values import Answer, Argument, Case, Question, QuestionAnswers, QuestionStatus

PATIENCE = 10.0             # seconds; when they are over, no further case is tried
ANSWER_LIMIT = 1 << 26      # bytes


def check(question_id: str, function: object) -> Report:
    """Try a function as the grader will, but on public inputs.

    Parameters
    ----------
    question_id : such as "em.e_step"
    function : your function

    Returns
    -------
    A report that a notebook shows; it counts as true if everything is right.
    """
    report = _report(question_id, function)
    return _for_nbgrader(report) if os.environ.get("NBGRADER_VALIDATING") else report


def _report(question_id: str, function: object) -> Report:
    try:
        question = _question(question_id)
    except LookupError as error:
        return Report(question_id, problem=f"{error}.")
    if not callable(function):
        name = question.name
        return Report(question_id,
                      problem=f"What was passed is not a function: write check({question_id!r}, {name}).")
    try:
        return _check(question, function)
    except Exception as error:      # a fault of ours must not stop a student's notebook
        return Report(question_id, problem=f"The check itself failed ({type(error).__name__}: {error}).")


def _check(question: Question, function: Callable[..., object]) -> Report:
    with _helpers_that_work(question, function) as replaced:
        answers, errors, notes = _ask(question, function)
    cases = public_cases(question)
    result = judge(question, cases, answers, sum(check.weight for check in question.checks))
    if replaced:
        names = " and ".join(replaced)
        notes = (f"{names} is not right yet, so {question.name} was tried with a correct one in its place.",
                 *notes)
    return Report(question.id, result, _example(question, cases, answers, errors), notes)


@cache
def public_cases(question: Question) -> tuple[Case, ...]:
    """The inputs that everybody may see: always the same ones."""
    return question.draw(np.random.default_rng(zlib.crc32(question.id.encode())))


def _question(question_id: str) -> Question:
    """The question, from this package or from the module ASSIGNMENT_questions.py beside the notebook.

    Raises
    ------
    LookupError
        If there is no such question, or the module cannot be used.
    """
    assignment = question_id.partition(".")[0]
    if assignment in ASSIGNMENTS:
        return find(question_id)
    name = f"{assignment}_questions"
    if not name.isidentifier() or find_spec(name) is None:
        raise LookupError(
            f"{question_id!r} is no question of this package, so it cannot be checked here. If it is one of "
            "your course's own, it is graded when you have handed in"
        )
    try:
        return {question.id: question for question in import_module(name).QUESTIONS}[question_id]
    except Exception as error:
        raise LookupError(f"{name}.py cannot be used ({type(error).__name__}: {error})") from error


# --------------------------------------------------------------------------- nbgrader validate


class _Silent(Report):
    """A report that a notebook does not show."""

    def _ipython_display_(self) -> None:
        pass


def _for_nbgrader(report: Report) -> Report:
    """For `nbgrader validate`: a cell that says nothing passes; text on standard error is why it fails."""
    if not report:
        for line in repr(report).splitlines():
            print(fill(line, 83, subsequent_indent="    "), file=sys.stderr)
    return _Silent(report.question, report.result, report.example, report.notes, report.problem)


# --------------------------------------------------------------------------- asking


def _ask(
    question: Question, function: Callable[..., object]
) -> tuple[QuestionAnswers, dict[str, str], tuple[str, ...]]:
    """The answers to all cases, the error message of each case that raised, and what NumPy warned of."""
    answers: dict[str, Answer] = {}
    errors: dict[str, str] = {}
    deadline = time.monotonic() + PATIENCE
    printed = io.StringIO()
    with warnings.catch_warnings(record=True) as caught, redirect_stdout(printed):
        warnings.simplefilter("always")
        for case in public_cases(question):
            if time.monotonic() > deadline:
                answers[case.name] = Answer("timed-out")
                continue
            answers[case.name], errors[case.name] = answer(function, case, len(question.returns))
    first = next(iter(answers.values()))
    notes = (*_about_the_form(question, function, printed.getvalue(), first), *_told(caught))
    return QuestionAnswers(_status(answers), answers, first.exception, first.line), errors, notes


def _about_the_form(
    question: Question, function: Callable[..., object], printed: str, first: Answer
) -> Iterator[str]:
    """What strikes one about the function itself: it prints, or its arguments stand in another order."""
    if printed and first.message == UNUSABLE["none"]:
        yield "The function prints something: print shows a value, only return hands it back."
    code = getattr(function, "__code__", None)
    names = list(code.co_varnames[: code.co_argcount]) if code is not None else []
    asked = [part.partition("=")[0].strip() for part in question.signature.partition("(")[2][:-1].split(",")]
    if names != asked and sorted(names) == sorted(asked):
        yield f"The arguments come in the order {', '.join(asked)}."


def answer(function: Callable[..., object], case: Case, parts: int) -> tuple[Answer, str]:
    """One call on copies of the inputs, and the error message if it raised."""
    arguments: list[Argument] = [a.copy() if isinstance(a, np.ndarray) else a for a in case.arguments]
    try:
        value = function(*arguments, **case.keywords)
        return Answer("returned", tuple(parts_of(value, parts, ANSWER_LIMIT))), ""
    except KeyboardInterrupt:
        raise
    except UnusableError as reason:
        return Answer("unusable", message=_unusable(value, str(reason), parts)), ""
    except MemoryError:
        return Answer("out-of-memory"), ""
    except BaseException as error:  # SystemExit too: quit() in a function must not end the notebook
        return Answer("raised", exception=_name(error), line=_line(error, function)), _message(error)


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
    except Exception:               # an exception of the student's may fail to print
        return ""


def _line(error: BaseException, function: object) -> int | None:
    """The line of the student's cell at which the error arose: the last one in the function's own file."""
    file = getattr(getattr(function, "__code__", None), "co_filename", None)
    line, step = None, error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == file:
            line = step.tb_lineno
        step = step.tb_next
    return line


def _status(answers: dict[str, Answer]) -> QuestionStatus:
    if any(one.status in ("returned", "unusable") for one in answers.values()):
        return "graded"
    first = next(iter(answers.values())).status
    return "raised" if first == "raised" else "out-of-memory" if first == "out-of-memory" else "timed-out"


def _told(caught: list[warnings.WarningMessage]) -> tuple[str, ...]:
    """The first few distinct warnings, which cost no points."""
    texts = dict.fromkeys(str(one.message)[:200] for one in caught)
    return tuple(f"A warning, which costs nothing: {text.rstrip('.')}." for text in list(texts)[:2])


# --------------------------------------------------------------------------- functions that use others


@contextmanager
def _helpers_that_work(question: Question, function: Callable[..., object]) -> Iterator[tuple[str, ...]]:
    """While a function is tried, right ones stand in for those it uses that the student got wrong."""
    names = getattr(inspect.unwrap(function), "__globals__", {})
    replaced = {}
    for used in question.uses:
        helper = _question(used)
        if not _right(helper, names.get(helper.name)):
            replaced[helper.name] = helper.reference
    before = {name: names[name] for name in replaced if name in names}
    names.update(replaced)
    try:
        yield tuple(before)
    finally:
        for name in replaced:
            names.pop(name)
        names.update(before)


def _right(helper: Question, function: object) -> bool:
    if not callable(function):
        return False
    answers, _, _ = _ask(helper, function)
    result = judge(helper, public_cases(helper), answers, 1.0)
    return result.score >= result.max_score


# --------------------------------------------------------------------------- what to show


def _example(
    question: Question, cases: tuple[Case, ...], answers: QuestionAnswers, errors: dict[str, str]
) -> Example | None:
    """The first case that is not right, or of the wrong form: the call, what came back, what was expected."""
    if is_random(question):
        return None
    seen = compare(question, cases, answers)
    wrong = [name for name, one in seen.items() if not all(one.right(part) for part in question.returns)]
    for name in (*wrong, *(name for name, one in seen.items() if one.complaints)):
        return Example(question, seen[name], answers.answers[name], errors.get(name, ""))
    return None
