"""From the bytes of a file to the cells of a notebook, repaired where that can be done honestly.

Pure functions on the standard library. They run in a process with limits of its own (see `reader.py`),
because a student's bytes decide how long and how deep they work.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from autograder.intake.decoding import UnreadableError, content_of
from autograder.intake.pictures import RawPicture

MAX_CELLS = 2_000
MAX_SOURCE = 4_000_000  # characters of all cells together
MAX_TEXT = 60_000  # characters of a cell that is no code: on more a page that shows it works for minutes
MAX_TEXTS = 400_000  # of all such cells together
MAX_PICTURE = 16_000_000  # characters of one picture in base64: 12 MB
MAX_PICTURES = 6  # in a cell
IN_TEXT = re.compile(
    r"""!\[[^\]\n]{0,200}\]\(\s{0,20}data:image/[\w.+-]{1,20};base64,(?P<data>[A-Za-z0-9+/=\s]*)\)"""
    r"""|<img\b[^<>]{0,500}?\bsrc\s{0,20}=\s{0,20}["']data:image/[\w.+-]{1,20};base64,(?P<more>[A-Za-z0-9+/=\s]*)["'][^<>]{0,500}>"""
)
SHOWS_A_FILE = re.compile(
    r"""\b(?:Image|Image\.open|imread)\(\s{0,20}(?:filename\s{0,20}=\s{0,20})?[rR]?["']([^"'\n]{1,200})["']"""
)
ATTACHED = re.compile(r"!\[[^\]\n]{0,200}\]\(attachment:([^)\n]{1,200})\)")


@dataclass(frozen=True)
class ReadCell:
    """A cell as the student's file has it: text, and what its nbgrader metadata claims."""

    cell_type: str
    source: str
    grade_id: str = ""
    points: float | None = None
    pictures: tuple[RawPicture, ...] = ()


@dataclass(frozen=True)
class ReadNotebook:
    """The cells of a file and the repairs that reading it took."""

    cells: tuple[ReadCell, ...]
    repairs: tuple[str, ...]


def read_notebook(data: bytes) -> ReadNotebook:
    """Return the cells of a notebook file.

    Raises
    ------
    UnreadableError
        If the bytes are no notebook, with what is wrong and what to do.
    """
    repairs: list[str] = []
    content = content_of(data, repairs)
    cells = _cells_of(content, repairs)
    if len(cells) > MAX_CELLS:
        raise UnreadableError(f"The notebook has {len(cells)} cells; at most {MAX_CELLS} are read.")
    _note_ids(content, cells, repairs)
    _note_kernel(content, repairs)
    read = tuple(cell for raw in cells if (cell := _read_cell(raw, repairs)) is not None)
    if sum(len(cell.source) for cell in read) > MAX_SOURCE:
        raise UnreadableError(
            f"The notebook has more than {MAX_SOURCE // 1_000_000} million characters of text."
        )
    read = _cut(read, repairs)
    return ReadNotebook(read, tuple(dict.fromkeys(repairs)))


# --------------------------------------------------------------------------- notebook formats


def _cells_of(content: Any, repairs: list[str]) -> list[dict[str, Any]]:
    if not isinstance(content, dict) or not ({"cells", "worksheets"} & content.keys()):
        problem = "The file is JSON, but not a notebook: it has no cells."
        raise UnreadableError(problem, "Look for the notebook that you worked in, and hand that in.")
    if "cells" in content:
        version = content.get("nbformat")
        if version != 4:
            repairs.append(f"read notebook format {_short(version)} as format 4")
        cells = content["cells"]
    else:
        repairs.append(f"upgraded the notebook from format {_short(content.get('nbformat'))} to format 4")
        cells = _upgraded(content["worksheets"])
    if not isinstance(cells, list):
        raise UnreadableError("The file is JSON, but not a notebook: its cells are not a list.")
    sound = [cell for cell in cells if isinstance(cell, dict)]
    if len(sound) < len(cells):
        repairs.append(f"left out {len(cells) - len(sound)} entries of the file that are not cells")
    return sound


def _upgraded(worksheets: Any) -> list[dict[str, Any]]:
    """Return the cells of the formats 2 and 3, which kept them in worksheets and code under `input`."""
    sheets = (
        [sheet for sheet in worksheets if isinstance(sheet, dict)] if isinstance(worksheets, list) else []
    )
    cells = [cell for sheet in sheets if isinstance(sheet.get("cells"), list) for cell in sheet["cells"]]
    return [_upgraded_cell(cell) for cell in cells if isinstance(cell, dict)]


def _upgraded_cell(cell: dict[str, Any]) -> dict[str, Any]:
    if cell.get("cell_type") == "heading":
        level = cell.get("level") if isinstance(cell.get("level"), int) else 1
        return {**cell, "cell_type": "markdown", "source": "#" * min(int(level or 1), 6) + " " + _text(cell)}
    return {**cell, "source": cell.get("input", cell.get("source", ""))}


def _note_ids(content: dict[str, Any], cells: list[dict[str, Any]], repairs: list[str]) -> None:
    minor = content.get("nbformat_minor")
    if not (content.get("nbformat") == 4 and isinstance(minor, int) and minor >= 5):
        return  # cells have ids since format 4.5
    ids = [cell.get("id") for cell in cells]
    missing = sum(not isinstance(name, str) for name in ids)
    if missing:
        repairs.append(f"gave new ids to {_cells(missing)} without one")
    counts = Counter(name for name in ids if isinstance(name, str))
    doubled = sum(count - 1 for count in counts.values())
    if doubled:
        repairs.append(f"gave new ids to {_cells(doubled)} that had another cell's id")


