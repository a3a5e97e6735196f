"""The `status` directive: which page was executed when, how long it took, and with which versions."""

from __future__ import annotations

import platform
from datetime import UTC, datetime
from importlib.metadata import version

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

PACKAGES = ("gmm-course", "numpy", "scipy", "matplotlib", "jupyter-book", "sphinx", "myst-nb")


class build_status(nodes.General, nodes.Element):  # noqa: N801
    """Where the tables go once every page has been read."""


class Status(SphinxDirective):
    """Two tables: pages and versions."""

    def run(self) -> list[nodes.Node]:
        """A place for the tables."""
        return [build_status()]


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> nodes.table:
    group = nodes.tgroup(cols=len(head))
    group.extend(nodes.colspec(colwidth=1) for _ in head)
    for part, lines in ((nodes.thead(), [head]), (nodes.tbody(), rows)):
        for line in lines:
            row = nodes.row()
            row.extend(nodes.entry("", nodes.paragraph(text=cell)) for cell in line)
            part += row
        group += part
    return nodes.table("", group, classes=["table"])


def _executed_pages(app: Sphinx) -> list[tuple[str, ...]]:
    rows = []
    for docname, metadata in sorted(app.env.nb_metadata.items()):  # type: ignore[attr-defined]
        data = metadata.get("exec_data")
        if not data:
            continue
        when = datetime.fromtimestamp(data["mtime"], UTC).strftime("%Y-%m-%d %H:%M UTC")
        seconds = f"{data['runtime']:.1f} s" if data["runtime"] is not None else "unknown"
        outcome = "yes" if data["succeeded"] else "no"
        rows.append((app.env.titles[docname].astext(), when, seconds, outcome))
    return rows


def _fill(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    for place in list(doctree.findall(build_status)):
        pages = _table(("page", "executed", "took", "without error"), _executed_pages(app))
        versions = [(package, version(package)) for package in PACKAGES]
        machine = ("Python", f"{platform.python_version()} on {platform.system()} ({platform.machine()})")
        place.replace_self([pages, _table(("package", "version"), [machine, *versions])])


def setup(app: Sphinx) -> None:
    """Register the directive; fill it when all pages are known."""
    app.add_node(build_status)
    app.add_directive("status", Status)
    app.connect("doctree-resolved", _fill)
