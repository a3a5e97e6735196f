"""The only writer: one transaction per submission into nbgrader's own gradebook, then the files beside it.

One gradebook is kept open and its tables are written directly: nbgrader's interface takes many times as long.
Manual scores, extra credit, manual comments and extensions are never touched.
"""

from __future__ import annotations

import json
import shutil
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from nbgrader.api import (
    Assignment,
    Comment,
    Grade,
    Notebook,
    SourceCell,
    Student,
    SubmittedAssignment,
)
from sqlalchemy import insert, select, text

from autograder.course.batch import Batch
from autograder.course.directory import Course
from autograder.course.errors import CourseError
from autograder.course.files import replace_file
from autograder.course.names import parse_time
from autograder.course.release import Release
from autograder.course.results import read_recorded, write_recorded
from autograder.intake.submission import Intake
from autograder.record import writing
from autograder.record.gradebook import explained, open_gradebook
from autograder.record.late import Penalties, seconds_late
from autograder.record.rebuild import answers_in, answers_of, rebuilt
from autograder.record.rows import NO_RESPONSE, Row, rows_of
from autograder.values import CellOutput, Recorded, Result


class Recorder:
    """An open gradebook for one assignment."""

    def __init__(self, course: Course, assignment: str) -> None:
        self._course, self._name = course, assignment
        self._enrolled: frozenset[str] = frozenset()
        self._gradebook = open_gradebook(course)
        self._penalties = Penalties(course, self._gradebook)
        with explained(course):
            found = self._db.execute(
                select(Assignment.id, Assignment.duedate, Notebook.id)
                .join(Notebook, Notebook.assignment_id == Assignment.id)
                .where(Assignment.name == assignment, Notebook.name == assignment)
            ).first()
            if found is None:
                self.close()
                raise CourseError(
                    f"The gradebook has no assignment {assignment!r}. Type: autograder release {assignment} "
                    f"--course {course.root}"
                )
            self._assignment, self.due, self._notebook = found
            self._cells = self._cells_of_notebook()

    def __enter__(self) -> Recorder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the gradebook."""
        self._gradebook.close()

    @property
    def _db(self) -> Any:
        return self._gradebook.db

    # ----------------------------------------------------------------- what is there

    def hidden(self) -> dict[str, str]:
        """Return the sources of the locked cells with hidden tests, as nbgrader keeps them, by grade_id."""
        rows = self._db.execute(
            select(SourceCell.name, SourceCell.source).where(SourceCell.notebook_id == self._notebook)
        )
        return {name: source or "" for name, source in rows}

    def check_writable(self) -> None:
        """Raise CourseError now if the gradebook cannot be written, before any work is done."""
        with explained(self._course):
            lock = (
                "BEGIN IMMEDIATE"
                if self._gradebook.engine.dialect.name == "sqlite"
                else "LOCK TABLE submitted_assignment, grade, comment IN ROW EXCLUSIVE MODE"
            )
            self._db.execute(text(lock))
            self._db.rollback()

    def earlier(self) -> dict[str, Recorded]:
        """Return what earlier gradings left, by student; only where gradebook and files are both there."""
        rows = self._db.execute(
            select(SubmittedAssignment.student_id).where(
                SubmittedAssignment.assignment_id == self._assignment
            )
        )
        found = {}
        for (student,) in rows:
            recorded = read_recorded(self._course, self._name, student)
            if recorded is not None and self._course.notebook("autograded", self._name, student).exists():
                found[student] = recorded
        return found

    def _cells_of_notebook(self) -> dict[str, tuple[str, str]]:
        """Return grade_id and kind of each cell that nbgrader knows, by the id of its row."""
        notebook = self._db.get(Notebook, self._notebook)
        cells = {cell.id: (cell.name, cell.type) for cell in notebook._base_cells}
        self._db.expunge_all()
        return cells

    # ----------------------------------------------------------------- writing

    def enrol(self, students: Sequence[str]) -> None:
        """Add those that the gradebook does not know, sorted: nbgrader's export keeps their order."""
        if self._enrolled.issuperset(students):
            return
        with explained(self._course), self._transaction():
            known = set(self._db.execute(select(Student.id)).scalars())
            new = [{"id": student} for student in sorted(set(students) - known)]
            if new:
                self._db.connection().execute(insert(Student.__table__), new)
        self._enrolled = frozenset(students)

    def record(
        self,
        batch: Batch,
        intake: Intake,
        result: Result,
        outputs: tuple[CellOutput, ...],
        endless: Mapping[str, str] | None = None,
    ) -> None:
        """Write files and gradebook for an enrolled student; if killed midway, the next run does it again.

        The gradebook comes first: which written answers have changed is told from the notebook before.
        """
        with explained(self._course), self._transaction():
            self._write_rows(batch.release, intake, result)
        self._write_notebook(batch.release, intake, result, outputs)
        attempt = intake.submission.attempt
        recorded = Recorded(attempt, batch.basis, intake.timestamp, result, endless or {})
        write_recorded(self._course, recorded)

    def complete(self, student: str) -> None:
        """Add the grades and comments that a submission lacks: an extension alone makes a row without any."""
        with explained(self._course), self._transaction():
            submission = self._db.execute(
                select(SubmittedAssignment).filter_by(assignment_id=self._assignment, student_id=student)
            ).scalar_one_or_none()
            for notebook in submission.notebooks if submission is not None else ():
                if not notebook.grades and not notebook.comments:
                    writing.write_grades(self._db.connection(), self._cells, notebook.id, {}, ())
                    writing.write_comments(self._db.connection(), self._cells, notebook.id, {})

    def give(self, grade_id: str, students: Mapping[str, float | None], comment: str) -> None:
        """Write a person's points and comment for one question; all of it or nothing.

        Raises
        ------
        CourseError
            If somebody has no such answer, or points lie outside [0, the question's points].
        """
        # nbgrader has two cells of a written answer: one for the grade, one for the comment.
        graded, solved = (self._cell(grade_id, kind) for kind in ("GradeCell", "SolutionCell"))
        with explained(self._course), self._transaction():
            for student, points in students.items():
                submission = self._db.execute(
                    select(SubmittedAssignment).filter_by(assignment_id=self._assignment, student_id=student)
                ).scalar_one_or_none()
                grade = self._part(Grade, submission, graded)
                if submission is None or grade is None:
                    raise CourseError(f"There is no answer to {grade_id} by {student!r}.")
                if points is not None and not 0.0 <= points <= grade.max_score:
                    raise CourseError(f"{points:g} points lie outside 0 to {grade.max_score:g}.")
                grade.manual_score = points
                grade.needs_manual_grade = points is None and grade.auto_score is None
                remark = self._remark(submission, solved)
                remark.manual_comment = comment or None
                self._db.add(remark)
                self._db.flush()
                self._penalties.assess(submission)

    def _cell(self, grade_id: str, kind: str) -> str:
        """Return the id of a cell's row, of this kind or of a task; "" if there is none."""
        rows = self._cells.items()
        return next((key for key, cell in rows if cell in ((grade_id, kind), (grade_id, "TaskCell"))), "")

    def _part(self, model: Any, submission: Any, cell_id: str) -> Any:
        """Return the grade or comment of one cell of a submission; None if there is none."""
        notebooks = submission.notebooks if submission is not None else ()
        parts = (
            self._db.execute(select(model).filter_by(cell_id=cell_id, notebook_id=notebook.id))
            for notebook in notebooks
        )
        return next((part for found in parts if (part := found.scalar_one_or_none()) is not None), None)

    def _remark(self, submission: Any, cell_id: str) -> Any:
        """Return the comment on one cell of a submission, a new one if need be."""
        notebook = next(part for part in submission.notebooks if part.notebook_id == self._notebook)
        return self._part(Comment, submission, cell_id) or Comment(cell_id=cell_id, notebook=notebook)

    def preview(self, release: Release, graded: Sequence[tuple[Intake, Result]]) -> tuple[Row, ...]:
        """Return the rows that the gradebook would have; nothing is written, for nothing is committed."""
        try:
            with explained(self._course):
                for intake, result in graded:
                    self._write_rows(release, intake, result)
                return rows_of(self._db, self._name)
        finally:
            self._db.rollback()
            self._db.expunge_all()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            yield
            self._db.commit()
        except BaseException:
            self._db.rollback()
            raise
        finally:
            self._db.expunge_all()

    def _write_rows(self, release: Release, intake: Intake, result: Result) -> None:
        db, student = self._db.connection(), intake.submission.student
        place = (self._assignment, self._notebook, student)
        row = writing.stored(db, *place) or writing.add(db, *place)
        timestamp = parse_time(intake.timestamp)
        writing.write_time(db, row.id, timestamp)
        scores, comments = automatic(release, intake, result)
        looked_at = writing.looked_at(db, self._cells, row.notebook)
        same = self._unchanged(release, intake) if looked_at else frozenset()
        waits = waiting(release, intake, result)
        writing.write_grades(db, self._cells, row.notebook, scores, waits, looked_at & same)
        writing.write_comments(db, self._cells, row.notebook, comments)
        if self._course.settings.late_days or seconds_late(timestamp, self.due, row.extension):
            self._penalties.assess(self._db.get(SubmittedAssignment, row.id))
            self._db.flush()
        else:
            writing.write_penalty(db, row.notebook, None)

    def _unchanged(self, release: Release, intake: Intake) -> frozenset[str]:
        """Return the written answers, by grade_id, that are the same as when it was graded before."""
        before = answers_of(self._course, self._name, intake.submission.student)
        now = answers_in(rebuilt(release, intake))
        by_hand = (cell.grade_id for cell in release.cells if cell.kind in ("manual", "task"))
        return frozenset(name for name in by_hand if name in now and now[name] == before.get(name))

    def _write_notebook(
        self, release: Release, intake: Intake, result: Result, outputs: tuple[CellOutput, ...]
    ) -> None:
        path = self._course.notebook("autograded", self._name, intake.submission.student)
        content = json.dumps(rebuilt(release, intake, result, outputs), ensure_ascii=False)
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, content + "\n", 0o444)
        self._write_pictures(path.parent / "pictures", intake)
        if intake.timestamp:
            replace_file(path.parent / "timestamp.txt", intake.timestamp + "\n", 0o444)

    def _write_pictures(self, folder: Path, intake: Intake) -> None:
        """Write the student's pictures, drawn anew, beside the notebook; those of earlier gradings go."""
        if folder.is_dir():
            shutil.rmtree(folder)
        for index, pictures in intake.pictures.items():
            for number, picture in enumerate((one for one in pictures if one.data), start=1):
                folder.mkdir(exist_ok=True)
                path = folder / f"cell-{index + 1}-{number}.{picture.kind}"
                path.write_bytes(b64decode(picture.data))


