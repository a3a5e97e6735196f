"""Hypothesis's profiles; and, at the end of a run, what each test folder took and what it may take.

`pytest tests/properties --hypothesis-profile=thorough` tries 20 times as many examples as usual.
"""

from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import settings

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
