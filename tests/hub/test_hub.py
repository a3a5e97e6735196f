"""The guide's way with JupyterHub, as it is written: a real Hub, real accounts, a real browser."""

from __future__ import annotations

import re
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.guide import Printed, Step, Typed, steps
from tests.support.hub_people import forge, hand_in, make_accounts, work
from tests.support.machine import Machine
from tests.support.watch import PATIENCE

HUB_SETTINGS = "/etc/jupyterhub/jupyterhub_config.py"
PASSWORD = "correct horse battery"
PROXY = "/opt/proxy/node_modules/.bin/configurable-http-proxy"
#: What the guide leaves to the place: how people sign in; and ports that nothing else uses.
HERE = """\
load_subconfig("{settings}")
c.JupyterHub.bind_url = "http://127.0.0.1:{ports[0]}"
c.JupyterHub.hub_port = {ports[1]}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{ports[2]}"
c.ConfigurableHTTPProxy.command = ["/opt/proxy/bin/node", "{proxy}"]
c.JupyterHub.authenticator_class = "shared-password"
c.SharedPasswordAuthenticator.user_password = "{password}"
c.Spawner.start_timeout = c.Spawner.http_timeout = 300
"""
#: Lines that tests/support/hub_environment.py stands for: it installs the same packages from lock files.
INSTALLED = {
    "git clone https://example.org/gmm-course.git /opt/gmm-course",
    "/opt/gmm-course/tools/system-packages course",
    "python3 -m venv /opt/jupyterhub",
    "/opt/jupyterhub/bin/pip install jupyterhub jupyterlab '/opt/gmm-course[grade]'",
    "npm install --global configurable-http-proxy",
}


@dataclass
class Class:
    """The course on the Hub, while the guide is followed."""

    computer: Machine
    browser: Browser
    site: str = ""
    said: dict[str, list[str]] = field(default_factory=dict)  # by the line that was typed
    forged: str = ""
    pages: dict[str, Page] = field(default_factory=dict)

    def page(self, account: str) -> Page:
        """Return somebody's browser, signed in at the Hub."""
        if account not in self.pages:
            context = self.browser.new_context(viewport={"width": 1280, "height": 900})
            context.set_default_timeout(PATIENCE)
            page = self.pages[account] = context.new_page()
            page.goto(f"{self.site}/hub/login?next=%2Fhub%2Fhome")
            page.get_by_label("Username").fill(account)
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Sign in").click()
            page.wait_for_url("**/hub/home")
        return self.pages[account]

    def lab(self, account: str, owner: str = "") -> Page:
        """Open JupyterLab of somebody, or of another whose server they may use."""
        page = self.page(account)
        page.goto(f"{self.site}/hub/spawn/{owner or account}")
        menu, authorize = page.locator("#jp-MainMenu"), page.get_by_role("button", name="Authorize")
        expect(menu.or_(authorize).first).to_be_visible()
        if authorize.is_visible():
            authorize.click()
        expect(menu).to_be_visible()
        return page


def choose(page: Page, entry: str) -> None:
    """Choose an entry of JupyterLab's menu Nbgrader."""
    page.locator(".lm-MenuBar-itemLabel", has_text="Nbgrader").click()
    page.locator(".lm-Menu-itemLabel", has_text=re.compile(f"^{entry}$")).click()


# --------------------------------------------------------------------------- what happens in a browser


def open_server(group: Class) -> None:
    page = group.lab("prof", "grader-fall")
    assert "/user/grader-fall/" in page.url


def fetch_work_submit(group: Class) -> None:
    page = group.lab("ada")
    choose(page, "Assignment List")
    page.get_by_role("button", name="Fetch", exact=True).click()
    expect(page.get_by_role("button", name="Submit")).to_be_visible()
    work(group.computer, "ada", "ada")
    page.get_by_role("button", name="Submit").click()
    expect(page.locator("body")).to_contain_text("Fetch Feedback")
    hand_in(group.computer, "ben", "chen")
    hand_in(group.computer, "cy", "lena")
    group.forged = forge(group.computer, "cy", "ada", "2031-01-01 00:00:00.000000 UTC")


def grade_by_hand(group: Class) -> None:
    page = group.lab("prof", "grader-fall")
    choose(page, "Formgrader")
    frame = page.frame_locator("iframe")
    frame.get_by_role("link", name="Manual Grading").click()
    frame.get_by_role("link", name="em", exact=True).click()
    frame.get_by_role("link", name="em", exact=True).last.click()
    frame.get_by_role("button", name="Show All Names").click()
    frame.get_by_role("link", name="Lovelace, Ada").click()
    with page.expect_response(lambda response: response.request.method == "PUT") as saved:
        frame.locator("#shared-variance").fill("5.5")
        frame.locator("#shared-variance-comment").focus()
    assert saved.value.ok


def fetch_feedback(group: Class) -> None:
    page = group.lab("ada")
    choose(page, "Assignment List")
    page.get_by_text("Fetch Feedback").click()
    expect(page.get_by_text("View Feedback")).to_be_visible()


BROWSER: dict[str, Callable[[Class], None]] = {
    "an instructor opens the course's server": open_server,
    "students fetch, work and submit": fetch_work_submit,
    "an instructor grades a written answer in formgrader": grade_by_hand,
    "a student fetches the feedback": fetch_feedback,
}


