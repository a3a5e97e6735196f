"""Students' code is parsed in a process of its own, with limits: one that breaks it is left out alone."""

from __future__ import annotations

import multiprocessing
import os
import resource
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import islice

from autograder.insight.syntax import Fragment, look_into

MEMORY = 1_500_000_000  # bytes of address space
SECONDS = 30  # of processor time for one package
PACKAGE = 50  # students that are parsed at a time


@dataclass(frozen=True)
class Code:
    """What a student wrote, all cells in one text, and its fingerprints."""

    text: str
    fragments: tuple[Fragment, ...]
    hidden: int = 0  # cells that no fingerprint tells: no Python, very long, or run from a text


Package = Mapping[str, Sequence[str]]  # the cells of several students


def parsed(cells: Package) -> dict[str, Code]:
    """Return the code of each student, given the cells; who cannot be parsed has no fingerprints."""
    left = iter(cells.items())
    packages: list[Package] = list(iter(lambda: dict(islice(left, PACKAGE)), {}))
    found, broken = dict[str, Code](), list[Package]()
    with _parsers(min(os.cpu_count() or 1, max(1, len(packages)))) as parsers:
        jobs = [(parsers.submit(_parse, package), package) for package in packages]
        for job, package in jobs:
            try:
                found |= job.result()
            except BrokenProcessPool:
                broken.append(package)
    for package in broken:
        found |= _carefully(package)
    return {name: found[name] for name in cells}


def _carefully(package: Package) -> dict[str, Code]:
    """Parse in halves, and halves of these, until whoever breaks the parser is alone."""
    try:
        with _parsers(1) as parser:
            return parser.submit(_parse, package).result()
    except BrokenProcessPool:
        names = list(package)
        if len(names) == 1:
            return {name: Code("\n".join(package[name]), (), len(package[name])) for name in names}
        halves = names[: len(names) // 2], names[len(names) // 2 :]
        first, second = ({name: package[name] for name in half} for half in halves)
        return _carefully(first) | _carefully(second)


def _parsers(count: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(count, multiprocessing.get_context("spawn"), _limit_memory)


def _limit_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _parse(package: Package) -> dict[str, Code]:
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = int(used.ru_utime + used.ru_stime) + 1 + SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))  # SIGXCPU ends the process
    return {name: code_of(sources) for name, sources in package.items()}


def code_of(sources: Sequence[str]) -> Code:
    """Return cells as one text, with its fingerprints."""
    return Code("\n".join(sources), *look_into(sources))
