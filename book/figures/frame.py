"""The frame of every figure: a canvas to draw on, and a picture that knows both themes and what it shows."""

from __future__ import annotations

import base64
import hashlib
import html
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse, PathPatch
from matplotlib.path import Path as MplPath
from matplotlib.ticker import FuncFormatter, NullFormatter
from matplotlib.transforms import Bbox
from numpy.linalg import eigh

from . import palette

STYLE = {
    "font.size": 11,
    "axes.titlesize": 12,
    "axes.labelsize": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": palette.MUTED,
    "axes.labelcolor": palette.INK,
    "axes.titlecolor": palette.INK,
    "axes.facecolor": "none",
    "axes.prop_cycle": mpl.cycler(color=palette.COMPONENTS),
    "figure.facecolor": "none",
    "figure.constrained_layout.use": True,
    "grid.color": palette.GRID,
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "savefig.facecolor": "none",
    "svg.fonttype": "none",
    "svg.hashsalt": "book",
    "text.color": palette.INK,
    "xtick.color": palette.MUTED,
    "ytick.color": palette.MUTED,
    "xtick.labelcolor": palette.INK,
    "ytick.labelcolor": palette.INK,
}


def canvas(
    width: float = 6.4, height: float = 3.8, columns: int = 1, rows: int = 1, **options: Any
) -> tuple[Figure, Any]:
    """An empty figure, `width` x `height` inches, and its axes as plt.subplots gives them."""
    mpl.rcParams.update(STYLE)
    figure = Figure(figsize=(width, height))
    return figure, figure.subplots(rows, columns, **options)


def ellipse(ax: Axes, mean: Any, covariance: Any, radius: float = 2.0, **style: Any) -> None:
    """Outline of the Gaussian's points at Mahalanobis distance `radius` from its mean, in two dimensions."""
    variances, directions = eigh(covariance)
    angle = float(np.degrees(np.arctan2(directions[1, 1], directions[0, 1])))
    width, height = 2 * radius * variances[::-1] ** 0.5
    style = {"fill": False, "edgecolor": palette.INK, "linewidth": 1.8, **style}
    ax.add_patch(Ellipse((float(mean[0]), float(mean[1])), width, height, angle=angle, **style))


def dots(ax: Axes, X: Any, kind: int = 0, size: float = 4.5, colour: str | None = None) -> None:
    """Points (n, 2) as one path, which weighs a quarter of as many markers.

    `kind` numbers the shapes disc, square, ring, frame and, unless `colour` is given, the component colours.
    """
    colour = colour or palette.COMPONENTS[kind]
    _strokes(ax, X, colour, size, square=kind % 2 == 1)
    if kind % 4 >= 2:  # a hole: a ring, a frame
        _strokes(ax, X, palette.PAPER, size / 2.4, square=kind % 2 == 1)


