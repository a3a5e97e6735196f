"""What lateness costs: nbgrader's plugin is asked, and its answer stands in nbgrader's gradebook.

The course's plugin is `LateRules`, which follows the course's settings, unless nbgrader_config.py names
another one. Late days belong to a term: each assignment, in the order of the due dates, uses what it needs of
those that are left. So a change in one assignment can change the penalty of a later one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from nbgrader.api import Assignment, Gradebook, SubmittedAssignment
from nbgrader.plugins import LateSubmissionPlugin
from sqlalchemy import select

from autograder.course.directory import Course
from autograder.record.gradebook import explained, open_gradebook
from autograder.settings import Settings, settings_from

PLUGIN = "autograder.record.late.LateRules"
DAY = 86400.0  # seconds


def days_late(seconds: float, rules: Settings) -> int:
    """Return how many days have begun since the end of the grace period; 0 within it."""
    return max(0, math.ceil((seconds - 3600 * rules.late_grace_hours) / DAY))


def share_lost(days: int, free: int, rules: Settings) -> float:
    """Return the share of the points that lateness costs, in [0, 1].

    Parameters
    ----------
    days : begun
    free : late days that are left for this assignment
    """
    return min(1.0, rules.late_per_day * max(0, days - free))


def late_days_left(lateness: Iterable[float], rules: Settings) -> int:
    """Return how many late days are left after assignments that were so many seconds late."""
    left = rules.late_days
    for seconds in lateness:
        left -= min(left, days_late(seconds, rules))
    return left


class LateRules(LateSubmissionPlugin):
    """The course's settings as nbgrader's plugin; nbgrader's own `penalty_method` goes before them."""

    def late_submission_penalty(
        self, student_id: str, score: float, total_seconds_late: float
    ) -> float | None:
        """Return the points that are taken off; None if nothing is."""
        if self.penalty_method != "none":
            penalty: float | None = super().late_submission_penalty(student_id, score, total_seconds_late)
            return penalty
        rules = settings_from(dict(self.config.get("Autograder", {})))
        free = 0
        if rules.late_days:  # the parent is nbgrader's step, with an open gradebook
            before = _lateness_before(self.parent.gradebook.db, self.parent.assignment_id, student_id)
            free = late_days_left(before, rules)
        return score * share_lost(days_late(total_seconds_late, rules), free, rules) or None


def _lateness_before(db: Any, assignment: str, student: str) -> list[float]:
    """Return by how many seconds a student was late in the assignments that were due earlier."""
    query = (
        select(
            Assignment.name, Assignment.duedate, SubmittedAssignment.timestamp, SubmittedAssignment.extension
        )
        .join(SubmittedAssignment, SubmittedAssignment.assignment_id == Assignment.id)
        .where(SubmittedAssignment.student_id == student, Assignment.duedate.is_not(None))
        .order_by(Assignment.duedate, Assignment.name)
    )
    found = []
    for name, due, handed_in, extension in db.execute(query):
        if name == assignment:
            break
        if handed_in is not None:
            found.append(seconds_late(handed_in, due, extension))
    return found


def seconds_late(handed_in: datetime | None, due: datetime | None, extension: timedelta | None) -> float:
    """Return how late something is, extension granted; 0 if it is in time or a time is unknown."""
    if handed_in is None or due is None:
        return 0.0
    return max(0.0, (handed_in - due - (extension or timedelta(0))).total_seconds())


class Penalties:
    """The late penalties of a course, in an open gradebook."""

    def __init__(self, course: Course, gradebook: Gradebook) -> None:
        self._course, self._gradebook = course, gradebook
        self._plugin: Any = None

    def assess(self, submission: SubmittedAssignment) -> None:
        """Write what lateness costs into a submission; with late days also into the student's others."""
        self._assess_one(submission)
        if self._course.settings.late_days:
            query = select(SubmittedAssignment).filter_by(student_id=submission.student_id)
            for other in self._gradebook.db.execute(query).scalars():
                if other is not submission and other.timestamp is not None:
                    self._assess_one(other)

    def _assess_one(self, submission: SubmittedAssignment) -> None:
        assignment = submission.assignment
        seconds = seconds_late(submission.timestamp, assignment.duedate, submission.extension)
        for notebook in submission.notebooks:
            penalty = None
            if seconds > 0:
                self._gradebook.db.refresh(notebook, ["score"])
                plugin = self._plugin_for(assignment.name)
                penalty = plugin.late_submission_penalty(submission.student_id, notebook.score, seconds)
            notebook.late_submission_penalty = (
                None if penalty is None else min(max(float(penalty), 0.0), float(notebook.score))
            )

    def _plugin_for(self, assignment: str) -> Any:
        """Return the plugin, which nbgrader would make anew for each submission."""
        from nbgrader.preprocessors import AssignLatePenalties

        if self._plugin is None:
            config = self._course.config.copy()
            config.AssignLatePenalties.setdefault("plugin_class", PLUGIN)
            step = AssignLatePenalties(config=config)
            step.gradebook = self._gradebook
            step.init_plugin()
            self._plugin = step.plugin_inst
        self._plugin.parent.assignment_id = assignment
        return self._plugin


def refresh(course: Course, assignment: str) -> None:
    """Take the penalties of an assignment anew: points by hand may have been given since it was graded."""
    gradebook = open_gradebook(course)
    try:
        with explained(course):
            penalties = Penalties(course, gradebook)
            query = (
                select(SubmittedAssignment)
                .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
                .where(Assignment.name == assignment, SubmittedAssignment.timestamp > Assignment.duedate)
            )
            for submission in gradebook.db.execute(query).scalars().all():
                penalties.assess(submission)
            gradebook.db.commit()
    finally:
        gradebook.close()
