"""The desk in a real browser: from a Moodle archive to Canvas' file, by keyboard, in both themes."""

from __future__ import annotations

import base64
import csv
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from autograder.course.directory import open_course
from autograder.desk.jobs.broken_off import Begun, Mark
from autograder.record.by_hand import give
from autograder.reports.feedback import write
from tests.browser.test_accessibility import OVERFLOW, violations
from tests.support.courses import ONE_CENTRE, cell_of, command, filled, new_course
from tests.support.desk import Caller, running
from tests.support.watch import Watch

HOSTILE = (
    '<div id="save" style="position:fixed;inset:0">x</div><form><input name=points id=points></form>'
    "<script>document.title = 'owned'</script><img src=x onerror=\"document.title='owned'\">\n\n"
    "# said\n\n[go](javascript:document.title='owned') $\\style{position:fixed}{x}$ so **because**"
)
WHY = {
    "Ada Lovelace": "Squares are divided by $s^2$.",
    "Ben Ng": "squares are divided by $s^2$.",
    "Mallory Bad": HOSTILE,
}


def sheet() -> str:
    """A picture that somebody pasted."""
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    folder = tmp_path_factory.mktemp("desk")
    course = new_course(folder / "course")
    roster = "Student,ID,SIS User ID,SIS Login ID,Section,tiny (4711)\n" + "".join(
        f'"{last}, {first}",{number},,{first.lower()},,\n'
        for number, (first, last) in enumerate(map(str.split, [*WHY, "Zoe Absent"]), 710)
    )
    (folder / "roster.csv").write_text(roster, encoding="utf-8")
    imported = command("people", "import", folder / "roster.csv", "--course", course)
    assert imported.returncode == 0, imported.stderr
    with zipfile.ZipFile(folder / "moodle.zip", "w") as opened:
        for number, (name, why) in enumerate(WHY.items()):
            alike = {} if "Mallory" in name else ONE_CENTRE
            notebook = filled({"why": why, **alike})
            if "Mallory" in name:
                cell_of(notebook, "why")["attachments"] = {'a"><b>.png': {"image/png": sheet()}}
            content = json.dumps(notebook)
            opened.writestr(f"{name}_{40001 + number}_assignsubmission_file/tiny.ipynb", content)
    with running(course) as caller:
        yield caller


@pytest.fixture(scope="module")
def watch(browser: Browser, desk: Caller) -> Iterator[Watch]:
    """The instructor's browser, signed in by the printed address."""
    watcher = Watch(browser, desk.origin, viewport={"width": 1280, "height": 900}, accept_downloads=True)
    watcher.page.goto(f"{desk.origin}/login?token={desk.desk.token}")
    watcher.page.wait_for_url(f"{desk.origin}/")
    yield watcher
    watcher.context.close()
    assert watcher.problems == []


@pytest.fixture
def graded(desk: Caller) -> None:
    """The class is taken in, graded and compared: by the first test, or else by commands."""
    course = desk.desk.course
    if course.students("tiny"):
        return
    archive = course.root.parent / "moodle.zip"
    for arguments in (("collect", "tiny", "--zip", archive), ("grade", "tiny"), ("similar", "tiny")):
        done = command(*arguments, "--course", course.root)
        assert done.returncode == 0, done.stderr
    give(course, "tiny", "why", {"ada": 4.5, "ben": 4.5}, "Why is the mean 1?")
    give(course, "tiny", "why", {"mallory": 0.0}, "No.")


def press(page: Page, name: str) -> None:
    """A button, reached and pressed by keyboard."""
    button = page.get_by_role("button", name=name, exact=True)
    button.focus()
    page.keyboard.press("Enter")


