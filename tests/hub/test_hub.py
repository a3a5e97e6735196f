"""The guide's way with JupyterHub, as it is written: a real Hub, real accounts, a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.support.guide import steps
from tests.support.hub import GRADER, Campus, addresses, choose, hub_on
from tests.support.hub_people import fetch_and_submit, fetch_feedback, forge, hand_in, make_accounts
from tests.support.machine import Machine

FORGED = "2031-01-01 00:00:00.000000 UTC"


# --------------------------------------------------------------------------- what happens in a browser


def open_server(campus: Campus) -> None:
    assert f"/user/{GRADER}/" in campus.lab("prof", GRADER).url


def everybody_hands_in(campus: Campus) -> None:
    fetch_and_submit(campus, "ada", like="ada")
    hand_in(campus.computer, "ben", like="chen")
    hand_in(campus.computer, "cy", like="lena")
    forge(campus.computer, "cy", "ada", FORGED)


def grade_by_hand(campus: Campus) -> None:
    page = campus.lab("prof", GRADER)
    choose(page, "Formgrader")
    frame = page.frame_locator("iframe")
    way, name = frame.locator(".breadcrumb li"), frame.get_by_role("link", name="em", exact=True)
    frame.get_by_role("link", name="Manual Grading").click()
    expect(way).to_have_text(["Manual Grading"])
    name.click()
    expect(way).to_have_text(["Manual Grading", "em"])
    frame.locator("#main-table").get_by_role("link", name="em", exact=True).click()
    expect(way).to_have_text(["Manual Grading", "em", "em"])
    expect(frame.get_by_text("Submission #1")).to_be_visible()  # the table is complete
    frame.get_by_role("button", name="Show All Names").click()
    frame.get_by_role("link", name="Lovelace, Ada").click()
    expect(frame.locator("#shared-variance")).to_be_visible()
    expect(frame.locator(".extra-credit:not([placeholder])")).to_have_count(0)  # boxes hear what is typed
    with page.expect_response(re.compile("/api/grade/")) as saved:
        frame.locator("#shared-variance").fill("5.5")
        frame.locator("#shared-variance-comment").focus()
    assert (saved.value.request.method, saved.value.status) == ("PUT", 200)


def look_at_the_desk(campus: Campus) -> None:
    page = campus.open("prof", "/services/desk/", "h1")
    expect(page.locator("h1")).to_have_text("Desk of fall")
    page.get_by_role("link", name="em", exact=True).click()
    expect(page.get_by_role("row", name="Ada Lovelace")).to_contain_text("15.5")


HAPPENS = {
    "an instructor opens the course's server": open_server,
    "students fetch, work and submit": everybody_hands_in,
    "an instructor grades a written answer in formgrader": grade_by_hand,
    "an instructor looks at the desk": look_at_the_desk,
    "a student fetches the feedback": lambda campus: fetch_feedback(campus, "ada"),
}


@pytest.fixture(scope="module")
def campus(computer: Machine, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Campus]:
    """The course after all that the guide says, in its order."""
    make_accounts(computer, "ada", "ben", "cy", "dan", "prof", "tina")
    here = addresses()
    with hub_on(computer, tmp_path_factory.mktemp("hub") / "log", here["https://hub.example.org"]) as start:
        campus = Campus(computer, browser, start, HAPPENS, here)
        campus.follow(steps("instructors-hub", before="instructors-hub-group"))
        yield campus
        campus.leave()


def scores(campus: Campus) -> dict[str, str]:
    lines = campus.computer.path("/home/grader-fall/fall/em-csv.csv").read_text("utf-8").splitlines()
    place = {title: number for number, title in enumerate(lines[0].split(","))}
    rows = [line.split(",") for line in lines[1:]]
    return {row[place["student_id"]]: row[place["score"]] for row in rows}


def test_the_walls_stand_for_the_account_that_grades(campus: Campus) -> None:
    (said,) = campus.said["autograder doctor"]
    assert "Ready to grade" in said
    assert "bubblewrap" in said


def test_a_forged_submission_is_left_out_and_the_others_are_taken(campus: Campus) -> None:
    collected = campus.said["autograder collect em --exchange"][0]
    assert f"ada+em+{FORGED}+abcdef: it belongs to the account cy" in collected
    assert scores(campus)["ada"] == "15.5"  # 10 by the machine, 5.5 by a person in formgrader


def test_whoever_is_missing_has_a_blank_in_the_table(campus: Campus) -> None:
    assert scores(campus)["dan"] == ""
    assert sorted(scores(campus)) == ["ada", "ben", "cy", "dan"]


def test_our_feedback_page_reaches_the_student(campus: Campus) -> None:
    (page,) = campus.computer.path("/home/ada/em/feedback").glob("*/em.html")
    assert "em: feedback for" in page.read_text("utf-8")


def test_what_students_get_back_leads_to_the_courses_book(campus: Campus) -> None:
    campus.computer.said("cy", "nbgrader fetch_feedback em")
    (page,) = campus.computer.path("/home/cy/em/feedback").glob("*/em.html")
    assert "https://example.org/gmm/book/em.html" in page.read_text("utf-8")
    assert "localhost" not in page.read_text("utf-8")


def press_in_formgrader(campus: Campus, button: str) -> Locator:
    """Press one of formgrader's buttons in ben's row; return what it says."""
    page = campus.page("prof")
    page.goto(f"{campus.site}/user/grader-fall/formgrader/manage_submissions/em")
    page.wait_for_load_state("networkidle")
    page.locator("tr", has_text="Bitdiddle").locator(f"td.{button} a").click()
    return page.locator(".modal")


def test_formgraders_buttons_grade_behind_the_walls_and_write_our_page(campus: Campus) -> None:
    folder = "/home/grader-fall/fall"
    said = press_in_formgrader(campus, "autograde")
    expect(said).to_contain_text("GradeInSandbox")
    expect(said).to_contain_text("Successfully autograded")
    assert campus.computer.path(f"{folder}/autograded/ben/em/em.ipynb").is_file()
    page = campus.computer.path(f"{folder}/feedback/ben/em/em.html")
    page.unlink()
    expect(press_in_formgrader(campus, "generate-feedback")).to_contain_text(
        "Successfully generated feedback"
    )
    assert "em: feedback for Ben Bitdiddle" in page.read_text("utf-8")


def test_a_student_may_not_open_the_courses_server(campus: Campus) -> None:
    page = campus.page("ben")
    answer = page.goto(f"{campus.site}/user/grader-fall/api/contents")
    assert answer is not None
    assert answer.status in (403, 404)


def test_the_second_grader_works_in_the_same_course(campus: Campus) -> None:
    page = campus.open("tina", f"/user/{GRADER}/formgrader/gradebook/em/em", "text=Submission #1")
    page.get_by_role("button", name="Show All Names").click()
    expect(page.locator("#main-table tr", has_text="Lovelace").locator("td.score")).to_have_text("15.5 / 16")


# --------------------------------------------------------------------------- the desk, a service of the Hub


def asked(campus: Campus, path: str, straight: bool = False, **headers: str) -> tuple[int, str]:
    """Return what no browser is answered: through the Hub's proxy, or straight at the desk's port."""
    host = campus.site.removeprefix("http://")
    where = f"127.0.0.1:{campus.replace['8899']}" if straight else host
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with closing(HTTPConnection(where, timeout=300)) as connection:
        method = "POST" if path.endswith("/grade") else "GET"
        connection.request(method, path, headers={"Host": host, **named})
        response = connection.getresponse()
        return response.status, response.read().decode("utf-8", "replace")


def test_an_instructor_works_at_the_desk_signed_in_by_the_hub(campus: Campus) -> None:
    page = campus.open("tina", "/services/desk/a/em", "#facts")
    page.get_by_text("Grade again after a correction").click()
    page.get_by_role("button", name="Show what would change").click()
    expect(page.locator("#ended")).to_contain_text("No score would change. Nothing was written.")


def test_a_student_is_refused_at_the_desk(campus: Campus) -> None:
    page = campus.page("ben")
    answer = page.goto(f"{campus.site}/services/desk/")
    assert answer is not None
    assert answer.status == 403
    assert "em" not in page.locator("body").inner_text().split()


@pytest.mark.parametrize("straight", [False, True], ids=["through the proxy", "at the desk's port"])
@pytest.mark.parametrize(
    "forged",
    [
        {},
        {"Cookie": "service-desk=2|1:0|10:1700000000|12:service-desk|4:Zm9v|aa; desk=instructor"},
        {"Authorization": "token 0123456789abcdef0123456789abcdef"},
    ],
    ids=["nothing", "a forged cookie", "a forged token"],
)
def test_without_the_hubs_word_there_is_no_desk(
    campus: Campus, forged: dict[str, str], straight: bool
) -> None:
    status, text = asked(campus, "/services/desk/a/em", straight, **forged)
    assert status in (302, 403)
    assert "Lovelace" not in text
    origin = {"Origin": campus.site, "Sec_Fetch_Site": "same-origin"}
    assert asked(campus, "/services/desk/a/em/grade", straight, **forged, **origin)[0] == 403


def test_the_desk_answers_to_the_hubs_name_alone(campus: Campus) -> None:
    assert asked(campus, "/services/desk/", straight=True, Host="evil.example")[0] == 421
