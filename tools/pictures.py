"""`python -m tools.pictures`: what the README shows, from the book and the sample class as they are now.

The output of `check` goes into README.md, and four pictures in two themes go into tools/readme/. The
pages are those of `make book` and of the sample class; Jupyter executes the notebook.
"""

from __future__ import annotations

import functools
import http.server
import io
import os
import re
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

import nbformat
import numpy as np
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from autograder.check import check
from book import build
from tests.support.sample_class.__main__ import main as make_class
from tests.support.sample_class.build import STUDENTS, answers

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
PICTURES = ROOT / "tools" / "readme"
#: The student whose work is shown, and the question.
STUDENT, QUESTION = "emil", "em.e_step"
CALL = '>>> check("em.e_step", e_step)\n'
SHOWN = re.compile(rf"(?<={re.escape(CALL)})(.*?)(?=^```$)", re.DOTALL | re.MULTILINE)
LIMIT = 150_000  # bytes a picture
WIDTH, HEIGHT = 900, 640  # CSS pixels


def solution() -> str:
    """The student's e_step, as it was handed in."""
    return answers((STUDENTS / f"{STUDENT}.py").read_text("utf-8"))["e_step"]


def check_output() -> str:
    """What `check` prints about it, now, without the rest of the list of checks."""
    names: dict[str, object] = {"np": np}
    exec(solution(), names)
    listed, first, example = repr(check(QUESTION, names["e_step"])).partition("\nThe first call")
    lines = listed.splitlines()
    return "\n".join([*lines[:6], "  …", f"{first}{example}\n"])


def shown_output() -> str:
    """What the README says that `check` prints."""
    found = SHOWN.search(README.read_text("utf-8"))
    assert found is not None, f"README.md has no block that starts with {CALL.strip()}"
    return found[1]


def notebook_page(theme: str) -> str:
    """The function and its check in a notebook, executed, as Jupyter draws it."""
    cells = [solution(), f'check("{QUESTION}", e_step)']
    hidden = nbformat.v4.new_code_cell("import numpy as np\nfrom autograder.check import check")
    notebook = nbformat.v4.new_notebook(cells=[hidden, *map(nbformat.v4.new_code_cell, cells)])
    options = {"resources": {"metadata": {"path": ROOT}}, "extra_arguments": ["--IPKernelApp.log_level=50"]}
    notebook = NotebookClient(notebook, kernel_name="python3", **options).execute()
    del notebook.cells[0]
    return str(HTMLExporter(template_name="lab", theme=theme).from_notebook_node(notebook)[0])


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Address of a folder on this machine, for as long as it is needed."""
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Headless Chromium."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"] if root else [])
        yield browser
        browser.close()


def save(name: str, data: bytes) -> None:
    """Store a screenshot with 64 colours, which is all that text and flat drawings need."""
    picture = Image.open(io.BytesIO(data)).convert("RGB").quantize(64, dither=Image.Dither.NONE)
    path = PICTURES / f"{name}.png"
    picture.save(path, optimize=True)
    size = path.stat().st_size
    assert size <= LIMIT, f"{path} has {size} bytes, and may have {LIMIT}"
    print(f"{path.relative_to(ROOT)}  {picture.width} x {picture.height}, {size // 1000} kB")


def shoot(page: Page, first: str, above: float = 24) -> bytes:
    """The page from `above` pixels above the element `first`, as wide as the window."""
    page.evaluate("scrollTo({top: 0, behavior: 'instant'})")  # else what sticks to the top is in the way
    box = page.locator(first).first.bounding_box()
    assert box is not None, f"nothing on {page.url} is {first}"
    clip = {"x": 0, "y": max(box["y"] - above, 0), "width": WIDTH, "height": HEIGHT}
    return page.screenshot(clip=clip, full_page=True)


def draw(browser: Browser, site: str, theme: str) -> None:
    """The four pictures in one theme."""
    context = browser.new_context(
        viewport={"width": WIDTH, "height": 900}, device_scale_factor=1.5, color_scheme=theme
    )
    context.route(lambda address: not address.startswith((site, "data:")), lambda route: route.abort())
    page = context.new_page()
    (build.BUILD / "notebook.html").write_text(notebook_page(theme), "utf-8")
    page.goto(f"{site}/notebook.html")
    save(f"check-{theme}", shoot(page, ".jp-Cell, .cell"))
    page.goto(f"{site}/course/feedback/{STUDENT}/em/em.html")
    save(f"feedback-{theme}", shoot(page, "h1"))
    page.goto(f"{site}/course/report/em.html")
    save(f"report-{theme}", shoot(page, "h2:has-text('For the next lecture')"))
    page.goto(f"{site}/html/book/em.html")
    for _ in range(5):
        page.locator(".stepper").first.get_by_role("button", name="Next").click()
    save(f"lesson-{theme}", shoot(page, ".stepper", above=150))
    context.close()


def main() -> int:
    """Bring the README's output and pictures up to date."""
    if build.build_book() != 0:
        return 1
    with redirect_stdout(io.StringIO()):
        make_class(str(build.BUILD / "course"))
    README.write_text(SHOWN.sub(lambda _: check_output(), README.read_text("utf-8"), count=1), "utf-8")
    PICTURES.mkdir(exist_ok=True)
    with served(build.BUILD) as site, chromium() as browser:
        for theme in ("light", "dark"):
            draw(browser, site, theme)
    return 0


if __name__ == "__main__":
    sys.exit(main())
