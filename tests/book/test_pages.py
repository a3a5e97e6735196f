"""What stands on the built pages: descriptions, links, weight, nothing foreign, no answers in plain sight."""

from __future__ import annotations

import json
import re
from html import unescape as html_text
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml

from book import build
from tests.support.reading import Page, read

MEGABYTE = 1_000_000
ON_PAPER = 90  # letters of code that a line holds in a fold
LESSONS = [
    Path(entry["file"]).name
    for part in yaml.safe_load((build.ROOT / "_toc.yml").read_text())["parts"]
    if part["caption"] == "Lessons"
    for entry in part["chapters"]
]


@pytest.fixture(scope="module")
def read_pages(pages: dict[str, str]) -> dict[str, Page]:
    return {name: read(source) for name, source in pages.items()}


def test_every_picture_says_what_is_seen(read_pages: dict[str, Page]) -> None:
    silent = []
    for name, page in read_pages.items():
        silent += [(name, image.get("src")) for image in page.all("img") if len(image.get("alt", "")) < 4]
        drawings = [svg for svg in page.all("svg") if "aria-hidden" not in svg]
        silent += [(name, svg.get("viewbox")) for svg in drawings if len(svg.get("aria-label", "")) < 30]
    assert silent == []


def test_no_line_of_code_or_output_is_too_long_for_paper(pages: dict[str, str]) -> None:
    blocks = r"^```(?:\{code-cell\} ipython3|python|bash|console)\n(.*?)^```"
    wide = []
    for path in sorted((build.ROOT / "book").glob("[!R]*.md")):
        cells = re.findall(blocks, path.read_text("utf-8"), re.DOTALL | re.MULTILINE)
        lines = [line for cell in cells for line in cell.splitlines() if not line.startswith(":")]
        wide += [(path.name, line) for line in lines if len(line) > ON_PAPER]
    for name, source in pages.items():
        for printed in re.findall(r'<div class="output stream[^"]*">(.*?)</pre>', source, re.DOTALL):
            lines = html_text(re.sub(r"<[^>]+>", "", printed)).splitlines()
            wide += [(name, line) for line in lines if len(line) > ON_PAPER]
    assert wide == []


def test_no_page_asks_a_foreign_host_for_anything(html: Path, read_pages: dict[str, Page]) -> None:
    foreign = []
    for name, page in read_pages.items():
        for element in page.elements:
            loads = [element.attributes.get("src", "")]
            loads += [element.attributes.get("href", "")] if element.tag == "link" else []
            foreign += [(name, address) for address in loads if re.match(r"(https?:)?//", address)]
    for sheet in html.rglob("*.css"):
        text = sheet.read_text("utf-8")
        foreign += [(sheet.name, address) for address in re.findall(r"url\([\"']?(https?://[^)]*)", text)]
    assert foreign == []


def test_every_link_inside_the_book_leads_somewhere(html: Path, read_pages: dict[str, Page]) -> None:
    broken = []
    for name, page in read_pages.items():
        for attributes in page.all("a"):
            address = urlsplit(attributes.get("href", ""))
            if address.scheme or address.netloc or attributes.get("href", "") in {"", "#"}:
                continue
            path = (html / name).parent / unquote(address.path)
            target = path if address.path else html / f"{name}.html"
            if not target.exists():
                broken.append((name, attributes["href"]))
            elif address.fragment and target.suffix == ".html":
                key = str(target.resolve().relative_to(html.resolve()).with_suffix(""))
                if unquote(address.fragment) not in read_pages[key].ids:
                    broken.append((name, attributes["href"]))
    assert broken == []


def weight(html: Path, name: str, page: Path | str) -> int:
    """Bytes of a page with its style sheets, scripts, images and fonts, uncompressed."""
    parsed = read(str(page))
    loads = {attributes.get("src", "") for tag in ("script", "img") for attributes in parsed.all(tag)}
    loads |= {link["href"] for link in parsed.all("link") if link.get("rel") in {"stylesheet", "icon"}}
    addresses = {urlsplit(load).path for load in loads if load and not load.startswith("data:")}
    files = {(html / name).parent / address for address in addresses}
    files |= set((html / "_static").glob("*.woff*"))
    return len(str(page).encode()) + sum(path.stat().st_size for path in files)


def test_no_page_weighs_more_than_a_megabyte(html: Path, pages: dict[str, str]) -> None:
    weights = {name: weight(html, name, source) for name, source in pages.items()}
    assert {name: size for name, size in weights.items() if size > MEGABYTE} == {}


