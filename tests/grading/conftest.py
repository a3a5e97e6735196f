"""The sample class, graded once a run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.grading.courses import graded, new_course
from tests.grading.sample_class.build import hand_in


@dataclass(frozen=True)
class SampleClass:
    """A course directory that is not to be changed, and the results by student."""

    course: Path
    results: dict[str, dict[str, Any]]


@pytest.fixture(scope="session")
def sample_class(tmp_path_factory: pytest.TempPathFactory) -> SampleClass:
    course = new_course(tmp_path_factory.mktemp("class") / "course")
    hand_in(course)
    return SampleClass(course, graded(course))
