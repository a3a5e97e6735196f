"""The kernel's wall behind the watch: where a group goes, what is written into it, and that it is removed."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.sandbox import memory_group as groups
from autograder.sandbox.limits import Limits
from autograder.sandbox.memory_group import MemoryGroup, memory_group, wall
from autograder.sandbox.pool import Pool
from autograder.values import Cell

LIMITS = Limits(memory=64 << 20, files=1 << 20)


@pytest.fixture
def group() -> Iterator[MemoryGroup]:
    found = memory_group(LIMITS)
    if found is None:
        pytest.skip("no cgroup for memory can be had on this machine")
    yield found
    found.remove()
    assert not found.folder.exists()


@pytest.fixture
def mount(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(groups, "V1", replace(groups.V1, mount=tmp_path / "memory"))
    monkeypatch.setattr(groups, "V2", replace(groups.V2, mount=tmp_path))
    return tmp_path


def test_the_kernel_ends_what_takes_more_than_the_wall_and_counts_it(
    group: MemoryGroup, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter = 'echo $$ > "$0"; exec python3 -c "print(len(bytearray(b\'x\') * (%d << 20)))"'
    for size, code in ((8, 0), (2 * wall(LIMITS) >> 20, -9)):
        assert subprocess.run(["/bin/sh", "-c", enter % size, group.entrance], check=False).returncode == code
        assert group.kills() == (code != 0)
    assert not group.inhabited
    assert wall(LIMITS) / 2 < group.peak <= wall(LIMITS)
    monkeypatch.setattr(MemoryGroup, "peak", wall(LIMITS) // 2)
    assert group.kills() == 0  # the group was not full, so it was the machine's memory that ran out


def test_a_process_that_the_kernel_ended_is_told_though_the_cell_came_to_its_end(
    group: MemoryGroup, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Pool() as pool, pool.session() as session:
        assert pool.memory_group is not None
        assert pool.memory_group.inhabited
        assert session.run_cell(Cell(0, "1")).error == ""
        monkeypatch.setattr(pool.memory_group, "kills", lambda: 1)
        assert session.run_cell(Cell(1, "1")).error == "The cell was stopped: it used too much memory."
        assert session.ending == "out-of-memory"


def test_a_group_that_a_killed_grader_left_is_removed_and_no_other(group: MemoryGroup) -> None:
    with subprocess.Popen(["true"]) as gone:
        pass
    left = group.folder.with_name(f"autograder-sandbox-{gone.pid}-0")
    other = group.folder.with_name(f"autograder-test-{gone.pid}-0")
    left.mkdir()
    other.mkdir()
    try:
        second = memory_group(LIMITS)
        assert second is not None
        second.remove()
        assert (left.exists(), other.exists(), group.folder.exists()) == (False, True, True)
    finally:
        other.rmdir()


@pytest.mark.parametrize(
    ("limit", "membership", "place"),
    [
        (None, "3:cpuset:/\n4:memory:/a/b\n0::/\n", "memory/a/b"),  # version 1: below one's own
        ("max", "0::/a/b\n", "a"),  # version 2: beside one's own
        ("1000", "0::/a/b\n", None),  # where its limit would not hold
        (None, "0::/\n", "."),  # the top
        (None, "", None),
    ],
)
def test_a_group_goes_where_the_graders_own_limits_hold(
    limit: str | None, membership: str, place: str | None, mount: Path
) -> None:
    (mount / "a" / "b").mkdir(parents=True)
    if limit:
        (mount / "a" / "b" / "memory.max").write_text(f"{limit}\n")
    found = groups._place(membership)
    assert (found and found[0]) == (place and mount / place)


def test_version_2_is_written_to_in_its_own_names(mount: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def made_by_the_kernel(folder: Path) -> None:
        os.mkdir(folder)  # noqa: PTH102   Path.mkdir is replaced
        events = "low 0\nhigh 0\nmax 7\noom 4\noom_kill 3\noom_group_kill 1\n"
        for name, content in {"memory.max": "max", "memory.swap.max": "max", "memory.events": events}.items():
            (folder / name).write_text(content)

    monkeypatch.setattr(Path, "mkdir", made_by_the_kernel)
    group = MemoryGroup(mount / "group", groups.V2, 12345)
    assert (group.folder / "memory.max").read_text() == "12345"
    assert (group.folder / "memory.swap.max").read_text() == "0"
    assert group.kills() == 3


def test_where_no_group_can_be_had_the_watch_stands_alone(mount: Path) -> None:
    assert memory_group(LIMITS) is None
    with Pool() as pool, pool.session() as session:
        assert pool.memory_group is None
        assert session.run_cell(Cell(0, "print(1)")).text == "1\n"
