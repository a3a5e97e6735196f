"""capstone.standard_order: inputs and checks."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from autograder.questions import (
    Case,
    FloatArray,
    Part,
    Question,
    Seen,
    drawing,
    holds,
    location,
    scatter,
    shapes,
    together,
    values,
)
from autograder.questions.capstone.wrong_standard_orders import wrong
from autograder.questions.parts import WEIGHTS


def _spread_of_mixture(case: Case) -> FloatArray:
    """Return the standard deviation of each feature under the mixture that is passed, (d,)."""
    weights, means, covariances = (np.asarray(argument, dtype=np.float64) for argument in case.arguments)
    variances = np.diagonal(covariances, axis1=1, axis2=2) + np.square(means - weights @ means)  # (K, d)
    return np.sqrt(weights @ variances)


MEANS = Part("means", "(K, d)", location(_spread_of_mixture))
COVARIANCES = Part("covariances", "(K, d, d)", scatter(_spread_of_mixture))
FITS = ("random fit 1", "random fit 2", "random fit 3", "random fit 4", "random fit 5")
RETURNS = (WEIGHTS, MEANS, COVARIANCES)
SEE = "labels-sorting"
Parameters = tuple[FloatArray, FloatArray, FloatArray]


def reference(weights: FloatArray, means: FloatArray, covariances: FloatArray) -> Parameters:
    """Return the same mixture, its components in order of the first coordinate of their means."""
    order = np.argsort(means[:, 0])
    return weights[order], means[order], covariances[order]


# --------------------------------------------------------------------------- inputs


def draw(rng: np.random.Generator) -> tuple[Case, ...]:
    """Draw small and random fits first; then a mirrored one, negative means, one component."""
    weights, means, covariances = fit = _fit(rng, 4, 2)
    sizes = ((4, 1), (5, 2), (4, 3))
    small, fits = _small(rng), [_fit(rng, K, d) for K, d in sizes]
    fits[0][1][:, 0] += rng.uniform(0.5, 1.5) - fits[0][1][:, 0].min()  # all above 0
    fits[1][1][:, 0] -= rng.uniform(0.5, 1.5) + fits[1][1][:, 0].max()  # and all below it
    fits.append(_fit(rng, 6, 2, turned=True))
    alone = _fit(rng, 1, 2)
    fits.append(_nearly_equal(rng))
    return (
        Case("small example", small),
        *(Case(name, one) for name, one in zip(FITS, fits, strict=True)),
        Case("a fit", fit),
        Case("the same fit, mirrored", tuple(array[::-1].copy() for array in fit)),
        Case("negative means", (weights, means - 20.0, covariances)),
        Case("one component", alone),
    )


def _small(rng: np.random.Generator) -> Parameters:
    """Draw three components on a line in whole numbers, whose variances are not in order of the means."""
    means = np.array([[4.0], [9.0], [1.0]]) + float(rng.integers(0, 9))
    while True:
        covariances = rng.permutation([[[1.0]], [[2.0]], [[3.0]]])
        if not np.array_equal(np.argsort(covariances.ravel()), np.argsort(means.ravel())):
            return np.array([0.5, 0.2, 0.3]), means, covariances


def _fit(rng: np.random.Generator, K: int, d: int, turned: bool = False) -> Parameters:
    """Draw a mixture whose order is not its own inverse, nor that of its weights or of another feature; first
    coordinates have both signs.

    If it is turned, the largest stands first and the smallest last: neighbours must be exchanged to the end.
    """
    while True:
        weights, means, covariances = drawing.mixture(rng, K, d)
        if turned:
            smallest, *middle, largest = np.argsort(means[:, 0])
            order = np.array([largest, *rng.permutation(middle), smallest])
            weights, means, covariances = weights[order], means[order], covariances[order]
        order = np.argsort(means[:, 0])
        twice, mirrored = order[order], K - 1 - order
        unfit = np.array_equal(twice, np.arange(K)) or np.array_equal(twice, mirrored[mirrored])
        others = [weights, *means.T[1:]]
        unfit |= means[:, 0].min() >= 0 or means[:, 0].max() <= 0  # a 0 is neither smallest nor largest
        if K < 3 or not (unfit or any(np.array_equal(order, np.argsort(other)) for other in others)):
            return weights, means, covariances


def _nearly_equal(rng: np.random.Generator) -> Parameters:
    """Draw a mixture of which two neighbours differ in the sixth digit only.

    The larger of them is listed first, and another feature of it is smaller: who rounds sorts them wrongly.
    """
    while True:
        weights, means, covariances = _fit(rng, 5, 2)
        order = np.argsort(means[:, 0])
        wrongly = [
            (low, high)
            for low, high in pairwise(order.tolist())
            if high < low and means[high, 1] < means[low, 1]
        ]
        for low, high in wrongly[:1]:
            means[[low, high], 0] = np.round(means[low, 0], 2) + np.array([1e-6, 4e-6])
            if np.array_equal(np.argsort(means[:, 0]), order):
                return weights, means, covariances


# --------------------------------------------------------------------------- checks


def _sorted(seen: Seen) -> str:
    ascending = np.all(np.diff(seen.returned[MEANS][:, 0]) >= 0)
    return "" if ascending else "the means are not in ascending order"


def _same_fit(seen: Seen, mirrored: Seen) -> str:
    same = all(np.allclose(seen.returned[part], mirrored.returned[part], rtol=1e-5) for part in RETURNS)
    return "" if same else "two orders of the same mixture come back differently"


CHECKS = (
    shapes(
        "Weights, means and covariances come back with their shapes.",
        ("small example", *FITS),
        weight=0.5,
        see=SEE,
    ),
    values(
        "Three components on a line, easy to sort by hand, come out right.",
        RETURNS,
        ("small example",),
        weight=2,
        see=SEE,
        numeric=False,  # one of six orders is right by luck
    ),
    values("The weights of random fits follow their means.", WEIGHTS, FITS, weight=2, see=SEE),
    values(
        "Means and covariances of random fits are in the right order.",
        (MEANS, COVARIANCES),
        FITS,
        weight=2,
        see=SEE,
    ),
    values(
        "Negative means are sorted right.", RETURNS, ("negative means",), weight=0.5, see=SEE, numeric=False
    ),
    holds(
        "The means ascend, also with one component.",
        _sorted,
        (MEANS,),
        (*FITS, "one component"),
        weight=0.5,
        see=SEE,
    ),
    together(
        "A mixture and its mirror image come back the same.",
        _same_fit,
        RETURNS,
        ("a fit", "the same fit, mirrored"),
        weight=0.5,
        see="labels-symmetry",
    ),
)


QUESTION = Question(
    id="capstone.standard_order",
    signature="standard_order(weights, means, covariances)",
    returns=RETURNS,
    draw=draw,
    reference=reference,
    checks=CHECKS,
    misconceptions=tuple(wrong),
)