def test_the_scripts_of_a_page_are_published_short(html: Path) -> None:
    sources = list((build.ROOT / "book" / "_static" / "js").glob("*.js"))
    written = sum(path.stat().st_size for path in sources)
    published = sum((html / "_static" / "js" / path.name).stat().st_size for path in sources)
    assert published < 0.7 * written


def test_no_id_stands_twice_on_a_page(read_pages: dict[str, Page]) -> None:
    doubled = {}
    for name, page in read_pages.items():
        ids = [attributes["id"] for attributes in page.with_attribute("id")]
        doubled[name] = sorted({one for one in ids if ids.count(one) > 1})
    assert {name: ids for name, ids in doubled.items() if ids} == {}


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_has_its_parts(lesson: str, read_pages: dict[str, Page]) -> None:
    page = read_pages[f"book/{lesson}"]
    classes = [attributes["class"] for attributes in page.with_attribute("class")]
    questions = [form for form in page.all("form") if "data-quiz" in form]
    assert classes.count("lesson-head") == 1
    assert 3 <= len(questions) <= 5
    assert sum("picture" in kind.split() for kind in classes) >= 2
    if (build.ROOT / "solutions" / lesson).is_dir():
        assert lesson in {attributes["data-exercise"] for attributes in page.with_attribute("data-exercise")}


def test_every_question_is_a_fieldset_with_a_legend(pages: dict[str, str]) -> None:
    forms = re.findall(r'<form class="quiz".*?</form>', "".join(pages.values()), flags=re.DOTALL)
    assert len(forms) >= 3 * len(LESSONS)
    for form in forms:
        assert form.count("<fieldset>") == form.count("<legend>") == 1
        assert "<label" in form


def veiled(source: str) -> list[str]:
    """Feedback of a page, as the script unveils it."""
    import base64

    codes = re.findall(r'data-feedback="([^"]*)"', source)
    return [base64.b64decode(code)[::-1].decode("utf-8") for code in codes]


def test_answers_are_not_in_plain_sight(html: Path, pages: dict[str, str]) -> None:
    index = (html / "searchindex.js").read_text("utf-8")
    downloads = "".join(path.read_text("utf-8") for path in html.rglob("*.ipynb"))
    told = [feedback for source in pages.values() for feedback in veiled(source)]
    assert told
    for feedback in told:
        text = read(feedback).text.strip()
        sentence = json.dumps(text, ensure_ascii=False)[1:-1]
        assert len(text) < 40 or sentence not in downloads
        assert feedback not in index
    assert "{quiz}" not in downloads
    assert not (html / "_sources").exists()


def solution_lines() -> set[str]:
    """Lines between the marks of the model answers, as far as no hint gives them and chance does not."""
    lines: set[str] = set()
    answer = re.compile(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", re.DOTALL)
    sources = [path.read_text("utf-8") for path in (build.ROOT / "solutions").glob("*/*.py")]
    given = " ".join(answer.sub("", source) for source in sources)
    for source in sources:
        for block in answer.findall(source):
            for line in block.splitlines():
                code = line.split("  #")[0].strip()
                if len(code) >= 30 and not code.startswith("#") and code not in given:
                    lines.add(re.sub(r"\s+", " ", code))
    return lines


def test_no_line_of_a_graded_solution_is_public(html: Path, read_pages: dict[str, Page]) -> None:
    lines = solution_lines()
    assert lines
    shown = {name: page.text for name, page in read_pages.items()}
    for path in html.rglob("*.ipynb"):
        cells = json.loads(path.read_text("utf-8"))["cells"]
        shown[path.name] = re.sub(r"\s+", " ", " ".join("".join(cell["source"]) for cell in cells))
    shown["searchindex"] = (html / "searchindex.js").read_text("utf-8")
    leaks = [(name, line) for name, text in shown.items() for line in lines if line in text]
    assert leaks == []


def test_the_downloaded_notebooks_carry_drawings_that_notebooks_can_show(html: Path) -> None:
    notebooks = list(html.glob("book/*.ipynb"))
    assert notebooks
    for path in notebooks:
        notebook = json.loads(path.read_text("utf-8"))
        assert notebook["metadata"]["kernelspec"]["display_name"] == "Python 3"
        for cell in notebook["cells"]:
            for output in cell.get("outputs", []):
                assert not {"text/html", "image/png"} <= set(output.get("data", {}))
