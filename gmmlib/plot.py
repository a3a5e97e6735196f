"""Pictures of mixtures and of fits: every function draws on Axes and returns them.

Colours are Okabe and Ito's, told apart with any kind of colour vision; components differ by marker and line
style as well. No function touches pyplot's current figure: without `ax` each makes a figure of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gmmlib._checks import FloatArray, as_points
from gmmlib.errors import InvalidInputError
from gmmlib.mixture import Mixture

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OKABE_ITO = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8C6D00", "#5B5B5B")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
LINES = ("-", "--", "-.", ":")


def colours(n_components: int) -> FloatArray:
    """Return one colour for each component, (K, 3) in [0, 1]; they repeat after eight."""
    from matplotlib.colors import to_rgb

    return np.array([to_rgb(OKABE_ITO[k % len(OKABE_ITO)]) for k in range(n_components)])


def mixed_colours(responsibilities: FloatArray) -> FloatArray:
    """Return each point's colour, (n, 3): the components' colours mixed by responsibilities (n, K)."""
    R = np.asarray(responsibilities, dtype=float)
    return np.clip(R @ colours(R.shape[1]), 0.0, 1.0)


def new_axes() -> Axes:
    """Return Axes on a figure of their own, without pyplot."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.0, 4.0), layout="constrained")
    FigureCanvasAgg(figure)
    return figure.add_subplot()


def ellipse_outline(
    mean: FloatArray, covariance: FloatArray, deviations: float = 2.0, n: int = 100
) -> FloatArray:
    """Return the outline (n, 2) of the points at this Mahalanobis distance from the mean."""
    angles = np.linspace(0.0, 2.0 * np.pi, n)
    circle = np.stack([np.cos(angles), np.sin(angles)])            # (2, n)
    ellipse: FloatArray = np.linalg.cholesky(covariance) @ circle  # (2, n)
    return mean + deviations * ellipse.T


def ellipses(
    mixture: Mixture,
    ax: Axes | None = None,
    *,
    features: tuple[int, int] = (0, 1),
    deviations: Sequence[float] = (1.0, 2.0),
    **style: Any,
) -> Axes:
    """Draw each component of a mixture as ellipses, thicker for heavier components, and its mean as a cross.

    Parameters
    ----------
    mixture : d >= 2
    ax : where to draw; None for a new figure
    features : the two features that span the plane
    deviations : Mahalanobis distances of the outlines
    style : further settings of the lines
    """
    ax = new_axes() if ax is None else ax
    pair = _pair(features, mixture.n_features)
    for k, colour in enumerate(colours(mixture.n_components)):
        mean, covariance = mixture.means[k, pair], mixture.covariances[k][np.ix_(pair, pair)]
        settings = {
            "color": colour,
            "linestyle": LINES[k % len(LINES)],
            "linewidth": 1.0 + 2.0 * float(mixture.weights[k]),
        } | style
        for deviation in deviations:
            ax.plot(*ellipse_outline(mean, covariance, deviation).T, **settings)
        ax.plot(*mean, marker="x", color=settings["color"], markersize=8, markeredgewidth=2, linestyle="none")
    return ax


def responsibilities(
    X: FloatArray,
    responsibilities: FloatArray,
    ax: Axes | None = None,
    *,
    features: tuple[int, int] = (0, 1),
    **style: Any,
) -> Axes:
    """Scatter the points, each in the components' colours mixed by its responsibilities.

    Parameters
    ----------
    X : (n, d) points
    responsibilities : (n, K)
    features : the two features that span the plane; with one feature the points lie on a line
    style : further settings of `Axes.scatter`
    """
    ax = new_axes() if ax is None else ax
    X = as_points(X)
    R = np.asarray(responsibilities, dtype=float)
    if R.ndim != 2 or len(R) != len(X):
        raise InvalidInputError(f"responsibilities must have shape ({len(X)}, K), not {R.shape}.")
    horizontal, vertical = (
        (X[:, 0], np.zeros(len(X))) if X.shape[1] == 1 else X[:, _pair(features, X.shape[1])].T
    )
    hues = mixed_colours(R)
    settings = {"s": 18, "alpha": 0.85, "linewidths": 0} | style
    owners = R.argmax(axis=1)                                      # (n,)
    for k in np.unique(owners):
        members, marker = owners == k, MARKERS[k % len(MARKERS)]
        ax.scatter(horizontal[members], vertical[members], c=hues[members], marker=marker, **settings)
    return ax


def responsibility_map(
    mixture: Mixture,
    ax: Axes | None = None,
    *,
    X: FloatArray | None = None,
    limits: tuple[float, float, float, float] | None = None,
    resolution: int = 200,
    alpha: float = 0.45,
) -> Axes:
    """Paint the plane in the mixed colours of the responsibilities: blends are doubt.

    Parameters
    ----------
    mixture : d = 2
    X : (n, 2) points whose range is painted, and which are drawn on top; None for three deviations round
        the means
    limits : left, right, bottom, top, in place of that
    resolution : pixels along each side
    """
    if mixture.n_features != 2:
        raise InvalidInputError(
            f"A map needs 2 features, not {mixture.n_features}; see gmmlib.missing.marginal."
        )
    ax = new_axes() if ax is None else ax
    left, right, bottom, top = limits or _limits(mixture, X)
    across, up = np.linspace(left, right, resolution), np.linspace(bottom, top, resolution)
    grid = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
    picture = mixed_colours(mixture.responsibilities(grid)).reshape(resolution, resolution, 3)
    ax.imshow(picture, extent=(left, right, bottom, top), origin="lower", aspect="auto", alpha=alpha)
    if X is not None:
        responsibilities(X, mixture.responsibilities(X), ax, edgecolors="black", linewidths=0.3)
    ax.set_xlim(left, right)
    ax.set_ylim(bottom, top)
    return ax


