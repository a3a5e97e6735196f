"""Figures of the page on conditioning and missing values."""

from __future__ import annotations

from functools import cache

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from gmmlib import Fit, Mixture, fit, missing
from gmmlib.datasets import old_faithful

from . import palette
from .frame import Picture, Stepper, canvas, dots, ellipse

FloatArray = NDArray[np.float64]

DURATIONS = (1.8, 2.3, 2.7, 2.9, 3.1, 3.3, 3.8, 4.5)


@cache
def eruptions() -> Mixture:
    """Two components on Old Faithful."""
    return fit(old_faithful(), 2, tol=1e-8).mixture.sorted()


def slices() -> Stepper:
    """The waiting time given the duration: a slice of the joint density, for several durations."""
    frames, captions = [], []
    for duration in DURATIONS:
        given = missing.condition(eruptions(), [0], np.array([duration]))
        mean, variance = missing.regress(eruptions(), [0], np.array([[duration]]))
        deviation = float(variance[0, 0, 0]) ** 0.5
        frames.append(_slice(duration, given))
        captions.append(
            f"Duration {duration} min: short kind {100 * given.weights[0]:.0f} %, long kind "
            f"{100 * given.weights[1]:.0f} %. Waiting time {mean[0, 0]:.1f} ± {deviation:.1f} min."
        )
    return Stepper("Waiting time given the duration", frames, captions)


def _slice(duration: float, given: Mixture) -> Picture:
    figure, (left, right) = canvas(7.2, 3.8, columns=2, width_ratios=[1.5, 1])
    _plane(left)
    left.axvline(duration, color=palette.ORANGE, linewidth=2)
    wait = np.linspace(40, 100, 161)
    parts = np.exp(given.log_densities(wait[:, None])) * given.weights
    for part in parts.T:
        right.plot(part, wait, "--", color=palette.MUTED, linewidth=1.2)
    right.plot(parts.sum(axis=1), wait, color=palette.ORANGE)
    right.set(xlim=(0, 0.086), ylim=(40, 100), xlabel="density given the duration")
    return Picture(
        figure,
        f"Left: eruptions, two ellipses, and a vertical line at duration {duration}. Right: the density of "
        f"the waiting time along that line; its parts have means {given.means[0, 0]:.0f} and "
        f"{given.means[1, 0]:.0f} and weights {given.weights[0]:.2f} and {given.weights[1]:.2f}.",
    )


def _plane(ax: Axes) -> None:
    dots(ax, old_faithful(), size=3.2, colour=palette.MUTED)
    for mean, covariance in zip(eruptions().means, eruptions().covariances, strict=True):
        ellipse(ax, mean, covariance, edgecolor=palette.BLUE)
    ax.set(xlim=(1.3, 5.4), ylim=(40, 100), xlabel="duration [min]", ylabel="waiting time [min]")


def two_humps(wait: float = 66.0, near: float = 4.0) -> Picture:
    """The duration given the waiting time, between the two kinds: two humps, and the mean between them."""
    given = missing.condition(eruptions(), [1], np.array([wait]))
    X = old_faithful()
    like = X[np.abs(X[:, 1] - wait) <= near, 0]
    figure, ax = canvas(6.4, 3.2)
    duration = np.linspace(1, 5.5, 271)
    density = np.exp(given.log_density(duration[:, None]))
    ax.plot(duration, density, color=palette.ORANGE)
    ax.plot(like, np.full(len(like), -0.04), "|", color=palette.MUTED, markersize=11, markeredgewidth=1.4)
    mean = float(given.weights @ given.means[:, 0])
    ax.axvline(mean, color=palette.RED, linewidth=1.4, linestyle="--")
    ax.text(mean + 0.06, 0.8, f"mean {mean:.2f} min", color=palette.RED, va="top")
    ax.set(xlabel=f"duration [min], given a wait of {wait:.0f} min", ylabel="density", xlim=(1, 5.5))
    return Picture(
        figure,
        f"The density of the duration given a wait of {wait:.0f} minutes has two humps, near "
        f"{given.means[0, 0]:.1f} and {given.means[1, 0]:.1f} minutes. The mean, {mean:.2f}, stands in the "
        f"valley, where the density is {density[np.abs(duration - mean).argmin()]:.2f}. Ticks show the "
        f"{len(like)} eruptions that were followed by a wait within {near:.0f} minutes of that.",
    )


