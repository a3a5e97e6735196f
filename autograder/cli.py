"""The command `autograder`: arguments in, one command called, its exit code out.

Exit codes: 0 done; 1 done, but some submission has no regular grade; 2 usage or set-up error, or stopped by
Ctrl-C; 143 told to end by SIGTERM.
"""

from __future__ import annotations

import argparse
import atexit
import errno
import gc
import io
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

# A grammar that jsonschema's optional checker builds in 2.8 s at import; nothing here checks such addresses.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

# One thread for linear algebra: matrices are small here, and submissions are graded side by side.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

from autograder import __version__  # noqa: E402
from autograder.course.directory import Course, open_course  # noqa: E402
from autograder.course.errors import CourseError  # noqa: E402
from autograder.reports.export import FORMATS, SPREADSHEET  # noqa: E402

if TYPE_CHECKING:
    from autograder.commands.grade import Options

DONE, ERROR = 0, 2
MADE_BY_IMPORTS = 10_000  # objects, and no garbage: it is looked for when as many more were made
TOLD_TO_END = 128 + signal.SIGTERM  # as a shell would say it of a program that ends without a word
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
    **dict.fromkeys((errno.EEXIST, errno.ENOTDIR), "Where a folder belongs lies a file: move it away. "),
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), "See to it that you may write there. "),
}


class ToldToEnd(KeyboardInterrupt):
    """SIGTERM, as a machine sends it that is shut down: everything ends as by Ctrl-C."""


class Parser(argparse.ArgumentParser):
    """Argument errors in one sentence, with where to read on."""

    def error(self, message: str) -> NoReturn:
        """Print the problem and end with exit code 2."""
        self.exit(
            ERROR, f"autograder: {message}\nType '{self.prog} --help' for the options and an example.\n"
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    gc.set_threshold(MADE_BY_IMPORTS)
    atexit.register(gc.freeze)  # when the process ends, there is no garbage to look for
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without ✓ shows ? and is no reason to stop
    typed = _parser().parse_args(arguments)
    try:
        with _ends_when_told():
            return int(typed.run(typed))
    except CourseError as error:
        print(f"autograder: {error}", file=sys.stderr)
    except KeyboardInterrupt as told:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)  # a second one finds nothing left to stop
        print(
            "\nautograder: stopped; what was recorded so far is kept. The same command goes on.",
            file=sys.stderr,
        )
        if isinstance(told, ToldToEnd):
            return TOLD_TO_END
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except ModuleNotFoundError as error:
        print(f"autograder: {_what_to_install(error)}", file=sys.stderr)
    except OSError as error:
        print(f"autograder: {_what_to_do(error)}", file=sys.stderr)
    return ERROR


@contextmanager
def _ends_when_told() -> Iterator[None]:
    """Raise ToldToEnd at SIGTERM; where it is ignored, or outside the main thread, leave it as it is."""
    in_main = threading.current_thread() is threading.main_thread()
    if not in_main or signal.getsignal(signal.SIGTERM) != signal.SIG_DFL:
        yield
        return

    def end(*_: object) -> NoReturn:
        raise ToldToEnd

    signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _what_to_do(error: OSError) -> str:
    """Return what the system refused, where, and the remedy."""
    where = f" ({error.filename})" if error.filename else ""
    remedy = REMEDIES.get(error.errno or 0, "")
    what = f"{error.strerror or error}{where}. {remedy}"
    return f"{what}Nothing that was recorded is lost; the same command goes on."


def _what_to_install(error: ModuleNotFoundError) -> str:
    """Return which package is missing and the line to type; a missing module of our own is no such case."""
    package = (error.name or "").partition(".")[0]
    if package in ("", "autograder", "gmmlib"):
        raise error
    return f"this needs the package {package}. Type: pip install 'gmm-course[grade]'"


# --------------------------------------------------------------------------- arguments


def _parser() -> Parser:
    parser = Parser(
        prog="autograder",
        description="From submitted notebooks to grades with reasons.",
        epilog="A first course: autograder init fall && autograder release --course fall",
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=Parser)
    for add in (
        _add_init,
        _add_release,
        _add_people,
        _add_collect,
        _add_grade,
        _add_regrade,
        _add_feedback,
        _add_report,
        _add_comment,
        _add_similar,
        _add_return,
        _add_export,
        _add_check,
        _add_verify,
        _add_settings,
        _add_serve,
        _add_links,
        _add_doctor,
    ):
        add(commands)
    return parser


