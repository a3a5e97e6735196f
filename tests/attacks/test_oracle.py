"""The reference that stands in for a wrong function in `fit` earns points for `fit` only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from types import SimpleNamespace

import numpy as np
import pytest

from autograder.execute.causes import causes_of
from autograder.execute.grader import Runner
from autograder.execute.run import execute
from autograder.intake.submission import Intake
from autograder.judge.result import Judged
from autograder.questions import of_assignment
from autograder.sandbox.limits import Budget, Limits
from autograder.sandbox.pool import Pool
from autograder.sandbox.session import Session
from autograder.values import (
    Answer,
    Asked,
    Case,
    Cell,
    CellOutput,
    QuestionAnswers,
    QuestionResult,
    QuestionStatus,
    Submission,
    Substitute,
    Verdict,
)

QUESTIONS = {question.id: question for question in of_assignment("em")}
POINTS = {"em.e_step": 4.0, "em.m_step": 3.0, "em.fit": 3.0}

# What a worker under the student's control can do: see inputs, say "not-defined", and answer later.
STEAL = """
import numpy as np, protocol, student
SEEN, KNOWN, TIMES = {}, {}, {}
def inputs(header, body):
    offset = 0
    for call in header["cases"]:
        yield protocol.restore(call["arguments"], memoryview(body)[offset:])
        offset += call["bytes"]
honest = student.Student.answer_question
def attempt(function, case):
    try:
        return function(*case)
    except Exception:
        return None
def e_step(*arguments):
    return KNOWN["e_step"].pop(0)
def m_step(*arguments):
    return KNOWN["m_step"].pop(0)
def fit(X, weights, means, covariances, tol=1e-6, max_iter=200):
    for name, function in (("e_step", e_step), ("m_step", m_step)):
        if name not in KNOWN:
            KNOWN[name] = [attempt(function, case) for case in SEEN.get(name, ())]
    history = []
    for _ in range(max_iter):
        responsibilities, log_likelihood = e_step(X, weights, means, covariances)
        history.append(log_likelihood)
        if len(history) > 1 and history[-1] - history[-2] < tol:
            break
        weights, means, covariances = m_step(X, responsibilities)
    return weights, means, covariances, np.array(history)
"""
LATER = """
def answer(self, name):
    TIMES[name] = TIMES.get(name, 0) + 1
    return self.send({"kind": "not-defined"}) if name != "fit" and TIMES[name] == 1 else honest(self, name)
student.Student.answer_question = answer
"""
TAKEN_BACK = """
def answer(self, name):
    if name == "fit" or name in SEEN:
        return honest(self, name)
    self.send({"kind": "found"})
    SEEN[name] = list(inputs(*self.receive()))
    return self.send({"kind": "not-defined"})
