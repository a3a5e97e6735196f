"""The class page's tables: how far the class came with each question, what was missed, and who has what."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from urllib.parse import quote

from autograder.course.release import Release
from autograder.insight.everybody import Entry
from autograder.insight.items import ENDINGS, ENOUGH, Item, MissedChecks
from autograder.reports.html import feedback_address, place, points, share_bar
from autograder.reports.tables import table

SHOWN = 10  # rows of checks


def questions(items: Sequence[Item], of: int) -> str:
    """Return how far the class came with each question, how difficult it is and how well it discriminates."""
    lines = [
        f'<tr><th scope="row"><code>{escape(item.name)}</code>{_by_hand(item)}</th>'
        f"<td>{_progress(item, of)}</td>"
        + "".join(f'<td class="number">{item.endings.get(ending, 0)}</td>' for ending in ENDINGS)
        + f'<td class="number">{100 * item.difficulty:.0f} %</td>'
        f'<td class="number">{_decimal(item.discrimination)}</td></tr>'
        for item in items
    ]
    header = (
        "Question",
        "Progress",
        *(f"#{ending}" for ending in ENDINGS),
        "#Points earned",
        "#Discrimination",
    )
    known = table("Students by how far they came, in the order of the notebook", header, lines)
    legend = (
        '<p class="small quiet">“Not found” is code that leaves no function of this name, mostly for '
        "a syntax error; “not written” is the stub. Discrimination is the correlation of a question with the "
        "points of all others (of a written answer with those by the machine): below 0.2 it tells strong "
        f"from weak badly, below 0 look at the question. With fewer than {ENOUGH} students, or where all "
        "have the same points, there is none.</p>"
    )
    return f'<section id="questions"><h2>Questions</h2>{known}{legend}</section>'


def _by_hand(item: Item) -> str:
    if not item.by_hand:
        return ""
    waiting = f"; {item.waiting} wait" if item.waiting else ""
    return f' <span class="quiet small">by hand{waiting}</span>'


def _progress(item: Item, of: int) -> str:
    """Return a bar of all endings; the numbers stand beside it, so it is hidden from screen readers."""
    shares = {ending: 100 * item.endings.get(ending, 0) / max(of, 1) for ending in ENDINGS}
    parts = "".join(
        f'<span class="{ending.replace(" ", "-")}" style="width:{share:.2f}%"></span>'
        for ending, share in shares.items()
        if share
    )
    return f'<span class="progress" aria-hidden="true">{parts}</span>'


def missed(checks: Sequence[MissedChecks]) -> str:
    """Return the checks that most students missed, those that say the same in one row."""
    if not checks:
        return '<section id="checks"><h2>Checks most often missed</h2><p>None was missed.</p></section>'
    lines = [
        f'<tr><td><code>{escape(row.name)}</code></td><td class="text">{escape(row.titles[0])} '
        f'<span class="small">In the book: {place(row.see)}</span>{_others(row)}</td>'
        '<td class="number"><span class="together">'
        f"{share_bar(row.missed / row.written)}<span>{row.missed} of {row.written}</span></span></td>"
        f'<td class="number">{_decimal(row.discrimination)}</td></tr>'
        for row in checks
    ]
    header = ("Question", "Check", "#Missed", "#Discrimination")
    caption = "Checks missed, of those who wrote the function"
    top = table(caption, header, lines[:SHOWN])
    rest = lines[SHOWN:]
    others = table("Checks missed less often", header, rest)
    more = f"<details><summary>{len(rest)} more</summary>{others}</details>" if rest else ""
    return f'<section id="checks"><h2>Checks most often missed</h2>{top}{more}</section>'


def _others(row: MissedChecks) -> str:
    others = row.titles[1:]
    if not others:
        return ""
    listed = "".join(f"<li>{escape(title)}</li>" for title in others)
    word = "other check" if len(others) == 1 else "other checks"
    summary = f"and {len(others)} {word} by the same students"
    return f"<details><summary>{summary}</summary><ul>{listed}</ul></details>"


def _decimal(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}".replace("-", "−")


# --------------------------------------------------------------------------- everybody


def students(release: Release, entries: Sequence[Entry], formgrader: str = "") -> str:
    """Return a row for each student with the points of each question.

    Parameters
    ----------
    formgrader : its address, to which the rows lead as well as to the feedback pages; "" for no such links
    """
    cells = [cell for cell in release.cells if cell.kind in ("check", "assert", "manual", "task")]
    names = [
        release.question_of(cell).partition(".")[2] if cell in release.graded else cell.grade_id
        for cell in cells
    ]
    lines = [_student(release, entry, [cell.grade_id for cell in cells], formgrader) for entry in entries]
    header = ("Student", "#Score", *(f"#{name}" for name in names), "To know")
    top = points(entries[0].row.max_score) if entries else "0"
    known = table(f"Scores of {top} points, by student and question", header, lines, "students")
    return f'<section id="students"><h2>Students</h2>{known}</section>'


def _student(release: Release, entry: Entry, cells: Sequence[str], formgrader: str) -> str:
    row = entry.row
    share = row.final / row.max_score if row.max_score else 0.0
    address = escape(feedback_address(row.person.id, release.assignment), quote=True)
    scores = "".join(f'<td class="number">{_score(entry, name)}</td>' for name in cells)
    return (
        f'<tr><th scope="row"><a href="{address}">{escape(row.person.name)}</a>'
        f"{_in_formgrader(formgrader, release.assignment, entry)}</th>"
        f'<td class="number" data-value="{row.final:.6g}"><span class="together">'
        f"{share_bar(share, 'score-bar')}<span>{points(row.final)}</span></span></td>"
        f"{scores}<td>{_tags(entry)}</td></tr>"
    )


def _in_formgrader(formgrader: str, assignment: str, entry: Entry) -> str:
    if not formgrader:
        return ""
    who = entry.row.person
    address = f"{formgrader.rstrip('/')}/manage_students/{quote(who.id, safe='')}/{quote(assignment)}"
    return (
        f' <a class="small" href="{escape(address, quote=True)}">formgrader<span class="hidden">: '
        f"{escape(who.name)}</span></a>"
    )


def _score(entry: Entry, name: str) -> str:
    cell = entry.row.cells.get(name)
    if cell is None or (cell.waiting and not cell.manual):
        return "–"
    return points(cell.score)


def _tags(entry: Entry) -> str:
    row, result = entry.row, entry.result
    tags: list[tuple[str, str]] = []
    if result.status != "graded":
        tags.append(("bad", result.status))
    else:
        ended = {question.status for question in result.questions} - {"graded", "not-written"}
        tags += [("bad", status.replace("-", " ")) for status in sorted(ended)]
    if row.penalty:
        tags.append(("note", f"late: −{points(row.penalty)}"))
    if result.incidents:
        tags.append(("note", "incident"))
    if result.repairs:
        tags.append(("note", "repaired"))
    if any(cell.waiting for cell in row.cells.values()):
        tags.append(("good", "to grade by hand"))
    return " ".join(f'<span class="tag {kind}">{escape(text)}</span>' for kind, text in tags)
