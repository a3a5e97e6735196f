"""The class page: who has what, which checks were missed most, what deserves a look, how it was graded."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import quote

from autograder.course.directory import Course
from autograder.course.files import replace_file
from autograder.course.release import Release
from autograder.course.results import read_recorded
from autograder.record.rows import Row, rows
from autograder.reports.figure import distribution
from autograder.reports.html import diagnosis, feedback_address, items, page, points, read_more, share_bar
from autograder.values import QuestionResult, Result


@dataclass(frozen=True)
class Entry:
    """One student of the class: the gradebook's row and what the last grading left."""

    row: Row
    result: Result


def write(course: Course, assignment: str) -> Path:
    """Write the class page of an assignment and return its path."""
    release = course.release(assignment)
    path = course.folder("report") / f"{assignment}.html"
    path.parent.mkdir(exist_ok=True)
    replace_file(path, class_page(release, entries_of(course, assignment)), 0o644)
    return path


def write_index(course: Course) -> Path:
    """Write the page that leads to the class pages, and return its path."""
    lines = []
    for assignment in course.assignments:
        entries = entries_of(course, assignment)
        if entries and (course.folder("report") / f"{assignment}.html").exists():
            mean = statistics.fmean(entry.row.final for entry in entries)
            lines.append(
                f'<tr><th scope="row"><a href="{quote(assignment)}.html">{escape(assignment)}</a></th>'
                f'<td class="number">{len(entries)}</td><td class="number">{points(mean)}</td>'
                f'<td class="number">{points(entries[0].row.max_score)}</td></tr>'
            )
    table = _table(
        "Assignments with graded submissions", ("Assignment", "#Submissions", "#Mean", "#Points"), lines
    )
    path = course.folder("report") / "index.html"
    replace_file(path, page("Class report", f"<h1>Class report</h1>{table}"), 0o644)
    return path


def entries_of(course: Course, assignment: str) -> tuple[Entry, ...]:
    """Return all graded submissions, by student."""
    recorded = ((row, read_recorded(course, assignment, row.person.id)) for row in rows(course, assignment))
    return tuple(Entry(row, earlier.result) for row, earlier in recorded if earlier is not None)


def class_page(release: Release, entries: Sequence[Entry]) -> str:
    """Return the class page as HTML."""
    title = f"{release.assignment}: class report"
    if not entries:
        return page(title, f"<h1>{escape(title)}</h1><p>Nothing has been graded yet.</p>")
    body = "\n".join(
        [
            '<p class="small"><a href="index.html">All assignments</a></p>',
            f"<h1>{escape(title)}</h1>",
            _facts(entries),
            f"<section><h2>Distribution of scores</h2>{_figure(entries)}</section>",
            _students(release, entries),
            _missed(entries),
            _misconceptions(entries),
            _notes(
                "Incidents",
                "A place to look. Incidents never change points.",
                [(entry.row.person.name, entry.result.incidents) for entry in entries],
            ),
            _notes(
                "Repairs",
                "What was put right before grading. The submissions themselves are unchanged.",
                [(entry.row.person.name, _repairs(entry.result)) for entry in entries],
            ),
            _how(release, entries),
        ]
    )
    return page(title, body)


# --------------------------------------------------------------------------- at the top


def _figure(entries: Sequence[Entry]) -> str:
    return distribution([entry.row.final for entry in entries], entries[0].row.max_score)


def _facts(entries: Sequence[Entry]) -> str:
    scores = [entry.row.final for entry in entries]
    irregular = sum(entry.result.status != "graded" for entry in entries)
    waiting = sum(cell.waiting for entry in entries for cell in entry.row.cells.values())
    facts = [
        ("Submissions", str(len(entries))),
        ("Points to have", points(entries[0].row.max_score)),
        ("Mean", points(statistics.fmean(scores))),
        ("Median", points(statistics.median(scores))),
        ("Not readable or missing", str(irregular)),
        ("Written answers to grade", str(waiting)),
    ]
    return (
        '<dl class="facts">'
        + "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in facts)
        + "</dl>"
    )


def _students(release: Release, entries: Sequence[Entry]) -> str:
    names = [release.question_of(cell).partition(".")[2] for cell in release.graded]
    lines = []
    for entry in entries:
        row, result = entry.row, entry.result
        share = row.final / row.max_score if row.max_score else 0.0
        address = feedback_address(row.person.id, release.assignment)
        by_id = {question.id: question for question in result.questions}
        cells = "".join(
            f'<td class="number">{_question_points(by_id, release.question_of(cell))}</td>'
            for cell in release.graded
        )
        lines.append(
            f'<tr><th scope="row"><a href="{escape(address, quote=True)}">'
            f"{escape(row.person.name)}</a></th>"
            f'<td class="number">{points(row.final)}</td><td>{share_bar(share, "score-bar")}</td>{cells}'
            f"<td>{_tags(entry)}</td></tr>"
        )
    header = ("Student", "#Score", "", *(f"#{name}" for name in names), "To know")
    table = _table(
        f"Scores of {points(entries[0].row.max_score)} points, by student and question", header, lines
    )
    return f"<section><h2>Students</h2>{table}</section>"


