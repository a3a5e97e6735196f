"""Frames: what goes through unchanged, and that nothing malformed does."""

from __future__ import annotations

import json
import random
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.sandbox.asking import Replies, TooManyCallsError, answer_from, conclude, error_name
from autograder.sandbox.inside import protocol
from autograder.sandbox.inside.protocol import PREFIX, ProtocolError
from autograder.sandbox.limits import Limits
from autograder.values import Answer, Case, Substitute


def read(frame: bytes, header_limit: int = 8192, body_limit: int = 1 << 20) -> tuple[dict, bytes]:
    position = 0

    def take(count: int) -> bytes:
        nonlocal position
        if position + count > len(frame):
            raise EOFError
        position += count
        return frame[position - count : position]

    return protocol.read_frame(take, header_limit=header_limit, body_limit=body_limit)


def framed(header: object, body: bytes = b"") -> bytes:
    encoded = header if isinstance(header, bytes) else json.dumps(header).encode()
    return PREFIX.pack(len(encoded), len(body)) + encoded + body


@given(st.lists(hnp.arrays(np.float64, hnp.array_shapes(min_dims=0, min_side=0, max_side=4)), max_size=4))
def test_arrays_come_out_bit_by_bit_as_they_went_in(arrays: list[np.ndarray]) -> None:
    described, buffers = protocol.describe(arrays)
    header, body = read(protocol.pack({"values": described}, buffers))
    restored = protocol.restore(header["values"], body)
    assert [r.shape for r in restored] == [a.shape for a in arrays]
    assert [r.tobytes() for r in restored] == [a.tobytes() for a in arrays]


def test_numbers_and_integer_arrays_keep_their_kind() -> None:
    described, buffers = protocol.describe([1e-6, 200, np.array([3, -4]), np.float64(0.1), np.array(7)])
    values = protocol.restore(described, b"".join(buffers))
    assert values[0] == 1e-6
    assert values[1] == 200
    assert values[2].dtype == np.int64
    assert values[3] == 0.1
    assert values[4].shape == ()


@pytest.mark.parametrize(
    "header",
    [
        b"[" * 4000,
        b'{"a":' * 700,
        b'{"values": [["f8", [' + b"9" * 3000 + b"]]]}",
        b'{"x": ' + b"9" * 5000 + b"}",
        b"\xff\xfe",
        b"",
        b"null",
        b"[]",
        b'"text"',
        b'{"values": 3}',
        b'{"values": [["f8"]]}',
        b'{"values": [["O", [1]]]}',
        b'{"values": [["f8", [-1]]]}',
        b'{"values": [["f8", [true]]]}',
        b'{"values": [["f8", [1.0]]]}',
        b'{"values": [["f8", [1,1,1,1,1,1,1,1,1]]]}',
        b'{"values": [["f8", [1099511627776]]]}',
        b'{"values": [["f8", [0, 549755813888, 549755813888]]]}',
        b'{"values": [["i8", [8388608, 0]]]}',
        b'{"values": ["' + b"x" * 65 + b'"]}',
        b'{"values": [["f8", [1]]]}',
        b'{"values": [[["f8"], [0]]]}',
        b'{"values": [null]}',
        b'{"values": {}}',
    ],
)
def test_a_malformed_header_is_refused_before_anything_is_allocated(header: bytes) -> None:
    with pytest.raises(ProtocolError):
        read(framed(header))


@pytest.mark.parametrize(("header", "body"), [(8193, 0), (2**32 - 1, 0), (2, 2**20 + 1), (2, 2**64 - 1)])
def test_a_length_beyond_the_limit_is_refused_before_it_is_read(header: int, body: int) -> None:
    with pytest.raises(ProtocolError):
        read(PREFIX.pack(header, body) + b"{}")


def test_random_bytes_are_refused_or_too_short() -> None:
    random.seed(3)
    for _ in range(500):
        with pytest.raises((ProtocolError, EOFError)):
            read(random.randbytes(64))


@pytest.mark.parametrize(
    "header",
    [
        {},
        {"status": "graded"},
        {"status": "returned"},
        {"status": "returned", "values": []},
        {"status": "returned", "values": [3.0]},
        {"status": ["returned"]},
        {"status": None},
    ],
)
def test_an_answer_without_a_known_status_or_arrays_is_refused(header: dict) -> None:
    with pytest.raises(ProtocolError):
        answer_from(header, b"", 9)


