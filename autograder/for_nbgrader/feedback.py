"""For formgrader's "Generate Feedback" and `nbgrader generate_feedback`: our page in the place of nbgrader's.

`nbgrader_config.py` of a course names the class. nbgrader empties a student's feedback folder before, so
everything that belongs there is written anew.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from nbconvert.exporters import Exporter

from autograder.course.directory import open_course
from autograder.course.errors import CourseError
from autograder.reports import feedback


class FeedbackPage(Exporter):
    """nbgrader's exporter of a graded notebook, which opens none: the page is made of what grading found."""

    def __init__(self, config: Any = None, **others: Any) -> None:
        super().__init__(config=config, **others)
        self.file_extension = ".html"

    def register_preprocessor(self, preprocessor: Any, enabled: bool = False) -> None:
        """Leave nbgrader's steps out: there is no notebook for them."""

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **others: Any
    ) -> tuple[Any, dict[str, Any]]:
        """Return the student's page, which lies in its place by then."""
        known = (resources or {})["nbgrader"]
        course = open_course(Path.cwd())
        if course.book:
            os.environ.setdefault("GMM_COURSE_BOOK", course.book)
        pages = feedback.write(course, known["assignment"], [known["student"]])
        if not pages:
            raise CourseError(
                f"There is no result of {known['student']} for {known['assignment']}. Type: autograder grade"
            )
        return pages[0].read_text(encoding="utf-8"), {**(resources or {}), "output_extension": ".html"}
