"""autograder verify: what a receipt is worth, in a sentence and an exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autograder.cli import main
from tests.support.courses import command, filled, graded, new_course, release


def verified(capsys: pytest.CaptureFixture[str], course: Path, *files: Path) -> tuple[int, str]:
    capsys.readouterr()
    code = main(["verify", *map(str, files), "--course", str(course)])
    return code, capsys.readouterr().out


def collected(course: Path, content: object) -> Path:
    """Ada's next attempt; its receipt."""
    folder = course.parent / "in" / "ada"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tiny.ipynb").write_text(json.dumps(content), encoding="utf-8")
    done = command("collect", "tiny", "--directory", folder.parent, "--course", course)
    assert done.returncode == 0, done.stderr
    attempts = course / ".autograder" / "attempts" / "tiny" / "ada"
    return max(attempts.glob("[0-9]*/receipt.txt"), key=lambda path: int(path.parent.name))


def test_a_receipt_is_followed_from_handing_in_to_the_grade(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    course = new_course(tmp_path / "course")
    receipt = collected(course, filled())
    handed_in, other = tmp_path / "in" / "ada" / "tiny.ipynb", tmp_path / "other.ipynb"
    other.write_text("x", encoding="utf-8")
    code, said = verified(capsys, course, receipt, handed_in)
    assert (code, "is the file tiny.ipynb of this receipt" in said, "not been graded yet" in said) == (
        0,
        True,
        True,
    )
    code, said = verified(capsys, course, receipt, other)
    assert (code, "is not in this receipt" in said) == (1, True)
    graded(course)
    code, said = verified(capsys, course, receipt)
    assert (code, "It is what was graded: 10 of 10 points" in said) == (0, True)
    later = collected(course, release())
    code, said = verified(capsys, course, receipt)
    assert (code, "attempt 2 counts instead of this one" in said) == (1, True)
    code, said = verified(capsys, course, later)
    assert (code, "what was graded last is another file" in said) == (1, True)


def test_a_forged_receipt_and_one_of_an_attempt_that_is_gone_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    course = new_course(tmp_path / "course")
    receipt = collected(course, filled())
    forged = tmp_path / "forged.txt"
    forged.write_text(receipt.read_text("utf-8").replace("student: ada", "student: eve"), encoding="utf-8")
    code, said = verified(capsys, course, forged)
    assert (code, "NOT genuine" in said) == (1, True)
    kept = tmp_path / "kept.txt"
    receipt.rename(kept)
    (receipt.parent / "attempt.json").unlink()
    receipt.parent.rename(tmp_path / "gone")
    code, said = verified(capsys, course, kept)
    assert (code, "no longer kept" in said) == (1, True)


def test_feedback_cannot_go_to_the_exchange_for_who_never_handed_in_there(tmp_path: Path) -> None:
    course = new_course(tmp_path / "course")
    collected(course, filled())
    graded(course)
    done = command("return", "tiny", "--to", "exchange", "--course", course)
    assert done.returncode == 2
    assert "Nobody handed tiny in through the exchange" in done.stderr
