"""Figures as inline SVG: no script, no library, and words for who cannot see them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from math import cos, pi, sin, sqrt

from autograder.values import Drawn, Picture

Place = Callable[[float, float], tuple[float, float]]

WIDTH, HEIGHT = 640, 220
LEFT, BOTTOM, TOP = 30, 34, 22
COLUMNS = 10


def distribution(scores: Sequence[float], top: float) -> str:
    """Return a figure with a caption: how many submissions lie in each tenth of the points."""
    counts = tenths(scores, top)
    step = (WIDTH - LEFT) / COLUMNS
    scale = (HEIGHT - BOTTOM - TOP) / max(*counts, 1)
    parts = []
    for number, count in enumerate(counts):
        x, height = LEFT + number * step, count * scale
        y = HEIGHT - BOTTOM - height
        if count:
            parts.append(
                f'<rect class="column" x="{x + 3:.1f}" y="{y:.1f}" width="{step - 6:.1f}" '
                f'height="{height:.1f}" rx="3"/>'
            )
            parts.append(f'<text x="{x + step / 2:.1f}" y="{y - 6:.1f}" text-anchor="middle">{count}</text>')
    for number in range(0, COLUMNS + 1, 2):
        x = LEFT + number * step
        anchor = "end" if number == COLUMNS else "middle"
        parts.append(
            f'<text x="{x:.1f}" y="{HEIGHT - 12}" text-anchor="{anchor}">{top * number / COLUMNS:g}</text>'
        )
    base = HEIGHT - BOTTOM
    words = escape(in_words(counts, top), quote=True)
    return (
        f'<figure><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{words}">'
        f'<line class="axis" x1="{LEFT}" y1="{base}" x2="{WIDTH}" y2="{base}"/>{"".join(parts)}</svg>'
        f"<figcaption>Number of submissions by points, of {top:g}.</figcaption></figure>"
    )


def tenths(scores: Sequence[float], top: float) -> list[int]:
    """Return counts per tenth of [0, top]; full points belong to the last one."""
    counts = [0] * COLUMNS
    for score in scores:
        share = score / top if top else 0.0
        counts[min(max(int(share * COLUMNS + 1e-9), 0), COLUMNS - 1)] += 1
    return counts


def in_words(counts: Sequence[int], top: float) -> str:
    """Return the figure as a sentence."""
    parts = [
        f"{count} from {top * number / COLUMNS:g} to {top * (number + 1) / COLUMNS:g}"
        for number, count in enumerate(counts)
        if count
    ]
    return "Submissions by points: " + ", ".join(parts)


# --------------------------------------------------------------------------- a call in two dimensions

PANEL, MARGIN, GAP = 300, 18, 24  # of the two pictures side by side
MARKS = ("circle", "square", "triangle", "diamond", "down", "cross")  # of the components, beside their colour


def compared(picture: Picture) -> str:
    """Return a figure of what a function returned beside what was expected, over the same points."""
    place = _scale(picture)
    panels = []
    for number, (title, drawn) in enumerate((("returned", picture.returned), ("expected", picture.expected))):
        others = picture.expected.owners if number == 0 else ()
        shapes = _panel(picture.points, drawn, others, place)
        left = number * (PANEL + GAP)
        panels.append(
            f'<text x="{left}" y="20">{title}</text><svg x="{left}" y="28" width="{PANEL}" height="{PANEL}">'
            f'<rect class="frame" x="1" y="1" width="{PANEL - 2}" height="{PANEL - 2}"/>{shapes}</svg>'
        )
    words = escape(compared_in_words(picture), quote=True)
    return (
        f'<figure><svg class="compared" viewBox="0 0 {2 * PANEL + GAP} {PANEL + 30}" role="img" '
        f'aria-label="{words}">{"".join(panels)}</svg><figcaption>{_legend(picture)}</figcaption></figure>'
    )


def compared_in_words(picture: Picture) -> str:
    """Return the figure as sentences."""
    said = [f"{len(picture.points)} points; what was returned on the left, what was expected on the right."]
    returned, expected = picture.returned, picture.expected
    if returned.owners and expected.owners and returned.owners != expected.owners:
        pairs = zip(returned.owners, expected.owners, strict=True)
        said.append(f"{sum(one != other for one, other in pairs)} points have another owner.")
    if returned.centres != expected.centres:
        said.append(f"Centres returned: {_listed(returned.centres)}; expected: {_listed(expected.centres)}.")
    if returned.covariances != expected.covariances and returned.covariances:
        said.append(f"Variances returned: {_spreads(returned)}; expected: {_spreads(expected)}.")
    return " ".join(said)


def _listed(centres: Sequence[tuple[float, float]]) -> str:
    return ", ".join(f"({x:.3g}, {y:.3g})" for x, y in centres)


def _spreads(drawn: Drawn) -> str:
    return ", ".join(f"({xx:.3g}, {yy:.3g})" for xx, _, yy in drawn.covariances)


def _legend(picture: Picture) -> str:
    """Say what the marks mean, as far as they are there."""
    said = []
    if picture.returned.owners or picture.expected.owners:
        said.append("colour and shape of a point: the component that owns it most")
    if picture.returned.owners != picture.expected.owners and picture.returned.owners:
        said.append("ringed: another owner than expected")
    if picture.expected.centres:
        said.append("plus signs: centres")
    if picture.expected.covariances:
        said.append("ellipses: two standard deviations")
    text = "; ".join(said)
    return f"{text[:1].upper()}{text[1:]}."


def _scale(picture: Picture) -> Place:
    """Return the map from the points to a panel, in which all that is expected has room."""
    seen = [*picture.points, *picture.expected.centres]
    for centre, covariance in zip(picture.expected.centres, picture.expected.covariances, strict=False):
        seen += _outline(centre, covariance)
    low = [min(point[axis] for point in seen) for axis in (0, 1)]
    high = [max(point[axis] for point in seen) for axis in (0, 1)]
    middle = [(a + b) / 2 for a, b in zip(low, high, strict=True)]
    half = max(0.5 * max(b - a for a, b in zip(low, high, strict=True)), 1e-12)
    step = (PANEL / 2 - MARGIN) / half
    far = 10.0 * PANEL  # what lies farther off is not seen anyway

    def place(x: float, y: float) -> tuple[float, float]:
        right, down = PANEL / 2 + step * (x - middle[0]), PANEL / 2 - step * (y - middle[1])
        return min(max(right, -far), far), min(max(down, -far), far)

    return place


def _panel(points: Sequence[tuple[float, float]], drawn: Drawn, expected: Sequence[int], place: Place) -> str:
    shapes = []
    for number, (x, y) in enumerate(points):
        owner = drawn.owners[number] if drawn.owners else None
        shapes.append(_mark(*place(x, y), owner))
        if owner is not None and expected and expected[number] != owner:
            across, down = place(x, y)
            shapes.append(f'<circle class="ring" cx="{across:.1f}" cy="{down:.1f}" r="8"/>')
    for number, centre in enumerate(drawn.centres):
        if drawn.covariances:
            shapes.append(_ellipse(centre, drawn.covariances[number], number, place))
        across, down = place(*centre)
        shapes.append(
            f'<path class="centre c{number}" '
            f'd="M{across - 8:.1f} {down:.1f}h16M{across:.1f} {down - 8:.1f}v16"/>'
        )
    return "".join(shapes)


def _mark(x: float, y: float, owner: int | None) -> str:
    """Return a point; each component has a colour and a shape."""
    if owner is None:
        return f'<circle class="point" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>'
    outlines = {
        "circle": f"M{x - 4:.1f} {y:.1f}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0",
        "square": f"M{x - 3.5:.1f} {y - 3.5:.1f}h7v7h-7z",
        "triangle": f"M{x:.1f} {y - 4.5:.1f}l4.5 8h-9z",
        "diamond": f"M{x:.1f} {y - 5:.1f}l4 5l-4 5l-4 -5z",
        "down": f"M{x:.1f} {y + 4.5:.1f}l4.5 -8h-9z",
        "cross": f"M{x - 4:.1f} {y - 1.5:.1f}h8v3h-8z",
    }
    return f'<path class="point c{owner}" d="{outlines[MARKS[owner]]}"/>'


def _ellipse(
    centre: tuple[float, float], covariance: tuple[float, float, float], number: int, place: Place
) -> str:
    """Return the line at two standard deviations; nothing for what is no covariance."""
    line = [place(x, y) for x, y in _outline(centre, covariance)]
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in line)
    return f'<path class="ellipse c{number}" d="M{path}Z"/>' if path else ""


def _outline(
    centre: tuple[float, float], covariance: tuple[float, float, float]
) -> list[tuple[float, float]]:
    xx, xy, yy = covariance
    if not (xx > 0 and xx * yy - xy * xy > 0):
        return []
    a, b = sqrt(xx), xy / sqrt(xx)  # Cholesky: [[a, 0], [b, c]]
    c = sqrt(max(yy - b * b, 0.0))  # rounding may leave less than nothing
    angles = [2 * pi * step / 48 for step in range(48)]
    return [(centre[0] + 2 * a * cos(t), centre[1] + 2 * (b * cos(t) + c * sin(t))) for t in angles]
