"""Widgets: step through EM, shrink the variance, provoke a collapse, choose K. Needs ipywidgets.

Each function returns one ipywidgets box. Each picture has alternative text that says what it shows.
"""

from __future__ import annotations

import warnings
from base64 import b64encode
from collections.abc import Callable
from html import escape
from io import BytesIO
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from gmmlib import plot
from gmmlib._checks import FloatArray, as_components, as_points
from gmmlib.cures import Floor
from gmmlib.em import e_step, fit, m_step
from gmmlib.errors import CollapsedComponentError, ConvergenceWarning, InvalidInputError
from gmmlib.mixture import Mixture
from gmmlib.selection import select

if TYPE_CHECKING:
    from ipywidgets import VBox
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def step_through_em(X: FloatArray, n_components: int = 2, n_steps: int = 30, seed: int = 0) -> VBox:
    """Slide through the iterations of EM on points (n, 2) from random points as means."""
    X, K = _plane(X), as_components(n_components, len(X))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        path = [
            fit(X, K, init="points", n_starts=1, rng=seed, max_iter=i + 1, cure=Floor(1e-4), tol=0.0)
            for i in range(n_steps + 1)
        ]

    def draw(ax: Axes, step: int) -> str:
        fitted = path[step]
        plot.responsibilities(X, fitted.mixture.responsibilities(X), ax)
        plot.ellipses(fitted.mixture, ax)
        return f"After {step} steps of EM the log-likelihood is {fitted.log_likelihood:.2f}."

    return _slider(draw, "EM steps", 0, n_steps)


def shrink_variance(X: FloatArray, centroids: FloatArray, largest: float = 2.0) -> VBox:
    """Slide the variance that all components share towards 0: soft assignment becomes k-means.

    Parameters
    ----------
    X : (n, 2) points
    centroids : (K, 2) means
    largest : the widest standard deviation, in units of the data's
    """
    X = _plane(X)
    means = as_points(centroids, 2, name="centroids")
    unit = X.std(axis=0)
    deviations = largest * np.geomspace(1.0, 0.01, 25)

    def draw(ax: Axes, step: int) -> str:
        covariance = np.diag(np.square(deviations[step] * unit))
        mixture = Mixture(
            np.full(len(means), 1 / len(means)), means, np.repeat(covariance[None], len(means), 0)
        )
        plot.responsibility_map(mixture, ax, X=X)
        unsure = float(np.mean(mixture.responsibilities(X).max(axis=1) < 0.9))
        return (
            f"Standard deviation {deviations[step]:.3f}: {unsure:.0%} of the points have no owner above 90 %."
        )

    return _slider(draw, "sharper", 0, len(deviations) - 1)


def provoke_collapse(X: FloatArray, point: int = 0, n_steps: int = 24) -> VBox:
    """Slide a component onto one of the points (n, 2): variance to 0, log-likelihood to infinity."""
    X = _plane(X)
    if not 0 <= point < len(X):
        raise InvalidInputError(f"point must be the index of a point, 0 … {len(X) - 1}, not {point}.")
    whole = m_step(X, np.ones((len(X), 1)))
    shares = 10.0 ** -np.linspace(0, n_steps / 2, n_steps + 1)

    def draw(ax: Axes, step: int) -> str:
        covariances = np.stack([whole.covariances[0], shares[step] * whole.covariances[0]])
        mixture = Mixture(np.array([0.9, 0.1]), np.stack([whole.means[0], X[point]]), covariances)
        try:
            R, log_likelihood = e_step(X, mixture)
        except CollapsedComponentError as error:
            return str(error)
        plot.responsibilities(X, R, ax)
        plot.ellipses(mixture, ax)
        return f"Variance {shares[step]:.1e} of the data's: log-likelihood {log_likelihood:.2f}."

    return _slider(draw, "smaller", 0, n_steps)


def choose_components(X: FloatArray, largest: int = 6, covariance_type: str = "full", seed: int = 0) -> VBox:
    """Slide the number of components: the fit to points (n, 2), its log-likelihood and its BIC."""
    X = _plane(X)
    table = select(X, range(1, largest + 1), (covariance_type,), cure=Floor(1e-4), rng=seed, n_starts=5)

    def draw(ax: Axes, K: int) -> str:
        candidate = table.candidates[K - 1]
        if candidate.fit is None:
            return f"With {K} components every start collapsed."
        plot.responsibilities(X, candidate.fit.mixture.responsibilities(X), ax)
        plot.ellipses(candidate.fit.mixture, ax)
        best = " This is the smallest." if candidate is table.best else ""
        return f"K = {K}: log-likelihood {candidate.log_likelihood:.1f}, BIC {candidate.bic:.1f}.{best}"

    return _slider(draw, "components", 1, largest)


def _plane(X: Any) -> FloatArray:
    """Return X as points (n, 2)."""
    return as_points(X, 2)


def _slider(draw: Callable[[Axes, int], str], name: str, low: int, high: int) -> VBox:
    """Return a slider over a picture; `draw` paints it and says in a sentence what it shows."""
    from ipywidgets import HTML, IntSlider, VBox

    slider = IntSlider(min=low, max=high, value=low, description=name, continuous_update=False)
    picture = HTML()

    def show(change: object = None) -> None:
        ax = plot.new_axes()
        sentence = escape(draw(ax, slider.value))
        buffer = BytesIO()
        figure = cast("Figure", ax.figure)
        figure.savefig(buffer, format="png", dpi=90)
        image = b64encode(buffer.getvalue()).decode()
        picture.value = f'<img alt="{sentence}" src="data:image/png;base64,{image}"><p>{sentence}</p>'

    slider.observe(show, names="value")
    show()
    return VBox([slider, picture])
