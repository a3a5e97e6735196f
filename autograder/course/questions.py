"""The questions that a release asks: those of the installed package, and the course's own."""

from __future__ import annotations

import hashlib
import importlib.util
from pathlib import Path
from typing import Any

from autograder.course.directory import Course
from autograder.course.errors import CourseError
from autograder.course.release import Release


def own_questions(course: Course) -> dict[str, Any]:
    """Return the course's own questions, from the modules in questions/, by id."""
    found = {}
    for path in sorted(course.folder("questions").glob("*.py")):
        spec = importlib.util.spec_from_file_location(f"course_questions_{path.stem}", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        try:
            spec.loader.exec_module(module)
            found.update({question.id: question for question in module.QUESTIONS})
        except Exception as error:
            raise CourseError(f"{path} cannot be loaded: {type(error).__name__}: {error}") from error
    return found


def questions_for(course: Course, release: Release) -> dict[str, Any]:
    """Return the questions that a release asks, by id.

    Raises
    ------
    CourseError
        If it asks one that nobody defines: better now than full points for a check that never runs.
    """
    from autograder.questions import find

    found = own_questions(course)
    for cell in release.cells:
        if cell.kind == "check" and cell.question not in found:
            try:
                found[cell.question] = find(cell.question)
            except (KeyError, LookupError, ImportError) as error:
                raise CourseError(
                    f"The release of {release.assignment} asks {cell.question!r}, which is neither in the "
                    f"course's questions/ nor in the installed package ({error})."
                ) from error
    return {cell.question: found[cell.question] for cell in release.cells if cell.kind == "check"}


def grading_version(course: Course) -> str:
    """Return a digest of what decides a verdict besides the submission: questions, reference and grader."""
    package = Path(__file__).parents[1]
    modules = [
        *package.rglob("*.py"),
        *(package.parent / "gmmlib").rglob("*.py"),
        *course.folder("questions").glob("*.py"),
    ]
    total = hashlib.sha256()
    for path in sorted(modules):
        total.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()
