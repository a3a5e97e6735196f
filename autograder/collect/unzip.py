"""Unpacks an archive of submissions, in a process with limits: `main(archive, folder)`.

Only regular notebooks come out, under names that stay inside the folder. Loads the standard
library only.
"""

from __future__ import annotations

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

from autograder.collect.owners import label_of, owner_of, system_of
from autograder.collect.persons import Persons, are_groups, from_json
from autograder.course.files import NO_ROOM
from autograder.course.names import (
    LEFT_OUT,
    MAX_OTHERS,
    is_notebook,
    is_paper,
    is_written,
    printable,
    without_ending,
)

MEMORY = 1_500_000_000  # bytes of address space
MAX_ENTRIES = 50_000  # of all students, of each at most MAX_COUNTED
MAX_COUNTED = 1_000
MAX_NOTES = 5  # on files of one student that are left out for one reason
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
NO_ZIP = "it is no zip archive that can be read"
NO_NOTEBOOK = "it is no notebook (.ipynb)"
ENCODINGS = ("cp1252", "cp850", "cp866", "cp1250", "cp1251", "shift_jis")  # the first of those that fit
IN_NAMES = "–’…§°"  # beside letters
NOBODY = Persons()
IGNORED = ("__MACOSX", ".DS_Store", ".ipynb_checkpoints")


def main(archive: str, target: str, encoding: str = "") -> None:
    """Unpack; print a line for everything that was left out; end with code 1 if nothing can be read.

    Standard input has the people of the roster.
    """
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (100, 100))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_FILE, MAX_FILE))
    try:
        persons = from_json(sys.stdin.read() or "[]")
        for note in unpack(Path(archive), Path(target), encoding, persons):
            print(printable(note))
    except LookupError:
        sys.exit(f"there is no encoding {encoding!r}")
    except zipfile.BadZipFile:
        sys.exit(NO_ZIP)
    except (ValueError, OSError, EOFError, MemoryError, NotImplementedError) as error:
        sys.exit(str(error) or type(error).__name__)


def unpack(archive: Path, target: Path, encoding: str = "", persons: Persons = NOBODY) -> list[str]:
    """Write the notebooks of an archive below `target`; return what was left out and why.

    What is wrong with one entry, or too much of one student's, costs nobody else anything.
    """
    notes: list[str] = []
    with zipfile.ZipFile(archive) as opened:
        notes += _decode_names(opened.infolist(), encoding)
        entries = [(entry, _parts(entry)) for entry in opened.infolist() if not entry.is_dir()]
        empty = _empty_folders(opened.infolist())
        entries = [(entry, parts) for entry, parts in entries if parts]
        above = _folders_around([parts for _, parts in entries], empty, persons)
        system = system_of({_name(parts, above) for _, parts in entries})
        owners = [owner_of(_name(parts, above), system).key for _, parts in entries]
        counted = Counter(owners)
        if sum(min(number, MAX_COUNTED) for number in counted.values()) > MAX_ENTRIES:
            raise ValueError(f"it has {len(entries)} entries; at most {MAX_ENTRIES} are read")
        others, shares, out = _others(entries, above, system, persons), _Shares(len(counted)), _LeftOut(notes)
        outermost_first = sorted(zip(entries, owners, strict=True), key=lambda one: len(one[0][1]))
        for (entry, parts), student in outermost_first:
            problem = _problem(entry, parts)
            if not problem and not is_notebook(parts[-1]):
                if id(entry) not in others:
                    out.add(student, entry.filename, NO_NOTEBOOK)
                    _keep_row(target, parts, above)
                    continue
                notes.append(f"{entry.filename[:200]}: {NO_NOTEBOOK}; it is kept")
            problem = problem or shares.problem(student)
            left = shares.left(student)
            size, problem = (0, problem) if problem else _write(opened, entry, target.joinpath(*parts), left)
            shares.take(student, size, written=not problem)
            if problem:
                out.add(student, entry.filename, problem)
                if not shares.written[student] and not _leads_out(entry, parts):
                    _keep_row(target, parts, above, problem)
        for folders in sorted({parts[: above + 1] for parts in empty if len(parts) > above}):
            _make(target, folders)
        out.sum_up()
    return notes


class _LeftOut:
    """What is said of files that are left out: one student's thousands do not bury the word on another's."""

    def __init__(self, notes: list[str]) -> None:
        self.notes = notes
        self.counts: Counter[tuple[str, str]] = Counter()

    def add(self, student: str, name: str, problem: str) -> None:
        """Say that a file is left out, and why, if not too often."""
        self.counts[student, problem] += 1
        if self.counts[student, problem] <= MAX_NOTES:
            self.notes.append(f"left out {name[:200]}: {problem}")

    def sum_up(self) -> None:
        """Say how many more there are."""
        for (student, problem), count in self.counts.items():
            if count > MAX_NOTES:
                self.notes.append(f"left out {count - MAX_NOTES} more of {student}: {problem}")


