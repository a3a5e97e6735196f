"""A cell of a lesson is changed and run in its place, breaks, is stopped, and begins again."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, Locator, expect

from tests.browser.test_exercises import barriers
from tests.support.watch import Watch

NAME = "em-by-hand"
AS_EVER = "log-likelihood of the guess    -1183.94"
DRAWING = "import matplotlib.pyplot as plt\nplt.scatter([1, 2, 3], [4, 5, 6])\nplt.xlabel('across')\n"


def opened(watch: Watch) -> Locator:
    cell = watch.page.locator(f'[data-try="{NAME}"]')
    cell.get_by_role("button", name="Try it").press("Enter")
    expect(cell.locator(".cm-content")).to_be_focused()
    return cell


def write(cell: Locator, code: str) -> None:
    cell.locator(".cm-content").focus()
    cell.page.keyboard.press("Control+a")
    cell.page.keyboard.insert_text(code)


def text(cell: Locator) -> str:
    """What stands in the editor."""
    return "\n".join(cell.locator(".cm-line").all_text_contents())


def status(cell: Locator, text: str) -> None:
    expect(cell.get_by_role("status")).to_contain_text(text)


def test_a_reader_varies_a_cell_breaks_it_stops_it_and_starts_again(watch: Watch) -> None:
    watch.open("book/em")
    cell = opened(watch)
    expect(cell.locator(".cell_output")).to_contain_text(AS_EVER)
    source = text(cell)
    varied(cell, source)
    broken(cell)
    stopped(cell)
    cell.get_by_role("button", name="Start again").press("Enter")
    expect(cell.locator(".cell_output")).to_contain_text(AS_EVER)
    expect(cell.locator(".cell_output")).to_be_visible()
    assert text(cell) == source
    cell.get_by_role("button", name="Bring mine back").press("Enter")
    expect(cell.locator(".cm-content")).to_contain_text("while True:")
    draws(cell)
    place = f'[data-try="{NAME}"]'
    assert barriers(watch.page, place, 1280, "light") + barriers(watch.page, place, 390, "dark") == []
    is_kept(watch, cell)


def is_kept(watch: Watch, cell: Locator) -> None:
    write(cell, "x = 'typed last'\n")
    watch.context.route("**/*.pack", lambda route: None)  # Python need not come again
    watch.page.reload()
    expect(opened(watch).locator(".cm-content")).to_contain_text("typed last")


def varied(cell: Locator, source: str) -> None:
    """Another guess and a value at the end, run by keyboard; the result stands in the place of the output."""
    write(cell, source.replace("50.0, 100.0", "55.0, 100.0") + "\nbool(centre > 50)")
    cell.page.keyboard.press("Control+Enter")
    status(cell, "It ran; below is what came out.")
    expect(cell.locator(".cell_output")).to_be_hidden()
    output = cell.get_by_role("region", name="Output")
    expect(output).to_contain_text("log-likelihood of the guess")
    expect(output).not_to_contain_text("-1183.94")
    assert output.inner_text().endswith("True")


def broken(cell: Locator) -> None:
    """The error names its line, and nothing of what lies inside."""
    write(cell, "print('so far')\nfrom gmmlib import fit\nfit([[1.0]], 3)\n")
    cell.locator("[data-do=run]").press("Enter")
    status(cell, "InvalidInputError in line 3: ")
    expect(cell.get_by_role("status")).not_to_contain_text("..")
    expect(cell).not_to_contain_text("Traceback")
    assert cell.locator(".exercise-error-line").inner_text() == "fit([[1.0]], 3)"
    expect(cell.get_by_role("region", name="Output")).to_have_text("so far")


def stopped(cell: Locator) -> None:
    write(cell, "while True:\n    pass\n")
    cell.locator("[data-do=run]").press("Enter")
    expect(cell.locator("[data-do=stop]")).to_be_visible()
    cell.locator("[data-do=stop]").press("Enter")
    status(cell, "Stopped.")
    expect(cell.locator("[data-do=run]")).to_be_focused()


def draws(cell: Locator) -> None:
    write(cell, DRAWING)
    cell.locator("[data-do=run]").press("Enter")
    picture = cell.get_by_role("img")
    expect(picture).to_have_attribute("aria-label", "values over across: 3 points.")
    assert picture.locator("circle").count() == 3


def test_without_scripts_and_from_a_file_the_cell_and_its_output_read_as_ever(
    html: Path, site: str, browser: Browser
) -> None:
    for address, scripts in ((f"{site}/book/em.html", False), ((html / "book" / "em.html").as_uri(), True)):
        context = browser.new_context(java_script_enabled=scripts)
        page = context.new_page()
        page.goto(address)
        cell = page.locator(f'[data-try="{NAME}"]')
        expect(cell.locator(".cell_output")).to_contain_text(AS_EVER)
        expect(cell.locator(".cell_input")).to_be_visible()
        assert cell.locator("button[data-do]").count() == 0
        assert cell.locator(".exercise-start").count() == 0
        context.close()
