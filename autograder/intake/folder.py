"""The notebook in a student's folder: which file it is, opened once, without following links, up to a size.

Standard library only; runs in the reading process (see `reader.py`).
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.course.files import NO_ROOM
from autograder.course.names import LEFT_OUT, MAX_OTHERS, is_notebook, is_paper, is_written, printable
from autograder.course.release import Release
from autograder.intake import hardlinks
from autograder.intake.matching import MatchedNotebook, match, skeleton
from autograder.intake.notebook import ReadNotebook, UnreadableError, read_notebook
from autograder.intake.papers import with_papers

MAX_BYTES = 100_000_000  # of one notebook file
MAX_COPIED = 400_000_000  # of one student's notebooks, when they are collected
MAX_ENTRIES = 2_000  # of a folder, nested ones included
MAX_DEPTH = 10  # folders within folders
MAX_NAME = 255  # bytes of a file's name
VERSION = r"(?:^|/)Version (\d{1,9})(?=/)"
MAX_CANDIDATES = 8
MAX_LEFT_OUT = 2_000  # bytes of what is said of files that were left out
MAX_READINGS = 10  # of a folder in whose place another attempt comes meanwhile
IGNORED = ("__MACOSX", ".ipynb_checkpoints", ".DS_Store")
NOTHING = MatchedNotebook((), ())
FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True)
class File:
    """A file as it was read: its name fit to be shown, and its bytes, or why they could not be had."""

    name: str
    data: bytes = b""
    problem: str = ""


@dataclass(frozen=True)
class Reading:
    """What a folder holds; `problem` is a sentence when no cells could be read."""

    status: str  # "graded" (so far), "unreadable", "missing"
    notebook: MatchedNotebook = NOTHING
    problem: str = ""
    timestamp: str = ""


def read_files(root: Path, parts: Sequence[str]) -> tuple[File, ...]:
    """Return the notebooks in the folder `root/parts`, by name; none if there is no such folder.

    Where there is no notebook, what else is there is read: something was handed in.
    """
    files: tuple[File, ...] = ()
    for _ in range(MAX_READINGS):
        try:
            folder = open_beneath(root, parts)
        except PermissionError:
            return (File(f"{parts[-1]}.ipynb", problem="The folder may not be entered by who grades."),)
        except OSError:
            return ()
        try:
            paths = _notebooks(folder, parts[-1])
            files = tuple(_read(folder, path, root, parts) for path in paths)
            if _is_still_there(folder, root, parts):
                break
        finally:
            os.close(folder)
    return files


def _is_still_there(folder: int, root: Path, parts: Sequence[str]) -> bool:
    """Return whether an open folder is the one of its name, and was not replaced by another attempt's."""
    try:
        now = open_beneath(root, parts)
    except OSError:
        return False
    try:
        return os.path.sameopenfile(folder, now)
    finally:
        os.close(now)


def copy_notebooks(root: Path, parts: Sequence[str], target: Path) -> tuple[str, ...]:
    """Copy the notebooks in the folder `root/parts` into another; return what was left out and why.

    Where there is no notebook, what else is there is copied, so that it is kept and can be named.
    Those of nested folders come to lie beside the others; of several with one name the outermost keeps it,
    and the others get their folder's name behind it. Of "Version 1", "Version 2", … of Microsoft Teams only
    the last is copied.
    """
    target.mkdir(parents=True, exist_ok=True)
    left, notes, total = list(left_out(root, parts)), [], 0
    try:
        folder = open_beneath(root, parts)
    except OSError as error:
        return (f"the folder cannot be opened ({error.strerror})",)
    try:
        for path in sorted(_notebooks(folder, target.name), key=_depth_and_version):
            file = _read(folder, path, root, parts)
            copy = _free_name(target, file.name)
            total += len(file.data)
            if file.problem or copy is None or total > MAX_COPIED:
                why = file.problem or "There is another of this name, or too much."
                notes.append(f"{file.name}: {why}")
                left.append(File(file.name, problem=why))
            else:
                copy.write_bytes(file.data)
    except OSError as error:
        if error.errno in NO_ROOM:
            raise
        notes.append(f"what else is in the folder cannot be read ({error.strerror})")
    finally:
        os.close(folder)
    if left and not total:
        lines = "".join(f"{file.name}\t{file.problem}\n" for file in left)
        (target / LEFT_OUT).write_text(lines, encoding="utf-8")
    return tuple(notes)


