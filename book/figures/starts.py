"""Figures of the page on starts: where EM ends, how it is seeded, the saddle. Its speed is in speed.py."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from gmmlib import Fit, Mixture, e_step, fit, m_step
from gmmlib.datasets import galaxies, old_faithful
from gmmlib.em import fit_each
from gmmlib.kmeans import kmeans, kmeans_plus_plus
from gmmlib.starts import whitening_matrix
from gmmlib.statistics import Statistics
from gmmlib.stopping import Stopping

from . import palette
from .frame import Picture, Stepper, canvas, decades, dots

FloatArray = NDArray[np.float64]

# --------------------------------------------------------------------------- fifty starts


def at_random_galaxies(width: float, seed: int) -> Mixture:
    """Four components at random galaxies, each with the share `width` of the data's variance."""
    X = galaxies()
    chosen = np.random.default_rng(seed).choice(len(X), size=4, replace=False)
    return Mixture(np.full(4, 0.25), X[chosen], np.full((4, 1, 1), width * X.var()))


@cache
def by_seed(width: float = 1 / 16, first_seed: int = 0, accelerate: bool = False) -> dict[int, Fit]:
    """EM with four components on the galaxies, to the end from fifty starts; seeds that collapse are left out."""
    tol = 1e-7 if width == 1 / 16 else 1e-5
    seeds = range(first_seed, first_seed + 50)
    starts = [at_random_galaxies(width, seed) for seed in seeds]
    ends = fit_each(galaxies(), starts, tol=tol, max_iter=3000, accelerate=accelerate)
    return {seed: end for seed, end in zip(seeds, ends, strict=True) if isinstance(end, Fit)}


def fifty(width: float = 1 / 16, first_seed: int = 0, accelerate: bool = False) -> tuple[Fit, ...]:
    """The runs of `by_seed`, whatever their seeds; two such tuples do not belong together run by run."""
    return tuple(by_seed(width, first_seed, accelerate).values())


def ends() -> dict[float, int]:
    """Log-likelihoods at which the fifty runs ended, best first, and how many ended there."""
    values = [round(run.log_likelihood, 2) for run in fifty()]
    return {value: values.count(value) for value in sorted(set(values), reverse=True)}


def left_at_stop(rule: Stopping, width: float = 1 / 16, first_seed: int = 0) -> FloatArray:
    """Nats that each of the fifty runs had still to gain where this rule would have stopped it, (50,) or fewer."""
    left = []
    for run in fifty(width, first_seed):
        history = run.history
        stops = (t for t in range(1, len(history)) if rule.reason(history[:t]))
        left.append(history[-1] - history[next(stops, len(history)) - 1])
    return np.array(left)


@cache
def accident() -> Fit:
    """Where EM ends from a bad local optimum of k-means: one component for two galaxies."""
    X = galaxies()
    stuck = max((kmeans(X, 4, rng=seed, start="k-means++") for seed in range(50)), key=lambda k: k.distortion)
    return fit(X, np.eye(4)[stuck.labels], tol=1e-7, max_iter=3000)


def fifty_traces() -> Picture:
    """Log-likelihood of each run against its iteration; three kinds of ends."""
    figure, ax = canvas(6.8, 4.2)
    found = ends()
    best, usual = max(found), max(found, key=lambda value: found[value])
    for run in sorted(fifty(), key=lambda run: run.log_likelihood):
        end = round(run.log_likelihood, 2)
        colour, style = (palette.ORANGE, "--")
        if end == best:
            colour, style = palette.BLUE, "-"
        elif end == usual:
            colour, style = palette.MUTED, "-"
        at = np.unique(np.geomspace(1, run.n_iter, 30).astype(int))
        width = 2.2 if end == best else 0.8
        ax.plot(at, np.array(run.history)[at - 1], style, color=colour, linewidth=width)
    for value, name, colour in ((best, "best", palette.BLUE), (usual, "usual", palette.MUTED)):
        ax.text(740, value, f"{name}: {found[value]} of 50", color=colour, va="center")
    others = 50 - found[best] - found[usual]
    ax.text(740, -206.5, f"lower: {others} of 50", color=palette.ORANGE, va="center")
    ax.set(xscale="log", xlim=(1, 700), ylim=(-232, -195.5))
    ax.set(xlabel="E-steps", ylabel="log-likelihood [nats]")
    decades(ax.xaxis)
    return Picture(
        figure,
        "Fifty rising curves of the log-likelihood against the number of E-steps. They end on a few levels: "
        f"{found[best]} at {best}, {found[usual]} at {usual}, the others between "
        f"{min(found)} and {sorted(found)[-3]}. Some have flat stretches before a late rise.",
    )


