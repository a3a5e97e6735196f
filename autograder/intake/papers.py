"""Photos, scans and documents beside a notebook: a written answer may be on them. Standard library only."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import replace

from autograder.course.names import PICTURES
from autograder.course.release import Release
from autograder.intake.matching import MatchedCell, MatchedNotebook
from autograder.intake.pictures import RawPicture

BESIDE = "*Nothing was written here. With it was handed in: {}*"
MAX_SHOWN = 8_000_000  # bytes of one picture


def with_papers(
    notebook: MatchedNotebook, papers: Sequence[tuple[str, bytes]], release: Release
) -> MatchedNotebook:
    """Return the notebook; a written answer as it was released names the papers, and shows the pictures.

    Nobody can tell by rule whether the answer is on one, so it is not 0 by itself: a person looks. A picture
    of which a written answer speaks by its name is shown there.

    Parameters
    ----------
    papers : names and bytes
    """
    cells, repairs = [], list(notebook.repairs)
    for cell in notebook.cells:
        wanted = release.cells[cell.origin] if cell.origin is not None else None
        if wanted is None or wanted.kind != "manual":
            cells.append(cell)
        elif cell.source.strip() == wanted.source.strip() and not cell.pictures:
            names = ", ".join(name for name, _ in papers)
            repairs.append(
                f"the written answer {wanted.grade_id} is as it was released; with it was handed in {names}, "
                "for a person to look"
            )
            exactly = ", ".join(f"{name} (SHA-256 {_digest(data)}…)" for name, data in papers)
            cells.append(replace(cell, source=BESIDE.format(exactly), pictures=_shown(papers)))
        else:
            cells.append(_with_named(cell, papers, repairs))
    return replace(notebook, cells=tuple(cells), repairs=tuple(repairs))


def _digest(data: bytes) -> str:
    """Return what tells two files of one name apart: they are two answers."""
    return hashlib.sha256(data).hexdigest()[:12]


def _with_named(cell: MatchedCell, papers: Sequence[tuple[str, bytes]], repairs: list[str]) -> MatchedCell:
    """Return the cell with the pictures that it names, of which nothing is to be repaired any more."""
    named = [(name, data) for name, data in papers if name.rpartition("/")[2] in cell.source]
    for name, _ in named:
        asked = re.compile(rf"the picture \S*{re.escape(name.rpartition('/')[2])} is a file beside ")
        repairs[:] = [repair for repair in repairs if not asked.match(repair)]
    return replace(cell, pictures=(*cell.pictures, *_shown(named)))


def _shown(papers: Sequence[tuple[str, bytes]]) -> tuple[RawPicture, ...]:
    """Return the pictures; what no browser shows is named in the text alone."""
    return tuple(
        RawPicture(name, b64encode(data).decode())
        if len(data) <= MAX_SHOWN
        else RawPicture(name, problem=f"it is larger than {MAX_SHOWN // 1_000_000} MB")
        for name, data in papers
        if name.lower().endswith(PICTURES)
    )
