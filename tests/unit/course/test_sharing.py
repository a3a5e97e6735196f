"""A course that several people grade: what one of them writes the others may read, and no silence if not."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.commands import doctor
from autograder.course.directory import Course, init, open_course
from autograder.course.errors import CourseError
from autograder.course.files import only_here
from autograder.course.results import read_recorded, write_recorded
from autograder.values import Recorded, Result

RECORDED = Recorded("attempt", "basis", "", Result("ada", "em", "graded", 1.0, 2.0, ()))


@pytest.fixture
def course(tmp_path: Path) -> Iterator[Course]:
    mask = os.umask(0o022)
    yield init(tmp_path / "course")
    os.umask(mask)


def shared(course: Course) -> Course:
    """The course after chmod -R g+rwX, opened anew."""
    for path in (course.root, *course.root.rglob("*")):
        path.chmod(path.stat().st_mode | (0o070 if path.is_dir() else 0o060))
    return open_course(course.root)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_results_are_the_owner_s_alone_unless_the_course_is_shared_with_a_group(course: Course) -> None:
    path = course.results("em") / "ada.json"
    write_recorded(course, RECORDED)
    assert (mode(path), mode(path.parent)) == (0o600, 0o700)
    path.unlink()
    path.parent.rmdir()
    write_recorded(shared(course), RECORDED)
    assert (mode(path), mode(path.parent)) == (0o660, 0o770)
    assert path.stat().st_gid == course.private.stat().st_gid
    with only_here(course.private):
        assert mode(course.private / "lock") == 0o660


def test_what_may_not_be_read_is_not_taken_for_nothing(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_recorded(course, RECORDED)
    assert read_recorded(course, "em", "ada") == RECORDED
    assert read_recorded(course, "em", "ben") is None

    def refused(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_text", refused)
    with pytest.raises(CourseError, match="chmod -R g"):
        read_recorded(course, "em", "ada")


def test_a_seed_that_the_course_s_group_may_read_is_fine_and_one_for_everybody_is_not(course: Course) -> None:
    assert [good for good, _ in doctor._sharing(course)] == [True]
    course.seed.chmod(0o640)  # readable by a group that the course is not shared with
    assert [good for good, _ in doctor._sharing(course)] == [False]
    course = shared(course)
    first, second = doctor._sharing(course)
    assert (first[0], second[0]) == (True, None)
    assert "chmod g+s" in second[1]
    course.seed.chmod(0o664)
    assert next(doctor._sharing(course))[0] is False


def test_the_doctor_says_that_an_exchange_inside_the_course_is_for_trying_only(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "none"))
    ((_, said),) = doctor._exchange(course)
    assert "for trying only" in said
    config = course.root / "nbgrader_config.py"
    config.write_text(config.read_text("utf-8") + f"c.Exchange.root = {str(tmp_path)!r}\n", encoding="utf-8")
    ((_, said),) = doctor._exchange(open_course(course.root))
    assert said == f"the exchange of students on this machine is {tmp_path}"
    config.write_text(
        config.read_text("utf-8") + "c.ExchangeFactory.collect = 'ngshare_exchange.ExchangeCollect'\n",
        "utf-8",
    )
    ((good, said),) = doctor._exchange(open_course(course.root))
    assert good
    assert "ngshare_exchange.ExchangeCollect" in said
