"""Grades leave as tables that a learning management system takes in and no spreadsheet runs."""

from __future__ import annotations

import csv
import io

import pytest

from autograder.record.rows import Person, Row
from autograder.reports.export import as_csv, safe

ROWS = (
    Row(Person("ada", "Ada", "Lovelace", "ada@example.org", "17"), True, 8.5, 0.5, 10.0),
    Row(Person("=1+1", "@SUM(A1)", '=HYPERLINK("http://x")'), False, 0.0, 0.0, 10.0),
)


def table(format_name: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(as_csv("em", ROWS, format_name))))


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "  =1+1", '=HYPERLINK("http://x")'])
def test_46_a_name_that_is_a_formula_becomes_text(name: str) -> None:
    assert safe(name) == "'" + name


@pytest.mark.parametrize("name", ["Ada", "李", "", "O'Neil", "a=b"])
def test_a_plain_name_stays_as_it_is(name: str) -> None:
    assert safe(name) == name


@pytest.mark.parametrize("format_name", ["csv", "canvas", "moodle", "gradescope"])
def test_no_cell_of_any_format_starts_a_formula(format_name: str) -> None:
    for line in table(format_name)[1:]:
        assert not [cell for cell in line if cell[:1] in ("=", "+", "-", "@")]


def test_the_score_that_counts_is_less_the_late_penalty() -> None:
    header, first, _ = table("csv")
    row = dict(zip(header, first, strict=True))
    assert (row["raw_score"], row["late_submission_penalty"], row["score"]) == ("8.5", "0.5", "8")


def test_canvas_gets_the_points_possible_and_last_name_first() -> None:
    header, possible, first, _ = table("canvas")
    assert header == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "em"]
    assert possible[-1] == "10"
    assert first == ["Lovelace, Ada", "17", "ada", "ada", "", "8"]


def test_moodle_finds_users_by_name_and_gradescope_by_number() -> None:
    assert table("moodle")[1] == ["ada", "Ada", "Lovelace", "ada@example.org", "8"]
    assert table("gradescope")[1] == ["Ada", "Lovelace", "ada", "ada@example.org", "8", "10"]
