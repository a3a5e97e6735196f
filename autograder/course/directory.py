"""A course directory: nbgrader's layout, the secret seed, and where everything lies.

State lives in two places only: the gradebook and the files of this directory.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from autograder.course.errors import CourseError
from autograder.course.files import replace_file, share_with_group
from autograder.course.release import Release, load
from autograder.course.seed import SEED_BYTES, create_seed
from autograder.settings import Settings, problem_with, settings_from

CONFIG = "nbgrader_config.py"
FOLDERS = ("source", "release", "submitted", "autograded", "feedback", "report", "questions", "exchange")
IN_ADDRESSES = ("?",)  # what a path cannot hold in c.CourseDirectory.db_url
CONFIG_TEXT = '''\
"""nbgrader's settings for this course. Every nbgrader command typed in this folder reads them."""

from pathlib import Path

from autograder.collect.from_exchange import collector, exchange_root

COURSE = Path(__file__).resolve().parent

c = get_config()  # noqa: F821

# The course's own settings. All of them, with what they mean: autograder settings
# c.Autograder.late_per_day = 0.1

c.CourseDirectory.root = str(COURSE)
c.CourseDirectory.course_id = COURSE.name

# The gradebook. PostgreSQL instead: "postgresql+psycopg://user:password@host/gradebook"
c.CourseDirectory.db_url = f"sqlite:///{COURSE}/gradebook.db?timeout=30"

# Where students fetch and hand in, if they work on this machine: the folder, or another exchange such as
# ngshare, that this machine's nbgrader_config.py names; else a folder in here, which is good for trying only.
# What students hand in is copied without following links, and only its notebooks.
c.Exchange.root = exchange_root(COURSE / "exchange")
c.ExchangeFactory.collect = collector()

