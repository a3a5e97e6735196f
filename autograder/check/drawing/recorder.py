"""What a notebook draws with matplotlib, recorded as values.

Inside `recording` the calls that the course's notebooks make are written down, those that change looks
alone do nothing. So a picture has one source, the notebook's own cell.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from autograder.check.drawing.contours import contour_segments
from autograder.check.drawing.values import Artist, Bars, Contours, Floats, Line, Mark, Panel, Points

MODULES = ("matplotlib", "matplotlib.pyplot")
MAX_POINTS = 3000  # of one call; of more, every second, third … is drawn
MARGIN = 0.05  # of the data's range, on each side of a panel

#: Colours of the page, in the order in which lines take them; the notebooks' are those of Okabe and Ito.
CYCLE = ("blue", "orange", "green", "purple", "gold", "red")
OKABE_ITO = {
    "#0072B2": "blue",
    "#56B4E9": "blue",
    "#D55E00": "orange",
    "#009E73": "green",
    "#CC79A7": "purple",
    "#E69F00": "gold",
    "#F0E442": "gold",
}
COLOURS = {
    **OKABE_ITO,
    "black": "ink",
    "k": "ink",
    "b": "blue",
    "g": "green",
    "r": "red",
    "grey": "muted",
    "gray": "muted",
    **{name: name for name in CYCLE},
    **{f"C{number}": name for number, name in enumerate(CYCLE)},
}
MARKS: dict[str, Mark] = {"o": "dot", ".": "dot", "s": "square", "x": "cross", "+": "cross"}


@contextmanager
def recording() -> Iterator[Recorder]:
    """Put a recorder in matplotlib's place, so that code which draws runs without it."""
    before = {name: sys.modules.get(name) for name in MODULES}
    recorder = Recorder("matplotlib.pyplot")
    package = ModuleType("matplotlib")
    sys.modules |= {"matplotlib": package, "matplotlib.pyplot": recorder}
    package.pyplot = recorder  # type: ignore[attr-defined]
    try:
        yield recorder
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module


class Nothing:
    """What calls for looks return: whatever is asked of it does nothing."""

    def __getattr__(self, name: str) -> Nothing:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *arguments: object, **keywords: object) -> Nothing:
        """Do nothing."""
        return self

    def __iter__(self) -> Iterator[Nothing]:
        return iter((self,))  # line, = axes.plot(…)


