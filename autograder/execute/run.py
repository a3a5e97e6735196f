"""Runs a submission's cells in order, then asks its questions; every ending is a value.

At a question's check cell the sandbox keeps the notebook as it is there; so what runs later changes no
verdict. The questions are asked when the last cell has run: no cell whose output is shown ever
comes after an input. After a crash or a time-out the remaining questions are asked in a fresh run that skips
the cell at fault and shows nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import combinations
from typing import Any, Protocol

from autograder.execute.endless import (
    AT_LEAST,
    cases_before,
    cut_short,
    ended_at,
    mark_of_call,
    mark_of_cell,
)
from autograder.judge.seen import Order, as_returned
from autograder.sandbox.limits import Budget, Limits
from autograder.values import (
    Asked,
    Case,
    Cell,
    CellOutput,
    Execution,
    Question,
    QuestionAnswers,
    QuestionStatus,
    Submission,
    Substitute,
)

MAX_RUNS = 8  # fresh processes for one submission
PUBLIC_CPU, PUBLIC_WALL = 10.0, 30.0  # seconds, for asking once more on public inputs
TRIED = ("graded", "raised")  # of a function that was called and whose process lives
CUT = "[output cut: the cells of this notebook print too much together]"


class Session(Protocol):
    """A student's process, as `autograder.sandbox` gives it."""

    ending: QuestionStatus | None  # how the process ended, while it lives None
    starved: bool  # by the clock, with processor time left: a busy machine may be the reason
    cpu_seconds: float  # that it has used

    @property
    def alive(self) -> bool:
        """Whether cells can be run and questions asked."""

    @property
    def incidents(self) -> Sequence[str]:
        """What the submission visibly tried."""

    def run_cell(self, cell: Cell) -> CellOutput:
        """Run a cell; return what it printed and the error that stopped it."""

    def snapshot(self, name: str) -> None:
        """Keep the notebook as it is now for the question about a function."""

    def ask(
        self,
        name: str,
        cases: Sequence[Case],
        substitutes: Mapping[str, Substitute] | None = None,
        *,
        parts: int | None = None,
        cpu_seconds: float | None = None,
        public: bool = False,
    ) -> QuestionAnswers:
        """Call a function of the student with every case."""


class Pool(Protocol):
    """Where processes for students come from, one at a time."""

    @property
    def walls(self) -> str:
        """Which walls stand, in a sentence."""

    @property
    def limits(self) -> Limits:
        """What a submission may use."""

    def session(self, budget: Budget | None = None, *, scipy: bool = False) -> AbstractContextManager[Any]:
        """Return a fresh process, which uses up some of the budget; with SciPy at hand if it needs that."""


Share = Callable[[str, QuestionAnswers], float]  # of a question's points that answers earn, from 0 to 1


def execute(
    submission: Submission,
    asked: Mapping[str, Asked],
    pool: Pool,
    share: Share,
    answers_kept: Mapping[str, QuestionAnswers] | None = None,
    endless: Endless | None = None,
) -> Execution:
    """Run a submission; in what comes back every question of `submission.points` has an answer.

    `share` tells whether a function that others use was wrong, so that they get the reference in its place.
    What has an answer in `answers_kept` is not asked again, and what `endless` knows never to end is not
    waited for.
    """
    start = time.monotonic()
    kept, limits = dict(answers_kept or {}), pool.limits
    run = _Run(submission, asked, share, limits, endless or Endless(), limits.notebook_output, kept)
    budget = limits.budget()
    scipy = any("scipy" in cell.source for cell in submission.cells)
    for _ in range(MAX_RUNS):
        with pool.session(budget, scipy=scipy) as session:
            run.through(session)
            run.incidents.update(dict.fromkeys(session.incidents))
            run.starved |= session.starved
        if run.finished or budget.spent:
            break
    never = QuestionAnswers("timed-out" if budget.spent else "died")
    answers = {name: run.answers.get(name, run.tried.get(name, never)) for name in submission.points}
    outputs = tuple(run.outputs[index] for index in sorted(run.outputs))
    used = pool.limits.budget().cpu - budget.cpu
    starved = run.starved and any(answer.status != "graded" for answer in answers.values())
    return Execution(
        answers, outputs, tuple(run.incidents), time.monotonic() - start, used, starved, run.found
    )


def ask_publicly(
    submission: Submission, asked: Mapping[str, Asked], pool: Pool, share: Share
) -> Mapping[str, QuestionAnswers]:
    """Ask questions on inputs that everybody may see; return the answers of those that answered in time.

    The process is a fresh one that has met no other inputs, so that whatever comes back may be shown. Each
    question is asked at its check cell; what the cells print or tried is known already.
    """
    wanted = replace(submission, points={name: submission.points[name] for name in asked})
    run = _Run(wanted, asked, share, pool.limits, Endless(), 0, ended_early=True, shown=True)
    scipy = any("scipy" in cell.source for cell in submission.cells)
    with pool.session(Budget(PUBLIC_CPU, PUBLIC_WALL), scipy=scipy) as session:
        run.through(session)
    return {**run.tried, **run.answers}


