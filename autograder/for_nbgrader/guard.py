"""Keeps nbgrader's own copying away from what a student may put beside the notebook.

`nbgrader autograde` copies every file of a submission, following links, with the instructor's rights, and
its feedback hands the copies out. So what is no plain file is set aside before, and no copy is kept.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Collection
from contextlib import suppress
from itertools import count
from pathlib import Path

from autograder.course.names import parse_time
from autograder.intake.folder import MAX_BYTES, read_line

DEPTH = 3  # folders within folders
OF_NBGRADER = ("timestamp.txt", "submission_secret.txt")


def set_aside(folder: Path) -> tuple[str, ...]:
    """Move links, devices, pipes, huge files and a time that is none out of submitted/STUDENT/ASSIGNMENT.

    They are kept beside it, under a name that nbgrader passes over. Notebooks stay: nothing opens them but
    the reader. Returns the names of what was moved.
    """
    for place in (folder.parent, folder):
        if place.is_symlink():
            place.rename(_beside(place))
            return (place.name,)
    with os.scandir(folder) as entries:
        wrong = sorted(entry.name for entry in entries if not _stays(entry, folder))
    kept = _beside(folder)
    for name in wrong:
        kept.mkdir(exist_ok=True)
        if not (folder / name).is_symlink() and (folder / name).is_dir():
            with suppress(OSError):
                (folder / name).chmod(0o700)  # only a folder that one may write to can be moved
        (folder / name).rename(kept / name)
    return tuple(wrong)


def tidy(folder: Path, released: Path) -> None:
    """Delete what nbgrader copied into autograded/STUDENT/ASSIGNMENT, but for the release's own files."""
    ours = {path.relative_to(released) for path in released.rglob("*") if path.is_file()}
    _delete_all_but(folder, folder, {*ours, *map(Path, OF_NBGRADER)})


def _delete_all_but(folder: Path, root: Path, kept: Collection[Path]) -> None:
    for path in list(folder.iterdir()):
        if path.is_dir() and not path.is_symlink():
            _delete_all_but(path, root, kept)
            with suppress(OSError):
                path.rmdir()  # if nothing is left in it
        elif path.is_symlink() or path.relative_to(root) not in kept:
            path.unlink()


def _stays(entry: os.DirEntry[str], folder: Path) -> bool:
    if entry.name.endswith(".ipynb") and not entry.is_dir(follow_symlinks=False):
        return True
    if entry.name == "timestamp.txt":
        return _plain(entry) and parse_time(read_line(folder, [], entry.name)) is not None
    return _plain(entry)


def _plain(entry: os.DirEntry[str], depth: int = DEPTH) -> bool:
    """Return whether it is a regular file of a reasonable size, or a folder of such."""
    try:
        state = entry.stat(follow_symlinks=False)
        if stat.S_ISDIR(state.st_mode):
            with os.scandir(entry.path) as inner:
                return depth > 0 and all(_plain(one, depth - 1) for one in inner)
    except OSError:
        return False
    return stat.S_ISREG(state.st_mode) and state.st_size <= MAX_BYTES


def _beside(place: Path) -> Path:
    """Return a free hidden name beside a folder."""
    names = (place.with_name(f".{place.name}.set-aside-{number}") for number in count(1))
    return next(path for path in names if not os.path.lexists(path))
