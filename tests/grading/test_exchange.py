"""nbgrader's exchange, all the way round: release, fetch, submit, collect, grade, and feedback back."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.grading.courses import command, graded, new_course


def nbgrader(folder: Path, *arguments: str) -> None:
    programs = str(Path(sys.executable).parent)
    run = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=folder, env={**os.environ, "PATH": programs + os.pathsep + os.environ["PATH"]},
        capture_output=True, text=True, timeout=120, check=False,
    )
    assert run.returncode == 0, run.stderr


def test_a_submission_through_the_exchange_comes_back_as_our_feedback_page(tmp_path: Path) -> None:
    course = new_course(tmp_path / "fall")
    student = tmp_path / "student"
    student.mkdir()
    (student / "nbgrader_config.py").write_text(
        "c = get_config()\nc.CourseDirectory.course_id = 'fall'\n"
        f"c.Exchange.root = {str(course / 'exchange')!r}\n",
        encoding="utf-8",
    )
    nbgrader(course, "release_assignment", "em")
    nbgrader(student, "fetch_assignment", "em")
    nbgrader(student, "submit", "em")
    run = command("collect", "em", "--exchange", "--course", course)
    assert run.returncode == 0, run.stderr
    assert run.stdout == "1 submissions of em taken in.\n"
    (name,) = graded(course)
    assert command("feedback", "em", "--course", course).returncode == 0
    nbgrader(course, "release_feedback", "em")
    nbgrader(student, "fetch_feedback", "em")
    (page,) = student.glob("em/feedback/*/em.html")
    assert page.read_bytes() == (course / "feedback" / name / "em" / "em.html").read_bytes()
