"""A gradebook is opened without nbgrader's web extensions, and all of nbgrader can still be imported."""

from __future__ import annotations

import subprocess
import sys


def printed_by(program: str) -> str:
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return run.stdout.strip()


def test_the_extensions_of_the_web_server_are_not_imported() -> None:
    program = (
        "import sys, autograder.record.recorder; "
        "print([name for name in sys.modules if 'server_extensions' in name])"
    )
    assert printed_by(program) == "[]"


def test_what_nbgrader_offers_beside_its_tables_can_be_imported_afterwards() -> None:
    program = (
        "import autograder.record.recorder; from nbgrader.apps.nbgraderapp import NbGraderApp; "
        "from nbgrader.converters import Autograde; import nbgrader; "
        "print(NbGraderApp.version == nbgrader.__version__ != '')"
    )
    assert printed_by(program) == "True"


def test_an_nbgrader_that_is_imported_whole_stays_as_it_is() -> None:
    program = "import nbgrader; import autograder.record.recorder; print('HERE' in vars(nbgrader))"
    assert printed_by(program) == "True"
