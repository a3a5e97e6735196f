"""The commands after grading: `autograder feedback`, `report` and `export`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.collect.attempts import SECRET
from autograder.collect.from_exchange import FOLDER, collector_of, run_nbgrader
from autograder.commands.terminal import plain
from autograder.course.directory import Course
from autograder.course.errors import CourseError
from autograder.course.files import NO_ROOM, replace_file
from autograder.course.people import read_keys, read_roster
from autograder.record.late import refresh
from autograder.record.rows import rows
from autograder.reports import class_page, feedback, similar_page
from autograder.reports.export import SPREADSHEET, Grades, as_csv, as_spreadsheet, left_out, waiting
from autograder.reports.handing_back import return_by_links, write_archive

SYSTEMS = {"moodle": "Moodle", "canvas": "Canvas"}  # as they call themselves


def write_feedback(course: Course, names: Sequence[str]) -> int:
    """Write the page of each student of the named assignments, or of all."""
    for assignment in _assignments(course, names):
        pages = feedback.write(course, assignment)
        if pages:
            print(f"{assignment}: {len(pages)} pages in {course.folder('feedback')}")
        else:
            print(f"{assignment}: nothing has been graded yet. Type: autograder grade {assignment}")
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
    if found.partly:
        print(f"  not compared in whole: {len(found.partly)}, named on the page")
    print(similar_page.path_of(course, assignment))
    return 0


def export_grades(
    course: Course, names: Sequence[str], format_name: str, folder: Path | None, incomplete: bool = False
) -> int:
    """Write the grades of the named assignments, or of all graded ones, as tables for a system."""
    folder = folder or course.root
    if not folder.is_dir():
        raise CourseError(f"There is no folder {folder} to write to: make it, or name another one.")
    every = graded(course, names, incomplete)
    left = [grades.assignment for grades in every]
    for grades in every:
        name, content = _file(grades, format_name)
        try:
            replace_file(folder / name, content, 0o600)
        except OSError as error:
            if error.errno not in NO_ROOM:
                raise
            raise CourseError(
                f"{error.strerror} ({folder / name}). Make room on the disk, or name a folder on another "
                f"one: --output FOLDER. Left to do: {', '.join(left)}. Nothing that was recorded is lost."
            ) from error
        left.remove(grades.assignment)
        for note in left_out(grades, format_name):
            print(f"note: {grades.assignment}: {plain(note)}")
        print(folder / name)
    return 0


@dataclass(frozen=True)
class Table:
    """An assignment's table for a system, and whom it leaves blank or the system may not find."""

    name: str  # of the file
    content: str | bytes
    notes: tuple[str, ...]


def exported(course: Course, assignment: str, format_name: str, incomplete: bool = False) -> Table:
    """Return the table of an assignment; CourseError if there is none yet."""
    (grades,) = graded(course, [assignment], incomplete)
    return Table(*_file(grades, format_name), tuple(left_out(grades, format_name)))


def _file(grades: Grades, format_name: str) -> tuple[str, str | bytes]:
    """Return the name and the content of an assignment's table."""
    if format_name == SPREADSHEET:
        return f"{grades.assignment}-grades.{SPREADSHEET}", as_spreadsheet(grades)
    return f"{grades.assignment}-{format_name}.csv", as_csv(grades, format_name)


def graded(course: Course, names: Sequence[str], incomplete: bool = False) -> list[Grades]:
    """Return the grades of the named assignments, or of all that somebody has a grade for.

    Raises
    ------
    CourseError
        If written answers wait and `incomplete` was not said, or nothing has been graded.
    """
    roster, chosen = read_roster(course), _assignments(course, names)
    every = [Grades(name, rows(course, name), roster, read_keys(course, name)) for name in chosen]
    if not names:
        every = [grades for grades in every if any(row.submitted for row in grades.rows)]
    empty = [grades.assignment for grades in every if not any(row.submitted for row in grades.rows)]
    if empty:
        raise CourseError(f"Nothing of {empty[0]} has been graded yet. Type: autograder grade {empty[0]}")
    if not every:
        raise CourseError("Nothing has been graded yet. Type: autograder grade ASSIGNMENT")
    left = [f"{grades.assignment} {name}" for grades in every for name in waiting(grades.rows)]
    if left and not incomplete:
        raise CourseError(
            f"Written answers wait to be graded by hand: {_some(left)}. Grade them at the desk "
            "(autograder serve) or in formgrader, or say --incomplete to export the points so far. Nothing "
            "was written."
        )
    return every


