"""A PostgreSQL server for tests: its own data, a Unix socket that nobody else can reach, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

SETTINGS = {"listen_addresses": "", "fsync": "off", "shared_buffers": "16MB", "max_connections": "20"}


def programs() -> Path:
    """Where Debian's package puts the server's programs, or where they are on PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if found:
        return found[-1]
    program = shutil.which("initdb")
    assert program is not None, "PostgreSQL is not installed. Type: tools/system-packages test"
    return Path(program).parent


@contextmanager
def postgresql() -> Iterator[str]:
    """Starts a server with an empty database; gives the address as nbgrader's settings want it."""
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # a socket's path has at most 107 bytes
    owner: dict[str, Any] = {}
    if os.geteuid() == 0:  # the server refuses to run as root
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        owner = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    try:
        with _running(folder, owner):
            yield f"postgresql+psycopg://course@/postgres?host={quote(str(folder))}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _running(folder: Path, owner: dict[str, Any]) -> Iterator[None]:
    data = folder / "data"
    made = subprocess.run(
        [
            programs() / "initdb",
            "--pgdata",
            data,
            "--username=course",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        **owner,
    )
    assert made.returncode == 0, made.stderr
    settings = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(
            [programs() / "postgres", "-D", data, "-k", folder, *settings],
            cwd=folder,
            stdout=log,
            stderr=log,
            **owner,
        )
        try:
            _wait_for(server, folder)
            yield
        finally:
            server.terminate()
            server.wait(300)


def _wait_for(server: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + 300
    ready = [programs() / "pg_isready", "--quiet", "--host", folder, "--username=course", "--dbname=postgres"]
    while subprocess.run(ready, check=False).returncode != 0:
        log = (folder / "log").read_text(encoding="utf-8")
        running = server.poll() is None and time.monotonic() < deadline
        assert running, f"PostgreSQL did not start: {log}"
        time.sleep(0.05)
