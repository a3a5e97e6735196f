"""A term: 40 people and three assignments, from archives and exchange to grades that two systems take in.

What everybody must get is worked out here from what they wrote, without the grader.
"""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook

from tests.support.canvas import import_gradebook
from tests.support.courses import HERE, ONE_CENTRE, cell_of, command, grade_id, is_answer
from tests.support.desk import Caller, running
from tests.support.moodle import import_worksheet

FIRST = ("Ada", "Ben", "Cleo", "Jörg", "Eva", "Fay", "Gül", "Hugo")
LAST = ("Adams", "Größe", "Çelik", "Diaz", "Evans")
NAMES = [(first, last) for last in LAST for first in FIRST]  # whose numbers are those of the people
IDS = [f"s{number:02}" for number in range(40)]
DUE = datetime(2026, 11, 20, 18)

# --------------------------------------------------------------------------- the class's own script

SUM = {"moments": "def moments(X):\n    c = X.mean(axis=0)\n    return c, np.sqrt(((X - c) ** 2).sum())"}
RAISES = {"scaled": "def scaled(X, centre, spread):\n    import gmmlib\n    return gmmlib.scaled(X)"}
PEEKS = {
    "scaled": "def scaled(X, centre, spread):\n    import sys\n    frame = sys._getframe()\n"
    "    while frame:\n        if 'expected' in frame.f_locals:\n"
    "            return frame.f_locals['expected']\n"
    "        frame = frame.f_back\n    return X"
}
# Of 10 points. moments is worth 4, in eight parts: shapes 1, centre 2.5 + 1, spread 2.5 + 1. scaled is worth
# 4: shapes 1, two features 5, one feature 2. standardise is worth 2, and asked upon right moments and scaled.
BY_MACHINE = {
    "right": 10.0,
    "sum": 2.25 + 4 + 2,
    "centre": 4 + 1.5 + 2,
    "sum and centre": 2.25 + 1.5 + 2,
    "raises": 4 + 0 + 2,
    "cheats": 4 + 0 + 2,
    "twice": 10.0,
    **dict.fromkeys(("nothing written", "cut off", "no notebook"), 0.0),
}
CODE: dict[str, dict[str, str]] = {
    "right": {},
    "sum": SUM,
    "centre": ONE_CENTRE,
    "sum and centre": SUM | ONE_CENTRE,
    "raises": RAISES,
    "cheats": PEEKS,
    "twice": {},
}
KINDS = [
    *["right"] * 7,
    *["sum"] * 5,
    *["centre"] * 6,
    *["sum and centre"] * 3,
    *["raises"] * 2,
    *["cheats", "twice"],
    *["nothing written"] * 3,
    *["cut off"] * 2,
    *["no notebook"] * 2,
    *["never"] * 8,
]
WORDS = ("Squares are divided by $s^2$.", "squares are   divided by $s^2$.", "It is so.", "")
BY_HAND = (6.0, 6.0, 1.5, 0.0)  # of 6 points, for these words
# (times x, hours after the deadline) for each attempt; 3 points for 2 x, a tenth off for each day begun.
EXCHANGE = {
    "right": [(2, -9)],
    "wrong": [(3, -8)],
    "late": [(2, 47)],
    "wrong and late": [(3, 47)],
    "extended": [(2, 47)],
    "better in time": [(3, -7), (2, -6)],
    "worse, and late": [(2, -5), (3, 20)],
    "never": [],
}
WAYS = [*["right"] * 6, *["wrong"] * 3, *["late"] * 3, "wrong and late", *["extended"] * 2]
WAYS += [*["better in time"] * 2, *["worse, and late"] * 2, *["never"] * 21]
REMARK = "Take **each** feature's own centre, $c_j$."


def kind_of(number: int, assignment: str) -> str:
    """What somebody does in tiny or final: in the second one everybody is another one."""
    return KINDS[(number + (17 if assignment == "final" else 0)) % 40]


