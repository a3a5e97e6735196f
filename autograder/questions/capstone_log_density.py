"""capstone.log_density: inputs, checks and the catalogue of wrong densities."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.questions import drawing
from autograder.questions.comparing import Seen, holds, shapes, together, values
from autograder.values import Case, FloatArray, Misconception, Question
from gmmlib.mixture import Mixture

MIXTURES = ("random mixture 1", "random mixture 2", "random mixture 3")
Call = tuple[FloatArray, FloatArray, FloatArray, FloatArray]


def reference(X: FloatArray, weights: FloatArray, means: FloatArray, covariances: FloatArray) -> FloatArray:
    """log p(x_i) of each point under the mixture."""
    return Mixture(weights, means, covariances).log_density(X)


# --------------------------------------------------------------------------- inputs


def draw(rng: np.random.Generator) -> tuple[Case, ...]:
    """Small and random mixtures first; the second overlaps, so that no single term is all of the sum."""
    mixtures = [_random(rng, *size) for size in ((25, 1, 3), (30, 2, 2, 0.2), (30, 3, 4))]
    X, w, m, C = mixtures[1]
    outliers = X.copy()
    outliers[:10] = m[0] + 200.0 * (X[:10] - m[0])
    small = (rng.choice(np.arange(-2.0, 6.0, 0.5), size=(3, 1), replace=False), np.array([0.25, 0.75]),
             np.array([[0.0], [2.0]]), np.array([[[1.0]], [[4.0]]]))
    return (
        Case("small example", small),
        *(Case(name, mixture) for name, mixture in zip(MIXTURES, mixtures, strict=True)),
        Case("other order", (X, w[::-1].copy(), m[::-1].copy(), C[::-1].copy())),
        Case("one component", _random(rng, 15, 2, 1)),
        Case("outliers", (outliers, w, m, C)),
        Case("far from the origin", (X + 1e7, w, m + 1e7, C)),
    )


def _random(rng: np.random.Generator, n: int, d: int, n_components: int, separation: float = 1.5) -> Call:
    parameters = drawing.mixture(rng, n_components, d, separation)
    return (drawing.points(rng, n, parameters), *parameters)


# --------------------------------------------------------------------------- checks


def _unchanged(one: Seen, other: Seen) -> str:
    same = np.allclose(one.returned["log_density"], other.returned["log_density"], rtol=1e-5, atol=1e-5)
    return "" if same else "the order of the components changes the density"


def _not_above_best(seen: Seen) -> str:
    X, w, m, C = (seen.argument(position) for position in range(4))
    joint = Mixture(w, m, C).log_joint(X)
    found, best = seen.returned["log_density"], joint.max(axis=1)
    inside = np.all(found >= best - 1e-4) and np.all(found <= best + np.log(len(w)) + 1e-4)
    return "" if inside else "a density is below its largest term or above K times that"


CHECKS = (
    shapes("One number comes back for each point.", ("log_density",), ("small example", *MIXTURES),
           weight=0.5, see="soft-mixture"),
    values("Three points and two components, small enough to do by hand, come out right.", "log_density",
           ("small example",), weight=2, see="soft-mixture"),
    values("The log densities under random mixtures are right.", "log_density", MIXTURES, weight=3,
           see="soft-mixture"),
    values("One component alone comes out right.", "log_density", ("one component",), weight=0.5,
           see="soft-gaussian"),
    values("Outliers, whose density underflows to 0, have the right logarithm.", "log_density", ("outliers",),
           weight=2, see="numerics-log-sum-exp"),
    values("Data ten million away from the origin come out right (this needs float64 throughout).",
           "log_density", ("far from the origin",), weight=0.5, see="soft-gaussian"),
    holds("A sum of K terms lies between its largest term and K times that.", _not_above_best,
          ("log_density",), MIXTURES, weight=0.5, see="soft-mixture"),
    together("The order of the components plays no part.", _unchanged, ("log_density",),
             (MIXTURES[1], "other order"), weight=0.5, see="soft-mixture"),
)


# --------------------------------------------------------------------------- wrong densities

FromTerms = Callable[[FloatArray, FloatArray, int], FloatArray]


def _from_terms(combine: FromTerms) -> Callable[..., FloatArray]:
    """A wrong density, made from the log densities (n, K) of the components and the weights."""
    def wrong(X: FloatArray, w: FloatArray, m: FloatArray, C: FloatArray) -> FloatArray:
        return combine(Mixture(w, m, C).log_densities(X), w, X.shape[1])
    return wrong


def _log_sum_exp(a: FloatArray) -> FloatArray:
    return np.logaddexp.reduce(a, axis=1)


def _wrong(name: str, sentence: str, combine: FromTerms, see: str = "soft-mixture") -> Misconception:
    return Misconception(name, sentence, see, _from_terms(combine))


MISCONCEPTIONS = (
    _wrong("weights-forgotten", "The mixing weights are missing.", lambda D, w, d: _log_sum_exp(D)),
    _wrong("equal-weights", "All components get the weight 1/K.",
           lambda D, w, d: _log_sum_exp(D) - np.log(len(w))),
    _wrong("weights-not-logged", "The weights are added to log densities; their logarithms must be.",
           lambda D, w, d: _log_sum_exp(D + w)),
    _wrong("mean-of-logs", "The logarithms are averaged; it is the log of the sum.",
           lambda D, w, d: D @ w),
    _wrong("sum-of-logs", "The logarithms are summed; it is the log of the sum.",
           lambda D, w, d: (D + np.log(w)).sum(axis=1)),
    _wrong("shift-not-added-back",
           "The largest value that was subtracted before exp is not added again after the logarithm.",
           lambda D, w, d: _log_sum_exp(D + np.log(w)) - (D + np.log(w)).max(axis=1),
           "numerics-log-sum-exp"),
    _wrong("largest-term-only", "Only the most probable component counts; all must be summed.",
           lambda D, w, d: (D + np.log(w)).max(axis=1)),
    _wrong("density-not-log", "The density is returned, not its logarithm.",
           lambda D, w, d: np.exp(_log_sum_exp(D + np.log(w)))),
    _wrong("log-of-underflow", "The densities underflow to 0 before the logarithm: use log-sum-exp.",
           lambda D, w, d: np.log(np.exp(D) @ w), "numerics-log-sum-exp"),
    _wrong("no-normalising-constant", "The constant (2π)^(-d/2) is missing.",
           lambda D, w, d: _log_sum_exp(D + np.log(w)) + 0.5 * d * np.log(2 * np.pi),
           "soft-gaussian"),
    _wrong("summed-over-points",
           "The log densities are summed over the points; one for each is needed.",
           lambda D, w, d: _log_sum_exp(D + np.log(w)).sum()),
)

LOG_DENSITY = Question(
    id="capstone.log_density",
    signature="log_density(X, weights, means, covariances)",
    returns=("log_density",),
    draw=draw,
    reference=reference,
    checks=CHECKS,
    misconceptions=MISCONCEPTIONS,
)