def _command(
    commands: Any,
    name: str,
    run: Callable[[argparse.Namespace], int],
    does: str,
    example: str,
    course: bool = True,
    more: str = "",
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


def _add_init(commands: Any) -> None:
    command = _command(
        commands, "init", _init, "makes a course directory", "autograder init fall", course=False
    )
    command.add_argument("directory", metavar="DIR", type=Path)
    command.add_argument(
        "--solutions", type=Path, metavar="DIR", help="assignments from here, not from the package"
    )
    command.add_argument("--book", metavar="ADDRESS", help="where your students read the book")


def _add_release(commands: Any) -> None:
    command = _command(
        commands, "release", _release, "makes the notebooks for students", "autograder release em"
    )
    _add_assignments(command)
    command.add_argument("--force", action="store_true", help="also write over notebooks edited in source/")


def _add_people(commands: Any) -> None:
    does = "lists the roster, takes one in, or gives one student more time"
    command = _command(commands, "people", _people, does, "autograder people import participants.csv")
    command.set_defaults(what="list")
    parts = command.add_subparsers(title="what", metavar="{list,import,extend}", parser_class=Parser)
    # SUPPRESS: what stands before the word, such as --course, is not overwritten by a default.
    listing = parts.add_parser("list", help="the roster")
    taking = parts.add_parser("import", help="from a CSV file of Moodle, Canvas, nbgrader or your own")
    taking.add_argument("file", type=Path, metavar="FILE")
    taking.add_argument(
        "--assignment", metavar="NAME", default="", help="whose grading worksheet of Moodle FILE is"
    )
    more = parts.add_parser("extend", help="more time for one student")
    more.add_argument("student", metavar="STUDENT")
    more.add_argument("assignment", metavar="ASSIGNMENT")
    how = more.add_mutually_exclusive_group(required=True)
    how.add_argument("--until", metavar="TIME", help='such as "2026-12-02 18:00 UTC"')
    how.add_argument("--days", type=float, metavar="N", default=0.0, help="after the due date")
    for name, part in (("list", listing), ("import", taking), ("extend", more)):
        part.set_defaults(what=name)
        part.add_argument("--course", type=Path, metavar="DIR", default=argparse.SUPPRESS)


def _add_collect(commands: Any) -> None:
    command = _command(
        commands, "collect", _collect, "takes submissions in", "autograder collect em --zip ~/moodle-em.zip"
    )
    command.add_argument("assignment", metavar="ASSIGNMENT")
    way = command.add_mutually_exclusive_group()
    way.add_argument("--exchange", action="store_true", help="from nbgrader's exchange")
    way.add_argument(
        "--zip", type=Path, metavar="FILE", help="from an archive of a learning management system"
    )
    way.add_argument(
        "--directory", type=Path, metavar="DIR", help="from a folder: STUDENT/em.ipynb or STUDENT.ipynb"
    )
    which = "which one counts: last-in-time, last, first or a number; also later, of those that are kept"
    command.add_argument("--attempt", metavar="WHICH", default="", help=which)
    command.add_argument("--student", action="append", metavar="ID", help="for whom --attempt holds")
    believed = "students whose folders in the exchange count although owner or time is in doubt; or all"
    command.add_argument("--accept", action="append", metavar="ID", help=believed)
    command.add_argument("--encoding", metavar="NAME", default="", help="of an archive's names, such as gbk")


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
    command.add_argument(
        "--preview", action="store_true", help="say whose score would change and why; write nothing"
    )


def _add_whose_and_how(command: argparse.ArgumentParser) -> None:
    """Add what `grade` and `regrade` share."""
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


def _port(text: str) -> int:
    if not text.isdecimal() or not int(text) <= 65535:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no port: a number from 1 to 65535 is, and 0 for any that is free"
        )
    return int(text)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 on")
    return int(text)


def _add_feedback(commands: Any) -> None:
    does = "writes a page for each student"
    _add_assignments(_command(commands, "feedback", _feedback, does, "autograder feedback em"))


def _add_report(commands: Any) -> None:
    _add_assignments(_command(commands, "report", _report, "writes the class page", "autograder report em"))


def _add_comment(commands: Any) -> None:
    command = _command(
        commands,
        "comment",
        _comment,
        "writes one comment for all students whose function gives the same wrong numbers",
        'autograder comment em e_step --like chen "Which sum should be 1?"',
        more="The class page shows who is alike. The comment is nbgrader's, and is on each feedback page.",
    )
    command.add_argument("assignment", metavar="ASSIGNMENT")
    command.add_argument("function", metavar="FUNCTION")
    command.add_argument("--like", required=True, metavar="STUDENT", help="one of the students")
    command.add_argument("text", metavar="TEXT")
    command.add_argument("--replace", action="store_true", help="write over other comments at that place")


