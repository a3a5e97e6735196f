"""What people at a Hub do: notebooks written, work handed in and fetched back, in a shell or a browser."""

from __future__ import annotations

import json

from playwright.sync_api import expect

from tests.support.hub import Campus, choose
from tests.support.machine import Machine
from tests.support.sample_class.build import STUDENTS, notebook


def make_accounts(computer: Machine, *names: str) -> None:
    """Make accounts with homes that nobody else may enter."""
    made = "".join(
        f"useradd --create-home --shell /bin/bash {name} && chmod 700 /home/{name}\n" for name in names
    )
    computer.said("root", f"set -e\n{made}")


def work(computer: Machine, account: str, like: str) -> None:
    """Write into the notebook that somebody fetched what a student of the sample class wrote."""
    place = f"/home/{account}/em/em.ipynb"
    released = json.loads(computer.path(place).read_text(encoding="utf-8"))
    answer = notebook(released, (STUDENTS / f"{like}.py").read_text(encoding="utf-8"))
    computer.write(account, place, answer.decode())


def hand_in(computer: Machine, account: str, like: str) -> None:
    """Fetch the assignment, work on it, and submit it, all from a shell."""
    computer.said(account, "nbgrader fetch_assignment em")
    work(computer, account, like)
    computer.said(account, "nbgrader submit em")


def forge(computer: Machine, forger: str, victim: str, when: str) -> str:
    """Put a folder into the exchange that claims to be another's submission; return its name."""
    name = f"{victim}+em+{when}+abcdef"
    inbound = f"/srv/nbgrader/exchange/fall/inbound/{name}"
    computer.said(
        forger,
        f"mkdir '{inbound}' && cp em/em.ipynb '{inbound}' && echo '{when}' > '{inbound}/timestamp.txt'",
    )
    return name


def fetch_and_submit(campus: Campus, account: str, like: str) -> None:
    """Do the same in JupyterLab, by the assignment list."""
    page = campus.lab(account)
    choose(page, "Assignment List")
    page.get_by_role("button", name="Fetch", exact=True).click()
    expect(page.get_by_role("button", name="Submit")).to_be_visible()
    work(campus.computer, account, like)
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("Fetch Feedback")).to_be_visible()


def fetch_feedback(campus: Campus, account: str) -> None:
    """Fetch the feedback by the assignment list."""
    page = campus.lab(account)
    if not page.get_by_text("Fetch Feedback").is_visible():
        choose(page, "Assignment List")
    page.get_by_text("Fetch Feedback").click()
    expect(page.get_by_text("View Feedback")).to_be_visible()
