"""What a page loads, and nothing else: own fonts and scripts, notebooks to download, no leftovers."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import nbformat
import pydata_sphinx_theme
from fontTools import subset
from sphinx.application import Sphinx
from sphinx.util import logging

from . import browser_python, npm
from .lesson import box, fold
from .notebook import plain, portable, sources
from .quiz import quiz

logger = logging.getLogger(__name__)
Context = dict[str, Any]

STYLES = ("css/book.css", "css/figures.css", "css/quiz.css")
SCRIPTS = (
    "js/store.js",
    "js/quiz.js",
    "js/stepper.js",
    "js/progress.js",
    "js/cards.js",
    "js/page.js",
    "js/exercise.js",
)
MATH_FONT = Path("/usr/share/texmf/fonts/opentype/public/lm-math/latinmodern-math.otf")
#: What the themes bring along and no page loads.
UNUSED = (
    "**/*.map",
    "**/*.LICENSE.txt",
    "**/*webpack-macros.html",
    "scripts/fontawesome.js",
    "vendor",
    "locales",
    "images/logo_*",
    "basic.css",
    "js/exercise",
)
#: Signs that no text holds: MathML's elements draw them (<msqrt>, stretched fences and accents).
DRAWN_BY_ELEMENTS = "√‖⌈⌉⌊⌋⟨⟩∑∏∫‾ˆ˜→⏞⏟"


def _publish_notebook(app: Sphinx, pagename: str) -> str | None:
    """The executed page as a notebook beside it, in plain Markdown: its name, or None if it has no code."""
    executed = Path(app.outdir).parent / "jupyter_execute" / f"{pagename}.ipynb"
    if not executed.exists():
        return None
    notebook = nbformat.read(executed, as_version=4)
    known = sources(app, executed)
    target = Path(app.outdir) / f"{pagename}.ipynb"
    target.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(portable(notebook, lambda text: plain(text, known)), target)
    return target.name


def _add_buttons(app: Sphinx, pagename: str, templatename: str, context: Context, doctree: Any) -> None:
    if app.builder.name != "html" or doctree is None:
        return
    if name := _publish_notebook(app, pagename):
        button = {
            "type": "link",
            "url": name,
            "icon": "fas fa-download",
            "tooltip": "Download this page as a notebook",
            "label": "download-notebook-button",
        }
        context["header_buttons"].insert(0, button)


def _mend(app: Sphinx, pagename: str, templatename: str, context: Context, doctree: Any) -> None:
    """Roles that accessibility checkers reject: an entry of a bibliography is an item of its list."""
    if "body" in context:
        context["body"] = context["body"].replace('role="doc-biblioentry"', 'role="listitem"')


def _course_data(app: Sphinx) -> str:
    """What the progress page counts: lessons with their questions and exercises, in the order of reading."""
    env, lessons, interview = app.env, [], 0
    order = [name for name in env.toctree_includes.get(app.config.root_doc, []) if name in env.all_docs]
    for docname in [app.config.root_doc, *order]:
        doctree = env.get_doctree(docname)
        boxes = [node.get("attributes", {}) for node in doctree.findall(lambda n: isinstance(n, (box, fold)))]
        interview += sum("data-interview" in attributes for attributes in boxes)
        if lesson := env.metadata[docname].get("lesson"):
            lessons.append(
                {
                    "lesson": lesson,
                    "page": docname,
                    "title": env.titles[docname].astext(),
                    "quizzes": [question["name"] for question in doctree.findall(quiz)],
                    "exercises": [a["data-exercise"] for a in boxes if "data-exercise" in a],
                }
            )
    return json.dumps({"lessons": lessons, "interview": interview}, ensure_ascii=False)


def _write_course_data(app: Sphinx, exception: Exception | None) -> None:
    if exception is None and app.builder.name == "html":
        target = Path(app.outdir) / "_static" / "js" / "course-data.js"
        target.write_text(f"window.courseData = {_course_data(app)};\n", "utf-8")


def _formula_characters(texts: list[Path]) -> set[int]:
    """Code points inside <math>; letters also as the italic ones that browsers draw for a single <mi>."""
    found: set[int] = {*range(0x20, 0x7F), 0x221A}  # the root sign: <msqrt> draws it without naming it
    for text in texts:
        for formula in re.findall(r"<math.*?</math>", text.read_text("utf-8"), flags=re.DOTALL):
            found.update(map(ord, re.sub(r"<[^>]*>", "", formula)))
    italics = {ord(letter): 0x1D434 + i for i, letter in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ")}
    italics |= {ord(letter): 0x1D44E + i for i, letter in enumerate("abcdefghijklmnopqrstuvwxyz")}
    italics |= {0x391 + i: 0x1D6E2 + i for i in range(25)} | {0x3B1 + i: 0x1D6FC + i for i in range(25)}
    italics |= {ord("h"): 0x210E, ord("ϵ"): 0x1D716, ord("ϕ"): 0x1D719, ord("∂"): 0x1D715}
    return found | {italics[point] for point in found if point in italics}


def _write_subset(source: Path, target: Path, points: set[int]) -> None:
    options = subset.Options(flavor="woff", layout_features=["*"], notdef_outline=True)
    options.drop_tables += ["FFTM"]
    font = subset.load_font(str(source), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=points)
    subsetter.subset(font)
    subset.save_font(font, str(target), options)


def _write_math_font(static: Path, texts: list[Path]) -> None:
    """Formulas in Latin Modern, as far as the book uses it."""
    if MATH_FONT.exists():
        _write_subset(MATH_FONT, static / "latin-modern-math.woff", _formula_characters(texts))
    else:
        logger.info("no %s: formulas use the reader's own mathematical font", MATH_FONT)


def _write_icons(static: Path, pages: list[Path]) -> None:
    """The theme's icons as far as its pages use them: rules and glyphs of all others are left out."""
    used = {name for page in pages for name in re.findall(r"\bfa-([a-z0-9-]+)", page.read_text("utf-8"))}
    sheet = static / "styles" / "pydata-sphinx-theme.css"

    def keep_if_used(rule: re.Match[str]) -> str:
        return rule[0] if used & set(re.findall(r"\.fa-([a-z0-9-]+)", rule[1])) else ""

    icon = r'((?:\.fa-[a-z0-9-]+:before,?)+)\{content:"[^"]*"\}'
    css = re.sub(icon, keep_if_used, sheet.read_text("utf-8"))
    css = re.sub(r"@font-face\{[^}]*Font Awesome[^}]*\}", "", css)
    css = css.replace("/*# sourceMappingURL=pydata-sphinx-theme.css.map*/", "")
    face = 'font-family:"Font Awesome 6 Free";font-weight:900;src:url(../icons.woff) format("woff")'
    sheet.write_text(f"{css}@font-face{{{face}}}", "utf-8")
    book_css = (static / "styles" / "sphinx-book-theme.css").read_text("utf-8")
    points = {int(code, 16) for code in re.findall(r'"\\([ef][0-9a-f]{3})"', css + book_css)}
    points |= {ord(letter) for letter in css + book_css if "\ue000" <= letter <= "\uf8ff"}  # not escaped
    folder = Path(pydata_sphinx_theme.__file__).parent / "theme/pydata_sphinx_theme/static"
    _write_subset(folder / "vendor/fontawesome/webfonts/fa-solid-900.ttf", static / "icons.woff", points)


