"""Bad input: each command says in a sentence what is wrong, ends with code 2, and loses nothing."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from autograder.commands.prepare import init_course
from tests.support.courses import (
    HERE,
    ONE_CENTRE,
    cell_of,
    code,
    command,
    filled,
    graded,
    hand_in,
    new_course,
    scores,
)

COURSE_COMMANDS = [
    ("release",),
    ("collect", "tiny", "--directory", "."),
    ("grade", "tiny"),
    ("feedback",),
    ("report",),
    ("export", "--format", "csv"),
]


@pytest.fixture
def course(tmp_path: Path) -> Path:
    return new_course(tmp_path / "course")


def refused(*arguments: str | Path, **environment: str) -> str:
    """Runs a command that must fail cleanly; returns what it says."""
    run = command(*arguments, **environment)
    assert run.returncode == 2, run.stdout + run.stderr
    assert "Traceback" not in run.stderr
    assert run.stderr.startswith("autograder: ")
    return run.stderr


@pytest.mark.parametrize("arguments", COURSE_COMMANDS, ids=lambda arguments: arguments[0])
def test_a_missing_course_folder_is_told_with_the_command_that_makes_one(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    assert "autograder init" in refused(*arguments, "--course", tmp_path / "nowhere")
    assert "is not a course directory" in refused(*arguments, "--course", tmp_path)


@pytest.mark.parametrize("name", ["grade", "feedback", "report", "export", "release"])
def test_an_unknown_assignment_is_told_with_those_that_exist(name: str, course: Path) -> None:
    assert "other, tiny" in refused(name, "no-such", "--course", course)


@pytest.mark.parametrize(
    "name", ["init", "release", "collect", "grade", "feedback", "report", "export", "check", "doctor"]
)
def test_every_command_has_help_with_an_example(name: str) -> None:
    run = command(name, "--help")
    assert run.returncode == 0
    assert f"Example: autograder {name}" in run.stdout.replace("\n", " ").replace("  ", " ")


@pytest.mark.parametrize("arguments", [(), ("fly",), ("grade",), ("grade", "tiny", "--workers", "0")])
def test_wrong_arguments_end_with_code_2_and_point_to_the_help(arguments: tuple[str, ...]) -> None:
    assert "--help" in refused(*arguments)


def test_init_leaves_an_existing_course_alone(course: Path) -> None:
    seed = (course / ".autograder" / "seed").read_bytes()
    assert "nothing was changed" in refused("init", course)
    assert (course / ".autograder" / "seed").read_bytes() == seed


@pytest.mark.parametrize(("mode", "told"), [(0o755, True), (0o770, False)])
def test_who_makes_a_course_in_a_folder_that_others_can_look_into_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], mode: int, told: bool
) -> None:
    tmp_path.chmod(mode)
    init_course(tmp_path, None)
    assert (f"chmod o= {tmp_path}" in capsys.readouterr().out) == told


def test_the_seed_is_32_bytes_for_the_owner_alone(course: Path) -> None:
    seed = course / ".autograder" / "seed"
    assert seed.stat().st_mode & 0o777 == 0o600
    assert len(seed.read_bytes()) == 32


def test_grade_without_submissions_says_how_to_collect(course: Path) -> None:
    assert "autograder collect tiny" in refused("grade", "tiny", "--course", course)


def test_grade_of_an_unknown_student_names_the_place_it_looked(course: Path) -> None:
    hand_in(course, "ada", filled())
    assert "by 'bob'" in refused("grade", "tiny", "--course", course, "--student", "bob")
    assert "cannot be a student's id" in refused("grade", "tiny", "--course", course, "--student", "../ada")


def test_without_bubblewrap_nothing_is_run_and_the_package_is_named(course: Path, tmp_path: Path) -> None:
    hand_in(course, "ada", filled())
    empty = tmp_path / "bin"
    empty.mkdir()
    assert "apt install bubblewrap" in refused("grade", "tiny", "--course", course, PATH=str(empty))
    assert not (course / "autograded" / "ada").exists()
    assert command("doctor", PATH=str(empty)).returncode == 2


def test_a_locked_gradebook_is_told_and_the_next_run_completes(course: Path) -> None:
    hand_in(course, "ada", filled())
    config = course / "nbgrader_config.py"
    config.write_text(config.read_text(encoding="utf-8").replace("timeout=30", "timeout=1"), encoding="utf-8")
    database = sqlite3.connect(course / "gradebook.db", isolation_level=None)
    database.execute("BEGIN EXCLUSIVE")
    assert "is in use by another program" in refused("grade", "tiny", "--course", course)
    database.rollback()
    database.close()
    assert graded(course)["ada"]["score"] == 10.0


def test_a_gradebook_of_an_older_version_is_told_with_the_remedy(course: Path) -> None:
    hand_in(course, "ada", filled())
    with sqlite3.connect(course / "gradebook.db") as database:
        database.execute("ALTER TABLE student DROP COLUMN lms_user_id")
    assert "nbgrader db upgrade" in refused("grade", "tiny", "--course", course)


def test_results_into_a_missing_folder_are_refused_before_grading(course: Path, tmp_path: Path) -> None:
    hand_in(course, "ada", filled())
    assert "There is no folder" in refused(
        "grade", "tiny", "--course", course, "--results", tmp_path / "no" / "r.json"
    )
    assert not (course / "autograded" / "ada").exists()


def test_collect_from_what_is_not_there_or_not_an_archive(course: Path, tmp_path: Path) -> None:
    assert "There is no file" in refused("collect", "tiny", "--course", course, "--zip", tmp_path / "no.zip")
    (tmp_path / "bad.zip").write_bytes(b"not a zip")
    broken = refused("collect", "tiny", "--course", course, "--zip", tmp_path / "bad.zip")
    assert "cannot be unpacked" in broken
    missing = refused("collect", "tiny", "--course", course, "--directory", tmp_path / "no")
    assert "There is no folder" in missing


def test_check_tells_an_unreadable_notebook_and_runs_a_readable_one(tmp_path: Path) -> None:
    path = tmp_path / "tiny.ipynb"
    assert "There is no notebook" in refused("check", path)
    path.write_text("{", encoding="utf-8")
    assert "cut off" in refused("check", path)
    path.write_text(json.dumps(filled(ONE_CENTRE)), encoding="utf-8")
    shutil.copy(HERE / "questions" / "tiny.py", tmp_path / "tiny_questions.py")
    run = command("check", path)
    assert run.returncode == 0, run.stderr
    assert "moments is right" in run.stdout
    assert "2 of 3 functions are right." in run.stdout


def test_a_read_only_submission_is_graded(course: Path) -> None:
    path = hand_in(course, "ada", filled())
    path.chmod(0o400)
    path.parent.chmod(0o500)
    assert graded(course)["ada"]["score"] == 10.0
    path.parent.chmod(0o700)


def test_an_instructor_s_assert_cell_runs_in_the_sandbox_and_is_marked(course: Path) -> None:
    source = course / "source" / "tiny" / "tiny.ipynb"
    notebook = json.loads(source.read_text(encoding="utf-8"))
    place = notebook["cells"].index(cell_of(notebook, "standardise-check"))
    for number, test in enumerate(("assert callable(moments)", "assert scaled is None")):
        metadata = {
            "nbgrader": {
                "grade": True,
                "grade_id": f"own-{number}",
                "locked": True,
                "points": 3,
                "schema_version": 3,
                "solution": False,
                "task": False,
            }
        }
        notebook["cells"].insert(place + 1, {**code(test), "metadata": metadata, "id": f"own{number}"})
    source.write_text(json.dumps(notebook), encoding="utf-8")
    run = command("release", "tiny", "--course", course)
    assert run.returncode == 0, run.stderr
    assert "edited source" in run.stdout
    hand_in(course, "ada", filled())
    result = graded(course)["ada"]
    assert {k: v for k, v in scores(result).items() if "own" in k} == {"tiny.own-0": 3.0, "tiny.own-1": 0.0}
    titles = [check["title"] for question in result["questions"] for check in question["checks"]]
    assert sum("unprotected" in title for title in titles) == 2


def test_data_that_an_instructor_changes_is_released_each_time_and_kept(course: Path) -> None:
    source, given = course / "source" / "tiny", course / "release" / "tiny"
    for content in ("1,2\n3,4\n", "5,6\n7,8\n"):
        (source / "points.csv").write_text(content, encoding="utf-8")
        run = command("release", "tiny", "--course", course)
        assert "edited source" in run.stdout, run.stderr
        assert (
            (source / "points.csv").read_text("utf-8") == (given / "points.csv").read_text("utf-8") == content
        )
    (source / "hints.txt").write_text("Look at the spread.\n", encoding="utf-8")
    assert "edited source" in command("release", "tiny", "--course", course).stdout
    assert (given / "hints.txt").exists()
    assert "unchanged" in command("release", "tiny", "--course", course).stdout
    assert command("release", "tiny", "--force", "--course", course).returncode == 0
    assert (source / "points.csv").read_text("utf-8") != "5,6\n7,8\n"


def test_grading_without_walls_needs_a_flag_and_is_marked(course: Path, tmp_path: Path) -> None:
    hand_in(course, "ada", filled())
    empty = tmp_path / "bin"
    empty.mkdir()
    run = command("grade", "tiny", "--course", course, "--no-isolation", PATH=str(empty))
    assert run.returncode == 0, run.stderr
    assert command("report", "tiny", "--course", course).returncode == 0
    assert "WITHOUT ISOLATION" in (course / "report" / "tiny.html").read_text(encoding="utf-8")