def _free_name(target: Path, path: str) -> Path | None:
    """Return a name that nothing in a folder has yet; None for an earlier version, or if there is none."""
    *folders, name = path.split("/")
    if not (target / name).exists():
        return target / name
    if re.search(VERSION, path):
        return None
    stem, dot, ending = name.partition(".")
    further = (f"{stem} ({word}){dot}{ending}" for word in (*folders[-1:], *range(2, MAX_CANDIDATES + 2)))
    fitting = (target / new for new in further if len(os.fsencode(new)) < MAX_NAME)
    return next((copy for copy in fitting if not copy.exists()), None)


def _depth_and_version(path: str) -> tuple[int, list[int]]:
    return path.count("/"), [-int(number) for number in re.findall(VERSION, path)]


def copy_notebook(path: Path, target: Path) -> str:
    """Copy one notebook; return why it could not be copied, or nothing."""
    folder = open_beneath(path.parent, [])
    try:
        file = _read(folder, path.name, path.parent, [])
    finally:
        os.close(folder)
    if not file.problem:
        target.write_bytes(file.data)
    return file.problem


def read_line(root: Path, parts: Sequence[str], name: str) -> str:
    """Return the short text in a file of nbgrader's collector, such as timestamp.txt, or nothing."""
    try:
        folder = open_beneath(root, parts)
    except OSError:
        return ""
    try:
        text = _read(folder, name, root, parts).data[:128].decode("utf-8-sig", "replace").strip()
    finally:
        os.close(folder)
    return text if text.isprintable() else ""


def left_out(root: Path, parts: Sequence[str]) -> tuple[File, ...]:
    """Return what was handed in and not taken, each with the reason for it."""
    try:
        folder = open_beneath(root, parts)
    except OSError:
        return ()
    try:
        text = _read(folder, LEFT_OUT, root, parts).data[:MAX_LEFT_OUT].decode("utf-8", "replace")
    finally:
        os.close(folder)
    lines = (line.partition("\t") for line in text.splitlines() if "\t" in line)
    return tuple(File(printable(name), problem=printable(why)) for name, _, why in lines)[:MAX_OTHERS]


def digest_of(files: Sequence[File], timestamp: str = "") -> str:
    """Return one digest for all that was handed in."""
    total = hashlib.sha256()
    parts = [timestamp.encode()]
    for file in files:
        parts += [file.name.encode("utf-8", "surrogateescape"), file.problem.encode(), file.data]
    for part in parts:  # each after its length, so that no two lists of parts make the same bytes
        total.update(len(part).to_bytes(8, "big"))
        total.update(part)
    return total.hexdigest()


def choose(files: Sequence[File], release: Release) -> Reading:
    """Return the one notebook of this assignment among the files, matched with the release.

    The one with most answers written in it, so that an early download under the right name does not go
    before the finished one; of equals the file with the right name, else the one with most of the
    assignment's cells.
    Without a file of a notebook's name nothing counts as handed in, unless a notebook is in another one.
    """
    name = f"{release.assignment}.ipynb"
    if not files:
        return Reading("missing", problem=f"There is no notebook in the folder. Hand in {name}.")
    papers = [(file.name, file.data) for file in files if is_paper(file.name) and not file.problem]
    reading = _chosen([file for file in files if not is_paper(file.name)] or files, release, name)
    if not papers:
        return reading
    notebook = reading.notebook if reading.status == "graded" else skeleton(release)
    return replace(reading, notebook=with_papers(notebook, papers, release))


def _chosen(files: Sequence[File], release: Release, name: str) -> Reading:
    read: list[tuple[File, MatchedNotebook]] = []
    problems: list[str] = []
    for file in sorted(files, key=lambda file: _unlikely(file.name, release.assignment))[:MAX_CANDIDATES]:
        try:
            read.append((file, match(_notebook_of(file), release)))
        except UnreadableError as error:
            problems.append(f"{file.name}: {error}")
    ours = sorted((pair for pair in read if pair[1].found), key=lambda pair: _rank(pair, name))
    if ours:
        return Reading("graded", _with_choice_noted(ours[0], [file.name for file in files], name))
    if problems and any(is_notebook(file.name) for file in files):
        return Reading("unreadable", problem=" ".join(problems))
    if problems:
        return Reading("missing", problem=f"There is no notebook in the folder. {' '.join(problems[:2])}")
    found = ", ".join(file.name for file in files[:3])
    problem = f"{found}: This is not the notebook of {release.assignment}; none of its cells are in it."
    return Reading("missing", problem=f"{problem} Hand in {name}.")


def open_beneath(root: Path, parts: Sequence[str]) -> int:
    """Return a descriptor of the folder `root/parts`, no component of `parts` being a link."""
    return _descended(os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC), parts)


def _descended(folder: int, parts: Sequence[str]) -> int:
    """Return a descriptor of the folder beneath an open one, which is closed."""
    for part in parts:
        outer = folder
        try:
            folder = os.open(part, FLAGS | os.O_DIRECTORY, dir_fd=outer)
        finally:
            os.close(outer)
    return folder


