"""Gaussians given some of their features: marginals, conditionals, regression; EM with missing values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gmmlib._checks import FloatArray, IntArray, as_points, as_sample_weight, as_shape, present
from gmmlib.em import fit_data
from gmmlib.errors import CollapsedComponentError, InvalidInputError
from gmmlib.gaussian import cholesky
from gmmlib.loop import Fit
from gmmlib.mixture import Mixture, log_sum_exp
from gmmlib.statistics import Statistics, weighted_moments


def marginal(mixture: Mixture, features: Sequence[int]) -> Mixture:
    """Return the mixture of some features alone, in the given order."""
    kept = _as_features(features, mixture.n_features)
    return Mixture(mixture.weights, mixture.means[:, kept], mixture.covariances[:, kept[:, None], kept])


def condition_gaussian(
    mean: FloatArray, covariance: FloatArray, known: Sequence[int], values: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return mean and covariance of the unknown features, given the known ones.

    Parameters
    ----------
    mean : (d,)
    covariance : (d, d) symmetric positive definite
    known : indices of the p known features
    values : (n, p) their values

    Returns
    -------
    means : (n, d - p) of the other features, in ascending order
    covariance : (d - p, d - p), the same whatever the values are

    Source: book/missing.md, equation missing-conditional; Bishop (2006), eqs. 2.81-2.82.
    """
    mean = as_points(np.atleast_2d(np.asarray(mean, dtype=float)), name="mean")[0]
    d = len(mean)
    covariance = as_shape(covariance, (d, d), "covariance", "(features by features)")
    a = _as_features(known, d)                                                   # known
    b = np.setdiff1d(np.arange(d), a)                                            # unknown
    values = as_points(values, len(a), name="values")
    L = cholesky(covariance[np.ix_(a, a)])
    gain = np.linalg.solve(L.T, np.linalg.solve(L, covariance[np.ix_(a, b)])).T  # (d - p, p)  Σ_ba Σ_aa⁻¹
    means = mean[b] + (values - mean[a]) @ gain.T                                # (n, d - p)
    rest = covariance[np.ix_(b, b)] - gain @ covariance[np.ix_(a, b)]            # (d - p, d - p)
    return means, (rest + rest.T) / 2.0


def condition(mixture: Mixture, known: Sequence[int], values: FloatArray) -> Mixture:
    """Return the mixture of the unknown features, given one value (p,) for the known ones.

    Source: book/missing.md, equation missing-conditional.
    """
    a = _as_features(known, mixture.n_features)
    if len(a) == mixture.n_features:
        raise InvalidInputError("All features are known: nothing is left to be described.")
    value = as_shape(
        np.atleast_1d(np.asarray(values, dtype=float)), (len(a),), "values", "(one for each known)"
    )
    weights = marginal(mixture, known).responsibilities(value[None])[0]          # (K,)
    parts = [
        condition_gaussian(mean, covariance, known, value[None])
        for mean, covariance in zip(mixture.means, mixture.covariances, strict=True)
    ]
    return Mixture(weights, np.array([m[0] for m, _ in parts]), np.array([c for _, c in parts]))


