"""A picture as values: panels of points, lines, bars and contours, in the page's colours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Mark = Literal["", "dot", "square", "cross"]
Floats: TypeAlias = "NDArray[np.float64]"


@dataclass(frozen=True, eq=False)
class Points:
    """Points (n, 2), each with a share in 0 … 1 or a colour, or all in one colour."""

    points: Floats
    colours: tuple[str, ...]
    shares: tuple[float, ...] | None = None
    mark: Mark = "dot"
    meaning: str = ""  # of the shares
    kind: Literal["points"] = "points"


@dataclass(frozen=True, eq=False)
class Line:
    """A line through points (n, 2), or their marks alone."""

    points: Floats
    colour: str
    dashed: bool = False
    joined: bool = True
    mark: Mark = ""
    label: str = ""
    kind: Literal["line"] = "line"

    @property
    def closed(self) -> bool:
        """Whether the line ends where it begins."""
        return len(self.points) > 3 and bool(np.allclose(self.points[0], self.points[-1]))


@dataclass(frozen=True, eq=False)
class Bars:
    """Bars between edges (n + 1,), of heights (n,)."""

    edges: Floats
    heights: Floats
    colour: str
    kind: Literal["bars"] = "bars"


@dataclass(frozen=True, eq=False)
class Contours:
    """Lines of equal height in one colour, as segments (n, 2, 2), and where it is highest, (2,)."""

    segments: Floats
    levels: int
    top: Floats
    colour: str
    kind: Literal["contours"] = "contours"


Artist: TypeAlias = Points | Line | Bars | Contours


@dataclass(frozen=True, eq=False)
class Panel:
    """One pair of axes. Where `log` says so, numbers are powers of ten."""

    title: str
    across: str
    up: str
    limits: tuple[float, float, float, float]  # left, right, bottom, top
    log: tuple[bool, bool]
    artists: tuple[Artist, ...]
