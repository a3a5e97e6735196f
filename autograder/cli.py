"""The command `autograder`: arguments in, one step of the pipeline called, a table or a sentence out.

Exit codes: 0 done; 1 done, but some submission has no regular grade; 2 usage or set-up error.
"""

from __future__ import annotations

import argparse
import errno
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

# A grammar that jsonschema's optional checker builds in 2.8 s at import; nothing here checks such addresses.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

# One thread for linear algebra: matrices are small here, and submissions are graded side by side.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

from autograder import __version__  # noqa: E402
from autograder.course import Course, CourseError, init, open_course  # noqa: E402

if TYPE_CHECKING:
    from autograder.grading import Options

DONE, IRREGULAR, ERROR = 0, 1, 2
WHO_IS_GRADED = (
    "Graded are the submissions that are new, that were handed in again, or whose grade rests on other "
    "rules than today's (questions, release, due date): after a correction, type the same command. Inputs "
    "are drawn from the course's secret seed, so that a grade can be repeated exactly: that is what --force "
    "does; for other inputs see 'autograder regrade --help'. Points and comments given by hand stay."
)
WHAT_A_REGRADE_IS = (
    "Graded are submissions that have a grade already. On the same inputs the result is the same, unless the "
    "questions, the release or the file were changed meanwhile; with --new-inputs the next attempt's inputs "
    "are drawn from the course's secret seed, and every later grading uses these. Points and comments given "
    "by hand stay."
)
REMEDIES = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "Make room on the disk of the course directory. "),
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), "See to it that you may write there. "),
}


