"""Honest notebooks behind the walls: what Jupyter does, the sandbox does, and what is missing says so."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from autograder.sandbox import bubblewrap, isolation, watch
from autograder.sandbox.errors import SandboxUnavailable
from autograder.sandbox.inside import protocol
from autograder.sandbox.limits import Limits
from autograder.sandbox.pool import Pool
from autograder.sandbox.session import NO_ANSWER, Session
from autograder.values import Case, Cell, CellOutput, Substitute

CASE = Case("a", (np.arange(6.0).reshape(3, 2),))


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool(
        Limits(cell_cpu=5, output=2000), data_files={"faithful.csv": b"1,2\n", "data/more.csv": b"3\n"}
    ) as pool:
        yield pool


@pytest.fixture
def session(pool: Pool) -> Iterator[Session]:
    with pool.session() as session:
        yield session
        assert session.alive


def run(session: Session, *sources: str) -> list[CellOutput]:
    return [session.run_cell(Cell(index, source)) for index, source in enumerate(sources)]


def values(session: Session, name: str = "f", parts: int = 1) -> tuple:
    answers = session.ask(name, [CASE], parts=parts)
    assert answers.status == "graded", answers
    return answers.answers["a"].parts


@pytest.mark.parametrize(
    "line",
    [
        "import warnings; warnings.warn('careful'); warnings.simplefilter('error')",
        "print('x' * 10**6)",
        "import sys; sys.stdout.close(); sys.stderr.close()",
        "import os; os.chdir('/')",
        "np.seterr(all='raise')",
        "import locale; locale.setlocale(locale.LC_ALL, 'C')",
        "np.random.seed(1); import random; random.seed(1)",
        "quit()",
        "exit()",
        "raise SystemExit",
        "input('name?')",
        "%matplotlib inline",
        "%matplotlib widget",
        "%timeit 1 + 1",
        "%%time\n1 + 1",
        "!pip install numpy",
        "%pip install numpy",
        "%load_ext autoreload\n%autoreload 2",
        "%no_such_magic 3",
        "%%bash\nls",
        "x = !ls",
        "import seaborn",
        "from IPython.display import display, HTML; display(HTML('x'))",
        "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
        "import sys; sys.setrecursionlimit(120)",
        "import asyncio\nawait asyncio.sleep(0)",
        "for i in range(9): print(i, end='\\r')",
        "1 / 0",
        "breakpoint()",
        "help(len)",
        "import matplotlib; matplotlib.use('TkAgg')",
        "def",
        "print(",
        "?len",
        "",
        "import logging; logging.basicConfig(); logging.warning('x')",
        "import sys; sys.stdout = None; sys.stderr = 3",
        "sum = list = print = len = None",
        "np.set_printoptions(precision=1)",
        "import sys; sys.tracebacklimit = 0",
        "import threading; threading.Thread(target=print).start()",
        "import os; [os.open('/dev/null', 0) for _ in range(200)]",
        "import multiprocessing as m\nwith m.Pool(2) as p: print(p.map(abs, [-1]))",
        "import gc; gc.disable()",
    ],
)
def test_an_odd_cell_does_not_harm_a_right_answer(line: str, session: Session) -> None:
    run(
        session,
        "import numpy as np\ndef f(X): return np.exp(-1000 * X) * 0 + X.sum()",
        line,
        "print('still here')",
    )
    (part,) = values(session)
    np.testing.assert_array_equal(part, np.full((3, 2), 15.0))


def test_output_is_what_jupyter_shows_as_text(session: Session) -> None:
    outputs = run(
        session,
        "print('a')\n1 + 1",
        "2 * 3;",
        "x = 5",
        "x",
        "None",
        "import sys; print('e', file=sys.stderr)",
    )
    assert [output.text for output in outputs] == ["a\n2\n", "", "", "5\n", "", "e\n"]
    assert not any(output.error for output in outputs)


def test_output_beyond_the_limit_is_cut_and_says_so(session: Session) -> None:
    (output,) = run(session, "for i in range(10**5): print(i)")
    assert output.text.endswith("[output cut after 1 KiB]")
    assert len(output.text) < 2100


def test_an_error_tells_its_cell_and_line_and_later_cells_run(session: Session) -> None:
    outputs = run(session, "def f(X):\n    return 1 / 0", "x = 1\nf(2)", "x")
    assert outputs[1].error == "  cell 1, line 2\n  cell 0, line 2\nZeroDivisionError: division by zero"
    assert outputs[2].text == "1\n"
    answers = session.ask("f", [CASE])
    assert (answers.status, answers.exception, answers.line) == ("raised", "ZeroDivisionError", 2)


def test_a_syntax_error_costs_its_own_cell_only(session: Session) -> None:
    outputs = run(session, "def f(X):\n    return X +", "def f(X): return X")
    assert "SyntaxError" in outputs[0].error
    np.testing.assert_array_equal(values(session)[0], CASE.arguments[0])


def test_an_endless_recursion_is_an_error_like_any_other(session: Session) -> None:
    outputs = run(session, "def f(X): return f(X)", "f(1)")
    assert outputs[1].error.splitlines()[-1].startswith("RecursionError")
    assert len(outputs[1].error.splitlines()) < 12
    assert session.ask("f", [CASE]).exception == "RecursionError"


def test_an_import_that_is_missing_costs_only_its_statement(session: Session) -> None:
    (output,) = run(
        session, "import seaborn as sns\nfrom sklearn.mixture import GaussianMixture\ndef f(X): return X"
    )
    assert "seaborn" in output.error
    np.testing.assert_array_equal(values(session)[0], CASE.arguments[0])
    assert session.incidents == ("tried to import scikit-learn",)


def test_what_is_absent_while_grading_says_so(session: Session) -> None:
    (output,) = run(session, "import autograder.check as c, autograder as a\na.check.check is c.check")
    assert output.text == "True\n"
    outputs = run(
        session,
        "import gmmlib",
        "import autograder.questions",
        "from autograder.check import check\ncheck('a', 1)",
    )
    assert "gmmlib is not available while grading" in outputs[0].error
    assert "autograder.questions is not available while grading" in outputs[1].error
    assert outputs[2] == CellOutput(2)


def test_results_of_cells_need_no_display_hook_and_a_call_of_it_is_seen(session: Session) -> None:
    assert run(session, "1 + 1", "%time 1 + 1", "display(2)", "x = 3; x")[0].text == "2\n"
    assert session.incidents == ()
    assert run(session, "import sys\nsys.displayhook(5)")[0].text == "5\n"
    assert [incident[:22] for incident in session.incidents] == ["called sys.displayhook"]


def test_data_files_are_there_and_read_only_and_the_folder_is_writable(session: Session) -> None:
    (output,) = run(
        session,
        """
