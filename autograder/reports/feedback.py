"""A page for each student: every check with its sentence, what went wrong, and where to read about it.

It lies where nbgrader puts its own feedback, so that `nbgrader release_feedback` hands it out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from html import escape
from pathlib import Path

from autograder.course.directory import Course
from autograder.course.files import replace_file
from autograder.course.release import Release
from autograder.course.results import read_recorded
from autograder.intake.folder import read_line
from autograder.intake.pictures import ASK_FOR_IT, SafePicture
from autograder.record.rebuild import Answer, answers_of
from autograder.record.rows import NO_RESPONSE, Row, rows
from autograder.reports.figure import compared
from autograder.reports.html import diagnosis, items, page, points, preformatted, read_more
from autograder.reports.markdown import shown_safely
from autograder.values import UNPAID, QuestionResult, Result, Verdict

MAX_PICTURES = 2_000_000  # letters of a page that are pictures: each page goes out in an archive of all
SHOW_IT = "show it to your instructor"  # to a student, where the instructor reads ASK_FOR_IT
STATUS = {
    "not-written": "not written yet",
    "not-defined": "not found",
    "raised": "stopped with an error",
    "timed-out": "took too long",
    "out-of-memory": "used too much memory",
    "died": "ended early",
}


def write(course: Course, assignment: str, students: Collection[str] | None = None) -> list[Path]:
    """Write the pages of all graded submissions, or of these students'; return their paths."""
    release = course.release(assignment)
    every = [row for row in rows(course, assignment) if students is None or row.person.id in students]
    words = _words(every)
    written = []
    for row in every:
        recorded = read_recorded(course, assignment, row.person.id)
        if recorded is None:
            continue
        path = course.folder("feedback") / row.person.id / assignment / f"{assignment}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        answers = answers_of(course, assignment, row.person.id)
        content = student_page(release, row, recorded.result, answers, words, course.settings.feedback_shows)
        if not path.exists() or path.read_text(encoding="utf-8") != content:
            replace_file(path, content, 0o644)
            path.chmod(0o644)  # whatever the umask: nbgrader gives a page to its student with the mode it has
        for name in ("timestamp.txt", "submission_secret.txt"):  # nbgrader release_feedback asks for them
            text = read_line(course.folder("submitted"), [row.person.id, assignment], name)
            if text:
                replace_file(path.parent / name, text, 0o644)
        written.append(path)
    return written


def _words(every: Sequence[Row]) -> dict[str, str]:
    """Return the HTML of each comment that a person wrote: Markdown with formulas, as in formgrader."""
    comments = list(dict.fromkeys(comment for row in every for comment in row.comments.values()))
    return dict(zip(comments, shown_safely(comments), strict=True)) if comments else {}


def student_page(
    release: Release,
    row: Row,
    result: Result,
    answers: Mapping[str, Answer],
    words: Mapping[str, str] | None = None,
    shows: str = "everything",
) -> str:
    """Return the page of one student as HTML.

    Parameters
    ----------
    answers : what the student wrote, by the cell's name
    words : the HTML of comments, by their text
    shows : of the checks, as the course's setting `feedback_shows`
    """
    comments = {
        name: (words or {}).get(text) or f"<p>{escape(text)}</p>"
        for name, text in row.comments.items()
        if text != NO_RESPONSE
    }
    body = "\n".join(
        [
            _head(release, row, result),
            *_notices(result),
            *(
                _question(question, answers, comments.get(question.name, ""), shows)
                for question in result.questions
            ),
            *_written(release, row, answers, comments),
            _footer(shows),
        ]
    )
    return page(f"{release.assignment}: feedback for {row.person.name}", f'<div class="narrow">{body}</div>')


def _footer(shows: str) -> str:
    sums = "" if shows == "scores" else " Each score is the sum of its checks."
    return (
        "<footer>Your functions were called on numbers drawn for you alone. The notebook's check cells "
        f"run the same checks on other numbers, so you can try again there.{sums}</footer>"
    )


def _head(release: Release, row: Row, result: Result) -> str:
    waiting = [name for name, cell in row.cells.items() if cell.waiting]
    lines = [f"<h1>{escape(release.assignment)}: feedback for {escape(row.person.name)}</h1>"]
    lines.append(f'<p class="score">{points(row.final)} <small>of {points(row.max_score)} points</small></p>')
    if row.penalty:
        lines.append(f"<p>{points(row.score)} points, less {points(row.penalty)} for handing in late.</p>")
    if waiting:
        count = "One written answer is" if len(waiting) == 1 else f"{len(waiting)} written answers are"
        lines.append(f'<p class="quiet">{count} still to be graded by hand.</p>')
    return "\n".join(lines)


def _notices(result: Result) -> Iterator[str]:
    if result.status != "graded":
        yield (
            '<div class="notice" role="note"><p><strong>This could not be graded.</strong></p>'
            f"<p>{escape(result.message)}</p></div>"
        )
    if result.repairs:
        yield (
            '<div class="notice" role="note"><p><strong>What was put right before grading</strong></p>'
            f"{items([text.replace(ASK_FOR_IT, SHOW_IT) for text in result.repairs])}</div>"
        )


# --------------------------------------------------------------------------- questions


def _question(question: QuestionResult, answers: Mapping[str, Answer], comment: str, shows: str) -> str:
    name = question.name
    share = question.score / question.max_score if question.max_score else 0.0
    status = STATUS.get(question.status, "")
    tag = f' <span class="tag bad">{status}</span>' if status else ""
    return f"""<section class="question" aria-labelledby="q-{escape(name, quote=True)}">
<header><h2 id="q-{escape(name, quote=True)}"><code>{escape(name)}</code>{tag}</h2>
<span class="number">{points(question.score)} of {points(question.max_score)} points</span></header>
<div class="meter" aria-hidden="true"><span style="width:{100 * share:.0f}%"></span></div>
{_comment(comment)}
{_first_step(question) if shows == "everything" else ""}
{_call(question) if shows == "everything" else ""}
{_checks(question, shows == "everything") if shows != "scores" else ""}
{_code(answers[name].text if name in answers else "")}
</section>"""


