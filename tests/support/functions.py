"""A student's function graded in this process, without a notebook or a sandbox."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence

import numpy as np

from autograder.check.asking import answer
from autograder.judge.points import judge
from autograder.values import Case, Question, QuestionAnswers, QuestionResult

MAX = 10.0  # points of a question


def graded(question: Question, function: Callable[..., object], seed: int = 0) -> QuestionResult:
    """What a student's function earns on inputs of this seed."""
    return graded_on(question.draw(np.random.default_rng(seed)), question, function)


def graded_on(cases: Sequence[Case], question: Question, function: Callable[..., object]) -> QuestionResult:
    """What a student's function earns on these inputs."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        answers = {case.name: answer(function, case, len(question.returns))[0] for case in cases}
    return judge(question, cases, QuestionAnswers("graded", answers), MAX)


def named(result: QuestionResult) -> set[str]:
    return {verdict.misconception for verdict in result.checks if verdict.misconception is not None}
