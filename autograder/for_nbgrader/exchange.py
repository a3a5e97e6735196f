"""nbgrader's collector for the exchange, which follows no link: the inbound folders belong to the students.

`nbgrader_config.py` of a course names the class; `autograder collect --exchange` uses it in any case.
"""

from __future__ import annotations

import os
import pwd
import secrets
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader.exchange import ExchangeError
from nbgrader.exchange.default import ExchangeCollect

from autograder.collect.collecting import LEFT_OUT
from autograder.course.errors import CourseError
from autograder.course.names import check_student, printable
from autograder.intake.folder import copy_notebooks, read_line

DOUBTFUL = "\0"  # in the place of a student's name, where a folder was left out and told


class Collect(ExchangeCollect):
    """Takes the newest submission of each student, as nbgrader does, but copies plain notebooks only."""

    src_records: list[dict[str, Any]]

    def _path_to_record(self, path: str) -> dict[str, Any]:
        try:
            record: dict[str, Any] = super()._path_to_record(path)
        except (ExchangeError, ValueError, OverflowError):
            return {"username": "", "filename": Path(path).name, "timestamp": datetime.min}
        if self._is_doubtful(record):  # before nbgrader takes each student's newest folder
            record["username"] = DOUBTFUL
        return record

    def copy_files(self) -> None:
        """Copy what nbgrader chose, except folders with a name that no honest submission has."""
        self.src_records = [record for record in self.src_records if self._is_sound(record)]
        super().copy_files()

    def do_copy(self, src: str, dest: str, log: Any = None) -> None:
        """Copy the notebooks of one submission, when it was handed in, and nbgrader's key to its feedback."""
        inbound, target = Path(src), Path(dest)
        for note in copy_notebooks(inbound.parent, [inbound.name], target):
            self._leave_out(f"{inbound.name}/{note}")
        secret = read_line(inbound.parent, [inbound.name], "submission_secret.txt")
        _write(target / "submission_secret.txt", secret or secrets.token_hex(64))
        _write(target / "timestamp.txt", inbound.name.rsplit("+", 3)[2])

    def _is_sound(self, record: dict[str, Any]) -> bool:
        if record["username"] == DOUBTFUL:
            return False
        place = Path(self.inbound_path) / record["filename"]
        try:
            check_student(record["username"])
        except CourseError as error:
            self._leave_out(f"{place.name}: {error}")
            return False
        if place.is_symlink() or not place.is_dir():
            self._leave_out(f"{place.name}: it is no folder")
            return False
        return True

    def _is_doubtful(self, record: dict[str, Any]) -> bool:
        """Return whether a folder belongs to another account than it says; tell about it."""
        place = Path(self.inbound_path) / record["filename"]
        owner = account_of(place.lstat().st_uid)
        if owner == record["username"] or owner in self._ours:
            return False
        self._leave_out(
            f"{place.name}: it belongs to the account {owner}. If it is that student's, copy the "
            "folder and collect it with --directory"
        )
        return True

    @property
    def _ours(self) -> tuple[str, ...]:
        """Accounts that may put a folder there for somebody: who collects, and root."""
        return (account_of(os.getuid()), account_of(0))

    def _leave_out(self, note: str) -> None:
        self.log.warning("%s", LEFT_OUT + printable(note))


def account_of(uid: int) -> str:
    """Return the name of an account, or its number."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
