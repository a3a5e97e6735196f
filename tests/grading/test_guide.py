"""The instructor's guide does what it says: each way runs as written, its question works as printed."""

from __future__ import annotations

import csv
import json
import os
import re
import shlex
import socket
import subprocess
import sys
import zipfile
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from autograder.check.asking import answer, public_cases
from autograder.judge.points import judge
from autograder.links import wheel_url
from autograder.values import Question, QuestionAnswers, QuestionResult
from tests.support import desk, programs
from tests.support.guide import PAGES, Printed, Step, steps, text_of
from tests.support.sample_class.build import STUDENTS, notebook

ROOT = Path(__file__).parents[2]
BOOK = "https://example.org/gmm"
CLASS = ("ada", "chen", "emil", "lena", "nora")  # the sample class without those who take a long time
HAND_IN = "https://hand-in.example.org"
ABSENT = "dan"  # in the roster, and handed nothing in
WRONG = "def doubt(responsibilities):\n    return np.sort(responsibilities, axis=1)[:, -2]"

#: How each system names a student's file in its archive, and the table of who is there that it gives.
ARCHIVES = {
    "instructors-moodle": "{first} Lee_{number}_assignsubmission_file_/em.ipynb",
    "instructors-canvas": "lee{name}_{number}_90{number}_em.ipynb",
}
TABLES = {
    "participants.csv": ("First name,Last name,Email address", "{first},Lee,{name}@example.org"),
    "gradebook.csv": (
        "Student,ID,SIS User ID,SIS Login ID,Section,em (4711)\n    Points Possible,,,,,16",
        '"Lee, {first}",{number},S{number},{name},A,',
    ),
}


# --------------------------------------------------------------------------- the whole way, once


@dataclass
class Reader:
    """Who follows pages of the guide: where they are, and what they were told."""

    home: Path
    place: Path
    said: list[tuple[str, str]] = field(default_factory=list)
    penalties: list[float] = field(default_factory=list)  # emil's, whenever somebody looks

    def follow(self, page: str) -> None:
        """Do what a page says, in its order."""
        for step in steps(page):
            if isinstance(step, Step):
                STEPS[step.what](self)
            elif isinstance(step, Printed):
                before = (self.place / step.path).read_text(encoding="utf-8") if step.at_end else ""
                (self.place / step.path).write_text(before + step.text, encoding="utf-8")
            else:
                self.type(step.line)
                hand_in(self, page)

    def type(self, line: str) -> None:
        """Do as a line says; grading may end with 1, since a file of the class is broken."""
        if line.startswith("cd "):
            self.place = self.place / line.removeprefix("cd ").replace("~", str(self.home))
        elif line in STANDS_FOR:
            STANDS_FOR[line](self)
        else:
            line, _, file = line.partition(" > ")
            done = self.run(line)
            if file:
                (self.place / file).write_text(done.stdout, encoding="utf-8")
            allowed = (0, 1) if re.match("autograder (re)?grade em", line) else (0,)
            assert done.returncode in allowed, f"{line}\n{done.stdout}\n{done.stderr}"
            self.said.append((line, done.stdout))

    def run(self, line: str) -> subprocess.CompletedProcess[str]:
        """Run a line: in a shell, but our own commands in a process that has imported them already."""
        tools = Path(sys.executable).parent
        environment = {
            "HOME": str(self.home),
            "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
            "GIT_CONFIG_COUNT": "1",  # the repository's address leads to this checkout
            "GIT_CONFIG_KEY_0": f"url.{ROOT.as_uri()}.insteadOf",
            "GIT_CONFIG_VALUE_0": "https://example.org/gmm-course.git",
        }
        words = [word.replace("~", str(self.home)) for word in shlex.split(line)]
        if words[0] in ("autograder", "nbgrader"):
            return programs.run(words[0], words[1:], self.place, environment, 900)
        return subprocess.run(
            ["bash", "-c", line],
            cwd=self.place,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )


def install(reader: Reader) -> None:
    """`make install` makes the environment that runs this suite: see that it would, and take that."""
    done = reader.run("make --dry-run --always-make install")
    assert "tools/system-packages course" in done.stdout, done.stderr
    assert "tools/python-packages" in done.stdout
    (reader.place / ".venv").symlink_to(Path(sys.executable).parents[1])


