"""Students' ids, names of files, and times: what can be believed of them, and how they are shown.

Standard library only where the process that reads students' bytes loads it.
"""

from __future__ import annotations

import os
import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from autograder.course.errors import CourseError

MAX_OTHERS = 4  # files that are kept of who has no notebook, and papers beside one
LEFT_OUT = "left-out.txt"  # says what was handed in and not taken, where nothing was
WRITTEN = ("timestamp.txt", "submission_secret.txt", LEFT_OUT)  # beside a notebook, never by a student
PICTURES = (".jpg", ".jpeg", ".png")  # as telephones and screens make them, and browsers show them
_OTHER_PICTURES = (".heic", ".heif", ".webp", ".gif", ".tif", ".tiff", ".bmp")
_DOCUMENTS = (".pdf", ".doc", ".docx", ".odt", ".rtf", ".pages", ".tex", ".txt", ".md", ".html", ".htm")
PAPERS = (*PICTURES, *_OTHER_PICTURES, *_DOCUMENTS)  # what a written answer may be on
NO_PAPERS = re.compile(r"(?i)\.|readme|licen[cs]e|requirements|comments\.txt$|index\.html?$")
NOT_IN_MOODLES_NAMES = re.compile("[\x00-\x1f\x7f&<>\"`|':\\\\/]")  # lib/moodlelib.php, of a file's name
MAX_ID = 200  # bytes of a student's id: with what is put behind it, a file's name
# Letters that are not seen, or turn the order of those around them: with them two names look the same.
_UNSEEN = (
    r"\x80-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u2800"
    r"\u3164\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f"
)
UNSEEN = re.compile(f"[{_UNSEEN}]")
NOT_IN_PAGES = re.compile(rf'[<>"\x00-\x1f\x7f{_UNSEEN}]')
NO_LETTER = re.compile("[\ud800-\udc7f\udd00-\udfff]")  # halves of letters, as JSON can write them


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
            f"{shown} cannot be a student's id: formgrader would take it for a part of its page, or a person "
            'for another name. Rename the folder, without the characters < > ", line breaks and letters that '
            "are not seen."
        )
    return name


def is_notebook(name: str) -> bool:
    """Return whether a file's name is a notebook's, as programs write it: also em.ipynb.txt and em.json."""
    return ".ipynb" in name.lower() or name.lower().endswith(".json")


def is_written(name: str) -> bool:
    """Return whether a file is one that the grader writes, also on a disk that takes TimeStamp.txt for it."""
    return comparable(name) in WRITTEN


def is_paper(name: str) -> bool:
    """Return whether a written answer may be in a file of this name: a photo, a scan, a document."""
    low = name.lower()
    return low.endswith(PAPERS) and not (is_written(name) or NO_PAPERS.match(name) or is_notebook(low))


def without_ending(name: str) -> str:
    """Return a notebook's name without what stands behind it: `ada` of ada.ipynb, ada.ipynb.txt, ada.json."""
    return re.sub(r"(?i)(?:\.ipynb(?:\.\w+)?|\.json)$", "", name)


def comparable(name: str) -> str:
    """Return a name in one form: composed letters, one space, no case."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def as_in_moodle(name: str) -> str:
    """Return a name as a folder of Moodle's archive has it: O'Neil is ONeil there."""
    return NOT_IN_MOODLES_NAMES.sub("", name.replace("_", " "))


def printable(name: str) -> str:
    """Return a file's name as text that can be shown and written as UTF-8."""
    text = os.fsencode(NO_LETTER.sub("?", name)).decode("utf-8", "replace")
    return "".join(letter if letter.isprintable() else "?" for letter in text)


# Where a cell of a spreadsheet begins, also behind a ; or a tab, at which some countries' divide a line.
# The wide = + - @ of Chinese and Japanese keyboards are the plain ones to some.
_WIDE = r"\uff1d\uff0b\uff0d\uff20"
_FORMULA = rf"""(?:^(?={{0}} *[=+@{_WIDE}\t\r\n-])|(?<=[;\t\r\n])(?={{0}}[ "]*[=+@{_WIDE}-]))"""
FORMULA, MADE_TEXT = (re.compile(_FORMULA.format(mark) + mark) for mark in ("", "'"))


def safe(value: str) -> str:
    """Return a text that no spreadsheet runs: a leading = + - @, tab or line end gets an apostrophe.

    A dash alone is no formula.
    """
    return FORMULA.sub("'", value) if value.strip() not in ("", "-") else value


