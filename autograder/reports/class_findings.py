"""The class page's first half: who is missing, what the next lecture opens with, whose answers are alike."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Sequence
from html import escape
from urllib.parse import quote

from autograder.insight import look
from autograder.insight.alike import Exhibit
from autograder.insight.everybody import Entry, Everybody
from autograder.insight.misconceptions import Recognised
from autograder.record.rows import Person
from autograder.reports.html import diagnosis, feedback_address, items, place, share_bar
from autograder.reports.tables import table
from autograder.values import Result

FEW = 6  # names that are shown without unfolding
FREQUENT = 10  # misconceptions that are shown without unfolding
GROUPS = 8  # groups that are shown without unfolding


def count(number: int, noun: str) -> str:
    """Return a number with its noun, such as "1 student"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def name_links(assignment: str, people: Sequence[Person]) -> str:
    """Return names that lead to feedback pages; many are folded."""
    links = ", ".join(
        f'<a href="{escape(feedback_address(person.id, assignment), quote=True)}">{escape(person.name)}</a>'
        for person in people
    )
    if len(people) <= FEW:
        return f"<p>{links}</p>"
    return f"<details><summary>{count(len(people), 'student')}</summary><p>{links}</p></details>"


# --------------------------------------------------------------------------- who is missing


def missing(everybody: Everybody) -> str:
    """Return who handed in nothing, who waits for a grade, and whose file could not be read."""
    parts = [_absent(everybody.missing)] if everybody.missing else []
    if everybody.waiting:
        parts.append(
            f"<p><strong>Handed in and not graded yet:</strong> {escape(', '.join(everybody.waiting))}. "
            f"Type <code>autograder grade {escape(everybody.assignment)}</code>.</p>"
        )
    unread = [entry for entry in everybody.graded if entry.result.status != "graded"]
    if unread:
        listed = [f"{entry.person.name}: {entry.result.message}" for entry in unread]
        parts.append(f"<p><strong>Handed in, but nothing could be graded:</strong></p>{items(listed)}")
    if not parts:
        parts.append("<p>Nobody: everybody whom the gradebook knows has handed in.</p>")
    return f'<section id="missing"><h2>Who is missing</h2>{"".join(parts)}</section>'


def _absent(people: Sequence[Person]) -> str:
    names = escape(", ".join(person.name for person in people))
    addresses = [person.email for person in people if person.email]
    mail = (
        f' <a href="mailto:?bcc={escape(quote(",".join(addresses), safe="@,"), quote=True)}">'
        f"Write to {'them' if len(addresses) > 1 else 'this student'}</a>"
        if addresses
        else ""
    )
    lead = f"<strong>{count(len(people), 'student')} handed in nothing.</strong>{mail}"
    if len(people) <= 4 * FEW:
        return f"<p>{lead}</p><p>{names}</p>"
    return f"<p>{lead}</p><details><summary>Their names</summary><p>{names}</p></details>"


# --------------------------------------------------------------------------- misconceptions


def lecture(assignment: str, found: Sequence[Recognised], of: int) -> str:
    """Return the misconceptions, the most frequent first; `of` is the number of readable submissions."""
    if not found:
        return _section("lecture", "For the next lecture", "<p>No misconception was recognised.</p>")
    lines = [
        f"<li><p><strong>{escape(diagnosis(seen.sentence))}</strong></p>"
        f'<p class="small">{share_bar(len(seen.people) / of if of else 0.0)}{len(seen.people)} of {of}, in '
        f"<code>{escape(seen.function)}</code>; in the book {place(seen.see)}</p>"
        f"{name_links(assignment, seen.people)}</li>"
        for seen in found
    ]
    lead = f"<p>What {count(of, 'submission')} show by their numbers, the most frequent first.</p>"
    shown = "".join(lines[:FREQUENT])
    rest = "".join(lines[FREQUENT:])
    more = (
        f'<details><summary>{len(lines) - FREQUENT} more</summary><ul class="findings">{rest}</ul></details>'
        if rest
        else ""
    )
    body = f'{lead}<ul class="findings">{shown}</ul>{more}'
    return _section("lecture", "For the next lecture", body)


# --------------------------------------------------------------------------- answers alike


