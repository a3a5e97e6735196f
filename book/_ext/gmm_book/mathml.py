"""Mathematics as MathML, written while the book is built: no script, no foreign host, accessible.

One Node process runs Temml for the whole build; formulas go in and MathML comes out, a line of JSON each.
"""

from __future__ import annotations

import atexit
import json
import re
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

from . import npm

logger = logging.getLogger(__name__)
HERE = Path(__file__).parent / "temml"
#: The name of a function right behind a factor: TeX sets a thin space there, Temml only behind a letter.
THIN = re.compile(
    r"(</(?:msub|msup|msubsup|mfrac|mstyle)>|(?<!</mspace>)</mrow>)(<mrow>|)(?=<mi>\w{2,}</mi><mo>\u2061</mo>)"
)


class TexError(ValueError):
    """TeX that Temml does not understand."""


class Renderer:
    """Turns TeX into MathML; starts Node at the first formula and keeps it until the end."""

    def __init__(self, home: Path, macros: dict[str, str]) -> None:
        self._macros = macros
        temml = npm.install(HERE, home, "temml", "renders mathematics")
        self._process = subprocess.Popen(
            [npm.node(), str(HERE / "render.cjs"), str(temml)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        atexit.register(self.close)
        self._known: dict[tuple[str, bool], str] = {}

    def render(self, tex: str, display: bool) -> str:
        """MathML of one formula; raises TexError with Temml's own message."""
        key = (tex, display)
        if key not in self._known:
            self._known[key] = self._ask(tex, display)
        return self._known[key]

    def _ask(self, tex: str, display: bool) -> str:
        question = json.dumps({"tex": tex, "display": display, "macros": self._macros})
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(question + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("The Node process that renders mathematics ended early.")
        answer = json.loads(line)
        if "error" in answer:
            raise TexError(answer["error"])
        return THIN.sub(r'\1\2<mspace width="0.1667em"></mspace>', str(answer["mathml"]))

    def close(self) -> None:
        """End the Node process."""
        if self._process.poll() is None and self._process.stdin is not None:
            self._process.stdin.close()
            self._process.wait(timeout=10)


@cache
def _renderer(home: Path, macros: tuple[tuple[str, str], ...]) -> Renderer:
    return Renderer(home, dict(macros))


def renderer(app: Sphinx) -> Renderer:
    """Return the book's renderer, which knows its macros."""
    macros = tuple(sorted(app.config.book_tex_macros.items()))
    return _renderer(Path(app.srcdir) / "_build" / "temml", macros)


def _mathml(translator: Any, node: nodes.Element, display: bool) -> str:
    app = translator.builder.app
    tex = node.astext().strip()
    try:
        return renderer(app).render(tex, display)
    except TexError as error:
        logger.warning("TeX: %s in %r", error, tex, location=node)
        return f"<code>{translator.encode(tex)}</code>"


def _visit_inline(translator: Any, node: nodes.Element) -> None:
    translator.body.append(_mathml(translator, node, display=False))
    raise nodes.SkipNode


def _visit_block(translator: Any, node: nodes.Element) -> None:
    translator.body.append(translator.starttag(node, "div", CLASS="math equation"))
    translator.body.append(f'<div class="formula">{_mathml(translator, node, display=True)}</div>')
    if node["number"]:
        number = get_node_equation_number(translator, node)
        translator.body.append(f'<span class="eqno">({number})')
        translator.add_permalink_ref(node, "Link to this equation")
        translator.body.append("</span>")
    translator.body.append("</div>\n")
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    """Register the renderer; `html_math_renderer: mathml` chooses it."""
    app.add_config_value("book_tex_macros", {}, "env", [dict])
    app.add_html_math_renderer("mathml", (_visit_inline, None), (_visit_block, None))