def final(execution: Execution) -> dict[str, QuestionAnswers]:
    """Return the answers that stand when a submission is run once more; the others are asked again."""
    return {name: answers for name, answers in execution.answers.items() if answers.status == "graded"}


@dataclass(frozen=True)
class Endless:
    """What of a submission of these bytes never ended before."""

    release: str = ""  # the digest of what was released
    known: Mapping[str, str] = field(default_factory=dict)  # by mark: the case, or what was said of the cell


@dataclass
class _Run:
    """What is known so far, over the fresh processes of one submission."""

    submission: Submission
    asked: Mapping[str, Asked]
    share: Share
    limits: Limits
    endless: Endless
    output_left: int  # bytes that may still be shown
    answers: dict[str, QuestionAnswers] = field(default_factory=dict)
    tried: dict[str, QuestionAnswers] = field(default_factory=dict)  # first tries that ended the process
    outputs: dict[int, CellOutput] = field(default_factory=dict)
    incidents: dict[str, None] = field(default_factory=dict)
    skipped: set[int] = field(default_factory=set)
    ended_early: bool = False
    shown: bool = False  # whether inputs and answers are public
    finished: bool = False
    starved: bool = False
    found: dict[str, str] = field(default_factory=dict)  # what never ended, as `Endless.known`

    def through(self, session: Session) -> None:
        """Run the cells in order, as far as the process lives; then ask the questions.

        Once a process has ended early, the questions that are left are asked at their check cells, before
        more can go wrong, and of such a run no output is kept.
        """
        hurried = self.ended_early and bool(self._open())
        for cell in self.submission.cells:
            if hurried and not self._open():
                break
            if session.alive and cell.index not in self.skipped:
                self._step(session, cell, hurried)
        for question in self._open():
            self._settle(session, question)
        self.ended_early |= not session.alive
        self.finished = self._complete()

    def _complete(self) -> bool:
        """Return whether each question has an answer, and each cell an output unless it ended the process."""
        cells = [cell for cell in self.submission.cells if cell.question not in self.asked]
        shown = all(cell.index in self.outputs or cell.index in self.skipped for cell in cells)
        return shown and all(name in self.answers for name in self.submission.points)

    def _open(self) -> list[str]:
        return [name for name in self.asked if name in self.submission.points and name not in self.answers]

    def _step(self, session: Session, cell: Cell, hurried: bool) -> None:
        """Run a cell; where a question stands, keep the notebook for it, or ask it."""
        if cell.question not in self.asked:
            self._run_cell(session, cell, hurried)
        elif cell.question in self._open():
            if hurried:
                self._at_check(session, cell.question)
            else:
                session.snapshot(self.asked[cell.question].question.name)
        if not session.alive and not (cell.question in self.tried and cell.question in self._open()):
            self.skipped.add(cell.index)

    def _run_cell(self, session: Session, cell: Cell, hurried: bool) -> None:
        """Run a cell and keep its output; an instructor's cell of asserts is a question of its own."""
        if hurried and cell.question:
            return
        mark = mark_of_cell(self.endless.release, cell.index, self.limits.cell_cpu)
        if mark in self.endless.known and not cell.question:
            self.skipped.add(cell.index)
            self.found[mark] = self.endless.known[mark]
            self.outputs.setdefault(cell.index, CellOutput(cell.index, error=self.endless.known[mark]))
            return
        before = session.cpu_seconds
        output = session.run_cell(cell)
        if self._used_up(session, before, self.limits.cell_cpu):
            self.found[mark] = output.error
        if not hurried:
            if cell.index not in self.outputs:
                self.outputs[cell.index] = self._within_budget(output)
            if cell.question:
                self.answers.setdefault(cell.question, _tested(output, session))

    def _within_budget(self, output: CellOutput) -> CellOutput:
        """Return what is shown of an output: all of it, or what is left of the notebook's share."""
        size = len(output.text.encode()) + len(output.error.encode())
        if size <= self.output_left:
            self.output_left -= size
            return output
        text = output.text.encode()[: self.output_left].decode(errors="ignore")
        self.output_left = 0
        return CellOutput(output.index, f"{text}\n{CUT}", output.error.strip().rpartition("\n")[2][:200])

    def _at_check(self, session: Session, question: str) -> None:
        """Ask now; a function that is not defined here, or uses what is still open, waits for the end."""
        if all(used in self.answers for used in self._used(question)):
            answers = self._ask(session, question)
            if answers is not None and answers.status != "not-defined":
                self.answers[question] = answers

    def _settle(self, session: Session, question: str) -> None:
        """Ask a question, after those whose functions it uses: their answers are final then."""
        for used in self._used(question):
            self._settle(session, used)
        if session.alive and question not in self.answers:
            answers = self._ask(session, question)
            if answers is not None:
                self.answers[question] = answers

    def _used(self, question: str) -> list[str]:
        return [used for used in self.asked[question].question.uses if used in self.asked]

    def _ask(self, session: Session, question: str) -> QuestionAnswers | None:
        """Ask; once more where a helper's values came in another order, and the better answers count.

        None if the first try ended the process: the second one waits for the next. Answers that earn
        everything with helpers that the function was written for count too.
        """
        helpers = self._substitutes(self.asked[question].question)
        answers = last = self.tried.get(question) or self._ask_with(
            session, question, helpers, Order.ASKED_FOR
        )
        reordered = self._reordered(helpers, question)
        if reordered and self.share(question, answers) < 1.0:
            if not session.alive:
                self.tried[question] = answers
                return None
            last = self._ask_with(session, question, reordered, Order.STUDENTS)
            answers = max(answers, last, key=partial(self.share, question))
        for order, others in self._other_ways(question, helpers):
            if last.status not in TRIED or self.share(question, answers) == 1.0:
                break
            last = self._ask_with(session, question, others, order)
            answers = last if self.share(question, last) == 1.0 else answers
        return answers

    def _other_ways(
        self, question: str, helpers: Mapping[str, Substitute]
    ) -> Iterator[tuple[Order, Mapping[str, Substitute]]]:
        """Yield helpers that hand values over as the student's do, then those with some of the student's own.

        A function may be right for a helper that returns a dictionary, or the negative of what was asked for.
        """
        status = {self.asked[used].question.name: self.answers[used].status for used in self._used(question)}
        own = [name for name in helpers if status[name] in TRIED]
        formed = {name: replace(helpers[name], as_own=True) for name in own if status[name] == "graded"}
        if formed:
            yield Order.FORM, {**helpers, **formed}
        for count in range(1, len(own) + 1):
            for kept in combinations(own, count):
                yield Order.ASKED_FOR, {name: helpers[name] for name in helpers if name not in kept}

    def _ask_with(
        self, session: Session, question: str, helpers: Mapping[str, Substitute], order: Order
    ) -> QuestionAnswers:
        """Ask with these helpers; what never ended before is asked up to there, and not waited for."""
        asked = self.asked[question]
        cases, limit = asked.cases, asked.question.cpu_seconds
        mark = partial(mark_of_call, self.endless.release, question, cases, helpers, order, limit)
        known = self.endless.known.get(mark(), "") if self.endless.known else ""
        if known:
            self.found[mark()] = known
            first = cases_before(cases, known)
            answers = QuestionAnswers("graded")
            if first:
                answers = self._call(session, asked.question, first, helpers)
            return cut_short(answers, cases, known)
        before = session.cpu_seconds
        answers = self._call(session, asked.question, cases, helpers)
        if answers.status == "timed-out" and self._used_up(session, before, self.limits.call_share * limit):
            self.found[mark()] = ended_at(answers)
        return answers

    def _used_up(self, session: Session, before: float, limit: float) -> bool:
        """Return whether a session ended by a limit on one cell, question or call, not by another one."""
        return (
            session.ending == "timed-out"
            and not session.starved
            and session.cpu_seconds - before >= AT_LEAST * limit
        )

    def _call(
        self,
        session: Session,
        question: Question,
        cases: Sequence[Case],
        helpers: Mapping[str, Substitute],
    ) -> QuestionAnswers:
        return session.ask(
            question.name,
            cases,
            helpers,
            parts=len(question.returns),
            cpu_seconds=question.cpu_seconds,
            public=self.shown,
        )

    def _substitutes(self, question: Question) -> dict[str, Substitute]:
        """Return the reference for each function that this one uses and that is missing or wrong.

        Each of them has its final answer by now, so that holding the reference can earn nothing for it.
        """
        wrong = [self.asked[used].question for used in self._used(question.id) if self._is_wrong(used)]
        return {used.name: Substitute(used.parameters, used.reference) for used in wrong}

    def _reordered(self, helpers: Mapping[str, Substitute], question: str) -> dict[str, Substitute]:
        """Return the substitutes with their values in the order of the student's; none if that is ours."""
        used = {self.asked[name].question.name: self.asked[name] for name in self._used(question)}
        found = {}
        for name in helpers:
            answers = self.answers[used[name].question.id]
            if function := as_returned(used[name].question, used[name].cases, answers):
                found[name] = replace(helpers[name], function=function)
        return {**helpers, **found} if found else {}

    def _is_wrong(self, question: str) -> bool:
        return self.share(question, self.answers[question]) < 1.0


def _tested(output: CellOutput, session: Session) -> QuestionAnswers:
    """Return the outcome of an instructor's test cell: it passed if it ran to its end."""
    if not session.alive:
        return QuestionAnswers(session.ending or "died")
    if output.error:
        return QuestionAnswers("raised", exception=output.error.strip().rpartition("\n")[2][:200])
    return QuestionAnswers("graded")
