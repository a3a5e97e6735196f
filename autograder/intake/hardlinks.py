"""Whose a file is that has several names: of the student whose folder held it first.

A hard link cannot be told from the original by itself, and an honest one (a backup made of links) has others
elsewhere. So only those names count that the course knows. Standard library only, for the reading process.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

OF_THE_COURSE = ("source", "release", "autograded", ".autograder")
Identity = tuple[int, int]  # device and inode


def problem_with(state: os.stat_result, root: Path, parts: Sequence[str]) -> str:
    """Why a file in the folder `root/parts` with more than one name is not taken, or nothing."""
    if not parts:
        return ""  # nothing tells whose folder it is
    identity = (state.st_dev, state.st_ino)
    if identity in _of_the_course(root.parent):
        return "It is a hard link to a file of the course."
    holders = _holders(root, *parts[1:]).get(identity, ())
    if any(first != parts[0] for first in holders[:1]):
        return "It is a hard link to somebody else's file."
    return ""


@lru_cache(maxsize=1)
def _holders(root: Path, *inner: str) -> Mapping[Identity, Sequence[str]]:
    """The students whose folders hold a file with several names, who had it first coming first.

    A folder's time of change cannot be set back, and making a link in it sets it anew.
    """
    found: dict[Identity, list[str]] = defaultdict(list)
    folders = [(place, place.joinpath(*inner)) for place in root.iterdir()]
    dated = [
        (folder.stat().st_ctime_ns, place.name, folder)
        for place, folder in folders
        if folder.is_dir() and not place.is_symlink() and not folder.is_symlink()
    ]
    for _, name, folder in sorted(dated):
        for identity in _linked(folder):
            found[identity].append(name)
    return found


@lru_cache(maxsize=1)
def _of_the_course(course: Path) -> frozenset[Identity]:
    """The course's own files with several names; none if the folder is no course."""
    if not (course / ".autograder" / "seed").exists():
        return frozenset()
    return frozenset(identity for name in OF_THE_COURSE for identity in _linked(course / name))


def _linked(folder: Path) -> Iterator[Identity]:
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                state = Path(place, name).lstat()
            except OSError:
                continue
            if state.st_nlink > 1:
                yield state.st_dev, state.st_ino