def regress(mixture: Mixture, known: Sequence[int], values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return expectation and covariance of the unknown features at each of n values of the known ones.

    Parameters
    ----------
    mixture : of d features
    known : indices of the p known features
    values : (n, p)

    Returns
    -------
    expectations : (n, d - p)
    covariances : (n, d - p, d - p), within the components and between them

    Source: book/missing.md, equation missing-regression.
    """
    values = as_points(values, len(_as_features(known, mixture.n_features)), name="values")
    if values.shape[1] == mixture.n_features:
        raise InvalidInputError("All features are known: nothing is left to be predicted.")
    R = marginal(mixture, known).responsibilities(values)                        # (n, K)
    parts = [
        condition_gaussian(mean, covariance, known, values)
        for mean, covariance in zip(mixture.means, mixture.covariances, strict=True)
    ]
    means = np.stack([mean for mean, _ in parts], axis=1)                        # (n, K, d - p)
    within = np.stack([covariance for _, covariance in parts])                   # (K, d - p, d - p)
    expectations = np.einsum("nk,nkj->nj", R, means)
    spread = means - expectations[:, None]
    between = np.einsum("nk,nki,nkj->nij", R, spread, spread)
    return expectations, np.einsum("nk,kij->nij", R, within) + between


# --------------------------------------------------------------------------- missing values (NaN)


@dataclass(frozen=True, eq=False)
class Pattern:
    """Rows of the data that lack the same features: indices of the rows, of the known and of the unknown."""

    rows: IntArray
    known: IntArray
    unknown: IntArray


def patterns(X: FloatArray) -> tuple[Pattern, ...]:
    """Group the rows of X (n, d) by which features are NaN."""
    kinds, kind_of_row = np.unique(np.isnan(X), axis=0, return_inverse=True)
    kind_of_row = kind_of_row.reshape(-1)
    return tuple(
        Pattern(np.flatnonzero(kind_of_row == i), np.flatnonzero(~kind), np.flatnonzero(kind))
        for i, kind in enumerate(kinds)
    )


def log_densities(X: FloatArray, mixture: Mixture) -> FloatArray:
    """Return log densities of what is known of each point, (n, K); 0 where nothing is known."""
    X = as_points(X, mixture.n_features, missing=True)
    logarithms = np.zeros((len(X), mixture.n_components))
    for pattern in patterns(X):
        if len(pattern.known):
            logarithms[pattern.rows] = marginal(mixture, pattern.known.tolist()).log_densities(
                X[np.ix_(pattern.rows, pattern.known)]
            )
    return logarithms


def responsibilities(X: FloatArray, mixture: Mixture) -> FloatArray:
    """Return the probability of each component given what is known of each point, (n, K); rows sum to 1.

    Source: book/missing.md, equation missing-e-step.
    """
    return e_step(X, mixture)[0]


def e_step(
    X: FloatArray, mixture: Mixture, sample_weight: FloatArray | None = None
) -> tuple[FloatArray, float]:
    """Return responsibilities (n, K) from the known features, and the log-likelihood of what is known.

    Parameters
    ----------
    X : (n, d) points, NaN where a value is missing

    Source: book/missing.md, equation missing-e-step; Ghahramani & Jordan (1994).
    """
    weight = as_sample_weight(sample_weight, len(X))
    with np.errstate(divide="ignore"):
        log_joint = np.log(mixture.weights) + log_densities(X, mixture)          # (n, K)
    log_density = log_sum_exp(log_joint)                                         # (n,)
    R = np.exp(log_joint - log_density[:, None])
    return R, float(log_density.sum() if weight is None else weight @ log_density)


def expect(X: FloatArray, mixture: Mixture, sample_weight: FloatArray | None = None) -> Statistics:
    """Return expected statistics: an unknown value enters by its conditional mean and covariance.

    Parameters
    ----------
    X : (n, d) points, NaN where a value is missing

    Source: book/missing.md, equation missing-e-step; Ghahramani & Jordan (1994).
    """
    X = as_points(X, mixture.n_features, missing=True)
    R, log_likelihood = e_step(X, mixture, sample_weight)
    weight = as_sample_weight(sample_weight, len(X))
    R = R if weight is None else R * weight[:, None]
    groups = patterns(X)
    parts = [_expect_component(X, R[:, k], mixture, k, groups) for k in range(mixture.n_components)]
    counts, means, scatters = (np.array(part) for part in zip(*parts, strict=True))
    return Statistics(counts, means, scatters, log_likelihood)


def _expect_component(
    X: FloatArray, r: FloatArray, mixture: Mixture, k: int, groups: tuple[Pattern, ...]
) -> tuple[float, FloatArray, FloatArray]:
    """Return count, mean and scatter of component k, with gaps filled in as it expects them."""
    filled, extra = fill(X, mixture.means[k], mixture.covariances[k], groups, r)
    count, mean, scatter = weighted_moments(filled, r)
    return count, mean, scatter + extra


def fill(
    X: FloatArray, mean: FloatArray, covariance: FloatArray, groups: tuple[Pattern, ...], r: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return points (n, d), conditional means in their gaps; Σ_i r_i times the conditional covariances."""
    filled = X.copy()
    extra = np.zeros_like(covariance)
    for group in groups:
        if len(group.unknown) == 0:
            continue
        gap = np.ix_(group.unknown, group.unknown)
        if len(group.known) == 0:
            filled[group.rows] = mean
            extra += r[group.rows].sum() * covariance
            continue
        known = X[np.ix_(group.rows, group.known)]
        guesses, rest = condition_gaussian(mean, covariance, group.known.tolist(), known)
        filled[np.ix_(group.rows, group.unknown)] = guesses
        extra[gap] += r[group.rows].sum() * rest
    return filled, extra


def impute(X: FloatArray, mixture: Mixture) -> FloatArray:
    """Fill each gap with its expectation under the mixture, (n, d); what is known stays as it is."""
    X = as_points(X, mixture.n_features, missing=True)
    R = responsibilities(X, mixture)
    groups = patterns(X)
    none = np.zeros(len(X))
    guesses = [
        fill(X, mean, covariance, groups, none)[0]
        for mean, covariance in zip(mixture.means, mixture.covariances, strict=True)
    ]
    return np.where(np.isnan(X), np.einsum("nk,knj->nj", R, np.array(guesses)), X)


class WithGaps:
    """Points with missing values (NaN), and their expectations: see gmmlib.loop.Data."""

    def __init__(self, X: FloatArray, sample_weight: FloatArray | None = None) -> None:
        self.X, self.weight = X, sample_weight
        self.total = _as_one_gaussian(X, sample_weight)
        gaussian = Mixture(np.ones(1), self.total.means, self.total.scatters / self.total.n)
        self.points = impute(X, gaussian)

    def expect(self, mixture: Mixture) -> Statistics:
        """See the function `expect`."""
        return expect(self.X, mixture, self.weight)


def _as_one_gaussian(X: FloatArray, weight: FloatArray | None, rounds: int = 20) -> Statistics:
    """Describe all the data as one component: EM with K = 1, from each feature's own mean and variance."""
    w = np.ones(len(X)) if weight is None else weight
    shares = w[:, None] * ~np.isnan(X)                                           # (n, d)
    counts = shares.sum(axis=0)
    means = (shares * np.nan_to_num(X)).sum(axis=0) / counts
    variances = (shares * np.square(np.nan_to_num(X - means))).sum(axis=0) / counts
    statistics = Statistics(np.array([w.sum()]), means[None], w.sum() * np.diag(variances)[None])
    for _ in range(rounds):
        gaussian = Mixture(np.ones(1), statistics.means, statistics.scatters / statistics.n)
        try:
            statistics = expect(X, gaussian, weight)
        except CollapsedComponentError:  # features that determine others
            break
    return statistics


def _require_seen(X: FloatArray) -> None:
    """Raise where a feature is never seen, or always with the same value."""
    for j, column in enumerate(X.T):
        seen = column[~np.isnan(column)]
        if len(seen) == 0 or seen.max() == seen.min():
            what = "is missing" if len(seen) == 0 else "has the same value"
            raise InvalidInputError(f"Feature {j} of X {what} wherever one looks: drop this column.")


def fit(X: FloatArray, start: Any, *, sample_weight: FloatArray | None = None, **settings: Any) -> Fit:
    """Fit a mixture by EM to points with missing values (NaN); settings and result as for gmmlib.em.fit_data.

    The values must be missing at random: whether one is missing may depend on what is known, not on itself.

    Parameters
    ----------
    X : (n, d) points, NaN where a value is missing
    start : number of components; a Mixture; responsibilities (n, K); or a callable
    sample_weight : (n,) > 0, how often each point counts; None for once

    Source: book/missing.md, equation missing-e-step; Ghahramani & Jordan (1994).
    """
    X = as_points(X, missing=True)
    weight = as_sample_weight(sample_weight, len(X))
    start = present(start, weight)[0] if np.ndim(start) == 2 else start          # responsibilities (n, K)
    X, weight = present(X, weight)
    _require_seen(X)
    return fit_data(WithGaps(X, weight), start, **settings)


def _as_features(features: Sequence[int], d: int) -> IntArray:
    """Return indices of different features, in the given order."""
    kept = np.atleast_1d(np.asarray(features))
    if kept.ndim != 1 or kept.size == 0 or not np.issubdtype(kept.dtype, np.integer):
        raise InvalidInputError(f"Features are given as a list of indices, at least one, not {features!r}.")
    if kept.min() < 0 or kept.max() >= d or len(np.unique(kept)) != len(kept):
        raise InvalidInputError(f"Features must be different indices in 0 … {d - 1}, not {kept.tolist()}.")
    return kept.astype(np.intp)
