"""nbgrader's exchange among real accounts: what students can do there to each other, and two who grade."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from tests.support.guide import Printed, Typed, steps
from tests.support.hub_people import forge, hand_in, make_accounts, work
from tests.support.machine import Machine

EXCHANGE = "/srv/nbgrader/exchange"
FALL = "/srv/courses/fall"
FILES = [step for step in steps("instructors-hub") if isinstance(step, Printed)]
SYSTEM = next(file for file in FILES if file.path.startswith("/etc/jupyter/"))


@dataclass(frozen=True)
class Course:
    """A course after one round through the exchange, and what the commands said."""

    computer: Machine
    forged: str
    collected: str
    results: dict[str, dict[str, object]]


def graded(computer: Machine, account: str) -> dict[str, dict[str, object]]:
    """Grade as one of the two; return the results by student."""
    done = computer.run(account, f"autograder grade em --results ~/{account}.json", FALL)
    assert done.returncode == 0, done.stderr
    content = json.loads(computer.path(f"/home/{account}/{account}.json").read_text(encoding="utf-8"))
    return {result["student"]: result for result in content["results"]}


@pytest.fixture(scope="module")
def course(computer: Machine) -> Course:
    make_accounts(computer, "prof", "tina", "ada", "ben", "eve")
    computer.said("root", f"install --directory --mode=777 {EXCHANGE}")
    computer.write("root", SYSTEM.path, SYSTEM.text)
    shared = steps("instructors-hub", after="instructors-hub-group", before="instructors-hub-ngshare")
    for step in shared:
        assert isinstance(step, Typed)
        computer.said(step.account, step.line)
    computer.said("prof", "nbgrader release_assignment em", FALL)
    for account, like in (("ada", "ada"), ("ben", "chen"), ("eve", "lena")):
        hand_in(computer, account, like)
    forged = forge(computer, "eve", "ada", "2031-01-01 00:00:00.000000 UTC")
    collected = computer.said("prof", "autograder collect em --exchange", FALL)
    results = graded(computer, "prof")
    computer.said("prof", "autograder return em --to exchange", FALL)
    return Course(computer, forged, collected, results)


def test_a_folder_that_claims_to_be_anothers_is_held_back_and_told(course: Course) -> None:
    (note,) = (line for line in course.collected.splitlines() if "held back" in line)
    assert course.forged in note
    assert "belongs to the account eve" in note
    assert course.results["ada"]["score"] == 10.0


def test_whoever_forged_has_a_grade_for_nothing_but_the_own_work(course: Course) -> None:
    assert sorted(course.results) == ["ada", "ben", "eve"]
    assert course.results["eve"]["score"] == 0.0


def test_the_second_grader_reads_what_the_first_one_graded(course: Course) -> None:
    said = course.computer.said("tina", "autograder feedback em && autograder report em", FALL)
    assert "em: 3 pages" in said
    report = course.computer.path(f"{FALL}/report/em.html").read_text(encoding="utf-8")
    assert "Nothing has been graded yet" not in report


def test_a_later_submission_counts_although_a_forged_one_has_a_later_time(course: Course) -> None:
    work(course.computer, "ada", "lena")  # who did little
    course.computer.said("ada", "nbgrader submit em")
    course.computer.said("prof", "autograder collect em --exchange", FALL)
    for account in ("tina", "prof"):  # the second one finds the first one's work done
        assert graded(course.computer, account)["ada"]["score"] == 0.0


@pytest.mark.parametrize("folder", ["inbound", "feedback"])
def test_a_student_cannot_list_what_others_handed_in_or_got_back(course: Course, folder: str) -> None:
    assert course.computer.run("eve", f"ls {EXCHANGE}/fall/{folder}").returncode != 0


def test_a_student_cannot_enter_the_course_or_read_its_seed(course: Course) -> None:
    computer = course.computer
    computer.said("root", "chmod o+rx /srv/courses")  # the course directory is closed itself
    try:
        assert computer.run("eve", f"ls {FALL}").returncode != 0
        assert computer.run("eve", f"cat {FALL}/.autograder/seed").returncode != 0
        assert computer.run("tina", f"test -r {FALL}/.autograder/seed").returncode == 0
    finally:
        computer.said("root", "chmod o-rx /srv/courses")


def test_each_student_fetches_the_own_page_and_no_other(course: Course) -> None:
    for account in ("ben", "eve"):
        course.computer.said(account, "nbgrader fetch_feedback em")
        page = next(iter(course.computer.path(f"/home/{account}/em/feedback").glob("*/em.html")))
        assert f"em: feedback for {account}" in page.read_text(encoding="utf-8")