def _strokes(ax: Axes, X: Any, colour: str, width: float, square: bool) -> None:
    """Strokes of hardly any length: one sees their caps only. Without any length, print shows nothing."""
    ends = np.repeat(np.asarray(X, dtype=float).reshape(-1, 2), 2, axis=0)
    ends[1::2, 0] += 1e-3 * np.ptp(ends[:, 0]) if len(ends) else 0.0
    path = MplPath(ends, [MplPath.MOVETO, MplPath.LINETO] * (len(ends) // 2))
    path.should_simplify = False
    cap = "projecting" if square else "round"
    ax.add_patch(PathPatch(path, fill=False, edgecolor=colour, linewidth=width, capstyle=cap, snap=False))
    ax.autoscale_view()


def decades(axis: Axis) -> None:
    """Ticks at powers of ten, written as plain text."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: _power(round(np.log10(value)))))
    axis.set_minor_formatter(NullFormatter())


def _power(exponent: int) -> str:
    if 0 <= exponent <= 5:
        return f"{10**exponent:,}"
    return "10" + str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


@dataclass(frozen=True)
class Picture:
    """A drawing with a sentence that says what is seen in it.

    Shown as the last value of a cell, it puts inline SVG into the page (one drawing for the light and
    the dark theme, with real text) and a PNG into the notebook that readers download.
    """

    figure: Figure
    alt: str

    @cached_property
    def svg(self) -> str:
        """The drawing as an SVG element, without description; colours are CSS variables."""
        buffer = io.StringIO()
        with mpl.rc_context(STYLE):
            self.figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
        self._keep_layout()  # laid out once: what draws it again need not
        return _for_the_page(buffer.getvalue())

    def _keep_layout(self) -> None:
        with mpl.rc_context({"figure.constrained_layout.use": False}):
            self.figure.set_layout_engine(None)

    def lay_out_like(self, other: Picture) -> None:
        """Put the axes where the other picture, which is drawn, has them."""
        self._keep_layout()
        for ax, place in zip(self.figure.axes, other.figure.axes, strict=True):
            ax.set_position(place.get_position(original=True))

    @cached_property
    def png(self) -> bytes:
        """The drawing on white paper."""
        buffer = io.BytesIO()
        with mpl.rc_context(STYLE):
            self.figure.savefig(buffer, format="png", dpi=110, facecolor=palette.PAPER)
        return buffer.getvalue()

    @cached_property
    def cuts(self) -> tuple[float, ...]:
        """Where the drawing may be cut between its columns of axes, as shares of its width."""
        return _cuts_between_columns(self.figure)

    def html(self) -> str:
        """The picture as the page shows it."""
        label = html.escape(self.alt, quote=True)
        svg = lean(self.svg).replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1)
        return _in_panels(svg, self.cuts)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        png = base64.b64encode(self.png).decode("ascii")
        return _for_the_book(self.html) | {"image/png": png, "text/plain": self.alt}


def _for_the_book(html: Callable[[], str]) -> dict[str, str]:
    """The drawing as HTML, which needs the book's style sheets: a downloaded notebook has only the PNG."""
    return {} if __name__.startswith("gmmlib.") else {"text/html": html()}


def _short_numbers(tag: re.Match[str]) -> str:
    """A tenth of a point; hundredths of what is small."""
    return re.sub(r"(\d\d\.\d|\d\.\d\d)\d+", r"\1", tag[0])


def _for_the_page(svg: str) -> str:
    """Matplotlib's SVG file as an element: no header, short numbers, theme colours, ids that are unique."""
    svg = svg[svg.index("<svg ") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"\s*\n\s*", "\n", svg).replace("xlink:href", "href")
    svg = re.sub(r"<[^>]+>", _short_numbers, svg)  # in tags only: what is read keeps its digits
    svg = re.sub(r' transform="rotate\(-0 [^"]*"', "", svg)
    svg = re.sub(r'(?<= d=")[^"]*', _short_path, svg)
    svg = re.sub(r"#[0-9a-f]{6}\b", lambda match: palette.css.get(match[0], match[0]), svg)
    svg = re.sub(r'style="fill: (var\([^)]*\)); stroke: \1"', r'fill="\1" stroke="\1"', svg)
    svg = re.sub(r'style="fill: (var\([^)]*\))"', r'fill="\1"', svg)
    svg = re.sub(r'(<g clip-path="[^"]*">)((?:\n<use [^>]*/>)+\n</g>\n\1)+', _one_group, svg)
    svg = re.sub(r"font-family: 'DejaVu Sans'[^;\"]*; ?", "", svg)  # font and ink as in the style sheet
    svg = re.sub(r'(<text style="[^"]*); fill: var\(--fig-ink\)"', r'\1"', svg)
    view_box = re.search(r'viewBox="([^"]*)"', svg)
    assert view_box is not None
    width = round(float(view_box[1].split()[2]) * 4 / 3)
    body = svg[svg.index(">") + 1 :]
    prefix = "p" + hashlib.sha256(body.encode()).hexdigest()[:6]
    body = re.sub(r'\bid="', f'id="{prefix}-', body)
    body = re.sub(r'(href="#|url\(#)', rf"\g<1>{prefix}-", body)
    style = f"max-width:{width}px" + "".join(
        f";--{name}:{value}" for name, value in palette.mixes.items() if f"--{name})" in body
    )
    return f'<svg viewBox="{view_box[1]}" style="{style}">{body.strip()}'


def lean(svg: str) -> str:
    """The drawing with short names, and without names, wrappers and blanks that nothing needs."""
    prefix = re.search(r' id="(p[0-9a-f]{6}-)', svg)
    used = dict.fromkeys(re.findall(r'(?:href="#|url\(#)([^")]+)', svg))
    short = {name: f"{prefix[1] if prefix else ''}{number}" for number, name in enumerate(used)}
    svg = re.sub(r' id="([^"]*)"', lambda match: f' id="{short[match[1]]}"' if match[1] in short else "", svg)
    svg = re.sub(r'(href="#|url\(#)([^")]+)', lambda match: match[1] + short[match[2]], svg)
    svg = re.sub(r">\s+<", "><", svg)
    svg = re.sub(r'<path d="[^"]*" style="fill: none" ?/>', "", svg)  # neither filled nor drawn
    wrapped = r"<g>(<(?:use|path)[^>]*/>|<text[^>]*>[^<]*</text>|)</g>"
    while (bare := re.sub(wrapped, r"\1", svg)) != svg:
        svg = bare
    return svg


def _short_path(match: re.Match[str]) -> str:
    """A path without blanks around its commands; a stroke of no length ends where it starts."""
    path = re.sub(r"\s*([A-Za-z])\s*", r"\1", match[0])

    def dot(stroke: re.Match[str]) -> str:
        return f"{stroke[1]}h0" if abs(float(stroke[4]) - float(stroke[2])) < 0.05 else stroke[0]

    return re.sub(r"(M([\d.]+) ([\d.]+))L([\d.]+) \3(?=M|$)", dot, path)


def _one_group(match: re.Match[str]) -> str:
    """Matplotlib wraps each point of a coloured scatter into a group of its own: one group will do."""
    return match[0].replace(f"\n</g>\n{match[1]}", "")


def _cuts_between_columns(figure: Figure) -> tuple[float, ...]:
    """Shares of the width between columns of axes; none if something spans them."""
    if figure.legends or figure.get_suptitle():
        return ()
    if figure.get_layout_engine() is not None:
        figure.draw_without_rendering()
    columns: dict[int, list[Bbox]] = {}
    for ax in figure.axes:
        place = ax.get_subplotspec()
        box = ax.get_tightbbox()
        if place is not None and box is not None:
            if len(place.colspan) > 1:
                return ()
            columns.setdefault(place.colspan.start, []).append(box)
    spans = [boxes for _, boxes in sorted(columns.items())]
    edges = [(min(box.x0 for box in boxes), max(box.x1 for box in boxes)) for boxes in spans]
    cuts = [(left[1] + right[0]) / 2 / figure.bbox.width for left, right in pairwise(edges)]
    apart = all(left[1] <= right[0] for left, right in pairwise(edges))
    return tuple(cuts) if apart else ()


def _in_panels(svg: str, cuts: Sequence[float]) -> str:
    """The drawing in as many panels as it has columns: beside each other, on a phone below each other.

    The first panel holds the drawing; the others show their part of it by reference.
    """
    if not cuts:
        return f'<div class="picture">{svg}</div>'
    view_box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    assert view_box is not None
    width, height = float(view_box[1]), float(view_box[2])
    edges = [round(share * width, 1) for share in (0.0, *cuts, 1.0)]
    name = "all-" + hashlib.sha256(svg.encode()).hexdigest()[:8]
    head, _, body = svg.partition(">")
    mixes = re.search(r'style="max-width:\d+px;?([^"]*)"', head)  # colours go along with every reference
    body = f'<g id="{name}" style="{mixes[1] if mixes else ""}">{body.removesuffix("</svg>")}</g></svg>'
    panels = []
    for left, right in pairwise(edges):
        window = f'viewBox="{left:g} 0 {right - left:g} {height:g}"'
        drawing = f'<svg aria-hidden="true" {window}><use href="#{name}"/></svg>'
        if left == 0:
            drawing = f"{head.replace(view_box[0], window, 1)}>{body}"
        style = f"flex-grow:{right - left:g};--natural:{round((right - left) * 4 / 3)}px"
        panels.append(f'<div class="panel" style="{style}">{drawing}</div>')
    return f'<div class="picture panels" style="max-width:{round(width * 4 / 3)}px">{"".join(panels)}</div>'


@dataclass(frozen=True)
class Stepper:
    """A process shown step by step: the same drawing in several states, a sentence for each.

    In the page it has buttons and a slider that work by keyboard; the caption is read out at each step.
    """

    label: str
    frames: Sequence[Picture]
    captions: Sequence[str]

    def __post_init__(self) -> None:
        if not len(self.frames) == len(self.captions) >= 2:
            raise ValueError("A stepper needs at least two frames and a caption for each.")

    def html(self) -> str:
        """The stepper as the page shows it; without scripts it is the last frame and the list of captions."""
        from .merge import merge_frames

        first, *others = self.frames
        _ = first.svg  # drawn, and laid out
        for frame in others:
            frame.lay_out_like(first)
        svg = lean(merge_frames([frame.svg for frame in self.frames], [frame.alt for frame in self.frames]))
        label = html.escape(self.label, quote=True)
        captions = "".join(f"<li>{html.escape(caption)}</li>" for caption in self.captions)
        return (
            f'<div class="stepper" role="group" aria-label="{label}" data-steps="{len(self.frames)}">'
            f'{_in_panels(svg, self.frames[-1].cuts)}<ol class="stepper-captions">{captions}</ol></div>'
        )

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        page = _for_the_book(self.html)  # before the PNG: drawing it moves the last frame's axes a little
        last = self.frames[-1]
        steps = "\n".join(f"{number}. {caption}" for number, caption in enumerate(self.captions, 1))
        png = base64.b64encode(last.png).decode("ascii")
        return page | {"image/png": png, "text/plain": f"{self.label}\n{steps}"}
