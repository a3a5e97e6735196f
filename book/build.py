"""Build the book.

python book/build.py                 the whole book, strictly, into _build/html, if anything changed
python book/build.py --page em       one page alone, quickly, into _build/page/em/html
python book/build.py --pdf           the whole book on paper, into _build/book.pdf
python book/build.py --fresh         from nothing: no cached executions either
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import unquote

import yaml

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "_build"
STAMP = "built-from.txt"
#: Whatever may change the built book.
INPUTS = (
    "book",
    "gmmlib",
    "solutions",
    "_config.yml",
    "_toc.yml",
    "requirements.lock",
    "LICENSE",
    "autograder/__init__.py",
    "autograder/py.typed",
    "autograder/links.py",
    "autograder/values.py",
    "autograder/check",
    "autograder/judge",
    "autograder/questions",
    "autograder/sandbox/__init__.py",
    "autograder/sandbox/inside",
)

#: Jupyter Book, without a grammar that jsonschema's optional checker builds at import, in more than a second,
#: and without looking for garbage among what it imports and reads, which is none.
JB = (
    sys.executable,
    "-c",
    "import gc, sys; gc.set_threshold(50_000); sys.modules['rfc3987_syntax'] = None; "
    "from jupyter_book.cli.main import main; main()",
)
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


def input_hash() -> str:
    """Hash of all files that the built book depends on."""
    digest = hashlib.sha256()
    for name in INPUTS:
        top = ROOT / name
        files = sorted(path for path in top.rglob("*") if path.is_file()) if top.is_dir() else [top]
        for path in files:
            if "__pycache__" not in path.parts and path.suffix != ".ipynb" and path.name != "README.md":
                digest.update(f"{path.relative_to(ROOT)}\0".encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


def is_fresh(html: Path) -> bool:
    """Whether `html` was built, without a warning, from the files as they are now."""
    stamp = html.parent / STAMP
    return (html / "index.html").exists() and stamp.exists() and stamp.read_text() == input_hash()


def jupyter_book(output: Path, *options: str) -> int:
    """Run the strict build into `output`/_build; returns the exit code of jb."""
    strict = ["-n", "-W", "--keep-going", "--all"]
    command = [*JB, "build", str(ROOT), "--path-output", str(output), *strict, *options]
    return subprocess.run(command, cwd=ROOT, env=_environment(), check=False).returncode


def _environment() -> dict[str, str]:
    """The environment with the commands of this Python's own folder first."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return os.environ | {"PATH": path, "PYDEVD_DISABLE_FILE_VALIDATION": "1"}


