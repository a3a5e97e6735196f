"""An endless loop is waited for once: the same bytes give the same result again, without the wait."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from autograder.execute.endless import mark_of_call
from autograder.execute.run import Endless, execute
from autograder.judge.result import Judged
from autograder.judge.seen import Order
from autograder.sandbox.limits import Limits
from autograder.values import (
    Answer,
    Asked,
    Case,
    Cell,
    CellOutput,
    Execution,
    QuestionAnswers,
    QuestionStatus,
    Submission,
)
from tests.support.questions.tiny import QUESTIONS

CELLS = (
    Cell(0, "def moments(X): ..."),
    Cell(1, "check('tiny.moments', moments)", question="tiny.moments"),
    Cell(2, "while True: pass"),
    Cell(3, "print('behind it')"),
)
SUBMISSION = Submission("ada", "tiny", "graded", CELLS, {"tiny.moments": 4.0})
QUESTION = next(question for question in QUESTIONS if question.id == "tiny.moments")
ASKED = {QUESTION.id: Asked(QUESTION, QUESTION.draw(np.random.default_rng(1)))}


@dataclass
class Machine:
    """Processes in which cell 2 never ends, nor the function for one feature; it counts the waits."""

    share: float = 1.0  # of its own limit that an endless loop can use up
    limits: Limits = Limits()  # noqa: RUF009
    walls: str = "none"
    waits: int = 0

    @contextmanager
    def session(self, budget: object = None, *, scipy: bool = False) -> Iterator[Process]:
        yield Process(self)


@dataclass
class Process:
    """One student's process on such a machine."""

    machine: Machine
    ending: QuestionStatus | None = None
    starved: bool = False
    cpu_seconds: float = 0.0
    incidents: Sequence[str] = field(default=())

    @property
    def alive(self) -> bool:
        return self.ending is None

    def _wait(self, limit: float) -> None:
        self.machine.waits += 1
        self.cpu_seconds += self.machine.share * limit
        self.ending = "timed-out"

    def run_cell(self, cell: Cell) -> CellOutput:
        if cell.index == 2:
            self._wait(self.machine.limits.cell_cpu)
            return CellOutput(2, error="stopped")
        return CellOutput(cell.index, "printed")

    def snapshot(self, name: str) -> None:
        pass

    def ask(
        self,
        name: str,
        cases: Sequence[Case],
        substitutes: Mapping[str, Any] | None = None,
        *,
        parts: int | None = None,
        cpu_seconds: float | None = None,
        public: bool = False,
    ) -> QuestionAnswers:
        answers: dict[str, Answer] = {}
        for case in cases:
            if case.name == "one feature":
                self._wait(cpu_seconds or 0.0)
                return QuestionAnswers("timed-out", {**answers, case.name: Answer("timed-out")})
            centre, spread = QUESTION.reference(*case.arguments)
            answers[case.name] = Answer("returned", (centre, np.array(spread)))
        return QuestionAnswers("graded", answers)


def run(machine: Machine, known: Mapping[str, str] | None = None, release: str = "r") -> Execution:
    judged = Judged(SUBMISSION, ASKED)
    return execute(SUBMISSION, ASKED, machine, judged.share, endless=Endless(release, known or {}))


def test_the_second_time_nothing_is_waited_for_and_the_answers_are_the_same() -> None:
    machine = Machine()
    first = run(machine)
    assert first.answers[QUESTION.id].status == "timed-out"
    assert first.answers[QUESTION.id].answers["two features"].status == "returned"
    assert len(first.endless) == 2
    again = Machine()
    second = run(again, first.endless)
    assert (machine.waits, again.waits) == (2, 0)
    answers = [
        {name: answer.status for name, answer in one.answers[QUESTION.id].answers.items()}
        for one in (first, second)
    ]
    assert answers[0] == answers[1] == {"two features": "returned", "one feature": "timed-out"}
    assert second.endless == first.endless
    assert {output.index: output.error for output in second.outputs}[2] == "stopped"


def test_what_another_limit_or_a_busy_machine_ended_is_waited_for_again() -> None:
    assert run(Machine(share=0.4)).endless == {}


def test_another_release_is_waited_for_again() -> None:
    machine = Machine()
    run(machine, run(Machine()).endless, "another")
    assert machine.waits == 2


@pytest.mark.parametrize("change", ["question", "limit", "inputs", "helpers", "order", "release"])
def test_a_mark_is_another_one_where_a_call_could_end_otherwise(change: str) -> None:
    usual: dict[str, Any] = {
        "release": "r",
        "question": "q",
        "limit": 2.0,
        "inputs": np.ones(2),
        "helpers": (),
        "order": Order.ASKED_FOR,
    }
    other = {
        "question": "p",
        "limit": 3.0,
        "inputs": np.zeros(2),
        "helpers": ("moments",),
        "order": Order.STUDENTS,
        "release": "s",
    }
    marks = {
        mark_of_call(
            values["release"],
            values["question"],
            [Case("one", (values["inputs"],))],
            values["helpers"],
            values["order"],
            values["limit"],
        )
        for values in (usual, {**usual, change: other[change]})
    }
    assert len(marks) == 2
