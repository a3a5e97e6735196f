"""What an assignment's submissions are graded with: made once, where a command begins, and handed down."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from autograder.course.directory import Course
from autograder.course.questions import grading_version, questions_for
from autograder.course.release import Release
from autograder.course.seed import read_seed
from autograder.values import Question


@dataclass(frozen=True)
class Batch:
    """A released assignment, and all that a grade rests on besides the submission."""

    course: Course
    release: Release  # hidden tests included
    data_files: Mapping[str, bytes]  # what students' code may read, by name
    seed: bytes = field(repr=False)  # 32 secret bytes
    version: str  # digest of questions, judge, reference and grader
    basis: str  # digest of all of this, the due date, and the limits

    @cached_property
    def questions(self) -> Mapping[str, Question]:
        """The questions that the release asks, by id: loaded once in each process."""
        return questions_for(self.course, self.release)

    def __getstate__(self) -> dict[str, Any]:
        """Return what travels to another process: all but the questions, whose functions cannot."""
        return {name: value for name, value in vars(self).items() if name != "questions"}


def open_batch(
    course: Course, assignment: str, data_files: Mapping[str, bytes], hidden: Mapping[str, str], due: object
) -> Batch:
    """Return the batch of a released assignment.

    Parameters
    ----------
    data_files : content of the files that students' code may read, by name
    hidden : sources with hidden tests, by grade_id, as nbgrader keeps them in its gradebook
    due : when the assignment is due, if it is

    Raises
    ------
    CourseError
        If it was not released, or asks a question that nobody defines.
    """
    release, seed = course.release(assignment, hidden), read_seed(course.seed)
    version = grading_version(course)
    rules = course.settings.for_grades
    parts = (release.digest, version, str(due), hashlib.sha256(seed).hexdigest(), rules)
    basis = hashlib.sha256("\0".join(parts).encode()).hexdigest()
    batch = Batch(course, release, data_files, seed, version, basis)
    batch.questions  # noqa: B018   an undefined question is an error here, not in a worker
    return batch