class _Shares:
    """How much of an archive each student may still take: a half of all is theirs, whatever others take."""

    def __init__(self, students: int) -> None:
        self.share = MAX_TOTAL // (2 * max(students, 1))  # bytes
        self.claimed = self.share * students
        self.written: Counter[str] = Counter()
        self.tried: Counter[str] = Counter()  # with what had to be left out: reading it takes time
        self.files: Counter[str] = Counter()

    def problem(self, student: str) -> str:
        """Count one more file; return why it is too many, or nothing."""
        self.files[student] += 1
        too_many = self.files[student] > MAX_FILES
        return f"there are more than {MAX_FILES} files of this student" if too_many else ""

    def left(self, student: str) -> int:
        """Return how many bytes this student may still take."""
        others = self.claimed - max(self.written[student], self.share)
        return min(MAX_STUDENT - self.tried[student], MAX_TOTAL - others - self.written[student])

    def take(self, student: str, size: int, written: bool) -> None:
        """Count bytes that were read, and whether they were written, too."""
        others = self.claimed - max(self.written[student], self.share)
        self.tried[student] += size
        self.written[student] += size if written else 0
        self.claimed = others + max(self.written[student], self.share)


def _others(
    entries: list[tuple[zipfile.ZipInfo, tuple[str, ...]]], above: int, system: str, persons: Persons
) -> set[int]:
    """Return which entries are kept though they are no notebooks: papers, and else of who has no notebook.

    A few of each student's: an answer may be written on them, or they say what was handed in instead.
    """
    kept: dict[str, list[int]] = {}
    owners = [owner_of(_name(parts, above), system).key for _, parts in entries]
    with_notebook = {
        owner for owner, (_, parts) in zip(owners, entries, strict=True) if is_notebook(parts[-1])
    }
    for student, (entry, parts) in zip(owners, entries, strict=True):
        label = label_of(parts[-1], system)
        name = label.file if label.owner.system else parts[-1]
        wanted = is_paper(name) if student in with_notebook else not is_written(name)
        if is_notebook(parts[-1]) or not wanted or not _row_of(parts, above, persons):
            continue
        if len(kept.setdefault(student, [])) < MAX_OTHERS:
            kept[student].append(id(entry))
    return {number for numbers in kept.values() for number in numbers}


def _row_of(parts: tuple[str, ...], above: int, persons: Persons = NOBODY) -> tuple[str, ...]:
    """Return the student's folder; in a flat archive one of the file's name, if that says whose it is."""
    named = owner_of(parts[0]).system or persons.find(PurePosixPath(parts[0]).stem)
    return parts[:-1][: above + 1] or (parts if named else ())


def _keep_row(target: Path, parts: tuple[str, ...], above: int, problem: str = "") -> None:
    """Make the student's folder, and note in it what was left out of it, and why."""
    row = _row_of(parts, above)
    _make(target, row)
    if problem and row:
        with suppress(OSError), (target.joinpath(*row) / LEFT_OUT).open("a", encoding="utf-8") as file:
            why = problem.partition(";")[0]
            file.write(f"{printable(parts[-1])}\tIt was left out of the archive: {why}.\n")


def _make(target: Path, folders: tuple[str, ...]) -> None:
    with suppress(OSError):
        target.joinpath(*folders).mkdir(parents=True, exist_ok=True)


def _decode_names(entries: list[zipfile.ZipInfo], encoding: str) -> list[str]:
    """Give the entries their names, and return a note where the encoding had to be guessed.

    Without the flag for UTF-8 a name is UTF-8 all the same (macOS), or in the letters of somebody's Windows.
    """
    raw = {id(entry): _raw(entry) for entry in entries}
    foreign = [name for name in raw.values() if name is not None and not _is_utf8(name)]
    guessed = encoding or _guess(foreign)
    for entry in entries:
        name = raw[id(entry)]
        if name is not None:
            chosen = encoding or ("utf-8" if _is_utf8(name) else guessed)
            entry.filename = name.decode(chosen, "replace")
    if encoding or not foreign:
        return []
    example = foreign[0].decode(guessed, "replace")
    return [
        f"names without a mark of their encoding are read as {guessed}, such as {example[:100]}. If that is "
        "wrong, say which: --encoding cp850, cp1252, cp1251, cp866, gbk, shift_jis, …"
    ]


