"""Markdown of students and graders as HTML that can name, cover, fetch or run nothing.

`shown_safely` runs this module in a process with limits, where `main` reads and writes JSON. Every tag is
written here, none with an attribute but those of `SAFE_ATTRIBUTES`; what else a text holds is shown as text.
"""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
from collections.abc import Sequence
from html import escape
from itertools import zip_longest
from typing import Any
from xml.etree import ElementTree

import mistune

MAX_TEXT = 60_000  # characters of one text that are shown
SECONDS = 10.0  # to render one package of texts
PACKAGE = 50  # texts in one process: a class's comments take longer than it may
PLAIN = re.compile(r"[^\W\d_](?:[^\W_]|[ ,.;:?!'()-])*")  # words that Markdown leaves as they are
MEMORY = 1_000_000_000  # bytes of address space
CPU_SECONDS = 4
MAX_FORMULA = 4_000  # characters; a longer one is shown as it was typed
MAX_HTML = 2_000_000  # characters
MATH_TAGS = re.compile(
    "math|mrow|mi|mn|mo|ms|mtext|mfrac|msqrt|mroot|msub|msup|msubsup|munder|mover|munderover|mtable|mtr|mtd|"
    "mspace|mpadded|menclose|mphantom|mstyle|mmultiscripts|mprescripts"
)
THIN_SPACE = '<mspace width="0.167em"></mspace>'
BARS = ("|", "‖", "∥")  # as tall as the line, unless \\left and \\right say otherwise
SAFE_ATTRIBUTES = {  # and their values
    "display": re.compile("block|inline"),
    "stretchy": re.compile("true|false"),
    "fence": re.compile("true|false"),
    "separator": re.compile("true|false"),
    "accent": re.compile("true|false"),
    "largeop": re.compile("true|false"),
    "movablelimits": re.compile("true|false"),
    "form": re.compile("prefix|infix|postfix"),
    "mathvariant": re.compile("[a-z-]{1,30}"),
    "linethickness": re.compile("0|0pt"),
    "width": re.compile(r"\d(\.\d{1,4})?em"),
    "columnalign": re.compile("((left|center|right) ?){1,20}"),
}
# Letters that turn the order of the text around them, or are not seen.
# What students write and the converter does not know, in words that it knows.
IN_OTHER_WORDS = (
    (re.compile(r"\\(begin|end)\{(?:aligned|alignedat|eqnarray)\*?\}(?:\{\d\})?"), r"\\\1{split}"),
    (re.compile(r"\\(begin|end)\{dcases\}"), r"\\\1{cases}"),
    (re.compile(r"\\operatorname\*"), r"\\operatorname"),
    (re.compile(r"\\operatorname\{arg\s*\\[,;: ]\s*(max|min)\}"), r"\\arg\\\1"),  # upright
    (re.compile(r"\\arg(?![A-Za-z])"), r"\\operatorname{arg}"),
    (re.compile(r"\\not\s*(?:=|\\eq(?![A-Za-z]))"), r"\\neq "),
    (re.compile(r"\\not\s*\\in(?![A-Za-z])"), r"\\notin "),
    (re.compile(r"\\not(?![A-Za-z])"), r"\\text{not }"),  # its stroke would be lost
    (re.compile(r"\\\\\*?[ \t]*\[[-\d. ]{1,9}(?:pt|em|ex|mu|mm|cm|in)\]"), r"\\\\"),  # room between rows
    (re.compile(r"\\begin\{vmatrix\}"), r"\\left|\\begin{matrix}"),  # with bars as tall as it
    (re.compile(r"\\end\{vmatrix\}"), r"\\end{matrix}\\right|"),
    (re.compile(r"\\begin\{Vmatrix\}"), r"\\left\\|\\begin{matrix}"),
    (re.compile(r"\\end\{Vmatrix\}"), r"\\end{matrix}\\right\\|"),
    (re.compile(r"\\label\{[^{}]{0,100}\}|\\(?:nonumber|notag)(?![A-Za-z])"), ""),
)
# A formula that begins with its environment, as Jupyter shows it; what has marks of its own goes first.
ENVIRONMENT = re.compile(
    r"(?P<marked>\$\$.{1,4000}?\$\$|(?<!\\)\$[^$]{1,4000}\$|```.{0,8000}?```|`[^`\n]{1,400}`)"
    r"|\\begin\{(?P<name>(?:align|equation|gather|multline|eqnarray)\*?)\}.{1,4000}?\\end\{(?P=name)\}",
    re.DOTALL,
)
FORMULA = re.compile(r"[\\^_=]")  # what no sum of money has between two $
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def shown_safely(texts: Sequence[str]) -> list[str]:
    """Return the HTML of Markdown and formulas, rendered in a process with limits.

    What cannot be rendered in time is shown as it was typed.
    """
    cut = [text[:MAX_TEXT] for text in texts]
    if all(map(PLAIN.fullmatch, cut)):
        return [f"<p>{escape(text)}</p>\n" for text in cut]
    packages = [cut[start : start + PACKAGE] for start in range(0, len(cut), PACKAGE)]
    return [html for package in packages for html in _rendered(package)]


