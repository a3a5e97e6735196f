"""em.e_step: inputs and checks."""

from __future__ import annotations

from functools import cache
from itertools import combinations, product

import numpy as np

from autograder.questions import (
    Case,
    FloatArray,
    Question,
    Seen,
    drawing,
    holds,
    shapes,
    together,
    values,
)
from autograder.questions.em.known_mixtures import Call, Drawn, answered, turned
from autograder.questions.em.wrong_e_steps import wrong
from autograder.questions.parts import LOG_LIKELIHOOD, RESPONSIBILITIES
from gmmlib.em import e_step as gmmlib_e_step
from gmmlib.mixture import Mixture

RANDOM = ("random mixture 1", "random mixture 2", "random mixture 3")
FAR = ("far points", "all points far")
RETURNS = (RESPONSIBILITIES, LOG_LIKELIHOOD)


def reference(
    X: FloatArray, weights: FloatArray, means: FloatArray, covariances: FloatArray
) -> tuple[FloatArray, float]:
    """The E-step of gmmlib with the arguments of the contract."""
    return gmmlib_e_step(X, Mixture(weights, means, covariances))


# --------------------------------------------------------------------------- inputs


def draw(rng: np.random.Generator) -> tuple[Case, ...]:
    """The calls: small and random ones first, then the numerically hard ones."""
    randoms = [turned(rng, name) for name in RANDOM]
    X, weights, means, covariances = randoms[0].call
    in_other_order = (X[::-1].copy(), weights[::-1].copy(), means[::-1].copy(), covariances[::-1].copy())
    other_answer = (randoms[0].R[::-1, ::-1], float(randoms[0].log_density.sum()))
    cases = [Case("small example", _small(rng))]
    cases += [drawn.case(name) for name, drawn in zip(RANDOM, randoms, strict=True)]
    cases += [
        Case("other order", in_other_order, answer=other_answer),
        *(turned(rng, name).case(name) for name in ("one component", "one feature", "little weight", *FAR)),
        Case("far from the origin", (X + 1e7, weights, means + 1e7, covariances), noisy=True),
        _fifty(rng).case("fifty features"),
    ]
    flat, mean, covariance = drawing.nearly_flat(rng, 6, 2)
    cases += [Case("nearly flat", (flat, np.ones(1), mean[None], covariance[None]))]
    return tuple(cases)


def _small(rng: np.random.Generator) -> Call:
    """Three points on a line, and two components."""
    *X, share, mean, variance = rng.choice(_small_examples())
    means, covariances = np.array([[0.0], [mean]]), np.array([[[1.0]], [[variance]]])
    return rng.permutation(X)[:, None], np.array([share, 1.0 - share]), means, covariances


@cache
def _small_examples() -> FloatArray:
    """All that tell, (m, 6): three points, a weight, a mean and a variance each.

    The fifth digit of the log-likelihood counts. A ridge of 1e-5 shows, one of 1e-6 does not; what is added
    to a density shows from 1e-7 on in the shares, from 1e-6 on in the sum of logarithms.
    """
    triples = [*combinations(np.arange(-1.5, 6.0), 3)]
    choices = product(triples, (0.2, 0.25, 0.3), (2.0, 3.0), (2.0, 3.0, 4.0))
    table = np.array([[*X, *rest] for X, *rest in choices])
    X, share, mean, variance = table[:, :3], table[:, 3:4], table[:, 4:5], table[:, 5:6]
    first = share * np.exp(-(X**2) / 2) / np.sqrt(2 * np.pi)
    second = (1 - share) * np.exp(-((X - mean) ** 2) / 2 / variance) / np.sqrt(2 * np.pi * variance)
    density = first + second
    slopes = (X**2 - 1) / 2, ((X - mean) ** 2 / variance - 1) / variance / 2  # d log N / d ridge
    in_total = (first * slopes[0] + second * slopes[1]) / density
    sizes, total = np.abs(np.log(density)).sum(axis=1), np.log(density).sum(axis=1)
    of_shares = np.abs(first * second / density**2 * (slopes[0] - slopes[1])).max(axis=1)
    ridge = np.maximum(of_shares, np.abs(in_total.sum(axis=1)) / sizes)
    least = np.minimum(first / density, second / density).min(axis=1)
    thinnest, rounded = 1 / density.min(axis=1), np.abs(total.round(4) - total)
    tells = (ridge > 0.16) & (ridge < 0.6) & (thinnest > 17.0) & (thinnest < 58.0)
    tells &= ((1 / density).sum(axis=1) < 5.8 * sizes) & (rounded > 1.5e-6 * np.abs(total))
    tells &= least < 5e-4  # shares that are kept above a thousandth show
    return table[tells]


