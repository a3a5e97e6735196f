"""The house as drawn: which way imports run, what loads with them, how large it is, what the wheel holds."""

from __future__ import annotations

import ast
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Which room may import which other: the drawing as data. A room is a folder, or a module beside the folders.
ALLOWED: dict[str, set[str]] = {
    "__main__": {"cli"},
    "cli": {"commands", "course", "desk", "reports"},
    "desk": {"collect", "commands", "course", "insight", "record", "reports", "settings", "values"},
    "commands": {
        "check",
        "collect",
        "course",
        "execute",
        "insight",
        "intake",
        "judge",
        "record",
        "reports",
        "sandbox",
        "settings",
        "values",
    },
    "for_nbgrader": {"collect", "course", "execute", "intake", "record", "reports", "settings", "values"},
    "reports": {"course", "insight", "intake", "links", "record", "values"},
    "insight": {"course", "judge", "record", "values"},
    "record": {"course", "intake", "settings", "values"},
    "execute": {"course", "intake", "judge", "sandbox", "settings", "values"},
    "collect": {"course", "intake", "settings"},
    "intake": {"course", "values"},
    "course": {"links", "questions", "settings", "values"},
    "check": {"gmmlib", "inside", "judge", "links", "questions", "values"},
    "questions": {"gmmlib", "judge", "links", "values"},
    "judge": {"gmmlib", "values"},
    "sandbox": {"inside", "values"},
    "inside": set(),
    "links": set(),
    "settings": set(),
    "values": set(),
    "gmmlib": set(),
}
ANYBODY = {"autograder"}  # the package itself holds its version and nothing else
INSIDE = ROOT / "autograder" / "sandbox" / "inside"
FOR_STUDENTS = {"numpy", "scipy", "matplotlib", "IPython", "traitlets"}  # what the sandbox has
MAX_MODULES = 12  # in a folder
MAX_LINES = 40  # of a function, its docstring not counted


def modules(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def short(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def name_of(path: Path) -> str:
    """The dotted name of a module; a package has its folder's."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def ours() -> frozenset[str]:
    return frozenset(map(name_of, modules("autograder", "gmmlib")))


def imports(path: Path) -> Iterator[str]:
    """Dotted names that a module imports: at the top, in functions, for the type checker."""
    package = path.relative_to(ROOT).parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:  # `from a import b` means the module a.b where there is one
                yield f"{module}.{alias.name}" if f"{module}.{alias.name}" in ours() else module


def of_ours(path: Path) -> set[str]:
    return {name for name in imports(path) if name.split(".")[0] in ("autograder", "gmmlib")}


def room(module: str) -> str:
    if module.startswith("autograder.sandbox.inside"):
        return "inside"
    first, _, rest = module.partition(".")
    return rest.split(".")[0] if first == "autograder" and rest else first


@pytest.mark.parametrize("path", modules("autograder", "gmmlib"), ids=short)
def test_imports_run_as_drawn(path: Path) -> None:
    here = room(name_of(path))
    assert here in ALLOWED or here in ANYBODY, "a room that is not in the drawing"
    there = {room(name) for name in of_ours(path)} - {here} - ANYBODY
    assert there <= ALLOWED.get(here, set())


def test_the_rooms_of_the_drawing_stand_one_upon_the_other() -> None:
    TopologicalSorter(ALLOWED).prepare()


@pytest.mark.parametrize("package", ["autograder", "gmmlib"])
def test_no_modules_import_each_other_in_a_circle(package: str) -> None:
    graph = {name_of(path): of_ours(path) - {name_of(path)} for path in modules(package)}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


@pytest.mark.parametrize("path", sorted(INSIDE.glob("*.py")), ids=short)
def test_what_is_bound_into_the_sandbox_imports_its_own_files_only(path: Path) -> None:
    allowed = {file.stem for file in INSIDE.glob("*.py")} | FOR_STUDENTS | set(sys.stdlib_module_names)
    assert {name.split(".")[0] for name in imports(path)} <= allowed


@pytest.mark.parametrize("module", ["gmmlib", "autograder.check"])
def test_what_students_load_needs_only_numpy(module: str) -> None:  # and what NumPy loads: its Cython
    program = (
        f"import sys; before = set(sys.modules); import {module}; "
        "print(*{name.split('.')[0] for name in set(sys.modules) - before if 'cython' not in name})"
    )
    command = [sys.executable, "-c", program]
    run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)
    assert set(run.stdout.split()) - set(sys.stdlib_module_names) <= {"numpy", "gmmlib", "autograder"}


def test_a_folder_holds_no_more_modules_than_one_can_keep_in_mind() -> None:
    sizes = Counter(short(path.parent) for path in modules("autograder") if path.name != "__init__.py")
    del sizes["autograder/questions"]  # a module for each question, as in gmmlib one for each idea
    assert not {folder: size for folder, size in sizes.items() if size > MAX_MODULES}


def lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = function.body[0]
    described = ast.get_docstring(function) is not None
    docstring = (first.end_lineno or 0) - first.lineno + 1 if described else 0
    return (function.end_lineno or 0) - function.lineno + 1 - docstring


@pytest.mark.parametrize("folder", ["autograder", "gmmlib", "book/_ext", "benchmarks", "tests"])
def test_a_function_fits_on_a_screen(folder: str) -> None:
    functions = (
        (short(path), node)
        for path in modules(folder)
        if "students" not in path.parts  # the sample class writes as it likes
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    assert not [f"{path}: {node.name}" for path, node in functions if lines_of(node) > MAX_LINES]


@pytest.mark.parametrize("topic", sorted(path.parent.name for path in ROOT.glob("solutions/*/*.py")))
def test_a_topic_has_the_same_name_in_every_room(topic: str) -> None:
    rooms = [f"book/{topic}.md", f"solutions/{topic}/{topic}.py", f"autograder/questions/{topic}/__init__.py"]
    assert not [room for room in rooms if not (ROOT / room).exists()]


def test_the_wheel_holds_every_module_the_data_and_the_assignments(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), "."]
    source = tmp_path / "source"
    # Built from a copy of what git tracks: setuptools leaves folders behind where it builds.
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    files = [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
    for name in files:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes((ROOT / name).read_bytes())
    subprocess.run(command, cwd=source, capture_output=True, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    assert wheel.name.endswith("-py3-none-any.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    wanted = {name for name in files if name.startswith(("autograder/", "gmmlib/"))}
    sources = [path.relative_to(ROOT / "solutions") for path in ROOT.glob("solutions/*/*.py")]
    wanted |= {f"autograder/assignments/{path.as_posix()}" for path in sources}
    assert wanted <= names
    assert not [name for name in names if name.startswith(("tests/", "book/", "solutions/"))]
