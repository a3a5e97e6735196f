"""Numbers of the pictures that move: EM step by step, a variance that shrinks, a collapse, K, many starts.

`gmmlib.explore` draws them in a notebook, the book's pages in the browser. NumPy is enough.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from gmmlib._checks import FloatArray, as_components, as_points
from gmmlib.cures import Floor
from gmmlib.em import e_step, fit, m_step
from gmmlib.errors import CollapsedComponentError, ConvergenceWarning, InvalidInputError
from gmmlib.mixture import Mixture
from gmmlib.selection import bic, n_parameters

FLOOR = Floor(1e-4)
SURE = 0.9  # a point has an owner if one component owns more of it than this


@dataclass(frozen=True, eq=False)
class Scene:
    """A mixture on points, and what there is to say about it.

    Parameters
    ----------
    mixture : None where it could not be computed
    responsibilities : (n, K) of the points; (0, 0) without a mixture
    value : log-likelihood in nats, or BIC where numbers of components are compared; nan without a mixture
    sentence : what the picture shows
    """

    mixture: Mixture | None
    responsibilities: FloatArray
    value: float
    sentence: str


def em_path(X: FloatArray, start: Mixture, n_steps: int) -> list[Scene]:
    """Return the start and the mixtures after each of `n_steps` rounds of EM on points (n, d)."""
    scenes, mixture = [], start
    for step in range(n_steps + 1):
        R, log_likelihood = e_step(X, mixture)
        sentence = f"After {step} step{'s' * (step != 1)} of EM the log-likelihood is {log_likelihood:.2f}."
        scenes.append(Scene(mixture, R, log_likelihood, sentence))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            mixture = fit(X, mixture, max_iter=2, cure=FLOOR, tol=0.0).mixture
    return scenes


def round_start(X: FloatArray, means: FloatArray) -> Mixture:
    """Return equal components around means (K, d), with K^(-2/d) times the variances of the data (n, d)."""
    means = as_points(means, np.shape(X)[1], name="means")
    K, d = means.shape
    covariance = np.diag(np.var(X, axis=0)) * K ** (-2.0 / d)
    return Mixture(np.full(K, 1 / K), means, np.repeat(covariance[None], K, axis=0))


def shared_width(X: FloatArray, centroids: FloatArray, deviation: float) -> Scene:
    """Return equal components that share a width: wide, each owns a bit of all points; narrow, it is k-means.

    Parameters
    ----------
    X : (n, d) points
    centroids : (K, d) means
    deviation : of each component, in units of the data's standard deviations
    """
    means = as_points(centroids, np.shape(X)[1], name="centroids")
    covariance = np.diag(np.square(deviation * X.std(axis=0)))
    mixture = Mixture(np.full(len(means), 1 / len(means)), means, np.repeat(covariance[None], len(means), 0))
    R, log_likelihood = e_step(X, mixture)
    unsure = float(np.mean(R.max(axis=1) < SURE))
    width = f"Standard deviation {deviation:.3f} of the data's"
    sentence = f"{width}: {unsure:.0%} of the points have no owner above 90 %."
    return Scene(mixture, R, log_likelihood, sentence)


def shrunk_onto(X: FloatArray, point: int, share: float) -> Scene:
    """Return two components: one for all points (n, d), one on a single point with a share of the variance.

    Raises
    ------
    InvalidInputError
        If there is no such point.
    """
    if not 0 <= point < len(X):
        raise InvalidInputError(f"point must be the index of a point, 0 … {len(X) - 1}, not {point}.")
    whole = m_step(X, np.ones((len(X), 1)))
    covariances = np.stack([whole.covariances[0], share * whole.covariances[0]])
    try:
        mixture = Mixture(np.array([0.9, 0.1]), np.stack([whole.means[0], X[point]]), covariances)
        R, log_likelihood = e_step(X, mixture)
    except CollapsedComponentError as error:
        return Scene(None, np.empty((0, 0)), float("nan"), str(error))
    sentence = f"Variance {share:.1e} of the data's: log-likelihood {log_likelihood:.2f}."
    return Scene(mixture, R, log_likelihood, sentence)


def components(
    X: FloatArray, n_components: int, covariance_type: str = "full", seed: int = 0, n_starts: int = 5
) -> Scene:
    """Return the best of a few fits with that many components to points (n, d); its value is BIC."""
    X, K = as_points(X), as_components(n_components, len(X))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        try:
            found = fit(
                X,
                K,
                covariance_type=covariance_type,
                cure=FLOOR,
                rng=seed,
                n_starts=n_starts,
            )
        except CollapsedComponentError:
            return Scene(None, np.empty((0, 0)), float("nan"), f"With {K} components every start collapsed.")
    value = bic(found.log_likelihood, n_parameters(K, X.shape[1], covariance_type), len(X))
    ended = f"log-likelihood {found.log_likelihood:.1f}, BIC {value:.1f}"
    sentence = f"K = {K}, best of {n_starts} starts: {ended}."
    return Scene(found.mixture, found.mixture.responsibilities(X), value, sentence)


def one_start(X: FloatArray, n_components: int, init: str, seed: int) -> Scene:
    """Return where EM ends from a single start of a kind: "points", "k-means++", "kmeans" or "random"."""
    X, K = as_points(X), as_components(n_components, len(X))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        try:
            found = fit(
                X,
                K,
                init=init,
                n_starts=1,
                rng=seed,
                cure=Floor(1e-3),
                max_iter=2000,
            )
        except CollapsedComponentError as error:
            return Scene(None, np.empty((0, 0)), float("nan"), str(error))
    sentence = f"Start {seed}: {found.n_iter} rounds, log-likelihood {found.log_likelihood:.2f}."
    return Scene(found.mixture, found.mixture.responsibilities(X), found.log_likelihood, sentence)
