"""ngshare in the place of the exchange's folder, as the guide sets it up: a service of the Hub."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.support.guide import steps
from tests.support.hub import GRADER, Campus, addresses, hub_on
from tests.support.hub_people import fetch_and_submit, fetch_feedback, make_accounts
from tests.support.machine import Machine

HAPPENS = {
    "the course's server is started": lambda campus: campus.lab("prof", GRADER),
    "students fetch, work and submit": lambda campus: fetch_and_submit(campus, "ada", like="ada"),
    "a student fetches the feedback": lambda campus: fetch_feedback(campus, "ada"),
}


@pytest.fixture(scope="module")
def campus(computer: Machine, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Campus]:
    """The course after the guide's section on ngshare."""
    make_accounts(computer, "ada", "ben", "cy", "prof", "tina")
    here = addresses()
    with hub_on(computer, tmp_path_factory.mktemp("hub") / "log", here["https://hub.example.org"]) as start:
        campus = Campus(computer, browser, start, HAPPENS, here, as_in_lab=True)
        campus.follow(steps("instructors-hub", before="instructors-hub-course"))
        campus.follow(steps("instructors-hub", after="instructors-hub-ngshare"))
        yield campus
        campus.leave()


def test_a_submission_through_ngshare_comes_back_as_our_feedback_page(campus: Campus) -> None:
    (page,) = campus.computer.path("/home/ada/em/feedback").glob("*/em.html")
    own = campus.computer.path(f"/home/{GRADER}/fall/feedback/ada/em/em.html")
    assert page.read_bytes() == own.read_bytes()
    assert "em: feedback for ada" in page.read_text("utf-8")


def test_the_notebook_that_was_graded_is_the_one_that_was_handed_in(campus: Campus) -> None:
    (said,) = campus.said["autograder grade em"]
    assert "ada" in said
    handed_in = campus.computer.path("/home/ada/em/em.ipynb").read_bytes()
    collected = campus.computer.path(f"/home/{GRADER}/fall/submitted/ada/em/em.ipynb").read_bytes()
    assert collected == handed_in
    assert not list(campus.computer.path("/srv").glob("nbgrader/exchange/*"))  # nothing went by the folder