def regression() -> Picture:
    """Expectation and two deviations of the waiting time given the duration."""
    figure, ax = canvas(6.6, 4.0)
    at = np.linspace(1.4, 5.3, 118)[:, None]
    mean, covariance = missing.regress(eruptions(), [0], at)
    deviation = np.sqrt(covariance[:, 0, 0])
    one = fit(old_faithful(), 1).mixture
    line, _ = missing.regress(one, [0], at)
    x = at[:, 0]
    ax.fill_between(
        x, mean[:, 0] - 2 * deviation, mean[:, 0] + 2 * deviation, color=palette.BLUE, alpha=0.15, linewidth=0
    )
    dots(ax, old_faithful(), size=3.0, colour=palette.MUTED)
    ax.plot(x, mean[:, 0], color=palette.BLUE, linewidth=2.4)
    ax.plot(x, line[:, 0], "--", color=palette.ORANGE)
    ax.set(xlim=(1.4, 5.3), ylim=(38, 102), xlabel="duration [min]", ylabel="waiting time [min]")
    ax.text(4.35, 66, "two components", color=palette.BLUE)
    ax.text(2.15, 74, "one Gaussian", color=palette.ORANGE)
    widest = float(x[deviation.argmax()])
    return Picture(
        figure,
        "Eruptions with two regressions of waiting time on duration. One Gaussian gives a straight line. Two "
        "components give two gentle slopes joined by a steep step near three minutes; the band of two "
        f"deviations is widest at {widest:.1f} minutes.",
    )


def with_gaps(kind: str) -> FloatArray:
    """Old Faithful without some waiting times: by "chance", by "duration", or by the "waiting" itself."""
    X, rng = old_faithful().copy(), np.random.default_rng(0)
    chance = {
        "chance": np.full(len(X), 0.4),
        "duration": np.where(X[:, 0] > 3, 0.6, 0.1),
        "waiting": np.where(X[:, 1] > 80, 0.8, 0.1),
    }[kind]
    X[rng.random(len(X)) < chance, 1] = np.nan
    return X


@cache
def fit_with_gaps(kind: str, K: int = 2) -> Fit:
    """EM that knows about the gaps."""
    return missing.fit(with_gaps(kind), K)


def by_mean(X: FloatArray) -> FloatArray:
    """Each gap filled with its column's mean."""
    return np.where(np.isnan(X), np.nanmean(X, axis=0), X)


def by_draws(X: FloatArray, mixture: Mixture, rng: np.random.Generator) -> FloatArray:
    """Each missing waiting time drawn from its distribution given the duration."""
    filled, gaps = X.copy(), np.isnan(X[:, 1])
    known = X[gaps, :1]
    R = missing.marginal(mixture, [0]).responsibilities(known)  # (m, K)
    k = (rng.random((len(R), 1)) > np.cumsum(R, axis=1)).sum(axis=1)  # (m,)
    m, S = mixture.means[k], mixture.covariances[k]
    slope = S[:, 1, 0] / S[:, 0, 0]
    spread = np.sqrt(S[:, 1, 1] - slope * S[:, 0, 1])
    filled[gaps, 1] = m[:, 1] + slope * (known[:, 0] - m[:, 0]) + spread * rng.standard_normal(len(k))
    return filled


def deviation_and_correlation(X: FloatArray) -> tuple[float, float, float]:
    """Mean and deviation of the waiting times, and their correlation with the durations."""
    return float(X[:, 1].mean()), float(X[:, 1].std()), float(np.asarray(np.corrcoef(X.T))[0, 1])


