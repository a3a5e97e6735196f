"""Code that is alike beyond what everybody was given: a place to look, never a verdict.

What stands in the released notebook, in the book where it lies beside the package, or in the code of a good
part of the class, explains itself. Whoever is near the model answer is compared with that, and with others
only in what goes beyond it. Students whose structure is the same are one version, however many.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from scipy import sparse

from autograder.course.directory import Course, assignment_sources, solutions_of
from autograder.course.release import text_of
from autograder.course.releasing import notebook_of
from autograder.insight.parsing import Code, code_of, parsed
from autograder.record.rows import Person, rows

ENOUGH = 25  # fragments in common: less is no more than a short function has
ALIKE = 0.6  # of the shorter one's fragments: independent right answers stay below a third
COMMON = 0.2  # of the versions: what so many have in common is an idiom
MANY = 20  # versions: with fewer nothing is taken for an idiom
PAIRS = 500  # that are reported, the most alike first

Digests = frozenset[int]


@dataclass(frozen=True)
class Version:
    """Everybody whose code has the same structure, and the code of the first."""

    people: tuple[str, ...]
    code: Code
    own: Digests  # fingerprints that nothing explains


@dataclass(frozen=True)
class Pair:
    """Two versions, or a version and published code, that are alike."""

    first: Version
    second: Version
    share: float  # of the shorter one's own fragments, in [0, 1]
    common: Digests


@dataclass(frozen=True)
class Likeness:
    """What was found in an assignment."""

    assignment: str
    compared: int  # students whose code could be parsed
    same: tuple[Version, ...]  # versions of several students, the largest first
    pairs: tuple[Pair, ...]  # versions that are alike, the most alike first
    published: tuple[Pair, ...]  # the same, with published code as the second
    left_out: int = 0  # further pairs
    partly: tuple[str, ...] = ()  # students with cells that could not be compared
    people: Mapping[str, Person] = field(default_factory=dict)  # by id

    def person(self, name: str) -> Person:
        """Return whose code it is."""
        return self.people.get(name) or Person(name)


def likeness(course: Course, assignment: str) -> Likeness:
    """Compare everybody's code with everybody else's and with the solutions."""
    release = json.loads(course.released(assignment).read_text(encoding="utf-8"))
    given = set(_cells(release))
    students = {}
    for path in sorted(course.folder("autograded").glob(f"*/{assignment}/{assignment}.ipynb")):
        with suppress(OSError, ValueError, KeyError):  # who has no whole notebook is not compared
            cells = _cells(json.loads(path.read_text(encoding="utf-8")))
            students[path.parts[-3]] = [cell for cell in cells if cell not in given]
    explained = digests(code_of([*given, *_of_the_book()]))
    found = compare(assignment, parsed(students), explained, published(course, assignment, given))
    return replace(found, people={row.person.id: row.person for row in rows(course, assignment)})


def compare(
    assignment: str, students: Mapping[str, Code], explained: Digests, others: Mapping[str, Code]
) -> Likeness:
    """Compare code with code; `others` is what is published, by name."""
    versions = _versions(students, explained)
    public = tuple(Version((name,), code, digests(code) - explained) for name, code in others.items())
    known = _idioms(versions).union(*(version.own for version in public))
    pairs, number = _alike(versions, known)
    copied = [pair for version in versions for pair in _nearest(version, public)]
    return Likeness(
        assignment,
        sum(bool(code.fragments) for code in students.values()),
        tuple(
            version for version in versions if len(version.people) > 1 and len(version.own - known) >= ENOUGH
        ),
        pairs,
        tuple(sorted(copied, key=lambda pair: -pair.share)),
        number - len(pairs),
        tuple(name for name, code in students.items() if code.hidden),
    )


def digests(code: Code) -> Digests:
    """Return the fingerprints of code, wherever they stand."""
    return frozenset(fragment.digest for fragment in code.fragments)


def _versions(students: Mapping[str, Code], explained: Digests) -> tuple[Version, ...]:
    """Return the different structures, those of most students first."""
    groups: dict[Digests, list[str]] = {}
    for name, code in students.items():
        groups.setdefault(digests(code) - explained, []).append(name)
    made = (Version(tuple(names), students[names[0]], own) for own, names in groups.items() if own)
    return tuple(sorted(made, key=lambda version: (-len(version.people), version.people)))


def _idioms(versions: Sequence[Version]) -> Digests:
    if len(versions) < MANY:
        return frozenset()
    counts = Counter(digest for version in versions for digest in version.own)
    return frozenset(digest for digest, count in counts.items() if count > COMMON * len(versions))


def _alike(versions: Sequence[Version], known: Digests) -> tuple[tuple[Pair, ...], int]:
    """Return the versions that are most alike, and how many pairs are; all are counted by one product."""
    versions = [version for version in versions if len(version.own - known) >= ENOUGH]
    own = [version.own - known for version in versions]
    if not own:
        return (), 0
    places = {digest: column for column, digest in enumerate(sorted(frozenset().union(*own)))}
    sizes = np.array([len(digests) for digests in own])
    rows = np.repeat(np.arange(len(own)), sizes)
    columns = np.array([places[digest] for digests in own for digest in digests])
    has = sparse.csr_array(
        (np.ones(len(rows), dtype=np.int32), (rows, columns)), shape=(len(own), len(places))
    )
    both = sparse.triu(has @ has.T, k=1).tocoo()  # fragments in common
    shares = both.data / np.minimum(sizes[both.row], sizes[both.col])
    (alike,) = np.nonzero((both.data >= ENOUGH) & (shares >= ALIKE))
    most = alike[np.lexsort((both.col[alike], both.row[alike], -shares[alike]))][:PAIRS]
    pairs = (
        Pair(versions[i], versions[j], float(share), own[i] & own[j])
        for i, j, share in zip(both.row[most], both.col[most], shares[most], strict=True)
    )
    return tuple(pairs), len(alike)


def _nearest(version: Version, public: Sequence[Version]) -> Iterator[Pair]:
    """Yield the published code that explains most of a version, if it explains enough."""
    shares = [(len(version.own & other.own) / len(version.own), other) for other in public]
    share, other = max(shares, key=lambda pair: pair[0], default=(0.0, version))
    if share >= ALIKE and len(version.own & other.own) >= ENOUGH:
        yield Pair(version, other, share, version.own & other.own)


# --------------------------------------------------------------------------- what is there to read


def published(course: Course, assignment: str, given: Container[str] = ()) -> dict[str, Code]:
    """Return the model answers, as the package has them and as released, and the library's code.

    Cells that everybody was given are left out.
    """
    found: dict[str, Code] = {}
    source = course.notebook("source", assignment)
    if source.exists():
        cells = _cells(json.loads(source.read_text(encoding="utf-8")))
        found["the model answer"] = code_of([cell for cell in cells if cell not in given])
    original = assignment_sources(solutions_of(course)).get(assignment)
    if original is not None:
        cells = _cells(notebook_of(original))
        found[f"solutions/{assignment}/{assignment}.py"] = code_of([c for c in cells if c not in given])
    library = Path(__file__).parents[2] / "gmmlib"
    for path in sorted(library.glob("*.py")):
        found[f"gmmlib/{path.name}"] = code_of([path.read_text(encoding="utf-8")])
    return found


def _of_the_book() -> Iterator[str]:
    """Yield the code of the book's pages, where they lie beside the package."""
    for path in sorted((Path(__file__).parents[2] / "book").glob("*.md")):
        yield from re.findall(r"^```.*python\n(.*?)^```", path.read_text(encoding="utf-8"), re.M | re.S)
        yield from re.findall(
            r"^```\{code-cell\}.*\n(.*?)^```", path.read_text(encoding="utf-8"), re.M | re.S
        )


def _cells(notebook: Mapping[str, list[dict[str, object]]]) -> list[str]:
    return [text_of(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