class Axes(Nothing):
    """Axes that keep what is drawn on them."""

    def __init__(self) -> None:
        self.artists: list[Artist] = []
        self.names = {"title": "", "xlabel": "", "ylabel": ""}
        self.scales = {"xscale": "linear", "yscale": "linear"}

    def set(self, **properties: object) -> None:
        """Keep titles, labels and scales; limits and ticks follow from what is drawn."""
        for kept in (self.names, self.scales):
            kept |= {name: str(value) for name, value in properties.items() if name in kept}

    def set_title(self, text: object, **looks: object) -> None:
        """Keep the title."""
        self.set(title=text)

    def set_xlabel(self, text: object, **looks: object) -> None:
        """Keep the name of the axis across."""
        self.set(xlabel=text)

    def set_ylabel(self, text: object, **looks: object) -> None:
        """Keep the name of the axis up."""
        self.set(ylabel=text)

    def set_xscale(self, scale: object, **looks: object) -> None:
        """Keep the scale across."""
        self.set(xscale=scale)

    def set_yscale(self, scale: object, **looks: object) -> None:
        """Keep the scale up."""
        self.set(yscale=scale)

    def scatter(
        self, x: ArrayLike, y: ArrayLike, s: object = None, c: Any = None, marker: str = "o",
        vmin: float | None = None, vmax: float | None = None, color: Any = None, **looks: object,
    ) -> Shares:  # fmt: skip
        """Keep points; numbers for `c` become shares between vmin and vmax."""
        points = _pairs(x, y)
        chosen = color if c is None else c
        values = None if isinstance(chosen, str) or chosen is None else np.asarray(chosen)
        shares = None
        if values is not None and values.dtype.kind in "fiub" and values.shape == (len(points),):
            low = float(values.min()) if vmin is None else vmin
            high = float(values.max()) if vmax is None else vmax
            shares = np.clip((values - low) / ((high - low) or 1.0), 0.0, 1.0)
        each = [str(one) for one in values] if values is not None and values.dtype.kind == "U" else [chosen]
        colours = tuple(_colour(one, self._next()) for one in each)
        kept = _thinned(points, shares, colours)
        self.artists.append(Points(*kept, mark=MARKS.get(marker, "dot")))
        return Shares(self, len(self.artists) - 1)

    def plot(self, *values: Any, color: Any = None, label: object = "", **looks: Any) -> Nothing:
        """Keep a line: y, or x and y, and a format such as "o--"."""
        numbers = [value for value in values if not isinstance(value, str)]
        form = next((value for value in values if isinstance(value, str)), "")
        form = str(looks.get("marker", "")) + str(looks.get("linestyle", looks.get("ls", form)))
        y = np.atleast_1d(np.asarray(numbers[-1], dtype=float))
        points = _pairs(numbers[0] if len(numbers) > 1 else np.arange(len(y)), y)
        mark: Mark = next((MARKS[letter] for letter in form if letter in MARKS), "")
        letter = next((each for each in form if each in "rgbk"), None)
        line = Line(
            _thinned(points, None, ())[0],
            _colour(color or looks.get("c") or letter, self._next()),
            dashed="--" in form or ":" in form or "-." in form,
            joined="-" in form or ":" in form or not mark,
            mark=mark,
            label=str(label),
        )
        self.artists.append(line)
        return Nothing()

    def loglog(self, *values: Any, **looks: Any) -> Nothing:
        """Keep a line on logarithmic axes."""
        self.set(xscale="log", yscale="log")
        return self.plot(*values, **looks)

    def semilogx(self, *values: Any, **looks: Any) -> Nothing:
        """Keep a line, logarithmic across."""
        self.set(xscale="log")
        return self.plot(*values, **looks)

    def semilogy(self, *values: Any, **looks: Any) -> Nothing:
        """Keep a line, logarithmic upwards."""
        self.set(yscale="log")
        return self.plot(*values, **looks)

    def hist(
        self, x: ArrayLike, bins: Any = 10, density: bool = False, color: Any = None, **looks: object
    ) -> Nothing:
        """Keep a histogram as bars."""
        heights, edges = np.histogram(np.ravel(x), bins=bins, density=density)
        self.artists.append(Bars(edges.astype(float), heights.astype(float), _colour(color, self._next())))
        return Nothing()

    def contour(
        self, x: ArrayLike, y: ArrayLike, heights: ArrayLike, levels: ArrayLike, colors: Any = None,
        **looks: object,
    ) -> Nothing:  # fmt: skip
        """Keep lines of equal height, on a grid as numpy.meshgrid makes it."""
        wanted = np.atleast_1d(np.asarray(levels, dtype=float))
        segments = np.concatenate([contour_segments(x, y, heights, level) for level in wanted])
        top = _pairs(x, y)[np.argmax(heights)]
        self.artists.append(Contours(segments, len(wanted), top, _colour(colors, self._next())))
        return Nothing()

    def _next(self) -> str:
        drawn = sum(isinstance(artist, Line | Bars) for artist in self.artists)
        return CYCLE[drawn % len(CYCLE)]

    def panel(self) -> Panel:
        """Return what was drawn."""
        log = self.scales["xscale"] == "log", self.scales["yscale"] == "log"
        artists = tuple(_in_powers(artist, log) for artist in self.artists)
        names = self.names
        return Panel(names["title"], names["xlabel"], names["ylabel"], _limits(artists), log, artists)


@dataclass(frozen=True)
class Shares(Nothing):
    """Points whose shares a colour bar can name."""

    axes: Axes
    place: int

    def named(self, meaning: str) -> None:
        """Say what the shares mean."""
        points = self.axes.artists[self.place]
        assert isinstance(points, Points)
        self.axes.artists[self.place] = replace(points, meaning=meaning)


