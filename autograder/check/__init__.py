"""The student's own check: `check("em.e_step", e_step)` tries a function on public inputs.

The checks are those of grading, on other numbers. It never raises, needs NumPy only, and shows what it finds
as a small page in a notebook and as text elsewhere.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from textwrap import fill

from autograder.check.asking import public_cases
from autograder.check.content import Content, as_json
from autograder.check.helpers import ask_with_right_helpers
from autograder.check.packages import absent
from autograder.check.report import Report
from autograder.judge import diagnosis
from autograder.judge.example import first_wrong_call
from autograder.judge.points import compare, judge_seen
from autograder.questions import ASSIGNMENTS, find
from autograder.values import Question

__all__ = ["Content", "Report", "as_json", "check", "prepare"]


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


def prepare(question_id: str) -> Iterator[None]:
    """Compute ahead what `check` compares wrong answers with, one call of a wrong function for each step.

    A page does this while its reader types; without, the first check of a wrong answer takes longer.

    Raises
    ------
    LookupError
        At the first step, if there is no such question.
    """
    question = _question(question_id)
    yield from diagnosis.prepare(question, public_cases(question))


def _report(question_id: str, function: object) -> Report:
    try:
        question = _question(question_id)
    except LookupError as error:
        return Report(question_id, problem=f"{error}.")
    if not callable(function):
        problem = f"What was passed is not a function: write check({question_id!r}, {question.name})."
        return Report(question_id, problem=problem)
    try:
        used = [_question(name) for name in question.uses]
        asked, replaced = ask_with_right_helpers(question, used, function)
        seen = compare(question, public_cases(question), asked.answers)
        result = judge_seen(question, seen, asked.answers, sum(check.weight for check in question.checks))
        example = first_wrong_call(question, seen, asked.answers)
        notes = (*replaced, *asked.notes)
        missed = absent(function, [helper.name for helper in used])
        return Report(question.id, result, example, notes, printed=asked.printed, absent=missed)
    except Exception as error:  # a fault of ours must not stop a student's notebook
        return Report(question_id, problem=f"The check itself failed ({type(error).__name__}: {error}).")


def _question(question_id: str) -> Question:
    """Find the question in this package, or in the module ASSIGNMENT_questions.py beside the notebook.

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
    """Report to `nbgrader validate`: a cell that says nothing passes; text on standard error is why it
    fails.
    """
    if not report:
        for line in repr(report).splitlines():
            print(fill(line, 83, subsequent_indent="    "), file=sys.stderr)
    return _Silent(**vars(report))
