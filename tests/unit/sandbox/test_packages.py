"""What of the host is visible inside."""

from __future__ import annotations

import importlib.metadata
import platform
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.sandbox import bubblewrap, libraries, packages
from autograder.sandbox.inside import seccomp
from autograder.sandbox.limits import Limits

FORBIDDEN = {
    "gmmlib",
    "autograder",
    "sklearn",
    "scikit_learn",
    "nbgrader",
    "pip",
    "dask",
    "joblib",
    "solutions",
}


def test_the_visible_packages_are_the_four_and_what_they_need() -> None:
    names = {bind.target.removeprefix("/packages/") for bind in packages.package_binds()}
    assert {"numpy", "scipy", "matplotlib", "IPython", "dateutil"} <= names
    assert not {name.split("-")[0].split(".")[0] for name in names} & FORBIDDEN


def test_an_editable_install_of_the_project_is_not_bound() -> None:
    root = Path(__file__).parents[3]
    assert importlib.metadata.distribution("gmm-course")
    own = [bind for bind in bubblewrap.binds() if bind.target.startswith("/sandbox/")]
    for bind in set(bubblewrap.binds()) - set(own):
        assert bind.source.suffix != ".pth"
        assert not bind.source.is_relative_to(root / "gmmlib")
        assert not bind.source.is_relative_to(root / "autograder")
        assert not root.is_relative_to(bind.source)
    assert {bind.source.name for bind in own} == {path.name for path in bubblewrap.INSIDE.glob("*.py")}


def test_the_hosts_packages_inside_the_standard_library_are_covered() -> None:
    hidden = packages.standard_library() / "site-packages"
    assert not hidden.is_dir() or any(folder.endswith("/site-packages") for folder in packages.covered())


def test_the_needed_libraries_are_those_that_the_loader_names() -> None:
    listing = subprocess.run(["ldd", sys.executable], capture_output=True, text=True, check=True).stdout
    loaded = {line.split()[0] for line in listing.splitlines() if "=>" in line}
    found = libraries.closure([Path(sys.executable).resolve()], [packages.standard_library().parent])
    assert loaded <= set(found)


def test_a_file_that_is_no_library_needs_nothing(tmp_path: Path) -> None:
    for content in (b"", b"\x7fELF", b"#!/bin/sh\n"):
        path = tmp_path / "x.so"
        path.write_bytes(content)
        assert libraries.needed(path) == ([], "")


def test_the_command_line_unshares_everything_and_names_no_course() -> None:
    command = bubblewrap.command("nested", 9, Limits(), {})
    for flag in (
        "--die-with-parent",
        "--unshare-net",
        "--unshare-pid",
        "--unshare-ipc",
        "--clearenv",
        "--new-session",
    ):
        assert flag in command.arguments
    assert "--bind" not in command.arguments
    assert command.arguments[-2] == "/sandbox/worker.py"


# ------------------------------------------------------------------------ the filter, run by a small machine


