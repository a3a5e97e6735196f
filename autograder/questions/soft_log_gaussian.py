"""soft.log_gaussian: inputs, checks and the catalogue of wrong densities."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from autograder.questions import drawing
from autograder.questions.comparing import Seen, shapes, together, values
from autograder.values import Case, FloatArray, Misconception, Question
from gmmlib.gaussian import log_gaussian as reference

RANDOM = ("random Gaussian 1", "random Gaussian 2", "random Gaussian 3")
RETURNS = ("log_densities",)
Call = tuple[FloatArray, FloatArray, FloatArray]


# --------------------------------------------------------------------------- inputs


def draw(rng: np.random.Generator) -> tuple[Case, ...]:
    """The calls: small and random ones first, then the numerically hard ones."""
    randoms = [_random(rng, n, d) for n, d in ((20, 2), (25, 3), (15, 4))]
    X, mean, covariance = randoms[0]
    tiny = _random(rng, 12, 50)
    cases = [Case("small example", _small(rng))]
    cases += [Case(name, arguments) for name, arguments in zip(RANDOM, randoms, strict=True)]
    cases += [
        Case("shifted", (X + 3.0, mean + 3.0, covariance)),
        Case("one feature", _random(rng, 15, 1)),
        Case("one point", _random(rng, 1, 3)),
        Case("far points", (mean + 100.0 * (X - mean), mean, covariance)),
        Case("far from the origin", (X + 1e7, mean + 1e7, covariance)),
        Case("fifty features", (1e-5 * tiny[0], 1e-5 * tiny[1], 1e-10 * tiny[2])),
    ]
    return tuple(cases)


def _random(rng: np.random.Generator, n: int, d: int) -> Call:
    mean, covariance = rng.normal(scale=2.0, size=d), rng.uniform(0.5, 3.0) * drawing.covariance(rng, d)
    return drawing.points(rng, n, (np.ones(1), mean[None], covariance[None])), mean, covariance


def _small(rng: np.random.Generator) -> Call:
    """Three points on a line, whole numbers, the variance a square; odd distances never sum to zero."""
    mean, deviation = float(rng.integers(0, 5)), float(rng.integers(2, 5))
    X = mean + rng.choice(np.arange(-7.0, 8.0, 2.0), size=(3, 1), replace=False)
    return X, np.array([mean]), np.array([[deviation**2]])


# --------------------------------------------------------------------------- checks


def _same_when_shifted(one: Seen, other: Seen) -> str:
    same = np.allclose(one.returned["log_densities"], other.returned["log_densities"], rtol=1e-5, atol=1e-5)
    return "" if same else "the log densities change when points and mean move together"


CHECKS = (
    shapes("One number comes back for each point.", RETURNS, ("small example", "one point", *RANDOM),
           weight=0.5,
           see="soft-gaussian"),
    values("Three points on a line, small enough to do by hand, come out right.", RETURNS, ("small example",),
           weight=2, see="soft-gaussian"),
    values("The log densities under random Gaussians with tilted covariances are right.", RETURNS, RANDOM,
           weight=3, see="soft-gaussian"),
    values("A single feature and a single point come out right.", RETURNS, ("one feature", "one point"),
           weight=1, see="soft-gaussian"),
    values("Points so far away that the density underflows to 0 still have the right logarithm.", RETURNS,
           ("far points",), weight=1.5, see="numerics-log-sum-exp"),
    values("Data ten million away from the origin come out right (this needs float64 throughout).", RETURNS,
           ("far from the origin",), weight=1, see="soft-gaussian"),
    values("Fifty features in small units come out right, although the determinant underflows.", RETURNS,
           ("fifty features",), weight=1, see="soft-gaussian"),
    together("Moving points and mean together changes nothing.", _same_when_shifted, RETURNS,
             (RANDOM[0], "shifted"), weight=0.5, see="soft-gaussian"),
)


# --------------------------------------------------------------------------- wrong densities
#
# -½ (d log 2π + log |Σ| + (x - μ)ᵀ Σ⁻¹ (x - μ)): a misconception replaces one of its terms.


def _log_det(covariance: FloatArray) -> float:
    return float(np.linalg.slogdet(covariance)[1])


def _mahalanobis(Z: FloatArray, covariance: FloatArray) -> FloatArray:
    return np.asarray(np.einsum("ij,jk,ik->i", Z, np.linalg.inv(covariance), Z))


def _term_by_term(
    X: FloatArray,
    mean: FloatArray,
    covariance: FloatArray,
    *,
    constant: Callable[[int], float] = lambda d: 0.5 * d * float(np.log(2 * np.pi)),
    determinant: Callable[[FloatArray], float] = lambda C: 0.5 * _log_det(C),
    distance: Callable[[FloatArray, FloatArray], FloatArray] = lambda Z, C: 0.5 * _mahalanobis(Z, C),
    result: Callable[[FloatArray], object] = lambda log_density: log_density,
) -> object:
    return result(-constant(X.shape[1]) - determinant(covariance) - distance(X - mean, covariance))


def _diagonal(covariance: FloatArray) -> FloatArray:
    return np.diag(np.diag(covariance))


def _wrong(name: str, sentence: str, **term: Any) -> Misconception:
    return Misconception(name, sentence, "soft-gaussian", partial(_term_by_term, **term))


MISCONCEPTIONS = (
    _wrong("no-normalising-constant", "The constant (d/2) log 2π is missing.", constant=lambda d: 0.0),
    _wrong("constant-of-one-dimension",
           "The constant is that of one feature; with d features it is (d/2) log 2π.",
           constant=lambda d: 0.5 * np.log(2 * np.pi)),
    _wrong("constant-not-halved", "The constant is d log 2π; it must be halved.",
           constant=lambda d: d * np.log(2 * np.pi)),
    _wrong("no-determinant", "The term ½ log |Σ| is missing.", determinant=lambda C: 0.0),
    _wrong("determinant-not-halved", "The log-determinant enters with factor 1 instead of ½.",
           determinant=_log_det),
    _wrong("determinant-with-wrong-sign", "The log-determinant is added where it must be subtracted.",
           determinant=lambda C: -0.5 * _log_det(C)),
    _wrong("determinant-not-logged", "The determinant itself is subtracted, not half its logarithm.",
           determinant=lambda C: 0.5 * np.linalg.det(C)),
    Misconception("log-of-underflow",
                  "The density is computed first and its logarithm last: far away that is the log of 0.",
                  "numerics-log-sum-exp",
                  partial(_term_by_term, result=lambda log_density: np.log(np.exp(log_density)))),
    _wrong("determinant-underflows",
           "The determinant is taken before the logarithm and underflows to 0; use slogdet or a Cholesky "
           "factor.",
           determinant=lambda C: 0.5 * np.log(np.linalg.det(C))),
    _wrong("sign-of-the-determinant",
           "The sign of the determinant is used: slogdet returns the sign first and then the logarithm.",
           determinant=lambda C: 0.5),
    _wrong("log-diagonal-not-doubled",
           "log |Σ| is twice the sum of the logs of the Cholesky factor's diagonal; the 2 is missing.",
           determinant=lambda C: 0.25 * _log_det(C)),
    Misconception("points-counted-for-features",
                  "The constant counts the points n; it must count the features d.", "soft-gaussian",
                  lambda X, mean, C: _term_by_term(
                      X, mean, C, constant=lambda d: 0.5 * len(X) * np.log(2 * np.pi))),
    _wrong("constant-of-two-dimensions", "The constant is that of two features; with d it is (d/2) log 2π.",
           constant=lambda d: np.log(2 * np.pi)),
    _wrong("half-of-the-first-term-only",
           "The -½ reaches the first term only: all three belong into its brackets.",
           determinant=lambda C: -_log_det(C), distance=lambda Z, C: -_mahalanobis(Z, C)),
    _wrong("not-halved", "All three terms are there, but the factor ½ is missing.",
           result=lambda log_density: 2 * log_density),
    _wrong("sign-turned", "The minus in front of the ½ is missing.", result=lambda log_density: -log_density),
    _wrong("not-multiplied-by-the-difference",
           "Σ⁻¹z is summed as it is; the distance is z·Σ⁻¹z, so multiply by z first.",
           distance=lambda Z, C: 0.5 * np.linalg.solve(C, Z.T).sum(axis=0)),
    _wrong("entries-inverted",
           "1 / covariance inverts each entry; the inverse of the matrix is asked for.",
           distance=lambda Z, C: 0.5 * np.einsum("ij,jk,ik->i", Z, 1 / C, Z)),
    _wrong("all-pairs-of-points",
           "Z Σ⁻¹ Zᵀ is a table over all pairs of points; only its diagonal is asked for.",
           distance=lambda Z, C: 0.5 * Z @ np.linalg.inv(C) @ Z.T),
    Misconception("mean-of-the-points",
                  "The mean of the points takes the place of the mean that was passed.", "soft-gaussian",
                  lambda X, mean, C: _term_by_term(X, X.mean(axis=0), C)),
    _wrong("first-point-only", "One number came back: is the return inside the loop over the points?",
           result=lambda log_density: log_density[0]),
    _wrong("distance-not-halved", "The squared distance enters with factor 1 instead of ½.",
           distance=_mahalanobis),
    _wrong("covariance-not-inverted",
           "The distance uses the covariance itself where its inverse belongs.",
           distance=lambda Z, C: 0.5 * np.einsum("ij,jk,ik->i", Z, C, Z)),
    _wrong("distance-not-squared", "The distance is not squared.",
           distance=lambda Z, C: 0.5 * np.sqrt(_mahalanobis(Z, C))),
    _wrong("distance-with-wrong-sign", "The squared distance is added where it must be subtracted.",
           distance=lambda Z, C: -0.5 * _mahalanobis(Z, C)),
    _wrong("covariance-ignored", "The distance is the plain Euclidean one; the covariance must stretch it.",
           distance=lambda Z, C: 0.5 * np.square(Z).sum(axis=1)),
    _wrong("correlations-ignored-in-distance",
           "The distance uses only the variances; the covariances beside the diagonal are ignored.",
           distance=lambda Z, C: 0.5 * _mahalanobis(Z, _diagonal(C))),
    Misconception("correlations-ignored",
                  "Only the variances are used; the covariances beside the diagonal are ignored.",
                  "soft-gaussian",
                  lambda X, mean, C: _term_by_term(X, mean, _diagonal(C))),
    Misconception("deviation-for-variance",
                  "The covariance is treated as if it held standard deviations and is squared once more.",
                  "soft-gaussian", lambda X, mean, C: _term_by_term(X, mean, C @ C)),
    _wrong("density-not-log", "The density is returned, not its logarithm.", result=np.exp),
    _wrong("other-base-of-logarithm", "The logarithm is to another base; the course uses the natural one.",
           result=lambda log_density: log_density / np.log(10)),
    _wrong("summed-over-points", "The log densities are summed over the points; one for each is asked for.",
           result=lambda log_density: log_density.sum()),
)

LOG_GAUSSIAN = Question(
    id="soft.log_gaussian",
    signature="log_gaussian(X, mean, covariance)",
    returns=RETURNS,
    draw=draw,
    reference=reference,
    checks=CHECKS,
    misconceptions=MISCONCEPTIONS,
)
