"""Exercises in the page: verdicts come, nothing typed is lost, and the notebook can be handed in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import jupytext
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from autograder.check import check
from autograder.links import LOCAL_BOOK
from autograder.questions import ASSIGNMENTS, of_assignment
from book import build
from tests.browser.test_accessibility import OPEN_FOLDS, OVERFLOW, RULES, Scheme, checked, look
from tests.support.courses import command, graded
from tests.support.watch import Watch

LOOP = "def e_step(X, weights, means, covariances):\n    while True:\n        pass\n"
GREEDY = "def e_step(*inputs):\n    kept = []\n    while True:\n        kept.append(np.ones(10**6))\n"
OUTSIDE = (
    "fetch",
    "XMLHttpRequest",
    "WebSocket",
    "EventSource",
    "importScripts",
    "Worker",
    "indexedDB",
    "caches",
    "cookieStore",
    "navigator",
    "webkitRequestFileSystem",
    "webkitRequestFileSystemSync",
    "webkitResolveLocalFileSystemURL",
    "webkitResolveLocalFileSystemSyncURL",
)
FORGED = """import js, json
def e_step(*inputs):
    content = dict(headline="forged", checks=[], notes=[], read=[dict(label="here", address="%s")])
    answer = json.dumps(dict(verdict="wrong", line=None, content=content))
    for id in range(500):
        js.postMessage(js.JSON.parse(json.dumps(dict(id=id, answer=answer))))
    js.postMessage(None)
"""


def model(assignment: str, name: str) -> str:
    """The model answer's cell."""
    for cell in jupytext.read(build.ROOT / "solutions" / assignment / f"{assignment}.py").cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == name:
            return str(cell.source)
    raise LookupError(name)


def start(page: Page, question: str) -> Locator:
    """Open the assignment's card; the part of one question, its editor there."""
    page.locator("[data-do=start]").press("Enter")
    part = page.locator(f'[data-question="{question}"]')
    part.locator("[data-do=check]").wait_for()
    return part


def without_python(watch: Watch) -> Watch:
    """Let Python load for ever: what is tested does without, and is quicker."""
    watch.context.route("**/*.pack", lambda route: None)
    return watch


def write(part: Locator, code: str) -> None:
    part.locator(".cm-content").focus()
    part.page.keyboard.press("Control+a")
    part.page.keyboard.insert_text(code)


def verdict(part: Locator) -> str | None:
    """Check what stands there."""
    part.locator("[data-do=check]").press("Enter")
    part.locator("[data-verdict]").wait_for()
    return part.locator("[data-verdict]").get_attribute("data-verdict")


def said(part: Locator) -> str:
    return part.locator(".exercise-report").inner_text()


@pytest.fixture(scope="module")
def em(browser: Browser, site: str) -> Iterator[Watch]:
    """One page with Python in it, for the tests that need no fresh profile."""
    watch = Watch(browser, site, viewport={"width": 1280, "height": 900})
    start(watch.open("book/em"), "em.e_step")
    yield watch
    watch.context.close()
    assert watch.problems == []


@pytest.fixture
def e_step(em: Watch) -> Locator:
    return em.page.locator('[data-question="em.e_step"]')


def downloaded(page: Page) -> Path:
    with page.expect_download() as download:
        page.locator("[data-do=download]").press("Enter")
    return Path(download.value.path())


def only_answers_differ_and_all_are_right(notebook: Path, course: Path, book: str) -> None:
    """Compare with the published notebook, hand in, and grade."""
    published = (build.BUILD / "html" / "assignments" / "em" / "em.ipynb").read_text("utf-8")
    released = json.loads(published.replace(LOCAL_BOOK, book))
    answers = {"e_step", "m_step", "fit", "shared-variance"}
    for before, after in zip(
        released["cells"], json.loads(notebook.read_text("utf-8"))["cells"], strict=True
    ):
        assert before == after or after["metadata"]["nbgrader"]["grade_id"] in answers
    for step in (("init", course), ("release", "em", "--course", course)):
        assert command(*step).returncode == 0
    handed_in = course / "submitted" / "ada" / "em" / "em.ipynb"
    handed_in.parent.mkdir(parents=True)
    handed_in.write_bytes(notebook.read_bytes())
    result = graded(course, assignment="em")["ada"]
    assert (result["status"], result["repairs"]) == ("graded", [])
    assert result["score"] == sum(question["max_score"] for question in result["questions"]) == 10.0


