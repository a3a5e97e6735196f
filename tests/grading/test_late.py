"""Late rules: what lateness costs, over a term, in nbgrader's own gradebook; what the notebook says of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from nbconvert.exporters.exporter import ResourcesDict
from nbformat.v4 import new_notebook
from nbgrader.api import Gradebook, SubmittedAssignment
from nbgrader.preprocessors import AssignLatePenalties

from autograder.commands import people
from autograder.commands.people import due_for_all
from autograder.course.directory import Course, init, open_course
from autograder.course.releasing import head_of
from autograder.intake.prose import added
from autograder.record.late import days_late, late_days_left, refresh, share_lost
from autograder.record.rows import rows
from autograder.settings import Settings
from tests.support.courses import command, filled, graded, hand_in, nbgrader, new_course

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # nbgrader's add_submission
HOUR = 3600.0
DUE = {"other": datetime(2026, 11, 20, 18), "tiny": datetime(2026, 11, 30, 18)}


@pytest.mark.parametrize(
    ("hours", "grace", "days"),
    [(0, 0, 0), (0.01, 0, 1), (24, 0, 1), (24.01, 0, 2), (2, 2, 0), (2.01, 2, 1), (26, 2, 1)],
)
def test_a_day_counts_when_it_has_begun_and_the_grace_is_over(hours: float, grace: float, days: int) -> None:
    assert days_late(hours * HOUR, Settings(late_grace_hours=grace)) == days


def test_points_are_lost_in_proportion_to_the_days_and_never_more_than_all() -> None:
    shares = [share_lost(days, 2, Settings(late_per_day=0.4)) for days in range(6)]
    assert shares == pytest.approx([0, 0, 0, 0.4, 0.8, 1.0])


def test_late_days_are_used_up_in_the_order_of_the_assignments() -> None:
    rules = Settings(late_days=3, late_grace_hours=1.0)
    assert [late_days_left([hours * HOUR], rules) for hours in (0, 1, 2, 30, 300)] == [3, 3, 2, 1, 0]
    assert late_days_left([2 * HOUR, 2 * HOUR], rules) == 1


def course_with(folder: Path, *lines: str) -> Course:
    """A course with two due assignments and these settings."""
    root = new_course(folder / "course")
    config = root / "nbgrader_config.py"
    config.write_text("\n".join([config.read_text("utf-8"), *lines, ""]), encoding="utf-8")
    course = open_course(root)
    with Gradebook(course.db_url, course.course_id) as gradebook:
        for name, due in DUE.items():
            gradebook.update_or_create_assignment(name, duedate=due)
        gradebook.update_or_create_student("ada")
    return course


def handed_in(course: Course, points: float = 8.0, **late: float) -> None:
    """Ada's graded submissions, so many hours after their deadlines."""
    with Gradebook(course.db_url, course.course_id) as gradebook:
        for name, hours in late.items():
            submission = gradebook.update_or_create_submission(name, "ada")
            submission.timestamp = DUE[name] + timedelta(hours=hours)
            grades = submission.notebooks[0].grades
            for grade in grades:
                grade.auto_score = 0.0
            grades[0].auto_score = points
        gradebook.db.commit()


def penalties(course: Course) -> Mapping[str, float]:
    for name in DUE:
        refresh(course, name)
    return {name: rows(course, name)[0].penalty for name in DUE}


def test_without_a_rule_lateness_costs_nothing(tmp_path: Path) -> None:
    course = course_with(tmp_path)
    handed_in(course, tiny=100)
    assert penalties(course)["tiny"] == 0


def test_a_share_for_each_day_begun_stands_in_nbgrader_s_gradebook(tmp_path: Path) -> None:
    course = course_with(tmp_path, "c.Autograder.late_per_day = 0.1")
    handed_in(course, other=-1, tiny=25)
    assert penalties(course) == {"other": 0, "tiny": pytest.approx(0.2 * 8)}
    with Gradebook(course.db_url, course.course_id) as gradebook:
        submission = gradebook.find_submission("tiny", "ada")
        assert submission.late_submission_penalty == pytest.approx(0.2 * 8)
    for later, lost in ((2, 0.1), (26, 0.0), (-24, 0.3)):  # another due date for all
        time = DUE["tiny"] + timedelta(hours=later)
        assert due_for_all(course, "tiny", f"{time:%Y-%m-%d %H:%M}") == time
        assert rows(course, "tiny")[0].penalty == pytest.approx(lost * 8)
    assert due_for_all(course, "tiny", "") is None  # taken back: nobody is late
    assert rows(course, "tiny")[0].penalty == 0


def test_grade_says_who_was_late_and_what_that_costs(tmp_path: Path) -> None:
    course = course_with(tmp_path, "c.Autograder.late_per_day = 0.1")
    for name, stamp in (("ada", "2026-12-01 09:00 UTC"), ("ben", "2026-11-30 17:00 UTC")):
        hand_in(course.root, name, filled())
        (course.folder("submitted") / name / "tiny" / "timestamp.txt").write_text(stamp, encoding="utf-8")
    said = command("grade", "tiny", "--workers", "1", "--course", course.root).stdout
    notes = {line.split()[0]: line for line in said.splitlines()}
    points = float(notes["ada"].split()[2])
    assert notes["ada"].endswith(f"late, which costs {points / 10:g}")
    assert notes["ben"].split()[1:] == ["graded", f"{points:g}"]


