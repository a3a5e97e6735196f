"""The assignment `capstone`: log_density, standard_order and percentile_interval."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.questions import drawing
from autograder.questions.comparing import Seen, holds, shapes, together, values
from autograder.values import Array, Case, FloatArray, Misconception, Question
from gmmlib.mixture import Mixture

Call = tuple[FloatArray, FloatArray, FloatArray, FloatArray]
Parameters = tuple[FloatArray, FloatArray, FloatArray]


def _random(
    rng: np.random.Generator, n: int, d: int, n_components: int, separation: float = 1.5
) -> Call:
    parameters = drawing.mixture(rng, n_components, d, separation)
    return (drawing.points(rng, n, parameters), *parameters)


# --------------------------------------------------------------------------- log_density

MIXTURES = ("random mixture 1", "random mixture 2", "random mixture 3")


def log_density(X: FloatArray, weights: FloatArray, means: FloatArray, covariances: FloatArray) -> FloatArray:
    """log p(x_i) of each point under the mixture."""
    return Mixture(weights, means, covariances).log_density(X)


def _draw_densities(rng: np.random.Generator) -> tuple[Case, ...]:
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


def _unchanged(one: Seen, other: Seen) -> str:
    same = np.allclose(one.returned["log_density"], other.returned["log_density"], rtol=1e-5, atol=1e-5)
    return "" if same else "the order of the components changes the density"


def _not_above_best(seen: Seen) -> str:
    X, w, m, C = (seen.argument(position) for position in range(4))
    joint = Mixture(w, m, C).log_joint(X)
    found, best = seen.returned["log_density"], joint.max(axis=1)
    inside = np.all(found >= best - 1e-4) and np.all(found <= best + np.log(len(w)) + 1e-4)
    return "" if inside else "a density is below its largest term or above K times that"


DENSITY_CHECKS = (
    shapes("One number comes back for each point.", ("log_density",), ("small example", *MIXTURES),
           weight=0.5,
           see="soft-mixture"),
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
          ("log_density",),
          MIXTURES, weight=0.5, see="soft-mixture"),
    together("The order of the components plays no part.", _unchanged, ("log_density",),
             (MIXTURES[1], "other order"), weight=0.5, see="soft-mixture"),
)

FromTerms = Callable[[FloatArray, FloatArray, int], FloatArray]


def _from_terms(combine: FromTerms) -> Callable[..., FloatArray]:
    """A wrong density, made from the log densities (n, K) of the components and the weights."""
    def wrong(X: FloatArray, w: FloatArray, m: FloatArray, C: FloatArray) -> FloatArray:
        return combine(Mixture(w, m, C).log_densities(X), w, X.shape[1])
    return wrong


def _log_sum_exp(a: FloatArray) -> FloatArray:
    return np.logaddexp.reduce(a, axis=1)


def _wrong_density(name: str, sentence: str, combine: FromTerms, see: str = "soft-mixture") -> Misconception:
    return Misconception(name, sentence, see, _from_terms(combine))


WRONG_DENSITIES = (
    _wrong_density("weights-forgotten", "The mixing weights are missing.", lambda D, w, d: _log_sum_exp(D)),
    _wrong_density("equal-weights", "All components get the weight 1/K.",
                   lambda D, w, d: _log_sum_exp(D) - np.log(len(w))),
    _wrong_density("weights-not-logged", "The weights are added to log densities; their logarithms must be.",
                   lambda D, w, d: _log_sum_exp(D + w)),
    _wrong_density("mean-of-logs", "The logarithms are averaged; it is the log of the sum.",
                   lambda D, w, d: D @ w),
    _wrong_density("sum-of-logs", "The logarithms are summed; it is the log of the sum.",
                   lambda D, w, d: (D + np.log(w)).sum(axis=1)),
    _wrong_density("shift-not-added-back",
                   "The largest value that was subtracted before exp is not added again after the logarithm.",
                   lambda D, w, d: _log_sum_exp(D + np.log(w)) - (D + np.log(w)).max(axis=1),
                   "numerics-log-sum-exp"),
    _wrong_density("largest-term-only", "Only the most probable component counts; all must be summed.",
                   lambda D, w, d: (D + np.log(w)).max(axis=1)),
    _wrong_density("density-not-log", "The density is returned, not its logarithm.",
                   lambda D, w, d: np.exp(_log_sum_exp(D + np.log(w)))),
    _wrong_density("log-of-underflow", "The densities underflow to 0 before the logarithm: use log-sum-exp.",
                   lambda D, w, d: np.log(np.exp(D) @ w), "numerics-log-sum-exp"),
    _wrong_density("no-normalising-constant", "The constant (2π)^(-d/2) is missing.",
                   lambda D, w, d: _log_sum_exp(D + np.log(w)) + 0.5 * d * np.log(2 * np.pi),
                   "soft-gaussian"),
    _wrong_density("summed-over-points",
                   "The log densities are summed over the points; one for each is needed.",
                   lambda D, w, d: _log_sum_exp(D + np.log(w)).sum()),
)

LOG_DENSITY = Question(
    id="capstone.log_density",
    signature="log_density(X, weights, means, covariances)",
    returns=("log_density",),
    draw=_draw_densities,
    reference=log_density,
    checks=DENSITY_CHECKS,
    misconceptions=WRONG_DENSITIES,
)

# --------------------------------------------------------------------------- standard_order

FITS = ("random fit 1", "random fit 2", "random fit 3", "random fit 4")
ORDERED = ("weights", "means", "covariances")


def standard_order(weights: FloatArray, means: FloatArray, covariances: FloatArray) -> Parameters:
    """The same mixture, components in order of the first coordinate of their means."""
    order = np.argsort(means[:, 0])
    return weights[order], means[order], covariances[order]


def _draw_fits(rng: np.random.Generator) -> tuple[Case, ...]:
    def fit(K: int, d: int) -> Parameters:
        while True:
            w, m, C = drawing.mixture(rng, K, d)
            order = np.argsort(m[:, 0])
            cyclic = np.array_equal(order[order],
                                    np.arange(K))         # its own inverse: then nothing is seen
            if K < 3 or not (cyclic or np.array_equal(order, np.argsort(w))):
                return w, m, C

    w, m, C = fit(4, 2)
    # neither sorted already, nor by weight, nor its own inverse: then each mistake shows
    small = (np.array([0.5, 0.2, 0.3]), np.array([[4.0], [9.0], [1.0]]) + float(rng.integers(0, 9)),
             rng.permutation([[[1.0]], [[2.0]], [[3.0]]]))
    return (
        Case("small example", small),
        *(Case(name, fit(K, d)) for name, (K, d) in zip(FITS, ((4, 1), (5, 2), (4, 3), (6, 2)), strict=True)),
        Case("a fit", (w, m, C)),
        Case("the same fit, mirrored", (w[::-1].copy(), m[::-1].copy(), C[::-1].copy())),
        Case("negative means", (w, m - 20.0, C)),
        Case("one component", fit(1, 2)),
    )


def _sorted(seen: Seen) -> str:
    return "" if np.all(np.diff(seen.returned["means"][:,
                                                       0]) >= 0) else "the means are not in ascending order"


def _same_fit(one: Seen, other: Seen) -> str:
    same = all(np.allclose(one.returned[name], other.returned[name], rtol=1e-5) for name in ORDERED)
    return "" if same else "two orders of the same mixture come back differently"


ORDER_CHECKS = (
    shapes("Weights, means and covariances come back with their shapes.", ORDERED, ("small example", *FITS),
           weight=0.5, see="labels-sorting"),
    values("Three components on a line, easy to sort by hand, come out right.", ORDERED, ("small example",),
           weight=2, see="labels-sorting"),
    values("The weights of random fits follow their means.", "weights", FITS, weight=2, see="labels-sorting"),
    values("Means and covariances of random fits are in the right order.", ("means", "covariances"), FITS,
           weight=2, see="labels-sorting"),
    values("Negative means are sorted right.", ORDERED, ("negative means",), weight=0.5,
           see="labels-sorting"),
    holds("The means ascend, also with one component.", _sorted, ("means",), (*FITS, "one component"),
          weight=0.5, see="labels-sorting"),
    together("A mixture and its mirror image come back the same.", _same_fit, ORDERED,
             ("a fit", "the same fit, mirrored"), weight=0.5, see="labels-symmetry"),
)


def _by(key: Callable[[FloatArray, FloatArray], Array]) -> Callable[..., Parameters]:
    def wrong(w: FloatArray, m: FloatArray, C: FloatArray) -> Parameters:
        order = np.asarray(key(w, m), dtype=int)
        return w[order], m[order], C[order]
    return wrong


def _wrong_order(name: str, sentence: str, implementation: Callable[..., Parameters]) -> Misconception:
    return Misconception(name, sentence, "labels-sorting", implementation)


WRONG_ORDERS = (
    _wrong_order("means-only", "Only the means are sorted; weights and covariances must follow them.",
                 lambda w, m, C: (w, m[np.argsort(m[:, 0])], C)),
    _wrong_order("each-sorted-by-itself", "Weights and means are sorted independently: they no longer belong "
                 "together.", lambda w, m, C: (np.sort(w), m[np.argsort(m[:, 0])], C[np.argsort(m[:, 0])])),
    _wrong_order("covariances-left-behind",
                 "Weights and means are sorted, but the covariances stay as they were.",
                 lambda w, m, C: (w[np.argsort(m[:, 0])], m[np.argsort(m[:, 0])], C)),
    _wrong_order("weights-left-behind",
                 "Means and covariances are sorted, but the weights stay as they were.",
                 lambda w, m, C: (w, m[np.argsort(m[:, 0])], C[np.argsort(m[:, 0])])),
    _wrong_order("sorted-by-weight", "The components are sorted by weight; it must be by the first mean.",
                 _by(lambda w, m: np.argsort(w))),
    _wrong_order("descending", "The order is descending; it must be ascending.",
                 _by(lambda w, m: np.argsort(-m[:, 0]))),
    _wrong_order("inverse-permutation", "The ranks are used as an order: take argsort once, not twice.",
                 _by(lambda w, m: np.argsort(np.argsort(m[:, 0])))),
    _wrong_order("unsorted", "The components come back as they were.", _by(lambda w, m: np.arange(len(w)))),
    _wrong_order("sorted-by-size", "The means are compared without their signs.",
                 _by(lambda w, m: np.argsort(np.abs(m[:, 0])))),
)

STANDARD_ORDER = Question(
    id="capstone.standard_order",
    signature="standard_order(weights, means, covariances)",
    returns=ORDERED,
    draw=_draw_fits,
    reference=standard_order,
    checks=ORDER_CHECKS,
    misconceptions=WRONG_ORDERS,
)

# --------------------------------------------------------------------------- percentile_interval

SAMPLES = tuple(f"random replicates {number}" for number in range(1, 6))
ENDS = ("lower", "upper")
_TENS = np.arange(0.0, 101.0, 10.0)


def percentile_interval(replicates: FloatArray, level: float) -> tuple[float, float]:
    """The interval that leaves (1 - level) / 2 of the replicates on each side, interpolated linearly."""
    lower, upper = np.quantile(replicates, [(1 - level) / 2, (1 + level) / 2])
    return float(lower), float(upper)


def _draw_replicates(rng: np.random.Generator) -> tuple[Case, ...]:
    def skewed(n: int) -> FloatArray:
        return np.asarray(rng.gamma(2.0, 1.5, size=n) + rng.normal())

    R = skewed(60)
    # the larger half comes first: the positions are not those of the sorted values
    small = np.append(rng.permutation(_TENS[5:]), rng.permutation(_TENS[:5])) + float(rng.integers(0, 500))
    return (
        Case("small example", (small, float(rng.choice([0.6, 0.8])))),
        *(Case(name,
               (skewed(int(rng.integers(50, 120))), float(rng.uniform(0.5, 0.98)))) for name in SAMPLES),
        Case("a sample", (R, 0.8)),
        Case("the sample shifted", (R + 10.0, 0.8)),
        Case("a wider level", (R, 0.95)),
        Case("level one half", (R[:41], 0.5)),
        Case("far from zero", (R + 1e7, 0.9)),
    )


def _shift_and_widen(sample: Seen, shifted: Seen, wider: Seen) -> str:
    low, high = (float(sample.returned[name]) for name in ENDS)
    if not np.allclose([low + 10, high + 10], [float(shifted.returned[name]) for name in ENDS], atol=1e-4):
        return "the interval does not move with the replicates"
    inside = float(wider.returned["lower"]) <= low and float(wider.returned["upper"]) >= high
    return "" if inside else "a higher level does not widen the interval"


def _ordered(seen: Seen) -> str:
    ordered = seen.returned["lower"] <= seen.returned["upper"]
    return "" if ordered else "the lower end lies above the upper one"


INTERVAL_SEE = "capstone"
INTERVAL_CHECKS = (
    shapes("Two numbers come back.", ENDS, ("small example", *SAMPLES), weight=0.5, see=INTERVAL_SEE),
    values("Eleven replicates ten apart, easy to do by hand, come out right.", ENDS, ("small example",),
           weight=2, see=INTERVAL_SEE),
    values("The lower ends are right.", "lower", SAMPLES, weight=1.5, see=INTERVAL_SEE),
    values("The upper ends are right.", "upper", SAMPLES, weight=1.5, see=INTERVAL_SEE),
    values("A level of one half gives the quartiles.", ENDS, ("level one half",), weight=1, see=INTERVAL_SEE),
    values("Replicates ten million away from zero come out right (this needs float64).", ENDS,
           ("far from zero",), weight=0.5, see=INTERVAL_SEE),
    holds("The lower end is not above the upper one.", _ordered, ENDS, SAMPLES, weight=0.5, see=INTERVAL_SEE),
    together("The interval moves with the replicates and widens with the level.", _shift_and_widen, ENDS,
             ("a sample", "the sample shifted", "a wider level"), weight=0.5, see=INTERVAL_SEE),
)


def _wrong_interval(name: str, sentence: str, implementation: Callable[..., object]) -> Misconception:
    return Misconception(name, sentence, INTERVAL_SEE, implementation)


def _normal(replicates: FloatArray, level: float) -> tuple[float, float]:
    """mean ± 1.96 standard deviations, whatever the level."""
    middle, width = float(replicates.mean()), 1.96 * float(replicates.std())
    return middle - width, middle + width


WRONG_INTERVALS = (
    _wrong_interval("whole-error-on-each-side",
                    "1 - level is cut off on each side; together it must be 1 - level, so half on each.",
                    lambda R, level: tuple(np.quantile(R, [1 - level, level]))),
    _wrong_interval("per-cent-for-shares",
                    "np.percentile counts from 0 to 100; np.quantile takes shares from 0 to 1.",
                    lambda R, level: tuple(np.percentile(R, [(1 - level) / 2, (1 + level) / 2]))),
    _wrong_interval("upper-end-at-level", "The upper end is the quantile level; it must be (1 + level) / 2.",
                    lambda R, level: tuple(np.quantile(R, [(1 - level) / 2, level]))),
    _wrong_interval("always-ninety-five", "These are the quantiles for a level of 0.95, whatever was passed.",
                    lambda R, level: tuple(np.quantile(R, [0.025, 0.975]))),
    _wrong_interval("always-ninety", "These are the quantiles for a level of 0.9, whatever was passed.",
                    lambda R, level: tuple(np.quantile(R, [0.05, 0.95]))),
    _wrong_interval("one-sided", "Everything is cut off on one side.",
                    lambda R, level: (R.min(), np.quantile(R, level))),
    _wrong_interval("level-as-quantiles",
                    "The quantiles level/2 and 1 - level/2 are taken: 1 - level was meant.",
                    lambda R, level: tuple(np.quantile(R, [level / 2, 1 - level / 2]))),
    _wrong_interval("two-deviations", "This is the mean ± 1.96 deviations; replicates need not be normal.",
                    _normal),
    _wrong_interval("smallest-and-largest",
                    "These are the extremes of the replicates; the level is not used.",
                    lambda R, level: (R.min(), R.max())),
    _wrong_interval("ends-swapped", "The upper end comes first; the lower one should.",
                    lambda R, level: percentile_interval(R, level)[::-1]),
    _wrong_interval("not-sorted", "The replicates are not sorted before their positions are read off.",
                    lambda R,
                    level: (R[int((1 - level) / 2 * len(R))], R[int((1 + level) / 2 * len(R)) - 1])),
)

PERCENTILE_INTERVAL = Question(
    id="capstone.percentile_interval",
    signature="percentile_interval(replicates, level)",
    returns=ENDS,
    draw=_draw_replicates,
    reference=percentile_interval,
    checks=INTERVAL_CHECKS,
    misconceptions=WRONG_INTERVALS,
)

QUESTIONS = (LOG_DENSITY, STANDARD_ORDER, PERCENTILE_INTERVAL)
