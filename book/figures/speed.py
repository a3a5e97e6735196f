"""Figures of the page on starts, second part: how fast EM goes, when it should stop, how to go faster."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from gmmlib import Fit, Mixture, e_step, fit, m_step, squarem
from gmmlib.blocked import Blocks
from gmmlib.covariance import family
from gmmlib.cures import MaximumLikelihood
from gmmlib.loop import Maximiser
from gmmlib.statistics import Statistics
from gmmlib.stopping import Absolute, Aitken, Relative, Stopping

from . import palette
from .frame import Picture, canvas, decades

FloatArray = NDArray[np.float64]

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
    truth = Mixture(np.array([0.5, 0.5]), np.array([[-separation / 2], [separation / 2]]), np.ones((2, 1, 1)))
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
    ax.annotate("weight alone", (2.0, 0.12), color=palette.ORANGE)
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
        "On a logarithmic scale, what is left to gain and what the last round gained fall, in the "
        "steady part as two parallel lines, and there what is left is many times more. "
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
