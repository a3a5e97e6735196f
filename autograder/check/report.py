"""What `check` found out about a function; how it is put is `content`, the page of a notebook is `page`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from autograder.check.asking import Asked
from autograder.check.content import CheckLine, Content, Kind, Place, WrongCall, as_text
from autograder.check.page import page_of
from autograder.judge.seen import Seen, Values
from autograder.links import book_url
from autograder.values import Answer, Array, FloatArray, Part, Question, QuestionResult, Verdict

SMALL = 24  # entries of an array that is shown whole


@dataclass(frozen=True)
class Example:
    """A call that did not come out right."""

    question: Question
    seen: Seen
    answer: Answer
    error: str = ""

    @property
    def call(self) -> str:
        """The call and its inputs, such as "e_step(X, …) with X of shape (40, 2)"."""
        names = self.question.signature.partition("(")[2].rstrip(")").split(", ")
        inputs = dict(zip(names, self.seen.case.arguments, strict=False)) | dict(self.seen.case.keywords)
        return "\n".join(_named(name.partition("=")[0], value) for name, value in inputs.items())

    @property
    def returned(self) -> str:
        """What came back."""
        if self.answer.status == "raised":
            where = f" in line {self.answer.line} of the cell" if self.answer.line else ""
            return f"{self.answer.exception}{where}" + (f": {self.error}" if self.error else "")
        if self.answer.status != "returned":
            return self.seen.complaints[0]
        if not self.seen.raw:
            return "\n".join(_named("value", part) for part in self.answer.parts)
        return "\n".join(self._parts(self.seen.raw))

    @property
    def expected(self) -> str:
        """What should have come back."""
        return "\n".join(self._parts(self.seen.expected))

    @property
    def content(self) -> WrongCall:
        """The call as text."""
        return WrongCall(self.seen.case.name, self.call, self.returned, self.expected, self.answer.line)

    def _parts(self, values: Values) -> Iterable[str]:
        """Each value by name; of a large one the first row that differs."""
        for part, value in values.items():
            expected, raw = self.seen.expected[part], self.seen.raw.get(part)
            misshapen = raw is not None and raw.shape != expected.shape
            if len(self.question.returns) > 1 and self.seen.right(part) and not misshapen:
                yield f"{part.name}: right"
            elif misshapen:
                yield _named(f"{part.name} of shape {value.shape}", _whole(part, value))
            elif value.size <= SMALL:
                yield _named(part.name, _whole(part, value))
            else:
                row = _first_difference(value if raw is None else raw, expected)
                yield _named(f"{part.name}[{row}]", _whole(part, value)[row])


def first_wrong_call(question: Question, seen: Mapping[str, Seen], asked: Asked) -> Example | None:
    """The first case that is not right, or of the wrong form: the call, what came back, what was expected."""
    if question.random:
        return None
    wrong = [case for case in seen.values() if not all(case.right(part) for part in question.returns)]
    misshapen = [case for case in seen.values() if case.complaints]
    for case in (*wrong, *misshapen):
        name = case.case.name
        return Example(question, case, asked.answers.answers[name], asked.errors.get(name, ""))
    return None


def _whole(part: Part, value: FloatArray) -> Array:
    """Positions without a decimal point, where they are whole numbers."""
    return value.astype(np.int64) if part.index_of and np.array_equal(value, np.round(value)) else value


def _first_difference(returned: FloatArray, expected: FloatArray) -> int:
    if returned.shape != expected.shape:
        return 0
    close = np.isclose(returned, expected, rtol=1e-9, atol=0.0, equal_nan=True)
    return int(np.argmin(close.reshape(len(expected), -1).all(axis=1)))


def _named(name: str, value: object) -> str:
    """A value under its name, the rows of an array below each other."""
    array = np.asarray(value)
    if isinstance(value, str):
        text = repr(value)
    elif array.ndim == 0:
        text = f"{array.item():.10g}"
    elif array.size > SMALL:
        text = f"array of shape {array.shape}"
    else:
        text = np.array2string(
            array, precision=5, suppress_small=True, max_line_width=90, prefix=f"{name} = "
        )
    return f"{name} = {text}".replace("\n\n", "\n")


@dataclass(frozen=True)
class Report:
    """The outcome of a check; true if everything is right."""

    question: str
    result: QuestionResult | None = None
    example: Example | None = None
    notes: tuple[str, ...] = ()
    problem: str = ""
    printed: str = ""

    def __bool__(self) -> bool:
        return self.result is not None and self.result.score >= self.result.max_score

    @property
    def name(self) -> str:
        """The function's name."""
        return self.question.partition(".")[2] or self.question

    @property
    def kind(self) -> Kind:
        """Whether the function was judged."""
        if self.result is None:
            return "problem"
        return "not-written" if self.result.status == "not-written" else "judged"

    def content(self) -> Content:
        """Return all that the report says, as plain values."""
        if self.result is None or self.kind != "judged":
            status = self.result.status if self.result is not None else ""
            return Content(self.name, self.kind, bool(self), status, self._headline())
        checks = self.result.checks
        named = next((verdict for verdict in checks if verdict.misconception is not None), None)
        known = ("", self._headline(), named.message if named is not None else "")
        return Content(
            name=self.name,
            kind=self.kind,
            right=bool(self),
            status=self.result.status,
            headline=self._headline(),
            diagnosis=named.message if named is not None else "",
            misconception=named.misconception if named is not None else None,
            checks=tuple(self._line(verdict, known) for verdict in checks),
            example=self.example.content if self.example is not None else None,
            read=tuple(Place(label, book_url(label)) for label in _places(checks)),
            notes=self.notes,
            printed=self.printed,
        )

    def _headline(self) -> str:
        """The whole in one sentence."""
        if self.result is None:
            return f"{self.name}: {self.problem}"
        if self.result.status == "not-written":
            return self.result.message
        right, total = sum(verdict.passed for verdict in self.result.checks), len(self.result.checks)
        if right == total:
            return f"{self.name} is right: all {total} checks pass."
        if not right:
            return self.result.message or f"{self.name} is not right yet: none of the {total} checks passes."
        return f"{self.name}: {right} of {total} checks pass."

    def _line(self, verdict: Verdict, known: Collection[str]) -> CheckLine:
        """A check, with the reason unless the mark, the headline or the diagnosis says as much."""
        plain = self.example is not None and len(self.example.question.returns) == 1
        tells = verdict.message not in known and not (
            plain and verdict.message.endswith((" is wrong", " are wrong"))
        )
        reasons = (verdict.message,) if tells and not verdict.passed else ()
        return CheckLine(verdict.title, verdict.passed, _mark(verdict), reasons, verdict.misconception)

    def __repr__(self) -> str:
        return as_text(self.content())

    def _repr_html_(self) -> str:
        return page_of(self.content())


def _places(checks: Iterable[Verdict]) -> list[str]:
    """The labels of the book to read at, those of the first two failing checks."""
    return list(dict.fromkeys(verdict.see for verdict in checks if not verdict.passed))[:2]


def _mark(verdict: Verdict) -> str:
    """Say in a word, and a sign beside it, how a check went."""
    return "✓ right" if verdict.passed else "✗ not yet" if verdict.points <= 0 else "◐ partly"
