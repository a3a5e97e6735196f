"""The sample class comes out as the file beside each student says, and nbgrader's own commands agree."""

from __future__ import annotations

import csv
import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autograder.course.directory import open_course
from autograder.record import overview as at_a_glance
from autograder.record.overview import overview
from tests.support.courses import GradedClass, command, graded, nbgrader, scores
from tests.support.sample_class.build import exceptions, names, written

Results = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def course(sample_class: GradedClass, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The graded class, for commands that write into it and must not change a grade."""
    return shutil.copytree(sample_class.course, tmp_path_factory.mktemp("class") / "course")


@pytest.fixture(scope="module")
def results(sample_class: GradedClass) -> Results:
    return sample_class.results


def test_the_class_has_fourteen_students(results: Results) -> None:
    assert sorted(results) == names()
    assert len(names()) == 14


@pytest.mark.parametrize("name", names())
def test_a_student_gets_the_expected_points_and_reasons(name: str, results: Results) -> None:
    result, wanted = results[name], exceptions(name)
    whole = wanted.get("status", "graded") == "graded"
    assert result["status"] == wanted.get("status", "graded")
    for question in result["questions"]:
        wrote = question["id"].partition(".")[2] in written(name)
        status = ("graded" if wrote else "not-written") if whole else "not-defined"
        assert question["status"] == wanted.get("statuses", {}).get(question["id"], status)
        full = question["max_score"] if whole and wrote else 0.0
        assert question["score"] == wanted.get("scores", {}).get(question["id"], full)
    named = {
        question["id"]: check["misconception"]
        for question in result["questions"]
        for check in question["checks"]
        if check["misconception"]
    }
    assert named == wanted.get("misconceptions", {})
    assert set(wanted.get("incidents", ())) <= set(result["incidents"])
    assert wanted.get("scores", {}).keys() | wanted.get("statuses", {}).keys() <= scores(result).keys()


def test_the_results_file_has_the_contract_s_form(results: Results) -> None:
    for result in results.values():
        assert {"student", "status", "score", "seconds", "repairs", "incidents", "questions"} <= result.keys()
        assert result["score"] == pytest.approx(sum(question["score"] for question in result["questions"]))
        for question in result["questions"]:
            assert {"id", "score", "max_score", "status", "checks"} == question.keys()
            for check in question["checks"]:
                keys = {"title", "passed", "points", "max_points", "message", "misconception", "see"}
                assert check.keys() == keys
            if question["checks"]:
                most = sum(check["max_points"] for check in question["checks"])
                assert most == pytest.approx(question["max_score"])


def test_a_second_run_grades_nobody_again_and_changes_nothing(course: Path, results: Results) -> None:
    before = {path: path.stat().st_mtime_ns for path in course.glob("autograded/*/em/*.ipynb")}
    again = graded(course, assignment="em")
    assert again == results
    assert {path: path.stat().st_mtime_ns for path in course.glob("autograded/*/em/*.ipynb")} == before


def test_a_submission_without_a_regular_grade_gives_exit_code_1(course: Path) -> None:
    assert command("grade", "em", "--course", course, "--student", "ada").returncode == 0
    assert command("grade", "em", "--course", course, "--student", "nora").returncode == 1
    assert command("grade", "em", "--course", course).returncode == 1


def test_a_regrade_by_force_repeats_every_point(course: Path, results: Results) -> None:
    some = ("ada", "emil", "hana", "lena")
    students = (part for name in some for part in ("--student", name))
    again = graded(course, "--force", *students, assignment="em")
    assert {name: scores(again[name]) for name in some} == {name: scores(results[name]) for name in some}


def gradebook(course: Path) -> dict[str, float]:
    """Scores as nbgrader's export gives them."""
    nbgrader(course, "export", "--to=grades.csv")
    with (course / "grades.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["assignment"] == "em"]
    return {row["student_id"]: float(row["score"]) for row in rows}


def test_the_desk_s_overview_adds_up_what_the_results_say(course: Path, results: Results) -> None:
    seen = overview(open_course(course), "em")
    assert {line.student: line.score for line in seen.lines} == {
        name: pytest.approx(result["score"]) for name, result in results.items()
    }
    assert [sum(line.waiting for line in seen.lines)] == [part.waiting for part in seen.written]
    assert all(0 < part.waiting <= part.answered == len(results) for part in seen.written)


@pytest.mark.parametrize("part", ["handed_in", "points"])
def test_who_is_recorded_while_the_desk_looks_is_to_be_graded_still(
    part: str, course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half_recorded(*arguments: Any) -> Any:
        whole = recorded(*arguments)
        ada_s = {"ada", *whole.handed_in["ada"].notebooks}
        left = {key: value for key, value in getattr(whole, part).items() if key not in ada_s}
        return replace(whole, **{part: left})

    recorded = at_a_glance._recorded
    monkeypatch.setattr(at_a_glance, "_recorded", half_recorded)
    (ada,) = (line for line in overview(open_course(course), "em").lines if line.student == "ada")
    assert (ada.state, ada.score) == ("to grade", None)


def test_nbgrader_s_export_agrees_with_the_results(course: Path, results: Results) -> None:
    assert gradebook(course) == {name: result["score"] for name, result in results.items()}


def test_no_grade_is_null_unless_a_person_is_to_give_it(course: Path, results: Results) -> None:
    with sqlite3.connect(course / "gradebook.db") as database:
        rows = database.execute("select auto_score, needs_manual_grade from grade").fetchall()
    assert rows
    assert all(score is not None or waiting for score, waiting in rows)


def test_plain_nbgrader_autograde_gives_the_same_scores(course: Path, results: Results) -> None:
    # emil, lena, and nora's cut-off file, which nbgrader alone could not read
    nbgrader(course, "autograde", "em", "--force", "--student=[eln]*")
    assert gradebook(course) == {name: result["score"] for name, result in results.items()}


def test_nbgrader_s_feedback_is_our_page(course: Path, results: Results) -> None:
    graded(course, "--force", "--student", "nora", assignment="em")
    assert command("feedback", "em", "--course", course).returncode == 0
    pages = {path: path.read_bytes() for path in (course / "feedback").glob("[de]*/em/em.html")}
    assert len(pages) == 2  # dana, and emil, whom nbgrader's autograde has graded
    nbgrader(course, "generate_feedback", "em", "--force", "--student=[de]*")
    assert {path: path.read_bytes() for path in pages} == pages
