"""Colours of the figures: told apart by colour-blind readers, and right on light and on dark paper.

A figure is drawn in the light theme's colours. In the page each of them becomes a CSS variable of the same
name (book/_static/css/figures.css), so one drawing serves both themes.
"""

from __future__ import annotations

INK = "#1d232b"  # text, axes, whatever must be seen first
MUTED = "#5b6672"  # second-rank lines and points
GRID = "#d3d9df"  # lines that only guide the eye
PAPER = "#ffffff"  # the page itself: halos, gaps

BLUE = "#0072b2"
ORANGE = "#b85c00"
GREEN = "#007a5a"
PURPLE = "#8a4a9e"
RED = "#b3261e"
GOLD = "#8a6d00"

#: Colours of components 1, 2, 3, …; give them different markers too (MARKERS).
COMPONENTS = (BLUE, ORANGE, GREEN, PURPLE, GOLD, RED)
MARKERS = ("o", "s", "^", "D", "v", "P")

_NAMES = {
    INK: "ink",
    MUTED: "muted",
    GRID: "grid",
    PAPER: "paper",
    BLUE: "blue",
    ORANGE: "orange",
    GREEN: "green",
    PURPLE: "purple",
    RED: "red",
    GOLD: "gold",
}

#: Colours that `mix` made: name and value in CSS.
mixes: dict[str, str] = {}
#: What a colour is called in CSS; `mix` adds to it.
css: dict[str, str] = {colour: f"var(--fig-{name})" for colour, name in _NAMES.items()}


def mix(first: str, second: str, share: float, levels: int = 20) -> str:
    """A colour between two of the palette: `share` in [0, 1] is how much of `second` is in it.

    Rounded to `levels` steps. Use it for responsibilities: mix(ORANGE, BLUE, r).
    """
    step = round(min(max(float(share), 0.0), 1.0) * levels)
    if step in (0, levels):
        return second if step else first
    t = step / levels
    parts = [round((1 - t) * a + t * b) for a, b in zip(_rgb(first), _rgb(second), strict=True)]
    colour = "#" + "".join(f"{part:02x}" for part in parts)
    name = f"mix-{colour[1:]}"
    css[colour] = f"var(--{name})"
    mixes[name] = f"color-mix(in srgb, {css[second]} {100 * t:g}%, {css[first]})"
    return colour


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
