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
    coefficients_summed,
    distances,
    greedy,
    greedy_from_the_other_side,
    means_only,
    nearest_pair_first,
    nearest_twice,
    roots_summed,
    shapes_only,
    sorted_by_first_feature,
    sorted_by_last_feature,
    squares_summed,
    step_by_step,
    worst_pair_minimised,
    wrong,
)

PERMUTATION = Part("permutation", "(K,)", exact, index_of="components")
FITS = tuple(f"random fits {number}" for number in range(1, 16))
SEE = "labels-matching"
Gaussians = tuple[FloatArray, FloatArray, FloatArray, FloatArray]


def reference(
    means: FloatArray, covariances: FloatArray, other_means: FloatArray, other_covariances: FloatArray
) -> Array:
    """Return the permutation, (K,): component k of the first fit is component permutation[k] of the other."""
    return cheapest(distances(means, covariances, other_means, other_covariances))


# --------------------------------------------------------------------------- inputs


def draw(rng: np.random.Generator) -> tuple[Case, ...]:
    """Draw fits that means, nearest components, sums of powers or the inverse permutation get wrong."""
    sizes = (4, 3, 4, 5, 4, 4, 4, 4, 4, 4, 4, 4, 4, 5)
    fits = [_fits(rng, K, trap) for K, trap in zip(sizes, _traps(), strict=True)]
    fits.append(fits[-1][2:] + fits[-1][:2])  # the other way round: now the first fit must not be wider
    m, C, o, D = fits[0]
    units = np.array([4.0, 1024.0])  # powers of 2: no digit changes
    squares = np.outer(units, units)
    shuffled = rng.permutation(4)
    far = _fits(rng, 4, partial(step_by_step, cost=shapes_only))
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


def _traps() -> tuple[Callable[..., Array], ...]:
    """Return wrong ways to match, each of which gets one pair of fits wrong."""
    return (
        *(
            partial(step_by_step, cost=means_only),
            partial(step_by_step, matching=greedy),
            partial(step_by_step, matching=nearest_twice),
        ),
        *(
            partial(step_by_step, cost=squares_summed),
            partial(step_by_step, matching=worst_pair_minimised),
            partial(step_by_step, cost=shapes_only),
        ),
        *(
            partial(step_by_step, matching=nearest_pair_first),
            partial(step_by_step, matching=greedy_from_the_other_side),
        ),
        *(
            partial(step_by_step, cost=roots_summed),
            partial(step_by_step, cost=coefficients_summed),
            partial(step_by_step, cost=_hellinger),
        ),
        *(sorted_by_first_feature, sorted_by_last_feature, _others_twice_as_wide),
    )


def _fits(rng: np.random.Generator, K: int, trap: Callable[..., Array]) -> Gaussians:
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
        cost = distances(m, C, o, D)
        orders, totals = all_matchings(cost)
        best, clear = orders[totals.argmin()], np.diff(np.sort(totals)[:2])[0] > 0.02
        without_last = orders[(totals - cost[-1, orders[:, -1]]).argmin()]
        if not clear or np.array_equal(best, np.argsort(best)) or np.array_equal(best, without_last):
            continue
        if not np.array_equal(best, trap(m, C, o, D)):
            return m, C, o, D


def _hellinger(*fits: FloatArray) -> FloatArray:
    """Return the Hellinger distances √(1 - exp(-D)), (K, K)."""
    return np.sqrt(np.maximum(-np.expm1(-distances(*fits)), 0.0))


def _others_twice_as_wide(means: FloatArray, C: FloatArray, other_means: FloatArray, D: FloatArray) -> Array:
    """Match as if the other fit's covariances were twice as large."""
    return cheapest(distances(means, C, other_means, 2.0 * D))


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
