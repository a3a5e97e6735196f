"""nbgrader's collector for the exchange, which follows no link: the inbound folders belong to the students.

`nbgrader_config.py` of a course names the class; `autograder collect --exchange` uses it in any case. Every
folder is an attempt, and the course's rule says which one counts. A folder says by its name whose it is and
when it was handed in; the file system says so, too, and nobody but root can make it say something else.
"""

from __future__ import annotations

import os
import secrets
import shlex
from collections import defaultdict
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader.exchange import ExchangeError
from nbgrader.exchange.default import ExchangeCollect
from traitlets import List, Unicode

from autograder.collect import attempts, placing
from autograder.collect.attempts import SECRET, Handed
from autograder.collect.collecting import reading
from autograder.collect.found import account_of, doubt, last_changed
from autograder.collect.from_exchange import LEFT_OUT
from autograder.course.directory import Course, open_course
from autograder.course.errors import CourseError
from autograder.course.files import one_at_a_time
from autograder.course.names import check_student, printable
from autograder.intake.folder import copy_notebooks, read_line
from autograder.intake.reader import Reader
from autograder.record.students import deadlines


class Collect(ExchangeCollect):
    """Takes in every submission of each student as an attempt, and of each only plain notebooks."""

    accept = List(
        Unicode(), help="Students whose submissions count although the file system contradicts their names"
    ).tag(config=True)

    src_records: list[dict[str, Any]]

    def _path_to_record(self, path: str) -> dict[str, Any]:
        try:
            record: dict[str, Any] = super()._path_to_record(path)
        except (ExchangeError, ValueError, OverflowError):
            return {"username": "", "filename": Path(path).name, "timestamp": datetime.min}
        return record

    def copy_files(self) -> None:
        """Keep what every student handed in, except folders that no honest submission has."""
        course, assignment = open_course(Path(self.coursedir.root)), self.coursedir.assignment_id
        pattern = f"{self.coursedir.student_id or '*'}+{assignment}+*"
        records = [self._path_to_record(str(path)) for path in sorted(Path(self.inbound_path).glob(pattern))]
        of_student = defaultdict(list)
        for record in records:
            if self._is_sound(record):
                of_student[record["username"]].append(record)
        due = deadlines(course, assignment)
        with one_at_a_time(course.private), reading(course, assignment) as reader:
            for student, several in sorted(of_student.items()):
                placing.adopt(course, assignment, student, "submitted", reader)
                for record in sorted(several, key=lambda record: record["timestamp"]):
                    self._keep(course, assignment, record, reader)
                placing.settle(course, assignment, student, due.of)

    def _keep(self, course: Course, assignment: str, record: dict[str, Any], reader: Reader | None) -> None:
        """Keep the notebooks of one submission, its time, and nbgrader's key to its feedback."""
        inbound = Path(self.inbound_path) / record["filename"]
        with attempts.preparing(course, assignment, record["username"]) as folder:
            for note in copy_notebooks(inbound.parent, [inbound.name], folder):
                self._leave_out(f"{inbound.name}/{note}")
            if not self._is_sound(record):  # written anew since we looked: a student sees that a file is read
                return
            secret = read_line(inbound.parent, [inbound.name], SECRET)
            (folder / SECRET).write_text(secret or secrets.token_hex(64), encoding="utf-8")
            stamp = inbound.name.rsplit("+", 3)[2]
            handed = Handed("exchange", stamp, record["timestamp"])
            attempts.keep(course, assignment, record["username"], folder, handed, reader)

    def _is_sound(self, record: dict[str, Any]) -> bool:
        place = Path(self.inbound_path) / record["filename"]
        try:
            check_student(record["username"])
        except CourseError as error:
            self._leave_out(f"{place.name}: {error}")
            return False
        if place.is_symlink() or not place.is_dir():
            self._leave_out(f"{place.name}: it is no folder")
            return False
        changed = last_changed(place)
        ours = (account_of(os.getuid()), account_of(0))
        problem = doubt(
            record["username"], record["timestamp"], account_of(place.lstat().st_uid), changed, ours
        )
        if problem and not {record["username"], "all"} & set(self.accept):
            self._leave_out(
                f"held back {place.name}: {problem}. If it is to count all the same, say "
                f"--accept {shlex.quote(record['username'])}"
            )
            return False
        return True

    def _leave_out(self, note: str) -> None:
        self.log.warning("%s", LEFT_OUT + printable(note))
