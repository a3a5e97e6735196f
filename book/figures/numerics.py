"""Figures of the page on floating point: underflow, whitening, cancellation, two matrix products."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from matplotlib.patches import Circle, Rectangle
from numpy.typing import NDArray

from gmmlib import em
from gmmlib.datasets import old_faithful
from gmmlib.gaussian import cholesky, whiten
from gmmlib.mixture import Mixture

from . import palette
from .frame import Picture, Stepper, canvas, ellipse

FloatArray = NDArray[np.float64]


def waiting_mixture() -> Mixture:
    """Maximum-likelihood mixture of two components for the waiting times."""
    start = Mixture(np.array([0.5, 0.5]), np.array([[55.0], [80.0]]), np.full((2, 1, 1), 30.0))
    return em.fit(old_faithful()[:, 1:], start, tol=1e-10).mixture


def underflow() -> Picture:
    """Far from the data both densities are zero in floating point, and zero over zero owns nothing."""
    mixture = waiting_mixture()
    x = np.linspace(-320, 460, 781)
    log_joint = mixture.log_joint(x[:, None])
    plain = np.exp(log_joint)  # (781, 2), zeros where too small
    with np.errstate(invalid="ignore"):
        naive = plain[:, 1] / plain.sum(axis=1)
    lost = np.flatnonzero(np.isnan(naive))
    edges = [(x[lost[0]], x[lost[x[lost] < 0][-1]]), (x[lost[x[lost] > 0][0]], x[lost[-1]])]
    figure, (top, bottom) = canvas(5.8, 4.9, rows=2, sharex=True)
    for k, (name, style) in enumerate((("short waits", "-"), ("long waits", "--"))):
        top.plot(x, log_joint[:, k] / np.log(10), style, color=palette.COMPONENTS[k], label=name)
    floor = np.log10(np.nextafter(0.0, 1.0))
    top.axhline(floor, color=palette.RED, linewidth=1.2)
    top.text(65, floor - 75, "below this line: exactly 0", color=palette.RED, ha="center")
    top.set(ylabel="log₁₀ of weight × density", ylim=(-1100, 60))
    top.legend(loc="lower center", ncols=2)
    bottom.plot(x, mixture.responsibilities(x[:, None])[:, 1], color=palette.INK, label="in the log domain")
    bottom.plot(x, naive, "o", color=palette.ORANGE, markersize=3, markevery=8, label="plain exp")
    for left, right in edges:
        for ax in (top, bottom):
            ax.axvspan(left, right, color=palette.MUTED, alpha=0.15, linewidth=0)
        bottom.text((left + right) / 2, 0.5, "0 / 0", ha="center", color=palette.RED)
    bottom.set(xlabel="waiting time [min]", ylabel="share of the long waits", xlim=(x[0], x[-1]))
    bottom.legend(
        loc="center left", bbox_to_anchor=(0.51, 0.45), handlelength=0.8, handletextpad=0.4, fontsize=9
    )
    return Picture(
        figure,
        "Above: the logarithms of two weighted densities are parabolas in the waiting time; both pass below "
        f"the smallest float left of {edges[0][1]:.0f} and right of {edges[1][0]:.0f} minutes. Below: by "
        "plain exponentials the responsibility ends there as zero over zero; in the log domain it goes on.",
    )


def whitening() -> Picture:
    """The inverse Cholesky factor turns a tilted ellipse into a circle, and distance into plain length."""
    X = old_faithful()
    spread = np.stack([np.diag(X.var(axis=0))] * 2)
    mixture = em.fit(X, Mixture(np.array([0.4, 0.6]), np.array([[2.0, 55.0], [4.3, 80.0]]), spread)).mixture
    mean, covariance = mixture.means[1], mixture.covariances[1]
    owned = X[mixture.predict(X) == 1]
    Z = whiten(owned, mean, cholesky(covariance))
    figure, (left, right) = canvas(6.8, 3.6, columns=2)
    left.scatter(*owned.T, s=10, color=palette.ORANGE, linewidths=0)
    right.scatter(*Z.T, s=10, color=palette.ORANGE, linewidths=0)
    for radius in (1, 2, 3):
        ellipse(left, mean, covariance, radius=radius, linewidth=1.4)
        right.add_patch(Circle((0, 0), radius, fill=False, edgecolor=palette.INK, linewidth=1.4))
    left.set(xlabel="duration [min]", ylabel="waiting time [min]", title="x")
    right.set(xlabel="u₁", ylabel="u₂", title="u = L⁻¹ (x − μ)")
    right.set(aspect="equal", xlim=(-3.6, 3.6), ylim=(-3.6, 3.6))
    return Picture(
        figure,
        f"Left: {len(owned)} eruptions with tilted ellipses at one, two and three standard deviations; one lies "
        "outside the third. "
        "Right: the same points after whitening; the ellipses are now circles of radius one, two and three.",
    )


def relative_errors(offset: int) -> tuple[float, float, float]:
    """Errors of two formulas for the variance of `waiting + offset`, naive and centred, and the naive value.

    The waiting times are whole minutes: adding a whole offset is exact and the true variance does not change.
    """
    whole = [int(value) for value in old_faithful()[:, 1]]
    n = len(whole)
    truth = float(Fraction(n * sum(v * v for v in whole) - sum(whole) ** 2, n * n))
    x = np.array(whole, dtype=float) + float(offset)
    naive = float(np.mean(x * x) - np.mean(x) ** 2)
    centred = float(np.mean((x - np.mean(x)) ** 2))
    return abs(naive - truth) / truth, abs(centred - truth) / truth, naive


# --------------------------------------------------------------------------- digits that wander off

OFFSETS = (0, *(10**k for k in range(2, 10)))
DIGITS, DECIMALS = 19, 4


@dataclass(frozen=True)
class Wandering:
    """A value as floating point has it and as it is, the last DECIMALS decimals rounded."""

    name: str
    computed: str
    exact: str

    @property
    def right(self) -> int:
        """How many leading places, the point among them, are right."""
        pairs = enumerate(zip(self.computed, self.exact, strict=True))
        return next((i for i, (a, b) in pairs if a != b), len(self.exact))


def digits_of(offset: int) -> tuple[Wandering, ...]:
    """Mean of squares, squared mean and their difference for `waiting + offset`, each computed and exact."""
    whole = [int(value) + offset for value in old_faithful()[:, 1]]
    n, x = len(whole), np.array(whole, dtype=float)
    squares, squared = Fraction(sum(v * v for v in whole), n), Fraction(sum(whole), n) ** 2
    computed = np.mean(x * x), np.mean(x) ** 2
    rows = (
        ("mean of the squares", computed[0], squares),
        ("square of the mean", computed[1], squared),
        ("their difference", computed[0] - computed[1], squares - squared),
    )
    exactly = ((name, Fraction(float(value)), true) for name, value, true in rows)
    return tuple(Wandering(name, _places(value), _places(true)) for name, value, true in exactly)


def _places(value: Fraction) -> str:
    """All places of a number that is at least 0, with leading blanks: 19 before the point and 4 behind it."""
    scaled = round(value * 10**DECIMALS)
    digits = str(scaled).rjust(DECIMALS + 1, "0")
    return f"{digits[:-DECIMALS]}.{digits[-DECIMALS:]}".rjust(DIGITS + 1 + DECIMALS)


def digits_wander_off() -> Stepper:
    """The two terms of the textbook variance grow, and the digits of the variance fall off their ends."""
    states = [digits_of(offset) for offset in OFFSETS]
    frames = [_digits(offset, rows) for offset, rows in zip(OFFSETS, states, strict=True)]
    captions = [
        f"Offset {offset:,d}: the difference is {rows[2].computed.strip()}, the variance "
        f"{rows[2].exact.strip()}. Relative error {relative_errors(offset)[0]:.0e}."
        for offset, rows in zip(OFFSETS, states, strict=True)
    ]
    return Stepper("The digits of a variance, as the offset of the data grows", frames, captions)


def _digits(offset: int, rows: tuple[Wandering, ...]) -> Picture:
    """One offset: three rows of digits, the wrong ones red and underlined, empty places as dots."""
    figure, ax = canvas(5.2, 3.2)
    ax.set_axis_off()
    ax.set(xlim=(-0.5, DIGITS + DECIMALS + 0.7), ylim=(-0.9, 3 * len(rows) - 0.6))
    ax.axvspan(DIGITS - 3.5, DIGITS + DECIMALS + 0.5, color=palette.GRID, alpha=0.35, linewidth=0)
    ax.text(-0.3, 3 * len(rows) - 1.0, f"offset {offset:,d}", fontsize=12)
    for number, row in enumerate(reversed(rows)):
        ax.text(-0.3, 3 * number + 0.75, row.name, fontsize=11, color=palette.MUTED)
        for place, digit in enumerate(row.computed):
            wrong = place >= row.right
            colour = palette.GRID if digit == " " else palette.RED if wrong else palette.INK
            text = "·" if digit == " " else digit
            ax.text(place, 3 * number - 0.15, text, color=colour, fontsize=13, ha="center", va="center")
        end = len(row.computed) - 0.4
        start = min(row.right - 0.4, end)
        ax.plot([start, end], [3 * number - 0.72] * 2, color=palette.RED, linewidth=2, solid_capstyle="butt")
    said = "; ".join(f"{row.name} {row.computed.strip()}, {_wrong(row)} wrong" for row in rows)
    return Picture(figure, f"Digits in three rows, for an offset of {offset:,d}: {said}.")


def _wrong(row: Wandering) -> str:
    count = sum(digit.isdigit() for digit in row.computed[row.right :])
    return f"{count} digits" if count != 1 else "one digit"


def cancellation() -> Picture:
    """Error against offset: the textbook formula loses two digits for each digit of the offset."""
    offsets = [round(10 ** (k / 2)) for k in range(29)]
    errors = np.array([relative_errors(offset) for offset in offsets])
    spread = float(old_faithful()[:, 1].std())
    figure, ax = canvas(6.6, 4.0)
    floor = np.maximum(errors[:, :2], 3e-17)
    size = np.array(offsets, dtype=float)
    mean = size + old_faithful()[:, 1].mean()
    ax.loglog(size, 2.0**-52 * (mean / spread) ** 2, "--", color=palette.MUTED, linewidth=1.2)
    ax.loglog(size, floor[:, 0], "o", color=palette.ORANGE)
    ax.loglog(size, floor[:, 1], "s-", color=palette.BLUE, linewidth=1.0)
    ax.axhline(1, color=palette.RED, linewidth=1.0)
    ax.text(2, 4, "no correct digit", color=palette.RED)
    ax.text(4e4, 1e-11, "ε (μ / σ)²", color=palette.MUTED)
    ax.text(3, 3e-8, "mean of squares\nminus squared mean", color=palette.ORANGE)
    ax.text(2e5, 6e-16, "centred first", color=palette.BLUE)
    ax.set(xlabel="offset added to the waiting times [min]", ylabel="relative error of the variance")
    ax.set(ylim=(1e-17, 1e13), xlim=(0.7, 2e14))
    return Picture(
        figure,
        "Relative error of the variance against the offset, both axes logarithmic. By the mean of squares "
        "minus the squared mean it stays below 1e-14 up to an offset of 30 minutes, then climbs two decades "
        "per decade along a dashed line and reaches 100 per cent at an offset of a billion minutes. Centred "
        "first, it stays at rounding level up to there, then climbs too.",
    )


def two_products() -> Picture:
    """One round of EM as two matrix products with a thin step between."""
    figure, ax = canvas(7.2, 3.3)
    ax.set_axis_off()
    ax.set(xlim=(0, 19), ylim=(0.4, 9.2), aspect="equal")

    def block(x: float, y: float, width: float, height: float, name: str, shape: str, colour: str) -> None:
        ax.add_patch(Rectangle((x, y), width, height, fill=False, edgecolor=colour, linewidth=2))
        ax.text(x + width / 2, y + height / 2, name, ha="center", va="center", color=colour)
        ax.text(x + width / 2, y - 0.55, shape, ha="center", va="center", color=palette.MUTED, fontsize=9)

    block(0.3, 2.0, 2.0, 6.0, "Φ", "n × h", palette.BLUE)
    ax.text(2.7, 5.0, "·", ha="center", va="center", fontsize=18)
    block(3.2, 4.0, 1.3, 2.0, "B", "h × K", palette.INK)
    ax.text(5.1, 5.0, "=", ha="center", va="center", fontsize=14)
    block(5.8, 2.0, 1.3, 6.0, "A", "n × K", palette.INK)
    ax.annotate("", (9.5, 5.0), (7.4, 5.0), arrowprops={"arrowstyle": "->", "color": palette.MUTED})
    ax.text(8.45, 5.7, "log-sum-exp", ha="center", fontsize=9, color=palette.MUTED)
    block(9.8, 4.35, 3.6, 1.3, "Rᵀ", "K × n", palette.ORANGE)
    ax.text(13.8, 5.0, "·", ha="center", va="center", fontsize=18)
    block(14.2, 2.0, 2.0, 6.0, "Φ", "n × h", palette.BLUE)
    ax.text(16.65, 5.0, "=", ha="center", va="center", fontsize=14)
    block(17.1, 4.35, 1.8, 1.3, "S", "K × h", palette.INK)
    ax.text(3.7, 8.7, "E-step: 2 n h K flops", ha="center")
    ax.text(14.3, 8.7, "M-step: 2 n h K flops", ha="center")
    return Picture(
        figure,
        "Matrices drawn as rectangles. The features, n by h, times a small coefficient matrix, h by K, give "
        "the logarithms A, n by K. Log-sum-exp turns them into responsibilities. Their transpose, K by n, "
        "times the same features gives the statistics, K by h.",
    )
