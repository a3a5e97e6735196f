"""The pieces that feedback and class pages are made of. Whatever a student wrote goes through `escape`."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from html import escape
from importlib.resources import files
from string import Template
from urllib.parse import quote

from autograder.links import book_url


def page(title: str, body: str, script: str = "") -> str:
    """Return a whole page that needs no other file; only this script of ours, known by its digest, runs."""
    template, style = _look()
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return template.substitute(
        title=escape(title),
        style=style,
        body=body,
        allowed=f"; script-src 'sha256-{digest}'" if script else "",
        script=f"<script>{script}</script>\n" if script else "",
    )


@cache
def _look() -> tuple[Template, str]:
    """Return the page around every body, and its style: read once for all pages of a class."""
    package = files(__package__)
    template = Template(package.joinpath("page.html").read_text(encoding="utf-8"))
    return template, package.joinpath("page.css").read_text(encoding="utf-8")


def points(value: float) -> str:
    """Return points without needless digits."""
    return f"{round(value, 2):g}"


def read_more(label: str) -> str:
    """Return a link to the place in the book, or nothing."""
    url = book_url(label) if label else ""
    return f'<a href="{escape(url, quote=True)}">Read about it in the book</a>' if url else ""


def place(label: str) -> str:
    """Return a link to the place in the book that names it, such as "em: m step"; or nothing."""
    url, (topic, _, rest) = book_url(label), label.partition("-")
    words = f"{topic}: {rest.replace('-', ' ')}" if rest else topic
    return f'<a href="{escape(url, quote=True)}">{escape(words)}</a>' if label else ""


def diagnosis(message: str) -> str:
    """Return the sentence of a misconception, without the detail in brackets that follows it."""
    sentence, bracket, _ = message.partition(". (")
    return sentence + "." if bracket else message


def preformatted(text: str, label: str) -> str:
    """Return lines as they are, in a box that scrolls sideways and that a keyboard reaches."""
    return f'<pre tabindex="0" role="region" aria-label="{escape(label, quote=True)}">{escape(text)}</pre>'


def items(texts: Sequence[str]) -> str:
    """Return a list of plain texts."""
    return "<ul>" + "".join(f"<li>{escape(text)}</li>" for text in texts) + "</ul>"


def feedback_address(student: str, assignment: str) -> str:
    """Return the address of a student's page, as seen from the class page."""
    return f"../feedback/{quote(student)}/{quote(assignment)}/{quote(assignment)}.html"


def share_bar(share: float, kind: str = "") -> str:
    """Return a small bar; the number stands beside it in words, so it is hidden from screen readers."""
    width = 100 * min(max(share, 0.0), 1.0)
    return f'<span class="share {kind}" aria-hidden="true"><span style="width:{width:.0f}%"></span></span>'
