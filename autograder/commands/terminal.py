"""What a person sees in a terminal: a progress bar, a table, and text without escape sequences."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Sequence
from typing import Protocol


class Watching(Protocol):
    """Who is told how a batch goes on: a terminal's bar, or a page."""

    def begin(self, total: int, under_way: Callable[[], Sequence[str]]) -> None:
        """Learn how many will be graded; `under_way` says at any time who is being graded."""

    def step(self, name: str) -> None:
        """Learn that one more is done."""

    def close(self) -> None:
        """Learn that nothing more comes."""


class Progress:
    """A bar on standard error while a batch runs; silent where that is no terminal."""

    def __init__(self) -> None:
        self._total, self._done = 0, 0
        self._shown = sys.stderr.isatty()

    def begin(self, total: int, under_way: Callable[[], Sequence[str]]) -> None:
        """Show an empty bar."""
        self._total = total
        self._draw("")

    def step(self, name: str) -> None:
        """Show that one more is done."""
        self._done += 1
        self._draw(plain(name))

    def close(self) -> None:
        """Clear the line."""
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def _draw(self, name: str) -> None:
        if self._shown and self._total:
            filled = 30 * self._done // self._total
            sys.stderr.write(
                f"\r\x1b[K[{'█' * filled}{'░' * (30 - filled)}] {self._done}/{self._total} {name[:30]}"
            )
            sys.stderr.flush()


def plain(text: str) -> str:
    """Return text without control characters, so that a student's words cannot drive the terminal."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


def table(header: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Return columns side by side, the last one cut at the width of the terminal."""
    widths = [max(len(line[column]) for line in (header, *lines)) for column in range(len(header) - 1)]
    room = max(20, shutil.get_terminal_size((110, 24)).columns - sum(widths) - 2 * len(widths))
    rows = []
    for line in (header, *lines):
        cells = [cell.ljust(width) for cell, width in zip(line, widths, strict=False)]
        last = line[-1] if len(line[-1]) <= room else line[-1][: room - 1] + "…"
        rows.append("  ".join([*cells, last]).rstrip())
    return "\n".join(rows)
