"""What kept a function from being there, or from running, although its own lines may be right.

The error of the cell that should define it, of a cell above it, or a package that is not there while grading.
Cells are run before any input is drawn, so that what their errors say may be shown.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from autograder.judge.packages import missed, sentence
from autograder.values import Cell, CellOutput, QuestionAnswers, QuestionResult, Submission

ONLY_RELEASED = "While grading, the files released with the notebook lie beside it, and there are no others."
MOST = 200  # characters of an error that are told
MOST_OF_A_NAME = 60  # characters of a name that a student chose
MOST_IN_ALL = 1_500  # characters of a reason, which stands beside each check
# What came into a cell with text from elsewhere: a pattern of the error and the cell, and what to do.
NO_PYTHON = (
    (r"\n(?:<{7} |>{7} )", "The cell has marks of a merge conflict of git in it: keep one version of each."),
    (r"\n[ \t]*```", "Lines with ``` belong to Markdown: take them out of the cell."),
    (r"(?:\n *\d+[:.]?(?: .*)?){3}", "Line numbers came with copied text: take them out of the cell."),
    (
        r"^\w+: .*U\+(?:00A0|200B|FEFF|202F|2009)",
        "It looks like a space, and came with copied text: type the spaces of that line anew.",
    ),
    (
        r"\n.*&(?:lt|gt|amp|quot|#\d+);",
        '&lt; and the like came with text of a web page: type < > & " in their place.',
    ),
    (r"^\w+: .*U\+201[89CDE]", "Python's quotation marks are straight: type them anew."),
    (r"^\w+: .*U\+(?:2212|2013|2014)", "It looks like a minus, and came with copied text: type it anew."),
)
IN_F_STRINGS = (
    f"While grading, Python {sys.version_info.major}.{sys.version_info.minor} runs: before 3.12 an f-string "
    "must not have its own quotation marks inside its braces."
)
NOBODY_ANSWERS = "While grading nobody answers input(): take the value from an argument, or write it down."
OF_PACKAGES = ("NameError", "ModuleNotFoundError", "ImportError", "AttributeError", "TypeError")


@dataclass(frozen=True)
class Causes:
    """The errors of a submission's cells."""

    submission: Submission
    errors: Mapping[int, str]  # by the cell's index

    def told(
        self, result: QuestionResult, public: QuestionAnswers | None, signature: str = ""
    ) -> QuestionResult:
        """Return the result with the cause in its reason, where there is one.

        Parameters
        ----------
        signature : how the function is called
        """
        if result.status == "not-defined":
            return _with_reason(result, self._undefined(result.name))
        if result.status == "raised":
            causes = (
                self._above(result),
                sentence(self._packages(result, public)),
                _of_the_call(result.message, signature),
            )
            if any(causes):
                return _with_reason(result, " ".join(filter(None, (result.message, *causes))))
        return result

    def _undefined(self, name: str) -> str:
        """Why there is no function of this name: its cell, or one before its check cell, did not run."""
        cells = self._before(name)
        of_its_own = [cell for cell in cells if cell.grade_id == name]
        stopped = next((cell for cell in of_its_own if cell.index in self.errors), None)
        if stopped is None:
            return _not_called_so(name, [cell.source for cell in of_its_own])
        error = self.errors[stopped.index]
        what = f"There is no function {name}: its cell stopped with {_short(error)}"
        return " ".join(
            filter(None, (_sentence(what), _remedy(error, stopped.source), sentence(missed([error]))))
        )

    def _above(self, result: QuestionResult) -> str:
        """The error of a cell above, where a name is missing that it should have defined."""
        if "(NameError" not in result.message:
            return ""
        cells = [cell for cell in self._before(result.name) if cell.index in self.errors]
        cells = [cell for cell in cells if not missed([self.errors[cell.index]])]
        if not cells:
            return ""
        error = self.errors[cells[-1].index]
        what = _sentence(f"A cell above it stopped with {_short(error)}")
        return f"{what} {_remedy(error, cells[-1].source)}".strip()

    def _packages(self, result: QuestionResult, public: QuestionAnswers | None) -> Sequence[str]:
        """The packages that an error names, of the question itself or of a cell before it."""
        answers = public.answers.values() if public is not None else ()
        at_call = missed(answer.message for answer in answers if answer.status == "raised")
        if at_call or not any(f"({name}" in result.message for name in OF_PACKAGES):
            return at_call
        return missed(
            self.errors[cell.index] for cell in self._before(result.name) if cell.index in self.errors
        )

    def _before(self, name: str) -> list[Cell]:
        """The cells up to the check cell of a function."""
        cells = self.submission.cells
        check = next((n for n, cell in enumerate(cells) if cell.question.endswith(f".{name}")), len(cells))
        return list(cells[:check])