# `nbgrader autograde` runs students' code in the sandbox, and gives the points that `autograder grade` gives.
# It opens no file of a student itself, and copies nothing but what the instructor released.
c.Autograde.exporter_class = "autograder.for_nbgrader.preprocessors.Unopened"
c.Autograde.sanitize_preprocessors = ["autograder.for_nbgrader.preprocessors.Rebuild"]
c.Autograde.autograde_preprocessors = [
    "autograder.for_nbgrader.preprocessors.GradeInSandbox",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# `nbgrader generate_feedback` and formgrader's button write the page that `autograder feedback` writes.
c.GenerateFeedback.exporter_class = "autograder.for_nbgrader.feedback.FeedbackPage"

# Late work costs what the course's settings say (c.Autograder.late_…).
c.AssignLatePenalties.plugin_class = "autograder.record.late.LateRules"

# Headings get no id: by its id formgrader finds the box of a grade, and a student writes the headings.
c.HTMLExporter.exclude_anchor_links = True
'''


@dataclass(frozen=True)
class Course:
    """A course directory that exists; with `new_inputs` submissions are asked other numbers than before."""

    root: Path
    new_inputs: bool = False

    def folder(self, name: str) -> Path:
        """Return one of the folders that nbgrader expects."""
        return self.root / name

    @property
    def private(self) -> Path:
        """The seed, the results and the settings: for nobody but the instructor."""
        return self.root / ".autograder"

    @property
    def seed(self) -> Path:
        """The file with the secret seed."""
        return self.private / "seed"

    def results(self, assignment: str) -> Path:
        """Return the folder with one file per student: what the last grading found."""
        return self.private / "results" / assignment

    def notebook(self, folder: str, assignment: str, student: str = ".") -> Path:
        """Return where an assignment's notebook lies in one of nbgrader's folders."""
        return self.root / folder / student / assignment / f"{assignment}.ipynb"

    @cached_property
    def config(self) -> Any:
        """What nbgrader_config.py says, as a traitlets Config."""
        from traitlets.config.loader import PyFileConfigLoader

        try:
            return PyFileConfigLoader(CONFIG, path=str(self.root)).load_config()
        except Exception as error:
            raise CourseError(f"{self.root / CONFIG} cannot be read: {error}") from error

    @cached_property
    def settings(self) -> Settings:
        """What nbgrader_config.py says of `c.Autograder`; CourseError for what cannot be."""
        try:
            return settings_from(dict(self.config.get("Autograder", {})))
        except ValueError as error:
            raise CourseError(f"{self.root / CONFIG}: {error} See all with: autograder settings") from error

    @property
    def book(self) -> str:
        """The address of the book that students read; empty for the book on this machine."""
        return self.settings.book

    @property
    def db_url(self) -> str:
        """The address of the gradebook."""
        default = f"sqlite:///{self.root.resolve()}/gradebook.db?timeout=30"
        return str(self.config.CourseDirectory.get("db_url", default))

    @property
    def course_id(self) -> str:
        """nbgrader's name of the course."""
        return str(self.config.CourseDirectory.get("course_id", ""))

    @property
    def assignments(self) -> tuple[str, ...]:
        """The names of the released assignments."""
        return tuple(
            sorted(
                path.parent.name
                for path in self.folder("release").glob("*/*.ipynb")
                if path.stem == path.parent.name
            )
        )

    def released(self, assignment: str) -> Path:
        """Return where the released notebook lies.

        Raises
        ------
        CourseError
            If the assignment was not released.
        """
        path = self.notebook("release", assignment)
        if not path.is_file():
            known = ", ".join(self.assignments) or "none yet"
            if (self.folder("submitted") / assignment).is_dir():
                raise CourseError(
                    f"{assignment!r} is a student, and here an assignment is named; released are: {known}."
                )
            raise CourseError(
                f"There is no released assignment {assignment!r}; released are: {known}. "
                f"If the name is right, type: autograder release {assignment} --course {self.root}"
            )
        return path

    def release(self, assignment: str, hidden: Mapping[str, str] | None = None) -> Release:
        """Return the released notebook, with the `hidden` tests by grade_id; CourseError if there is none."""
        return load(self.released(assignment), hidden)

    def data_files(self, assignment: str) -> dict[str, bytes]:
        """Return the files released beside the notebook, which the students' code may read, by name.

        A module with the course's own questions, released so that `check` knows them, holds the answers and
        stays outside.
        """
        folder = self.notebook("release", assignment).parent
        paths = sorted(
            path
            for path in folder.iterdir()
            if path.is_file() and path.suffix != ".ipynb" and path.name != f"{assignment}_questions.py"
        )
        return {path.name: path.read_bytes() for path in paths}

    def students(self, assignment: str) -> tuple[str, ...]:
        """Return everybody with a folder for the assignment under submitted/, sorted."""
        with os.scandir(self.folder("submitted")) as entries:
            return tuple(
                sorted(
                    entry.name
                    for entry in entries
                    if not entry.name.startswith(".") and _may_hold(entry.path, assignment)
                )
            )


def _may_hold(student: str, assignment: str) -> bool:
    """Return whether a student handed in; a folder that may not be entered counts: grading it says so."""
    try:
        return stat.S_ISDIR(os.stat(f"{student}/{assignment}").st_mode)  # noqa: PTH116   for thousands
    except PermissionError:
        return True
    except OSError:
        return False


def init(root: Path, solutions: Path | None = None, book: str | None = None) -> Course:
    """Make a course directory; change nothing that is there.

    Raises
    ------
    CourseError
        If there is a course already, the solutions' folder holds no assignment, or `book` is no address.
    """
    course = Course(root)
    if any(mark in str(root.resolve()) for mark in IN_ADDRESSES):
        raise CourseError(
            f"{root.resolve()} has one of {' '.join(IN_ADDRESSES)} in it, which ends a path in the "
            "gradebook's address. Choose another name."
        )
    if (root / CONFIG).exists():  # which is written last
        raise CourseError(
            f"{root} is a course directory already; nothing was changed. Name it with --course."
        )
    if solutions is not None and not assignment_sources(solutions):
        raise CourseError(
            f"{solutions} holds no assignments: a folder NAME with a file NAME.py for each is expected."
        )
    told = {"book": book, "solutions": str(solutions.resolve()) if solutions is not None else None}
    chosen = {name: value for name, value in told.items() if value}
    for name, value in chosen.items():
        if problem := problem_with(name, value):
            raise CourseError(f"{problem} Nothing was made.")
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in FOLDERS:
        (root / name).mkdir(exist_ok=True)
    course.private.mkdir(mode=0o700, exist_ok=True)
    create_seed(course.seed)
    replace_file(root / CONFIG, _config_text(chosen), 0o666)
    return course


def open_course(root: Path, new_inputs: bool = False) -> Course:
    """Return the course in a folder.

    Raises
    ------
    CourseError
        If it is no course directory.
    """
    if not root.is_dir():
        raise CourseError(f"There is no folder {root}. Type: autograder init {root}")
    if not (root / CONFIG).is_file() or not (root / ".autograder" / "seed").is_file():
        raise CourseError(
            f"{root.resolve()} is not a course directory. Name yours with --course DIR, or make one: "
            "autograder init DIR"
        )
    course = Course(root.resolve(), new_inputs)
    share_with_group(course.private)
    if course.seed.stat().st_size != SEED_BYTES:
        raise CourseError(
            f"{course.seed} must hold {SEED_BYTES} bytes: the inputs of all grades come from it. Take "
            "it back from your backup."
        )
    return course


def assignment_sources(solutions: Path) -> dict[str, Path]:
    """Return the py:percent file of each assignment in a solutions folder, by name."""
    return {path.stem: path for path in sorted(solutions.glob("*/*.py")) if path.stem == path.parent.name}


def _config_text(chosen: Mapping[str, str]) -> str:
    """Return nbgrader_config.py with the settings that `init` was told."""
    lines = "".join(f"c.Autograder.{name} = {value!r}\n" for name, value in chosen.items())
    return CONFIG_TEXT.replace("# c.Autograder.", f"{lines}# c.Autograder.", 1)


def solutions_of(course: Course) -> Path:
    """Return the folder of the course's assignments: the installed package's unless `init` named another."""
    if course.settings.solutions:
        return Path(course.settings.solutions)
    with as_file(files("autograder.assignments")) as folder:  # a wheel is unpacked when installed
        return Path(folder)
