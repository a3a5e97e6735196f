"""Receipts: what was handed in and when, signed by the course, so that either side can show it later.

A receipt is a text of lines `name: value`, which a person can read and mail. Its signature is an
HMAC-SHA256 with a key that comes from the course's secret seed: only the course can make one, and only the
course can tell a genuine one. The SHA-256 of each file stands in it, so that the file itself settles a
dispute.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass

from autograder.course.directory import Course
from autograder.course.errors import CourseError
from autograder.course.names import printable
from autograder.course.seed import read_seed

BEGIN, END = "----- receipt -----", "----- end of receipt -----"
PURPOSE = b"autograder receipts"  # so that the key is good for nothing else


@dataclass(frozen=True)
class Receipt:
    """What a course confirms of one attempt."""

    course: str
    assignment: str
    student: str
    attempt: int
    received: str  # "2026-11-28 10:15:30 UTC"; of an archive the time when it was taken in
    files: tuple[tuple[str, str], ...]  # (the name that the student gave, SHA-256 in hexadecimal)
    graded: str  # name of the notebook that will be graded, or why there is none

    @property
    def lines(self) -> tuple[tuple[str, str], ...]:
        """Everything, in the order in which it is written and signed."""
        files = (
            (f"file {number}", f"{digest} {name}") for number, (name, digest) in enumerate(self.files, 1)
        )
        return (
            ("course", self.course),
            ("assignment", self.assignment),
            ("student", self.student),
            ("attempt", str(self.attempt)),
            ("received", self.received),
            *files,
            ("will be graded", self.graded),
        )


def signed(course: Course, receipt: Receipt) -> str:
    """Return a receipt as text, with its signature."""
    lines = [(name, _one_line(value)) for name, value in receipt.lines]
    body = "\n".join(f"{name}: {value}" for name, value in lines)
    return f"{BEGIN}\n{body}\nsignature: {_signature(course, lines)}\n{END}\n"


def read(course: Course, text: str) -> Receipt | None:
    """Return the receipt of a text, or None if this course never signed it.

    White space around a line and whatever stands before and behind the receipt, as in a mail, do not matter.

    Raises
    ------
    CourseError
        If the text is no receipt at all.
    """
    begins = text.find(BEGIN)
    closing = re.compile(rf"^[ \t>]*{END}", re.M).search(text, max(begins, 0))  # a file may be called so
    if begins < 0 or closing is None:
        raise CourseError(f"There is no receipt in it: it begins with {BEGIN!r} and ends with {END!r}.")
    inside = text[begins + len(BEGIN) : closing.start()].strip().splitlines()
    lines = [(name.strip(" >"), value.strip()) for name, _, value in (line.partition(":") for line in inside)]
    lines = [(name, value) for name, value in lines if name or value]
    *told, last = lines or [("", "")]
    if last[0] != "signature" or not hmac.compare_digest(last[1].encode(), _signature(course, told).encode()):
        return None
    return _receipt(told)


def _receipt(told: list[tuple[str, str]]) -> Receipt:
    values = dict(told)
    files = [value.partition(" ") for name, value in told if name.startswith("file ")]
    return Receipt(
        values["course"],
        values["assignment"],
        values["student"],
        int(values["attempt"]),
        values["received"],
        tuple((name, digest) for digest, _, name in files),
        values["will be graded"],
    )


def sha256_of(data: bytes) -> str:
    """Return the digest by which a file is named."""
    return hashlib.sha256(data).hexdigest()


def _one_line(value: str) -> str:
    """Return a value without line ends and surrounding space: a student chooses the names of files."""
    return printable(" ".join(value.split()))


def _signature(course: Course, lines: list[tuple[str, str]]) -> str:
    key = hmac.digest(read_seed(course.seed), PURPOSE, "sha256")
    # Each part after its length, so that no two lists of lines make the same bytes.
    parts = [part.encode() for line in lines for part in line]
    return hmac.digest(key, b"".join(len(part).to_bytes(8, "big") + part for part in parts), "sha256").hex()
