"""The command `autograder settings`: what can be set, what it means, and what a course has chosen."""

from __future__ import annotations

from pathlib import Path
from textwrap import wrap

from autograder.course.directory import CONFIG, open_course
from autograder.course.errors import CourseError
from autograder.settings import Settings, described


def print_settings(root: Path) -> int:
    """Print every setting with its value; outside of a course, with its default.

    Raises
    ------
    CourseError
        If there is no such folder; or with a sentence for each wrong value, after the list.
    """
    if not root.is_dir():
        raise CourseError(f"There is no folder {root}. Type: autograder init {root}")
    print(f"Written into {CONFIG} as: c.Autograder.NAME = VALUE\n")
    course = open_course(root) if (root / CONFIG).is_file() else None
    try:
        chosen = course.settings if course is not None else Settings()
    finally:
        if course is not None and "settings" not in vars(course):
            _print(Settings())
    _print(chosen)
    return 0


def _print(chosen: Settings) -> None:
    for name, default, says in described():
        value = getattr(chosen, name)
        print(f"{name} = {value!r}" + ("" if value == default else f"   (default: {default!r})"))
        print("\n".join(f"    {line}" for line in wrap(says, 90)))