def _shorten(root: Path, scripts: list[Path]) -> None:
    """Take comments, blanks and long names out of scripts that every page loads, in place.

    Raises
    ------
    RuntimeError
        If npm cannot install esbuild, or a script is no JavaScript.
    """
    purpose = "makes the pages' scripts short"
    esbuild = npm.install(browser_python.HERE, root / "_build" / "pyodide", "esbuild", purpose)
    options = ["--minify", "--target=es2020", f"--outdir={scripts[0].parent}", "--allow-overwrite"]
    options += ["--log-level=error"]
    command = [npm.node(), str(esbuild / "bin" / "esbuild"), *map(str, scripts), *options]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode:
        raise RuntimeError(f"A script could not be shortened:\n{run.stderr.strip()}")


def _tidy(app: Sphinx, exception: Exception | None) -> None:
    if exception is not None or app.builder.name not in {"html", "singlehtml"}:
        return
    static = Path(app.outdir) / "_static"
    pages = [page for page in Path(app.outdir).rglob("*.html") if "_static" not in page.parts]
    # One style sheet less to fetch: Sphinx's basic rules stand where they were imported.
    (static / "styles" / "theme.css").write_text((static / "basic.css").read_text("utf-8"), "utf-8")
    for sheet in static.glob("mystnb.*.css"):
        # 256 colours of terminals that no page prints
        rules = re.compile(r"^[^{}]*\.-Color[^{}]*\{[^{}]*\}\n?", re.MULTILINE)
        sheet.write_text(rules.sub("", sheet.read_text("utf-8")), "utf-8")
    _write_math_font(static, [*pages, *static.glob("runtime/page-*/*.json")])
    _write_icons(static, pages)
    if app.builder.name == "html":
        _shorten(Path(app.srcdir), [static / script for script in SCRIPTS])
    for pattern in UNUSED:
        for path in static.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def setup(app: Sphinx) -> None:
    """Own style sheets and scripts on each page; fonts and tidying at the end."""
    for style in STYLES:
        app.add_css_file(style, priority=900)
    app.add_css_file("css/print.css", priority=901, media="print")
    for script in SCRIPTS:
        app.add_js_file(script, loading_method="defer")
    app.connect("html-page-context", _mend, priority=900)
    app.connect("html-page-context", _add_buttons, priority=901)
    app.connect("build-finished", _write_course_data)
    app.connect("build-finished", _tidy)