student.Student.answer_question = answer
"""


def submission(*sources: str, questions: Sequence[str] = tuple(POINTS)) -> Submission:
    """Cells with these sources, then the check cells."""
    cells = [Cell(index, source) for index, source in enumerate(sources)]
    checks = [Cell(len(cells) + index, "", question=name) for index, name in enumerate(questions)]
    points = {name: POINTS[name] for name in questions}
    return Submission("x", "em", "graded", (*cells, *checks), points)


RELEASE = SimpleNamespace(digest="of the released notebook")


def asked(seed: int = 5) -> dict[str, Asked]:
    return {
        name: Asked(question, question.draw(np.random.default_rng(seed)))
        for name, question in QUESTIONS.items()
    }


@pytest.mark.parametrize("trick", [LATER, TAKEN_BACK], ids=["later", "taken back"])
def test_inputs_that_were_seen_cannot_be_answered_with_the_help_of_fit(trick: str, pool: Pool) -> None:
    handed_in, inputs = submission(STEAL, trick), asked()
    judged = Judged(handed_in, inputs)
    execution = execute(handed_in, inputs, pool, judged.share)
    scores = {name: judged(name, answers).score for name, answers in execution.answers.items()}
    assert scores["em.e_step"] == scores["em.m_step"] == 0.0
    assert scores["em.fit"] > 0.0 or trick == TAKEN_BACK


# --------------------------------------------------------------------------- in which order


@dataclass
class Recorder:
    """In the place of a student's process: no function before the last cell, and no right answer."""

    ending: QuestionStatus = "graded"
    cpu_seconds: float = 0.0
    defined: bool = False
    starved: bool = False
    incidents: tuple[str, ...] = ()
    log: list[tuple[str, tuple[str, ...], tuple[Case, ...]]] = field(default_factory=list)
    walls: str = ""
    limits: Limits = field(default_factory=Limits)
    alive = True

    def session(
        self, budget: Budget | None = None, *, scipy: bool = False
    ) -> AbstractContextManager[Recorder]:
        return nullcontext(self)

    def run_cell(self, cell: Cell) -> CellOutput:
        self.defined = True
        return CellOutput(cell.index)

    def snapshot(self, name: str) -> None:
        self.log.append((f"snapshot {name}", (), ()))

    def ask(
        self,
        name: str,
        cases: Sequence[Case],
        substitutes: Mapping[str, Substitute],
        *,
        parts: int,
        cpu_seconds: float,
        public: bool = False,
    ) -> QuestionAnswers:
        if public:  # calls that are shown come when all is judged, in a process of their own
            return QuestionAnswers("graded", {case.name: Answer("unusable") for case in cases})
        self.log.append((name, tuple(substitutes), tuple(cases)))
        if not self.defined:
            return QuestionAnswers("not-defined")
        return QuestionAnswers(self.ending, {case.name: Answer("unusable") for case in cases})


def wrong(name: str, answers: QuestionAnswers) -> float:
    return 0.0


def test_the_reference_is_given_only_after_the_last_answer_to_its_question() -> None:
    checks = submission().cells
    handed_in = Submission("x", "em", "graded", (*checks, Cell(9, "")), POINTS)
    recorder = Recorder()
    execute(handed_in, asked(), recorder, wrong)
    final = {name: position for position, (name, _, _) in enumerate(recorder.log)}
    with_reference = [position for position, (_, given, _) in enumerate(recorder.log) if given]
    assert recorder.log[with_reference[0]][:2] == ("fit", ("e_step", "m_step"))
    assert {recorder.log[position][0] for position in with_reference} == {"fit"}
    assert all(final[name] < position for position in with_reference for name in ("e_step", "m_step"))


def test_fit_waits_for_check_cells_that_were_moved_behind_its_own() -> None:
    recorder = Recorder(defined=True)
    execute(submission(questions=("em.fit", "em.m_step", "em.e_step")), asked(), recorder, wrong)
    later = [name for name, _, _ in recorder.log][3:]
    assert list(dict.fromkeys(later)) == ["e_step", "m_step", "fit"]
    assert len(later) == len(set(later)) + later.count("fit") - 1


def test_what_is_asked_again_has_new_inputs_and_what_is_kept_is_judged_with_its_own() -> None:
    recorder = Recorder(ending="timed-out", defined=True, starved=True)
    intake, entropy = Intake(submission(), ()), dict.fromkeys(POINTS, 1 << 200)
    runner = Runner(RELEASE, QUESTIONS, recorder)  # type: ignore[arg-type]
    first = runner.run(intake, entropy, 0.0)
    assert first.answers_kept == {}
    runner.again(first, entropy)
    one, two = (np.asarray(cases[0].arguments[0]) for name, _, cases in recorder.log if name == "e_step")
    assert not np.array_equal(one, two)


# --------------------------------------------------------------------------- what cells print

STASH = """
STASH = []
def e_step(X, weights, means, covariances):
    STASH.append(X)
    return X
"""
IN_A_FILE = """
import numpy as np, pathlib
STASH = []
def e_step(X, weights, means, covariances):
    np.save("stash.npy", X)
    return X
def told():
    return pathlib.Path("stash.npy").exists()
"""
SHARED = """
import mmap, os
with open("/tmp/paper", "wb") as file: file.write(bytes(4096))
STASH, PAPER = [], mmap.mmap(os.open("/tmp/paper", os.O_RDWR), 4096)
def e_step(X, weights, means, covariances):
    PAPER[:8] = X.tobytes()[:8]
    return X
def told():
    return any(PAPER[:8])
"""
TELL = "print('told', STASH) if STASH else print('nothing to tell')"
END = "import os; os._exit(1)"