# --------------------------------------------------------------------------- the whole way, once


def free_ports(number: int) -> list[int]:
    sockets = [socket.socket() for _ in range(number)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


@pytest.fixture(scope="module")
def hub(computer: Machine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], str]]:
    """Starts the Hub with the settings that are there by then; gives its address."""
    running: list[subprocess.Popen[bytes]] = []
    log = tmp_path_factory.mktemp("hub") / "log"

    def start() -> str:
        ports = free_ports(3)
        text = HERE.format(settings=HUB_SETTINGS, ports=ports, password=PASSWORD, proxy=PROXY)
        computer.write("root", "/srv/jupyterhub/here.py", text)
        command = computer.command("root", "cd /srv/jupyterhub && exec jupyterhub -f here.py")
        with log.open("w") as stream:
            running.append(subprocess.Popen(command, stdout=stream, stderr=stream))
        site = f"http://127.0.0.1:{ports[0]}"
        deadline = time.monotonic() + 300
        while time.monotonic() < deadline and running[-1].poll() is None:
            with suppress(URLError, ConnectionError), urlopen(f"{site}/hub/login", timeout=300):
                return site
            time.sleep(0.1)
        raise AssertionError(log.read_text("utf-8")[-3000:])

    yield start
    for process in running:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def group(computer: Machine, browser: Browser, hub: Callable[[], str]) -> Iterator[Class]:
    """The course after all that the guide says, in its order."""
    make_accounts(computer, "ada", "ben", "cy", "dan", "prof", "tina")
    group, folder = Class(computer, browser), {"grader-fall": "", "root": ""}
    for step in steps("instructors-hub", before="instructors-hub-ngshare"):
        if isinstance(step, Printed):
            before = computer.path(step.path).read_text("utf-8") if step.at_end else ""
            account = "grader-fall" if step.path.startswith("/home/grader-fall") else "root"
            computer.write(account, step.path, before + step.text)
        elif isinstance(step, Step):
            group.site = group.site or hub()
            BROWSER[step.what](group)
        elif step.line.startswith("cd "):
            folder[step.account] = step.line.removeprefix("cd ")
        elif step.line not in INSTALLED:
            type_line(group, step, folder[step.account])
    yield group
    for page in group.pages.values():
        page.context.close()


def type_line(group: Class, step: Typed, folder: str) -> None:
    done = group.computer.run(step.account, step.line, folder)
    assert done.returncode == 0, f"{step.account}$ {step.line}\n{done.stdout}\n{done.stderr}"
    group.said.setdefault(step.line, []).append(done.stdout)


def scores(group: Class) -> dict[str, str]:
    lines = group.computer.path("/home/grader-fall/fall/em-csv.csv").read_text("utf-8").splitlines()
    place = {title: number for number, title in enumerate(lines[0].split(","))}
    rows = [line.split(",") for line in lines[1:]]
    return {row[place["student_id"]]: row[place["score"]] for row in rows}


def test_the_walls_stand_for_the_account_that_grades(group: Class) -> None:
    (said,) = group.said["autograder doctor"]
    assert "Ready to grade" in said
    assert "bubblewrap" in said


def test_a_forged_submission_is_left_out_and_the_others_are_taken(group: Class) -> None:
    collected = group.said["autograder collect em --exchange"][0]
    assert f"{group.forged}: it belongs to the account cy" in collected
    assert scores(group)["ada"] == "15.5"  # 10 by the machine, 5.5 by a person in formgrader


def test_whoever_is_missing_has_a_blank_in_the_table(group: Class) -> None:
    assert scores(group)["dan"] == ""
    assert sorted(scores(group)) == ["ada", "ben", "cy", "dan"]


def test_our_feedback_page_reaches_the_student_and_leads_to_the_courses_book(group: Class) -> None:
    (page,) = group.computer.path("/home/ada/em/feedback").glob("*/em.html")
    text = page.read_text("utf-8")
    assert "em: feedback for" in text
    assert "https://example.org/gmm/book/em.html" in text
    assert "localhost" not in text


def test_formgraders_button_grades_behind_the_walls(group: Class) -> None:
    computer, folder = group.computer, "/home/grader-fall/fall"
    page = group.page("prof")
    page.goto(f"{group.site}/user/grader-fall/formgrader/manage_submissions/em")
    page.wait_for_load_state("networkidle")
    row = page.locator("tr", has_text="Bitdiddle")
    row.locator("td.autograde a, td.autograde button").first.click()
    page.get_by_role("button", name="Show log").or_(page.locator(".modal-body")).first.wait_for()
    shown = page.locator(".modal-body").inner_text()
    assert "GradeInSandbox" in shown
    assert (computer.path(f"{folder}/autograded/ben/em/em.ipynb")).is_file()


def test_a_student_may_not_open_the_courses_server(group: Class) -> None:
    page = group.page("ben")
    answer = page.goto(f"{group.site}/user/grader-fall/api/contents")
    assert answer is not None
    assert answer.status in (403, 404)


def test_the_second_grader_works_in_the_same_course(group: Class) -> None:
    page = group.lab("tina", "grader-fall")
    page.goto(f"{group.site}/user/grader-fall/formgrader/gradebook/em/em")
    page.get_by_role("button", name="Show All Names").click()
    expect(page.locator("#main-table tr", has_text="Lovelace").locator("td.score")).to_have_text("15.5 / 16")
