"""Python for the page: pinned, complete, small, licensed, and without a line of a model answer."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import shutil
import sys
import zipfile
from pathlib import Path

import pytest

from book import build

from .test_pages import MEGABYTE, solution_lines
from .test_runtime import REFERENCES

sys.path.insert(0, str(build.ROOT / "book" / "_ext"))

from gmm_book import browser_python, exercise, npm, runtime

LOCK = json.loads((browser_python.HERE / "package-lock.json").read_text("utf-8"))["packages"]


@pytest.fixture(scope="module")
def core(html: Path) -> Path:
    (folder,) = (html / "_static" / "runtime").glob("core-*")
    return folder


@pytest.fixture(scope="module")
def page(html: Path) -> Path:
    (folder,) = (html / "_static" / "runtime").glob("page-*")
    return folder


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def unpacked(content: bytes) -> dict[str, bytes]:
    import io

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_reader_who_begins_loads_less_than_ten_megabytes(html: Path, core: Path, page: Path) -> None:
    first = max((html / "assignments").glob("*/*.ipynb"), key=lambda path: path.stat().st_size)
    published = files(core) | files(page)
    assert sum(map(len, published.values())) + first.stat().st_size < 10 * MEGABYTE


def test_every_card_names_the_folder_that_is_there(html: Path, page: Path, pages: dict[str, str]) -> None:
    named = {
        ((html / name).parent / address).resolve()
        for name, source in pages.items()
        for address in re.findall(r'data-runtime="([^"]*)"', source)
    }
    assert named == {page.resolve()}
    for source in pages.values():
        for name in re.findall(r'data-exercise="(\w+)"', source):
            asked = [
                part["question"] for part in json.loads((page / f"{name}.json").read_text("utf-8"))["parts"]
            ]
            assert [question for question in asked if question] == re.findall(
                rf'data-question="({name}\.\w+)"', source
            )


def test_folders_are_named_by_their_content(core: Path, page: Path) -> None:
    for folder in (core, page):
        assert folder.name.partition("-")[2] == browser_python.digest(files(folder))
    assert f'"../{core.name}/"' in (page / "addresses.js").read_text("utf-8")


def test_every_third_party_file_is_pinned_by_a_hash_and_no_address() -> None:
    assert all("integrity" in package for place, package in LOCK.items() if place)
    text = (browser_python.HERE / "package-lock.json").read_text("utf-8")
    assert "://" not in text


def test_pyodide_and_numpy_are_the_files_that_were_pinned(core: Path) -> None:
    """What npm has checked by its lock file is what is packed; NumPy's hash stands in Pyodide's own lock."""
    pyodide = npm.install(browser_python.HERE, build.BUILD / "pyodide", "pyodide", "")
    for name in ("pyodide.asm.wasm", "pyodide.asm.js"):
        assert gzip.decompress((core / f"{name}.pack").read_bytes()) == (pyodide / name).read_bytes()
    lock = json.loads((pyodide / "pyodide-lock.json").read_text("utf-8"))
    official = unpacked(browser_python.numpy_wheel(lock).read_bytes())
    published = json.loads((core / "pyodide-lock.json").read_text("utf-8"))["packages"]["numpy"]
    wheel = (core / published["file_name"]).read_bytes()
    assert hashlib.sha256(wheel).hexdigest() == published["sha256"]
    for name, content in unpacked(wheel).items():
        assert name.endswith(".pyc") or official[name] == content


def test_another_numpy_or_none_ends_the_build_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = json.loads((build.BUILD / "pyodide/node_modules/pyodide/pyodide-lock.json").read_text("utf-8"))
    monkeypatch.setattr(browser_python, "HERE", tmp_path)
    with pytest.raises(FileNotFoundError, match="NumPy for the page is made of it"):
        browser_python.numpy_wheel(lock)
    (tmp_path / lock["packages"]["numpy"]["file_name"]).write_bytes(b"another")
    with pytest.raises(RuntimeError, match="its SHA-256 differs"):
        browser_python.numpy_wheel(lock)


def test_a_package_with_another_hash_is_not_installed(tmp_path: Path) -> None:
    source = tmp_path / "source"
    shutil.copytree(browser_python.HERE.parent / "temml", source)
    lock = source / "package-lock.json"
    lock.write_text(re.sub(r"sha512-\w{6}", "sha512-AAAAAA", lock.read_text("utf-8")), "utf-8")
    with pytest.raises(RuntimeError, match="npm could not install temml, which renders mathematics"):
        npm.install(source, tmp_path / "home", "temml", "renders mathematics")


def test_licences_of_everything_that_is_shipped_stand_beside_it(core: Path) -> None:
    text = (core / "LICENCES.txt").read_text("utf-8")
    for sign in ("Mozilla Public License", "PYTHON SOFTWARE FOUNDATION LICENSE", "NumPy Developers"):
        assert sign in text
    used = {name for name in LOCK if name.startswith(("node_modules/@codemirror", "node_modules/@lezer"))}
    used |= {"node_modules/style-mod", "node_modules/w3c-keyname", "node_modules/crelt"}
    for place in used:
        assert f"{place.removeprefix('node_modules/')} {LOCK[place]['version']}, in codemirror.js" in text
    assert "github.com/pyodide/pyodide, tag 0.27.7" in text


def test_the_pages_course_is_the_students_package_compiled(page: Path) -> None:
    course = unpacked((page / "gmm_course.zip").read_bytes())
    sources = {
        path.relative_to(build.ROOT).with_suffix("").as_posix() for path in runtime.source_files(build.ROOT)
    }
    assert {name.rpartition(".")[0] for name in course} == sources
    assert "autograder/check/browser.pyc" in course
    assert not [name for name in course if "plot" in name and name.endswith(".pyc")]


def test_no_line_of_a_model_answer_is_shipped_with_the_exercises(html: Path, page: Path) -> None:
    lines = solution_lines()
    shown = {path.name: re.sub(r"\s+", " ", path.read_text("utf-8")) for path in page.glob("*.js*")}
    course = unpacked((page / "gmm_course.zip").read_bytes())
    shown |= {
        name: re.sub(r"\s+", " ", content.decode("utf-8"))
        for name, content in course.items()
        if name.endswith(".py") and name not in REFERENCES
    }
    assert [(name, line) for name, text in shown.items() for line in lines if line in text] == []
    codes = [content for name, content in course.items() if name.endswith(".pyc")]
    assert not [code for code in codes if b"BEGIN SOLUTION" in code]


def test_a_text_of_the_notebook_goes_with_the_cell_that_is_filled(page: Path) -> None:
    exercise_of_em = json.loads((page / "em.json").read_text("utf-8"))
    parts = {part["name"]: part for part in exercise_of_em["parts"]}
    assert list(parts) == ["e_step", "m_step", "fit", "shared-variance"]
    assert "<h4>2. The M-step" in parts["m_step"]["prose"]
    assert parts["m_step"]["prose"].count('<details class="fold">') == 3
    assert "<math" in parts["m_step"]["prose"]
    assert "When the check passes" not in json.dumps(exercise_of_em)
    assert parts["shared-variance"]["question"] is None
    assert parts["shared-variance"]["points"] == 6
    assert "localhost" not in json.dumps(exercise_of_em)


def test_a_new_line_in_a_question_makes_python_anew(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = browser_python._inputs(build.ROOT)
    assert browser_python._inputs(build.ROOT) == before
    sources = runtime.source_files(build.ROOT)
    monkeypatch.setattr(browser_python, "source_files", lambda root: sources[:-1])
    assert browser_python._inputs(build.ROOT) != before


def test_what_the_exercises_are_made_of_counts_when_the_book_is_built_anew() -> None:
    inputs = {build.ROOT / name for name in build.INPUTS}
    for source in (browser_python.HERE, build.ROOT / exercise.SCRIPTS, build.ROOT / "solutions"):
        assert {source, *source.parents} & inputs
