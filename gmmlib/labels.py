"""Identifiability: components have no names of their own, so two fits are compared after matching them."""

from __future__ import annotations

import numpy as np

from gmmlib._checks import FloatArray, IntArray
from gmmlib.errors import InvalidInputError
from gmmlib.gaussian import cholesky, log_gaussian_from_cholesky, whiten
from gmmlib.mixture import Mixture, log_sum_exp


def bhattacharyya(first: Mixture, second: Mixture) -> FloatArray:
    """Return the Bhattacharyya distance of each component to each of another mixture, (K, L).

    It is 0 for equal Gaussians, has no upper bound and does not depend on units.

    Source: book/labels.md, equation labels-bhattacharyya; Bhattacharyya (1943).
    """
    _require_comparable(first, second)
    half_log_determinants = [
        [_half_log_determinant(covariance) for covariance in mixture.covariances]
        for mixture in (first, second)
    ]
    distances = np.empty((first.n_components, second.n_components))
    for k, (mean, covariance) in enumerate(zip(first.means, first.covariances, strict=True)):
        for j, (other_mean, other) in enumerate(zip(second.means, second.covariances, strict=True)):
            L = cholesky((covariance + other) / 2.0)
            z = whiten(mean[None], other_mean, L)                      # (1, d)
            spread = np.log(np.diagonal(L)).sum()
            shape = spread - (half_log_determinants[0][k] + half_log_determinants[1][j]) / 2.0
            distances[k, j] = np.square(z).sum() / 8.0 + shape
    return np.maximum(distances, 0.0)


def _half_log_determinant(covariance: FloatArray) -> float:
    """Return log |Σ| / 2 of a covariance (d, d)."""
    return float(np.log(np.diagonal(cholesky(covariance))).sum())


def match(first: Mixture, second: Mixture) -> IntArray:
    """Return the permutation that matches two mixtures of K components at the smallest summed distance.

    Returns
    -------
    (K,) such that component k of `first` is component permutation[k] of `second`

    Raises
    ------
    InvalidInputError
        If the mixtures differ in the number of components or of features.

    Source: book/labels.md, equation labels-matching; Kuhn (1955).
    """
    from scipy.optimize import linear_sum_assignment

    if first.n_components != second.n_components:
        raise InvalidInputError(
            f"Only mixtures with as many components can be matched, not {first.n_components} and "
            f"{second.n_components}; see density_distance for a comparison that needs no matching."
        )
    return np.asarray(linear_sum_assignment(bhattacharyya(first, second))[1], dtype=np.intp)


def relabel(mixture: Mixture, permutation: IntArray) -> Mixture:
    """Return the same mixture with component permutation[k] in place k."""
    order = np.asarray(permutation)
    if sorted(order.tolist()) != list(range(mixture.n_components)):
        raise InvalidInputError(
            f"permutation must hold 0 … {mixture.n_components - 1}, each once, not {order}."
        )
    return Mixture(mixture.weights[order], mixture.means[order], mixture.covariances[order])


def distance(first: Mixture, second: Mixture) -> float:
    """Return the distance of two fits' parameters after matching: 0 if only labels differ.

    The mean of the matched components' Bhattacharyya distances, weighted by their average weights, plus half
    the summed difference of the weights.
    """
    order = match(first, second)
    other = relabel(second, order)
    components = np.diagonal(bhattacharyya(first, other))
    share = (first.weights + other.weights) / 2.0
    return float(share @ components + np.abs(first.weights - other.weights).sum() / 2.0)


def density_distance(first: Mixture, second: Mixture) -> float:
    """Return how far two densities are apart, 1 - 2 ∫pq / (∫p² + ∫q²) in [0, 1]: any K, no matching."""
    _require_comparable(first, second)
    pq, pp, qq = (_log_overlap(*pair) for pair in ((first, second), (first, first), (second, second)))
    return float(max(0.0, 1.0 - 2.0 * np.exp(pq - np.logaddexp(pp, qq))))


def _log_overlap(first: Mixture, second: Mixture) -> float:
    """Return log ∫ p q = log Σ_kj w_k v_j N(μ_k | ν_j, Σ_k + T_j)."""
    with np.errstate(divide="ignore"):
        terms = [
            np.log(weight * other_weight)
            + log_gaussian_from_cholesky(mean[None], other_mean, cholesky(covariance + other))[0]
            for weight, mean, covariance in zip(first.weights, first.means, first.covariances, strict=True)
            for other_weight, other_mean, other in zip(
                second.weights, second.means, second.covariances, strict=True
            )
        ]
    return float(log_sum_exp(np.array(terms)[None])[0])


def match_labels(labels: IntArray, reference: IntArray) -> IntArray:
    """Rename labels (n,) so that as many as possible equal the reference (n,); left-over names follow on.

    Source: book/labels.md, equation labels-matching.
    """
    from scipy.optimize import linear_sum_assignment

    counts = _contingency(labels, reference)
    rows, columns = linear_sum_assignment(-counts)
    names = dict(zip(rows.tolist(), columns.tolist(), strict=True))
    free = iter(range(counts.shape[1], counts.shape[1] + counts.shape[0]))
    names |= {row: next(free) for row in range(counts.shape[0]) if row not in names}
    return np.array([names[int(label)] for label in labels], dtype=np.intp)


def _contingency(labels: IntArray, reference: IntArray) -> FloatArray:
    """Count the points that bear each pair of labels, (K, L)."""
    a, b = np.asarray(labels), np.asarray(reference)
    if a.shape != b.shape or a.ndim != 1 or a.size == 0:
        raise InvalidInputError(
            f"Two label vectors of the same length are needed, not {a.shape} and {b.shape}."
        )
    if (
        not (np.issubdtype(a.dtype, np.integer) and np.issubdtype(b.dtype, np.integer))
        or min(a.min(), b.min()) < 0
    ):
        raise InvalidInputError("Labels must be integers from 0 on.")
    counts = np.zeros((int(a.max()) + 1, int(b.max()) + 1))
    np.add.at(counts, (a, b), 1.0)
    return counts


def _require_comparable(first: Mixture, second: Mixture) -> None:
    """Raise unless both mixtures have as many features."""
    if first.n_features != second.n_features:
        raise InvalidInputError(
            f"The mixtures live in different spaces: {first.n_features} and {second.n_features} features."
        )