def test_a_reader_comes_from_the_lesson_to_a_notebook_that_is_graded(watch: Watch, tmp_path: Path) -> None:
    page = watch.open("book/em")
    e_step = start(page, "em.e_step")
    write(e_step, model("em", "e_step").replace("np.log(weights[k])", "weights[k]"))
    assert verdict(e_step) == "wrong"
    assert e_step.locator("[data-verdict]").get_attribute("data-misconception") == "weights-not-logged"
    expect(e_step.locator(".exercise-said")).to_contain_text("it is their logarithm that is added")
    text = said(e_step)
    assert (
        text.index("weights not logged")
        < text.index("Returned")
        < text.index("Expected")
        < text.index("Read")
    )
    write(e_step, model("em", "e_step"))
    assert verdict(e_step) == "right"
    fit = page.locator('[data-question="em.fit"]')
    write(fit, model("em", "fit"))
    assert verdict(fit) == "right"
    assert "m_step is not right yet, so fit was tried with a correct one" in said(fit)
    expect(page.get_by_label("I have done this exercise")).not_to_be_checked()
    m_step = page.locator('[data-question="em.m_step"]')
    write(m_step, model("em", "m_step"))
    assert verdict(m_step) == "right"
    expect(page.get_by_label("I have done this exercise")).to_be_checked()
    expect(page.get_by_text("Formulas may be typed")).to_have_count(1)  # the notebook says so, nobody else
    page.get_by_label("Your answer in words").fill("$Q(\\sigma^2)$ falls on both sides.\n")
    book = page.url.partition("/book/em.html")[0]
    only_answers_differ_and_all_are_right(downloaded(page), tmp_path / "course", book)
    with page.expect_download() as download:
        page.locator(".exercise-files a").first.press("Enter")
    assert download.value.suggested_filename == "em.ipynb"
    untouched = Path(download.value.path()).read_text("utf-8")
    assert f"({book}/book/em.html)" in untouched
    assert LOCAL_BOOK not in untouched


# --------------------------------------------------------------------------- verdicts


def test_a_formula_stands_in_the_middle_of_its_card(em: Watch) -> None:
    """MathML centres itself in its own width, which must be all that there is."""
    widths = em.page.locator(".exercise-card .math.block").evaluate_all(
        "all => all.map(e => [e.clientWidth, e.querySelector('math').clientWidth])"
    )
    assert len(widths) > 1
    assert [own for _, own in widths] == [whole for whole, _ in widths]


def test_an_endless_loop_is_stopped_and_the_next_check_answers(e_step: Locator) -> None:
    write(e_step, LOOP)
    e_step.locator("[data-do=check]").press("Enter")
    stop = e_step.locator("[data-do=stop]")
    expect(stop).to_be_visible()
    stop.press("Enter")
    expect(e_step.locator("[data-verdict=stopped]")).to_be_visible()
    expect(stop).to_be_hidden()
    expect(e_step.locator("[data-do=check]")).to_be_focused()
    write(e_step, model("em", "e_step"))
    assert verdict(e_step) == "right"


def test_a_run_ends_by_itself_after_twenty_seconds_of_the_pages_clock(browser: Browser, site: str) -> None:
    watch = Watch(browser, site)
    clock = watch.page.clock
    clock.install(time=0)
    page = watch.open("book/em")
    clock.pause_at(3600)  # from here only this test moves the page's clock
    part = start(page, "em.e_step")
    expect(page.get_by_text("Python is ready.")).to_be_visible()
    write(part, LOOP)
    part.locator("[data-do=check]").press("Enter")
    part.get_by_text("Checking …").wait_for()
    clock.fast_forward(19_000)
    expect(part.locator("[data-do=stop]")).to_be_visible()
    assert part.locator("[data-verdict]").count() == 0
    for _ in range(10_000):  # what is computed ahead may have come first
        if part.locator("[data-verdict=stopped]").count():
            break
        clock.fast_forward(2_000)
    expect(part.locator("[data-verdict=stopped]")).to_be_visible()
    assert "ran for 20 seconds" in said(part)
    watch.context.close()
    assert watch.problems == []


