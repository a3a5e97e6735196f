"""Figures of the page on data that outgrow memory."""

from __future__ import annotations

import math
import time
import tracemalloc
from functools import cache

import numpy as np
from numpy.typing import NDArray

from gmmlib import Mixture, fit
from gmmlib.blocked import Blocks
from gmmlib.datasets import old_faithful
from gmmlib.em import Plain
from gmmlib.online import OnlineEM
from gmmlib.statistics import Statistics

from . import palette
from .frame import Picture, Stepper, canvas, decades, dots, ellipse

FloatArray = NDArray[np.float64]


def one_component(X: FloatArray) -> Statistics:
    """Statistics of points that all belong to one component."""
    return Statistics.of(X, np.ones((len(X), 1)))


def two_parts() -> tuple[FloatArray, FloatArray]:
    """Short and long eruptions."""
    X = old_faithful()
    return X[X[:, 0] < 3], X[X[:, 0] >= 3]


def merging() -> Picture:
    """Two parts, their union, and the term between them."""
    parts = two_parts()
    first, second = (one_component(part) for part in parts)
    union = first + second
    figure, ax = canvas(6.4, 4.0)
    for kind, (part, one) in enumerate(zip(parts, (first, second), strict=True)):
        dots(ax, part, kind, size=3.4)
        ellipse(ax, one.means[0], one.scatters[0] / one.n, edgecolor=palette.COMPONENTS[kind])
    ellipse(ax, union.means[0], union.scatters[0] / union.n, edgecolor=palette.INK, linestyle="--")
    both = np.vstack([first.means, second.means])
    ax.plot(*both.T, "-", color=palette.INK, linewidth=1.4)
    ax.plot(*union.means[0], "P", color=palette.INK, markersize=9)
    ax.set(xlim=(0.8, 6.2), ylim=(38, 104), xlabel="duration [min]", ylabel="waiting time [min]")
    share = union.means[0, 0]
    return Picture(
        figure,
        "Short and long eruptions with an ellipse each, and a large dashed ellipse for all of them. A line "
        f"joins the two means; the mean of all lies on it, at {share:.2f} minutes, nearer to the "
        "larger group.",
    )


# --------------------------------------------------------------------------- time and memory

SIZES = (1_000, 4_000, 16_000, 64_000)


@cache
def costs() -> dict[int, dict[str, tuple[float, float]]]:
    """For each n and each way: seconds and megabytes of one round, d = 4 and K = 8."""
    rng = np.random.default_rng(0)
    mixture = Mixture(np.full(8, 1 / 8), 2 * rng.standard_normal((8, 4)), np.stack([np.eye(4)] * 8))
    found = {}
    for n in SIZES:
        X = rng.standard_normal((n, 4))
        ways: dict[str, Plain | Blocks] = {
            "all at once": Plain(X),
            "in blocks": Blocks(X, None, memory_budget=0),
        }
        found[n] = {name: _cost(data, mixture) for name, data in ways.items()}
    return found


def _cost(data: Plain | Blocks, mixture: Mixture) -> tuple[float, float]:
    data.expect(mixture)  # once to warm up
    seconds = []
    for _ in range(2):
        begun = time.process_time()
        data.expect(mixture)
        seconds.append(time.process_time() - begun)
    tracemalloc.start()
    data.expect(mixture)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return min(seconds), peak / 1e6


def time_and_memory() -> Picture:
    """Seconds and extra memory of one round against the number of points."""
    figure, axes = canvas(7.4, 3.6, columns=2)
    for kind, (name, style) in enumerate((("all at once", "o-"), ("in blocks", "s--"))):
        for ax, part in zip(axes, (0, 1), strict=True):
            values = [costs()[n][name][part] for n in SIZES]
            ax.loglog(SIZES, values, style, color=palette.COMPONENTS[kind], label=name)
    axes[0].set(xlabel="points", title="seconds per round")
    axes[1].set(xlabel="points", title="extra memory [MB]")
    axes[0].legend()
    for ax in axes:
        decades(ax.xaxis)
        decades(ax.yaxis)
    large = costs()[SIZES[-1]]
    return Picture(
        figure,
        "Seconds and memory of one round of EM against the number of points, both axes logarithmic. The "
        "seconds of both ways rise, at the right end in proportion to the points. The memory of the plain way "
        "rises too, to "
        f"{large['all at once'][1]:.0f} MB at {SIZES[-1]} points; in blocks it levels off near "
        f"{large['in blocks'][1]:.1f} MB.",
    )


