"""The built book, once for all tests: built strictly if anything changed since the last build."""

from __future__ import annotations

from pathlib import Path

import pytest

from book import build


@pytest.fixture(scope="session")
def html() -> Path:
    """The folder of the built book; the strict build must have passed."""
    code = build.build_book()
    assert code == 0, "the strict build of the book has warnings: run `make book` to read them"
    return build.BUILD / "html"


@pytest.fixture(scope="session")
def pages(html: Path) -> dict[str, str]:
    """Source of every built page, by its path without the ending."""
    found = [*html.glob("*.html"), *html.glob("book/**/*.html")]
    return {str(path.relative_to(html).with_suffix("")): path.read_text("utf-8") for path in found}
