"""The class page: what an instructor wants to know first, then everything by question and by student."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from urllib.parse import quote

from autograder.course.directory import Course
from autograder.course.files import replace_file
from autograder.course.release import Release
from autograder.insight.alike import Exhibit, exhibits_of
from autograder.insight.everybody import Entry, Everybody, everybody_of
from autograder.insight.items import items_of, missed_checks, written_items
from autograder.insight.misconceptions import misconceptions_of
from autograder.reports import class_findings, class_tables, similar_page
from autograder.reports.figure import distribution
from autograder.reports.html import items, page, points
from autograder.reports.tables import script, table


def write(course: Course, assignment: str) -> Path:
    """Write the class page of an assignment and return its path."""
    release, everybody = course.release(assignment), everybody_of(course, assignment)
    path = course.folder("report") / f"{assignment}.html"
    path.parent.mkdir(exist_ok=True)
    similar = _similar(assignment, similar_page.path_of(course, assignment).exists())
    alike = exhibits_of(course, release, everybody.readable)
    content = class_page(release, everybody, *alike, similar, course.settings.formgrader)
    replace_file(path, content, 0o644)
    return path


def _similar(assignment: str, written: bool) -> str:
    if written:
        address = escape(f"{quote(assignment)}-similar.html", quote=True)
        return f'<p><a href="{address}">Code that is alike</a> has a page of its own.</p>'
    return f"<p>Code that is alike: type <code>autograder similar {escape(assignment)}</code>.</p>"


def write_index(course: Course) -> Path:
    """Write the page that leads to the class pages, and return its path."""
    lines = []
    for assignment in course.assignments:
        everybody = everybody_of(course, assignment)
        if everybody.graded and (course.folder("report") / f"{assignment}.html").exists():
            mean = statistics.fmean(entry.row.final for entry in everybody.graded)
            lines.append(
                f'<tr><th scope="row"><a href="{quote(assignment)}.html">{escape(assignment)}</a></th>'
                f'<td class="number">{len(everybody.graded)}</td>'
                f'<td class="number">{len(everybody.missing)}</td><td class="number">{points(mean)}</td>'
                f'<td class="number">{points(everybody.graded[0].row.max_score)}</td></tr>'
            )
    header = ("Assignment", "#Submissions", "#Missing", "#Mean", "#Points")
    listed = table("Assignments with graded submissions", header, lines)
    path = course.folder("report") / "index.html"
    replace_file(path, page("Class report", f"<h1>Class report</h1>{listed}"), 0o644)
    return path


def class_page(
    release: Release,
    everybody: Everybody,
    exhibits: Sequence[Exhibit] = (),
    single: int = 0,
    similar: str = "",
    formgrader: str = "",
) -> str:
    """Return the class page as HTML.

    Parameters
    ----------
    exhibits, single : answers alike, and how many are like no other
    similar : a link to the page of look-alikes, or how to make it
    formgrader : its address; "" for no links there
    """
    title, entries = f"{release.assignment}: class report", everybody.graded
    if not entries:
        nothing = f"<h1>{escape(title)}</h1><p>Nothing has been graded yet.</p>"
        return page(title, nothing + class_findings.missing(everybody))
    readable = everybody.readable
    parts = [
        '<p class="small"><a href="index.html">All assignments</a></p>',
        f"<h1>{escape(title)}</h1>",
        _facts(everybody),
        class_findings.missing(everybody),
        class_findings.lecture(release.assignment, misconceptions_of(readable), len(readable)),
        class_findings.answers_alike(release.assignment, exhibits, single),
        class_tables.questions(items_of(readable) + written_items(release, readable), len(readable)),
        class_tables.missed(missed_checks(readable)),
        _by_hand(release, entries),
        f'<section id="scores"><h2>Distribution of scores</h2>{_figure(release, entries)}</section>',
        class_findings.notes(entries, similar),
        class_tables.students(release, entries, formgrader),
        _how(release, entries),
    ]
    return page(title, "\n".join(parts), script())


def _facts(everybody: Everybody) -> str:
    entries = everybody.graded
    scores = [entry.row.final for entry in entries]
    facts = [
        ("Handed in", str(len(entries) + len(everybody.waiting))),
        ("Missing", str(len(everybody.missing))),
        ("Not readable", str(len(entries) - len(everybody.readable))),
        ("Points to have", points(entries[0].row.max_score)),
        ("Mean so far" if _waiting(entries) else "Mean", points(statistics.fmean(scores))),
        ("Median", points(statistics.median(scores))),
        ("Written answers to grade", str(sum(_waiting(entries).values()))),
    ]
    listed = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in facts)
    return f'<dl class="facts">{listed}</dl>'


def _waiting(entries: Sequence[Entry]) -> Mapping[str, int]:
    """Return how many answers to each written question nobody has graded, by grade_id."""
    names = [name for entry in entries for name, cell in entry.row.cells.items() if cell.waiting]
    return {name: names.count(name) for name in dict.fromkeys(names)}


def _by_hand(release: Release, entries: Sequence[Entry]) -> str:
    waiting = _waiting(entries)
    if not waiting:
        return ""
    lines = [f"{name}: {count} of {len(entries)} wait" for name, count in waiting.items()]
    return (
        f'<section id="by-hand"><h2>Written answers to grade</h2>{items(lines)}'
        "<p>Points so far are without them.</p></section>"
    )


def _figure(release: Release, entries: Sequence[Entry]) -> str:
    """Return the distribution; while written answers wait, of the points that the grader gives."""
    if _waiting(entries):
        return distribution([entry.result.score for entry in entries], release.max_score)
    return distribution([entry.row.final for entry in entries], entries[0].row.max_score)


def _how(release: Release, entries: Sequence[Entry]) -> str:
    seconds = sorted(entry.result.seconds for entry in entries)
    walls = sorted({entry.result.walls for entry in entries if entry.result.walls})
    slowest = max(entries, key=lambda entry: entry.result.seconds)
    unprotected = [cell.grade_id for cell in release.graded if cell.kind == "assert"]
    lines = [
        f"Walls that stood: {'; '.join(walls) or 'none were needed, no code was run'}.",
        f"Seconds for one submission: median {statistics.median(seconds):.2f}, longest {seconds[-1]:.2f} "
        f"({slowest.row.person.name}).",
    ]
    if unprotected:
        lines.append(
            "Unprotected, because these ordinary test cells run beside the student's code: "
            f"{', '.join(unprotected)}."
        )
    return f"<section><h2>How it was graded</h2>{items(lines)}</section>"
