"""Which cell of a submission is which cell of the release: by grade_id, then by content.

Pure, and on the standard library only. Locked cells become the release's own; everything that the student
wrote stays text in the student's order; each difference is told in a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from autograder.course.release import ASKED, Release, ReleaseCell, without_addresses
from autograder.intake import prose
from autograder.intake.notebook import MAX_PICTURES, SHOWS_A_FILE, ReadCell, ReadNotebook
from autograder.intake.pictures import ASK_FOR_IT, RawPicture

ALIKE = 40  # repairs of one kind that are told
ELSEWHERE = "*Nothing was written here. Elsewhere in the notebook stands:*"
IMPORT = re.compile(r"[ \t]*(?:import|from)[ \t]+\w")
FENCED = re.compile(r"^```[^\n`]*\n(.*?)\n?^```", re.M | re.S)  # code as Markdown shows it
TURNED = ("markdown", "code")  # what a cell has become, and what it was
BESIDE = re.compile(r"!\[[^\]\n]{0,200}\]\((?!attachment:|data:|https?:)([^)\n]{1,200})\)")


@dataclass(frozen=True)
class MatchedCell:
    """A cell as it is run and shown: `origin` is its release cell's index, None for the student's own."""

    cell_type: str
    source: str
    origin: int | None = None
    runs: bool = True  # False for answers that were missing and only shown as the stub
    pictures: tuple[RawPicture, ...] = ()


@dataclass(frozen=True)
class MatchedNotebook:
    """A submission in terms of the release; `found` counts graded cells, `written` the changed answers."""

    cells: tuple[MatchedCell, ...]
    repairs: tuple[str, ...]
    found: int = 0
    written: int = 0
    to_look: tuple[str, ...] = ()  # questions whose check cell holds code of the student's: for a person


def match(notebook: ReadNotebook, release: Release) -> MatchedNotebook:
    """Return the submission's cells in their order, each with its release cell where it has one."""
    repairs = list(notebook.repairs)
    places = _places(notebook.cells, release, repairs)
    dropped = _copies_of_locked(notebook.cells, places, release, repairs)
    cells: list[MatchedCell] = []
    to_look: list[str] = []
    for position, cell in enumerate(notebook.cells):
        if position not in dropped:
            cells += _resolved(cell, release, places.get(position), repairs, to_look)
    found = sum(release.cells[origin].kind in ("answer", "check", "assert") for origin in places.values())
    written = sum(_is_written(cell, release) for cell in cells)
    if found:
        cells = _with_missing(cells, release, repairs)
    cells = _with_code_from_elsewhere(cells, release, repairs, to_look)
    cells = _with_prose_from_elsewhere(cells, release, repairs)
    return MatchedNotebook(tuple(cells), _few_of_each_kind(repairs), found, written, tuple(to_look))


def _few_of_each_kind(repairs: Sequence[str]) -> tuple[str, ...]:
    """Return each repair once, and few that begin alike: pages list them, and a student decides how many."""
    kinds: dict[str, list[str]] = {}
    for repair in dict.fromkeys(repairs):
        kinds.setdefault(" ".join(repair.split()[:2]), []).append(repair)
    left = {repair for several in kinds.values() for repair in several[ALIKE:]}
    kept = [repair for repair in dict.fromkeys(repairs) if repair not in left]
    return (*kept, f"and {len(left)} more of these kinds") if left else tuple(kept)


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
    """Return one of several cells of one grade_id: the last that defines the function, or was changed.

    One that is as it was released, such as a merge puts behind the written one, is not before any other.
    """
    if len(named) == 1 or wanted.restored:
        return named[0]
    changed = [position for position in named if cells[position].source.strip() != wanted.source.strip()]
    defining = [
        position for position in changed or named if _defines(cells[position].source, wanted.grade_id)
    ]
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
            free.setdefault((cell.cell_type, _text(cell)), []).append(position)
    for index, wanted in enumerate(release.cells):
        positions = free.get((wanted.cell_type, _text(wanted))) if wanted.kind == "plain" else None
        if positions:
            places[positions.pop(0)] = index


def _text(cell: ReadCell | ReleaseCell) -> str:
    return without_addresses(cell.source).strip()


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


