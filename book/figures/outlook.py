"""Figures of the page on limits and outlook."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from gmmlib import Fit, Mixture, fit
from gmmlib.datasets import old_faithful
from gmmlib.em import m_step
from gmmlib.gaussian import cholesky, log_gaussian, whiten
from gmmlib.kmeans import kmeans

from . import palette, variational
from .frame import Picture, Stepper, canvas, dots, ellipse
from .tsne import tsne

FloatArray = NDArray[np.float64]

#: Waits of the false record, in minutes: a long wait, then further and further off.
RECORDS = (80.0, 100.0, 120.0, 140.0, 160.0, 200.0, 240.0, 280.0, 320.0)
DEGREES = 4.0


@cache
def clean() -> Fit:
    """Two components on the 272 eruptions as they are."""
    return fit(old_faithful(), 2, tol=1e-9)


def with_record(wait: float) -> FloatArray:
    """The eruptions and one record more, of an average long eruption after this wait, (273, 2)."""
    return np.vstack([old_faithful(), [[4.3, wait]]])


@cache
def gaussian_deviation(wait: float) -> float:
    """Deviation of the waits, in minutes, of the component that owns the record."""
    return float(_with_outlier(wait).covariances[1, 1, 1] ** 0.5)


@cache
def _with_outlier(wait: float) -> Mixture:
    return fit(with_record(wait), clean().mixture, tol=1e-8).mixture


@cache
def among_the_short(wait: float) -> tuple[float, float, float]:
    """Deviations of the short and of the long waits, and nats above the fit of the figure, after another start.

    There the record belongs to the short eruptions at first.
    """
    X = with_record(wait)
    shares = clean().mixture.responsibilities(X)
    shares[-1] = (1.0, 0.0)
    other = fit(X, m_step(X, shares), tol=1e-8)
    short, long = np.sqrt(other.mixture.covariances[:, 1, 1])
    return float(short), float(long), other.log_likelihood - _with_outlier(wait).log_likelihood(X)


@cache
def t_scale(wait: float) -> float:
    """Root of the scale of the waits, in minutes, in a mixture of t distributions: less than a deviation."""
    return float(t_mixture(with_record(wait), clean().mixture, DEGREES).covariances[1, 1, 1] ** 0.5)


def t_mixture(X: FloatArray, start: Mixture, degrees: float, rounds: int = 25) -> Mixture:
    """EM for a mixture of t distributions with these degrees of freedom; `covariances` are their scales.

    Source: book/outlook.md, equation outlook-t-weight; Peel & McLachlan (2000).
    """
    t = start
    d = t.n_features
    for _ in range(rounds):
        roots = [cholesky(scale) for scale in t.covariances]
        squares = np.stack(  # (n, K)
            [np.square(whiten(X, m, L)).sum(axis=1) for m, L in zip(t.means, roots, strict=True)], axis=1
        )
        heights = np.log(t.weights) - [np.log(np.diagonal(L)).sum() for L in roots]
        joint = np.exp(heights - (degrees + d) / 2 * np.log1p(squares / degrees))
        owned = joint / joint.sum(axis=1, keepdims=True)
        trusted = owned * (degrees + d) / (degrees + squares)  # r_ik u_ik
        means = (trusted.T @ X) / trusted.sum(axis=0)[:, None]
        centred = X - means[:, None]  # (K, n, d)
        scales = np.einsum("nk,kni,knj->kij", trusted, centred, centred) / owned.sum(axis=0)[:, None, None]
        t = Mixture(owned.mean(axis=0), means, scales)
    return t


def outlier_moves() -> Stepper:
    """One false record moves away from the eruptions, and a component goes with it."""
    frames = [_outlier_frame(wait) for wait in RECORDS]
    captions = [
        f"Record at {wait:.0f} minutes: σ of the long waits {gaussian_deviation(wait):.1f} min, "
        f"mean {_with_outlier(wait).means[1, 1]:.1f} min."
        for wait in RECORDS
    ]
    return Stepper("One record of 273 moves away", frames, captions)


def _outlier_frame(wait: float) -> Picture:
    figure, (left, right) = canvas(7.6, 4.0, columns=2, width_ratios=[1, 1.1])
    dots(left, old_faithful(), colour=palette.MUTED, size=3.0)
    mixture = _with_outlier(wait)
    for k, colour in enumerate((palette.BLUE, palette.ORANGE)):
        ellipse(left, mixture.means[k], mixture.covariances[k], edgecolor=colour)
    left.plot(4.3, wait, "D", color=palette.RED, markersize=8)
    left.set(xlabel="duration [min]", ylabel="wait [min]", xlim=(1, 6), ylim=(20, 340))
    steps = np.array(RECORDS)
    right.plot(steps, [gaussian_deviation(w) for w in steps], color=palette.ORANGE)
    right.plot(steps, [t_scale(w) for w in steps], color=palette.GREEN, linestyle="--")
    right.plot(wait, gaussian_deviation(wait), "D", color=palette.RED, markersize=8)
    right.text(225, 15.5, "Gaussian", color=palette.ORANGE, ha="right")
    right.text(318, 3.4, "scale of the t, ν = 4", color=palette.GREEN, ha="right")
    right.set(xlabel="wait of the record [min]", ylabel="σ of the long waits [min]", ylim=(0, 22))
    return Picture(
        figure,
        f"Left: the eruptions, two ellipses and a red diamond at {wait:.0f} minutes; the upper ellipse "
        f"{'stretches towards' if wait > 80 else 'holds'} it. Right: the deviation of the long waits against the diamond's wait, now "
        f"{gaussian_deviation(wait):.1f} minutes; the curve of the Gaussian rises more and more steeply to "
        f"{gaussian_deviation(RECORDS[-1]):.0f}, the scale of the t mixture stays flat at "
        f"{t_scale(RECORDS[-1]):.0f}.",
    )


# --------------------------------------------------------------------------- merging, and a Bayesian fit


def entropy(R: FloatArray) -> float:
    """Summed entropy of the rows of responsibilities (n, K), in nats."""
    return max(0.0, float(-(R * np.log(np.where(R > 0, R, 1.0))).sum()))


def merged(R: FloatArray) -> list[tuple[int, float]]:
    """Groups left and their entropy, as the pair whose union saves most is united, again and again."""
    path = [(R.shape[1], entropy(R))]
    while R.shape[1] > 1:
        pairs = [(i, j) for i in range(R.shape[1]) for j in range(i)]
        R = min((_united(R, i, j) for i, j in pairs), key=entropy)
        path.append((R.shape[1], entropy(R)))
    return path


def _united(R: FloatArray, i: int, j: int) -> FloatArray:
    rest = np.delete(R, [i, j], axis=1)
    return np.column_stack([rest, R[:, i] + R[:, j]])


CONCENTRATIONS = (0.001, 1.0, 10.0)


@cache
def variational_fit(concentration: float, K: int = 6, seed: int = 0) -> tuple[Mixture, FloatArray]:
    """Variational fit of K components to Old Faithful from k-means: its expectation, and the counts (K,)."""
    X = old_faithful()
    labels = kmeans(X / X.std(axis=0), K, rng=seed).labels
    q = variational.fit(X, np.eye(K)[labels], concentration)
    return q.mixture(), variational.responsibilities(X, q).sum(axis=0)


def three_priors() -> Picture:
    """Six components under three priors of the weights: how many of them keep points."""
    figure, axes = canvas(7.6, 3.3, columns=3, sharey=True)
    left = {}
    for ax, concentration in zip(axes, CONCENTRATIONS, strict=True):
        mixture, counts = variational_fit(concentration)
        dots(ax, old_faithful(), colour=palette.MUTED, size=2.4)
        for k in np.flatnonzero(counts > 1):
            ellipse(ax, mixture.means[k], mixture.covariances[k], edgecolor=palette.BLUE)
            ax.plot(*mixture.means[k], "o", color=palette.BLUE, markersize=5)
        left[concentration] = int((counts > 1).sum())
        ax.set(title=f"concentration {concentration:g}", xlabel="duration [min]")
        ax.set(xlim=(1.2, 5.6), ylim=(38, 102))
    axes[0].set_ylabel("wait [min]")
    return Picture(
        figure,
        "Three scatter plots of the eruptions with ellipses of a variational fit that started with six "
        f"components. With concentration 0.001 {left[0.001]} components keep points, with 1 {left[1.0]}, "
        f"with 10 all {left[10.0]}.",
    )


# --------------------------------------------------------------------------- anomaly scores


def anomalies(share: float = 0.02) -> Picture:
    """Level lines of the density, and the least likely eruptions."""
    X, mixture = old_faithful(), clean().mixture
    heights = mixture.log_density(X)
    level = float(np.quantile(heights, share))
    low = heights < level
    figure, ax = canvas(6.4, 4.4)
    grid_x, grid_y = np.meshgrid(np.linspace(1.0, 6.0, 90), np.linspace(35, 106, 90))
    grid = mixture.log_density(np.column_stack([grid_x.ravel(), grid_y.ravel()])).reshape(grid_x.shape)
    ax.contour(
        grid_x,
        grid_y,
        grid,
        levels=[-10, -8, -6, -4],
        colors=palette.GRID,
        linewidths=1.0,
        linestyles="solid",
    )
    ax.contour(grid_x, grid_y, grid, levels=[level], colors=palette.RED, linewidths=1.8, linestyles="dashed")
    dots(ax, X[~low], colour=palette.MUTED, size=3.5)
    ax.plot(*X[low].T, "D", color=palette.RED, markersize=7, linestyle="none")
    ax.text(1.15, 100, f"threshold: log density {level:.1f}".replace("-", "−"), color=palette.RED)
    ax.set(xlabel="duration [min]", ylabel="wait [min]", xlim=(1.0, 6.0), ylim=(35, 106))
    return Picture(
        figure,
        f"Two clouds of eruptions with the level lines of the density. A dashed line at {level:.1f} encloses "
        f"almost all; {int(low.sum())} diamonds lie on it or outside, all where the clouds face each other.",
    )


# --------------------------------------------------------------------------- principal components


@cache
def hidden_groups() -> tuple[FloatArray, FloatArray]:
    """400 points in six dimensions, (400, 6), and their groups (400,): apart only where variance is small."""
    rng = np.random.default_rng(5)
    group = rng.integers(0, 2, 400).astype(float)
    Z = rng.normal(size=(400, 6)) * (6.0, 5.0, 4.0, 3.0, 2.0, 0.25)
    Z[:, 5] += 2.0 * group - 1.0
    rotation = np.linalg.qr(rng.normal(size=(6, 6)))[0]
    return Z @ rotation.T, group


def principal(X: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Coordinates of the points along the principal directions (n, d), and the share of variance of each."""
    centred = X - X.mean(axis=0)
    left, singular, _ = np.linalg.svd(centred, full_matrices=False)
    return left * singular, singular**2 / (singular**2).sum()


