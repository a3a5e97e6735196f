"""Figures of the page on covariance collapse."""

from __future__ import annotations

from functools import cache

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from gmmlib import CollapsedComponentError, Fit, Mixture, e_step, fit, m_step
from gmmlib.covariance import family
from gmmlib.cures import InverseWishart
from gmmlib.datasets import galaxies, old_faithful
from gmmlib.statistics import Statistics

from . import palette
from .frame import Picture, Stepper, canvas, decades, dots, ellipse

FloatArray = NDArray[np.float64]

#: Deviations of the shrinking component, in 1000 km/s.
SHRINKING = (3.0, 1.0, 0.3, 0.1, 0.03, 0.01, 1e-3, 1e-4, 1e-5, 1e-6)

#: The galaxy that it shrinks onto: the 41st of the 82 in order, in the middle of the crowd.
VICTIM = 40


@cache
def three_components() -> Mixture:
    """Three components for the galaxies, by maximum likelihood."""
    return fit(galaxies(), 3, tol=1e-10).mixture


def with_spike(deviation: float, galaxy: int | None = None) -> Mixture:
    """The three components and a fourth, of weight 1/82 and this deviation, on one galaxy (None: VICTIM)."""
    base, X = three_components(), galaxies()
    weight, at = 1 / len(X), VICTIM if galaxy is None else galaxy
    return Mixture(
        np.append((1 - weight) * base.weights, weight),
        np.append(base.means, X[[at]], axis=0),
        np.append(base.covariances, [[[deviation**2]]], axis=0),
    )


def spike_log_likelihood(deviation: float) -> float:
    """Log-likelihood of the galaxies under `with_spike`."""
    return with_spike(deviation).log_likelihood(galaxies())


def shrinking_onto_a_point() -> Stepper:
    """One component shrinks onto one galaxy: the log-likelihood rises without end."""
    curve = np.logspace(0.5, -6, 131)
    heights = np.array([spike_log_likelihood(s) for s in curve])
    base = three_components().log_likelihood(galaxies())
    frames = [_shrinking_frame(s, curve, heights, base) for s in SHRINKING]
    captions = [
        f"σ = {_plain(s)}: log-likelihood {spike_log_likelihood(s):.2f}, {_gain(s, base)}" for s in SHRINKING
    ]
    return Stepper("A component shrinks onto one galaxy", frames, captions)


def _plain(s: float) -> str:
    return f"{s:.6f}".rstrip("0").rstrip(".")


def _gain(s: float, base: float) -> str:
    gain = spike_log_likelihood(s) - base
    return f"{abs(gain):.2f} nats {'above' if gain > 0 else 'below'} the three components alone."


def _shrinking_frame(s: float, curve: FloatArray, heights: FloatArray, base: float) -> Picture:
    figure, (left, right) = canvas(7.6, 3.5, columns=2, width_ratios=[1.25, 1])
    _draw_density(left, s)
    right.plot(curve, heights, color=palette.INK)
    right.axhline(base, color=palette.MUTED, linestyle="--", linewidth=1.2)
    right.text(
        8e-7, base - 0.2, "three components alone", color=palette.MUTED, fontsize=10, ha="right", va="top"
    )
    right.plot(s, spike_log_likelihood(s), "o", color=palette.ORANGE, markersize=9)
    right.set(
        xscale="log", xlabel="σ of the fourth component", ylabel="log-likelihood [nats]", xlim=(5, 6e-7)
    )
    right.set_ylim(base - 1.2, heights[-1] + 0.6)
    decades(right.xaxis)
    return Picture(
        figure,
        f"Left: density of the galaxies' velocities with a fourth component of deviation {_plain(s)} "
        "on one galaxy. "
        f"Right: log-likelihood against that deviation; here it is {_gain(s, base)} "
        "Below 0.001 the curve climbs in a straight line on the logarithmic axis and never turns.",
    )


