"""The student's wheel: pip takes it, it holds what a check needs and no model answer; stable bytes."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from autograder import links
from book import build

from .test_pages import solution_lines

sys.path.insert(0, str(build.ROOT / "book" / "_ext"))

from gmm_book import runtime

# Modules that hold the reference of a question which gmmlib has not, or a mistake made amid a right
# computation. Lines of theirs are lines of a model answer too.
REFERENCES = {
    "autograder/questions/missing/m_step_missing.py",
    "autograder/questions/starts/best_of_restarts.py",
    "autograder/questions/capstone/percentile_interval.py",
    "autograder/questions/capstone/standard_order.py",
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return runtime.build_wheel(build.ROOT, tmp_path_factory.mktemp("runtime"))


def contents(wheel: Path) -> dict[str, str]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name).decode("utf-8") for name in archive.namelist()}


def test_equal_sources_give_equal_bytes(wheel: Path, tmp_path: Path) -> None:
    assert runtime.build_wheel(build.ROOT, tmp_path).read_bytes() == wheel.read_bytes()


def test_the_wheel_holds_every_module_that_its_modules_import(wheel: Path) -> None:
    names = contents(wheel)
    for name, text in names.items():
        for node in ast.walk(ast.parse(text)) if name.endswith(".py") else ():
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            modules += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for module in modules:
                path = module.replace(".", "/")
                known = module.split(".")[0] not in ("autograder", "gmmlib")
                assert known or {f"{path}.py", f"{path}/__init__.py"} & names.keys(), (name, module)


def test_the_wheel_holds_no_assignment_and_nothing_of_the_grader(wheel: Path) -> None:
    names = contents(wheel)
    assert not [text for text in names.values() if "BEGIN SOLUTION" in text]
    for room in ("assignments", "course", "commands", "record", "execute", "for_nbgrader", "reports"):
        assert not [name for name in names if name.startswith(f"autograder/{room}")]


def test_no_line_of_a_model_answer_is_in_the_wheel_but_in_references_and_mistakes(wheel: Path) -> None:
    lines = solution_lines()
    shown = {name: re.sub(r"\s+", " ", text) for name, text in contents(wheel).items()}
    leaks = {name for name, text in shown.items() for line in lines if line in text}
    assert lines
    assert {name for name in leaks if "/wrong_" not in name} <= REFERENCES


def test_whatever_the_wheel_is_made_of_counts_when_the_book_is_built_anew() -> None:
    inputs = [build.ROOT / name for name in build.INPUTS]
    sources = [build.ROOT / name for name in (*runtime.CONTENTS, runtime.FIGURES, "LICENSE")]
    assert not [source for source in sources if not {source, *source.parents} & set(inputs)]


def test_pip_installs_the_wheel_and_the_check_answers_from_it(wheel: Path, tmp_path: Path) -> None:
    """Without an index: what the wheel requires, NumPy, is here already."""
    target = tmp_path / "installed"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
    subprocess.run([*pip, "--target", str(target), str(wheel)], check=True, capture_output=True)
    program = (
        "import autograder, gmmlib\n"
        "from autograder.check import check\n"
        "from autograder.questions import ASSIGNMENTS, of_assignment\n"
        "assert all(check(q.id, q.reference) for name in ASSIGNMENTS for q in of_assignment(name))\n"
        "print(autograder.__file__)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(target)!r})\n{program}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith(str(target))


def test_a_missing_source_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="gmmlib is missing"):
        runtime.build_wheel(tmp_path, tmp_path)


def test_every_card_leads_to_the_wheel_of_the_site(html: Path, pages: dict[str, str]) -> None:
    found = {
        (html / name).parent / address
        for name, source in pages.items()
        for address in re.findall(r'<a data-wheel href="([^"]*)"', source)
    }
    assert found
    assert {path.resolve() for path in found} == {(html / "_static" / "runtime" / links.WHEEL).resolve()}
    assert links.wheel_url(html.as_uri()).endswith(f"/_static/runtime/{links.WHEEL}")
