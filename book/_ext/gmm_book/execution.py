"""Execute the pages before Sphinx reads them: two at a time, and never twice for the same code.

Results go into the cache that myst-nb reads. myst-nb alone looks at the text of the cells only, so each page
is given a mark of the code that it imports (gmmlib, its figures) in the name of its kernel: an edit there
executes the page again, and only the pages that use it.

A page runs as its download does on a reader's machine: in an empty folder, with the student's wheel.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.executors.utils import single_nb_execution
from myst_nb.core.read import create_nb_reader
from sphinx.application import Sphinx
from sphinx.util import logging

from .runtime import build_wheel

logger = logging.getLogger(__name__)
WORKERS = 2
LONGEST = ["selection", "capstone", "scale", "starts"]  # these begin first: no core waits for them at the end


def code_mark(root: Path, page: str) -> str:
    """Hash of what a page imports: gmmlib with its data, and the figures' modules that it names."""
    files: set[Path] = set()
    names = set(re.findall(r"\bfigures(?:\.| import )(\w+)", page))
    while names:
        path = root / "book" / "figures" / f"{names.pop()}.py"
        if path.exists() and path not in files:
            files.add(path)
            names |= set(re.findall(r"^\s*from \.(\w+) import", path.read_text("utf-8"), re.MULTILINE))
    if files or re.search(r"\bgmmlib\b", page):
        files |= {path for path in (root / "gmmlib").rglob("*") if path.suffix in {".py", ".csv"}}
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(f"{path.relative_to(root)}\0".encode() + _content(path))
    return digest.hexdigest()[:12]


@cache
def _content(path: Path) -> bytes:
    """Read once a build: a file that is edited meanwhile must not count as two."""
    return path.read_bytes()


def marked(root: Path, page: str) -> str:
    """The page with the mark behind the name of its kernel; a page without a kernel stays as it is."""
    name = re.compile(r"^(  display_name: .*)$", re.MULTILINE)
    return name.sub(rf"\1 [{code_mark(root, page)}]", page, count=1) if name.search(page) else page


def _choose_cache(app: Sphinx, config: Any) -> None:
    config.nb_execution_cache_path = str(Path(app.srcdir) / "_build" / "executed")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def _mark_page(app: Sphinx, docname: str, source: list[str]) -> None:
    source[0] = marked(Path(app.srcdir), source[0])


def _unexecuted(app: Sphinx, store: Any) -> list[tuple[Path, Any]]:
    """Pages with code whose cells the cache does not know, as myst-nb itself will read them."""
    found = []
    docnames = app.project.discover(app.config.exclude_patterns, ["**"])
    paths = sorted(Path(app.env.doc2path(docname)) for docname in docnames)
    for path in sorted(paths, key=lambda path: [*LONGEST, path.stem].index(path.stem)):
        text = marked(Path(app.srcdir), path.read_text("utf-8"))
        reader = create_nb_reader(str(path), app.env.myst_config, app.env.mystnb_config, text)
        if reader is None:
            continue
        notebook = reader.read(text)
        try:
            store.match_cache_notebook(notebook)
        except KeyError:
            found.append((path, notebook))
    return found


@contextmanager
def readers_machine(root: Path) -> Iterator[None]:
    """Let Python programs that start inside find the student's wheel before this checkout.

    A page says `figures` where its download says `gmmlib.figures`: both names are there.
    """
    before = os.environ.get("PYTHONPATH")
    with tempfile.TemporaryDirectory() as place:
        installed = Path(place) / "installed"
        with zipfile.ZipFile(build_wheel(root, Path(place))) as wheel:
            wheel.extractall(installed)
        (installed / "figures").symlink_to(installed / "gmmlib" / "figures")
        os.environ["PYTHONPATH"] = str(installed)
        try:
            yield
        finally:
            del os.environ["PYTHONPATH"]
            if before is not None:
                os.environ["PYTHONPATH"] = before


def _execute(path: Path, notebook: Any, timeout: int) -> tuple[Path, Any, Any]:
    """Run one page in an empty folder; a kernel that found no free port gets a second try."""
    with tempfile.TemporaryDirectory() as folder:
        return path, notebook, _run(notebook, folder, timeout)


def _run(notebook: Any, folder: str, timeout: int) -> Any:
    settings = {
        "cwd": folder,
        "allow_errors": False,
        "timeout": timeout,
        "coalesce_streams": True,  # a busy kernel sends a line in pieces; myst-nb would break the line there
        "shutdown_kernel": "immediate",  # it has said all: a polite end takes half a second
        "extra_arguments": ["--IPKernelApp.log_level=50"],  # no word about sockets that stay on this machine
    }
    try:
        return single_nb_execution(notebook, **settings)
    except RuntimeError:
        return single_nb_execution(notebook, **settings)


def _execute_pages(app: Sphinx) -> None:
    if app.config.nb_execution_mode != "cache":
        return
    Path(app.config.nb_execution_cache_path).mkdir(parents=True, exist_ok=True)
    store = get_cache(app.config.nb_execution_cache_path)
    todo = _unexecuted(app, store)
    if not todo:
        return
    start = time.perf_counter()
    names = ", ".join(path.stem for path, _ in todo)
    logger.info("executing %d pages, %d at a time: %s", len(todo), WORKERS, names)
    with readers_machine(Path(app.srcdir)), ThreadPoolExecutor(WORKERS) as pool:
        jobs = [pool.submit(_execute, path, nb, app.config.nb_execution_timeout) for path, nb in todo]
        for job in jobs:
            _store(store, *job.result())
    logger.info("executed in %.1f s", time.perf_counter() - start)


def _store(store: Any, path: Path, notebook: Any, result: Any) -> None:
    """Keep a success; a failure stays out of the cache, so every build reports it."""
    if result.err is not None:
        logger.warning("%s", result.exc_string, location=str(path), type="execution")
        return
    logger.info("  %s: %.1f s", path.stem, result.time)
    bundle = CacheBundleIn(notebook, str(path), data={"execution_seconds": result.time})
    store.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)


def setup(app: Sphinx) -> None:
    """Choose the cache when settings are read; execute once the notebook reader is configured."""
    app.connect("config-inited", _choose_cache)
    app.connect("builder-inited", _execute_pages, priority=900)
    app.connect("source-read", _mark_page)