def density(
    mixture: Mixture, ax: Axes | None = None, *, X: FloatArray | None = None, resolution: int = 400
) -> Axes:
    """Draw a mixture of one feature: its density, each component's share of it, a histogram of X."""
    if mixture.n_features != 1:
        raise InvalidInputError(f"A curve needs 1 feature, not {mixture.n_features}; see missing.marginal.")
    ax = new_axes() if ax is None else ax
    deviations = np.sqrt(mixture.covariances[:, 0, 0])
    low, high = (mixture.means[:, 0] - 4 * deviations).min(), (mixture.means[:, 0] + 4 * deviations).max()
    if X is not None:
        X = as_points(X, 1)
        low, high = min(low, X.min()), max(high, X.max())
        bins = min(60, max(10, int(2 * np.sqrt(len(X)))))
        ax.hist(X[:, 0], bins=bins, density=True, color="0.85", edgecolor="0.6", linewidth=0.5)
    line = np.unique(np.concatenate([np.linspace(low, high, resolution), mixture.means[:, 0]]))[:, None]
    shares = np.exp(mixture.log_joint(line))                       # (resolution, K)
    ax.plot(line, shares.sum(axis=1), color="0.55", linewidth=4.0, label="mixture")
    for k, colour in enumerate(colours(mixture.n_components)):
        ax.plot(line, shares[:, k], color=colour, linestyle=LINES[k % len(LINES)], label=f"component {k}")
    ax.set_ylabel("density")
    return ax


def log_likelihood(
    histories: Sequence[float] | Mapping[str, Sequence[float]] | Iterable[Sequence[float]],
    ax: Axes | None = None,
    **style: Any,
) -> Axes:
    """Draw log-likelihood against iteration: one history, several (thin lines), or named ones (legend)."""
    ax = new_axes() if ax is None else ax
    if isinstance(histories, Mapping):
        named = list(histories.items())
    else:
        items: list[Any] = list(histories)
        many = bool(items) and np.ndim(items[0]) > 0
        named = [("", history) for history in (items if many else [items])]
    for i, (name, history) in enumerate(named):
        hue = OKABE_ITO[i % len(OKABE_ITO)] if name or len(named) == 1 else "#0072B2"
        settings: dict[str, Any] = {"color": hue, "linestyle": LINES[i % len(LINES)] if name else "-"}
        settings |= {"alpha": 0.4, "linewidth": 0.9} if len(named) > 1 and not name else {}
        ax.plot(np.arange(len(history)), history, label=name or None, **(settings | style))
    ax.set_xlabel("iteration")
    ax.set_ylabel("log-likelihood [nats]")
    if any(name for name, _ in named):
        ax.legend()
    return ax


def criterion_curves(
    curves: Mapping[str, Mapping[int, float]], ax: Axes | None = None, *, name: str = "BIC"
) -> Axes:
    """Draw a criterion against the number of components, a curve for each family; the best is ringed.

    Parameters
    ----------
    curves : for each family its values by number of components, as `Selection.curves` gives them
    name : of the criterion
    """
    ax = new_axes() if ax is None else ax
    finite = [(v, k) for curve in curves.values() for k, v in curve.items() if np.isfinite(v)]
    for i, (label, curve) in enumerate(curves.items()):
        ax.plot(
            list(curve),
            list(curve.values()),
            color=OKABE_ITO[i % len(OKABE_ITO)],
            marker=MARKERS[i % len(MARKERS)],
            linestyle=LINES[i % len(LINES)],
            label=label,
        )
    if finite:
        value, k = min(finite)
        ax.plot(
            [k], [value], "o", markersize=14, markerfacecolor="none", markeredgecolor="black", label="best"
        )
    ax.set_xticks(sorted({k for curve in curves.values() for k in curve}))
    ax.set_xlabel("number of components")
    ax.set_ylabel(f"{name} (lower is better)")
    ax.legend()
    return ax


def _pair(features: tuple[int, int], d: int) -> list[int]:
    """Return two indices of features, in 0 … d - 1."""
    pair = [int(feature) for feature in features]
    if len(pair) != 2 or not all(0 <= feature < d for feature in pair):
        raise InvalidInputError(f"features must be two of 0 … {d - 1}, not {features}: a plane needs two.")
    return pair


def _limits(mixture: Mixture, X: FloatArray | None) -> tuple[float, float, float, float]:
    """Return left, right, bottom and top: of the points, or of three deviations round the means."""
    if X is None:
        reach = 3.0 * np.sqrt(np.diagonal(mixture.covariances, axis1=1, axis2=2))    # (K, 2)
        low, high = (mixture.means - reach).min(axis=0), (mixture.means + reach).max(axis=0)
    else:
        X = as_points(X, 2)
        margin = 0.08 * np.ptp(X, axis=0)
        low, high = X.min(axis=0) - margin, X.max(axis=0) + margin
    return float(low[0]), float(high[0]), float(low[1]), float(high[1])