def as_written(cell: str) -> str:
    """Return the text of which `safe` made a cell."""
    return MADE_TEXT.sub("", cell)


# Zones by names that stand for one offset only; what Americans call EST, others call something else.
ZONES = {"UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "MEZ": 1, "CEST": 2, "MESZ": 2}
ZONES |= {"EET": 2, "OEZ": 2, "EEST": 3, "OESZ": 3, "EDT": -4, "CDT": -5, "MDT": -6, "PDT": -7, "PST": -8}
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar jänner janvier enero",
            "feb february februar fevrier février febrero",
            "mar march märz mrz maerz mars marzo",
            "apr april avril abril",
            "may mai mayo",
            "jun june juni juin junio",
            "jul july juli juillet julio",
            "aug august août aout agosto",
            "sep sept september septembre septiembre",
            "oct october okt oktober octobre octubre",
            "nov november novembre noviembre",
            "dec december dez dezember décembre decembre diciembre",
        ),
        start=1,
    )
    for name in names.split()
}
_CLOCK = (
    r"(?P<hour>\d{1,2})[:.](?P<minute>\d\d)"
    r"(?:[:.](?P<second>\d\d)(?:[.,](?P<fraction>\d+))?)?\s*(?P<half>[ap]\.?m\.?)?"
)
_ZONE = r"\s*\(?(?P<zone>[+-]\d\d:?\d\d|[A-Za-z]+/[A-Za-z_/]+|[A-Za-z]{1,5})?\)?(?:\s*\([\w/ ]+\))?"
_DATES = (
    r"(?P<year>\d{4})[-/](?P<month>\d{1,2})[-/](?P<day>\d{1,2})[T, ]+",  # ISO 8601; nbgrader's own
    r"(?:[^\W\d]+\.?,?\s+)?(?P<day>\d{1,2})\.?\s+(?P<name>[^\W\d]+)\.?,?\s+(?P<year>\d{4})",  # Moodle, e-mail
    r"(?:[^\W\d]+\.?,?\s+)?(?P<name>[^\W\d]+)\.?\s+(?P<day>\d{1,2}),?\s+(?P<year>\d{4})",  # Canvas
)
_BETWEEN = r",?\s*(?:at|um|à|,)?\s*"
TIMES = tuple(re.compile(f"(?i:{date}{_BETWEEN}{_CLOCK}(?: Uhr)?{_ZONE})") for date in _DATES)


def parse_time(stamp: str) -> datetime | None:
    """Return a time in UTC; None if there is none, or if day, month or zone could be meant otherwise.

    Read are the forms of ISO 8601, nbgrader, Moodle, Canvas and e-mail; a month is a name, or stands between
    year and day. Only a time as nbgrader writes it may lack its zone: that is UTC.
    """
    stamp = " ".join(stamp.strip().removeprefix("\ufeff").split())
    for number, pattern in enumerate(TIMES):
        matched = pattern.fullmatch(stamp)
        if matched is not None and (matched["zone"] or number == 0):
            try:
                return _utc(matched)
            except (ValueError, LookupError, OverflowError):
                return None
    return None


def _utc(matched: re.Match[str]) -> datetime:
    """Return the time that was matched.

    Raises
    ------
    ValueError, LookupError
        If there is no such day, hour, month or zone.
    """
    parts = matched.groupdict()
    month = MONTHS[parts["name"].lower()] if parts.get("name") else int(parts["month"])
    hour, half = int(parts["hour"]), (parts["half"] or "")[:1].lower()
    if half:
        if not 1 <= hour <= 12:
            raise ValueError(hour)
        hour = hour % 12 + (12 if half == "p" else 0)
    microseconds = int((parts["fraction"] or "")[:6].ljust(6, "0"))
    clock = (hour, int(parts["minute"]), int(parts["second"] or 0), microseconds)
    local = datetime(
        int(parts["year"]), month, int(parts["day"]), *clock, tzinfo=_zone(parts["zone"] or "UTC")
    )
    return local.astimezone(UTC).replace(tzinfo=None)


def _zone(name: str) -> tzinfo:
    if name[0] in "+-":
        offset = timedelta(hours=int(name[1:3]), minutes=int(name[-2:]))
        return timezone(-offset if name[0] == "-" else offset)
    if "/" in name:
        return ZoneInfo(name)
    return timezone(timedelta(hours=ZONES[name.upper()]))
