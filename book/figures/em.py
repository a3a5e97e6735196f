"""Figures of the page on EM: the algorithm at work, Jensen's inequality, the bound, and mistakes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from gmmlib import em
from gmmlib.datasets import old_faithful
from gmmlib.errors import CollapsedComponentError
from gmmlib.mixture import Mixture

from . import palette
from .frame import Picture, Stepper, canvas, ellipse

FloatArray = NDArray[np.float64]


def poor_start() -> Mixture:
    """Two small components in the wrong places of the Old Faithful data."""
    covariance = np.diag(old_faithful().var(axis=0)) / 10
    return Mixture(np.array([0.5, 0.5]), np.array([[4.0, 60.0], [3.0, 80.0]]), np.stack([covariance] * 2))


def faithful_steps() -> Stepper:
    """EM on Old Faithful from a poor start, half a step at a time, then in strides."""
    X, mixture = old_faithful(), poor_start()
    history = [mixture.log_likelihood(X)]
    frames = [_faithful_frame(X, mixture, None, history)]
    captions = [f"Start: two ellipses in the wrong places, log-likelihood {history[0]:.0f}."]
    for iteration in range(1, 16):
        responsibilities, _ = em.e_step(X, mixture)
        if iteration in (1, 2, 5):
            frames.append(_faithful_frame(X, mixture, responsibilities, history))
            captions.append(f"E-step {iteration}: the colours change; ellipses and log-likelihood stay.")
        mixture = em.m_step(X, responsibilities)
        history.append(mixture.log_likelihood(X))
        if iteration in (1, 2, 5, 7, 9, 15):
            frames.append(_faithful_frame(X, mixture, responsibilities, history))
            captions.append(
                f"M-step {iteration}: the ellipses move, the colours stay. The log-likelihood rises by "
                f"{_short(history[-1] - history[-2])} to {history[-1]:.1f}."
            )
    return Stepper("EM on the eruptions of Old Faithful", frames, captions)


def _short(gain: float) -> str:
    return f"{gain:.1f}" if gain >= 0.1 else f"{gain:.0e}"


def _faithful_frame(
    X: FloatArray, mixture: Mixture, responsibilities: FloatArray | None, history: list[float]
) -> Picture:
    figure, (left, right) = canvas(6.8, 3.6, columns=2, width_ratios=[1.5, 1])
    shares = np.full(len(X), np.nan) if responsibilities is None else responsibilities[:, 0]
    mixed = [palette.mix(palette.ORANGE, palette.BLUE, r, levels=10) for r in np.nan_to_num(shares)]
    colours = [palette.MUTED if np.isnan(r) else colour for r, colour in zip(shares, mixed, strict=True)]
    left.scatter(*X.T, s=11, c=colours, linewidths=0)
    for mean, covariance, colour in zip(mixture.means, mixture.covariances, palette.COMPONENTS, strict=False):
        ellipse(left, mean, covariance, edgecolor=colour, linewidth=2.2)
        left.plot(*mean, marker="P", markersize=9, color=colour, markeredgecolor=palette.PAPER)
    left.set(xlim=(1.2, 5.5), ylim=(38, 102), xlabel="duration [min]", ylabel="waiting time [min]")
    right.plot(np.arange(len(history)), history, "o-", color=palette.INK, markersize=4, linewidth=1.2)
    right.set(xlim=(-0.6, 15.6), ylim=(-1310, -1115), xticks=[0, 5, 10, 15])
    right.set(xlabel="M-steps done", title="log-likelihood")
    seen = "no colours yet" if responsibilities is None else "each point coloured by who owns it"
    means = " and ".join(f"({duration:.1f}, {wait:.0f})" for duration, wait in mixture.means)
    return Picture(
        figure,
        f"Waiting time against duration of 272 eruptions, {seen}; two ellipses centred at {means} minutes. "
        f"Beside it the log-likelihood of the start and after each M-step so far, now {history[-1]:.1f}.",
    )


def jensen() -> Picture:
    """The logarithm of a mean lies above the mean of the logarithms: chord, curve, tangent."""
    figure, ax = canvas(6.0, 3.7)
    u = np.linspace(0.25, 5.2, 200)
    points, shares = np.array([0.5, 4.5]), np.array([0.4, 0.6])
    mean = float(shares @ points)
    ax.plot(u, np.log(u), color=palette.INK)
    ax.plot(u, np.log(mean) + (u - mean) / mean, "--", color=palette.MUTED, linewidth=1.2)
    ax.plot(points, np.log(points), "o-", color=palette.ORANGE, linewidth=1.2)
    heights = np.log(mean), float(shares @ np.log(points))
    ax.plot([mean, mean], heights, color=palette.BLUE, linewidth=3)
    ax.plot([mean, mean], heights, "o", color=palette.BLUE)
    line = {"arrowstyle": "-", "color": palette.MUTED}
    ax.annotate("log of the mean", (mean, heights[0]), (1.15, 1.55), arrowprops=line)
    ax.annotate("mean of the logs", (mean, heights[1]), (3.1, -0.35), arrowprops=line)
    ax.text(0.3, 0.52, "tangent", color=palette.MUTED)
    ax.text(0.62, -0.98, "log u", color=palette.INK)
    ax.set(xlabel="u", ylim=(-1.5, 2.1), xlim=(0.1, 5.3))
    return Picture(
        figure,
        "The curve log u bends downwards. A chord joins two of its points; above the weighted mean of the "
        "two, the curve lies higher than the chord. The dashed tangent there lies nowhere below the curve.",
    )


def waiting_mixture() -> Mixture:
    """Maximum-likelihood mixture of two components for the waiting times alone."""
    start = Mixture(np.array([0.5, 0.5]), np.array([[55.0], [80.0]]), np.full((2, 1, 1), 30.0))
    return em.fit(old_faithful()[:, 1:], start, tol=1e-10).mixture


def with_first_mean(mixture: Mixture, mean: float) -> Mixture:
    """The same mixture, its first component moved to `mean`; one dimension."""
    return Mixture(mixture.weights, np.array([[mean], mixture.means[1]]), mixture.covariances)


def lower_bound(X: FloatArray, responsibilities: FloatArray, mixture: Mixture) -> float:
    """F(q, θ) of equation em-lower-bound, for responsibilities that are all positive."""
    return float(np.sum(responsibilities * (mixture.log_joint(X) - np.log(responsibilities))))


def bound_steps(start: float = 79.0, iterations: int = 4) -> Stepper:
    """The bound touches the log-likelihood at each E-step; its peak is the M-step's answer."""
    X, known = old_faithful()[:, 1:], waiting_mixture()
    grid = np.linspace(44, 90, 116)
    curve = np.array([with_first_mean(known, mean).log_likelihood(X) for mean in grid])
    frames, captions, mean = [], [], start
    for iteration in range(1, iterations + 1):
        now = with_first_mean(known, mean)
        responsibilities, height = em.e_step(X, now)
        bound = np.array([lower_bound(X, responsibilities, with_first_mean(known, m)) for m in grid])
        mean_after = float(em.m_step(X, responsibilities).means[0, 0])
        after = with_first_mean(known, mean_after)
        tops = lower_bound(X, responsibilities, after), after.log_likelihood(X)
        frames.append(_bound_frame(grid, curve, bound, (mean, height), None))
        captions.append(
            f"E-step {iteration}: the bound touches the curve at mean {mean:.2f}, "
            f"height {height:.1f}, with the same slope."
        )
        frames.append(_bound_frame(grid, curve, bound, (mean, height), (mean_after, *tops)))
        captions.append(
            f"M-step {iteration}: to the bound's peak at {mean_after:.2f}. "
            f"The bound gained {tops[0] - height:.1f} nats, the curve {tops[1] - height:.1f}."
        )
        mean = mean_after
    return Stepper("The bound lifts the log-likelihood", frames, captions)