def test_messages_about_unusable_values_are_ours() -> None:
    answer = answer_from({"status": "unusable", "reason": "<script>"}, b"", 9)
    assert answer.message == protocol.UNUSABLE["object"]
    answer = answer_from({"status": "unusable", "reason": ["none"]}, b"", 9)
    assert answer.message == protocol.UNUSABLE["object"]


def test_only_names_of_known_exceptions_come_out() -> None:
    assert error_name(["MyError", "ZeroDivisionError", "ArithmeticError"]) == "ZeroDivisionError"
    assert error_name(["3.14159", 7, None, {}]) == "Exception"
    assert error_name("ValueError") == "Exception"


def test_a_line_number_that_is_none_is_left_out() -> None:
    for line in (0, -1, 10, 1.5, True, "7", None):
        assert answer_from({"status": "raised", "types": ["ValueError"], "line": line}, b"", 9).line is None


def test_the_stub_is_told_from_an_error() -> None:
    stub = Answer("raised", exception="NotImplementedError", line=3)
    assert conclude({"a": stub, "b": stub}).status == "not-written"
    error = Answer("raised", exception="KeyError", line=2)
    assert conclude({"a": error}).status == "raised"
    assert conclude({"a": error, "b": Answer("returned", (np.zeros(2),))}).status == "graded"
    assert conclude({"a": Answer("out-of-memory")}).status == "out-of-memory"


def test_control_characters_and_escapes_never_come_out() -> None:
    raw = "a\x1b[31mred\x1b[0m\x1b]0;title\x07b\x00\x07\u202e\x9b1m\tc\nd\ud800".encode(
        "utf-8", "surrogatepass"
    )
    text = protocol.clean_text(raw)
    assert text.startswith("aredb1m\tc\nd")
    assert not any(ord(character) < 32 and character not in "\t\n" for character in text)
    assert not {"\x1b", "\x9b", "\u202e"} & set(text)


def test_a_progress_bar_shows_its_last_state() -> None:
    assert protocol.clean_text(b"  1%\r 50%\r100%\r\ndone\r\n") == "100%\ndone\n"


# --------------------------------------------------------------------------- calls back to the trusted side


def call(replies: Replies, *values: object, name: str = "f", keywords: object = ()) -> dict:
    described, buffers = protocol.describe(values)
    header = {"kind": "call", "name": name, "values": described, "keywords": list(keywords)}
    return replies.reply(header, b"".join(buffers))[0]


def replies_to(function: Callable[..., object], limits: Limits | None = None) -> Replies:
    return Replies(
        {"f": Substitute(("X", "weights"), function)}, [Case("a", (np.zeros((5, 2)),))], limits or Limits()
    )


def test_a_call_back_is_answered_with_positions_and_names() -> None:
    replies = replies_to(lambda X, weights: (X * weights, 2.5))
    answer = call(replies, np.ones((5, 2)), np.array([2.0, 3.0]), keywords=["weights"])
    assert answer["kind"] == "result"
    assert answer["values"] == [["f8", [5, 2]], 2.5]


@pytest.mark.parametrize("values", [(np.zeros(6),), (np.zeros((2, 6)),), ()])
def test_a_call_back_that_is_larger_than_the_question_or_makes_no_sense_is_refused(values: tuple) -> None:
    assert call(replies_to(lambda X: X), *values)["kind"] == "refused"


@pytest.mark.parametrize("keywords", [["a", "a"], ["__class__.x"], [3], ["x"] * 9])
def test_keywords_that_are_no_names_are_refused(keywords: list) -> None:
    assert call(replies_to(lambda *a, **k: 1.0), 1.0, 2.0, keywords=keywords)["kind"] == "refused"


def test_an_error_of_the_trusted_function_stays_on_its_side() -> None:
    def fail(X: object) -> None:
        raise ValueError("the reference says")

    assert call(replies_to(fail), np.zeros(2)) == {"kind": "refused"}


def test_calls_are_counted_and_only_named_functions_answer() -> None:
    replies = replies_to(lambda X: X, Limits(callbacks=2))
    call(replies, 1.0)
    call(replies, 1.0)
    with pytest.raises(TooManyCallsError):
        call(replies, 1.0)
    with pytest.raises(ProtocolError):
        call(replies_to(lambda X: X), 1.0, name="g")
