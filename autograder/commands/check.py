"""`autograder check NOTEBOOK`: runs a notebook's cells as Jupyter would and prints what its checks found.

This is the student's own code on the student's own machine; nothing is isolated and nothing is recorded. So a
notebook that somebody else handed in is refused where one can tell, and modules beside a notebook, which
Jupyter would import, are not imported by the command itself.
"""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from autograder.course.directory import CONFIG
from autograder.course.errors import CourseError
from autograder.intake.notebook import UnreadableError, read_notebook

OF_STUDENTS = ("submitted", "autograded", "exchange")  # folders of a course
ROOT = str(Path(__file__).parents[2])
PROGRAM = (
    "import os, sys; sys.path.insert(0, sys.argv[1]); "
    "sys.path.append(os.getcwd()); "  # last: a course's questions are found, a file numpy.py is not taken
    "from autograder.commands.check import main; main(sys.argv[2])"
)


def check_notebook(path: Path) -> int:
    """Runs the checks of a notebook in a process of its own; 0 if it could be run to the end.

    Raises
    ------
    CourseError
        If there is no such file, it is no notebook, or it lies among what the students of a course handed in.
    """
    if not path.is_file():
        raise CourseError(f"There is no notebook {path}. Name the file, such as em/em.ipynb.")
    for folder in path.resolve().parents:
        if folder.name in OF_STUDENTS and (folder.parent / CONFIG).is_file():
            raise CourseError(
                f"{path} is a student's, and `check` would run it with your rights. Grade it behind walls: "
                f"autograder grade ASSIGNMENT --student NAME --course {folder.parent}"
            )
    code_cells(path)
    if find_spec("IPython") is None:
        raise CourseError("Cells are run by IPython, which is not installed. Type: pip install ipython")
    environment = {**os.environ, "MPLBACKEND": "agg"}
    command = [sys.executable, "-P", "-c", PROGRAM, ROOT, str(path.resolve())]
    if subprocess.run(command, cwd=path.resolve().parent, env=environment, check=False).returncode != 0:
        raise CourseError(f"{path} ended the Python process before its last cell.")
    return 0


def code_cells(path: Path) -> list[str]:
    """The sources of the code cells.

    Raises
    ------
    CourseError
        If the file is no notebook.
    """
    try:
        notebook = read_notebook(path.read_bytes())
    except UnreadableError as error:
        raise CourseError(f"{path}: {error}") from error
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def main(path: str) -> None:
    """In the process of its own: all cells in order, then a line or more for each question."""
    from IPython.core.interactiveshell import InteractiveShell

    import autograder.check

    original, reports = autograder.check.check, {}

    def check(question_id: str, function: object) -> object:
        reports[question_id] = original(question_id, function)
        return reports[question_id]

    autograder.check.check = check  # type: ignore[assignment]
    shell = InteractiveShell.instance()
    for number, source in enumerate(code_cells(Path(path)), start=1):
        outcome = shell.run_cell(silenced(source), silent=True)
        if not outcome.success:
            error = outcome.error_before_exec or outcome.error_in_exec
            print(f"Code cell {number} stopped with {type(error).__name__}: {error}\n")
    for report in reports.values():
        print(f"{report!r}\n")
    right = sum(map(bool, reports.values()))
    print(
        f"{right} of {len(reports)} functions are right." if reports else "The notebook has no check cells."
    )


def silenced(source: str) -> str:
    """The cell without the display of its last value: the checks are shown at the end instead."""
    return source.rstrip() + ";" if source.strip().startswith("check(") else source
