"""Where students hand in: a listener of its own, which knows personal links and nothing else of the desk."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tornado.web import HTTPError

from autograder.collect.attempts import Attempt, attempts_of, receipt_of
from autograder.collect.counting import refusal
from autograder.collect.placing import placed, receive
from autograder.course.errors import CourseError
from autograder.course.names import printable
from autograder.course.people import read_roster
from autograder.desk.access import Handler
from autograder.desk.doing import attach
from autograder.desk.links import Link, read
from autograder.desk.pages import Report, aside
from autograder.desk.uploads import MB, Upload
from autograder.record.students import deadlines
from autograder.reports.handing_back import returned_page

MAX_FILE = 5 * MB  # bytes of a notebook that is handed in
MAX_ATTEMPTS = 100  # of one student and assignment, so that nobody fills the disk; a course may allow fewer
SECONDS = 60.0  # for the body
AT_ONCE = 20  # uploads
AT_ONCE_EACH = 3  # of one student
PURPOSE = "This link is not one of the course's, or its time is over. Ask your instructor for a new one."
ROUTE = r"/h/([A-Za-z0-9_-]{1,1500}\.[A-Za-z0-9_-]{1,100})"


class _Personal(Handler):
    """A request by a personal link."""

    landing = True
    link: Link

    def prepare(self) -> Any:
        """Find out who asks: the link is the only proof."""
        self.link = self.linked()
        return super().prepare()

    def linked(self) -> Link:
        """Return what the link stands for; 403 if the course did not sign it."""
        link = read(self.course, self.path_args[0])
        if link is None or link.assignment not in self.course.assignments:
            raise HTTPError(403, PURPOSE)
        return link

    def get_current_user(self) -> str | None:
        link = getattr(self, "link", None)  # none before it was found good
        return link.student if link is not None else None

    def current_user_quietly(self) -> bool:
        """Return that there is no page to go back to."""
        return False

    def due(self, student: str) -> datetime | None:
        """Return the student's own deadline."""
        return deadlines(self.course, self.link.assignment).of(student)

    def refusal(self, at: datetime | None = None) -> str:
        """Return why nothing more may be handed in at a moment, or nothing."""
        link = self.link
        if len(attempts_of(self.course, link.assignment, link.student)) >= MAX_ATTEMPTS:
            return f"{MAX_ATTEMPTS} attempts of {link.assignment} have been made: no more are taken."
        return refusal(self.course, link.assignment, link.student, self.course.settings, at)


def problem_of(attempt: Attempt) -> str:
    """Return why an attempt cannot be graded, or nothing."""
    name, _, problem = attempt.graded.partition(": ")
    return problem if name == "nothing" else ""


class HandIn(_Personal):
    """What a student has handed in, and the place for the next file."""

    async def get(self, _: str) -> None:
        link = self.link
        attempts = attempts_of(self.course, link.assignment, link.student)
        counts = placed(self.course, link.assignment, link.student)
        person = read_roster(self.course).people.get(link.student)
        self.render(
            "hand_in.html",
            link=link,
            own=self.request.path,
            name=person.name if person is not None and person.name else link.student,
            attempts=attempts[::-1],
            counts=counts.number if counts is not None else 0,
            due=await aside(self.due, link.student),
            refusal=self.refusal(),
            returned=returned_page(self.course, link.assignment, link.student).is_file(),
            max_size=MAX_FILE,
            problem_of=problem_of,
            now=datetime.now(UTC).replace(tzinfo=None),
        )


class File(_Personal, Upload):
    """A notebook that is handed in: kept as an attempt, and its receipt is the answer."""

    max_size = MAX_FILE
    seconds = SECONDS
    _counted = False

    async def prepare(self) -> None:
        """Find out who asks before a byte is read; nobody takes the turns of others by many slow files."""
        self.link = self.linked()
        coming: Counter[str] = self.settings["coming"]
        if coming[self.link.student] >= AT_ONCE_EACH:
            raise HTTPError(429, "Files of yours are still coming in. Try again when they are here.")
        coming[self.link.student] += 1
        self._counted = True
        await Upload.prepare(self)

    def _clean(self) -> None:
        super()._clean()
        if self._counted:
            self._counted = False
            self.settings["coming"][self.link.student] -= 1

    def check_name(self, *names: str) -> None:
        """Refuse what is no notebook, and what may not be handed in now."""
        name = self.get_query_argument("name", "")
        if not name.lower().endswith(".ipynb") or len(name) > 150 or name != printable(name) or "/" in name:
            raise HTTPError(400, "Hand in your notebook: a file that ends in .ipynb")
        if problem := self.refusal():
            raise HTTPError(429, problem)

    async def post(self, _: str) -> None:
        path, came = self.received(), datetime.now(UTC).replace(tzinfo=None)
        try:
            async with self.settings["locks"][self.link.student]:
                if problem := self.refusal(came):  # another upload was quicker
                    raise HTTPError(429, problem)
                attempt = await aside(self.kept, path, came)
        finally:
            path.unlink(missing_ok=True)
        receipt = receipt_of(self.course, self.link.assignment, self.link.student, attempt.number)
        said = f"Received at {attempt.received[:19]} UTC as attempt {attempt.number}."
        if not attempt.in_time(await aside(self.due, self.link.student)):
            said += " That is after the due date."
        problem = problem_of(attempt)
        self.tell(
            f"{said} But it cannot be graded: {problem}" if problem else said,
            receipt=receipt,
            good=not problem,
        )

    def kept(self, path: Path, came: datetime) -> Attempt:
        """Keep the file."""
        name, link = self.get_query_argument("name"), self.link
        try:
            return receive(
                self.course, link.assignment, link.student, name, path.read_bytes(), self.due, came
            )
        except CourseError as error:
            raise HTTPError(429, str(error)) from error


class Receipt(_Personal):
    """The receipt of an attempt, to keep."""

    def get(self, _: str, number: str) -> None:
        link = self.link
        known = {str(attempt.number) for attempt in attempts_of(self.course, link.assignment, link.student)}
        if number not in known:
            raise HTTPError(404)
        attach(self, f"{link.assignment}-receipt-{number}.txt", "text/plain; charset=utf-8")
        self.finish(receipt_of(self.course, link.assignment, link.student, int(number)))


class OwnFeedback(_Personal, Report):
    """The student's feedback page, once it was returned."""

    async def get(self, _: str) -> None:
        path = returned_page(self.course, self.link.assignment, self.link.student)
        if not path.is_file():
            raise HTTPError(404, "The feedback has not been returned yet.")
        await self.send_page(path)


class Nothing(Handler):
    """Any other address."""

    open_to_all = True

    def prepare(self) -> Any:
        super().prepare()
        raise HTTPError(404)

    def current_user_quietly(self) -> bool:
        return False


ROUTES = [
    (ROUTE, HandIn),
    (ROUTE + "/file", File),
    (ROUTE + "/receipt/([0-9]{1,6})", Receipt),
    (ROUTE + "/feedback", OwnFeedback),
]
