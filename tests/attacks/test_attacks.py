"""Every line of the list of threats that shows while a notebook runs, each between two honest submissions."""

from __future__ import annotations

import os
import platform
import re
import select
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from autograder.sandbox import watch
from autograder.sandbox.bubblewrap import Mode
from autograder.sandbox.memory_group import wall
from autograder.sandbox.pool import Pool
from autograder.sandbox.session import Session
from autograder.sandbox.watch import processes_below
from autograder.values import (
    AnswerStatus,
    Case,
    Cell,
    CellOutput,
    QuestionAnswers,
    QuestionStatus,
    Substitute,
)
from tests.attacks.tricks import ALL, WRONG, Trick

RIGHT = """
import numpy as np
from scipy.stats import multivariate_normal

def e_step(X, weights, means, covariances):
    densities = np.column_stack([
        w * multivariate_normal(m, c).pdf(X) for w, m, c in zip(weights, means, covariances)
    ])
    return densities / densities.sum(axis=1, keepdims=True), np.log(densities.sum(axis=1)).sum()

def m_step(X, responsibilities):
    counts = responsibilities.sum(axis=0)
    means = responsibilities.T @ X / counts[:, None]
    pairs = zip(responsibilities.T, means, counts)
    covariances = np.stack([(r * (X - m).T) @ (X - m) / n for r, m, n in pairs])
    return counts / len(X), means, covariances
"""
ACCIDENT = re.compile("SyntaxError|NameError|AttributeError|TypeError|FileNotFoundError")
NAMES = {"source", "canary.txt", "gradebook.db"}
SECRET = "secret-7f3a-of-the-course"

rng = np.random.default_rng(20240117)
X = rng.normal(size=(40, 2))
WEIGHTS, MEANS = np.array([0.3, 0.7]), np.array([[0.0, 0.5], [1.0, -1.0]])
COVARIANCES = np.array([[[1.0, 0.2], [0.2, 2.0]], [[0.5, 0.0], [0.0, 1.5]]])
DENSITIES = np.column_stack(
    [w * multivariate_normal(m, c).pdf(X) for w, m, c in zip(WEIGHTS, MEANS, COVARIANCES, strict=True)]
)
RESPONSIBILITIES = DENSITIES / DENSITIES.sum(axis=1, keepdims=True)
E_CASES = [Case(name, (X, WEIGHTS, MEANS, COVARIANCES)) for name in ("first", "second")]
M_CASES = [Case("first", (X, RESPONSIBILITIES))]
TRUE_MEANS = RESPONSIBILITIES.T @ X / RESPONSIBILITIES.sum(axis=0)[:, None]


class Traps:
    """What the host has that a submission must not reach, and whether it did."""

    def __init__(self, folder: Path) -> None:
        self.course = folder / "course"
        (self.course / "source").mkdir(parents=True)
        self.canary = self.course / "canary.txt"
        self.canary.write_text(f"FOUND {SECRET}")
        (self.course / "gradebook.db").write_bytes(b"")
        abstract = f"{SECRET}-{os.getpid()}"  # a second run on this machine has another
        places = (
            (socket.AF_INET, ("127.0.0.1", 0)),
            (socket.AF_UNIX, "\0" + abstract),
            (socket.AF_UNIX, str(folder / "s")),
        )
        self.listeners = [socket.socket(family, socket.SOCK_STREAM) for family, _ in places]
        for listener, (_, address) in zip(self.listeners, places, strict=True):
            listener.bind(address)
            listener.listen()
            listener.setblocking(False)
        self.fields = {
            "course": self.course,
            "canary": self.canary,
            "secret": SECRET,
            "abstract": abstract,
            "unix": folder / "s",
            "repository": Path(__file__).parents[2],
            "port": self.listeners[0].getsockname()[1],
            "host": platform.node() or "no-name",
        }

    def fill_in(self, code: str) -> str:
        for name, value in self.fields.items():
            code = code.replace(f"@{name}@", str(value))
        return textwrap.dedent(code)

    def touched(self) -> list[str]:
        found = [path.name for path in self.course.iterdir() if path.name not in NAMES]
        if self.canary.read_text() != f"FOUND {SECRET}":
            found.append("canary")
        for listener in self.listeners[1:]:  # anybody on this machine may try a port
            try:
                listener.accept()[0].close()
                found.append(str(listener.getsockname()))
            except BlockingIOError:
                pass
        return found


@pytest.fixture
def traps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Traps]:
    monkeypatch.setenv("AUTOGRADER_SECRET", SECRET)
    traps = Traps(tmp_path)
    yield traps
    for listener in traps.listeners:
        listener.close()