# --------------------------------------------------------------------------- what a sum can hold

LENGTHS = (100, 1_000, 10_000, 100_000, 1_000_000, 4_000_000)


@cache
def errors_of_sums() -> dict[str, FloatArray]:
    """Relative errors of sums of squared deviations, for each number of terms and three ways to add, (6,)."""
    squares = np.square(np.random.default_rng(0).standard_normal(LENGTHS[-1])).astype(np.float32)
    ways = ("single, one by one", "single, in a tree", "double, one by one")
    found: dict[str, list[float]] = {name: [] for name in ways}
    for n in LENGTHS:
        terms = squares[:n]
        exact = math.fsum(terms.tolist())
        sums = (np.cumsum(terms)[-1], terms.sum(), np.cumsum(terms, dtype=float)[-1])
        for errors, value in zip(found.values(), sums, strict=True):
            errors.append(abs(float(value) / exact - 1))
    return {name: np.array(errors) for name, errors in found.items()}


def sums_lose_digits() -> Picture:
    """Error of a sum against the number of its terms."""
    figure, ax = canvas(6.4, 3.7)
    styles = ((palette.ORANGE, "s-"), (palette.BLUE, "o-"), (palette.GREEN, "^--"))
    for (name, errors), (colour, style) in zip(errors_of_sums().items(), styles, strict=True):
        ax.loglog(LENGTHS, np.maximum(errors, 1e-17), style, color=colour, label=name)
    ax.set(xlabel="terms", ylabel="relative error of the sum", ylim=(3e-18, 0.3), xlim=(70, 7e6))
    ax.legend(loc="upper left", fontsize=10)
    decades(ax.xaxis)
    decades(ax.yaxis)
    last = {name: errors[-1] for name, errors in errors_of_sums().items()}
    return Picture(
        figure,
        "Relative error of a sum of positive numbers against the number of terms, both axes logarithmic. In "
        f"single precision, one by one, it climbs to {last['single, one by one']:.0e} at four million terms; "
        f"added in a tree it stays near {last['single, in a tree']:.0e}; in double precision it is "
        f"{last['double, one by one']:.0e}.",
    )


# --------------------------------------------------------------------------- a stream


def world() -> Mixture:
    """Three overlapping components in the plane: where the stream comes from."""
    covariances = np.array([[[1, 0.5], [0.5, 1]], [[1, -0.4], [-0.4, 0.6]], [[0.5, 0], [0, 1.5]]])
    return Mixture(np.array([0.5, 0.3, 0.2]), np.array([[0, 0], [3, 1], [1, 4.0]]), covariances)


@cache
def stream(n: int = 30_000) -> FloatArray:
    """Points in the order in which they arrive."""
    return world().sample(n, np.random.default_rng(0))[0]


def beginner() -> Mixture:
    """A poor start: three round components on a diagonal."""
    return Mixture(
        np.ones(3) / 3, np.array([[-1.0, -1.0], [1.0, 1.0], [3.0, 3.0]]), np.stack([2 * np.eye(2)] * 3)
    )


@cache
def unseen(nodes: int = 48) -> tuple[FloatArray, FloatArray]:
    """Places and weights of a sum that is the mean over all points of the world, by Gauss and Hermite."""
    t, weights = np.polynomial.hermite_e.hermegauss(nodes)
    grid = np.column_stack([np.repeat(t, nodes), np.tile(t, nodes)])  # (nodes², 2)
    weights = np.outer(weights, weights).ravel() / weights.sum() ** 2  # (nodes²,)
    roots, true = np.linalg.cholesky(world().covariances), world()
    places = [mean + grid @ root.T for mean, root in zip(true.means, roots, strict=True)]
    return np.concatenate(places), np.outer(true.weights, weights).ravel()


def score(mixture: Mixture) -> float:
    """Mean log density of unseen points, nats per point."""
    places, weights = unseen()
    return float(weights @ mixture.log_density(places))


def behind(mixture: Mixture) -> float:
    """Nats per unseen point below the true mixture: the Kullback-Leibler divergence from it."""
    return score(world()) - score(mixture)


