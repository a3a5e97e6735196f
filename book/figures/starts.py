"""Figures of the page on starts: where EM ends, when it stops, how fast it goes."""

from __future__ import annotations

from functools import cache

import numpy as np
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, NullFormatter
from numpy.typing import NDArray

from gmmlib import Fit, Mixture, e_step, fit, m_step, squarem
from gmmlib.blocked import Blocks
from gmmlib.covariance import family
from gmmlib.datasets import galaxies, old_faithful
from gmmlib.em import Maximiser
from gmmlib.kmeans import kmeans, kmeans_plus_plus
from gmmlib.prior import MaximumLikelihood
from gmmlib.starts import whitened
from gmmlib.statistics import Statistics
from gmmlib.stopping import Absolute, Aitken, Relative, Stopping

from . import palette
from .frame import Picture, Stepper, canvas, dots

FloatArray = NDArray[np.float64]

def decades(axis: Axis) -> None:
    """Ticks at powers of ten, written as plain text."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: _power(round(np.log10(value)))))
    axis.set_minor_formatter(NullFormatter())


def _power(exponent: int) -> str:
    if 0 <= exponent <= 5:
        return f"{10**exponent:,}"
    return "10" + str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


# --------------------------------------------------------------------------- fifty starts


@cache
def fifty(init: str = "points") -> tuple[Fit, ...]:
    """EM with four components on the galaxies, run to the end from fifty starts."""
    tol = 1e-7 if init == "points" else 1e-5
    return tuple(
        fit(galaxies(), 4, init=init, n_starts=1, rng=seed, tol=tol, max_iter=3000) for seed in range(50)
    )


def ends(init: str = "points") -> dict[float, int]:
    """Log-likelihoods at which the fifty runs ended, best first, and how many ended there."""
    values = [round(run.log_likelihood, 2) for run in fifty(init)]
    return {value: values.count(value) for value in sorted(set(values), reverse=True)}


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
        f"{min(found)} and {sorted(found)[-3]}. Many have flat stretches before a late rise.",
    )


def three_ends() -> Picture:
    """The mixtures at the best, the usual and the k-means end, over the galaxies."""
    figure, axes = canvas(7.6, 3.2, columns=3, sharey=True)
    tops = {round(run.log_likelihood, 2): run.mixture for run in (*fifty(), *fifty("kmeans"))}
    found = ends()
    usual = max(found, key=lambda value: found[value])
    grid = np.linspace(7, 37, 240)[:, None]
    names = {"best": max(found), "usual": usual, "from k-means": max(ends("kmeans"))}
    for ax, (name, value) in zip(axes, names.items(), strict=True):
        parts = np.exp(tops[value].log_densities(grid)) * tops[value].weights
        for part in parts.T:
            ax.plot(grid, part, "--", color=palette.ORANGE, linewidth=1.1)
        ax.plot(grid, parts.sum(axis=1), color=palette.BLUE)
        ax.plot(galaxies(), np.full(82, -0.012), "|", color=palette.MUTED, markersize=6, markeredgewidth=0.8)
        ax.set(title=f"{name}: {value:.2f}", xlabel="velocity [1000 km/s]")
    axes[0].set_ylabel("density")
    return Picture(
        figure,
        "Three densities with four components each. Best: a narrow peak at 19.8 stands on a broad hill. "
        "Usual: two hills and a very wide, flat component under everything. From k-means: two broad hills "
        "and two small groups at the ends.",
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
    padded = np.concatenate([centres, np.full(6 - len(centres), -9.0)])   # outside the axes: not chosen yet
    ax.plot(padded, np.full(6, -1.2), "^", color=palette.INK, markersize=9)
    ax.plot(following, -1.2, "s", color=palette.ORANGE, markersize=8)
    ax.set(xlim=(8, 36), ylim=(-2, 40), xlabel="velocity [1000 km/s]", ylabel="chance to be next [%]")
    listed = ", ".join(f"{c:.1f}" for c in sorted(centres)) or "none yet"
    return Picture(
        figure,
        f"A bar at each of 82 galaxies, as high as its chance to be the next centre. Chosen: {listed}. "
        f"Bars near a chosen centre are almost zero, far ones are high. Drawn next: {following:.1f}.",
    )


def sausages() -> tuple[FloatArray, NDArray[np.intp]]:
    """Two long thin groups side by side, aslant: points (300, 2) and who made them."""
    rng = np.random.default_rng(1)
    Z = rng.standard_normal((300, 2)) * [3.0, 0.25]
    labels = np.repeat([0, 1], 150)
    Z[:, 1] += np.array([-0.7, 0.7])[labels]
    c, s = np.cos(0.7), np.sin(0.7)
    return Z @ np.array([[c, s], [-s, c]]), labels


def three_views() -> dict[str, FloatArray]:
    """The sausages as they are, with variances one, and whitened."""
    X, _ = sausages()
    white = whitened(X, Statistics.of(X, np.ones((len(X), 1))))
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
        "Right, whitened: the groups are short and far apart, and k-means separates them.",
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


# --------------------------------------------------------------------------- rate


def sample_of_two(separation: float, n: int = 1000) -> FloatArray:
    """Quantiles of two equal components of variance one, (n, 1): a sample without chance."""
    from scipy.special import ndtr

    grid = np.linspace(-separation / 2 - 5, separation / 2 + 5, 4001)
    distribution = (ndtr(grid - separation / 2) + ndtr(grid + separation / 2)) / 2
    return np.interp((np.arange(n) + 0.5) / n, distribution, grid)[:, None]


def start_of_two(separation: float) -> Mixture:
    """Not far from the truth, and not symmetric."""
    means = np.array([[-separation / 2 - 0.1], [separation / 2 + 0.2]])
    return Mixture(np.array([0.45, 0.55]), means, np.array([[[1.1]], [[0.9]]]))


@cache
def fit_of_two(separation: float) -> Fit:
    """EM run to the end on the sample of two."""
    return fit(sample_of_two(separation), start_of_two(separation), tol=1e-9, max_iter=5000)


def as_vector(mixture: Mixture) -> FloatArray:
    """Two components in one dimension as five free numbers: logit of the weight, means, log variances."""
    first, second = mixture.weights
    return np.concatenate(
        [[np.log(first / second)], mixture.means[:, 0], np.log(mixture.covariances[:, 0, 0])]
    )


def as_mixture(vector: FloatArray) -> Mixture:
    """The inverse of as_vector."""
    first = 1 / (1 + np.exp(-vector[0]))
    weights = np.array([first, 1 - first])
    return Mixture(weights, vector[1:3, None], np.exp(vector[3:])[:, None, None])


def one_round(X: FloatArray, vector: FloatArray) -> FloatArray:
    """EM as a map of five numbers to five numbers."""
    return as_vector(m_step(X, e_step(X, as_mixture(vector))[0]))


def missing_share(X: FloatArray, mixture: Mixture, step: float = 1e-5) -> float:
    """Largest eigenvalue of the derivative of the EM map at its fixed point."""
    at = as_vector(mixture)
    columns = [(one_round(X, at + e) - one_round(X, at - e)) / (2 * step) for e in step * np.eye(5)]
    return float(np.abs(np.linalg.eigvals(np.array(columns).T)).max())


def missing_share_of_weight(separation: float) -> float:
    """What seeing only x leaves of the variance of the label: all parameters but the weight known."""
    X = sample_of_two(separation)
    truth = Mixture(
        np.array([0.5, 0.5]), np.array([[-separation / 2], [separation / 2]]), np.ones((2, 1, 1))
    )
    r = truth.responsibilities(X)[:, 0]
    return float(np.mean(r * (1 - r)) / 0.25)


SEPARATIONS = (2.0, 2.5, 3.0, 3.5, 4.0, 5.0, 6.0)


@cache
def rates() -> dict[float, tuple[float, float, float]]:
    """For each separation: share by the derivative, rate measured in a run, share for the weight alone."""
    found = {}
    for separation in SEPARATIONS:
        run = fit_of_two(separation)
        X, path = sample_of_two(separation), [as_vector(start_of_two(separation))]
        for _ in range(run.n_iter - 1):
            path.append(one_round(X, path[-1]))
        steps = np.linalg.norm(np.diff(path, axis=0), axis=1)
        at = int(np.flatnonzero(steps > 1e-5)[-1])
        share = missing_share(X, run.mixture)
        found[separation] = share, float(steps[at] / steps[at - 1]), missing_share_of_weight(separation)
    return found


def rate_against_overlap() -> Picture:
    """How much of the error each round keeps, against the distance of the components."""
    figure, ax = canvas(6.4, 3.9)
    table = np.array([rates()[s] for s in SEPARATIONS])
    ax.plot(SEPARATIONS, table[:, 0], color=palette.BLUE)
    ax.plot(SEPARATIONS, table[:, 1], "o", color=palette.BLUE, markersize=7, markerfacecolor=palette.PAPER)
    ax.plot(SEPARATIONS, table[:, 2], "s--", color=palette.ORANGE, markersize=5)
    ax.annotate("all five parameters", (4.15, 0.7), color=palette.BLUE)
    ax.annotate("weight alone", (2.1, 0.2), color=palette.ORANGE)
    ax.set(xlabel="distance of the means, in standard deviations", ylim=(0, 1.03))
    ax.set_ylabel("error kept per round")
    return Picture(
        figure,
        "The share of the error that one round of EM keeps, against the distance of two components. All "
        f"parameters unknown: {table[0, 0]:.3f} at distance 2, {table[4, 0]:.2f} at 4, {table[-1, 0]:.2f} at "
        f"6; circles measured in runs lie on the curve. Only the weight unknown: a lower curve, from "
        f"{table[0, 2]:.2f} to {table[-1, 2]:.3f}.",
    )


# --------------------------------------------------------------------------- stopping and acceleration

RULES: dict[str, Stopping] = {
    "gain < 1e-3": Absolute(1e-3),
    "gain < 1e-3 of all gained": Relative(1e-3),
    "Aitken: left < 1e-3": Aitken(1e-3),
}


def stops(history: FloatArray) -> dict[str, int]:
    """For each rule, the number of E-steps after which it stops."""
    return {
        name: next(t for t in range(1, len(history) + 1) if rule.reason(tuple(history[:t])))
        for name, rule in RULES.items()
    }


@cache
def slow_start() -> Mixture:
    """A poor start for two components that are two and a half deviations apart."""
    return Mixture(np.array([0.2, 0.8]), np.array([[-0.3], [0.6]]), np.array([[[2.0]], [[3.0]]]))


@cache
def slow_run() -> Fit:
    """EM from the poor start, to the end."""
    return fit(sample_of_two(2.5), slow_start(), tol=1e-10, max_iter=5000)


@cache
def squarem_run() -> tuple[Fit, FloatArray]:
    """SQUAREM from the same start, and the number of E-steps behind each value of its history."""
    data = Blocks(sample_of_two(2.5), None)
    maximise = Maximiser(family("full"), MaximumLikelihood(), data.total)
    values: list[float] = []

    def expect(mixture: Mixture) -> Statistics:
        statistics = data.expect(mixture)
        values.append(statistics.log_likelihood)
        return statistics

    run = squarem.repeat(expect, maximise, slow_start(), Absolute(1e-10), 5000)
    return run, np.array([values.index(height) + 1 for height in run.history])


def gain_and_rest() -> Picture:
    """What the last round gained against what is left to gain, and where the rules stop."""
    history = np.array(slow_run().history)
    left = slow_run().log_likelihood - history
    figure, ax = canvas(6.6, 3.9)
    shown = slice(1, int(np.flatnonzero(left > 1e-6)[-1]))
    t = np.arange(1, len(history) + 1)
    ax.semilogy(t[shown], left[shown], color=palette.INK)
    ax.semilogy(t[1:][shown], np.diff(history)[shown], "--", color=palette.MUTED)
    for (name, at), marker, colour in zip(
        stops(history).items(), palette.MARKERS, palette.COMPONENTS, strict=False
    ):
        ax.plot(at, left[at - 1], marker, color=colour, markersize=9, label=name)
    ax.text(t[shown][-1] * 0.62, 5e-3, "left to gain", color=palette.INK)
    ax.text(t[shown][-1] * 0.2, 1.5e-5, "gained by the last round", color=palette.MUTED)
    ax.set(xlabel="E-steps", ylabel="nats")
    decades(ax.yaxis)
    ax.legend(loc="upper right")
    told = [f"{name} stops at {at} with {left[at - 1]:.2g} left" for name, at in stops(history).items()]
    return Picture(
        figure,
        "On a logarithmic scale, what is left to gain and what the last round gained fall as two parallel "
        "lines; what is left is always many times more. "
        + "; ".join(told)
        + ".",
    )


def acceleration() -> Picture:
    """What is left to gain, by EM and by SQUAREM, against the work done."""
    run, (fast, costs) = slow_run(), squarem_run()
    top = max(run.log_likelihood, fast.log_likelihood)
    figure, ax = canvas(6.4, 3.6)
    for at, history, style, colour in (
        (np.arange(1, run.n_iter + 1), run.history, "-", palette.MUTED),
        (costs, fast.history, "o-", palette.BLUE),
    ):
        left = top - np.array(history)
        ax.semilogy(at[left > 1e-7], left[left > 1e-7], style, color=colour, markersize=4)
    ax.text(250, 3e-2, "EM", color=palette.MUTED)
    ax.text(costs[-1] + 12, 1e-5, "SQUAREM", color=palette.BLUE)
    ax.set(xlabel="E-steps", ylabel="nats left to gain")
    decades(ax.yaxis)
    return Picture(
        figure,
        "Nats left to gain on a logarithmic scale against E-steps. EM falls slowly, in the end in a straight "
        f"line, for {run.n_iter} E-steps; SQUAREM plunges and is there after {costs[-1]}.",
    )
