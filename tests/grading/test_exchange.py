"""nbgrader's exchange, all the way round: release, fetch, submit, collect, grade, and feedback back."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from tests.support.courses import command, filled, graded, nbgrader, new_course


def test_a_submission_through_the_exchange_comes_back_as_our_feedback_page(tmp_path: Path) -> None:
    course = new_course(tmp_path / "fall")
    student = tmp_path / "student"
    student.mkdir()
    (student / "nbgrader_config.py").write_text(
        "c = get_config()\nc.CourseDirectory.course_id = 'fall'\n"
        f"c.Exchange.root = {str(course / 'exchange')!r}\n",
        encoding="utf-8",
    )
    nbgrader(course, "release_assignment", "tiny")
    nbgrader(student, "fetch_assignment", "tiny")
    nbgrader(student, "submit", "tiny")
    run = command("collect", "tiny", "--exchange", "--course", course)
    assert run.returncode == 0, run.stderr
    assert run.stdout == "1 submission of tiny taken in.\n"
    (name,) = graded(course)
    returned = command("return", "tiny", "--to", "exchange", "--course", course)
    assert returned.returncode == 0, returned.stderr
    ours = (course / "feedback" / name / "tiny" / "tiny.html").read_bytes()
    assert b"tiny: feedback for" in ours
    nbgrader(course, "generate_feedback", "tiny", "--force")  # formgrader's two buttons: the same page again
    nbgrader(course, "release_feedback", "tiny")
    nbgrader(student, "fetch_feedback", "tiny")
    (page,) = student.glob("tiny/feedback/*/tiny.html")
    assert page.read_bytes() == ours


def inbound(course: Path, name: str, notebook: dict[str, Any] | None = None) -> Path:
    """A folder as a student's `nbgrader submit` makes it; students may make it by hand, too."""
    folder = course / "exchange" / "course" / "inbound" / name
    folder.mkdir(parents=True)
    (folder / "timestamp.txt").write_text("no time", encoding="utf-8")
    if notebook is not None:
        (folder / "tiny.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    return folder


def test_collecting_follows_no_link_and_is_stopped_by_nobody(tmp_path: Path) -> None:
    course = new_course(tmp_path / "course")
    ada = inbound(course, "ada+tiny+2026-11-20 10:00:00 UTC+x", filled())
    (ada / "numpy.py").write_text("raise SystemExit", encoding="utf-8")
    eve = inbound(course, "eve+tiny+2026-11-20 10:00:00 UTC+x")
    (eve / "tiny.ipynb").symlink_to(ada / "tiny.ipynb")
    (eve / "deep").symlink_to(ada)
    os.mkfifo(eve / "other.ipynb")
    for name in ("eve+tiny+no time", "a\\b+tiny+2026-11-20 10:00:00 UTC", "<b>+tiny+2026-11-20 10:00:00 UTC"):
        inbound(course, name, filled())
    (ada.parent / "bob+tiny+2026-11-20 10:00:00 UTC+x").symlink_to(ada)
    for _ in range(2):  # the second time, times are compared
        run = command("collect", "tiny", "--exchange", "--course", course)
        assert run.returncode == 0, run.stderr
    assert sorted(path.name for path in (course / "submitted").iterdir()) == ["ada", "eve"]
    taken = {path.name for path in (course / "submitted").glob("ada/tiny/*")}
    assert taken == {"tiny.ipynb", "timestamp.txt", "submission_secret.txt"}
    assert run.stdout.count("left out of the exchange") == 6
    results = graded(course)
    assert results["ada"]["score"] == 10.0
    assert (results["eve"]["status"], results["eve"]["score"]) == ("unreadable", 0.0)