@dataclass(eq=False)
class Figure(Nothing):
    """A figure that keeps its axes."""

    axes: list[Axes] = field(default_factory=list)

    def subplots(self, rows: int = 1, columns: int = 1, **looks: object) -> Any:
        """Return new axes: one, or an array of them as matplotlib does."""
        new = np.array([[Axes() for _ in range(columns)] for _ in range(rows)], dtype=object)
        self.axes += list(new.flat)
        return new[0, 0] if new.size == 1 else np.squeeze(new)

    def colorbar(self, points: object, label: str = "", **looks: object) -> None:
        """Keep what the colours mean."""
        if isinstance(points, Shares):
            points.named(label)


class Recorder(ModuleType):
    """What code imports as matplotlib.pyplot."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.figures: list[Figure] = []

    def figure(self, *arguments: object, **looks: object) -> Figure:
        """Begin a figure."""
        self.figures.append(Figure())
        return self.figures[-1]

    def subplots(self, nrows: int = 1, ncols: int = 1, **looks: object) -> tuple[Figure, Any]:
        """Begin a figure with axes."""
        figure = self.figure()
        return figure, figure.subplots(nrows, ncols)

    def gca(self) -> Axes:
        """Return the axes that were made last."""
        figure = self.figures[-1] if self.figures else self.figure()
        axes: Axes = figure.axes[-1] if figure.axes else figure.subplots()
        return axes

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name in ("title", "xlabel", "ylabel", "xscale", "yscale"):
            return getattr(self.gca(), f"set_{name}")
        return getattr(self.gca(), name) if name in vars(Axes) else Nothing()

    def panels(self) -> tuple[Panel, ...]:
        """Return all axes on which something was drawn."""
        return tuple(axes.panel() for figure in self.figures for axes in figure.axes if axes.artists)


# --------------------------------------------------------------------------- from matplotlib's values to ours


def _colour(value: object, otherwise: str) -> str:
    """Return the page's colour for one of matplotlib's."""
    name = value if isinstance(value, str) else ""
    if re.fullmatch(r"0?\.\d+", name):
        return "muted"
    return COLOURS.get(name.removeprefix("tab:"), COLOURS.get(name.upper(), otherwise))


def _pairs(x: ArrayLike, y: ArrayLike) -> Floats:
    """Return points (n, 2)."""
    return np.column_stack([np.ravel(np.asarray(x, dtype=float)), np.ravel(np.asarray(y, dtype=float))])


def _thinned(
    points: Floats, shares: Floats | None, colours: tuple[str, ...]
) -> tuple[Floats, tuple[str, ...], tuple[float, ...] | None]:
    """Return points that can be drawn, MAX_POINTS at most, with their colours and shares."""
    kept = np.flatnonzero(np.isfinite(points).all(axis=1))
    kept = kept[:: 1 + len(kept) // (MAX_POINTS + 1)]
    each = tuple(colours[i] for i in kept) if len(colours) == len(points) else colours
    return points[kept], each, None if shares is None else tuple(shares[kept].round(3).tolist())


def _in_powers(artist: Artist, log: tuple[bool, bool]) -> Artist:
    """Return points and lines with powers of ten for numbers on logarithmic axes."""
    if not any(log) or not isinstance(artist, Points | Line):
        return artist
    seen = np.all((artist.points > 0) | ~np.array(log), axis=1)
    points = artist.points[seen]
    points[:, log] = np.log10(points[:, log])
    return replace(artist, points=points)


def _extent(artist: Artist) -> Floats:
    """Return points (n, 2) that the axes must show."""
    if isinstance(artist, Bars):
        return _pairs(artist.edges, [*artist.heights, 0.0])
    return artist.segments.reshape(-1, 2) if isinstance(artist, Contours) else artist.points


def _limits(artists: Sequence[Artist]) -> tuple[float, float, float, float]:
    """Return left, right, bottom and top of axes that show all, bars on the ground."""
    points = np.concatenate([np.empty((0, 2)), *map(_extent, artists)])
    if not len(points):
        return 0.0, 1.0, 0.0, 1.0
    low, high = points.min(axis=0), points.max(axis=0)
    space = np.where(high > low, MARGIN * (high - low), 0.5)
    (left, bottom), (right, top) = low - space, high + space
    if any(isinstance(artist, Bars) for artist in artists) and low[1] == 0.0:
        bottom = 0.0
    return float(left), float(right), float(bottom), float(top)