def three_ends() -> Picture:
    """The mixtures at the best, the usual and the k-means end, over the galaxies."""
    figure, axes = canvas(7.6, 3.2, columns=3, sharey=True)
    X = galaxies()
    clusters = kmeans(X, 4, rng=0, start="k-means++").labels
    after_kmeans = fit(X, np.eye(4)[clusters], tol=1e-7, max_iter=3000)
    tops = {round(run.log_likelihood, 2): run.mixture for run in (*fifty(), after_kmeans)}
    found = ends()
    usual = max(found, key=lambda value: found[value])
    grid = np.linspace(7, 37, 240)[:, None]
    names = {"best": max(found), "usual": usual, "from k-means": round(after_kmeans.log_likelihood, 2)}
    for ax, (name, value) in zip(axes, names.items(), strict=True):
        parts = np.exp(tops[value].log_densities(grid)) * tops[value].weights
        for part in parts.T:
            ax.plot(grid, part, "--", color=palette.ORANGE, linewidth=1.1)
        ax.plot(grid, parts.sum(axis=1), color=palette.BLUE)
        ax.plot(X, np.full(82, -0.012), "|", color=palette.MUTED, markersize=6, markeredgewidth=0.8)
        ax.set(title=f"{name}: {value:.2f}", xlabel="velocity [1000 km/s]")
    axes[0].set_ylabel("density")
    return Picture(
        figure,
        "Three densities with four components each, all with a small peak near 9.7. Best: a narrow peak at 19.8 "
        "stands on a broad hill, and a small one near 33. Usual: two hills and a very wide, flat component under "
        "everything. From k-means: two broad hills and a small one near 33.",
    )


# --------------------------------------------------------------------------- k-means++ and whitening


def seeding_steps(seed: int = 3, K: int = 6) -> Stepper:
    """k-means++ on the galaxies: the chance of each to be the next centre."""
    X = galaxies()
    frames, captions = [], []
    for chosen in range(K):
        centres = kmeans_plus_plus(X, chosen, np.random.default_rng(seed)) if chosen else np.empty((0, 1))
        nearest = np.square(X - centres.T).min(axis=1) if chosen else np.ones(len(X))
        chance = nearest / nearest.sum()
        following = float(kmeans_plus_plus(X, chosen + 1, np.random.default_rng(seed))[-1, 0])
        frames.append(_seeding_frame(X[:, 0], centres[:, 0], chance, following))
        drawn = float(chance[X[:, 0] == following].sum())
        how = "All have the same chance" if not chosen else f"Centre {chosen} is fixed"
        captions.append(
            f"{how}. Next is drawn: the galaxy at {following:.2f}, with chance {100 * drawn:.1f} %."
        )
    return Stepper("k-means++ chooses six centres", frames, captions)


def _seeding_frame(x: FloatArray, centres: FloatArray, chance: FloatArray, following: float) -> Picture:
    figure, ax = canvas(6.6, 3.4)
    ax.vlines(x, 0, 100 * chance, color=palette.BLUE, linewidth=1.6)
    padded = np.concatenate([centres, np.full(6 - len(centres), -9.0)])  # outside the axes: not chosen yet
    ax.plot(padded, np.full(6, -1.2), "^", color=palette.INK, markersize=9)
    ax.plot(following, -1.2, "s", color=palette.ORANGE, markersize=8)
    ax.set(xlim=(8, 36), ylim=(-2, 30), xlabel="velocity [1000 km/s]", ylabel="chance to be next [%]")
    listed = ", ".join(f"{c:.1f}" for c in sorted(centres)) or "none yet"
    return Picture(
        figure,
        f"A bar at each of 82 galaxies, as high as its chance to be the next centre. Chosen: {listed}. "
        f"{_bars(centres)} Drawn next: {following:.1f}.",
    )


