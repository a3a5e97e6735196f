"""Grading on a Dask cluster: the results of a local run, also when a worker dies; failures are told."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from autograder.course.batch import open_batch
from autograder.course.directory import open_course
from autograder.execute import cluster as cluster_module
from tests.support.courses import QUESTIONS, ROOT, GradedClass, command, new_course
from tests.support.dask_cluster import cluster


@pytest.fixture
def course(small_class: GradedClass, tmp_path: Path) -> Path:
    """The small class with the same secret seed, nobody graded."""
    folder = new_course(tmp_path / "course")
    shutil.copytree(small_class.course / "submitted", folder / "submitted", dirs_exist_ok=True)
    return folder


def without_times(results: Iterable[dict[str, Any]]) -> dict[str, Any]:
    return {result["student"]: {**result, "seconds": None} for result in results}


def notebook_of(course: Path, student: str) -> bytes:
    return (course / "autograded" / student / "tiny" / "tiny.ipynb").read_bytes()


def recorded(course: Path) -> int:
    return len(list(course.glob(".autograder/results/tiny/*.json")))


def test_results_are_the_local_ones_although_a_worker_is_killed_in_the_middle(
    small_class: GradedClass, course: Path, tmp_path: Path
) -> None:
    with cluster(tmp_path, 2) as workplace:
        grading = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "autograder",
                "grade",
                "tiny",
                "--course",
                course,
                "--results",
                course / "results.json",
                "--scheduler",
                workplace.address,
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        while recorded(course) < 2 and grading.poll() is None:
            time.sleep(0.01)
        workplace.workers[0].send_signal(signal.SIGKILL)
        assert 2 <= recorded(course) < len(small_class.results)  # four of them are slow
        _, errors = grading.communicate(timeout=600)
    assert grading.returncode == 1, errors  # nora's file is cut off: no regular grade
    found = without_times(json.loads((course / "results.json").read_text(encoding="utf-8"))["results"])
    greedy = {question["id"]: question["status"] for question in found["greedy"]["questions"]}
    assert greedy == dict.fromkeys(QUESTIONS, "graded") | {"tiny.scaled": "out-of-memory"}
    assert found == without_times(small_class.results.values())
    for name in found:
        assert notebook_of(course, name) == notebook_of(small_class.course, name)
    assert "Traceback" not in errors


def refused(*arguments: str | Path) -> str:
    run = command(*arguments)
    assert run.returncode == 2, run.stdout + run.stderr
    assert "Traceback" not in run.stderr
    return run.stderr


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nothing://here"])
def test_an_address_where_nobody_answers_is_told(address: str, course: Path) -> None:
    impatient = (
        "import sys; from autograder.cli import main; from autograder.execute import cluster; "
        "cluster.CONNECTING = 1; sys.exit(main())"
    )
    run = subprocess.run(
        [sys.executable, "-c", impatient, "grade", "tiny", "--course", course, "--scheduler", address],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 2, run.stdout + run.stderr
    assert "Traceback" not in run.stderr
    assert "No Dask scheduler answers" in run.stderr
    assert recorded(course) == 0


def test_without_dask_the_package_is_named(course: Path, tmp_path: Path) -> None:
    (tmp_path / "absent").mkdir()
    (tmp_path / "absent" / "distributed.py").write_text("raise ImportError(__name__)", encoding="utf-8")
    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "autograder",
            "grade",
            "tiny",
            "--course",
            course,
            "--scheduler",
            "tcp://127.0.0.1:1",
        ],
        env={**os.environ, "PYTHONPATH": str(tmp_path / "absent")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 2
    assert "pip install 'gmm-course[cluster]'" in run.stderr
    assert "Traceback" not in run.stderr


def test_a_worker_of_another_version_grades_nothing(course: Path, tmp_path: Path) -> None:
    for package in ("autograder", "gmmlib"):
        shutil.copytree(ROOT / package, tmp_path / "older" / package)
    with (tmp_path / "older" / "autograder" / "judge" / "points.py").open("a", encoding="utf-8") as file:
        file.write("# another judge\n")
    with cluster(tmp_path, 1, tmp_path / "older") as workplace:
        message = refused("grade", "tiny", "--course", course, "--scheduler", workplace.address)
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
    batch = open_batch(home, "tiny", home.data_files("tiny"), {}, None)
    with cluster_module.Cluster("tcp://elsewhere") as workers, pytest.raises(EOFError):
        list(workers.grade(batch, home.students("tiny")))
    seed = home.seed.read_bytes()
    assert len(ear.heard) == 4  # the version, the task, and two submissions ahead
    assert not [message for message in ear.heard if seed in message or seed[:8] in message]


class Deadly:
    """A job's future, in the place of Dask's: its worker dies while it runs or when its result is fetched."""

    def __init__(self, name: str) -> None:
        self.name = name

    def result(self, timeout: float) -> str:
        from distributed.scheduler import KilledWorker

        if self.name == "eve":
            raise KilledWorker("eve", None, 3)
        if self.name == "mallory":
            raise TimeoutError
        return f"graded {self.name}"

    def cancel(self) -> None:
        pass


class Office(Ear):
    """A client whose workers answer at once."""

    def submit(self, function: Callable[..., Any], *values: Any, pure: bool) -> object:
        self.heard.append(values[1].encode())
        return Deadly(values[1])


def test_87_a_submission_that_ends_worker_after_worker_is_lost_and_the_batch_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    office = Office()
    monkeypatch.setattr(cluster_module, "_connected", lambda address: office)
    monkeypatch.setattr(cluster_module.Cluster, "_finished", lambda self, running: set(running))
    monkeypatch.setattr(cluster_module, "lost", lambda job: f"lost {job}")
    with cluster_module.Cluster("tcp://elsewhere") as workers:
        workers.start()
        jobs: Any = [(name, {}) for name in ("eve", "ada", "mallory", "zoe")]
        found = list(workers._all(len, None, jobs))  # type: ignore[arg-type]
    assert sorted(map(str, found)) == ["graded ada", "graded zoe", "lost eve", "lost mallory"]
    assert sorted(office.heard) == [b"ada", b"eve", b"eve", b"mallory", b"mallory", b"zoe"]
