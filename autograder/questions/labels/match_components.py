"""labels.match_components: inputs and checks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
FITS = tuple(f"random fits {number}" for number in range(1, 24))
LEAD = 6e-5  # of the best matching over the second best, where two nearly agree
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
    """Draw fits that means alone, nearest components, other sums and the inverse permutation get wrong.

    In three of them two matchings nearly agree: what is rounded, or added to a covariance, decides.
    """
    fits = [_fits(rng, 4, _by_fits(partial(step_by_step, cost=means_only)), _second_feature_for_places)]
    fits += [_fits(rng, K, trap) for K, trap in _traps()]
    fits.append(fits[-1][2:] + fits[-1][:2])  # the other way round: now the first fit must not be wider
    fits += [_nearly_equal(rng, unit, traps) for unit, traps in _traps_of_nearly_equal()]
    m, C, o, D = fits[0]
    ordered = reference(m, C, o, D)
    fits += [(m, C, o[order], D[order]) for order in (ordered, ordered[::-1])]  # in order, and in reverse
    units = np.array([4.0, 2.0**14])  # powers of 2: no digit changes
    squares = np.outer(units, units)
    shuffled = rng.permutation(4)
    far = _fits(rng, 4, _by_cost(lambda places, shapes: shapes))
    return (
        *(Case(name, fit) for name, fit in zip(FITS, fits, strict=True)),
        Case("the same fit, shuffled", (m, C, m[shuffled], C[shuffled])),
        Case("other units", (m * units, C * squares, o * units, D * squares)),
        Case("one component", (m[:1], C[:1], o[:1], D[:1])),
        Case("fifty features", _fifty_features(rng)),
        Case(
            "far from the origin",
            (0.01 * far[0] + 1e7, 1e-4 * far[1], 0.01 * far[2] + 1e7, 1e-4 * far[3]),
            noisy=True,
        ),
    )


def _traps() -> tuple[tuple[int, Trap], ...]:
    """Return wrong matchings, each of which gets a pair of fits of so many components wrong."""
    return (
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
        (4, _by_fits(sorted_by_first_feature)),
        (4, _by_fits(sorted_by_last_feature)),
        (5, _by_fits(_others_twice_as_wide)),
    )


def _traps_of_nearly_equal() -> tuple[tuple[float, tuple[Trap, ...]], ...]:
    """Return the unit of two fits, and the wrong matchings that get them wrong; in the last two without its
    second digit every covariance is 0.
    """
    rounded = tuple(_by_cost(partial(_rounded_sum, digits=digits)) for digits in (2, 3, 4))
    places = tuple(partial(_means_rounded, digits=digits) for digits in (2, 3, 4))
    ridges = tuple(partial(_wider, ridge=r, shapes_too=too) for r in (1e-10, 1e-8) for too in (True, False))
    return (1.0, rounded), (2.0**-10, places), (2.0**-10, ridges)


def _rounded_sum(places: FloatArray, shapes: FloatArray, digits: int) -> FloatArray:
    return np.round(places + shapes, digits)


def _means_rounded(fits: Gaussians, places: FloatArray, shapes: FloatArray, digits: int) -> Array:
    m, C, o, D = fits
    return cheapest(np.add(*terms((np.round(m, digits), C, np.round(o, digits), D))))


def _wider(fits: Gaussians, places: FloatArray, shapes: FloatArray, ridge: float, shapes_too: bool) -> Array:
    m, C, o, D = fits
    of_places, of_shapes = terms((m, C + ridge * np.eye(2), o, D + ridge * np.eye(2)))
    return cheapest(of_places + (of_shapes if shapes_too else shapes))


def _second_feature_for_places(fits: Gaussians, places: FloatArray, shapes: FloatArray) -> Array:
    """Match as if the first feature, which is small in other units, were nothing to the places."""
    m, C, o, D = fits
    variances = (C[:, None, 1, 1] + D[:, 1, 1]) / 2
    return cheapest((m[:, None, 1] - o[:, 1]) ** 2 / variances / 8 + shapes)


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


def _fits(rng: np.random.Generator, K: int, *traps: Trap) -> Gaussians:
    """Draw two fits that each of the traps matches wrongly.

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
        if not any(np.array_equal(best, trap((m, C, o, D), places, of_shapes)) for trap in traps):
            return m, C, o, D


def _fifty_features(rng: np.random.Generator) -> Gaussians:
    """Draw two fits of three components in small units, whose determinants are 0; none keeps its place."""
    unit = 2.0**-14  # a power of 2: no digit changes
    _, m, C = drawing.mixture(rng, 3, 50, separation=0.2)
    _, _, fresh = drawing.mixture(rng, 3, 50)
    order = np.roll(np.arange(3), rng.choice([1, 2]))
    o, D = (m + rng.normal(scale=0.05, size=m.shape))[order], (0.8 * C + 0.2 * fresh)[order]
    return unit * m, unit**2 * C, unit * o, unit**2 * D


def _nearly_equal(rng: np.random.Generator, unit: float, traps: Sequence[Trap]) -> Gaussians:
    """Draw two fits whose best matching leads by very little, and which each of the traps matches wrongly.

    A component of the other fit is moved away from its partner until another matching is nearly as good.
    """
    while True:
        m, C, o, D = _fits(rng, 4)
        orders, totals = all_matchings(np.add(*terms((m, C, o, D))))
        best, second = orders[totals.argsort()[:2]]
        k = int(np.flatnonzero(best != second)[0])
        away = (np.arange(4) == best[k])[:, None] * (o[best[k]] - m[k])
        leads = [_lead((m, C, o + step * away, D), best, second) for step in (-1.0, 0.0, 1.0)]
        for _ in range(5):
            step = _step_to(LEAD * rng.uniform(0.5, 1.0), *leads)
            shift = rng.normal(size=2)
            fits = unit * (m + shift), unit**2 * C, unit * (o + step * away + shift), unit**2 * D
            places, of_shapes = terms(fits)
            orders, totals = all_matchings(places + of_shapes)
            leads_still = np.array_equal(best, orders[totals.argmin()])
            clear = np.diff(np.sort(totals)[:2])[0] > LEAD / 3
            fooled = not any(np.array_equal(best, trap(fits, places, of_shapes)) for trap in traps)
            if leads_still and clear and fooled:
                return fits


def _lead(fits: Gaussians, best: Array, second: Array) -> float:
    """Return by how much one matching is cheaper than another."""
    cost, rows = np.add(*terms(fits)), np.arange(len(best))
    return float(cost[rows, second].sum() - cost[rows, best].sum())


def _step_to(lead: float, before: float, here: float, after: float) -> float:
    """Return the smallest step to this lead, which is quadratic in the step; known at -1, 0 and 1.

    Without such a step it is 0.
    """
    roots = np.roots([(before + after) / 2 - here, (after - before) / 2, here - lead])
    real = roots[np.isreal(roots)].real
    return float(min(real, key=abs, default=0.0))


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
        "Fifty features, or an offset of ten million, do no harm (this needs logarithms, and float64).",
        PERMUTATION,
        ("fifty features", "far from the origin"),
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
