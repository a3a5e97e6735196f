"""Questions and checks as items of a test: how difficult they are, and how well they tell students apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from autograder.course.release import Release
from autograder.insight.everybody import Entry
from autograder.record.rows import NO_RESPONSE
from autograder.values import FloatArray, QuestionResult

ENOUGH = 10  # students: with fewer a correlation says nothing
TOGETHER = 0.9  # of the students who missed one of two checks missed both: they say the same

Ending = Literal["right", "partly", "wrong", "stopped", "not found", "not written"]
ENDINGS: tuple[Ending, ...] = ("right", "partly", "wrong", "stopped", "not found", "not written")


@dataclass(frozen=True)
class Item:
    """A question of the assignment over all students whose notebook could be run."""

    id: str
    max_score: float
    endings: Mapping[Ending, int]  # how many students came how far
    difficulty: float  # mean share of the points that was earned, in [0, 1]: high is easy
    discrimination: float | None  # correlation of its points with all other points; None if undefined
    by_hand: bool = False  # a written answer; its discrimination is against the points by the machine
    waiting: int = 0  # answers that nobody has graded; they are left out of everything else

    @property
    def name(self) -> str:
        """The function's name, or the written answer's."""
        return self.id.partition(".")[2]


@dataclass(frozen=True)
class MissedChecks:
    """Checks of one question that the same students missed."""

    question: str
    titles: tuple[str, ...]  # the most often missed one first
    see: str  # where the book explains the first
    missed: int  # students who missed the first
    written: int  # students who wrote the function
    discrimination: float | None  # of the first

    @property
    def name(self) -> str:
        """The function's name."""
        return self.question.partition(".")[2]


def items_of(entries: Sequence[Entry]) -> tuple[Item, ...]:
    """Return the questions in the order of the notebook."""
    totals = _totals(entries)
    items = []
    for question, results in _by_question(entries):
        scores = np.array([result.score for result in results])
        top = results[0].max_score
        items.append(
            Item(
                question,
                top,
                Counter(ending_of(result) for result in results),
                float(scores.mean() / top) if top else 0.0,
                correlation(scores, totals - scores),
            )
        )
    return tuple(items)


def written_items(release: Release, entries: Sequence[Entry]) -> tuple[Item, ...]:
    """Return the written answers that somebody has graded, in the order of the notebook."""
    items = []
    for cell in release.cells:
        if cell.kind not in ("manual", "task"):
            continue
        every = [
            (entry, entry.row.cells[cell.grade_id]) for entry in entries if cell.grade_id in entry.row.cells
        ]
        graded = [(entry, part) for entry, part in every if part.manual or not part.waiting]
        if not any(part.manual for _, part in graded):
            continue
        scores = np.array([part.score for _, part in graded])
        machine = np.array([entry.result.score for entry, _ in graded])
        endings = Counter(
            _written_ending(part.score, cell.points, entry.row.comments.get(cell.grade_id) == NO_RESPONSE)
            for entry, part in graded
        )
        difficulty = float(scores.mean() / cell.points) if cell.points else 0.0
        name = f"{release.assignment}.{cell.grade_id}"
        left = len(every) - len(graded)
        items.append(Item(name, cell.points, endings, difficulty, correlation(scores, machine), True, left))
    return tuple(items)


def _written_ending(score: float, top: float, empty: bool) -> Ending:
    if score >= top:
        return "right"
    return "partly" if score > 0.0 else "not written" if empty else "wrong"


def ending_of(result: QuestionResult) -> Ending:
    """Return how far a student came with a question."""
    if result.status == "not-written":
        return "not written"
    if result.status == "not-defined":
        return "not found"
    if result.score >= result.max_score:
        return "right"
    if result.score > 0.0:
        return "partly"
    return "wrong" if result.status == "graded" else "stopped"


def missed_checks(entries: Sequence[Entry]) -> tuple[MissedChecks, ...]:
    """Return the checks that somebody missed, most often missed ones first; equal ones in one.

    A check joins an earlier one of its question if nine of ten students who missed either missed both.
    """
    totals, found = _totals(entries), []
    for question, results in _by_question(entries):
        wrote = [number for number, result in enumerate(results) if _written(result)]
        rest = (totals - np.array([result.score for result in results]))[wrote]
        for titles, see, who in _folded([results[number] for number in wrote]):
            passed = np.array([number not in who for number in range(len(wrote))], dtype=np.float64)
            found.append(MissedChecks(question, titles, see, len(who), len(wrote), correlation(passed, rest)))
    return tuple(sorted(found, key=lambda checks: -checks.missed))


def correlation(first: FloatArray, second: FloatArray) -> float | None:
    """Return Pearson's correlation; None with few students or if one side does not vary."""
    if len(first) < ENOUGH or np.ptp(first) < 1e-9 or np.ptp(second) < 1e-9:
        return None
    return float(np.corrcoef(first, second)[0, 1])


def _totals(entries: Sequence[Entry]) -> FloatArray:
    return np.array([entry.result.score for entry in entries])


def _by_question(entries: Sequence[Entry]) -> Iterator[tuple[str, list[QuestionResult]]]:
    """Yield each question with everybody's result, in the order of the entries."""
    for question in entries[0].questions if entries else ():
        results = [entry.questions.get(question) for entry in entries]
        if all(result is not None for result in results):
            yield question, [result for result in results if result is not None]


def _written(result: QuestionResult) -> bool:
    return bool(result.checks) and ending_of(result) not in ("not found", "not written")


def _folded(results: Sequence[QuestionResult]) -> Iterator[tuple[tuple[str, ...], str, frozenset[int]]]:
    """Yield the titles of checks missed by the same students, the book's label, and who missed the first."""
    who: dict[str, set[int]] = {}
    places: dict[str, tuple[bool, str]] = {}  # the check's own label rather than that of a misconception
    for number, result in enumerate(results):
        for check in result.checks:
            place = (check.misconception is not None, check.see)
            places[check.title] = min(place, places.get(check.title, place))
            who.setdefault(check.title, set()).update(() if check.passed else (number,))
    left = sorted((title for title in who if who[title]), key=lambda title: -len(who[title]))
    while left:
        first = left[0]
        same = tuple(title for title in left if _overlap(who[first], who[title]) >= TOGETHER)
        left = [title for title in left if title not in same]
        yield same, places[first][1], frozenset(who[first])


def _overlap(first: set[int], second: set[int]) -> float:
    return len(first & second) / len(first | second)
