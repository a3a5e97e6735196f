"""What kept a function from being there, or from running, although its own lines may be right.

The error of the cell that should define it, of a cell above it, or a package that is not there while grading.
Cells are run before any input is drawn, so that what their errors say may be shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from autograder.judge.packages import missed, sentence
from autograder.values import Cell, CellOutput, QuestionAnswers, QuestionResult, Submission

ONLY_RELEASED = "While grading, the files released with the notebook lie beside it, and there are no others."
MOST = 200  # characters of an error that are told
OF_PACKAGES = ("NameError", "ModuleNotFoundError", "ImportError", "AttributeError", "TypeError")


@dataclass(frozen=True)
class Causes:
    """The errors of a submission's cells."""

    submission: Submission
    errors: Mapping[int, str]  # by the cell's index

    def told(self, result: QuestionResult, public: QuestionAnswers | None) -> QuestionResult:
        """Return the result with the cause in its reason, where there is one."""
        if result.status == "not-defined":
            return _with_reason(result, self._undefined(result.name))
        if result.status == "raised":
            causes = (self._above(result), sentence(self._packages(result, public)))
            if any(causes):
                return _with_reason(result, " ".join(filter(None, (result.message, *causes))))
        return result

    def _undefined(self, name: str) -> str:
        """Why there is no function of this name: its cell, or one before its check cell, did not run."""
        cells = self._before(name)
        of_its_own = [cell.index for cell in cells if cell.grade_id == name and cell.index in self.errors]
        index = next(iter(of_its_own), None)
        if index is None:
            return f"There is no function {name} after the cell that should define it. Is it spelled so?"
        error = self.errors[index]
        what = f"There is no function {name}: its cell stopped with {_short(error)}"
        return " ".join(filter(None, (_sentence(what), _remedy(error), sentence(missed([error])))))

    def _above(self, result: QuestionResult) -> str:
        """The error of a cell above, where a name is missing that it should have defined."""
        if "(NameError" not in result.message:
            return ""
        errors = [self.errors[cell.index] for cell in self._before(result.name) if cell.index in self.errors]
        errors = [error for error in errors if not missed([error])]
        if not errors:
            return ""
        return (
            f"{_sentence(f'A cell above it stopped with {_short(errors[-1])}')} {_remedy(errors[-1])}".strip()
        )

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
    checks = [
        replace(check, message=reason) if number == 0 or check.message == result.message else check
        for number, check in enumerate(result.checks)
    ]
    return replace(result, message=reason, checks=tuple(checks))


def _short(error: str) -> str:
    """An error in a line: its type, its text, and the line of the cell."""
    *frames, last = error.strip().splitlines()
    lines = re.findall(r"^ +<?cell \d+>?, line (\d+)", "\n".join(frames), re.M)
    where = f" in line {lines[0]}" if lines else ""
    name, colon, text = last.partition(":")
    return f"{name}{where}{colon}{text[:MOST].rstrip('.')}"


def _remedy(error: str) -> str:
    return ONLY_RELEASED if error.strip().rpartition("\n")[2].startswith("FileNotFoundError") else ""


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."
