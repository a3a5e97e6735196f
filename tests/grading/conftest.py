"""The sample class, graded once a run."""

from __future__ import annotations

import pytest

from tests.support.courses import graded, new_course
from tests.support.sample_class.build import SampleClass, hand_in


@pytest.fixture(scope="session")
def sample_class(tmp_path_factory: pytest.TempPathFactory) -> SampleClass:
    course = new_course(tmp_path_factory.mktemp("class") / "course")
    hand_in(course)
    return SampleClass(course, graded(course))
