"""The works that the book cites: each is cited, and can be found."""

from __future__ import annotations

import re

from book import build

BOOK = build.ROOT / "book"
#: No DOI was found for these, nor another address that lasts.
WITHOUT_ADDRESS = {"aitkin2001", "bhattacharyya1943"}


def works() -> dict[str, str]:
    """The entries of the bibliography, by their key."""
    text = (BOOK / "references.bib").read_text("utf-8")
    entries = re.findall(r"^@\w+\{(\w+),(.*?)^\}", text, re.DOTALL | re.MULTILINE)
    assert len(entries) == text.count("\n@") + 1
    return dict(entries)


def test_every_work_is_cited_on_a_page() -> None:
    pages = "".join(path.read_text("utf-8") for path in BOOK.glob("*.md"))
    cited = {key.strip() for keys in re.findall(r"\{cite:[pt]\}`([^`]*)`", pages) for key in keys.split(",")}
    assert cited == works().keys()


def test_every_work_has_an_address_that_lasts_where_one_was_found() -> None:
    lasting = re.compile(r"^\s*(doi|url|isbn)\s*=|\\url\{https://", re.MULTILINE)
    assert {key for key, entry in works().items() if not lasting.search(entry)} == WITHOUT_ADDRESS


def test_an_identifier_stands_bare_and_belongs_to_one_work() -> None:
    found = re.findall(r"^\s*doi\s*=\s*\{([^}]*)\}", "\n".join(works().values()), re.MULTILINE)
    assert all(re.fullmatch(r"10\.\d{4,}/\S+", doi) for doi in found)
    assert len(set(map(str.lower, found))) == len(found)