def test_a_run_that_takes_too_much_memory_ends_with_a_sentence(e_step: Locator) -> None:
    write(e_step, GREEDY)
    assert verdict(e_step) == "stopped"
    assert "more memory than the limit" in said(e_step)
    write(e_step, model("em", "e_step"))
    assert verdict(e_step) == "right"


def test_an_error_is_marked_on_its_line(e_step: Locator) -> None:
    write(e_step, "def e_step(X, weights, means, covariances):\n    n = len(X)\n    return zeros(n)\n")
    assert verdict(e_step) == "error"
    assert "NameError in line 3" in said(e_step)
    assert e_step.locator(".exercise-error-line").inner_text() == "    return zeros(n)"
    write(e_step, "def e_step(X:\n    pass\n")
    assert verdict(e_step) == "error"
    assert "SyntaxError in line 1" in said(e_step)


def barriers(page: Page, context: str, width: int, scheme: Scheme) -> list[tuple[int, str, str, str]]:
    """What axe finds in a part of the page, which must not scroll sideways either."""
    page.emulate_media(reduced_motion="reduce")
    look(page, width, scheme)
    rules = {**RULES, "values": [*RULES["values"], "best-practice"]}
    found = checked(page, rules, context)
    assert page.evaluate(OVERFLOW) <= 0
    return [(width, scheme, each["id"], each["nodes"][0]["html"][:200]) for each in found]


def drawn(part: Locator) -> Locator:
    return part.locator(".exercise-pictures")


def test_a_right_answer_is_drawn_as_the_notebook_draws_it(em: Watch, e_step: Locator) -> None:
    parts = [em.page.locator(f'[data-question="em.{name}"]') for name in ("m_step", "fit")]
    for part, name in zip([e_step, *parts], ("e_step", "m_step", "fit"), strict=True):
        write(part, model("em", name))
        assert verdict(part) == "right"
        if name == "e_step":
            expect(drawn(part).get_by_role("img")).to_have_attribute(
                "aria-label", re.compile("272 points, 100 with")
            )
            expect(drawn(part).locator("figcaption")).to_have_text(
                "E-step of the start, log-likelihood -1496."
            )
            expect(drawn(parts[1])).to_have_text("More is drawn here when m_step and fit are right too.")
    expect(drawn(parts[1]).get_by_role("img")).to_have_count(2)
    expect(drawn(parts[1]).locator("pre")).to_contain_text("36 % of the eruptions: 2.04 min long")
    pictures = '[data-question="em.fit"] .exercise-pictures'
    assert barriers(em.page, pictures, 390, "dark") + barriers(em.page, pictures, 1280, "light") == []
    write(e_step, model("em", "e_step").replace("weights[k]", "weights[k] * 2"))
    assert verdict(e_step) == "wrong"
    expect(drawn(e_step).get_by_role("img")).to_have_count(0)


def test_a_picture_that_fails_or_never_ends_takes_nothing_from_the_verdict(e_step: Locator) -> None:
    for bad, told in (
        ("raise ValueError('not today')", "ValueError: not today"),
        ("while True: pass", "stopped"),
    ):
        code = model("em", "e_step").replace(
            "    ### BEGIN", f"    if len(X) == 272:\n        {bad}\n    ### BEGIN"
        )
        write(e_step, code)
        assert verdict(e_step) == "right"
        if told == "stopped":
            expect(e_step.locator("[data-do=stop]")).to_be_visible()
            e_step.locator("[data-do=stop]").press("Enter")
        expect(drawn(e_step).get_by_role("status")).to_contain_text(told)
        assert e_step.locator("[data-verdict=right]").count() == 1


