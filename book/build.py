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

#: Jupyter Book, without a grammar that jsonschema's optional checker builds at import, in more than a second.
JB = (
    sys.executable,
    "-c",
    "import sys; sys.modules['rfc3987_syntax'] = None; from jupyter_book.cli.main import main; main()",
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
    """The whole book as one page, printed by Chromium into _build/book.pdf."""
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
    page.write_text(for_paper((folder / "book" / "intro.html").read_text("utf-8")), "utf-8")
    target = BUILD / "book.pdf"
    flags = ["--headless", "--disable-gpu", "--no-pdf-header-footer", "--generate-pdf-document-outline"]
    flags += ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    command = [browser, *flags, "--virtual-time-budget=20000", f"--print-to-pdf={target}", page.as_uri()]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=3600)
    if run.returncode or not target.exists():
        print(run.stderr, file=sys.stderr)
        return run.returncode or 1
    print(f"The book on paper: {target} ({target.stat().st_size / 1e6:.1f} MB)")
    return 0


def for_paper(text: str) -> str:
    """The one page with links that stay inside it, and without the folder in which it was built."""
    text = text.replace('href="book/intro.html#', 'href="#')
    return re.sub(r'<a data-wheel href="[^"]*?(_static/[^"]*)">[^<]*</a>', r"(address of the book)/\1", text)


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
