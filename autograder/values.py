"""The values that travel through the grader: every step takes some of these and gives back others.

path ─ intake ─► Submission ─ execute ─► Execution ─ judge ─► QuestionResult ─ record ─► Result
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Array = NDArray[np.generic]  # float64 or int64, nothing else ever passes the sandbox
Argument = Array | float | int | str  # what a student's function is called with

QuestionStatus = Literal[
    "graded", "not-written", "not-defined", "raised", "timed-out", "out-of-memory", "died"
]
SubmissionStatus = Literal["graded", "unreadable", "missing"]
AnswerStatus = Literal["returned", "unusable", "raised", "timed-out", "out-of-memory", "died", "not-asked"]


# --------------------------------------------------------------------------- what is asked


@dataclass(frozen=True, eq=False)
class Case:
    """One call of a student's function: a name that checks refer to, and the inputs; equal to itself only."""

    name: str
    arguments: tuple[Argument, ...]
    keywords: Mapping[str, float | int] = field(default_factory=dict)
    noisy: bool = False  # digits are lost: two wrong answers are never equal, however alike the mistakes
    answer: tuple[FloatArray | float, ...] | None = None  # the reference's, where drawing has found it


Tolerance = Callable[[Case, FloatArray], FloatArray]  # largest difference allowed from an expected value


@dataclass(frozen=True, eq=False)
class Part:
    """One of the values that a function returns; equal to itself only.

    A random value is never compared with another one; only its properties and its distribution are judged.
    """

    name: str  # "log_likelihood", as in the function's docstring
    shape: str  # in letters, "(n, K)", or in words, "one number"
    tolerance: Tolerance  # how far off it may be
    index_of: str = ""  # what its whole numbers are positions of, such as "components"
    random: bool = False
    at_least: Tolerance | None = None  # of the reference's value, at most the tolerance: quicker told

    @property
    def shape_in_words(self) -> str:
        """What it should look like, such as "of shape (n, K)"."""
        return f"of shape {self.shape}" if self.shape.startswith("(") else self.shape


@dataclass(frozen=True)
class Answer:
    """What came of one call: `parts` holds the returned arrays, one for a single value.

    Anything else that happened is a status: `unusable` means that something was returned which is not plain
    numbers (`message` says what, in words of our own); `raised` has the exception's type and the line, and in
    `message` the error's own text where the inputs are public: it may hold any of them.
    """

    status: AnswerStatus
    parts: tuple[Array, ...] = ()
    exception: str = ""
    line: int | None = None
    message: str = ""


# --------------------------------------------------------------------------- how it is judged


@dataclass(frozen=True)
class Finding:
    """What one check saw in the answers: `score` in [0, 1] is the share of its points that is earned."""

    score: float
    message: str = ""

    @property
    def passed(self) -> bool:
        """Whether all points are earned."""
        return self.score >= 1.0 - 1e-9


@dataclass(frozen=True, eq=False)
class Check:
    """One thing that a right answer has: a pure function from answers to a finding, and its share of points.

    `numeric` checks compare values with the reference; the others (structure, invariance) pay only if at
    least one numeric check of the question passes, so that an answer that ignores its inputs earns little.
    """

    title: str  # the sentence the student sees
    weight: float
    see: str  # label of an equation or section in the book
    cases: tuple[str, ...]  # names of the cases whose answers it reads
    judge: Callable[..., Finding]
    numeric: bool = True


@dataclass(frozen=True, eq=False)
class Misconception:
    """A wrong implementation with a name: when a student's numbers equal its own, that is the diagnosis."""

    name: str
    sentence: str
    see: str
    implementation: Callable[..., object]
    steps: Callable[..., object] | None = None  # the right computation, whose steps are keyword arguments
    changes: Mapping[str, Callable[..., object]] = field(default_factory=dict)  # the steps made differently
    alone: bool = False  # never tried together with another such mistake
    afterwards: Callable[[Mapping[Part, FloatArray]], Mapping[Part, FloatArray]] | None = (
        None  # of right values
    )
    slip: bool = False  # one that any function may have
    about: tuple[str, ...] = ()  # the values of which its sentence speaks: where they differ, it is not named


@dataclass(frozen=True, eq=False)
class Question:
    """A function that students write, with all that is needed to judge it."""

    id: str  # "em.e_step"
    signature: str  # "e_step(X, weights, means, covariances)"
    returns: tuple[Part, ...]  # (RESPONSIBILITIES, LOG_LIKELIHOOD)
    draw: Callable[[np.random.Generator], tuple[Case, ...]]
    reference: Callable[..., object]
    checks: tuple[Check, ...]
    misconceptions: tuple[Misconception, ...] = ()
    uses: tuple[str, ...] = ()  # ids of questions whose functions this one calls
    cpu_seconds: float = 10.0  # for all cases together; one may take half of it
    calls: int = 1  # of other functions that take as long as one of this, of which fewer pairs are tried

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the function's parameters, in order."""
        between = self.signature.partition("(")[2][:-1].split(",")
        return tuple(parameter.partition("=")[0].strip() for parameter in between)

    @property
    def random(self) -> bool:
        """Whether the function draws random numbers: its values are not compared with the reference's."""
        return any(part.random for part in self.returns)

    @cached_property
    def public_cases(self) -> tuple[Case, ...]:
        """The inputs that everybody may see: always the same ones."""
        return self.draw(np.random.default_rng(zlib.crc32(self.id.encode())))

    @property
    def assignment(self) -> str:
        """The assignment, which is the part before the dot."""
        return self.id.partition(".")[0]

    @property
    def name(self) -> str:
        """The function's name, which is the part behind the dot."""
        return self.id.partition(".")[2]