def test_a_change_of_the_due_date_that_was_killed_is_carried_through_when_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = course_with(tmp_path)
    (course.folder("submitted") / "ada" / "tiny").mkdir(parents=True)
    time, settled = DUE["tiny"] + timedelta(hours=2), list[str]()

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(people, "settle", killed)
    with pytest.raises(KeyboardInterrupt):
        due_for_all(course, "tiny", f"{time:%Y-%m-%d %H:%M}")
    monkeypatch.setattr(people, "settle", lambda _, name, student, due: settled.append(student))
    assert due_for_all(course, "tiny", f"{time:%Y-%m-%d %H:%M}") == time
    assert settled == ["ada"]


def test_late_days_of_the_term_are_spent_on_what_is_due_first(tmp_path: Path) -> None:
    course = course_with(tmp_path, "c.Autograder.late_per_day = 0.25", "c.Autograder.late_days = 3")
    handed_in(course, other=30, tiny=40)  # two days each: the second has one late day left
    assert penalties(course) == {"other": 0, "tiny": pytest.approx(0.25 * 8)}
    handed_in(course, other=2)
    assert penalties(course) == {"other": 0, "tiny": 0}


def test_a_late_day_given_back_by_an_extension_is_there_for_the_next_assignment(tmp_path: Path) -> None:
    course = course_with(tmp_path, "c.Autograder.late_per_day = 1", "c.Autograder.late_days = 1")
    handed_in(course, other=5, tiny=5)
    assert penalties(course) == {"other": 0, "tiny": 8.0}
    done = command("people", "extend", "ada", "other", "--days", "1", "--course", course.root)
    assert done.returncode == 0, done.stderr
    assert {name: rows(course, name)[0].penalty for name in DUE} == {"other": 0, "tiny": 0}


def test_points_given_by_hand_afterwards_are_late_too_in_the_export(tmp_path: Path) -> None:
    course = course_with(tmp_path, "c.Autograder.late_per_day = 0.5")
    handed_in(course, tiny=1)
    assert penalties(course)["tiny"] == 4.0
    with Gradebook(course.db_url, course.course_id) as gradebook:
        grade = gradebook.find_submission("tiny", "ada").notebooks[0].grades[1]
        grade.manual_score = 2.0
        gradebook.db.commit()
    done = command("export", "tiny", "--incomplete", "--course", course.root)
    assert done.returncode == 0, done.stderr
    assert rows(course, "tiny")[0].penalty == 5.0


def test_nbgrader_s_own_step_takes_off_the_same(tmp_path: Path) -> None:
    course = course_with(tmp_path, "c.Autograder.late_per_day = 0.25", "c.Autograder.late_days = 3")
    handed_in(course, other=30, tiny=40)
    names = {"notebook": "tiny", "assignment": "tiny", "student": "ada", "db_url": course.db_url}
    AssignLatePenalties(config=course.config).preprocess(new_notebook(), ResourcesDict(nbgrader=names))
    with Gradebook(course.db_url, course.course_id) as gradebook:
        assert gradebook.db.query(SubmittedAssignment).count() == 2
        assert gradebook.find_submission("tiny", "ada").late_submission_penalty == pytest.approx(2.0)


def head(course: Path) -> str:
    """The text of the second cell of the released notebook."""
    cells = json.loads((course / "release" / "tiny" / "tiny.ipynb").read_text(encoding="utf-8"))["cells"]
    return "".join(cells[1]["source"])


def test_the_notebook_says_when_it_is_due_and_what_lateness_costs_and_follows_a_change(
    tmp_path: Path,
) -> None:
    course = new_course(tmp_path / "course")
    config = course / "nbgrader_config.py"
    lines = [
        "c.Autograder.late_per_day = 0.1",
        "c.Autograder.late_days = 2",
        "c.Autograder.timezone = 'Europe/Berlin'",
    ]
    config.write_text("\n".join([config.read_text("utf-8"), *lines, ""]), encoding="utf-8")
    before = head(course)
    assert "Due" not in before
    for due, said in (
        ("2026-11-30 18:00 UTC", "Monday, 30 November 2026, 19:00"),
        ("2026-07-01 18:00 UTC", "20:00"),
    ):
        nbgrader(course, "db", "assignment", "add", "tiny", f"--duedate={due}")
        done = command("release", "tiny", "--course", course)
        assert "released" in done.stdout, done.stderr
        assert said in head(course)
        assert "Each day begun after that costs 10 % of the points." in head(course)
        assert "2 late days" in head(course)
    assert "unchanged" in command("release", "tiny", "--course", course).stdout
    hand_in(course, "ada", filled())  # made from the release without that cell
    assert graded(course)["ada"]["score"] == 10.0
    assert not graded(course)["ada"]["repairs"]


@pytest.mark.parametrize(
    "rules",
    [
        {},
        {"timezone": "America/Argentina/Buenos_Aires", "attempt": "first"},
        {"late_per_day": 1.0, "late_grace_hours": 0.25, "late_days": 3, "timezone": "Etc/GMT+3"},
        {"late_per_day": 0.125, "max_attempts": 2, "cooldown_hours": 1.5, "attempt": "last"},
    ],
)
def test_an_earlier_due_date_in_a_notebook_is_no_answer_but_what_stands_below_it_is(
    rules: dict[str, Any], tmp_path: Path
) -> None:
    course = init(tmp_path / "course")
    lines = [f"c.Autograder.{name} = {value!r}" for name, value in rules.items()]
    config = course.root / "nbgrader_config.py"
    config.write_text("\n".join([config.read_text("utf-8"), *lines, ""]), encoding="utf-8")
    course = open_course(course.root)
    above = head_of(course, DUE["tiny"])
    assert above.startswith("**Due ")
    assert added(above, "") == ""
    assert added(f"{above}\n\nIts mean is 1.", "").split() == ["Its", "mean", "is", "1."]
    assert added(f"{above} Its mean is 1.", "").endswith("Its mean is 1.")