def test_a_class_goes_from_moodle_s_archive_to_canvas_file(
    watch: Watch, desk: Caller, tmp_path: Path
) -> None:
    page = watch.page
    page.get_by_role("link", name="tiny", exact=True).press("Enter")
    page.wait_for_url("**/a/tiny")  # and its script, which takes the files in
    a_due_date_is_set(page)
    page.set_input_files("#files", desk.desk.course.root.parent / "moodle.zip")
    expect(page.locator("#said")).to_have_text("3 submissions taken in. Next: grade.")
    press(page, "Grade")
    expect(page.locator("#bar")).to_be_visible()
    expect(page.locator("#said")).to_have_text("Done.")
    expect(page.locator("#h-grade")).to_be_focused()  # its button to stop is gone
    expect(page.locator("#facts").first).to_contain_text("To grade by hand3")
    expect(page.get_by_role("row", name="Zoe Absent")).to_contain_text("not handed in")

    page.get_by_role("link", name="Canvas", exact=True).press("Enter")  # too early
    expect(page.locator("#said")).to_contain_text("Written answers wait")
    expect(page.locator("#said")).to_be_in_viewport()
    watch.problems[:] = [one for one in watch.problems if "422" not in one]  # as it must be

    page.get_by_role("link", name="why").press("Enter")
    page.wait_for_url("**/by-hand/why")
    points_that_were_not_saved_wait(page)
    watch.problems[:] = [one for one in watch.problems if "507" not in one]
    grade_by_keyboard(page)
    page.get_by_role("link", name="tiny", exact=True).click()
    page.wait_for_url("**/a/tiny")
    with page.expect_download() as saved:
        page.get_by_role("link", name="Canvas", exact=True).press("Enter")
    saved.value.save_as(tmp_path / "canvas.csv")
    table = list(csv.reader((tmp_path / "canvas.csv").read_text("utf-8").splitlines()))
    points = {number: line[-1] for line in table for number in line if number.startswith("71")}
    assert table[0][-1] == "tiny (4711)"
    assert points == {"710": "12", "711": "12", "712": "10", "713": ""}
    with page.expect_download() as saved:
        page.get_by_role("link", name="for Moodle").click()
    assert saved.value.suggested_filename == "tiny-feedback-moodle.zip"


def a_due_date_is_set(page: Page) -> None:
    """It lies in a fold, which the link opens."""
    page.get_by_role("link", name="Set one").press("Enter")
    expect(page.get_by_label("Due (UTC)")).to_be_visible()
    for due, said in (
        ("2098-11-30T18:00", "tiny is due 2098-11-30 18:00 UTC."),
        ("", "tiny has no due date now."),
        ("2098-11-30T18:00", "tiny is due 2098-11-30 18:00 UTC."),
    ):
        page.get_by_label("Due (UTC)").fill(due)
        press(page, "Set the due date")
        expect(page.locator("#said")).to_have_text(said)
    expect(page.locator("#due-now")).to_have_text("Due 30 November 2098, 18:00 UTC")


def points_that_were_not_saved_wait(page: Page) -> None:
    """The page has gone on to the next answer meanwhile; its points are given later."""
    full = {"message": "No space left on device."}
    page.route("**/why/points", lambda route: route.fulfill(status=507, json=full))
    expect(page.locator("#counted")).to_have_text("Answer 1 of 2; 2 wait")
    page.keyboard.press("p")
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_have_text("Answer 1 was not saved: No space left on device.")
    expect(page.locator("#counted")).to_have_text("Answer 2 of 2; 2 wait")
    page.unroute("**/why/points")


def grade_by_keyboard(page: Page) -> None:
    """Both groups: the same answer of two gets 4.5 points, the hostile one none."""
    for _ in range(2):
        expect(page.locator("#answer p").first).to_be_visible()
        two = "wrote the same" in page.locator("#whose").inner_text()
        page.keyboard.press("p")
        page.keyboard.type("4,5" if two else "0")
        page.keyboard.press("Escape")
        page.keyboard.press("c")
        page.keyboard.type("Why is the mean 1?" if two else "No.")
        page.keyboard.press("Control+Enter")
        expect(page.locator("#said")).to_contain_text("Saved")
    expect(page.locator("#said")).to_contain_text("No answer waits any more.")
    assert page.title() == "why by hand: tiny"
    for name in ("save", "points", "said"):
        assert page.locator(f"#{name}").count() == 1