def _comment(comment: str) -> str:
    """Return what a person wrote; where nothing was handed in, the status says so instead."""
    return f'<div class="notice words"><p><strong>Comment</strong></p>{comment}</div>' if comment else ""


def _first_step(question: QuestionResult) -> str:
    """Return the one thing to look at first: the misconception, or how the call ended."""
    named = question.recognised
    if named is not None:
        return (
            '<div class="notice"><p><strong>Look at this first.</strong> '
            f"{escape(diagnosis(named.message))}</p><p>{read_more(named.see)}</p></div>"
        )
    if question.message:
        return f'<div class="notice"><p>{escape(question.message)}</p></div>'
    return ""


def _call(question: QuestionResult) -> str:
    """Return the first wrong call on the numbers of the notebook's own check, or why there is none."""
    wrong = question.example
    if wrong is None:
        return f'<p class="quiet">{escape(question.tried)}</p>' if question.tried else ""
    picture = ""
    with suppress(ArithmeticError, ValueError):  # the numbers stand below; one student's keep no page back
        picture = compared(wrong.picture) if wrong.picture is not None else ""
    return (
        f'<div class="call"><h3>A call that does not come out right: {escape(wrong.case)}</h3>'
        f'<p class="quiet">Of the notebook\'s own check; you can try it there.</p>'
        f"{preformatted(wrong.call, 'The call')}{picture}"
        f"<p>Your function returned</p>{preformatted(wrong.returned, 'What your function returned')}"
        f"<p>Expected</p>{preformatted(wrong.expected, 'What was expected')}</div>"
    )


def _checks(question: QuestionResult, explained: bool) -> str:
    """Return all checks; each place in the book is linked once, and what is said once is not said again.

    Parameters
    ----------
    explained : whether it is said what came out otherwise than expected
    """
    named = question.recognised
    linked = {named.see} if named is not None else set()
    said = {question.message}
    lines = []
    for check in question.checks:
        link = "" if check.passed or check.see in linked else read_more(check.see)
        linked.add(check.see if link else "")
        what = check.message.rpartition(": ")[2]  # without the case's name
        quiet = check.passed or check is named or check.message in said or what in said
        lines.append(_check(check, check.message if explained and not quiet else "", link))
        said |= {what}
    if not lines:
        return ""
    listed = f'<ul class="checks">{"".join(lines)}</ul>'
    if not all(check.passed for check in question.checks):
        return listed
    return f"<details><summary>All {len(lines)} checks passed</summary>{listed}</details>"


def _check(check: Verdict, said: str, link: str) -> str:
    kind, sign, word = (
        ("passed", "✓", "passed")
        if check.passed
        else ("partly", "◐", "partly")
        if check.points > 0
        else ("partly", "○", "not counted yet")
        if check.message == UNPAID
        else ("failed", "✗", "not passed")
    )
    detail = " ".join(part for part in (escape(said[:1].upper() + said[1:]), link) if part)
    return (
        f'<li><span class="mark {kind}">{sign}<span class="hidden"> {word}:</span></span>'
        f"<span>{escape(check.title)}</span>"
        f'<span class="number">{points(check.points)} / {points(check.max_points)}</span>'
        + (f'<span class="detail">{detail}</span>' if detail else "")
        + "</li>"
    )


def _code(source: str) -> str:
    shown = preformatted(source, "Your code")
    return f"<details><summary>Your code</summary>{shown}</details>" if source else ""


def _written(
    release: Release, row: Row, answers: Mapping[str, Answer], comments: Mapping[str, str]
) -> Iterator[str]:
    """Yield the answers that a person grades, with points and comment where there are any."""
    room = MAX_PICTURES
    for cell in release.cells:
        if cell.kind not in ("manual", "task"):
            continue
        graded = row.cells.get(cell.grade_id)
        waiting = graded is None or graded.waiting
        score = (
            "to be graded"
            if waiting or graded is None
            else f"{points(graded.score)} of {points(cell.points)} points"
        )
        answer = answers.get(cell.grade_id, Answer(""))
        pictures, room = _pictures(answer.pictures, room)
        yield f"""<section class="question">
<header><h2>{escape(cell.grade_id)}</h2><span class="number">{score}</span></header>
<p class="quiet">A written answer, graded by hand.</p>
{_comment(comments.get(cell.grade_id, "")) or _nothing(row.comments.get(cell.grade_id, ""))}
<details><summary>Your answer</summary>{preformatted(answer.text, "Your answer")}{pictures}</details>
</section>"""


def _pictures(pictures: Sequence[SafePicture], room: int) -> tuple[str, int]:
    """Return the pictures of an answer, those that are too large by name only, and the room that is left."""
    shown = []
    for number, picture in enumerate(pictures, start=1):
        name = f"Picture {number} of your answer"
        if len(picture.data) > room:
            shown.append(f'<p class="quiet">{name} is too large for this page; your instructor sees it.</p>')
            continue
        room -= len(picture.data)
        source = escape(f"data:image/{picture.kind};base64,{picture.data}", quote=True)
        shown.append(f'<figure><img src="{source}" alt="{name}"></figure>')
    return "".join(shown), room


def _nothing(comment: str) -> str:
    return f'<p class="quiet">{escape(comment)}</p>' if comment == NO_RESPONSE else ""
