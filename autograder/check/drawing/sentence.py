"""A picture in a sentence, made from its numbers: for who does not see it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from autograder.check.drawing.values import Artist, Bars, Contours, Floats, Line, Panel, Points


def describe(panel: Panel) -> str:
    """Return what a panel shows, in one sentence."""
    rings = [artist for artist in panel.artists if isinstance(artist, Line) and artist.closed]
    others = [artist for artist in panel.artists if not (isinstance(artist, Line) and artist.closed)]
    parts = [_about(artist, panel.log) for artist in others]
    if rings:
        parts.append(f"{_count(len(rings), 'oval')} around {_places([_middle(ring) for ring in rings])}")
    axes = f"{panel.up or 'values'} over {panel.across or 'numbers'}"
    return f"{axes}: {'; '.join(parts)}."


def _about(artist: Artist, log: tuple[bool, bool]) -> str:
    match artist:
        case Points():
            return _about_points(artist)
        case Line():
            return f"{artist.label}, {_about_line(artist, log)}" if artist.label else _about_line(artist, log)
        case Bars():
            highest = int(artist.heights.argmax())
            at = f"{artist.heights[highest]:.3g} at {artist.edges[highest : highest + 2].mean():.3g}"
            return f"{_count(len(artist.heights), 'bar')}, the highest {at}"
        case Contours():
            return f"{_count(artist.levels, 'contour')} around {_places([artist.top])}"


def _about_points(drawn: Points) -> str:
    n = len(drawn.points)
    if not n:
        return "no points"
    if drawn.mark == "cross":
        if n > 4:
            return f"{_count(n, 'cross', 'crosses')} around {_places([drawn.points.mean(axis=0)])}"
        return f"{_count(n, 'cross', 'crosses')} at {_places(list(drawn.points))}"
    said = _count(n, "point")
    if drawn.shares is not None:
        below = sum(share < 0.5 for share in drawn.shares)
        of = f" ({drawn.meaning})" if drawn.meaning else ""
        return f"{said}, {below} with a share below one half and {n - below} above{of}"
    sizes = Counter(drawn.colours)
    if len(sizes) > 1:
        said += " in groups of " + _listed([str(size) for size in sizes.values()])
    return said


def _about_line(line: Line, log: tuple[bool, bool]) -> str:
    points = line.points
    if not len(points):
        return "an empty line"
    x, y = points[:, 0], points[:, 1]
    across, up = ((lambda v, power=power: f"{10**v:.2g}" if power else f"{v:.4g}") for power in log)
    steps = np.diff(y)
    if np.all(steps >= 0) or np.all(steps <= 0):
        way = "rises" if y[-1] > y[0] else "falls" if y[-1] < y[0] else "stays"
        return f"a line that {way} from {up(y[0])} at {across(x[0])} to {up(y[-1])} at {across(x[-1])}"
    low, high = int(y.argmin()), int(y.argmax())
    return f"a line between {up(y[low])} at {across(x[low])} and {up(y[high])} at {across(x[high])}"


def _middle(ring: Line) -> Floats:
    middle: Floats = (ring.points.min(axis=0) + ring.points.max(axis=0)) / 2
    return middle


def _places(places: Sequence[Floats]) -> str:
    return _listed([f"({x:.3g}, {y:.3g})" for x, y in places])


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
