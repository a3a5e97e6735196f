"""Which of a student's attempts counts, and whether another may be handed in now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from autograder.collect.attempts import Attempt, attempts_of
from autograder.course.directory import Course
from autograder.course.names import is_notebook
from autograder.settings import Settings


def counting(
    attempts: Sequence[Attempt], which: str, due: datetime | None, rules: Settings
) -> Attempt | None:
    """Return the attempt that counts, or None if there is none; one without a notebook only if all are.

    Parameters
    ----------
    which : "last-in-time", "last", "first", or a number
    due : the student's own deadline (UTC)
    """
    if which.isdigit():
        return next((attempt for attempt in attempts if attempt.number == int(which)), None)
    with_notebook = [one for one in attempts if any(is_notebook(file.name) for file in one.files)]
    attempts = with_notebook or attempts
    ordered = _allowed(sorted(attempts, key=lambda attempt: (attempt.received, attempt.number)), rules)
    if not ordered:
        return None
    if which == "first":
        return ordered[0]
    in_time = [attempt for attempt in ordered if attempt.in_time(due)]
    return in_time[-1] if which == "last-in-time" and in_time else ordered[-1]


def _allowed(ordered: Sequence[Attempt], rules: Settings) -> list[Attempt]:
    """Return those that neither came too soon after the one before nor are too many."""
    found: list[Attempt] = []
    for attempt in ordered:
        if attempt.stamp and found and too_soon(found, attempt.time, rules):
            continue
        if not rules.max_attempts or len(found) < rules.max_attempts:
            found.append(attempt)
    return found


def too_soon(attempts: Sequence[Attempt], time: datetime, rules: Settings) -> timedelta | None:
    """Return how long a student must still wait for the next attempt; None if it may come now."""
    if not attempts or not rules.cooldown_hours:
        return None
    left = attempts[-1].time + timedelta(hours=rules.cooldown_hours) - time
    return left if left > timedelta(0) else None


def refusal(
    course: Course, assignment: str, student: str, rules: Settings, at: datetime | None = None
) -> str:
    """Return why this student may not hand in another attempt, in a sentence, or nothing.

    Parameters
    ----------
    at : when it came in (UTC); now, if none is given
    """
    attempts = _allowed(attempts_of(course, assignment, student), rules)
    if rules.max_attempts and len(attempts) >= rules.max_attempts:
        return f"All {rules.max_attempts} attempts of {assignment} have been made."
    left = too_soon(attempts, at or datetime.now(UTC).replace(tzinfo=None), rules)
    if left is not None:
        minutes = int(left.total_seconds() // 60) + 1
        return f"The next attempt of {assignment} can be handed in {minutes} minutes from now."
    return ""