def two_views() -> Picture:
    """The same points along the first two principal directions, and along the first and the last."""
    X, group = hidden_groups()
    scores, share = principal(X)
    figure, axes = canvas(7.6, 3.8, columns=2)
    for ax, other in zip(axes, (1, 5), strict=True):
        for kind in (0, 1):
            dots(ax, scores[group == kind][:, [0, other]], kind=kind, size=4.0)
        ax.set(
            xlabel=f"direction 1 ({share[0]:.0%} of variance)",
            ylabel=f"direction {other + 1} ({share[other]:.1%} of variance)",
        )
    axes[0].set_title("the usual picture")
    axes[1].set_title("the last direction")
    return Picture(
        figure,
        f"Left, along the first two principal directions, discs and squares are mixed in one round cloud. "
        f"Right, along the first and the last, which holds {share[5]:.1%} of the variance, they form two "
        f"separate bands.",
    )


@cache
def bent_views() -> dict[str, tuple[FloatArray, FloatArray]]:
    """Points in ten dimensions and their places by t-SNE: one cloud, and a wide group beside a narrow one."""
    rng = np.random.default_rng(0)
    cloud = rng.standard_normal((150, 10))
    wide, narrow = rng.standard_normal((75, 10)), 0.1 * rng.standard_normal((75, 10))
    pair = np.concatenate([wide, narrow + 6.0])
    return {"one cloud": (cloud, tsne(cloud, 3)), "wide and narrow": (pair, tsne(pair, 30))}


