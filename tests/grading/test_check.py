"""What students see of their own check: always an answer, never a traceback, nothing unescaped."""

from __future__ import annotations

import html.parser
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from autograder.check import check
from autograder.check.asking import ask
from autograder.links import book_url
from autograder.questions import ASSIGNMENTS, find, of_assignment
from autograder.values import Case

ROOT = Path(__file__).parents[2]


def forgot_the_weights(X, weights, means, covariances):
    R, _ = find("em.e_step").reference(X, np.full(len(weights), 1 / len(weights)), means, covariances)
    return R, find("em.e_step").reference(X, weights, means, covariances)[1]


def test_a_stub_is_told_in_one_friendly_sentence() -> None:
    def e_step(X, weights, means, covariances):
        raise NotImplementedError

    report = check("em.e_step", e_step)
    assert not report
    assert repr(report) == (
        "e_step is not written yet: replace the line with NotImplementedError by your code."
    )
    assert "Traceback" not in report._repr_html_()


def test_a_right_function_is_told_so_at_one_glance() -> None:
    report = check("em.e_step", find("em.e_step").reference)
    assert report
    count = len(find("em.e_step").checks)
    assert repr(report).startswith(f"e_step is right: all {count} checks pass.")
    assert report.example is None
    assert "Read:" not in repr(report)


def test_a_wrong_function_is_told_what_came_back_what_was_expected_and_where_to_read() -> None:
    text = repr(check("em.e_step", forgot_the_weights))
    assert "The mixing weights are missing" in text
    assert "returned:" in text
    assert "expected:" in text
    assert "log_likelihood: right" in text
    assert book_url("soft-responsibilities") in text


def test_an_error_is_told_with_its_message_and_line() -> None:
    def assign(X, centroids):
        return X @ centroids

    text = repr(check("kmeans.assign", assign))
    line = assign.__code__.co_firstlineno + 1
    assert "ValueError" in text
    assert f"line {line}" in text


@pytest.mark.parametrize(
    "value",
    [
        None,
        "text",
        {"a": 1},
        3 + 4j,
        [[1, 2], [3]],
        object(),
        (1, 2, 3, 4, 5),
        [],
        iter([1]),
        b"bytes",
        type,
        np.zeros((0, 3)),
        np.array(["a"]),
        np.ones((2, 2, 2, 2)),
        [None],
        np.nan,
        True,
    ],
    ids=lambda value: repr(value).partition(" at 0x")[0],
)  # no address: ids are the same in each process
@pytest.mark.parametrize("question_id", ["em.e_step", "kmeans.assign", "selection.aic"])
def test_whatever_comes_back_check_answers(question_id: str, value: object) -> None:
    report = check(question_id, lambda *inputs: value)
    assert not report
    assert repr(report)
    assert report._repr_html_().count("<div") == 1


@pytest.mark.parametrize(
    "error",
    [
        SystemExit(3),
        RecursionError("deep"),
        MemoryError(),
        GeneratorExit(),
        StopIteration(),
        AssertionError("no"),
    ],
    ids=repr,
)
def test_whatever_is_raised_check_answers(error: BaseException) -> None:
    def update(X, labels, centroids):
        raise error

    report = check("kmeans.update", update)
    assert not report
    assert repr(report)


def test_an_error_that_cannot_be_printed_does_no_harm() -> None:
    class MuteError(Exception):
        def __str__(self) -> str:
            raise RuntimeError("even printing fails")

    def update(X, labels, centroids):
        raise MuteError

    assert "MuteError" in repr(check("kmeans.update", update))


@pytest.mark.parametrize(
    ("question_id", "thing"),
    [
        ("em.e_stepp", print),
        ("nothing", print),
        ("", print),
        ("em.e_step", None),
        ("em.e_step", 3),
    ],
)
def test_a_wrong_call_of_check_is_explained(question_id: str, thing: object) -> None:
    report = check(question_id, thing)
    assert not report
    assert report.problem


def test_what_a_function_prints_does_not_clutter_the_report(capsys: pytest.CaptureFixture[str]) -> None:
    def aic(log_likelihood, n_parameters):
        print("noise")
        return -2 * log_likelihood + 2 * n_parameters

    assert check("selection.aic", aic)
    assert capsys.readouterr().out == ""


def test_a_warning_is_told_and_costs_nothing() -> None:
    def aic(log_likelihood, n_parameters):
        np.log(np.zeros(1))
        return -2 * log_likelihood + 2 * n_parameters

    report = check("selection.aic", aic)
    assert report
    assert "A warning, which costs nothing: divide by zero" in repr(report)


def test_all_that_comes_from_a_student_is_escaped() -> None:
    evil = '<script>alert("x")</script>'

    def m_step(X, responsibilities):
        raise ValueError(evil)

    m_step.__name__ = evil
    assert "<script" not in check("em.m_step", m_step)._repr_html_()
    assert "<script" not in check(evil, m_step)._repr_html_()
    assert "<script" not in check("em." + evil, m_step)._repr_html_()


