"""Unpacks an archive of submissions, in a process with limits: `main(archive, folder)`.

Only regular notebooks come out, under names that stay inside the folder. Loads the standard
library only.
"""

from __future__ import annotations

import errno
import lzma
import re
import resource
import stat
import sys
import zipfile
import zlib
from collections import Counter
from contextlib import suppress
from pathlib import Path, PurePosixPath

from autograder.collect.owners import owner_of
from autograder.course.names import printable

MEMORY = 1_500_000_000  # bytes of address space
MAX_ENTRIES = 50_000
MAX_FILE = 100_000_000  # bytes of one file, unpacked
MAX_STUDENT = 200_000_000  # bytes of one student's files, unpacked
MAX_FILES = 100  # of one student
MAX_TOTAL = 8_000_000_000  # bytes of all files, unpacked
MAX_NAME = 200  # bytes of one name in a path
MAX_DEPTH = 10  # names in a path
DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    OSError,
    EOFError,
    ValueError,
    RuntimeError,
    MemoryError,
)
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)  # what is wrong with the disk, not with an entry
IGNORED = ("__MACOSX", ".DS_Store", ".ipynb_checkpoints")


def main(archive: str, target: str) -> None:
    """Unpack; print a line for everything that was left out; end with code 1 if nothing can be read."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (100, 100))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_FILE, MAX_FILE))
    try:
        for note in unpack(Path(archive), Path(target)):
            print(printable(note))
    except (zipfile.BadZipFile, ValueError, OSError, EOFError, MemoryError, NotImplementedError) as error:
        sys.exit(str(error) or type(error).__name__)


def unpack(archive: Path, target: Path) -> list[str]:
    """Write the notebooks of an archive below `target`; return what was left out and why.

    What is wrong with one entry, or too much of one student's, costs nobody else anything.
    """
    notes: list[str] = []
    with zipfile.ZipFile(archive) as opened:
        if len(opened.infolist()) > MAX_ENTRIES:
            raise ValueError(f"it has {len(opened.infolist())} entries; at most {MAX_ENTRIES} are read")
        for entry in opened.infolist():
            entry.filename = _decoded(entry)
        entries = [(entry, _parts(entry)) for entry in opened.infolist() if not entry.is_dir()]
        entries = [(entry, parts) for entry, parts in entries if parts]
        above = _folders_around([parts[:-1] for _, parts in entries])
        written: Counter[str] = Counter()
        tried: Counter[str] = Counter()  # with what had to be left out: reading it takes time
        files: Counter[str] = Counter()
        students = {owner_of(_name(parts, above)).key for _, parts in entries}
        share = MAX_TOTAL // (2 * max(len(students), 1))  # bytes that are kept for each, whatever others take
        claimed = share * len(students)
        for entry, parts in entries:
            student = owner_of(_name(parts, above)).key
            others = claimed - max(written[student], share)
            left = min(MAX_STUDENT - tried[student], MAX_TOTAL - others - written[student])
            problem = _problem(entry, parts)
            if not problem and not entry.filename.lower().endswith(".ipynb"):
                notes.append(f"left out {entry.filename[:200]}: it is no notebook (.ipynb)")
                _keep_row(target, parts, above)
                continue
            files[student] += 1
            if files[student] > MAX_FILES:
                problem = problem or f"there are more than {MAX_FILES} files of this student"
            size, problem = (0, problem) if problem else _write(opened, entry, target.joinpath(*parts), left)
            tried[student] += size
            written[student] += 0 if problem else size
            claimed = others + max(written[student], share)
            if problem:
                notes.append(f"left out {entry.filename[:200]}: {problem}")
                if not written[student] and not _leads_out(entry, parts):
                    _keep_row(target, parts, above)
    return notes


def _keep_row(target: Path, parts: tuple[str, ...], above: int) -> None:
    """Make the student's folder; in a flat archive one of the file's name, if it has a number."""
    folders = parts[:-1][: above + 1] or (parts if re.search(r"_\d+_", parts[0]) else ())
    with suppress(OSError):
        target.joinpath(*folders).mkdir(parents=True, exist_ok=True)


def _decoded(entry: zipfile.ZipInfo) -> str:
    """Return an entry's name; without the flag for UTF-8 it is UTF-8 all the same (macOS) or Windows' own."""
    if entry.flag_bits & 0x800:
        return entry.filename
    try:
        raw = entry.filename.encode("cp437")
    except UnicodeEncodeError:
        return entry.filename
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def _folders_around(paths: list[tuple[str, ...]]) -> int:
    """Return how many folders lie around all others, as a learning management system puts them."""
    for number, names in enumerate(zip(*paths, strict=False)):
        if len(set(names)) > 1:
            return number
    return min(map(len, paths), default=0)


def _name(parts: tuple[str, ...], above: int) -> str:
    """Return the part of a path that says whose it is, as `owner_of` wants it."""
    return parts[min(above, len(parts) - 1)].removesuffix(".ipynb")


def _parts(entry: zipfile.ZipInfo) -> tuple[str, ...]:
    """Return the names in an entry's path; none if it is a leftover of some program."""
    parts = PurePosixPath(entry.filename.replace("\\", "/")).parts
    return () if any(part in IGNORED or part.startswith("._") for part in parts) else parts


def _leads_out(entry: zipfile.ZipInfo, parts: tuple[str, ...]) -> bool:
    return entry.filename.startswith(("/", "\\")) or ".." in parts or parts[0].endswith(":")


def _problem(entry: zipfile.ZipInfo, parts: tuple[str, ...]) -> str:
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if _leads_out(entry, parts):
        return "its path leads out of the archive"
    if len(parts) > MAX_DEPTH or any(len(part.encode("utf-8", "replace")) > MAX_NAME for part in parts):
        return "its path is too long"
    if kind not in (0, stat.S_IFREG):
        return "it is not a regular file"
    if entry.flag_bits & 1:
        return "it is encrypted; ask for a plain copy"
    if entry.file_size > MAX_FILE:
        return f"it is larger than {MAX_FILE // 10**6} MB"
    return ""


def _write(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path, left: int) -> tuple[int, str]:
    """Unpack at most `left` bytes, believing no size that is claimed; return their number and a problem."""
    size = 0
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with opened.open(entry) as source, path.open("xb") as file:
            try:
                while chunk := source.read(1 << 20):
                    size += len(chunk)
                    if size > entry.file_size:
                        raise zipfile.BadZipFile("it is larger than it says")
                    if size > left:
                        raise ValueError("there is too much of this student")
                    file.write(chunk)
            except BaseException:
                path.unlink()
                raise
    except DAMAGED as error:
        if isinstance(error, OSError) and error.errno in NO_ROOM:
            raise
        return size, f"it cannot be unpacked ({type(error).__name__}: {error})"
    return size, ""
