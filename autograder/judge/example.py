"""The first call that does not come out right, on public inputs: as text, and as numbers to draw.

Whatever is made here shows inputs and answers: never call it with what came of secret inputs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from autograder.judge.seen import Seen, Values
from autograder.values import (
    Answer,
    Argument,
    Array,
    Drawn,
    FloatArray,
    Part,
    Picture,
    Question,
    QuestionAnswers,
    WrongCall,
)

SMALL = 24  # entries of an array that is shown whole
POINTS, COMPONENTS = 80, 6  # that a picture can show, at most
CENTRES = ("means", "centroids", "chosen")  # names of what lies among the points


def first_wrong_call(
    question: Question, seen: Mapping[str, Seen], answers: QuestionAnswers
) -> Example | None:
    """The first case that is not right, or of the wrong form: the call, what came back, what was expected.

    Draws of random functions are never compared: of these it is the first that gave none, or a misshapen one.
    """
    right = [] if question.random else [c for c in seen.values() if not all(map(c.right, question.returns))]
    misshapen = [case for case in seen.values() if case.complaints]
    for case in (*right, *misshapen):
        answer = answers.answers.get(case.case.name)
        return Example(question, case, answer) if answer is not None else None
    return None


@dataclass(frozen=True)
class Example:
    """A call that did not come out right."""

    question: Question
    seen: Seen
    answer: Answer

    @property
    def inputs(self) -> dict[str, Argument]:
        """The arguments of the call, by name."""
        names = self.question.signature.partition("(")[2].rstrip(")").split(", ")
        inputs = dict(zip(names, self.seen.case.arguments, strict=False)) | dict(self.seen.case.keywords)
        return {name.partition("=")[0]: value for name, value in inputs.items()}

    @property
    def call(self) -> str:
        """The inputs, such as "X = array of shape (40, 2)", each on a line."""
        return "\n".join(_named(name, value) for name, value in self.inputs.items())

    @property
    def returned(self) -> str:
        """What came back."""
        if self.answer.status == "raised":
            where = f" in line {self.answer.line} of the cell" if self.answer.line else ""
            text = f": {self.answer.message}" if self.answer.message else ""
            return f"{self.answer.exception}{where}{text}"
        if self.answer.status != "returned":
            return self.seen.complaints[0]
        if not self.seen.raw:
            return "\n".join(_named("value", part) for part in self.answer.parts)
        return "\n".join(self._parts(self.seen.raw))

    @property
    def expected(self) -> str:
        """What should have come back."""
        if self.question.random:
            return "\n".join(f"{part.name} {part.shape_in_words}" for part in self.question.returns)
        return "\n".join(self._parts(self.seen.expected))

    @property
    def content(self) -> WrongCall:
        """The call as text, and its picture if it can be drawn."""
        case = self.seen.case.name
        return WrongCall(case, self.call, self.returned, self.expected, self.answer.line, self.picture)

    @property
    def picture(self) -> Picture | None:
        """What can be drawn, where there are few points in two dimensions and something to see among them."""
        X = np.asarray(self.inputs.get("X", ()))
        if self.question.random or X.ndim != 2 or X.shape[1] != 2 or not 0 < len(X) <= POINTS:
            return None
        if not np.isfinite(X).all() or self.answer.status != "returned":
            return None
        returned, expected = (_drawn(values, self.inputs, len(X)) for values in self._both())
        if expected is None or returned is None or returned == expected:
            return None
        return Picture(_pairs(X), returned, expected)

    def _both(self) -> tuple[Values, Values]:
        """What came back, as far as it has the right shapes, and what should have."""
        fitting = {
            part: value
            for part, value in self.seen.returned.items()
            if np.isfinite(value).all() and value.shape == self.seen.expected[part].shape
        }
        return fitting, self.seen.expected

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


# --------------------------------------------------------------------------- as text


def _whole(part: Part, value: FloatArray) -> Array:
    """Positions without a decimal point, where they are whole numbers; infinite ones are none."""
    whole = bool((np.abs(value) < 2.0**53).all()) and np.array_equal(value, np.round(value))
    return value.astype(np.int64) if part.index_of and whole else value


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


# --------------------------------------------------------------------------- as numbers to draw


def _drawn(values: Values, inputs: Mapping[str, Argument], n: int) -> Drawn | None:
    """What of an answer can be drawn among n points, with what the inputs say; None if nothing can."""
    answers = {part.name: value for part, value in values.items()}
    known = {**{name: np.asarray(value) for name, value in inputs.items()}, **answers}
    centres = next((known[name] for name in CENTRES if name in known), np.empty((0, 2)))
    covariances = known.get("covariances", np.empty((0, 2, 2)))
    if centres.ndim != 2 or centres.shape[1] != 2 or len(centres) > COMPONENTS:
        return None
    if covariances.shape != (len(centres), 2, 2):
        covariances = np.empty((0, 2, 2))
    drawable = {*CENTRES, "covariances", "labels", "responsibilities"} & answers.keys()
    if not drawable:
        return None
    return Drawn(
        _owners(known, n),
        _pairs(centres),
        tuple((_plain(S[0, 0]), _plain(S[0, 1]), _plain(S[1, 1])) for S in covariances),
    )


def _owners(known: Mapping[str, Array], n: int) -> tuple[int, ...]:
    """Which component owns each point most."""
    owners = known["labels"] if "labels" in known else np.empty(0)
    if "responsibilities" in known and known["responsibilities"].ndim == 2:
        owners = known["responsibilities"].argmax(axis=1)
    if owners.shape != (n,) or not np.isin(owners, range(COMPONENTS)).all():
        return ()
    return tuple(int(owner) for owner in owners)


def _pairs(rows: Array) -> tuple[tuple[float, float], ...]:
    return tuple((_plain(row[0]), _plain(row[1])) for row in rows)


def _plain(value: float) -> float:
    """Five digits are enough to draw by; the largest numbers would become infinite by rounding."""
    rounded = float(f"{float(value):.5g}")
    return rounded if np.isfinite(rounded) else float(value)