Outcome = tuple[list[CellOutput], list[QuestionAnswers], str | None, tuple[str, ...]]


def run(pool: Pool, *sources: str, wall: float | None = None) -> Outcome:
    """A submission as the grader runs it: its cells, then both questions."""
    with pool.session(scipy=True) as session:
        session.limits = replace(pool.limits, question_wall=wall or pool.limits.question_wall)
        outputs = [session.run_cell(Cell(index, source)) for index, source in enumerate(sources)]
        answers = [session.ask("e_step", E_CASES, parts=2), session.ask("m_step", M_CASES, parts=3)]
        return outputs, answers, session.ending, session.incidents


def assert_honest_work_is_unharmed(pool: Pool) -> None:
    """A right submission gets the right numbers, and finds nothing that an earlier one left."""
    listing = "import os\nfor f in ('/tmp', '/dev/shm', '/home/student'): print(sorted(os.listdir(f)))"
    outputs = assert_right_work_is_right(pool, RIGHT, listing)
    assert outputs[1].text.split("\n")[:3] == ["[]", "[]", "['points.csv']"]


def assert_right_work_is_right(pool: Pool, *sources: str) -> list[CellOutput]:
    outputs, (e, m), ending, incidents = run(pool, *sources)
    assert (ending, incidents) == (None, ())
    np.testing.assert_allclose(e.answers["second"].parts[0], RESPONSIBILITIES, atol=1e-12)
    np.testing.assert_allclose(e.answers["second"].parts[1], np.log(DENSITIES.sum(axis=1)).sum())
    np.testing.assert_allclose(m.answers["first"].parts[1], TRUE_MEANS, atol=1e-12)
    return outputs


def assert_nothing_undeserved(answers: list[QuestionAnswers]) -> None:
    """What came back is plain arrays, and none of them is a right answer."""
    for question in answers:
        assert question.status in get_args(QuestionStatus)
        assert set(question.answers) in ({"first"}, {"first", "second"})
        for answer in question.answers.values():
            assert answer.status in get_args(AnswerStatus)
            assert "FOUND" not in answer.exception + answer.message
            for part in answer.parts:
                assert type(part) is np.ndarray
                assert part.dtype in (np.float64, np.int64)
                for truth in (RESPONSIBILITIES, TRUE_MEANS):
                    assert part.shape != truth.shape or not np.allclose(part, truth)


@pytest.mark.parametrize("trick", ALL, ids=str)
def test_an_attack_gains_nothing_and_harms_nobody(trick: Trick, pool: Pool, traps: Traps) -> None:
    assert_honest_work_is_unharmed(pool)
    before = len(list(processes_below(pool.pid)))
    outputs, answers, ending, incidents = run(
        pool, WRONG, traps.fill_in(trick.code), "print('the last')", wall=trick.wall
    )
    assert not ACCIDENT.search(outputs[1].error), outputs[1].error
    for output in outputs:
        assert "FOUND" not in output.text + output.error, output
        assert len(output.text) < 5000
        assert SECRET not in output.text + output.error
    assert_nothing_undeserved(answers)
    assert all(answer.status in trick.statuses for answer in answers), (answers, outputs)
    if trick.ending != "any":
        assert (ending or "") == trick.ending, outputs
    if trick.incident:
        assert trick.incident in incidents, outputs
    assert len(list(processes_below(pool.pid))) == before, "something is left running"
    assert traps.touched() == []
    assert_honest_work_is_unharmed(pool)


def test_the_table_covers_every_line_that_shows_while_a_notebook_runs() -> None:
    visible = {*range(1, 9), *range(11, 19), 20, *range(21, 38), 42, *range(48, 65), 77, 78, 79, 89}
    assert {trick.line for trick in ALL} == visible


def test_a_submission_that_keeps_every_core_busy_makes_no_neighbour_time_out(pool: Pool) -> None:
    busy = "import os\nfor _ in range(3): os.fork()\nwhile True: pass"
    with Pool(pool.limits) as other, other.session() as session, ThreadPoolExecutor(1) as thread:
        ending = thread.submit(session.run_cell, Cell(0, busy))
        rounds = 0
        while not ending.done() or rounds == 0:
            assert_honest_work_is_unharmed(pool)
            rounds += 1
        assert session.ending == "timed-out"


def test_37_a_signal_to_ones_own_group_leaves_the_interpreter_running(pool: Pool) -> None:
    with pool.session() as session:
        pid = pool.pid
        session.run_cell(Cell(0, "import os, signal\nos.kill(0, signal.SIGKILL)"))
    assert_honest_work_is_unharmed(pool)
    assert pool.pid == pid


