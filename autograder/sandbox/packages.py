"""What of this machine a student's process may see: the interpreter, four packages and what they need.

An allow-list from the installed metadata: the closure of the requirements of NumPy, SciPy, matplotlib and
IPython. Each top-level module is named on its own, so that no other package in the same folder comes along,
and no `.pth` file is ever read, so that editable installs stay out.
"""

from __future__ import annotations

import importlib.metadata as metadata
import os
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

VISIBLE = ("numpy", "scipy", "matplotlib", "ipython")
IF_INSTALLED = ("ipywidgets", "tqdm")  # progress bars and widgets that students leave in
HIDDEN = ("gmm-course", "scikit-learn", "nbgrader")


@dataclass(frozen=True)
class Bind:
    """A file or folder of the host, and where it appears inside, read-only."""

    source: Path
    target: str


def distributions(names: Sequence[str]) -> Iterator[metadata.Distribution]:
    """The named distributions and all that they require, each once; those not installed are left out."""
    seen = {canonicalize_name(name) for name in HIDDEN}
    waiting = list(names)
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name in seen:
            continue
        seen.add(name)
        try:
            distribution = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue
        yield distribution
        for line in distribution.requires or ():
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                waiting.append(requirement.name)


def top_level(distribution: metadata.Distribution) -> list[str]:
    """The files and folders that a distribution put into site-packages."""
    record = distribution.read_text("RECORD")
    if record is None:  # installed by the system's package manager
        names = (distribution.read_text("top_level.txt") or canonicalize_name(distribution.name)).split()
        return [name for name in names if Path(str(distribution.locate_file(name))).exists()]
    firsts = {line.partition(",")[0].partition("/")[0].strip('"') for line in record.splitlines()}
    return sorted(name for name in firsts if name not in ("", "..", "__pycache__") and name[-4:] != ".pth")


@lru_cache
def package_binds() -> tuple[Bind, ...]:
    """Where the visible packages are, and where they appear: below /packages."""
    binds = []
    for distribution in distributions((*VISIBLE, *IF_INSTALLED)):
        for name in top_level(distribution):
            source = Path(str(distribution.locate_file(name)))
            if source.exists():
                binds.append(Bind(source.resolve(), f"/packages/{name}"))
    return tuple(binds)


@lru_cache
def interpreter_binds() -> tuple[Bind, ...]:
    """The interpreter and its standard library, which appear below /python in their usual places."""
    executable = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    binds = [Bind(executable, "/python/bin/python3"), Bind(standard_library(), _inside(standard_library()))]
    dynamic = Path(sysconfig.get_config_var("DESTSHARED") or standard_library() / "lib-dynload")
    if dynamic.is_dir() and not dynamic.is_relative_to(standard_library()):
        binds.append(Bind(dynamic, _inside(dynamic)))
    return tuple(binds)


def standard_library() -> Path:
    """The folder of the standard library."""
    return Path(os.__file__).resolve().parent


def covered() -> tuple[str, ...]:
    """Folders inside the standard library that hold the host's own packages, and are hidden."""
    names = ("site-packages", "dist-packages")
    return tuple(f"{_inside(standard_library())}/{n}" for n in names if (standard_library() / n).is_dir())


def _inside(path: Path) -> str:
    """Where a folder of the interpreter appears inside: /python in place of its prefix."""
    prefix = Path(sys.base_prefix).resolve()
    below = path.relative_to(prefix) if path.is_relative_to(prefix) else Path("lib", path.name)
    return f"/python/{below}"
