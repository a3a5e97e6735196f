"""The page of look-alikes: both sides, with what they have in common marked, and no verdict."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

from autograder.course.directory import Course
from autograder.course.files import replace_file
from autograder.insight.parsing import Code
from autograder.insight.similar import ALIKE, Digests, Likeness, Pair, Version, likeness
from autograder.reports.class_findings import count, name_links
from autograder.reports.html import page

SHOWN = 60  # pairs of each kind that are shown with their code

MEANING = """<p>These are places to look, not verdicts. Compared is the structure of the code: names, comments
and the order of functions do not count. What stands in the notebook that everybody got, or in many
submissions, is left out.</p>
<p>For ten lines of linear algebra there are not many ways, people learn together, and the answers are public.
Ask about the code before you conclude anything.</p>"""


def path_of(course: Course, assignment: str) -> Path:
    """Return where the page of an assignment lies."""
    return course.folder("report") / f"{assignment}-similar.html"


def write(course: Course, assignment: str) -> Likeness:
    """Write the page of an assignment and return what is on it."""
    found = likeness(course, assignment)
    path = path_of(course, assignment)
    path.parent.mkdir(exist_ok=True)
    replace_file(path, similar_page(found), 0o600)
    return found


def similar_page(found: Likeness) -> str:
    """Return the page as HTML."""
    title = f"{found.assignment}: code that is alike"
    back = f'<p class="small"><a href="{escape(found.assignment, quote=True)}.html">Class report</a></p>'
    number = count(found.compared, "submission")
    compared = f"<p>{number} compared; listed is what has {ALIKE:.0%} or more in common.</p>"
    body = [
        back,
        f"<h1>{escape(title)}</h1>",
        MEANING,
        compared + _partly(found),
        _section("published", "Like published code", [_pair(found, pair) for pair in found.published]),
        _section("same", "The same structure", [_same(found, version) for version in found.same]),
        _section("pairs", "Alike in part", [_pair(found, pair) for pair in found.pairs], found.left_out),
    ]
    return page(title, "\n".join(body))


def _partly(found: Likeness) -> str:
    """Return who has code that could not be compared, or nothing."""
    if not found.partly:
        return ""
    names = name_links(found.assignment, [found.person(name) for name in found.partly])
    why = "Not compared in whole, for a cell is no Python, very long, or runs code that is a text in it:"
    return f'<section id="partly"><p>{why}</p>{names}</section>'


def _section(name: str, title: str, blocks: Sequence[str], left_out: int = 0) -> str:
    shown = "".join(blocks[:SHOWN]) or "<p>None.</p>"
    rest = len(blocks) - SHOWN + left_out
    more = f"<p>{rest} more, less alike, are not shown.</p>" if rest > 0 else ""
    return f'<section id="{name}"><h2>{title}</h2>{shown}{more}</section>'


def _same(found: Likeness, version: Version) -> str:
    code = f"<details><summary>The code of one of them</summary>{_code(version.code, version.own)}</details>"
    heading = f"<header><h3>{count(len(version.people), 'student')}</h3></header>"
    return f'<article class="question">{heading}{_names(found, version)}{code}</article>'


def _pair(found: Likeness, pair: Pair) -> str:
    published = pair in found.published
    if published:
        title, names = f"Like {escape(pair.second.people[0])}", _names(found, pair.first)
        right = pair.second.people[0]
    else:
        title, names = "Like each other", _names(found, pair.first) + _names(found, pair.second)
        right = found.person(pair.second.people[0]).name
    left = found.person(pair.first.people[0]).name
    sides = _side(left, pair.first, pair.common) + _side(right, pair.second, pair.common)
    return (
        f'<article class="question"><header><h3>{title}</h3><span class="number">{pair.share:.0%} in common'
        f"</span></header>{names}<details><summary>Both sides</summary>"
        f'<div class="sides">{sides}</div></details></article>'
    )


def _names(found: Likeness, version: Version) -> str:
    return name_links(found.assignment, [found.person(name) for name in version.people])


def _side(name: str, version: Version, common: Digests) -> str:
    return f"<div><h4>{escape(name)}</h4>{_code(version.code, common)}</div>"


def _code(code: Code, common: Digests) -> str:
    """Return the code, the lines marked that belong to something in common."""
    marked = {
        line
        for fragment in code.fragments
        if fragment.digest in common
        for line in range(fragment.first, fragment.last + 1)
    }
    lines = (
        f"<mark>{escape(line)}</mark>" if number in marked and line.strip() else escape(line)
        for number, line in enumerate(code.text.split("\n"), start=1)
    )
    return f'<pre tabindex="0">{chr(10).join(lines)}</pre>'
