"""The page that a notebook shows for a check.

Everything that comes from a student's function is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from autograder.check.report import FIRST, Example, Report, mark
from autograder.links import book_url
from autograder.values import Verdict


def page_of(report: Report) -> str:
    """Return the HTML of a report."""
    if report.result is None or report.result.status == "not-written":
        return _box(report.name, "waiting", f"<p><strong>{escape(report.headline)}</strong></p>")
    body = f"<p><strong>{escape(report.headline)}</strong></p>"
    body += f"<p>{escape(report.diagnosis)}</p>" if report.diagnosis else ""
    items = "".join(_item(verdict, report.reasons(verdict)) for verdict in report.result.checks)
    listed = f"<ul>{items}</ul>"
    folded = f"<details><summary>What was checked</summary>{listed}</details>"
    call = _compared(report.example) if report.example is not None else ""
    body += listed + call if report.some_right and not report else call + folded
    links = ", ".join(_link(place) for place in report.places())
    body += f"<p>Read in the book: {links}</p>" if links else ""
    body += "".join(f"<p>{escape(note)}</p>" for note in report.notes)
    return _box(report.name, "right" if report else "wrong", body)


STYLE = """
.gmm-check { border: 1px solid #767676; border-left-width: 6px; border-radius: 4px; padding: .4em .8em;
  margin: .3em 0; max-width: 60em; color: inherit; background: transparent }
.gmm-check.right { border-left-color: #2e8540 }
.gmm-check.wrong { border-left-color: #c4452d }
.gmm-check ul { list-style: none; padding-left: 0; margin: .3em 0 }
.gmm-check li { margin: .2em 0; display: grid; grid-template-columns: 5.5em 1fr }
.gmm-check p { margin: .3em 0 }
.gmm-check a { color: inherit; text-decoration: underline }
.gmm-check pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: .2em 0 .5em 1em; padding: 0;
  border: 0; color: inherit; background: transparent }
.gmm-check .why { grid-column: 2 }
.gmm-check .mark { font-weight: bold }
"""


def _link(label: str) -> str:
    return f'<a href="{escape(book_url(label), quote=True)}">{escape(label)}</a>'


def _item(verdict: Verdict, reasons: Iterable[str]) -> str:
    why = "".join(f'<span class="why">{escape(reason)}</span>' for reason in reasons)
    sign = f'<span class="mark">{mark(verdict)}</span>'
    return f"<li>{sign} <span>{escape(verdict.title)}</span>{why}</li>"


def _compared(example: Example) -> str:
    return (
        f"<details open><summary>{FIRST}: {escape(example.seen.case.name)}</summary>"
        f"<pre>{escape(example.call)}</pre><p>Your function returned</p><pre>{escape(example.returned)}</pre>"
        f"<p>Expected</p><pre>{escape(example.expected)}</pre></details>"
    )


def _box(name: str, kind: str, body: str) -> str:
    opening = f'<div class="gmm-check {kind}" role="group" aria-label="Check of {escape(name, quote=True)}">'
    return f"<style>{STYLE}</style>{opening}{body}</div>"