def _raw(entry: zipfile.ZipInfo) -> bytes | None:
    """Return a name's bytes, if nothing says what letters they mean."""
    if entry.flag_bits & 0x800:
        return None
    try:
        return entry.filename.encode("cp437")
    except UnicodeEncodeError:
        return None


def _is_utf8(name: bytes) -> bool:
    try:
        name.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _guess(names: list[bytes]) -> str:
    """Return "gbk" if all of it can be Chinese and some of it is common, else whose letters fit best.

    Common characters begin with B0 to D7, where Western names have capitals; every one has two bytes.
    Windows' own archives have the letters of its command line: cp850, cp866.
    """
    words = [word for name in names for word in re.findall(rb"[\x80-\xff][\x40-\xff]?", name)]
    try:
        text = b"".join(words).decode("gbk")
    except UnicodeDecodeError:
        text = "?"
    common = [word for word in words if 0xB0 <= word[0] <= 0xD7 and word[1] >= 0xA1]
    chinese = all("\u4e00" <= letter <= "\u9fff" for letter in text)
    if chinese and 2 * len(common) > len(words):
        return "gbk"
    together = b"/".join(names)
    return min(ENCODINGS, key=lambda encoding: _no_letters(together.decode(encoding, "replace")))


def _no_letters(text: str) -> int:
    """Count what stands in no name."""
    return sum(letter > "\x7f" and not letter.isalpha() and letter not in IN_NAMES for letter in text)


def _folders_around(
    files: list[tuple[str, ...]], empty: list[tuple[str, ...]], persons: Persons = NOBODY
) -> int:
    """Return how many folders lie around each student's, as systems and people put them.

    One that lies around all others; and those of groups, where a system's names are on all that they hold, or
    names of people in the roster on most.
    """
    around = _common([parts[:-1] for parts in files] + empty)
    within = [parts[around:] for parts in (*files, *empty) if len(parts) > around]
    told = [[bool(owner_of(without_ending(name)).system) for name in parts[:2]] for parts in within]
    grouped = bool(files) and all(of in ([False, True], [False]) for of in told)
    grouped = grouped and all(len(parts) > around + 1 for parts in files)
    return around + (grouped or _hold_people(within, persons))


def _hold_people(within: list[tuple[str, ...]], persons: Persons) -> bool:
    """Return whether the outermost folders of these paths are groups of people in the roster."""
    folders: dict[str, dict[str, None]] = {}
    for parts in within:
        if len(parts) > 1:
            folders.setdefault(parts[0], {})[without_ending(parts[1])] = None
    alone = [parts[0] for parts in within if len(parts) == 1 and is_notebook(parts[0])]
    return not alone and are_groups([(name, [*names]) for name, names in folders.items()], persons)


def _common(paths: list[tuple[str, ...]]) -> int:
    for number, names in enumerate(zip(*paths, strict=False)):
        if len(set(names)) > 1:
            return number
    return min(map(len, paths), default=0)


def _empty_folders(entries: list[zipfile.ZipInfo]) -> list[tuple[str, ...]]:
    """Return the folders that hold nothing but what programs leave: who handed in nothing has one, too."""
    filled = {
        parts[:number]
        for parts in (_parts(entry) for entry in entries if not entry.is_dir())
        for number in range(len(parts))
    }
    empty = []
    for entry in entries:
        parts = _names(entry)
        folders = parts if entry.is_dir() else parts[:-1]
        kept = next((number for number, name in enumerate(folders) if name in IGNORED), len(folders))
        if folders[:kept] and folders[:kept] not in filled and not _leads_out(entry, parts):
            empty.append(folders[:kept][:MAX_DEPTH])
    inner = {folders[:number] for folders in empty for number in range(len(folders))}
    return sorted({folders for folders in empty if folders not in inner})


def _name(parts: tuple[str, ...], above: int) -> str:
    """Return the part of a path that says whose it is, as `owner_of` wants it."""
    return without_ending(parts[min(above, len(parts) - 1)])


def _parts(entry: zipfile.ZipInfo) -> tuple[str, ...]:
    """Return the names in an entry's path; none if it is a leftover of some program."""
    parts = _names(entry)
    beside = bool(parts) and parts[-1].startswith("._")  # of a file or a folder: itself it is no folder
    return () if beside or any(part in IGNORED for part in parts) else parts


def _names(entry: zipfile.ZipInfo) -> tuple[str, ...]:
    return PurePosixPath(entry.filename.replace("\\", "/")).parts


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
