"""solutions → source/ → release/: py:percent files become notebooks, and nbgrader takes the solutions out."""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from autograder.course.directory import Course, assignment_sources, solutions_of
from autograder.course.errors import CourseError
from autograder.course.files import replace_file
from autograder.course.programs import with_programs_on_path
from autograder.course.questions import questions_for
from autograder.course.release import load
from autograder.links import LOCAL_BOOK

Due = Callable[[str], datetime | None]
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
Outcome = Literal["released", "unchanged", "released from the edited source"]


@dataclass(frozen=True)
class Released:
    """What became of one assignment."""

    assignment: str
    outcome: Outcome
    path: Path


def no_deadline(assignment: str) -> None:
    """Return the deadline of an assignment that has none."""


def release(
    course: Course, names: Sequence[str] = (), force: bool = False, due: Due = no_deadline
) -> list[Released]:
    """Release the named assignments, or all.

    A notebook in source/ that the instructor edited is released as it is, not written over, unless `force`.

    Parameters
    ----------
    due : gives an assignment's deadline (UTC), which the notebook says

    Raises
    ------
    CourseError
        If a name is unknown, or nbgrader refuses.
    """
    available = assignment_sources(solutions_of(course))
    edited = {path.parent.name for path in course.folder("source").glob("*/*.ipynb")}
    unknown = [name for name in names if name not in available and name not in edited]
    if unknown:
        known = ", ".join(sorted(available.keys() | edited)) or "none"
        raise CourseError(f"There is no assignment {unknown[0]!r}. There are: {known}.")
    chosen = names or sorted(available)
    return [
        _release_one(course, name, available.get(name), force, head_of(course, due(name))) for name in chosen
    ]


def _release_one(course: Course, name: str, source: Path | None, force: bool, head: str) -> Released:
    target, released = course.notebook("source", name), course.notebook("release", name)
    stamps = _read_stamps(course)
    stamp = stamps.get(name, {})
    files = _source_files(source, course.book or LOCAL_BOOK) if source is not None else {}
    edited = _is_edited(target.parent, files, stamp.get("files", {})) if files else target.exists()
    if files and (force or not edited):
        _write_source(target.parent, files)
        stamp = stamps[name] = {**stamp, "files": {file: _digest(content) for file, content in files.items()}}
        _write_stamps(course, stamps)
    questions_for(course, load(target))  # an undefined question is an error before students see it
    digest = _digest_of_folder(target.parent)
    unchanged = released.exists() and stamp.get("head", "") == head
    if not force and unchanged and stamp.get("released") == [digest, _digest_of_folder(released.parent)]:
        return Released(name, "unchanged", released)
    _generate(course, name)
    _put_head(released, head)
    stamps[name] = {
        "files": stamp.get("files", {}),
        "released": [digest, _digest_of_folder(released.parent)],
        "head": head,
    }
    _write_stamps(course, stamps)
    return Released(name, "released from the edited source" if edited and not force else "released", released)


# --------------------------------------------------------------------------- what stands above it


def head_of(course: Course, due: datetime | None) -> str:
    """Return what the notebook says of deadline and attempts; nothing without a deadline or if unwanted."""
    if due is None or not course.settings.due_in_notebook:
        return ""
    zone = course.settings.timezone or "UTC"
    there = due.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
    day = f"{DAYS[there.weekday()]}, {there.day} {MONTHS[there.month - 1]} {there.year}"
    return f"**Due {day}, {there:%H:%M} ({zone}).** {course.settings.late_rule}"


