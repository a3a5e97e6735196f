"""The class page in a real browser: by keyboard, without scripts, in both themes, with 3,000 students."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from autograder.insight.parsing import code_of
from autograder.insight.similar import compare
from autograder.reports.similar_page import similar_page
from tests.browser.test_accessibility import OPEN_FOLDS, OVERFLOW, violations
from tests.support.class_pages import page_of
from tests.support.made_class import everybody
from tests.support.sample_class import build

SHARES = {
    "right": 36,
    "unweighted": 12,
    "alike": 5,
    "alone": 10,
    "waiting": 15,
    "looping": 2,
    "empty": 10,
    "unreadable": 1,
}
STUDENTS = sum(SHARES.values())  # 91


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("class") / "em.html"
    counts = {kind: 2 * share for kind, share in SHARES.items()}
    path.write_text(page_of(everybody(missing=30, **counts)), encoding="utf-8")
    return path.as_uri()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """The page, and no word in the console."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page, said = context.new_page(), list[str]()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(address)
    yield page
    context.close()
    assert said == []


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_accessible_and_never_scrolls_sideways(
    browser: Browser, address: str, width: int, scheme: str
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(address)
    page.evaluate(OPEN_FOLDS)
    found, sideways = violations(page), page.evaluate(OVERFLOW)
    questions = page.locator("#questions .scroll")
    hidden = questions.evaluate("table => table.scrollWidth - table.clientWidth") if width == 1280 else 0
    context.close()
    assert (found, sideways, hidden) == ([], 0, 0)


@pytest.mark.parametrize(("width", "scheme"), [(1280, "dark"), (390, "light")])
def test_the_page_of_look_alikes_is_accessible(
    browser: Browser, tmp_path: Path, width: int, scheme: str
) -> None:
    students = {
        name: (build.STUDENTS / f"{name}.py").read_text(encoding="utf-8") for name in ("bela", "dana")
    }
    codes = {name: code_of([text]) for name, text in {**students, "eve": students["bela"]}.items()}
    found = compare("em", codes, frozenset(), {"the model answer": codes["dana"]})
    path = tmp_path / "similar.html"
    path.write_text(similar_page(found), encoding="utf-8")
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(path.as_uri())
    page.evaluate(OPEN_FOLDS)
    marked, seen, sideways = page.locator("mark").count(), violations(page), page.evaluate(OVERFLOW)
    context.close()
    assert (seen, sideways) == ([], 0)
    assert marked > 20


def names(page: Page) -> list[str]:
    rows = page.locator("#students tbody tr:visible th")
    return rows.all_inner_texts()


def test_a_heading_sorts_by_keyboard_and_says_so(page: Page) -> None:
    heading = page.get_by_role("columnheader", name="Score")
    heading.get_by_role("button").focus()
    page.keyboard.press("Enter")
    expect(heading).to_have_attribute("aria-sort", "ascending")
    assert {name[:5] for name in names(page)[:22]} == {"empty", "unrea"}
    page.keyboard.press("Space")
    expect(heading).to_have_attribute("aria-sort", "descending")
    assert {name[:5] for name in names(page)[:72]} == {"right"}
    student = page.locator("#students").get_by_role("columnheader", name="Student")
    student.get_by_role("button").press("Enter")
    expect(student).to_have_attribute("aria-sort", "ascending")
    assert page.locator("#students [aria-sort]").count() == 1
    assert names(page) == sorted(names(page))


def test_typing_filters_and_the_number_is_announced(page: Page) -> None:
    page.get_by_label("Filter").press_sequentially("timed")
    expect(page.get_by_role("status")).to_have_text("4 students")
    assert names(page) == [f"looping{number:04}" for number in range(4)]
    page.get_by_label("Filter").fill("nobody")
    expect(page.get_by_role("status")).to_have_text("0 students")


def test_a_hundred_rows_are_shown_until_all_are_asked_for(page: Page) -> None:
    assert len(names(page)) == 100
    expect(page.get_by_role("status")).to_have_text(f"100 of {2 * STUDENTS} students")
    page.get_by_role("button", name="Show all").press("Enter")
    expect(page.get_by_role("status")).to_have_text(f"{2 * STUDENTS} students")
    assert len(names(page)) == 2 * STUDENTS


def test_without_scripts_every_row_is_there(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    assert len(names(page)) == 2 * STUDENTS
    assert page.get_by_role("button").count() == 0
    context.close()


def test_three_thousand_students_open_in_less_than_two_seconds_of_work(
    browser: Browser, tmp_path: Path
) -> None:
    counts = {kind: 30 * share for kind, share in SHARES.items()}
    path = tmp_path / "large.html"
    path.write_text(page_of(everybody(missing=300, **counts)), encoding="utf-8")
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    tools = context.new_cdp_session(page)
    tools.send("Performance.enable", {"timeDomain": "threadTicks"})  # processor time, not the clock
    page.goto(path.as_uri())
    expect(page.get_by_role("status")).to_contain_text(f"of {30 * STUDENTS} students")
    spent = {metric["name"]: metric["value"] for metric in tools.send("Performance.getMetrics")["metrics"]}
    context.close()
    assert 0 < spent["TaskDuration"] < 2.0