def verdict(code: bytes, audit: int, number: int, *arguments: int) -> int:
    """What the kernel's machine would answer: BPF, as described in its documentation, on one system call."""
    data = {0: number, 4: audit} | dict.fromkeys((16, 24, 32, 40), 0)
    data |= {16 + 8 * index: argument & 0xFFFFFFFF for index, argument in enumerate(arguments)}
    accumulator, position = 0, 0
    program = list(struct.iter_unpack("=HBBI", code))
    while True:
        operation, if_true, if_false, k = program[position]
        position += 1
        if operation == 0x06:
            return k
        if operation == 0x20:
            accumulator = data[k]
            continue
        if operation == 0x54:
            accumulator &= k
            continue
        condition = {0x15: accumulator == k, 0x35: accumulator >= k, 0x45: bool(accumulator & k)}[operation]
        position += if_true if condition else if_false


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_refuses_what_it_lists_and_nothing_else(machine: str) -> None:
    column, audit = seccomp.ARCHITECTURES[machine]
    code = seccomp.program(machine)
    refused = {numbers[column] for numbers in seccomp.REFUSED.values()} - {None}
    missing = {numbers[column] for numbers in seccomp.MISSING.values()} | {*range(470, 500)}  # of Linux 6.19
    by_argument = (seccomp.CLONE, seccomp.SOCKET, seccomp.SOCKETPAIR, seccomp.FUTEX, seccomp.PRCTL)
    special = {pair[column] for pair in by_argument}
    for number in set(range(500)) - special:
        expected = 0x00050001 if number in refused else 0x00050026 if number in missing else 0x7FFF0000
        assert verdict(code, audit, number) == expected, number


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_reads_arguments_where_it_must(machine: str) -> None:
    column, audit = seccomp.ARCHITECTURES[machine]
    code = seccomp.program(machine)
    allow, kill, eacces, eperm = 0x7FFF0000, 0x80000000, 0x0005000D, 0x00050001
    assert verdict(code, audit, seccomp.CLONE[column], 0x3D0F00) == allow  # a thread
    assert verdict(code, audit, seccomp.CLONE[column], 17) == allow  # a fork
    for flag in (0x10000000, 0x20000000, 0x00020000, 0x40000000, 0x08000000, 0x04000000, 0x02000000, 0x80):
        assert verdict(code, audit, seccomp.CLONE[column], flag | 17) == eperm
    for number in (seccomp.SOCKET[column], seccomp.SOCKETPAIR[column]):
        assert verdict(code, audit, number, 1) == allow
        for family in (0, 2, 10, 16, 17, 38, 40):
            assert verdict(code, audit, number, family) == eacces
    # futex: who waits with another process is told to look again; who wakes, or waits for a thread, may
    for wait in (0, 9, 11):
        for clock in (0, 256):
            assert verdict(code, audit, seccomp.FUTEX[column], 0, wait | clock) == 0x0005000B
            assert verdict(code, audit, seccomp.FUTEX[column], 0, wait | clock | 128) == allow
    for wake in (1, 3, 4, 5, 10):
        assert verdict(code, audit, seccomp.FUTEX[column], 0, wake) == allow
    maps = {0x21: eperm, 0x23: eperm, 0x22: allow, 0x01: allow, 0x02: allow, 0x4022: allow}
    maps |= {0x40022: eperm, 0x40001: eperm, 0x5C040022: eperm}  # huge pages, of a size too
    for flags, expected in maps.items():
        assert verdict(code, audit, seccomp.MMAP[column], 0, 4096, 3, flags) == expected
    for option in (7, 8, 32, 33, 26, 50, 51, 52):
        assert verdict(code, audit, seccomp.SETSOCKOPT[column], 3, 1, option) == eperm
    assert verdict(code, audit, seccomp.SETSOCKOPT[column], 3, 1, 16) == allow  # SO_PASSCRED
    locks, watches = (5, 6, 7, 36, 37, 38), (1024, 1026, 1031)
    for command in (*locks, *watches):
        assert verdict(code, audit, seccomp.FCNTL[column], 3, command) == eperm
    for command in (1, 2, 3, 4, 1030, 1032):  # flags, and a copy of a descriptor
        assert verdict(code, audit, seccomp.FCNTL[column], 3, command) == allow
    for advice, expected in {4: allow, 14: allow, 20: eperm, 21: eperm}.items():
        assert verdict(code, audit, seccomp.MADVISE[column], 0, 4096, advice) == expected
    assert verdict(code, 0x40000003, 1) == kill  # another architecture
    assert verdict(code, audit, 0x40000000 + 1) == kill  # the x32 numbers


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_of_prctl_only_a_few_old_uses_are_there(machine: str) -> None:
    column, audit = seccomp.ARCHITECTURES[machine]
    code = seccomp.program(machine)
    for use in (1, 3, 4, 15, 16, 23, 36, 38, 0x53564D41):  # a name, for a thread or for memory
        assert verdict(code, audit, seccomp.PRCTL[column], use) == 0x7FFF0000
    for use in (0, 5, 8, 22, 24, 35, 41, 62, 67, 77, 78, 79, 0x59616D61):  # filters, futexes, cores
        assert verdict(code, audit, seccomp.PRCTL[column], use) == 0x00050016


def test_this_machine_has_a_filter() -> None:
    assert seccomp.program(platform.machine())


def test_where_each_submission_has_a_bubblewrap_of_its_own_the_kernel_ends_it_first() -> None:
    command = bubblewrap.command("single", 9, Limits(), {}).arguments
    assert command[:2] == ("/bin/sh", "-c")
    shown = subprocess.run(
        [*command[:4], "cat", "/proc/self/oom_score_adj"], capture_output=True, text=True, check=True
    )
    assert shown.stdout == "1000\n"
