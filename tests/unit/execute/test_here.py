"""One value is kept for a process, and what it replaces is closed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from autograder.execute.here import Kept

LOG: list[str] = []


@contextmanager
def value(name: str) -> Iterator[str]:
    LOG.append(f"open {name}")
    yield name
    LOG.append(f"close {name}")


@pytest.fixture(autouse=True)
def _empty_log() -> None:
    LOG.clear()


def test_a_value_is_made_once_for_its_key() -> None:
    kept: Kept[str] = Kept()
    assert [kept.get(1, lambda: value("a")), kept.get(1, lambda: value("b"))] == ["a", "a"]
    assert LOG == ["open a"]
    kept.close()


def test_another_key_closes_the_earlier_value_first() -> None:
    kept: Kept[str] = Kept()
    kept.get(1, lambda: value("a"))
    assert kept.get(2, lambda: value("b")) == "b"
    assert LOG == ["open a", "close a", "open b"]
    kept.close()
    assert LOG[-1] == "close b"


def test_after_a_failure_nothing_is_kept_and_the_next_one_is_made_anew() -> None:
    kept: Kept[str] = Kept()
    kept.get(1, lambda: value("a"))
    with pytest.raises(ZeroDivisionError):
        kept.get(2, lambda: value(str(1 / 0)))
    assert kept.get(1, lambda: value("c")) == "c"
    assert LOG == ["open a", "close a", "open c"]
    kept.close()
