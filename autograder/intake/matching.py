"""Which cell of a submission is which cell of the release: by grade_id, then by content.

Pure, and on the standard library only. Locked cells become the release's own; everything that the student
wrote stays text in the student's order; each difference is told in a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from autograder.course.release import ASKED, Release, ReleaseCell
from autograder.intake.notebook import ReadCell, ReadNotebook


@dataclass(frozen=True)
class MatchedCell:
    """A cell as it is run and shown: `origin` is its release cell's index, None for the student's own."""

    cell_type: str
    source: str
    origin: int | None = None
    runs: bool = True  # False for answers that were missing and only shown as the stub


@dataclass(frozen=True)
class MatchedNotebook:
    """A submission in terms of the release; `found` counts graded cells, `written` the changed answers."""

    cells: tuple[MatchedCell, ...]
    repairs: tuple[str, ...]
    found: int = 0
    written: int = 0


def match(notebook: ReadNotebook, release: Release) -> MatchedNotebook:
    """Return the submission's cells in their order, each with its release cell where it has one."""
    repairs = list(notebook.repairs)
    places = _places(notebook.cells, release, repairs)
    dropped = _copies_of_locked(notebook.cells, places, release, repairs)
    cells = [
        _resolved(cell, release, places.get(position), repairs)
        for position, cell in enumerate(notebook.cells)
        if position not in dropped
    ]
    found = sum(release.cells[origin].kind in ("answer", "check", "assert") for origin in places.values())
    written = sum(_is_written(cell, release) for cell in cells)
    if found:
        cells = _with_missing(cells, release, repairs)
    return MatchedNotebook(tuple(cells), tuple(dict.fromkeys(repairs)), found, written)


# --------------------------------------------------------------------------- finding the places


def _places(cells: Sequence[ReadCell], release: Release, repairs: list[str]) -> dict[int, int]:
    """Return for each position in the submission its index in the release, one to one."""
    places: dict[int, int] = {}
    by_content: list[int] = []
    for index, wanted in enumerate(release.cells):
        if wanted.kind == "plain":
            continue
        named = [position for position, cell in enumerate(cells) if cell.grade_id == wanted.grade_id]
        if named:
            places[_chosen(named, cells, wanted, repairs)] = index
        else:
            by_content.append(index)
    _place_plain(cells, release, places)
    for index in by_content:
        found = _found_by_content(cells, release, index, places)
        if found is not None:
            places[found] = index
            repairs.append(
                f"recognised {_title(release.cells[index])} by its content: its nbgrader metadata was gone"
            )
    return places


def _chosen(named: Sequence[int], cells: Sequence[ReadCell], wanted: ReleaseCell, repairs: list[str]) -> int:
    """Return one of several cells of one grade_id: the last that defines the function, or was changed."""
    if len(named) == 1 or wanted.restored:
        return named[0]
    defining = [position for position in named if _defines(cells[position].source, wanted.grade_id)]
    changed = [position for position in named if cells[position].source.strip() != wanted.source.strip()]
    chosen = (defining or changed or named)[-1]
    rule = "the last that defines it" if defining else "the last that was changed"
    what = "all are run, and" if wanted.cell_type == "code" else ""
    repairs.append(
        f"{len(named)} cells have the id {wanted.grade_id}: {what} {rule} counts as the answer".replace(
            ":  ", ": "
        )
    )
    return chosen


def _place_plain(cells: Sequence[ReadCell], release: Release, places: dict[int, int]) -> None:
    """Place the cells without a grade_id that still have the release's text; they anchor their neighbours."""
    free: dict[tuple[str, str], list[int]] = {}
    for position, cell in enumerate(cells):
        if position not in places and not cell.grade_id:
            free.setdefault((cell.cell_type, cell.source.strip()), []).append(position)
    for index, wanted in enumerate(release.cells):
        positions = free.get((wanted.cell_type, wanted.source.strip())) if wanted.kind == "plain" else None
        if positions:
            places[positions.pop(0)] = index


def _found_by_content(
    cells: Sequence[ReadCell], release: Release, index: int, places: dict[int, int]
) -> int | None:
    wanted = release.cells[index]
    free = [
        position
        for position in range(len(cells))
        if position not in places and not _known(cells[position], release)
    ]
    same = [position for position in free if cells[position].source.strip() == wanted.source.strip()]
    if same:
        return same[0]
    if wanted.kind == "answer":
        defining = [position for position in free if _defines(cells[position].source, wanted.grade_id)]
        return defining[-1] if defining else None
    if wanted.kind == "check":
        asking = [position for position in free if _asks(cells[position].source) == wanted.question]
        return asking[0] if asking else None
    if wanted.kind == "manual":
        return _between_neighbours(cells, release, index, places, free)
    return None


