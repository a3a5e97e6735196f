"""A machine of its own for a test: real accounts, a real /home, /srv, /opt and /etc, gone when the test ends.

Made of namespaces: the test's processes see a copy of /etc and empty folders in the place of /home, /srv and
/opt. Nothing of it exists outside, and all processes end with the first one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#: Arguments: a folder for what is hidden, then for each path to show: "here" it lies, "there" it appears.
UP = """\
set -eu
stage=$1; shift
mount -t tmpfs -o mode=755 tmpfs "$stage"
mkdir "$stage/etc"
cp -a /etc/. "$stage/etc/"
number=0
for pair in "$@"; do
    number=$((number + 1)); mkdir "$stage/$number"
    mount --rbind "${pair%%=*}" "$stage/$number"
done
mount --bind "$stage/etc" /etc
for place in /home /srv /opt $HIDDEN; do mount -t tmpfs -o mode=755 tmpfs "$place"; done
number=0
for pair in "$@"; do
    number=$((number + 1)); mkdir -p "${pair#*=}"
    mount --rbind "$stage/$number" "${pair#*=}"
done
echo up
# The first process of a machine buries those whose parents are gone.
exec bash -c 'sleep infinity & wait'
"""


def why_not() -> str:
    """Return why there can be no such machine here; "" where there can."""
    if os.geteuid() != 0:
        return "accounts of other people need root"
    missing = [name for name in ("unshare", "nsenter", "setpriv", "useradd") if shutil.which(name) is None]
    if missing:
        return f"no {', '.join(missing)} on this system"
    tried = subprocess.run(
        ["unshare", "--mount", "--pid", "--fork", "--mount-proc", "mount", "-t", "tmpfs", "tmpfs", "/srv"],
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if tried.returncode == 0 else f"no namespaces of its own: {tried.stderr.strip()}"


@dataclass(frozen=True)
class Machine:
    """A running machine, by the process that holds it."""

    pid: int

    def path(self, inside: str) -> Path:
        """Return where a path of the machine is seen from outside."""
        return Path(f"/proc/{self.pid}/root") / inside.lstrip("/")

    def command(self, account: str, line: str) -> list[str]:
        """Return the command that runs a line of shell as somebody, in a session as after signing in."""
        user = ["setpriv", f"--reuid={account}", f"--regid={account}", "--init-groups"]
        who = [] if account == "root" else user
        home = "/root" if account == "root" else f"/home/{account}"
        named = [f"HOME={home}", f"USER={account}", f"LOGNAME={account}", f"PATH=/opt/jupyterhub/bin:{PATH}"]
        enter = ["nsenter", f"--target={self.pid}", "--mount", "--pid"]
        shell = ["env", "-i", *named, "LANG=C.UTF-8", "bash", "-c", line]
        return [*enter, *who, *shell]

    def run(
        self, account: str, line: str, folder: str = "", **options: object
    ) -> subprocess.CompletedProcess[str]:
        """Run a line of shell as somebody, in a folder below the home; the caller looks at the exit code."""
        line = f"cd ~/{folder} && {{\n{line}\n}}"
        return subprocess.run(
            self.command(account, line),
            capture_output=True,
            text=True,
            check=False,
            timeout=900,
            **options,  # type: ignore[call-overload]
        )

    def said(self, account: str, line: str, folder: str = "") -> str:
        """Run a line that must succeed; return what it said on both streams."""
        done = self.run(account, line, folder)
        assert done.returncode == 0, f"{account}$ {line}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def write(self, account: str, inside: str, text: str) -> None:
        """Write a file as somebody, with the rights that it then has."""
        done = self.run(account, f"mkdir -p $(dirname {inside}) && cat > {inside}", input=text)
        assert done.returncode == 0, done.stderr


@contextmanager
def machine(shown: Mapping[Path, str] | None = None) -> Iterator[Machine]:
    """Start a machine; `shown` are folders of the host by the path at which they appear in it.

    Whoever signs in can run this interpreter and read what is shown, wherever these lie.
    """
    prefix = Path(sys.base_prefix).resolve()
    shown = {prefix: str(prefix), **(shown or {})}
    hidden = {closed for path in shown for closed in _closed(path)}
    stage = Path(tempfile.mkdtemp(prefix="machine-"))
    pairs = [f"{here}={there}" for here, there in shown.items()]
    with_us = ["setpriv", "--pdeathsig", "KILL"]  # no machine outlives its test
    alone = [*with_us, "unshare", "--mount", "--pid", "--fork", "--kill-child=KILL", "--mount-proc"]
    process = subprocess.Popen(
        [*alone, "sh", "-c", UP, "up", str(stage), *pairs],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={"PATH": PATH, "HIDDEN": " ".join(map(str, sorted(hidden)))},
    )
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        assert said == "up\n", said + process.stdout.read()
        yield Machine(_child(process.pid))
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()
        stage.rmdir()


def _closed(path: Path) -> list[Path]:
    """Return the first folder above a path that others may not enter, if there is one."""
    return [place for place in reversed(path.parents) if not place.stat().st_mode & 0o001][:1]


def _child(pid: int) -> int:
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()[0])
