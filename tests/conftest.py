"""Prints, at the end of a run, what each test folder took and what it may take (minutes on two cores)."""

from collections import defaultdict
from pathlib import Path

import pytest

BUDGETS = {
    ("unit", "truth", "properties"): 4.0,
    ("grading",): 3.0,
    ("attacks", "malformed"): 5.0,
    ("book",): 4.0,
    ("browser",): 3.0,
}

_seconds: dict[str, float] = defaultdict(float)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    _seconds[Path(report.location[0]).parts[1]] += report.duration


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.section("time by folder, minutes")
    for folders, budget in BUDGETS.items():
        took = sum(_seconds[folder] for folder in folders) / 60
        over = "   OVER BUDGET" if took > budget else ""
        terminalreporter.line(f"{' + '.join(folders):28} {took:5.2f} of {budget:.0f}{over}")