def _bound_frame(
    grid: FloatArray,
    curve: FloatArray,
    bound: FloatArray,
    touch: tuple[float, float],
    peak: tuple[float, float, float] | None,
) -> Picture:
    figure, ax = canvas(6.6, 3.9)
    ax.plot(grid, curve, color=palette.INK, label="log-likelihood")
    ax.plot(grid, bound, "--", color=palette.BLUE, label="lower bound")
    ax.plot(*touch, "o", color=palette.BLUE, markersize=8)
    mean, low, high = peak if peak is not None else (touch[0], touch[1], touch[1])
    ax.plot([mean, mean], [low, high], color=palette.ORANGE, linewidth=3, label="gap (KL divergence)")
    ax.plot([mean], [low if peak else 0.0], "s", color=palette.ORANGE, markersize=7)  # 0 is outside the axes
    ax.set(xlim=(44, 90), ylim=(-1850, -1005), xlabel="mean of the first component [min]", ylabel="nats")
    ax.legend(loc="upper right")
    told = f"touches it at {touch[0]:.1f}" if peak is None else f"has its peak at {mean:.1f}, below the curve"
    return Picture(
        figure,
        "Log-likelihood against the one unknown mean, a curve with its peak near 54.6. "
        f"A dashed parabola never rises above it and {told}.",
    )


