"""The book's own Sphinx extension: mathematics, execution, quizzes, lessons, and what a page loads."""

from __future__ import annotations

from functools import cache
from typing import Any

import pybtex.plugin
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

# Each citation looks for pybtex's plugins among all installed packages: once will do.
pybtex.plugin.entry_points = cache(pybtex.plugin.entry_points)


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
