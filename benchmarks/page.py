"""Exercises in the page: how long a reader waits, in Chromium, against the aims. The book must be built.

    python benchmarks/page.py            all tables
    python benchmarks/page.py --quick    no catalogue

Cold is a fresh profile, cached the same page again. Warm times are the worker's own, the best of three, after
what can be computed ahead has been. Exit code 1 if an aim is missed; read it on a quiet machine.
"""

from __future__ import annotations

import argparse
import functools
import http.server
import shutil
import statistics
import sys
import threading
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from autograder.check import check
from autograder.questions import ASSIGNMENTS, Question, of_assignment
from autograder.values import Misconception

HTML = Path(__file__).parents[1] / "_build" / "html"
LOOP = "def e_step(X, weights, means, covariances):\n    while True:\n        pass\n"
ZERO = "def e_step(X, weights, means, covariances):\n    return np.zeros((len(X), 2)), 0.0\n"
#: Cells by what they measure; each defines NAME.
CELLS = {
    "right": "from autograder.questions import find\nNAME = find('QUESTION').reference\n",
    "unforeseen": """import numpy as np
from autograder.questions import find

def off(value):
    return np.asarray(value) * 1.013 if np.asarray(value).dtype.kind == "f" else value

def NAME(*inputs, **options):
    value = find("QUESTION").reference(*inputs, **options)
    return tuple(map(off, value)) if isinstance(value, tuple) else off(value)
""",
    "mistake": """from autograder.questions import find
wrong = next(entry for entry in find("QUESTION").misconceptions if entry.name == "MISTAKE").implementation

def NAME(*inputs, **options):
    return wrong(*inputs, **options)
""",
}
CHECK = """async ([question, name, source]) => {
    const folder = new URL(document.querySelector("[data-runtime]").dataset.runtime, location);
    const { python } = await import(new URL("python.js", folder));
    const checks = [];
    for (let i = 0; i < 3; i += 1) {
        checks.push(await python.call("check", { question, cells: [{ name, source }] }));
    }
    return [Math.min(...checks.map((each) => each.milliseconds)), checks[0].content.misconception];
}"""
PREPARE = """async (question) => {
    const folder = new URL(document.querySelector("[data-runtime]").dataset.runtime, location);
    const { python } = await import(new URL("python.js", folder));
    while (!(await python.call("prepare", { question, milliseconds: 500 })));
}"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A static server that lets browsers keep a connection, as others do."""

    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        pass


class Table:
    """Lines of what was measured, and whether any missed its aim."""

    missed = False

    def line(self, what: str, measured: float, aim: float, unit: str = "s") -> None:
        self.missed |= measured > aim
        sign = "MISSED" if measured > aim else ""
        print(f"  {what:58}{measured:9.3f} {unit}   aim {aim:g} {unit}  {sign}", flush=True)


def since(begin: float) -> float:
    return time.perf_counter() - begin


def write(page: Page, code: str) -> None:
    page.locator('[data-question="em.e_step"] .cm-content').click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(code)


def waits(browser: Browser, site: str, table: Table) -> None:
    context = browser.new_context()
    page = context.new_page()
    part = page.locator('[data-question="em.e_step"]')
    for what, aim in (("cold", 7.0), ("cached", 3.0)):
        page.goto(f"{site}/book/em.html")
        begin = time.perf_counter()
        page.locator("[data-do=start]").click()
        part.locator("[data-do=check]").wait_for()
        table.line(f"{what}: click to editor", since(begin), 1.2)
        write(page, ZERO)
        part.locator("[data-do=check]").click()
        part.locator("[data-verdict]").wait_for()
        table.line(f"{what}: click to first verdict", since(begin), aim)
        page.wait_for_timeout(8000)  # a spare is ready then
    write(page, LOOP)
    part.locator("[data-do=check]").click()
    part.locator("[data-do=stop]").click()
    begin = time.perf_counter()
    part.locator("[data-verdict=stopped]").wait_for()
    table.line("an endless loop: Stop to stopped", since(begin), 0.1)
    write(page, ZERO)
    part.locator("[data-do=check]").click()
    part.locator("[data-verdict=wrong]").wait_for()
    table.line("an endless loop: Stop to the next verdict", since(begin), 1.5)
    context.close()


def warm(browser: Browser, site: str, table: Table, catalogue: bool) -> None:
    page = browser.new_page()
    page.goto(f"{site}/book/em.html")
    kinds: dict[str, list[tuple[float, str]]] = {kind: [] for kind in CELLS}
    otherwise: list[str] = []  # what this Python names otherwise than the page's
    for question in (question for name in ASSIGNMENTS for question in of_assignment(name)):
        page.evaluate(PREPARE, question.id)

        def measure(kind: str, mistake: str = "", question: Question = question) -> str | None:
            source = CELLS[kind].replace("NAME", question.name).replace("QUESTION", question.id)
            asked = [question.id, question.name, source.replace("MISTAKE", mistake)]
            took, named = page.evaluate(CHECK, asked)
            kinds[kind].append((took / 1000, f"{question.id} {mistake}"))
            return str(named) if named else None

        measure("right")
        measure("unforeseen")
        for entry in question.misconceptions if catalogue else ():
            if measure("mistake", entry.name) != named_here(question, entry):
                otherwise.append(f"{question.id} {entry.name}")
    for kind, aim in (("right", 0.15), ("unforeseen", 0.35), ("mistake", 0.3)):
        if kinds[kind]:
            slowest, where = max(kinds[kind])
            table.line(f"warm, {kind}: slowest of {len(kinds[kind])}, {where}", slowest, aim)
            table.line(f"warm, {kind}: median", statistics.median(took for took, _ in kinds[kind]), aim)
    if catalogue:
        table.line("mistakes that the page names otherwise", len(otherwise), 0, "")
        print(*(f"    {each}" for each in otherwise), sep="\n")
    page.close()


def named_here(question: Question, entry: Misconception) -> str | None:
    def wrong(*inputs: Any, **options: Any) -> object:
        return entry.implementation(*inputs, **options)

    return check(question.id, wrong).content().misconception


def weights(table: Table) -> None:
    runtime = HTML / "_static" / "runtime"
    loaded = [path for kind in ("core-*", "page-*") for path in runtime.glob(f"{kind}/*")]
    table.line(
        "what a reader loads who begins", sum(path.stat().st_size for path in loaded) / 1e6, 10.0, "MB"
    )


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="without the catalogue of mistakes")
    options = parser.parse_args()
    if not (HTML / "index.html").exists():
        print("The book is not built yet: run `make book` first.", file=sys.stderr)
        return 2
    table = Table()
    handler = functools.partial(Quiet, directory=str(HTML))
    with (
        http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server,
        sync_playwright() as playwright,
    ):
        threading.Thread(target=server.serve_forever, daemon=True).start()
        site = f"http://127.0.0.1:{server.server_port}"
        path = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        weights(table)
        waits(browser, site, table)
        warm(browser, site, table, not options.quick)
        browser.close()
        server.shutdown()
    return int(table.missed)


if __name__ == "__main__":
    raise SystemExit(main())
