"""The book's own Sphinx extension: mathematics, execution, quizzes, lessons, and what a page loads."""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx

from . import (
    api,
    assignments,
    execution,
    exercise,
    explorer,
    lesson,
    mathml,
    quiz,
    runtime,
    site,
    status,
    tryit,
)


def setup(app: Sphinx) -> dict[str, Any]:
    """Set up every part."""
    for part in (
        mathml,
        execution,
        quiz,
        lesson,
        assignments,
        api,
        status,
        runtime,
        exercise,
        explorer,
        tryit,
        site,
    ):
        part.setup(app)
    return {"version": "1", "parallel_read_safe": False, "parallel_write_safe": True}
