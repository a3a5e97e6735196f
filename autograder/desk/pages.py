"""What the desk shows: all assignments, one of them, its progress, the class report, a student's feedback."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import asdict
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from tornado.iostream import StreamClosedError
from tornado.template import Loader
from tornado.web import HTTPError

from autograder.course.directory import Course
from autograder.desk.access import Handler
from autograder.desk.jobs.broken_off import broken_off
from autograder.desk.jobs.work import Kind, Seen
from autograder.desk.words import here
from autograder.record.overview import Line, Overview, overview
from autograder.reports import class_page
from autograder.reports.export import FORMATS, SPREADSHEET

EVERY = 5.0  # seconds between two lines of progress, if nothing happens: a proxy closes what is silent
LINE = Loader(str(Path(__file__).parent / "templates"), whitespace="all").load("line.html")
COMPARE = "type <code>autograder similar {}</code>"  # as the class page says it
SCRIPT = re.compile(r"<script\b[^>]*>(.*?)</script>", re.DOTALL)

P = ParamSpec("P")
T = TypeVar("T")


async def aside(function: Callable[P, T], *arguments: P.args, **keywords: P.kwargs) -> T:
    """Call a function that reads or writes the course, and answer other requests meanwhile."""
    return await asyncio.to_thread(function, *arguments, **keywords)


class Home(Handler):
    """All assignments."""

    async def get(self) -> None:
        names = self.course.assignments
        every = [await aside(overview, self.course, name) for name in names]
        left = {name: broken_off(self.course, name) for name in names}
        self.render("home.html", every=every, left=left, jobs=self.desk.jobs)


class Table(Handler):
    """What shows the table of an assignment's students."""

    def row_of(self, assignment: str) -> Callable[[Line], bytes]:
        """Return what draws a student's row."""
        return lambda line: _row(line, assignment, self.desk.prefix)


@lru_cache(maxsize=50_000)
def _row(line: Line, assignment: str, prefix: str) -> bytes:
    """Return a student's row: of thousands only those are drawn anew that have changed."""
    address = prefix + "feedback/{}/" + f"{assignment}/{assignment}.html"
    return LINE.generate(line=line, address=address)


class Assignment(Table):
    """One assignment: everything that is to be done with it, in its order."""

    async def get(self, name: str) -> None:
        seen = await aside(overview, self.course, self.assignment(name))
        self.render(
            "assignment.html",
            seen=seen,
            left=broken_off(self.course, name),
            row=self.row_of(name),
            running=self.desk.jobs.running(name),
            formats=(SPREADSHEET, *FORMATS),
        )


class State(Table):
    """The numbers of an assignment's page and its table, for the page to renew itself."""

    async def get(self, name: str) -> None:
        seen: Overview = await aside(overview, self.course, self.assignment(name))
        left = broken_off(self.course, name)
        self.render("parts.html", seen=seen, left=left, row=self.row_of(name))


class Events(Handler):
    """How the job of an assignment goes on, as a stream of events that ends with it."""

    async def get(self, name: str) -> None:
        self.assignment(name)
        self.set_header("Content-Type", "text/event-stream; charset=utf-8")
        self.set_header("X-Accel-Buffering", "no")
        job = self.desk.jobs.of(name)
        if job is None:
            await self._send({"state": "none"})
            return
        try:
            async for seen in job.watched(EVERY):
                await self._send(_event(seen, job.order.kind))
        except StreamClosedError:
            return

    async def _send(self, event: dict[str, Any]) -> None:
        self.write(f"data: {json.dumps(event, ensure_ascii=False)}\n\n")
        await self.flush()


def _event(seen: Seen, kind: Kind) -> dict[str, Any]:
    state = "running" if not seen.ended else "failed" if seen.problem else "done"
    return {
        "state": state,
        "step": seen.step,
        "total": seen.total,
        "done": seen.done,
        "under_way": seen.under_way,
        "seconds_left": seen.seconds_left,
        "problem": here(seen.problem),
        "lines": [asdict(line) for line in seen.lines],
        "compared": kind == "similar",
        "preview": kind == "preview",
        "changes": [
            {**asdict(change), "name": seen.names.get(change.student, change.student)}
            for change in seen.changes
        ],
    }


# --------------------------------------------------------------------------- pages that lie in the course


class Report(Handler):
    """The class report or the look-alikes, as `autograder report` and `similar` write them."""

    async def get(self, name: str) -> None:
        assignment = name.removesuffix("-similar")
        if name != "index":
            self.assignment(assignment)
        path = self.course.folder("report") / f"{name}.html"
        if not path.is_file():
            raise HTTPError(404, "There is no class report yet. Grade the submissions first.")
        if name == assignment != "index" and not self.desk.jobs.running(name) and _is_old(self.course, path):
            async with self.settings["locks"][name]:
                await aside(class_page.write, self.course, name)
        await self.send_page(path, assignment if name != "index" else "")

    async def send_page(self, path: Path, assignment: str = "") -> None:
        """Send one of our own pages: styles stand in it, and of scripts only those that we wrote.

        Parameters
        ----------
        assignment : to whose page at the desk it leads back; "" for no way there
        """
        content = await aside(path.read_text, encoding="utf-8")
        if assignment:
            content = self.at_the_desk(content, assignment)
        digests = (hashlib.sha256(script.encode()).digest() for script in SCRIPT.findall(content))
        scripts = [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]
        self.policy(
            style_src="'unsafe-inline'", script_src=" ".join(scripts) or "'none'", connect_src="'none'"
        )
        self.finish(content)

    def at_the_desk(self, content: str, assignment: str) -> str:
        """Return a page that leads back to the desk, and names its ways in the place of commands."""
        page = escape(self.address(f"a/{assignment}"), quote=True)
        back = f'<a href="{page}">{escape(assignment)} at the desk</a>'
        there = '<main id="content">'
        content = content.replace(there, f'{there}\n<nav aria-label="Desk" class="small">{back}</nav>', 1)
        compare = COMPARE.format(escape(assignment))
        return content.replace(compare, f'<a href="{page}#h-look">compare the code at the desk</a>')


def _is_old(course: Course, page: Path) -> bool:
    """Return whether points may have been given since a page was written, at the desk or in formgrader."""
    gradebook = Path(course.db_url.partition("?")[0].removeprefix("sqlite:///"))
    return not gradebook.is_file() or gradebook.stat().st_mtime_ns > page.stat().st_mtime_ns


class Feedback(Report):
    """A student's page, as `autograder feedback` writes it."""

    async def get(self, student: str, name: str) -> None:  # type: ignore[override]
        self.assignment(name)
        if student not in self.course.students(name):  # by lookup, never by path
            raise HTTPError(404)
        path = self.course.folder("feedback") / student / name / f"{name}.html"
        if not path.is_file():
            raise HTTPError(404, "There is no feedback page yet. Grade the submission first.")
        await self.send_page(path, name)
