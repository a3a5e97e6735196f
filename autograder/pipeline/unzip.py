"""Unpacks an archive of submissions, in a process with limits: `main(archive, folder)`.

Only regular notebooks come out, under names that stay inside the folder. Standard library only.
"""

from __future__ import annotations

import lzma
import resource
import stat
import sys
import zipfile
import zlib
from pathlib import Path, PurePosixPath

MEMORY = 1_500_000_000  # bytes of address space
MAX_ENTRIES = 50_000
MAX_FILE = 100_000_000  # bytes of one file, unpacked
MAX_TOTAL = 4_000_000_000  # bytes of all files, unpacked
DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, EOFError, ValueError, RuntimeError)
IGNORED = ("__MACOSX", ".DS_Store", ".ipynb_checkpoints")


def main(archive: str, target: str) -> None:
    """Unpacks; prints a line for everything that was left out; ends with code 1 if nothing can be read."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (100, 100))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_FILE, MAX_FILE))
    try:
        for note in unpack(Path(archive), Path(target)):
            print("".join(letter if letter.isprintable() else "?" for letter in note))
    except (zipfile.BadZipFile, ValueError, OSError, EOFError, MemoryError, NotImplementedError) as error:
        sys.exit(str(error) or type(error).__name__)


def unpack(archive: Path, target: Path) -> list[str]:
    """Writes the notebooks of an archive below `target`; returns what was left out and why."""
    notes: list[str] = []
    total = 0
    with zipfile.ZipFile(archive) as opened:
        entries = opened.infolist()
        if len(entries) > MAX_ENTRIES:
            raise ValueError(f"it has {len(entries)} entries; at most {MAX_ENTRIES} are read")
        for entry in entries:
            parts = PurePosixPath(entry.filename.replace("\\", "/")).parts
            if entry.is_dir() or not parts or any(part in IGNORED or part.startswith("._") for part in parts):
                continue
            problem = _problem(entry, parts)
            if not problem and not entry.filename.lower().endswith(".ipynb"):
                continue
            if not problem:
                total += entry.file_size
                if total > MAX_TOTAL:
                    raise ValueError(f"it unpacks to more than {MAX_TOTAL // 10**9} GB")
                problem = _write(opened, entry, target.joinpath(*parts))
            if problem:
                if ".." not in parts and len(parts) > 1 and not entry.filename.startswith(("/", "\\")):
                    target.joinpath(*parts[:-1]).mkdir(parents=True, exist_ok=True)  # the student has a row
                notes.append(f"left out {entry.filename[:200]}: {problem}")
    return notes


def _problem(entry: zipfile.ZipInfo, parts: tuple[str, ...]) -> str:
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if entry.filename.startswith(("/", "\\")) or ".." in parts or parts[0].endswith(":"):
        return "its path leads out of the archive"
    if kind not in (0, stat.S_IFREG):
        return "it is not a regular file"
    if entry.flag_bits & 1:
        return "it is encrypted; ask for a plain copy"
    if entry.file_size > MAX_FILE:
        return f"it is larger than {MAX_FILE // 10**6} MB"
    return ""


def _write(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path) -> str:
    """Unpacks one file, believing no size that the archive claims."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with opened.open(entry) as source, path.open("xb") as file:
            while chunk := source.read(1 << 20):
                file.write(chunk)
                if file.tell() > entry.file_size:
                    raise zipfile.BadZipFile("it is larger than it says")
    except DAMAGED as error:
        path.unlink(missing_ok=True)
        return f"it cannot be unpacked ({type(error).__name__}: {error})"
    return ""
