"""For plain `nbgrader autograde`: the same intake, sandbox and judge, in the place of nbgrader's own steps.

`nbgrader_config.py` of a course names both classes. nbgrader reads each graded cell's points from the one
result that `rebuild` puts there.
"""

from __future__ import annotations

import atexit
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

from nbformat import NotebookNode, from_dict
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.course import Course, open_course
from autograder.pipeline.grader import Graded, Grader
from autograder.pipeline.intake import take_in
from autograder.pipeline.reader import Reader
from autograder.pipeline.rebuild import rebuilt
from autograder.pipeline.record import Recorded, Recorder, write_result
from autograder.pipeline.release import Release

_open = ExitStack()
atexit.register(_open.close)


class Rebuild(NbGraderPreprocessor):
    """Takes the student's file in: nbgrader goes on with the release's skeleton and the student's text."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """The rebuilt notebook, without outputs."""
        course, release = _release(resources["nbgrader"]["assignment"])
        with Reader(release) as reader:
            intake = take_in(reader, release, course.folder("submitted"), resources["nbgrader"]["student"])
        assert intake is not None
        return from_dict(rebuilt(release, intake)), resources


class GradeInSandbox(NbGraderPreprocessor):
    """Grades the submission and puts the points where nbgrader reads them."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """The rebuilt notebook with an explanation and one number in each graded cell."""
        assignment, student = resources["nbgrader"]["assignment"], resources["nbgrader"]["student"]
        course, release = _release(assignment)
        graded = _graded(_grader(assignment), student)
        # No basis: `autograder grade` does not take this for its own record, and grades afresh.
        recorded = Recorded(graded.intake.submission.attempt, "")
        write_result(course, graded.result, recorded, graded.intake)
        return from_dict(rebuilt(release, graded.intake, graded.result, graded.outputs)), resources


def _graded(grader: Grader, student: str) -> Graded:
    graded = grader.grade(student)
    return graded if graded.keep is None else grader.again(graded)


@cache
def _release(assignment: str) -> tuple[Course, Release]:
    """The course that nbgrader works in, which is the current folder, and the released notebook."""
    course = open_course(Path.cwd())
    with Recorder(course, assignment) as recorder:
        return course, course.release(assignment, recorder.hidden())


@cache
def _grader(assignment: str) -> Grader:
    from autograder.sandbox import Pool

    course, release = _release(assignment)
    pool = _open.enter_context(Pool(data_files=course.data_files(assignment)))
    grader = Grader(course, release, pool)
    _open.callback(grader.close)
    return grader
