"""nbgrader's gradebook: how it is opened, and what its complaints mean."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from nbgrader.api import (
    Assignment,
    Base,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    GradeCell,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
)
from nbgrader.dbutil import ALEMBIC_DIR
from sqlalchemy import URL, create_engine, inspect, make_url, select, text
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError

from autograder.course.directory import CONFIG, Course
from autograder.course.errors import CourseError
from autograder.course.programs import with_programs_on_path

READ: tuple[Any, ...] = (  # a column that is missing there is told of at once
    Assignment,
    BaseCell,
    Comment,
    Grade,
    GradeCell,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
)
WAITING = {"connect_timeout": "10", "options": "-c lock_timeout=30s"}  # for PostgreSQL


def open_gradebook(course: Course) -> Gradebook:
    """Open nbgrader's gradebook of the course.

    Raises
    ------
    CourseError
        If it is locked, of another version, or not there; with the remedy.
    """
    with_programs_on_path()
    with explained(course):
        address = _patient(course.db_url)
        _make_tables(address)
        gradebook = Gradebook(address, course.course_id)
        for model in READ:
            gradebook.db.execute(select(model.__table__).limit(1)).first()
        gradebook.db.rollback()
        _with_version(gradebook)
        return gradebook


def _make_tables(address: str) -> None:
    """Make the tables of a new gradebook; nbgrader would start a process to ask for their version."""
    engine = create_engine(address)
    try:
        if not inspect(engine).get_table_names():
            Base.metadata.create_all(engine)
    finally:
        engine.dispose()


def _with_version(gradebook: Gradebook) -> None:
    """Write the version of a gradebook whose tables are new.

    Without it `nbgrader db upgrade` would take the gradebook for one of the first version.
    """
    there = inspect(gradebook.engine).has_table("alembic_version")
    if there and gradebook.db.execute(text("SELECT version_num FROM alembic_version")).first():
        return
    version = newest_version()
    if not there:
        gradebook.db.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
    gradebook.db.execute(text("INSERT INTO alembic_version VALUES (:version)"), {"version": version})
    gradebook.db.commit()


def newest_version() -> str:
    """Return the version of the tables that nbgrader makes, as `alembic heads` tells it."""
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", ALEMBIC_DIR.replace("%", "%%"))
    return str(ScriptDirectory.from_config(config).get_current_head())


def _patient(address: str) -> str:
    """Return a PostgreSQL address with limits on waiting, where it has none: the server's own are endless."""
    url: URL = make_url(address)
    if url.get_backend_name() == "postgresql":
        url = url.set(query={**WAITING, **url.query})
    return url.render_as_string(hide_password=False)


@contextmanager
def explained(course: Course) -> Iterator[None]:
    """Turn the database's complaints into sentences with a remedy."""
    try:
        yield
    except OperationalError as error:
        raise CourseError(_complaint(course, " ".join(str(error.orig).split()))) from error
    except DatabaseError as error:
        raise CourseError(f"The gradebook {_shown(course)} cannot be used: {error.orig}.") from error
    except (ArgumentError, ImportError) as error:
        raise CourseError(
            f"c.CourseDirectory.db_url in {course.root / CONFIG} names no gradebook that can be opened here: "
            f"{error}. For PostgreSQL type: pip install 'gmm-course[postgresql]', and write "
            "postgresql+psycopg://USER:PASSWORD@HOST/DATABASE"
        ) from error


def _complaint(course: Course, problem: str) -> str:
    if "locked" in problem or "lock timeout" in problem:
        return (
            f"The gradebook {_shown(course)} is in use by another program. Close it (formgrader, or another "
            "grading run) and type the same command again; what was recorded so far is kept."
        )
    if "no such column" in problem or "no such table" in problem:
        return (
            f"The gradebook {_shown(course)} was made by another version of nbgrader ({problem}). Make a "
            "copy of it, then type in the course directory: nbgrader db upgrade"
        )
    if "connection" in problem:
        return (
            f"The gradebook {_shown(course)} does not answer ({problem}). Start the server, or mend "
            f"c.CourseDirectory.db_url in {course.root / CONFIG}; what was recorded so far is kept."
        )
    if "disk is full" in problem:
        return (
            f"There is no room on the disk for the gradebook {_shown(course)}. Make room and type the same "
            "command again; what was recorded so far is kept."
        )
    if "readonly" in problem or "unable to open" in problem:
        return (
            f"The gradebook {_shown(course)} cannot be written ({problem}). See to it that you may write the "
            "file and its folder, and type the same command again; what was recorded so far is kept."
        )
    return f"The gradebook {_shown(course)} cannot be used: {problem}."


def _shown(course: Course) -> str:
    """Return the gradebook's address without a password in it."""
    return course.db_url.rpartition("@")[2].removeprefix("sqlite:///").partition("?")[0]