def _right(X: FloatArray, mixture: Mixture) -> Mixture:
    return em.m_step(X, em.e_step(X, mixture)[0])


def _weights_forgotten(X: FloatArray, mixture: Mixture) -> Mixture:
    K = mixture.n_components
    return _right(X, Mixture(np.full(K, 1 / K), mixture.means, mixture.covariances))


def _old_mean(X: FloatArray, mixture: Mixture) -> Mixture:
    new = _right(X, mixture)
    moved = new.means - mixture.means
    return Mixture(new.weights, new.means, new.covariances + moved[:, :, None] * moved[:, None, :])


def _divided_by_all(X: FloatArray, mixture: Mixture) -> Mixture:
    new = _right(X, mixture)
    return Mixture(new.weights, new.means, new.covariances * new.weights[:, None, None])


#: What one round of EM becomes: the right way, and three slips in it.
ROUNDS: dict[str, Callable[[FloatArray, Mixture], Mixture]] = {
    "right": _right,
    "old mean in the covariance": _old_mean,
    "weights forgotten in the E-step": _weights_forgotten,
    "covariance divided by n": _divided_by_all,
}


def overlapping(seed: int = 5) -> FloatArray:
    """400 points of two components that overlap, one three times as heavy as the other."""
    covariances = np.array([[[1.0, 0.4], [0.4, 1.0]], [[0.8, 0.0], [0.0, 0.8]]])
    truth = Mixture(np.array([0.75, 0.25]), np.array([[0.0, 0.0], [3.2, 0.6]]), covariances)
    return truth.sample(400, np.random.default_rng(seed))[0]


def rough_start() -> Mixture:
    """Where EM starts on the overlapping data: equal weights, wide covariances."""
    spread = np.stack([np.cov(overlapping().T)] * 2)
    return Mixture(np.array([0.5, 0.5]), np.array([[-1.0, 0.0], [2.0, 1.0]]), spread)


def traces(X: FloatArray, start: Mixture, rounds: int = 90) -> dict[str, FloatArray]:
    """Log-likelihood before each round, for each way of doing a round; the likelihood itself is right."""
    found = {}
    for name, one_round in ROUNDS.items():
        mixture, heights = start, []
        try:
            for _ in range(rounds):
                heights.append(mixture.log_likelihood(X))
                mixture = one_round(X, mixture)
        except CollapsedComponentError:
            pass  # a trace ends where a covariance is no longer one
        found[name] = np.array(heights)
    return found


def mistakes() -> Picture:
    """How far below the maximum each variant of EM is, on separated and on overlapping data."""
    figure, axes = canvas(7.4, 3.8, columns=2, sharey=True)
    data = {
        "Old Faithful: far apart": (old_faithful(), poor_start()),
        "simulated: overlapping": (overlapping(), rough_start()),
    }
    styles = zip(ROUNDS, palette.COMPONENTS, ("-", "--", "-.", ":"), strict=False)
    looks = {name: {"color": colour, "linestyle": line} for name, colour, line in styles}
    for ax, (title, (X, start)) in zip(axes, data.items(), strict=True):
        best = em.fit(X, start, tol=1e-11, max_iter=5000).log_likelihood
        for name, heights in traces(X, start).items():
            below = np.where(best - heights > 1e-7, best - heights, np.nan)
            ax.semilogy(np.arange(1, len(heights) + 1), below, label=name, **looks[name])
        ax.set(title=title, xlabel="round", ylim=(1e-6, 1e4))
        ax.grid(axis="y")
    axes[0].set_ylabel("nats below the maximum")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return Picture(
        figure,
        "Distance below the maximum on a logarithmic scale against rounds, left for well separated, right "
        "for overlapping data. The right algorithm and the one with the old mean fall in straight lines "
        "towards zero; forgetting the weights levels off, low on the left and higher on the right; dividing "
        "the covariance by n stays far away, and on the right it ends early, where a component has collapsed.",
    )