def _question_points(by_id: Mapping[str, QuestionResult], question: str) -> str:
    result = by_id.get(question)
    return points(result.score) if result is not None else "–"


def _tags(entry: Entry) -> str:
    row, result = entry.row, entry.result
    tags: list[tuple[str, str]] = []
    if result.status != "graded":
        tags.append(("bad", result.status))
    ended = (
        {question.status for question in result.questions} - {"graded", "not-written"}
        if result.status == "graded"
        else set()
    )
    tags += [("bad", status) for status in sorted(ended)]
    if row.penalty:
        tags.append(("note", f"late: -{points(row.penalty)}"))
    if result.incidents:
        tags.append(("note", "incident"))
    if result.repairs:
        tags.append(("note", "repaired"))
    if any(cell.waiting for cell in row.cells.values()):
        tags.append(("good", "to grade by hand"))
    return " ".join(f'<span class="tag {kind}">{escape(text)}</span>' for kind, text in tags)


# --------------------------------------------------------------------------- what was missed


def _missed(entries: Sequence[Entry]) -> str:
    missed: Counter[tuple[str, str, str]] = Counter()
    for entry in entries:
        for question in entry.result.questions:
            if question.status == "not-written":
                continue
            missed.update(
                (question.id, check.title, check.see) for check in question.checks if not check.passed
            )
    lines = [
        f"<tr><td><code>{escape(name.partition('.')[2])}</code></td><td>{escape(title)}<br>"
        f'<span class="small">{read_more(see)}</span></td>'
        f'<td><span class="together">{share_bar(count / len(entries))}{count} of {len(entries)}</span>'
        "</td></tr>"
        for (name, title, see), count in sorted(missed.items(), key=lambda item: (-item[1], item[0]))[:10]
    ]
    if not lines:
        return "<section><h2>Checks most often missed</h2><p>None: all passed for everybody.</p></section>"
    table = _table("The ten checks that most submissions missed", ("Question", "Check", "Missed by"), lines)
    return f"<section><h2>Checks most often missed</h2>{table}</section>"


def _misconceptions(entries: Sequence[Entry]) -> str:
    who: dict[tuple[str, str], list[Row]] = defaultdict(list)
    sentences: dict[tuple[str, str], tuple[str, str]] = {}
    for entry in entries:
        for question in entry.result.questions:
            named = question.recognised
            if named is not None:
                key = (question.id, named.misconception or "")
                who[key].append(entry.row)
                sentences.setdefault(key, (diagnosis(named.message), named.see))
    lines = [
        f"<tr><td><code>{escape(key[0].partition('.')[2])}</code></td><td>{escape(sentences[key][0])}<br>"
        f'<span class="small">{read_more(sentences[key][1])}</span></td>'
        f"<td>{escape(', '.join(row.person.name for row in people))}</td></tr>"
        for key, people in sorted(who.items(), key=lambda item: (-len(item[1]), item[0]))
    ]
    if not lines:
        return "<section><h2>Misconceptions</h2><p>None was recognised.</p></section>"
    table = _table(
        "Mistakes that were recognised by their numbers", ("Question", "What happened", "Who"), lines
    )
    return f"<section><h2>Misconceptions</h2>{table}</section>"


def _repairs(result: Result) -> Sequence[str]:
    """Return what was put right, and what could not be."""
    return (*result.repairs, result.message) if result.message else result.repairs


def _notes(title: str, meaning: str, notes: Sequence[tuple[str, Sequence[str]]]) -> str:
    """Return a section with the notes on each student, by name."""
    lines = [
        f'<tr><th scope="row">{escape(name)}</th><td>{items(texts)}</td></tr>'
        for name, texts in notes
        if texts
    ]
    table = _table(meaning, ("Student", "What"), lines) if lines else "<p>None.</p>"
    return f"<section><h2>{title}</h2>{table}</section>"


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


def _table(caption: str, header: Sequence[str], lines: Sequence[str]) -> str:
    """Return a table that scrolls by itself on a narrow screen; a name with # before it heads numbers."""
    heads = "".join(
        (
            f'<th scope="col" class="number">{escape(name[1:])}</th>'
            if name.startswith("#")
            else f'<th scope="col">{escape(name)}</th>'
            if name
            else '<td aria-hidden="true"></td>'
        )
        for name in header
    )
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{escape(caption, quote=True)}"><table>'
        f"<caption>{escape(caption)}</caption><thead><tr>{heads}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"
    )