def _put_head(path: Path, head: str) -> None:
    """Put a text into a released notebook, below its title."""
    if not head:
        return
    notebook = json.loads(path.read_text(encoding="utf-8"))
    cell = {"cell_type": "markdown", "id": "due", "metadata": {}, "source": [head]}
    first = notebook["cells"][:1]
    below = int(bool(first) and first[0]["cell_type"] == "markdown")
    notebook["cells"].insert(below, cell)
    path.chmod(0o644)
    replace_file(path, json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", 0o644)


# --------------------------------------------------------------------------- solutions → source/


def _source_files(source: Path, book: str) -> dict[str, bytes]:
    """Return what belongs into source/, by name: the notebook, and the data beside it."""
    content = json.dumps(notebook_of(source, book), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    data = [path for path in source.parent.iterdir() if path.is_file()]
    beside = {path.name: path.read_bytes() for path in data if path.suffix not in (".py", ".pyc", ".ipynb")}
    return {f"{source.stem}.ipynb": content.encode(), **beside}


def _is_edited(folder: Path, files: Mapping[str, bytes], written: Mapping[str, str]) -> bool:
    """Whether one of the files is neither what was written there last nor what would be now."""
    return any(
        _digest((folder / name).read_bytes()) not in (_digest(content), written.get(name))
        for name, content in files.items()
        if (folder / name).exists()
    )


def _write_source(folder: Path, files: Mapping[str, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / name
        if not path.exists() or path.read_bytes() != content:
            replace_file(path, content, 0o666)  # half a file would be taken for an edited one


def notebook_of(source: Path, book: str = LOCAL_BOOK) -> dict[str, Any]:
    """Return the notebook that a py:percent file describes; the same text always gives the same notebook.

    Parameters
    ----------
    book : address of the book that its links lead to
    """
    import jupytext

    notebook = jupytext.reads(source.read_text(encoding="utf-8"), fmt="py:percent")
    cells = []
    for index, cell in enumerate(notebook.cells):
        metadata = dict(cell.metadata)
        name = metadata.get("nbgrader", {}).get("grade_id", "")
        text = cell.source.replace(LOCAL_BOOK, book.rstrip("/"))
        plain: dict[str, Any] = {"cell_type": cell.cell_type, "source": text, "metadata": metadata}
        plain["id"] = f"cell-{index}" if not name else "".join(c if c.isalnum() else "-" for c in name)[:60]
        if cell.cell_type == "code":
            plain |= {"execution_count": None, "outputs": []}
        cells.append(plain)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


# --------------------------------------------------------------------------- source/ → release/


def _generate(course: Course, name: str) -> None:
    """Call nbgrader's own generate_assignment; bring an existing release back if it fails."""
    folder, kept = course.notebook("release", name).parent, course.private / f"release-{name}"
    if folder.exists():
        shutil.rmtree(kept, ignore_errors=True)
        shutil.move(folder, kept)
    try:
        _run_nbgrader(course, name)
    except Exception as error:
        if kept.exists():
            shutil.rmtree(folder, ignore_errors=True)
            shutil.move(kept, folder)
        full = "disk is full" in str(error) or "No space left" in str(error)
        remedy = ". Make room on the disk of the course directory, and type the same command again."
        raise CourseError(f"nbgrader could not release {name}: {error}{remedy if full else ''}") from error
    finally:
        shutil.rmtree(kept, ignore_errors=True)


def _run_nbgrader(course: Course, name: str) -> None:
    with_programs_on_path()
    from nbgrader.converters import GenerateAssignment
    from nbgrader.coursedir import CourseDirectory

    log, lines = _quiet_log()
    folder = CourseDirectory(
        config=course.config, root=str(course.root), assignment_id=name, db_url=course.db_url
    )
    converter = GenerateAssignment(coursedir=folder, config=course.config, log=log)
    converter.force = True
    folder.log = log
    try:
        converter.start()
    except BaseException as error:
        detail = next((line for line in reversed(lines) if "Error:" in line), lines[-1] if lines else "")
        raise RuntimeError(detail.strip() or str(error)) from error


def _quiet_log() -> tuple[logging.Logger, list[str]]:
    """Return a logger that keeps what nbgrader says instead of printing it."""
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.extend(record.getMessage().splitlines())

    log = logging.Logger("nbgrader", logging.ERROR)
    log.addHandler(Keep())
    logging.getLogger("tornado.application").addHandler(logging.NullHandler())  # of nbgrader's database
    return log, lines


# --------------------------------------------------------------------------- what was released


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _digest_of_folder(folder: Path) -> str:
    """Return the digest of what nbgrader releases of a folder: all but what programs keep for themselves."""
    names = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    kept = [name for name in names if not any(part.startswith((".", "__pycache__")) for part in name.parts)]
    return _digest(b"".join(f"{name} {_digest((folder / name).read_bytes())}\n".encode() for name in kept))


def _read_stamps(course: Course) -> dict[str, Any]:
    path = course.private / "released.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def _write_stamps(course: Course, stamps: dict[str, Any]) -> None:
    replace_file(course.private / "released.json", json.dumps(stamps, indent=1) + "\n", 0o666)
