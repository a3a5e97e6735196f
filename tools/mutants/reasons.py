"""Why a mutant may keep its points, or lose more on some inputs than on others: `reasons.toml`.

Each entry is a question, a reason, and the changes that it holds for, as the table prints them. A change is
text of the function, so that it does not move with lines; one that no longer occurs is reported.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).with_name("reasons.toml")


@dataclass(frozen=True)
class Reasons:
    """The reasons of one question, by the mutant's change."""

    equivalent: Mapping[str, str]  # right answers: they keep every point
    uneven: Mapping[str, str]  # always caught, but not always by as many checks


def reasons_of(question_id: str) -> Reasons:
    """Return what the file says about a question's mutants."""
    entries = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return Reasons(*(_by_change(entries.get(kind, []), question_id) for kind in ("equivalent", "uneven")))


def _by_change(entries: list[dict[str, object]], question_id: str) -> dict[str, str]:
    return {
        str(change): str(entry["reason"])
        for entry in entries
        if entry["question"] == question_id
        for change in entry["mutants"]  # type: ignore[attr-defined]
    }