# --------------------------------------------------------------------------- what was handed in


@dataclass(frozen=True)
class Cell:
    """A code cell of the submission that runs, in order; `question` is set on the check cells."""

    index: int
    source: str
    grade_id: str = ""
    question: str = ""


@dataclass(frozen=True)
class Submission:
    """A student's notebook as the grader understood it, with every repair told in a sentence."""

    student: str
    assignment: str
    status: SubmissionStatus
    cells: tuple[Cell, ...] = ()
    points: Mapping[str, float] = field(default_factory=dict)  # of each auto-graded question
    repairs: tuple[str, ...] = ()
    message: str = ""  # for unreadable and missing: file, problem, remedy
    attempt: str = ""  # digest of the bytes, and how often inputs were drawn anew
    to_look: tuple[str, ...] = ()  # questions that wait for a person, unless they are right


# --------------------------------------------------------------------------- a call, to be shown


@dataclass(frozen=True)
class Drawn:
    """What can be drawn of one answer in two dimensions; empty where there is nothing of the kind."""

    owners: tuple[int, ...] = ()  # which component owns each point most
    centres: tuple[tuple[float, float], ...] = ()
    covariances: tuple[tuple[float, float, float], ...] = ()  # of each component: xx, xy, yy


@dataclass(frozen=True)
class Picture:
    """A call on few points in two dimensions: the points, and two answers to be drawn over them."""

    points: tuple[tuple[float, float], ...]
    returned: Drawn
    expected: Drawn


@dataclass(frozen=True)
class WrongCall:
    """A call on public inputs that did not come out right: its inputs, what came back, what should have."""

    case: str
    call: str
    returned: str
    expected: str
    line: int | None = None  # of the student's cell, where the call raised an error
    picture: Picture | None = None


# --------------------------------------------------------------------------- what came of it


@dataclass(frozen=True)
class Asked:
    """A question with the inputs drawn for one attempt of one student."""

    question: Question
    cases: tuple[Case, ...]


@dataclass(frozen=True)
class Substitute:
    """A right function that is called where a wrong one of the student's would be."""

    parameters: tuple[str, ...]
    function: Callable[..., object]
    as_own: bool = False  # whether its values come in the form of the student's


@dataclass(frozen=True)
class QuestionAnswers:
    """The answers to all cases of one question, and how the asking ended."""

    status: QuestionStatus
    answers: Mapping[str, Answer] = field(default_factory=dict)  # by the case's name
    exception: str = ""
    line: int | None = None


@dataclass(frozen=True)
class CellOutput:
    """What a cell printed (cut at the limit), and the error that stopped it, as plain text."""

    index: int
    text: str = ""
    error: str = ""


@dataclass(frozen=True)
class Execution:
    """All that came back from running one submission."""

    answers: Mapping[str, QuestionAnswers]  # by the question's id
    outputs: tuple[CellOutput, ...] = ()
    incidents: tuple[str, ...] = ()
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    starved: bool = False  # ended by the clock with processor time left, before every question had its answer
    endless: Mapping[str, str] = field(default_factory=dict)  # what used up its time, by a mark


UNPAID = "this counts as soon as one check of the values passes"  # said of a form that is right on its own


@dataclass(frozen=True)
class Verdict:
    """The outcome of one check, as students and instructors see it."""

    title: str
    passed: bool
    points: float
    max_points: float
    message: str = ""
    misconception: str | None = None
    see: str = ""


@dataclass(frozen=True)
class Numbers:
    """An array as text, to six digits: JSON has no nan."""

    shape: tuple[int, ...]
    entries: tuple[str, ...]

    @property
    def array(self) -> FloatArray:
        """The array."""
        return np.array([float(entry) for entry in self.entries]).reshape(self.shape)


@dataclass(frozen=True)
class Behaviour:
    """What a wrong function does on the public inputs, short enough to keep and to compare with others'.

    Nothing of it comes from secret inputs, and no student sees it.
    """

    outcomes: tuple[
        str, ...
    ]  # of each value of each call: "right", "wrong", its shape, or how the call ended
    traits: tuple[float, ...]  # a weighted sum of the entries of each wrong value
    case: str = ""  # the smallest call that does not come out right; none if all do
    returned: tuple[Numbers, ...] = ()  # what that call gave, if it is small


