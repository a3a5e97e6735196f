"""The Gaussian density in any dimension, by Cholesky and in the log domain."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

from gmmlib._checks import FloatArray, as_points, as_shape
from gmmlib.errors import CollapsedComponentError, InvalidInputError

LOG_2PI = float(np.log(2.0 * np.pi))
# Cholesky's factor is that of a matrix whose variances differ by up to (d + 1) ε/2 (Higham 2002, th. 10.3):
# a deviation below this share of the features' own, in any direction, is lost in rounding. The smallest pivot
# is never below the smallest deviation, and rarely far above it: only a doubtful one costs a decomposition.
SINGULAR, DOUBTFUL = 2e-7, 1e-3


def cholesky(covariance: FloatArray, component: int | None = None) -> FloatArray:
    """Return the lower triangle L with L Lᵀ = covariance.

    Parameters
    ----------
    covariance : (d, d) symmetric
    component : its index, for the message

    Returns
    -------
    (d, d) lower triangular with a positive diagonal

    Raises
    ------
    CollapsedComponentError
        If the covariance is not numerically positive definite.

    Source: book/soft.md, equation soft-gaussian.
    """
    try:
        L: FloatArray = np.asarray(np.linalg.cholesky(covariance), np.float64)
    except np.linalg.LinAlgError:
        raise CollapsedComponentError(component) from None
    if _is_singular(L / np.sqrt(np.diagonal(covariance))[:, None]):
        raise CollapsedComponentError(component, reason="is singular up to rounding")
    return L


def choleskies(covariances: FloatArray) -> FloatArray:
    """Return factors (K, d, d) of K covariances at once; the first one that collapsed is named."""
    if covariances.shape[1] == 1 and covariances.min() > 0:
        return np.sqrt(covariances)
    try:
        factors: FloatArray = np.asarray(np.linalg.cholesky(covariances), np.float64)
    except np.linalg.LinAlgError:
        return np.stack([cholesky(covariance, k) for k, covariance in enumerate(covariances)])
    return require_regular(factors, covariances)


def require_regular(factors: FloatArray, covariances: FloatArray) -> FloatArray:
    """Return factors (K, d, d) of covariances; the first one that is singular up to rounding is named."""
    scales = np.sqrt(covariances.diagonal(axis1=1, axis2=2))                    # (K, d)
    pivots = factors.diagonal(axis1=1, axis2=2) / scales
    for k in np.flatnonzero(pivots.min(axis=1) < DOUBTFUL):
        if _is_singular(factors[k] / scales[k][:, None]):
            raise CollapsedComponentError(int(k), reason="is singular up to rounding")
    return factors


def _is_singular(factor: FloatArray) -> bool:
    """Tell whether a factor (d, d) of a correlation matrix has a direction of rounding; NaN has none."""
    doubtful = bool(np.diagonal(factor).min() < DOUBTFUL)
    return doubtful and bool(np.linalg.svd(factor, compute_uv=False)[-1] <= SINGULAR)


def whiten(X: FloatArray, mean: FloatArray, L: FloatArray) -> FloatArray:
    """Return rows z_i = L⁻¹ (x_i - μ), (n, d): the points in units of the Gaussian, uncorrelated."""
    solve = _triangular_solver()
    if solve is None:                                       # slower, same numbers
        return np.asarray(np.linalg.solve(L, (X - mean).T), np.float64).T
    Z: FloatArray = solve(L, (X - mean).T, lower=1)[0]
    return Z.T


@cache      # an import that fails takes longer than the solution of a small system
def _triangular_solver() -> Callable[..., tuple[FloatArray, int]] | None:
    """Return LAPACK's dtrtrs, which solve_triangular calls, without its checks; None without SciPy."""
    try:
        from scipy.linalg.lapack import dtrtrs
    except ImportError:                                     # as in a browser
        return None
    solver: Callable[..., tuple[FloatArray, int]] = dtrtrs
    return solver


def log_gaussian(X: FloatArray, mean: FloatArray, covariance: FloatArray) -> FloatArray:
    """Return the log density of a Gaussian at each point.

    Parameters
    ----------
    X : (n, d) points
    mean : (d,)
    covariance : (d, d) symmetric positive definite

    Returns
    -------
    (n,) natural logarithms of the density, in nats; they may be positive

    Raises
    ------
    InvalidInputError
        If shapes do not fit, a value is not finite or the covariance is not symmetric.
    CollapsedComponentError
        If the covariance is not numerically positive definite.

    Source: book/soft.md, equation soft-gaussian; Bishop (2006), eq. 2.43.
    """
    X = as_points(X)
    d = X.shape[1]
    mean = as_shape(mean, (d,), "mean", "(one value for each feature)")
    covariance = as_shape(covariance, (d, d), "covariance", "(features by features)")
    if not is_symmetric(covariance):
        raise InvalidInputError("covariance is not symmetric; (C + C.T) / 2 mends rounding.")
    return log_gaussian_from_cholesky(X, mean, cholesky(covariance))


def log_gaussian_from_cholesky(X: FloatArray, mean: FloatArray, L: FloatArray) -> FloatArray:
    """Return log densities (n,) from a factor that is known: no checks, for use in loops."""
    Z = whiten(X, mean, L)                                  # (n, d)
    squared: FloatArray = np.einsum("ij,ij->i", Z, Z)       # (n,)    squared Mahalanobis distances
    log_determinant = 2.0 * float(np.log(np.diagonal(L)).sum())   # log |Σ|
    return -0.5 * (len(mean) * LOG_2PI + log_determinant + squared)


def is_symmetric(covariances: FloatArray) -> bool:
    """Tell whether each (…, d, d) matrix is symmetric up to rounding, in units of its own features."""
    if (covariances == np.swapaxes(covariances, -1, -2)).all():
        return True
    scale = np.sqrt(np.abs(np.diagonal(covariances, axis1=-2, axis2=-1)))       # (…, d)
    allowed = 1e-8 * scale[..., :, None] * scale[..., None, :]
    return bool(np.all(np.abs(covariances - np.swapaxes(covariances, -1, -2)) <= allowed))