def answers_alike(assignment: str, exhibits: Sequence[Exhibit], single: int) -> str:
    """Return the groups of students with equal wrong answers; `single` is how many are like nobody's."""
    lead = (
        "<p>Each of these functions was called with the same public inputs. Who is in one group got the same "
        "numbers, so one explanation serves all.</p>"
    )
    alone = f"<p>{count(single, 'wrong answer')} like nobody else's.</p>" if single else ""
    if not exhibits:
        return _section(
            "alike", "Answers alike", "<p>No two students got the same wrong numbers.</p>" + alone
        )
    blocks = [_group(assignment, exhibit) for exhibit in exhibits]
    more = "".join(blocks[GROUPS:])
    folded = f"<details><summary>{count(len(blocks) - GROUPS, 'smaller group')}</summary>{more}</details>"
    return _section(
        "alike", "Answers alike", lead + "".join(blocks[:GROUPS]) + (folded if more else "") + alone
    )


def _group(assignment: str, exhibit: Exhibit) -> str:
    group, named = exhibit.group, exhibit.group.recognised
    said = (
        f"<p>Recognised: {escape(diagnosis(named.message))}</p>"
        if named is not None
        else '<p class="quiet">No known misconception gives these numbers.</p>'
    )
    words = ("autograder", "comment", assignment, group.name, "--like", group.people[0].id)
    number = count(len(group.people), "student")
    return "\n".join(
        [
            f'<article class="question"><header><h3><code>{escape(group.name)}</code></h3>'
            f'<span class="number">{number}</span></header>',
            said + name_links(assignment, group.people) + _call(exhibit),
            _folded(f"The code of {exhibit.person.name}", exhibit.code),
            _folded("One comment for all of them", f'{shlex.join(words)} "…"') + "</article>",
        ]
    )


def _folded(title: str, text: str) -> str:
    return f'<details><summary>{escape(title)}</summary><pre tabindex="0">{escape(text)}</pre></details>'


def _call(exhibit: Exhibit) -> str:
    call = exhibit.call
    if call is None:
        return (
            "<p>Right for all public inputs, which the notebook's own check uses, and wrong for others: does "
            "the code single these inputs out?</p>"
        )
    returned = call.returned or "more numbers than are kept"
    return (
        "<details><summary>The smallest call that goes wrong</summary>"
        f'<pre tabindex="0">{escape(call.inputs)}</pre><p>They return</p>'
        f'<pre tabindex="0">{escape(returned)}</pre><p>Right is</p>'
        f'<pre tabindex="0">{escape(call.expected)}</pre></details>'
    )


# --------------------------------------------------------------------------- places to look


def notes(entries: Sequence[Entry], links: str = "") -> str:
    """Return what deserves a look, what matters most first: incidents, calls that ended badly, repairs.

    Parameters
    ----------
    links : that lead to more
    """
    kinds: tuple[tuple[str, str, Callable[[Result], Iterable[str]]], ...] = (
        ("Incidents", "What code tried; it never changes points", lambda result: result.incidents),
        ("Time-outs and early ends", "Functions that did not come to their end", look.ended_early),
        ("Repairs", "Put right before grading; the submissions themselves are unchanged", look.repairs),
    )
    first = sorted(entries, key=lambda entry: not look.to_judge(entry.result))
    found = [
        (title, meaning, [(entry, tuple(find(entry.result))) for entry in first])
        for title, meaning, find in kinds
    ]
    shown = "".join(
        _noted(title, meaning, noted) for title, meaning, noted in found if any(texts for _, texts in noted)
    )
    nothing = [title.lower() for title, _, noted in found if not any(texts for _, texts in noted)]
    none = f"<p>None: {', '.join(nothing)}.</p>" if nothing else ""
    return _section("look", "Places to look", links + shown + none)


def _noted(title: str, meaning: str, found: Sequence[tuple[Entry, Sequence[str]]]) -> str:
    lines = [
        f'<tr><th scope="row"><a href="{_page_of(entry)}">{escape(entry.person.name)}</a></th>'
        f"<td>{items(texts)}</td></tr>"
        for entry, texts in found
        if texts
    ]
    listed = table(meaning, ("Student", "What"), lines)
    if len(lines) > 2 * FEW:
        listed = f"<details><summary>{count(len(lines), 'student')}</summary>{listed}</details>"
    return f"<h3>{title}</h3>{listed}"


def _page_of(entry: Entry) -> str:
    return escape(feedback_address(entry.person.id, entry.result.assignment), quote=True)


def _section(name: str, title: str, body: str) -> str:
    return f'<section id="{name}"><h2>{title}</h2>{body}</section>'
