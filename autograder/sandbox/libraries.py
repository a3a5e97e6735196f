"""The shared libraries that the interpreter and the visible packages need from the system, and no others.

Read from the ELF files themselves: each names the libraries it needs (DT_NEEDED). Source: the System V ABI,
chapter 5, "Dynamic section"; elf(5).
"""

from __future__ import annotations

import mmap
import os
import re
import struct
import subprocess
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

_LOAD, _DYNAMIC, _INTERPRETER = 1, 2, 3  # types of program headers
_NEEDED, _STRING_TABLE = 1, 5  # tags of the dynamic section
_ALWAYS = ("libgcc_s.so.1",)  # loaded by the C library when a thread ends
_SKIPPED = ("site-packages", "dist-packages", "__pycache__")


def needed(path: Path) -> tuple[list[str], str]:
    """The names of the libraries an ELF file needs, and its loader's path; empty if it is no such file."""
    with path.open("rb") as file:
        if file.read(6) != b"\x7fELF\x02\x01":  # 64 bits, little-endian
            return [], ""
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as image:
            return _dynamic(image)


def _dynamic(image: mmap.mmap) -> tuple[list[str], str]:
    (start,) = struct.unpack_from("<Q", image, 32)
    size, count = struct.unpack_from("<HH", image, 54)
    loads, entries, loader = [], [], ""
    for index in range(count):
        kind, _, offset, address, _, length = struct.unpack_from("<IIQQQQ", image, start + index * size)
        if kind == _LOAD:
            loads.append((address, offset, length))
        elif kind == _DYNAMIC:
            entries = list(struct.iter_unpack("<QQ", image[offset : offset + length]))
        elif kind == _INTERPRETER:
            loader = image[offset : offset + length].rstrip(b"\0").decode()
    table = next((value for tag, value in entries if tag == _STRING_TABLE), None)
    base = next((o + table - a for a, o, n in loads if table is not None and a <= table < a + n), None)
    if base is None:
        return [], loader
    names = (
        image[base + value : image.find(b"\0", base + value)] for tag, value in entries if tag == _NEEDED
    )
    return [name.decode() for name in names], loader


@lru_cache
def known_libraries() -> dict[str, Path]:
    """Every library that the system's loader knows, by name."""
    for program in ("ldconfig", "/sbin/ldconfig", "/usr/sbin/ldconfig"):
        try:
            listing = subprocess.run([program, "-p"], capture_output=True, text=True, check=True).stdout
        except (OSError, subprocess.CalledProcessError):
            continue
        found: dict[str, Path] = {}
        for name, path in re.findall(r"^\s+(\S+) \(.*\) => (\S+)$", listing, re.MULTILINE):
            found.setdefault(name, Path(path))
        return found
    return {}


def closure(files: Iterable[Path], own_folders: Iterable[Path] = ()) -> dict[str, Path]:
    """The system's libraries that the files need, by the name they ask for; the loader by its full path."""
    system = known_libraries() | {
        path.name: path for folder in own_folders for path in folder.glob("lib*.so*") if path.is_file()
    }
    waiting, found, seen = list(files), dict[str, Path](), set[str]()
    waiting += [system[name] for name in _ALWAYS if name in system]
    found.update({name: system[name] for name in _ALWAYS if name in system})
    while waiting:
        names, loader = needed(waiting.pop())
        if loader:
            found[loader] = Path(loader)
        for name in set(names) - seen:
            seen.add(name)
            if name in system:
                found[name] = system[name]
                waiting.append(system[name])
    return {name: path.resolve() for name, path in found.items()}


def shared_objects(folder: Path) -> Iterator[Path]:
    """All extension modules and libraries below a folder; not the host's packages in the standard library."""
    if ".so" in folder.name:
        yield folder
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in _SKIPPED]
        yield from (Path(place, name) for name in names if ".so" in name)
