"""The student's package: a wheel of `check`, gmmlib and the book's figures, without model answers.

It is built beside the pages and not by the project's own build: that one holds the grader and the
assignments. Equal sources give equal bytes.
"""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

from sphinx.application import Sphinx

from autograder import __version__
from autograder.links import WHEEL

#: Folders whole, and modules one by one: what `autograder.check` imports, and gmmlib.
CONTENTS = (
    "gmmlib",
    "autograder/__init__.py",
    "autograder/py.typed",
    "autograder/links.py",
    "autograder/values.py",
    "autograder/check",
    "autograder/judge",
    "autograder/questions",
    "autograder/sandbox/__init__.py",
    "autograder/sandbox/inside/__init__.py",
    "autograder/sandbox/inside/answers.py",
    "autograder/sandbox/inside/forms.py",
    "autograder/sandbox/inside/protocol.py",
    "autograder/sandbox/inside/standing_in.py",
)
#: The book's figures, with which a page that was downloaded as a notebook draws: gmmlib.figures there.
FIGURES = "book/figures"
SUFFIXES = {".py", ".csv", ".typed"}
DATE = (1980, 1, 1, 0, 0, 0)  # of every file: the earliest that a zip can hold
METADATA = f"""\
Metadata-Version: 2.1
Name: gmm-course
Version: {__version__}
Summary: The check of the exercises of a course on Gaussian mixtures, and its library gmmlib.
License: BSD-3-Clause
Requires-Python: >=3.11
Requires-Dist: numpy>=1.26
"""
TAGS = """\
Wheel-Version: 1.0
Generator: gmm-course
Root-Is-Purelib: true
Tag: py3-none-any
"""


def build_wheel(root: Path, folder: Path) -> Path:
    """Write the student's wheel into a folder.

    Parameters
    ----------
    root : folder of the project's sources
    folder : made if it does not exist

    Raises
    ------
    FileNotFoundError
        If a file or folder of CONTENTS, or the figures, is missing.
    """
    files = {path.relative_to(root).as_posix(): path.read_bytes() for path in source_files(root)}
    files |= {f"gmmlib/figures/{path.name}": path.read_bytes() for path in _sources(root, FIGURES)}
    information = f"gmm_course-{__version__}.dist-info"
    files |= {
        f"{information}/METADATA": METADATA.encode(),
        f"{information}/WHEEL": TAGS.encode(),
        f"{information}/LICENSE": (root / "LICENSE").read_bytes(),
    }
    record = [f"{name},sha256={_digest(content)},{len(content)}" for name, content in files.items()]
    files[f"{information}/RECORD"] = "\n".join([*record, f"{information}/RECORD,,", ""]).encode()
    folder.mkdir(parents=True, exist_ok=True)
    wheel = folder / WHEEL
    wheel.write_bytes(zipped(files))
    return wheel


def source_files(root: Path) -> list[Path]:
    """Return the files that a check needs, in a fixed order: the page's own Python holds them and no more.

    Raises
    ------
    FileNotFoundError
        If a file or folder of CONTENTS is missing.
    """
    return sorted(path for name in CONTENTS for path in _sources(root, name))


def _sources(root: Path, name: str) -> list[Path]:
    top = root / name
    if not top.exists():
        raise FileNotFoundError(f"{name} is missing: the student's wheel is made of it (runtime.py).")
    return [top] if top.is_file() else sorted(path for path in top.rglob("*") if path.suffix in SUFFIXES)


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return a zip of files by their names: equal contents give equal bytes, on every machine."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, DATE)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content, compresslevel=9)
    return buffer.getvalue()


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def _publish(app: Sphinx, exception: Exception | None) -> None:
    if exception is None and app.builder.name == "html":
        build_wheel(Path(app.srcdir), Path(app.outdir) / "_static" / "runtime")


def setup(app: Sphinx) -> None:
    """Build the wheel at the end."""
    app.connect("build-finished", _publish)