class Parser(argparse.ArgumentParser):
    """Argument errors in one sentence, with where to read on."""

    def error(self, message: str) -> NoReturn:
        """Prints the problem and ends with exit code 2."""
        self.exit(
            ERROR, f"autograder: {message}\nType '{self.prog} --help' for the options and an example.\n"
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except CourseError as error:
        print(f"autograder: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print(
            "\nautograder: stopped; what was recorded so far is kept. The same command goes on.",
            file=sys.stderr,
        )
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except OSError as error:
        print(f"autograder: {_told(error)}", file=sys.stderr)
    return ERROR


def _told(error: OSError) -> str:
    """What the system refused, where, and the remedy."""
    place = f" ({error.filename})" if error.filename else ""
    remedy = REMEDIES.get(error.errno or 0, "")
    what = f"{error.strerror or error}{place}. {remedy}"
    return f"{what}Nothing that was recorded is lost; the same command goes on."


# --------------------------------------------------------------------------- arguments


def _parser() -> Parser:
    parser = Parser(
        prog="autograder",
        description="From submitted notebooks to grades with reasons.",
        epilog="A first course: autograder init fall && autograder release --course fall",
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=Parser)

    command = _command(
        commands, "init", _init, "makes a course directory", "autograder init fall", course=False
    )
    command.add_argument("directory", metavar="DIR", type=Path)
    command.add_argument(
        "--solutions", type=Path, metavar="DIR", help="assignments from here, not from the package"
    )

    command = _command(
        commands, "release", _release, "makes the notebooks for students", "autograder release em"
    )
    command.add_argument("assignments", metavar="ASSIGNMENT", nargs="*", help="all unless named")
    command.add_argument("--force", action="store_true", help="also write over notebooks edited in source/")

    command = _command(
        commands, "collect", _collect, "takes submissions in", "autograder collect em --zip ~/moodle-em.zip"
    )
    command.add_argument("assignment", metavar="ASSIGNMENT")
    way = command.add_mutually_exclusive_group(required=True)
    way.add_argument("--exchange", action="store_true", help="from nbgrader's exchange folder")
    way.add_argument(
        "--zip", type=Path, metavar="FILE", help="from an archive of a learning management system"
    )
    way.add_argument(
        "--directory", type=Path, metavar="DIR", help="from a folder: STUDENT/em.ipynb or STUDENT.ipynb"
    )

    _add_grade(commands)
    _add_regrade(commands)
    for name, run, does in (
        ("feedback", _feedback, "writes a page for each student"),
        ("report", _report, "writes the class page"),
    ):
        command = _command(commands, name, run, does, f"autograder {name} em")
        command.add_argument("assignments", metavar="ASSIGNMENT", nargs="*", help="all unless named")

    command = _command(
        commands,
        "export",
        _export,
        "writes grades for a learning management system",
        "autograder export em --format moodle",
    )
    command.add_argument("assignments", metavar="ASSIGNMENT", nargs="*", help="all unless named")
    command.add_argument("--format", choices=("csv", "canvas", "moodle", "gradescope"), default="csv")
    command.add_argument(
        "--output", type=Path, metavar="FOLDER", help="where to (default: the course directory)"
    )

    command = _command(
        commands,
        "check",
        _check,
        "runs a notebook's own checks, as a student would",
        "autograder check em.ipynb",
        course=False,
    )
    command.add_argument("notebook", type=Path, metavar="NOTEBOOK")

    _command(commands, "doctor", _doctor, "says what works on this machine", "autograder doctor")
    return parser


def _command(
    commands: Any, name: str, run: Any, does: str, example: str, course: bool = True, more: str = ""
) -> argparse.ArgumentParser:
    description = f"{does[0].upper()}{does[1:]}. {more}"
    command: argparse.ArgumentParser = commands.add_parser(
        name, help=does, description=description, epilog=f"Example: {example}"
    )
    command.set_defaults(run=run)
    if course:
        command.add_argument(
            "--course",
            type=Path,
            default=Path(),
            metavar="DIR",
            help="the course directory (default: where you are)",
        )
    return command


def _add_grade(commands: Any) -> None:
    command = _command(
        commands,
        "grade",
        _grade,
        "grades an assignment's submissions",
        "autograder grade em --results em.json",
        more=WHO_IS_GRADED,
    )
    _add_whose_and_how(command)
    command.add_argument("--results", type=Path, metavar="FILE", help="also write everything as JSON")
    command.add_argument(
        "--force", action="store_true", help="unchanged submissions too, on the same inputs as before"
    )


def _add_regrade(commands: Any) -> None:
    command = _command(
        commands,
        "regrade",
        _regrade,
        "grades again, and says whose score changed",
        "autograder regrade em --student chen --new-inputs",
        more=WHAT_A_REGRADE_IS,
    )
    _add_whose_and_how(command)
    command.add_argument(
        "--new-inputs", action="store_true", help="draw other inputs, which then stay this student's"
    )


def _add_whose_and_how(command: argparse.ArgumentParser) -> None:
    """What `grade` and `regrade` share."""
    command.add_argument("assignment", metavar="ASSIGNMENT")
    command.add_argument("--student", action="append", metavar="ID", help="only this one; may be repeated")
    where = command.add_mutually_exclusive_group()
    where.add_argument(
        "--workers", type=_count, metavar="N", help="submissions at a time (default: one a core)"
    )
    where.add_argument(
        "--scheduler", metavar="ADDRESS", help="grade on a Dask cluster, such as tcp://10.0.0.5:8786"
    )
    command.add_argument(
        "--no-isolation",
        action="store_true",
        help="run students' code WITHOUT walls, where bubblewrap cannot run; the report says so",
    )


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


# --------------------------------------------------------------------------- the commands


def _init(options: argparse.Namespace) -> int:
    course = init(options.directory, options.solutions)
    print(f"Made {course.root}. Its secret seed is {course.seed}: keep the folder to yourself.")
    print(f"Next: autograder release --course {course.root}")
    return DONE


def _release(options: argparse.Namespace) -> int:
    from autograder.pipeline.releasing import release

    for done in release(open_course(options.course), options.assignments, options.force):
        print(f"{done.assignment:12} {done.outcome:10} {done.path}")
    return DONE


def _collect(options: argparse.Namespace) -> int:
    from autograder.pipeline import collecting

    course = open_course(options.course)
    course.released(options.assignment)
    if options.exchange:
        collected = collecting.from_exchange(course, options.assignment)
    elif options.zip is not None:
        collected = collecting.from_zip(course, options.assignment, options.zip)
    else:
        collected = collecting.from_directory(course, options.assignment, options.directory)
    for note in collected.notes:
        print(f"note: {note}")
    print(f"{len(collected.students)} submissions of {options.assignment} taken in.")
    return DONE


def _grade(options: argparse.Namespace) -> int:
    from autograder.grading import grade

    said = _grading_options(options, results=options.results, force=options.force)
    return grade(open_course(options.course), options.assignment, said)


def _regrade(options: argparse.Namespace) -> int:
    from autograder.regrade import regrade

    course = replace(open_course(options.course), new_inputs=options.new_inputs)
    return regrade(course, options.assignment, _grading_options(options, force=True))


def _grading_options(options: argparse.Namespace, **others: Any) -> Options:
    from autograder.grading import Options

    if options.scheduler is not None and options.no_isolation:
        raise CourseError("On a cluster students' code runs behind walls only: leave out --no-isolation.")
    return Options(
        students=options.student or (),
        workers=options.workers or os.cpu_count() or 1,
        scheduler=options.scheduler,
        isolation=not options.no_isolation,
        **others,
    )


def _feedback(options: argparse.Namespace) -> int:
    from autograder.pipeline import feedback

    course = open_course(options.course)
    for assignment in _named(course, options.assignments):
        pages = feedback.write(course, assignment)
        print(f"{assignment}: {len(pages)} pages in {course.folder('feedback')}")
    return DONE


def _report(options: argparse.Namespace) -> int:
    from autograder.pipeline import report

    course = open_course(options.course)
    for assignment in _named(course, options.assignments):
        print(f"{assignment}: {report.write(course, assignment)}")
    print(report.write_index(course))
    return DONE


def _export(options: argparse.Namespace) -> int:
    from autograder.pipeline.exporting import as_csv
    from autograder.pipeline.record import replace_file
    from autograder.pipeline.scores import rows

    course = open_course(options.course)
    folder = options.output or course.root
    if not folder.is_dir():
        raise CourseError(f"There is no folder {folder} to write to.")
    for assignment in _named(course, options.assignments):
        path = folder / f"{assignment}-{options.format}.csv"
        replace_file(path, as_csv(assignment, rows(course, assignment), options.format), 0o600)
        print(path)
    return DONE


def _named(course: Course, names: Sequence[str]) -> Sequence[str]:
    """The named assignments, or all that are released; an unknown one is an error."""
    for name in names:
        course.released(name)
    return names or course.assignments


def _check(options: argparse.Namespace) -> int:
    from autograder.selfcheck import check_notebook

    return check_notebook(options.notebook)


def _doctor(options: argparse.Namespace) -> int:
    from autograder.doctor import examine

    return examine(options.course)
