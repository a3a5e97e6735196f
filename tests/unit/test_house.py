"""The house as drawn: which way imports run, what loads with them, and what the wheel holds."""

import ast
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def imported_names(path: Path, top_level_only: bool) -> Iterator[str]:
    """Dotted names that a module imports, relative ones resolved."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    package = path.relative_to(ROOT).parts[:-1]
    for node in tree.body if top_level_only else ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            yield ".".join([*base, *([node.module] if node.module else [])])


def modules(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


@pytest.mark.parametrize("path", modules("gmmlib"), ids=lambda path: path.stem)
def test_the_library_never_imports_the_grader(path: Path) -> None:
    assert not [name for name in imported_names(path, False) if name.split(".")[0] == "autograder"]


@pytest.mark.parametrize(
    "path", [p for p in modules("autograder/sandbox") if p.stem in ("worker", "shell")], ids=lambda p: p.stem
)
def test_the_untrusted_worker_imports_nothing_of_ours(path: Path) -> None:
    ours = {"autograder", "gmmlib"}
    assert not [name for name in imported_names(path, False) if name.split(".")[0] in ours]


@pytest.mark.parametrize("module", ["gmmlib", "autograder.check"])
def test_what_students_load_needs_only_numpy(module: str) -> None:
    heavy = ["scipy", "matplotlib", "pandas", "sklearn", "nbgrader", "IPython", "dask", "jupytext"]
    program = f"import sys, {module}; print(*[name for name in {heavy} if name in sys.modules])"
    command = [sys.executable, "-c", program]
    run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)
    assert run.stdout.split() == []


@pytest.mark.parametrize("topic", sorted(path.parent.name for path in ROOT.glob("solutions/*/*.py")))
def test_a_topic_has_the_same_name_in_every_room(topic: str) -> None:
    rooms = [f"book/{topic}.md", f"solutions/{topic}/{topic}.py", f"autograder/questions/{topic}.py"]
    assert not [room for room in rooms if not (ROOT / room).exists()]


def test_the_wheel_holds_the_packages_the_data_and_the_assignments(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), "."]
    source = tmp_path / "source"
    # Built from a copy of what git tracks: setuptools leaves folders behind where it builds.
    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in filter(None, files.stdout.split("\0")):
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    subprocess.run(command, cwd=source, capture_output=True, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    assert wheel.name.endswith("-py3-none-any.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    wanted = {"gmmlib/data/old_faithful.csv", "gmmlib/data/galaxies.csv", "gmmlib/py.typed"}
    wanted |= {"autograder/py.typed", "autograder/cli.py"}
    sources = [path.relative_to(ROOT / "solutions") for path in ROOT.glob("solutions/*/*.py")]
    wanted |= {f"autograder/assignments/{path.as_posix()}" for path in sources}
    assert wanted <= names
    assert not [name for name in names if name.startswith(("tests/", "book/", "solutions/"))]
