"""Python for the page: Pyodide and NumPy from pinned files, trimmed, compiled and packed, and the editor.

What is made here lies in `_static/runtime/`, in a folder named by the hash of its content, so that a browser
keeps it until it changes. It is made once for the same inputs, under `_build/pyodide`.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import shutil
import subprocess
import zipfile
from fnmatch import fnmatch
from pathlib import Path

from . import npm
from .runtime import source_files, zipped

HERE = Path(__file__).parent / "pyodide"
CORE = "pyodide.mjs", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json"
#: What no reader of a page needs: headers, stubs, other languages, NumPy's tests (each library takes time to
#: load), the network, windows, ancient encodings.
TRIMMED = (
    *("numpy/f2py/*", "numpy/distutils/*", "numpy/_core/include/*", "numpy/_pyinstaller/*", "*.pyi", "*.pxd"),
    *("numpy/_core/_[!m]*_tests.*.so", "numpy/_core/_simd.*.so", "numpy/linalg/lapack_lite.*.so"),
    *("*.a", "*.h", "*.ini", "numpy/_core/lib/*", "numpy/random/_examples/*", "*/tests/*"),
    *(
        "multiprocessing/*",
        "xmlrpc/*",
        "wsgiref/*",
        "http/server.py",
        "nntplib.py",
        "imaplib.py",
        "smtplib.py",
    ),
    *(
        "ftplib.py",
        "poplib.py",
        "telnetlib.py",
        "mailbox.py",
        "cgi.py",
        "pydoc_data/*",
        "turtle.py",
        "idlelib/*",
    ),
    *("tkinter/*", "lib2to3/*", "curses/*", "ensurepip/*", "venv/*", "dbm/*", "sqlite3/*", "xml/dom/*"),
    *("encodings/big5*", "encodings/gb*", "encodings/euc_*", "encodings/iso2022_*", "encodings/shift*"),
    *("encodings/cp9*", "encodings/mac_*", "encodings/koi8*", "encodings/johab*", "encodings/ptcp*"),
    *("encodings/cp1[0-9]*", "encodings/cp[5-8]*", "encodings/hp_*", "encodings/kz*", "encodings/tis_*"),
    *("encodings/iso8859_[2-9]*", "encodings/iso8859_1?*", "encodings/hz*", "_pyodide/_future_helper.py"),
)
#: Whose licences stand in files of their own, beside the packages'.
LICENCES = {
    "Pyodide 0.27.7, unchanged but packed and renamed; its source: "
    "github.com/pyodide/pyodide, tag 0.27.7": "MPL-2.0.txt",
    "Python 3.12.7 and its standard library, of which unused modules are left out and used ones "
    "compiled; its source: github.com/python/cpython, tag v3.12.7": "CPython.txt",
}


def build(root: Path, home: Path) -> Path:
    """Return the folder that holds Python for the page, made unless it is there already.

    Parameters
    ----------
    root : folder of the project's sources
    home : where it is made; a folder of npm's packages and one for each set of inputs

    Returns
    -------
    The folder to publish: `core`, which is third-party alone, and `gmm_course.zip`, the student's package
    compiled for this Python.

    Raises
    ------
    FileNotFoundError
        If a third-party file is missing; the message names it.
    RuntimeError
        If npm cannot take a package, a file is not the one that is pinned, or compiling fails.
    """
    made = home / f"made-{_inputs(root)}"
    if made.is_dir():
        return made
    pyodide = npm.install(HERE, home, "pyodide", "runs the exercises in the page")
    _unpack(root, home, pyodide)
    run = subprocess.run(
        [npm.node(), str(HERE / "compile.mjs"), str(home)], capture_output=True, text=True, check=False
    )
    if run.returncode:
        raise RuntimeError(f"Python for the page could not be compiled:\n{run.stderr[-2000:]}")
    for old in home.glob("made-*"):
        shutil.rmtree(old)
    new = home / "new"
    shutil.rmtree(new, ignore_errors=True)
    (new / "core").mkdir(parents=True)
    for name, content in _core(home, pyodide).items():
        (new / "core" / name).write_bytes(content)
    (new / "gmm_course.zip").write_bytes(zipped(_files(home / "course")))
    return new.rename(made)


def digest(files: dict[str, bytes]) -> str:
    """Return twelve hexadecimal digits that change with the files' names and contents."""
    whole = hashlib.sha256()
    for name, content in sorted(files.items()):
        whole.update(f"{name}\0{len(content)}\0".encode() + content)
    return whole.hexdigest()[:12]