def spread_ratio(points: FloatArray) -> float:
    """How many times wider the first half of the points lies than the second, by standard deviations."""
    first, second = np.split(points, 2)
    return float(np.sqrt(first.var(axis=0).sum() / second.var(axis=0).sum()))


def invented_islands() -> Picture:
    """What t-SNE makes of one cloud, and of two groups of very different width."""
    figure, axes = canvas(7.0, 6.6, columns=2, rows=2)
    for row, (name, (X, Y)), perplexity in zip(axes, bent_views().items(), (3, 30), strict=True):
        for ax, shown in zip(row, (X[:, :2], Y), strict=True):
            halves = [shown] if name == "one cloud" else np.split(shown, 2)
            for kind, half in enumerate(halves):
                dots(ax, half, kind=kind, size=3.6)
            ax.set(xticks=(), yticks=(), aspect="equal")
        row[0].set_title(f"{name}, first two features")
        row[1].set_title(f"t-SNE, perplexity {perplexity}")
    return Picture(
        figure,
        "Four panels. Above, one round cloud of 150 points; beside it t-SNE with perplexity 3 draws the same "
        "points as many small clumps with gaps between them. Below, a wide group of discs and a tiny tight "
        "group of squares; beside it t-SNE draws two islands of nearly the same size.",
    )