def of_mixture(mixture: Mixture) -> tuple[float, float, float]:
    """The same of the mixture itself: no value is filled in."""
    mean = mixture.weights[None] @ mixture.means  # (1, d)
    shift = mixture.means - mean
    within = np.einsum("k,kij->ij", mixture.weights, mixture.covariances)
    covariance = np.asarray(within + (mixture.weights[:, None] * shift).T @ shift)
    deviations = np.sqrt(np.diag(covariance))
    return float(mean[0, 1]), float(deviations[1]), float(covariance[0, 1] / deviations.prod())


def three_fillings() -> Picture:
    """Gaps filled by the mean, by conditional means, by draws."""
    X = with_gaps("chance")
    mixture, gaps = fit_with_gaps("chance").mixture, np.isnan(X[:, 1])
    fillings = {
        "column mean": by_mean(X),
        "conditional mean": missing.impute(X, mixture),
        "draws": by_draws(X, mixture, np.random.default_rng(1)),
    }
    figure, axes = canvas(7.6, 3.3, columns=3)
    for ax, (name, filled) in zip(axes, fillings.items(), strict=True):
        dots(ax, X[~gaps], size=3.0, colour=palette.MUTED)
        dots(ax, filled[gaps], 1, size=3.6)
        _, deviation, correlation = deviation_and_correlation(filled)
        ax.set(title=f"{name}\nσ {deviation:.1f}, corr. {correlation:.2f}", xlabel="duration [min]")
        ax.set(xlim=(1.4, 5.3), ylim=(40, 98))
    axes[0].set_ylabel("waiting time [min]")
    return Picture(
        figure,
        f"Eruptions with {gaps.sum()} filled waiting times as squares. Column mean: all on one horizontal "
        "line between the two crowds. Conditional mean: on a curve through both crowds. Draws: "
        "scattered like the other eruptions.",
    )


def root_mean_square(filled: FloatArray, X: FloatArray) -> float:
    """Error of the filled-in waiting times."""
    gaps = np.isnan(X[:, 1])
    return float(np.sqrt(np.mean((filled - old_faithful())[gaps, 1] ** 2)))


# --------------------------------------------------------------------------- what filling does

SHARES = (0.2, 0.4, 0.6, 0.8)
WAYS = ("column mean", "conditional mean", "draws", "EM with gaps")


def mean_conditional_variance(mixture: Mixture) -> float:
    """Average over the eruptions of the variance of the waiting time given the duration."""
    return float(missing.regress(mixture, [0], old_faithful()[:, :1])[1].mean())


@cache
def biases(repeats: int = 8) -> dict[str, FloatArray]:
    """Variance, as a share of the truth's, and correlation, for each share of missing values, (4, 2)."""
    X, rng = old_faithful(), np.random.default_rng(2)
    sums = {name: np.zeros((len(SHARES), 2)) for name in WAYS}
    for row, share in enumerate(SHARES):
        for _ in range(repeats):
            table = X.copy()
            table[rng.permutation(len(X))[: round(share * len(X))], 1] = np.nan
            start = fit(table[~np.isnan(table[:, 1])], 2).mixture  # the complete rows alone
            mixture = missing.fit(table, start).mixture
            found = {
                "column mean": deviation_and_correlation(by_mean(table)),
                "conditional mean": deviation_and_correlation(missing.impute(table, mixture)),
                "draws": deviation_and_correlation(by_draws(table, mixture, rng)),
                "EM with gaps": of_mixture(mixture),
            }
            for name, (_, deviation, correlation) in found.items():
                sums[name][row] += (deviation**2 / X[:, 1].var(), correlation)
    return {name: total / repeats for name, total in sums.items()}