def _fifty(rng: np.random.Generator) -> Drawn:
    """Fifty features in small units: the determinant is below the smallest float; some points are shared."""
    while True:
        weights, means, covariances = drawing.mixture(rng, 2, 50)
        weights = drawing.in_no_order(weights)
        means = means[0] + 0.02 * (means - means[0])
        covariances[1] = 1.05 * covariances[0]
        X = drawing.points(rng, 12, (weights, means, covariances))
        drawn = answered(1e-5 * X, weights, 1e-5 * means, 1e-10 * covariances)
        if -(drawn.R * np.log(np.where(drawn.R > 0, drawn.R, 1.0))).sum() > 0.2:
            return drawn


# --------------------------------------------------------------------------- checks


def _rows_sum_to_one(seen: Seen) -> str:
    R = seen.returned[RESPONSIBILITIES]
    if not np.all((R >= -1e-9) & (R <= 1 + 1e-9)):
        return "some responsibilities are not between 0 and 1"
    return "" if np.allclose(R.sum(axis=1), 1.0, atol=1e-6) else "some rows do not sum to 1"


def _same_in_other_order(one: Seen, other: Seen) -> str:
    R, reversed_R = one.returned[RESPONSIBILITIES], other.returned[RESPONSIBILITIES]
    same = np.allclose(R, reversed_R[::-1, ::-1], atol=2e-6)
    return "" if same else "the responsibilities do not follow the points and components"


CHECKS = (
    shapes(
        "Responsibilities come as an array of n rows and K columns, the log-likelihood as one number.",
        ("small example", *RANDOM),
        weight=1,
        see="em-e-step",
    ),
    holds(
        "Each point is owned completely: its responsibilities lie between 0 and 1 and sum to 1.",
        _rows_sum_to_one,
        (RESPONSIBILITIES,),
        RANDOM,
        weight=1,
        see="soft-responsibilities",
    ),
    values(
        "Three points and two components, small enough to work out by hand, come out right.",
        RETURNS,
        ("small example",),
        weight=2,
        see="em-e-step",
    ),
    values(
        "The responsibilities of random mixtures are right.",
        RESPONSIBILITIES,
        RANDOM,
        weight=3,
        see="em-e-step",
    ),
    values(
        "The log-likelihood of random mixtures is right.",
        LOG_LIKELIHOOD,
        RANDOM,
        weight=2,
        see="soft-mixture",
    ),
    values(
        "One component alone owns everything, and the log-likelihood is that of a Gaussian.",
        RETURNS,
        ("one component",),
        weight=0.5,
        see="em-e-step",
    ),
    values(
        "Data with a single feature come out right.",
        RETURNS,
        ("one feature",),
        weight=0.5,
        see="em-e-step",
    ),
    values(
        "A component of very little weight still owns the points that only it can explain.",
        RETURNS,
        ("little weight",),
        weight=1,
        see="soft-responsibilities",
    ),
    values(
        "Points far from every component are shared out correctly, although every density underflows to 0.",
        RETURNS,
        FAR,
        weight=2,
        see="numerics-log-sum-exp",
    ),
    values(
        "Data ten million from the origin, and nearly flat ones, come out right (this needs float64).",
        RETURNS,
        ("far from the origin", "nearly flat"),
        weight=1,
        see="em-e-step",
    ),
    values(
        "Fifty features in small units come out right, although the determinant underflows.",
        RETURNS,
        ("fifty features",),
        weight=1,
        see="soft-gaussian",
    ),
    together(
        "Listing points and components in another order only reorders the answer.",
        _same_in_other_order,
        (RESPONSIBILITIES,),
        (RANDOM[0], "other order"),
        weight=1,
        see="em-e-step",
    ),
)


QUESTION = Question(
    id="em.e_step",
    signature="e_step(X, weights, means, covariances)",
    returns=RETURNS,
    draw=draw,
    reference=reference,
    checks=CHECKS,
    misconceptions=tuple(wrong),
)
