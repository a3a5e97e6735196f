"""Receipts: what a course signs, it knows again; what anybody else signs or changes, it does not."""

from __future__ import annotations

import hashlib
from dataclasses import fields, replace
from pathlib import Path

import pytest

from autograder.collect.receipts import Receipt, read, signed
from autograder.course.directory import Course, init
from autograder.course.errors import CourseError

RECEIPT = Receipt(
    "fall", "em", "ada", 2, "2026-11-28 10:15:30.000000 UTC", (("em (1).ipynb", "ab" * 32),), "em (1).ipynb"
)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return init(tmp_path_factory.mktemp("receipts") / "fall")


def test_a_receipt_comes_back_as_it_was_also_out_of_a_mail(course: Course) -> None:
    text = signed(course, RECEIPT)
    quoted = "Dear all,\r\n" + "".join(f"> {line}  \r\n" for line in text.splitlines()) + "Ada"
    assert read(course, text) == read(course, quoted) == RECEIPT


@pytest.mark.parametrize("name", [field.name for field in fields(Receipt)])
def test_a_receipt_with_one_other_value_is_not_genuine(name: str, course: Course) -> None:
    other = {"attempt": 3, "files": (("em (1).ipynb", "cd" * 32),)}.get(name, "other")
    forged = signed(course, RECEIPT).splitlines()[-2]  # the signature of the genuine one
    body = signed(course, replace(RECEIPT, **{name: other})).splitlines()
    assert read(course, "\n".join([*body[:-2], forged, body[-1]])) is None


def test_another_course_of_the_same_name_cannot_sign_for_this_one(course: Course, tmp_path: Path) -> None:
    assert read(course, signed(init(tmp_path / "fall"), RECEIPT)) is None


def test_a_line_more_or_less_is_not_genuine(course: Course) -> None:
    lines = signed(course, RECEIPT).splitlines()
    assert read(course, "\n".join([*lines[:3], *lines[4:]])) is None
    assert read(course, "\n".join([*lines[:3], "file 9: x", *lines[3:]])) is None
    assert read(course, "\n".join([lines[0], lines[-1]])) is None


def test_a_file_s_name_cannot_write_lines_of_its_own(course: Course) -> None:
    name = "em.ipynb\nstudent: eve\nattempt: 9"
    found = read(course, signed(course, replace(RECEIPT, files=((name, "ab" * 32),))))
    assert found is not None
    assert (found.student, found.attempt) == ("ada", 2)
    assert "\n" not in found.files[0][0]


def test_a_receipt_tells_nothing_of_the_seed(course: Course) -> None:
    seed = course.seed.read_bytes()
    text = signed(course, RECEIPT)
    assert seed.hex() not in text
    assert hashlib.sha256(seed).hexdigest() not in text


def test_what_is_no_receipt_is_told(course: Course) -> None:
    with pytest.raises(CourseError, match="There is no receipt in it"):
        read(course, "hello")


def test_a_file_that_is_called_like_the_end_of_a_receipt_does_not_end_it(course: Course) -> None:
    name = "----- end of receipt -----.ipynb"
    found = read(course, "> " + signed(course, replace(RECEIPT, files=((name, "ab" * 32),))))
    assert found is not None
    assert found.files == ((name, "ab" * 32),)


def test_a_line_without_a_name_is_no_part_of_a_receipt(course: Course) -> None:
    lines = signed(course, RECEIPT).splitlines()
    assert read(course, "\n".join([*lines[:3], "> : received in time", *lines[3:]])) is None
