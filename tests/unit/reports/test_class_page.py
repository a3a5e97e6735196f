"""Every number of the class page, against the script of a made class and Python's own statistics."""

from __future__ import annotations

import re
import statistics
from dataclasses import replace

import pytest

from autograder.insight.everybody import Everybody
from autograder.record.rows import Person
from autograder.reports.class_page import class_page
from tests.support.class_pages import page_of, read
from tests.support.made_class import KINDS, RELEASE, entry, everybody

COUNTS = {
    "right": 8,
    "unweighted": 3,
    "alike": 2,
    "alone": 2,
    "waiting": 4,
    "looping": 2,
    "empty": 1,
    "unreadable": 1,
}
FINAL = {
    "right": 16,
    "unweighted": 10,
    "alike": 10,
    "alone": 9,
    "waiting": 7,
    "looping": 8,
    "empty": 0,
    "unreadable": 0,
}
CODE_POINTS = {**FINAL, "right": 10, "unweighted": 7, "alike": 7}
CLASS = everybody(missing=5, **COUNTS)
PAGE = page_of(CLASS)
READ = read(PAGE)
GRADED = [kind for kind, count in COUNTS.items() for _ in range(count)]


def test_the_facts_are_those_of_the_script() -> None:
    finals = [FINAL[kind] for kind in GRADED]
    assert READ.facts == {
        "Handed in": "23",
        "Missing": "5",
        "Not readable": "1",
        "Points to have": "16",
        "Mean so far": f"{round(statistics.fmean(finals), 2):g}",
        "Median": f"{statistics.median(finals):g}",
        "Written answers to grade": "4",
    }


def test_the_sections_stand_in_the_order_in_which_they_are_wanted() -> None:
    order = re.findall(r'<section id="([\w-]+)"', PAGE)
    assert order == [
        "missing", "lecture", "alike", "questions", "checks", "by-hand", "scores", "look", "students"
    ]  # fmt: skip


def test_who_is_missing_is_named_first_and_can_be_written_to() -> None:
    said = READ.sections["missing"]
    assert "5 students handed in nothing." in said
    assert all(f"Missing Number {number}" in said for number in range(5))
    assert "unreadable0000: The file is cut off." in said
    (address,) = re.findall(r'href="mailto:\?bcc=([^"]+)"', PAGE)
    assert address.split(",") == [f"missing{number}@example.org" for number in range(5)]


def test_who_waits_for_a_grade_is_named_with_what_to_type() -> None:
    page = class_page(RELEASE, replace(CLASS, waiting=("late<r>",)))
    assert "Handed in and not graded yet: late<r>. Type autograder grade em" in read(page).sections["missing"]
    assert "<r>" not in page
    assert read(page).facts["Handed in"] == "24"


def test_misconceptions_have_their_share_their_place_in_the_book_and_links_to_feedback() -> None:
    said = READ.sections["lecture"]
    assert "What 22 submissions show" in said
    assert "The mixing weights are missing." in said
    assert "3 of 22, in e_step; in the book em: e step" in said
    lecture = PAGE[PAGE.index('id="lecture"') : PAGE.index('id="alike"')]
    assert re.findall(r'href="(\.\./feedback/[^"]+)"', lecture) == [
        f"../feedback/unweighted{number:04}/em/em.html" for number in range(3)
    ]


def test_answers_alike_have_their_students_call_code_and_command() -> None:
    said = READ.sections["alike"]
    assert re.findall(r"(\d+) students?", said)[:2] == ["3", "2"]
    assert "2 wrong answers like nobody else's." in said
    assert 'autograder comment em e_step --like alike0000 "…"' in said
    assert "-1.25" in said
    assert "return densities / total, total < 1" in said


def test_the_questions_have_the_numbers_of_the_script() -> None:
    rows = READ.tables["Students by how far they came, in the order of the notebook"]
    points = {
        "right": (4, 4, 2), "unweighted": (1, 4, 2), "alike": (1, 4, 2), "alone": (3, 4, 2),
        "waiting": (4, 1, 2), "looping": (4, 4, 0), "empty": (0, 0, 0),
    }  # fmt: skip
    table = [points[kind] for kind in GRADED if kind != "unreadable"]
    endings = {"e_step": [14, 7, 0, 0, 0, 1], "m_step": [17, 4, 0, 0, 0, 1], "fit": [19, 0, 0, 2, 0, 1]}
    for column, (name, top) in enumerate((("e_step", 4), ("m_step", 4), ("fit", 2))):
        own = [row[column] for row in table]
        rest = [sum(row) - row[column] for row in table]
        ease, correlation = statistics.fmean(own) / top, statistics.correlation(own, rest)
        numbers = [str(count) for count in endings[name]]
        assert rows[1 + column] == [name, "", *numbers, f"{100 * ease:.0f} %", f"{correlation:.2f}"]


