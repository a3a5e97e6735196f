"""The commands after grading: `autograder feedback`, `report` and `export`."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from autograder.course.directory import Course
from autograder.course.errors import CourseError
from autograder.course.files import replace_file
from autograder.course.people import read_keys, read_roster
from autograder.record.rows import rows
from autograder.reports import class_page, feedback, similar_page
from autograder.reports.export import Grades, as_csv, waiting
from autograder.reports.handing_back import write_archive


def write_feedback(course: Course, names: Sequence[str]) -> int:
    """Write the page of each student of the named assignments, or of all."""
    for assignment in _assignments(course, names):
        pages = feedback.write(course, assignment)
        print(f"{assignment}: {len(pages)} pages in {course.folder('feedback')}")
    return 0


def write_report(course: Course, names: Sequence[str]) -> int:
    """Write the class page of the named assignments, or of all, and the page that leads to them."""
    for assignment in _assignments(course, names):
        print(f"{assignment}: {class_page.write(course, assignment)}")
    print(class_page.write_index(course))
    return 0


def write_similar(course: Course, assignment: str) -> int:
    """Write the page of code that is alike, and say how much of it there is."""
    found = similar_page.write(course, assignment)
    near = sum(len(pair.first.people) for pair in found.published)
    print(f"{found.compared} submissions of {assignment} compared. Places to look, not verdicts:")
    print(f"  like published code: {near}")
    print(f"  of the same structure as others: {sum(len(version.people) for version in found.same)}")
    print(f"  pairs that are alike in part: {len(found.pairs) + found.left_out}")
    print(similar_page.path_of(course, assignment))
    return 0


def export_grades(
    course: Course, names: Sequence[str], format_name: str, folder: Path | None, incomplete: bool = False
) -> int:
    """Write the grades of the named assignments, or of all graded ones, as tables for a system.

    Raises
    ------
    CourseError
        If written answers wait and `incomplete` was not said: then nothing is written.
    """
    folder = folder or course.root
    if not folder.is_dir():
        raise CourseError(f"There is no folder {folder} to write to.")
    roster, chosen = read_roster(course), _assignments(course, names)
    every = [Grades(name, rows(course, name), roster, read_keys(course, name)) for name in chosen]
    if not names:
        every = [grades for grades in every if any(row.submitted for row in grades.rows)]
    if not every:
        raise CourseError("Nothing has been graded yet. Type: autograder grade ASSIGNMENT")
    left = [f"{grades.assignment} {name}" for grades in every for name in waiting(grades.rows)]
    if left and not incomplete:
        raise CourseError(
            f"Written answers wait to be graded by hand: {', '.join(left)}. Grade them in formgrader, or say "
            "--incomplete to export the points so far. Nothing was written."
        )
    for grades in every:
        path = folder / f"{grades.assignment}-{format_name}.csv"
        replace_file(path, as_csv(grades, format_name), 0o600)
        print(path)
    return 0


def return_feedback(course: Course, assignment: str, system: str) -> int:
    """Write our pages anew, and hand them to nbgrader's exchange or into an archive for a system.

    Raises
    ------
    CourseError
        If there is no page, or none that the system can give to a student.
    """
    course.released(assignment)
    if not feedback.write(course, assignment):
        raise CourseError(f"Nothing of {assignment} has been graded yet. Type: autograder grade {assignment}")
    if system == "exchange":
        return _release_feedback(course, assignment)
    path = course.root / f"{assignment}-feedback-{system}.zip"
    count, left = write_archive(course, assignment, system, path)
    if left:
        print(f"note: not from an archive of {system}, so left out: {', '.join(left)}")
    if not count:
        path.unlink()
        raise CourseError(f"No submission of {assignment} came from an archive of {system}. Try: --to folder")
    print(f"{count} pages: {path}")
    return 0


def _release_feedback(course: Course, assignment: str) -> int:
    program = "import sys; from nbgrader.apps.nbgraderapp import main; sys.exit(main())"
    run = subprocess.run(
        [sys.executable, "-c", program, "release_feedback", assignment, "--force"],
        cwd=course.root,
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode != 0:
        reason = (run.stderr.strip().splitlines() or ["no reason"])[-1]
        raise CourseError(
            f"nbgrader could not release the feedback: {reason}. It gives back what was collected with "
            "--exchange; for other submissions say --to moodle, canvas or folder."
        )
    print(f"In the exchange. Students type: nbgrader fetch_feedback {assignment}")
    return 0


def _assignments(course: Course, names: Sequence[str]) -> Sequence[str]:
    """Return the named assignments, or all that are released; an unknown one is an error."""
    for name in names:
        course.released(name)
    return names or course.assignments