def make_book(reader: Reader) -> None:
    """`make book` takes minutes, and tests/book does it; here the site has what students install."""
    assert "book/build.py" in reader.run("make --dry-run book").stdout
    sys.path.insert(0, str(ROOT / "book" / "_ext"))
    try:
        from gmm_book import runtime
    finally:
        sys.path.pop(0)
    runtime.build_wheel(ROOT, reader.place / "_build" / "html" / "_static" / "runtime")


def at_the_desk(reader: Reader) -> None:
    """A person gives ada, the only one who wrote, 3 points at the desk."""
    with desk.running(reader.place) as caller:
        caller.sign_in()
        groups = caller.get("/a/em/by-hand/shared-variance/answers").values["groups"]
        assert [group["names"] for group in groups] == [["Ada Lee"]]
        given = {"key": groups[0]["key"], "points": 3.0, "comment": "Why is it a maximum?"}
        assert caller.post("/a/em/by-hand/shared-variance/points", given).status == 200


def hand_in_by_links(reader: Reader) -> None:
    """Each student but one opens the link, hands in, and is told that it was received."""
    release = json.loads((reader.place / "release" / "em" / "em.ipynb").read_text("utf-8"))
    with desk.running(reader.place, HAND_IN) as caller:
        for row in lines_of(reader.place / "links.csv"):
            if row["student"] == ABSENT:
                continue
            text = (STUDENTS / f"{row['student']}.py").read_text(encoding="utf-8")
            link = row["link"].removeprefix(HAND_IN)
            assert caller.students.get(link).status == 200
            taken = caller.students.upload(f"{link}/file", notebook(release, text), "em.ipynb")
            assert taken.status == 200, taken.text
            assert "as attempt 1." in taken.values["message"]


def formgrader(reader: Reader) -> None:
    """JupyterLab, without a browser: formgrader knows whose answers wait."""
    waiting = served_by_formgrader(reader.place)
    assert "ada" in waiting
    assert not any(waiting.values())  # her points by hand stand after a regrade; the others wrote nothing


def grant_a_day(reader: Reader) -> None:
    """More time for emil: what lateness costs before that is noted."""
    reader.penalties.append(penalty_of(reader.place, "emil"))
    done = reader.run(MORE_TIME)
    assert done.returncode == 0, done.stderr


def penalty_of(place: Path, student: str) -> float:
    """What lateness costs this student in `em`, in points."""
    from autograder.course.directory import open_course
    from autograder.record.rows import rows

    return {row.person.id: row.penalty for row in rows(open_course(place), "em")}[student]


MORE_TIME = "autograder people extend emil em --days 1"
STANDS_FOR = {
    MORE_TIME: grant_a_day,
    "make install": install,
    "make book": make_book,
    "autograder serve --open": at_the_desk,
    f"autograder serve --open --students {HAND_IN}": hand_in_by_links,
    "jupyter lab": formgrader,
}
STEPS = {"points by hand at the desk": at_the_desk}


def hand_in(reader: Reader, page: str) -> None:
    """What happens meanwhile: the system's archive, and two notebooks of the own assignment."""
    release = reader.home / "fall" / "release" / "em" / "em.ipynb"
    if page in ARCHIVES and release.exists() and not (reader.home / "em.zip").exists():
        with zipfile.ZipFile(reader.home / "em.zip", "w") as archive:
            for number, name in enumerate(CLASS):
                text = (STUDENTS / f"{name}.py").read_text(encoding="utf-8")
                file = ARCHIVES[page].format(name=name, first=name.title(), number=7001 + number)
                archive.writestr(file, notebook(json.loads(release.read_text("utf-8")), text))
    own, folder = reader.home / "fall" / "source" / "own" / "own.ipynb", reader.home / "own"
    if own.exists() and not folder.exists():
        folder.mkdir()
        content = json.loads(own.read_text(encoding="utf-8"))
        (folder / "right.ipynb").write_text(json.dumps(content), encoding="utf-8")
        for cell in content["cells"]:
            if cell["metadata"].get("nbgrader", {}).get("grade_id") == "doubt":
                cell["source"] = WRONG
        (folder / "wrong.ipynb").write_text(json.dumps(content), encoding="utf-8")


