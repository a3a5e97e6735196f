"""What `check` found, for people: a small page in a notebook, plain text elsewhere.

Everything that comes from a student's function is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import escape

import numpy as np

from autograder.links import book_url
from autograder.questions.comparing import Seen
from autograder.values import Answer, Array, FloatArray, Question, QuestionResult, Verdict

SMALL = 24                  # entries of an array that is shown whole
FIRST = "The first call that does not come out right"
INDICES = frozenset({"labels", "permutation", "index"})


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

    def _parts(self, values: Mapping[str, FloatArray]) -> Iterable[str]:
        """Each value by name; of a large one the first row that differs."""
        for name, value in values.items():
            expected = self.seen.expected[name]
            misshapen = self.seen.raw.get(name, expected).shape != expected.shape
            if len(self.question.returns) > 1 and self.seen.right(name) and not misshapen:
                yield f"{name}: right"
                continue
            if misshapen:
                yield _named(f"{name} of shape {value.shape}", _whole(name, value))
            elif value.size <= SMALL:
                yield _named(name, _whole(name, value))
            else:
                row = _first_difference(self.seen.raw.get(name, value), expected)
                yield _named(f"{name}[{row}]", _whole(name, value)[row])


def _whole(name: str, value: FloatArray) -> Array:
    """Labels and positions without a decimal point, where they are whole numbers."""
    return value.astype(np.int64) if name in INDICES and np.array_equal(value, np.round(value)) else value


def _first_difference(returned: FloatArray, expected: FloatArray) -> int:
    if returned.shape != expected.shape:
        return 0
    same = np.isclose(returned, expected, rtol=1e-9, atol=0.0,
                      equal_nan=True).reshape(len(expected), -1).all(axis=1)
    return int(np.argmin(same))


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
    def _name(self) -> str:
        return self.question.partition(".")[2] or self.question

    @property
    def headline(self) -> str:
        """The whole in one sentence."""
        if self.result is None:
            return f"{self._name}: {self.problem}"
        if self.result.status == "not-written":
            return self.result.message
        right, total = sum(verdict.passed for verdict in self.result.checks), len(self.result.checks)
        if right == total:
            return f"{self._name} is right: all {total} checks pass."
        if not right:
            return self.result.message or f"{self._name} is not right yet: none of the {total} checks passes."
        return f"{self._name}: {right} of {total} checks pass."

    @property
    def diagnosis(self) -> str:
        """What the mistake looks like, if it has a name."""
        checks = self.result.checks if self.result is not None else ()
        return next((verdict.message for verdict in checks if verdict.misconception is not None), "")

    def __repr__(self) -> str:
        if self.result is None or self.result.status == "not-written":
            return self.headline
        lines = [line for line in (self.headline, self.diagnosis) if line]
        if self._some_right:
            for verdict in self.result.checks:
                lines.append(f"  {_mark(verdict)}  {verdict.title}")
                lines += [f"         {why}" for why in self._why(verdict)]
        if self.example is not None:
            lines += ["", f"{FIRST}: {self.example.seen.case.name}", _indent(self.example.call)]
            lines += ["returned:", _indent(self.example.returned), "expected:",
                      _indent(self.example.expected)]
        lines += [f"Read: {book_url(label)}" for label in self._places()]
        return "\n".join((*lines, *self.notes))

    @property
    def _some_right(self) -> bool:
        return self.result is not None and any(verdict.passed for verdict in self.result.checks)

    def _why(self, verdict: Verdict) -> Iterator[str]:
        """What is wrong, if it says more than the mark, the headline and the diagnosis do."""
        known = ("", self.headline, self.diagnosis)
        plain = self.example is not None and len(self.example.question.returns) == 1
        if not verdict.passed and verdict.message not in known and not (
            plain and verdict.message.endswith((" is wrong", " are wrong"))
        ):
            yield verdict.message

    def _places(self) -> list[str]:
        """Labels of the book to read at, those of the first two failing checks."""
        assert self.result is not None
        return list(dict.fromkeys(v.see for v in self.result.checks if not v.passed))[:2]

    def _repr_html_(self) -> str:
        if self.result is None or self.result.status == "not-written":
            return _box(self._name, "waiting", f"<p><strong>{escape(self.headline)}</strong></p>")
        body = f"<p><strong>{escape(self.headline)}</strong></p>"
        body += f"<p>{escape(self.diagnosis)}</p>" if self.diagnosis else ""
        items = "".join(_item(verdict, self._why(verdict)) for verdict in self.result.checks)
        listed = f"<ul>{items}</ul>"
        folded = f"<details><summary>What was checked</summary>{listed}</details>"
        told = _compared(self.example) if self.example is not None else ""
        body += listed + told if self._some_right and not self else told + folded
        links = ", ".join(_link(place) for place in self._places())
        body += f"<p>Read in the book: {links}</p>" if links else ""
        body += "".join(f"<p>{escape(note)}</p>" for note in self.notes)
        return _box(self._name, "right" if self else "wrong", body)


# --------------------------------------------------------------------------- text and HTML

STYLE = """
.gmm-check { border: 1px solid #767676; border-left-width: 6px; border-radius: 4px; padding: .4em .8em;
  margin: .3em 0; max-width: 60em; color: inherit; background: transparent }
.gmm-check.right { border-left-color: #2e8540 }
.gmm-check.wrong { border-left-color: #c4452d }
.gmm-check ul { list-style: none; padding-left: 0; margin: .3em 0 }
.gmm-check li { margin: .2em 0; display: grid; grid-template-columns: 5.5em 1fr }
.gmm-check p { margin: .3em 0 }
.gmm-check a { color: inherit; text-decoration: underline }
.gmm-check pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: .2em 0 .5em 1em; padding: 0;
  border: 0; color: inherit; background: transparent }
.gmm-check .why { grid-column: 2 }
.gmm-check .mark { font-weight: bold }
"""


def _mark(verdict: Verdict) -> str:
    return "✓ right " if verdict.passed else "✗ not yet" if verdict.points <= 0 else "◐ partly"


def _link(label: str) -> str:
    return f'<a href="{escape(book_url(label), quote=True)}">{escape(label)}</a>'


def _item(verdict: Verdict, reasons: Iterable[str]) -> str:
    why = "".join(f'<span class="why">{escape(reason)}</span>' for reason in reasons)
    mark = f'<span class="mark">{_mark(verdict).strip()}</span>'
    return f"<li>{mark} <span>{escape(verdict.title)}</span>{why}</li>"


def _compared(example: Example) -> str:
    return (
        f"<details open><summary>{FIRST}: {escape(example.seen.case.name)}</summary>"
        f"<pre>{escape(example.call)}</pre><p>Your function returned</p><pre>{escape(example.returned)}</pre>"
        f"<p>Expected</p><pre>{escape(example.expected)}</pre></details>"
    )


def _box(name: str, kind: str, body: str) -> str:
    opening = f'<div class="gmm-check {kind}" role="group" aria-label="Check of {escape(name, quote=True)}">'
    return f"<style>{STYLE}</style>{opening}{body}</div>"


def _indent(text: str) -> str:
    return "\n".join("    " + line for line in text.splitlines())
