"""What the desk does when asked: it calls what the commands call, and answers with what they return."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from textwrap import shorten
from typing import Any
from urllib.parse import quote

from tornado.web import HTTPError

from autograder.collect import collecting
from autograder.commands import publish
from autograder.commands.people import due_for_all, extended, imported
from autograder.course.directory import Course
from autograder.course.errors import CourseError
from autograder.course.names import printable
from autograder.course.people import read_roster
from autograder.course.results import read_recorded, statuses_recorded
from autograder.desk.access import Handler
from autograder.desk.jobs.broken_off import Begun, dismiss, marked
from autograder.desk.jobs.under_way import BusyError
from autograder.desk.jobs.work import Kind, Order
from autograder.desk.pages import aside
from autograder.desk.uploads import Upload, folder_of
from autograder.desk.words import here
from autograder.record.students import deadlines
from autograder.reports.export import FORMATS, SPREADSHEET

MAX_NOTE = 1000  # characters
MAX_NAME = 150  # characters of an uploaded file's name
NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")  # in JSON, which PostgreSQL takes in no text
SYSTEMS = ("moodle", "canvas", "folder")
ROSTER = ".csv"


class Collect(Upload):
    """An archive, one notebook, or a roster, taken in: its name is in the address, its bytes are the body."""

    def check_name(self, *names: str) -> None:
        self.assignment(names[0])
        if self.desk.jobs.running(names[0]):
            raise HTTPError(409, f"{names[0]} is being graded. Take files in when that has ended.")
        name = self.get_query_argument("name", "")
        if not name or len(name) > MAX_NAME or name != printable(name) or name.startswith("."):
            raise HTTPError(400, "The file has a name that cannot be used. Rename it.")
        if "/" in name or "\\" in name or not name.lower().endswith((".zip", ".ipynb", ROSTER)):
            raise HTTPError(
                400, "What can be taken in is an archive (.zip), a notebook (.ipynb) or a roster (.csv)."
            )

    async def post(self, assignment: str) -> None:
        path, name = self.received(), self.get_query_argument("name")
        jobs = self.desk.jobs
        jobs.taking_in(assignment, 1)
        try:
            async with self.settings["locks"][assignment]:  # two at once would write one list of owners
                with marked(self.course, Begun("collect", assignment, name)):
                    if name.lower().endswith(ROSTER):
                        said, *notes = await aside(roster_in, self.course, assignment, path, name)
                        self.tell(f"{name}: {said}", students=[], notes=notes, questions=0)
                        return
                    collected = await aside(take_in, self.course, assignment, path, name)
        finally:
            path.unlink(missing_ok=True)
            jobs.taking_in(assignment, -1)
        count = len(collected.students)
        said = f"{count} submission{'s' if count != 1 else ''} taken in"
        notes = [here(note) for note in collected.notes]
        self.tell(
            f"{name}: {said}.",
            students=collected.students,
            notes=notes,
            renamed=collected.renamed,
            questions=collected.questions,
            sha256=self.digest,
        )


def roster_in(course: Course, assignment: str, path: Path, name: str) -> list[str]:
    """Take in the roster that lies at `path`; `name` is what its owner called it."""
    try:
        lines = imported(course, path, assignment, name)
    except CourseError as error:
        raise CourseError(str(error).replace(str(path), name)) from error
    return [line.removeprefix("note: ") for line in lines]


def take_in(course: Course, assignment: str, path: Path, name: str) -> collecting.Collected:
    """Take in an archive or a notebook that lies at `path`; `name` is what its owner called it."""
    due = deadlines(course, assignment).of
    if name.lower().endswith(".zip"):
        try:
            return collecting.from_zip(course, assignment, path, due, name=name)
        except CourseError as error:
            raise CourseError(str(error).replace(str(path), name)) from error
    folder = Path(tempfile.mkdtemp(dir=folder_of(course)))
    try:
        shutil.copyfile(path, folder / name)
        return collecting.from_directory(course, assignment, folder, due, name=name)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Asked(Handler):
    """A request with a small JSON body."""

    def asked(self) -> dict[str, Any]:
        """Return the body; 400 if it is no JSON object, or has what not every gradebook can write."""
        try:
            values = json.loads(self.request.body or b"{}")
            text = json.dumps(values, ensure_ascii=False)
            text.encode()  # no half of a letter
        except (ValueError, RecursionError) as error:
            raise HTTPError(400) from error
        if not isinstance(values, dict) or NUL.search(text):
            raise HTTPError(400)
        return values

    def students(self, assignment: str, values: dict[str, Any]) -> Sequence[str]:
        """Return the students that were named, by lookup."""
        named = values.get("students") or []
        known = set(self.course.students(assignment))
        if not isinstance(named, list) or not all(isinstance(one, str) and one in known for one in named):
            raise HTTPError(400, "There is no submission by one of these students.")
        return named

    def start(self, kind: Kind, assignment: str, values: dict[str, Any]) -> None:
        """Start a job and say so; 409 if another one is under way."""
        students = self.students(assignment, values)
        order = Order(kind, self.course.root, assignment, students, bool(values.get("new_inputs")))
        try:
            self.desk.jobs.start(order)
        except BusyError as error:
            raise HTTPError(409, str(error)) from error
        self.tell("Started.", 202)


class Grade(Asked):
    """Grading of what is new or changed."""

    def post(self, assignment: str) -> None:
        self.start("grade", self.assignment(assignment), self.asked())


class Regrade(Asked):
    """Grading of what has a grade, after a correction."""

    def post(self, assignment: str) -> None:
        self.start("regrade", self.assignment(assignment), self.asked())


class Preview(Asked):
    """Whose points grading again would change, and why; nothing is recorded."""

    def post(self, assignment: str) -> None:
        self.start("preview", self.assignment(assignment), self.asked())


class Similar(Asked):
    """A comparison of everybody's code with everybody else's and with the solutions."""

    def post(self, assignment: str) -> None:
        self.start("similar", self.assignment(assignment), self.asked())


class Stop(Asked):
    """The end of a job; what was recorded stays."""

    def post(self, assignment: str) -> None:
        job = self.desk.jobs.of(self.assignment(assignment))
        if job is not None:
            job.stop()
        self.tell("Stopped. What was recorded so far is kept; grade again to go on.")


class Dismiss(Asked):
    """The end of what is said of a job that was broken off."""

    def post(self, assignment: str) -> None:
        dismiss(self.course, self.assignment(assignment), str(self.asked().get("name")))
        self.tell("")


class Extend(Asked):
    """More time for one student."""

    async def post(self, assignment: str) -> None:
        values = self.asked()
        student, until = str(values.get("student", "")), str(values.get("until", ""))
        if not until:
            raise HTTPError(400, "Until when? Write it as 2026-12-02 18:00, in UTC.")
        now_due = await aside(
            extended, self.course, student, self.assignment(assignment), until.replace("T", " "), 0.0
        )
        person = read_roster(self.course).people.get(student)
        name = person.name if person is not None and person.name else student
        said = f"{name} may hand {assignment} in until {now_due:%Y-%m-%d %H:%M} UTC."
        graded = read_recorded(self.course, assignment, student) is not None
        self.tell(f"{said} Grade again: what lateness costs is taken anew." if graded else said)


class Due(Asked):
    """The due date of an assignment."""

    async def post(self, assignment: str) -> None:
        until = str(self.asked().get("due", ""))
        if self.desk.jobs.running(self.assignment(assignment)):
            raise HTTPError(409, f"{assignment} is being graded. Change the due date when that has ended.")
        async with self.settings["locks"][assignment]:
            due = await aside(due_for_all, self.course, assignment, until.replace("T", " "))
        said = f"{assignment} " + (f"is due {due:%Y-%m-%d %H:%M} UTC." if due else "has no due date now.")
        graded = statuses_recorded(self.course, assignment)
        self.tell(f"{said} Grade again: what lateness costs is taken anew." if graded else said)


class Links(Asked):
    """Feedback for students who handed in by their personal links."""

    async def post(self, assignment: str) -> None:
        with marked(self.course, Begun("links", self.assignment(assignment))):
            count = await aside(publish.release_by_links, self.course, assignment)
        self.tell(f"{count} students see their page by their personal link.")


class Exchange(Asked):
    """Feedback for nbgrader's exchange."""

    async def post(self, assignment: str) -> None:
        with marked(self.course, Begun("exchange", self.assignment(assignment))):
            left = await aside(publish.release_to_exchange, self.course, assignment)
        said = f"The pages are in the exchange. Students type: nbgrader fetch_feedback {assignment}"
        self.tell(f"{said}\nNot from the exchange, so left out: {', '.join(left)}." if left else said)


