"""Students' ids, names of files, and times: what can be believed of them, and how they are shown.

Standard library only where the process that reads students' bytes loads it.
"""

from __future__ import annotations

import os
import re
from datetime import datetime

from autograder.course.errors import CourseError

MAX_ID = 200  # bytes of a student's id: with what is put behind it, a file's name
NOT_IN_PAGES = re.compile(r'[<>"\x00-\x1f\x7f]')


def check_student(name: str) -> str:
    """Return a student's id if it is safe as a folder's name and in nbgrader's pages, which escape nothing.

    Raises
    ------
    CourseError
        If it would lead out of the course, or be taken for a part of a page.
    """
    shown = ascii(name[:80])
    if not name or name.startswith(".") or re.search(r"[/\\\0]", name) or os.sep in name:
        raise CourseError(f"{shown} cannot be a student's id: it is used as the name of a folder.")
    if len(os.fsencode(name)) > MAX_ID or os.fsencode(name).decode("utf-8", "replace") != name:
        raise CourseError(
            f"{shown} cannot be a student's id: it is longer than {MAX_ID} bytes, or no UTF-8. "
            "Rename the folder."
        )
    if NOT_IN_PAGES.search(name):
        raise CourseError(
            f"{shown} cannot be a student's id: formgrader would take it for a part of its page. "
            'Rename the folder, without the characters < > " and line breaks.'
        )
    return name


def printable(name: str) -> str:
    """Return a file's name as text that can be shown and written as UTF-8."""
    text = os.fsencode(name).decode("utf-8", "replace")
    return "".join(letter if letter.isprintable() else "?" for letter in text)


ZONES = {"MEZ": "+0100", "CET": "+0100", "MESZ": "+0200", "CEST": "+0200", "GMT": "UTC", "Z": "UTC"}
TIME = re.compile(r"(\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ?(UTC|[+-]\d\d:?\d\d|[A-Z]+)?")


def parse_time(stamp: str) -> datetime | None:
    """Return a time in UTC; None if there is none, or if day, month or zone could be meant otherwise."""
    from nbgrader.utils import parse_utc

    matched = TIME.fullmatch(stamp.strip())
    if matched is None:
        return None
    zone = ZONES.get(matched[2] or "UTC", matched[2] or "UTC")
    if zone.isalpha() and zone != "UTC":
        return None
    try:
        parsed: datetime | None = parse_utc(matched[1] + (" UTC" if zone == "UTC" else zone))
    except (ValueError, OverflowError, TypeError):
        return None
    return parsed
