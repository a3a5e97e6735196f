"""The autograded notebook, rebuilt: the release's skeleton, the student's source as text, our own outputs.

A student's outputs, widget state and metadata never come this far, and pictures were drawn anew. The rest is
text; what a browser would take for a tag, a picture, a link to a script or a command of TeX that is not known
to be harmless is pulled apart by a space. A heading becomes a line of text, by a character without width: its
words would be an id in the page, and formgrader finds the box of a grade by its id.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from autograder.course.directory import Course
from autograder.course.release import Release, ReleaseCell, text_of
from autograder.intake import formulas
from autograder.intake.pictures import SafePicture
from autograder.intake.submission import Intake
from autograder.values import CellOutput, QuestionResult, Result, Verdict

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}

COLOURED = 60_000  # characters of code in one notebook that are shown in colours
BLANK = re.compile(r"\s{200}")  # the colours' search takes quadratic time in it
BRACKETS = 3_000  # in one text; behind each, formgrader's renderer seeks the end of a link in all the rest
WORD_JOINER = "\u2060"  # is not seen and takes no room

_DEFUSE = (
    (re.compile(r"\r\n?"), "\n"),  # a renderer sees a line where these stand, and so must what follows
    (re.compile(r"(?<![\w(\\/&#])(?=#)"), WORD_JOINER),  # headings: # …
    (re.compile(r"^([ \t>]*)(?=[=-]+[ \t]*$)", re.M), rf"\1{WORD_JOINER}"),  # underlined ones
    (re.compile(r"\[(?=\^)"), "[ "),  # footnotes, which make ids where a renderer knows them
    (re.compile(r"<(?=[A-Za-z/!?])"), "< "),  # tags, comments, autolinks
    (re.compile(r"&(?=#|[A-Za-z]\w{0,40};)"), "& "),  # entities that spell them
    (re.compile(r"!(?=\[)"), "! "),  # pictures, which a browser fetches unasked from wherever a student says
    (re.compile(r"\](?=\((?![ \t]*(?:https?://|\#)))"), "] "),  # links to anything but the web
    (re.compile(r"\](?=:(?!\s*https?://))"), "] "),  # the same, when the address is named elsewhere
)
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")  # turn the order of the letters around them


def _in_line(text: str, turning: str) -> str:
    """Return a text whose letters keep their order and line; `turning` stands for what turns others."""
    if text.isascii():
        return text
    text = _TURNING.sub(turning, text)
    return text if _marks().isdisjoint(text) else _piled().sub(r"\1", text)


@cache  # at first use: most students write none of them
def _marks() -> frozenset[str]:
    """Return the accents and other marks that stand on the letter before them."""
    letters = map(chr, range(0x300, 0x1F000))
    return frozenset(
        c for c in letters if unicodedata.category(c) in ("Mn", "Me") or unicodedata.combining(c)
    )


@cache
def _piled() -> re.Pattern[str]:
    """Return the pattern of more than four marks on one letter, which reach over other lines."""
    marks = "".join(sorted(_marks()))
    return re.compile(f"([{marks}]{{4}})[{marks}]+")


def defused(markdown: str, released: Collection[str] = (), defined: Collection[str] = ()) -> str:
    """Return Markdown that shows the same words and runs nothing.

    Parameters
    ----------
    released : commands of TeX that the release defines
    defined : those that the student defines in other cells
    """
    markdown = _in_line(markdown, "")
    for pattern, replacement in _DEFUSE:
        markdown = pattern.sub(replacement, markdown)
    *plain, rest = formulas.harmless(markdown, released, defined).split("[", BRACKETS)
    return "[".join([*plain, rest.replace("[", "&#91;")])


def rebuilt(
    release: Release, intake: Intake, result: Result | None = None, outputs: tuple[CellOutput, ...] = ()
) -> dict[str, Any]:
    """Return the notebook to show and to grade by hand, as JSON; without a result it has no outputs."""
    by_index = {output.index: output for output in outputs}
    by_question = {question.id: question for question in result.questions} if result is not None else {}
    cells = [] if intake.submission.status == "graded" else [_notice(intake.submission.message)]
    released = formulas.defined("\n".join(cell.source for cell in release.cells if cell.cell_type != "code"))
    defined = {name for cell in intake.notebook for name in formulas.defined(cell.source)} - released
    for index, cell in enumerate(intake.notebook):
        origin = release.cells[cell.origin] if cell.origin is not None else None
        built = _cell(
            f"c{index}",
            cell.cell_type,
            _source(cell.cell_type, cell.source, origin, released, defined),
            origin,
        )
        built = _with_pictures(built, intake.pictures.get(index, ()))
        if cell.cell_type == "code":
            built |= {
                "execution_count": None,
                "outputs": _outputs(release, origin, by_index.get(index), by_question),
            }
        cells.append(built)
    metadata = {"kernelspec": KERNEL, "language_info": _language(cells)}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def _language(cells: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Return the notebook's language; code on whose words nbconvert works for minutes is marked as text.

    It looks at that mark where the language is IPython's only.
    """
    left, name = COLOURED, {"name": "python"}
    for cell in cells:
        if cell["cell_type"] != "code":
            continue
        if len(cell["source"]) > left or BLANK.search(cell["source"]):
            cell["metadata"]["magics_language"] = "text"
            name["pygments_lexer"] = "ipython3"
        else:
            left -= len(cell["source"])
    return name