open('mine.txt', 'w').write('x')
print(open('faithful.csv').read() + open('data/more.csv').read())
try:
    open('faithful.csv', 'w')
except OSError:
    print('read-only')
""",
    )
    assert output.text == "1,2\n3\n\nread-only\n"


def test_a_module_written_by_a_cell_can_be_imported(session: Session) -> None:
    module = "%%writefile helper.py\ndef twice(x): return 2 * x"
    outputs = run(session, module, "from helper import twice\ntwice(4)")
    assert outputs[1].text == "8\n"


def test_names_live_from_cell_to_cell_and_end_with_the_session(pool: Pool) -> None:
    with pool.session() as first:
        run(first, "secret = 7")
        assert run(first, "secret")[0].text == "7\n"
    with pool.session() as second:
        assert "NameError" in run(second, "secret")[0].error


def test_source_can_be_inspected_as_in_jupyter(session: Session) -> None:
    outputs = run(session, "def f(X):\n    return X", "import inspect\nprint(inspect.getsource(f))")
    assert outputs[1].text == "def f(X):\n    return X\n\n"


def test_future_annotations_and_dataclasses_work(session: Session) -> None:
    run(
        session,
        "from __future__ import annotations\nfrom dataclasses import dataclass",
        "@dataclass\nclass P:\n    a: Undefined = 3\ndef f(X: Nowhere) -> P: return P().a",
    )
    assert values(session)[0] == 3


def test_a_cell_of_asserts_leaves_nothing_behind(session: Session) -> None:
    run(session, "x = 1")
    passed = session.run_cell(Cell(1, "x = 2\nassert x == 2", question="em.extra"))
    failed = session.run_cell(Cell(2, "assert x == 2, 'no'", question="em.extra"))
    assert (passed.error, run(session, "x")[0].text) == ("", "1\n")
    assert failed.error.endswith("AssertionError: no")


# --------------------------------------------------------------------------- asking


def test_the_stub_a_missing_name_and_a_number_in_its_place_have_statuses(session: Session) -> None:
    run(session, "def f(X): raise NotImplementedError\ng = 3")
    assert session.ask("f", [CASE]).status == "not-written"
    assert session.ask("g", [CASE]).status == "not-defined"
    assert session.ask("h", [CASE]).status == "not-defined"


def test_what_was_kept_answers_whatever_became_of_the_notebook_since(session: Session) -> None:
    run(session, "scale = 2\ndef f(X): return scale * X", "def g(X): return X")
    session.snapshot("f")
    session.snapshot("h")
    run(session, "scale = 3\ng = f\ndel f\ndef h(X): return X")
    for _ in range(2):  # a question may be asked twice
        assert values(session, "f")[0].tolist() == (2 * CASE.arguments[0]).tolist()
        assert values(session, "h")[0].tolist() == CASE.arguments[0].tolist()


def test_what_was_kept_is_not_changed_by_cells_that_do_more_than_bind_names(session: Session) -> None:
    run(session, "import numpy as np\nscales = [2]\ndef f(X): return scales[0] * X")
    session.snapshot("f")
    run(session, "def g(X): return f(X)")
    session.snapshot("g")
    run(session, "scales[0] = 3", "f = None", "np.multiply = None")
    for name in ("g", "f"):
        assert values(session, name)[0].tolist() == (2 * CASE.arguments[0]).tolist()


def test_a_notebook_that_kills_what_was_kept_is_asked_as_it_is_then(session: Session) -> None:
    run(session, "def f(X): return X")
    session.snapshot("f")
    run(
        session,
        "import os, signal\nfor p in range(2, 100):\n    try: os.kill(p, signal.SIGKILL)\n"
        "    except ProcessLookupError: pass",
    )
    assert values(session)[0].tolist() == CASE.arguments[0].tolist()


def test_each_case_has_its_own_answer(session: Session) -> None:
    run(session, "def f(X, k=1, name='a'):\n    if X.shape[1] == 1: raise KeyError(X)\n    return X * k")
    cases = [CASE, Case("b", (np.ones((2, 1)),)), Case("c", (np.ones((2, 2)), 2.5), {"name": 3})]
    answers = session.ask("f", cases, parts=1).answers
    assert [answers[name].status for name in "abc"] == ["returned", "raised", "returned"]
    assert (answers["b"].exception, answers["b"].line) == ("KeyError", 2)
    np.testing.assert_array_equal(answers["c"].parts[0], np.full((2, 2), 2.5))


def test_arguments_are_copies_that_may_be_changed(session: Session) -> None:
    run(session, "def f(X):\n    X *= 0\n    X += 1\n    return X")
    cases = [CASE, Case("b", CASE.arguments)]
    session.ask("f", cases)
    np.testing.assert_array_equal(CASE.arguments[0], np.arange(6.0).reshape(3, 2))


def test_nothing_printed_while_answering_comes_out(session: Session) -> None:
    run(session, "def f(X):\n    print('SECRET', X)\n    return X")
    session.ask("f", [CASE])
    assert run(session, "1")[0].text == "1\n"


def test_a_function_calls_back_for_what_another_question_got_wrong(session: Session) -> None:
    run(
        session,
        "def fit(X, n=3):\n    for _ in range(n): X, s = step(X, scale=2.0)\n    return X, s",
        "step = None",
    )
    calls = []

    def step(X: np.ndarray, scale: float) -> tuple[np.ndarray, float]:
        calls.append(scale)
        return X * scale, float(X.sum())

    answers = session.ask("fit", [CASE], {"step": Substitute(("X",), step)}, parts=2).answers["a"]
    assert calls == [2.0] * 3
    np.testing.assert_array_equal(answers.parts[0], 8 * CASE.arguments[0])
    assert answers.parts[1] == 60.0
    assert run(session, "print(step)")[0].text == "None\n"


def test_a_call_back_that_cannot_be_answered_is_an_error_in_the_students_code(session: Session) -> None:
    run(session, "import numpy as np\ndef f(X): return step(np.zeros((1000, 100)))")
    assert session.ask("f", [CASE], {"step": Substitute(("X",), lambda X: X)}).exception == "ValueError"


# --------------------------------------------------------------------------- endings


def test_words_and_truth_values_pass_in_a_call_back(session: Session) -> None:
    run(session, "import numpy as np\nhalf = np.float32(0.5)")
    run(session, "def f(X): return step('full', True, np.int64(3), half, [1, 2])")
    seen = []
    session.ask("f", [CASE], {"step": Substitute((), lambda *a: seen.extend(a) or 1.0)})
    assert seen[:2] == ["full", 1]
    assert [float(value) for value in seen[2:4]] == [3.0, 0.5]
    assert seen[4].tolist() == [1, 2]


FORGE = """
import gc, json, protocol, student
def send(body=b"", values=(), **header):
    me = next(o for o in gc.get_objects() if isinstance(o, student.Student))
    encoded = json.dumps({"number": me.number, "values": list(values), **header}).encode()
    me.data.sendall(protocol.PREFIX.pack(len(encoded), len(body)) + encoded + body)