def numpy_wheel(lock: dict[str, dict[str, dict[str, str]]]) -> Path:
    """Return NumPy's committed wheel, which must be the one that Pyodide's own lock file names.

    Raises
    ------
    FileNotFoundError
        If it is missing.
    RuntimeError
        If it is another one.
    """
    wheel = HERE / lock["packages"]["numpy"]["file_name"]
    if not wheel.exists():
        raise FileNotFoundError(f"{wheel.name} is missing in {HERE}: NumPy for the page is made of it.")
    if hashlib.sha256(wheel.read_bytes()).hexdigest() != lock["packages"]["numpy"]["sha256"]:
        raise RuntimeError(f"{wheel} is not the file that Pyodide's lock file names: its SHA-256 differs.")
    return wheel


def _inputs(root: Path) -> str:
    """Hash whatever decides what is made."""
    ours = [*(path for path in HERE.rglob("*") if path.is_file()), Path(__file__), *source_files(root)]
    return digest({path.relative_to(root).as_posix(): path.read_bytes() for path in ours})


def _unpack(root: Path, home: Path, pyodide: Path) -> None:
    """Lay out what is compiled: the folders stdlib, numpy and course."""
    for name in CORE:
        if not (pyodide / name).exists():
            raise FileNotFoundError(f"{name} is missing in {pyodide}: delete {home} and build again.")
    wheel = numpy_wheel(json.loads((pyodide / "pyodide-lock.json").read_text("utf-8")))
    shutil.copy(wheel, pyodide)  # where Pyodide looks for it in Node
    for name in ("stdlib", "numpy", "course"):
        shutil.rmtree(home / name, ignore_errors=True)
    zipfile.ZipFile(pyodide / "python_stdlib.zip").extractall(home / "stdlib")
    zipfile.ZipFile(wheel).extractall(home / "numpy")
    for path in source_files(root):
        target = home / "course" / path.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)


def _core(home: Path, pyodide: Path) -> dict[str, bytes]:
    """Return the third-party files as they are published."""
    lock = json.loads((pyodide / "pyodide-lock.json").read_text("utf-8"))
    package = lock["packages"]["numpy"]
    wheel = zipped(_files(home / "numpy"))
    package |= {"sha256": hashlib.sha256(wheel).hexdigest(), "unvendored_tests": False}
    lock["packages"] = {"numpy": package}
    return {
        # Many a server does not know .mjs for JavaScript, and browsers then refuse it.
        "pyodide.js": _without_map((pyodide / "pyodide.mjs").read_bytes()),
        "pyodide.asm.js.pack": _packed(pyodide / "pyodide.asm.js"),
        "pyodide.asm.wasm.pack": _packed(pyodide / "pyodide.asm.wasm"),
        "python_stdlib.zip": zipped(_files(home / "stdlib")),
        package["file_name"]: wheel,
        "pyodide-lock.json": json.dumps(lock).encode(),
        "codemirror.js": (home / "codemirror.js").read_bytes(),
        "LICENCES.txt": _licences(home).encode(),
    }


def _files(folder: Path) -> dict[str, bytes]:
    names = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {
        name: path.read_bytes()
        for name, path in sorted(names.items())
        if not any(fnmatch(name, pattern) for pattern in TRIMMED)
    }


def _packed(path: Path) -> bytes:
    """Compress a file: static hosts do not. Equal contents give equal bytes."""
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", compresslevel=9, mtime=0, filename="") as packing:
        packing.write(path.read_bytes())
    return buffer.getvalue()


def _without_map(script: bytes) -> bytes:
    return b"\n".join(line for line in script.splitlines() if not line.startswith(b"//# sourceMappingURL"))


def _licences(home: Path) -> str:
    """Return the licences of everything in the folder, one after the other."""
    texts = {title: (HERE / "licences" / name).read_text("utf-8") for title, name in LICENCES.items()}
    numpy = next((home / "numpy").glob("*.dist-info/LICENSE*"))
    texts["NumPy 2.0.2, of which unused files are left out and used ones compiled"] = numpy.read_text("utf-8")
    lock = json.loads((HERE / "package-lock.json").read_text("utf-8"))["packages"]
    for place, package in sorted(lock.items()):
        licence = home / place / "LICENSE"
        if place and "esbuild" not in place and package["license"] == "MIT" and licence.exists():
            name = f"{place.removeprefix('node_modules/')} {package['version']}"
            texts[f"{name}, in codemirror.js"] = licence.read_text("utf-8")
    rule = "=" * 78
    return "\n".join(f"{rule}\n{title}\n{rule}\n\n{text.strip()}\n" for title, text in texts.items())