def _draw_density(ax: Axes, s: float) -> None:
    X, mixture = galaxies(), with_spike(s)
    near = X[VICTIM, 0] + np.linspace(-5, 5, 61) * s
    grid = np.sort(np.concatenate([np.linspace(8, 36, 225), near]))
    ax.plot(X[:, 0], np.full(len(X), -0.015), "|", color=palette.MUTED, markersize=8, markeredgewidth=1)
    ax.plot(grid, np.minimum(np.exp(mixture.log_density(grid[:, None])), 0.62), color=palette.BLUE)
    ax.plot(X[VICTIM, 0], -0.015, "|", color=palette.ORANGE, markersize=14, markeredgewidth=2.5)
    ax.set(xlabel="velocity [1000 km/s]", ylabel="density", ylim=(-0.045, 0.6), xlim=(8, 36))


def fall(deviation: float) -> list[tuple[float, float]]:
    """Deviation of the fourth component and log-likelihood, round by round, until EM can go no further."""
    X, mixture, rounds = galaxies(), with_spike(deviation), []
    while True:
        R, log_likelihood = e_step(X, mixture)
        rounds.append((float(mixture.covariances[3, 0, 0]) ** 0.5, log_likelihood))
        try:
            mixture = m_step(X, R)
        except CollapsedComponentError:
            return [*rounds, (0.0, np.inf)]


@cache
def two_components() -> Fit:
    """Two full covariances on Old Faithful."""
    return fit(old_faithful(), 2, tol=1e-9)


def third_on_neighbours(point: int, n_neighbours: int) -> FloatArray:
    """Responsibilities (272, 3) to start from: two components, and a third on a point's neighbours."""
    X = old_faithful()
    nearest = np.argsort((((X - X[point]) / X.std(axis=0)) ** 2).sum(axis=1), kind="stable")[:n_neighbours]
    R = np.column_stack([e_step(X, two_components().mixture)[0], np.zeros(len(X))])
    R[nearest] = (0.05, 0.05, 0.9)
    return R


@cache
def collapsing_starts(first: int = 0, step: int = 3) -> tuple[FloatArray, ...]:
    """Starts with a third component on the neighbours of every `step`-th eruption from which EM collapses."""
    starts = []
    for point in range(first, len(old_faithful()), step):
        start = third_on_neighbours(point, 5)
        try:
            fit(old_faithful(), start, tol=1e-5, max_iter=3000)
        except CollapsedComponentError:
            starts.append(start)
    return tuple(starts)


@cache
def three_fits() -> dict[str, Fit]:
    """Three local maxima of the likelihood of Old Faithful with three full covariances."""
    starts = {"A": (113, 12), "B": (16, 6), "C": (227, 5)}
    return {
        name: fit(old_faithful(), third_on_neighbours(*start), tol=1e-8, max_iter=3000)
        for name, start in starts.items()
    }


def members(name: str) -> FloatArray:
    """Points that belong to the smallest component of one of the three fits."""
    X, mixture = old_faithful(), three_fits()[name].mixture
    R, _ = e_step(X, mixture)
    return X[R[:, R.sum(axis=0).argmin()] > 0.5]


def held_out(repeats: int = 2, folds: int = 10, seed: int = 1) -> dict[str, FloatArray]:
    """Log density of each eruption when left out, (272,), mean over divisions; two components, A and B."""
    X, rng = old_faithful(), np.random.default_rng(seed)
    starts = {"two": two_components(), "A": three_fits()["A"], "B": three_fits()["B"]}
    scores = {name: np.zeros(len(X)) for name in starts}
    for _ in range(repeats):
        fold = rng.permutation(len(X)) % folds
        for name, start in starts.items():
            for f in range(folds):
                train = fit(X[fold != f], start.mixture, tol=1e-4, max_iter=3000).mixture
                scores[name][fold == f] += train.log_density(X[fold == f]) / repeats
    return scores


