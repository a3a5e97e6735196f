"""A student chooses their name, it becomes a folder, and nbgrader's pages show it unescaped."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.collect.collecting import from_directory
from autograder.collect.roster import read_table
from autograder.course.directory import Course, init
from autograder.course.errors import CourseError
from autograder.course.names import check_student

HARMFUL = ["<img src=x onerror=alert(1)>", '";alert(1);"', "two\nlines", "ada\x1b[2J"]
LIKE_ANOTHER = ["ada\u202e", "a\u200bda", "ada\u2060", "\ufeffada", "ada\U000e0041", "ada\x85", "ad\xada"]
LIKE_ANOTHER += [f"ad{letter}a" for letter in "\u034f\u061c\u115f\u180b\u2800\u3164\uffa0\U0001d173"]


@pytest.mark.parametrize("name", [*HARMFUL, *LIKE_ANOTHER])
def test_a_name_that_a_page_would_run_is_refused_with_the_remedy(name: str) -> None:
    with pytest.raises(CourseError, match="Rename the folder"):
        check_student(name)


@pytest.mark.parametrize("name", ["", "..", ".hidden", "a/b", "a\\b", "x" * 250, "bad\udcff"])
def test_a_name_that_no_folder_of_the_course_can_have_is_refused(name: str) -> None:
    with pytest.raises(CourseError, match="cannot be a student's id"):
        check_student(name)


def made(root: Path) -> Course:
    """A course directory with nothing in it yet."""
    return init(root)


def test_a_student_without_a_name_costs_the_rest_of_the_class_nothing(tmp_path: Path) -> None:
    for student in ("ada", " ", "x" * 250):
        folder = tmp_path / "handed in" / student
        folder.mkdir(parents=True)
        (folder / "em.ipynb").write_text("{}", encoding="utf-8")
    course = made(tmp_path / "course")
    collected = from_directory(course, "em", tmp_path / "handed in")
    assert collected.students == ("ada",)
    assert len(collected.notes) == 2


@pytest.mark.parametrize(
    "name", ["ada", "Anne-Marie O'Neill", "Łukasz Żak", "李 明", "می\u200cخواهم", "b & c (2)"]
)
def test_ordinary_names_stay_as_they_are(name: str) -> None:
    assert check_student(name) == name


@pytest.mark.parametrize("name", LIKE_ANOTHER)
def test_93_letters_that_are_not_seen_are_in_no_name_of_the_roster(name: str, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text(f"id,name\nada,{name}\n", encoding="utf-8")
    assert read_table(tmp_path / "people.csv").people[0].name == "ada"


@pytest.mark.parametrize("name", [*HARMFUL, *LIKE_ANOTHER[:2]])
def test_collecting_makes_a_harmless_name_of_it_and_takes_the_rest_of_the_class_in(
    name: str, tmp_path: Path
) -> None:
    course = made(tmp_path / "course")
    for student in (f"{name}_123_assignsubmission_file_", "ada_124_assignsubmission_file_"):
        folder = tmp_path / "handed in" / student
        folder.mkdir(parents=True)
        (folder / "em.ipynb").write_text("{}", encoding="utf-8")
    students = from_directory(course, "em", tmp_path / "handed in").students
    assert len(students) == 2
    assert "ada" in students
    assert [check_student(student) for student in students] == list(students)