def words_of(number: int, assignment: str) -> int:
    return (number // 2 + (assignment == "final")) % 4


def score_in(assignment: str, number: int) -> float | None:
    """What somebody must have of 16 points; None for no grade."""
    kind = kind_of(number, assignment)
    if kind == "never":
        return None
    return BY_MACHINE[kind] + (BY_HAND[words_of(number, assignment)] if kind in CODE else 0.0)


def score_in_other(number: int, factor: int = 2) -> float | None:
    """What somebody must have of 3 points while the check takes `factor` times x for right."""
    way = WAYS[number]
    if way == "never":
        return None
    times, late = {"better in time": EXCHANGE[way][-1]}.get(way, EXCHANGE[way][0])
    off = 0.2 if late == 47 and way != "extended" else 0.0
    return 3.0 * (1 - off) if times == factor else 0.0


# --------------------------------------------------------------------------- what they hand in


def made(course: Path, assignment: str, written: Mapping[str, str]) -> dict[str, Any]:
    """The released notebook with these cells written, and the model's in the others."""
    release, source = (
        json.loads((course / folder / assignment / f"{assignment}.ipynb").read_text("utf-8"))
        for folder in ("release", "source")
    )
    right = {grade_id(cell): cell["source"] for cell in source["cells"] if is_answer(cell)}
    for cell in release["cells"]:
        if grade_id(cell) in right:
            cell["source"] = written.get(grade_id(cell), right[grade_id(cell)])
    return dict(release)


def handed_in(course: Path, assignment: str, number: int, second: bool) -> tuple[str, bytes]:
    """Name and bytes of the file that somebody hands in."""
    kind, name = kind_of(number, assignment), f"{assignment}.ipynb"
    released = (course / "release" / assignment / name).read_bytes()
    if kind == "no notebook":
        return f"{assignment}.docx", b"PK not really"
    if kind == "nothing written":
        return name, released
    if kind == "cut off":
        return name, released[: len(released) // 2]
    words = WORDS[words_of(number, assignment)]
    stub = next(cell for cell in json.loads(released)["cells"] if grade_id(cell) == "why")["source"]
    code = SUM if kind == "twice" and not second else CODE[kind]
    notebook = made(course, assignment, {**code, "why": words or stub})
    if kind == "cheats":
        cell = cell_of(notebook, "moments-check")
        cell["source"] = "print('All checks passed')"
        cell["metadata"]["nbgrader"]["points"] = 100
    return name, json.dumps(notebook).encode()


def archive(course: Path, assignment: str, second: bool = False) -> Path:
    """What Moodle gives of tiny, and Canvas of final."""
    path = course.parent / f"{assignment}-{second}.zip"
    with zipfile.ZipFile(path, "w") as opened:
        for number, (first, last) in enumerate(NAMES):
            if kind_of(number, assignment) == "never":
                continue
            name, data = handed_in(course, assignment, number, second)
            place = f"{first} {last}_{40000 + number}_assignsubmission_file_/{name}"
            if assignment == "final":
                again = "-1" if second and kind_of(number, assignment) == "twice" else ""
                stem, _, ending = name.partition(".")
                place = f"{(last + first).lower()}_{700 + number}_{9000 + number}_{stem}{again}.{ending}"
            opened.writestr(place, data)
    return path


def put_into_exchange(course: Path) -> None:
    """Everybody's attempts of other, as nbgrader's submit leaves them."""
    for number, student in enumerate(IDS):
        for times, hours in EXCHANGE[WAYS[number]]:
            stamp = f"{DUE + timedelta(hours=hours)} UTC"
            folder = course / "exchange" / course.name / "inbound" / f"{student}+other+{stamp}+{number}"
            folder.mkdir(parents=True)
            code = f"def double(x):\n    return {times} * x"
            (folder / "other.ipynb").write_text(json.dumps(made(course, "other", {"double": code})), "utf-8")
            (folder / "timestamp.txt").write_text(stamp, encoding="utf-8")


# --------------------------------------------------------------------------- the term


@dataclass(frozen=True)
class Term:
    """A course at the end of its term, and what the desk answered on the way."""

    course: Path
    preview: dict[str, Any]
    regrade: dict[str, Any]
    exports: Mapping[str, str]  # by assignment
    returned: Mapping[str, dict[str, str]]  # pages by assignment and the name in the archive


def typed(*words: str | Path) -> str:
    done = command(*words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def begun(folder: Path) -> Path:
    """The course: three small assignments, one check of them wrong; the roster of both systems."""
    solutions, course = folder / "assignments", folder / "fall"
    shutil.copytree(HERE / "assignments", solutions)
    shutil.copytree(solutions / "tiny", solutions / "final")
    text = (solutions / "final" / "tiny.py").read_text("utf-8").replace("tiny.", "final.")
    (solutions / "final" / "tiny.py").unlink()
    (solutions / "final" / "final.py").write_text(text, encoding="utf-8")
    typed("init", course, "--solutions", solutions)
    questions = {path.stem: path.read_text("utf-8") for path in (HERE / "questions").glob("*.py")}
    wrong = questions["other"].replace("lambda x: 2 * x", "lambda x: 3 * x")
    for name, content in (("tiny", questions["tiny"]), ("other", wrong)):
        (course / "questions" / f"{name}.py").write_text(content, encoding="utf-8")
    final = questions["tiny"].replace("tiny.", "final.")
    (course / "questions" / "final.py").write_text(final, encoding="utf-8")
    with (course / "nbgrader_config.py").open("a", encoding="utf-8") as settings:
        settings.write("\nc.Autograder.late_per_day = 0.1\n")
    typed("release", "--course", course)
    moodle, canvas = folder / "participants.csv", folder / "gradebook.csv"
    lines = [f"{first},{last},{IDS[number]}" for number, (first, last) in enumerate(NAMES)]
    moodle.write_text("\n".join(["First name,Last name,Username", *lines]), encoding="utf-8")
    lines = [f'"{last}, {first}",{700 + n},,{IDS[n]},A,' for n, (first, last) in enumerate(NAMES)]
    head = "Student,ID,SIS User ID,SIS Login ID,Section,final (4711)"
    canvas.write_text("\n".join([head, "    Points Possible,,,,,16", *lines]), encoding="utf-8")
    for table in (moodle, canvas):
        typed("people", "import", table, "--course", course)
    with closing(Gradebook(f"sqlite:///{course}/gradebook.db")) as gradebook:
        gradebook.update_or_create_assignment("other", duedate=f"{DUE} UTC")
    return course


def job(desk: Caller, assignment: str, what: str) -> dict[str, Any]:
    assert desk.post(f"/a/{assignment}/{what}").status == 202
    ended = desk.wait(assignment)
    assert ended["state"] == "done", ended
    return ended


def grade_by_hand(desk: Caller, assignment: str) -> None:
    """Every group of answers gets its points, as their first words say."""
    groups = desk.get(f"/a/{assignment}/by-hand/why/answers").values["groups"]
    # Two of the three ways of writing differ in spaces and capitals only; two hand in a document alone.
    assert len(groups) == 3
    for group in groups:
        text = desk.get(f"/a/{assignment}/by-hand/why/answer/{group['key']}").values["typed"]
        points = 6.0 if text.casefold().startswith("squares") else 0.0 if ".docx" in text else 1.5
        given = {"key": group["key"], "points": points, "comment": "" if points > 5 else "Why? See $s^2$."}
        assert desk.post(f"/a/{assignment}/by-hand/why/points", given).status == 200


def one_comment(desk: Caller) -> None:
    """One remark for everybody in tiny who took the first feature's centre for all."""
    likes = IDS[KINDS.index("centre")]
    said = desk.post("/a/tiny/comment", {"function": "scaled", "student": likes, "comment": REMARK})
    who = [IDS[n] for n in range(40) if "centre" in kind_of(n, "tiny")]
    assert (said.status, sorted(said.values["written"])) == (200, who), said.text


def correct(course: Path) -> None:
    path = course / "questions" / "other.py"
    path.write_text(path.read_text("utf-8").replace("lambda x: 3 * x", "lambda x: 2 * x"), encoding="utf-8")


def pages_in(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        return {name: opened.read(name).decode("utf-8") for name in opened.namelist()}


@pytest.fixture(scope="module")
def term(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Term]:
    course = begun(tmp_path_factory.mktemp("term"))
    with running(course) as desk:
        desk.sign_in()
        for assignment in ("tiny", "final"):
            for second in (False, True):
                taken = desk.upload(f"/a/{assignment}/collect", archive(course, assignment, second))
                assert taken.status == 200, taken.text
        put_into_exchange(course)
        extended = [IDS[number] for number in range(40) if WAYS[number] == "extended"]
        until = f"{DUE + timedelta(days=3):%Y-%m-%dT%H:%M}"
        for student in extended:
            assert desk.post("/a/other/extend", {"student": student, "until": until}).status == 200
        shown = f"until {DUE + timedelta(days=3):%d %b %Y, %H:%M}"
        assert desk.get("/a/other").text.count(shown) == len(extended)
        typed("collect", "other", "--exchange", "--course", course)
        for assignment in ("tiny", "final", "other"):
            job(desk, assignment, "grade")
        for assignment in ("tiny", "final"):
            grade_by_hand(desk, assignment)
        one_comment(desk)
        correct(course)
        preview, regrade = job(desk, "other", "preview"), job(desk, "other", "regrade")
        assert desk.post("/a/other/exchange").status == 200
        ways = {"tiny": "moodle", "final": "canvas", "other": "csv"}
        exports = {name: desk.get(f"/a/{name}/export/{way}") for name, way in ways.items()}
        assert {answer.status for answer in exports.values()} == {200}
        returned = {
            name: pages_in(desk.get(f"/a/{name}/return/{ways[name]}").body) for name in ("tiny", "final")
        }
        yield Term(course, preview, regrade, {k: v.text for k, v in exports.items()}, returned)


def test_moodle_takes_in_everybodys_grade_and_no_other(term: Term) -> None:
    participants = {str(40000 + number) for number in range(40)}
    taken = import_worksheet(term.exports["tiny"], participants)
    right = {str(40000 + number): score_in("tiny", number) for number in range(40)}
    assert taken == {number: score for number, score in right.items() if score is not None}


def test_canvas_takes_in_everybodys_grade_and_no_other(term: Term) -> None:
    taken = import_gradebook(term.exports["final"], {str(700 + n) for n in range(40)}, {"4711": 16.0})
    assert taken == {"4711": {str(700 + number): score_in("final", number) for number in range(40)}}


def test_the_table_of_the_exchanges_assignment_has_late_rule_extensions_and_attempts(term: Term) -> None:
    lines = {line["student_id"]: line for line in csv.DictReader(io.StringIO(term.exports["other"]))}
    found = {name: float(line["score"]) if line["score"] else None for name, line in lines.items()}
    assert found == {IDS[number]: pytest.approx(score_in_other(number)) for number in range(40)}


@pytest.mark.parametrize("what", ["preview", "regrade"])
def test_a_corrected_check_changes_whose_answer_it_misjudged(term: Term, what: str) -> None:
    ended = term.preview if what == "preview" else term.regrade
    found = {change["student"]: (change["before"], change["after"]) for change in ended["changes"]}
    both = {IDS[n]: (score_in_other(n, 3), score_in_other(n, 2)) for n in range(40) if WAYS[n] != "never"}
    expected = {name: pytest.approx(pair) for name, pair in both.items() if pair[0] != pair[1]}
    assert found == expected
    assert len(expected) == 19


def points_on(page: str) -> float:
    matched = re.search(r'<p class="score">([\d.]+) <small>of 16 points', page)
    assert matched is not None
    return float(matched[1])


@pytest.mark.parametrize("assignment", ["tiny", "final"])
def test_each_page_goes_back_to_its_student_with_the_score_that_counts(term: Term, assignment: str) -> None:
    first = 40000 if assignment == "tiny" else 700
    pages = {
        int(re.search(r"_(\d+)_", name)[1]) - first: page  # type: ignore[index]
        for name, page in term.returned[assignment].items()
    }
    expected = {n: score_in(assignment, n) for n in range(40) if score_in(assignment, n) is not None}
    assert {number: points_on(page) for number, page in pages.items()} == pytest.approx(expected)
    for number, page in pages.items():
        assert f"feedback for {' '.join(NAMES[number])}" in page


def test_one_remark_stands_on_the_pages_of_all_who_made_the_mistake_and_on_no_other(term: Term) -> None:
    pages = term.returned["tiny"]
    who = {name.partition("_")[0] for name, page in pages.items() if "Take <strong>each</strong>" in page}
    assert who == {" ".join(NAMES[n]) for n in range(40) if "centre" in kind_of(n, "tiny")}


def test_the_exchange_has_the_page_of_everybody_who_handed_in_there(term: Term) -> None:
    there = {path.read_bytes() for path in (term.course / "exchange" / "fall" / "feedback").rglob("*.html")}
    ours = {
        student: (term.course / "feedback" / student / "other" / "other.html").read_bytes()
        for number, student in enumerate(IDS)
        if WAYS[number] != "never"
    }
    assert there == set(ours.values())
    assert not (term.course / "feedback" / IDS[39] / "other").exists()
