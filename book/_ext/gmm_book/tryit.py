"""Cells that a reader changes and runs in the page: a page holds a name and an address for each.

See marked_cells.py for what is found when a reader begins, and js/exercise/tryit.js.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

from .exercise import card_address
from .marked_cells import TAG, marked_cells

MARKED = re.compile(rf'<div class="(?=cell [^"]*\btag_{TAG}([\w-]+))')


def _check(app: Sphinx) -> None:
    try:
        marked_cells(Path(app.srcdir))
    except ValueError as error:
        raise ExtensionError(str(error)) from error


def _mark(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Let marked cells name themselves, and where Python is."""
    if doctree is None or f"tag_{TAG}" not in context.get("body", ""):
        return
    if address := card_address(app):
        where = "../" * pagename.count("/") + address
        context["body"] = MARKED.sub(rf'<div data-try="\1" data-runtime="{where}" class="', context["body"])


def setup(app: Sphinx) -> None:
    """Look at the marked cells at the beginning; mark them in the pages."""
    app.connect("builder-inited", _check)
    app.connect("html-page-context", _mark, priority=902)
