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

from gmmlib import plot, scenes
from gmmlib._checks import FloatArray, as_components, as_points
from gmmlib.em import fit
from gmmlib.errors import ConvergenceWarning
from gmmlib.scenes import Scene

if TYPE_CHECKING:
    from ipywidgets import VBox
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def step_through_em(X: FloatArray, n_components: int = 2, n_steps: int = 30, seed: int = 0) -> VBox:
    """Slide through the iterations of EM on points (n, 2) from random points as means."""
    X, K = _plane(X), as_components(n_components, len(X))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        start = fit(X, K, init="points", n_starts=1, rng=seed, max_iter=1, cure=scenes.FLOOR, tol=0.0).mixture
    path = scenes.em_path(X, start, n_steps)
    return _slider(lambda ax, step: _owners(ax, X, path[step]), "EM steps", 0, n_steps)


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
    deviations = largest * np.geomspace(1.0, 0.01, 25)

    def draw(ax: Axes, step: int) -> str:
        scene = scenes.shared_width(X, means, float(deviations[step]))
        assert scene.mixture is not None
        plot.responsibility_map(scene.mixture, ax, X=X)
        return scene.sentence

    return _slider(draw, "sharper", 0, len(deviations) - 1)


def provoke_collapse(X: FloatArray, point: int = 0, n_steps: int = 24) -> VBox:
    """Slide a component onto one of the points (n, 2): variance to 0, log-likelihood to infinity."""
    X = _plane(X)
    scenes.shrunk_onto(X, point, 1.0)  # says what is wrong with the point at once
    shares = 10.0 ** -np.linspace(0, n_steps / 2, n_steps + 1)

    def draw(ax: Axes, step: int) -> str:
        return _owners(ax, X, scenes.shrunk_onto(X, point, float(shares[step])))

    return _slider(draw, "smaller", 0, n_steps)


def choose_components(X: FloatArray, largest: int = 6, covariance_type: str = "full", seed: int = 0) -> VBox:
    """Slide the number of components: the fit to points (n, 2), its log-likelihood and its BIC."""
    X = _plane(X)
    fitted = [scenes.components(X, K, covariance_type, seed) for K in range(1, largest + 1)]
    best = int(np.nanargmin([scene.value for scene in fitted]))

    def draw(ax: Axes, K: int) -> str:
        sentence = _owners(ax, X, fitted[K - 1])
        return f"{sentence} This is the smallest." if best == K - 1 else sentence

    return _slider(draw, "components", 1, largest)


def _owners(ax: Axes, X: FloatArray, scene: Scene) -> str:
    """Draw who owns the points, and the components; return the scene's sentence."""
    if scene.mixture is not None:
        plot.responsibilities(X, scene.responsibilities, ax)
        plot.ellipses(scene.mixture, ax)
    return scene.sentence


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
