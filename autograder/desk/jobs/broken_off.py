"""What a desk was doing when it was killed.

Each job has a small file in the course directory, locked as long as the desk does it and deleted when it has
ended. One that is there and not locked is of a desk that ended before its job did.
"""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from autograder.course.directory import Course
from autograder.course.files import NO_ROOM, create_locked, delete_unlocked, is_locked

NAME = re.compile(r"[0-9a-f]{16}")
SHOWN = {
    "moodle": "Moodle",
    "canvas": "Canvas",
    "folder": "each student",
    "csv": "CSV",
    "xlsx": "a spreadsheet",
}
WHAT = {  # by kind, as in addresses: what is said of it, and what of the page does it again
    "collect": ("Taking in {detail}", "#files"),
    "grade": ("Grading", "#grade"),
    "regrade": ("Grading again after a correction", "#regrade"),
    "preview": ("The look at what a correction would change", "#preview"),
    "similar": ("Comparing the code", "#similar"),
    "return": ("The feedback pages for {shown}", "[href$='/return/{detail}']"),
    "exchange": ("Handing the feedback to nbgrader’s exchange", "#exchange"),
    "links": ("Showing the feedback by personal links", "#links"),
    "export": ("The table of grades for {shown}", "[href$='/export/{detail}']"),
    "comment": ("One comment for answers alike", "[href$='/alike']"),
}


@dataclass(frozen=True)
class Begun:
    """A job that was begun."""

    kind: str
    assignment: str
    detail: str = ""  # the file that was taken in, or the system that a file is for
    students: tuple[str, ...] = ()  # these instead of all
    new_inputs: bool = False
    incomplete: bool = False
    began: str = ""  # in ISO format, UTC, as finely as the clock tells: what was begun first is told first
    name: str = ""  # of its file

    @property
    def what(self) -> str:
        """What it was, as a sentence begins."""
        shown = SHOWN.get(self.detail, self.detail)
        return WHAT[self.kind][0].format(detail=self.detail, shown=shown)

    @property
    def again(self) -> str:
        """The selector of what does it again on the assignment's page."""
        return WHAT[self.kind][1].format(detail=self.detail)

    @property
    def time(self) -> datetime:
        """When it was begun (UTC)."""
        return datetime.fromisoformat(self.began)

    @property
    def options(self) -> Mapping[str, bool]:
        """The boxes that were ticked, by their id on the assignment's page."""
        return {"new-inputs": self.new_inputs, "incomplete": self.incomplete}

    def covers(self, other: Begun) -> bool:
        """Return whether another one is done when this one is."""
        alike = replace(self, students=other.students, began=other.began, name=other.name)
        return alike == other and (not self.students or set(self.students) >= set(other.students))


class Mark:
    """The file of a job under way; where the disk has no room for it, the job goes on without one.

    What the job itself cannot write it says; what only reads, such as an export, needs no room at all.
    """

    def __init__(self, course: Course, begun: Begun) -> None:
        folder = folder_of(course)
        began = datetime.now(UTC).isoformat(timespec="microseconds")
        self._path = folder / secrets.token_hex(8)
        content = json.dumps(asdict(replace(begun, began=began)), ensure_ascii=False) + "\n"
        try:
            self._handle = create_locked(self._path, content, course.private)
        except OSError as error:
            if error.errno not in NO_ROOM:
                raise
            self._handle = -1
        for left in broken_off(course, begun.assignment):
            if begun.covers(left):
                delete_unlocked(folder / left.name)

    def end(self) -> None:
        """Say that the job has ended, unless it was left."""
        if self._handle >= 0:
            self._path.unlink(missing_ok=True)
        self.leave()

    def leave(self) -> None:
        """Leave the job to whoever opens the next desk: it was broken off."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1


@contextmanager
def marked(course: Course, begun: Begun) -> Iterator[None]:
    """Do something that a later desk tells of, should this one be killed meanwhile."""
    mark = Mark(course, begun)
    try:
        yield
    finally:
        mark.end()


def folder_of(course: Course) -> Path:
    """Return where the files of jobs lie."""
    path = course.private / "jobs"
    path.mkdir(mode=course.private.stat().st_mode & 0o777, exist_ok=True)
    return path


def broken_off(course: Course, assignment: str) -> tuple[Begun, ...]:
    """Return what was broken off of an assignment, the oldest first."""
    paths = (path for path in folder_of(course).iterdir() if NAME.fullmatch(path.name))
    left = (begun for path in paths if not is_locked(path) and (begun := _read(path)) is not None)
    return tuple(sorted((begun for begun in left if begun.assignment == assignment), key=_order))


def dismiss(course: Course, assignment: str, name: str) -> None:
    """Forget something that was broken off."""
    if name in {begun.name for begun in broken_off(course, assignment)}:
        delete_unlocked(folder_of(course) / name)


def _order(begun: Begun) -> tuple[str, str]:
    return begun.began, begun.name


def _read(path: Path) -> Begun | None:
    """Return what a file says; None if it is gone, or is none of ours."""
    with suppress(OSError, ValueError, TypeError, LookupError):
        values = json.loads(path.read_text(encoding="utf-8"))
        begun = Begun(**{**values, "students": tuple(values["students"]), "name": path.name})
        return begun if begun.kind in WHAT and begun.time else None
    return None