def _bars(centres: FloatArray) -> str:
    if not len(centres):
        return "All bars are equal."
    return "Bars near a chosen centre are almost zero, far ones are higher."


def sausages(seed: int = 1) -> tuple[FloatArray, NDArray[np.intp]]:
    """Two long thin groups side by side, aslant: points (300, 2) and who made them."""
    rng = np.random.default_rng(seed)
    Z = rng.standard_normal((300, 2)) * [3.0, 0.25]
    labels = np.repeat([0, 1], 150)
    Z[:, 1] += np.array([-0.7, 0.7])[labels]
    c, s = np.cos(0.7), np.sin(0.7)
    return Z @ np.array([[c, s], [-s, c]]), labels


def three_views(seed: int = 1) -> dict[str, FloatArray]:
    """The sausages as they are, with variances one, and whitened."""
    X, _ = sausages(seed)
    white = (X - X.mean(axis=0)) @ whitening_matrix(Statistics.of(X, np.ones((len(X), 1))))
    return {"as they are": X, "scaled": X / X.std(axis=0), "whitened": white}


def whitening() -> Picture:
    """What k-means finds before and after whitening."""
    figure, axes = canvas(7.2, 3.5, columns=2)
    views = three_views()
    for ax, name in zip(axes, ("as they are", "whitened"), strict=True):
        labels = kmeans(views[name], 2, rng=0, n_starts=10).labels
        dots(ax, views[name][labels == 0], 0)
        dots(ax, views[name][labels == 1], 1)
        ax.set(title=f"k-means, {name}", aspect="equal")
    return Picture(
        figure,
        "Two long parallel groups of points. Left, as they are: k-means cuts both groups across the middle. "
        "Right, whitened: the groups are shorter and farther apart, and k-means separates them.",
    )


# --------------------------------------------------------------------------- the saddle


def near_saddle(gap: float, rounds: int = 180) -> FloatArray:
    """Log-likelihoods of EM on Old Faithful's waiting times from two nearly equal components."""
    X = old_faithful()[:, 1:]
    centre, spread = float(X.mean()), float(X.std())
    means = centre + gap * spread * np.array([[-1.0], [1.0]])
    mixture = Mixture(np.array([0.5, 0.5]), means, np.full((2, 1, 1), spread**2))
    history = []
    for _ in range(rounds):
        responsibilities, height = e_step(X, mixture)
        history.append(height)
        mixture = m_step(X, responsibilities)
    return np.array(history)


def plateau() -> Picture:
    """The nearer to the saddle EM starts, the later it rises, by equal delays."""
    figure, ax = canvas(6.6, 3.7)
    styles = ("-", "--", "-.", ":")
    for exponent, style, colour in zip((1, 3, 5, 7), styles, palette.COMPONENTS, strict=False):
        ax.plot(traces_near_saddle()[exponent], style, color=colour, label=f"g = 10⁻{'⁰¹²³⁴⁵⁶⁷'[exponent]}")
    ax.set(xlabel="E-steps", ylabel="log-likelihood [nats]", xlim=(0, 180))
    ax.legend(loc="center right")
    return Picture(
        figure,
        "Log-likelihood against E-steps from four starts. Each stays flat near -1095 and then rises in the "
        "same S-shape to -1034; each factor of one hundred in the start delays the rise by the same number "
        "of E-steps.",
    )


@cache
def traces_near_saddle() -> dict[int, FloatArray]:
    """Traces for start gaps 10⁻¹, 10⁻³, 10⁻⁵, 10⁻⁷."""
    return {exponent: near_saddle(10.0**-exponent) for exponent in (1, 3, 5, 7)}