def test_what_a_submission_uses_is_seen_although_the_grader_was_late_to_listen(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = Session.start

    def late(session: Session) -> Session:
        time.sleep(0.5)  # another program has the processor; the student's process is ready by then
        return start(session)

    monkeypatch.setattr(Session, "start", late)
    with pool.session() as session:
        session.run_cell(Cell(0, "import time\nwhile time.process_time() < 0.3: pass"))
        assert session.cpu_seconds > 0.2


DRIP = """
import gc, json, os, time
import numpy as np, protocol, student
def drip(work=None):
    me = next(o for o in gc.get_objects() if isinstance(o, student.Student))
    encoded = json.dumps({"kind": "answer", "case": 0, "number": me.number, "status": "returned",
        "values": [["f8", [400000]]]}).encode()
    me.data.sendall(protocol.PREFIX.pack(len(encoded), 3200000) + encoded)
    if work and not os.fork():
        kept = work()
    while True:
        me.data.send(b"x")
        time.sleep(0.002)
"""


@pytest.mark.parametrize(
    ("code", "wall", "status"),
    [
        ("def f(x): drip()", 2.0, "timed-out"),
        ("def f(x):\n    while True: g(x)", 2.0, "timed-out"),
        ("def spin():\n    while True: pass\ndef f(x): drip(spin)", 120.0, "timed-out"),
        ("def f(x): drip(lambda: np.ones(45 << 20))", 120.0, "out-of-memory"),
    ],
    ids=["an answer byte by byte", "call after call", "and burns time", "and takes memory"],
)
def test_a_process_that_never_stops_talking_is_held_to_the_limits(
    code: str, wall: float, status: str, pool: Pool
) -> None:
    with pool.session() as session:
        session.limits = replace(pool.limits, question_wall=wall)
        session.run_cell(Cell(0, DRIP + code))
        start = time.monotonic()
        answers = session.ask(
            "f", [Case("one", (np.ones((300, 300)),))], {"g": Substitute(("x",), lambda x: x @ x)}
        )
        assert answers.status == status
        assert time.monotonic() - start < wall + 60.0  # the drip alone takes hours
        assert session.cpu_seconds < 5 * pool.limits.question_cpu  # not the clock ends what burns time


CHAINS = """
import os, time
def hand_on():
    pages = bytearray(b"x" * (150 << 20))
    while True:
        if os.fork():
            os._exit(0)
for _ in range(10):
    if os.fork() == 0:
        hand_on()
time.sleep(1000)
"""


@pytest.mark.parametrize("mode", ["nested", "single"])
@pytest.mark.parametrize("seen", [True, False], ids=["watched", "unwatched"])
def test_77_memory_that_chains_of_forks_hand_on_ends_at_the_wall_of_the_kernel(
    mode: Mode, seen: bool, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = watch.usage
    if not seen:  # as if every page changed hands between two looks
        monkeypatch.setattr(watch, "usage", lambda *known: replace(look(*known), memory=0))
    with Pool(pool.limits, pool.data_files, mode=mode) as own:
        group = own.memory_group
        if group is None:
            pytest.skip("no cgroup for memory can be had on this machine: the watch stands alone")
        outputs, answers, ending, incidents = run(own, CHAINS)
        assert outputs[0].error == "The cell was stopped: it used too much memory."
        assert (ending, incidents) == ("out-of-memory", ())
        assert {answer.status for answer in answers} == {"out-of-memory"}
        assert pool.limits.memory / 2 < group.peak <= wall(pool.limits)
        assert seen or group.kills()
        assert_right_work_is_right(own, RIGHT)


GRADER = """
import sys
from autograder.sandbox.pool import Pool
from autograder.sandbox.watch import processes_below
from autograder.values import Cell

with Pool() as pool, pool.session(scipy=True) as session:
    session.run_cell(Cell(0, "import os, time\\nif os.fork() == 0: os.setsid(); time.sleep(1000)"))
    print(*processes_below(pool.pid), flush=True)
    session.run_cell(Cell(1, "while True: pass"))
"""


def test_a_grader_that_is_killed_leaves_nothing_running() -> None:
    with subprocess.Popen([sys.executable, "-c", GRADER], stdout=subprocess.PIPE, text=True) as grader:
        assert grader.stdout is not None
        processes = [int(word) for word in grader.stdout.readline().split()]
        assert len(processes) == 7  # bubblewrap twice, the interpreter thrice, the student twice
        ends = [os.pidfd_open(pid) for pid in processes]
        grader.kill()
    for end in ends:
        poll = select.poll()
        poll.register(end, select.POLLIN)
        assert poll.poll(120_000), "still running"
        os.close(end)