def _add_similar(commands: Any) -> None:
    command = _command(
        commands,
        "similar",
        _similar,
        "shows code that is alike, among students and with the solutions",
        "autograder similar em",
        more="A place to look, never a verdict. The page is report/ASSIGNMENT-similar.html.",
    )
    command.add_argument("assignment", metavar="ASSIGNMENT")


def _add_return(commands: Any) -> None:
    does = "writes the feedback pages anew, and gives them back to the students"
    command = _command(commands, "return", _return, does, "autograder return em --to moodle")
    command.add_argument("assignment", metavar="ASSIGNMENT")
    command.add_argument(
        "--to",
        choices=("moodle", "canvas", "exchange", "folder", "links"),
        required=True,
        help="an archive for Moodle or Canvas to take in, nbgrader's exchange, an archive with a folder for "
        "each student, or the students' links",
    )


def _add_export(commands: Any) -> None:
    command = _command(
        commands,
        "export",
        _export,
        "writes grades for a learning management system",
        "autograder export em --format moodle",
    )
    _add_assignments(command)
    command.add_argument(
        "--format",
        choices=(*FORMATS, SPREADSHEET),
        default="csv",
        help="as Canvas or Moodle takes it in, or all points as csv (default) or spreadsheet",
    )
    command.add_argument("--incomplete", action="store_true", help="also while written answers wait")
    command.add_argument(
        "--output", type=Path, metavar="FOLDER", help="where to (default: the course directory)"
    )


def _add_assignments(command: argparse.ArgumentParser) -> None:
    command.add_argument("assignments", metavar="ASSIGNMENT", nargs="*", help="all unless named")


def _add_check(commands: Any) -> None:
    command = _command(
        commands,
        "check",
        _check,
        "runs a notebook of your own with its checks; nothing is isolated, so never one that was handed in",
        "autograder check em.ipynb",
        course=False,
    )
    command.add_argument("notebook", type=Path, metavar="NOTEBOOK")


def _add_verify(commands: Any) -> None:
    does = "says whether a receipt is genuine, and of what was graded"
    command = _command(commands, "verify", _verify, does, "autograder verify receipt.txt em.ipynb")
    command.add_argument("receipt", type=Path, metavar="RECEIPT")
    command.add_argument(
        "file", type=Path, metavar="FILE", nargs="?", help="is it the one that was handed in?"
    )


def _add_settings(commands: Any) -> None:
    does = "says what can be set in nbgrader_config.py, and what is"
    _command(commands, "settings", _settings, does, "autograder settings")


def _add_serve(commands: Any) -> None:
    does = "opens the desk: take in, grade, look and give back in a browser"
    command = _command(commands, "serve", _serve, does, "autograder serve --open")
    command.add_argument(
        "--port", type=_port, default=8899, metavar="N", help="where it listens (default: 8899)"
    )
    command.add_argument("--open", action="store_true", help="also open it in the browser")
    command.add_argument(
        "--students",
        nargs="?",
        const="",
        metavar="ADDRESS",
        help="also take in what students hand in by 'autograder links'; ADDRESS is what they open, such as "
        "https://hand-in.example.org (default: the next port of this machine)",
    )
    command.add_argument(
        "--hub", metavar="ADDRESS", help="as a service of the JupyterHub that people open at ADDRESS"
    )


def _add_links(commands: Any) -> None:
    does = "prints a personal link for each student, by which they hand in and later see their feedback"
    example = "autograder links em --address https://hand-in.example.org > links.csv"
    command = _command(commands, "links", _links, does, example)
    command.add_argument("assignment", metavar="ASSIGNMENT")
    command.add_argument(
        "--address", default="http://127.0.0.1:8900", help="as for 'autograder serve --students'"
    )
    command.add_argument(
        "--days", type=_count, default=200, metavar="N", help="good for so long (default: 200)"
    )


def _add_doctor(commands: Any) -> None:
    _command(commands, "doctor", _doctor, "says what works on this machine", "autograder doctor")


# --------------------------------------------------------------------------- the commands


def _init(typed: argparse.Namespace) -> int:
    from autograder.commands.prepare import init_course

    return init_course(typed.directory, typed.solutions, typed.book)