def predicted_biases(share: FloatArray) -> dict[str, tuple[FloatArray, FloatArray]]:
    """Variance and correlation after filling, by the formulas of the page."""
    X = old_faithful()
    left = mean_conditional_variance(eruptions()) / X[:, 1].var()
    correlation = float(np.asarray(np.corrcoef(X.T))[0, 1])
    flat = np.ones_like(share)
    return {
        "column mean": (1 - share, correlation * np.sqrt(1 - share)),
        "conditional mean": (1 - share * left, correlation / np.sqrt(1 - share * left)),
        "draws": (flat, correlation * flat),
    }


def filling_against_share() -> Picture:
    """Variance and correlation against the share of missing values: lines by formula, marks measured."""
    figure, axes = canvas(7.6, 3.9, columns=2)
    share = np.linspace(0, 0.85, 41)
    styles = dict(zip(WAYS, ("o", "s", "^", "D"), strict=True))
    for column, ax in enumerate(axes):
        for colour, (name, marker) in zip(palette.COMPONENTS, styles.items(), strict=False):
            if name in predicted_biases(share):
                ax.plot(share, predicted_biases(share)[name][column], color=colour, linewidth=1.2)
            fill = palette.PAPER if name == "EM with gaps" else colour
            looks = {"color": colour, "markerfacecolor": fill, "markersize": 6.5, "label": name}
            ax.plot(SHARES, biases()[name][:, column], marker, **looks)
        ax.set(xlabel="share of missing waiting times", xlim=(0, 0.87))
    axes[0].set(title="variance, share of the truth", ylim=(0, 1.2))
    axes[1].set(title="correlation", ylim=(0.3, 1.0))
    axes[0].legend(loc="lower left", fontsize=10)
    last = {name: values[-1] for name, values in biases().items()}
    return Picture(
        figure,
        "Variance and correlation of the filled table against the share of missing values. Column means: "
        f"both fall, at 80 per cent missing to {last['column mean'][0]:.2f} of the variance and to a "
        f"correlation of {last['column mean'][1]:.2f}. Conditional means: the variance falls a little, the "
        f"correlation rises to {last['conditional mean'][1]:.2f}. Draws and EM with gaps stay level.",
    )


# --------------------------------------------------------------------------- several tables


def slope(X: FloatArray) -> tuple[float, float]:
    """Slope of least squares of the waiting time on the duration, and its usual standard error."""
    x, y = X.T - X.mean(axis=0)[:, None]
    found = float(x @ y / (x @ x))
    return found, float((np.square(y - found * x).sum() / (len(x) - 2) / (x @ x)) ** 0.5)


def rubin(results: list[tuple[float, float]]) -> tuple[float, float]:
    """Estimate and standard error from M tables: variance within, plus (1 + 1/M) times that between."""
    estimates, errors = np.transpose(results)
    between = (1 + 1 / len(estimates)) * estimates.var(ddof=1)
    return float(estimates.mean()), float((np.square(errors).mean() + between) ** 0.5)


@cache
def slopes(seed: int = 0, n_tables: int = 30) -> dict[str, tuple[float, float]]:
    """Slope and standard error after filling the gaps of chance in several ways."""
    X, rng = with_gaps("chance"), np.random.default_rng(seed)
    mixture = fit_with_gaps("chance").mixture
    same = [by_draws(X, mixture, rng) for _ in range(n_tables)]
    drawn = [X[rng.integers(len(X), size=len(X))] for _ in range(n_tables)]
    fresh = [by_draws(X, missing.fit(rows, mixture, tol=1e-3).mixture, rng) for rows in drawn]
    return {
        "nothing missing": slope(old_faithful()),
        "conditional means": slope(missing.impute(X, mixture)),
        "one table of draws": slope(same[0]),
        "30 tables, one fit": rubin([slope(table) for table in same]),
        "30 tables, new fits": rubin([slope(table) for table in fresh]),
        "complete rows": slope(X[~np.isnan(X[:, 1])]),
    }


# --------------------------------------------------------------------------- one incomplete point


