"""`autograder regrade`: repeated exactly or drawn anew, and the table says whose score changed."""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from autograder.cli import main
from tests.support.courses import HERE, ONE_CENTRE, PROSE, command, filled, graded, hand_in, new_course
from tests.support.killing import killed

# tiny.scaled as it is, but it writes down what it drew: the only way to see a secret input from a test.
QUESTION = (
    (HERE / "questions" / "tiny.py").read_text(encoding="utf-8")
    + """

from dataclasses import replace
from pathlib import Path

MOMENTS, SCALE, STANDARDISE = QUESTIONS


PUBLIC = [case.arguments[0].sum() for case in SCALE.public_cases]


def draw(rng):
    cases = SCALE.draw(rng)
    if [case.arguments[0].sum() for case in cases] == PUBLIC:  # for who wants to compare answers
        return cases
    with Path(__file__).with_suffix(".drawn").open("a") as file:
        print(*(case.arguments[0].sum() for case in cases), file=file)
    return cases


QUESTIONS = (MOMENTS, replace(SCALE, draw=draw), STANDARDISE)
"""
)
CORRECTED = (
    QUESTION
    + """
fair = tuple(check for check in SCALE.checks if check.title.endswith("right for one feature."))
QUESTIONS = (MOMENTS, replace(SCALE, draw=draw, checks=fair), STANDARDISE)
"""
)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A right and a wrong submission, graded; not to be changed."""
    course = new_course(tmp_path_factory.mktemp("regrade") / "course")
    (course / "questions" / "tiny.py").write_text(QUESTION, encoding="utf-8")
    hand_in(course, "ada", filled(PROSE))
    hand_in(course, "ivan", filled(ONE_CENTRE))
    graded(course)
    return course


@pytest.fixture
def course(template: Path, tmp_path: Path) -> Path:
    shutil.copytree(template, tmp_path / "course")
    return tmp_path / "course"


def regraded(course: Path, *arguments: str) -> str:
    run = command("regrade", "tiny", "--course", course, "--workers", "1", *arguments)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def drawn(course: Path) -> list[str]:
    """What the inputs of scaled added up to, in the order in which they were drawn."""
    return (course / "questions" / "tiny.drawn").read_text(encoding="utf-8").splitlines()


def result(course: Path, student: str) -> dict[str, Any]:
    """What the last grading found, without the time it took."""
    path = course / ".autograder" / "results" / "tiny" / f"{student}.json"
    values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    del values["result"]["seconds"]
    return values


def points(course: Path, student: str) -> dict[str, float]:
    return {question["id"]: question["score"] for question in result(course, student)["result"]["questions"]}


def test_a_regrade_repeats_everything_exactly_and_says_so(course: Path) -> None:
    before = {name: result(course, name) for name in ("ada", "ivan")}
    assert regraded(course) == "Graded again: ada, ivan.\nNo score changed.\n"
    assert {name: result(course, name) for name in ("ada", "ivan")} == before
    inputs = drawn(course)
    assert len(inputs) == 4
    assert set(inputs[:2]) == set(inputs[2:])


def gradebook(course: Path, statement: str, *values: object) -> list[tuple[Any, ...]]:
    with contextlib.closing(sqlite3.connect(course / "gradebook.db")) as database, database:
        return database.execute(statement, values).fetchall()


def test_inputs_drawn_anew_cost_neither_a_right_nor_a_wrong_answer_and_last(course: Path) -> None:
    first = drawn(course)
    assert "No score changed." in regraded(course, "--new-inputs")
    second = drawn(course)[2:]
    assert not set(first) & set(second)
    assert "No score changed." in regraded(course, "--student", "ivan", "--new-inputs")
    third = drawn(course)[4:]
    assert len(third) == 1
    assert not {*first, *second} & set(third)
    kept = result(course, "ivan")
    graded(course, "--student", "ivan", "--force")
    assert drawn(course)[5:] == third
    assert result(course, "ivan") == kept
    graded(course)  # nothing is left to grade
    assert len(drawn(course)) == 6


def test_a_corrected_check_changes_a_score_and_nothing_given_by_hand_and_the_table_says_whose(
    course: Path,
) -> None:
    cell = "cell_id in (select id from base_cell where name = 'why')"
    gradebook(course, f"update grade set manual_score = 5.5, needs_manual_grade = 0 where {cell}")
    gradebook(course, f"update comment set manual_comment = 'Well reasoned.' where {cell}")
    before = points(course, "ivan")
    (course / "questions" / "tiny.py").write_text(CORRECTED, encoding="utf-8")
    said = regraded(course).splitlines()
    after = points(course, "ivan")
    assert before["tiny.scaled"] < after["tiny.scaled"] == 4.0
    assert said[1].split() == ["student", "from", "to", "what", "changed"]
    totals = [f"{sum(found.values()) + 5.5:.4g}" for found in (before, after)]
    assert said[2].split(maxsplit=3)[:3] == ["ivan", *totals]
    assert f"scaled {before['tiny.scaled']:.4g} → 4" in said[2]
    assert "moments" not in said[2]
    assert not [line for line in said[1:] if line.startswith("ada")]
    assert gradebook(course, f"select manual_score from grade where {cell}") == [(5.5,)] * 2
    assert gradebook(course, f"select manual_comment from comment where {cell}") == [("Well reasoned.",)] * 2


def test_its_help_has_an_example_and_a_folder_without_a_course_is_told(tmp_path: Path) -> None:
    assert "Example: autograder regrade em" in command("regrade", "--help").stdout.replace("\n", " ")
    nowhere = command("regrade", "tiny", "--course", tmp_path)
    assert (nowhere.returncode, "is not a course directory" in nowhere.stderr) == (2, True)


def test_who_has_no_grade_is_told_and_nothing_is_written(course: Path) -> None:
    hand_in(course, "new", filled())
    before = {path: path.stat().st_mtime_ns for path in course.rglob("*") if path.name != "gradebook.db"}
    for name, told in (("nobody", "by 'nobody'"), ("new", "by 'new'"), ("../ada", "cannot be a student")):
        run = command("regrade", "tiny", "--course", course, "--student", "ada", "--student", name)
        assert run.returncode == 2
        assert told in run.stderr
        assert "Traceback" not in run.stderr
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert len(drawn(course)) == 2
    shutil.rmtree(course / ".autograder" / "results")
    nothing = command("regrade", "tiny", "--course", course)
    assert nothing.returncode == 2
    assert "Type: autograder grade tiny" in nothing.stderr


def files(course: Path) -> dict[str, tuple[int, bytes]]:
    """Every file of the course with its time and content; not the lock, nor what the question writes."""
    return {
        str(path.relative_to(course)): (path.stat().st_mtime_ns, path.read_bytes())
        for path in course.rglob("*")
        if path.is_file() and path.name != "lock" and path.suffix not in (".drawn", ".pyc")
    }


def told(said: str) -> list[str]:
    """The table and the reasons, without the sentences around them."""
    lines = said.splitlines()
    return [line for line in lines[1:] if not line.startswith(("Now write", "Nothing was", "No score"))]


def test_a_preview_says_what_the_regrade_then_does_and_why_and_writes_nothing(course: Path) -> None:
    cell = "cell_id in (select id from base_cell where name = 'why')"
    gradebook(course, f"update grade set manual_score = 5.5, needs_manual_grade = 0 where {cell}")
    (course / "questions" / "tiny.py").write_text(CORRECTED, encoding="utf-8")
    before = files(course)
    said = regraded(course, "--preview")
    assert files(course) == before
    assert said.splitlines()[-1].startswith("Nothing was written.")
    assert '  scaled: "The scaled is right for two features." is not asked any more: ivan' in said
    done = regraded(course)
    assert told(done) == told(said)
    ivan = next(line for line in done.splitlines() if line.startswith("ivan")).split()
    ((total,),) = gradebook(
        course,
        "select sum(coalesce(manual_score, auto_score)) from grade "
        "join submitted_notebook as part on part.id = grade.notebook_id "
        "join submitted_assignment as whole on whole.id = part.assignment_id where student_id = 'ivan'",
    )
    assert float(ivan[2]) == pytest.approx(total, abs=1e-3)
    assert "No score changed." in regraded(course)


def test_a_preview_tells_a_late_penalty_that_would_be_taken(course: Path) -> None:
    stamp = course / "submitted" / "ivan" / "tiny" / "timestamp.txt"
    stamp.write_text("2026-12-02 00:00:00 UTC\n", encoding="utf-8")
    gradebook(course, "update assignment set duedate = '2026-12-01 00:00:00.000000'")
    with (course / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write("\nc.LateSubmissionPlugin.penalty_method = 'zero'\n")
    before = files(course)
    said = regraded(course, "--preview")
    assert files(course) == before
    assert "late penalty 0 →" in said
    assert told(regraded(course)) == told(said)


def test_a_preview_of_new_inputs_is_about_the_inputs_that_are_then_drawn(course: Path) -> None:
    assert "No score would change." in regraded(course, "--preview", "--new-inputs", "--student", "ivan")
    previewed = drawn(course)[2:]
    regraded(course, "--new-inputs", "--student", "ivan")
    assert drawn(course)[3:] == previewed
    assert len(previewed) == 1


def test_a_regrade_that_was_killed_tells_what_it_changed_when_it_is_typed_again(
    course: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (course / "questions" / "tiny.py").write_text(CORRECTED, encoding="utf-8")
    before = course.rename(tmp_path / "before")

    def typed(*more: str) -> str:
        assert main(["regrade", "tiny", "--course", str(course), "--workers", "1", *more]) == 0
        return capfd.readouterr().out

    shutil.copytree(before, course)
    preview, wanted = typed("--preview"), typed()
    assert "scaled" in wanted
    written = []
    for number in (20, 30):
        shutil.rmtree(course)
        shutil.copytree(before, course)
        assert killed(["regrade", "tiny", "--course", str(course), "--workers", "1"], number)
        written.append(len(list((course / ".autograder").glob("before/tiny/*.json"))))
        if number == 20:
            assert typed("--preview") == preview
        assert typed() == wanted, f"killed at change {number}"
        assert not list((course / ".autograder").glob("before/*"))
    assert written == [1, 2], "to be killed between the two students and after both"


def test_a_score_from_before_a_killed_regrade_is_none_of_what_was_handed_in_since(course: Path) -> None:
    (course / "questions" / "tiny.py").write_text(CORRECTED, encoding="utf-8")
    kept = course / ".autograder" / "before" / "tiny"
    assert killed(["regrade", "tiny", "--course", str(course), "--student", "ivan"], 20)
    assert kept.is_dir()
    hand_in(course, "ivan", filled())
    graded(course)
    assert "No score changed." in regraded(course)