# --------------------------------------------------------------------------- downloads


class Export(Handler):
    """Grades as a table for a system; refused while written answers wait, unless one says so."""

    async def get(self, assignment: str, system: str) -> None:
        if system not in (SPREADSHEET, *FORMATS):
            raise HTTPError(404)
        incomplete = self.get_query_argument("incomplete", "") == "1"
        begun = Begun("export", self.assignment(assignment), system, incomplete=incomplete)
        with marked(self.course, begun):
            table = await aside(publish.exported, self.course, assignment, system, incomplete)
        kind = "text/csv; charset=utf-8" if isinstance(table.content, str) else "application/octet-stream"
        attach(self, table.name, kind, table.notes)
        self.finish(table.content)


class Return(Handler):
    """The feedback pages as an archive that a system takes in."""

    async def get(self, assignment: str, system: str) -> None:
        if system not in SYSTEMS:
            raise HTTPError(404)
        with marked(self.course, Begun("return", self.assignment(assignment), system)):
            returned = await aside(publish.feedback_archive, self.course, assignment, system)
        notes = (f"{returned.note} Take “a folder for each student” for them.",) if returned.left else ()
        attach(self, returned.path.name, "application/zip", notes)
        with returned.path.open("rb") as file:
            self.set_header("Content-Length", os.fstat(file.fileno()).st_size)
            while piece := file.read(1 << 16):
                self.write(piece)
                await self.flush()


def attach(handler: Handler, name: str, kind: str, notes: Sequence[str] = ()) -> None:
    """Have the answer saved as a file; the page's script tells the notes."""
    handler.set_header("Content-Type", kind)
    for note in notes:
        handler.add_header("X-Note", quote(shorten(here(note), MAX_NOTE, placeholder=" …")))
    handler.set_header("Content-Disposition", f"attachment; filename*=UTF-8''{quote(name)}")