"""


@pytest.mark.parametrize(
    "forged",
    [
        'kind="answer", case=0, status="returned", values=[["f8", [0, 2**39, 2**39]]]',
        'kind="answer", case=0, status="returned", values=[["f8", [0, 2**39, 2**20]]] * 64',
        'kind="call", name="step", keywords=[], values=[["f8", [0, 2**39, 2**39]]]',
        'kind="call", name=["step"], keywords={}',
        'kind="not-defined"',
    ],
    ids=["huge", "64 huge ones", "in a call back", "no name", "taken back"],
)
def test_a_forged_frame_ends_its_own_session_only(forged: str, pool: Pool) -> None:
    with pool.session() as session:
        run(session, FORGE, f"def f(X):\n    send({forged})\n    return X")
        assert session.ask("f", [CASE], {"step": Substitute(("X",), lambda X: X)}).status == "died"
        assert session.incidents[-1] == "sent something that is no answer"
    with pool.session() as session:
        assert run(session, "1")[0].text == "1\n"


def test_an_error_of_ours_over_a_students_frame_ends_that_session(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autograder.sandbox.inside.protocol.restore", lambda *_: 1 / 0)
    with pool.session() as session:
        run(session, "def f(X): return X")
        assert session.ask("f", [CASE]).status == "died"


def test_endless_calls_back_end_the_session(pool: Pool) -> None:
    with pool.session() as session:
        session.limits = Limits(callbacks=50)
        run(session, "def f(X):\n    while True: step(1.0)")
        assert session.ask("f", [CASE], {"step": Substitute(("x",), lambda x: x)}).status == "timed-out"
        assert not session.alive


def test_a_process_that_ended_is_told_and_the_next_session_is_fresh(pool: Pool) -> None:
    with pool.session() as session:
        (output,) = run(session, "import os; os._exit(3)")
        assert output.error == "The cell ended the whole Python process."
        assert (session.alive, session.ending) == (False, "died")
        assert run(session, "1")[0].error.startswith("Not run")
        assert session.ask("f", [CASE]).status == "died"
    with pool.session() as session:
        assert run(session, "1")[0].text == "1\n"


def test_only_one_session_at_a_time(pool: Pool) -> None:
    with pool.session(), pytest.raises(RuntimeError):
        pool.session()


def test_a_killed_interpreter_is_replaced_and_nothing_is_left_when_the_pool_is_closed() -> None:
    with Pool() as pool:
        first = list(watch.processes_below(pool.pid or 0))
        os.kill(first[-1], signal.SIGKILL)
        pool._process.wait()  # type: ignore[union-attr]
        with pool.session() as session:
            assert run(session, "1")[0].text == "1\n"
        pool.session()
        everything = {*first, *watch.processes_below(pool.pid or 0)}
        assert len(everything) >= 2 * 3 + 1
    until = time.monotonic() + 120  # the kernel takes its time on a busy machine
    while everything and time.monotonic() < until:
        time.sleep(0.05)
        everything = {pid for pid in everything if watch.usage(pid).memory}
    assert not everything


@pytest.mark.parametrize("scipy", [False, True])
def test_garbage_is_collected_as_in_jupyter_with_scipy_at_hand_or_not(pool: Pool, scipy: bool) -> None:
    with pool.session(scipy=scipy) as session:
        (output,) = run(
            session, "import gc; gc.isenabled(), gc.get_threshold()[0] < 10**4, gc.get_freeze_count() > 10**4"
        )
    assert output.text == "(True, True, True)\n"


def test_scipy_is_at_hand_for_who_says_so_and_again_when_its_interpreter_was_killed() -> None:
    loaded = Cell(0, "import sys; 'scipy.stats' in sys.modules")
    with Pool() as pool:
        with pool.session() as session:
            assert session.run_cell(loaded).text == "False\n"
        before = set(watch.processes_below(pool.pid or 0))
        with pool.session(scipy=True) as session:
            assert session.run_cell(loaded).text == "True\n"
        (interpreter,) = set(watch.processes_below(pool.pid or 0)) - before
        os.kill(interpreter, signal.SIGKILL)
        with pool.session() as session:
            assert session.run_cell(loaded).text == "False\n"
        with pool.session(scipy=True) as session:
            assert session.run_cell(loaded).text == "True\n"


@pytest.mark.parametrize(
    ("code", "limits", "asleep", "starved"),
    [
        ("while True: pass", Limits(cell_cpu=0.3, cell_wall=60.0), False, False),
        ("import time\ntime.sleep(60)", Limits(cell_cpu=20.0, cell_wall=0.3), False, True),
        ("import time\ntime.sleep(60)", Limits(cell_cpu=20.0, cell_wall=0.3), True, False),
    ],
    ids=["computes", "waits for a processor", "sleeps"],
)
def test_only_whom_the_clock_ends_and_who_may_have_waited_for_the_machine_is_starved(
    pool: Pool, monkeypatch: pytest.MonkeyPatch, code: str, limits: Limits, asleep: bool, starved: bool
) -> None:
    usage, now = watch.usage, itertools.count()
    monkeypatch.setattr(watch, "usage", lambda *of: replace(usage(*of), asleep=asleep))
    if asleep:  # a clock on which the looks come in time, however busy this machine is
        monkeypatch.setattr(time, "monotonic", lambda: 0.01 * next(now))
    with pool.session() as session:
        session.limits = limits
        session.run_cell(Cell(0, code))
        assert (session.ending, session.starved) == ("timed-out", starved)


@pytest.mark.parametrize("we_compute", [False, True], ids=["for a processor", "all the time"])
def test_95_who_waits_for_our_answer_may_have_waited_for_the_machine_unless_we_computed_it(
    pool: Pool, monkeypatch: pytest.MonkeyPatch, we_compute: bool
) -> None:
    usage, seconds = watch.usage, [0.0]
    monkeypatch.setattr(watch, "usage", lambda *of: replace(usage(*of), asleep=True))
    monkeypatch.setattr(time, "monotonic", lambda: seconds[0])
    monkeypatch.setattr(time, "process_time", lambda: seconds[0] if we_compute else 0.0)

    def slow(X: np.ndarray) -> np.ndarray:
        seconds[0] += 0.1
        return X

    with pool.session() as session:
        session.limits = Limits(question_cpu=10.0, question_wall=0.95)
        session.run_cell(Cell(0, "def f(X):\n    while True: step(X)"))
        assert session.ask("f", [CASE], {"step": Substitute(("X",), slow)}).status == "timed-out"
        assert session.starved is not we_compute


BURN = """
import time
def f(seconds):
    start = time.process_time()
    while time.process_time() - start < seconds: pass
    return seconds
