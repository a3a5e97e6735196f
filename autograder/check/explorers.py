"""What the page's live pictures ask for: scenes of gmmlib on the course's own data, ready to be drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from gmmlib import scenes
from gmmlib._checks import FloatArray
from gmmlib.datasets import galaxies, old_faithful
from gmmlib.mixture import Mixture
from gmmlib.scenes import Scene

Rows = list[list[float]]
COLUMNS, ROWS = 48, 36  # of the map of responsibilities
STEPS = 30  # of EM
SHARES = tuple(float(share) for share in 10.0 ** -np.linspace(0.0, 12.0, 49))


@dataclass(frozen=True)
class Drawn:
    """A scene as numbers to draw, rounded; None where a component collapsed.

    Parameters
    ----------
    weights, means, covariances : of the mixture
    responsibilities : (n, K) of the data's points
    value : log-likelihood in nats, or BIC
    sentence : what the picture shows
    """

    weights: list[float] | None
    means: Rows | None
    covariances: list[Rows] | None
    responsibilities: Rows
    value: float | None
    sentence: str


def drawn(scene: Scene) -> Drawn:
    """Return a scene as numbers to draw."""
    if scene.mixture is None:
        return Drawn(None, None, None, [], None, scene.sentence)
    mixture = scene.mixture
    return Drawn(
        mixture.weights.round(4).tolist(),
        mixture.means.round(4).tolist(),
        mixture.covariances.tolist(),
        scene.responsibilities.round(3).tolist(),
        round(scene.value, 4),
        scene.sentence,
    )


def data(name: str) -> Rows:
    """Return the points that a picture is about: "old_faithful" (272, 2) or "galaxies" (82, 1)."""
    points: Rows = _points(name).tolist()
    return points


@cache
def _points(name: str) -> FloatArray:
    return {"old_faithful": old_faithful, "galaxies": galaxies}[name]()


def variance(
    means: Sequence[Sequence[float]], deviation: float, limits: Sequence[float]
) -> dict[str, object]:
    """Return components of one shared width, and who owns the plane within left, right, bottom, top."""
    scene = scenes.shared_width(_points("old_faithful"), np.array(means), deviation)
    assert scene.mixture is not None
    return {"scene": drawn(scene), "map": _map(scene.mixture, limits)}


def _map(mixture: Mixture, limits: Sequence[float]) -> list[list[int]]:
    """Return responsibilities in per cent at the centres of ROWS x COLUMNS cells, from the top left."""
    left, right, bottom, top = limits
    x = left + (right - left) * (np.arange(COLUMNS) + 0.5) / COLUMNS
    y = top - (top - bottom) * (np.arange(ROWS) + 0.5) / ROWS
    cells = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    shares: list[list[int]] = (100 * mixture.responsibilities(cells)).round().astype(int).tolist()
    return shares


def em(means: Sequence[Sequence[float]]) -> list[Drawn]:
    """Return the start around these means and EM's next steps."""
    X = _points("old_faithful")
    return [drawn(scene) for scene in scenes.em_path(X, scenes.round_start(X, np.array(means)), STEPS)]


def collapse(point: int, step: int) -> dict[str, object]:
    """Return a component on an eruption at one of SHARES, and the log-likelihood at all of them."""
    X = _points("old_faithful")
    return {
        "scene": drawn(scenes.shrunk_onto(X, point, SHARES[step])),
        "curve": _rise(point),
        "shares": SHARES,
    }


@cache
def _rise(point: int) -> list[float | None]:
    return [drawn(scenes.shrunk_onto(_points("old_faithful"), point, share)).value for share in SHARES]


def components(n_components: int, covariance_type: str) -> Drawn:
    """Return the best of a few fits to Old Faithful with that many components, and its BIC."""
    return drawn(scenes.components(_points("old_faithful"), n_components, covariance_type))


def start(n_components: int, init: str, seed: int) -> Drawn:
    """Return where EM ends on the galaxies from one start."""
    return drawn(scenes.one_start(_points("galaxies"), n_components, init, seed))


EXPLORERS: Mapping[str, Callable[..., object]] = {
    "data": data,
    "variance": variance,
    "em": em,
    "collapse": collapse,
    "components": components,
    "start": start,
}


def explore(name: str, settings: Mapping[str, object]) -> object:
    """Return what one of EXPLORERS shows with these settings."""
    return EXPLORERS[name](**settings)