def outputs_of(cells: Sequence[Cell | str], pool: Pool) -> tuple[str, str]:
    """All that is printed by cells, numbered here, and the status of e_step."""
    numbered = [
        Cell(index, *((cell,) if isinstance(cell, str) else (cell.source, "", cell.question)))
        for index, cell in enumerate(cells)
    ]
    handed_in = Submission("x", "em", "graded", tuple(numbered), {"em.e_step": 4.0, "em.test": 1.0})
    execution = execute(handed_in, {"em.e_step": asked()["em.e_step"]}, pool, wrong)
    answers, printed = execution.answers, [output.text + output.error for output in execution.outputs]
    return "\n".join([*printed, answers["em.test"].exception]), answers["em.e_step"].status


CHECK = Cell(0, "", question="em.e_step")
TEST = Cell(0, "assert not STASH, STASH\nassert 1 == 2, 'mine'", question="em.test")


def test_cells_behind_a_check_print_what_they_print_but_know_no_inputs(pool: Pool) -> None:
    printed, status = outputs_of([STASH, CHECK, TELL, TEST], pool)
    assert printed == "\nnothing to tell\n\n  cell 3, line 2\nAssertionError: mine\nAssertionError: mine"
    assert status == "graded"


@pytest.mark.parametrize("stash", [IN_A_FILE, SHARED], ids=["file", "shared memory"])
@pytest.mark.parametrize("later", [[], [END, "import time\ntime.sleep(0.1)"]], ids=["", "after a crash"])
def test_no_cell_that_is_shown_runs_after_an_input(stash: str, later: list[str], pool: Pool) -> None:
    tell = "import time\nfor _ in range(5): time.sleep(0.02)\nprint(told())"
    printed, status = outputs_of([stash, CHECK, *later, tell, TEST], pool)
    assert "False" in printed
    assert "True" not in printed
    assert status == "graded"


def test_many_cells_that_crash_do_not_keep_the_questions_before_them_from_being_asked(pool: Pool) -> None:
    assert outputs_of([STASH, CHECK, *[END] * 12], pool)[1] == "graded"


def test_a_submission_has_one_budget_however_often_it_is_run(pool: Pool) -> None:
    limits, sessions = replace(pool.limits, cell_cpu=0.6, notebook_cpu=1.2), []
    busy = ["import time\nend = time.process_time() + 0.5\nwhile time.process_time() < end: pass"] * 20

    class Watched(Pool):
        def session(self, budget: Budget | None = None, *, scipy: bool = False) -> Session:
            sessions.append(super().session(budget, scipy=scipy))
            return sessions[-1]

    with Watched(limits) as own:
        _, status = outputs_of([STASH, CHECK, *busy, TEST], own)
    assert len(sessions) > 1
    assert sum(session.cpu_seconds for session in sessions) < limits.sessions * limits.notebook_cpu + 1.0
    assert status == "graded"


def test_time_is_counted_over_sessions_also_of_those_that_were_ended(pool: Pool) -> None:
    budget = Budget(100.0, 1000.0)
    with pool.session(budget) as session:
        session.run_cell(Cell(0, "import time\nwhile time.process_time() < 0.5: pass"))
    assert budget.cpu < 99.7
    with pool.session(budget) as session:
        session.run_cell(Cell(0, "while True: pass"))
    assert budget.cpu < 98.7
    assert budget.wall < 998.5


def test_what_one_answer_binds_changes_no_other_and_no_later_cell(pool: Pool) -> None:
    first = "def f(X):\n    global g, np\n    g = np = None\n    return X\ndef g(X):\n    return np.exp(X)"
    ones = [Case("a", (np.ones(2),)), Case("b", (np.ones(2),))]
    with pool.session() as session:
        session.run_cell(Cell(0, "import numpy as np\n" + first))
        assert session.ask("f", ones).status == "graded"
        np.testing.assert_allclose(session.ask("g", ones).answers["b"].parts[0], np.exp([1.0, 1.0]))
        assert session.run_cell(Cell(1, "g is None")).text == "False\n"