"""


@pytest.mark.parametrize(
    ("seconds", "statuses"),
    [((0.7, 0.7), ["returned", "returned"]), ((1e9, 0.0), ["timed-out", "not-asked"])],
    ids=["two that take a third each", "one that never ends"],
)
def test_of_a_questions_processor_time_one_call_may_take_half(
    pool: Pool, seconds: tuple[float, ...], statuses: list[str]
) -> None:
    with pool.session() as session:
        session.limits = replace(session.limits, question_wall=3600.0)  # however busy this machine is
        session.run_cell(Cell(0, BURN))
        before = session.cpu_seconds
        cases = [Case(str(number), (value,)) for number, value in enumerate(seconds)]
        answers = session.ask("f", cases, cpu_seconds=2.0)
        assert [answer.status for answer in answers.answers.values()] == statuses
        assert session.cpu_seconds - before < 1.9


@pytest.mark.parametrize(
    ("program", "sleeps"),
    [
        ("print(flush=True); sys.stdin.read()", True),
        ("print(flush=True)\nwhile True: pass", False),
        ("threading.Thread(target=busy, daemon=True).start(); print(flush=True); sys.stdin.read()", False),
    ],
    ids=["sleeps", "computes", "a thread computes"],
)
def test_who_sleeps_and_who_computes_are_told_apart(program: str, sleeps: bool) -> None:
    typed = f"import sys, threading\ndef busy():\n    while True: pass\n{program}"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", typed], **pipes) as process:
        assert process.stdout is not None
        process.stdout.readline()
        looks = 10**6 if sleeps else 200  # falling asleep may take a busy machine a moment
        found = any(watch.usage(process.pid).asleep for _ in range(looks))
        process.kill()
    assert found == sleeps


# --------------------------------------------------------------------------- which walls stand


def test_one_bubblewrap_per_submission_gives_the_same_walls() -> None:
    with Pool(mode="single", data_files={"a.csv": b"1"}) as pool, pool.session() as session:
        output = session.run_cell(Cell(0, isolation.PROBE))
        assert output.text.count("true") >= 7
        assert run(session, "import os; print(open('a.csv').read(), os.listdir('/proc'))")[0].text == "1 []\n"
        assert "lib/python" not in run(session, "open('/etc/passwd')")[0].text
        assert run(session, "os._exit(4)")[0].error == "The cell ended the whole Python process."
        assert session.incidents[-1] == "ended its own process"


def test_where_bubblewrap_may_not_mount_proc_the_walls_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pool, "_ways", lambda pool: [("nested", False)])
    with Pool() as pool, pool.session() as session:
        assert session.run_cell(Cell(0, isolation.PROBE)).text.count("true") == 8


def test_the_walls_are_seen_from_the_inside() -> None:
    found = isolation.probe()
    assert found.available
    assert found.complete
    assert {wall.name for wall in found.walls} >= {
        "no network",
        "a system-call filter",
        "no further namespaces",
    }


def test_without_bubblewrap_nothing_runs_and_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bubblewrap, "program", lambda: None)
    with pytest.raises(SandboxUnavailable, match="apt install bubblewrap"):
        Pool()
    assert not isolation.probe().available


def test_a_bubblewrap_that_fails_is_told_with_its_own_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bubblewrap, "program", lambda: "/bin/false")
    with pytest.raises(SandboxUnavailable, match="No isolation on this machine"), Pool():
        pass


def test_without_isolation_only_by_name_and_it_says_so() -> None:
    with pytest.raises(ValueError, match="isolation=False"):
        Pool(mode="open")
    with Pool(isolation=False, data_files={"a.csv": b"1"}) as pool:
        assert "WITHOUT ISOLATION" in pool.walls
        with pool.session() as session:
            run(session, "def f(X): return X")
            np.testing.assert_array_equal(values(session)[0], CASE.arguments[0])
            assert "gmmlib is not available while grading" in run(session, "import gmmlib")[0].error
            assert run(session, "open('a.csv').read()")[0].text == "'1'\n"


def test_where_no_process_can_be_started_the_cell_says_so_and_is_no_incident(pool: Pool) -> None:
    full = "import os\ndef fork(): raise BlockingIOError(11, 'no more')\nos.fork = fork"
    with pool.session() as session:
        session.run_cell(Cell(0, full))
        output = session.run_cell(Cell(1, "1", question="tiny.test"))
        assert "no room for another process" in output.error
        assert session.run_cell(Cell(2, "print('goes on')")).text == "goes on\n"
        assert session.ending is None
        assert NO_ANSWER not in session.incidents


def test_memory_shared_through_a_file_figures_and_processes_work_as_ever(session: Session) -> None:
    honest = """
