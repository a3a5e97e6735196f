"""nbgrader's tables without the extensions of its web server, which `import nbgrader` itself imports."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec, module_from_spec


def import_without_extensions() -> None:
    """Make nbgrader a package whose modules can be imported, as if it were empty itself."""
    spec = find_spec("nbgrader")
    if "nbgrader" in sys.modules or spec is None:
        return  # imported whole; or not installed, which the first import of a module says
    package = sys.modules["nbgrader"] = module_from_spec(spec)
    package.__version__ = import_module("nbgrader._version").__version__  # type: ignore[attr-defined]
