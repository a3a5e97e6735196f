"""Answers alike at the desk: who gives the same wrong numbers, and one comment for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tornado.web import HTTPError

from autograder.commands.comment import comment_alike
from autograder.course.directory import Course
from autograder.desk.access import Handler
from autograder.desk.by_hand import MAX_COMMENT
from autograder.desk.doing import Asked
from autograder.desk.jobs.broken_off import Begun, marked
from autograder.desk.pages import aside
from autograder.insight.alike import Exhibit, exhibits_of
from autograder.insight.everybody import everybody_of
from autograder.record.rows import NO_RESPONSE
from autograder.reports import feedback
from autograder.reports.html import diagnosis


@dataclass(frozen=True)
class Shown:
    """A group of students, and the comments that they have now."""

    exhibit: Exhibit
    comments: frozenset[str]

    @property
    def comment(self) -> str:
        """The comment that all of them have, or nothing."""
        return next(iter(self.comments)) if len(self.comments) == 1 else ""


def groups_shown(course: Course, assignment: str) -> tuple[tuple[Shown, ...], int]:
    """Return the groups of two and more, and how many wrong answers are like no other.

    Raises
    ------
    CourseError
        If the gradebook cannot be read.
    """
    entries = everybody_of(course, assignment).readable
    exhibits, single = exhibits_of(course, course.release(assignment), entries)
    comments = {entry.person.id: entry.row.comments for entry in entries}

    def of_all(exhibit: Exhibit) -> frozenset[str]:
        name = exhibit.group.name
        every = (comments[person.id].get(name, "") for person in exhibit.group.people)
        return frozenset("" if comment == NO_RESPONSE else comment for comment in every)

    return tuple(Shown(exhibit, of_all(exhibit)) for exhibit in exhibits), single


class Alike(Handler):
    """The page of all groups."""

    async def get(self, assignment: str) -> None:
        groups, single = await aside(groups_shown, self.course, self.assignment(assignment))
        self.render("alike.html", assignment=assignment, groups=groups, single=single, diagnosis=diagnosis)


class Comment(Asked):
    """One comment for a student and everybody whose function gives the same wrong numbers."""

    async def post(self, assignment: str) -> None:
        name, values = self.assignment(assignment), self.asked()
        function, student, text = (values.get(key) for key in ("function", "student", "comment"))
        if not (isinstance(function, str) and isinstance(student, str) and isinstance(text, str)):
            raise HTTPError(400)
        if len(text) > MAX_COMMENT:
            raise HTTPError(400, f"A comment has at most {MAX_COMMENT} characters.")
        over = values.get("over") is True
        async with self.settings["locks"][name]:
            with marked(self.course, Begun("comment", name)):
                _, done = await aside(comment_alike, self.course, name, function, student, text, over)
                await aside(feedback.write, self.course, name, done.written)
        self.tell(_said(done.written, done.kept), written=done.written, kept=done.kept)


def _said(written: Sequence[str], kept: Sequence[str]) -> str:
    said = f"Written for {len(written)}; their feedback pages show it." if written else "Nothing was written."
    if kept:
        said += f" Left as it is, because a person wrote another comment there: {', '.join(kept)}."
    return said
