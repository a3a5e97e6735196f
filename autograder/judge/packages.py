"""Which packages are there while grading, in words and by name."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence

IN_WORDS = "NumPy, SciPy and matplotlib are"
# What a notebook can import while grading besides the standard library: these and what they need.
THERE = frozenset(
    {
        "IPython",
        "PIL",
        "autograder",  # its `check` alone, which says nothing while grading
        "contourpy",
        "cycler",
        "dateutil",
        "fontTools",
        "ipywidgets",
        "kiwisolver",
        "matplotlib",
        "mpl_toolkits",
        "numpy",
        "packaging",
        "pylab",
        "pyparsing",
        "scipy",
        "tqdm",  # where who grades has it
        "traitlets",
    }
)
MOST = 60  # characters of a name: no package has more
_MISSED = re.compile(r"No module named '([\w.]+)'|^(?:\w+: )?([\w.]+) is not available while grading", re.M)


def is_there(package: str) -> bool:
    """Whether a package, by its top-level name, can be imported while grading."""
    return package in THERE or package in sys.stdlib_module_names


def missed(errors: Iterable[str]) -> tuple[str, ...]:
    """Return the packages that errors speak of as not there, each once."""
    found = (name or other for error in errors for name, other in _MISSED.findall(error))
    return tuple(dict.fromkeys(name.partition(".")[0][:MOST] for name in found))


def sentence(packages: Sequence[str]) -> str:
    """Say that packages are not there while grading; nothing if there are none."""
    if not packages:
        return ""
    names = " and ".join(f"`{name}`" for name in packages[:5])
    return f"{names} {'is' if len(packages) == 1 else 'are'} not there while grading; {IN_WORDS}."