def _note_kernel(content: dict[str, Any], repairs: list[str]) -> None:
    metadata = content.get("metadata")
    kernel = metadata.get("kernelspec") if isinstance(metadata, dict) else None
    name = kernel.get("name") if isinstance(kernel, dict) else None
    if not isinstance(name, str):
        repairs.append("the notebook names no kernel; it was run with Python 3")
    elif not name.lower().startswith("python"):
        repairs.append(f"the notebook names the kernel {_short(name)}; it was run with Python 3")


# --------------------------------------------------------------------------- cells


def _read_cell(raw: dict[str, Any], repairs: list[str]) -> ReadCell | None:
    cell_type = raw.get("cell_type")
    if cell_type not in ("code", "markdown", "raw"):
        repairs.append(f"left out a cell of unknown type {_short(cell_type)}")
        return None
    source = _text(raw)
    if _has_no_line_ends(raw.get("source")):
        repairs.append("put the line ends back that the program which wrote the file had left out")
    if "\r" in source:
        repairs.append("converted Windows line ends")
        source = source.replace("\r\n", "\n").replace("\r", "\n")
    if not source.isascii() and re.search("[\ud800-\udfff]", source):
        repairs.append("replaced characters that are not valid Unicode")
        source = re.sub("[\ud800-\udfff]", "\ufffd", source)
    pictures: tuple[RawPicture, ...] = ()
    if cell_type == "code":
        pictures = _shown(raw.get("outputs")) if SHOWS_A_FILE.search(source) else ()
    else:
        source, pictures = _without_pictures(source, raw.get("attachments"))
    grade_id, points = _claims(raw)
    return ReadCell(cell_type, source, grade_id, points, pictures)


def _cut(cells: Sequence[ReadCell], repairs: list[str]) -> tuple[ReadCell, ...]:
    """Return the cells, with the end of a text left out that is far longer than any answer."""
    left, found = MAX_TEXTS, []
    for number, cell in enumerate(cells, start=1):
        if cell.cell_type != "code":
            room = min(left, MAX_TEXT)
            if len(cell.source) > room:
                repairs.append(
                    f"left out the end of the text in cell {number}, after {room} characters: look into what "
                    "was handed in"
                )
                cell = replace(cell, source=cell.source[:room])
            left -= len(cell.source)
        found.append(cell)
    return tuple(found)


def _without_pictures(source: str, attachments: Any) -> tuple[str, tuple[RawPicture, ...]]:
    """Return the text with a word in place of each picture in it, and the pictures, attached ones too."""
    found: list[RawPicture] = []

    def take(matched: re.Match[str]) -> str:
        data = matched["data"] if matched["data"] is not None else matched["more"]
        found.append(_picture(f"picture {len(found) + 1}", data))
        return f"[{found[-1].name}]"

    if "base64," in source:
        source = IN_TEXT.sub(take, source)
    source = ATTACHED.sub(lambda matched: f"[{matched[1][:80]}]", source)
    for name, forms in attachments.items() if isinstance(attachments, dict) else ():
        data = next((text for text in forms.values()), "") if isinstance(forms, dict) else ""
        data = "".join(data) if isinstance(data, list) and all(isinstance(x, str) for x in data) else data
        if isinstance(data, str):
            found.append(_picture(str(name)[:80], data))
    return source, tuple(found[:MAX_PICTURES])


def _shown(outputs: Any) -> tuple[RawPicture, ...]:
    """Return the pictures in the outputs of a cell that shows a file of the student's."""
    found: list[RawPicture] = []
    for output in outputs if isinstance(outputs, list) else ():
        forms = output.get("data") if isinstance(output, dict) else None
        for kind in ("image/png", "image/jpeg"):
            data = forms.get(kind, "") if isinstance(forms, dict) else ""
            data = "".join(data) if isinstance(data, list) and all(isinstance(x, str) for x in data) else data
            if isinstance(data, str) and data:
                found.append(_picture(f"picture {len(found) + 1}", data))
                break
    return tuple(found[:MAX_PICTURES])


def _picture(name: str, data: str) -> RawPicture:
    if len(data) > MAX_PICTURE:
        return RawPicture(name, problem=f"it is larger than {MAX_PICTURE * 3 // 4_000_000} MB")
    return RawPicture(name, data)


def _text(cell: dict[str, Any]) -> str:
    source = cell.get("source", "")
    if isinstance(source, list):
        between = "\n" if _has_no_line_ends(source) else ""
        return between.join(line for line in source if isinstance(line, str))
    return source if isinstance(source, str) else ""


def _has_no_line_ends(source: Any) -> bool:
    """Whether a list of lines lacks their ends, as programs write them that do not know the format."""
    lines = [line for line in source if isinstance(line, str)] if isinstance(source, list) else []
    return len(lines) > 1 and not any("\n" in line for line in lines)


def _claims(raw: dict[str, Any]) -> tuple[str, float | None]:
    """Return what the metadata says of the cell: its grade_id and its points."""
    metadata = raw.get("metadata")
    ours = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    if not isinstance(ours, dict):
        return "", None
    grade_id, points = ours.get("grade_id"), ours.get("points")
    number = isinstance(points, int | float) and not isinstance(points, bool)
    return (grade_id if isinstance(grade_id, str) else ""), (float(points) if number else None)  # type: ignore[arg-type]


def _short(value: Any) -> str:
    return repr(value)[:40]


def _cells(count: int) -> str:
    return "1 cell" if count == 1 else f"{count} cells"
