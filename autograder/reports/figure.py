"""The distribution of scores as an inline SVG: no script, no library, and words for who cannot see it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

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