def one_incomplete_point(duration: float = 2.9) -> Picture:
    """The E-step of a point without waiting time: a guess and an uncertainty for each component."""
    mixture = eruptions()
    given = missing.condition(mixture, [0], np.array([duration]))
    overall = float(given.weights @ given.means[:, 0])
    figure, ax = canvas(6.0, 4.2)
    dots(ax, old_faithful(), size=2.6, colour=palette.MUTED)
    ax.axvline(duration, color=palette.MUTED, linewidth=1.0, linestyle=":")
    for k, colour in enumerate((palette.BLUE, palette.ORANGE)):
        ellipse(ax, mixture.means[k], mixture.covariances[k], edgecolor=colour, linewidth=1.2)
        guess, deviation = float(given.means[k, 0]), float(given.covariances[k, 0, 0]) ** 0.5
        bar = {"color": colour, "markersize": 9, "capsize": 5, "linewidth": 2.4}
        ax.errorbar([duration], [guess], [deviation], fmt=palette.MARKERS[k], **bar)
        says = f"guess {guess:.0f} ± {deviation:.1f}\nr = {given.weights[k]:.2f}"
        side, align = ((-0.12, "right"), (0.12, "left"))[1 - k]
        ax.text(duration + side, guess + (3, -5)[1 - k], says, color=colour, ha=align, va="center")
    ax.plot(duration, overall, "X", color=palette.RED, markersize=10)
    line = {"arrowstyle": "-", "color": palette.RED}
    where = (duration + 0.3, overall - 4.5)  # no eruption lies there
    ax.annotate("their average", (duration, overall), where, color=palette.RED, va="center", arrowprops=line)
    ax.set(xlim=(1.3, 5.4), ylim=(40, 100), xlabel="duration [min]", ylabel="waiting time [min]")
    return Picture(
        figure,
        f"Eruptions with two ellipses and a vertical line at a duration of {duration} minutes. On it each "
        f"component has a guess with a bar: {given.means[0, 0]:.0f} minutes with responsibility "
        f"{given.weights[0]:.2f}, and {given.means[1, 0]:.0f} with {given.weights[1]:.2f}. Their average, "
        f"{overall:.0f}, lies between the guesses.",
    )


# --------------------------------------------------------------------------- why values are missing

KINDS = {"chance": "a coin decides", "duration": "the duration decides", "waiting": "the waiting decides"}


def three_mechanisms() -> Picture:
    """Which waiting times are lost, in three ways."""
    truth = old_faithful()
    figure, axes = canvas(7.6, 3.4, columns=3)
    means, shares = {}, {"duration": 0.0, "waiting": 0.0}
    beyond = {"duration": truth[:, 0] > 3, "waiting": truth[:, 1] > 80}
    for ax, (kind, title) in zip(axes, KINDS.items(), strict=True):
        lost = np.isnan(with_gaps(kind)[:, 1])
        means[kind] = float(truth[~lost, 1].mean())
        if kind in beyond:
            shares[kind] = float(beyond[kind][lost].mean())
        dots(ax, truth[~lost], size=3.0, colour=palette.MUTED)
        dots(ax, truth[lost], 2, size=4.2, colour=palette.ORANGE)
        ax.axhline(truth[:, 1].mean(), color=palette.INK, linewidth=1.0)
        ax.axhline(means[kind], color=palette.INK, linewidth=1.6, linestyle="--")
        ax.set(title=title, xlabel="duration [min]", xlim=(1.4, 5.3), ylim=(40, 98))
    axes[0].set_ylabel("waiting time [min]")
    return Picture(
        figure,
        "Three scatter plots of the eruptions; rings are those whose waiting time is lost. By coin: rings "
        f"everywhere. By duration: {shares['duration']:.0%} of the rings in the long group. By waiting: "
        f"{shares['waiting']:.0%} of them above 80 minutes. The mean of those seen, dashed, is {means['chance']:.0f}, {means['duration']:.0f} and "
        f"{means['waiting']:.0f} minutes against {truth[:, 1].mean():.0f} of all.",
    )
