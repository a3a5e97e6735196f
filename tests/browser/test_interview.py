"""Interview questions come back when they are due, can be filtered, and are all printed."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import Watch

AGO = """(days) => {
    const date = new Date();
    date.setDate(date.getDate() - days);
    const two = (number) => String(number).padStart(2, "0");
    return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}"""


def rated_before(page: Page, name: str, box: int, days: int) -> None:
    """Put a card into a box, rated so many days ago."""
    entry = {"rating": 2, "box": box, "from": box, "when": page.evaluate(AGO, days)}
    page.evaluate("([name, entry]) => course.change((s) => { s.interview[name] = entry; })", [name, entry])


def visible(page: Page) -> int:
    return page.locator("[data-interview]:visible").count()


def test_a_card_is_due_after_the_days_of_its_box(watch: Watch) -> None:
    page = watch.open("book/interview")
    for box, days, due in ((0, 1, True), (1, 1, False), (1, 2, True), (5, 31, False)):
        rated_before(page, "kmeans-objective", box, days)
        assert page.evaluate("course.isDue(course.read().interview['kmeans-objective'])") is due


def test_a_known_card_moves_on_one_box_and_an_unknown_one_goes_back(watch: Watch) -> None:
    page = watch.open("book/interview")
    entry = "{ box: 3, from: 2, rating: 2, when: '2020-01-01' }"
    boxes = page.evaluate(f"[2, 1, 0].map((rating) => course.rated({entry}, rating).box)")
    assert boxes == [4, 3, 0]


def test_the_last_rating_of_a_day_counts_and_counts_once(watch: Watch) -> None:
    page = watch.open("book/interview")
    again = "[2, 2, 2, 0, 2].reduce((entry, rating) => course.rated(entry, rating), undefined)"
    assert page.evaluate(f"({again}).box") == 1


def test_only_cards_that_are_due_are_shown_when_asked_for(watch: Watch) -> None:
    page = watch.open("book/interview")
    everything = visible(page)
    rated_before(page, "kmeans-objective", 0, 3)
    rated_before(page, "kmeans-mean", 3, 3)
    page.get_by_label("Show").select_option("due")
    assert visible(page) == 1
    expect(page.locator(".card-count")).to_contain_text("1 due today")
    page.get_by_label("Show").select_option("all")
    assert visible(page) == everything


def test_topic_and_level_are_chosen_by_keyboard(watch: Watch) -> None:
    page = watch.open("book/interview")
    page.get_by_label("Topic").focus()
    page.keyboard.press("ArrowDown")
    kmeans = visible(page)
    assert 0 < kmeans < page.locator("[data-interview]").count()
    page.get_by_label("Level").focus()
    page.keyboard.press("ArrowDown")
    assert 0 < visible(page) < kmeans
    assert page.locator("h2:visible").count() >= 1


def test_paper_shows_all_questions_with_answers(watch: Watch) -> None:
    page = watch.open("book/interview")
    page.get_by_label("Level").select_option("3")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert visible(page) == page.locator("[data-interview]").count()
    assert page.locator("[data-interview] dd:visible").count() == 4 * visible(page)
    expect(page.locator(".card-filter")).to_be_hidden()


def test_the_progress_page_shows_the_share_that_is_due(watch: Watch) -> None:
    page = watch.open("book/interview")
    for name, box in (("kmeans-objective", 0), ("kmeans-mean", 4), ("kmeans-scaling", 1)):
        rated_before(page, name, box, 2)
    page = watch.open("book/progress")
    line = page.locator(".progress-line", has_text="due today")
    expect(line).to_contain_text("2 of 3")
