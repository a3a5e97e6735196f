"""What `check` found out about a function; how it is put is `content`, the page of a notebook is `page`."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from autograder.check.content import CheckLine, Content, Kind, Place, as_text
from autograder.check.page import page_of
from autograder.judge.example import Example
from autograder.judge.packages import sentence
from autograder.links import book_url
from autograder.values import QuestionResult, Verdict


@dataclass(frozen=True)
class Report:
    """The outcome of a check; true if everything is right."""

    question: str
    result: QuestionResult | None = None
    example: Example | None = None
    notes: tuple[str, ...] = ()
    problem: str = ""
    printed: str = ""
    absent: tuple[str, ...] = ()  # packages that are not there while grading

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
            notes=self.notes if self or not self.absent else (sentence(self.absent), *self.notes),
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
            but = f" But: {sentence(self.absent)}" if self.absent else ""
            return f"{self.name} is right: all {total} checks pass.{but}"
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
