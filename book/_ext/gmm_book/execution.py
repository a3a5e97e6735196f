"""Execute the pages before Sphinx reads them: two at a time, and never twice for the same code.

Results go into the cache that myst-nb reads. The cache's folder is named by a hash of gmmlib and of the
figures' code, so that an edit there executes the pages again (myst-nb alone looks at the cells' text only).
"""

from __future__ import annotations

import hashlib
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.executors.utils import single_nb_execution
from myst_nb.core.read import create_nb_reader
from sphinx.application import Sphinx
from sphinx.util import logging

logger = logging.getLogger(__name__)
WORKERS = 2


def code_hash(root: Path) -> str:
    """Hash of everything a page may import: gmmlib with its data, and the figures."""
    digest = hashlib.sha256()
    for folder in ("gmmlib", "book/figures"):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in {".py", ".csv", ".json"}:
                digest.update(str(path.relative_to(root)).encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _choose_cache(app: Sphinx, config: Any) -> None:
    root = Path(app.srcdir)
    config.nb_execution_cache_path = str(root / "_build" / "executed" / code_hash(root))
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def _unexecuted(app: Sphinx, cache: Any) -> list[tuple[Path, Any]]:
    """Pages with code whose cells the cache does not know, as myst-nb itself will read them."""
    found = []
    for docname in sorted(app.project.discover(app.config.exclude_patterns, ["**"])):
        path = Path(app.env.doc2path(docname))
        text = path.read_text("utf-8")
        reader = create_nb_reader(str(path), app.env.myst_config, app.env.mystnb_config, text)
        if reader is None:
            continue
        notebook = reader.read(text)
        try:
            cache.match_cache_notebook(notebook)
        except KeyError:
            found.append((path, notebook))
    return found


def _execute(path: Path, notebook: Any, timeout: int) -> tuple[Path, Any, Any]:
    result = single_nb_execution(
        notebook,
        cwd=str(path.parent),
        allow_errors=False,
        timeout=timeout,
        extra_arguments=["--IPKernelApp.log_level=50"],  # no word about sockets that stay on this machine
    )
    return path, notebook, result


def _execute_pages(app: Sphinx) -> None:
    if app.config.nb_execution_mode != "cache":
        return
    Path(app.config.nb_execution_cache_path).mkdir(parents=True, exist_ok=True)
    cache = get_cache(app.config.nb_execution_cache_path)
    todo = _unexecuted(app, cache)
    if not todo:
        return
    start = time.perf_counter()
    names = ", ".join(path.stem for path, _ in todo)
    logger.info("executing %d pages, %d at a time: %s", len(todo), WORKERS, names)
    with ThreadPoolExecutor(WORKERS) as pool:
        jobs = [pool.submit(_execute, path, nb, app.config.nb_execution_timeout) for path, nb in todo]
        for job in jobs:
            _store(cache, *job.result())
    logger.info("executed in %.1f s", time.perf_counter() - start)


def _store(cache: Any, path: Path, notebook: Any, result: Any) -> None:
    """Keep a success; a failure stays out of the cache, so every build reports it."""
    if result.err is not None:
        logger.warning("%s", result.exc_string, location=str(path), type="execution")
        return
    logger.info("  %s: %.1f s", path.stem, result.time)
    bundle = CacheBundleIn(notebook, str(path), data={"execution_seconds": result.time})
    cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)


def setup(app: Sphinx) -> None:
    """Choose the cache when settings are read; execute once the notebook reader is configured."""
    app.connect("config-inited", _choose_cache)
    app.connect("builder-inited", _execute_pages, priority=900)