def test_what_a_function_returns_or_prints_is_never_markup(e_step: Locator) -> None:
    image = "<img src=x onerror=alert(1)>"
    write(e_step, f"print({image!r})\ndef e_step(*inputs):\n    raise ValueError({image!r})\n")
    assert verdict(e_step) == "error"
    assert said(e_step).count(image) == 2
    assert e_step.locator(".exercise-report img").count() == 0


def test_code_of_somebody_elses_notebook_reaches_no_server_and_leads_only_into_the_book(watch: Watch) -> None:
    e_step = start(watch.open("book/em"), "em.e_step")
    links = e_step.locator(".exercise-report a")
    write(e_step, "def e_step(*inputs):\n    return 0.0\n")
    assert verdict(e_step) == "wrong"
    expect(links).not_to_have_count(0)
    write(
        e_step,
        f"import js\ndef e_step(*inputs):\n    raise ValueError([n for n in {OUTSIDE} if hasattr(js, n)])\n",
    )
    assert verdict(e_step) == "error"
    expect(e_step.locator(".exercise-report")).to_contain_text("of the cell: []")
    script = "javascript:void(window.owned=1)//"
    write(
        e_step,
        f"import os\nos.environ['GMM_COURSE_BOOK'] = '{script}'\ndef e_step(*inputs):\n    return 0.0\n",
    )
    assert verdict(e_step) == "wrong"
    expect(links).to_have_count(0)
    write(e_step, FORGED % script)
    assert verdict(e_step) == "wrong"
    expect(e_step.locator(".exercise-report")).to_contain_text("forged")
    expect(links).to_have_count(0)


def test_the_pages_python_names_a_mistake_of_each_question_as_any_python_does(em: Watch) -> None:
    mistakes = [(q.id, q.misconceptions[0]) for name in ASSIGNMENTS for q in of_assignment(name)]
    named = em.page.evaluate(
        """async (mistakes) => {
            const folder = new URL(document.querySelector("[data-runtime]").dataset.runtime, location);
            const { python } = await import(new URL("python.js", folder));
            const named = [];
            for (const [question, mistake] of mistakes) {
                const name = question.split(".")[1];
                const source = `from autograder.questions import find
${name} = next(m for m in find("${question}").misconceptions if m.name == "${mistake}").implementation`;
                const checked = await python.call("check", { question, cells: [{ name, source }] });
                named.push(checked.content.misconception);
            }
            return named;
        }""",
        [[question, mistake.name] for question, mistake in mistakes],
    )
    here = [check(question, mistake.implementation).content().misconception for question, mistake in mistakes]
    assert named == here
    assert len(set(named)) > len(named) / 2


# --------------------------------------------------------------------------- what was typed


def test_what_was_typed_is_kept_and_starting_again_can_be_undone(em: Watch, e_step: Locator) -> None:
    write(e_step, "x = 'typed'\n")
    another = em.context.new_page()
    another.route("**/*.pack", lambda route: None)  # it does without Python
    another.goto(em.page.url)
    there = start(another, "em.e_step")
    expect(there.locator(".cm-content")).to_have_text("x = 'typed'")
    there.locator("[data-do=reset]").press("Enter")
    expect(there.locator(".cm-content")).to_contain_text("raise NotImplementedError")
    expect(e_step.locator(".cm-content")).to_contain_text("raise NotImplementedError")
    another.reload()
    there = start(another, "em.e_step")
    expect(there.get_by_role("button", name="Bring mine back")).to_be_visible()
    there.locator("[data-do=reset]").press("Enter")
    expect(e_step.locator(".cm-content")).to_have_text("x = 'typed'")
    write(there, "x = 'typed last'\n")
    another.close()  # before it is written by the clock
    expect(e_step.locator(".cm-content")).to_have_text("x = 'typed last'")


