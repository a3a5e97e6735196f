"""Reads a table as people save it: in the letters and with the separators of their spreadsheet."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.course.errors import CourseError

BOMS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
WORKBOOKS = {
    b"PK\x03\x04": "a workbook, or another archive",
    b"\xd0\xcf\x11\xe0": "an Excel workbook",
}  # as their bytes begin
SEPARATORS = ",;\t|"
WESTERN = "cp1252"  # Excel's "CSV" without more, on Windows in Western Europe and America
MAX_ABOVE = 10  # rows that may stand above the titles


@dataclass(frozen=True)
class Sheet:
    """A table: its titles in small letters, and the rows below them."""

    titles: tuple[str, ...]
    header: tuple[str, ...]  # the titles as they are written
    rows: tuple[tuple[int, tuple[str, ...]], ...]  # each with its number, as a spreadsheet counts
    note: str = ""  # on how it was read, where that had to be guessed

    def lines(self) -> list[tuple[int, dict[str, str]]]:
        """Return the cells of each row by their titles; what goes on behind the last one belongs to it."""
        last = len(self.titles) - 1
        whole = ((number, (*cells[:last], ", ".join(cells[last:]))) for number, cells in self.rows)
        return [(number, dict(zip(self.titles, cells, strict=False))) for number, cells in whole]


def read_sheet(path: Path, known: Collection[str]) -> Sheet:
    """Return the table in a file.

    Separator and row of titles are those with which most titles are known. Rows without text are left out.

    Parameters
    ----------
    known : titles, in small letters

    Raises
    ------
    CourseError
        If it is no table that can be read, with a remedy.
    """
    if not path.is_file():
        raise CourseError(f"{path} is a folder." if path.is_dir() else f"There is no file {path}.")
    text, note = _text(path)
    told = re.match(r"(?i)sep=(.)(?:\r\n|\r|\n)", text)
    if told:  # Excel's own line, which is no row
        text = text[told.end() :]
    best: tuple[int, int, list[list[str]], int] = (-1, 0, [], 0)
    for separator in told[1] if told else SEPARATORS:
        rows = _rows(path, text, separator)
        for place, cells in enumerate(rows[:MAX_ABOVE]):
            found = sum(_title(cell) in known for cell in cells)
            if found > best[0] and any(map(str.strip, cells)):
                best = (found, -place, rows, 2 if told else 1)
    _, place, rows, first = best
    header = rows[-place] if rows else []
    below = enumerate(rows[-place + 1 :], start=first - place + 1)
    filled = ((number, tuple(map(_one_line, cells))) for number, cells in below)
    kept = tuple((number, cells) for number, cells in filled if any(cells))
    return Sheet(tuple(map(_title, header)), tuple(map(str.strip, header)), kept, note)


def _text(path: Path) -> tuple[str, str]:
    """Return the text of a file, and a note where its letters had to be guessed."""
    data = path.read_bytes()
    for start, kind in WORKBOOKS.items():
        if data.startswith(start):
            raise CourseError(
                f"{path} is {kind}, not a table in a text file. Open it, choose Save As, the file type CSV "
                "UTF-8, and take that file."
            )
    for mark, encoding in BOMS.items():
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace"), ""
    if (wide := _without_a_mark(data)) is not None:
        return wide, ""
    try:
        return data.decode("utf-8"), ""
    except UnicodeDecodeError:
        text = data.decode(WESTERN, "replace")
    example = next(line for line in text.splitlines() if not line.isascii())
    return text, (
        f"{path.name} is not UTF-8, and was read in the letters of Windows ({WESTERN}): "
        f"{_one_line(example)[:60]}. If that is wrong, save it as CSV UTF-8, and do the same again."
    )


def _without_a_mark(data: bytes) -> str | None:
    """Return a text in UTF-16 that does not say so: every second byte of its letters is 0."""
    for encoding, zeros in (("utf-16-le", data[1:200:2]), ("utf-16-be", data[:200:2])):
        if len(zeros) > 3 and 4 * zeros.count(0) > 3 * len(zeros):
            return data.decode(encoding, "replace")
    return None


def _rows(path: Path, text: str, separator: str) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        raise CourseError(
            f"{path} is no table that can be read ({error}). Open it in a spreadsheet, and save it as CSV."
        ) from None


def _title(cell: str) -> str:
    return _one_line(cell).strip(" ;").casefold()


def _one_line(cell: str) -> str:
    return " ".join(cell.split())


def shown(header: Sequence[str], most: int = 5) -> str:
    """Return the first titles of a table as a person can find them again."""
    return ", ".join(filter(None, header[:most])) or "nothing"