def _resolved(
    cell: ReadCell, release: Release, origin: int | None, repairs: list[str], to_look: list[str]
) -> list[MatchedCell]:
    """Return the cell, and beside a locked one what was typed into it."""
    _note_pictures(cell, repairs)
    if origin is None and cell.cell_type == "code" and SHOWS_A_FILE.search(cell.source):
        note = MatchedCell("markdown", "*The cell above shows a file.*", pictures=cell.pictures)
        return [MatchedCell("code", cell.source), note]
    if origin is None or (wanted := release.cells[origin]).kind == "plain":
        return [MatchedCell(cell.cell_type, cell.source, origin, pictures=cell.pictures)]
    if cell.points is not None and cell.points != wanted.points:
        repairs.append(f"took the points of {_title(wanted)} from the release: they had been changed")
    if cell.cell_type != wanted.cell_type:
        repairs.append(
            f"made {_title(wanted)} a {wanted.cell_type} cell again: it had become {cell.cell_type}"
        )
    if not wanted.restored:
        fenced = FENCED.findall(cell.source) if (cell.cell_type, wanted.cell_type) == TURNED else []
        source = "\n\n".join(fenced) if fenced else cell.source
        return [MatchedCell(wanted.cell_type, source, origin, pictures=cell.pictures)]
    if cell.source.strip() != wanted.source.strip() and wanted.kind != "assert":
        repairs.append(f"restored {_title(wanted)}: it had been edited")
    locked = MatchedCell(wanted.cell_type, wanted.source, origin)
    if wanted.kind == "check":
        return [*_typed_into_check(cell, wanted, repairs, to_look), locked]
    if wanted.cell_type == "code":
        return [locked]
    text = prose.added(cell.source, wanted.source)
    if not cell.pictures and not prose.says_something(text):
        return [locked]
    repairs.append(f"what had been typed into {_title(wanted)} stands below it")
    return [locked, MatchedCell("markdown", text, pictures=cell.pictures)]


def _typed_into_check(
    cell: ReadCell, wanted: ReleaseCell, repairs: list[str], to_look: list[str]
) -> list[MatchedCell]:
    """Return what was typed into a check cell as a cell of the student's own, which runs before it."""
    lines = prose.added(cell.source, wanted.source).splitlines()
    code = "\n".join(line for line in lines if not ASKED.match(line)).strip()
    if not any(line.strip() and not line.lstrip().startswith("#") for line in code.splitlines()):
        if not prose.says_something(prose.in_code(code)):
            return []
        repairs.append(f"what had been typed into {_title(wanted)} stands above it")
        return [MatchedCell("code", code)]
    to_look.append(wanted.question)
    repairs.append(f"code that had been typed into {_title(wanted)} was run in a cell of its own before it")
    return [MatchedCell("code", code)]


def _note_pictures(cell: ReadCell, repairs: list[str]) -> None:
    """Note a picture that the text speaks of, but that is a file of its own."""
    if not cell.pictures:
        for name in (SHOWS_A_FILE if cell.cell_type == "code" else BESIDE).findall(cell.source):
            repairs.append(
                f"the picture {name[:80]} is a file beside the notebook and was not taken: {ASK_FOR_IT}"
            )


def _is_written(cell: MatchedCell, release: Release) -> bool:
    if cell.origin is None:
        return False
    wanted = release.cells[cell.origin]
    changed = bool(cell.pictures) or cell.source.strip() != wanted.source.strip()
    return wanted.kind in ("answer", "manual") and changed


# --------------------------------------------------------------------------- answers elsewhere


def _with_code_from_elsewhere(
    cells: list[MatchedCell], release: Release, repairs: list[str], to_look: list[str]
) -> list[MatchedCell]:
    """Return the cells; a stub does not go before a function that the student wrote in another cell.

    What stands in a cell that is not run, or in a class, is no function to call: a person looks.
    """
    for wanted in (cell for cell in release.cells if cell.kind == "answer"):
        name, stub = wanted.grade_id, wanted.source.strip()
        kinds = [_function_in(cell, name) if cell.source.strip() != stub else "" for cell in cells]
        if "function" in kinds:
            cells = _without_stubs(cells, release, wanted, kinds, repairs)
        elif "text" in kinds:
            to_look += [cell.question for cell in release.graded if cell.question.rpartition(".")[2] == name]
            where = ", ".join([str(place + 1) for place, kind in enumerate(kinds) if kind][:10])
            repairs.append(f"{name} stands in cell {where}, but is no function that can be called there")
    return cells


