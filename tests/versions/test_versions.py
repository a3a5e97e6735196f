"""What pyproject.toml promises: the oldest libraries it allows, and each Python.

Environments are made by uv, by the packages' names. What cannot be had here is skipped, and the
reason says how to get it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from book import build

sys.path.insert(0, str(build.ROOT / "book" / "_ext"))

from gmm_book import runtime

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
UV = Path(sys.executable).parent / "uv"

# What gmmlib, a check and the sandbox's reading of answers stand on; pytest and its plugins are new.
OLDEST = ("numpy", "scipy", "matplotlib", "ipywidgets", "scikit-learn")
TESTS = (
    "tests/unit/gmmlib",
    "tests/unit/judge",
    "tests/unit/sandbox/test_answers.py",
    "tests/grading/test_questions_styles.py",
    "tests/grading/test_questions.py::test_the_reference_earns_everything_on_any_inputs",
)

# Asks each function's reference as a student's is asked in a notebook, and prints what is not right.
CHECK_ALL = """
from autograder.check import check
from autograder.check.asking import ask, public_cases
from autograder.judge.points import judge
from autograder.questions import ASSIGNMENTS, of_assignment

questions = [question for name in ASSIGNMENTS for question in of_assignment(name)]
for question in questions:
    result = judge(question, public_cases(question), ask(question, question.reference).answers, 1.0)
    if result.score != 1.0:
        print(question.id, [verdict.message for verdict in result.checks if not verdict.passed])
check("em.e_step", questions[0].reference)
print(len(questions), "asked")
"""


def run(*command: object, **variables: str) -> str:
    """Run a command in the repository; return what it printed, or fail with it."""
    environment = {**os.environ, "PYTHONPATH": "", "UV_PYTHON_DOWNLOADS": "never", **variables}
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done.stdout


def interpreter(version: str) -> Path:
    """A Python of this version on this machine, that of uv or pyenv; skips where there is none."""
    if not UV.exists():
        pytest.skip("uv is not installed here, which makes the environments: run make install")
    if version == f"{sys.version_info.major}.{sys.version_info.minor}":
        return Path(sys.executable)
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    for candidate in (shutil.which(f"python{version}"), *pyenv.glob(f"versions/{version}.*/bin/python")):
        if candidate and _is(Path(candidate), version):
            return Path(candidate)
    found = subprocess.run(
        [UV, "python", "find", "--no-python-downloads", version], capture_output=True, text=True
    )
    if found.returncode != 0:
        pytest.skip(f"there is no Python {version} here; `uv python install {version}` gets one")
    return Path(found.stdout.strip())


def _is(python: Path, version: str) -> bool:
    """Whether it runs and is of that version: pyenv puts names on the path that lead nowhere."""
    program = "import sys; print('%d.%d' % sys.version_info[:2])"
    done = subprocess.run([python, "-c", program], capture_output=True, text=True)
    return done.stdout.strip() == version


def environment(folder: Path, version: str, *requirements: object, resolution: str) -> Path:
    """Make an environment with these packages; return its Python."""
    python = folder / "bin" / "python"
    run(UV, "venv", "--quiet", "--python", interpreter(version), folder)
    install = [UV, "pip", "install", "--quiet", "--python", python]
    try:
        run(*install, "--resolution", resolution, *requirements)
    except AssertionError as error:
        if "error sending request" in str(error) or "dns error" in str(error).lower():
            pytest.skip("no package index can be reached, so that no environment can be made")
        raise
    return python


def lowest(names: tuple[str, ...]) -> list[str]:
    """The requirements of pyproject.toml for these packages, such as "numpy>=1.26"."""
    of_extras = [words for extra in PROJECT["optional-dependencies"].values() for words in extra]
    requirements = {words.partition(">=")[0]: words for words in [*of_extras, *PROJECT["dependencies"]]}
    return [requirements[name] for name in names]


def test_the_oldest_libraries_that_are_allowed_pass_the_quick_tests(tmp_path: Path) -> None:
    wanted = lowest(OLDEST)
    python = environment(tmp_path / "oldest", PYTHONS[0], *wanted, resolution="lowest-direct")
    run(UV, "pip", "install", "--quiet", "--python", python, "pytest", "pytest-xdist", "hypothesis")
    listed = run(UV, "pip", "freeze", "--python", python).splitlines()
    for name, words in zip(OLDEST, wanted, strict=True):
        (version,) = [line.partition("==")[2] for line in listed if line.startswith(f"{name}==")]
        assert version.startswith(words.partition(">=")[2])
    flags = ("-p", "no:cacheprovider", "--override-ini", "filterwarnings=default", "--no-header")
    assert " passed" in run(
        python, "-m", "pytest", *flags, *TESTS, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1"
    )


@pytest.mark.parametrize("version", PYTHONS)
def test_the_students_wheel_checks_every_function_with_numpy_alone(version: str, tmp_path: Path) -> None:
    wheel = runtime.build_wheel(ROOT, tmp_path)
    resolution = "lowest-direct" if version == PYTHONS[0] else "highest"
    python = environment(tmp_path / "wheel", version, wheel, "numpy>=1.26", resolution=resolution)
    listed = run(UV, "pip", "freeze", "--python", python).splitlines()
    assert sorted(line.partition("==")[0].partition(" ")[0] for line in listed) == ["gmm-course", "numpy"]
    printed = run(python, "-W", "error", "-I", "-c", CHECK_ALL).splitlines()
    assert printed[-1] == "27 asked", printed
