"""The command `autograder comment`: one comment for all whose function gives the same wrong numbers."""

from __future__ import annotations

from autograder.commands.terminal import plain
from autograder.course.directory import Course
from autograder.course.errors import CourseError
from autograder.insight.alike import Group, like
from autograder.insight.everybody import everybody_of
from autograder.record.comments import Commented, write_comment


def comment(
    course: Course, assignment: str, function: str, student: str, text: str, replace: bool = False
) -> int:
    """Write the comment, and print who has it now."""
    group, done = comment_alike(course, assignment, function, student, text, replace)
    names = ", ".join(plain(name) for name in done.written)
    others = len(group.people) - 1
    print(f"{plain(student)} and {others} alike in {function}.")
    print(f"Written for {len(done.written)}: {names or 'nobody'}.")
    if done.kept:
        kept = ", ".join(plain(name) for name in done.kept)
        print(f"note: left as it is, because there is another comment (--replace writes over it): {kept}")
    if done.written:
        print(f"Now type: autograder feedback {assignment}")
    return 0


def comment_alike(
    course: Course, assignment: str, function: str, student: str, text: str, replace: bool = False
) -> tuple[Group, Commented]:
    """Write one comment for a student and everybody whose function gives the same wrong numbers.

    Raises
    ------
    CourseError
        If the text is empty, or nothing wrong of this student was compared.
    """
    course.released(assignment)
    if not text.strip():
        raise CourseError("The comment is empty; nothing was written.")
    entries = everybody_of(course, assignment).readable
    known = dict.fromkeys(result.name for entry in entries for result in entry.result.questions)
    if not entries:
        raise CourseError(f"Nothing of {assignment} has been graded yet. Type: autograder grade {assignment}")
    if function not in known:
        raise CourseError(
            f"No graded submission of {assignment} has a function {function!r}; "
            f"there are: {', '.join(known) or 'none yet'}."
        )
    if student not in {entry.result.student for entry in entries}:
        raise CourseError(f"There is no graded submission of {assignment} by {student!r}.")
    group = like(entries, function, student)
    if group is None:
        raise CourseError(
            f"{student!r} gave no wrong answer to {function} that can be compared. See who did: "
            f"autograder report {assignment}"
        )
    people = [person.id for person in group.people]
    return group, write_comment(course, assignment, group.name, people, text.strip(), replace)