def served_by_formgrader(course: Path) -> dict[str, bool]:
    """Whose written answers wait, as formgrader tells."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    lab = Path(sys.executable).with_name("jupyter-lab")
    options = ["--no-browser", "--allow-root", "--port", port, "--IdentityProvider.token=test"]
    with (course / "lab.log").open("w") as log:
        process = subprocess.Popen([lab, *options], cwd=course, stderr=log)
    try:
        address = f"http://127.0.0.1:{port}/formgrader/api/submitted_notebooks/em/em?token=test"
        for _ in range(2400):  # ten minutes at most until it listens
            with suppress(URLError), urlopen(address, timeout=600) as reply:
                return {entry["student"]: entry["needs_manual_grade"] for entry in json.load(reply)}
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=0.25)
                break
        pytest.fail((course / "lab.log").read_text(encoding="utf-8")[-2000:])
    finally:
        process.kill()
        process.wait()


def reader_at(home: Path) -> Reader:
    """Somebody with an empty machine, and the system's tables in the downloads."""
    (home / "public_html").mkdir()
    for name, (head, line) in TABLES.items():
        people = [
            line.format(name=each, first=each.title(), number=7001 + number)
            for number, each in enumerate((*CLASS, ABSENT))
        ]
        (home / name).write_text("\n".join([head, *people]) + "\n", encoding="utf-8")
    return Reader(home, home)


