"""Grading on a Dask cluster: the results of a local run, also when a worker dies; failures are told."""

from __future__ import annotations

import json
import pickle
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.course import open_course
from autograder.pipeline import cluster as cluster_module
from tests.grading.courses import ROOT, command, graded, hand_in, new_course
from tests.grading.courses import release as release_of
from tests.grading.dask_cluster import cluster
from tests.grading.sample_class.build import STUDENTS, expected, notebook

CLASS = ("ada", "bela", "dana", "emil", "goran", "jun", "lena", "nora")
ENDLESS = "kofi"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    folder = new_course(tmp_path / "course")
    for name in (*CLASS, ENDLESS):
        text = (STUDENTS / f"{name}.py").read_text(encoding="utf-8")
        hand_in(folder, name, notebook(release_of(), text))
    return folder


def found_in(course: Path) -> dict[str, Any]:
    """The results file without the times."""
    values = json.loads((course / "results.json").read_text(encoding="utf-8"))["results"]
    return {value["student"]: {**value, "seconds": None} for value in values}


def notebooks_of(course: Path) -> dict[str, bytes]:
    return {path.parts[-3]: path.read_bytes() for path in course.glob("autograded/*/em/em.ipynb")}


def recorded(course: Path) -> int:
    return len(list(course.glob(".autograder/results/em/*.json")))


def test_results_are_the_local_ones_although_a_worker_is_killed_in_the_middle(
    course: Path, tmp_path: Path
) -> None:
    other = shutil.copytree(course, tmp_path / "other")             # the same secret seed
    graded(course, *(part for name in CLASS for part in ("--student", name)))
    with cluster(tmp_path, 2) as workplace:
        grading = subprocess.Popen(
            [sys.executable, "-m", "autograder", "grade", "em", "--course", other, "--results",
             other / "results.json", "--scheduler", workplace.address],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        while recorded(other) < 2 and grading.poll() is None:
            time.sleep(0.01)
        workplace.workers[0].send_signal(signal.SIGKILL)
        assert 2 <= recorded(other) < len(CLASS)
        _, errors = grading.communicate(timeout=200)
    assert grading.returncode == 1, errors                          # nora's file is cut off: no regular grade
    found, notebooks = found_in(other), notebooks_of(other)
    endless = {question["id"]: question["status"] for question in found.pop(ENDLESS)["questions"]}
    assert endless == expected(ENDLESS)["statuses"]                 # repeated alone, then it counted
    assert notebooks.pop(ENDLESS)
    assert found == found_in(course)
    assert notebooks == notebooks_of(course)
    assert "Traceback" not in errors


def refused(*arguments: str | Path, **environment: str) -> str:
    run = command(*arguments, **environment)
    assert run.returncode == 2, run.stdout + run.stderr
    assert "Traceback" not in run.stderr
    return run.stderr


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nothing://here"])
def test_an_address_where_nobody_answers_is_told(address: str, course: Path) -> None:
    message = refused("grade", "em", "--course", course, "--scheduler", address)
    assert "No Dask scheduler answers" in message
    assert recorded(course) == 0


def test_without_dask_the_package_is_named(course: Path, tmp_path: Path) -> None:
    (tmp_path / "absent").mkdir()
    (tmp_path / "absent" / "distributed.py").write_text("raise ImportError(__name__)", encoding="utf-8")
    arguments = ("grade", "em", "--course", course, "--scheduler", "tcp://127.0.0.1:1")
    assert "pip install 'gmm-course[cluster]'" in refused(*arguments, PYTHONPATH=str(tmp_path / "absent"))


def test_a_worker_of_another_version_grades_nothing(course: Path, tmp_path: Path) -> None:
    for package in ("autograder", "gmmlib"):
        shutil.copytree(ROOT / package, tmp_path / "older" / package)
    with (tmp_path / "older" / "autograder" / "judging.py").open("a", encoding="utf-8") as file:
        file.write("# another judge\n")
    with cluster(tmp_path, 1, tmp_path / "older") as workplace:
        message = refused("grade", "em", "--course", course, "--scheduler", workplace.address)
    assert "another version" in message
    assert recorded(course) == 0


class Ear:
    """In the place of Dask's client: keeps what would have left this machine, and answers once."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []

    def submit(self, function: Callable[..., Any], *values: Any, pure: bool) -> object:
        self.heard.append(pickle.dumps((function, values)))
        return function

    def run(self, function: Callable[..., str], *values: Any) -> dict[str, str]:
        self.heard.append(pickle.dumps((function, values)))
        return {"here": function(*values)}

    def wait_for_workers(self, count: int, timeout: float) -> None:
        pass

    def scheduler_info(self, n_workers: int) -> dict[str, Any]:
        return {"workers": {"here": {}}}

    def as_current(self) -> Any:
        raise EOFError("that is all")

    def close(self) -> None:
        pass


def test_the_secret_seed_never_travels(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ear = Ear()
    monkeypatch.setattr(cluster_module, "_connected", lambda address: ear)
    home = open_course(course)
    with cluster_module.Cluster(home, "em", "tcp://elsewhere") as workers, pytest.raises(EOFError):
        list(workers.grade(home.release("em"), CLASS))
    seed = home.seed.read_bytes()
    assert len(ear.heard) == 4                          # the version, the task, and two submissions ahead
    assert not [message for message in ear.heard if seed in message or seed[:8] in message]
