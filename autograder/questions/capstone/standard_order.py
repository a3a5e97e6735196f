"""capstone.standard_order: inputs, checks and the catalogue of wrong orders."""

from __future__ import annotations

import numpy as np

from autograder.questions import Case, FloatArray, Question, Seen, drawing, holds, shapes, together, values
from autograder.questions.capstone.wrong_standard_orders import wrong
from autograder.questions.parts import COVARIANCES, MEANS, WEIGHTS

FITS = ("random fit 1", "random fit 2", "random fit 3", "random fit 4")
RETURNS = (WEIGHTS, MEANS, COVARIANCES)
SEE = "labels-sorting"
Parameters = tuple[FloatArray, FloatArray, FloatArray]


def reference(weights: FloatArray, means: FloatArray, covariances: FloatArray) -> Parameters:
    """The same mixture, components in order of the first coordinate of their means."""
    order = np.argsort(means[:, 0])
    return weights[order], means[order], covariances[order]


# --------------------------------------------------------------------------- inputs


def draw(rng: np.random.Generator) -> tuple[Case, ...]:
    """Fits whose order is neither theirs by weight nor its own inverse, so that each mistake shows."""

    def fit(K: int, d: int) -> Parameters:
        while True:
            w, m, C = drawing.mixture(rng, K, d)
            order = np.argsort(m[:, 0])
            inverse = np.array_equal(order[order], np.arange(K))
            if K < 3 or not (inverse or np.array_equal(order, np.argsort(w))):
                return w, m, C

    w, m, C = fit(4, 2)
    small = (
        np.array([0.5, 0.2, 0.3]),
        np.array([[4.0], [9.0], [1.0]]) + float(rng.integers(0, 9)),
        rng.permutation([[[1.0]], [[2.0]], [[3.0]]]),
    )
    return (
        Case("small example", small),
        *(Case(name, fit(K, d)) for name, (K, d) in zip(FITS, ((4, 1), (5, 2), (4, 3), (6, 2)), strict=True)),
        Case("a fit", (w, m, C)),
        Case("the same fit, mirrored", (w[::-1].copy(), m[::-1].copy(), C[::-1].copy())),
        Case("negative means", (w, m - 20.0, C)),
        Case("one component", fit(1, 2)),
    )


# --------------------------------------------------------------------------- checks


def _sorted(seen: Seen) -> str:
    ascending = np.all(np.diff(seen.returned[MEANS][:, 0]) >= 0)
    return "" if ascending else "the means are not in ascending order"


def _same_fit(one: Seen, other: Seen) -> str:
    same = all(np.allclose(one.returned[name], other.returned[name], rtol=1e-5) for name in RETURNS)
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
    ),
    values("The weights of random fits follow their means.", WEIGHTS, FITS, weight=2, see=SEE),
    values(
        "Means and covariances of random fits are in the right order.",
        (MEANS, COVARIANCES),
        FITS,
        weight=2,
        see=SEE,
    ),
    values("Negative means are sorted right.", RETURNS, ("negative means",), weight=0.5, see=SEE),
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


# --------------------------------------------------------------------------- wrong orders


QUESTION = Question(
    id="capstone.standard_order",
    signature="standard_order(weights, means, covariances)",
    returns=RETURNS,
    draw=draw,
    reference=reference,
    checks=CHECKS,
    misconceptions=tuple(wrong),
)
