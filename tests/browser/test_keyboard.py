"""Quizzes, steppers and progress as a reader without a mouse uses them."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.support.watch import Watch


def key_of(form: Locator) -> dict[str, Any]:
    """What the page knows about the right answer."""
    code = form.get_attribute("data-key")
    assert code is not None
    return json.loads(base64.b64decode(code)[::-1])


def quiz(page: Page, kind: str) -> Locator:
    forms = page.locator("form.quiz")
    for position in range(forms.count()):
        if key_of(forms.nth(position))["kind"] == kind:
            return forms.nth(position)
    raise LookupError(kind)


def find_quiz(watch: Watch, kind: str) -> tuple[Page, Locator]:
    for lesson in ("kmeans", "soft", "em", "collapse", "selection"):
        page = watch.open(f"book/{lesson}")
        try:
            return page, quiz(page, kind)
        except LookupError:
            continue
    raise LookupError(kind)


def choose(page: Page, form: Locator, position: int) -> None:
    """Reach a radio button with the arrow keys, from the first of its group."""
    form.locator("input").first.focus()
    page.keyboard.press("Space")
    for _ in range(position):
        page.keyboard.press("ArrowDown")


def test_a_wrong_and_then_the_right_choice_by_keyboard(watch: Watch) -> None:
    page, form = find_quiz(watch, "single")
    right = key_of(form)["right"].index(True)
    wrong = 0 if right else 1
    choose(page, form, wrong)
    page.keyboard.press("Enter")
    expect(form.locator(".quiz-feedback")).to_contain_text("Not quite.")
    choose(page, form, right)
    page.keyboard.press("Tab")
    expect(form.get_by_role("button", name="Check")).to_be_focused()
    page.keyboard.press("Space")
    feedback = form.locator(".quiz-feedback")
    expect(feedback).to_have_text(re.compile(r"^Right\..{20}"))
    expect(feedback).to_have_attribute("role", "status")
    expect(form.locator(".quiz-score")).to_contain_text("0.5 point")


def test_an_unanswered_question_asks_for_an_answer_and_counts_no_try(watch: Watch) -> None:
    page, form = find_quiz(watch, "single")
    form.locator("button").focus()
    page.keyboard.press("Enter")
    expect(form.locator(".quiz-feedback")).to_contain_text("Choose an answer first")
    assert page.evaluate("Object.keys(course.read().quizzes).length") == 0


def test_a_multiple_choice_needs_every_right_box(watch: Watch) -> None:
    page, form = find_quiz(watch, "multiple")
    right = [position for position, is_right in enumerate(key_of(form)["right"]) if is_right]
    boxes = form.locator("input")
    boxes.nth(right[0]).focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(form.locator(".quiz-feedback")).to_contain_text("something is missing")
    for position in right[1:]:
        boxes.nth(position).focus()
        page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(form.locator(".quiz-feedback")).not_to_contain_text("something is missing")
    expect(form.locator(".quiz-score")).to_contain_text("Answered")


def test_a_number_is_read_with_a_point_or_a_comma(watch: Watch) -> None:
    page, form = find_quiz(watch, "numeric")
    answer, field = str(key_of(form)["answer"]), form.locator("input")
    for written in (answer, "-77", answer.replace(".", ",")):
        field.fill(written)
        page.keyboard.press("Enter")
        begins = re.compile(r"^Right\." if written != "-77" else r"^(?!Right\.).")
        expect(form.locator(".quiz-feedback")).to_have_text(begins)


def test_a_stepper_is_driven_by_buttons_and_arrow_keys(watch: Watch) -> None:
    page = watch.open("book/kmeans")
    stepper = page.locator(".stepper").first
    caption, slider = stepper.locator(".stepper-caption"), stepper.locator("input[type=range]")
    steps = int(stepper.get_attribute("data-steps") or 0)
    captions = [text.strip() for text in stepper.locator(".stepper-captions li").all_text_contents()]
    drawing = stepper.locator("svg").first
    expect(caption).to_have_text(captions[0])
    first = drawing.inner_html()
    stepper.get_by_role("button", name="Next step").focus()
    page.keyboard.press("Enter")
    expect(caption).to_have_text(captions[1])
    expect(caption).to_have_attribute("role", "status")
    slider.focus()
    page.keyboard.press("End")
    expect(caption).to_have_text(captions[-1])
    expect(slider).to_have_attribute("aria-valuetext", f"Step {steps} of {steps}")
    page.keyboard.press("Home")
    assert drawing.inner_html() == first
    page.keyboard.press("ArrowRight")
    expect(caption).to_have_text(captions[1])


def test_the_description_of_a_stepper_changes_with_its_steps(watch: Watch) -> None:
    page = watch.open("book/kmeans")
    stepper = page.locator(".stepper").first
    told = set()
    for _ in range(int(stepper.get_attribute("data-steps") or 0)):
        told.add(stepper.locator("svg[role=img]").first.get_attribute("aria-label"))
        stepper.get_by_role("button", name="Next step").press("Enter")
    assert len(told) > 1


def test_a_fold_opens_by_keyboard(watch: Watch) -> None:
    page = watch.open("book/em")
    fold = page.locator("details.fold").first
    fold.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(fold).to_have_attribute("open", "")


def test_progress_is_kept_shown_exported_forgotten_and_imported(watch: Watch, tmp_path: Path) -> None:
    page = watch.open("book/kmeans")
    page.get_by_role("button", name="Mark this lesson as read").press("Enter")
    page = watch.open("book/progress")
    summary = page.locator(".progress-summary")
    expect(summary).to_contain_text("5 points")
    expect(summary).to_contain_text("1 day in a row")
    expect(page.get_by_role("row", name="k-means")).to_contain_text("read")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export to a file").press("Enter")
    saved = tmp_path / "progress.json"
    download.value.save_as(saved)
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Forget everything").press("Enter")
    expect(summary).to_contain_text("0 points")
    page.locator("#progress-file").set_input_files(saved)
    page.get_by_text("Imported.").wait_for()
    expect(summary).to_contain_text("5 points")


def test_a_file_that_holds_no_progress_changes_nothing(watch: Watch, tmp_path: Path) -> None:
    page = watch.open("book/progress")
    page.evaluate("course.change(state => { state.lessons.em = { read: '2026-01-01' }; })")
    for number, content in enumerate(("", "[]", '{"version": 2}', '{"version": 1, "lessons": 3', "null")):
        strange = tmp_path / f"strange-{number}.json"
        strange.write_text(content)
        page.locator("#progress-file").set_input_files(strange)
        said = page.get_by_text("nothing was changed")
        said.wait_for()
        expect(page.locator(".progress-summary")).to_contain_text("5 points")
        said.evaluate("e => { e.textContent = ''; }")  # the next one says it anew


def test_names_from_an_imported_file_are_never_markup(watch: Watch, tmp_path: Path) -> None:
    hostile = {"version": 1, "last": {"page": "book/em", "title": "<img src=x onerror=alert(1)>"}}
    file = tmp_path / "hostile.json"
    file.write_text(json.dumps(hostile))
    page = watch.open("book/progress")
    page.locator("#progress-file").set_input_files(file)
    page.get_by_text("Imported.").wait_for()
    page = watch.open("book/intro")
    assert page.locator(".course-note img").count() == 0
    expect(page.locator(".course-note")).to_contain_text("<img")


def test_the_opening_page_leads_back_to_the_last_lesson(watch: Watch) -> None:
    watch.open("book/em")
    page = watch.open("book/intro")
    page.locator(".course-note a").first.press("Enter")
    page.wait_for_url("**/book/em.html")


def test_a_streak_counts_days_that_touch_today_or_yesterday(watch: Watch) -> None:
    page = watch.open("book/progress")
    days = """() => {
        const two = (number) => String(number).padStart(2, "0");
        const day = (back) => {
            const date = new Date();
            date.setDate(date.getDate() - back);
            return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
        };
        return [[], [0], [1], [2], [0, 1, 2, 4], [1, 2]].map((list) => course.streak(list.map(day))); }"""
    assert page.evaluate(days) == [0, 1, 1, 0, 3, 2]


def test_a_self_rating_of_an_interview_question_is_kept(watch: Watch) -> None:
    page = watch.open("book/interview")
    card = page.locator("[data-interview]").first
    card.locator("summary").press("Enter")
    card.get_by_label("well").focus()
    page.keyboard.press("Space")
    page = watch.open("book/interview")
    expect(page.locator("[data-interview] input[value='2']").first).to_be_checked()
