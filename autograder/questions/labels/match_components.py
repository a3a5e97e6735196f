"""The assignment `labels`: bhattacharyya and match_components."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import numpy as np

from autograder.questions import (
    Array,
    Case,
    FloatArray,
    Part,
    Question,
    Seen,
    drawing,
    exact,
    holds,
    shapes,
    together,
    values,
)
from autograder.questions.labels.wrong_matches import wrong
from gmmlib.labels import bhattacharyya as gmmlib_bhattacharyya
from gmmlib.mixture import Mixture

PERMUTATION = Part("permutation", "(K,)", exact, index_of="components")
SEE = "labels-matching"
Gaussians = tuple[FloatArray, FloatArray, FloatArray, FloatArray]


def _table(
    means: FloatArray, covariances: FloatArray, others: FloatArray, other_covariances: FloatArray
) -> FloatArray:
    """Distance of each component of one fit to each of the other, (K, K), by gmmlib."""
    share = np.full(len(means), 1.0 / len(means))
    return gmmlib_bhattacharyya(Mixture(share, means, covariances), Mixture(share, others, other_covariances))


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
        Case("far from the origin", (m + 1e7, C, o + 1e7, D), noisy=True),
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


def _nearest_each(m: FloatArray, C: FloatArray, o: FloatArray, D: FloatArray) -> Array:
    return _table(m, C, o, D).argmin(axis=1)


def _is_permutation(seen: Seen) -> str:
    found = seen.returned[PERMUTATION]
    return (
        ""
        if np.array_equal(np.sort(found), np.arange(len(found)))
        else "not every component occurs just once"
    )


def _same(one: Seen, other: Seen) -> str:
    same = np.array_equal(one.returned[PERMUTATION], other.returned[PERMUTATION])
    return "" if same else "measuring a feature in other units changes the matching"


MATCH_CHECKS = (
    shapes("K numbers come back.", FITS, weight=0.5, see=SEE),
    holds(
        "Every component of the other fit occurs just once.",
        _is_permutation,
        (PERMUTATION,),
        (*FITS, "one component"),
        weight=0.5,
        see=SEE,
    ),
    values(
        "The components of two random fits are matched at the smallest summed distance.",
        PERMUTATION,
        FITS,
        weight=4,
        see=SEE,
    ),
    values(
        "A fit is matched with a shuffled copy of itself.",
        PERMUTATION,
        ("the same fit, shuffled",),
        weight=1.5,
        see=SEE,
        numeric=False,
    ),
    values(
        "An offset of ten million does no harm (this needs float64 throughout).",
        PERMUTATION,
        ("far from the origin",),
        weight=0.5,
        see=SEE,
        numeric=False,
    ),
    together(
        "Measuring a feature in other units does not change who is who.",
        _same,
        (PERMUTATION,),
        (FITS[0], "other units"),
        weight=0.5,
        see=SEE,
    ),
)


QUESTION = Question(
    id="labels.match_components",
    signature="match_components(means, covariances, other_means, other_covariances)",
    returns=(PERMUTATION,),
    draw=_draw_fits,
    reference=match_components,
    checks=MATCH_CHECKS,
    misconceptions=tuple(wrong),
    uses=("labels.bhattacharyya",),
)
