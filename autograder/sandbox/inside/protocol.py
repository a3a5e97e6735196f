"""The frames between the trusted side and a student's process: plain numbers, texts, and nothing else.

A frame is a prefix of two lengths, a JSON object, and a body of raw little-endian numbers or of text:

    <u32 header length> <u64 body length> <header> <body>

Both lengths are capped before anything is read; the header says which arrays the body holds, and the sum of
their sizes must be the body's length before anything is allocated. Nothing is unpickled or evaluated.

This module is used on both sides of the wall, so it imports nothing of the project.
"""

from __future__ import annotations

import json
import math
import re
import struct
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

NEW, NEW_WITH_SCIPY = b"new", b"new, with SciPy"  # to the interpreter: fork a student's process
READY = b"ready"  # from it: everything is imported
OUT_OF_MEMORY = 9  # exit code of a student's process that lacked the memory to go on
PREFIX = struct.Struct("<IQ")
DTYPES = {"f8": np.dtype("<f8"), "i8": np.dtype("<i8")}
MAX_DIMENSIONS = 8
MAX_ARRAYS = 64
MAX_NUMBERS = 1 << 22  # in one array, an axis of length 0 counted as 1
MAX_TEXT = 300  # characters of an error's own text
MAX_WORD = 64  # characters of a text among arguments, "full" for example

# What the student's process may say about itself, as a number; hints for a person, never a reason for points.
INCIDENTS = (
    "tried to import gmmlib",
    "tried to import the grader",
    "tried to import scikit-learn",
    "tried to open a network socket",
    "tried to start another program",
    "tried to load a C library",
    "tried to read outside its folder",
    "looked at the frames of its callers",
    "tried to read the machine's state under /proc or /sys",
    "asked for the garbage collector's objects",
    "called sys.displayhook, which prints a value as if it were a cell's result",
)

# Why a returned value is not plain numbers, in our words: the student's process only names the entry.
UNUSABLE = {
    "none": "The function returned None. Is a return statement missing?",
    "text": "The function returned text where numbers are expected.",
    "complex": "The function returned complex numbers; real ones are expected.",
    "ragged": "The function returned lists of different lengths, which do not make an array.",
    "object": "The function returned something that is not plain numbers.",
    "mapping": "The function returned a dictionary or a set where an array is expected.",
    "view": "The function returned a view into a dictionary; return list(...) of it, a tuple or an array.",
    "generator": "The function returned a generator; return the array itself.",
    "function": "The function returned a function instead of numbers. Are its parentheses missing?",
    "too-large": "The function returned an array that is far too large.",
    "too-many": "The function returned too many separate values.",
}


class ProtocolError(Exception):
    """A frame that breaks the rules: the other side is not to be talked to any more."""


def pack(header: dict[str, Any], buffers: Sequence[bytes] = ()) -> bytes:
    """One frame as bytes."""
    encoded = json.dumps(header).encode()
    body_length = sum(len(buffer) for buffer in buffers)
    return b"".join((PREFIX.pack(len(encoded), body_length), encoded, *buffers))


def describe(values: Sequence[Any]) -> tuple[list[Any], list[bytes]]:
    """Values as JSON and buffers: an array is a list of dtype and shape, a number or a text is itself."""
    described: list[Any] = []
    buffers: list[bytes] = []
    for value in values:
        if isinstance(value, np.ndarray):
            kind = "i8" if value.dtype.kind in "iub" else "f8"
            described.append([kind, list(value.shape)])
            buffers.append(value.astype(DTYPES[kind]).tobytes())
        else:
            described.append(value.item() if isinstance(value, np.generic) else value)
    return described, buffers


def restore(described: Sequence[Any], body: bytes | bytearray | memoryview) -> list[Any]:
    """The values of `describe`, every array a copy of its own. The sizes have been checked before."""
    values, offset = [], 0
    for item in described:
        if isinstance(item, list):
            dtype, shape = DTYPES[item[0]], tuple(item[1])
            count = math.prod(shape)
            values.append(np.frombuffer(body, dtype, count, offset).reshape(shape).copy())
            offset += count * dtype.itemsize
        else:
            values.append(item)
    return values


def check_described(described: object, body_length: int) -> list[Any]:
    """The description of a frame's values if it is sound and fits the body's length.

    Raises
    ------
    ProtocolError
        If a dtype, a number of dimensions, a shape or the total size is not what the rules allow.
    """
    if type(described) is not list or len(described) > MAX_ARRAYS:
        raise ProtocolError("no list of values")
    total = sum(_size(item) for item in described)
    if total != body_length:
        raise ProtocolError("sizes do not add up")
    return described


def _size(item: object) -> int:
    """Bytes that one described value takes in the body."""
    if type(item) in (int, float) or (type(item) is str and len(item) <= MAX_WORD):
        return 0
    if type(item) is not list or len(item) != 2 or type(item[0]) is not str or item[0] not in DTYPES:
        raise ProtocolError("neither a number, nor a word, nor an array")
    shape = item[1]
    if type(shape) is not list or len(shape) > MAX_DIMENSIONS:
        raise ProtocolError("no shape")
    if any(type(length) is not int or length < 0 for length in shape):
        raise ProtocolError("no shape")
    if math.prod(max(1, length) for length in shape) > MAX_NUMBERS:  # nobody adds up along 2**39 nothings
        raise ProtocolError("no shape")
    return math.prod(shape) * DTYPES[item[0]].itemsize


def parse_header(encoded: bytes) -> dict[str, Any]:
    """The JSON object of a frame.

    Raises
    ------
    ProtocolError
        If it is not UTF-8, not JSON, nested too deeply, or not an object.
    """
    try:
        header = json.loads(encoded.decode())
    except (ValueError, RecursionError) as error:  # includes UnicodeDecodeError and 5,000-digit integers
        raise ProtocolError("no JSON") from error
    if type(header) is not dict:
        raise ProtocolError("no object")
    return header


def read_frame(
    read: Callable[[int], bytes | bytearray], *, header_limit: int, body_limit: int
) -> tuple[dict[str, Any], bytes | bytearray]:
    """The next frame by `read(n)`, which gives exactly n bytes; for a body of text or of described values."""
    header_length, body_length = PREFIX.unpack(read(PREFIX.size))
    if header_length > header_limit or body_length > body_limit:
        raise ProtocolError("a frame beyond the limits")
    header = parse_header(bytes(read(header_length)))
    if "values" in header:
        check_described(header["values"], body_length)
    return header, read(body_length)


# ANSI escape sequences; then control characters except tab and newline, and characters that turn text around.
_ESCAPES = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)?|[@-_]?)")
_CONTROLS = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def clean_text(raw: bytes | bytearray) -> str:
    """Printed bytes as plain text: no escape sequences, no control characters, progress bars at their end."""
    text = _ESCAPES.sub("", raw.decode("utf-8", "replace").replace("\r\n", "\n"))
    lines = (line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
    return _CONTROLS.sub("", "\n".join(lines))