def _rendered(texts: list[str]) -> list[str]:
    """Return the same of few texts; if one of them breaks the process, by halves, until it is alone."""
    try:
        run = subprocess.run(
            [sys.executable, "-I", "-B", "-X", "utf8", __file__],
            input=json.dumps(texts).encode(),
            capture_output=True,
            timeout=SECONDS,
            check=True,
        )
        rendered = json.loads(run.stdout)
    except (subprocess.SubprocessError, ValueError):
        if len(texts) > 1:
            half = len(texts) // 2
            return _rendered(texts[:half]) + _rendered(texts[half:])
        rendered = [None]
    return [html or f"<pre>{escape(text)}</pre>" for html, text in zip(rendered, texts, strict=True)]


# --------------------------------------------------------------------------- in the process with limits


def main() -> None:
    """Read a list of texts, write the list of their HTML; null for one that cannot be shown."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    texts = json.loads(sys.stdin.buffer.read())
    sys.stdout.write(json.dumps([_shown(text) for text in texts]))


def _shown(text: str) -> str | None:
    try:
        html = shown(text)
    except (RecursionError, ValueError, IndexError, KeyError, AttributeError, TypeError):
        return None
    return html if len(html) <= MAX_HTML else None


def shown(text: str) -> str:
    """Return Markdown with formulas as HTML without links, pictures, ids, classes and styles."""
    render = mistune.create_markdown(
        renderer=_Plain(escape=True), plugins=["strikethrough", "table", "math"], hard_wrap=False
    )
    return str(render(ENVIRONMENT.sub(_marked, UNSEEN.sub("", text))))


def _marked(found: re.Match[str]) -> str:
    text = found[0]
    if not found["marked"]:
        return f"\n\n$$\n{text}\n$$\n\n"
    # One $ at each end holds a line only, here; in Jupyter what stands between may be several.
    # Nor may spaces stand beside them.
    inline = text[0] == "$" != text[1] and FORMULA.search(text) and "\n\n" not in text
    return f"${text[1:-1].strip()}$".replace("\n", " ") if inline else text


class _Plain(mistune.HTMLRenderer):
    """Tags without attributes; what would lead or fetch somewhere is written out."""

    def link(self, text: str, url: str, title: str | None = None) -> str:
        return f"{text} (<code>{escape(url)}</code>)" if url != text else text

    def image(self, text: str, url: str, title: str | None = None) -> str:
        return f"[picture: {escape(text)}]"

    def heading(self, text: str, level: int, **attributes: Any) -> str:
        return f"<p><strong>{text}</strong></p>\n"

    def block_code(self, code: str, info: str | None = None) -> str:
        return f"<pre><code>{escape(code)}</code></pre>\n"

    def list(self, text: str, ordered: bool, **attributes: Any) -> str:
        return f"<ol>\n{text}</ol>\n" if ordered else f"<ul>\n{text}</ul>\n"

    def block_html(self, html: str) -> str:
        return f"<p>{escape(html)}</p>\n"

    def inline_html(self, html: str) -> str:
        return escape(html)

    # The plugins' own write styles and classes; a method of ours goes first.

    def table_cell(self, text: str, align: str | None = None, head: bool = False) -> str:
        return f"<th scope=col>{text}</th>\n" if head else f"<td>{text}</td>\n"

    def block_math(self, text: str) -> str:
        return formula(text, "block") + "\n"

    def inline_math(self, text: str) -> str:
        return formula(text, "inline")


# --------------------------------------------------------------------------- formulas


def formula(tex: str, display: str) -> str:
    """Return a formula as MathML of known elements; as it was typed, where it cannot be read."""
    typed = f"<code>{escape(tex.strip())}</code>"
    if len(tex) > MAX_FORMULA:
        return typed
    try:
        from latex2mathml.converter import convert

        for pattern, words in IN_OTHER_WORDS:
            tex = pattern.sub(words, tex)
        return _known(ElementTree.fromstring(convert(tex, display=display)))
    except Exception:
        return typed  # whatever the converter trips over


def _known(element: ElementTree.Element) -> str:
    tag = element.tag.rpartition("}")[2]
    behind = [*element][1:] if tag in ("mrow", "mtd") else []
    inner = escape(element.text or "") + "".join(
        _known(child) + (THIN_SPACE if _apart(child, following) else "") + escape(child.tail or "")
        for child, following in zip_longest(element, behind)
    )
    if not MATH_TAGS.fullmatch(tag):
        return inner
    bar = ' stretchy="false"' if tag == "mo" and inner in BARS and "stretchy" not in element.attrib else ""
    attributes = bar + "".join(
        f' {name}="{value}"'
        for name, value in element.attrib.items()
        if name in SAFE_ATTRIBUTES and SAFE_ATTRIBUTES[name].fullmatch(value)
    )
    return f"<{tag}{attributes}>{inner}</{tag}>"


def _apart(element: ElementTree.Element, following: ElementTree.Element | None) -> bool:
    """Whether a thin space stands between two neighbours: around log x, not before the bracket of log(x)."""
    if following is None:
        return False
    first, second = ((one[0] if _kind(one) == "mrow" and len(one) else one) for one in (element, following))
    if _is_function(element):
        return _kind(second) not in ("mo", "mspace")
    return (
        _is_function(following)
        and _kind(first) not in ("mo", "mspace", "mtext")
        and bool(first.text or len(first))
    )


def _is_function(element: ElementTree.Element) -> bool:
    return _kind(element) == "mi" and len(element.text or "") > 1


def _kind(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


if __name__ == "__main__":
    main()
