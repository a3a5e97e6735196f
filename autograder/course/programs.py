"""Programs that nbgrader calls by name."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def with_programs_on_path() -> None:
    """Let nbgrader find the program `alembic`, which lies beside the interpreter."""
    programs = str(Path(sys.executable).parent)
    if programs not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = programs + os.pathsep + os.environ.get("PATH", "")
