"""The page that a notebook shows for a check.

Everything that comes from a student's function is escaped.
"""

from __future__ import annotations

from html import escape

from autograder.check.content import FIRST, CheckLine, Content, Place
from autograder.values import WrongCall


def page_of(content: Content) -> str:
    """Return the HTML of a report."""
    body = f"<p><strong>{escape(content.headline)}</strong></p>"
    if content.kind != "judged":
        return _box(content.name, "waiting", body)
    body += f"<p>{escape(content.diagnosis)}</p>" if content.diagnosis else ""
    listed = f"<ul>{''.join(map(_item, content.checks))}</ul>"
    folded = f"<details><summary>What was checked</summary>{listed}</details>"
    call = _compared(content.example) if content.example is not None else ""
    body += listed + call if content.some_right and not content.right else call + folded
    links = ", ".join(map(_link, content.read))
    body += f"<p>Read in the book: {links}</p>" if links else ""
    body += "".join(f"<p>{escape(note)}</p>" for note in content.notes)
    return _box(content.name, "right" if content.right else "wrong", body)


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


def _link(place: Place) -> str:
    return f'<a href="{escape(place.address, quote=True)}">{escape(place.label)}</a>'


def _item(check: CheckLine) -> str:
    why = "".join(f'<span class="why">{escape(reason)}</span>' for reason in check.reasons)
    return f'<li><span class="mark">{check.mark}</span> <span>{escape(check.title)}</span>{why}</li>'


def _compared(wrong: WrongCall) -> str:
    return (
        f"<details open><summary>{FIRST}: {escape(wrong.case)}</summary>"
        f"<pre>{escape(wrong.call)}</pre><p>Your function returned</p><pre>{escape(wrong.returned)}</pre>"
        f"<p>Expected</p><pre>{escape(wrong.expected)}</pre></details>"
    )


def _box(name: str, kind: str, body: str) -> str:
    opening = f'<div class="gmm-check {kind}" role="group" aria-label="Check of {escape(name, quote=True)}">'
    return f"<style>{STYLE}</style>{opening}{body}</div>"