@cache
def online_run(exponent: float, block: int = 100) -> tuple[tuple[int, Mixture], ...]:
    """One pass of online EM: points seen and mixture, at about 25 places."""
    learner, X = OnlineEM(beginner(), exponent=exponent), stream()
    marks = set(np.unique(np.geomspace(1, len(X) // block, 25).astype(int)))
    path = []
    for t in range(1, len(X) // block + 1):
        learner = learner.update(X[(t - 1) * block : t * block])
        if t in marks:
            path.append((t * block, learner.mixture))
    return tuple(path)


def last_and_average(start: Mixture, seed: int, share: float = 0.2) -> tuple[Mixture, Mixture]:
    """After one pass over a stream, in blocks of 100: the last mixture, and the average of the path's end."""
    X = world().sample(30_000, np.random.default_rng(seed))[0]
    learner, path = OnlineEM(start, exponent=0.6), []
    for block in np.split(X, len(X) // 100):
        learner = learner.update(block)
        path.append(learner.mixture)
    end = path[-round(share * len(path)) :]
    weights, means, covariances = (
        np.mean([getattr(mixture, name) for mixture in end], axis=0)
        for name in ("weights", "means", "covariances")
    )
    return path[-1], Mixture(weights, means, covariances)


@cache
def behind_after_blocks(size: int, poor: bool, seed: int, exponent: float = 0.6) -> float:
    """Nats per unseen point below the truth after one pass, in blocks of this size, over one stream."""
    X = world().sample(30_000, np.random.default_rng(seed))[0]
    learner = OnlineEM(beginner() if poor else world(), exponent=exponent)
    return behind(learner.learn(X[i : i + size] for i in range(0, len(X), size)).mixture)


def mean_and_error(values: list[float] | FloatArray) -> tuple[float, float]:
    """Mean and its standard error."""
    return float(np.mean(values)), float(np.std(values, ddof=1) / len(values) ** 0.5)


@cache
def behind_after_sample(n: int, seed: int) -> float:
    """Nats per unseen point below the truth for a fit to n points drawn from the stream."""
    rng = np.random.default_rng(seed)
    some = stream()[rng.choice(len(stream()), size=n, replace=False)]
    return behind(fit(some, 3, n_starts=4, tol=1e-3, rng=rng).mixture)


@cache
def batch_run(rounds: int = 20) -> tuple[tuple[int, Mixture], ...]:
    """Batch EM: points read so far, and mixture, after each round."""
    data, mixture, path = Blocks(stream(), None), beginner(), []
    for t in range(1, rounds + 1):
        s = data.expect(mixture)
        mixture = Mixture(s.counts / s.n, s.means, s.scatters / s.counts[:, None, None])
        path.append((t * len(stream()), mixture))
    return tuple(path)


@cache
def incremental_run(passes: int = 10, parts: int = 30) -> tuple[tuple[int, Mixture], ...]:
    """Incremental EM: each part's statistics are replaced in turn, with an M-step after each."""
    X, mixture, path = stream(), beginner(), []
    blocks = [Blocks(part, None) for part in np.array_split(X, parts)]
    kept = [block.expect(mixture) for block in blocks]
    for number in range(1, passes + 1):
        for b, block in enumerate(blocks):
            kept[b] = block.expect(mixture)
            s: Statistics = sum(kept[1:], kept[0])
            mixture = Mixture(s.counts / s.n, s.means, s.scatters / s.counts[:, None, None])
        path.append(((number + 1) * len(X), mixture))
    return tuple(path)


@cache
def weights_in_the_end(blocks: int = 300, delay: float = 2.0) -> dict[str, tuple[FloatArray, FloatArray]]:
    """For each rule: the step sizes γ_t and how much block t counts after the last one, (300,) each."""
    t = np.arange(1, blocks + 1)
    rules = {f"α = {alpha:g}": (t + delay) ** -alpha for alpha in (0.6, 0.8, 1.0)}
    rules["γ = 0.05"] = np.full(blocks, 0.05)
    found = {}
    for name, gamma in rules.items():
        gamma[0] = 1.0  # nothing is known before
        later = np.append(np.cumprod((1 - gamma)[::-1])[::-1][1:], 1.0)
        found[name] = (gamma, gamma * later)
    return found


def step_sizes() -> Picture:
    """Step sizes, and what each block counts for in the end."""
    figure, (left, right) = canvas(7.6, 3.8, columns=2)
    styles = ((palette.BLUE, "-"), (palette.ORANGE, "--"), (palette.GREEN, "-."), (palette.PURPLE, ":"))
    for (name, (gamma, final)), (colour, style) in zip(weights_in_the_end().items(), styles, strict=True):
        t = np.arange(1, len(gamma) + 1)
        left.loglog(t, gamma, style, color=colour, label=name)
        right.plot(t, 100 * final, style, color=colour)
    left.set(xlabel="block t", title="step size γ of block t")
    right.set(xlabel="block t", title="what it counts in the end, %", ylim=(0, 5.5))
    left.legend(loc="lower left", fontsize=10)
    decades(left.xaxis)
    decades(left.yaxis)
    final = {name: 100 * float(counts[-30:].sum()) for name, (_, counts) in weights_in_the_end().items()}
    return Picture(
        figure,
        "Left: step sizes of three hundred blocks, falling lines on logarithmic axes for three exponents and "
        "a level line for the constant. Right: how much each block counts in the end. With α = 1 all count "
        "about the same; the smaller the exponent, the more the last ones count. The last tenth of them "
        f"has {final['α = 0.6']:.0f} per cent with 0.6, {final['α = 0.8']:.0f} with 0.8, "
        f"{final['α = 1']:.0f} with 1 and {final['γ = 0.05']:.0f} with the constant 0.05.",
    )


def online_against_batch() -> Picture:
    """How far below the true mixture, against the points read."""
    figure, ax = canvas(6.8, 4.1)
    runs = {
        "batch": (batch_run(), palette.MUTED, "D:"),
        "incremental": (incremental_run(), palette.PURPLE, "v--"),
        "α = 0.6": (online_run(0.6), palette.BLUE, "o-"),
        "α = 0.8": (online_run(0.8), palette.ORANGE, "s--"),
        "α = 1": (online_run(1.0), palette.GREEN, "^-."),
    }
    lasts, passes = {}, {}
    for name, (path, colour, style) in runs.items():
        read = [n for n, _ in path]
        below = [behind(mixture) for _, mixture in path]
        lasts[name], passes[name] = below[-1], read[-1] // len(stream())
        ax.loglog(read, below, style, color=colour, markersize=4, label=name)
    ax.axvline(len(stream()), color=palette.MUTED, linewidth=0.8)
    ax.text(len(stream()) * 1.08, 0.33, "one pass", color=palette.MUTED)
    ax.set(xlabel="points read", ylabel="nats per point below the truth", ylim=(4e-3, 0.5))
    ax.legend(loc="lower left")
    decades(ax.xaxis)
    decades(ax.yaxis)
    return Picture(
        figure,
        "How far the mean log density of unseen points is below that of the true mixture, against points read, "
        f"both axes logarithmic. After one pass online EM with α = 0.6 is {lasts['α = 0.6']:.4f} below, with 0.8 "
        f"{lasts['α = 0.8']:.3f}, with 1 {lasts['α = 1']:.3f}; batch EM needs {passes['batch']} passes to come "
        f"to {lasts['batch']:.3f}, incremental EM {passes['incremental']} to come to "
        f"{lasts['incremental']:.3f}.",
    )


def online_steps() -> Stepper:
    """Online EM at work: ellipses after more and more of the stream."""
    path = ((0, beginner()), *online_run(0.6))
    chosen = [path[0], *(path[i] for i in (1, 8, 13, 17, 20, 22, 24, len(path) - 1) if i < len(path))]
    chosen = list(dict(chosen).items())
    frames = [_online_frame(n, mixture) for n, mixture in chosen]
    captions = [
        f"{n} points seen: {behind(mixture):.3f} nats per point below the true mixture."
        for n, mixture in chosen
    ]
    return Stepper("Online EM learns from a stream", frames, captions)


def _online_frame(n: int, mixture: Mixture) -> Picture:
    figure, ax = canvas(5.6, 4.2)
    others, _ = world().sample(400, np.random.default_rng(2**32))  # a seed that no stream has
    dots(ax, others, size=2.6, colour=palette.MUTED)
    for k, colour in zip(range(3), palette.COMPONENTS, strict=False):
        ellipse(ax, mixture.means[k], mixture.covariances[k], edgecolor=colour, linewidth=2.2)
        ax.plot(*mixture.means[k], palette.MARKERS[k], color=colour, markersize=8)
    ax.set(xlim=(-4, 7), ylim=(-4, 8))
    means = ", ".join(f"({x:.1f}, {y:.1f})" for x, y in mixture.means)
    return Picture(figure, f"Points of three overlapping groups and three ellipses with means {means}.")
