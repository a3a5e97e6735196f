"""How a written answer earns its points: from the model answer, or as a course's own graders changed it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from autograder.course.directory import Course
from autograder.course.errors import CourseError
from autograder.course.files import replace_file
from autograder.course.names import check_student
from autograder.course.release import text_of

MAX_LENGTH = 20_000  # characters of a rubric
HEADING = re.compile(r"^\**\s*rubric\b.*$", re.IGNORECASE | re.MULTILINE)
ITEM = re.compile(r"^\s*[-*]\s+(\d+(?:[.,]\d+)?|½)\s*(?:points?:?\s+)?(?P<rest>\S.*)$")
NEXT = re.compile(r";\s+(\d+(?:[.,]\d+)?|½)\s+")  # a second item on the same line


@dataclass(frozen=True)
class Item:
    """Something that earns points."""

    points: float
    text: str


@dataclass(frozen=True)
class Rubric:
    """The items, and the Markdown that they stand in."""

    text: str
    items: tuple[Item, ...]
    changed: bool = False  # by the course's own graders


def read_rubric(course: Course, assignment: str, grade_id: str) -> Rubric:
    """Return the rubric of a question: the course's own, or what stands with the model answer."""
    try:
        text, changed = _path(course, assignment, grade_id).read_text(encoding="utf-8"), True
    except FileNotFoundError:
        text, changed = _of_model_answer(course, assignment, grade_id), False
    return Rubric(text, items_of(text), changed)


def write_rubric(course: Course, assignment: str, grade_id: str, text: str) -> None:
    """Keep a rubric for this course; an empty one gives the model answer's back.

    Raises
    ------
    CourseError
        If it is too long.
    """
    path = _path(course, assignment, grade_id)
    if len(text) > MAX_LENGTH:
        raise CourseError(f"A rubric has at most {MAX_LENGTH} characters.")
    if not text.strip():
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    replace_file(path, text.strip() + "\n", 0o660)


def items_of(text: str) -> tuple[Item, ...]:
    """Return the lines `- 1 what earns it`; a line that goes on belongs to the one above."""
    items: list[Item] = []
    for line in _joined(text):
        matched = ITEM.match(line)
        if matched is None:
            continue
        parts = NEXT.split(f"; {matched[1]} {matched['rest']}")[1:]
        items += [Item(_number(points), words) for points, words in zip(parts[::2], parts[1::2], strict=True)]
    return tuple(items)


def _joined(text: str) -> list[str]:
    lines: list[str] = []
    for line in text.splitlines():
        if lines and lines[-1] and re.match(r"^\s{2,}\S", line) and not ITEM.match(line):
            lines[-1] += " " + line.strip()
        else:
            lines.append(line)
    return lines


def _number(text: str) -> float:
    return 0.5 if text == "½" else float(text.replace(",", "."))


def _path(course: Course, assignment: str, grade_id: str) -> Path:
    return course.private / "rubrics" / assignment / f"{check_student(grade_id)}.md"


def _of_model_answer(course: Course, assignment: str, grade_id: str) -> str:
    """Return what stands under "Rubric" in the model answer."""
    try:
        content = json.loads(course.notebook("source", assignment).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    for cell in content["cells"]:
        if cell.get("metadata", {}).get("nbgrader", {}).get("grade_id") == grade_id:
            source = text_of(cell["source"])
            heading = HEADING.search(source)
            return source[heading.end() :].strip() if heading is not None else ""
    return ""