def _between_neighbours(
    cells: Sequence[ReadCell], release: Release, index: int, places: dict[int, int], free: Sequence[int]
) -> int | None:
    """Return where a prose answer stands: behind the cell that asks for it, as its own text is unknown."""
    before = [position for position, origin in places.items() if origin == index - 1]
    if not before:
        return None
    after = before[0] + 1
    return after if after in free and cells[after].cell_type == release.cells[index].cell_type else None


def _known(cell: ReadCell, release: Release) -> bool:
    return bool(cell.grade_id) and cell.grade_id in release.named


def _defines(source: str, name: str) -> bool:
    escaped = re.escape(name)
    return (
        re.search(
            rf"^[ \t]*(?:(?:async[ \t]+)?def|class)[ \t]+{escaped}\b|^{escaped}[ \t]*[:=]", source, re.M
        )
        is not None
    )


def _asks(source: str) -> str:
    asked = ASKED.search(source)
    return asked.group(1) if asked else ""


# --------------------------------------------------------------------------- what becomes of each cell


def _copies_of_locked(
    cells: Sequence[ReadCell], places: dict[int, int], release: Release, repairs: list[str]
) -> set[int]:
    """Return the positions of second copies of locked cells: they would ask twice, or run an edited test."""
    dropped = set()
    for position, cell in enumerate(cells):
        wanted = release.named.get(cell.grade_id)
        if wanted is not None and wanted.restored and position not in places:
            dropped.add(position)
            repairs.append(f"left out a second copy of {_title(wanted)}")
    return dropped


def _resolved(cell: ReadCell, release: Release, origin: int | None, repairs: list[str]) -> MatchedCell:
    if origin is None:
        return MatchedCell(cell.cell_type, cell.source)
    wanted = release.cells[origin]
    if wanted.kind == "plain":
        return MatchedCell(cell.cell_type, cell.source, origin)
    if cell.points is not None and cell.points != wanted.points:
        repairs.append(f"took the points of {_title(wanted)} from the release: they had been changed")
    if cell.cell_type != wanted.cell_type:
        repairs.append(
            f"made {_title(wanted)} a {wanted.cell_type} cell again: it had become {cell.cell_type}"
        )
    if not wanted.restored:
        return MatchedCell(wanted.cell_type, cell.source, origin)
    if cell.source.strip() != wanted.source.strip() and wanted.kind != "assert":
        repairs.append(f"restored {_title(wanted)}: it had been edited")
    return MatchedCell(wanted.cell_type, wanted.source, origin)


def _is_written(cell: MatchedCell, release: Release) -> bool:
    if cell.origin is None:
        return False
    wanted = release.cells[cell.origin]
    return wanted.kind in ("answer", "manual") and cell.source.strip() != wanted.source.strip()


# --------------------------------------------------------------------------- what is missing


def _with_missing(cells: list[MatchedCell], release: Release, repairs: list[str]) -> list[MatchedCell]:
    """Return the cells with every named release cell in them, each missing one behind its predecessor."""
    for index, wanted in _missing(cells, release):
        if wanted.kind == "answer":
            repairs.append(f"{_title(wanted)} is missing; nothing was put in its place")
        else:
            repairs.append(f"restored {_title(wanted)}: it was missing")
        cells.insert(
            _behind(cells, release, index),
            MatchedCell(wanted.cell_type, wanted.source, index, wanted.kind != "answer"),
        )
    return cells


def _missing(cells: Sequence[MatchedCell], release: Release) -> Iterator[tuple[int, ReleaseCell]]:
    present = {cell.origin for cell in cells}
    for index, wanted in enumerate(release.cells):
        if wanted.kind != "plain" and index not in present:
            yield index, wanted


def _behind(cells: Sequence[MatchedCell], release: Release, index: int) -> int:
    """Return the place behind the nearest cell that comes before it in the release.

    A check cell goes behind every cell that defines its function, wherever the student put those.
    """
    wanted = release.cells[index]
    if wanted.kind == "check":
        name = wanted.question.rpartition(".")[2]
        defining = [place for place, cell in enumerate(cells) if cell.runs and _defines(cell.source, name)]
        if defining:
            return defining[-1] + 1
    earlier = [
        (cell.origin, place)
        for place, cell in enumerate(cells)
        if cell.origin is not None and cell.origin < index
    ]
    return max(earlier)[1] + 1 if earlier else 0


def skeleton(release: Release) -> MatchedNotebook:
    """Return the release itself, for a submission that could not be read: shown, never run."""
    cells = tuple(
        replace(MatchedCell(cell.cell_type, cell.source, index), runs=False)
        for index, cell in enumerate(release.cells)
    )
    return MatchedNotebook(cells, ())


def _title(cell: ReleaseCell) -> str:
    """Return what the cell is called in a sentence."""
    if cell.kind == "check":
        return f"the check cell of {cell.question.rpartition('.')[2]}"
    kinds = {
        "answer": "the answer cell",
        "manual": "the written answer",
        "assert": "the test cell",
        "task": "the task",
    }
    return f"{kinds.get(cell.kind, 'the locked cell')} {cell.grade_id}"
