"""Points and comments that a person gives, where nbgrader keeps them: formgrader shows the same.

A manual score, a manual comment, and whether a cell still waits, as nbgrader's own page sets them
(nbgrader/server_extensions/formgrader/apihandlers.py); the late penalty is taken anew from the new sum.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from nbgrader.api import Comment, Grade

from autograder.course.directory import Course
from autograder.course.results import read_recorded
from autograder.intake.pictures import ASK_FOR_IT
from autograder.record.gradebook import explained, open_gradebook
from autograder.record.rebuild import answers_of
from autograder.record.recorder import Recorder
from autograder.record.rows import Person, key_of, of_cells, people_of


@dataclass(frozen=True)
class Written:
    """One student's answer to a question that a person grades, and what it got."""

    student: str
    name: str
    text: str
    score: float | None  # given by a person; None while nobody did
    comment: str  # of a person
    waiting: bool
    changed: bool  # it has points by hand, and waits for a second look
    pictures: tuple[str, ...] = ()  # SHA-256 of each


def written_answers(course: Course, assignment: str, grade_id: str) -> tuple[Written, ...]:
    """Return who wrote something for a question, by student; who wrote nothing has 0 and is left out.

    Raises
    ------
    CourseError
        If the gradebook cannot be read.
    """
    found = []
    for person, score, waiting, comment in _by_hand(course, assignment, grade_id):
        if not waiting and score is None:
            continue  # nothing written: 0 by the machine
        text, pictures = _answer_of(course, assignment, person.id, grade_id)
        again = waiting and score is not None
        found.append(Written(person.id, person.name, text, score, comment, waiting, again, pictures))
    return tuple(found)


def picture_of(
    course: Course, assignment: str, student: str, grade_id: str, digest: str
) -> tuple[str, bytes]:
    """Return kind ("png" or "jpeg") and bytes of a picture in an answer, which was drawn anew.

    Raises
    ------
    LookupError
        If there is none.
    """
    answer = answers_of(course, assignment, student)[grade_id]
    kinds = {base64.b64decode(picture.data): picture.kind for picture in answer.pictures}
    found = {_digest(content): (kind, content) for content, kind in kinds.items()}
    return found[digest]


def lost_pictures(course: Course, assignment: str, students: Iterable[str]) -> tuple[str, ...]:
    """Return what was said of pictures in these submissions that cannot be shown."""
    recorded = (read_recorded(course, assignment, student) for student in students)
    said = dict.fromkeys(text for one in recorded if one is not None for text in one.result.repairs)
    return tuple(text for text in said if text.endswith(ASK_FOR_IT))


def give(
    course: Course, assignment: str, grade_id: str, students: Mapping[str, float | None], comment: str
) -> None:
    """Write points and one comment for a question, in one transaction.

    Parameters
    ----------
    students : points by student, within [0, the question's points]; None takes points given by hand back
    comment : for each of them; "" takes a comment by hand back

    Raises
    ------
    CourseError
        If somebody has no such answer, or points lie outside; then nothing was written.
    """
    with Recorder(course, assignment) as recorder:
        recorder.give(grade_id, students, comment)


def _by_hand(
    course: Course, assignment: str, grade_id: str
) -> Iterator[tuple[Person, float | None, bool, str]]:
    """Yield who handed in, by student: points by hand, whether they still wait, and the comment by hand."""
    gradebook = open_gradebook(course)
    try:
        with explained(course):
            key = key_of(gradebook.db, assignment)
            grades = gradebook.db.execute(
                of_cells(key, Grade, Grade.manual_score, Grade.needs_manual_grade, name=grade_id)
            ).all()
            query = of_cells(key, Comment, Comment.manual_comment, name=grade_id)
            comments = {student: text for student, _, text in gradebook.db.execute(query) if text}
            people = {person.id: person for person in people_of(gradebook.db)}
    finally:
        gradebook.close()
    for student, _, score, waiting in sorted(grades, key=lambda row: str(row[0])):
        yield people[student], score, bool(waiting), comments.get(student, "")


def _answer_of(course: Course, assignment: str, student: str, grade_id: str) -> tuple[str, tuple[str, ...]]:
    """Return text and digests of pictures; a rebuilt notebook that was read before is not read again."""
    path = course.notebook("autograded", assignment, student)
    try:
        state = path.stat()
    except OSError:
        return "", ()
    return _read(course, assignment, student, grade_id, (state.st_ino, state.st_mtime_ns, state.st_size))


@lru_cache(maxsize=20_000)  # answers: a few hundred letters each
def _read(
    course: Course, assignment: str, student: str, grade_id: str, state: tuple[int, int, int]
) -> tuple[str, tuple[str, ...]]:
    """Return text and digests of pictures of a cell of a file in this state."""
    answer = answers_of(course, assignment, student).get(grade_id)
    if answer is None:
        return "", ()
    return answer.text, tuple(_digest(base64.b64decode(picture.data)) for picture in answer.pictures)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