def build_book() -> int:
    """The whole book into _build/html, unless it stands there; the old one stays until the new is right."""
    html, workshop = BUILD / "html", BUILD / "next"
    BUILD.mkdir(exist_ok=True)
    with (BUILD / "book.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two builds at a time: the second waits, and finds the work done
        if is_fresh(html):
            print(f"The book is up to date: {html / 'index.html'}")
            return 0
        start, inputs = time.perf_counter(), input_hash()
        shutil.rmtree(workshop, ignore_errors=True)
        code = jupyter_book(workshop, "-q")
        if code == 0:
            shutil.rmtree(html, ignore_errors=True)
            (workshop / "_build" / "html").rename(html)
            (BUILD / STAMP).write_text(inputs)
            print(f"The book stands in {html / 'index.html'} ({time.perf_counter() - start:.0f} s).")
        return code


def build_page(page: str) -> int:
    """One page alone. References to other pages cannot resolve, so only other warnings are worth reading."""
    output = BUILD / "page" / page
    output.mkdir(parents=True, exist_ok=True)
    toc = output / "_toc.yml"
    toc.write_text(yaml.safe_dump({"format": "jb-book", "root": f"book/{page}"}))
    command = [*JB, "build", str(ROOT), "--path-output", str(output), "--toc", str(toc), "--all", "-q"]
    code = subprocess.run(command, cwd=ROOT, env=_environment(), check=False).returncode
    print(f"{output}/_build/html/book/{page}.html")
    return code


def build_pdf() -> int:
    """The whole book as one page, printed into _build/book.pdf until the page numbers in it are right."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        print(f"Printing needs one of these browsers on the path: {', '.join(BROWSERS)}.", file=sys.stderr)
        return 2
    code = jupyter_book(BUILD / "paper", "-q", "--builder", "singlehtml")
    if code:
        return code
    folder = BUILD / "paper" / "_build" / "singlehtml"
    page = folder / "book.html"
    # Its links to style sheets start at the top folder.
    text = for_paper((folder / "book" / "intro.html").read_text("utf-8"))
    target = BUILD / "book.pdf"
    flags = ["--headless", "--disable-gpu", "--no-pdf-header-footer", "--generate-pdf-document-outline"]
    flags += ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    command = [browser, *flags, "--virtual-time-budget=20000", f"--print-to-pdf={target}", page.as_uri()]
    numbers: dict[str, int] = {}
    for _ in range(5):
        page.write_text(with_page_numbers(text, numbers), "utf-8")
        target.unlink(missing_ok=True)
        run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=3600)
        if run.returncode or not target.exists():
            print(run.stderr, file=sys.stderr)
            return run.returncode or 1
        found = page_numbers(target.read_bytes())
        if found and found == numbers:
            print(f"The book on paper: {target} ({target.stat().st_size / 1e6:.1f} MB)")
            return 0
        numbers = found
    print("The page numbers in the text have not settled.", file=sys.stderr)
    return 1


#: The source of a figure; without its tags, whether it is no more than the call that draws it.
SOURCE = re.compile(r'<details class="admonition hide above-input">.*?</details>\n?', re.DOTALL)
CALL = re.compile(r"\s*\w+\.\w+\([^\n]*\)\s*")
#: A label; a heading after its labels, the first of which may be that of a page of the book.
TARGET = re.compile(r'<span id="([^"]+)"></span>')
LABELLED = re.compile(
    r'((?:<span id="document-[^"]+"></span><section[^>]*>\s*)?(?:<span id="[^"]+"></span>)*)<h[2-6]>'
)
#: Links to a section of the book, in a sentence or in the contents.
LINK = re.compile(
    r'<a class="reference internal(?: nav-link)?" href="#([^"]+)">'
    r'(?:<span class="std std-ref">.*?</span>|[^<(][^<]*)</a>'
)


def for_paper(text: str) -> str:
    """The one page with links that stay inside it, without calls that only draw, and with no local folder."""
    text = text.replace('href="book/intro.html#', 'href="#')
    start = '<span id="intro"></span>'
    text = text.replace(start, f'{start}<span id="document-book/intro"></span>')
    # A target before a heading may stay on the page before: links lead to a second one, in the heading.
    labels = {name for heading in LABELLED.finditer(text) for name in TARGET.findall(heading[1])}
    text = LABELLED.sub(_labelled_inside, text)
    text = re.sub(r'(?<=href="#)[^"]+', lambda link: f"in-{link[0]}" if link[0] in labels else link[0], text)
    # Sphinx counts ids anew in each document: those of the bibliography get a name of their own.
    text = re.sub(r'<div class="citation" id="id(\d+)"', r'<div class="citation" id="work-\1"', text)
    text = re.sub(r'href="#id(\d+)" title="', r'href="#work-\1" title="', text)
    text = SOURCE.sub(_unless_a_call, text)
    return re.sub(r'<a data-wheel href="[^"]*?(_static/[^"]*)">[^<]*</a>', r"(address of the book)/\1", text)


def _labelled_inside(heading: re.Match[str]) -> str:
    return heading[0] + "".join(f'<span id="in-{name}"></span>' for name in TARGET.findall(heading[1]))


def _unless_a_call(source: re.Match[str]) -> str:
    code = "".join(re.findall(r"<pre>(.*?)</pre>", source[0], re.DOTALL))
    return "" if CALL.fullmatch(re.sub("<[^>]*>", "", code)) else source[0]


def with_page_numbers(text: str, numbers: dict[str, int]) -> str:
    """Links to sections say on which page they lead; where that is not known yet, room is left for it."""

    def numbered(link: re.Match[str]) -> str:
        number = numbers.get(unquote(link[1]), 100)
        page = str(number) if "nav-link" in link[0] else f"p.&nbsp;{number}"
        return f'{link[0]}<span class="on-page">{page}</span>'

    return LINK.sub(numbered, text)


#: Points from the foot of an A4 page where text ends by the margins in print.css. Chromium counts from the
#: top, as without margins. A target as low as this is the head of the next page.
FOOT = 122.5


def page_numbers(pdf: bytes) -> dict[str, int]:
    """The page of each target of a link, from a PDF as Chromium writes it, its objects in plain sight."""
    pages = sorted(int(number) for number in re.findall(rb"(\d+) 0 obj\n<</Type /Page\n", pdf))
    place = {page: position for position, page in enumerate(pages, start=1)}
    found = re.findall(rb"/(\S+) \[(\d+) 0 R /XYZ \S+ (\S+) ", pdf)
    return {
        _plain(name): place[int(page)] + (float(height) < FOOT)
        for name, page, height in found
        if name != b"Dest"
    }


def _plain(name: bytes) -> str:
    """A name of the PDF, #2F for a slash, as it is written in a page."""
    return re.sub(rb"#([0-9A-Fa-f]{2})", lambda code: bytes([int(code[1], 16)]), name).decode("utf-8")


def main() -> int:
    """Parse the command line and build."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("--page", metavar="NAME", help="build book/NAME.md alone")
    parser.add_argument("--fresh", action="store_true", help="forget cached executions and the built book")
    parser.add_argument("--pdf", action="store_true", help="print the book into _build/book.pdf")
    options = parser.parse_args()
    if options.page:
        return build_page(options.page)
    if options.pdf:
        return build_pdf()
    if options.fresh:
        for folder in ("html", "executed", "next"):
            shutil.rmtree(BUILD / folder, ignore_errors=True)
        (BUILD / STAMP).unlink(missing_ok=True)
    return build_book()


if __name__ == "__main__":
    raise SystemExit(main())
