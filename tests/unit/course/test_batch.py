"""A batch holds all that a grade rests on; to another process everything of it travels but the questions."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest

from autograder.course.batch import Batch, open_batch
from autograder.course.directory import Course, init
from autograder.course.errors import CourseError


def release(course: Course, question: str) -> None:
    metadata = {"nbgrader": {"grade_id": "e_step-check", "grade": True, "points": 4, "locked": True}}
    source = f'check("{question}", e_step)'
    cell = {"cell_type": "code", "source": source, "metadata": metadata, "outputs": []}
    path = course.notebook("release", "em")
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))


@pytest.fixture
def course(tmp_path: Path) -> Course:
    made = init(tmp_path / "course")
    release(made, "em.e_step")
    return made


def opened(course: Course, hidden: str = "", due: str | None = None) -> Batch:
    return open_batch(course, "em", {}, {"e_step-check": hidden} if hidden else {}, due)


def test_the_questions_of_the_release_are_there_and_stay_at_home(course: Course) -> None:
    batch = opened(course)
    assert set(batch.questions) == {"em.e_step"}
    travelled = pickle.loads(pickle.dumps(batch))
    assert "questions" not in vars(travelled)
    assert travelled == batch
    assert set(travelled.questions) == {"em.e_step"}


def test_no_line_of_a_log_shows_the_seed(course: Course) -> None:
    batch = opened(course)
    assert batch.seed == course.seed.read_bytes()
    assert repr(batch.seed) not in repr(batch)


def test_the_basis_changes_with_whatever_a_grade_rests_on(course: Course) -> None:
    bases = [opened(course).basis, opened(course, due="tomorrow").basis]
    bases.append(opened(course, hidden='check("em.e_step", e_step)  # hidden').basis)
    (course.folder("questions") / "own.py").write_text("QUESTIONS = ()\n")
    bases.append(opened(course).basis)
    course.seed.write_bytes(bytes(32))
    bases.append(opened(course).basis)
    assert len(set(bases)) == len(bases)
    assert opened(course).basis == bases[-1]


def test_a_question_that_nobody_defines_is_told_before_anything_is_graded(tmp_path: Path) -> None:
    course = init(tmp_path / "course")
    release(course, "em.no_such")
    with pytest.raises(CourseError, match=r"em\.no_such"):
        opened(course)
