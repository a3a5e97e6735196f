"""Grades leave as tables that a learning management system takes in and no spreadsheet runs."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from typing import Any
from xml.etree import ElementTree

import pytest

from autograder.course.names import as_written, safe
from autograder.course.people import Key, Known, Roster
from autograder.record.rows import CellScore, Person, Row
from autograder.reports.export import Grades, as_csv, as_spreadsheet, left_out, waiting

ROWS = (
    Row(Person("ada", "Ada", "Lovelace", "ada@example.org", "17"), True, 8.5, 0.5, 10.0),
    Row(Person("=1+1", "@SUM(A1)", '=HYPERLINK("http://x")'), False, 0.0, 0.0, 10.0),
)


def table(format_name: str, **known: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(as_csv(Grades("em", ROWS, **known), format_name))))


FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\tx", "  =1+1", '=HYPERLINK("http://x")')
WIDE = ("\uff1d1+1", "\uff0b1", "\uff0d1", " \uff20SUM(A1)")


@pytest.mark.parametrize("name", [*FORMULAS, *WIDE])
def test_46_a_name_that_is_a_formula_becomes_text(name: str) -> None:
    assert safe(name) == "'" + name
    assert as_written("'" + name) == name


@pytest.mark.parametrize("name", ["Ada;=1+1", 'Ada; ""=1+1;', "Ada\t@SUM(A1)", "Ada\n=1", "Ada;\uff1d1"])
def test_46_nor_is_what_stands_where_another_country_s_spreadsheet_begins_a_cell(name: str) -> None:
    cells = re.split("[;\t\n]", safe(name))
    assert not [cell for cell in cells if cell.strip(' "')[:1] in ("=", "+", "-", "@", "\uff1d") and cell]
    assert as_written(safe(name)) == name


@pytest.mark.parametrize("name", ["Ada", "李", "", "O'Neil", "a=b", "'t Hooft", "x;y", "-"])
def test_a_plain_name_stays_as_it_is(name: str) -> None:
    assert safe(name) == as_written(name) == name


@pytest.mark.parametrize("format_name", ["csv", "canvas", "moodle"])
def test_no_cell_of_any_format_starts_a_formula(format_name: str) -> None:
    for line in table(format_name)[1:]:
        assert not [cell for cell in line if cell[:1] in ("=", "+", "-", "@") and cell != "-"]


def test_the_score_that_counts_is_less_the_late_penalty() -> None:
    header, first, _ = table("csv")
    row = dict(zip(header, first, strict=True))
    assert (row["raw_score"], row["late_submission_penalty"], row["score"]) == ("8.5", "0.5", "8")


def test_canvas_gets_the_points_possible_and_last_name_first() -> None:
    header, possible, first, _ = table("canvas")
    assert header == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "em"]
    assert possible[-1] == "10"
    assert first == ["Lovelace, Ada", "17", "", "", "", "8"]


def test_moodle_gets_its_worksheet_by_the_archives_numbers_and_else_its_grade_import() -> None:
    assert table("moodle")[1] == ["ada", "Ada", "Lovelace", "8"]
    header, *lines = table("moodle", keys={"ada": Key("moodle", "40001", "Ada Lovelace")})
    assert {"Identifier", "Grade", "Last modified (grade)"} <= set(header)  # what its importer asks for
    assert [(line[0], line[4]) for line in lines] == [("Participant 40001", "8")]


def test_who_did_not_hand_in_has_no_grade_in_any_format() -> None:
    keys = {"=1+1": Key("moodle", "40002", "x")}
    assert table("moodle", keys=keys)[1][4] == ""
    assert table("canvas")[-1][-1] == ""
    header, _, absent = table("csv")
    assert dict(zip(header, absent, strict=True))["score"] == ""


def test_canvas_gets_the_title_of_its_own_column() -> None:
    roster = Roster({"ada": Known("ada", canvas_id="55", sis_login_id="al")}, ("em (4711)", "emma (4712)"))
    header, _, first, _ = table("canvas", roster=roster)
    assert header[-1] == "em (4711)"
    assert first[1:4] == ["55", "", "al"]


def test_points_by_hand_that_wait_for_a_second_look_hold_nothing_up() -> None:
    cells = {"a": CellScore(3.0, 6.0, waiting=True, manual=True)}, {"a": CellScore(0.0, 6.0, waiting=True)}
    rows = [Row(Person(name), True, 3, 0, 6, cells=cell) for name, cell in zip("xy", cells, strict=True)]
    assert waiting(rows) == ("y",)


def test_moodles_import_has_no_key_that_somebody_lacks_and_a_dash_for_no_grade() -> None:
    """A line with a blank key would give its grade to the line before."""
    header, *lines = table("moodle")
    assert header == ["Username", "First name", "Last name", "em"]  # one e-mail address is not known
    assert [line[-1] for line in lines] == ["8", "-"]
    people = {
        "ada": Known("ada", username="al1", email="a@example.org"),
        "=1+1": Known("=1+1", username="x2", email="x@example.org"),
    }
    header, *lines = table("moodle", roster=Roster(people))
    assert header[:2] == ["Username", "Email address"]
    assert [line[0] for line in lines] == ["al1", "x2"]


def test_who_is_not_in_moodles_roster_has_no_line_there_and_is_told() -> None:
    roster = Roster({"=1+1": Known("=1+1", username="x2")})
    assert [line[0] for line in table("moodle", roster=roster)[1:]] == ["x2"]
    _, keyless = left_out(Grades("em", ROWS, roster), "moodle")
    assert keyless.startswith("left out")
    assert keyless.endswith(": ada")
    assert len(left_out(Grades("em", ROWS, roster), "csv")) == 1  # who has a blank


def test_the_spreadsheet_has_every_question_and_numbers_as_numbers() -> None:
    cells = {"e_step-check": CellScore(3.25, 4.0), "why": CellScore(0.0, 6.0, waiting=True)}
    row = Row(Person("ada", "Ada", "=1+1"), True, 3.25, 0.0, 10.0, cells=cells)
    absent = Row(Person("ben"), False, 0.0, 0.0, 10.0)
    with zipfile.ZipFile(io.BytesIO(as_spreadsheet(Grades("em", (row, absent))))) as book:
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
        strings = ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
    words = ["".join(part.itertext()) for part in strings]
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    assert not list(sheet.iter(f"{space}f"))  # no formula
    values: list[dict[str, str | float]] = []
    for line in sheet.iter(f"{space}row"):
        found = {}
        for cell in line.iter(f"{space}c"):
            text = "".join(cell.itertext())
            column = str(cell.get("r")).rstrip("0123456789")
            found[column] = words[int(text)] if cell.get("t") == "s" else float(text) if text else ""
        values.append(found)
    titles = {str(title): column for column, title in values[0].items()}
    assert values[1][titles["last_name"]] == "=1+1"
    assert [values[1][titles[name]] for name in ("score", "max_score", "e_step-check")] == [3.25, 10.0, 3.25]
    assert values[1].get(titles["why"], "") == values[2].get(titles["score"], "") == ""
