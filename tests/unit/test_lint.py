"""The code reads as one hand wrote it: style, types and spelling."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMMANDS = {
    "ruff": ["ruff", "check", "."],
    "the formatter": ["ruff", "format", "--check", "."],
    "mypy": ["mypy"],
    "codespell": ["codespell_lib", "."],
}


@pytest.mark.parametrize("tool", COMMANDS)
def test_the_checkout_is_clean_for(tool: str) -> None:
    run = subprocess.run(
        [sys.executable, "-m", *COMMANDS[tool]], cwd=ROOT, capture_output=True, text=True, timeout=900
    )
    assert run.returncode == 0, run.stdout + run.stderr