def causes_of(submission: Submission, outputs: Sequence[CellOutput]) -> Causes:
    """Return the errors that a submission's cells stopped with."""
    return Causes(submission, {output.index: output.error for output in outputs if output.error})


def _with_reason(result: QuestionResult, reason: str) -> QuestionResult:
    """Return the result with another reason, which the first check says too."""
    reason = shorten(reason, MOST_IN_ALL)
    checks = [
        replace(check, message=reason) if number == 0 or check.message == result.message else check
        for number, check in enumerate(result.checks)
    ]
    return replace(result, message=reason, checks=tuple(checks))


def _short(error: str) -> str:
    """An error in a line: its type, its text, and the line of the cell."""
    *frames, last = error.strip().splitlines()
    lines = re.findall(r"^ *<?cell \d+>?, line (\d+)", "\n".join(frames), re.M)
    where = f" in line {lines[0]}" if lines else ""
    name, colon, text = last.partition(":")
    return f"{shorten(name, MOST_OF_A_NAME)}{where}{colon}{text[:MOST].rstrip('.')}"


def _not_called_so(name: str, sources: Sequence[str]) -> str:
    """That nothing of this name is there, and which functions the cell defines."""
    others = [other for source in sources for other in re.findall(r"^(?:async )?def (\w+)", source, re.M)]
    missing = f"There is no function {name} after the cell that should define it"
    text = "\n".join(sources)
    if re.search(rf"^[ \t]+def {re.escape(name)}\b", text, re.M):
        return f"{missing}: there its def is indented, so it belongs to a class or to another function."
    if re.search(rf"^[ \t]*#[# \t]*def {re.escape(name)}\b", text, re.M):
        return f"{missing}: there its def stands behind a #, so it is a comment."
    if not others:
        return f"{missing}. Is it spelled so?"
    is_it = "Is that the one" if len(others) == 1 else "Is it one of these"
    defined = ", ".join(shorten(other, MOST_OF_A_NAME) for other in others[:3])
    return f"{missing}, which defines {defined}. {is_it}? Then call it {name}."


def _remedy(error: str, source: str) -> str:
    """What to do about an error, where Python's own words do not say it."""
    last = error.strip().rpartition("\n")[2]
    if last.startswith("FileNotFoundError"):
        return ONLY_RELEASED
    if not last.startswith(("SyntaxError", "IndentationError")):
        return ""
    if "f-string" in last and sys.version_info < (3, 12):
        return IN_F_STRINGS
    return next((remedy for pattern, remedy in NO_PYTHON if re.search(pattern, f"{last}\n{source}")), "")


def _of_the_call(message: str, signature: str) -> str:
    """What to do about an error that comes of how the function is called, or of whom it asks."""
    if "(EOFError" in message:
        return NOBODY_ANSWERS
    called = signature and "(TypeError)" in message  # in no line of the student's: at the call itself
    return f"It is called as {signature}, its arguments in this order." if called else ""


def shorten(text: str, most: int) -> str:
    """Return a text, or its beginning."""
    return text if len(text) <= most else f"{text[:most]}…"


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."