def _opened(root: Path, new_inputs: bool = False) -> Course:
    """Open the course; links of this process lead to its book, unless the variable says where."""
    course = open_course(root, new_inputs)
    if course.book:
        os.environ.setdefault("GMM_COURSE_BOOK", course.book)
    return course


def _release(typed: argparse.Namespace) -> int:
    from autograder.commands.prepare import release_assignments

    return release_assignments(_opened(typed.course), typed.assignments, typed.force)


def _people(typed: argparse.Namespace) -> int:
    from autograder.commands.people import extend_deadline, import_people, list_people

    course = _opened(typed.course)
    if typed.what == "import":
        return import_people(course, typed.file, typed.assignment)
    if typed.what == "extend":
        return extend_deadline(course, typed.student, typed.assignment, typed.until, typed.days)
    return list_people(course)


def _collect(typed: argparse.Namespace) -> int:
    from autograder.commands.prepare import Way, collect_submissions

    if not (typed.exchange or typed.zip or typed.directory or typed.attempt):
        raise CourseError("Where from? Say --zip FILE, --directory DIR or --exchange.")
    way = Way(
        typed.zip,
        typed.directory,
        typed.exchange,
        typed.encoding,
        typed.accept or (),
        typed.attempt,
        typed.student or (),
    )
    return collect_submissions(_opened(typed.course), typed.assignment, way)


def _grade(typed: argparse.Namespace) -> int:
    from autograder.commands.grade import grade

    options = _grading_options(typed, results=typed.results, force=typed.force)
    return grade(_opened(typed.course), typed.assignment, options)


def _regrade(typed: argparse.Namespace) -> int:
    from autograder.commands.regrade import regrade

    course = _opened(typed.course, typed.new_inputs)
    return regrade(course, typed.assignment, _grading_options(typed, force=True), typed.preview)


def _grading_options(typed: argparse.Namespace, **others: Any) -> Options:
    from autograder.commands.grade import Options

    if typed.scheduler is not None and typed.no_isolation:
        raise CourseError("On a cluster students' code runs behind walls only: leave out --no-isolation.")
    return Options(
        students=typed.student or (),
        workers=typed.workers or os.cpu_count() or 1,
        scheduler=typed.scheduler,
        isolation=not typed.no_isolation,
        **others,
    )


def _feedback(typed: argparse.Namespace) -> int:
    from autograder.commands.publish import write_feedback

    return write_feedback(_opened(typed.course), typed.assignments)


def _report(typed: argparse.Namespace) -> int:
    from autograder.commands.publish import write_report

    return write_report(_opened(typed.course), typed.assignments)


def _comment(typed: argparse.Namespace) -> int:
    from autograder.commands.comment import comment

    course = _opened(typed.course)
    return comment(course, typed.assignment, typed.function, typed.like, typed.text, typed.replace)


def _similar(typed: argparse.Namespace) -> int:
    from autograder.commands.publish import write_similar

    return write_similar(_opened(typed.course), typed.assignment)


def _return(typed: argparse.Namespace) -> int:
    from autograder.commands.publish import return_feedback

    return return_feedback(_opened(typed.course), typed.assignment, typed.to)


def _export(typed: argparse.Namespace) -> int:
    from autograder.commands.publish import export_grades

    return export_grades(
        _opened(typed.course), typed.assignments, typed.format, typed.output, typed.incomplete
    )


def _check(typed: argparse.Namespace) -> int:
    from autograder.commands.check import check_notebook

    return check_notebook(typed.notebook)


def _verify(typed: argparse.Namespace) -> int:
    from autograder.commands.verify import verify_receipt

    return verify_receipt(_opened(typed.course), typed.receipt, typed.file)


def _settings(typed: argparse.Namespace) -> int:
    from autograder.commands.settings import print_settings

    return print_settings(typed.course)


def _serve(typed: argparse.Namespace) -> int:
    from autograder.desk.serve import opened_here, serve

    course, opened = _opened(typed.course), partial(opened_here, port=typed.port)
    if typed.hub is not None:
        from autograder.desk.hub import opened_on_hub

        opened = partial(opened_on_hub, address=typed.hub)
    return serve(partial(opened, course), typed.open, typed.students)


def _links(typed: argparse.Namespace) -> int:
    from autograder.desk.links import print_links

    return print_links(_opened(typed.course), typed.assignment, typed.address, typed.days)


def _doctor(typed: argparse.Namespace) -> int:
    from autograder.commands.doctor import examine

    return examine(typed.course)
