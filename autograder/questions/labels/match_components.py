"""labels.match_components: inputs and checks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

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
from autograder.questions.labels.wrong_matches import (
    all_matchings,
    cheapest,
    distances,
    exchanged_in_pairs,
    greedy,
    greedy_from_the_other_side,
    means_only,
    nearest_pair_first,
    nearest_twice,
    sorted_by_first_feature,
    sorted_by_last_feature,
    step_by_step,
    worst_pair_minimised,
    wrong,
)

PERMUTATION = Part("permutation", "(K,)", exact, index_of="components")
FITS = tuple(f"random fits {number}" for number in range(1, 22))
SEE = "labels-matching"
Gaussians = tuple[FloatArray, FloatArray, FloatArray, FloatArray]
#: A wrong matching of two fits, also from the two terms of their distances, (K, K) each.
Trap = Callable[[Gaussians, FloatArray, FloatArray], Array]


def reference(
    means: FloatArray, covariances: FloatArray, other_means: FloatArray, other_covariances: FloatArray
) -> Array:
    """Return the permutation, (K,): component k of the first fit is component permutation[k] of the other."""
    return cheapest(distances(means, covariances, other_means, other_covariances))


# --------------------------------------------------------------------------- inputs


def draw(rng: np.random.Generator) -> tuple[Case, ...]:
    """Draw fits that means alone, nearest components, other sums and the inverse permutation get wrong."""
    fits = [_fits(rng, K, trap) for K, trap in _traps()]
    fits.append(fits[-1][2:] + fits[-1][:2])  # the other way round: now the first fit must not be wider
    m, C, o, D = fits[0]
    ordered = reference(m, C, o, D)
    fits += [(m, C, o[order], D[order]) for order in (ordered, ordered[::-1])]  # in order, and in reverse
    units = np.array([4.0, 1024.0])  # powers of 2: no digit changes
    squares = np.outer(units, units)
    shuffled = rng.permutation(4)
    far = _fits(rng, 4, _by_cost(lambda places, shapes: shapes))
    return (
        *(Case(name, fit) for name, fit in zip(FITS, fits, strict=True)),
        Case("the same fit, shuffled", (m, C, m[shuffled], C[shuffled])),
        Case("other units", (m * units, C * squares, o * units, D * squares)),
        Case("one component", (m[:1], C[:1], o[:1], D[:1])),
        Case(
            "far from the origin",
            (0.01 * far[0] + 1e7, 1e-4 * far[1], 0.01 * far[2] + 1e7, 1e-4 * far[3]),
            noisy=True,
        ),
    )


def _traps() -> tuple[tuple[int, Trap], ...]:
    """Return wrong matchings, each of which gets a pair of fits of so many components wrong."""
    return (
        (4, _by_fits(partial(step_by_step, cost=means_only))),
        (3, _by_matching(greedy)),
        (4, _by_matching(nearest_twice)),
        (5, _by_cost(lambda places, shapes: np.square(places + shapes))),
        (4, _by_matching(worst_pair_minimised)),
        (4, _by_cost(lambda places, shapes: shapes)),
        (4, _by_matching(nearest_pair_first)),
        (4, _by_matching(greedy_from_the_other_side)),
        (5, _by_matching(exchanged_in_pairs)),
        (5, _by_cost(lambda places, shapes: np.sqrt(places + shapes))),
        (4, _by_cost(lambda places, shapes: -np.exp(-places - shapes))),
        (4, _by_cost(lambda places, shapes: np.sqrt(-np.expm1(-places - shapes)))),  # Hellinger's
        (5, _by_cost(lambda places, shapes: 2 * places + shapes)),
        (5, _by_cost(lambda places, shapes: places + 2 * shapes)),
        (5, _by_cost(lambda places, shapes: np.round(places + shapes, 1))),
        (4, _by_fits(sorted_by_first_feature)),
        (4, _by_fits(sorted_by_last_feature)),
        (5, _by_fits(_others_twice_as_wide)),
    )


def terms(fits: Gaussians) -> tuple[FloatArray, FloatArray]:
    """Return the two terms of all Bhattacharyya distances, (K, K) each: of the places, and of the shapes."""
    m, C, o, D = fits
    middles, z = (C[:, None] + D) / 2, m[:, None] - o
    places = (z * np.linalg.solve(middles, z[..., None])[..., 0]).sum(axis=2) / 8
    of_both = np.linalg.slogdet(C)[1][:, None] + np.linalg.slogdet(D)[1]
    return places, np.linalg.slogdet(middles)[1] / 2 - of_both / 4


def _by_matching(matching: Callable[[FloatArray], Array]) -> Trap:
    return lambda fits, places, shapes: matching(places + shapes)


def _by_cost(cost: Callable[[FloatArray, FloatArray], FloatArray]) -> Trap:
    return lambda fits, places, shapes: cheapest(cost(places, shapes))


def _by_fits(match: Callable[..., Array]) -> Trap:
    return lambda fits, places, shapes: match(*fits)


def _fits(rng: np.random.Generator, K: int, trap: Trap) -> Gaussians:
    """Draw two fits that `trap` matches wrongly.

    The best matching is clear and not its own inverse, and the last component has a say in it.
    """
    while True:
        order = rng.permutation(K)
        if np.array_equal(order, np.argsort(order)):
            continue
        _, m, C = drawing.mixture(rng, K, 2, separation=0.7)
        _, _, fresh = drawing.mixture(rng, K, 2)
        o, D = (m + rng.normal(scale=1.0, size=m.shape))[order], (0.5 * C + 0.5 * fresh)[order]
        places, of_shapes = terms((m, C, o, D))
        cost = places + of_shapes
        orders, totals = all_matchings(cost)
        best, clear = orders[totals.argmin()], np.diff(np.sort(totals)[:2])[0] > 0.02
        without_last = orders[(totals - cost[-1, orders[:, -1]]).argmin()]
        if not clear or np.array_equal(best, np.argsort(best)) or np.array_equal(best, without_last):
            continue
        if not np.array_equal(best, trap((m, C, o, D), places, of_shapes)):
            return m, C, o, D


def _others_twice_as_wide(means: FloatArray, C: FloatArray, other_means: FloatArray, D: FloatArray) -> Array:
    """Match as if the other fit's covariances were twice as large."""
    return cheapest(np.add(*terms((means, C, other_means, 2.0 * D))))


# --------------------------------------------------------------------------- checks


def _is_permutation(seen: Seen) -> str:
    permutation = seen.returned[PERMUTATION]
    complete = np.array_equal(np.sort(permutation), np.arange(len(permutation)))
    return "" if complete else "not every component occurs just once"


def _unchanged(fits: Seen, in_other_units: Seen) -> str:
    same = np.array_equal(fits.returned[PERMUTATION], in_other_units.returned[PERMUTATION])
    return "" if same else "measuring a feature in other units changes the matching"


CHECKS = (
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
        _unchanged,
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
    draw=draw,
    reference=reference,
    checks=CHECKS,
    misconceptions=tuple(wrong),
    uses=("labels.bhattacharyya",),
)