@pytest.mark.usefixtures("graded")
def test_one_comment_for_answers_alike_is_written_by_keyboard(watch: Watch, desk: Caller) -> None:
    page = watch.page
    page.goto(f"{desk.origin}/a/tiny")
    page.get_by_role("link", name="Answers alike").press("Enter")
    page.wait_for_url("**/a/tiny/alike")
    box = page.get_by_label("Comment for all 2")
    box.focus()
    page.keyboard.type("Each feature has **its own** centre, $c_j$.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("form [role=status]")).to_have_text("Written for 2; their feedback pages show it.")
    page.get_by_role("link", name="Ben Ng").press("Enter")
    said = page.locator(".notice", has_text="Each feature has its own centre")
    expect(said.locator("strong", has_text="its own")).to_be_visible()
    expect(said.locator("math")).to_be_visible()


@pytest.mark.usefixtures("graded")
def test_code_that_is_alike_is_compared_when_asked_for(watch: Watch, desk: Caller) -> None:
    page = watch.page
    page.goto(f"{desk.origin}/a/tiny")
    page.get_by_text("Compare the code").press("Enter")
    press(page, "Compare")
    expect(page.locator("#said")).to_have_text("Done. See the code that is alike")
    expect(page.get_by_role("link", name="Code that is alike", exact=True)).to_be_visible()
    page.locator("#said").get_by_role("link").press("Enter")
    expect(page.locator("h1")).to_have_text("tiny: code that is alike")
    page.get_by_role("link", name="tiny at the desk").press("Enter")
    page.wait_for_url("**/a/tiny")


@pytest.mark.usefixtures("graded")
def test_a_note_about_what_was_taken_in_is_pointed_at(watch: Watch, desk: Caller) -> None:
    page = watch.page
    page.goto(f"{desk.origin}/a/tiny")
    answer = {
        "message": "a.ipynb: 1 submission taken in.",
        "students": ["a"],
        "notes": ["not in the roster: a."],
    }
    page.route("**/collect?name=*", lambda route: route.fulfill(json=answer))
    page.set_input_files("#files", {"name": "a.ipynb", "mimeType": "text/plain", "buffer": b"{}"})
    expect(page.locator("#said")).to_have_text(
        "1 submission taken in. Read the notes under Collect, then grade."
    )
    expect(page.locator("#said")).not_to_have_class("good")
    expect(page.locator("#taken")).to_contain_text("Note: not in the roster: a.")
    answer["notes"], answer["renamed"] = [], ["a (b.ipynb)"]
    page.set_input_files("#files", {"name": "a.ipynb", "mimeType": "text/plain", "buffer": b"{}"})
    expect(page.locator("#said")).to_have_text("1 submission taken in. Next: grade.")
    expect(page.get_by_text("a (b.ipynb)")).to_be_hidden()
    page.get_by_text("1 notebook has another name").press("Enter")
    expect(page.get_by_text("a (b.ipynb)")).to_be_visible()
    assert violations(page) == []
    page.unroute("**/collect?name=*")


@pytest.mark.usefixtures("graded")
def test_a_name_without_end_leaves_the_columns_in_sight(watch: Watch, desk: Caller) -> None:
    page = watch.page
    page.goto(f"{desk.origin}/a/tiny")
    table = page.locator("[data-part=students] .scroll")
    table.locator("bdi").first.evaluate("name => { name.textContent = 'x'.repeat(300); }")
    assert table.evaluate("table => table.scrollWidth - table.clientWidth") == 0
    page.get_by_label("Filter").press_sequentially("zoe not handed")
    expect(page.locator("#filtered")).to_have_text("1 of 4 students")
    expect(page.locator("#students tbody tr:visible")).to_have_count(1)
    page.get_by_label("Filter").fill("")
    page.set_viewport_size({"width": 390, "height": 900})
    tag = page.locator("#students .tag").first
    tag.evaluate("tag => { tag.textContent = 'unreadable'; }")
    tag.evaluate("tag => tag.after(' ', Object.assign(tag.cloneNode(), { textContent: 'waiting: 12' }))")
    points = page.locator("#students tbody td.number").first
    points.evaluate("points => { points.textContent = '100.25'; }")
    right = "box => box.getBoundingClientRect().right"
    assert points.evaluate(right) <= table.evaluate(right)
    page.set_viewport_size({"width": 1280, "height": 900})


@pytest.mark.usefixtures("graded")
def test_what_was_broken_off_is_done_again_or_dismissed_at_a_press(watch: Watch, desk: Caller) -> None:
    page, course = watch.page, open_course(desk.desk.course.root)
    for begun in (Begun("similar", "tiny"), Begun("collect", "tiny", "class.zip")):
        Mark(course, begun).leave()  # as a desk that was killed
    page.goto(f"{desk.origin}/")
    expect(page.locator(".card", has_text="tiny")).to_contain_text("broken off")
    page.get_by_role("link", name="tiny", exact=True).press("Enter")
    page.wait_for_url("**/a/tiny")
    told = page.locator("#left .notice")
    expect(told).to_have_count(2)
    expect(told.last).to_contain_text("Taking in class.zip, begun on")
    told.last.get_by_role("button", name="Dismiss").press("Enter")
    expect(told).to_have_count(1)
    press(page, "Do it again")
    expect(page.locator("#said")).to_contain_text("Done.")
    expect(told).to_have_count(0)


@pytest.mark.usefixtures("graded")
def test_whose_points_a_correction_would_change_is_shown_before(watch: Watch, desk: Caller) -> None:
    questions, page = desk.desk.course.root / "questions" / "tiny.py", watch.page
    before = questions.read_text("utf-8")
    questions.write_text(before.replace("weight=5 /", "weight=9 /"), encoding="utf-8")
    page.goto(f"{desk.origin}/a/tiny")
    page.get_by_text("Grade again after a correction").press("Enter")
    press(page, "Show what would change")
    expect(page.locator("#changes caption")).to_have_text("What would change")
    rows = [row.split("\t") for row in page.locator("#changes tbody tr").all_inner_texts()]
    changed = ["12", "11.5", "scaled 1.5 → 1"]
    assert rows == [["Ada Lovelace (ada)", *changed], ["Ben Ng (ben)", *changed]]
    expect(page.locator("#changes li").first).to_contain_text("(2 students)")
    expect(page.locator("#ended")).to_contain_text("2 scores would change: 0 higher, 2 lower.")
    expect(page.locator("#ended")).to_contain_text("Nothing was written.")
    questions.write_text(before, encoding="utf-8")
    expect(page.get_by_role("row", name="Ben Ng").first).to_contain_text("12")


@pytest.mark.usefixtures("graded")
def test_an_answer_covers_and_names_nothing_of_the_page(watch: Watch, desk: Caller) -> None:
    page = watch.page
    page.goto(f"{desk.origin}/a/tiny/by-hand/why")
    expect(page.locator("#answer p").first).to_be_visible()
    for _ in WHY:
        if "Mallory" not in page.locator("#whose").inner_text():
            press(page, "Next")
    expect(page.locator("#whose")).to_contain_text("Mallory")
    frame = page.locator("#answer").bounding_box()
    assert frame is not None
    expect(page.locator("#answer")).to_contain_text("because")
    for element in page.locator("#answer *").all():
        box = element.bounding_box()
        assert box is None or (box["x"] >= frame["x"] and box["width"] <= frame["width"])
    assert (
        page.evaluate(
            "document.querySelectorAll('#answer [id], #answer [name], #answer [style], #answer a').length"
        )
        == 0
    )
    picture = page.get_by_role("img", name="The picture that the student put into this answer")
    expect(picture).to_have_count(1)
    page.wait_for_function("document.querySelector('#pictures img').naturalWidth === 40")
    covered = page.evaluate(
        "() => { const b = document.getElementById('save').getBoundingClientRect();"
        " return document.elementFromPoint(b.x + 5, b.y + 5).id; }"
    )
    assert covered == "save"
    write(desk.desk.course, "tiny", ["mallory"])
    page.goto(f"{desk.origin}/feedback/mallory/tiny/tiny.html")
    page.get_by_text("Your answer").press("Enter")
    own = page.get_by_role("img", name="Picture 1 of your answer")
    expect(own).to_be_visible()
    assert own.evaluate("picture => picture.naturalWidth") == 40
    assert problems(page, "light", "/feedback/mallory") == []


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.usefixtures("graded")
def test_every_page_of_the_desk_is_accessible_in_both_themes(watch: Watch, desk: Caller, width: int) -> None:
    page, found = watch.page, []
    page.set_viewport_size({"width": width, "height": 900})
    student = student_link(desk)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        pages = ("/", "/a/tiny", "/a/tiny/alike", "/a/tiny/by-hand/why", "/nowhere")
        for path in (*pages, "/report/tiny.html", "/report/tiny-similar.html"):
            page.goto(desk.origin + path)
            if "by-hand" in path:
                expect(page.locator("#answer p").first).to_be_visible()
                if "Mallory" not in page.locator("#whose").inner_text():
                    press(page, "Next")
                expect(page.locator("#pictures img")).to_have_count(1)
            found += problems(page, scheme, path)
        found += problems_of_students(watch, student, scheme, width)
    watch.problems[:] = [one for one in watch.problems if "404" not in one]
    assert found == []


def problems(page: Page, scheme: str, path: str) -> list[Any]:
    for fold in page.locator("details").all():
        fold.evaluate("fold => { fold.open = true; }")
    sideways = page.evaluate(OVERFLOW)
    return [(scheme, path, *violation) for violation in violations(page)] + (
        [(scheme, path, f"scrolls {sideways} px sideways")] if sideways > 0 else []
    )


def student_link(desk: Caller) -> str:
    from autograder.desk.links import Link, signed

    return f"{desk.students.origin}/h/{signed(desk.desk.course, Link('ada', 'tiny', 2**40))}"


def problems_of_students(watch: Watch, address: str, scheme: str, width: int) -> list[Any]:
    context = watch.context.browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900})  # type: ignore[union-attr, arg-type]
    page = context.new_page()
    page.goto(address)
    found = problems(page, scheme, "hand in")
    context.close()
    return found


