"""Two classes, each graded once a run: the sample class of em, and a small one that costs little."""

from __future__ import annotations

import shutil

import pytest

from tests.support import courses
from tests.support.courses import GradedClass, filled, graded, hand_in, new_course, release, slow, whole
from tests.support.sample_class import build

# kofi's endless loop is ended sooner than in the course; all else about the question is the course's.
IMPATIENT = """
from dataclasses import replace

from autograder.questions import find

QUESTIONS = (replace(find("em.m_step"), cpu_seconds=2.0),)
"""
GREEDY = {"scaled": "def scaled(X, centre, spread):\n    return np.ones(10**13)"}


@pytest.fixture(scope="session")
def sample_class(tmp_path_factory: pytest.TempPathFactory) -> GradedClass:
    course = shutil.copytree(whole(), tmp_path_factory.mktemp("class") / "course")
    (course / "questions" / "em.py").write_text(IMPATIENT, encoding="utf-8")
    build.hand_in(course)
    return GradedClass(course, graded(course, assignment="em"))


@pytest.fixture(scope="session")
def small_class(tmp_path_factory: pytest.TempPathFactory) -> GradedClass:
    course = new_course(tmp_path_factory.mktemp("class") / "course")
    written = {"ada": courses.PROSE, "greedy": GREEDY, "ivan": courses.ONE_CENTRE}
    for name, answers in {**written, **{f"slow {number}": slow(0.2) for number in range(4)}}.items():
        hand_in(course, name, filled(answers))
    hand_in(course, "lena", release())
    hand_in(course, "nora", b'{"cells": [')
    return GradedClass(course, graded(course))