class Balanced(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attributes: object) -> None:
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_well_formed_and_says_in_words_what_its_colours_say() -> None:
    page = check("em.e_step", forgot_the_weights)._repr_html_()
    parser = Balanced()
    parser.feed(page)
    assert not parser.open
    assert "right" in page
    assert "not yet" in page
    assert 'role="group"' in page
    assert 'aria-label="Check of e_step"' in page


def test_fit_is_tried_with_a_right_e_step_if_the_students_is_wrong() -> None:
    names: dict[str, object] = {"np": np}
    source = (ROOT / "solutions" / "em" / "em.py").read_text(encoding="utf-8")
    start = source.index("def fit(")
    exec(source[start : source.index("# %%", start)], names)
    names["e_step"], names["m_step"] = forgot_the_weights, find("em.m_step").reference
    report = check("em.fit", names["fit"])
    assert report
    assert "e_step is not right yet" in repr(report)
    assert names["e_step"] is forgot_the_weights


def test_inputs_are_the_same_each_time_and_a_function_may_spoil_them() -> None:
    def distortion(X, centroids, labels):
        total = ((X - centroids[labels]) ** 2).sum()
        X[...] = centroids[...] = 0
        return total

    assert check("kmeans.distortion", distortion)
    assert check("kmeans.distortion", distortion)


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_a_check_takes_no_longer_than_a_hundred_and_fifty_thousand_small_sums(name: str) -> None:
    """A tenth of a second; sums, as a clock runs at another speed on a busy machine."""
    for question in of_assignment(name):
        rounds = [
            (processor_time(partial(check, question.id, question.reference)), processor_time(sums))
            for _ in range(3)
        ]
        of_check, of_sums = map(min, zip(*rounds, strict=True))
        assert of_check < 5 * of_sums, question.id


def sums() -> None:
    small = np.arange(4.0)
    for _ in range(30_000):
        small.sum()


def processor_time(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def test_check_needs_numpy_only() -> None:
    """As in a browser, where SciPy may be absent: every reference runs, and every check answers."""
    script = (
        "import sys\n"
        "for name in ('scipy', 'matplotlib', 'pandas', 'sklearn', 'IPython', 'nbformat'):\n"
        "    sys.modules[name] = None\n"
        "from autograder.check import check\n"
        "from autograder.questions import ASSIGNMENTS, of_assignment\n"
        "for name in ASSIGNMENTS:\n"
        "    for question in of_assignment(name):\n"
        "        report = check(question.id, question.reference)\n"
        "        assert report, report\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]


def test_the_time_for_drawing_the_inputs_is_not_the_functions(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]  # a clock that only drawing moves
    monkeypatch.setattr("autograder.check.asking.time.monotonic", lambda: now[0])
    question = find("em.e_step")

    def slowly(rng: np.random.Generator) -> tuple[Case, ...]:
        now[0] += 60.0
        return question.draw(rng)

    asked = ask(replace(question, draw=slowly), question.reference)
    assert asked.answers.status == "graded"
    assert {answer.status for answer in asked.answers.answers.values()} == {"returned"}


# --------------------------------------------------------------------------- what does not end


def test_a_loop_that_does_not_end_is_ended_and_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograder.check.asking.PATIENCE", 0.2)

    def assign(X, centroids):
        while True:
            with suppress(Exception):  # what ends the loop is no Exception
                sum(range(1000))

    text = repr(check("kmeans.assign", assign))
    assert text.startswith("assign took longer than the time limit; is there a loop that does not end?")
    _nothing_left_of_the_timer()


def test_a_loop_that_does_not_end_for_some_inputs_costs_what_comes_after(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("autograder.check.asking.PATIENCE", 0.5)

    def assign(X, centroids):
        while len(centroids) == 1:
            pass
        return find("kmeans.assign").reference(X, centroids)

    text = repr(check("kmeans.assign", assign))
    assert "one centroid: the function took too long" in text
    assert "right    Nine whole numbers and three centroids" in text
    _nothing_left_of_the_timer()


def test_ctrl_c_ends_a_check_as_before() -> None:
    def assign(X, centroids):
        os.kill(os.getpid(), signal.SIGINT)
        while True:
            pass

    before = signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # ignored where tests run in the background
    try:
        with pytest.raises(KeyboardInterrupt):
            check("kmeans.assign", assign)
    finally:
        signal.signal(signal.SIGINT, before)
    _nothing_left_of_the_timer()


def test_in_a_thread_and_beside_a_timer_of_ones_own_check_answers() -> None:
    reports = []
    thread = threading.Thread(target=lambda: reports.append(check("kmeans.assign", assign_right)))
    thread.start()
    thread.join()
    assert reports[0]
    before = signal.signal(signal.SIGVTALRM, signal.SIG_IGN)
    try:
        assert check("kmeans.assign", assign_right)
        assert signal.getsignal(signal.SIGVTALRM) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGVTALRM, before)


def assign_right(X, centroids):
    return find("kmeans.assign").reference(X, centroids)


def _nothing_left_of_the_timer() -> None:
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGVTALRM) == signal.SIG_DFL