def test_a_new_version_of_the_course_keeps_what_was_typed_and_says_that_the_stub_changed(
    watch: Watch,
) -> None:
    page = without_python(watch).open("book/em")
    kept = {
        "version": 1,
        "cells": {"e_step": {"text": "x = 1", "stub": "0"}, "gone": {"text": "y", "stub": "0"}},
    }
    page.evaluate("kept => localStorage.setItem('gmm-course-code-em', JSON.stringify(kept))", kept)
    part = start(page, "em.e_step")
    expect(part.locator(".cm-content")).to_have_text("x = 1")
    expect(part).to_contain_text("has changed what is given here")
    write(part, "x = 2")
    part.locator("[data-do=check]").press("Enter")
    stored = json.loads(page.evaluate("localStorage.getItem('gmm-course-code-em')"))
    assert stored["cells"]["e_step"]["text"] == "x = 2"
    assert stored["cells"]["gone"]["text"] == "y"


@pytest.mark.parametrize("forbidden", ["setItem", "getItem"])
def test_a_browser_that_keeps_nothing_says_so_and_the_download_works(watch: Watch, forbidden: str) -> None:
    """Full storage refuses to write; a private window of some browsers refuses to read too."""
    refuse = "() => { throw new DOMException('no', 'QuotaExceededError'); }"
    watch.context.add_init_script(f"Storage.prototype.{forbidden} = {refuse};")
    page = without_python(watch).open("book/em")
    part = start(page, "em.e_step")
    write(part, "x = 'mine'")
    expect(page.get_by_role("alert")).to_contain_text("download the notebook before you leave")
    assert "x = 'mine'" in downloaded(page).read_text("utf-8")
    watch.problems.clear()  # what the theme says of such a browser


