"""What a submission visibly tried, as the student's process sees it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from autograder.sandbox.inside import protocol

PROGRAM = """
import socket, sys
sys.path.insert(0, sys.argv[1])
from hints import Hints
hints = Hints()
hints.watch()
exec(sys.argv[2])
hints.watching = False
print(*hints.seen)
"""


@pytest.mark.parametrize(
    ("code", "tried"),
    [
        ("socket.socket(socket.AF_INET)", ["tried to open a network socket"]),  # a wall refuses this already
        ("socket.socket(socket.AF_INET6)", ["tried to open a network socket"]),
        ("socket.socketpair()", []),  # as asyncio makes one
        (
            'socket.socket(socket.AF_UNIX).bind("")',
            [],
        ),  # of this machine, as multiprocessing makes one
    ],
)
def test_a_socket_is_seen_when_it_is_made_and_not_only_when_it_connects(code: str, tried: list[str]) -> None:
    inside = str(Path(protocol.__file__).parent)
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, inside, code], capture_output=True, text=True, check=True
    )
    assert [protocol.INCIDENTS[int(number)] for number in run.stdout.split()] == tried