@dataclass(frozen=True)
class QuestionResult:
    """The outcome of one question."""

    id: str
    score: float
    max_score: float
    status: QuestionStatus
    checks: tuple[Verdict, ...] = ()
    message: str = ""  # the one reason, where nothing passes
    behaviour: Behaviour | None = None  # of a wrong function
    example: WrongCall | None = None  # on public inputs
    tried: str = ""  # in a sentence, what came of trying it on public inputs, where there is no example

    @property
    def name(self) -> str:
        """The function's name, which is the part behind the dot."""
        return self.id.partition(".")[2]

    @property
    def reason(self) -> str:
        """Why no check passes, in a sentence; empty if one does."""
        if self.message or any(check.passed for check in self.checks):
            return self.message
        return self.recognised.message if self.recognised is not None else ""

    @property
    def recognised(self) -> Verdict | None:
        """The first check that names a misconception."""
        return next((check for check in self.checks if check.misconception), None)


@dataclass(frozen=True)
class Result:
    """The outcome of one submission; a score is always a number."""

    student: str
    assignment: str
    status: SubmissionStatus
    score: float
    max_score: float
    questions: tuple[QuestionResult, ...]
    repairs: tuple[str, ...] = ()
    incidents: tuple[str, ...] = ()
    message: str = ""
    seconds: float = 0.0
    walls: str = ""  # which isolation stood while it ran


@dataclass(frozen=True)
class Recorded:
    """What a grading leaves in the course directory: the result, and enough to tell that nothing changed."""

    attempt: str  # digest of what was handed in; how often inputs were drawn anew
    basis: str  # digest of the release, the questions and the due date
    timestamp: str  # of handing in, as text
    result: Result
    endless: Mapping[str, str] = field(default_factory=dict)  # what used up its time, by a mark


# --------------------------------------------------------------------------- as JSON


def to_json(recorded: Recorded) -> str:
    """Return the record as JSON: each value by its field's name."""
    return json.dumps(recorded, ensure_ascii=False, default=vars)


def from_json(text: str) -> Recorded:
    """Return the record that `to_json` wrote.

    Raises
    ------
    ValueError
        If the text is no such record, or that of a version with other fields.
    """
    values = json.loads(text)
    try:
        return Recorded(**{**values, "result": _result(values["result"])})
    except (TypeError, KeyError) as error:
        raise ValueError(f"no record of a grading: {error}") from error


def _result(values: Mapping[str, Any]) -> Result:
    questions = tuple(_question_result(question) for question in values["questions"])
    lists = {name: tuple(values[name]) for name in ("repairs", "incidents")}
    return Result(**{**values, **lists, "questions": questions})


def _question_result(values: Mapping[str, Any]) -> QuestionResult:
    checks = tuple(Verdict(**check) for check in values["checks"])
    example, behaviour = values.get("example"), values.get("behaviour")
    read = {
        "checks": checks,
        "example": None if example is None else _wrong_call(example),
        "behaviour": None if behaviour is None else _behaviour(behaviour),
    }
    return QuestionResult(**{**values, **read})


def _wrong_call(values: Mapping[str, Any]) -> WrongCall:
    picture = values["picture"]
    if picture is not None:
        answers = {name: _drawn(picture[name]) for name in ("returned", "expected")}
        picture = Picture(points=tuple(map(tuple, picture["points"])), **answers)
    return WrongCall(**{**values, "picture": picture})


def _drawn(values: Mapping[str, Any]) -> Drawn:
    lists = {name: tuple(map(tuple, values[name])) for name in ("centres", "covariances")}
    return Drawn(tuple(values["owners"]), **lists)


def _behaviour(values: Mapping[str, Any]) -> Behaviour:
    lists = {name: tuple(values[name]) for name in ("outcomes", "traits")}
    returned = (Numbers(tuple(part["shape"]), tuple(part["entries"])) for part in values["returned"])
    return Behaviour(**{**values, **lists, "returned": tuple(returned)})


def _with_the_reason(question: QuestionResult) -> list[Verdict]:
    """Return the checks; where none passes, the first one says why before its own words."""
    checks = list(question.checks)
    if checks and question.reason and question.reason not in checks[0].message:
        checks[0] = replace(checks[0], message=f"{question.reason} {checks[0].message}".strip())
    return checks


def entry_of(result: Result) -> dict[str, Any]:
    """Return a submission's entry in the file of `autograder grade --results`."""
    questions = [
        {
            "id": question.id,
            "score": question.score,
            "max_score": question.max_score,
            "status": question.status,
            "checks": [asdict(check) for check in _with_the_reason(question)],
        }
        for question in result.questions
    ]
    return {
        "student": result.student,
        "status": result.status,
        "score": result.score,
        "seconds": result.seconds,
        "repairs": list(result.repairs),
        "incidents": list(result.incidents),
        "message": result.message,
        "questions": questions,
    }
