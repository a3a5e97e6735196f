"""Hypothesis's profiles; in which order files are shared out to processes; what each folder may take.

`pytest tests/properties --hypothesis-profile=thorough` tries 20 times as many examples as usual. The times
at the end are minutes of one process while others run beside it.
"""

from __future__ import annotations

import os
import shutil
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

settings.register_profile("quick", max_examples=15, deadline=None, derandomize=True)
settings.register_profile("thorough", max_examples=300, deadline=None, derandomize=True)
settings.load_profile("quick")

# minutes on two cores
BUDGETS = {
    ("unit", "truth", "properties"): 4.0,
    ("grading",): 3.0,
    ("attacks", "malformed"): 5.0,
    ("book",): 4.0,
    ("browser",): 3.0,
    ("hub",): 2.0,
    ("versions",): 1.5,
}

#: Who builds the book begins, and who needs it comes late, so that no process waits. Files with one long test
#: (mypy, the oldest libraries) come before many with short ones: small files end the run.
ORDER = (
    "book/test_build",
    "hub",
    "unit/test_lint",
    "grading",
    "attacks",
    "malformed",
    "browser",
    "versions",
    "book",
)

NO_NETWORK = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"
#: WebAssembly is compiled once, and not again for speed: the page's Python lives for seconds in a test.
COMPILED_ONCE = "--js-flags=--liftoff-only"

_seconds: dict[str, float] = defaultdict(float)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _place(item.location[0]))


def _place(file: str) -> int:
    known = (place for place, start in enumerate(ORDER) if file.startswith(f"tests/{start}"))
    return next(known, len(ORDER))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    _seconds[Path(report.location[0]).parts[1]] += report.duration


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.section("time by folder, minutes")
    for folders, budget in BUDGETS.items():
        took = sum(_seconds[folder] for folder in folders) / 60
        over = "   OVER BUDGET" if took > budget else ""
        terminalreporter.line(f"{' + '.join(folders):28} {took:5.2f} of {budget:.0f}{over}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium, for which there is no other machine than this one."""
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("chromium-browser")
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    options = [NO_NETWORK, COMPILED_ONCE, *(["--no-sandbox"] if root else [])]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=options)
        yield chromium
        chromium.close()
