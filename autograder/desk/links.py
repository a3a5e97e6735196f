"""Personal links: whoever has one hands in as one student, for one assignment, until a day."""

from __future__ import annotations

import base64
import binascii
import csv
import hmac
import json
import sys
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from autograder.course.directory import Course
from autograder.course.errors import CourseError
from autograder.course.names import safe
from autograder.course.people import Known, read_roster
from autograder.desk.access import key_for

PURPOSE = "personal links"
MAC_BYTES = 18


@dataclass(frozen=True)
class Link:
    """What a personal link stands for."""

    student: str
    assignment: str
    until: int  # seconds since 1970


def signed(course: Course, link: Link) -> str:
    """Return the part of the address that only the course can make."""
    told = json.dumps([link.student, link.assignment, link.until], ensure_ascii=False).encode()
    return f"{_text(told)}.{_text(_mac(course, told))}"


def read(course: Course, text: str) -> Link | None:
    """Return what a link stands for; None if the course never signed it, or its time is over."""
    told, _, mac = text.partition(".")
    try:
        content = _bytes(told)
        if not hmac.compare_digest(_bytes(mac), _mac(course, content)) or _text(content) != told:
            return None
        link = Link(*json.loads(content))
    except (ValueError, TypeError, binascii.Error):
        return None
    return link if link.until > time.time() else None


def address_of(course: Course, base: str, link: Link) -> str:
    """Return the whole address; `base` is what students' browsers call the desk."""
    return f"{base.rstrip('/')}/h/{signed(course, link)}"


def origin_of(address: str) -> tuple[str, str]:
    """Return host and origin of an address such as https://desk.example.org

    Raises
    ------
    CourseError
        If it is none.
    """
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.username:
        raise CourseError(f"{address!r} is no address of a desk. Write it as https://desk.example.org")
    return parts.netloc.lower(), f"{parts.scheme}://{parts.netloc.lower()}"


def _mac(course: Course, told: bytes) -> bytes:
    return hmac.digest(key_for(course, PURPOSE), told, "sha256")[:MAC_BYTES]


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def print_links(course: Course, assignment: str, address: str, days: int) -> int:
    """Print a table with everybody's personal link, for a mail merge; return 0."""
    from autograder.record.students import student_ids

    course.released(assignment)
    origin_of(address)
    people = read_roster(course).people
    students = sorted(set(people) | student_ids(course))
    if not students:
        raise CourseError("Nobody is known yet. Type: autograder people import FILE")
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(("student", "name", "email", "link"))
    until = int(time.time()) + days * 86_400
    for student in students:
        person = people.get(student) or Known(student)
        link = address_of(course, address, Link(student, assignment, until))
        writer.writerow([safe(text) for text in (student, person.name, person.email, link)])
    return 0