@pytest.fixture(scope="module")
def with_moodle(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """The way with Moodle, from the start to the end."""
    reader = reader_at(tmp_path_factory.mktemp("moodle"))
    reader.follow("instructors-moodle")
    return reader


@pytest.fixture(scope="module")
def with_canvas(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """The way with Canvas, from the start to the end."""
    reader = reader_at(tmp_path_factory.mktemp("canvas"))
    reader.follow("instructors-canvas")
    return reader


@pytest.fixture(scope="module")
def with_links(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """The way with personal links, from the start to the end."""
    reader = reader_at(tmp_path_factory.mktemp("links"))
    reader.follow("instructors-links")
    return reader


def lines_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_way_with_moodle_ends_with_points_and_pages_that_find_their_students(with_moodle: Reader) -> None:
    course = with_moodle.place
    numbers = {f"Participant {7001 + place}": name for place, name in enumerate(CLASS)}
    points = {numbers[row["Identifier"]]: row["Grade"] for row in lines_of(course / "em-moodle.csv")}
    assert points == {"ada": "13", "chen": "10", "emil": "6.875", "lena": "0", "nora": "0"}
    with zipfile.ZipFile(course / "em-feedback-moodle.zip") as archive:
        names = archive.namelist()
        (of_emil,) = (name for name in names if name.startswith("Emil"))  # who has something to read
        assert f"{BOOK}/book/".encode() in archive.read(of_emil)
    assert sorted(names) == [
        f"{name.title()} Lee_{7001 + place}_assignsubmission_file_/em-feedback.html"
        for place, name in enumerate(CLASS)
    ]


def test_the_way_with_canvas_ends_with_points_and_pages_that_find_their_students(
    with_canvas: Reader, course: Path
) -> None:
    assert course == with_canvas.place
    rows = {row["ID"]: row for row in lines_of(course / "em-canvas.csv")}
    assert rows["7001"]["em (4711)"] == "13"
    assert rows[str(7001 + len(CLASS))]["em (4711)"] == ""  # who handed nothing in
    with zipfile.ZipFile(course / "em-feedback-canvas.zip") as archive:
        assert archive.namelist()[0] == "leeada_7001_907001_em-feedback.html"


def test_the_way_with_links_ends_with_each_student_s_own_page_behind_the_link(with_links: Reader) -> None:
    from autograder.course.directory import open_course
    from autograder.record.rows import rows

    scores = {row.person.id: row.score for row in rows(open_course(with_links.place), "em")}
    assert scores == {"ada": 13.0, "chen": 10.0, "emil": 6.875, "lena": 0.0, "nora": 0.0, ABSENT: 0.0}
    table = lines_of(with_links.place / "links.csv")
    links = {row["student"]: row["link"].removeprefix(HAND_IN) for row in table}
    with desk.running(with_links.place, HAND_IN) as caller:
        pages = {student: caller.students.get(f"{link}/feedback") for student, link in links.items()}
    assert {student: page.status for student, page in pages.items()} == {
        **dict.fromkeys(CLASS, 200),
        ABSENT: 404,
    }
    assert f"{BOOK}/book/" in pages["emil"].text  # who has something to read
    assert (with_links.place / "em-grades.xlsx").is_file()


@pytest.mark.parametrize("way", ["with_moodle", "with_canvas"])
def test_whoever_is_missing_is_said_when_submissions_are_taken_in(
    way: str, request: pytest.FixtureRequest
) -> None:
    reader: Reader = request.getfixturevalue(way)
    said = next(said for line, said in reader.said if line.startswith("autograder collect"))
    assert re.search(rf"nothing of 1 of the class: {ABSENT}\b", said)


@pytest.mark.parametrize("way", ["with_moodle", "with_canvas", "with_links"])
def test_what_students_install_lies_where_the_guide_says(way: str, request: pytest.FixtureRequest) -> None:
    reader: Reader = request.getfixturevalue(way)
    inside = wheel_url(BOOK).removeprefix(f"{BOOK}/")
    assert (reader.home / "public_html" / "gmm" / inside).is_file()


def test_each_line_that_installs_the_students_package_has_its_address() -> None:
    pages = ["intro", *(path.stem for path in PAGES)]
    found = re.findall(r"pip install (https\S+\.whl)", "".join(map(text_of, pages)))
    assert len(found) == 6  # a page for each way, the guide's first and the book's
    assert set(found) == {wheel_url(BOOK)}


@pytest.fixture(scope="module")
def course(with_canvas: Reader) -> Path:
    """The course of the way with Canvas, after the pages that all ways share."""
    with_canvas.follow("instructors-grading")
    with_canvas.follow("instructors-own")
    return with_canvas.place


def test_the_printed_penalty_takes_ten_percent_for_a_day_and_leaves_points_given_by_hand(
    course: Path, with_canvas: Reader
) -> None:
    from autograder.course.directory import open_course
    from autograder.record.rows import rows

    row = {row.person.id: row for row in rows(open_course(course), "em")}
    automatic, by_hand = 10.0, 3.0
    assert with_canvas.penalties == [pytest.approx(0.1 * row["emil"].score)]
    assert row["emil"].score == 6.875
    assert row["ada"].score == automatic + by_hand
    assert not row["ada"].penalty


def test_the_day_that_the_guide_grants_takes_the_penalty_away(course: Path) -> None:
    assert penalty_of(course, "emil") == 0


def test_the_printed_question_grades_a_right_and_a_wrong_notebook(course: Path) -> None:
    content = json.loads((course / "own.json").read_text(encoding="utf-8"))
    found = {result["student"]: result for result in content["results"]}
    assert found["right"]["score"] == 4.0
    assert found["wrong"]["score"] < 4.0
    named = {check["misconception"] for check in found["wrong"]["questions"][0]["checks"]}
    assert "second-largest-share" in named


@pytest.mark.parametrize("page", [path.stem for path in PAGES])
def test_every_command_that_the_guide_names_exists(page: str) -> None:
    code = "\n".join(re.findall(r"`([^`]*)`", text_of(page)))
    said = set(re.findall(r"\bautograder ([a-z]+)\b", code))
    known = programs.run("autograder", ["--help"], ROOT, {}, 600).stdout
    assert {name for name in said if not re.search(rf"^\s+{name}\s", known, re.M)} == set()


# --------------------------------------------------------------------------- the printed question


@pytest.fixture(scope="module")
def question(tmp_path_factory: pytest.TempPathFactory) -> Question:
    """The question as the page prints it."""
    path = tmp_path_factory.mktemp("questions") / "own.py"
    printed = [step for step in steps("instructors-own") if isinstance(step, Printed)]
    path.write_text(next(step.text for step in printed if step.path == "questions/own.py"), encoding="utf-8")
    spec = spec_from_file_location("own", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    found: Question = module.QUESTIONS[0]
    return found


def judged(question: Question, function: Any) -> QuestionResult:
    """The verdict on a function, for 4 points."""
    cases = public_cases(question)
    answers = {case.name: answer(function, case, len(question.returns))[0] for case in cases}
    return judge(question, cases, QuestionAnswers("graded", answers), 4.0)


def test_the_printed_reference_earns_everything(question: Question) -> None:
    assert judged(question, question.reference).score == 4.0


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_each_printed_misconception_loses_points_and_is_named(question: Question) -> None:
    for misconception in question.misconceptions:
        result = judged(question, misconception.implementation)
        assert result.score < 4.0, misconception.name
        assert misconception.name in {check.misconception for check in result.checks}


def test_zeros_of_the_right_shape_earn_nothing(question: Question) -> None:
    assert judged(question, lambda R: 0.0 * R[:, 0]).score <= 0.2 * 4.0