def _some(names: Sequence[str], most: int = 10) -> str:
    """Return the first names, and how many more there are."""
    left = len(names) - most
    return ", ".join(names[:most]) + (f" and {left} more" if left > 0 else "")


@dataclass(frozen=True)
class Returned:
    """An archive of feedback pages, and whose pages it could not name."""

    path: Path
    count: int
    left: tuple[str, ...]
    system: str

    @property
    def note(self) -> str:
        """Who is left out, as a sentence."""
        called = SYSTEMS.get(self.system, self.system)
        return f"not from an archive of {called}, so left out: {', '.join(self.left)}."


def return_feedback(course: Course, assignment: str, system: str) -> int:
    """Write our pages anew, hand them to nbgrader's exchange or into an archive, and say where they are."""
    if system == "exchange":
        left_out = release_to_exchange(course, assignment)
        if left_out:
            print(f"note: not from the exchange, so left out: {', '.join(map(plain, left_out))}")
        print(f"In the exchange. Students type: nbgrader fetch_feedback {assignment}")
        return 0
    if system == "links":
        print(f"{release_by_links(course, assignment)} students see their page by their personal link.")
        return 0
    returned = feedback_archive(course, assignment, system)
    if returned.left:
        print(f"note: {plain(returned.note)} For them say --to folder")
    print(f"{returned.count} pages: {returned.path}")
    return 0


def feedback_archive(course: Course, assignment: str, system: str) -> Returned:
    """Write our pages anew, and an archive of them that a system takes in.

    Raises
    ------
    CourseError
        If there is no page, or none that the system can give to a student.
    """
    _pages(course, assignment)
    path = course.root / f"{assignment}-feedback-{system}.zip"
    count, left = write_archive(course, assignment, system, path)
    if not count:
        path.unlink()
        called = SYSTEMS.get(system, system)
        raise CourseError(f"No submission of {assignment} came from an archive of {called}. Try: --to folder")
    return Returned(path, count, left, system)


def _pages(course: Course, assignment: str) -> Sequence[Path]:
    """Write the pages; an assignment without any is an error."""
    _assignments(course, [assignment])
    pages = feedback.write(course, assignment)
    if not pages:
        raise CourseError(f"Nothing of {assignment} has been graded yet. Type: autograder grade {assignment}")
    return pages


def release_by_links(course: Course, assignment: str) -> int:
    """Write our pages anew, and show each to the student by the personal link; return how many."""
    _pages(course, assignment)
    return return_by_links(course, assignment)


def release_to_exchange(course: Course, assignment: str) -> tuple[str, ...]:
    """Write our pages anew, and have nbgrader put them into its exchange; return whose it cannot.

    Raises
    ------
    CourseError
        If nobody handed in through the exchange, or nbgrader refuses; with its reason.
    """
    pages = _pages(course, assignment)
    left: tuple[str, ...] = ()
    if collector_of(course) == FOLDER:  # there a page is for whoever knows the submission's secret
        left = tuple(path.parts[-3] for path in pages if not (path.parent / SECRET).is_file())
    if pages and len(left) == len(pages):
        raise CourseError(
            f"Nobody handed {assignment} in through the exchange, so nobody can fetch a page there. Say --to "
            "moodle, canvas or folder."
        )
    run_nbgrader(
        course, "release_feedback", assignment, f"--CourseDirectory.student_id_exclude={','.join(left)}"
    )
    return left


def _assignments(course: Course, names: Sequence[str]) -> Sequence[str]:
    """Return the named assignments, or all that are released, with late penalties of this moment.

    Raises
    ------
    CourseError
        If there is no such assignment.
    """
    for name in names:
        course.released(name)
    chosen = names or course.assignments
    for name in chosen:
        refresh(course, name)
    return chosen
