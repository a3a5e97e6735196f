"""One submission's rows in nbgrader's tables, by plain statements and without an object for each row.

What a person gave (manual scores, extra credit, manual comments, extensions) is read, and never written.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from nbgrader.api import Comment, Grade, SubmittedAssignment, SubmittedNotebook
from sqlalchemy import Connection, bindparam, insert, select, update

Cells = Mapping[str, tuple[str, str]]  # grade_id and kind of each cell, by the id of its row

_SUBMISSIONS: Any = SubmittedAssignment.__table__
_NOTEBOOKS: Any = SubmittedNotebook.__table__
_GRADES: Any = Grade.__table__
_COMMENTS: Any = Comment.__table__


@dataclass(frozen=True)
class Stored:
    """A submission's row and that of its notebook."""

    id: str
    notebook: str
    extension: timedelta | None = None


def stored(db: Connection, assignment: str, notebook: str, student: str) -> Stored | None:
    """Return the rows of a student's submission, if there are any.

    Parameters
    ----------
    assignment, notebook : ids of the rows of what was released
    """
    place = {"assignment": assignment, "student": student, "notebook": notebook}
    found = db.execute(_STORED, place).one_or_none()
    return Stored(*found) if found is not None else None


def add(db: Connection, assignment: str, notebook: str, student: str) -> Stored:
    """Make the rows of a student's submission."""
    submission = _added(db, _NEW_SUBMISSION, {"assignment_id": assignment, "student_id": student})
    row = {"assignment_id": submission, "notebook_id": notebook}
    return Stored(submission, _added(db, _NEW_NOTEBOOK, row))


def write_time(db: Connection, submission: str, timestamp: datetime | None) -> None:
    """Write when a submission was handed in."""
    db.execute(_TIME, {"key": submission, "at": timestamp})


def write_penalty(db: Connection, notebook: str, penalty: float | None) -> None:
    """Write what lateness costs a submitted notebook."""
    db.execute(_PENALTY, {"key": notebook, "points": penalty})


def write_grades(
    db: Connection,
    cells: Cells,
    notebook: str,
    scores: Mapping[str, float | None],
    waiting: Collection[str],
    settled: Collection[str] = (),
) -> None:
    """Write the automatic score of each graded cell, and whether it waits for a person.

    Parameters
    ----------
    notebook : id of the submitted notebook's row
    scores, waiting : by grade_id; a cell without a score waits, too, and one with points by hand
    settled : the cells whose points by hand need no second look
    """
    present = {cell: rest for cell, *rest in db.execute(_GRADES_OF, {"notebook": notebook})}
    new, changed = [], []
    for cell, (name, _) in _of_kind(cells, ("GradeCell", "TaskCell")):
        key, manual = present.get(cell, (None, None))
        score = scores.get(name)
        waits = name not in settled and (manual is not None or score is None or name in waiting)
        if key is None:
            row = {"notebook_id": notebook, "cell_id": cell, "auto_score": score}
            new.append({**row, "needs_manual_grade": waits})
        else:
            changed.append({"key": key, "score": score, "waits": waits})
    _write(db, _NEW_GRADE, new)
    _write(db, _GRADE, changed)


def looked_at(db: Connection, cells: Cells, notebook: str) -> frozenset[str]:
    """Return the cells, by grade_id, that have points by hand and do not wait for a second look."""
    return frozenset(cells[cell][0] for (cell,) in db.execute(_LOOKED_AT, {"notebook": notebook}))


def write_comments(db: Connection, cells: Cells, notebook: str, comments: Mapping[str, str]) -> None:
    """Write the automatic comment of each cell that students write into; `comments` are by grade_id."""
    present = {str(cell): str(key) for cell, key in db.execute(_COMMENTS_OF, {"notebook": notebook})}
    new, changed = [], []
    for cell, (name, _) in _of_kind(cells, ("SolutionCell", "TaskCell")):
        if cell in present:
            changed.append({"key": present[cell], "words": comments.get(name)})
        else:
            new.append({"notebook_id": notebook, "cell_id": cell, "auto_comment": comments.get(name)})
    _write(db, _NEW_COMMENT, new)
    _write(db, _COMMENT, changed)


# Made once: it takes longer to put a statement together than to execute it.
_STORED = (
    select(_SUBMISSIONS.c.id, _NOTEBOOKS.c.id, _SUBMISSIONS.c.extension)
    .join(_NOTEBOOKS, _NOTEBOOKS.c.assignment_id == _SUBMISSIONS.c.id)
    .where(
        _SUBMISSIONS.c.assignment_id == bindparam("assignment"),
        _SUBMISSIONS.c.student_id == bindparam("student"),
        _NOTEBOOKS.c.notebook_id == bindparam("notebook"),
    )
)
_GRADES_OF = select(_GRADES.c.cell_id, _GRADES.c.id, _GRADES.c.manual_score).where(
    _GRADES.c.notebook_id == bindparam("notebook")
)
_LOOKED_AT = select(_GRADES.c.cell_id).where(
    _GRADES.c.notebook_id == bindparam("notebook"),
    _GRADES.c.manual_score.is_not(None),
    _GRADES.c.needs_manual_grade.is_(False),
)
_COMMENTS_OF = select(_COMMENTS.c.cell_id, _COMMENTS.c.id).where(
    _COMMENTS.c.notebook_id == bindparam("notebook")
)
_NEW_SUBMISSION, _NEW_NOTEBOOK = insert(_SUBMISSIONS), insert(_NOTEBOOKS)
_NEW_GRADE, _NEW_COMMENT = insert(_GRADES), insert(_COMMENTS)
_TIME = update(_SUBMISSIONS).where(_SUBMISSIONS.c.id == bindparam("key")).values(timestamp=bindparam("at"))
_PENALTY = (
    update(_NOTEBOOKS)
    .where(_NOTEBOOKS.c.id == bindparam("key"))
    .values(late_submission_penalty=bindparam("points"))
)
_GRADE = (
    update(_GRADES)
    .where(_GRADES.c.id == bindparam("key"))
    .values(auto_score=bindparam("score"), needs_manual_grade=bindparam("waits"))
)
_COMMENT = update(_COMMENTS).where(_COMMENTS.c.id == bindparam("key")).values(auto_comment=bindparam("words"))


def _added(db: Connection, statement: Any, row: Mapping[str, str]) -> str:
    """Add a row, and return its id."""
    key = db.execute(statement, row).inserted_primary_key
    assert key is not None
    return str(key[0])


def _of_kind(cells: Cells, kinds: Collection[str]) -> Iterable[tuple[str, tuple[str, str]]]:
    return ((key, cell) for key, cell in cells.items() if cell[1] in kinds)


def _write(db: Connection, statement: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        db.execute(statement, rows)
