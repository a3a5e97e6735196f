"""collapse.diagnose: inputs and checks."""

from __future__ import annotations

import numpy as np

from autograder.questions import (
    Case,
    FloatArray,
    Part,
    Question,
    Seen,
    drawing,
    holds,
    relative,
    shapes,
    together,
    values,
    within,
)
from autograder.questions.collapse.wrong_diagnoses import wrong
from gmmlib.cures import condition_number

COUNTS = Part("counts", "(K,)", relative)
CONDITIONS = Part("conditions", "(K,)", relative)
SHARES = Part("shares", "(K,)", within(1e-6))
RETURNS = (COUNTS, CONDITIONS, SHARES)
RANDOM = ("random mixture 1", "random mixture 2", "random mixture 3")
SEE = "collapse-detection"
Numbers = tuple[FloatArray, FloatArray, FloatArray]
Call = tuple[FloatArray, FloatArray, FloatArray]


def reference(X: FloatArray, responsibilities: FloatArray, covariances: FloatArray) -> Numbers:
    """Return each component's effective count, condition number and smallest share of variance, (K,) each."""
    deviations = (X - X[0]).std(axis=0)
    unit = np.outer(deviations, deviations)
    return (
        np.asarray(responsibilities.sum(axis=0)),
        np.array([condition_number(covariance) for covariance in covariances]),
        np.array([np.linalg.eigvalsh(covariance / unit)[0] for covariance in covariances]),
    )


# --------------------------------------------------------------------------- inputs


def draw(rng: np.random.Generator) -> tuple[Case, ...]:
    """Draw random components first; then one that shrank, one that went flat, other units, an offset."""
    randoms = [_random(rng, *size) for size in ((30, 2, 2), (40, 3, 3), (35, 2, 4))]
    X, R, covariances = randoms[0]
    many = _random(rng, 60, 20, 2)
    units = np.array([4.0, 1024.0])  # powers of 2: no digit changes
    unit = 2.0**-6  # in which a number added to a diagonal shows
    small = unit**2 * covariances
    small[0] *= 1e-4
    flat = unit**2 * covariances
    flat[1] = unit**2 * np.array([[1.0, 0.999], [0.999, 1.0]]) * rng.uniform(0.5, 2.0)
    return (
        Case("small example", _small(rng)),
        *(Case(name, arguments) for name, arguments in zip(RANDOM, randoms, strict=True)),
        Case("other units", (X * units, R, covariances * np.outer(units, units))),
        Case("a component that shrank", (unit * X, R, small)),
        Case("a component that went flat", (unit * X, R, flat)),
        Case("one component", _random(rng, 20, 3, 1)),
        Case("one feature", _random(rng, 20, 1, 2)),
        Case("twenty features", (2.0**-10 * many[0], many[1], 2.0**-20 * many[2])),
        Case("far from the origin", (many[0] + 1e7, *many[1:]), noisy=True),
    )


def _random(rng: np.random.Generator, n: int, d: int, n_components: int) -> Call:
    parameters = drawing.mixture(rng, n_components, d)
    X = drawing.points(rng, n, parameters) * np.linspace(1.0, 3.0, d)
    return X, drawing.responsibilities(rng, n, n_components), parameters[2]


def _small(rng: np.random.Generator) -> Call:
    """Draw four points whose features have deviations 1/2 and 1, no mean 0, and diagonal covariances.

    The counts are in eighths and the shares are whole: few draws have equal answers.
    """
    X = np.array([[-0.5, -1.0], [0.5, 1.0], [-0.5, 1.0], [0.5, -1.0]]) + float(rng.integers(1, 6))
    eighths = rng.choice(8, 4, replace=False)
    eighths[0] += eighths.sum() % 8 == 0  # no count is whole
    first = eighths / 8
    shares = np.sort(rng.choice(np.arange(2.0, 14.0), (2, 2), replace=False))
    shares[1] = shares[1, ::-1]  # the smaller one is the first feature's, then the second's
    return X, np.column_stack([first, 1.0 - first]), np.stack([np.diag(row) for row in shares * [0.25, 1.0]])


# --------------------------------------------------------------------------- checks


def _total_is_n(seen: Seen) -> str:
    same = abs(seen.returned[COUNTS].sum() - len(seen.argument(0))) < 1e-4
    return "" if same else "the counts do not sum to the number of points"


def _same_in_other_units(original: Seen, rescaled: Seen) -> str:
    for part in RETURNS:
        if not np.allclose(original.returned[part], rescaled.returned[part], rtol=1e-4, atol=1e-5):
            return f"the {part.name} change with the units"
    return ""


CHECKS = (
    shapes(
        "Counts, condition numbers and shares come back, K of each.",
        ("small example", *RANDOM),
        weight=0.5,
        see=SEE,
    ),
    values(
        "Four points and two components, small enough to do by hand, come out right.",
        RETURNS,
        ("small example",),
        weight=2,
        see=SEE,
    ),
    values("The effective counts are right.", COUNTS, RANDOM, weight=1, see=SEE),
    values(
        "The condition numbers are right, in units of each component's own deviations.",
        CONDITIONS,
        (*RANDOM, "a component that went flat"),
        weight=2,
        see=SEE,
    ),
    values(
        "The smallest variances are right, as shares of the data's variance.",
        SHARES,
        (*RANDOM, "a component that shrank"),
        weight=2,
        see=SEE,
    ),
    values(
        "One component, one feature, and twenty features in small units, come out right.",
        RETURNS,
        ("one component", "one feature", "twenty features"),
        weight=1,
        see=SEE,
    ),
    values(
        "Data ten million away from the origin come out right (this needs float64 throughout).",
        RETURNS,
        ("far from the origin",),
        weight=0.5,
        see=SEE,
    ),
    holds("The counts sum to the number of points.", _total_is_n, (COUNTS,), RANDOM, weight=0.5, see=SEE),
    together(
        "Measuring a feature in other units changes none of the three.",
        _same_in_other_units,
        RETURNS,
        (RANDOM[0], "other units"),
        weight=0.5,
        see=SEE,
    ),
)


QUESTION = Question(
    id="collapse.diagnose",
    signature="diagnose(X, responsibilities, covariances)",
    returns=RETURNS,
    draw=draw,
    reference=reference,
    checks=CHECKS,
    misconceptions=tuple(wrong),
)