# --------------------------------------------------------------------------- the automatic part of a grade


def automatic(
    release: Release, intake: Intake, result: Result
) -> tuple[dict[str, float | None], dict[str, str]]:
    """Return scores and comments by grade_id, as nbgrader would set them.

    A written answer has no automatic score, unless nothing was written, nor a picture or a document handed
    in: then 0.
    """
    questions = {question.id: question.score for question in result.questions}
    sources = {cell.origin: cell.source for cell in intake.notebook if cell.origin is not None}
    drawn = {intake.notebook[place].origin for place in intake.pictures}
    scores: dict[str, float | None] = {}
    comments: dict[str, str] = {}
    for index, cell in enumerate(release.cells):
        untouched = sources.get(index, cell.source) == cell.source and index not in drawn
        if cell.kind in ("check", "assert"):
            scores[cell.grade_id] = questions[release.question_of(cell)]
        elif cell.kind == "manual":
            scores[cell.grade_id] = 0.0 if untouched else None
        elif cell.kind == "task":
            scores[cell.grade_id] = 0.0 if result.status != "graded" else None
        if cell.kind in ("answer", "manual") and untouched:
            comments[cell.grade_id] = NO_RESPONSE
    return scores, comments


def waiting(release: Release, intake: Intake, result: Result) -> frozenset[str]:
    """Return the check cells, by grade_id, that have their points and still wait for a person to look."""
    short = {question.id for question in result.questions if question.score < question.max_score}
    return frozenset(
        cell.grade_id for cell in release.graded if cell.question in short & {*intake.submission.to_look}
    )
