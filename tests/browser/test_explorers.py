"""Live figures: the reader moves something, Python answers, and the picture says what it shows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.test_accessibility import OVERFLOW, RULES, SCHEMES, checked, look
from tests.support.watch import Watch

LIVE = {"soft": "variance", "em": "em", "starts": "starts", "collapse": "collapse", "selection": "components"}


@pytest.fixture(scope="module")
def reader(browser: Browser, site: str) -> Iterator[Watch]:
    """One profile for all pages: Python comes from its cache after the first."""
    watch = Watch(browser, site, viewport={"width": 1280, "height": 900})
    yield watch
    watch.context.close()
    assert watch.problems == []


def begun(reader: Watch, page: str) -> Locator:
    """The page's live figure, its first picture drawn."""
    reader.open(f"book/{page}")
    figure = reader.page.locator(f'[data-explorer="{LIVE[page]}"]')
    figure.locator("[data-do=explore]").press("Enter")
    expect(figure.locator(".explorer-sentence")).not_to_be_empty()
    return figure


def sentence(figure: Locator, part: str) -> None:
    expect(figure.locator(".explorer-sentence")).to_contain_text(part)


def is_accessible_in_both_themes_and_on_a_phone(reader: Watch, figure: Locator) -> None:
    figure.scroll_into_view_if_needed()
    for theme in SCHEMES:
        reader.page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
        for width in (1280, 390):
            look(reader.page, width, theme)
            assert reader.page.evaluate(OVERFLOW) <= 0
            found = checked(reader.page, RULES, ".explorer")
            assert found == [], [each["id"] for each in found]
    reader.page.set_viewport_size({"width": 1280, "height": 900})


def test_em_is_stepped_from_a_start_that_the_keyboard_moves_and_has_no_barriers(reader: Watch) -> None:
    figure = begun(reader, "em")
    figure.get_by_role("button", name="To step 30").press("Enter")
    sentence(figure, "After 30 steps of EM the log-likelihood is -1130.26.")
    handle = figure.get_by_role("slider", name="start of mean 1")
    for key in ("ArrowRight", "ArrowDown"):
        handle.press(key)
    expect(handle).to_have_attribute("aria-valuetext", "2.59 across, 88.8 up")
    sentence(figure, "After 0 steps")
    figure.get_by_label("Components").select_option("3")
    expect(figure.get_by_role("slider", name="start of mean 3")).to_be_visible()
    is_accessible_in_both_themes_and_on_a_phone(reader, figure)


def test_a_narrow_shared_width_leaves_nobody_unsure(reader: Watch) -> None:
    figure = begun(reader, "soft")
    figure.get_by_label("Narrower").fill("24")
    sentence(figure, "0% of the points have no owner")


def test_a_component_on_a_point_gains_for_ever(reader: Watch) -> None:
    figure = begun(reader, "collapse")
    figure.get_by_label("Smaller").fill("48")
    sentence(figure, "Variance 1.0e-12 of the data's")


def test_a_reader_finds_the_lowest_bic(reader: Watch) -> None:
    figure = begun(reader, "selection")
    sentence(figure, "Of the 1 looked at, K = 2")  # an answer that comes after the next wish is dropped
    values = figure.locator(".explorer-chart .explorer-tick").all_text_contents()
    assert [value for value in values if "." in value] == []  # longer ones would run into the axis' label
    figure.get_by_label("Components").fill("1")
    sentence(figure, "Of the 2 looked at, K = 2 has the lowest BIC.")


def test_another_start_is_counted(reader: Watch) -> None:
    figure = begun(reader, "starts")
    figure.get_by_role("button", name="Another start").press("Enter")
    sentence(figure, "of 2 starts reach the best so far")
