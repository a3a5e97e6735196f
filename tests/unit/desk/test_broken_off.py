"""What a killed desk was doing: told of until it is done again or dismissed."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
from pathlib import Path

import pytest

from autograder.course.directory import Course
from autograder.desk.jobs.broken_off import Begun, Mark, broken_off, dismiss, folder_of, marked

GRADE = Begun("grade", "em")
SOME = Begun("regrade", "em", students=("ada", "ben"), new_inputs=True)


@pytest.fixture
def course(tmp_path: Path) -> Course:
    course = Course(tmp_path)
    course.private.mkdir()
    return course


def killed_while(course: Course, begun: Begun) -> None:
    """A process that is killed in the middle of a job."""

    def run() -> None:
        with marked(course, begun):
            os.kill(os.getpid(), signal.SIGKILL)

    process = multiprocessing.get_context("fork").Process(target=run)
    process.start()
    process.join()


def kinds(course: Course) -> list[str]:
    return [begun.kind for begun in broken_off(course, "em")]


def test_a_job_under_way_was_not_broken_off_and_an_ended_one_leaves_nothing(course: Course) -> None:
    with marked(course, GRADE):
        assert broken_off(course, "em") == ()
        assert len(list(folder_of(course).iterdir())) == 1
    assert list(folder_of(course).iterdir()) == []


def test_a_job_that_ended_by_an_error_was_told_of_when_it_did(course: Course) -> None:
    with pytest.raises(ValueError, match="once"), marked(course, GRADE):
        raise ValueError("once")
    assert broken_off(course, "em") == ()


def test_a_killed_job_is_told_of_with_all_that_doing_it_again_needs(course: Course) -> None:
    killed_while(course, SOME)
    (left,) = broken_off(course, "em")
    assert (left.kind, left.students, left.new_inputs) == ("regrade", ("ada", "ben"), True)
    assert broken_off(course, "other") == ()


@pytest.mark.parametrize(
    ("again", "left"),
    [
        (SOME, []),
        (Begun("regrade", "em", new_inputs=True), []),  # all of them
        (Begun("regrade", "em", students=("ada",), new_inputs=True), ["regrade"]),
        (Begun("regrade", "em"), ["regrade"]),  # on the same inputs
        (Begun("regrade", "other", new_inputs=True), ["regrade"]),
        (GRADE, ["regrade"]),
    ],
)
def test_only_a_job_that_does_all_of_it_again_takes_it_away(
    course: Course, again: Begun, left: list[str]
) -> None:
    killed_while(course, SOME)
    with marked(course, again):
        pass
    assert kinds(course) == left


def test_what_was_broken_off_is_forgotten_when_it_is_dismissed(course: Course) -> None:
    killed_while(course, GRADE)
    (left,) = broken_off(course, "em")
    for name in ("../seed", "0" * 16):
        dismiss(course, "em", name)
    dismiss(course, "other", left.name)
    assert kinds(course) == ["grade"]
    dismiss(course, "em", left.name)
    assert kinds(course) == []


def test_what_was_begun_first_is_told_first_also_within_a_second(course: Course) -> None:
    begun = [Begun("return", "em", system) for system in "abcdefgh"]
    for one in begun:
        killed_while(course, one)
    assert [left.detail for left in broken_off(course, "em")] == [one.detail for one in begun]


def test_a_job_that_ends_with_its_desk_is_left_for_the_next_one(course: Course) -> None:
    mark = Mark(course, GRADE)
    mark.leave()
    mark.end()
    assert kinds(course) == ["grade"]


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{", json.dumps({"kind": "grade"}), json.dumps({**vars(GRADE), "kind": "x", "began": ""})],
)
def test_a_file_that_is_none_of_these_is_passed_over(course: Course, content: str) -> None:
    (folder_of(course) / ("0" * 16)).write_text(content)
    assert broken_off(course, "em") == ()
