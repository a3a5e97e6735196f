"""What `check` found out about a function, and its text; the page of a notebook is `page`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from autograder.check.asking import Asked
from autograder.judge.seen import Seen, Values
from autograder.links import book_url
from autograder.values import Answer, Array, FloatArray, Part, Question, QuestionResult, Verdict

SMALL = 24  # entries of an array that is shown whole
FIRST = "The first call that does not come out right"


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

    def __bool__(self) -> bool:
        return self.result is not None and self.result.score >= self.result.max_score

    @property
    def name(self) -> str:
        """The function's name."""
        return self.question.partition(".")[2] or self.question

    @property
    def headline(self) -> str:
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

    @property
    def diagnosis(self) -> str:
        """What the mistake looks like, if it has a name."""
        checks = self.result.checks if self.result is not None else ()
        return next((verdict.message for verdict in checks if verdict.misconception is not None), "")

    def __repr__(self) -> str:
        if self.result is None or self.result.status == "not-written":
            return self.headline
        lines = [line for line in (self.headline, self.diagnosis) if line]
        if self.some_right:
            for verdict in self.result.checks:
                lines.append(f"  {mark(verdict):9}  {verdict.title}")
                lines += [f"         {why}" for why in self.reasons(verdict)]
        if self.example is not None:
            lines += ["", f"{FIRST}: {self.example.seen.case.name}", _indent(self.example.call)]
            lines += ["returned:", _indent(self.example.returned)]
            lines += ["expected:", _indent(self.example.expected)]
        lines += [f"Read: {book_url(label)}" for label in self.places()]
        return "\n".join((*lines, *self.notes))

    @property
    def some_right(self) -> bool:
        """Whether any check passes."""
        return self.result is not None and any(verdict.passed for verdict in self.result.checks)

    def reasons(self, verdict: Verdict) -> Iterator[str]:
        """Say what is wrong, if it says more than the mark, the headline and the diagnosis do."""
        known = ("", self.headline, self.diagnosis)
        plain = self.example is not None and len(self.example.question.returns) == 1
        if (
            not verdict.passed
            and verdict.message not in known
            and not (plain and verdict.message.endswith((" is wrong", " are wrong")))
        ):
            yield verdict.message

    def places(self) -> list[str]:
        """Give the labels of the book to read at, those of the first two failing checks."""
        assert self.result is not None
        return list(dict.fromkeys(v.see for v in self.result.checks if not v.passed))[:2]


def mark(verdict: Verdict) -> str:
    """Say in a word, and a sign beside it, how a check went."""
    return "✓ right" if verdict.passed else "✗ not yet" if verdict.points <= 0 else "◐ partly"


def _indent(text: str) -> str:
    return "\n".join("    " + line for line in text.splitlines())