def _notebook_of(file: File) -> ReadNotebook:
    if file.problem:
        raise UnreadableError(file.problem, "Hand in a plain copy of the notebook.")
    return read_notebook(file.data)


def _unlikely(path: str, assignment: str) -> tuple[bool, bool]:
    """Rank which files are looked into, where there are many: who hands in a whole course has them all."""
    name = path.rpartition("/")[2].lower()
    return name != f"{assignment}.ipynb".lower(), assignment.lower() not in name


def _rank(pair: tuple[File, MatchedNotebook], name: str) -> tuple[int, bool, int, str]:
    """Rank most answers first; then the right name, and most of the cells."""
    file, notebook = pair
    return (-notebook.written, file.name != name, -notebook.found, file.name)


def _with_choice_noted(
    chosen: tuple[File, MatchedNotebook], names: Sequence[str], wanted: str
) -> MatchedNotebook:
    """Return the chosen notebook, with a sentence on the choice where there were several."""
    file, notebook = chosen
    notes = []
    if file.name != wanted:
        notes.append(f"took {file.name} for {wanted}: it holds the assignment's cells")
    others = [name for name in names if name != file.name]
    if others:
        notes.append(f"graded {file.name}; not graded: {', '.join(others[:5])}")
    return replace(notebook, repairs=(*notes, *notebook.repairs))


# --------------------------------------------------------------------------- the file system


def _notebooks(folder: int, assignment: str) -> list[str]:
    """Return the paths of the notebooks beneath an open folder and of a few papers; else of a few others.

    Of very many those are taken that are called like the assignment.
    """
    paths = sorted(_files(folder))
    papers = [path for path in paths if is_paper(path.rpartition("/")[2]) and not f"/{path}".count("/.")]
    for wanted in (lambda name: ".ipynb" in name.lower(), is_notebook):
        if found := [path for path in paths if wanted(path.rpartition("/")[2])]:
            likely = sorted(found, key=lambda path: _unlikely(path, assignment))
            return sorted([*likely[: MAX_CANDIDATES * 4], *papers[:MAX_OTHERS]])
    names = {path: path.rpartition("/")[2] for path in paths}
    return [path for path in paths if not is_written(names[path]) and names[path][:1] != "."][:MAX_OTHERS]


def _files(folder: int, prefix: str = "", depth: int = 0) -> list[str]:
    """Return the paths of all files beneath an open folder."""
    found: list[str] = []
    for entry in _entries(folder):
        path = prefix + entry.name
        if not entry.is_dir(follow_symlinks=False):
            found.append(path)
        elif depth < MAX_DEPTH:
            inner = os.open(entry.name, FLAGS | os.O_DIRECTORY, dir_fd=folder)
            try:
                found += _files(inner, path + "/", depth + 1)
            finally:
                os.close(inner)
    return found


def _entries(folder: int) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        for count, entry in enumerate(entries):
            if count >= MAX_ENTRIES:
                return
            if entry.name not in IGNORED and not entry.name.startswith("._"):
                yield entry


def _read(folder: int, path: str, root: Path, parts: Sequence[str]) -> File:
    """Read one file of the open folder `root/parts`, opened once.

    What is no plain file of reasonable size, or not the student's own, has a problem instead of bytes.
    """
    shown = printable(path)
    *folders, name = path.split("/")
    try:
        place = _descended(os.dup(folder), folders)
    except OSError as error:
        return File(shown, problem=f"It cannot be opened ({error.strerror}).")
    try:
        handle = os.open(name, FLAGS, dir_fd=place)
    except OSError as error:
        link = "It is a link, not a file." if _is_link(place, name) else ""
        return File(shown, problem=link or f"It cannot be opened ({error.strerror}).")
    finally:
        os.close(place)
    try:
        state = os.fstat(handle)
        if not stat.S_ISREG(state.st_mode):
            return File(shown, problem="It is not a regular file.")
        if state.st_nlink > 1 and (problem := hardlinks.problem_with(state, root, parts)):
            return File(shown, problem=problem)
        if state.st_size > MAX_BYTES:
            return File(shown, problem=f"It is larger than {MAX_BYTES // 1_000_000} MB.")
        return File(shown, _read_up_to(handle, MAX_BYTES))
    finally:
        os.close(handle)


def _read_up_to(handle: int, limit: int) -> bytes:
    chunks, total = [], 0
    while total < limit and (chunk := os.read(handle, min(1 << 20, limit - total))):
        chunks.append(chunk)
        total += len(chunk)
    return b"".join(chunks)


def _is_link(folder: int, name: str) -> bool:
    try:
        return stat.S_ISLNK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
    except OSError:
        return False
