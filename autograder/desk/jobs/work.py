"""What a job of the desk does, in a process of its own: the functions that the commands call.

It ends with the desk. Whatever it was doing is recorded as a whole or not at all, so that the same job, done
again, goes on.
"""

from __future__ import annotations

import ctypes
import os
import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Literal

from autograder.commands.grade import Options, grade_batch
from autograder.commands.regrade import Change, Regraded, regrade_batch, report_done
from autograder.course.directory import open_course
from autograder.course.errors import CourseError
from autograder.course.people import Known, read_roster
from autograder.insight.look import ended_early, to_judge
from autograder.reports import class_page, feedback, similar_page
from autograder.values import Result

Kind = Literal["grade", "regrade", "preview", "similar"]  # a preview records nothing
MOST = 20  # students that are named at the end
EVERY = 0.4  # seconds between two looks at who is being graded
PR_SET_PDEATHSIG = 1
NICE = 5  # the job gives way to the pages that a person waits for


@dataclass(frozen=True)
class Order:
    """What is to be done."""

    kind: Kind
    root: Path  # of the course
    assignment: str
    students: Sequence[str] = ()  # these instead of all
    new_inputs: bool = False


@dataclass(frozen=True)
class Told:
    """Something to say at the end; `rank` is a word for what a person must look at, or nothing."""

    text: str
    rank: Literal["", "incident", "not graded", "look"] = ""


@dataclass(frozen=True)
class Seen:
    """How far a job is."""

    step: str = "starting"
    total: int = 0
    done: int = 0
    under_way: tuple[str, ...] = ()
    began: float = 0.0  # when the first one was begun, by time.monotonic
    ended: bool = False
    problem: str = ""  # why it ended without having done all
    lines: tuple[Told, ...] = ()  # what there is to say at the end: what matters most comes first
    changes: tuple[Change, ...] = ()  # whose points are others now, or would be
    names: Mapping[str, str] = field(default_factory=dict)  # of those whose points are others

    @property
    def seconds_left(self) -> float | None:
        """How long it still takes, if those that are left take as long as those that are done."""
        if not self.done or self.done >= self.total:
            return None
        return (time.monotonic() - self.began) / self.done * (self.total - self.done)


def perform(order: Order, line: Connection, parent: int) -> None:
    """Do what was ordered; send a `Seen` whenever something changed."""
    os.nice(NICE)
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    watching = _Watching(line)
    try:
        lines, regraded = _done(order, watching)
        known = read_roster(open_course(order.root)).people
        names = {each.student: _name(known, each.student) for each in regraded.changes}
        watching.end(lines=tuple(lines), changes=regraded.changes, names=names)
        if order.kind == "regrade":
            report_done(open_course(order.root), regraded)
    except CourseError as error:
        watching.end(problem=str(error))
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        watching.end(problem=f"{error.strerror or error}{where}. What was recorded so far is kept.")


def _done(order: Order, watching: _Watching) -> tuple[list[Told], Regraded]:
    """Do it; return what there is to say, and what came of grading again, or would come of it."""
    course, assignment = open_course(order.root, order.new_inputs), order.assignment
    if order.kind == "similar":
        watching.step_is("comparing the code")
        similar_page.write(course, assignment)
        class_page.write(course, assignment)  # which leads there now
        return [Told("The page also stands under Results, “Code that is alike”.")], Regraded()
    if course.settings.book:
        os.environ.setdefault("GMM_COURSE_BOOK", course.settings.book)
    options = Options(order.students, workers=os.cpu_count() or 1)
    watching.step_is("grading")
    if order.kind == "grade":
        _, results = grade_batch(course, assignment, options, watching)
        found = Regraded(tuple(results))
    else:
        found = regrade_batch(course, assignment, options, watching, preview=order.kind == "preview")
    if order.kind != "preview":
        watching.step_is("writing the feedback pages")
        feedback.write(course, assignment)
        watching.step_is("writing the class report")
        class_page.write(course, assignment)
        class_page.write_index(course)
    regular = sum(result.status == "graded" for result in found.results)
    said = [Told(f"{regular} of {len(found.results)} submissions have a regular grade.")]
    if order.kind == "grade":
        said += to_look(found.results, read_roster(course).people)
    else:
        said.append(Told(_changed(found.changes, order.kind == "preview")))
    return said, found


def to_look(results: Sequence[Result], people: Mapping[str, Known]) -> list[Told]:
    """Return what a person must look at, what matters most first: so many of each kind, and how many more."""
    kinds: tuple[tuple[Literal["incident", "not graded", "look"], Callable[[Result], Sequence[str]]], ...] = (
        ("incident", lambda result: result.incidents),
        ("not graded", lambda result: [result.message or result.status] * (result.status != "graded")),
        ("look", lambda result: [*ended_early(result), *to_judge(result)]),
    )
    said = []
    for rank, find in kinds:
        found = [(result.student, "; ".join(find(result))) for result in results if find(result)]
        said += [Told(f"{_name(people, student)}: {text}", rank) for student, text in found[:MOST]]
        if len(found) > MOST:
            said.append(Told(f"… and {len(found) - MOST} more: the class report has them all.", rank))
    return said


def _changed(changes: Sequence[Change], preview: bool) -> str:
    """Return how many scores are higher and lower, or would be."""
    higher = sum(change.after > change.before for change in changes)
    verb = "would change" if preview else "changed"
    said = f"{len(changes)} {'score' if len(changes) == 1 else 'scores'} {verb}: {higher} higher, "
    said = f"{said}{len(changes) - higher} lower." if changes else f"No score {verb}."
    return f"{said} Nothing was written." if preview else said


def _name(people: Mapping[str, Known], student: str) -> str:
    """Return a student's name and id."""
    known = people.get(student)
    return f"{known.name} ({student})" if known is not None and known.name not in ("", student) else student


@dataclass
class _Watching:
    """Tells the desk how the batch goes on."""

    line: Connection
    seen: Seen = Seen()
    running: Callable[[], Sequence[str]] = tuple
    stopped: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, total: int, under_way: Callable[[], Sequence[str]]) -> None:
        self.running = under_way
        self._tell(total=total, done=0, began=time.monotonic())
        threading.Thread(target=self._look, daemon=True).start()

    def step(self, name: str) -> None:
        self._tell(done=self.seen.done + 1)

    def close(self) -> None:
        self.stopped.set()
        self._tell(under_way=())

    def step_is(self, step: str) -> None:
        self._tell(step=step)

    def end(self, **last: object) -> None:
        self.stopped.set()
        self._tell(ended=True, under_way=(), **last)

    def _look(self) -> None:
        while not self.stopped.wait(EVERY):
            self._tell(under_way=tuple(self.running()))

    def _tell(self, **changed: object) -> None:
        with self.lock:
            after = Seen(**{**vars(self.seen), **changed})
            if after != self.seen:
                self.seen = after
                self.line.send(after)
