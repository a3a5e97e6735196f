"""Grading by hand: one question over all students, answers alike together, points and a comment for each."""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tornado.web import HTTPError

from autograder.course.directory import Course
from autograder.course.release import ReleaseCell
from autograder.desk.access import key_for
from autograder.desk.doing import Asked
from autograder.desk.pages import aside
from autograder.record.by_hand import Written, give, lost_pictures, picture_of, written_answers
from autograder.record.rubric import MAX_LENGTH, read_rubric, write_rubric
from autograder.reports import feedback
from autograder.reports.markdown import MAX_TEXT, shown_safely

MAX_COMMENT = 10_000  # characters
COMMENTS = 30  # that are offered again
# A word: of four letters, or with small ones behind the first; a letter alone, A or ABC may be of a formula.
WORD = re.compile(r"(?<![\\^\w])(?:[^\W\d_]{4,}|[^\W\d_][a-zà-öø-ÿ]+)(?!\w)")
# Sigma is not sigma: letters that have a capital form of their own.
GREEK = frozenset(("gamma", "delta", "theta", "lambda", "xi", "pi", "sigma", "phi", "psi", "omega"))


@dataclass(frozen=True)
class Alike:
    """Students who wrote the same, but for spaces and, in words, capital letters, with the same pictures."""

    key: str  # of the text
    students: tuple[Written, ...]


def alike(answers: Sequence[Written], secret: bytes) -> tuple[Alike, ...]:
    """Return the answers, equal ones together, in an order that says nothing of the names."""
    groups: dict[str, list[Written]] = defaultdict(list)
    for answer in answers:
        groups[key_of(answer.text, answer.pictures)].append(answer)
    found = (Alike(key, tuple(students)) for key, students in groups.items())
    return tuple(sorted(found, key=lambda group: hmac.digest(secret, group.key.encode(), "sha256")))


def key_of(text: str, pictures: Sequence[str] = ()) -> str:
    """Return what equal answers have in common; where formulas are, Σ is not σ."""
    pieces = unicodedata.normalize("NFC", text).split("$")  # words and formulas by turns
    pieces[::2] = [WORD.sub(_in_small_letters, words) for words in pieces[::2]]
    plain = "\n".join(["".join("$".join(pieces).split()), *pictures])
    return hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()[:16]


def _in_small_letters(word: re.Match[str]) -> str:
    small = word[0].casefold()
    return word[0] if small in GREEK else small


# --------------------------------------------------------------------------- pages and what they ask for


class _Question(Asked):
    """A request about one written question."""

    def cell(self, assignment: str, grade_id: str) -> ReleaseCell:
        """Return the question, by lookup; 404 if a person does not grade it."""
        cells = self.course.release(self.assignment(assignment)).named
        cell = cells.get(grade_id)
        if cell is None or cell.kind not in ("manual", "task"):
            raise HTTPError(404)
        return cell


class Question(_Question):
    """The page for one question."""

    async def get(self, assignment: str, grade_id: str) -> None:
        cell = self.cell(assignment, grade_id)
        rubric = await aside(read_rubric, self.course, assignment, grade_id)
        asked = _asked_before(self.course, assignment, grade_id)
        question, *items = await aside(shown_safely, [asked, *(item.text for item in rubric.items)])
        self.render(
            "by_hand.html", assignment=assignment, cell=cell, rubric=rubric, question=question, items=items
        )


class Answers(_Question):
    """Who wrote what, as a list of groups: no text yet, and names only where they are asked for."""

    async def get(self, assignment: str, grade_id: str) -> None:
        self.cell(assignment, grade_id)
        answers = await aside(written_answers, self.course, assignment, grade_id)
        groups = alike(answers, key_for(self.course, "order of answers"))
        used = Counter(answer.comment for answer in answers if answer.comment)
        comments = [comment for comment, _ in used.most_common(COMMENTS)]
        anonymous = self.get_query_argument("anonymous", "") == "1"
        self.tell("", groups=[_listed(group, anonymous) for group in groups], comments=comments)