import multiprocessing, scipy.optimize, matplotlib.pyplot as plt
shared = multiprocessing.get_context("fork").Array("d", 4)
def fill(): shared[0] = 7.0
worker = multiprocessing.get_context("fork").Process(target=fill)
worker.start(); worker.join()
figure = plt.figure(); figure.gca().plot([1, 2]); figure.canvas.draw()
print(shared[0], scipy.optimize.brentq(lambda x: x - 2, 0, 5))
"""
    output = session.run_cell(Cell(0, honest))
    assert (output.text, output.error) == ("7.0 2.0\n", "")


def test_a_pool_of_processes_comes_to_its_end(session: Session) -> None:
    (output,) = run(
        session,
        "import multiprocessing\nwith multiprocessing.Pool(2) as p: print(sum(p.map(abs, range(-50, 0))))",
    )
    assert output.text == "1275\n", output


ANOTHER_DEFAULT = """
import multiprocessing, sys
from multiprocessing import context
sys.path.insert(0, sys.argv[1])
import student
context._default_context._default_context = context._concrete_contexts["forkserver"]  # as in Python 3.14
student.fork_by_default()
print(multiprocessing.get_start_method(), multiprocessing.get_context().get_start_method())
"""


def test_multiprocessing_forks_whatever_this_python_does_by_default() -> None:
    inside = str(Path(protocol.__file__).parent)
    arguments = [sys.executable, "-c", ANOTHER_DEFAULT, inside]
    assert subprocess.run(arguments, capture_output=True, text=True, check=True).stdout == "fork fork\n"
