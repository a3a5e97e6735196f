"""nbgrader's exchange among real accounts: what students can do there to each other, and what they cannot."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from tests.support.guide import Printed, steps
from tests.support.hub_people import forge, hand_in, make_accounts, work
from tests.support.machine import Machine

EXCHANGE = "/srv/nbgrader/exchange"
FILES = [step for step in steps("instructors-hub") if isinstance(step, Printed)]
SYSTEM = next(file for file in FILES if file.path.startswith("/etc/jupyter/"))


@dataclass(frozen=True)
class Course:
    """A course after one round through the exchange, and what the commands said."""

    computer: Machine
    forged: str
    collected: str
    results: dict[str, dict[str, object]]


@pytest.fixture(scope="module")
def course(computer: Machine) -> Course:
    make_accounts(computer, "prof", "ada", "ben", "eve")
    computer.said("root", f"install --directory --mode=777 {EXCHANGE}")
    computer.write("root", SYSTEM.path, SYSTEM.text)
    computer.said("prof", "autograder init fall")
    computer.said("prof", "autograder release em && nbgrader release_assignment em", "fall")
    for account, like in (("ada", "ada"), ("ben", "chen"), ("eve", "lena")):
        hand_in(computer, account, like)
    forged = forge(computer, "eve", "ada", "2031-01-01 00:00:00.000000 UTC")
    collected = computer.said("prof", "autograder collect em --exchange", "fall")
    computer.run("prof", "autograder grade em --results em.json", "fall")
    content = json.loads(computer.path("/home/prof/fall/em.json").read_text(encoding="utf-8"))
    computer.said("prof", "autograder return em --to exchange", "fall")
    return Course(computer, forged, collected, {result["student"]: result for result in content["results"]})


def test_a_folder_that_claims_to_be_anothers_is_left_out_and_told(course: Course) -> None:
    (note,) = (line for line in course.collected.splitlines() if "held back" in line)
    assert course.forged in note
    assert "belongs to the account eve" in note
    assert course.results["ada"]["score"] == 10.0


def test_whoever_forged_has_a_grade_for_nothing_but_the_own_work(course: Course) -> None:
    assert sorted(course.results) == ["ada", "ben", "eve"]
    assert course.results["eve"]["score"] == 0.0


def test_a_later_submission_counts_although_a_forged_one_has_a_later_time(course: Course) -> None:
    work(course.computer, "ada", "lena")  # who did little
    course.computer.said("ada", "nbgrader submit em")
    course.computer.said("prof", "autograder collect em --exchange", "fall")
    course.computer.run("prof", "autograder grade em --results em.json", "fall")
    content = json.loads(course.computer.path("/home/prof/fall/em.json").read_text(encoding="utf-8"))
    scores = {result["student"]: result["score"] for result in content["results"]}
    assert scores["ada"] < 10.0


@pytest.mark.parametrize("folder", ["inbound", "feedback"])
def test_a_student_cannot_list_what_others_handed_in_or_got_back(course: Course, folder: str) -> None:
    assert course.computer.run("eve", f"ls {EXCHANGE}/fall/{folder}").returncode != 0


def test_a_student_cannot_enter_the_course_or_read_its_seed(course: Course) -> None:
    assert course.computer.run("eve", "cat /home/prof/fall/.autograder/seed").returncode != 0
    computer = course.computer
    computer.said(
        "prof", "chmod 755 ~"
    )  # a home that others may enter: the course directory is closed itself
    try:
        assert computer.run("eve", "ls /home/prof/fall").returncode != 0
    finally:
        computer.said("prof", "chmod 700 ~")


def test_each_student_fetches_the_own_page_and_no_other(course: Course) -> None:
    for account in ("ada", "ben"):
        course.computer.said(account, "nbgrader fetch_feedback em")
        (page,) = course.computer.path(f"/home/{account}/em/feedback").glob("*/em.html")
        assert f"em: feedback for {account}" in page.read_text(encoding="utf-8")