def test_a_later_cell_that_breaks_numpy_costs_nothing(pool: Pool) -> None:
    doubled = "import numpy as np\ndef e_step(X, weights, means, covariances):\n    return np.add(X, X)"
    cells = [Cell(0, doubled), Cell(1, "", question="em.e_step"), Cell(2, "np.add = None; del e_step")]
    handed_in = Submission("x", "em", "graded", tuple(cells), {"em.e_step": 4.0})
    execution = execute(handed_in, {"em.e_step": asked()["em.e_step"]}, pool, wrong)
    assert {answer.status for answer in execution.answers["em.e_step"].answers.values()} == {"returned"}


def test_no_line_number_beyond_the_longest_cell_comes_out(pool: Pool) -> None:
    far = "\n\ncode = compile('\\n' * 123455 + 'raise KeyError', '<cell 7>', 'exec')\ndef f(X): exec(code)"
    with pool.session() as session:
        session.run_cell(Cell(0, far))
        answers = session.ask("f", [Case("a", (np.ones(2),))])
        assert (answers.status, answers.exception, answers.line) == ("raised", "KeyError", None)


# --------------------------------------------------------------------------- the grader's own mistakes


def test_a_submission_that_makes_the_grader_fail_is_an_entry_like_any_other() -> None:
    class Broken(Recorder):
        def ask(self, *_: object, **__: object) -> QuestionAnswers:
            raise ValueError("array is too big: SECRET")

    intake = Intake(submission(), ())
    graded = Runner(RELEASE, QUESTIONS, Broken(defined=True)).run(  # type: ignore[arg-type]
        intake, dict.fromkeys(POINTS, 7), 0.0
    )
    assert (graded.result.score, graded.result.max_score) == (0.0, 10.0)
    assert {question.status for question in graded.result.questions} == {"died"}
    assert graded.result.incidents == ("made the grader fail (ValueError)",)
    assert "SECRET" not in str(graded)


def test_81_a_notebook_has_one_share_of_output_however_many_cells_print(pool: Pool) -> None:
    flood = [Cell(index, "print('x' * 4000)\nraise ValueError('y' * 3000)") for index in range(30)]
    handed_in = Submission("x", "em", "graded", tuple(flood), {})
    limits = replace(pool.limits, notebook_output=20_000)
    with Pool(limits) as own:
        execution = execute(handed_in, {}, own, wrong)
    shown = sum(len(output.text) + len(output.error) for output in execution.outputs)
    assert len(execution.outputs) == 30
    assert shown < 20_000 + 30 * 300
    assert execution.outputs[0].text.startswith("x" * 4000)
    assert "print too much together" in execution.outputs[-1].text
    assert execution.outputs[-1].error.startswith("ValueError")


@pytest.mark.parametrize(
    ("source", "error"),
    [
        (f"def {'a' * 400_000}(): pass\ndef {'b' * 400_000}(): pass", ""),
        ("raise Long", f"{'L' * 400_000}: {'m' * 400_000}"),
        ("import long", f"ModuleNotFoundError: No module named '{'l' * 400_000}'"),
    ],
)
def test_81_a_reason_is_short_whatever_names_a_student_chose(source: str, error: str) -> None:
    handed_in = Submission("x", "em", "graded", (Cell(0, source, "e_step"), Cell(1, "", "", "em.e_step")), {})
    checks = tuple(Verdict(f"check {number}", False, 0.0, 1.0, "nothing") for number in range(12))
    result = QuestionResult("em.e_step", 0.0, 4.0, "not-defined", checks, "nothing")
    told = causes_of(handed_in, [CellOutput(0, "", error)]).told(result, None)
    assert told.message.startswith("There is no function e_step")
    assert len(str(told)) < 40_000