def test_checks_missed_by_the_same_students_are_one_line() -> None:
    rows = READ.tables["Checks missed, of those who wrote the function"][1:]
    assert [(row[0], row[2]) for row in rows] == [
        ("e_step", "7 of 21"), ("e_step", "5 of 21"), ("m_step", "4 of 21"), ("fit", "2 of 21")
    ]  # fmt: skip
    assert rows[2][1].startswith("Means are right.")
    assert rows[2][1].endswith("and 1 other check by the same studentsWeights are right.")


def test_the_distribution_leaves_out_what_waits() -> None:
    (words,) = re.findall(r'aria-label="(Submissions by points[^"]+)"', PAGE)
    points = [CODE_POINTS[kind] for kind in GRADED]
    counted = {int(low): int(count) for count, low in re.findall(r"(\d+) from (\d+) to", words)}
    expected = {low: sum(min(int(p), 9) == low for p in points) for low in range(10)}
    assert counted == {low: count for low, count in expected.items() if count}
    assert "of 10." in READ.sections["scores"]


def test_written_answers_that_wait_are_counted_by_question() -> None:
    assert "shared-variance: 4 of 23 wait" in READ.sections["by-hand"]


def test_places_to_look_name_the_students() -> None:
    assert READ.tables["Functions that did not come to their end"][1:] == [
        [f"looping{number:04}", "fit timed out"] for number in range(2)
    ]
    assert len(READ.tables["What code tried; it never changes points"]) == 3
    repairs = READ.tables["Put right before grading; the submissions themselves are unchanged"]
    assert repairs[1:] == [["empty0000", "restored a check cell"]]


def test_every_student_has_a_row_with_every_score() -> None:
    rows = READ.tables["Scores of 16 points, by student and question"]
    assert rows[0] == ["Student", "Score", "e_step", "m_step", "fit", "shared-variance", "To know"]
    assert len(rows) == 24
    by_name = {row[0]: row[1:] for row in rows[1:]}
    assert by_name["unweighted0001"] == ["10", "1", "4", "2", "3", ""]
    assert by_name["waiting0000"] == ["7", "4", "1", "2", "–", "to grade by hand"]
    assert by_name["looping0001"] == ["8", "4", "4", "0", "0", "timed out incident"]
    assert by_name["unreadable0000"][-1] == "unreadable"


@pytest.mark.parametrize("nobody", [Everybody("em"), Everybody("em", missing=(Person("ada"),))])
def test_a_class_without_grades_says_so_and_who_is_missing(nobody: Everybody) -> None:
    said = read(class_page(RELEASE, nobody))
    assert "Nothing has been graded yet." in said.sections[""]
    assert ("ada" in said.sections["missing"]) == bool(nobody.missing)


def test_a_name_is_never_a_part_of_the_page() -> None:
    evil = entry("<img src=x>", KINDS["alike"], 1.0)
    page = page_of(Everybody("em", (evil, *everybody(alike=2).graded), (), (Person("<b>", email='"><i>'),)))
    assert not re.search(r"<(img|b|i)[ >]", page)


def test_only_the_pages_own_script_may_run() -> None:
    import base64
    import hashlib

    (script,) = re.findall(r"<script>(.*?)</script>", PAGE, re.S)
    (allowed,) = re.findall(r"script-src 'sha256-([^']+)'", PAGE)
    assert base64.b64decode(allowed) == hashlib.sha256(script.encode()).digest()


def test_a_written_answer_stands_among_the_questions_with_what_still_waits() -> None:
    row = re.search(r"<tr><th scope=\"row\"><code>shared-variance</code>.*?</tr>", PAGE)
    assert row is not None
    assert "by hand; 4 wait" in row[0]
    # right: 8, partly: unweighted and alike; 0 points: alone, looping, empty; of those who were graded
    assert re.findall(r'<td class="number">(\d+)</td>', row[0]) == ["8", "5", "5", "0", "0", "0"]


def test_names_lead_to_formgrader_where_the_course_says_where_it_is() -> None:
    there = "https://hub.example.org/user/grader-fall/formgrader"
    page = class_page(RELEASE, CLASS, formgrader=there)
    assert page.count(f'href="{there}/manage_students/right0000/em"') == 1
    assert "manage_students" not in PAGE
