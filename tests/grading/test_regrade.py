"""`autograder regrade`: repeated exactly or drawn anew, and the table says whose score changed."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.grading.courses import command, filled, graded, hand_in, new_course, right, scores

PROSE = {"shared-variance": "It is $S / (n d)$, because the derivative is 0 there."}
OWN_CHECK = '''
from dataclasses import replace

from autograder.questions.em_m_step import QUESTION

QUESTIONS = (replace(QUESTION, misconceptions=(), checks=tuple(
    replace(check, {change}) for check in QUESTION.checks
)),)
'''


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A right and a wrong submission, graded; not to be changed."""
    course = new_course(tmp_path_factory.mktemp("regrade") / "course")
    hand_in(course, "ada", filled(PROSE))
    hand_in(course, "ivan", filled({"m_step": right("ivan")["m_step"]}))
    graded(course)
    return course


@pytest.fixture
def course(template: Path, tmp_path: Path) -> Path:
    import shutil

    shutil.copytree(template, tmp_path / "course")
    return tmp_path / "course"
