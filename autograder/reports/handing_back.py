"""The feedback pages of an assignment as an archive that a learning management system takes in."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from autograder.course.directory import Course
from autograder.course.files import replace_file
from autograder.course.people import Key, moved, read_keys


def name_in(system: str, assignment: str, student: str, key: Key | None) -> str:
    """Return a page's name in the archive; "" if the system's own archive did not name the student.

    Moodle's "Upload multiple feedback files in a zip" takes the folders of its download
    (mod/assign/feedback/file/importziplib.php); Canvas reads its user's number from the file's name.
    """
    page = f"{assignment}-feedback.html"
    if system == "folder":
        return f"{student}/{page}"
    if key is None or key.system != system:
        return ""
    if system == "moodle":
        return f"{key.name}_{key.number}_assignsubmission_file_/{page}"
    file = next(iter(key.files), "")
    matched = re.match(r"^[^_]+_(?:LATE_)?\d+_\d+_", file)
    return f"{matched[0]}{page}" if matched else ""


def write_archive(course: Course, assignment: str, system: str, path: Path) -> tuple[int, tuple[str, ...]]:
    """Write the archive; return the number of pages in it, and the students that it cannot name."""
    keys, count, left = read_keys(course, assignment), 0, []
    others = moved(course, assignment)
    beside = path.with_name(f".{path.name}.new")
    with zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED) as archive:
        for page in sorted(course.folder("feedback").glob(f"*/{assignment}/{assignment}.html")):
            student = page.parts[-3]
            if student in others:
                continue
            name = name_in(system, assignment, student, keys.get(student))
            if name:
                archive.write(page, name)
                count += 1
            else:
                left.append(student)
    beside.replace(path)
    return count, tuple(left)


def returned_page(course: Course, assignment: str, student: str) -> Path:
    """Return where the page lies that a student sees by a personal link; it need not be there."""
    return course.private / "returned" / assignment / f"{student}.html"


def return_by_links(course: Course, assignment: str) -> int:
    """Let students see their pages as they are now, by their personal links; return how many."""
    pages = sorted(course.folder("feedback").glob(f"*/{assignment}/{assignment}.html"))
    for page in pages:
        target = returned_page(course, assignment, page.parts[-3])
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace_file(target, page.read_text(encoding="utf-8"), 0o600)
    return len(pages)
