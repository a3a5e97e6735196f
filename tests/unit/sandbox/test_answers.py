"""What counts as plain numbers."""

from __future__ import annotations

from collections import namedtuple
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from autograder.sandbox.inside.answers import UnusableError, parts_of

LIMIT = 1 << 20


@pytest.mark.parametrize(
    "value",
    [
        [1, 2, 3],
        (1, 2, 3),
        np.array([1, 2, 3], dtype=np.float32),
        np.array([1, 2, 3], dtype=np.longdouble),
        np.array([1, 2, 3], dtype=np.uint8),
        np.array([1, 2, 3], dtype=object),
        [Fraction(1), Decimal(2), 3],
        np.ma.array([1, 2, 3]),
        np.array([1, 2, 3]).view(np.recarray),
        range(1, 4),
        [np.array(1), np.array([2])[0], 3.0],
    ],
)
def test_every_way_to_write_three_numbers_is_accepted(value: object) -> None:
    (part,) = parts_of(value, 1, LIMIT)
    assert type(part) is np.ndarray
    assert part.dtype in (np.float64, np.int64)
    np.testing.assert_array_equal(part, [1, 2, 3])


@pytest.mark.parametrize(
    "value",
    [
        3 + 0j,
        np.array(3 + 0j),
        np.array(3 + 0j, dtype=object),
        3,
        3.0,
        np.float32(3),
        np.int8(3),
        np.array(3.0),
        Fraction(3),
        True + True + True,
    ],
)
def test_a_single_number_is_an_array_without_axes(value: object) -> None:
    (part,) = parts_of(value, 1, LIMIT)
    assert part.shape == ()
    assert part == 3


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "none"),
        ("1.0", "text"),
        (b"1", "text"),
        (["1", "2"], "text"),
        (1j, "complex"),
        (np.full(2, 1 + 1e-12j), "complex"),
        (np.array([1.0, 1j], dtype=object), "complex"),
        ([[1.0], [2.0, 3.0]], "ragged"),
        ({1: 2}, "mapping"),
        ({1, 2}, "mapping"),
        ((x for x in (1, 2)), "generator"),
        (map(float, [1]), "generator"),
        ({"counts": 1.0}.values(), "view"),
        (len, "function"),
        (lambda: 1, "function"),
        (np.float64, "function"),
        (object(), "object"),
        (np.array([None, 1], dtype=object), "none"),
        (np.zeros(2, "i4,f8"), "object"),
        (np.array(["2020-01-01"], dtype="M8[D]"), "object"),
        (np.broadcast_to(1.0, (10**9,)), "too-large"),
        ([np.ones(1 << 17), np.ones(1 << 17)], "too-large"),
    ],
)
def test_what_is_not_plain_numbers_is_refused_with_its_reason(value: object, reason: str) -> None:
    with pytest.raises(UnusableError) as raised:
        parts_of(value, 1, LIMIT)
    assert str(raised.value) == reason


def test_two_expected_parts_come_from_a_tuple_a_list_or_a_named_tuple() -> None:
    pair = namedtuple("pair", "responsibilities log_likelihood")
    for value in ((np.ones((3, 2)), -1.5), [np.ones((3, 2)), -1.5], pair(np.ones((3, 2)), -1.5)):
        first, second = parts_of(value, 2, LIMIT)
        assert first.shape == (3, 2)
        assert second == -1.5


def test_one_expected_part_is_never_taken_apart() -> None:
    (part,) = parts_of(([1.0, 2.0], [3.0, 4.0]), 1, LIMIT)
    assert part.shape == (2, 2)


def test_another_number_of_parts_than_expected_comes_back_as_it_is() -> None:
    assert len(parts_of(np.ones((2, 3)), 2, LIMIT)) == 1
    assert len(parts_of((1.0, 2.0, 3.0), 2, LIMIT)) == 1


def test_an_integer_too_large_for_int64_becomes_a_float() -> None:
    (part,) = parts_of(np.array([2**63], dtype=np.uint64), 1, LIMIT)
    assert part.dtype == np.float64


@pytest.mark.parametrize("wanted", [1, 3, 5])
def test_too_many_or_too_few_values_are_parts_all_the_same(wanted: int) -> None:
    first, second = parts_of((np.ones((3, 2)), np.ones(2)), wanted, LIMIT)
    assert (first.shape, second.shape) == ((3, 2), (2,))
