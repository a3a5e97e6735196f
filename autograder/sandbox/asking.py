"""A question as a frame, and the frames that come back as answers: the trusted side's half of asking.

What comes back is checked before it is used: known words only, plain arrays only, messages in our own words.
"""

from __future__ import annotations

import builtins
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograder.sandbox.inside import protocol
from autograder.sandbox.inside.protocol import ProtocolError
from autograder.sandbox.limits import Limits
from autograder.values import Answer, Case, QuestionAnswers, Substitute

Frame = tuple[dict[str, Any], bytes | bytearray]

KNOWN_ERRORS = {name for name, value in vars(builtins).items() if isinstance(value, type)} | {"LinAlgError"}


class TooManyCallsError(Exception):
    """A question called the trusted side more often than anything that ends."""


def question_frame(
    cases: Sequence[Case], substitutes: Mapping[str, Substitute], parts: int | None, public: bool = False
) -> tuple[dict[str, Any], list[bytes]]:
    """Return all cases of a question in one message, once the process has said that the function is there.

    Where they are `public`, the answers tell what errors say.
    """
    calls, buffers = [], []
    for case in cases:
        described, arrays = protocol.describe(case.arguments)
        size = sum(len(array) for array in arrays)
        calls.append({"arguments": described, "bytes": size, "keywords": dict(case.keywords)})
        buffers += arrays
    names = {name: list(substitute.parameters) for name, substitute in substitutes.items()}
    as_own = [name for name, substitute in substitutes.items() if substitute.as_own]
    header = {"kind": "ask", "cases": calls, "substitutes": names, "as_own": as_own}
    return {**header, "parts": parts, "public": public}, buffers


def answer_from(
    header: Mapping[str, Any], body: bytes | bytearray, lines: int, public: bool = False
) -> Answer:
    """Return one answer, in our words but for the text of an error on `public` inputs.

    `lines` is the length of the notebook's longest cell.

    Raises
    ------
    ProtocolError
        If it is none.
    """
    status = header.get("status")
    if status == "returned":
        values = header.get("values")
        if type(values) is not list or not values or any(type(value) is not list for value in values):
            raise ProtocolError("no arrays")
        return Answer("returned", tuple(protocol.restore(values, body)))
    if status == "unusable":
        reason = header.get("reason")
        known = reason if type(reason) is str and reason in protocol.UNUSABLE else "object"
        return Answer("unusable", message=protocol.UNUSABLE[known])
    if status == "raised":
        line = header.get("line")
        sound = type(line) is int and 0 < line <= lines
        name = error_name(header.get("types"))
        text = _plain_text(header.get("text")) if public else ""
        return Answer("raised", exception=name, line=line if sound else None, message=text)
    if status == "out-of-memory":
        return Answer("out-of-memory")
    raise ProtocolError("no status")


def error_name(names: object) -> str:
    """Return the first of an exception's classes that Python or NumPy defines, never a student's own."""
    for name in names if type(names) is list else ():
        if type(name) is str and name in KNOWN_ERRORS:
            return name
    return "Exception"


def conclude(answers: Mapping[str, Answer]) -> QuestionAnswers:
    """Return a question's answers with its status: the first case's, if none returned anything."""
    first = next(iter(answers.values()), Answer("returned"))
    if any(answer.status in ("returned", "unusable") for answer in answers.values()):
        return QuestionAnswers("graded", answers)
    if first.status == "raised":
        status = "not-written" if first.exception == "NotImplementedError" else "raised"
        return QuestionAnswers(status, answers, first.exception, first.line)  # type: ignore[arg-type]
    return QuestionAnswers("out-of-memory" if first.status == "out-of-memory" else "graded", answers)


class Replies:
    """The trusted side's functions that a question may call: counted, with inputs no larger than its own.

    No axis of an argument may be longer than the longest one among the question's inputs, so that a call back
    cannot cost more than what was asked.
    """

    def __init__(self, substitutes: Mapping[str, Substitute], cases: Sequence[Case], limits: Limits) -> None:
        self.substitutes, self.limits, self.calls = substitutes, limits, 0
        arrays = [a for case in cases for a in case.arguments if isinstance(a, np.ndarray)]
        self.longest = max((length for array in arrays for length in array.shape), default=1)

    def reply(self, header: Mapping[str, Any], body: bytes | bytearray) -> tuple[dict[str, Any], list[bytes]]:
        """Return the result as a frame, or "refused" where the arguments cannot be taken."""
        refused: tuple[dict[str, Any], list[bytes]] = ({"kind": "refused"}, [])
        self.calls += 1
        substitute = self.substitutes.get(str(header.get("name")))
        values = header.get("values")
        if substitute is None or type(values) is not list:
            raise ProtocolError("a call that is not allowed")
        if self.calls > self.limits.callbacks:
            raise TooManyCallsError
        if len(body) > self.limits.callback:
            return refused
        arguments = protocol.restore(values, body)
        shapes = [np.shape(argument) for argument in arguments]
        keywords = names_of(header.get("keywords"), len(arguments))
        if keywords is None or any(length > self.longest for shape in shapes for length in shape):
            return refused
        named = dict(zip(keywords, arguments[len(arguments) - len(keywords) :], strict=True))
        try:
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                result = substitute.function(*arguments[: len(arguments) - len(named)], **named)
        except Exception:
            return refused
        several = isinstance(result, tuple)
        pieces = [_plain(piece) for piece in (result if isinstance(result, tuple) else (result,))]
        described, buffers = protocol.describe(pieces)
        return {"kind": "result", "values": described, "several": several}, buffers


def _plain_text(text: object) -> str:
    """Return what an error says, without control characters and not too long; nothing if it is no text."""
    if type(text) is not str:
        return ""
    return protocol.clean_text(text[: protocol.MAX_TEXT].encode("utf-8", "replace"))


def names_of(keywords: object, most: int) -> list[str] | None:
    """Return names of keyword arguments, or None if they are none."""
    if type(keywords) is not list or len(keywords) > most:
        return None
    sound = all(type(name) is str and len(name) < 64 and name.isidentifier() for name in keywords)
    return keywords if sound and len(set(keywords)) == len(keywords) else None


def _plain(value: object) -> object:
    return value if isinstance(value, int | float | str) else np.asarray(value)