def _without_stubs(
    cells: Sequence[MatchedCell],
    release: Release,
    wanted: ReleaseCell,
    kinds: Sequence[str],
    repairs: list[str],
) -> list[MatchedCell]:
    """Return the cells; those that are as the answer cell was released do not run."""
    kept = []
    for cell in cells:
        stub = cell.cell_type == "code" and cell.source.strip() == wanted.source.strip()
        if stub and cell.runs and cell.origin is not None and release.cells[cell.origin] is wanted:
            counts = len(kinds) - list(reversed(kinds)).index("function")
            repairs.append(f"{_title(wanted)} is as it was released; what cell {counts} defines counts")
        elif stub and cell.runs:
            repairs.append(f"left out a copy of {_title(wanted)} that is as it was released")
        kept.append(replace(cell, runs=False) if stub else cell)
    return kept


def _function_in(cell: MatchedCell, name: str) -> str:
    """Return "function" if a cell defines one of this name, "text" if that cannot be called, or nothing."""
    escaped = re.escape(name)
    start = rf"(?:(?:async[ \t]+)?def|class)[ \t]+{escaped}\b"
    if cell.cell_type == "code" and cell.runs:
        called = rf"^(?:{start}|{escaped}[ \t]*(?::[^=\n]+)?=[ \t]*lambda\b)"
        if re.search(called, cell.source, re.M):
            return "function"
    return "text" if re.search(rf"^[ \t]*{start}", cell.source, re.M) else ""


def _with_prose_from_elsewhere(
    cells: list[MatchedCell], release: Release, repairs: list[str]
) -> list[MatchedCell]:
    """Return the cells; a written answer as it was released shows what the student wrote in other places.

    Nobody can tell by rule whether that is the answer, so it is not 0 by itself: a person looks.
    """
    empty = {
        place
        for place, cell in enumerate(cells)
        if cell.origin is not None
        and release.cells[cell.origin].kind == "manual"
        and cell.source.strip() == release.cells[cell.origin].source.strip()
        and not cell.pictures
    }
    pieces = _prose_elsewhere(cells, release) if empty else []
    if not pieces:
        return cells
    where = ", ".join(str(place + 1) for place, _ in pieces[:10])
    text = "\n\n".join(piece for _, piece in pieces)[: prose.LONGEST]
    pictures = tuple(picture for place, _ in pieces for picture in cells[place].pictures)[:MAX_PICTURES]
    shown = []
    for place, cell in enumerate(cells):
        if place in empty and cell.origin is not None:
            title = _title(release.cells[cell.origin])
            repairs.append(
                f"{title} is as it was released; what is written elsewhere (cell {where}) is shown in it, "
                "for a person to look"
            )
            cell = replace(cell, source=f"{ELSEWHERE}\n\n{text}", pictures=pictures)
        shown.append(cell)
    return shown


def _prose_elsewhere(cells: Sequence[MatchedCell], release: Release) -> list[tuple[int, str]]:
    """Return the places and words of the student's own that no cell of the release has."""
    released = "\n".join(cell.source for cell in release.cells)
    found = []
    for place, cell in enumerate(cells):
        if cell.origin is not None:
            continue
        text = prose.in_code(cell.source) if cell.cell_type == "code" else cell.source
        text = prose.added(text, released)
        if cell.pictures or prose.says_something(text):
            found.append((place, text))
    return found


# --------------------------------------------------------------------------- what is missing


def _with_missing(cells: list[MatchedCell], release: Release, repairs: list[str]) -> list[MatchedCell]:
    """Return the cells with every named release cell in them, each missing one behind its predecessor."""
    for index, wanted in (*_missing_imports(cells, release), *_missing(cells, release)):
        if wanted.kind == "plain":
            repairs.append("restored the cell with the imports: it was missing")
        elif wanted.kind == "answer":
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


def _missing_imports(cells: Sequence[MatchedCell], release: Release) -> Iterator[tuple[int, ReleaseCell]]:
    """Yield the free cells before all answers that import something, where no line of that is left anywhere.

    In the student's own session the names stay although the cell is gone, so nobody notices.
    """
    present = {cell.origin for cell in cells}
    lines = {line.strip() for cell in cells if cell.cell_type == "code" for line in cell.source.splitlines()}
    for index, wanted in enumerate(release.cells):
        if wanted.kind in ("answer", "check", "assert"):
            return
        if (wanted.kind, wanted.cell_type) == ("plain", "code") and index not in present:
            imports = {line.strip() for line in wanted.source.splitlines() if IMPORT.match(line)}
            if imports and not imports & lines:
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