def _listed(group: Alike, anonymous: bool) -> dict[str, Any]:
    scores = {answer.score for answer in group.students}
    comments = {answer.comment for answer in group.students}
    return {
        "key": group.key,
        "count": len(group.students),
        "names": [] if anonymous else [answer.name for answer in group.students],
        "score": scores.pop() if len(scores) == 1 else None,
        "comment": comments.pop() if len(comments) == 1 else "",
        "differ": len({(answer.score, answer.comment) for answer in group.students}) > 1,
        "waiting": any(answer.waiting for answer in group.students),
        "changed": any(answer.changed for answer in group.students),
    }


class Answer(_Question):
    """One answer as HTML that the page puts into its frame."""

    async def get(self, assignment: str, grade_id: str, key: str) -> None:
        self.cell(assignment, grade_id)
        group = await aside(_group, self.course, assignment, grade_id, key)
        (html,) = await aside(shown_safely, [group[0].text])
        lost = await aside(lost_pictures, self.course, assignment, [answer.student for answer in group])
        self.tell("", html=html, typed=group[0].text[:MAX_TEXT], pictures=group[0].pictures, lost=lost)


class Picture(_Question):
    """A picture of an answer, as it was drawn anew when it was taken in."""

    async def get(self, assignment: str, grade_id: str, key: str, digest: str) -> None:
        self.cell(assignment, grade_id)
        group = await aside(_group, self.course, assignment, grade_id, key)
        try:
            student = group[0].student
            kind, content = await aside(picture_of, self.course, assignment, student, grade_id, digest)
        except LookupError:
            raise HTTPError(404) from None
        self.set_header("Content-Type", f"image/{kind}")
        self.finish(content)


class Points(_Question):
    """Points and a comment for everybody who wrote this."""

    async def post(self, assignment: str, grade_id: str) -> None:
        cell, values = self.cell(assignment, grade_id), self.asked()
        points, comment = values.get("points"), values.get("comment", "")
        if isinstance(points, bool) or not isinstance(points, int | float | None):
            raise HTTPError(400, "Points are a number.")
        if points is not None and not 0 <= points <= cell.points:
            raise HTTPError(400, f"Between 0 and {cell.points:g} points can be given.")
        if not isinstance(comment, str) or len(comment) > MAX_COMMENT:
            raise HTTPError(400, f"A comment has at most {MAX_COMMENT} characters.")
        async with self.settings["locks"][assignment]:
            group = await aside(_group, self.course, assignment, grade_id, str(values.get("key")))
            students = {answer.student: points for answer in group}
            await aside(give, self.course, assignment, grade_id, students, comment.strip())
            await aside(feedback.write, self.course, assignment, list(students))
        done = "Saved" if points is not None else "Points taken back"
        self.tell(f"{done} for {len(group)}." if len(group) > 1 else f"{done}.")


def _group(course: Course, assignment: str, grade_id: str, key: str) -> tuple[Written, ...]:
    """Return who wrote the text of this key now; 409 if nobody does any more."""
    answers = written_answers(course, assignment, grade_id)
    group = tuple(answer for answer in answers if key_of(answer.text, answer.pictures) == key)
    if not group:
        raise HTTPError(409, "This answer has changed meanwhile: it was handed in again. Load the page anew.")
    return group


class Rubric(_Question):
    """A course's own rubric."""

    async def post(self, assignment: str, grade_id: str) -> None:
        self.cell(assignment, grade_id)
        text = self.asked().get("text")
        if not isinstance(text, str) or len(text) > MAX_LENGTH:
            raise HTTPError(400, f"A rubric is text of at most {MAX_LENGTH} characters.")
        await aside(write_rubric, self.course, assignment, grade_id, text)
        self.tell("Saved. The page shows it when it is loaded anew.")


def _asked_before(course: Course, assignment: str, grade_id: str) -> str:
    """Return the text in front of a written answer: the last locked Markdown cell, which asks for it."""
    text = ""
    for cell in course.release(assignment).cells:
        if cell.grade_id == grade_id:
            return cell.source if cell.kind == "task" else text
        if cell.cell_type == "markdown" and cell.kind in ("locked", "plain"):
            text = cell.source
    return text
