"""Run by compile.mjs in the page's Python: the modules that the checks import become .pyc, in place.

Tracebacks keep their line numbers; what is not imported here stays as source and is compiled when needed.
"""

import importlib.util
import sys
from importlib._bootstrap_external import _code_to_hash_pyc
from pathlib import Path

import numpy

WORK = Path("/mounted")
#: Where modules come from in this process, where their copies lie, and how far they may be stripped.
ROOTS = {
    "/lib/python312.zip/": ("stdlib", 2),
    str(Path(numpy.__file__).parents[1]) + "/": ("numpy", 0),  # NumPy builds docstrings upon docstrings
    "/mounted/course/": ("course", 0),  # the sentences of the catalogue are docstrings
}


def exercise() -> None:
    """Do what the page does: check a right answer, and a wrong one."""
    sys.path.insert(0, "/mounted/course")
    from autograder.check import browser, check  # noqa: F401
    from autograder.questions import ASSIGNMENTS, of_assignment

    for question in (question for name in ASSIGNMENTS for question in of_assignment(name)):
        assert check(question.id, question.reference), question.id
        check(question.id, question.misconceptions[0].implementation).content()


def compile_imported() -> None:
    """Put a .pyc into the place of the source of each module that has been imported."""
    for module in list(sys.modules.values()):
        origin = getattr(getattr(module, "__spec__", None), "origin", None) or ""
        for root, (folder, optimize) in ROOTS.items():
            path = WORK / folder / origin.removeprefix(root)
            if origin.startswith(root) and path.suffix == ".py" and path.exists():
                source = path.read_bytes()
                shown = origin.removeprefix(root)
                code = compile(source, shown, "exec", dont_inherit=True, optimize=optimize)
                data = _code_to_hash_pyc(code, importlib.util.source_hash(source), False)
                path.with_suffix(".pyc").write_bytes(data)
                path.unlink()


exercise()
compile_imported()
