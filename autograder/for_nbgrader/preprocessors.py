"""For plain `nbgrader autograde`: the same intake, sandbox and judge, in the place of nbgrader's own steps.

`nbgrader_config.py` of a course names the three classes. nbgrader reads each graded cell's points from the
one result that `rebuild` puts there.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode, from_dict
from nbformat.v4 import new_notebook
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.course.batch import Batch, open_batch
from autograder.course.directory import open_course
from autograder.course.errors import CourseError
from autograder.course.names import check_student
from autograder.course.results import write_recorded
from autograder.execute import here
from autograder.execute.grader import Graded
from autograder.for_nbgrader import guard
from autograder.intake.reader import Reader
from autograder.intake.submission import take_in
from autograder.record.rebuild import rebuilt
from autograder.record.recorder import Recorder
from autograder.values import Recorded


class Unopened(NotebookExporter):
    """nbgrader's reader of notebooks, which opens none: `Rebuild` takes the file in instead.

    It is made before nbgrader touches any submission, and sets aside what must not be copied.
    """

    def __init__(self, config: Any = None, **others: Any) -> None:
        super().__init__(config=config, **others)
        assignments = getattr(self.parent, "assignments", {})
        for folder in map(Path, tuple(assignments)):
            try:
                check_student(folder.parent.name)  # before it is in formgrader's pages
                names = guard.set_aside(folder)
            except (CourseError, OSError) as error:
                self.log.error("Not graded: %s: %s", ascii(str(folder)), ascii(str(error)))
                del assignments[str(folder)]
                continue
            if names:
                shown = ", ".join(map(ascii, names[:5]))
                self.log.warning("Set aside from %s, being no plain files: %s", ascii(str(folder)), shown)

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **others: Any
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Return what the preprocessors make of an empty notebook."""
        output: tuple[NotebookNode, dict[str, Any]] = self.from_notebook_node(
            new_notebook(), resources, **others
        )
        return output


class Rebuild(NbGraderPreprocessor):
    """Takes the student's file in: nbgrader goes on with the release's skeleton and the student's text."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """The rebuilt notebook, without outputs."""
        batch = _batch(resources["nbgrader"]["assignment"])
        course, release = batch.course, batch.release
        with Reader(release) as reader:
            intake = take_in(reader, release, course.folder("submitted"), resources["nbgrader"]["student"])
        assert intake is not None
        copied = course.notebook("autograded", release.assignment, intake.submission.student).parent
        if copied.is_dir():
            guard.tidy(copied, course.folder("source") / release.assignment)
        return from_dict(rebuilt(release, intake)), resources


class GradeInSandbox(NbGraderPreprocessor):
    """Grades the submission and puts the points where nbgrader reads them."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """The rebuilt notebook with an explanation and one number in each graded cell."""
        assignment, student = resources["nbgrader"]["assignment"], resources["nbgrader"]["student"]
        batch = _batch(assignment)
        graded = _graded(batch, student)
        intake = graded.intake
        # No basis: `autograder grade` does not take this for its own record, and grades afresh.
        recorded = Recorded(intake.submission.attempt, "", intake.timestamp, graded.result)
        write_recorded(batch.course, recorded)
        with Recorder(batch.course, assignment) as recorder:
            recorder.complete(student)  # nbgrader writes its points into rows that are there
        return from_dict(rebuilt(batch.release, intake, graded.result, graded.outputs)), resources


def _graded(batch: Batch, student: str) -> Graded:
    grader = here.grader(batch)
    graded = grader.grade(student)
    return graded if graded.answers_kept is None else grader.again(graded)


@cache
def _batch(assignment: str) -> Batch:
    """Return the batch of an assignment of the course that nbgrader works in, which is the current folder."""
    course = open_course(Path.cwd())
    with Recorder(course, assignment) as recorder:
        return open_batch(course, assignment, course.data_files(assignment), recorder.hidden(), recorder.due)