def three_maxima() -> Picture:
    """Three local maxima side by side: a broad bridge, a sharp group, and a line of seven points."""
    figure, axes = canvas(7.6, 3.5, columns=3)
    titles = {"A": "A: found most often", "B": "B: found sometimes", "C": "C: found on purpose"}
    for ax, (name, found) in zip(axes, three_fits().items(), strict=True):
        _draw_fit(ax, found)
        ax.set(title=f"{titles[name]}\n{found.log_likelihood:.2f} nats", xlabel="duration [min]")
    axes[0].set_ylabel("waiting time [min]")
    return Picture(
        figure,
        "Old Faithful with three components, three local maxima. A: the third component is a wide "
        "oval that bridges "
        "the two crowds. B: it is a narrow upright oval on the short eruptions near 1.84 minutes. C: "
        "it is a needle "
        "through seven points of the right crowd that lie exactly on one slanted line.",
    )


def _draw_fit(ax: Axes, found: Fit) -> None:
    X = old_faithful()
    R, _ = e_step(X, found.mixture)
    small = int(R.sum(axis=0).argmin())
    ours = R[:, small] > 0.5
    ax.set(xlim=(1.4, 5.3), ylim=(40, 98), xticks=(2, 3, 4, 5))
    dots(ax, X[~ours], size=2.2, colour=palette.MUTED)
    dots(ax, X[ours], 1, size=3.0)
    for k in range(3):
        colour = palette.ORANGE if k == small else palette.BLUE
        ellipse(ax, found.mixture.means[k], found.mixture.covariances[k], edgecolor=colour)


def cures() -> Picture:
    """What each method would maximise while a component shrinks onto one galaxy."""
    base = three_components().log_likelihood(galaxies())
    curve = np.logspace(0.3, -3.3, 150)
    plain = np.array([spike_log_likelihood(s) for s in curve]) - base
    prior = plain + _log_prior(curve)
    floor, ratio = 1e-3**0.5 * float(galaxies().std()), _smallest(100.0)
    figure, ax = canvas(6.0, 3.9)
    ax.plot(curve, plain, color=palette.INK)
    ax.plot(curve, prior, color=palette.ORANGE, linestyle="--")
    ax.text(1.1e-3, 3.2, "no cure", color=palette.INK, ha="right")
    ax.text(0.37, -4.0, "with the prior", color=palette.ORANGE, ha="right")
    ax.axhline(0, color=palette.MUTED, linewidth=0.8)
    _stop(ax, floor, base, 2.6, "floor 1e-3: no further", palette.BLUE, "s")
    _stop(ax, ratio, base, -2.2, "ratio 100: no further", palette.GREEN, "^")
    ax.set(xscale="log", xlim=(2, 5e-4), ylim=(-6, 4))
    decades(ax.xaxis)
    ax.set(xlabel="σ of the fourth component [1000 km/s]", ylabel="objective [nats]")
    return Picture(
        figure,
        "Objective against the deviation of the shrinking component, from 2 on the left to 0.0005 on "
        "the right. "
        f"Without a cure it rises to {plain[-1]:.1f} nats and on. A floor ends the curve at {floor:.2f}, "
        f"a ratio of 100 at {ratio:.2f}. With the prior the objective is largest near "
        f"{curve[prior.argmax()]:.1f} and plunges below 0.3.",
    )


def _stop(ax: Axes, s: float, base: float, height: float, text: str, colour: str, marker: str) -> None:
    """A marker where a constraint ends the curve, with a line to its name."""
    here = spike_log_likelihood(s) - base
    ax.plot([s, s], [here, height], color=colour, linewidth=1.2)
    ax.plot(s, here, marker, color=colour, markersize=9)
    ax.text(0.93 * s, height, text, color=colour, ha="left", va="center")


def _log_prior(curve: FloatArray) -> FloatArray:
    """Log density of the prior along the curve, relative to its value at deviation 1."""
    X = galaxies()
    total = Statistics.of(X, np.ones((len(X), 1))).total()
    values = [InverseWishart().log_prior(with_spike(s), family("full"), total) for s in (*curve, 1.0)]
    return np.array(values[:-1]) - values[-1]


def _smallest(ratio: float) -> float:
    """Least deviation of the fourth component that the ratio allows beside the widest of the other three."""
    return float(np.sqrt(three_components().covariances.max() / ratio))