@pytest.mark.usefixtures("graded")
def test_a_student_hands_in_and_keeps_the_receipt(browser: Browser, desk: Caller, tmp_path: Path) -> None:
    watcher = Watch(browser, desk.students.origin, accept_downloads=True)
    page = watcher.page
    page.goto(student_link(desk))
    (tmp_path / "mine.ipynb").write_text(json.dumps(filled({"why": "Later."})), encoding="utf-8")
    page.set_input_files("#file", tmp_path / "mine.ipynb")
    expect(page.locator("#said")).to_contain_text("as attempt 2.")
    with page.expect_download() as saved:
        page.get_by_role("link", name="Receipt of attempt 2").click()
    saved.value.save_as(tmp_path / "receipt.txt")
    verified = command(
        "verify", tmp_path / "receipt.txt", tmp_path / "mine.ipynb", "--course", desk.desk.course.root
    )
    assert "Genuine" in verified.stdout
    page.set_input_files("#file", {"name": "b.ipynb", "mimeType": "text/plain", "buffer": b"{}"})
    expect(page.locator("#said")).to_contain_text("as attempt 3. But it cannot be graded: tiny.ipynb: ")
    expect(page.locator("#said")).not_to_have_class("good")
    watcher.context.close()
    assert watcher.problems == []
