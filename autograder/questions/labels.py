"""The assignment `labels`: bhattacharyya and match_components."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import permutations

import numpy as np

from autograder.questions import drawing
from autograder.questions.comparing import Seen, holds, shapes, together, values
from autograder.values import Array, Case, FloatArray, Misconception, Question
from gmmlib.labels import bhattacharyya as gmmlib_bhattacharyya
from gmmlib.mixture import Mixture

SEE = "labels-matching"
Gaussians = tuple[FloatArray, FloatArray, FloatArray, FloatArray]


def _table(means: FloatArray, covariances: FloatArray, others: FloatArray,
           other_covariances: FloatArray) -> FloatArray:
    """Distance of each component of one fit to each of the other, (K, K), by gmmlib."""
    share = np.full(len(means), 1.0 / len(means))
    return gmmlib_bhattacharyya(Mixture(share, means, covariances), Mixture(share, others, other_covariances))


# --------------------------------------------------------------------------- bhattacharyya


def bhattacharyya(
    mean: FloatArray, covariance: FloatArray, other_mean: FloatArray, other_covariance: FloatArray
) -> float:
    """Bhattacharyya distance of two Gaussians."""
    return float(_table(mean[None], covariance[None], other_mean[None], other_covariance[None])[0, 0])


PAIRS = ("random pair 1", "random pair 2", "random pair 3", "random pair 4")


def _draw_pairs(rng: np.random.Generator) -> tuple[Case, ...]:
    """Random pairs first; then equal means, equal shapes, one and fifty features, other units, an offset."""
    def pair(d: int) -> Gaussians:
        _, means, covariances = drawing.mixture(rng, 2, d)
        return means[0], covariances[0], means[1], covariances[1]

    m, C, o, D = pair(2)
    units = np.array([1.0, 1000.0])
    one, other = rng.choice(np.arange(2.0, 9.0), size=2, replace=False)     # unlike, so that shapes count
    small = (np.array([float(rng.integers(0, 5))]), np.array([[one]]),
             np.array([float(rng.integers(6, 20))]), np.array([[other]]))
    wide = pair(50)
    return (
        Case("small example", small),
        *(Case(name, pair(d)) for name, d in zip(PAIRS, (2, 2, 3, 4), strict=True)),
        Case("a pair", (m, C, o, D)),
        Case("the pair swapped", (o, D, m, C)),
        Case("the pair in other units",
             (m * units, C * np.outer(units, units), o * units, D * np.outer(units, units))),
        Case("equal means", (m, C, m.copy(), D)),
        Case("equal shapes", (m, C, o, C.copy())),
        Case("fifty features", (1e-5 * wide[0], 1e-10 * wide[1], 1e-5 * wide[2], 1e-10 * wide[3])),
        Case("far from the origin", (m + 1e7, C, o + 1e7, D)),
    )


def _not_negative(seen: Seen) -> str:
    return "" if seen.returned["distance"] >= -1e-9 else "the distance is negative"


def _unchanged(pair: Seen, swapped: Seen, units: Seen) -> str:
    first, second, third = (float(one.returned["distance"]) for one in (pair, swapped, units))
    if not np.isclose(first, second, rtol=1e-5):
        return "swapping the two changes the distance"
    return "" if np.isclose(first, third, rtol=1e-4) else "other units change the distance"


DISTANCE_CHECKS = (
    shapes("One number comes back.", ("distance",), ("small example", *PAIRS), weight=0.5, see=SEE),
    values("Two Gaussians on a line, small enough to do by hand, come out right.", "distance",
           ("small example",), weight=2, see=SEE),
    values("The distances of random Gaussians are right.", "distance", PAIRS, weight=3, see=SEE),
    values("Gaussians with the same mean, or the same shape, come out right.", "distance",
           ("equal means", "equal shapes"), weight=1, see=SEE),
    values("Fifty features in small units come out right, although the determinants underflow.", "distance",
           ("fifty features",), weight=1, see=SEE),
    values("An offset of ten million does no harm (this needs float64 throughout).", "distance",
           ("far from the origin",), weight=0.5, see=SEE),
    holds("The distance is never negative.", _not_negative, ("distance",), PAIRS, weight=0.5, see=SEE),
    together("Swapping the two, or measuring in other units, changes nothing.", _unchanged, ("distance",),
             ("a pair", "the pair swapped", "the pair in other units"), weight=0.5, see=SEE),
)


def _logdet(C: FloatArray) -> float:
    return float(np.linalg.slogdet(C)[1])


def _term_by_term(
    mean: FloatArray,
    covariance: FloatArray,
    other_mean: FloatArray,
    other_covariance: FloatArray,
    *,
    middle: Callable[[FloatArray, FloatArray], FloatArray] = lambda C, D: (C + D) / 2,
    factor: float = 1 / 8,
    shape: Callable[[FloatArray, FloatArray, FloatArray], float] = (
        lambda M, C, D: 0.5 * (_logdet(M) - 0.5 * (_logdet(C) + _logdet(D)))
    ),
) -> float:
    z = mean - other_mean
    M = middle(covariance, other_covariance)
    return float(factor * z @ np.linalg.solve(M, z)) + shape(M, covariance, other_covariance)


def _wrong_distance(name: str, sentence: str, **term: object) -> Misconception:
    return Misconception(name, sentence, SEE, partial(_term_by_term, **term))  # type: ignore[arg-type]


def _plain(mean: FloatArray, C: FloatArray, other: FloatArray, D: FloatArray) -> float:
    return float(np.linalg.norm(mean - other))


def _determinants(M: FloatArray, C: FloatArray, D: FloatArray) -> float:
    ratio = np.linalg.det(M) / np.sqrt(np.linalg.det(C) * np.linalg.det(D))
    return float(0.5 * np.log(ratio))


WRONG_DISTANCES = (
    Misconception("means-only", "This is the distance of the means; shapes count too, and units must not.",
                  SEE,
                  _plain),
    _wrong_distance("no-shape-term", "The term with the determinants is missing.", shape=lambda M, C, D: 0.0),
    _wrong_distance("sum-of-covariances", "The covariances are added; it is their mean that is needed.",
                    middle=lambda C, D: C + D),
    _wrong_distance("first-covariance-only", "Only the first covariance is used; the mean of both is needed.",
                    middle=lambda C, D: C),
    _wrong_distance("half-for-an-eighth", "The distance of the means enters with 1/2; it must be 1/8.",
                    factor=1 / 2),
    _wrong_distance("quarter-for-an-eighth", "The distance of the means enters with 1/4; it must be 1/8.",
                    factor=1 / 4),
    _wrong_distance("shape-term-not-halved",
                    "The logarithm of the determinants enters with 1; it must be 1/2.",
                    shape=lambda M, C, D: _logdet(M) - 0.5 * (_logdet(C) + _logdet(D))),
    _wrong_distance("shape-term-with-wrong-sign", "The term with the determinants is subtracted.",
                    shape=lambda M, C, D: -0.5 * (_logdet(M) - 0.5 * (_logdet(C) + _logdet(D)))),
    _wrong_distance("second-covariance-halved-only", "S + T/2 is not (S + T)/2: brackets are missing.",
                    middle=lambda C, D: C + D / 2),
    Misconception("coefficient-returned", "The coefficient exp(-D) is returned instead of the distance D.",
                  SEE, lambda *pair: float(np.exp(-bhattacharyya(*pair)))),
    _wrong_distance("root-forgotten", "The product of the determinants needs a square root.",
                    shape=lambda M, C, D: 0.5 * (_logdet(M) - _logdet(C) - _logdet(D))),
    _wrong_distance("determinants-underflow",
                    "The determinants are taken before the logarithm and underflow to 0; use slogdet.",
                    shape=_determinants),
)

BHATTACHARYYA = Question(
    id="labels.bhattacharyya",
    signature="bhattacharyya(mean, covariance, other_mean, other_covariance)",
    returns=("distance",),
    draw=_draw_pairs,
    reference=bhattacharyya,
    checks=DISTANCE_CHECKS,
    misconceptions=WRONG_DISTANCES,
)

# --------------------------------------------------------------------------- match_components

FITS = tuple(f"random fits {number}" for number in range(1, 6))


def _totals(cost: FloatArray) -> tuple[Array, FloatArray]:
    """All permutations, (K!, K), and the summed cost of each; K <= 5."""
    orders = np.array(list(permutations(range(len(cost)))))
    return orders, cost[np.arange(len(cost)), orders].sum(axis=1)


def _cheapest(cost: FloatArray) -> Array:
    orders, totals = _totals(cost)
    return np.asarray(orders[totals.argmin()])


def match_components(
    means: FloatArray, covariances: FloatArray, other_means: FloatArray, other_covariances: FloatArray
) -> Array:
    """Component k of one fit is component permutation[k] of the other."""
    return _cheapest(_table(means, covariances, other_means, other_covariances))


def _draw_fits(rng: np.random.Generator) -> tuple[Case, ...]:
    """Fits that the greedy way, the means alone and the inverse permutation get wrong."""
    traps = (_by_means, _greedy, _nearest_each, _greedy, _by_means)
    fits = [_fits(rng, K, trap) for K, trap in zip((4, 3, 4, 5, 4), traps, strict=True)]
    m, C, o, D = fits[0]
    units = np.array([1.0, 1000.0])
    scaled = np.outer(units, units)
    shuffled = rng.permutation(4)
    return (
        *(Case(name, fit) for name, fit in zip(FITS, fits, strict=True)),
        Case("the same fit, shuffled", (m, C, m[shuffled], C[shuffled])),
        Case("other units", (m * units, C * scaled, o * units, D * scaled)),
        Case("one component", (m[:1], C[:1], o[:1], D[:1])),
        Case("far from the origin", (m + 1e7, C, o + 1e7, D)),
    )


def _fits(rng: np.random.Generator, K: int, trap: Callable[..., Array]) -> Gaussians:
    """Two fits that `trap` matches wrongly; the best matching is clearly the best and not its own inverse."""
    while True:
        order = rng.permutation(K)
        if np.array_equal(order, np.argsort(order)):
            continue
        _, m, C = drawing.mixture(rng, K, 2, separation=1.2)
        _, _, fresh = drawing.mixture(rng, K, 2)
        o, D = (m + rng.normal(scale=1.0, size=m.shape))[order], (0.5 * C + 0.5 * fresh)[order]
        orders, totals = _totals(_table(m, C, o, D))
        best, clear = orders[totals.argmin()], np.diff(np.sort(totals)[:2])[0] > 0.02
        others = (np.argsort(best), trap(m, C, o, D))
        if clear and all(not np.array_equal(best, other) for other in others):
            return m, C, o, D


def _by_means(m: FloatArray, C: FloatArray, o: FloatArray, D: FloatArray) -> Array:
    return _cheapest(np.square(m[:, None] - o[None]).sum(axis=2))


def _greedy(m: FloatArray, C: FloatArray, o: FloatArray, D: FloatArray) -> Array:
    cost = _table(m, C, o, D)
    found: list[int] = []
    for row in cost:
        free = [j for j in range(len(cost)) if j not in found]
        found.append(min(free, key=lambda j: row[j]))
    return np.array(found)


def _inverse(m: FloatArray, C: FloatArray, o: FloatArray, D: FloatArray) -> Array:
    return np.argsort(match_components(m, C, o, D))


def _nearest_each(m: FloatArray, C: FloatArray, o: FloatArray, D: FloatArray) -> Array:
    return _table(m, C, o, D).argmin(axis=1)


def _is_permutation(seen: Seen) -> str:
    found = seen.returned["permutation"]
    return "" if np.array_equal(np.sort(found),
                                np.arange(len(found))) else "not every component occurs just once"


def _same(one: Seen, other: Seen) -> str:
    same = np.array_equal(one.returned["permutation"], other.returned["permutation"])
    return "" if same else "measuring a feature in other units changes the matching"


MATCH_CHECKS = (
    shapes("K numbers come back.", ("permutation",), FITS, weight=0.5, see=SEE),
    holds("Every component of the other fit occurs just once.", _is_permutation, ("permutation",),
          (*FITS, "one component"), weight=0.5, see=SEE),
    values("The components of two random fits are matched at the smallest summed distance.", "permutation",
           FITS, weight=4, see=SEE),
    values("A fit is matched with a shuffled copy of itself.", "permutation", ("the same fit, shuffled",),
           weight=1.5, see=SEE, numeric=False),
    values("An offset of ten million does no harm (this needs float64 throughout).", "permutation",
           ("far from the origin",), weight=0.5, see=SEE, numeric=False),
    together("Measuring a feature in other units does not change who is who.", _same, ("permutation",),
             (FITS[0], "other units"), weight=0.5, see=SEE),
)


def _wrong_match(name: str, sentence: str, implementation: Callable[..., Array]) -> Misconception:
    return Misconception(name, sentence, SEE, implementation)


WRONG_MATCHES = (
    _wrong_match("means-only", "Only the means are compared; shapes count too, and units must not.",
                 _by_means),
    _wrong_match("greedy", "Each component takes the nearest that is left; the *sum* must be smallest.",
                 _greedy),
    _wrong_match("nearest-twice", "Each component takes the nearest one, so that some are taken twice.",
                 _nearest_each),
    _wrong_match("inverse-permutation",
                 "The answer is the other way round: entry k must say which of the others component k is.",
                 _inverse),
    _wrong_match("sorted-by-first-feature",
                 "Both fits are sorted by their first feature; close or crossing components get mixed up.",
                 lambda m, C, o, D: np.argsort(o[:, 0])[np.argsort(np.argsort(m[:, 0]))]),
    _wrong_match("order-kept", "The components are taken in the order in which they come.",
                 lambda m, C, o, D: np.arange(len(m))),
    _wrong_match("largest-distance", "The summed distance is made as large as possible.",
                 lambda m, C, o, D: _cheapest(-_table(m, C, o, D))),
)

MATCH_COMPONENTS = Question(
    id="labels.match_components",
    signature="match_components(means, covariances, other_means, other_covariances)",
    returns=("permutation",),
    draw=_draw_fits,
    reference=match_components,
    checks=MATCH_CHECKS,
    misconceptions=WRONG_MATCHES,
    uses=("labels.bhattacharyya",),
)

QUESTIONS = (BHATTACHARYYA, MATCH_COMPONENTS)
