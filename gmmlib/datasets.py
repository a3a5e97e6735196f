"""The two data sets of the course; sources in gmmlib/data/README.md."""

from __future__ import annotations

import numpy as np

from gmmlib._checks import FloatArray


def old_faithful() -> FloatArray:
    """Return 272 eruptions of Old Faithful, (272, 2): duration and waiting time to the next, in minutes."""
    return _read("old_faithful.csv")


def galaxies() -> FloatArray:
    """Return the velocities of 82 galaxies of the Corona Borealis region, (82, 1), in 1000 km/s."""
    return _read("galaxies.csv") / 1000.0


def _read(name: str) -> FloatArray:
    """Return the columns of a file in gmmlib/data, (n, d), without its header."""
    from importlib.resources import files

    lines = files("gmmlib.data").joinpath(name).read_text(encoding="utf-8").splitlines()[1:]
    return np.array([[float(value) for value in line.split(",")] for line in lines])