# --------------------------------------------------------------------------- high dimension


def largest_share(d: int, n: int = 4000) -> float:
    """Mean of the larger responsibility of two known unit Gaussians two deviations apart."""
    draws = np.random.default_rng(d).normal(size=(n, d))
    apart = np.zeros(d)
    apart[0] = 2.0
    unit = np.eye(d)
    gap = log_gaussian(draws, np.zeros(d), unit) - log_gaussian(draws, apart, unit)
    return float((1 / (1 + np.exp(-np.abs(gap)))).mean())


def largest_share_when_estimated(d: int, seed: int, n: int = 200, fresh: int = 2000) -> tuple[float, float]:
    """The same, estimated from n points each: mean larger share, and how many points it gets right."""
    rng = np.random.default_rng([d, seed])
    apart = np.zeros(d)
    apart[0] = 2.0
    samples = [rng.normal(size=(n, d)), rng.normal(size=(n, d)) + apart]
    points = rng.normal(size=(fresh, d))  # all from the first
    first, second = (log_gaussian(points, s.mean(axis=0), np.cov(s.T).reshape(d, d)) for s in samples)
    share = 1 / (1 + np.exp(-np.abs(first - second)))
    return float(share.mean()), float((first > second).mean())


def log_density_of_sample(d: int, n: int = 400) -> tuple[float, float]:
    """Mean log density of n draws from a standard Gaussian, and the log density at its mean."""
    draws = np.random.default_rng(d).normal(size=(n, d))
    zero, unit = np.zeros(d), np.eye(d)
    return float(log_gaussian(draws, zero, unit).mean()), float(log_gaussian(zero[None], zero, unit)[0])
