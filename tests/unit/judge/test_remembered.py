"""What is computed from a case is computed once, and forgotten with the case."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from autograder.check import check, prepare
from autograder.judge import diagnosis
from autograder.judge.remembered import remembered
from autograder.questions import find
from autograder.values import Case, Question
from tests.support.functions import graded, named

ROOT = Path(__file__).parents[3]


def test_a_value_is_computed_once_for_each_case_and_argument() -> None:
    calls: list[tuple[str, int]] = []

    @remembered
    def name_and_number(case: Case, number: int) -> str:
        calls.append((case.name, number))
        return f"{case.name} {number}"

    first, second = Case("first", ()), Case("second", ())
    texts = [name_and_number(case, number) for case in (first, second, first) for number in (1, 2, 1)]
    assert texts == ["first 1", "first 2", "first 1", "second 1", "second 2", "second 1", *texts[:3]]
    assert calls == [("first", 1), ("first", 2), ("second", 1), ("second", 2)]


def test_what_is_remembered_dies_with_the_case() -> None:
    @remembered
    def big(case: Case) -> np.ndarray:
        return np.zeros(10)

    case = Case("short-lived", ())
    value, lives = weakref.ref(big(case)), weakref.ref(case)
    assert value() is not None
    del case
    gc.collect()
    assert lives() is None
    assert value() is None


@pytest.mark.parametrize("question_id", ["em.e_step", "kmeans.update", "scale.merge_statistics"])
def test_no_case_of_a_graded_function_outlives_its_grading(question_id: str) -> None:
    question, cases = find(question_id), []

    def draw(rng: np.random.Generator) -> tuple[Case, ...]:
        drawn = question.draw(rng)
        cases.extend(map(weakref.ref, drawn))
        return drawn

    graded(replace(question, draw=draw), slightly_off(question))
    gc.collect()
    assert cases
    assert not [case() for case in cases if case() is not None]


def slightly_off(question: Question) -> Callable[..., object]:
    def function(*arguments: object, **keywords: object) -> object:
        value = question.reference(*arguments, **keywords)
        several = isinstance(value, tuple)
        return tuple(np.asarray(part) * 1.013 for part in value) if several else np.asarray(value) * 1.013

    return function


def test_reference_and_wrong_implementations_are_asked_once_for_each_public_case() -> None:
    real, calls = find("em.m_step"), Counter[str]()

    def counting(name: str, function: Callable[..., object]) -> Callable[..., object]:
        def counted(*arguments: object, **keywords: object) -> object:
            calls[name] += 1
            return function(*arguments, **keywords)

        return counted

    first = real.misconceptions[0]
    question = replace(
        real,
        reference=counting("right", real.reference),
        misconceptions=(replace(first, implementation=counting("wrong", first.implementation)),),
    )
    cases = question.draw(np.random.default_rng(0))
    fixed = replace(question, draw=lambda rng: cases)
    results = [graded(fixed, slightly_off(real)) for _ in range(3)]
    assert results[0] == results[1] == results[2]
    assert calls["right"] == sum(case.answer is None for case in cases)
    assert 0 < calls["wrong"] <= len(cases)


@pytest.mark.parametrize("question_id", ["kmeans.assign", "em.m_step"])
def test_the_verdict_is_the_same_after_everything_was_prepared(question_id: str) -> None:
    question = find(question_id)
    mistake = question.misconceptions[0]
    before = repr(check(question_id, mistake.implementation))
    assert sum(1 for _ in prepare(question_id)) > len(question.misconceptions)
    assert repr(check(question_id, mistake.implementation)) == before
    assert named(graded(question, mistake.implementation)) == {mistake.name}


def test_what_was_prepared_is_not_computed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in prepare("kmeans.assign"):
        pass

    def never(*anything: object) -> None:
        raise AssertionError("computed again")

    monkeypatch.setattr(diagnosis, "call", never)
    for _ in prepare("kmeans.assign"):
        pass


def test_an_unknown_question_cannot_be_prepared() -> None:
    with pytest.raises(LookupError, match="there is no question"):
        next(prepare("em.nothing"))


def test_where_scipy_is_missing_it_is_looked_for_once() -> None:
    program = (
        "import sys\n"
        "class Finder:\n"
        "    asked = []\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] == 'scipy':\n"
        "            self.asked.append(name)\n"
        "            raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, Finder())\n"
        "import numpy as np\n"
        "from gmmlib.gaussian import whiten\n"
        "from gmmlib.features import multiply_by_triangle\n"
        "for _ in range(5):\n"
        "    whiten(np.ones((3, 2)), np.zeros(2), np.eye(2))\n"
        "    multiply_by_triangle(np.eye(2), np.ones((2, 3)))\n"
        "print(len(Finder.asked))\n"
    )
    command = [sys.executable, "-c", program]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(run.stdout) <= 2