@dataclass(frozen=True)
class Answer:
    """What a student put into a cell: the text, and pictures that were drawn anew."""

    text: str
    pictures: tuple[SafePicture, ...] = ()


def sources_of(course: Course, assignment: str, student: str) -> dict[str, str]:
    """Return the student's text of each named cell of the rebuilt notebook; nothing if there is none."""
    return {name: text_of(cell["source"]) for name, cell in _named(_on_disk(course, assignment, student))}


def answers_of(course: Course, assignment: str, student: str) -> dict[str, Answer]:
    """Return text and pictures of each named cell of the rebuilt notebook; nothing if there is none."""
    return answers_in(_on_disk(course, assignment, student))


def answers_in(notebook: Mapping[str, Any]) -> dict[str, Answer]:
    """Return text and pictures of each named cell of a rebuilt notebook."""
    return {name: _answer(cell) for name, cell in _named(notebook)}


def _on_disk(course: Course, assignment: str, student: str) -> dict[str, Any]:
    try:
        path = course.notebook("autograded", assignment, student)
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def _named(notebook: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for cell in notebook.get("cells", ()):
        if name := cell["metadata"].get("nbgrader", {}).get("grade_id"):
            yield name, cell


def _answer(cell: Mapping[str, Any]) -> Answer:
    """Return what `_with_pictures` put together."""
    text, attachments = text_of(cell["source"]), cell.get("attachments", {})
    pictures = tuple(
        SafePicture(name, data, kind.removeprefix("image/"))
        for name, forms in attachments.items()
        for kind, data in forms.items()
    )
    return Answer(text.removesuffix(_shown(attachments)), pictures)


def _notice(message: str) -> dict[str, Any]:
    text = f"**This submission could not be graded.** {defused(message)}"
    return {"cell_type": "markdown", "id": "notice", "metadata": {}, "source": text}


def _cell(name: str, cell_type: str, source: str, origin: ReleaseCell | None) -> dict[str, Any]:
    metadata = {"nbgrader": dict(origin.metadata)} if origin is not None and origin.grade_id else {}
    return {"cell_type": cell_type, "id": name, "metadata": metadata, "source": source}


def _with_pictures(cell: dict[str, Any], pictures: Sequence[SafePicture]) -> dict[str, Any]:
    """Return the cell with its pictures, drawn anew, below its text."""
    drawn = [picture for picture in pictures if picture.data]
    if not drawn:
        return cell
    names = [f"picture-{number}.{picture.kind}" for number, picture in enumerate(drawn, start=1)]
    attachments = {
        name: {f"image/{picture.kind}": picture.data} for name, picture in zip(names, drawn, strict=True)
    }
    return {**cell, "source": f"{cell['source']}{_shown(names)}", "attachments": attachments}


def _shown(names: Iterable[str]) -> str:
    """Return what shows attached pictures below a text."""
    return "".join(f"\n\n![picture of the student](attachment:{name})" for name in names)


def _source(
    cell_type: str,
    source: str,
    origin: ReleaseCell | None,
    released: Collection[str],
    defined: Collection[str],
) -> str:
    """Return the text to show; the release's own stays as it is, so that nbgrader's checksum knows it."""
    if origin is not None and source == origin.source:
        return source
    return _in_line(source, "\ufffd") if cell_type == "code" else defused(source, released, defined)


# --------------------------------------------------------------------------- outputs


def _outputs(
    release: Release,
    origin: ReleaseCell | None,
    output: CellOutput | None,
    questions: Mapping[str, QuestionResult],
) -> list[dict[str, Any]]:
    if origin is not None and origin.kind in ("check", "assert"):
        question = questions.get(release.question_of(origin))
        return (
            []
            if question is None
            else [_stream(_in_line(explained(question), "")), _points(question.score, origin.points)]
        )
    shown = []
    if output is not None and output.text:
        shown.append(_stream(_in_line(output.text, "")))
    if output is not None and output.error:
        shown.append(_error(_in_line(output.error, "")))
    return shown


def explained(question: QuestionResult) -> str:
    """Return the checks of a question as lines of text."""
    lines = [question.message] if question.message else []
    return "\n".join(lines + [_line(verdict) for verdict in question.checks]) + "\n"


def _line(verdict: Verdict) -> str:
    mark = "✓" if verdict.passed else "✗"
    message = f"\n    {verdict.message}" if verdict.message else ""
    return f"{mark} {verdict.points:g}/{verdict.max_points:g}  {verdict.title}{message}"


def _stream(text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": text}


def _points(score: float, points: float) -> dict[str, Any]:
    """Return the points as nbgrader reads them: the one result of a graded cell, a number within bounds."""
    clipped = min(max(float(score), 0.0), float(points))
    data = {"text/plain": repr(clipped)}
    return {"output_type": "execute_result", "execution_count": None, "metadata": {}, "data": data}


def _error(error: str) -> dict[str, Any]:
    name, _, value = error.strip().rpartition("\n")[2].partition(":")
    return {"output_type": "error", "ename": name, "evalue": value.strip(), "traceback": error.splitlines()}