def test_a_notebook_begun_elsewhere_is_opened_with_its_own_cells(
    em: Watch, e_step: Locator, tmp_path: Path
) -> None:
    own = {"cell_type": "code", "metadata": {}, "source": "def helper():\n    return 1\n", "outputs": []}
    answer = {
        "cell_type": "code",
        "metadata": {},
        "source": ["def e_step(X):\n", "    return helper()\n"],
        "outputs": [],
    }
    file = tmp_path / "begun.ipynb"
    file.write_text(json.dumps({"cells": [own, answer], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    write(e_step, "x = 'mine'")
    field = em.page.get_by_label("Open a notebook that you began elsewhere")
    field.set_input_files(file)
    expect(em.page.get_by_text("Opened begun.ipynb: e_step.")).to_be_visible()
    text = e_step.locator(".cm-content").inner_text()
    assert text.index("def helper") < text.index("def e_step(X)")
    e_step.get_by_role("button", name="Bring mine back").press("Enter")
    expect(e_step.locator(".cm-content")).to_have_text("x = 'mine'")
    for content, answer_to_it in (("no JSON", "is no notebook"), ('{"cells": [3, {}]}', "holds no answers")):
        file.write_text(content)
        field.set_input_files(file)
        expect(em.page.get_by_text(answer_to_it)).to_be_visible()


# --------------------------------------------------------------------------- keyboard, eyes, phones


def test_tab_leaves_the_field_until_something_is_typed_and_after_escape(e_step: Locator) -> None:
    tab_leaves_until_something_is_typed_and_after_escape(e_step)


def test_a_text_area_stands_in_for_an_editor_that_does_not_come(watch: Watch) -> None:
    watch.context.route(
        "**/codemirror.js", lambda route: route.fulfill(status=200, body="", content_type="text/css")
    )
    part = start(without_python(watch).open("book/em"), "em.e_step")
    expect(part.locator("textarea")).to_be_visible()
    tab_leaves_until_something_is_typed_and_after_escape(part)
    watch.problems.clear()  # the editor that did not come


def tab_leaves_until_something_is_typed_and_after_escape(part: Locator) -> None:
    field, keyboard = part.locator(".cm-content, textarea").first, part.page.keyboard
    read = "e => e.value ?? e.innerText"
    before = field.evaluate(read)
    field.focus()
    keyboard.press("Tab")
    expect(part.locator("[data-do=check]")).to_be_focused()
    keyboard.press("Shift+Tab")
    expect(field).to_be_focused()
    assert field.evaluate(read) == before
    keyboard.press("Control+End")
    keyboard.type("\nif True:\n")
    keyboard.press("Tab")
    keyboard.type("x")
    expect(field).to_be_focused()
    assert field.evaluate(read).rstrip().endswith("        x")
    keyboard.press("Escape")
    keyboard.press("Tab")
    expect(part.locator("[data-do=check]")).to_be_focused()


def test_open_cards_and_reports_are_accessible_wide_and_light_narrow_and_dark(
    em: Watch, e_step: Locator
) -> None:
    page = em.page
    wrong = model("em", "e_step").replace("np.log(weights[k])", "weights[k]")
    write(e_step, f"{wrong}\nprint('x' * 300)")
    assert verdict(e_step) == "wrong"
    m_step = page.locator('[data-question="em.m_step"]')
    write(m_step, "def m_step(X, responsibilities):\n    return 1 / 0")
    assert verdict(m_step) == "error"
    page.evaluate(OPEN_FOLDS)
    found = barriers(page, ".exercise-card", 1280, "light") + barriers(page, ".exercise-card", 390, "dark")
    report = e_step.locator(".exercise-report")
    report.scroll_into_view_if_needed()
    box, expected = report.bounding_box(), e_step.get_by_text("Expected", exact=True).bounding_box()
    assert box is not None
    assert expected is not None
    assert (
        expected["y"] - box["y"] < 700
    )  # a phone's first screen of the report shows what should have come back
    page.set_viewport_size({"width": 1280, "height": 900})
    assert found == []


# --------------------------------------------------------------------------- where it cannot run


def test_without_scripts_the_card_reads_as_ever(site: str, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/book/em.html")
    assert page.locator("[data-do]").count() == 0
    expect(page.get_by_role("link", name="em.ipynb")).to_be_visible()
    context.close()


def test_opened_as_a_file_the_card_says_what_to_do(html: Path, browser: Browser) -> None:
    page = browser.new_page()
    page.goto((html / "book" / "em.html").as_uri())
    expect(page.locator(".exercise-card .exercise-start")).to_contain_text(
        "Read the book from a server, or download the notebook"
    )
    assert page.locator("[data-do]").count() == 0
    page.close()


def test_an_old_browser_is_told(watch: Watch) -> None:
    watch.context.add_init_script("delete window.DecompressionStream;")
    page = watch.open("book/em")
    expect(page.locator(".exercise-card .exercise-start")).to_contain_text("too old to run Python")


@pytest.mark.parametrize("missing", ["pyodide.asm.wasm.pack", "numpy-*"])
def test_without_a_file_of_python_the_card_says_so_and_keeps_what_is_typed(
    watch: Watch, missing: str
) -> None:
    watch.context.route(f"**/{missing}", lambda route: route.fulfill(status=404, body="gone"))
    page = watch.open("book/em")
    part = start(page, "em.e_step")
    expect(page.locator(".exercise-status")).to_contain_text("Python could not be loaded")
    write(part, "x = 'mine'")
    assert verdict(part) == "error"
    assert "Python could not be loaded" in said(part)
    assert "x = 'mine'" in downloaded(page).read_text("utf-8")
    watch.problems.clear()
    if missing == "numpy-*":
        watch.context.unroute_all()
        assert verdict(part) == "error"  # Python is there now, and the cell defines no e_step
        assert "defines no e_step" in said(part)


def test_python_comes_from_the_cache_the_second_time(watch: Watch, sent: list[str]) -> None:
    start(watch.open("book/em"), "em.e_step")
    expect(watch.page.get_by_text("Python is ready.")).to_be_visible()
    assert "pyodide.asm.wasm.pack" in sent
    before = len(sent)
    page = watch.context.new_page()
    page.goto(watch.page.url)
    start(page, "em.e_step")
    expect(page.get_by_text("Python is ready.")).to_be_visible()
    assert [name for name in sent[before:] if not name.endswith(".html")] == []
